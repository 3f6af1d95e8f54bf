"""L4: outputs while the centres take over what reads their copies."""

from __future__ import annotations

from fractions import Fraction

from numerics.checks.check import Outcome, about, bounded
from numerics.checks.climb import facts
from numerics.checks.statements.perturb import Leaving, leavings
from numerics.checks.states import change
from numerics.moves.transfer import transferred
from numerics.networks.readers import has_stream
from theory.catalogue import STATEMENTS


def unchanged(problem: Leaving, kind: str | None = None) -> Outcome:
    """`f` at `t` and at the end is what it was, and the end is as said; `kind`: the class whose transfer is used."""
    ready, leaving = problem.moved, problem.merging.leaving
    end = ready.then(transferred(kind or ready.kind, ready.weights, problem.merging))
    measured = max(change(ready, ready.toward(end, problem.t)), change(ready, end))
    gone = not (end.weights["W"][leaving] != 0).any() if has_stream(ready.kind) else end.unread(leaving)
    kind_ = facts(ready, ready.toward(end, problem.t))
    return bounded(measured, Fraction(0), kind_, besides=gone, witness=problem.witness(end))


CHECKS = (about(STATEMENTS["L4"], leavings(), unchanged),)
