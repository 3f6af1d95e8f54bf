"""The straight line between two networks, which every answer is compared with."""

from __future__ import annotations

from fractions import Fraction

from numerics.losses.problem import Problem
from numerics.maxima.pieces import PathMaximum
from numerics.maxima.search import path_maximum
from numerics.networks.base import Network
from numerics.paths import polygon

TOLERANCE = Fraction(1, 1000)  # relative gap of its enclosed maximum
COARSE = Fraction(1, 100)  # the same where a piece takes long: the line is no more than what a path is compared with
LARGE = 1 << 29  # products of weights and samples in a forward pass that takes long
LIMIT = 500  # pieces spent on it


def straight_line(start: Network, end: Network, problem: Problem) -> PathMaximum:
    """The maximum over the straight line between two networks of one space, enclosed to a thousandth of itself, or of
    large networks on many samples to a hundredth.
    """
    products = problem.size * sum(array.size for array in start.parameters().values())
    tolerance = TOLERANCE if products <= LARGE else COARSE
    return path_maximum(polygon((start, end)), problem, tolerance=tolerance, limit=LIMIT)
