"""The fixture `checker_nearby`: the checker in this process, for speed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def checker_nearby(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checker in this process, for speed. Imported here and not above, for every folder's tests read this file."""
    from numerics.checker.check import check
    from numerics.checker.errors import Unusable
    from numerics.errors import InputError

    def checked(
        certificate: Path,
        data: str,
        start: Path,
        end: Path,
        *,
        level: str | None = None,
        error_rate: str | None = None,
        memory: float,
        **spent: Any,
    ) -> dict[str, Any]:
        try:
            report = check(certificate, data, start, end, level, int(memory * (1 << 30)), error_rate=error_rate)
            return report.to_json()
        except Unusable as error:
            raise InputError(f"the independent checker could not run: {error}") from None

    monkeypatch.setattr("numerics.questions.checking.checked", checked)


@pytest.fixture
def narrow_valleys(monkeypatch: pytest.MonkeyPatch) -> None:
    """`separate` with the narrowest of its valleys of known depth, where they are not the question."""
    from numerics.studies.separation import depth_rows

    monkeypatch.setattr(depth_rows, "SINGLES", (1, 2))
    monkeypatch.setattr(depth_rows, "PARABOLAS", {"parallel": (2,)})
