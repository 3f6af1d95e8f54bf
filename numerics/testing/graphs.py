"""Strategies for graphs of nodes: images and vectors, windows of every geometry, sums, concatenations, groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

from numerics.networks.arrays import Array
from numerics.networks.graph import Graph, Node
from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.nodes import (
    Add,
    Concatenate,
    Flatten,
    Input,
    Linear,
    ReLU,
    Reshape,
    Scale,
    Transpose,
)
from numerics.networks.graph.windows import Shape, positions


def graphs(*, most: int = 6) -> st.SearchStrategy[Graph]:
    """A graph of up to `most` nodes between input and last affine map; weights are multiples of 1/4, often 0."""
    return _graphs(most)


@st.composite
def _graphs(draw: st.DrawFn, most: int) -> Graph:
    size = draw(st.sampled_from(((3,), (5,), (1, 3, 4), (2, 4, 4), (2, 3, 5), (4, 2, 2), (2, 3))))
    made = _Draft(draw, size)
    for _ in range(draw(st.integers(0, most))):
        made.step()
    return made.finish()


class _Draft:
    """A graph on its way: every new node reads the last one, and some an earlier one besides."""

    def __init__(self, draw: st.DrawFn, size: Shape) -> None:
        self._draw = draw
        self.nodes: list[Node] = [Input("x", (), size=size)]
        self.shapes: dict[str, Shape] = {"x": size}
        self.arrays: dict[str, Array] = {}

    @property
    def last(self) -> str:
        """The name of the last node."""
        return self.nodes[-1].name

    @property
    def shape(self) -> Shape:
        """The shape of its value."""
        return self.shapes[self.last]

    def step(self) -> None:
        """One more node, of any kind that the last one's value allows."""
        kinds: list[Callable[[], None]] = [self._relu, self._relu, self._scale, self._reshape, self._concatenate]
        kinds += [self._linear] * 2 if len(self.shape) == 1 else [self._flatten]
        kinds += [self._transpose] * 2 if len(self.shape) > 1 else []
        if len(self.shape) == 3:
            kinds += [self._conv] * 3 + [self._max] * 2 + [self._average] * 3 + [self._global]
        if self._like():
            kinds += [self._add] * 2
        self._draw(st.sampled_from(kinds))()

    def finish(self) -> Graph:
        """With a last affine map to one to three outputs."""
        if len(self.shape) > 1:
            self._flatten()
        self._linear()
        return Graph(tuple(self.nodes), self.arrays)

    def _put(self, kind: type[Node], *others: str, **fields: Any) -> None:
        name = f"{kind.op}.{len(self.nodes)}"
        node = kind(name, (self.last, *others), **fields)
        parameters = {one: array.shape for one, array in self.arrays.items()}
        self.shapes[name] = node.shape([self.shapes[one] for one in node.inputs], parameters)
        self.nodes.append(node)

    def _array(self, *shape: int) -> str:
        name = f"p{len(self.arrays)}"
        rng = np.random.default_rng(self._draw(st.integers(0, 255)))  # entry by entry would cost most of a test's time
        entries = rng.integers(-16, 17, shape) / 4.0
        self.arrays[name] = np.where(rng.random(shape) < 0.25, 0.0, entries)
        return name

    def _bias(self, size: int) -> str | None:
        return self._array(size) if self._draw(st.booleans()) else None

    def _like(self) -> Sequence[str]:
        """Earlier nodes of the same shape; the last one among them, so that a value may be added to itself."""
        return [name for name, shape in self.shapes.items() if shape == self.shape]

    def _linear(self) -> None:
        size = self._draw(st.integers(1, 3))
        self._put(Linear, weight=self._array(size, self.shape[0]), bias=self._bias(size))

    def _scale(self) -> None:
        self._put(Scale, weight=self._array(self.shape[0]), bias=self._bias(self.shape[0]))

    def _relu(self) -> None:
        self._put(ReLU)

    def _add(self) -> None:
        self._put(Add, self._draw(st.sampled_from(self._like())))

    def _concatenate(self) -> None:
        axis = self._draw(st.integers(0, len(self.shape) - 1))
        rest = [name for name, one in self.shapes.items() if _without(one, axis) == _without(self.shape, axis)]
        if prod(self.shape) <= 24:
            self._put(Concatenate, self._draw(st.sampled_from(rest)), axis=axis)

    def _flatten(self) -> None:
        self._put(Flatten)

    def _reshape(self) -> None:
        first = self._draw(st.sampled_from([k for k in range(1, prod(self.shape) + 1) if prod(self.shape) % k == 0]))
        self._put(Reshape, size=(first, prod(self.shape) // first, 1))

    def _transpose(self) -> None:
        self._put(Transpose, order=tuple(self._draw(st.permutations(range(len(self.shape))))))

    def _window(self, *, pooling: bool) -> dict[str, Any] | None:
        """A kernel, stride, padding and dilation that fit; for pooling without a window of padding alone."""
        pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
        kernel, stride, dilation = (
            self._draw(pair),
            self._draw(pair),
            self._draw(st.sampled_from(((1, 1), (1, 2), (2, 1)))),
        )
        most = [size - 1 if pooling else 2 for size in kernel]
        dilation = (1, 1) if pooling else dilation
        around = tuple(self._draw(st.integers(0, most[k % 2])) for k in range(4))
        padding = (around[0], around[1], around[2], around[3])
        if min(positions(self.shape, kernel, stride, padding, dilation)) < 1:
            return None
        return {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}

    def _conv(self) -> None:
        channels = self.shape[0]
        groups = self._draw(st.sampled_from([k for k in range(1, channels + 1) if channels % k == 0]))
        size = groups * self._draw(st.integers(1, 2))
        form = self._window(pooling=False)
        if form is not None and channels * size <= 16:
            weight = self._array(size, channels // groups, *form["kernel"])
            self._put(Conv2d, weight=weight, bias=self._bias(size), groups=groups, **form)

    def _max(self) -> None:
        if (form := self._window(pooling=True)) is not None:
            self._put(MaxPool2d, **form)

    def _average(self) -> None:
        if (form := self._window(pooling=True)) is not None:
            self._put(AvgPool2d, counts_padding=self._draw(st.booleans()), **form)

    def _global(self) -> None:
        self._put(GlobalAvgPool)


def _without(shape: Shape, axis: int) -> tuple[object, ...]:
    return (len(shape), shape[:axis], shape[axis + 1 :])
