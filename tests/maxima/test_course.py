"""Cuts that are foreseen: as few as the level takes, of any losses and bounds a cover of the piece."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.maxima.course import SAFE, Course

ONE, HALF = Fraction(1), Fraction(1, 2)


def flat(loss: float, curvature: float) -> Course:
    """A loss that seems constant, and one bound of the whole segment."""
    course = Course.of({Fraction(i, 8): loss for i in range(9)})
    course.bounded(Fraction(0), ONE, loss + curvature / 4, None)
    course.growths = [0.0]
    return course


@pytest.mark.parametrize("parts", [1, 2, 4, 8])
def test_as_many_parts_as_the_level_takes(parts: int) -> None:
    """`1 + C r^2 <= level` for r = 1 / (2 parts), and not for half as many parts; equal losses are cut evenly."""
    level = 1.0 + SAFE * 16.0 / (2 * parts) ** 2 * (1 + 1e-12)
    found = flat(1.0, 16.0).cuts(Fraction(0), ONE, level, 8)
    assert found == [Fraction(i, parts) for i in range(parts + 1)]


def test_a_level_out_of_reach_takes_no_more_than_allowed() -> None:
    """Then the highest bound is as low as so many parts allow."""
    assert flat(1.0, 16.0).cuts(Fraction(0), ONE, 1.0, 4) == [Fraction(i, 4) for i in range(5)]


def test_parts_are_short_where_the_loss_is_high() -> None:
    """A loss that rises: the last part is the shortest."""
    course = Course.of({Fraction(i, 8): i / 8 for i in range(9)})
    course.bounded(Fraction(0), ONE, 2.0, None)
    course.growths = [0.0]
    widths = [right - left for left, right in pairwise(course.cuts(Fraction(0), ONE, 1.01, 8))]
    assert len(widths) > 2
    assert widths == sorted(widths, reverse=True)


def test_without_a_bound_nothing_is_foreseen() -> None:
    """One part: the piece itself."""
    assert Course.of({Fraction(0): 1.0}).cuts(Fraction(0), HALF, 1.0, 8) == [0, HALF]


def test_the_highest_place_is_found_between_samples() -> None:
    """Of a parabola with its top at 0.4, from 9 samples."""
    course = Course.of({Fraction(i, 8): 1.0 - (i / 8 - 0.4) ** 2 for i in range(9)})
    top = course.highest()
    assert top is not None
    assert abs(float(top) - 0.4) < 0.02


extremes = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(extremes, max_size=9), st.lists(extremes, max_size=4), extremes, st.integers(2, 8), st.integers(0, 40))
def test_whatever_was_seen_cuts_cover_the_piece(
    losses: list[float], bounds: list[float], level: float, most: int, depth: int
) -> None:
    """Losses and bounds beyond the range of floats, falling, NaN: cuts ascend from end to end, and are few."""
    course = Course.of({Fraction(k, 8): loss for k, loss in enumerate(losses)})
    for k, upper in enumerate(bounds):
        course.bounded(Fraction(k, 8), Fraction(k + 1, 8), upper, course.spread(Fraction(0), ONE))
    width = Fraction(1, 2**depth)
    found = course.cuts(HALF, HALF + width / 2, level, most)
    assert (found[0], found[-1]) == (HALF, HALF + width / 2)
    assert all(left < right for left, right in pairwise(found))
    assert 2 <= len(found) <= most + 1
    assert all(math.isfinite(x) for x in course.expected(np.array([0.1, 0.9]))) or not course.losses
