"""One forward pass on exact matrices of any kind, and on what is foreseen of them; weights at a time of a segment.

At t = p / (2^k odd) a weight that moves is an integer matrix over odd, on an arc over its square, times a power of
two. ReLU commutes with a positive factor, so the powers of odd are carried along as a degree and never divided by.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

from flint import fmpq

from .arrays import Array
from .chain import outputs
from .spaces import Space


class Operand(Protocol):
    """Anything that multiplies, adds, rectifies and scales like a matrix."""

    def times(self, other: Self) -> Self:
        """The product."""

    def plus(self, other: Self) -> Self:
        """The sum."""

    def relu(self) -> Self:
        """[.]_+."""

    def scaled(self, factor: int, exponent: int = 0) -> Self:
        """This times factor 2^exponent."""


M = TypeVar("M", bound=Operand)


@dataclass(frozen=True)
class Graded(Generic[M]):
    """`matrix` over odd^`degree`."""

    matrix: M
    degree: int


@dataclass(frozen=True)
class Pass(Generic[M]):
    """A forward pass of a block of samples: `x` (rows, D), `ones` (rows, 1), `weights` transposed."""

    weights: Mapping[str, Graded[M]]
    odd: int
    x: M
    ones: M

    def first(self) -> Graded[M]:
        """X W^T."""
        return self._times(Graded(self.x, 0), self.weights["W"])

    def affine(self, layer: Graded[M], matrix: str, bias: str | None) -> Graded[M]:
        """The layer times the matrix, plus the bias if there is one."""
        product = self._times(layer, self.weights[matrix])
        if bias is None or bias not in self.weights:
            return product
        return self.plus(product, self._times(Graded(self.ones, 0), self.weights[bias]))

    def plus(self, one: Graded[M], other: Graded[M]) -> Graded[M]:
        """The sum, both over the higher power of odd."""
        degree = max(one.degree, other.degree)
        return Graded(self._raised(one, degree).plus(self._raised(other, degree)), degree)

    def relu(self, layer: Graded[M]) -> Graded[M]:
        """[.]_+."""
        return Graded(layer.matrix.relu(), layer.degree)

    def residuals(self, space: Space, y: M) -> Graded[M]:
        """f(x_k) - y_k, (rows, p)."""
        return self.plus(outputs(space, self), Graded(y.scaled(-1), 0))

    def _raised(self, layer: Graded[M], degree: int) -> M:
        missing = degree - layer.degree
        return layer.matrix.scaled(self.odd**missing) if missing else layer.matrix

    @staticmethod
    def _times(layer: Graded[M], weights: Graded[M]) -> Graded[M]:
        return Graded(layer.matrix.times(weights.matrix), layer.degree + weights.degree)


def weights_at(given: Sequence[Array], t: fmpq, odd: int, weigh: Callable[[Array], M]) -> Graded[M]:
    """((q-p) before + p after) / q, transposed, with the powers of two of q in the exponent; of three the arc's."""
    parts = [weigh(array.T if array.ndim == 2 else array[None, :]) for array in given]
    if t == 0 or not any((given[0] != other).any() for other in given[1:]):
        return Graded(parts[0], 0)
    if t == 1:
        return Graded(parts[-1], 0)
    p, q = int(t.p), int(t.q)
    twos = (q // odd).bit_length() - 1
    if len(parts) == 2:
        return Graded(parts[0].scaled(q - p, -twos).plus(parts[1].scaled(p, -twos)), int(odd > 1))
    first, middle, last = parts
    ends = first.scaled((q - p) ** 2, -2 * twos).plus(last.scaled(p**2, -2 * twos))
    return Graded(ends.plus(middle.scaled(2 * p * (q - p), -2 * twos)), 2 * int(odd > 1))
