"""Steps over some axes of each sample: means, sums and largest entries, by pooling."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from numerics.networks.graph.images import GlobalAvgPool, MaxPool2d
from numerics.networks.graph.nodes import Transpose
from numerics.networks.graph.windows import Shape
from numerics.torch_bridge.step import Step, Value


class Reducing(Step):
    """Axes that are kept become channels, the others one column of an image, which is pooled whole."""

    def mean(self, input: Value, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Value:
        self.require(dtype is None, "makes another type")
        column, shape = self._column(input, dim, keepdim)
        return self._shaped(self._add(GlobalAvgPool(self._fresh(), (column.node,))), shape)

    def sum(self, input: Value, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Value:
        count = prod(self._shape(input)[one - 1] for one in self._axes(input, dim))
        found = self.mean(input, dim, keepdim, dtype)
        return self._scaled(found, np.array([float(count)]), None)

    def amax(self, input: Value, dim: Any = None, keepdim: bool = False) -> Value:
        column, shape = self._column(input, dim, keepdim)
        rows = self._shape(column)[1]
        return self._shaped(self._add(MaxPool2d(self._fresh(), (column.node,), kernel=(rows, 1))), shape)

    def max(self, input: Value, dim: Any = None, keepdim: bool = False) -> tuple[Value, None]:
        """Its values alone, of which the numbers of the largest entries are no part."""
        self.require(isinstance(dim, int), "is covered along one axis, or as torch.maximum of two values")
        return self.amax(input, dim, keepdim), None

    def _axes(self, input: Value, dim: Any) -> list[int]:
        axes = sorted(
            {int(one) % (len(self._shape(input)) + 1) for one in ([dim] if isinstance(dim, int) else dim or [0])}
        )
        self.require(0 not in axes, "goes over the samples: give the axes behind the first")
        return axes

    def _column(self, input: Value, dim: Any, keepdim: bool) -> tuple[Value, Shape]:
        """(kept, over, 1), and the shape of what is made of it."""
        shape, axes = self._shape(input), [one - 1 for one in self._axes(input, dim)]
        kept = [axis for axis in range(len(shape)) if axis not in axes]
        order = (*kept, *axes)
        turned = (
            input
            if order == tuple(range(len(shape)))
            else self._add(Transpose(self._fresh(), (input.node,), order=order))
        )
        sizes = prod(shape[axis] for axis in kept), prod(shape[axis] for axis in axes)
        made = (
            tuple(1 if axis in axes else size for axis, size in enumerate(shape))
            if keepdim
            else tuple(shape[axis] for axis in kept)
        )
        return self._shaped(turned, (*sizes, 1)), made or (1,)
