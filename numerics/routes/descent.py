"""T4b's first case: where the readout can be improved, a readout line goes down from the first moment.

The loss is convex along the line (L7) and smaller at its end, so its maximum is the start: depth 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np

from numerics.errors import InputError
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import Floats, branch_from, outputs, with_ones
from numerics.networks.readers import exact_array, exact_weights
from numerics.paths import Kind, Path, Segment

HALVED = (0, 1, 2, 4, 8, 16)  # the float search's steps: 1, 1/2, 1/4, ... of the way to the least squares
FEW = 1 << 18  # features that are worked out in fractions where float64 is misled
TRIED = 3  # of the single weights that lower the loss most

Changes = Mapping[str, Array]


def downhill(network: Network, problem: Problem) -> Path:
    """A readout line to a smaller loss, compared exactly (two-layer, parallel, plain). Raises InputError for none.

    To the least-squares readout by float64, the nearest one to this; where the features span all outputs its loss is 0
    but for rounding. Where rounding spoils that, a part of the way, or one weight alone by its exact derivative.
    """
    here = exact_losses([network], problem)[0]
    for changes in _candidates(network, problem):
        end = _changed(network, changes)
        if end is not None and exact_losses([end], problem)[0] < here:
            return Path(network, (Segment(Kind.READOUT, network, end),))
    raise InputError("no readout was found that is better than this one: a readout line goes nowhere from here")


def _candidates(network: Network, problem: Problem) -> Iterator[Changes]:
    """What to add to the readout, the most promising first."""
    columns = _readers(network, problem)
    with np.errstate(all="ignore"):
        design = np.hstack(list(columns.values()))
        residual = problem.Y - outputs(network, problem.X)
        largest = np.abs(design).max(axis=0)  # first, so that no square leaves the range of float64
        scale = largest * np.linalg.norm(design / np.where(largest > 0.0, largest, 1.0), axis=0)
        scale = np.where((scale > 0.0) & np.isfinite(scale), scale, np.inf)  # a feature of zeros stays as it is
        unit = np.abs(residual).max()
        if 0.0 < unit < np.inf and np.isfinite(design).all():
            change = np.linalg.lstsq(design / scale, residual / unit, rcond=None)[0] / scale[:, None] * unit
            widths = {name: part.shape[1] for name, part in columns.items()}
            for halvings in HALVED:
                yield _split(change * 0.5**halvings, widths)
    if design.size <= FEW:
        yield from _single(network, problem)


def _single(network: Network, problem: Problem) -> Iterator[Changes]:
    """One weight moved to where the loss, a parabola in it, is least; in fractions, the best first."""
    here, weights = network.parameters(), exact_weights(network)
    z = np.maximum(exact_array(with_ones(problem.X, network.bias)) @ weights["W"].T, 0)
    read = {"V": z} if "V" in weights else {}
    h = branch_from(weights, "", z, Floats()) if "U" in weights else None
    if h is not None:
        read["U"] = h
    residual = exact_array(problem.Y) - sum(part @ weights[name].T for name, part in read.items())
    if "c" in weights:
        residual, read["c"] = residual - weights["c"], exact_array(np.ones((problem.size, 1)))
    found: list[tuple[Fraction, str, int | tuple[int, int], float]] = []
    for name, part in read.items():
        squares = (part * part).sum(axis=0)
        slopes = residual.T @ part
        for (i, j), slope in np.ndenumerate(slopes):
            step = float(slope / squares[j]) if slope else 0.0
            at = i if name == "c" else (i, j)
            if here[name][at] + step != here[name][at]:  # float64 keeps it
                found.append((slope * slope / squares[j], name, at, step))
    for _, name, at, step in sorted(found, key=lambda one: -one[0])[:TRIED]:
        change = np.zeros(here[name].shape)
        change[at] = step
        yield {name: change}


def _changed(network: Network, changes: Changes) -> Network | None:
    """None where float64 overflows."""
    here = network.parameters()
    with np.errstate(over="ignore", invalid="ignore"):
        there = {name: here[name] + change for name, change in changes.items()}
    return network.replace(there) if all(np.isfinite(array).all() for array in there.values()) else None


def _split(change: Array, widths: Mapping[str, int]) -> Changes:
    """The rows of a change (readers, p), by the parameter that they belong to."""
    found, first = {}, 0
    for name, width in widths.items():
        piece = change[first : first + width]
        found[name] = piece[0] if name == "c" else piece.T
        first += width
    return found


def _readers(network: Network, problem: Problem) -> dict[str, Array]:
    """The readout's parameters by name, and what each multiplies: (N, m), (N, r_last), (N, 1)."""
    if network.has_stream:
        raise InputError(f"class {network.kind}: its readout line is not covered here")
    parameters = network.parameters()
    z = np.maximum(with_ones(problem.X, network.bias) @ network.W.T, 0.0)
    found = {}
    if "V" in parameters:
        found["V"] = z
    if "U" in parameters:
        found["U"] = branch_from(parameters, "", z, Floats())
    if "c" in parameters:
        found["c"] = np.ones((problem.size, 1))
    return found
