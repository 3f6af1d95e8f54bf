"""R6, T4, T6, T9, T9C, T9G, T9S: the level is the highest corner, ends included."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.catalogue import CATALOGUE
from theory.corners import highest

F = Fraction
modest = settings(max_examples=40, deadline=None)
losses = st.fractions(min_value=0, max_value=9, max_denominator=9)


def test_it_is_what_these_statements_promise():
    assert {id_ for id_, level in CATALOGUE.levels.items() if level([F(1), F(3), F(2)]) == 3} == {
        "R6",
        "T4",
        "T6",
        "T9",
        "T9C",
        "T9G",
        "T9S",
    }


def test_the_highest_corner_decides_wherever_it_is():
    assert highest([F(1), F(3), F(2)]) == 3
    assert highest([F(4), F(3), F(2)]) == 4
    assert highest([0, 0]) == 0


@modest
@given(st.lists(losses, min_size=2, max_size=6))
def test_every_corner_is_at_most_the_level_and_one_attains_it(corners):
    level = highest(corners)
    assert isinstance(level, Fraction)
    assert level in corners
    assert all(loss <= level for loss in corners)


@pytest.mark.parametrize(
    ("corners", "message"),
    [
        ([], "at least its two ends"),
        ([F(1)], "at least its two ends"),
        ([F(1), 0.5], "exact"),
        ([1, F(-1)], "nonneg"),
    ],
)
def test_unusable_corners_are_refused(corners, message):
    with pytest.raises(ValueError, match=message):
        highest(corners)
