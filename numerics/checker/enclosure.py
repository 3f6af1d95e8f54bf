"""Rule 1: an upper bound of the loss over a whole piece, by first-order models of every activation."""

from collections.abc import Mapping
from dataclasses import dataclass

from flint import fmpq

from .chain import outputs
from .lines import Piece
from .losses.margins import unsure
from .models import Model, Slab
from .stretch import Block, Stretch


@dataclass(frozen=True)
class Enclosure:
    """The forward pass of a block of samples over a piece. `slabs`, `biases`: the weights there."""

    block: Block
    piece: Piece
    slabs: Mapping[str, Slab]
    biases: Mapping[str, Model]

    def first(self) -> Model:
        """X W^T."""
        return self.block.first.model(self.piece)

    def affine(self, layer: Model, matrix: str, bias: str | None) -> Model:
        """The layer times the matrix, plus the bias if there is one."""
        product = layer.times(self.slabs[matrix])
        return product.plus(self.biases[bias]) if bias is not None and bias in self.biases else product

    def plus(self, one: Model, other: Model) -> Model:
        """The sum."""
        return one.plus(other)

    def relu(self, layer: Model) -> Model:
        """[.]_+."""
        return layer.relu()

    def minus_targets(self, layer: Model) -> Model:
        """f(x_k) - y_k, (rows, p), from f."""
        targets = self.block.targets.model(self.piece)
        return layer.plus(Model(targets.grid, -targets.mid, targets.slope, targets.radius, targets.exponent))


def weights_on(stretch: Stretch, piece: Piece) -> tuple[dict[str, Slab], dict[str, Model]]:
    """The matrices and the biases on a piece."""
    names = {name: len(stretch.space.shapes[name]) for name in stretch.weights}
    slabs = {name: stretch.weights[name].slab(piece) for name, sides in names.items() if sides == 2}
    biases = {name: stretch.weights[name].model(piece) for name, sides in names.items() if sides == 1}
    return slabs, biases


@dataclass(frozen=True)
class Bound:
    """`loss`: at least the loss at every t of a piece; `unsure`: how many samples are not surely right on all of it.

    The latter is None without labels.
    """

    loss: fmpq
    unsure: int | None


def bound_on(stretch: Stretch, piece: Piece) -> Bound:
    """What holds at every t of the piece. Both ends of all models are summed before they are compared."""
    slabs, biases = weights_on(stretch, piece)
    loss, counted = stretch.measure.loss, stretch.measure.labelled
    ends, open_ones = (fmpq(0), fmpq(0)), 0
    for block in stretch.blocks:
        enclosure = Enclosure(block, piece, slabs, biases)
        residuals = enclosure.minus_targets(outputs(stretch.space, enclosure))
        first, last = loss.ends(residuals, block.y)
        ends = (ends[0] + first, ends[1] + last)
        open_ones += unsure(residuals, block.y) if counted else 0
    return Bound(max(ends) / stretch.samples, open_ones if counted else None)


def upper_bound(stretch: Stretch, piece: Piece) -> fmpq:
    """At least the loss at every t of the piece."""
    return bound_on(stretch, piece).loss
