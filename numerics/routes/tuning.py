"""A narrow tail of a chain trained on what it reads: L-BFGS on all its weights. A search: nothing here proves."""

from __future__ import annotations

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
    shapes = [None if part is None else part.shape for part in parts]
    best = (float(np.inf), np.concatenate([part.ravel() for part in parts if part is not None]))

    def unpacked(flat: Array) -> list[Dense]:
        found, first = [], 0
        for shape in shapes:
            size = 0 if shape is None else int(np.prod(shape))
            found.append(None if shape is None else flat[first : first + size].reshape(shape))
            first += size
        return [Dense(matrix, bias) for matrix, bias in zip(found[::2], found[1::2], strict=True) if matrix is not None]

    def value(flat: Array) -> tuple[float, Array]:
        nonlocal best
        loss, slope = _backward(unpacked(flat), below, problem)
        if loss < best[0]:
            best = (loss, flat.copy())
        if loss <= goal:
            raise _Enough
        return loss, slope

    with np.errstate(over="ignore", invalid="ignore"):
        with suppress(_Enough):
            minimize(value, best[1], jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
        *layers, readout = unpacked(best[1].astype(PRECISION).astype(np.float64))
    found = Tail(tail.first, tuple(layers), readout)
    return found if all(np.isfinite(part).all() for one in (*layers, readout) for part in _arrays(one)) else tail


def _backward(layers: list[Dense], h: Array, problem: Problem) -> tuple[float, Array]:
    """The loss and its slope in all weights, in their order."""
    seen = [h]
    for layer in layers[:-1]:
        seen.append(layer.relu(seen[-1]))
    f = layers[-1].affine(seen[-1])
    loss = float(problem.loss.floats(f, problem.Y).mean())
    slope, found = problem.loss.gradient(f, problem.Y) / len(f), []
    for k in range(len(layers) - 1, -1, -1):
        if layers[k].bias is not None:
            found.append(slope.sum(axis=0))
        found.append((slope.T @ seen[k]).ravel())
        if k:
            slope = (slope @ layers[k].matrix) * (seen[k] > 0.0)
    return loss, np.concatenate(found[::-1])


def _arrays(one: Dense) -> list[Array]:
    return [one.matrix] if one.bias is None else [one.matrix, one.bias]
