"""The exact forward pass, once for every arithmetic: what a layer is, is known as a matrix over a positive integer.

ReLU, maxima and sums commute with a positive factor, so what everything is over is carried along and never divided by:
at t = p / (2^k odd) a weight that moves is an integer matrix over odd, on an arc over its square, times a power of two,
and a mean divides by its count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lcm
from typing import Generic, Protocol, Self, TypeVar

from flint import fmpq

from . import chain, graph
from .arrays import Integers
from .exact import Matrix
from .spaces import Space


class Operand(Protocol):
    """Anything that multiplies, adds, rectifies and scales like a matrix."""

    def times(self, other: Self) -> Self:
        """The product."""

    def plus(self, other: Self) -> Self:
        """The sum; one row is added to every row."""

    def scaled(self, factor: int, exponent: int = 0) -> Self:
        """This times factor 2^exponent."""

    def relu(self) -> Self:
        """[.]_+."""


class GraphOperand(Operand, Protocol):
    """What does also what a graph asks for."""

    def times(self, other: Self, seen: graph.Windows | None = None) -> Self:
        """The product, or that of what every place sees: a row for each."""

    def gathered(self, others: Sequence[Self], index: Integers) -> Self:
        """Entries of this and the others."""

    def spread(self, q: int) -> Self:
        """The same entries, q rows in one."""

    def largest(self) -> Self:
        """The largest of each row."""

    def summed(self, factors: Sequence[int]) -> Self:
        """The sum of each row, times its factor."""


M = TypeVar("M", bound=Operand)
G = TypeVar("G", bound=GraphOperand)


@dataclass(frozen=True)
class Residuals:
    """f - y, (rows, p): the entries of `matrix` times `unit`."""

    matrix: Matrix
    unit: fmpq


@dataclass(frozen=True)
class Over(Generic[M]):
    """`matrix` over the positive integer `over`."""

    matrix: M
    over: int = 1


@dataclass(frozen=True)
class Pass(Generic[M]):
    """A forward pass of a block of samples: `x` (rows, D); `weights` by their keys, matrices transposed."""

    weights: Mapping[str, Over[M]]
    x: M

    def first(self) -> Over[M]:
        """X W^T."""
        return self.affine(Over(self.x), "W", None)

    def affine(self, layer: Over[M], matrix: str, bias: str | None) -> Over[M]:
        """The layer times the matrix, plus the row if there is one."""
        weights = self.weights[matrix]
        return self._shifted(Over(layer.matrix.times(weights.matrix), layer.over * weights.over), bias)

    def plus(self, one: Over[M], other: Over[M]) -> Over[M]:
        """The sum, over a common multiple."""
        (first, second), over = common((one, other))
        return Over(first.plus(second), over)

    def relu(self, layer: Over[M]) -> Over[M]:
        """[.]_+."""
        return Over(layer.matrix.relu(), layer.over)

    def outputs(self, space: Space) -> Over[M]:
        """f."""
        return chain.outputs(space, self)

    def residuals(self, space: Space, y: M) -> Over[M]:
        """f(x_k) - y_k, (rows, p)."""
        return self.plus(self.outputs(space), Over(y.scaled(-1)))

    def _shifted(self, layer: Over[M], bias: str | None) -> Over[M]:
        return self.plus(layer, self.weights[bias]) if bias is not None and bias in self.weights else layer


class GraphPass(Pass[G]):
    """The same of a graph, or of a network of any class."""

    def given(self) -> Over[G]:
        """X."""
        return Over(self.x)

    def windowed(self, layer: Over[G], seen: graph.Windows, matrix: str, bias: str | None) -> Over[G]:
        """The layer as every place sees it times the matrix, plus the row if there is one."""
        weights = self.weights[matrix]
        found = Over(layer.matrix.times(weights.matrix, seen), layer.over * weights.over)
        return self.spread(self._shifted(found, bias), seen.places)

    def gathered(self, layers: Sequence[Over[G]], index: Integers) -> Over[G]:
        """Entries of all layers, over a common multiple."""
        (first, *others), over = common(layers)
        return Over(first.gathered(others, index), over)

    def spread(self, layer: Over[G], q: int) -> Over[G]:
        """The same entries, q rows in one."""
        return Over(layer.matrix.spread(q), layer.over)

    def largest(self, layer: Over[G]) -> Over[G]:
        """The largest of each row."""
        return Over(layer.matrix.largest(), layer.over)

    def mean(self, layer: Over[G], counts: Integers) -> Over[G]:
        """The mean of each row, all over a common multiple of the counts."""
        numbers = [int(count) for count in counts]
        multiple = lcm(*numbers)
        return Over(layer.matrix.summed([multiple // number for number in numbers]), layer.over * multiple)

    def outputs(self, space: Space) -> Over[G]:
        """f."""
        return super().outputs(space) if space.graph is None else graph.outputs(space.graph, self)


def common(layers: Sequence[Over[M]]) -> tuple[list[M], int]:
    """All over one integer, and that integer."""
    over = lcm(*(layer.over for layer in layers))
    factors = [over // layer.over for layer in layers]
    return [
        layer.matrix if factor == 1 else layer.matrix.scaled(factor)
        for layer, factor in zip(layers, factors, strict=True)
    ], over


def weight_at(parts: Sequence[M], t: fmpq, *, moves: bool) -> Over[M]:
    """((q-p) before + p after) / q at t = p / q, of before, control and after the arc's, (1-t)^2 before + 2 t (1-t)
    control + t^2 after; the powers of two of q are in the exponent.
    """
    if t == 0 or not moves:
        return Over(parts[0])
    if t == 1:
        return Over(parts[-1])
    p, q = int(t.p), int(t.q)
    twos = (q & -q).bit_length() - 1
    if len(parts) == 2:
        return Over(parts[0].scaled(q - p, -twos).plus(parts[1].scaled(p, -twos)), q >> twos)
    first, middle, last = parts
    ends = first.scaled((q - p) ** 2, -2 * twos).plus(last.scaled(p**2, -2 * twos))
    return Over(ends.plus(middle.scaled(2 * p * (q - p), -2 * twos)), (q >> twos) ** 2)
