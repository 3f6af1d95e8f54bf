"""Statement by statement, measured value and bound side by side, from code that shares nothing.

`CHECKS` has them by id; `RUNNERS` gives `theory`'s ledger its evidence by name.
"""

from numerics.checks.check import Check, Facts, Outcome, Witness, about, bounded
from numerics.checks.registry import CHECKS, RUNNERS

__all__ = ["CHECKS", "RUNNERS", "Check", "Facts", "Outcome", "Witness", "about", "bounded"]
