"""The fixture `checker_nearby`: the checker in this process, for speed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def checked(
    certificate: Path, data: str, start: Path, end: Path, *, level: str | None = None, memory: float, **spent: Any
) -> dict[str, Any]:
    """What `run_checker.checked` answers. Imports are here and not above, for every folder's tests read this file."""
    from numerics.checker.check import check
    from numerics.checker.errors import Unusable
    from numerics.errors import InputError

    try:
        return check(certificate, data, start, end, level, int(memory * (1 << 30))).to_json()
    except Unusable as error:
        raise InputError(f"the independent checker could not run: {error}") from None


@pytest.fixture
def checker_nearby(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checker in this process, for speed."""
    monkeypatch.setattr("numerics.questions.checking.checked", checked)


@pytest.fixture(scope="module")
def checker_nearby_throughout() -> Iterator[None]:
    """The same for a whole file, whose properties may then use it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("numerics.questions.checking.checked", checked)
        yield
