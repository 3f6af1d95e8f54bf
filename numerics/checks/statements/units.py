"""U1 for channels and for deep branches, in fractions: one unit is emptied, one of a reference drawn into its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.checks.statements.one_slot import certainly_above
from numerics.checks.states import mean_square
from numerics.common.shown import Shown
from numerics.networks.readers import AnyArray
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.statements import one_slot, units

Feature = Callable[[AnyArray, AnyArray], AnyArray]
INPUTS = 3


@dataclass(frozen=True, eq=False)
class Sum(Shown):
    """Effects (N, p) of the units, and of those of a reference; targets; the unit that is emptied; a time."""

    effects: tuple[AnyArray, ...]
    reference: tuple[AnyArray, ...]
    targets: AnyArray
    unit: int
    time: Fraction
    kind: str


def channel(x: AnyArray, w: AnyArray) -> AnyArray:
    """A filter of two weights along the input: a rectified value for each of two places (N, 2)."""
    places = np.stack([x[:, k] * w[0] + x[:, k + 1] * w[1] for k in range(INPUTS - 1)], axis=1)
    return rectified(places)


def branch(x: AnyArray, w: AnyArray) -> AnyArray:
    """Two layers of two units with biases, their weights a list of fourteen (N, 2)."""
    first, second = w[:6].reshape(2, 3), w[8:12].reshape(2, 2)
    return rectified(rectified(x @ first.T + w[6:8]) @ second.T + w[12:14])


def rectified(values: AnyArray) -> AnyArray:
    found: AnyArray = np.maximum(values, values * 0)
    return found


def added(effects: tuple[AnyArray, ...]) -> AnyArray:
    """The sum of at least one effect."""
    total = effects[0]
    for effect in effects[1:]:
        total = total + effect
    return total


KINDS: dict[str, tuple[Feature, int]] = {"channels": (channel, 2), "branches": (branch, 14)}


@st.composite
def sums(draw: st.DrawFn) -> Sum:
    """Two or three units and as many in the reference. Targets make f - y orthogonal to one unit, if they can."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    feature, size = KINDS[kind]
    entries = st.integers(-3, 3).map(Fraction)

    def array(*shape: int) -> AnyArray:
        count = int(np.prod(shape))
        return np.array(draw(st.lists(entries, min_size=count, max_size=count)), dtype=object).reshape(shape)

    N, p = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    x = array(N, INPUTS)

    def some(count: int) -> tuple[AnyArray, ...]:
        return tuple(feature(x, array(size)) @ array(p, 2).T for _ in range(count))

    own, other = some(draw(st.integers(2, 3))), some(draw(st.integers(1, 3)))
    unit, residual = draw(st.integers(0, len(own) - 1)), array(N, p)
    if draw(st.booleans()):
        residual = added(own) - added(other)  # the targets are those of the reference
    h = own[unit]
    square = (h * h).sum()
    if square and draw(st.booleans()):
        residual = residual - h * ((residual * h).sum() / square)
    return Sum(own, other, added(own) - residual, unit, draw(times()), kind)


def leads_down(problem: Sum) -> Outcome:
    """Where the loss is stationary along h_u emptying climbs at most ||h_u||^2, and above the threshold a draw ends
    lower; where it is not, a step along h_u lowers the loss.
    """
    f, h, targets = added(problem.effects), problem.effects[problem.unit], problem.targets
    loss, bound = mean_square(f - targets), units.least_effect([mean_square(h)])
    slope = ((f - targets) * h).sum()
    goal = added(problem.reference)
    goal_loss = mean_square(goal - targets)
    kind = Facts(outputs=targets.shape[1] > 1)
    numbers = {"L": loss, "L*": goal_loss, "time": problem.time}
    if slope:
        step = slope / ((h * h).sum() + 1)
        lower = mean_square(f - step * h - targets) < loss
        return bounded(Fraction(0), bound, kind, besides=lower, witness=Witness(numbers=numbers))
    free = f - h
    seen = [mean_square(f - t * h - targets) for t in (problem.time, Fraction(1))]
    spreads = [root_up(mean_square(one)) for one in problem.reference]
    total = sum(spreads, Fraction(0))
    leads = True
    if certainly_above(loss, goal_loss, total, bound):
        share = one_slot.best_share(
            free_loss=mean_square(free - targets),
            reference_loss=goal_loss,
            variance=total**2 - mean_square(goal),
            distance_square=mean_square(free - goal),
        )
        ends = [(1 - share) * free]
        pairs = zip(problem.reference, spreads, strict=True)
        ends += [(1 - share) * free + share * (total / size) * one for one, size in pairs if size]
        best = min(ends, key=lambda end: mean_square(end - targets))
        seen += [mean_square(free + t * (best - free) - targets) for t in (problem.time, Fraction(1))]
        leads = seen[-1] < loss
    return bounded(max(seen) - loss, bound, kind, besides=leads, witness=Witness(numbers=numbers))


CHECKS = (about(STATEMENTS["U1"], sums(), leads_down, tight=True),)
