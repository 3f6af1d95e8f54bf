"""L6 [ours]: the lightest few of many weigh at most their share."""

from collections.abc import Callable
from fractions import Fraction

import z3
from sympy import Ge, Le

from theory.arguments import formal, part, sampled, smt
from theory.exact import Rational, evaluate_rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import M, S, l_, light

SHARE = l_ / M * S
"""What the l lightest of M weigh at most."""


STATEMENTS = (
    Statement(
        id="L6",
        title="The lightest weigh their share",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "written out here; an averaging argument"),),
        claim="Of M >= l candidates with masses >= 0 and total mass at most S, the l lightest weigh at most (l/M) S.",
        formulas=(Formula(Le(light, SHARE), (Ge(M, l_),)),),
        depends_on=(),
        not_covered="Any l of them, unless they are the lightest. Negative masses.",
        note="Equality where all masses are equal.",
    ),
)


def share(*, mass: Rational, neurons: int, candidates: int) -> Fraction:
    """(l/M) S exactly. Raises ValueError if there are fewer candidates than l."""
    if candidates < neurons:
        raise ValueError(f"L6 needs M >= l, got M = {candidates}, l = {neurons}")
    return evaluate_rational(SHARE, {l_: neurons, M: candidates, S: mass})


def lightest() -> ProofResult:
    """L6: `low` the weight of the l lightest, each at most `level`, each of the other M - l at least `level`."""
    low, total, level, few, many = z3.Reals("low S level l M")
    return prove(
        "L6",
        many * low <= few * total,
        assuming=(few >= 1, many >= few, level >= 0, low <= few * level, total >= low + (many - few) * level),
        scope="all reals; that such a level exists (the heaviest of the l lightest) is the note's",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (lightest,)

ARGUMENTS = (part("L6", *smt(lightest), remains="that a level between the l lightest and the others exists"),)

FORMAL = (formal("L6", "selection.L6_selection"),)

INSTANCES = (sampled("L6"),)
