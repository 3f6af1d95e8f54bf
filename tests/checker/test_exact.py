"""Exact matrices against `Fraction`s, for floats of every finite exponent."""

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq, fmpz, fmpz_mat
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.checker import exact, products
from numerics.checker.effort import Budget
from numerics.checker.exact import Extent, Matrix, float_extent, float_matrix
from numerics.checker.exact import _product as exact_product
from numerics.checker.inputs import Data
from numerics.checker.losses import SQUARED, Columns
from numerics.checker.products import columns
from numerics.checker.single import value_between
from numerics.checker.spaces import parse_space

FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=64)
SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=4)
MATRICES = hnp.arrays(np.float64, SHAPES, elements=FLOATS | st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 1.0]))
LARGEST = float(np.finfo(float).max)


def rationals(matrix: Matrix) -> list[Fraction]:
    """The values of its entries; also that its extent tells the truth."""
    extent = matrix.extent
    integers = [int(entry) for entry in matrix.entries.entries()]
    assert (matrix.entries.nrows(), matrix.entries.ncols()) == (extent.rows, extent.cols)
    assert all(abs(integer).bit_length() <= extent.bits for integer in integers)
    return [integer * Fraction(2) ** extent.exponent for integer in integers]


def fractions(array: np.ndarray) -> list[Fraction]:
    return [Fraction(float(entry)) for entry in array.ravel()]


@given(MATRICES)
@example(np.array([[LARGEST, 5e-324]]))
@example(np.array([[2.2250738585072014e-308, 2.225073858507201e-308]]))
@example(np.array([[-0.0, 0.0]]))
@example(np.array([[2.0**61, 1.0], [2.0**62, -1.0]]))
@example(np.array([[2.0**63, 1.0]]))
def test_floats_become_exactly_what_they_are(array):
    matrix = float_matrix(array)
    assert rationals(matrix) == fractions(array)
    assert float_extent(array) == matrix.extent


@given(MATRICES)
def test_the_exponent_is_the_largest_possible(array):
    integers = [int(entry) for entry in float_matrix(array).entries.entries()]
    assert not any(integers) or any(integer % 2 for integer in integers)


@given(st.data())
def test_products_sums_and_rectified_entries(data):
    left = data.draw(MATRICES)
    right = data.draw(hnp.arrays(np.float64, (left.shape[1], 3), elements=FLOATS))
    shift = data.draw(hnp.arrays(np.float64, (left.shape[0], 3), elements=FLOATS))
    found = float_matrix(left).times(float_matrix(right)).plus(float_matrix(shift)).relu()
    wanted = [
        max(
            Fraction(0),
            Fraction(float(shift[i, j]))
            + sum(Fraction(float(left[i, k])) * Fraction(float(right[k, j])) for k in range(left.shape[1])),
        )
        for i in range(left.shape[0])
        for j in range(3)
    ]
    assert rationals(found) == wanted
    assert rationals(found.transposed()) == [wanted[3 * i + j] for j in range(3) for i in range(left.shape[0])]


@given(hnp.arrays(np.float64, (3, 4), elements=FLOATS))
def test_squares_are_summed_by_groups_of_columns(array):
    matrix = float_matrix(array)
    totals = [SQUARED.total(Columns.of(cells, matrix.unit, array[:, :2]), 0) for cells in matrix.groups(2)]
    assert all(total.is_exact for total in totals)
    sums = [Fraction(int(total.low.p), int(total.low.q)) for total in totals]
    assert sums == [sum(entry**2 for entry in fractions(array[:, columns])) for columns in (slice(0, 2), slice(2, 4))]


def test_a_product_over_no_rows_is_zero():
    empty, none = Matrix.of([], Extent(2, 0, 0, 0)), Matrix.of([], Extent(0, 3, 0, 0))
    assert rationals(empty.times(none)) == [Fraction(0)] * 6


def test_adding_zero_does_not_lengthen_integers():
    tiny = float_matrix(np.array([[5e-324]]))
    zero = float_matrix(np.array([[0.0]]))
    assert tiny.plus(zero).extent == zero.plus(tiny).extent == tiny.extent


@pytest.mark.parametrize("rows", [1, 3, 2000])
def test_one_row_is_added_to_every_row(rows: int):
    """Of words and of FLINT's integers, of a zero row too, and what is predicted of it."""
    rng = np.random.default_rng(0)
    many, row = rng.integers(-9, 9, (rows, 4)) / 8, rng.integers(-9, 9, (1, 4)) / 2
    for one, other in ((many, row), (many, 0 * row), (0 * many, row), (0 * many, 0 * row)):
        for left, right in ((one, other), (other, one)):
            found = float_matrix(left).plus(float_matrix(right))
            assert rationals(found) == [Fraction(entry) for entry in (left + right).ravel().tolist()]
            assert found.extent == float_extent(left).plus(float_extent(right))


# Machine words.


def floats(rng: np.random.Generator, shape: tuple[int, int], bits: int) -> np.ndarray:
    """Integers of exactly so many bits, as far as floats go, and a 1: no power of two is common to all."""
    found = rng.integers(-(1 << min(bits, 52)), 1 << min(bits, 52), shape).astype(float)
    found.flat[0], found.flat[1] = 1.0, 2.0**bits - 2.0 ** max(bits - 53, 0)
    found.flat[2] = -found.flat[1]
    return found * 2.0 ** int(rng.integers(-70, 70))


CHAINS = ((5, 40, 7), (23, 24, 1), (23, 24, 40), (5, 53, 60), (23, 28, 61), (5, 49, 80), (3, 60, 9), (59, 1, 30))
"""Bits of a layer, of the weights that make the next one, and of those that read that."""


def chain(seed: int, bits: tuple[int, int, int]) -> list[Matrix]:
    """What a network asks for: a wide layer, at a time between two, rectified, read by few; sums and multiples."""
    rng = np.random.default_rng(seed)
    shapes, sizes = ((20, 5), (40, 5), (40, 5), (40, 3), (20, 3)), (bits[0], bits[1], bits[1], bits[2], 9)
    x, one, other, few, bias = (float_matrix(floats(rng, *of)) for of in zip(shapes, sizes, strict=True))
    moved = one.scaled(5, -3).plus(one.scaled(3, -3)).plus(other.scaled(0))
    wide = x.times(moved.transposed())
    read = wide.relu().times(few)
    total = read.plus(bias)
    row = float_matrix(floats(rng, (1, 3), bits[2]))
    rows = [read.plus(row), row.plus(read), read.scaled(0).plus(row), read.plus(row.scaled(0))]
    wide_row = wide.plus(float_matrix(floats(rng, (1, 40), bits[1])))
    sums = [wide.scaled(0).plus(wide), x.plus(x), wide_row, *rows]
    return [moved, wide, wide.relu(), read, total, total.relu().scaled(-7, 2), *sums]


def chains() -> list[Matrix]:
    return [matrix for k, bits in enumerate(CHAINS) for matrix in chain(k, bits)]


def said(matrices: list[Matrix]) -> list[tuple[Extent, list[list[fmpz]]]]:
    """Extents, which must tell the truth, and integers."""
    for matrix in matrices:
        assert all(int(abs(entry)).bit_length() <= matrix.extent.bits for entry in matrix.entries.entries())
    return [(matrix.extent, matrix.entries.tolist()) for matrix in matrices]


def test_words_are_what_flint_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where everything short is words, a few rows at a time; both kinds of everything do occur."""
    slow = chains()
    assert all(isinstance(matrix.held, fmpz_mat) for matrix in slow)
    monkeypatch.setattr(exact, "_MANY", 1)
    monkeypatch.setattr(exact, "_ROWS", 7)
    fast = chains()
    assert said(fast) == said(slow)
    steps = len(fast) // len(CHAINS)
    kinds = {(k % steps, isinstance(matrix.held, fmpz_mat)) for k, matrix in enumerate(fast)}
    assert kinds >= {(step, False) for step in (0, 1, 2, 3, 6, 7)} | {
        (step, True) for step in range(steps) if step != 7
    }


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("_MACHINE_BITS", 66),
        ("LIMB", 22),
        ("_product", lambda left, factors: exact_product(left, factors[:1])),
        ("columns", lambda left, factor: columns(left, factor)[:-1]),
    ],
    ids=["words that overflow", "limbs that overlap", "only the lowest part", "the highest limbs are dropped"],
)
def test_planted_errors_in_words_are_found(monkeypatch: pytest.MonkeyPatch, name: str, error: object) -> None:
    """Each makes a matrix that is not what FLINT says, or nothing at all."""
    slow = said(chains())
    monkeypatch.setattr(exact, "_MANY", 1)
    monkeypatch.setattr(exact, name, error)
    try:
        found = said(chains())
    except (AssertionError, OverflowError):
        return
    assert found != slow


def test_a_library_of_floats_that_errs_changes_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Features that are words are read through it: it is not believed; were it believed the loss would be another."""
    rng = np.random.default_rng(2)
    x, y = rng.integers(-9, 9, (400, 20)) / 16.0, np.zeros((400, 2))
    weights = {"W": rng.normal(size=(300, 20)).astype(np.float32).astype(float), "V": rng.normal(size=(2, 300))}
    space = parse_space("two-layer", 0, {name: array.shape for name, array in weights.items()})

    def loss() -> fmpq:
        found = value_between(space, weights, weights, fmpq(0), Data(x, y), Budget()).loss
        assert found.is_exact
        return found.low

    true, honest = loss(), products._float_product
    monkeypatch.setattr(exact, "_MANY", 1 << 40)
    assert loss() == true
    monkeypatch.setattr(exact, "_MANY", 1)
    monkeypatch.setattr(products, "_float_product", lambda left, right: honest(left, right) + 1.0)
    assert loss() == true
    monkeypatch.setattr(products, "_agree", lambda *of: True)
    assert loss() != true
