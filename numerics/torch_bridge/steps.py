"""What each function and method of torch is in a graph, with the arguments that torch gives it."""

from __future__ import annotations

from math import inf, isfinite, prod
from typing import Any

import numpy as np
import torch

from numerics.networks.arrays import Array, as_array
from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.nodes import Add, Concatenate, Linear, ReLU, Transpose
from numerics.networks.graph.piecewise import clipped, leaky
from numerics.networks.graph.transposed import transposed
from numerics.networks.graph.windows import Padding, Pair, rounded_up
from numerics.torch_bridge.rearranging import Rearranging
from numerics.torch_bridge.reducing import Reducing
from numerics.torch_bridge.step import BATCH, Value


class Steps(Rearranging, Reducing):
    """The steps of one traced module, each written into the builder under the name of its node."""

    def linear(self, input: Value, weight: torch.Tensor, bias: torch.Tensor | None = None) -> Value:
        """Along the last axis: of a vector a dense layer, of more axes a convolution of 1 x 1."""
        shape = self._shape(input)
        if len(shape) == 1:
            names = self._named(weight, "weight"), self._named(bias, "bias")
            return self._add(Linear(self._fresh(), (input.node,), weight=names[0] or "", bias=names[1]))
        last = len(shape) - 1
        front = self._add(Transpose(self._fresh(), (input.node,), order=(last, *range(last))))
        column = self._shaped(front, (shape[-1], prod(shape[:-1]), 1))
        o, i = weight.shape
        names = self._named(weight, "weight", (o, i, 1, 1)), self._named(bias, "bias")
        node = Conv2d(self._fresh(), (column.node,), kernel=(1, 1), weight=names[0] or "", bias=names[1])
        made = self._shaped(self._add(node), (o, *shape[:-1]))
        return self._add(Transpose(self._fresh(), (made.node,), order=(*range(1, len(shape)), 0)))

    def matmul(self, input: Value, other: Any) -> Value:
        """A value times a matrix of the module."""
        matrix = isinstance(input, Value) and isinstance(other, torch.Tensor) and other.ndim == 2
        self.require(matrix and len(self._shape(input)) == 1, "is no row times a matrix of the module's")
        straight = self._transpose_of(other)
        if straight is not None:
            return self.linear(input, straight)
        name = self._names.get(id(other), f"{self.name}.weight")
        kept = self.builder.keep_as(name, other, (1, 0), (int(other.shape[1]), int(other.shape[0])))
        return self._add(Linear(self._fresh(), (input.node,), weight=kept))

    def addmm(self, bias: Any, input: Value, other: Any, *, beta: Any = 1, alpha: Any = 1) -> Value:
        self.require(beta == 1 and alpha == 1, "has factors beta or alpha: 1 is covered")
        return self.add(self.matmul(input, other), bias)

    def conv1d(
        self,
        input: Value,
        weight: torch.Tensor,
        bias: torch.Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Value:
        """That of an image of one column."""
        o, c, k = weight.shape
        column = self._column_of(input)
        around = padding if isinstance(padding, str) else (_single(padding), 0)
        form = (_single(stride), 1), around, (_single(dilation), 1)
        names = self._named(weight, "weight", (o, c, k, 1)), self._named(bias, "bias")
        made = self._conv(column, names, (k, 1), *form, groups)
        return self._shaped(made, self._shape(made)[:2])

    def conv_transpose2d(
        self,
        input: Value,
        weight: torch.Tensor,
        bias: torch.Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        dilation: Any = 1,
    ) -> Value:
        """Zeros between the rows and columns, then the convolution with the kernel turned around."""
        self.require(groups == 1 and _pair(dilation) == (1, 1), "has groups or a dilation, which are not covered")
        self._image(input)
        name, names = self._names.get(id(weight), f"{self.name}.weight"), self._named(bias, "bias")
        kernel = np.asarray(as_array(self.name, weight), dtype=np.float64)
        form = _pair(stride), _around(padding), _pair(output_padding)
        return Value(transposed(self.builder, self.name, input.node, (name, kernel), names, *form))

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
        names = self._named(weight, "weight"), self._named(bias, "bias")
        return self._conv(input, names, _pair(tuple(weight.shape[2:])), stride, padding, dilation, groups)

    def _conv(
        self, input: Value, names: tuple[str | None, str | None], kernel: Pair,
        stride: Any, padding: Any, dilation: Any, groups: int,
    ) -> Value:  # fmt: skip
        apart = _pair(dilation)
        if isinstance(padding, str):
            more = [size * (length - 1) if padding == "same" else 0 for size, length in zip(apart, kernel, strict=True)]
            around: Padding = (more[0] // 2, more[1] // 2, more[0] - more[0] // 2, more[1] - more[1] // 2)
        else:
            around = _around(padding)
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
        if not constant:
            self.builder.folded = True
            self.builder.notes.append(f"{self._names[id(weight)]} became a slope at {self.name}")
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

    def max_pool1d(self, input: Value, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
                   ceil_mode: bool = False, return_indices: bool = False) -> Value:  # fmt: skip
        step = _single(kernel_size if stride in (None, [], ()) else stride)
        form = (_single(kernel_size), 1), (step, 1), (_single(padding), 0), (_single(dilation), 1)
        pooled = self.max_pool2d(self._column_of(input), *form, ceil_mode, return_indices)
        return self._shaped(pooled, self._shape(pooled)[:2])

    def avg_pool1d(self, input: Value, kernel_size: Any, stride: Any = None, padding: Any = 0,
                   ceil_mode: bool = False, count_include_pad: bool = True) -> Value:  # fmt: skip
        step = _single(kernel_size if stride in (None, [], ()) else stride)
        form = (_single(kernel_size), 1), (step, 1), (_single(padding), 0)
        pooled = self.avg_pool2d(self._column_of(input), *form, ceil_mode, count_include_pad)
        return self._shaped(pooled, self._shape(pooled)[:2])

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
        kernel, around = _pair(kernel_size), _around(padding)
        step = _pair(stride if stride not in (None, [], ()) else kernel_size)
        if ceil_mode and len(self._shape(input)) == 3:
            further = rounded_up(self._shape(input), kernel, step, around, (1, 1))
            self.require(further == around or not any(around), "rounds its size up (ceil_mode) beside its padding")
            around, count_include_pad = further, count_include_pad and further == around
        node = AvgPool2d(
            self._fresh(), (input.node,),
            kernel=kernel, stride=step, padding=around,
            counts_padding=bool(count_include_pad) or divisor_override is not None,
        )  # fmt: skip
        pooled = self._add(node)
        return pooled if divisor_override is None else self.mul(pooled, prod(kernel) / divisor_override)

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

    def stack(self, tensors: Any, dim: int = 0) -> Value:
        """Side by side along a new axis."""
        parts = list(tensors)
        self.require(all(isinstance(one, Value) for one in parts), "joins a value with a constant")
        return self.cat([self.unsqueeze(one, dim) for one in parts], dim % (len(self._shape(parts[0])) + 2))

    def unflatten(self, input: Value, dim: int, sizes: Any) -> Value:
        shape = self._shape(input)
        at = dim % (len(shape) + 1)
        self.require(at >= 1, "moves the axis of the samples")
        wanted = [int(one) for one in sizes]
        if -1 in wanted:
            wanted[wanted.index(-1)] = shape[at - 1] // max(1, -prod(wanted))
        self.require(prod(wanted) == shape[at - 1], f"makes {wanted} of {shape[at - 1]} entries")
        return self._shaped(input, (*shape[: at - 1], *wanted, *shape[at:]))

    def add(self, input: Any, other: Any, *, alpha: Any = 1) -> Value:
        if alpha != 1:
            other = self.mul(other, float(alpha)) if isinstance(other, Value) else other * alpha
        if isinstance(input, Value) and isinstance(other, Value):
            return self._add(Add(self._fresh(), (input.node, other.node)))
        value, constant = (input, other) if isinstance(input, Value) else (other, input)
        return self._scaled(value, None, self._constant(constant, value), constant)

    def sub(self, input: Any, other: Any, *, alpha: Any = 1) -> Value:
        if isinstance(other, Value):
            return self.add(input, self._scaled(other, np.array([-1.0]), None), alpha=alpha)
        other = other if alpha == 1 else other * alpha
        return self._scaled(input, None, -self._constant(other, input), other)

    def neg(self, input: Value) -> Value:
        return self._scaled(input, np.array([-1.0]), None)

    def maximum(self, input: Value, other: Any) -> Value:
        """`b + [a - b]_+`; with a number a bound."""
        if not isinstance(other, Value):
            return self.clamp(input, min=float(other))
        return self.add(other, self.relu(self.sub(input, other)))

    def minimum(self, input: Value, other: Any) -> Value:
        """`b - [b - a]_+`; with a number a bound."""
        if not isinstance(other, Value):
            return self.clamp(input, max=float(other))
        return self.sub(other, self.relu(self.sub(other, input)))

    def softshrink(self, input: Value, lambd: float = 0.5) -> Value:
        """`[x - lambda]_+ - [-x - lambda]_+`."""
        above = self.relu(self.sub(input, lambd))
        return self.sub(above, self.relu(self.sub(self.neg(input), lambd)))

    def hardsigmoid(self, input: Value, inplace: bool = False) -> Value:
        return self.clamp(self.add(self.mul(input, 1.0 / 6.0), 0.5), 0.0, 1.0)

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

    def _named(self, tensor: Any, what: str, shape: tuple[int, ...] | None = None) -> str | None:
        """Keep a parameter under the name that it has in the module, of another shape if one is given."""
        if tensor is None:
            return None
        self.require(isinstance(tensor, torch.Tensor), "has a weight that is computed, not a parameter")
        name = self._names.get(id(tensor))
        if name is None:  # what a parametrization, or the program itself, makes of other tensors
            name = f"{self.name}.{what}"
            self.builder.folded = True
            self.builder.notes.append(f"{name} is computed by the module, and taken as it is now")
        if shape is None:
            return self.builder.keep(name, tensor)
        return self.builder.keep_as(name, tensor, tuple(range(tensor.ndim)), shape)

    def _transpose_of(self, tensor: torch.Tensor) -> torch.Tensor | None:
        """The module's own matrix of which this is the transpose."""
        for one in self._own:
            same = one.ndim == 2 and one.data_ptr() == tensor.data_ptr() and tuple(one.T.shape) == tuple(tensor.shape)
            if same and one.T.stride() == tensor.stride() and id(tensor) not in self._names:
                return one
        return None

    def _column_of(self, input: Value) -> Value:
        shape = self._shape(input)
        self.require(len(shape) == 2, f"reads a value of shape {shape}: channels of one axis (c, l) are needed")
        return self._shaped(input, (*shape, 1))

    def _image(self, input: Value) -> tuple[int, int, int]:
        shape = self._shape(input)
        self.require(len(shape) == 3, f"reads a value of shape {shape}: an image (c, h, w) is needed")
        return shape[0], shape[1], shape[2]

    def _constant(self, given: Any, x: Value) -> Array:
        """A number or tensor as an array that broadcasts to one sample."""
        array = np.asarray(as_array(self.name, given), dtype=np.float64)
        if array.ndim == len(self._shape(x)) + 1 and array.shape[0] == 1:
            array = array[0]
        return array


def _single(given: Any) -> int:
    return int(given[0]) if isinstance(given, tuple | list | torch.Size) else int(given)


def _pair(given: Any) -> Pair:
    sizes = tuple(given) if isinstance(given, tuple | list | torch.Size) else (given, given)
    return (int(sizes[0]), int(sizes[-1]))


def _around(given: Any) -> Padding:
    rows, columns = _pair(given)
    return rows, columns, rows, columns
