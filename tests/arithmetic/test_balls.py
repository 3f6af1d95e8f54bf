"""Balls contain the exact rational value of every operation, at any magnitude; their signs are three-valued."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from numerics.arithmetic import balls, rounding
from numerics.arithmetic.balls import Ball
from numerics.arithmetic.rounding import ETA, U, gamma, require_gradual_underflow, row_norms

SEED = 20240611
UNIT = 1 << 1074  # every finite float64 is an integer over this


def integer(value: float) -> int:
    """`value 2^1074`, exactly."""
    numerator, denominator = float(value).as_integer_ratio()
    return numerator * (UNIT // denominator)


def integers(array: np.ndarray) -> list[list[int]]:
    return [[integer(entry) for entry in row] for row in array]


def entries(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """One of: ordinary, short dyadic with many zeros, magnitudes 1e-150 to 1e150, near the subnormals, subnormal."""
    normal = rng.standard_normal(shape)
    match rng.integers(0, 6):
        case 0:
            drawn = normal
        case 1:
            drawn = rng.integers(-3, 4, shape) / 4.0
        case 2:
            drawn = normal * 10.0 ** rng.integers(-150, 151, shape)
        case 3:
            drawn = normal * 2.0 ** rng.integers(-1074, -1000, shape)
        case 4:
            drawn = rng.integers(-5, 6, shape) * ETA
        case _:  # cancellation: equal moduli, signs at random
            drawn = np.full(shape, normal.ravel()[0]) * rng.choice([-1.0, 1.0], shape)
    return np.where(rng.random(shape) < 0.1, 0.0, drawn)


def drawn_ball(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Ball, np.ndarray]:
    """A ball with floats inside it; half of them exact, the others with the value at an end or nearer."""
    mid = entries(rng, shape)
    if rng.random() < 0.5:
        return Ball.exact(mid), mid
    rad = np.abs(entries(rng, shape)) * rng.choice([0.0, 1e-17, 1e-3, 1.0])
    inside = mid + rad * rng.choice([-1.0, 0.0, 0.4, 1.0], shape)
    rad = np.maximum(rad, np.nextafter(np.abs(inside - mid), np.inf) * (inside != mid))
    triples = zip(inside.ravel(), mid.ravel(), rad.ravel(), strict=True)
    within = [abs(integer(x) - integer(m)) <= integer(r) for x, m, r in triples]
    inside = np.where(np.array(within).reshape(shape), inside, mid)
    return Ball(mid, rad), inside


def contains(ball: Ball, exact: list[list[int]], unit: int = 1) -> bool:
    """Whether every `exact[i][j] / (unit 2^1074)` is in the ball; an infinite or NaN radius contains everything."""
    for mids, rads, values in zip(ball.mid, ball.rad, exact, strict=True):
        for mid, rad, value in zip(mids, rads, values, strict=True):
            if np.isfinite(rad) and not (np.isfinite(mid) and abs(value - integer(mid) * unit) <= integer(rad) * unit):
                return False
    return True


def products_are_contained(cases: int) -> None:
    """Inner products of random lengths, in matrices of up to 4 x 4, `cases` of them in all."""
    rng, done = np.random.default_rng(SEED), 0
    while done < cases:
        rows, n, columns = (int(k) for k in (rng.integers(2, 13), rng.integers(1, 10), rng.integers(2, 13)))
        left, x = drawn_ball(rng, (rows, n))
        right, y = drawn_ball(rng, (n, columns))
        with np.errstate(all="ignore"):
            ball = left @ right
        a, b = integers(x), list(zip(*integers(y), strict=True))
        exact = [[sum(map(int.__mul__, row, column)) for column in b] for row in a]
        assert contains(ball, exact, UNIT), f"seed {SEED}, after {done} products"
        done += rows * columns


def test_100_000_random_inner_products_are_contained() -> None:
    """Exact by integers: mixed magnitudes, subnormals, zeros, cancellations, with and without radii."""
    products_are_contained(100_000)


def test_long_inner_products_are_contained() -> None:
    """Lengths at which BLAS sums in blocks."""
    rng = np.random.default_rng(SEED)
    for n in (100, 1000, 5000):
        x, y = rng.standard_normal((2, n)), rng.standard_normal((n, 2))
        x[1], y[:, 1] = 1.0 / 3.0, (-1.0) ** np.arange(n) * 1e10
        a, b = integers(x), list(zip(*integers(y), strict=True))
        exact = [[sum(map(int.__mul__, row, column)) for column in b] for row in a]
        assert contains(Ball.exact(x) @ Ball.exact(y), exact, UNIT)


def test_rounding_to_nearest_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: no `gamma`, nothing rounded up; the same check of products fails."""
    monkeypatch.setattr(balls, "gamma", lambda n: 0.0)
    monkeypatch.setattr(balls, "up", lambda terms: terms)
    with pytest.raises(AssertionError, match="seed"):
        products_are_contained(20_000)


def test_a_missing_rounding_of_the_midpoint_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: only `gamma` is 0; what `up` adds does not hide it."""
    monkeypatch.setattr(balls, "gamma", lambda n: 0.0)
    with pytest.raises(AssertionError, match="seed"):
        products_are_contained(20_000)


def entrywise_is_contained(
    operation: Callable[[Ball, Ball], Ball], exact: Callable[[int, int], int], unit: int
) -> None:
    rng = np.random.default_rng(SEED)
    for k in range(1500):
        shape = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
        left, x = drawn_ball(rng, shape)
        right, y = drawn_ball(rng, shape if k % 2 else (1, shape[1]))  # broadcast too
        with np.errstate(all="ignore"):
            ball = operation(left, right)
        wide = np.broadcast_to(y, shape)
        values = [
            [exact(a, b) for a, b in zip(p, q, strict=True)] for p, q in zip(integers(x), integers(wide), strict=True)
        ]
        assert contains(ball, values, unit), f"seed {SEED}, case {k}"


def test_sums_are_contained() -> None:
    """A row of biases broadcasts."""
    entrywise_is_contained(lambda a, b: a + b, lambda a, b: a + b, 1)


def test_differences_are_contained() -> None:
    """Cancellations included."""
    entrywise_is_contained(lambda a, b: a - b, lambda a, b: a - b, 1)


def test_entrywise_products_are_contained() -> None:
    """Underflows included."""
    entrywise_is_contained(lambda a, b: a * b, lambda a, b: a * b, UNIT)


@pytest.mark.parametrize("operation", [lambda a, b: a + b, lambda a, b: a * b])
def test_entrywise_rounding_to_nearest_is_caught(
    operation: Callable[[Ball, Ball], Ball], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: a rounding unit of 0."""
    monkeypatch.setattr(balls, "U", 0.0)
    monkeypatch.setattr(balls, "up", lambda terms: terms)
    product = operation(Ball.exact(np.array([[3.0]])), Ball.exact(np.array([[5.0]]))).mid[0, 0] == 15.0
    with pytest.raises(AssertionError, match="seed"):
        entrywise_is_contained(
            operation, (lambda a, b: a * b) if product else (lambda a, b: a + b), UNIT if product else 1
        )


def test_relu_hull_and_sum_are_contained() -> None:
    """`[x]_+`; the hull holds `x`, 0 and what is between; the sum of all entries lies between its two ends."""
    rng = np.random.default_rng(SEED)
    for k in range(1500):
        ball, x = drawn_ball(rng, (2, 3))
        exact, note = integers(x), f"seed {SEED}, case {k}"
        with np.errstate(all="ignore"):
            relu, hull, (low, high) = ball.relu(), ball.hull_with_zero(), ball.sum()
        assert contains(relu, [[max(v, 0) for v in row] for row in exact]), note
        for share in (0, 1, 2):
            assert contains(hull, [[v * share for v in row] for row in exact], 2), note
        total = sum(v for row in exact for v in row)
        if np.isfinite(low) and np.isfinite(high):
            assert integer(low) <= total <= integer(high), note


def test_a_hull_without_zero_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the hull is the ball itself."""
    monkeypatch.setattr(Ball, "hull_with_zero", lambda self: self)
    with pytest.raises(AssertionError, match="seed"):
        test_relu_hull_and_sum_are_contained()


def test_signs_are_three_valued() -> None:
    """Sure, sure not, open; both for an exact 0; open for NaN and after an overflow."""
    mids = np.array([[2.0, 1.0, -1.0, 0.5, 0.0, -0.0, 0.0, np.nan, np.inf, -np.inf, np.inf, -np.inf, 1.0, 1.0]])
    rads = np.array([[1.0, 1.0, 1.0, 1.0, 0.0, 0.0, ETA, 0.0, np.inf, np.inf, 1.0, 1.0, np.inf, np.nan]])
    on, off = Ball(mids, rads).sign()
    assert on.tolist() == [[True, True, False, False, True, True] + 8 * [False]]
    assert off.tolist() == [[False, False, True, False, True, True] + 8 * [False]]


def test_zero_rows_and_columns_multiply_to_exactly_zero() -> None:
    """Whatever stands on the other side; the others have a radius."""
    left = Ball(np.array([[0.0, -0.0], [1.0, 0.1]]), np.zeros((2, 2)))
    product = left @ Ball(np.array([[0.3, 0.0], [1e150, 0.0]]), np.array([[1.0, 0.0], [0.0, 0.0]]))
    assert product.is_zero().tolist() == [[True, True], [False, True]]


# Counterexamples to earlier versions, each from the review that found it.


def test_gamma_times_a_tiny_norm_does_not_underflow_before_a_large_factor() -> None:
    """1e-308 * 1.1e308: `gamma(1) * 1e-308` is 0, and the midpoint is wrong by 1.7e-17."""
    small, large = np.array([[1e-308]]), np.array([[1.1e308]])
    product = Ball.exact(small) @ Ball.exact(large)
    assert integer(product.mid[0, 0]) * UNIT != integer(1e-308) * integer(1.1e308)  # it does round
    assert contains(product, [[integer(1e-308) * integer(1.1e308)]], UNIT)


def test_the_hull_of_the_smallest_subnormal_is_not_zero() -> None:
    """Half of eta rounds to 0, midpoint and radius alike."""
    assert contains(Ball.exact(np.array([[ETA, -ETA, 3 * ETA]])).hull_with_zero(), [[1, -1, 3]])


def test_a_sum_that_overflows_half_way_has_no_sign() -> None:
    """-1.5e308 - 1.5e308 + 1.7e308 + 1.7e308 is positive; BLAS says -inf, which ReLU may not take for 0."""
    row = np.array([[-1.5e308, -1.5e308, 1.7e308, 1.7e308]])
    with np.errstate(all="ignore"):
        ball = Ball.exact(np.ones((1, 4))) @ Ball.exact(row.T)
        rectified = ball.relu()
    assert not np.isfinite(ball.rad).any()
    assert not np.logical_or(*ball.sign()).any()
    assert not np.isfinite(rectified.rad).any()


def test_an_unbounded_ball_minus_a_number_has_no_sign() -> None:
    """`[x]_+` of an unbounded x is a ball (inf, inf); minus 5 it may be negative."""
    with np.errstate(all="ignore"):
        unbounded = Ball(np.array([[1.0]]), np.array([[np.inf]])).relu()
        below = unbounded - Ball.exact(np.array([[5.0]]))
        assert not np.logical_or(*below.sign()).any()
        assert not np.isfinite((-below).relu().rad).any()


# The constants of module `rounding`.


def test_gamma_is_above_its_formula() -> None:
    """Exactly; at most a part in 10^12 too large; lengths out of range are refused."""
    for n in (0, 1, 2, 3, 1000, 12_345_677, 1 << 40):
        exact = n * Fraction(U) / (1 - n * Fraction(U))
        assert exact <= Fraction(gamma(n)) <= exact * (1 + Fraction(1, 10**12))
    for n in (-1, (1 << 40) + 1):
        with pytest.raises(ValueError, match="length"):
            gamma(n)


def test_norms_of_tiny_rows_are_refused_where_their_underflow_is_not_bounded() -> None:
    """Beyond 2^30 entries; a view of one number, so that none of them is stored."""
    endless = np.broadcast_to(np.array([[ETA]]), (1, (1 << 30) + 1))
    with pytest.raises(ValueError, match="length"):
        rounding._scaled_row_norms(endless)


def test_row_norms_are_upper_bounds_and_nearly_sharp() -> None:
    """At every magnitude, subnormal rows, rows whose squares overflow or underflow; 0 for zero rows."""
    rng = np.random.default_rng(SEED)
    for k in range(400):
        matrix = entries(rng, (3, int(rng.integers(1, 20))))
        matrix *= rng.choice([1.0, 1e150, 2.0**-600])
        for norm, row in zip(row_norms(matrix), integers(matrix), strict=True):
            square = sum(v * v for v in row)
            assert square <= integer(norm) ** 2, f"seed {SEED}, case {k}"
            # (1 + 2^-40) of the norm, and 3 eta
            assert (max(integer(norm) - 3, 0)) ** 2 << 40 <= square * ((1 << 40) + 3), f"seed {SEED}, case {k}"
            assert (square == 0) == (norm == 0.0)


def test_row_norms_keep_nan_and_infinity() -> None:
    """An overflow before is an overflow after."""
    with np.errstate(all="ignore"):
        norms = row_norms(np.array([[1.0, np.nan], [np.inf, 0.0], [-np.inf, np.inf], [1.7e308, 1.7e308]]))
    assert not np.isfinite(norms).any()


def test_this_machine_underflows_gradually(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a machine that flushes subnormals to zero is refused, also when it began to after the first test."""
    require_gradual_underflow()

    class Flushed:
        """numpy whose arrays forget subnormals when halved."""

        errstate = staticmethod(np.errstate)

        @staticmethod
        def array(values: list[float]) -> np.ndarray:
            return np.where(np.abs(np.array(values)) < 2.0**-1022, 0.0, np.array(values))

    monkeypatch.setattr(rounding, "np", Flushed)
    with pytest.raises(RuntimeError, match="gradual"):
        require_gradual_underflow()
