"""Problems for every loss: targets of its kind, networks that fit them somewhat, or of any class and magnitude."""

from fractions import Fraction

import numpy as np

from numerics.arithmetic.rationals import Enclosure
from numerics.data import Data
from numerics.losses.loss import ParametrisedLoss, Targets
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED, families, loss_named
from numerics.networks.base import Network
from numerics.networks.parallel import Parallel
from numerics.networks.two_layer import TwoLayer
from numerics.routes.features import Features
from numerics.routes.readouts import refitted
from support.loss_oracles import LABELS, SIGNS, enclosed
from support.loss_segments import targets_of
from support.oracles import interpolate, outputs, rationals
from support.seeded_networks import problem

NAMES = tuple(f"{name}:1/2" if issubclass(one, ParametrisedLoss) else name for name, one in families().items())
OTHERS = tuple(name for name in NAMES if loss_named(name) != SQUARED)


def problem_of(name: str, *, points: int = 40, seed: int = 0) -> Problem:
    """Noisy targets of the kind that the loss is about, so that no readout of a few features is perfect."""
    rng, loss = np.random.default_rng(seed), loss_named(name)
    X = rng.standard_normal((points, 3))
    scores = np.stack([X[:, 0] + 0.5, np.abs(X[:, 1]), X[:, 2] - 0.5], axis=1) + rng.standard_normal((points, 3))
    if loss.targets is Targets.LABELS:
        return Problem(Data(X, scores.argmax(axis=1)), loss=loss)
    return Problem(Data(X, np.sign(scores) if loss.targets is Targets.SIGNS else scores), loss=loss)


def two_layer(seed: int, width: int = 6) -> TwoLayer:
    """Weights at random, three inputs and a bias, three outputs."""
    rng = np.random.default_rng(seed)
    W, V = rng.standard_normal((width, 4)), rng.standard_normal((3, width))
    return TwoLayer(W=W, V=V, c=rng.standard_normal(3), bias=True)


def fitted(seed: int, problem: Problem, width: int = 6) -> TwoLayer:
    """The same with a readout that was fitted."""
    start = two_layer(seed, width)
    end = refitted(start, Features.affecting_output(start, problem)).end
    return TwoLayer(W=end.W, V=end.V, c=end.c, bias=True)


def parallel(seed: int, problem: Problem, width: int = 6) -> Parallel:
    """A live branch of two layers beside a fitted readout; weights keep few bits."""
    rng, base = np.random.default_rng([seed, 1]), fitted(seed, problem, width)
    draw = [np.round(rng.standard_normal(size) * 8) / 32 for size in ((2, width), (2,), (2, 2), (2,), (3, 2))]
    return Parallel.of({**base.parameters(), **dict(zip(("A", "a", "B1", "b1", "U"), draw, strict=True))}, bias=True)


def drawn(rng: np.random.Generator, name: str) -> tuple[Network, Network, Data]:
    """Two networks of one space of any class and magnitude, and a few points with targets fit for the loss."""
    while True:
        start, end, data = problem(rng)
        if name in LABELS and data.Y.shape[1] < 2:
            continue
        return start, end, Data(data.X, fit(name, data.Y, rng))


def fit(name: str, Y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Targets of the loss's kind, of the same shape; those of any kind as they are."""
    return targets_of(name, len(Y), Y.shape[1], rng) if name in LABELS + SIGNS else Y


def loss_between(name: str, start: Network, end: Network, t: Fraction, data: Data) -> tuple[Fraction, Fraction]:
    """The oracle's, at a time of a segment, between two Fractions."""
    mixed = interpolate(start.parameters(), end.parameters(), t)
    return enclosed(name, outputs(mixed, start.kind, int(start.bias), data.X), rationals(data.Y))


def within(known: Enclosure, truth: tuple[Fraction, Fraction]) -> bool:
    """Whether the enclosure may contain what lies between the two; where they are one number, contains it."""
    return known.lower <= truth[1] and truth[0] <= known.top
