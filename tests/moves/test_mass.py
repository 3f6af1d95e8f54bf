"""Masses and Lambda: upper bounds of what 50 digits compute from the blueprint's formulas, and tight."""

from fractions import Fraction
from operator import attrgetter

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.data import Data
from numerics.moves.mass import lambdas_of, masses, masses_of, sigma_squared
from numerics.networks import Block, Branch, Layer, Network, Parallel, Residual, Stream, TwoLayer
from numerics.networks.forward import with_ones
from numerics.networks.readers import exact_weights
from numerics.testing import data_for, networks, posts
from support.move_checks import DIGITS, SLACK, Exact, bounded, generic, total_mass, witness_lambdas, witness_masses

WEIGHED = attrgetter("adds_linearly")
"""POST has no mass."""


def above(upper: Fraction, true: mpmath.mpf, relative: float = 1e-9) -> bool:
    """`upper` is at least the witness's number (up to the witness's own rounding) and at most 1e-9 of it above."""
    with mpmath.workdps(DIGITS):
        bound = mpmath.mpf(upper.numerator) / upper.denominator
        return bool(true * (1 - SLACK) <= bound <= true * (1 + mpmath.mpf(relative)) + mpmath.mpf(10) ** -300)


@pytest.mark.parametrize("kind", ["two-layer", "parallel", "residual", "stream", "plain"])
@given(data=st.data())
def test_masses_of_floats_and_of_fractions_are_tight_upper_bounds(kind: str, data: st.DataObject) -> None:
    """Every class: each Lambda, each s_j, S."""
    any_kind = networks(width=st.integers(1, 4)).filter(WEIGHED)
    network: Network = data.draw(generic(kind) if data.draw(st.booleans()) else any_kind)
    weights = exact_weights(network)
    lambdas = witness_lambdas(network.kind, weights)
    each = witness_masses(network.kind, weights, lambdas)
    for found in (masses(network), masses_of(network.kind, weights)):
        assert all(above(bound, true) for bound, true in zip(found.lambdas, lambdas, strict=True))
        assert all(above(Fraction(bound), true) for bound, true in zip(found.each.tolist(), each, strict=True))
        with mpmath.workdps(DIGITS):
            assert above(found.total, mpmath.fsum(each))
        assert [bound == 0 for bound in found.each.tolist()] == [true == 0 for true in each]
    for one, true in zip(lambdas_of(network.kind, network.parameters()), lambdas, strict=True):
        with mpmath.workdps(DIGITS):
            assert mpmath.mpf(one.lower.numerator) / one.lower.denominator <= true * (1 + SLACK)


@given(st.data())
def test_masses_of_weights_of_any_magnitude_are_upper_bounds(data: st.DataObject) -> None:
    """Up to 1e150 and down to subnormals: where float64 overflows fractions take over."""
    network: Network = data.draw(networks(width=st.integers(1, 3), inputs=1, outputs=1, wide=True).filter(WEIGHED))
    found = masses(network)
    true = total_mass(Exact.of(network, Data(np.zeros((1, 1)), np.zeros((1, 1)))))
    with mpmath.workdps(DIGITS):
        bound = mpmath.mpf(found.total.numerator) / found.total.denominator
        assert true * (1 - SLACK) <= bound


@given(st.data())
def test_sigma_squared_is_contained(data: st.DataObject) -> None:
    """`lambda_max(E[X X^T])` of what the first layer sees."""
    network = data.draw(networks())
    points = data.draw(data_for(network))
    found = sigma_squared(points, bias=network.bias)
    seen = with_ones(points.X, network.bias)
    assert found.lower <= found.upper <= found.lower * (1 + Fraction(1, 10**9))
    assert bounded(root_up(found.upper * points.size), seen)


def test_case_2_of_two_signs_with_a_bias() -> None:
    """X = +1, -1 seen as (x, 1): sigma = 1 exactly."""
    assert sigma_squared(Data(np.array([[1.0], [-1.0]]), np.zeros((2, 1))), bias=True).upper == 1


def test_the_lightest_come_first_and_the_barred_never() -> None:
    """Ties by number."""
    network = TwoLayer(W=np.array([[3.0], [1.0], [0.0], [1.0], [2.0]]), V=np.ones((1, 5)))
    assert masses(network).lightest(3).tolist() == [2, 1, 3]
    assert masses(network).lightest(2, outside=[2, 3]).tolist() == [1, 4]
    assert masses(network).each[2] == 0.0


def test_a_branch_that_is_switched_off_weighs_nothing() -> None:
    """RESIDUAL with V U = 0 because one of each factor is: Lambda is 0, not a rounding error (T2's end point)."""
    rng = np.random.default_rng(0)
    V, U = rng.standard_normal((3, 20)), rng.standard_normal((20, 4))
    V[:, :12] = 0.0
    U[12:] = 0.0
    network = Residual(W=rng.standard_normal((20, 5)), V=V, branch=Branch((Layer(rng.standard_normal((4, 20))),)), U=U)
    assert masses(network).lambdas == (0,)


def test_products_beyond_float64_are_bounded_by_norms() -> None:
    """V U of entries 1e300: the mass is still a finite fraction."""
    network = Residual(
        W=np.ones((2, 1)), V=np.full((1, 2), 1e200), branch=Branch((Layer(np.ones((1, 2))),)), U=np.full((2, 1), 1e200)
    )
    (found,) = masses(network).lambdas
    assert 2 * Fraction(1e200) ** 2 <= found <= 2 * Fraction(1e200) ** 2 * (1 + Fraction(1, 10**9))


def test_a_block_is_read_by_the_later_ones_too() -> None:
    """STREAM in one dimension: Lambda_2 = |2 * 5| = 10 and Lambda_1 = |2 * 3| + 10 * |7 * 3| = 216."""
    blocks = tuple(Block(Branch((Layer(np.array([[A]])),)), np.array([[U]])) for A, U in ((1.0, 3.0), (7.0, 5.0)))
    network = Stream(W=np.ones((1, 1)), V=np.array([[2.0]]), blocks=blocks)
    found = masses_of("stream", exact_weights(network))
    assert found.lambdas == (216, 10)
    assert found.total == 2 + 216 * 1 + 10 * 7


def test_inner_layers_multiply_and_the_first_matrix_does_not() -> None:
    """PARALLEL: Lambda = ||U|| ||B_1|| = 5 * 2; A is counted column by column."""
    network = Parallel(
        W=np.array([[1.0], [1.0]]),
        V=np.zeros((2, 2)),
        branch=Branch((Layer(np.array([[7.0, 0.0]])), Layer(np.array([[2.0]])))),
        U=np.array([[3.0], [4.0]]),
    )
    found = masses_of("parallel", exact_weights(network))
    assert found.lambdas == (10,)
    assert found.each.tolist() == [70, 0]


def test_what_cancels_reaches_nothing() -> None:
    """STREAM with V U = 0 by cancellation: Lambda is exactly 0 in floats too. Found by continuous integration."""
    block = Block(
        Branch((Layer(np.array([[1.0, 0.25, -1.25, -0.75]]), bias=np.array([0.5])),)),
        np.array([[1.5], [0.5], [0.5], [-2.0]]),
    )
    network = Stream(W=np.ones((4, 3)), V=np.array([[0.75, 1.0, -1.25, 0.5]]), blocks=(block,), bias=True)
    assert masses(network).lambdas == (0,)


@given(posts(width=2))
def test_no_mass_is_defined_where_a_rectifier_follows_the_sums(network: Network) -> None:
    """`||V U||` bounds nothing there: V = (1, -1) and U = (1, 1) cancel, and do not where z_2 = 0 and U q < 0."""
    with pytest.raises(ValueError, match="no mass of class post is defined"):
        masses(network)
