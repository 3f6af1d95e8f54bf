"""T6: the bridge between two networks, TWO-LAYER or PARALLEL, against its corners."""

from __future__ import annotations

from functools import partial

from numerics.checks.check import about
from numerics.checks.joining import below_corners, joinings
from numerics.checks.problems import FLAT, states
from numerics.routes.bridge import bridge
from theory.catalogue import STATEMENTS

CHECKS = (about(STATEMENTS["T6"], joinings(states(FLAT)), partial(below_corners, bridge)),)
