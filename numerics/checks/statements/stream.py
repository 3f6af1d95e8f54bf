"""T3: T1's path in a stream of residual blocks."""

from __future__ import annotations

from numerics.checks.check import about
from numerics.checks.climb import climbs
from numerics.checks.statements.residual import level
from theory.catalogue import STATEMENTS

CHECKS = (about(STATEMENTS["T3"], climbs(("stream",), (3, 6)), level),)
