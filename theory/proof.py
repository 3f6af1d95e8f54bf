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


@dataclass(frozen=True)
class ProofResult:
    """What a prover found about `claim`, a part of the statement with id `statement`.

    `claim` is printed from the formula that the prover saw, `scope` says what the variables range over and
    what is left to the statement's note. `witness` is a counterexample, exact, and empty unless the verdict
    is REFUTED. PROVED establishes `claim` in `scope`, never the whole statement.
    """

    statement: str
    claim: str
    scope: str
    verdict: Verdict
    witness: Mapping[str, Fraction] = field(default_factory=dict)
