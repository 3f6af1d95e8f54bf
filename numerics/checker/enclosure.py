"""Rule 1: an upper bound of the loss over a whole piece, by first-order models of every activation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flint import fmpq

from . import graph, image_models
from .arrays import Array, Integers
from .chain import outputs
from .grid import SHORT
from .lines import Piece
from .losses.margins import unsure
from .models import Model, Slab, fitted
from .stretch import Block, Stretch
from .threads import in_threads

# Beyond this multiple of what is enough a brief bound is not worth making better.
_CLOSE = 1 + fmpq(1, 1 << 20)


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
        return layer.times(self.slabs[matrix], self._bias(bias))

    def windowed(self, layer: Model, seen: graph.Windows, matrix: str, bias: str | None) -> Model:
        """The same of what every place sees."""
        return image_models.spread(layer.times(self.slabs[matrix], self._bias(bias), seen), seen.places)

    def _bias(self, key: str | None) -> Model | None:
        return None if key is None else self.biases.get(key)

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
    slabs, biases, grid = dict[str, Slab](), dict[str, Model](), stretch.grid
    for key, line in stretch.weights.items():
        if stretch.space.is_row(key):
            row = line.model(piece)
            biases[key] = fitted(grid, row.mid, row.slope, row.radius, row.exponent)
        else:
            slab = line.slab(piece)
            slabs[key] = slab.shortened() if grid is SHORT else slab
    return slabs, biases


@dataclass(frozen=True)
class Bound:
    """`loss`: at least the loss at every t of a piece; `unsure`: how many samples are not surely right on all of it.

    The latter is None without labels.
    """

    loss: fmpq
    unsure: int | None


def bound_on(stretch: Stretch, piece: Piece, enough: fmpq | None = None) -> Bound:
    """What holds at every t of the piece. Both ends of all models are summed before they are compared.

    `enough`: the loss may be bounded with less care where that already shows that it is at most this.
    """
    slabs, biases = weights_on(stretch, piece)
    space = stretch.space

    def residuals_of(block: Block) -> Model:
        enclosure = Enclosure(block, piece, slabs, biases)
        found = outputs(space, enclosure) if space.graph is None else graph.outputs(space.graph, enclosure)
        return enclosure.minus_targets(found)

    models = in_threads(residuals_of, stretch.blocks, stretch.threads)
    found = [(residuals, block.y) for residuals, block in zip(models, stretch.blocks, strict=True)]
    open_ones = sum(unsure(*one) for one in found) if stretch.measure.labelled else None
    return Bound(_loss(stretch, found, enough), open_ones)


def _loss(stretch: Stretch, found: Sequence[tuple[Model, Array]], enough: fmpq | None) -> fmpq:
    """At least the loss, from models of residuals and their targets."""
    loss = stretch.measure.loss
    brief = [None if enough is None else loss.brief_ends(*one) for one in found]
    known = [ends for ends in brief if ends is not None]
    if enough is not None and len(known) == len(found):
        # Short integers lose more than this does; else it decides, unless it is close.
        bound = _mean(known, stretch.samples)
        if bound <= enough or bound > enough * _CLOSE or stretch.grid is SHORT:
            return bound
    return _mean([loss.ends(*one) for one in found], stretch.samples)


def _mean(ends: Sequence[tuple[fmpq, fmpq]], samples: int) -> fmpq:
    """The larger of both ends' sums, over the number of samples."""
    first, last = (sum(side, fmpq(0)) for side in zip(*ends, strict=True))
    return max(first, last) / samples


def upper_bound(stretch: Stretch, piece: Piece) -> fmpq:
    """At least the loss at every t of the piece."""
    return bound_on(stretch, piece).loss
