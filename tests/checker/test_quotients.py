"""The checker's rationals: against Python's fractions, and refused before they are made where they would not fit."""

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from numerics.checker.arrays import is_float, rational
from numerics.checker.effort import Budget, Effort
from numerics.checker.errors import Unusable
from numerics.checker.quotients import Quotients, quotients_of

BUDGET = 1 << 30
FRACTIONS = st.fractions(min_value=-100, max_value=100, max_denominator=1000)


@st.composite
def matrices(draw: st.DrawFn, rows: int, columns: int) -> np.ndarray:
    """Floats of any size, or fractions."""
    cells = st.floats(allow_nan=False, allow_infinity=False) if draw(st.booleans()) else FRACTIONS
    values = draw(st.lists(cells, min_size=rows * columns, max_size=rows * columns))
    dtype = float if all(isinstance(value, float) for value in values) else object
    return np.array(values, dtype=dtype).reshape(rows, columns)


def exact(array: np.ndarray) -> list[list[Fraction]]:
    return [[Fraction(value) for value in row] for row in array.tolist()]


def lifted(array: np.ndarray) -> Quotients:
    if array.dtype == object:
        cells = np.empty(array.size, dtype=object)
        cells[:] = [fmpq(value.numerator, value.denominator) for value in array.ravel().tolist()]
        array = cells.reshape(array.shape)
    return quotients_of(array, Budget(BUDGET))


def values(found: Quotients) -> list[list[Fraction]]:
    assert all(abs(int(entry)).bit_length() <= found.bits for entry in found.entries.entries())
    return [[Fraction(int(entry), int(found.over)) for entry in row] for row in found.entries.tolist()]


@given(matrices(2, 3), matrices(3, 2), matrices(2, 2), matrices(1, 2))
def test_every_operation_is_that_of_fractions_and_no_entry_is_longer_than_said(a, b, c, row) -> None:
    A, B, C, r = exact(a), exact(b), exact(c), exact(row)
    product = [[sum(x * y for x, y in zip(left, right, strict=True)) for right in zip(*B, strict=True)] for left in A]
    total = [[x + y for x, y in zip(left, right, strict=True)] for left, right in zip(product, C, strict=True)]
    found = lifted(a).times(lifted(b)).plus(lifted(c))
    assert values(found) == total
    assert values(found.plus(lifted(row))) == [[x + y for x, y in zip(left, r[0], strict=True)] for left in total]
    assert values(found.relu()) == [[max(x, Fraction(0)) for x in left] for left in total]
    assert found.signs() == [(x > 0) - (x < 0) for left in total for x in left]
    assert found.minus(found).is_zero()
    assert found.is_zero() == (not any(x for left in total for x in left))
    square = sum(x * x for left in total for x in left)
    cells = [fmpq(cell, found.over) for column in found.columns() for cell in column]
    assert sum((cell * cell for cell in cells), fmpq(0)) == fmpq(square.numerator, square.denominator)


@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False).map(Fraction), FRACTIONS, st.fractions()))
def test_a_rational_is_a_float_exactly_if_rounding_it_changes_nothing(value: Fraction) -> None:
    assert is_float(fmpq(value.numerator, value.denominator)) == (Fraction(float(value)) == value)


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (Fraction(2) ** 1024, False),
        (Fraction(2) ** 1024 - Fraction(2) ** 970, False),
        (Fraction(2) ** 1024 - Fraction(2) ** 971, True),
        (Fraction(1, 2**1074), True),
        (Fraction(3, 2**1075), False),
        (Fraction(2**53 + 1), False),
        (Fraction(2**53 + 2), True),
        (Fraction(0), True),
    ],
)
def test_the_range_of_floats(value: Fraction, right: bool) -> None:
    assert is_float(fmpq(value.numerator, value.denominator)) is right


def test_what_would_not_fit_is_refused_before_it_is_made() -> None:
    ones = np.ones((4, 4))
    quotients_of(ones, Budget(3 * 16 * 81))
    with pytest.raises(Unusable, match="raise --memory"):
        quotients_of(ones, Budget(3 * 16 * 80 - 1))
    long = rational(np.array([[2.0**-1000]]))
    small = quotients_of(long, Budget(3 * 300))
    with pytest.raises(Unusable, match="raise --memory"):
        small.plus(quotients_of(np.array([[2.0**900]]), Budget(3 * 300)))
    with pytest.raises(Unusable, match="raise --memory"):
        quotients_of(rational(np.array([[2.0**-1000, 1.0]])), Budget(3 * 300))


def test_entries_over_a_common_denominator_are_as_long_as_said() -> None:
    """7/4 and 1/7 over 28: 49 has six bits, and no fewer are said."""
    cells = np.empty(2, dtype=object)
    cells[:] = [fmpq(7, 4), fmpq(1, 7)]
    found = quotients_of(cells[None, :], Budget(BUDGET))
    assert values(found) == [[Fraction(7, 4), Fraction(1, 7)]]
    assert (int(found.over), found.bits) == (28, 6)


def test_a_product_larger_than_its_factors_is_predicted() -> None:
    """A column times a row: 90,000 entries of 300 and 300; and every entry is work."""
    small = Budget(1 << 20)
    column, row = quotients_of(np.ones((300, 1)), small), quotients_of(np.ones((1, 300)), small)
    with pytest.raises(Unusable, match="raise --memory"):
        column.times(row)
    with pytest.raises(Unusable, match="raise --effort"):
        quotients_of(np.ones((50, 50)), Budget(effort=Effort(50 * 2500)))
