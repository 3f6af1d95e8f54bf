"""Hypothesis strategies for networks, data and paths: public, for whoever wants to test a statement of their own."""

from numerics.testing.networks import (
    branches,
    matrices,
    networks,
    parallels,
    partners,
    plains,
    references_for,
    residuals,
    streams,
    two_layers,
    weights,
)
from numerics.testing.paths import data_for, paths, times

__all__ = [
    "branches",
    "data_for",
    "matrices",
    "networks",
    "parallels",
    "partners",
    "paths",
    "plains",
    "references_for",
    "residuals",
    "streams",
    "times",
    "two_layers",
    "weights",
]
