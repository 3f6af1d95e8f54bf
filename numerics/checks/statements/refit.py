"""R6: the refit path, corner by corner and between, against its level."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts, highest, references_of, retargeted
from numerics.checks.problems import FLAT, states
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Path
from numerics.routes.refit import refit_to_reference
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.statements import refit


@dataclass(frozen=True, eq=False)
class Asked(Shown):
    """From `start` to a two-layer reference."""

    start: State
    reference: TwoLayer
    times: tuple[Fraction, ...]

    @property
    def path(self) -> Path:
        return refit_to_reference(self.start.network(), self.reference, Problem(self.start.data)).path


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """TWO-LAYER and PARALLEL."""
    start = draw(states(FLAT))
    reference = draw(references_of(start, start.width - 1))
    return Asked(draw(retargeted(start, reference)), reference, (draw(times()),))


def within(problem: Asked) -> Outcome:
    """The highest loss seen in fractions; the refits' losses come from integer limbs."""
    start, path = problem.start, problem.path
    corners = [State.of(corner, start.data) for corner in path.corners]
    losses = exact_losses(path.corners, Problem(start.data))
    goal = State.of(problem.reference, start.data).loss
    level = refit.level(losses[0], max(losses[1:-1], default=goal), goal)
    kind = facts(start, corners[-1], level=level, reference_loss=goal)
    networks = {"network": start.network(), "reference": problem.reference}
    return bounded(highest(corners, problem.times), level, kind, witness=Witness(networks, start.data))


CHECKS = (about(STATEMENTS["R6"], asked(), within),)
