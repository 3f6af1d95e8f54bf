"""Every model of every layer that the checker's enclosures make, on random pieces, against exact fractions.

Magnitudes are far apart on purpose, and on every segment something stays fixed beside what moves: with weights of one
size, and all of them moving, an error in what is rounded stays unseen.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from numerics.checker import lines
from numerics.checker.chain import outputs
from numerics.checker.corner import Ray, Rays, corner_is_the_maximum
from numerics.checker.enclosure import Enclosure, upper_bound, weights_on
from numerics.checker.grid import LONG, MACHINE, WIDE, Grid
from numerics.checker.inputs import Data
from numerics.checker.lines import CORNER, Piece, piece_of
from numerics.checker.spaces import parse_space
from numerics.checker.stretch import stretch_of
from support.certificates import between

Layer = tuple[Ray, list[np.ndarray]]  # the checker's models, and the exact values at each time
CLASSES = ("two-layer", "parallel", "residual", "stream", "plain")
STYLES = {
    "small": lambda rng: rng.choice([-2, -1, 1, 2, 0.5, -0.75, 3]),
    "floats": lambda rng: rng.choice([-1, 1]) * (1 + rng.random()) * 2.0 ** rng.randint(-60, 60),
    "integers": lambda rng: rng.choice([-1, 1]) * (2.0 ** rng.randint(0, 44) + rng.choice([-1, 0, 1])),
    "powers": lambda rng: rng.choice([-1, 1]) * 2.0 ** rng.choice([-40, -20, 0, 20, 40]) * rng.choice([1, 1, 3]),
    "normal": lambda rng: rng.gauss(0, 1),
    "extreme": lambda rng: rng.choice([5e-324, -5e-324, 1.7e308, -1.7e308, 1e-300, 1.0, 2.0**-1022]),
}


class Missed(AssertionError):
    """A model that does not hold the value."""


@dataclass
class Shadow:
    """The arithmetic of `checker.chain` on models and exact values side by side."""

    rays: Rays
    weights: list[dict[str, np.ndarray]]
    times: list[Fraction]
    x: np.ndarray
    grid: Grid
    piece: Piece

    def seen(self, ray: Ray, values: list[np.ndarray]) -> Layer:
        require(ray.base, values[0], Fraction(0), CORNER, self.grid)
        for t, value in zip(self.times, values, strict=True):
            require(ray.whole, value, t, self.piece, self.grid)
            if t:
                require(ray.rate, (value - values[0]) / t, t, self.piece, self.grid)
        return ray, values

    def first(self) -> Layer:
        return self.seen(self.rays.first(), [self.x @ weights["W"].T for weights in self.weights])

    def affine(self, layer: Layer, matrix: str, bias: str) -> Layer:
        values = [
            value @ weights[matrix].T + (weights[bias][None, :] if bias in weights else 0)
            for value, weights in zip(layer[1], self.weights, strict=True)
        ]
        return self.seen(self.rays.affine(layer[0], matrix, bias), values)

    def plus(self, left: Layer, right: Layer) -> Layer:
        return self.seen(self.rays.plus(left[0], right[0]), [a + b for a, b in zip(left[1], right[1], strict=True)])

    def relu(self, layer: Layer) -> Layer:
        return self.seen(self.rays.relu(layer[0]), [np.where(value > 0, value, value * 0) for value in layer[1]])


def require(model: Any, values: np.ndarray, t: Fraction, piece: Piece, grid: Grid) -> None:
    """The model's mid + slope s, give or take its radius, holds every value at time t, in the units of the model."""
    place = (t * 2**grid.time - piece.middle) / piece.radius if piece.radius else Fraction(0)
    assert abs(place) <= 1
    unit = Fraction(2) ** -model.exponent
    parts = [np.broadcast_to(np.asarray(part, dtype=object), values.shape) for part in (model.mid, model.slope)]
    radius = np.broadcast_to(np.asarray(model.radius, dtype=object), values.shape)
    for index, value in np.ndenumerate(values):
        mid, slope, allowed = (int(part[index]) for part in (*parts, radius))
        if abs(value * unit - mid - slope * place) > allowed:
            raise Missed(f"{float(value)} at {t}, where the model has {mid} + {slope} s, give or take {allowed}")


def drawn(rng: random.Random) -> tuple[str, int, dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """A class, whether there is a bias, the weights at both ends, inputs and targets."""
    kind, bias = rng.choice(CLASSES), rng.randint(0, 1)
    n, m, p, N = rng.randint(1, 3), rng.randint(1, 4), rng.randint(1, 2), rng.randint(1, 3)
    shapes: dict[str, tuple[int, ...]] = {"W": (m, n + bias)} | ({} if kind == "plain" else {"V": (p, m)})
    blocks = tuple(f"blocks.{k}." for k in range(rng.randint(1, 2)))
    for prefix in {"two-layer": (), "stream": blocks}.get(kind, ("",)):
        before = m
        for k in range(rng.randint(1, 3)):
            height = rng.randint(1, 3)
            shapes[prefix + (f"B{k}" if k else "A")] = (height, before)
            if rng.random() < 0.5:
                shapes[prefix + (f"b{k}" if k else "a")] = (height,)
            before = height
        shapes[f"{prefix}U"] = (p if kind in ("parallel", "plain") else m, before)
    if rng.random() < 0.5:
        shapes["c"] = (p,)
    own = rng.choice(list(STYLES))

    def array(shape: tuple[int, ...]) -> np.ndarray:
        style = STYLES[rng.choice([own, *list(STYLES)[:5]])]
        entries = [0.0 if rng.random() < 0.25 else style(rng) for _ in range(int(np.prod(shape)))]
        return np.array(entries, dtype=float).reshape(shape)

    start = {name: array(shape) for name, shape in shapes.items()}
    end = {}
    for name, shape in shapes.items():
        other = array(shape)
        fixed = np.array([rng.random() < 0.5 for _ in range(len(other))])  # rows
        match rng.randint(0, 3):
            case 0:
                other = start[name]
            case 1:
                other[fixed] = start[name][fixed]
            case 2:
                other = start[name] * rng.choice([0, -1, 0.5, 1 - 2.0**-20])
            case _:
                pass
        end[name] = other
    return kind, bias, start, end, array((N, n)), array((N, p))


def examine(seed: int, grids: tuple[Grid, ...]) -> bool:
    """One segment, one piece [0, t]: every model, the bound of rule 1, and what rule 2 says, which is returned."""
    rng = random.Random(seed)
    kind, bias, start, end, x, y = drawn(rng)
    space = parse_space(kind, bias, {name: array.shape for name, array in start.items()})
    data, grid = Data(x, y).seen_by_first_layer(bias), rng.choice(grids)
    stretch = stretch_of(grid, space, start, end, data, rng.randint(1, len(x)))
    last = min(Fraction(1), Fraction(rng.choice([1, rng.randint(1, 2**20)]), 2 ** rng.choice([0, 6, 20, 21, 40])))
    piece = piece_of(grid, fmpq(0), fmpq(last.numerator, last.denominator))
    reached = Fraction(piece.middle + piece.radius, 2**grid.time)
    times = [Fraction(0), reached, reached / 2, reached * Fraction(rng.randint(1, 999), 1000)]
    weights = [between(start, end, t) for t in times]
    exact = [{name: fractions(array) for name, array in one.items()} for one in weights]
    at_start, throughout = weights_on(stretch, CORNER), weights_on(stretch, piece)
    moving = {name: line for name, line in stretch.weights.items() if line.moves}
    slabs = {name: line.rate_slab() for name, line in moving.items() if start[name].ndim == 2}
    biases = {name: line.rate() for name, line in moving.items() if start[name].ndim == 1}
    losses, seen, done = [Fraction(0)] * len(times), fractions(data.x), 0
    for block in stretch.blocks:
        size = len(block.targets.start.values)
        rays = Rays(Enclosure(block, CORNER, *at_start), Enclosure(block, piece, *throughout), slabs, biases)
        _, values = outputs(space, Shadow(rays, exact, times, seen[done : done + size], grid, piece))
        residuals = [value - fractions(y[done : done + size]) for value in values]
        losses = [loss + sum((r**2).ravel()) / len(x) for loss, r in zip(losses, residuals, strict=True)]
        done += size
    bound = upper_bound(stretch, piece)
    if any(fmpq(loss.numerator) / loss.denominator > bound for loss in losses):
        raise Missed(f"rule 1: {losses} above {bound}")
    corner = corner_is_the_maximum(stretch, fmpq(last.numerator, last.denominator))
    if corner and max(losses) > losses[0]:
        raise Missed(f"rule 2: {losses}, and the corner passes for the maximum")
    return bool(corner)


def fractions(array: np.ndarray) -> np.ndarray:
    """The entries as fractions."""
    return np.vectorize(Fraction, otypes=[object])(array)


def test_every_model_contains_what_it_is_of() -> None:
    """In all three grids; rule 2 says yes often enough for its errors to show."""
    found = [examine(seed, (MACHINE, MACHINE, LONG, WIDE)) for seed in range(150)]
    assert sum(found) > 15


def test_a_rate_of_what_rests_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once in the checker: two roundings of one number at the two ends, and a change that was none."""
    monkeypatch.setattr(lines.Line, "change", property(lambda self: self.end.values - self.start.values))
    with pytest.raises(Missed):
        sum(examine(seed, (MACHINE,)) for seed in range(150))
