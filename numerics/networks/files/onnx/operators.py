"""What each operator of ONNX is in a graph, for one sample: a value's shape is that of a batch of 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from numerics.errors import InputError
from numerics.networks.files.onnx.moves import MOVING
from numerics.networks.files.onnx.values import Attributes, Const, Given, Reader, Value
from numerics.networks.graph.build import Builder
from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.nodes import Add, Concatenate, Linear, ReLU, Transpose
from numerics.networks.graph.piecewise import clipped, leaky
from numerics.networks.graph.transposed import transposed
from numerics.networks.graph.windows import rounded_up

UNBOUNDED = float(np.finfo(np.float32).max)  # a Clip's bound that cuts off nothing


class Operators(Reader):
    """One method for each operator, all of one signature."""

    def __init__(self, builder: Builder, opset: int) -> None:
        super().__init__(builder, opset)
        self._steps: dict[str, Callable[[Given, Attributes], Value]] = {
            "Gemm": self._gemm, "MatMul": self._matmul, "Conv": self._conv, "ConvTranspose": self._transposed,
            "Relu": self._relu, "Add": self._add,
            "LeakyRelu": self._leaky, "PRelu": self._leaky, "Clip": self._clip, "Abs": self._abs,
            "Sum": self._add, "Sub": self._sub, "Mul": self._mul, "Div": self._div, "Neg": self._neg,
            "BatchNormalization": self._normalisation, "AveragePool": self._average, "MaxPool": self._max,
            "GlobalAveragePool": self._global_average, "ReduceMean": self._reduce, "Flatten": self._flatten,
            "Reshape": self._reshape, "Transpose": self._transpose, "Squeeze": self._squeeze,
            "Unsqueeze": self._unsqueeze, "Concat": self._concat, "Identity": self._same, "Cast": self._same,
            "Max": self._larger, "Min": self._larger, "ReduceSum": self._reduce, "ReduceMax": self._reduce,
            "GlobalMaxPool": self._global_max, "HardSigmoid": self._hard_sigmoid, "Dropout": self._dropout,
            "Softmax": self._softmax, "LogSoftmax": self._softmax,
        }  # fmt: skip

    def step(self, given: Given, attributes: Attributes) -> Value:
        """The value that the operator makes. Raises InputError."""
        step = self._steps.get(self.op)
        if step is None:
            self.refuse(f"is not covered: {', '.join(sorted({*self._steps, *MOVING}))} are")
        try:
            return step(given, attributes)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            return self.refuse(f"is malformed: {' '.join(str(error).split())[:100]}")

    # Affine maps

    def _gemm(self, given: Given, attributes: Attributes) -> Value:
        x, B = self._value(given[0]), self._const(given[1])
        row = len(x.full) == 2 and x.full[0] == 1
        self.require(row and not attributes.get("transA", 0), "has transA, or reads no row")
        W = B.array if attributes.get("transB", 0) else self._turned(B)
        C = self._const(given[2]) if len(given) > 2 and given[2] is not None else None
        alpha, beta = float(attributes.get("alpha", 1.0)), float(attributes.get("beta", 1.0))
        if (alpha, beta) != (1.0, 1.0):
            self.builder.folded = True
            self.builder.folds += 1  # rounded less often than a normalisation
            self.builder.notes.append(f"the factors alpha and beta of {self.name} are multiplied into its arrays")
            W = W.astype(np.float64) * alpha
        bias = None if C is None else np.broadcast_to(C.array, (1, len(W))).reshape(-1)
        bias = bias if bias is None or beta == 1.0 else bias.astype(np.float64) * beta
        return self._linear(x, self._kept(B.name, W), None if C is None else self._kept(C.name, bias))

    def _matmul(self, given: Given, attributes: Attributes) -> Value:
        left, right = given[0], given[1]
        if isinstance(left, Value) and isinstance(right, Const):
            self.require(right.array.ndim == 2 and prod(left.full[:-1]) == 1, "is no matrix times one row")
            return self._linear(left, self._kept(right.name, self._turned(right)), None)
        if isinstance(left, Const) and isinstance(right, Value):
            column = left.array.ndim == 2 and prod(right.full) == left.array.shape[1] == right.full[0]
            column = column and len(right.full) <= 2
            self.require(column, "is no matrix times one column")
            made = self._linear(right, self._kept(left.name, left.array), None)
            return replace(made, full=(len(left.array), *right.full[1:]))
        return self.refuse("multiplies two values of the network, which is no affine map")

    def _linear(self, x: Value, weight: str, bias: str | None) -> Value:
        one = prod(x.full) == self.builder.arrays[weight].shape[1]
        self.require(one, f"reads a value of shape {x.full}: one row for each sample is covered")
        source = self.builder.shaped(f"{self.name}.row", x.node, (prod(x.full),))
        node = self.builder.add(Linear(self._fresh(), (source,), weight=weight, bias=bias))
        return Value(node, (*x.full[:-1], len(self.builder.arrays[weight])))

    def _conv(self, given: Given, attributes: Attributes) -> Value:
        W = self._const(given[1])
        if W.array.ndim == 3:
            return self._conv_of_a_line(given, attributes)
        x = self._image(given[0])
        self.require(W.array.ndim == 4, f"has a kernel of shape {W.array.shape}: two axes of an image are covered")
        kernel, stride, dilation = self._window(attributes, W.array.shape[2:])
        around = self._around(attributes, x.core, kernel, stride, dilation)
        bias = self._const(given[2]) if len(given) > 2 and given[2] is not None else None
        node = Conv2d(
            self._fresh(), (self._shaped(x),),
            kernel=kernel, stride=stride, padding=around, dilation=dilation, groups=int(attributes.get("group", 1)),
            weight=self._kept(W.name, W.array), bias=None if bias is None else self._kept(bias.name, bias.array),
        )  # fmt: skip
        return self._made(node)

    def _transposed(self, given: Given, attributes: Attributes) -> Value:
        x, W = self._image(given[0]), self._const(given[1])
        plain = attributes.get("auto_pad", b"NOTSET") in (b"NOTSET", "NOTSET") and "output_shape" not in attributes
        plain = plain and attributes.get("group", 1) == 1 and set(attributes.get("dilations", (1, 1))) == {1}
        self.require(W.array.ndim == 4 and plain, "has groups, dilations or sizes of its own, which are not covered")
        _, stride, _ = self._window(attributes, W.array.shape[2:])
        top, left, bottom, right = (int(one) for one in attributes.get("pads", (0, 0, 0, 0)))
        more = tuple(int(one) for one in attributes.get("output_padding", (0, 0)))
        bias = self._const(given[2]) if len(given) > 2 and given[2] is not None else None
        kept = None if bias is None else self._kept(bias.name, bias.array)
        form = stride, (top, left, bottom, right), (more[0], more[1])
        weight = self.free(W.name), np.asarray(W.array, dtype=np.float64)
        node = transposed(self.builder, self.name, self._shaped(x), weight, kept, *form)
        return Value(node, (1, *self.builder.shapes[node]))

    def _conv_of_a_line(self, given: Given, attributes: Attributes) -> Value:
        """That of an image of one column."""
        W = self._const(given[1])
        column, more = self._column(given[0], attributes)
        made = self._conv([column, Const(W.name, W.array[:, :, :, None]), *given[2:]], more)
        return self._reshaped(made, made.full[:3])

    def _column(self, one: Value | Const | None, attributes: Attributes) -> tuple[Value, Attributes]:
        """(1, c, l) as an image of one column, and the attributes of a window over it."""
        x = self._value(one)
        self.require(len(x.full) == 3 and x.full[0] == 1, f"reads a value of shape {x.full}: (N, c, l) is covered")
        lines = {what: (*attributes.get(what, (1,)), 1) for what in ("strides", "dilations", "kernel_shape")}
        first, last = attributes.get("pads", (0, 0))
        return Value(x.node, (*x.full, 1)), {**attributes, **lines, "pads": (first, 0, last, 0)}

    def _normalisation(self, given: Given, attributes: Attributes) -> Value:
        x, arrays = self._value(given[0]), [self._const(one) for one in given[1:5]]
        testing = not attributes.get("training_mode", 0) and (self.opset >= 7 or attributes.get("is_test", 0))
        self.require(bool(testing) and attributes.get("spatial", 1) == 1, "uses the statistics of the batch")
        gain, offset, mean, variance = (np.asarray(one.array, dtype=np.float64) for one in arrays)
        affine = [(self.free(one.name), array) for one, array in zip(arrays[:2], (gain, offset), strict=True)]
        eps = float(attributes.get("epsilon", 1e-5))
        node = self.builder.normalised(self.name, self._shaped(x), mean, variance, eps, *affine)
        return replace(x, node=node)

    def _add(self, given: Given, attributes: Attributes) -> Value:
        values = [one for one in given if isinstance(one, Value)]
        if len(values) == len(given) > 1:
            self.require(len({one.full for one in values}) == 1, f"adds the shapes {[one.full for one in values]}")
            parts = tuple(self._shaped(one) for one in values)
            return replace(values[0], node=self.builder.add(Add(self._fresh(), parts)))
        self.require(len(given) == 2, "adds constants and values: two inputs are covered then")
        shift = self._const(given[1] if isinstance(given[0], Value) else given[0])
        return self._scaled(values[0], None, self._number(shift), shift.name)

    def _sub(self, given: Given, attributes: Attributes) -> Value:
        if isinstance(given[1], Value):
            minus = self._scaled(given[1], np.array([-1.0]), None)
            return self._add([given[0], minus], attributes)
        return self._scaled(self._value(given[0]), None, -self._number(self._const(given[1])))

    def _mul(self, given: Given, attributes: Attributes) -> Value:
        value, const = (given[0], given[1]) if isinstance(given[0], Value) else (given[1], given[0])
        self.require(isinstance(const, Const), "multiplies two values of the network, which is no affine map")
        return self._scaled(self._value(value), self._number(self._const(const)), None)

    def _div(self, given: Given, attributes: Attributes) -> Value:
        self.require(isinstance(given[1], Const), "divides by a value of the network, which is no affine map")
        with np.errstate(all="ignore"):
            return self._scaled(self._value(given[0]), 1.0 / self._number(self._const(given[1])), None)

    def _neg(self, given: Given, attributes: Attributes) -> Value:
        return self._scaled(self._value(given[0]), np.array([-1.0]), None)

    def _relu(self, given: Given, attributes: Attributes) -> Value:
        x = self._value(given[0])
        return replace(x, node=self.builder.add(ReLU(self._fresh(), (x.node,))))

    def _leaky(self, given: Given, attributes: Attributes) -> Value:
        x, slope = self._value(given[0]), np.array([float(attributes.get("alpha", 0.01))])
        if self.op == "PRelu":
            slope = self._number(self._const(given[1]))
        source, (fitting,) = self._fitted(x, slope)
        return replace(x, node=leaky(self.builder, self.name, source, slope if fitting is None else fitting))

    def _abs(self, given: Given, attributes: Attributes) -> Value:
        x = self._value(given[0])
        return replace(x, node=leaky(self.builder, self.name, x.node, np.array([-1.0])))

    def _hard_sigmoid(self, given: Given, attributes: Attributes) -> Value:
        slope, shift = float(attributes.get("alpha", 0.2)), float(attributes.get("beta", 0.5))
        x = self._scaled(self._value(given[0]), np.array([slope]), np.array([shift]))
        return replace(x, node=clipped(self.builder, self.name, x.node, 0.0, 1.0))

    def _clip(self, given: Given, attributes: Attributes) -> Value:
        x, bounds = self._value(given[0]), [attributes.get("min"), attributes.get("max")]
        for k, one in enumerate(given[1:3]):
            if one is not None:
                bounds[k] = float(self._number(self._const(one)).reshape(()))
        low, high = (None if one is None or abs(one) >= UNBOUNDED else float(one) for one in bounds)
        self.require(low is None or high is None or low <= high, f"has the bounds {low} and {high}: in order needed")
        return replace(x, node=clipped(self.builder, self.name, x.node, low, high))

    # Pooling

    def _average(self, given: Given, attributes: Attributes) -> Value:
        return self._pooled(given, attributes, AvgPool2d, counts_padding=bool(attributes.get("count_include_pad", 0)))

    def _max(self, given: Given, attributes: Attributes) -> Value:
        return self._pooled(given, attributes, MaxPool2d)

    def _pooled(self, given: Given, attributes: Attributes, kind: Any, **more: Any) -> Value:
        if len(attributes["kernel_shape"]) == 1:
            column, more_attributes = self._column(given[0], attributes)
            made = self._pooled([column], more_attributes, kind, **more)
            return self._reshaped(made, made.full[:3])
        x = self._image(given[0])
        kernel, stride, dilation = self._window(attributes, attributes["kernel_shape"])
        around = self._around(attributes, x.core, kernel, stride, dilation)
        if attributes.get("ceil_mode", 0):
            further = rounded_up(x.core, kernel, stride, around, dilation)
            self.require(kind is MaxPool2d or further == around, "rounds its size up (ceil_mode), which is not covered")
            around = further
        form = {"kernel": kernel, "stride": stride, "padding": around, "dilation": dilation}
        return self._made(kind(self._fresh(), (self._shaped(x),), **form, **more))

    def _global_average(self, given: Given, attributes: Attributes) -> Value:
        return self._made(GlobalAvgPool(self._fresh(), (self._shaped(self._image(given[0])),)))

    def _global_max(self, given: Given, attributes: Attributes) -> Value:
        x = self._image(given[0])
        return self._made(MaxPool2d(self._fresh(), (self._shaped(x),), kernel=(x.full[2], x.full[3])))

    def _reduce(self, given: Given, attributes: Attributes) -> Value:
        """Axes that are kept become channels, the others one column of an image, which is pooled whole."""
        x = self._value(given[0])
        axes = sorted(self._axes(given, attributes, len(x.full))) or list(range(1, len(x.full)))
        self.require(0 not in axes or x.full[0] == 1, "goes over the samples")
        kept = [axis for axis in range(len(x.full)) if axis not in axes]
        turned = self._transpose([x], {"perm": (*kept, *axes)})
        over = prod(x.full[axis] for axis in axes)
        column = self.builder.shaped(f"{self.name}.column", turned.node, (prod(x.full) // over, over, 1))
        if self.op == "ReduceMax":
            node = self.builder.add(MaxPool2d(self._fresh(), (column,), kernel=(over, 1)))
        else:
            node = self.builder.add(GlobalAvgPool(self._fresh(), (column,)))
        full = tuple(1 if axis in axes else size for axis, size in enumerate(x.full))
        if not attributes.get("keepdims", 1):
            full = tuple(x.full[axis] for axis in kept)
        made = Value(self.builder.shaped(f"{self.name}.kept", node, tuple(full[1:]) or (1,)), full)
        return self._scaled(made, np.array([float(over)]), None) if self.op == "ReduceSum" else made

    def _larger(self, given: Given, attributes: Attributes) -> Value:
        """`b + [a - b]_+` again and again, for the smallest `b - [b - a]_+`; with a number a bound."""
        values = [one for one in given if isinstance(one, Value)]
        found = values[0]
        for other in values[1:]:
            high, low = (found, other) if self.op == "Max" else (other, found)
            rest = self._relu([self._sub([high, low], {})], {})
            found = self._add([other, rest], {}) if self.op == "Max" else self._sub([other, rest], {})
        for one in given:
            if isinstance(one, Const):
                bound = self._number(one)
                self.require(bound.size == 1, "compares with more than one constant number")
                number = float(bound.reshape(()))
                ends = (number, None) if self.op == "Max" else (None, number)
                found = replace(found, node=clipped(self.builder, self.name, found.node, *ends))
        return found

    # Rearrangements

    def _flatten(self, given: Given, attributes: Attributes) -> Value:
        x = self._value(given[0])
        axis = self._axis(int(attributes.get("axis", 1)), len(x.full), past=1)
        return self._reshaped(x, (prod(x.full[:axis]), prod(x.full[axis:])))

    def _reshape(self, given: Given, attributes: Attributes) -> Value:
        x = self._value(given[0])
        wanted = attributes["shape"] if "shape" in attributes else self._const(given[1]).array.reshape(-1).tolist()
        if not attributes.get("allowzero", 0):
            wanted = [x.full[k] if size == 0 else size for k, size in enumerate(wanted)]
        known = prod(size for size in wanted if size != -1)
        sizes = tuple(prod(x.full) // max(known, 1) if size == -1 else int(size) for size in wanted)
        self.require(
            min(sizes, default=1) >= 1 and list(wanted).count(-1) <= 1 and prod(sizes) == prod(x.full),
            f"makes the shape {str(list(wanted))[:60]} of a value of shape {x.full} (the batch's size is 1)",
        )
        return self._reshaped(x, sizes)

    def _transpose(self, given: Given, attributes: Attributes) -> Value:
        x = self._value(given[0])
        order = tuple(int(axis) for axis in attributes.get("perm", range(len(x.full))[::-1]))
        self.require(sorted(order) == list(range(len(x.full))), f"has the order {str(order)[:60]} of axes of {x.full}")
        full = tuple(x.full[axis] for axis in order)
        moved = [axis for axis in order if x.full[axis] > 1]
        if moved == sorted(moved):
            return self._reshaped(x, full)
        if order[0] == 0 and x.full[0] == 1:
            source, order = self._shaped(x), tuple(axis - 1 for axis in order[1:])
        else:
            source = self.builder.shaped(f"{self.name}.shape", x.node, x.full)
        return Value(self.builder.add(Transpose(self._fresh(), (source,), order=order)), full)

    def _squeeze(self, given: Given, attributes: Attributes) -> Value:
        x = self._value(given[0])
        axes = self._axes(given, attributes, len(x.full)) or {k for k, size in enumerate(x.full) if size == 1}
        self.require(all(x.full[axis] == 1 for axis in axes), "drops an axis of more than one entry")
        return self._reshaped(x, tuple(size for k, size in enumerate(x.full) if k not in axes))

    def _unsqueeze(self, given: Given, attributes: Attributes) -> Value:
        x = self._value(given[0])
        axes, sizes = self._axes(given, attributes, len(x.full), more=True), iter(x.full)
        return self._reshaped(x, tuple(1 if k in axes else next(sizes) for k in range(len(x.full) + len(axes))))

    def _concat(self, given: Given, attributes: Attributes) -> Value:
        values = [self._value(one) for one in given]
        axis = self._axis(int(attributes.get("axis", 1)), len(values[0].full))
        self.require(len({len(one.full) for one in values}) == 1, "joins values with different numbers of axes")
        full = list(values[0].full)
        full[axis] = sum(one.full[axis] for one in values)
        if axis >= 1 and all(one.full[0] == 1 for one in values):
            parts, axis = tuple(self._shaped(one) for one in values), axis - 1
        else:
            parts = tuple(self.builder.shaped(f"{self.name}.shape", one.node, one.full) for one in values)
        return Value(self.builder.add(Concatenate(self._fresh(), parts, axis=axis)), tuple(full))

    def _same(self, given: Given, attributes: Attributes) -> Value:
        self.require(attributes.get("to", 1) in (1, 11), "makes another type of numbers than float32 or float64")
        return self._value(given[0])

    def _dropout(self, given: Given, attributes: Attributes) -> Value:
        training = self.opset < 7 and not attributes.get("is_test", 0)
        if len(given) > 2 and given[2] is not None:
            training = bool(self._const(given[2]).array)
        self.require(not training, "drops at random: export the model in evaluation mode")
        return self._value(given[0])

    def _softmax(self, given: Given, attributes: Attributes) -> Value:
        x = self._value(given[0])
        axis = self._axis(int(attributes.get("axis", -1 if self.opset >= 13 else 1)), len(x.full))
        whole = prod(x.full) == x.full[axis] or (self.opset < 13 and prod(x.full[:axis]) == 1)
        self.require(whole, "is covered over all outputs of a sample")
        return replace(x, last=self.op)
