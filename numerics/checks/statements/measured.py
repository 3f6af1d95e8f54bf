"""RM: the measured deviation of one fused merge, against the outputs' change and against D(J)."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from numerics.arithmetic.positive import root_down
from numerics.checks.check import Outcome, about, bounded
from numerics.checks.climb import deviation, facts
from numerics.checks.problems import FLAT, states
from numerics.checks.statements.perturb import Leaving
from numerics.checks.states import change
from numerics.moves.merge import fused
from numerics.moves.merging import projected
from numerics.testing import assignments, times
from theory.catalogue import STATEMENTS
from theory.statements import connectivity, measured


@st.composite
def projections(draw: st.DrawFn) -> Leaving:
    """TWO-LAYER and PARALLEL."""
    start = draw(states(FLAT))
    return Leaving(start, projected(start.weights["W"], draw(assignments(range(start.width)))), draw(times()))


def within(problem: Leaving) -> Outcome:
    """`||f_t - f_0|| <= t D`, `D <= D(J)`; and with `Lambda = 0` both sides are equal."""
    start, t = problem.start, problem.t
    end = start.then(fused(start.kind, start.weights, problem.merging))
    gram = (start.features.T @ start.features / start.data.size).tolist()
    changes = {name: (end.weights[name] - start.weights[name]).tolist() for name in ("V", "A") if name in end.weights}
    slope = max(start.masses.lambdas, default=Fraction(0))
    D = measured.deviation(readout_change=changes["V"], gram=gram, branch_change=changes.get("A"), slope=slope)
    squares = [measured.squared_norm(B, gram) for B in changes.values()]
    least = root_down(squares[0]) + (slope * root_down(squares[1]) if slope else 0)
    there = start.toward(end, t)
    actual = change(start, there)
    exact = bool(slope) or actual == t**2 * squares[0]
    level = connectivity.level_upper(loss=start.loss, deviation=D, reference_loss=Fraction(0))
    return bounded(
        actual,
        (t * D) ** 2,
        facts(start, there, level=level, reference_loss=Fraction(0)),
        squares=True,
        besides=exact and least <= deviation(start, problem.merging),
        witness=problem.witness(end),
    )


CHECKS = (about(STATEMENTS["RM"], projections(), within, tight=True),)
