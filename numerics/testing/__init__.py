"""Hypothesis strategies for networks, data, moves and paths: public, for whoever wants to test a statement."""

from numerics.testing.graphs import graphs
from numerics.testing.moves import assignments, mergings
from numerics.testing.networks import (
    branches,
    matrices,
    networks,
    parallels,
    partners,
    plains,
    posts,
    references_for,
    residuals,
    streams,
    two_layers,
    weights,
)
from numerics.testing.paths import data_for, paths, times

__all__ = [
    "assignments",
    "branches",
    "data_for",
    "graphs",
    "matrices",
    "mergings",
    "networks",
    "parallels",
    "partners",
    "paths",
    "plains",
    "posts",
    "references_for",
    "residuals",
    "streams",
    "times",
    "two_layers",
    "weights",
]
