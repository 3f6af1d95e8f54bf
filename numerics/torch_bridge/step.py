"""What every step of a traced module has: a builder to write into, the name of its node, and words of refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from numerics.errors import InputError
from numerics.networks.arrays import Array, as_array
from numerics.networks.graph.build import Builder
from numerics.networks.graph.windows import Shape


class Batch:
    """The number of samples, which a network may pass on but not compute with."""


BATCH = Batch()


@dataclass(frozen=True)
class Value:
    """A value (N, ...): its node in the graph. `last`: what was left out behind it, so that nothing may read it."""

    node: str
    last: str = ""


class Step:
    """One node at a time of a traced module."""

    def __init__(
        self, builder: Builder, names: dict[int, str], buffers: frozenset[str], tensors: Sequence[Any]
    ) -> None:
        self.builder = builder
        self._names = names  # of parameters and buffers, by identity
        self._own = tensors  # parameters and buffers
        self._buffers = buffers  # those of them that are no parameters: numbers that no training moves
        self.name = ""  # of the node in question
        self.words = ""  # what it is in the module

    def refuse(self, words: str) -> NoReturn:
        """Raise InputError naming the node."""
        raise InputError(f"node {self.name} ({self.words}) {words}")

    def require(self, holds: bool, words: str) -> None:
        if not holds:
            self.refuse(words)

    def _shape(self, x: Value) -> Shape:
        return self.builder.shapes[x.node]

    def _fresh(self) -> str:
        return self.builder.fresh(self.name)

    def _add(self, node: Any) -> Value:
        return Value(self.builder.add(node))

    def _shaped(self, x: Value, size: Shape) -> Value:
        return Value(self.builder.shaped(self.name, x.node, size))

    def _scaled(self, x: Value, factor: Array | None, shift: Array | None, given: Any = None) -> Value:
        """`given`: what the arrays were made of, where that may be one of the module's own tensors.

        A parameter with an entry for each channel keeps its name, what is made of one in another way is folded.
        """
        name, part = self._names.get(id(given), ""), factor if shift is None else shift
        moving = name != "" and name not in self._buffers
        shape = self._shape(x)
        if moving and part is not None and part.size == shape[0] and part.shape == (shape[0], *[1] * (len(shape) - 1)):
            own = np.asarray(as_array(name, given), dtype=np.float64)
            if np.array_equal(own.reshape(-1), part.reshape(-1)):
                self.builder.keep_as(name, own, tuple(range(own.ndim)), (shape[0],))
                names = ("", name) if shift is None else (name, "")
                scaled = self.builder.scaled(self.name, x.node, factor, shift, names[0], factor_name=names[1])
                return Value(scaled)
        if moving:
            self.builder.folded = True
            self.builder.notes.append(f"{name} became a channel scale or shift at {self.name}")
        return Value(self.builder.scaled(self.name, x.node, factor, shift, constant=not moving))
