"""Residual blocks on some coordinates of a stream: narrow tails of networks that are streams, and their training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import with_ones
from numerics.routes.chains import Dense, Names, Units
from numerics.routes.stream_names import StreamNames, stream_names
from numerics.routes.tuning import lowered


@dataclass(frozen=True, eq=False)
class Seen(Shown):
    """What a network gives on the data: `stream[k]` (N, m) is `z_k`, `hidden[k][i]` (N, r) layer i of block k."""

    stream: tuple[Array, ...]
    hidden: tuple[tuple[Array, ...], ...]

    @classmethod
    def of(cls, network: Network, X: Array) -> Seen:
        """In float64, which may overflow. Raises InputError of a graph that is no stream."""
        parameters, names = network.parameters(), stream_names(network)
        stream, hidden = [_dense(parameters, names.first).relu(with_ones(X, network.bias))], []
        for block in names.blocks:
            h, layers = stream[-1], []
            for one in block.layers:
                h = _dense(parameters, one).relu(h)
                layers.append(h)
            hidden.append(tuple(layers))
            total = stream[-1] + _dense(parameters, block.back).affine(h)
            stream.append(np.maximum(total, 0.0) if names.rectified else total)
        return cls(tuple(stream), tuple(hidden))


@dataclass(frozen=True, eq=False)
class Block(Shown):
    """`s -> s + back h`, `h` the layers applied to `s`; `back` (t, r) with a bias (t,) or None."""

    layers: tuple[Dense, ...]
    back: Dense


@dataclass(frozen=True, eq=False)
class StreamTail(Shown):
    """What follows a cut through a stream: `blocks` and a readout, on `s` (N, t), half of its coordinates.

    Where the cut goes through a block, that one is the first, and its layers are applied to `h` (N, r), half of the
    units of the hidden layer that was cut. `rectified`: whether a rectifier follows each block's sum.
    """

    blocks: tuple[Block, ...]
    readout: Dense
    rectified: bool = False

    def features(self, s: Array, h: Array | None) -> Array:
        """What the readout reads (N, t)."""
        for block in self.blocks:
            h = s if h is None else h
            for layer in block.layers:
                h = layer.relu(h)
            s, h = self._settled(s + block.back.affine(h)), None
        return s

    def _settled(self, total: Array) -> Array:
        """What a block leaves of its sum."""
        return np.maximum(total, 0.0) if self.rectified else total

    def rows(
        self,
        network: Network,
        names: StreamNames,
        cut: tuple[int, int],
        coordinates: Units,
        units: Sequence[Sequence[Units]],
        keeps: Units,
    ) -> dict[str, Array]:
        """The parameters of `network` with this tail in place, on these coordinates and units, layer by layer.

        `cut` as for `restricted`; `keeps`: what the first layer reads, units of the layer that was cut, or where the
        cut is through the stream its coordinates. Rows that the tail enters are 0 but where it reads.
        """
        parameters, found = network.parameters(), dict[str, Array]()
        for k, block in enumerate(self.blocks):
            named = names.blocks[cut[0] + k]
            reads = keeps if k == 0 else coordinates
            inner = named.layers[len(named.layers) - len(block.layers) :]
            for one, layer, slots in zip(inner, block.layers, units[k], strict=True):
                found |= _entered(parameters, one, slots, reads, layer)
                reads = slots
            found |= _entered(parameters, named.back, coordinates, reads, block.back)
        return found

    def trained(self, s: Array, h: Array | None, problem: Problem, goal: float) -> StreamTail:
        """After at most the search's steps of L-BFGS on all its weights, or as soon as its loss is at most `goal`."""
        parts: list[Array | None] = []
        for block in self.blocks:
            parts += [part for layer in (*block.layers, block.back) for part in (layer.matrix, layer.bias)]
        parts += [self.readout.matrix, self.readout.bias]
        found = lowered(parts, lambda values: self._rebuilt(values)._backward(s, h, problem), goal)
        return self._rebuilt(found)

    def _rebuilt(self, parts: Sequence[Array | None]) -> StreamTail:
        """The same tail with these arrays, in the order of `trained`."""
        rest, blocks = iter(parts), []
        for block in self.blocks:
            *layers, back = (Dense(_given(next(rest)), next(rest)) for _ in (*block.layers, block.back))
            blocks.append(Block(tuple(layers), back))
        return replace(self, blocks=tuple(blocks), readout=Dense(_given(next(rest)), next(rest)))

    def _backward(self, s: Array, h: Array | None, problem: Problem) -> tuple[float, list[Array | None]]:
        """The loss and its slopes, in the order of `trained`."""
        seen, after = list[list[Array]](), list[Array]()
        first = s if h is None else h
        for k, block in enumerate(self.blocks):
            values = [first if k == 0 else s]
            for layer in block.layers:
                values.append(layer.relu(values[-1]))
            s = self._settled(s + block.back.affine(values[-1]))
            seen.append(values)
            after.append(s)
        f = self.readout.affine(s)
        loss = float(problem.loss.floats(f, problem.Y).mean())
        slope = problem.loss.gradient(f, problem.Y) / len(f)
        found: list[Array | None] = [None if self.readout.bias is None else slope.sum(axis=0), slope.T @ s]
        down = slope @ self.readout.matrix  # of the stream
        for k in range(len(self.blocks) - 1, -1, -1):
            block, values = self.blocks[k], seen[k]
            down = down * (after[k] > 0.0) if self.rectified else down
            found += [None if block.back.bias is None else down.sum(axis=0), down.T @ values[-1]]
            inner = down @ block.back.matrix
            for i in range(len(block.layers) - 1, -1, -1):
                layer = block.layers[i]
                inner = inner * (values[i + 1] > 0.0)
                found += [None if layer.bias is None else inner.sum(axis=0), inner.T @ values[i]]
                inner = inner @ layer.matrix
            if k:
                down = down + inner
        return loss, found[::-1]


def restricted(
    network: Network,
    names: StreamNames,
    coordinates: Units,
    hidden: Sequence[Sequence[Units]],
    cut: tuple[int, int],
) -> StreamTail:
    """The network's own weights above a cut on these coordinates of the stream and units of the blocks' layers.

    `cut` (k, i): behind layer i of block k, -1 for the stream before it.
    """
    parameters, (first, depth) = network.parameters(), cut
    blocks = []
    for k, block in list(enumerate(names.blocks))[first:]:
        begin = depth + 1 if k == first else 0
        layers = []
        for i in range(begin, len(block.layers)):
            reads = coordinates if i == 0 else hidden[k][i - 1]
            layers.append(_dense(parameters, block.layers[i], hidden[k][i], reads))
        blocks.append(Block(tuple(layers), _dense(parameters, block.back, coordinates, hidden[k][-1])))
    whole = _dense(parameters, names.readout)
    return StreamTail(tuple(blocks), Dense(whole.matrix[:, coordinates], whole.bias), names.rectified)


def _dense(parameters: dict[str, Array], names: Names, units: Units | None = None, reads: Units | None = None) -> Dense:
    """The layer, or these units of it as far as they read these."""
    matrix = parameters[names.matrix]
    bias = None if names.bias is None else parameters.get(names.bias)
    if units is None or reads is None:
        return Dense(matrix, bias)
    return Dense(matrix[np.ix_(units, reads)], None if bias is None else bias[units])


def _entered(parameters: dict[str, Array], names: Names, rows: Units, reads: Units, layer: Dense) -> dict[str, Array]:
    """Matrix and bias with these rows those of the layer, which reads these columns alone."""
    matrix = parameters[names.matrix].copy()
    matrix[rows] = 0.0
    matrix[np.ix_(rows, reads)] = layer.matrix
    found = {names.matrix: matrix}
    if names.bias is not None and layer.bias is not None:
        found[names.bias] = parameters[names.bias].copy()
        found[names.bias][rows] = layer.bias
    return found


def _given(array: Array | None) -> Array:
    if array is None:
        raise ValueError("a matrix is missing")
    return array
