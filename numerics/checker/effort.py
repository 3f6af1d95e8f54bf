"""Work, counted before it is done: a certificate of a few kilobytes may ask for more than a lifetime of it.

The unit is a *word operation*: one multiplication of machine words with what belongs to it, some nanoseconds whatever
the kind of segment. Longer integers take the product of their words. Verdicts do not depend on the allowance: it is
enough, and the verdict is what it is, or it is not, and there is none.
"""

from dataclasses import dataclass, field

from .errors import Unusable
from .files import DEFAULT_BUDGET

UNIT = 10**9
"""Word operations of one unit of `--effort`, about a second's work."""
DEFAULT_EFFORT = 2_000 * UNIT
# Bits of a machine word.
_WORD = 64


def words(bits: int) -> int:
    """Machine words of an integer with so many bits; at least one."""
    return 1 + bits // _WORD


@dataclass
class Effort:
    """Word operations that may be spent, and those that are."""

    allowed: int = DEFAULT_EFFORT
    spent: int = 0

    def charge(self, operations: int) -> None:
        """Account for work that comes next. Raises Unusable if it is more than what is left."""
        self.spent += operations
        if self.spent > self.allowed:
            raise Unusable(
                f"to check this certificate takes more than the {self.allowed / UNIT:.6g} billion word operations "
                f"allowed: raise --effort"
            )


@dataclass(frozen=True)
class Budget:
    """What a check may take: bytes at any one time, and word operations in all."""

    memory: int = DEFAULT_BUDGET
    effort: Effort = field(default_factory=Effort)

    def part(self, share: int) -> "Budget":
        """One of `share` equal parts of the memory; the work is counted together."""
        return Budget(self.memory // share, self.effort)
