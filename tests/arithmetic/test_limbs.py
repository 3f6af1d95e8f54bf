"""Exact limb arithmetic against Fractions, and what it must refuse or survive."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from numerics.arithmetic import limbs
from numerics.arithmetic.limbs import HALF, LimbMatrix, from_floats, hstack
from numerics.errors import InputError

ANY_FLOAT = st.floats(allow_nan=False, allow_infinity=False)
ORDINARY = st.floats(min_value=-1e6, max_value=1e6).map(float)
EXTREME = st.sampled_from((5e-324, -5e-324, 2.0**-1022, 1.7976931348623157e308, -1.0, 0.0, -0.0, 2.0**19, 2.0**20 - 1))
ENTRIES = st.one_of(ORDINARY, EXTREME, ANY_FLOAT)


def tables(rows: int, columns: int) -> st.SearchStrategy[np.ndarray]:
    """Float64 arrays of that shape, any magnitudes."""
    size = rows * columns
    return st.lists(ENTRIES, min_size=size, max_size=size).map(lambda e: np.array(e).reshape(rows, columns))


def fractions(array: np.ndarray) -> list[list[Fraction]]:
    return [[Fraction(float(x)) for x in row] for row in array]


def product(left: list[list[Fraction]], right: list[list[Fraction]]) -> list[Fraction]:
    return [
        sum((left[i][k] * right[k][j] for k in range(len(right))), Fraction(0))
        for i in range(len(left))
        for j in range(len(right[0]))
    ]


def require_balanced(matrix: LimbMatrix) -> None:
    assert all(np.abs(limb).max(initial=0.0) <= HALF for limb in matrix.limbs)
    assert all((limb == np.rint(limb)).all() for limb in matrix.limbs)


@given(tables(2, 3))
@example(np.array([[5e-324, 1.7976931348623157e308, -1.0], [0.0, -0.0, 2.0**19]]))
def test_every_float_is_represented_exactly(table: np.ndarray) -> None:
    """Subnormals and the largest float in one matrix included."""
    matrix = from_floats(table)
    require_balanced(matrix)
    assert matrix.to_fractions() == [x for row in fractions(table) for x in row]


@given(tables(2, 3), tables(3, 2))
def test_products_are_exact(left: np.ndarray, right: np.ndarray) -> None:
    """Whatever the exponents."""
    result = from_floats(left) @ from_floats(right)
    require_balanced(result)
    assert result.to_fractions() == product(fractions(left), fractions(right))


@given(tables(2, 2), tables(2, 2), tables(1, 2))
def test_sums_differences_and_broadcast_rows_are_exact(a: np.ndarray, b: np.ndarray, row: np.ndarray) -> None:
    """A bias row is added to every row."""
    exact = [x + y for p, q in zip(fractions(a), fractions(b), strict=True) for x, y in zip(p, q, strict=True)]
    assert (from_floats(a) + from_floats(b)).to_fractions() == exact
    assert ((from_floats(a) + from_floats(b)) - from_floats(b)).to_fractions() == from_floats(a).to_fractions()
    with_row = (from_floats(a) + from_floats(row)).to_fractions()
    assert with_row == [x + y for p in fractions(a) for x, y in zip(p, fractions(row)[0], strict=True)]


@given(tables(2, 3), tables(3, 2))
def test_relu_decides_signs_exactly(left: np.ndarray, right: np.ndarray) -> None:
    """Also where a product cancels down to its lowest bits."""
    result = from_floats(left) @ from_floats(right)
    assert result.relu().to_fractions() == [max(x, Fraction(0)) for x in result.to_fractions()]


def test_relu_sees_a_cancellation_that_float64_misses() -> None:
    """1 * 1 + 2^-1000 * (-2^-74) - 1 * 1 is negative; in float64 it is 0."""
    left, right = np.array([[1.0, 2.0**-1000, -1.0]]), np.array([[1.0], [-(2.0**-74)], [1.0]])
    assert (left @ right)[0, 0] == 0.0
    assert (from_floats(left) @ from_floats(right)).relu().to_fractions() == [0]
    assert (from_floats(left) @ from_floats(-right)).relu().to_fractions() == [Fraction(2) ** -1074]


@given(tables(2, 2), st.integers(-(2**70), 2**70))
def test_multiples_are_exact(table: np.ndarray, factor: int) -> None:
    """By integers of any size and sign."""
    exact = [factor * x for row in fractions(table) for x in row]
    assert from_floats(table).times(factor).to_fractions() == exact


@given(tables(2, 6), st.sampled_from((1, 2, 3)))
def test_square_sums_by_groups_of_columns_are_exact(table: np.ndarray, groups: int) -> None:
    """Groups are equal, consecutive blocks of columns."""
    width = 6 // groups
    exact = [
        sum((x * x for row in fractions(table[:, g * width : (g + 1) * width]) for x in row), Fraction(0))
        for g in range(groups)
    ]
    assert from_floats(table).column_square_sums(groups) == exact


@given(tables(2, 2), tables(2, 3))
def test_stacking_keeps_values(left: np.ndarray, right: np.ndarray) -> None:
    """Matrices of different exponents side by side."""
    stacked = hstack([from_floats(left), from_floats(right)])
    assert stacked.to_fractions() == [Fraction(float(x)) for x in np.hstack([left, right]).ravel()]


def test_inner_dimensions_longer_than_one_blas_call_are_exact() -> None:
    """40,000 extreme limbs: partial sums would pass 2^53 in one call."""
    left = np.full((1, 40_000), 2.0**19 - 1)
    assert (from_floats(left) @ from_floats(left.T)).to_fractions() == [Fraction(40_000 * (2**19 - 1) ** 2)]


def test_not_numbers_are_refused() -> None:
    """Exact arithmetic has no NaN and no infinity."""
    for bad in (np.nan, np.inf, -np.inf):
        with pytest.raises(InputError, match="finite"):
            from_floats(np.array([[1.0, bad]]))


def test_this_machine_multiplies_limbs_exactly() -> None:
    """The self-test that every exact evaluation starts with passes here."""
    limbs.require_exact_blas()


def test_the_self_test_catches_a_product_in_lower_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: a BLAS that multiplies in float32."""

    class Narrow(np.ndarray):
        def __matmul__(self, other: np.ndarray) -> np.ndarray:
            return (np.asarray(self, dtype=np.float32) @ np.asarray(other, dtype=np.float32)).astype(np.float64)

    real = np.random.default_rng(0)

    class Generator:
        def integers(self, low: int, high: int, shape: tuple[int, int]) -> np.ndarray:
            return Integers(real.integers(low, high, shape))

    class Integers(np.ndarray):
        def __new__(cls, array: np.ndarray) -> "Integers":
            return array.view(cls)

        def astype(self, dtype: type) -> np.ndarray:  # the only float conversion in the self-test is of the factors
            plain = np.asarray(self).astype(dtype)
            return plain.view(Narrow) if dtype is np.float64 else plain

    monkeypatch.setattr(np.random, "default_rng", lambda seed: Generator())
    with pytest.raises(RuntimeError, match="exactly"):
        limbs.require_exact_blas.__wrapped__()
