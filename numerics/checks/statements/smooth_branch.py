"""T7V with a branch of rational functions: what emptying one of two neurons costs, at drawn times, in fractions.

The branch is q(a)_i = a_i/(1 + a_i^2): its slope is at most 1, and the slope of that at most 3/2 (exactly: 1.457...).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.arithmetic.norms import operator_norm
from numerics.arithmetic.positive import root_up
from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.checks.problems import states, with_targets
from numerics.checks.states import State, mean_square
from numerics.common.shown import Shown
from numerics.moves.mass import masses_of
from numerics.networks.readers import AnyArray, Weights
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.statements import smooth_branch

SLOPE_OF_THE_SLOPE = Fraction(3, 2)


@dataclass(frozen=True, eq=False)
class Smooth(Shown):
    """W, V, A and U of `start`, a PARALLEL network, with the smooth branch in the place of its own; two neurons."""

    start: State
    pair: tuple[int, int]
    times: tuple[Fraction, ...]


@st.composite
def networks(draw: st.DrawFn) -> Smooth:
    """PARALLEL with a live branch of one layer's width; the targets are often near the outputs."""
    start = draw(states(("parallel",), width=(2, 4), points=(1, 2)).filter(live))
    if draw(st.booleans()):
        near = np.array(outputs(start.weights, start.features), dtype=np.float64)
        start = State.of(start.network(), with_targets(start.data, near + draw(st.integers(-2, 2)) / 8))
    pair = draw(st.permutations(range(start.width)))[:2]
    return Smooth(start, (pair[0], pair[1]), (draw(times()), Fraction(1)))


def live(start: State) -> bool:
    """Whether U, of one layer, is not 0."""
    weights = start.weights
    return weights["U"].shape[1] == len(weights["A"]) and bool((weights["U"] != 0).any())


def outputs(weights: Weights, Z: AnyArray) -> AnyArray:
    """`V z + U q(A z)` (N, p) with the smooth q."""
    read = Z @ weights["A"].T
    found: AnyArray = Z @ weights["V"].T + (read / (1 + read * read)) @ weights["U"].T
    return found


def scaled(weights: Weights, factors: dict[int, Fraction]) -> Weights:
    """Columns of V and A times factors."""
    found = {name: weights[name].copy() for name in ("V", "A")}
    for array in found.values():
        for j, factor in factors.items():
            array[:, j] *= factor
    return {**weights, **found}


def climbs_little(problem: Smooth) -> Outcome:
    """The better of the two choices: the climb at all times looked at, against C s_i s_j; one of the two is empty."""
    start, (j, i) = problem.start, problem.pair
    weights, Z, targets = start.weights, start.features, start.targets
    outer = operator_norm(weights["U"]).upper
    each = masses_of("parallel", weights, (outer,)).each
    loss = mean_square(outputs(weights, Z) - targets)
    squares = [sum((v * v for v in x), Fraction(0)) for x in start.seen.tolist()]
    fourth = root_up(sum((value**2 for value in squares), Fraction(0)) / len(squares))
    constant = smooth_branch.smooth_constant(
        sigma_square=start.sigma.upper,
        root=root_up(loss),
        outer=outer,
        bend=SLOPE_OF_THE_SLOPE,
        fourth=fourth,
        branch=outer,
    )
    bound = smooth_branch.smooth_depth(constant, each[j], each[i])
    if not each[j] or not each[i]:
        dead = j if not each[j] else i
        choices = [{dead: Fraction(0)}]
    else:
        choices = [{j: Fraction(0), i: 1 + each[j] / each[i]}, {j: 1 + each[i] / each[j], i: Fraction(0)}]
    climbs = []
    for choice in choices:
        along = [scaled(weights, {k: 1 - t + t * factor for k, factor in choice.items()}) for t in problem.times]
        climbs.append(max(mean_square(outputs(there, Z) - targets) for there in along) - loss)
    numbers = {"C": constant, "s_j": each[j], "s_i": each[i]}
    kind = Facts(outputs=targets.shape[1] > 1, branch=True)
    return bounded(min(climbs), bound, kind, witness=Witness({"network": start.network()}, start.data, numbers))


CLAIM = (
    "PARALLEL with the branch q(a)_i = a_i/(1 + a_i^2), any theta, any two neurons: one of R7's two choices empties "
    "one of them with a climb of at most C s_i s_j at all times."
)

CHECKS = (about(STATEMENTS["T7V"], networks(), climbs_little, claim=CLAIM),)
