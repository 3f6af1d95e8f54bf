"""What came of a machine proof: a verdict that belongs to one printed claim with one scope."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction


class Verdict(Enum):
    """UNDECIDED is neither of the others: never branch on the negation of one of them."""

    PROVED = "PROVED"
    REFUTED = "REFUTED"
    UNDECIDED = "UNDECIDED"


class Method(Enum):
    """How a piece of evidence comes about, and with it what is trusted."""

    FORMAL = "formal"
    """A Coq theorem of `proofs_notes/formal`, compiled."""
    IDENTITY = "identity"
    """sympy reduces a difference to 0."""
    SMT = "smt"
    """z3: the negation has no solution."""
    BALL = "ball"
    """A FLINT enclosure decides."""
    EXACT = "exact"
    """A construction in rationals, re-evaluated."""
    SAMPLED = "sampled"
    """Random examples: they can only refute."""


class Reach(Enum):
    """What a piece of evidence ranges over. No status exceeds it: see `ledger`."""

    GIVEN = "given objects"
    """One instance, drawn ones, or a list such as d = 1..100."""
    START = "the start of an induction"
    """Given objects too, of use only beside the step."""
    SCALARS = "scalars"
    """All reals (or integers) in the place of a statement's vectors, laws and paths."""
    FORMULAS = "all values of the symbols"
    """Closed forms, for every value of their symbols."""
    ALL = "all dimensions"
    """Everything that the statement speaks of."""


@dataclass(frozen=True)
class ProofResult:
    """What a prover found about `claim`, a part of the statement with id `statement`.

    `claim` is printed from the formula that the prover saw, `scope` says what the variables range over and
    what is left to the statement's note. `witness` is a counterexample, exact, and empty unless the verdict
    is REFUTED. PROVED establishes `claim` in `scope`, never the whole statement. A prover of `theory` says with
    `method` which one it is.
    `reach` is as little as possible unless the prover vouches for more.
    """

    statement: str
    claim: str
    scope: str
    verdict: Verdict
    witness: Mapping[str, Fraction] = field(default_factory=dict)
    method: Method | None = None
    reach: Reach = Reach.GIVEN
