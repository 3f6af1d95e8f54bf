"""The straight line between two networks, which every answer is compared with."""

from __future__ import annotations

from fractions import Fraction

from numerics.losses.problem import Problem
from numerics.maxima.pieces import PathMaximum
from numerics.maxima.search import path_maximum
from numerics.networks.base import Network
from numerics.paths import polygon

TOLERANCE = Fraction(1, 1000)  # relative gap of its enclosed maximum
LIMIT = 500  # pieces spent on it


def straight_line(start: Network, end: Network, problem: Problem) -> PathMaximum:
    """The maximum over the straight line between two networks of one space, enclosed to `TOLERANCE`."""
    return path_maximum(polygon((start, end)), problem, tolerance=TOLERANCE, limit=LIMIT)
