"""T3: T1's path in a stream of residual blocks."""

from __future__ import annotations

from numerics.checks.check import Check
from numerics.checks.climb import climbs
from numerics.checks.residual import level
from theory.catalogue import STATEMENTS

CHECKS = (Check("T3", STATEMENTS["T3"].claim, STATEMENTS["T3"].kind, climbs(("stream",), (3, 6)), level),)
