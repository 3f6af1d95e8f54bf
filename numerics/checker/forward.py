"""The losses of all corners, from exact outputs.

For two-layer and parallel networks heads are collected along the path and evaluated many at a time, and so are
networks of residual blocks that add nothing; other networks are evaluated one by one (single.py).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
from flint import fmpq

from .arrays import Weights
from .bank import Bank
from .batches import PART, Batch, alike
from .budget import require_tables, rows_per_block
from .effort import Budget
from .exact import Extent, Matrix, float_extent, float_matrix
from .heads import head_of
from .inputs import Data
from .layers import Layers, M
from .measure import SQUARED_LOSS, Measure, Value
from .single import value_between
from .spaces import Space
from .threads import all_cores
from .wide import Patchwork, Wide, side_by_side

# Word operations on an entry of a corner that becomes an integer of a head and of its digest.
_ENTRY = 300


def corner_values(
    space: Space, corners: Iterable[Weights], data: Data, budget: Budget, measure: Measure
) -> list[Value]:
    """What is measured at each corner. Raises Unusable over the budget."""
    if space.flat:
        return flat_values(corners, data, space.bias, budget, measure)
    losses: dict[int, Value] = {}
    known: dict[bytes, Value] = {}
    together: list[int] = []

    def plain_sums() -> Iterator[Weights]:
        """Corners whose blocks add nothing, as two-layer networks; the loss of each other one on the way."""
        for k, weights in enumerate(corners):
            if space.residual and not any(weights[f"{prefix}U"].any() for prefix in space.blocks):
                together.append(k)
                yield {name: weights[name] for name in ("W", "V", "c") if name in weights}
                continue
            key = _key(weights)
            if key not in known:
                found = value_between(space, weights, weights, fmpq(0), data, budget, measure)
                known[key] = replace(found, key=key)
            losses[k] = known[key]

    found = flat_values(plain_sums(), data, space.bias, budget, measure)
    losses |= dict(zip(together, found, strict=True))
    return [losses[k] for k in range(len(losses))]


def _key(weights: Weights) -> bytes:
    """The same for networks whose weights are the same numbers."""
    sha = hashlib.sha256()
    for name in sorted(weights):
        # -0.0 is 0.0.
        sha.update(np.where(weights[name] == 0, 0.0, weights[name]).tobytes())
    return sha.digest()


def flat_values(
    corners: Iterable[Weights], data: Data, bias: int, budget: Budget, measure: Measure = SQUARED_LOSS
) -> list[Value]:
    """What is measured at each corner; those that are the same function of the bank are evaluated once.

    `bias`: 1 if the first layer sees (x, 1). Raises Unusable over the budget.
    """
    data = data.seen_by_first_layer(bias)
    bank = Bank(data.x.shape[1])
    # Heads are large: once evaluated, only their digests stay.
    digests: list[bytes] = []
    seen: set[bytes] = set()
    losses: dict[bytes, Value] = {}
    open_batches: dict[int, Batch] = {}
    for weights in corners:
        require_tables(weights, budget.memory)
        budget.effort.charge(_ENTRY * sum(array.size for array in weights.values()))
        head = head_of(weights, bank.number(weights["W"]))
        digests.append(head.digest)
        if head.digest in seen:
            continue
        seen.add(head.digest)
        batch = open_batches.get(alike(head), Batch())
        grown = batch.joined(head)
        if batch.heads and not grown.worthwhile(budget.memory):
            losses |= batch_values(batch, bank, data, budget, measure)
            grown = Batch().joined(head)
        open_batches[alike(head)] = grown
        if PART * sum(one.size for one in open_batches.values()) > budget.memory:
            for one in open_batches.values():
                losses |= batch_values(one, bank, data, budget, measure)
            open_batches = {}
    for batch in open_batches.values():
        losses |= batch_values(batch, bank, data, budget, measure)
    return [losses[digest] for digest in digests]


def batch_values(batch: Batch, bank: Bank, data: Data, budget: Budget, measure: Measure) -> dict[bytes, Value]:
    """What is measured of each head of a batch, by its digest. `data.x` (N, D) includes the constant 1 if any."""
    wide = side_by_side(batch.heads)
    rows = bank.rows(wide.numbers)
    samples, outputs = data.y.shape
    copies = Extent(outputs, outputs * len(batch.heads), 0, 1)
    extents = _layers(wide, float_extent(rows).transposed(), copies, lambda patchwork: patchwork.extent)
    step = rows_per_block(extents, float_extent(data.x), float_extent(data.y), measure.room(budget))
    layers = _layers(wide, float_matrix(rows).transposed(), _copies(copies), Patchwork.matrix)
    measure.charge(budget.effort, data.y.size * len(batch.heads))
    totals = [measure.nothing] * len(batch.heads)
    with all_cores():
        for first in range(0, samples, step):
            x, targets = float_matrix(data.x[first : first + step]), data.y[first : first + step]
            residuals = layers.residuals(x, float_matrix(targets))
            parts = residuals.groups(outputs)
            totals = [
                total.plus(measure.of(part, residuals.unit, targets)) for total, part in zip(totals, parts, strict=True)
            ]
    return {head.digest: total.mean(head.digest) for head, total in zip(batch.heads, totals, strict=True)}


def _layers(wide: Wide, first: M, copies: M, build: Callable[[Patchwork], M]) -> Layers[M]:
    """The wide network's layers, each made by `build`; `first`: the bank, transposed."""
    return Layers(
        first=first,
        readout=build(wide.readout),
        constant=build(wide.constant),
        inner=tuple(map(build, wide.inner)),
        biases=tuple(map(build, wide.biases)),
        top=None if wide.top is None else build(wide.top),
        copies=copies,
    )


def _copies(extent: Extent) -> Matrix:
    """Minus the identity, side by side: subtracts the same targets from every head's outputs."""
    return Matrix.of(
        [-int(column % extent.rows == row) for row in range(extent.rows) for column in range(extent.cols)],
        extent,
    )
