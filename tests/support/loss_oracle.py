"""Every loss once more, at 60 digits, from exact outputs: by its definition, and no line of the package's."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import mpmath
import numpy as np

from numerics.arithmetic.rationals import Enclosure
from numerics.data import Data
from numerics.losses.loss import Loss, Targets
from numerics.networks.base import Network
from support.oracles import interpolate, outputs
from support.seeded_networks import problem

NAMES = ("squared", "absolute", "huber:1/3", "hinge", "multi-hinge", "logistic", "cross-entropy")
RATIONAL = NAMES[:5]
DIGITS = 60
CLOSE = mpmath.mpf(10) ** -50  # relative: of the last ten digits nothing is said


def drawn(rng: np.random.Generator, loss: Loss) -> tuple[Network, Network, Data]:
    """Two networks of one space of any class and magnitude, and a few points with targets fit for the loss."""
    while True:
        start, end, data = problem(rng)
        if loss.targets is Targets.LABELS and data.Y.shape[1] < 2:
            continue
        return start, end, Data(data.X, targets(rng, loss, data.Y))


def targets(rng: np.random.Generator, loss: Loss, Y: np.ndarray) -> np.ndarray:
    """Targets of the loss's kind, of the same shape; those of any kind as they are."""
    if loss.targets is Targets.SIGNS:
        return rng.choice([-1.0, 1.0], Y.shape)
    return np.eye(Y.shape[1])[rng.integers(0, Y.shape[1], len(Y))] if loss.targets is Targets.LABELS else Y


def loss_between(name: str, start: Network, end: Network, t: Fraction, data: Data) -> mpmath.mpf:
    """At a time of a segment."""
    mixed = interpolate(start.parameters(), end.parameters(), t)
    return mean(name, outputs(mixed, start.kind, int(start.bias), data.X), data.Y)


def mean(name: str, f: Sequence[Sequence[Fraction]], Y: np.ndarray) -> mpmath.mpf:
    """Of the losses of all samples; at 60 digits, relatively, as no term is negative."""
    with mpmath.workdps(DIGITS):
        rows = [[Fraction(float(y)) for y in row] for row in Y]
        return mpmath.fsum(one(name, row, y) for row, y in zip(f, rows, strict=True)) / len(rows)


def one(name: str, f: Sequence[Fraction], y: Sequence[Fraction]) -> mpmath.mpf:
    """Of one sample."""
    family, _, parameter = name.partition(":")
    pairs = list(zip(f, y, strict=True))
    if family == "logistic":
        return mpmath.fsum(_softplus(-a * b) for a, b in pairs)
    if family == "cross-entropy":
        margins = [a - f[y.index(1)] for a in f]
        highest = margins.index(max(margins))
        rest = [a - margins[highest] for k, a in enumerate(margins) if k != highest]
        return mpf(margins[highest]) + mpmath.log1p(mpmath.fsum(mpmath.exp(mpf(a)) for a in rest))
    if family == "multi-hinge":
        return mpf(max([Fraction(0)] + [1 + a - f[y.index(1)] for a, b in pairs if b == 0]))
    if family == "hinge":
        return mpf(sum((max(Fraction(0), 1 - a * b) for a, b in pairs), Fraction(0)))
    residuals = [abs(a - b) for a, b in pairs]
    if family == "huber":
        return mpf(sum((_huber(u, Fraction(parameter)) for u in residuals), Fraction(0)))
    return mpf(sum((u if family == "absolute" else u * u for u in residuals), Fraction(0)))


def _softplus(u: Fraction) -> mpmath.mpf:
    return mpf(max(u, Fraction(0))) + mpmath.log1p(mpmath.exp(mpf(-abs(u))))


def _huber(u: Fraction, delta: Fraction) -> Fraction:
    return u * u / 2 if u <= delta else delta * (u - delta / 2)


def mpf(value: Fraction) -> mpmath.mpf:
    """At the digits that are set."""
    return mpmath.mpf(value.numerator) / value.denominator


def within(known: Enclosure, truth: mpmath.mpf) -> bool:
    """Whether the enclosure contains the number, but for its last digits."""
    with mpmath.workdps(DIGITS):
        return bool(mpf(known.lower) <= truth * (1 + CLOSE) and truth * (1 - CLOSE) <= mpf(known.top))
