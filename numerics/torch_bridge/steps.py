"""What each function and method of torch is in a graph, with the arguments that torch gives it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, prod
from typing import Any, NoReturn

import numpy as np
import torch

from numerics.errors import InputError
from numerics.networks.arrays import Array, as_array
from numerics.networks.graph.build import Builder
from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.nodes import Add, Concatenate, Linear, ReLU, Transpose
from numerics.networks.graph.piecewise import clipped, leaky
from numerics.networks.graph.windows import Padding, Pair, Shape, rounded_up


class Batch:
    """The number of samples, which a network may pass on but not compute with."""


BATCH = Batch()


@dataclass(frozen=True)
class Value:
    """A value (N, ...): its node in the graph. `last`: what was left out behind it, so that nothing may read it."""

    node: str
    last: str = ""


class Steps:
    """The steps of one traced module, each written into the builder under the name of its node."""

    def __init__(self, builder: Builder, names: dict[int, str]) -> None:
        self.builder = builder
        self._names = names  # of parameters and buffers, by identity
        self.name = ""  # of the node in question
        self.words = ""  # what it is in the module

    def refuse(self, words: str) -> NoReturn:
        """Raise InputError naming the node."""
        raise InputError(f"node {self.name} ({self.words}) {words}")

    def require(self, holds: bool, words: str) -> None:
        if not holds:
            self.refuse(words)

    def linear(self, input: Value, weight: torch.Tensor, bias: torch.Tensor | None = None) -> Value:
        names = self._named(weight, "weight"), self._named(bias, "bias")
        return self._add(Linear(self._fresh(), (input.node,), weight=names[0] or "", bias=names[1]))

    def conv2d(
        self,
        input: Value,
        weight: torch.Tensor,
        bias: torch.Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Value:
        kernel, apart = _pair(tuple(weight.shape[2:])), _pair(dilation)
        if isinstance(padding, str):
            more = [size * (length - 1) if padding == "same" else 0 for size, length in zip(apart, kernel, strict=True)]
            around: Padding = (more[0] // 2, more[1] // 2, more[0] - more[0] // 2, more[1] - more[1] // 2)
        else:
            around = _around(padding)
        names = self._named(weight, "weight"), self._named(bias, "bias")
        node = Conv2d(
            self._fresh(), (input.node,),
            kernel=kernel, stride=_pair(stride), padding=around, dilation=apart,
            weight=names[0] or "", bias=names[1], groups=groups,
        )  # fmt: skip
        return self._add(node)

    def relu(self, input: Value, inplace: bool = False) -> Value:
        return self._add(ReLU(self._fresh(), (input.node,)))

    def leaky_relu(self, input: Value, negative_slope: Any = 0.01, inplace: bool = False) -> Value:
        return self.prelu(input, negative_slope)

    def prelu(self, input: Value, weight: Any) -> Value:
        shape = self._shape(input)
        if id(weight) in self._names and tuple(weight.shape) == shape[:1]:
            name = self._named(weight, "weight")
            return Value(leaky(self.builder, self.name, input.node, np.zeros(0), weight=name))
        slope = self._constant(weight, input).reshape(-1, *[1] * (len(shape) - 1))  # one in all, or for each channel
        constant = id(weight) not in self._names
        return Value(leaky(self.builder, self.name, input.node, slope, constant=constant))

    def abs(self, input: Value) -> Value:
        return self.prelu(input, -1.0)

    def relu6(self, input: Value, inplace: bool = False) -> Value:
        return self.clamp(input, 0.0, 6.0)

    def hardtanh(self, input: Value, min_val: Any = -1.0, max_val: Any = 1.0, inplace: bool = False) -> Value:
        return self.clamp(input, min_val, max_val)

    def clamp(self, input: Value, min: Any = None, max: Any = None) -> Value:
        low, high = (None if one is None else float(one) for one in (min, max))
        low, high = None if low == -inf else low, None if high == inf else high
        sound = all(one is None or isfinite(one) for one in (low, high)) and not (
            low is not None and high is not None and low > high
        )
        self.require(sound, f"has the bounds {min} and {max}: two numbers in order are needed")
        return Value(clipped(self.builder, self.name, input.node, low, high))

    def normalised(self, input: Value, mean: Array, variance: Array, eps: float, *affine: tuple[str, Array]) -> Value:
        """Batch normalisation in evaluation mode; `affine`: name and array of weight and bias, empty for none."""
        given = [(name, array if array.size else None) for name, array in affine]
        return Value(self.builder.normalised(self.name, input.node, mean, variance, eps, *given))

    def same(self, input: Value, *_: Any) -> Value:
        """What changes nothing of the values."""
        return input

    def dropout(self, input: Value, p: float = 0.5, training: bool = True, inplace: bool = False) -> Value:
        self.require(not training, "drops at random: call .eval() first, and pass training=self.training")
        return input

    def max_pool2d(
        self,
        input: Value,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Value:
        self.require(not return_indices, "returns indices, which is not covered")
        kernel, around = _pair(kernel_size), _around(padding)
        step = _pair(stride if stride not in (None, [], ()) else kernel_size)
        if ceil_mode and len(self._shape(input)) == 3:
            around = rounded_up(self._shape(input), kernel, step, around, _pair(dilation))
        return self._add(
            MaxPool2d(
                self._fresh(), (input.node,), kernel=kernel, stride=step, padding=around, dilation=_pair(dilation)
            )
        )

    def avg_pool2d(
        self,
        input: Value,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Value:
        self.require(divisor_override is None, "has a divisor of its own, which is not covered")
        kernel, around = _pair(kernel_size), _around(padding)
        step = _pair(stride if stride not in (None, [], ()) else kernel_size)
        if ceil_mode and len(self._shape(input)) == 3:
            further = rounded_up(self._shape(input), kernel, step, around, (1, 1))
            self.require(further == around or not any(around), "rounds its size up (ceil_mode) beside its padding")
            around, count_include_pad = further, count_include_pad and further == around
        node = AvgPool2d(
            self._fresh(), (input.node,),
            kernel=kernel, stride=step, padding=around, counts_padding=bool(count_include_pad),
        )  # fmt: skip
        return self._add(node)

    def adaptive_avg_pool2d(self, input: Value, output_size: Any) -> Value:
        shape = self._shape(input)
        self.require(len(shape) == 3, f"reads a value of shape {shape}: an image (c, h, w) is needed")
        wanted = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
        sizes = [size if one is None else int(one) for one, size in zip(wanted, shape[1:], strict=True)]
        if sizes == [1, 1]:
            return self._add(GlobalAvgPool(self._fresh(), (input.node,)))
        even = all(size % one == 0 for size, one in zip(shape[1:], sizes, strict=True))
        self.require(even, f"makes {sizes} of the image {shape}, whose windows overlap: divisors are covered")
        kernel = _pair([size // one for size, one in zip(shape[1:], sizes, strict=True)])
        return self._add(AvgPool2d(self._fresh(), (input.node,), kernel=kernel, stride=kernel))

    def mean(self, input: Value, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Value:
        shape = self._shape(input)
        axes = {int(one) % (len(shape) + 1) for one in ([dim] if isinstance(dim, int) else dim or [0])}
        self.require(len(shape) == 3 and axes == {2, 3} and dtype is None, "is covered over rows and columns of images")
        pooled = self._add(GlobalAvgPool(self._fresh(), (input.node,)))
        return pooled if keepdim else self._shaped(pooled, shape[:1])

    def flatten(self, input: Value, start_dim: int = 0, end_dim: int = -1) -> Value:
        shape = self._shape(input)
        first, last = (one % (len(shape) + 1) for one in (start_dim, end_dim))
        self.require(1 <= first <= last, "joins samples: start_dim must be 1 or more")
        return self._shaped(input, (*shape[: first - 1], prod(shape[first - 1 : last]), *shape[last:]))

    def reshape(self, input: Value, *sizes: Any, **named: Any) -> Value:
        wanted = [*sizes, *named.values()]
        wanted = list(wanted[0]) if len(wanted) == 1 and isinstance(wanted[0], tuple | list) else wanted
        count = prod(self._shape(input))
        first, *rest = wanted or [0]
        self.require(all(type(one) is int for one in rest), f"has the sizes {wanted}, which are no integers behind N")
        if first is BATCH:
            free = [k for k, one in enumerate(rest) if one == -1]
            self.require(len(free) <= 1, f"has the sizes {wanted}, of which two are free")
            if free:
                known = prod(one for one in rest if one != -1)
                rest[free[0]] = count // known if known > 0 else 0
        else:
            self.require(first == -1 and -1 not in rest, f"has the sizes {wanted}: the first must be that of the batch")
        if not rest and count == 1:
            rest = [1]
        self.require(prod(rest) == count and min(rest, default=0) >= 1, f"has the sizes {wanted} for {count} entries")
        return self._shaped(input, tuple(rest))

    def squeeze(self, input: Value, dim: Any = None) -> Value:
        shape = self._shape(input)
        axes = {one % (len(shape) + 1) for one in ([dim] if isinstance(dim, int) else dim or [0])}
        self.require(0 not in axes, "may drop the axis of the samples: give the axes that it drops")
        kept = tuple(size for k, size in enumerate(shape, 1) if k not in axes or size != 1)
        return self._shaped(input, kept or (1,))

    def unsqueeze(self, input: Value, dim: int) -> Value:
        shape = self._shape(input)
        at = dim % (len(shape) + 2)
        self.require(at >= 1, "moves the axis of the samples")
        return self._shaped(input, (*shape[: at - 1], 1, *shape[at - 1 :]))

    def permute(self, input: Value, *order: Any, **named: Any) -> Value:
        axes = [*order, *named.values()]
        axes = list(axes[0]) if len(axes) == 1 and isinstance(axes[0], tuple | list) else axes
        axes = [one % (len(self._shape(input)) + 1) for one in axes]
        self.require(axes[:1] == [0], "moves the axis of the samples")
        return self._add(Transpose(self._fresh(), (input.node,), order=tuple(one - 1 for one in axes[1:])))

    def transpose(self, input: Value, dim0: int, dim1: int) -> Value:
        order = list(range(len(self._shape(input)) + 1))
        order[dim0], order[dim1] = order[dim1], order[dim0]
        return self.permute(input, *order)

    def cat(self, tensors: Any, dim: int = 0, axis: int | None = None) -> Value:
        parts = list(tensors)
        self.require(
            all(isinstance(one, Value) for one in parts), "joins a value with a constant, which is not covered"
        )
        joined = (dim if axis is None else axis) % (len(self._shape(parts[0])) + 1)
        self.require(joined >= 1, "joins samples: an axis behind the first is needed")
        return self._add(Concatenate(self._fresh(), tuple(one.node for one in parts), axis=joined - 1))

    def add(self, input: Any, other: Any, *, alpha: Any = 1) -> Value:
        self.require(alpha == 1, "has a factor alpha: 1 is covered")
        if isinstance(input, Value) and isinstance(other, Value):
            return self._add(Add(self._fresh(), (input.node, other.node)))
        value, constant = (input, other) if isinstance(input, Value) else (other, input)
        return self._scaled(value, None, self._constant(constant, value), constant)

    def sub(self, input: Any, other: Any, *, alpha: Any = 1) -> Value:
        if isinstance(other, Value):
            return self.add(input, self._scaled(other, np.array([-1.0]), None), alpha=alpha)
        self.require(alpha == 1, "has a factor alpha: 1 is covered")
        return self._scaled(input, None, -self._constant(other, input), other)

    def mul(self, input: Any, other: Any) -> Value:
        value, constant = (input, other) if isinstance(input, Value) else (other, input)
        self.require(not isinstance(constant, Value), "multiplies two values, which is no affine map")
        return self._scaled(value, self._constant(constant, value), None, constant)

    def div(self, input: Any, other: Any) -> Value:
        self.require(isinstance(input, Value) and not isinstance(other, Value), "divides by a value: no affine map")
        with np.errstate(all="ignore"):
            return self._scaled(input, 1.0 / self._constant(other, input), None, other)

    def log_softmax(self, input: Value, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Value:
        return self.absorbed(input, "log_softmax", dim)

    def softmax(self, input: Value, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Value:
        return self.absorbed(input, "softmax", dim)

    def size(self, input: Value, dim: int | None = None) -> Any:
        """What `x.size()` and `x.shape` are: the batch's own number first."""
        sizes = (BATCH, *self._shape(input))
        return sizes if dim is None else sizes[dim]

    def dim(self, input: Value) -> int:
        return len(self._shape(input)) + 1

    # What they share

    def absorbed(self, x: Value, what: str, dim: int | None) -> Value:
        """A softmax or log-softmax, which may only be the last step."""
        self.require(len(self._shape(x)) == 1 and dim in (None, 1, -1), "is covered over the outputs (N, p)")
        return Value(x.node, what)

    def _shape(self, x: Value) -> Shape:
        return self.builder.shapes[x.node]

    def _fresh(self) -> str:
        return self.builder.fresh(self.name)

    def _add(self, node: Any) -> Value:
        return Value(self.builder.add(node))

    def _shaped(self, x: Value, size: Shape) -> Value:
        return Value(self.builder.shaped(self.name, x.node, size))

    def _scaled(self, x: Value, factor: Array | None, shift: Array | None, given: Any = None) -> Value:
        """`given`: what the arrays were made of, where that may be one of the module's own tensors."""
        constant = id(given) not in self._names
        return Value(self.builder.scaled(self.name, x.node, factor, shift, constant=constant))

    def _named(self, tensor: Any, what: str) -> str | None:
        """Keep a parameter under the name that it has in the module."""
        if tensor is None:
            return None
        self.require(isinstance(tensor, torch.Tensor), "has a weight that is computed, not a parameter")
        return self.builder.keep(self._names.get(id(tensor), f"{self.name}.{what}"), tensor)

    def _constant(self, given: Any, x: Value) -> Array:
        """A number or tensor as an array that broadcasts to one sample."""
        array = np.asarray(as_array(self.name, given), dtype=np.float64)
        if array.ndim == len(self._shape(x)) + 1 and array.shape[0] == 1:
            array = array[0]
        if id(given) in self._names:
            name = self._names[id(given)]
            self.builder.folded = True
            self.builder.notes.append(f"{name} became a channel scale or shift at {self.name}")
        return array


def _pair(given: Any) -> Pair:
    sizes = tuple(given) if isinstance(given, tuple | list | torch.Size) else (given, given)
    return (int(sizes[0]), int(sizes[-1]))


def _around(given: Any) -> Padding:
    rows, columns = _pair(given)
    return rows, columns, rows, columns
