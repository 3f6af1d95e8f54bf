"""R5: outputs on the data while all neurons but a column basis of the features are freed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.arithmetic.bases import exact_basis
from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts
from numerics.checks.problems import FLAT, states
from numerics.checks.states import State, change
from numerics.common.shown import Shown
from numerics.moves.rank import reduced
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.statements import rank


@dataclass(frozen=True, eq=False)
class Reducing(Shown):
    """Neurons enter the basis in `order`; outputs are measured at `t` and at the end."""

    start: State
    order: tuple[int, ...]
    t: Fraction


@st.composite
def reducings(draw: st.DrawFn) -> Reducing:
    """One or two points, so that there are dependent features."""
    start = draw(states(FLAT, width=(2, 5)))
    return Reducing(start, tuple(draw(st.permutations(range(start.width)))), draw(times()))


def unchanged(problem: Reducing) -> Outcome:
    """`f` on the data stays, nothing reads the freed, and these are as many as theory's rank leaves."""
    start = problem.start
    basis = exact_basis(start.features, problem.order)
    end = start.then(reduced(start.kind, start.weights, basis, basis.rest))
    measured = max(change(start, start.toward(end, problem.t)), change(start, end))
    count = rank.feature_rank(start.features.tolist())
    witness = Witness({"network": start.network()}, start.data, {"t": problem.t, "rank": Fraction(count)})
    enough = len(basis.rest) == start.width - count and end.unread(basis.rest)
    return bounded(measured, Fraction(0), facts(start, end), besides=enough, witness=witness)


CHECKS = (about(STATEMENTS["R5"], reducings(), unchanged),)
