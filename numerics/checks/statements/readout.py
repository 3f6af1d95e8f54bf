"""L7: outputs, loss and mass along a line of the readout."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts
from numerics.checks.problems import DRAWN, states
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.moves.readout import readout_of
from numerics.networks.readers import adds_linearly
from numerics.testing import partners, times
from theory.catalogue import STATEMENTS


@dataclass(frozen=True, eq=False)
class Line(Shown):
    """A straight line of the readout, and a time on it."""

    start: State
    end: State
    t: Fraction


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """From a network of any class to the readout of another."""
    start = draw(states(tuple(DRAWN)))
    network = start.network()
    end = readout_of(network, draw(partners(network))).end
    return Line(start, State.of(end, start.data), draw(times()))


def convex(problem: Line) -> Outcome:
    """`f` affine, the loss below its chord and hence below its larger end, `S` below its chord."""
    start, end, t = problem.start, problem.end, problem.t
    there = start.toward(end, t)
    affine = bool((there.outputs == (1 - t) * start.outputs + t * end.outputs).all())
    chord = there.loss <= (1 - t) * start.loss + t * end.loss
    weighed = "V" in start.weights and adds_linearly(start.kind)
    mass = not weighed or there.mass.lower <= (1 - t) * start.mass.upper + t * end.mass.upper
    networks = {"network": start.network(), "end": end.network()}
    witness = Witness(networks, start.data, {"t": t})
    bound = max(start.loss, end.loss)
    return bounded(there.loss, bound, facts(start, there), besides=affine and chord and mass, witness=witness)


CHECKS = (about(STATEMENTS["L7"], lines(), convex),)
