"""Rule 1: an upper bound of the loss over a whole piece, by first-order models of every activation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flint import fmpq

from . import graph, image_models
from .arrays import Integers
from .chain import outputs
from .lines import Piece
from .losses.margins import unsure
from .models import Model, Slab
from .stretch import Block, Stretch
from .threads import in_threads


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

    def given(self) -> Model:
        """X, which a graph starts from."""
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

    def gathered(self, layers: Sequence[Model], index: Integers) -> Model:
        """Entries of all layers."""
        return image_models.gathered(layers, index)

    def spread(self, layer: Model, q: int) -> Model:
        """The same entries, q rows in one."""
        return image_models.spread(layer, q)

    def largest(self, layer: Model) -> Model:
        """The largest of each row."""
        return image_models.largest(layer)

    def mean(self, layer: Model, counts: Integers) -> Model:
        """The mean of each row."""
        return image_models.mean(layer, counts)

    def minus_targets(self, layer: Model) -> Model:
        """f(x_k) - y_k, (rows, p), from f."""
        targets = self.block.targets.model(self.piece)
        return layer.plus(Model(targets.grid, -targets.mid, targets.slope, targets.radius, targets.exponent))


def weights_on(stretch: Stretch, piece: Piece) -> tuple[dict[str, Slab], dict[str, Model]]:
    """The matrices and the biases on a piece."""
    rows = {key: stretch.space.is_row(key) for key in stretch.weights}
    slabs = {key: stretch.weights[key].slab(piece) for key, is_row in rows.items() if not is_row}
    biases = {key: stretch.weights[key].model(piece) for key, is_row in rows.items() if is_row}
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
    ends, open_ones, space = (fmpq(0), fmpq(0)), 0, stretch.space

    def residuals_of(block: Block) -> Model:
        enclosure = Enclosure(block, piece, slabs, biases)
        found = outputs(space, enclosure) if space.graph is None else graph.outputs(space.graph, enclosure)
        return enclosure.minus_targets(found)

    models = in_threads(residuals_of, stretch.blocks, stretch.threads)
    for block, residuals in zip(stretch.blocks, models, strict=True):
        first, last = loss.ends(residuals, block.y)
        ends = (ends[0] + first, ends[1] + last)
        open_ones += unsure(residuals, block.y) if counted else 0
    return Bound(max(ends) / stretch.samples, open_ones if counted else None)


def upper_bound(stretch: Stretch, piece: Piece) -> fmpq:
    """At least the loss at every t of the piece."""
    return bound_on(stretch, piece).loss
