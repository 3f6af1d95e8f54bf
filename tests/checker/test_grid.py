"""Integers on a grid: machine words at their limits against Python's integers, which have none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from numerics.checker.grid import (
    bit_length,
    down,
    dropped,
    scaled,
    square_sum,
    up,
)

BITS = st.integers(1, 46)


def words(draw, shape, bits, *, signed=True):
    """An array of machine words of up to `bits` bits, the extreme ones among them."""
    top = (1 << bits) - 1
    entries = st.sampled_from([top, -top if signed else top, 0, 1]) | st.integers(-top if signed else 0, top)
    count = shape[0] * shape[1]
    return np.array(draw(st.lists(entries, min_size=count, max_size=count)), dtype=np.int64).reshape(shape)


@given(st.data(), BITS, st.integers(0, 1 << 30), st.integers(0, 30))
def test_fractions_of_an_array(data, bits, numerator, shift):
    """`scaled` is the floor of array * numerator / 2^shift for times up to 1, `dropped` says where it is rounded."""
    numerator = min(numerator, 1 << shift)
    array = words(data.draw, (2, 2), bits)
    exact = array.astype(object) * numerator
    for kind in (np.int64, object):
        assert (scaled(array.astype(kind), numerator, shift) == exact >> shift).all()
        assert (dropped(array.astype(kind), numerator, shift) == (exact % (1 << shift) != 0)).all()


@given(st.data(), st.integers(1, 61), st.integers(-1, 200))
def test_shifts_round_as_they_say(data, bits, shift):
    """Downwards and upwards; also by more than a word."""
    if shift < 0:
        bits = min(bits, 60)
    array = words(data.draw, (2, 2), bits)
    exact = array.astype(object)
    factor = 2 ** max(shift, 0)
    for kind in (np.int64, object):
        low, high = down(array.astype(kind), shift), up(array.astype(kind), shift)
        if shift < 0:
            assert (low == exact * 2).all()
            assert (high == exact * 2).all()
        else:
            assert (low == exact // factor).all()
            assert (high == -(-exact // factor)).all()


@given(st.data(), st.integers(1, 48))
def test_sums_of_squares_are_exact(data, bits):
    """Of any sign, up to 48 bits."""
    array = words(data.draw, (3, 2), bits)
    wanted = sum(int(entry) ** 2 for entry in array.ravel())
    assert square_sum(array) == wanted == square_sum(array.astype(object))


def test_bit_lengths():
    """Of the largest absolute value."""
    assert bit_length(np.array([[3, -8]])) == 4
    assert bit_length(np.array([[7, -7]])) == 3
    assert bit_length(np.zeros((2, 0), dtype=np.int64)) == bit_length(np.zeros((1, 1), dtype=object)) == 0
