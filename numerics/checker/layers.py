"""The forward pass, written once for exact matrices and for the extents that predict their memory."""

from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar


class Operand(Protocol):
    """Anything that multiplies, adds and rectifies like a matrix."""

    def times(self, other: Self) -> Self:
        """The product."""

    def plus(self, other: Self) -> Self:
        """The sum; one row is added to every row."""

    def relu(self) -> Self:
        """[.]_+."""


M = TypeVar("M", bound=Operand)


@dataclass(frozen=True)
class Layers(Generic[M]):
    """A wide network (wide.py): H heads with p outputs on b bank rows, all transposed.

    `first` (D, b); `readout` (b, pH); `constant` (1, pH); `inner` and `biases`: the branch's layers, empty
    if none is live; `top` (R_last, pH) or None; `copies` (p, pH): minus the identity, once for each head.
    """

    first: M
    readout: M
    constant: M
    inner: tuple[M, ...]
    biases: tuple[M, ...]
    top: M | None
    copies: M

    @property
    def matrices(self) -> tuple[M, ...]:
        """All of them."""
        top = () if self.top is None else (self.top,)
        return (self.first, self.readout, self.constant, self.copies, *self.inner, *self.biases, *top)

    def residuals(self, x: M, y: M) -> M:
        """f(x_k) - y_k for all heads, (N, pH), from x (N, D) and y (N, p)."""
        features = x.times(self.first).relu()
        outputs = features.times(self.readout).plus(self.constant).plus(y.times(self.copies))
        if self.top is None:
            return outputs
        hidden = features
        for matrix, bias in zip(self.inner, self.biases, strict=True):
            hidden = hidden.times(matrix).plus(bias).relu()
        return outputs.plus(hidden.times(self.top))
