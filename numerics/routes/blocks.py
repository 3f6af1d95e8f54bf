"""Residual blocks on some coordinates of a stream: narrow tails of RESIDUAL and STREAM networks, and their training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import block_prefixes, branch_names, with_ones
from numerics.networks.readers import adds_linearly
from numerics.routes.chains import Dense, Names, Units
from numerics.routes.tuning import lowered


@dataclass(frozen=True)
class BlockNames(Shown):
    """Names of a block's hidden layers, from the stream up, and of what it writes back with."""

    layers: tuple[Names, ...]
    back: str


def blocks_of(network: Network) -> tuple[BlockNames, ...]:
    """The blocks of a RESIDUAL, STREAM or POST network, from the input up."""
    parameters, found = network.parameters(), []
    for prefix in block_prefixes(network.kind, parameters):
        inner = ((matrix, bias if bias in parameters else None) for matrix, bias in branch_names(parameters, prefix))
        found.append(BlockNames(tuple(Names(*pair) for pair in inner), f"{prefix}U"))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Seen(Shown):
    """What a network gives on the data: `stream[k]` (N, m) is `z_k`, `hidden[k][i]` (N, r) layer i of block k."""

    stream: tuple[Array, ...]
    hidden: tuple[tuple[Array, ...], ...]

    @classmethod
    def of(cls, network: Network, X: Array) -> Seen:
        """In float64, which may overflow."""
        parameters = network.parameters()
        stream, hidden = [Dense(network.W, None).relu(with_ones(X, network.bias))], []
        for block in blocks_of(network):
            h, layers = stream[-1], []
            for one in block.layers:
                h = _dense(parameters, one).relu(h)
                layers.append(h)
            hidden.append(tuple(layers))
            total = stream[-1] + Dense(parameters[block.back], None).affine(h)
            stream.append(total if adds_linearly(network.kind) else np.maximum(total, 0.0))
        return cls(tuple(stream), tuple(hidden))


@dataclass(frozen=True, eq=False)
class Block(Shown):
    """`s -> s + back h`, `h` the layers applied to `s`: (t, r) for `back`."""

    layers: tuple[Dense, ...]
    back: Array


@dataclass(frozen=True, eq=False)
class StreamTail(Shown):
    """What follows a cut through a stream: `blocks` and a readout, on `s` (N, t), half of its coordinates.

    Where the cut goes through a block, that one is the first, and its layers are applied to `h` (N, r), half of the
    units of the hidden layer that was cut.
    """

    blocks: tuple[Block, ...]
    readout: Dense

    def features(self, s: Array, h: Array | None) -> Array:
        """What the readout reads (N, t)."""
        for block in self.blocks:
            h = s if h is None else h
            for layer in block.layers:
                h = layer.relu(h)
            s, h = s + Dense(block.back, None).affine(h), None
        return s

    def rows(
        self, network: Network, cut: tuple[int, int], coordinates: Units, units: Sequence[Sequence[Units]], keeps: Units
    ) -> dict[str, Array]:
        """The parameters of `network` with this tail in place, on these coordinates and units, layer by layer.

        `cut` as for `restricted`; `keeps`: what the first layer reads, units of the layer that was cut, or where the
        cut is through the stream its coordinates. Rows that the tail enters are 0 but where it reads.
        """
        parameters, found = network.parameters(), {}
        for k, block in enumerate(self.blocks):
            names = blocks_of(network)[cut[0] + k]
            reads = keeps if k == 0 else coordinates
            inner = names.layers[len(names.layers) - len(block.layers) :]
            for one, layer, slots in zip(inner, block.layers, units[k], strict=True):
                found[one.matrix] = _entered(parameters[one.matrix], slots, reads, layer.matrix)
                if one.bias is not None and layer.bias is not None:
                    found[one.bias] = parameters[one.bias].copy()
                    found[one.bias][slots] = layer.bias
                reads = slots
            found[names.back] = _entered(parameters[names.back], coordinates, reads, block.back)
        return found

    def trained(self, s: Array, h: Array | None, problem: Problem, goal: float) -> StreamTail:
        """After at most the search's steps of L-BFGS on all its weights, or as soon as its loss is at most `goal`."""
        parts: list[Array | None] = []
        for block in self.blocks:
            parts += [part for layer in block.layers for part in (layer.matrix, layer.bias)] + [block.back]
        parts += [self.readout.matrix, self.readout.bias]
        found = lowered(parts, lambda values: self._rebuilt(values)._backward(s, h, problem), goal)
        return self._rebuilt(found)

    def _rebuilt(self, parts: Sequence[Array | None]) -> StreamTail:
        """The same tail with these arrays, in the order of `trained`."""
        rest, blocks = iter(parts), []
        for block in self.blocks:
            layers = tuple(Dense(_given(next(rest)), next(rest)) for _ in block.layers)
            blocks.append(Block(layers, _given(next(rest))))
        return replace(self, blocks=tuple(blocks), readout=Dense(_given(next(rest)), next(rest)))

    def _backward(self, s: Array, h: Array | None, problem: Problem) -> tuple[float, list[Array | None]]:
        """The loss and its slopes, in the order of `trained`."""
        seen: list[list[Array]] = []
        first = s if h is None else h
        for k, block in enumerate(self.blocks):
            values = [first if k == 0 else s]
            for layer in block.layers:
                values.append(layer.relu(values[-1]))
            s = s + values[-1] @ block.back.T
            seen.append(values)
        f = self.readout.affine(s)
        loss = float(problem.loss.floats(f, problem.Y).mean())
        slope = problem.loss.gradient(f, problem.Y) / len(f)
        found: list[Array | None] = [None if self.readout.bias is None else slope.sum(axis=0), slope.T @ s]
        down = slope @ self.readout.matrix  # of the stream
        for k in range(len(self.blocks) - 1, -1, -1):
            block, values = self.blocks[k], seen[k]
            found.append(down.T @ values[-1])
            inner = down @ block.back
            for i in range(len(block.layers) - 1, -1, -1):
                layer = block.layers[i]
                inner = inner * (values[i + 1] > 0.0)
                found += [None if layer.bias is None else inner.sum(axis=0), inner.T @ values[i]]
                inner = inner @ layer.matrix
            if k:
                down = down + inner
        return loss, found[::-1]


def restricted(
    network: Network, coordinates: Units, hidden: Sequence[Sequence[Units]], cut: tuple[int, int]
) -> StreamTail:
    """The network's own weights above a cut on these coordinates of the stream and units of the blocks' layers.

    `cut` (k, i): behind layer i of block k, -1 for the stream before it.
    """
    parameters, (first, depth) = network.parameters(), cut
    blocks = []
    for k, names in list(enumerate(blocks_of(network)))[first:]:
        begin = depth + 1 if k == first else 0
        layers = []
        for i in range(begin, len(names.layers)):
            reads = coordinates if i == 0 else hidden[k][i - 1]
            layers.append(_dense(parameters, names.layers[i], hidden[k][i], reads))
        blocks.append(Block(tuple(layers), parameters[names.back][np.ix_(coordinates, hidden[k][-1])]))
    return StreamTail(tuple(blocks), Dense(network.V[:, coordinates], network.c))


def _dense(parameters: dict[str, Array], names: Names, units: Units | None = None, reads: Units | None = None) -> Dense:
    """The layer, or these units of it as far as they read these."""
    matrix = parameters[names.matrix]
    bias = None if names.bias is None else parameters[names.bias]
    if units is None or reads is None:
        return Dense(matrix, bias)
    return Dense(matrix[np.ix_(units, reads)], None if bias is None else bias[units])


def _entered(matrix: Array, rows: Units, columns: Units, values: Array) -> Array:
    """The matrix with these rows 0 but for the values at the columns."""
    changed = matrix.copy()
    changed[rows] = 0.0
    changed[np.ix_(rows, columns)] = values
    return changed


def _given(array: Array | None) -> Array:
    if array is None:
        raise ValueError("a matrix is missing")
    return array
