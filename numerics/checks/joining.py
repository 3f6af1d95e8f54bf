"""A route between two networks of one shape whose level is its highest corner: corner by corner and between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, bounded
from numerics.checks.climb import facts, highest
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.routes.candidate import Candidate
from numerics.testing import partners, times
from theory import corners as theory

Between = Callable[[Network, Network, Problem], Candidate]


@dataclass(frozen=True, eq=False)
class Joining(Shown):
    """From `start` to another network of its shape; segments are looked at at `times`."""

    start: State
    end: Network
    times: tuple[Fraction, ...]


@st.composite
def joinings(draw: st.DrawFn, starts: st.SearchStrategy[State]) -> Joining:
    """A drawn start, and any other network of its shape."""
    start = draw(starts)
    return Joining(start, draw(partners(start.network())), (draw(times()),))


def below_corners(route: Between, problem: Joining) -> Outcome:
    """The highest loss seen in fractions; the corners' losses come from integer limbs."""
    data = problem.start.data
    path = route(problem.start.network(), problem.end, Problem(data)).path
    corners = [State.of(corner, data) for corner in path.corners]
    level = theory.highest(exact_losses(path.corners, Problem(data))) if path.segments else problem.start.loss
    arrives = path.end.identical(problem.end)
    networks = {"network": path.start, "end": problem.end}
    kind = facts(corners[0], corners[-1], level=level, reference_loss=corners[-1].loss)
    return bounded(highest(corners, problem.times), level, kind, besides=arrives, witness=Witness(networks, data))
