"""Both checkers, for every file of forgeries."""

from __future__ import annotations

from pathlib import Path

import pytest
from court import Court


@pytest.fixture
def court(tmp_path: Path) -> Court:
    return Court(tmp_path)
