"""The brief bound of sums of logarithms: never below them, hardly above, and an error in it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import fmpq, fmpz

from numerics.checker.grid import MACHINE, SHORT, Ints, down
from numerics.checker.losses import brief_logs, loss_named
from numerics.checker.losses.brief_logs import log_sums_above
from numerics.checker.losses.logarithms import log_sums
from numerics.checker.models import Model

EXPONENTS = (-59, -45, -31, -30, -29, -5, 0, 3, 50)
SIZES = (2.0**-30, 0.1, 3.0, 40.0, 1e6)


def below_and_above() -> tuple[int, float]:
    """How many bounds are below the sum, and by what share of it the others exceed it at most."""
    rng, below, above = np.random.default_rng(0), 0, 0.0
    for exponent in EXPONENTS:
        for size in SIZES:
            terms = np.clip(rng.normal(size=(6, 4)) * size * 2.0**-exponent, -(2.0**60), 2.0**60).astype(np.int64)
            terms[:, 0] = 0
            found = log_sums_above(terms, exponent)
            true = log_sums([list(map(fmpz, row)) for row in terms.tolist()], fmpq(2) ** exponent, 192)
            below += found < true.high
            above = max(above, float(found / true.low - 1))
    return below, above


def test_a_brief_bound_is_a_bound_and_close() -> None:
    below, above = below_and_above()
    assert below == 0
    # Four roundings upwards of words of 31 bits, each by at most 2^-30 of it, and one of a gap by 2^-30.
    assert above <= 5 * 2**-30


def rounded_down(array: Ints, shift: int) -> Ints:
    return down(array, shift) - 1


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("up", lambda true: rounded_down),
        ("down", lambda true: lambda array, shift: np.minimum(true(array, shift) + 1, brief_logs._DEEPEST)),
        ("_powers", lambda true: lambda place: true(place) - 3),
        ("_whole_powers", lambda true: lambda: (true()[0], true()[1] + 1)),
    ],
)
def test_an_error_in_a_brief_bound_shows(
    name: str, fault: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brief_logs, name, fault(getattr(brief_logs, name)))
    assert below_and_above()[0] > 0


@pytest.mark.parametrize("loss", ["cross-entropy", "logistic"])
@pytest.mark.parametrize("grid", [SHORT, MACHINE])
def test_brief_ends_are_those_of_the_models(loss: str, grid: Any) -> None:
    rng = np.random.default_rng(1)
    mid, slope = (rng.integers(-(1 << 20), 1 << 20, (5, 3)) for _ in range(2))
    y = np.eye(3)[rng.integers(0, 3, 5)] if loss == "cross-entropy" else np.sign(rng.normal(size=(5, 3)))
    residuals, named = Model(grid, mid, slope, rng.integers(0, 1 << 10, (5, 3)), -17), loss_named(loss)
    brief = named.brief_ends(residuals, y)
    assert brief is not None
    for end, true in zip(brief, named.ends(residuals, y), strict=True):
        assert true <= end <= true * (1 + fmpq(1, 1 << 27))


def test_where_one_is_no_word_there_is_no_brief_bound() -> None:
    one = np.ones((1, 2), dtype=np.int64)
    tiny = Model(MACHINE, one, one, one, -62)
    for loss, y in (("cross-entropy", np.eye(2)[:1]), ("logistic", np.ones((1, 2))), ("squared", np.ones((1, 2)))):
        assert loss_named(loss).brief_ends(tiny, y) is None
