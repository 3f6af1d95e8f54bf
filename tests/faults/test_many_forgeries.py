"""25 forgeries for each question (`tests/support/forgeries.py`), slowly more, and that accepting one is noticed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from support import forgeries


@pytest.mark.parametrize("question", forgeries.SUBJECTS)
@pytest.mark.parametrize("many", [25, pytest.param(200, marks=pytest.mark.slow)])
def test_no_false_statement_is_accepted(question: str, many: int, tmp_path: Path) -> None:
    """By neither checker; most are false, and some of many that stay true are accepted."""
    counts = forgeries.chunk(question, 0, many, tmp_path)
    assert not counts.accepted, list(tmp_path.iterdir())
    assert counts.forgeries == many
    assert counts.false > many // 2
    assert many == 25 or min(counts.stands[name] for name in ("checker", "second")) > 0
    assert len(counts.falsehoods) >= (4 if question in forgeries.OF_GRAPHS else 8)


@pytest.mark.parametrize("question", forgeries.SUBJECTS)
def test_a_checker_that_believes_is_found_out(question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that accepts everything accepts what the oracle finds false, and what it accepted is kept."""
    monkeypatch.setattr(forgeries, "check", lambda *_, **__: SimpleNamespace(verdict="PROVED"))
    counts = forgeries.chunk(question, 0, 40, tmp_path)
    assert counts.accepted["checker"] == counts.false > 0
    assert counts.accepted["second"] == 0
    assert len(list(tmp_path.glob(f"{question}-0-*.cert"))) == counts.false


def test_an_enclosed_arc_need_not_attain_its_bound() -> None:
    """Forgery 14 of seed 1066 calls a segment on which nothing moves a curve: that is true, and accepted."""
    counts = forgeries.chunk("certify", 1066, 14)
    assert not counts.accepted
    assert counts.stands["checker"] > 0


def test_the_same_seed_forges_the_same(tmp_path: Path) -> None:
    """Chunks can be done again, and are not done twice."""
    first, again, other = (forgeries.chunk("depth", seed, 30, tmp_path) for seed in (5, 5, 6))
    assert (first.changes, first.falsehoods, first.stands) == (again.changes, again.falsehoods, again.stands)
    assert first.changes != other.changes
