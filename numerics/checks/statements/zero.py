"""R0: the path through a constant output, against its level."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import Climb, arrived, facts, highest, references_of, retargeted
from numerics.checks.problems import SKIP, states
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.losses import target_sums
from numerics.losses.problem import Problem
from numerics.moves.merging import pruned
from numerics.networks.readers import has_stream, returns
from numerics.networks.two_layer import TwoLayer
from numerics.routes.zero import zero_to_reference
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.statements import zero


@dataclass(frozen=True, eq=False)
class Asked(Shown):
    """From `start` to a two-layer reference of at most its width."""

    start: State
    reference: TwoLayer
    times: tuple[Fraction, ...]

    @property
    def corners(self) -> tuple[State, ...]:
        """The route's in TWO-LAYER and PARALLEL; in a stream V to 0, blocks off and rows loaded, V to the reference."""
        if not has_stream(self.start.kind):
            path = zero_to_reference(self.start.network(), self.reference, Problem(self.start.data)).path
            return tuple(State.of(corner, self.start.data) for corner in path.corners)
        down = self.start.then({"V": self.start.weights["V"] * 0})
        off = down.then({name: down.weights[name] * 0 for name in returns(down.kind, down.weights)})
        slots = range(self.reference.width)
        climb = Climb(self.start, self.reference, pruned(self.start.weights["W"], slots), self.times)
        return self.start, down, off, *arrived(off, climb)


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """Any class with a readout."""
    start = draw(states(SKIP))
    reference = draw(references_of(start, start.width))
    return Asked(draw(retargeted(start, reference)), reference, (draw(times()),))


def silent(corner: State) -> bool:
    """Whether the output is constant because nothing but an output bias reaches it."""
    returned = (corner.weights["U"] != 0).any() if corner.kind == "parallel" else False
    return not returned and not (corner.weights["V"] != 0).any()


def within(problem: Asked) -> Outcome:
    """The highest loss seen, at corners and between, against max(L, L_0, L(g*)); `L_0` is the used constant's."""
    start, corners = problem.start, problem.corners
    squares, sums = target_sums(Problem(start.data))
    N = start.data.size
    flat = next(corner for corner in corners if silent(corner))
    constant = flat.outputs[0].tolist()
    off = sum(((c - total / N) ** 2 for c, total in zip(constant, sums, strict=True)), Fraction(0))
    zero_loss = zero.zero_loss(N, squares, sums, output_bias=True) + off
    goal = State.of(problem.reference, start.data).loss
    networks = {"network": start.network(), "reference": problem.reference}
    return bounded(
        highest(corners, problem.times),
        zero.level(start.loss, goal, zero_loss),
        facts(start, corners[-1]),
        besides=corners[-1].loss == goal,
        witness=Witness(networks, start.data, {"L_0": zero_loss}),
    )


CHECKS = (about(STATEMENTS["R0"], asked(), within),)
