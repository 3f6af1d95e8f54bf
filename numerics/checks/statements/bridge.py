"""T6: the bridge between two networks, corner by corner and between, against its corners."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts, highest
from numerics.checks.problems import FLAT, states
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.routes.bridge import bridge as route
from numerics.testing import partners, times
from theory.catalogue import STATEMENTS
from theory.statements import bridge


@dataclass(frozen=True, eq=False)
class Asked(Shown):
    """From `start` to another network of its shape."""

    start: State
    end: Network
    times: tuple[Fraction, ...]


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """TWO-LAYER and PARALLEL."""
    start = draw(states(FLAT))
    return Asked(start, draw(partners(start.network())), (draw(times()),))


def within(problem: Asked) -> Outcome:
    """The highest loss seen in fractions; the corners' losses come from integer limbs."""
    data = problem.start.data
    path = route(problem.start.network(), problem.end, Problem(data)).path
    corners = [State.of(corner, data) for corner in path.corners]
    level = bridge.level(exact_losses(path.corners, Problem(data))) if path.segments else problem.start.loss
    arrives = path.end.identical(problem.end)
    networks = {"network": path.start, "end": problem.end}
    kind = facts(corners[0], corners[-1], level=level, reference_loss=corners[-1].loss)
    return bounded(highest(corners, problem.times), level, kind, besides=arrives, witness=Witness(networks, data))


CHECKS = (about(STATEMENTS["T6"], asked(), within),)
