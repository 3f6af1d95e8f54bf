"""Floats as integers and digits: nothing is lost, and no sum of products can leave a machine integer."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from numerics.export.integers import Form, Literal, bits, cheapest, count, integers, point_of, room

rows = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1, max_size=6)


@given(rows, st.integers(1, 60))
def test_digits_put_together_are_the_floats(row: list[float], step: int) -> None:
    """Subnormal and huge ones too."""
    array = np.array([row])
    point = point_of([array])
    literal = Literal(integers(array, point), Form(step, point))
    planes = literal.planes(0)
    assert all(abs(digit) < 1 << step for plane in planes for digit in plane)
    found = [sum(plane[i] << (step * k) for k, plane in enumerate(planes)) for i in range(len(row))]
    assert [Fraction(value, 1 << point) for value in found] == [Fraction(value) for value in row]


def test_by_hand() -> None:
    """3/8 and -5 need three places; in digits of two bits they are 3 and -40 = -(0 + 2 * 4 + 2 * 16)."""
    array = np.array([[0.375, -5.0, 0.0]])
    assert point_of([array]) == 3
    assert Literal(integers(array, 3), Form(2, 3)).planes(0) == [[3, 0, 0], [0, -2, 0], [0, -2, 0]]
    assert point_of([np.array([[4.0]])]) == 0
    assert point_of([np.zeros((2, 2))]) == 0


@given(st.integers(1, 5000))
def test_the_room_is_the_largest_that_fits(terms: int) -> None:
    """`n 2^(s+t) < 2^62`, as `fits` in Coq has it; one more may only fit where n is no power of two."""
    assert terms << room(terms) < 1 << 62
    assert terms << (room(terms) + 2) >= 1 << 62


def test_digits_are_as_few_as_possible() -> None:
    """1024 terms leave 51 bits: 52 bits times 40 are two digits each."""
    step = cheapest([(40, 10)], 52, 1024)
    assert room(1024) == 51
    assert (count(52, step), count(40, 51 - step)) == (2, 2)
    assert bits(np.array([[0, -9]], dtype=object)) == 4
