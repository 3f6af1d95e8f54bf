"""Seeded random networks of all classes, data and segments, small enough for exact fractions; numpy alone."""

from fractions import Fraction

import numpy as np

from numerics.data import Data
from numerics.networks.base import Network
from numerics.networks.classes import network_of
from numerics.networks.forward import outputs
from support.oracles import CLASSES, exact_loss, interpolate

MAGNITUDES = ("narrow", "ordinary", "wide", "subnormal", "huge biases")


def array(rng: np.random.Generator, shape: tuple[int, ...], magnitude: str, *, bias: bool = False) -> np.ndarray:
    """Multiples of 1/4 with zeros, ordinary numbers, magnitudes 1e-20 to 1e20, now and then subnormal, biases 1e12."""
    narrow = rng.integers(-8, 9, shape) / 4.0
    if magnitude == "narrow":
        return np.where(rng.random(shape) < 0.2, 0.0, narrow)
    normal = rng.standard_normal(shape)
    if magnitude == "wide":
        return normal * 10.0 ** rng.integers(-20, 21, shape)
    if magnitude == "subnormal":
        return np.where(rng.random(shape) < 0.4, rng.integers(-9, 10, shape) * 2.0**-1074, normal)
    if magnitude == "huge biases":
        return normal * (1e12 if bias else 1e-6)
    return normal


def parameters(
    rng: np.random.Generator, kind: str, bias: bool, magnitude: str, n: int, p: int
) -> dict[str, np.ndarray]:
    """Widths 1 to 3, one to three layers in each branch, one or two blocks, biases at random."""

    def matrix(rows: int, columns: int) -> np.ndarray:
        return array(rng, (rows, columns), magnitude)

    def branch(prefix: str, rows_of_U: int) -> dict[str, np.ndarray]:
        found, before = {}, m
        for k in range(int(rng.integers(1, 4))):
            r = int(rng.integers(1, 4))
            found[f"{prefix}A" if k == 0 else f"{prefix}B{k}"] = matrix(r, before)
            if rng.random() < 0.5:
                found[f"{prefix}a" if k == 0 else f"{prefix}b{k}"] = array(rng, (r,), magnitude, bias=True)
            before = r
        return {**found, f"{prefix}U": matrix(rows_of_U, before)}

    m = int(rng.integers(1, 4))
    named = {"W": matrix(m, n + bias)}
    if kind != "plain":
        named["V"] = matrix(p, m)
    if kind in ("stream", "post"):
        for k in range(int(rng.integers(1, 3))):
            named |= branch(f"blocks.{k}.", m)
    elif kind != "two-layer":
        named |= branch("", m if kind == "residual" else p)
    if rng.random() < 0.5:
        named["c"] = array(rng, (p,), magnitude, bias=True)
    return named


def problem(
    rng: np.random.Generator, *, kind: str | None = None, magnitude: str | None = None
) -> tuple[Network, Network, Data]:
    """Two networks of one space (some parameters shared by both, some zero), and one to three points.

    Every third data set has the first network's float64 outputs for targets: its exact loss is rounding alone.
    """
    kind = CLASSES[rng.integers(0, len(CLASSES))] if kind is None else kind
    magnitude = MAGNITUDES[rng.integers(0, len(MAGNITUDES))] if magnitude is None else magnitude
    n, p, bias = int(rng.integers(1, 3)), int(rng.integers(1, 3)), bool(rng.random() < 0.5)
    start = parameters(rng, kind, bias, magnitude, n, p)
    end = {}
    for name, here in start.items():
        there = array(rng, here.shape, magnitude, bias=here.ndim == 1)
        end[name] = (there, there, there, here, here + there * 2.0**-20, np.zeros_like(here))[rng.integers(0, 6)]
    N = int(rng.integers(1, 4))
    X = array(rng, (N, n), "narrow" if magnitude == "narrow" else "ordinary")
    first, second = (network_of(kind, named, bias=bias) for named in (start, end))
    targets = outputs(first, X) if rng.random() < 1 / 3 else array(rng, (N, p), magnitude)
    return first, second, Data(X, targets)


def loss_at(start: Network, end: Network, data: Data, t: Fraction) -> Fraction:
    """The oracle's exact loss at `t` on the segment."""
    return exact_loss(interpolate(start.parameters(), end.parameters(), t), start.kind, start.bias, data.X, data.Y)


def time_in(rng: np.random.Generator, left: Fraction, right: Fraction) -> Fraction:
    """A rational time of the piece, its ends and its middle more often."""
    return left + (right - left) * Fraction(int(rng.integers(0, 9)), 8)
