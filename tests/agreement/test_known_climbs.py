"""Certified ways out of valleys of known depth (`tests/support/known_climbs.py`): none climbs less than the depth."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import pytest

from support import known_climbs
from support.known_climbs import FAMILIES, Counts, said, ways


@pytest.mark.parametrize("family", list(FAMILIES))
def test_no_certified_climb_is_below_a_known_depth(family: str, tmp_path: Path) -> None:
    """Some climb just so far, and the checker finds the depth by itself."""
    counts = known_climbs.tried(family, 1, 20, tmp_path)
    assert (counts.certified, counts.below, counts.without_floor) == (20, 0, 0)
    assert counts.at_depth > 0


@pytest.mark.slow
@pytest.mark.parametrize("family", list(FAMILIES))
def test_none_of_many(family: str, tmp_path: Path) -> None:
    """Other seeds; by hand as many as one likes."""
    counts = known_climbs.tried(family, 2, 400, tmp_path)
    assert (counts.certified, counts.below, counts.without_floor) == (400, 0, 0)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_a_depth_that_is_said_too_large_is_found_out(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a hundredth: some way climbs less, and every floor differs."""

    drawn = [replace(way, depth=way.depth * 101 / 100) for way in islice(ways(family, 3), 80)]
    monkeypatch.setattr(known_climbs, "ways", lambda *_: iter(drawn))
    counts = known_climbs.tried(family, 3, 20, tmp_path)
    assert counts.below > 0
    assert counts.without_floor == counts.certified == 20


def test_the_same_seed_draws_the_same(tmp_path: Path) -> None:
    """Counts can be had again."""
    one, again = (next(ways("singles", 5)) for _ in range(2))
    assert said(one, tmp_path) == said(again, tmp_path)


def test_what_is_counted() -> None:
    """Below, at and above; a floor that is not the depth, or none."""
    counts = Counts()
    for climb, floor in ((1, 1), (2, 2), (3, 2), (3, None)):
        counts.add(Fraction(climb), None if floor is None else Fraction(floor), Fraction(2))
    assert vars(counts) == {"tried": 0, "certified": 4, "at_depth": 2, "below": 1, "without_floor": 2}
