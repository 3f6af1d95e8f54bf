"""Long integers in limbs against FLINT's: the same outputs of every class, at every kind of time, in any blocks."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from flint import fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from numerics.checker import in_limbs, single
from numerics.checker.budget import Meter
from numerics.checker.effort import Budget
from numerics.checker.errors import Unusable
from numerics.checker.exact_pass import GraphPass, Over
from numerics.checker.foreseen import Foreseen
from numerics.checker.inputs import Data
from numerics.checker.limbs import Limbs
from numerics.checker.spaces import Space, parse_space

KINDS = ("two-layer", "parallel", "residual", "stream", "post", "plain")
SAMPLES = 7
Weights = dict[str, np.ndarray]


def shapes_of(kind: str) -> dict[str, tuple[int, ...]]:
    """Narrow networks, three layers deep where there is a branch; a stream has two blocks."""
    skip = {"W": (5, 4), "V": (2, 5), "c": (2,)}
    branch = {"A": (4, 5), "a": (4,), "B1": (3, 4), "b1": (3,)}
    if kind == "two-layer":
        return skip
    if kind == "plain":
        return {"W": (5, 4), **branch, "U": (2, 3), "c": (2,)}
    if kind == "parallel":
        return {**skip, **branch, "U": (2, 3)}
    if kind == "residual":
        return {**skip, **branch, "U": (5, 3)}
    return {**skip, **{f"blocks.{k}.{name}": shape for k in (0, 1) for name, shape in {**branch, "U": (5, 3)}.items()}}


def drawn(kind: str, seed: int, spread: int) -> tuple[Space, list[Weights], Data]:
    """Two ends and a control with floats of 53 bits, some 0, of exponents that differ by as much as `spread`."""
    rng, shapes = np.random.default_rng(seed), shapes_of(kind)

    def floats(shape: tuple[int, ...]) -> np.ndarray:
        found = rng.standard_normal(shape) * 2.0 ** rng.integers(-spread, spread + 1, shape)
        return np.where(rng.random(shape) < 0.1, 0.0, found)

    three = [{name: floats(shape) for name, shape in shapes.items()} for _ in range(3)]
    return parse_space(kind, 1, shapes), three, Data(floats((SAMPLES, 3)), floats((SAMPLES, 2)))


def rationals(space: Space, given: list[Weights], t: Fraction, data: Data, budget: Budget) -> list[Fraction]:
    """All f - y, in order; with three networks those on the arc."""
    control = given[2] if len(given) == 3 else None
    found = list(
        single.exact_residuals(space, given[0], given[1], fmpq(t.numerator, t.denominator), data, budget, control)
    )
    assert sum(len(targets) for targets, _ in found) == SAMPLES
    return [
        Fraction(int(entry)) * Fraction(int(one.unit.p), int(one.unit.q))
        for _, one in found
        for entry in one.matrix.entries.entries()
    ]


@settings(max_examples=15)
@given(
    st.sampled_from(KINDS),
    st.integers(0, 1 << 16),
    st.sampled_from([0, 3, 40]),
    st.booleans(),
    st.sampled_from([Fraction(0), Fraction(1), Fraction(1, 4), Fraction(5, 12)]),
)
@example("plain", 0, 0, False, Fraction(0))
@example("post", 1, 40, True, Fraction(5, 12))
def test_limbs_are_what_flint_says(kind, seed, spread, arc, t):
    """At a float's time, at thirds and on arcs; and blocks of two samples, looked at in threads."""
    space, three, data = drawn(kind, seed, spread)
    networks = three if arc else three[:2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(single, "_SHORT", 1 << 40)
        flint = rationals(space, networks, t, data, Budget())
        patch.setattr(single, "_MANY", 1)
        patch.setattr(single, "_rows_per_block", None)
        assert rationals(space, networks, t, data, Budget()) == flint
        patch.setattr(in_limbs, "_ROWS", 2)
        assert rationals(space, networks, t, data, Budget()) == flint


def test_a_limb_pass_that_errs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nothing is rectified, or the top limb is lost. Both make other outputs than FLINT's."""
    space, three, data = drawn("plain", 0, 0)
    true = rationals(space, three[:2], Fraction(1, 3), data, Budget())
    monkeypatch.setattr(single, "_MANY", 1)
    assert rationals(space, three[:2], Fraction(1, 3), data, Budget()) == true
    with monkeypatch.context() as patch:
        patch.setattr(Limbs, "relu", lambda self: self)
        assert rationals(space, three[:2], Fraction(1, 3), data, Budget()) != true
    honest = Limbs.times
    with monkeypatch.context() as patch:
        patch.setattr(Limbs, "times", lambda *both: Limbs(honest(*both).limbs[:-1], both[0].low + both[1].low))
        assert rationals(space, three[:2], Fraction(1, 3), data, Budget()) != true


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_pass_takes_is_foreseen(kind: str) -> None:
    """The limbs that there are lie within those that were predicted."""
    for seed, (spread, t) in product(range(3), [(0, fmpq(0)), (3, fmpq(5, 12)), (40, fmpq(1, 4))]):
        space, three, data = drawn(kind, seed, spread)
        data = data.seen_by_first_layer(1)
        weights = {
            key: in_limbs._weight([space.operands(one)[key] for one in three], t, row=space.is_row(key))
            for key in space.names
        }
        x, y = Limbs.of(data.x), Limbs.of(data.y)
        found = (true := GraphPass(weights, x)).plus(true.outputs(space), Over(y.scaled(-1), 1))
        meter = Meter()
        sizes = {
            name: Over(Foreseen.of(one.matrix, one.matrix.limbs.shape[1], meter), one.over)
            for name, one in weights.items()
        }
        here, targets = (Foreseen.of(one, SAMPLES, meter) for one in (x, y))
        predicted = (guess := GraphPass(sizes, here)).plus(guess.outputs(space), Over(targets.scaled(-1), 1))
        assert (predicted.matrix.rows, predicted.matrix.cols, predicted.over) == (SAMPLES, 2, found.over)
        assert predicted.matrix.low <= found.matrix.low
        assert found.matrix.low + len(found.matrix.limbs) <= predicted.matrix.top
        assert meter.work > 0


def test_too_little_memory_is_refused_and_a_little_suffices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer samples at once, the same numbers; where not even one fits there is no answer."""
    monkeypatch.setattr(single, "_MANY", 1)
    space, three, data = drawn("plain", 0, 0)
    whole, refused, met = rationals(space, three[:2], Fraction(1, 3), data, Budget()), 0, 0
    for memory in (1 << k for k in range(8, 22)):
        try:
            assert rationals(space, three[:2], Fraction(1, 3), data, Budget(memory)) == whole
            met += 1
        except Unusable:
            refused += 1
    assert refused
    assert met > 4


@pytest.mark.parametrize(("one", "other", "total"), [(1, 2, (3, 2)), (2, 1, (3, 2)), (2, 3, (5, 6)), (1, 1, (2, 1))])
def test_quotients_are_added_over_a_common_multiple(one: int, other: int, total: tuple[int, int]) -> None:
    """1 / one + 1 / other."""
    unit = Limbs.of(np.ones((1, 1)))
    found = GraphPass({}, unit).plus(Over(unit, one), Over(unit, other))
    assert (int(found.matrix.matrix().entries[0, 0]) * 2 ** found.matrix.matrix().extent.exponent, found.over) == total
