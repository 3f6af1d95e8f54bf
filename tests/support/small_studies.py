"""Fixtures that make the long commands short, where their numbers are not the question: `separate` and `demo`."""

from __future__ import annotations

import pytest

from support.checker_nearby import checked


@pytest.fixture
def narrow_valleys(monkeypatch: pytest.MonkeyPatch) -> None:
    """`separate` with the narrowest of its valleys of known depth, where they are not the question, checked here."""
    from numerics.studies.separation import claims, depth_rows

    monkeypatch.setattr(depth_rows, "SINGLES", (1, 2))
    monkeypatch.setattr(depth_rows, "PARABOLAS", {"parallel": (2,)})
    monkeypatch.setattr(claims, "checked", checked)


@pytest.fixture
def tiny_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """`demo --quick` at width 8 after three steps of training, on 120 of the digits: as many rows and files."""
    from numerics.data import Data, read_data
    from numerics.studies import demo

    digits = read_data("digits")
    monkeypatch.setattr(demo, "QUICK", demo.Plan((8,), 3, 3))
    monkeypatch.setattr(demo, "HELD_OUT", 40)
    monkeypatch.setattr(demo, "read_data", lambda name: Data(digits.X[:120], digits.Y[:120], name))
