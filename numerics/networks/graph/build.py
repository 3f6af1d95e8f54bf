"""A graph as it is read from another program's form: node by node, with names kept and normalisations folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import numpy as np

from numerics.arithmetic.budget import DEFAULT
from numerics.arithmetic.budget import require as require_memory
from numerics.common.shown import Shown
from numerics.networks.arrays import Array, as_array, require, weights
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.images import Conv2d
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import Flatten, Input, Linear, Reshape, Scale
from numerics.networks.graph.rounding import Translation
from numerics.networks.graph.windows import Shape
from numerics.networks.origin import Origin, digest_of

FOLDED = "a path between folded networks is not the path between the unfolded ones"
PER_FOLD = (
    8  # roundings of a batch normalisation, folded or not: sum, root, quotient, two products, two differences, sum
)


@dataclass
class Builder(Shown):
    """What is read so far. Names of nodes are made unique; errors are InputError and name the node.

    `budget`: bytes that constants may take that are in no file, but made of smaller ones.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    arrays: dict[str, Array] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    folded: bool = False
    sizes: dict[str, Array] = field(default_factory=dict)
    folds: int = 0
    budget: int = DEFAULT
    _spent: int = 0
    _norms: dict[str, str] = field(default_factory=dict)  # scale nodes that stand for a normalisation, and its name
    _into: list[str] = field(default_factory=list)  # normalisations that were folded
    _apart: list[str] = field(default_factory=list)  # and those that were not
    _shifts: set[str] = field(default_factory=set)  # scale nodes that are a bias of what is before them
    _forms: dict[str, tuple[tuple[int, ...], Shape]] = field(default_factory=dict)  # the way back to former shapes
    _made: set[str] = field(default_factory=set)  # arrays that stand in the program and in no state dict

    @property
    def norms(self) -> tuple[str, ...]:
        """The normalisations of a finished graph."""
        return (*self._into, *self._apart)

    def spend(self, entries: int, what: str) -> None:
        """Raise InputError if so many more entries, before they are made, would exceed the budget."""
        self._spent += 8 * entries
        require_memory(self._spent, self.budget, what)

    def fresh(self, wanted: str) -> str:
        """A name that no node has."""
        name, k = wanted, 1
        while name in self.nodes:
            k += 1
            name = f"{wanted}_{k}"
        return name

    def keep(self, name: str, given: Any) -> str:
        """A parameter under its name, float64 of the same values; given twice it must be the same array."""
        array = as_array(name, given)
        if array.dtype.name == "bfloat16":
            array = array.astype(np.float32)
        array = weights(name, array, array.ndim)
        known = self.arrays.setdefault(name, array)
        require(known.shape == array.shape and known.tobytes() == array.tobytes(), f"{name} names two different arrays")
        return name

    def keep_as(self, name: str, given: Any, order: Sequence[int], shape: Shape) -> str:
        """The same with its axes in another order and of another shape than its state dict has it in."""
        array = as_array(name, given)
        moved = np.ascontiguousarray(array.transpose(order))
        back = tuple(int(axis) for axis in np.argsort(order))
        if shape != moved.shape and back != tuple(range(array.ndim)):
            raise ValueError(f"{name} is to have another order of axes and another shape")
        if (back, shape) != (tuple(range(array.ndim)), array.shape):
            self._forms[name] = (back if shape == moved.shape else tuple(range(len(shape))), array.shape)
        return self.keep(name, moved.reshape(shape))

    def constant(self, name: str, given: Any) -> str:
        """An array that stands in the program and in no state dict."""
        self._made.add(name)
        return self.keep(name, given)

    def add(self, node: Node) -> str:
        """One more node, with its shape looked at."""
        parameters: dict[str, Shape] = {name: self.arrays[name].shape for name in node.weights}
        self.shapes[node.name] = node.shape([self.shapes[name] for name in node.inputs], parameters)
        self.nodes[node.name] = node
        return node.name

    def given(self, name: str, size: Sequence[int]) -> str:
        """The input."""
        return self.add(Input(name, (), size=tuple(size)))

    def shaped(self, name: str, source: str, size: Shape) -> str:
        """The same entries in this shape; no node where nothing changes."""
        if self.shapes[source] == size:
            return source
        if size == (prod(self.shapes[source]),):
            return self.add(Flatten(self.fresh(name), (source,)))
        return self.add(Reshape(self.fresh(name), (source,), size=size))

    def scaled(
        self,
        name: str,
        source: str,
        factor: Array | None,
        shift: Array | None,
        shift_name: str = "",
        *,
        factor_name: str = "",
        constant: bool = False,
    ) -> str:
        """`factor * value + shift`, arrays that numpy broadcasts to the value's shape; None is 1 or 0.

        Where every factor is 1 and every shift 0 there is no node. `constant`: both stand in the program and in no
        state dict.
        """
        if (factor is None or bool((factor == 1).all())) and (shift is None or not shift.any()):
            return source
        shape, name = self.shapes[source], self.fresh(name)
        given = [one for one in (factor, shift) if one is not None]
        fits = all(_broadcasts(one, shape) for one in given)
        require(fits, f"node {name} combines a value of shape {shape} with an array that does not broadcast to it")
        if not all(_along_channels(one, shape) for one in given):
            self.spend(len(given) * prod(shape), f"node {name}")
            flat = self.shaped(f"{name}.flat", source, (prod(shape),))
            whole = [None if one is None else np.broadcast_to(one, shape).reshape(-1) for one in (factor, shift)]
            again = self.scaled(name, flat, whole[0], whole[1], shift_name, factor_name=factor_name, constant=constant)
            return self.shaped(f"{name}.back", again, shape)
        size = shape[:1]
        self.spend(2 * shape[0], f"node {name}")
        if factor is None:
            self._shifts.add(name)
        weight = self.keep(
            factor_name or f"{name}.factor", np.broadcast_to(np.ones(1) if factor is None else factor.reshape(-1), size)
        )
        bias = None if shift is None else np.broadcast_to(shift.reshape(-1), size)
        bias_name = None if bias is None else self.keep(shift_name or f"{name}.shift", bias)
        named = {factor_name, shift_name}
        self._made.update(
            one
            for one in (weight, bias_name)
            if one is not None and (constant or (bool(named - {""}) and one not in named))
        )
        return self.add(Scale(name, (source,), weight=weight, bias=bias_name))

    def normalised(
        self, name: str, source: str, mean: Array, variance: Array, eps: float, *affine: tuple[str, Array | None]
    ) -> str:
        """Batch normalisation in evaluation mode; `affine`: name and array of its weight and its bias.

        It is folded into the affine map before it where nothing else reads that.
        """
        (weight, gain), (bias, offset) = affine
        with np.errstate(all="ignore"):
            factor = (1.0 if gain is None else gain) / np.sqrt(variance + eps)
            shift = (0.0 if offset is None else offset) - mean * factor
        size = (0.0 if offset is None else np.abs(offset)) + np.abs(mean * factor)
        node = Scale(self.fresh(name), (source,), weight=self.keep(weight, factor), bias=self.keep(bias, shift))
        self.sizes[bias] = np.asarray(size, dtype=np.float64)
        self._norms[self.add(node)] = weight.rpartition(".")[0] or name
        self.folds += 1
        return node.name

    def finish(self, output: str, order: Sequence[str] = ()) -> Graph:
        """The graph of what leads to this node; parameters in the given order, those that are not in it last."""
        self._drop_unread(output)
        for name in [*self._shifts, *self._norms]:
            output = self._merged(name, output)
        how = {"folded into the affine map before it": self._into, "a channel scale and shift": self._apart}
        for words, names in how.items():
            if names:
                self.notes.append(f"batch normalisation ({_listed(names)}) in evaluation mode is {words}: {FOLDED}")
        used = {name for node in self.nodes.values() for name in node.weights}
        arrays = {name: self.arrays[name] for name in dict.fromkeys((*order, *self.arrays)) if name in used}
        graph = Graph(tuple(self.nodes.values()), arrays)
        kept = tuple((name, name) for name in arrays if name not in self._made)
        constants = tuple((name, digest_of(array)) for name, array in arrays.items() if name in self._made)
        forms = tuple((name, *self._forms[name]) for name, _ in kept if name in self._forms)
        folded = self.folded or bool(self.norms)
        origin = Origin(kept, tuple(dict.fromkeys(self.notes)), folded, constants, forms=forms)
        return graph.with_origin(origin)

    def translation(self, output: str, order: Sequence[str] = ()) -> Translation:
        """The same graph, with what bounds its roundings."""
        return Translation(self.finish(output, order), self.sizes, PER_FOLD * self.folds)

    def _drop_unread(self, output: str) -> None:
        wanted = {output, next(iter(self.nodes))}
        for node in reversed(self.nodes.values()):
            if node.name in wanted:
                wanted.update(node.inputs)
        self.nodes = {name: node for name, node in self.nodes.items() if name in wanted}

    def _merged(self, name: str, output: str) -> str:
        """Fold a scale node into the affine map that it reads, if nothing else reads it; returns the output's name."""
        scale = self.nodes.get(name)
        if not isinstance(scale, Scale):  # nobody read it
            return output
        source = self.nodes[scale.inputs[0]]
        readers = Counter(one for node in self.nodes.values() for one in node.inputs)
        uses = Counter(one for node in self.nodes.values() for one in node.weights)
        norm = self._norms.get(name)
        alone = readers[source.name] == 1 and all(uses[one] == 1 for one in (*source.weights, *scale.weights))
        if not isinstance(source, Linear | Conv2d) or not alone or (norm is None and source.bias is not None):
            self._apart += [] if norm is None else [norm]
            return output
        if norm is not None:  # else a shift alone, which is the bias
            self._fold(source, scale)
            self._into.append(norm)
        self.nodes[source.name] = replace(source, bias=source.bias or scale.bias)
        del self.nodes[name]
        for reader in self.nodes.values():
            if name in reader.inputs:
                inputs = tuple(source.name if one == name else one for one in reader.inputs)
                self.nodes[reader.name] = replace(reader, inputs=inputs)
        return source.name if output == name else output

    def _fold(self, source: Linear | Conv2d, scale: Scale) -> None:
        """`factor (W x + b) + shift` as one affine map, in float64."""
        bias = scale.bias or ""  # a normalisation has one
        W, factor, shift = self.arrays[source.weight], self.arrays[scale.weight], self.arrays[bias]
        self.arrays[source.weight] = weights(source.weight, W * factor.reshape(-1, *[1] * (W.ndim - 1)), W.ndim)
        if source.bias is not None:
            moved = self.arrays[source.bias] * factor
            self.sizes[source.bias] = np.abs(moved) + self.sizes.pop(bias)
            self.arrays[source.bias] = weights(source.bias, moved + shift, 1)


def _listed(names: list[str]) -> str:
    """A few of the names, and how many others there are."""
    few = ", ".join(name[:40] for name in names[:4])
    return few if len(names) <= 4 else f"{few} and {len(names) - 4} more"


def _broadcasts(array: Array, shape: Shape) -> bool:
    """Whether numpy broadcasts the array to this very shape."""
    ends = zip(array.shape[::-1], shape[::-1], strict=False)
    return array.ndim <= len(shape) and all(mine in (1, size) for mine, size in ends)


def _along_channels(array: Array, shape: Shape) -> bool:
    """Whether a broadcast array has one entry for each channel, or one in all."""
    return array.size == 1 or (array.ndim == len(shape) and array.size == array.shape[0])
