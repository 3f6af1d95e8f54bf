"""Both checkers, for every file of forgeries."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.both_checkers import BothCheckers


@pytest.fixture
def checkers(tmp_path: Path) -> BothCheckers:
    return BothCheckers(tmp_path)
