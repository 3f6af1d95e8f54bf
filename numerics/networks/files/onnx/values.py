"""Values and constants of an ONNX model, and what every operator asks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, prod
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.networks.arrays import Array
from numerics.networks.graph.build import Builder
from numerics.networks.graph.windows import Padding, Pair, Shape


@dataclass(frozen=True)
class Const(Shown):
    """A constant array, and the name of the initializer that it is, or of the node that made it."""

    name: str
    array: NDArray[Any]


@dataclass(frozen=True)
class Value(Shown):
    """A value of the network: its node, and its shape in the file. `last`: what was left out behind it."""

    node: str
    full: Shape
    last: str = ""

    @property
    def core(self) -> Shape:
        """The shape of one sample: without a leading axis of size 1."""
        return self.full[1:] if len(self.full) > 1 and self.full[0] == 1 else self.full or (1,)


Given = Sequence[Value | Const | None]
Attributes = dict[str, Any]


class Reader:
    """Writes nodes into a builder; `name` and `op` are those of the operator in question."""

    def __init__(self, builder: Builder, opset: int) -> None:
        self.builder, self.opset = builder, opset
        self.name = self.op = ""

    def refuse(self, words: str) -> NoReturn:
        """Raise InputError naming the node and its operator."""
        raise InputError(f"node {self.name} ({self.op}) {words}")

    def require(self, holds: bool, words: str) -> None:
        """Raise InputError naming the node unless it holds."""
        if not holds:
            self.refuse(words)

    def _value(self, one: Value | Const | None) -> Value:
        self.require(isinstance(one, Value), "reads a constant where a value of the network is covered")
        assert isinstance(one, Value)
        return one

    def _const(self, one: Value | Const | None) -> Const:
        self.require(isinstance(one, Const), "reads a value of the network where a constant is covered")
        assert isinstance(one, Const)
        return one

    def _image(self, one: Value | Const | None) -> Value:
        x = self._value(one)
        self.require(len(x.full) == 4 and x.full[0] == 1, f"reads a value of shape {x.full}: (N, c, h, w) is covered")
        return x

    def _axis(self, axis: int, rank: int, *, past: int = 0) -> int:
        """The axis counted from the front, of `rank`; up to `past` more may be named."""
        self.require(-rank <= axis < rank + past, f"names the axis {axis} of {rank}")
        return axis + rank if axis < 0 else axis

    def _axes(self, given: Given, attributes: Attributes, rank: int, *, more: bool = False) -> set[int]:
        """The axes that it names, of `rank`, or with `more` of as many more as it names. Empty if it names none."""
        if len(given) > 1 and given[1] is not None:
            named = [int(axis) for axis in self._const(given[1]).array.reshape(-1)]
        else:
            named = [int(axis) for axis in attributes.get("axes", [])]
        found = {self._axis(axis, rank + len(named) if more else rank) for axis in named}
        self.require(len(found) == len(named), f"names the axes {str(named)[:60]}, of which two are one")
        return found

    def _window(self, attributes: Attributes, kernel: Sequence[int]) -> tuple[Pair, Pair, Pair]:
        """Kernel, stride and dilation."""
        found = [tuple(map(int, attributes.get(what, (1, 1)))) for what in ("strides", "dilations")]
        sizes = tuple(map(int, kernel))
        self.require(all(len(one) == 2 for one in (sizes, *found)), "has other than two axes, of an image")
        return (sizes[0], sizes[1]), (found[0][0], found[0][1]), (found[1][0], found[1][1])

    def _around(self, attributes: Attributes, core: Shape, kernel: Pair, stride: Pair, dilation: Pair) -> Padding:
        """The padding, explicit or such that the size is that of the input over the stride."""
        mode = attributes.get("auto_pad", b"NOTSET")
        mode = mode.decode("ascii", "replace") if isinstance(mode, bytes) else str(mode)
        if mode in ("NOTSET", "", "VALID"):
            pads = tuple(map(int, attributes.get("pads", (0, 0, 0, 0)))) if mode != "VALID" else (0, 0, 0, 0)
            self.require(len(pads) == 4, f"has the pads {pads}: four are needed")
            return pads[0], pads[1], pads[2], pads[3]
        self.require(mode in ("SAME_UPPER", "SAME_LOWER"), f"has auto_pad {mode[:20]!r}, which is not covered")
        before, after = [], []
        for k in (0, 1):
            size, span = core[k + 1], (kernel[k] - 1) * dilation[k] + 1
            total = max((ceil(size / stride[k]) - 1) * stride[k] + span - size, 0)
            small = total // 2
            before.append(small if mode == "SAME_UPPER" else total - small)
            after.append(total - before[-1])
        return before[0], before[1], after[0], after[1]

    def _scaled(self, x: Value, factor: Array | None, shift: Array | None, shift_name: str = "") -> Value:
        source, whole = self._fitted(x, factor, shift)
        name = self.free(shift_name) if shift_name else ""
        return replace(x, node=self.builder.scaled(self.name, source, whole[0], whole[1], name))

    def _fitted(self, x: Value, *arrays: Array | None) -> tuple[str, list[Array | None]]:
        """A node with the entries of x, and the arrays, which broadcast to its shape in the file, for its own shape."""
        given = [one for one in arrays if one is not None]
        fits = all(one.size == 1 or np.broadcast_shapes(one.shape, x.full) == x.full for one in given)
        self.require(fits, f"has a constant that makes another shape of {x.full}")
        own = self.builder.shapes[x.node]
        if len(own) > 1 and x.core == own:
            return x.node, [one if one is None or one.ndim <= len(own) else one[0] for one in arrays]
        self.builder.spend(len(given) * prod(own), f"node {self.name} ({self.op})")  # entry by entry
        whole = [None if one is None else np.broadcast_to(one, x.full or (1,)).reshape(-1) for one in arrays]
        return self.builder.shaped(f"{self.name}.row", x.node, (prod(own),)), whole

    def _number(self, const: Const) -> Array:
        self.require(const.array.dtype.kind in "fiu", f"reads a constant of type {const.array.dtype}")
        return np.asarray(const.array, dtype=np.float64)

    def _turned(self, const: Const) -> NDArray[Any]:
        """A weight (i, o) as (o, i), which is said."""
        self.require(const.array.ndim == 2, f"has a weight of shape {const.array.shape}: a matrix is needed")
        self.builder.notes.append(f"{const.name[:80]} is stored transposed, (outputs, inputs)")
        return const.array.T

    def _kept(self, name: str, array: Any) -> str:
        """Keep a parameter under its name, or a name like it where that is another array already."""
        found = np.asarray(array)
        return self.builder.keep(self.free(name, found), found)

    def free(self, name: str, array: NDArray[Any] | None = None) -> str:
        """The name, or one like it that no other array has."""
        wanted, k = name[:200] or f"{self.name}.constant", 1
        free = wanted
        while free in self.builder.arrays and (array is None or not np.array_equal(self.builder.arrays[free], array)):
            k += 1
            free = f"{wanted}_{k}"
        return free

    def _shaped(self, x: Value) -> str:
        """The node that has the sample's own shape."""
        return self.builder.shaped(f"{self.name}.shape", x.node, x.core)

    def _reshaped(self, x: Value, full: Shape) -> Value:
        """The same entries under another shape; a node is made where one needs it."""
        return Value(x.node, full)

    def _fresh(self) -> str:
        return self.builder.fresh(self.name)

    def _made(self, node: Any) -> Value:
        name = self.builder.add(node)
        return Value(name, (1, *self.builder.shapes[name]))
