"""Steps that move, repeat or leave out entries of each sample: torch itself says where each entry goes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from numerics.networks.graph.gather import NOTHING, gathered
from numerics.torch_bridge.step import Step, Value


class Rearranging(Step):
    """Slices, parts, padding with zeros or with what is there, nearest interpolation, shuffled pixels."""

    def rearranged(self, function: Callable[..., Any], input: Value, *args: Any, **kwargs: Any) -> Any:
        """What a function does that moves entries: seen on the numbers of the entries of two samples.

        A value, or several where the function gives several.
        """
        shape = self._shape(input)
        count = prod(shape)
        numbers = torch.arange(1, 2 * count + 1, dtype=torch.float64).reshape(2, *shape)
        found = function(numbers, *args, **kwargs)
        parts = list(found) if isinstance(found, tuple | list) else [found]
        values = [self._moved(input, part, count) for part in parts]
        return tuple(values) if isinstance(found, tuple | list) else values[0]

    def getitem(self, input: Any, index: Any) -> Any:
        if isinstance(input, tuple):
            return input[index]
        first = index[0] if isinstance(index, tuple) and index else index
        self.require(first is Ellipsis or first == slice(None), "takes some of the samples: each must stay")
        return self.rearranged(lambda x: x[index], input)

    def pad(self, input: Value, pad: Any, mode: str = "constant", value: float | None = None) -> Value:
        self.require(mode != "constant" or not value, f"pads with {value}: zeros are covered")
        found: Value = self.rearranged(F.pad, input, tuple(pad), mode)
        return found

    def interpolate(
        self, input: Value, size: Any = None, scale_factor: Any = None, mode: str = "nearest", *_: Any, **more: Any
    ) -> Value:
        self.require(mode in ("nearest", "nearest-exact"), f"interpolates by {mode}: the nearest entry is covered")
        more = {key: one for key, one in more.items() if one is not None}
        found: Value = self.rearranged(F.interpolate, input, size, scale_factor, mode, **more)
        return found

    def _moved(self, input: Value, part: Any, count: int) -> Value:
        of_samples = isinstance(part, torch.Tensor) and part.ndim >= 1 and len(part) == 2
        self.require(of_samples, "moves or drops samples: each must stay by itself")
        one, other = part.numpy().astype(np.int64)
        kept = one > 0
        self.require(bool((other == np.where(kept, one + count, 0)).all() and one.max(initial=0) <= count),
                     "does not do to each sample what it does to others")  # fmt: skip
        index = np.where(kept, one - 1, NOTHING)
        self.require(index.size >= 1, "leaves nothing")
        return Value(gathered(self.builder, self.name, input.node, index.reshape(index.shape or (1,))))
