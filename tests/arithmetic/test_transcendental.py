"""Bounds of exp and log(1 + x) contain mpmath's values at 60 digits, at any magnitude, and are tight."""

import mpmath
import numpy as np
import pytest

from numerics.arithmetic import transcendental
from numerics.arithmetic.transcendental import exp_bounds, log1p_bounds

SEED, CASES = 7, 400
EDGES = (0.0, 5e-324, 2.0**-1022, 2.0**-53, 0.34657359, 0.6931471805599453, 1.0, np.nextafter(1.0, 0.0))


def falling(rng: np.random.Generator) -> np.ndarray:
    """Numbers <= 0 around and beyond what exp is evaluated at."""
    spread = (rng.uniform(0, 700, CASES), rng.exponential(1, CASES), 10.0 ** rng.uniform(-320, 3, CASES))
    return -np.concatenate([*spread, EDGES, [700.0, np.nextafter(700.0, 800.0), 745.2, 1e300, np.inf]])


def rising(rng: np.random.Generator) -> np.ndarray:
    """Numbers >= 0 of any magnitude."""
    spread = (rng.uniform(0, 10, CASES), rng.exponential(1, CASES), 10.0 ** rng.uniform(-323, 300, CASES))
    return np.concatenate([*spread, EDGES, [2.0**53, 1.7e308]])


def contained() -> None:
    """Both functions at all of them; where no underflow is near, within 2^-46 of the value."""
    rng = np.random.default_rng(SEED)
    for bounds, values, truth in ((exp_bounds, falling(rng), mpmath.exp), (log1p_bounds, rising(rng), mpmath.log1p)):
        for x, low, high in zip(values.tolist(), *(bound.tolist() for bound in bounds(values)), strict=True):
            with mpmath.workdps(60):
                exact = truth(mpmath.mpf(x))
                assert mpmath.mpf(low) <= exact <= mpmath.mpf(high), f"not enclosed at {x!r}"
                if low > 2.0**-1000:
                    assert mpmath.mpf(high) - mpmath.mpf(low) <= exact * 2.0**-46


def test_bounds_contain_the_values() -> None:
    """Edges of the ranges included."""
    contained()


@pytest.mark.parametrize(("name", "value"), [("MARGIN", 0.0), ("LOW", 0.0), ("DEGREE", 8), ("TERMS", 9)])
def test_planted_errors_are_caught(monkeypatch: pytest.MonkeyPatch, name: str, value: float) -> None:
    """No margin, a short ln 2, a polynomial or a series that is cut too early."""
    monkeypatch.setattr(transcendental, name, value)
    with pytest.raises(AssertionError, match="not enclosed"):
        contained()


def test_what_is_no_number_stays_none() -> None:
    """NaN in, NaN out; the logarithm of infinity says nothing."""
    with np.errstate(invalid="ignore"):
        assert all(np.isnan(bound).all() for bound in exp_bounds(np.array([np.nan])))
        assert all(np.isnan(bound).all() for bound in log1p_bounds(np.array([np.nan, np.inf])))


def test_zero_is_exact() -> None:
    """`log(1 + 0)` is 0; a loss that is surely 0 stays 0."""
    assert [bound.tolist() for bound in log1p_bounds(np.zeros(1))] == [[0.0], [0.0]]
