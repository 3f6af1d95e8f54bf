"""Narrow tails trained on what they read: L-BFGS on all their weights. A search: nothing here proves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
from scipy.optimize import minimize

from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.routes.chains import Dense, Tail

STEPS = 300
PRECISION = np.float32
"""Of the numbers that a trained tail is rounded to: exact arithmetic on them stays short."""


class _Enough(Exception):
    """The goal is reached."""


def tuned(tail: Tail, below: Array, problem: Problem, goal: float) -> Tail:
    """The tail after at most `STEPS` steps, or as soon as its loss is at most `goal`; itself where nothing is gained.

    `below` (N, t): what it reads.
    """
    parts = [part for layer in (*tail.layers, tail.readout) for part in (layer.matrix, layer.bias)]

    def unpacked(parts: list[Array | None]) -> list[Dense]:
        return [Dense(matrix, bias) for matrix, bias in zip(parts[::2], parts[1::2], strict=True) if matrix is not None]

    *layers, readout = unpacked(lowered(parts, lambda parts: _backward(unpacked(parts), below, problem), goal))
    return Tail(tail.first, tuple(layers), readout)


Slopes = Callable[[list[Array | None]], tuple[float, Sequence[Array | None]]]


def lowered(parts: Sequence[Array | None], slopes: Slopes, goal: float) -> list[Array | None]:
    """The arrays (None: there is none) after at most `STEPS` steps of L-BFGS, rounded, or as soon as the loss is at
    most `goal`; themselves where what was found is not finite.

    `slopes`: the loss of such arrays and its slope in each.
    """
    shapes = [None if part is None else part.shape for part in parts]
    best = (float(np.inf), _flat(parts))

    def unpacked(flat: Array) -> list[Array | None]:
        found: list[Array | None] = []
        first = 0
        for shape in shapes:
            size = 0 if shape is None else int(np.prod(shape))
            found.append(None if shape is None else flat[first : first + size].reshape(shape))
            first += size
        return found

    def value(flat: Array) -> tuple[float, Array]:
        nonlocal best
        loss, slope = slopes(unpacked(flat))
        if loss < best[0]:
            best = (loss, flat.copy())
        if loss <= goal:
            raise _Enough
        return loss, _flat(slope)

    with np.errstate(over="ignore", invalid="ignore"):
        with suppress(_Enough):
            minimize(value, best[1], jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
        found = best[1].astype(PRECISION).astype(np.float64)
    return unpacked(found) if np.isfinite(found).all() else list(parts)


def _flat(parts: Sequence[Array | None]) -> Array:
    return np.concatenate([part.ravel() for part in parts if part is not None])


def _backward(layers: list[Dense], h: Array, problem: Problem) -> tuple[float, list[Array | None]]:
    """The loss and its slope in all weights, in their order."""
    seen = [h]
    for layer in layers[:-1]:
        seen.append(layer.relu(seen[-1]))
    f = layers[-1].affine(seen[-1])
    loss = float(problem.loss.floats(f, problem.Y).mean())
    slope = problem.loss.gradient(f, problem.Y) / len(f)
    found: list[Array | None] = []
    for k in range(len(layers) - 1, -1, -1):
        found += [None if layers[k].bias is None else slope.sum(axis=0), slope.T @ seen[k]]
        if k:
            slope = (slope @ layers[k].matrix) * (seen[k] > 0.0)
    return loss, found[::-1]
