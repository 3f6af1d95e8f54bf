"""T9: the route through half of every layer, corner by corner and between, against its corners."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts, highest
from numerics.checks.problems import states
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.plain import Plain
from numerics.routes.chains import layers_of
from numerics.routes.half_width import half_width as route
from numerics.testing import partners, times
from theory.catalogue import STATEMENTS
from theory.statements import half_width


@dataclass(frozen=True, eq=False)
class Asked(Shown):
    """From `start` to another chain of its shape."""

    start: State
    end: Network
    times: tuple[Fraction, ...]


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """Chains with at least two units in every hidden layer."""
    start = draw(states((Plain.kind,), width=(2, 5)))
    assume(all(len(start.network().parameters()[one.matrix]) > 1 for one in layers_of(start.network())))
    return Asked(start, draw(partners(start.network())), (draw(times()),))


def within(problem: Asked) -> Outcome:
    """The highest loss seen in fractions; the corners' losses come from integer limbs."""
    data = problem.start.data
    path = route(problem.start.network(), problem.end, Problem(data)).path
    corners = [State.of(corner, data) for corner in path.corners]
    level = half_width.level(exact_losses(path.corners, Problem(data))) if path.segments else problem.start.loss
    arrives = path.end.identical(problem.end)
    networks = {"network": path.start, "end": problem.end}
    kind = facts(corners[0], corners[-1], level=level, reference_loss=corners[-1].loss)
    return bounded(highest(corners, problem.times), level, kind, besides=arrives, witness=Witness(networks, data))


CHECKS = (about(STATEMENTS["T9"], asked(), within),)
