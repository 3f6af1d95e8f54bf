"""Containment of the norms: exact characteristic polynomials on tiny matrices, 50 digits on larger ones."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, target
from hypothesis import strategies as st

from numerics.arithmetic.balls import Ball
from numerics.arithmetic.norms import (
    ball_squared_norm,
    exact_squared_norm,
    frobenius,
    gram,
    largest_eigenvalue,
    operator_norm,
    product,
    squared_norm,
)
from numerics.arithmetic.positive import Positive, float_up, root_down, root_up
from numerics.arithmetic.semidefinite import is_semidefinite
from numerics.networks.readers import exact_array
from numerics.testing import matrices
from support.move_checks import DIGITS, bounded, witness

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 4))


@pytest.mark.parametrize("wide", [False, True])
@given(data=st.data())
def test_both_norms_contain_the_true_one(wide: bool, data: st.DataObject) -> None:
    """Upper ends exactly, by the characteristic polynomial; lower ends by another: the one below is no upper bound."""
    M = data.draw(matrices(*data.draw(SHAPES), wide=wide))
    for label, squared in (("exact", exact_squared_norm(exact_array(M))), ("ball", ball_squared_norm(M))):
        norm = squared.root()
        assert bounded(norm.upper, M)
        assert norm.lower == norm.upper or not bounded(norm.lower * (1 - Fraction(1, 2**60)), M) or norm.lower == 0
        assert norm.upper <= norm.lower * (1 + Fraction(1, 10**9))
        if norm.upper:
            target(float(norm.upper / norm.lower - 1), label=label)


@pytest.mark.parametrize(("rows", "columns"), [(40, 7), (12, 30), (25, 25), (1, 50), (700, 2)])
def test_larger_norms_contain_a_witness_of_fifty_digits(rows: int, columns: int) -> None:
    """mpmath's largest eigenvalue of the exact Gram matrix; three scales, low rank and a repeated largest one too."""
    rng = np.random.default_rng(rows)
    M = rng.standard_normal((rows, columns))
    low = np.outer(rng.standard_normal(rows), rng.standard_normal(columns))
    for matrix in (M, 1e-200 * M, 2.0**600 * M, low):
        norm, true = operator_norm(matrix), witness(matrix.T if rows > columns else matrix)
        with mpmath.workdps(DIGITS):
            assert mpmath.mpf(norm.lower.numerator) / norm.lower.denominator <= true * (1 + mpmath.mpf(10) ** -45)
            assert true * (1 - mpmath.mpf(10) ** -45) <= mpmath.mpf(norm.upper.numerator) / norm.upper.denominator
        assert norm.upper <= norm.lower * (1 + Fraction(1, 10**9))


def test_norms_that_are_known_are_met() -> None:
    """A repeated eigenvalue, zero, one entry, integers, the ends of float64's range; rational ones exactly."""
    assert operator_norm(np.zeros((3, 2))) == Positive.exact(0)
    assert ball_squared_norm(np.zeros((30, 20))) == Positive.exact(0)
    assert operator_norm(np.array([[3.0, 4.0]])) == Positive.exact(5)
    assert squared_norm(np.diag([2.0, -2.0, 1.0])) == Positive.exact(4)
    assert operator_norm(exact_array(np.array([[Fraction(3, 7)]], dtype=object))) == Positive.exact(Fraction(3, 7))
    eye = operator_norm(np.eye(100))
    assert 1 - Fraction(1, 10**12) <= eye.lower <= 1 <= eye.upper <= 1 + Fraction(1, 10**11)
    for scale in (2.0**-1074, 2.0**-1022, 2.0**1023):
        ball = ball_squared_norm(np.array([[scale, 0.0], [0.0, 2.0**-1074]])).root()
        assert ball.lower <= Fraction(scale) <= ball.upper <= Fraction(scale) * (1 + Fraction(1, 10**9))


def test_without_a_cholesky_factor_the_trace_still_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guess far too small, or none at all, costs tightness and never soundness."""
    from scipy.linalg import LinAlgError

    from numerics.arithmetic import norms

    M = np.diag([0.5, 0.75]) + 0.125

    def small(matrix: np.ndarray, **_: object) -> tuple[np.ndarray, np.ndarray]:
        return np.array([0.25]), np.ones((2, 1))

    def none(matrix: np.ndarray, **_: object) -> tuple[np.ndarray, np.ndarray]:
        raise LinAlgError("no convergence")

    for guess in (small, none):
        monkeypatch.setattr(norms, "eigh", guess)
        found = largest_eigenvalue(gram(M), M)
        assert bounded(found.root().upper, M)
        assert found.upper >= Fraction(float((M * M).sum()))


def test_neither_the_guess_nor_the_factor_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guess far too small with a factor that is none: what the factor leaves over is added, so the bound holds."""
    from numerics.arithmetic import norms

    M = np.diag([0.5, 0.75]) + 0.125
    monkeypatch.setattr(norms, "eigh", lambda matrix, **_: (np.array([0.25]), np.ones((2, 1))))
    monkeypatch.setattr(norms, "cholesky", lambda matrix, **_: np.zeros_like(matrix))
    found = largest_eigenvalue(gram(M), M)
    assert bounded(found.root().upper, M)
    assert not bounded(root_up(Fraction(0.25) * (1 + Fraction(1, 2**40))), M)  # what the guess alone would have said


@given(st.data())
def test_a_product_in_a_ball_has_its_norm_contained(data: st.DataObject) -> None:
    """`||V U||` from floats; exactly 0 where every term is."""
    m = data.draw(st.integers(1, 4))
    left = data.draw(matrices(data.draw(st.integers(1, 3)), m, wide=data.draw(st.booleans())))
    right = data.draw(matrices(m, data.draw(st.integers(1, 3))))
    found = operator_norm(product(left, right))
    assert bounded(found.upper, exact_array(left) @ exact_array(right))
    kept = np.where(np.arange(m) % 2 == 0, left, 0.0)
    lost = np.where(np.arange(m)[:, None] % 2 == 1, right, 0.0)
    assert operator_norm(product(kept, lost)) == Positive.exact(0)


def test_a_product_beyond_floats_is_not_enclosed() -> None:
    """It says so instead of returning infinities."""
    with pytest.raises(OverflowError, match="exceeds float64"):
        product(np.full((1, 2), 1e200), np.full((2, 1), 1e200))


@given(st.fractions(min_value=0, max_value=10**30), st.integers(-400, 400))
def test_roots_are_rounded_outwards_and_exact_where_rational(value: Fraction, exponent: int) -> None:
    """Squares of both sides around the number, within 2^-60; a square's root is itself."""
    value *= Fraction(2) ** exponent
    low, high = root_down(value), root_up(value)
    assert low**2 <= value <= high**2
    assert high <= low * (1 + Fraction(1, 2**60))
    assert root_down(value**2) == root_up(value**2) == value


@given(st.fractions(min_value=0))
def test_the_next_float_above_is_the_least_one(value: Fraction) -> None:
    """Not below the number, and the one before it is."""
    found = float_up(value)
    assert Fraction(found) >= value
    assert found == 0.0 or Fraction(float(np.nextafter(found, 0.0))) < value
    assert float_up(Fraction(10) ** 400) == np.inf


@given(st.data())
def test_elimination_decides_semidefiniteness(data: st.DataObject) -> None:
    """`M M^T` is semidefinite, singular iff its determinant is 0; less any positive multiple of I it decides too."""
    n = data.draw(st.integers(1, 3))
    M = exact_array(data.draw(matrices(n, n)))
    G = M @ M.T
    yes, singular = is_semidefinite(G)
    assert yes
    assert singular == (_determinant(M) == 0)
    if singular:
        less = G - np.diag([Fraction(1, 10**6)] * n)
        assert is_semidefinite(less)[0] is False


def test_an_indefinite_matrix_with_a_zero_pivot_is_refused() -> None:
    """[[0, 1], [1, 0]] has the eigenvalue -1; zero pivots over zero rows are skipped."""
    assert is_semidefinite(exact_array(np.array([[0.0, 1.0], [1.0, 0.0]])))[0] is False
    assert is_semidefinite(exact_array(np.diag([0.0, 2.0, 0.0]))) == (True, True)


def test_the_frobenius_norm_is_rounded_up_and_a_gram_matrix_enclosed() -> None:
    """Against fractions, over more rows than one block has."""
    rng = np.random.default_rng(3)
    M = rng.standard_normal((1100, 3))
    exact = exact_array(M)
    true = sum((x * x for x in exact.ravel()), Fraction(0))
    assert true <= frobenius(M) ** 2 <= true * (1 + Fraction(1, 10**9))
    G, ball = exact.T @ exact, gram(M)
    assert (abs(exact_array(ball.mid) - G) <= exact_array(ball.rad)).all()
    assert isinstance(ball, Ball)


def test_no_number_is_below_zero_or_upside_down() -> None:
    """Bounds that cross are refused when they are made."""
    for low, high in ((Fraction(-1), Fraction(1)), (Fraction(2), Fraction(1))):
        with pytest.raises(ValueError, match="no such number"):
            Positive(low, high)


def _determinant(M: np.ndarray) -> Fraction:
    if len(M) == 1:
        return Fraction(M[0, 0])
    minors = (np.delete(M[1:], j, axis=1) for j in range(len(M)))
    return sum(((-1) ** j * M[0, j] * _determinant(minor) for j, minor in enumerate(minors)), Fraction(0))
