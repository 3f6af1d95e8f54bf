"""Exact matrices against `Fraction`s, for floats of every finite exponent."""

from fractions import Fraction

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.checker.exact import Extent, Matrix, float_extent, float_matrix
from numerics.checker.losses import SQUARED, Columns

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
    exact = float_matrix(left).times(float_matrix(right)).plus(float_matrix(shift)).relu()
    wanted = [
        max(
            Fraction(0),
            Fraction(float(shift[i, j]))
            + sum(Fraction(float(left[i, k])) * Fraction(float(right[k, j])) for k in range(left.shape[1])),
        )
        for i in range(left.shape[0])
        for j in range(3)
    ]
    assert rationals(exact) == wanted
    assert rationals(exact.transposed()) == [wanted[3 * i + j] for j in range(3) for i in range(left.shape[0])]


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
