"""Many corners as one wide network: the bank as first layer, branches block-diagonal, readouts side by side.

One product with FLINT per layer then serves all corners at once. Matrices are sketched first (patches with
their extents), so that memory can be predicted before anything is allocated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .exact import Extent, Matrix
from .heads import Head, Table, Trunk


@dataclass(frozen=True)
class Patch:
    """A table whose row k goes to row `rows[k]`, and whose first column goes to column `col`."""

    rows: Sequence[int]
    col: int
    table: Table


@dataclass(frozen=True)
class Patchwork:
    """A (rows, cols) matrix of zeros with patches that do not overlap."""

    rows: int
    cols: int
    patches: tuple[Patch, ...]

    @property
    def extent(self) -> Extent:
        """The extent of `matrix()`, known without building it."""
        extents = [patch.table.extent for patch in self.patches if patch.table.extent.bits]
        low = min((extent.exponent for extent in extents), default=0)
        top = max((extent.exponent + extent.bits for extent in extents), default=0)
        return Extent(self.rows, self.cols, low, top - low)

    def matrix(self) -> Matrix:
        """The exact matrix."""
        extent = self.extent
        cells = [0] * (self.rows * self.cols)
        for patch in self.patches:
            table, width = patch.table, patch.table.cols
            if not table.extent.bits:
                continue
            shift = table.exponent - extent.exponent
            integers = [integer << shift for integer in table.integers] if shift else table.integers
            for k, row in enumerate(patch.rows):
                first = row * self.cols + patch.col
                cells[first : first + width] = integers[k * width : (k + 1) * width]
        return Matrix.of(cells, extent)


@dataclass(frozen=True)
class Wide:
    """H heads on b bank rows. Everything is transposed, as rows of samples are multiplied from the left.

    `numbers`: the bank rows (b of them); `readout` (b, pH); `constant` (1, pH); for heads with a live
    branch, whose layer k has R_k units over all trunks: `inner[0]` (b, R_0), `inner[k]` (R_{k-1}, R_k),
    `biases[k]` (1, R_k), `top` (R_last, pH); without any, `inner` is empty and `top` None.
    """

    numbers: tuple[int, ...]
    readout: Patchwork
    constant: Patchwork
    inner: tuple[Patchwork, ...]
    biases: tuple[Patchwork, ...]
    top: Patchwork | None


def side_by_side(heads: Sequence[Head]) -> Wide:
    """The wide network of at least one head; all of one space."""
    numbers = tuple(sorted(set().union(*(head.numbers for head in heads))))
    place = {number: row for row, number in enumerate(numbers)}
    outputs = heads[0].constant.cols
    columns = outputs * len(heads)
    readout = tuple(
        Patch([place[number] for number in head.readout.numbers], outputs * h, head.readout.weights)
        for h, head in enumerate(heads)
    )
    constant = tuple(Patch([0], outputs * h, head.constant) for h, head in enumerate(heads))
    trunks = list(dict.fromkeys(head.trunk for head in heads if head.trunk))
    inner, biases, last = _layers(trunks, place)
    top = None
    if trunks:
        offset = dict(zip(trunks, _offsets(trunks, -1), strict=True))
        patches = tuple(
            Patch(range(offset[head.trunk], offset[head.trunk] + head.top.rows), outputs * h, head.top)
            for h, head in enumerate(heads)
            if head.trunk and head.top
        )
        top = Patchwork(last, columns, patches)
    return Wide(
        numbers,
        Patchwork(len(numbers), columns, readout),
        Patchwork(1, columns, constant),
        inner,
        biases,
        top,
    )


def _layers(trunks: Sequence[Trunk], place: dict[int, int]) -> tuple[tuple[Patchwork, ...], tuple[Patchwork, ...], int]:
    """The branch's layers with trunks as diagonal blocks, their biases, and the units of the last layer."""
    inner: list[Patchwork] = []
    biases: list[Patchwork] = []
    units = 0
    for layer in range(len(trunks[0].biases) if trunks else 0):
        offsets = _offsets(trunks, layer)
        before, units = units, offsets[-1] + trunks[-1].biases[layer].cols
        if layer == 0:
            blocks = [
                Patch([place[number] for number in trunk.entry.numbers], col, trunk.entry.weights)
                for trunk, col in zip(trunks, offsets, strict=True)
            ]
            inner.append(Patchwork(len(place), units, tuple(blocks)))
        else:
            tables = [trunk.inner[layer - 1] for trunk in trunks]
            starts = _offsets(trunks, layer - 1)
            blocks = [
                Patch(range(row, row + table.rows), col, table)
                for table, row, col in zip(tables, starts, offsets, strict=True)
            ]
            inner.append(Patchwork(before, units, tuple(blocks)))
        shifts = [Patch([0], col, trunk.biases[layer]) for trunk, col in zip(trunks, offsets, strict=True)]
        biases.append(Patchwork(1, units, tuple(shifts)))
    return tuple(inner), tuple(biases), units


def _offsets(trunks: Sequence[Trunk], layer: int) -> list[int]:
    """The first unit of each trunk in the layer, when they stand side by side."""
    offsets, total = [], 0
    for trunk in trunks:
        offsets.append(total)
        total += trunk.biases[layer].cols
    return offsets
