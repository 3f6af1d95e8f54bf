"""One sample's walk along a hidden segment, from one sign change of any unit to the next, in exact integers.

Behind a time `t0` every unit is a straight line `a + b t` for a while: given the lines of the layer before, a unit is
active if its line is positive just behind `t0`, that is positive at `t0` or zero there and rising. This holds up to
the first later time at which some line of some layer changes its sign; there the walk starts afresh. Units that change
at once, touch zero or rest on it need no rule of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from flint import fmpq, fmpz

from .chain import outputs
from .effort import Effort, words
from .errors import Refused
from .exact import Extent, Matrix
from .spaces import Space


@dataclass(frozen=True)
class Moving:
    """A parameter, transposed: `start` (n, r), and `change` = end - start or None where nothing moves."""

    start: Matrix
    change: Matrix | None


@dataclass(frozen=True)
class Lines:
    """Units as lines: `lasting` (2, n) holds constants over slopes of units whose part is the same all along.

    `passing` (2, k): what is added to the units `places` at present; an int names the unit of each column.
    """

    lasting: Matrix
    passing: Matrix | None
    places: tuple[int, ...]


@dataclass
class Walk:
    """The lines of one sample behind the time `now`, up to `next`. `line` (2, m): its first-layer pre-activations.

    `target` (2, p): minus y. `effort` is charged for every product before it is made.
    """

    space: Space
    weights: dict[str, Moving]
    line: Matrix
    target: Matrix
    effort: Effort
    now: fmpq = field(default_factory=lambda: fmpq(0))
    next: fmpq = field(default_factory=lambda: fmpq(1))
    _kept: dict[tuple[str, int], Matrix] = field(default_factory=dict)
    _turning: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _reading: dict[tuple[str, tuple[int, ...]], Moving] = field(default_factory=dict)

    def stages(self) -> Iterator[tuple[fmpq, fmpq, Matrix]]:
        """(t, t', residuals): on [t, t'] the residuals f - y are the lines of the matrix (2, p); from 0 to 1."""
        while self.now < 1:
            self.next = fmpq(1)
            found = outputs(self.space, self)
            yield self.now, self.next, self._whole(found).plus(self.target)
            self.now = self.next

    # What the forward pass asks for.

    def first(self) -> Lines:
        """X W^T."""
        return Lines(self.line, None, ())

    def affine(self, layer: Lines, matrix: str, bias: str | None) -> Lines:
        """The layer times the matrix, plus the bias if there is one."""
        weight = self.weights[matrix]
        # The part that lasts is one object all along the walk, so its product is one too.
        key = (matrix, id(layer.lasting))
        if key not in self._kept:
            product = self._product(layer.lasting, weight)
            if bias is not None and bias in self.weights:
                product = product.plus(self._product(_ONE, self.weights[bias]))
            self._kept[key] = product
        if layer.passing is None:
            return Lines(self._kept[key], None, ())
        reading = (matrix, layer.places)
        if reading not in self._reading:
            self._reading[reading] = _rows(weight, layer.places)
        product = self._product(layer.passing, self._reading[reading])
        return Lines(self._kept[key], product, tuple(range(weight.start.extent.cols)))

    def plus(self, one: Lines, other: Lines) -> Lines:
        """The sum."""
        key = (f"+{id(one.lasting)}", id(other.lasting))
        if key not in self._kept:
            self._kept[key] = one.lasting.plus(other.lasting)
        lasting = self._kept[key]
        if one.passing is None or other.passing is None:
            part = other if one.passing is None else one
            return Lines(lasting, part.passing, part.places)
        width = lasting.extent.cols
        wide = _widened(one, width).plus(_widened(other, width))
        return Lines(lasting, wide, tuple(range(width)))

    def relu(self, layer: Lines) -> Lines:
        """[.]_+ just behind `now`; `next` comes closer if a line changes its sign before it."""
        if layer.passing is None:
            return self._relu_of_lasting(layer.lasting)
        return self._relu_of_passing(layer)

    def _relu_of_lasting(self, lines: Matrix) -> Lines:
        """Lines that are the same all along: only those that change their sign between 0 and 1 are passing."""
        key = ("relu", id(lines))
        if key not in self._kept:
            cells = lines.entries.entries()
            width = lines.extent.cols
            turning = []
            for unit in range(width):
                a, b = cells[unit], cells[width + unit]
                far = a + b
                if (a < 0 < far) or (far < 0 < a):
                    turning.append(unit)
                if a < 0 or far < 0 or unit in turning[-1:]:
                    cells[unit] = cells[width + unit] = fmpz(0)
            self._kept[key] = Matrix.of(cells, lines.extent)
            self._turning[key[1]] = tuple(turning)
        places = self._turning[id(lines)]
        if not places:
            return Lines(self._kept[key], None, ())
        return Lines(self._kept[key], self._rectified(_columns(lines, places)), places)

    def _relu_of_passing(self, layer: Lines) -> Lines:
        whole = self._rectified(self._whole(layer))
        key = ("zero", whole.extent.cols)
        if key not in self._kept:
            self._kept[key] = Matrix.of([0] * (2 * key[1]), Extent(2, key[1], 0, 0))
        return Lines(self._kept[key], whole, tuple(range(key[1])))

    def _rectified(self, lines: Matrix) -> Matrix:
        width = lines.extent.cols
        self.effort.charge(_RECTIFY * width * words(lines.extent.bits))
        cells = lines.entries.entries()
        p, q = self.now.p, self.now.q
        n, d = self.next.p, self.next.q
        for unit in range(width):
            a, b = cells[unit], cells[width + unit]
            value = a * q + b * p
            if value < 0 or (value == 0 and b <= 0):
                cells[unit] = cells[width + unit] = fmpz(0)
            if value and b and ((a * d + b * n) < 0) != (value < 0) and (a * d + b * n):
                self.next = fmpq(-a, b)
                n, d = self.next.p, self.next.q
        return Matrix.of(cells, lines.extent)

    def _product(self, lines: Matrix, weight: Moving) -> Matrix:
        """The product, charged for: the longer integers are read and written once for every word of the others."""
        cells = 2 * lines.extent.cols * weight.start.extent.cols
        self.effort.charge(_CALL + cells * words(lines.extent.bits) * words(weight.start.extent.bits))
        return _product(lines, weight)

    @staticmethod
    def _whole(layer: Lines) -> Matrix:
        if layer.passing is None:
            return layer.lasting
        return layer.lasting.plus(_widened(layer, layer.lasting.extent.cols))


# Word operations of a call, and of a unit and word that is rectified in Python.
_CALL, _RECTIFY = 10_000, 500
_ONE = Matrix.of([1, 0], Extent(2, 1, 0, 1))
_SHIFT = Matrix.of([0, 0, 1, 0], Extent(2, 2, 0, 1))


def _product(lines: Matrix, weight: Moving) -> Matrix:
    """(a + b t) (M + t D), where b D must be zero. Raises Refused if it is not: then no kind hidden was there."""
    product = lines.times(weight.start)
    if weight.change is None:
        return product
    cells = lines.entries.entries()[lines.extent.cols :]
    slope = Matrix.of(cells, Extent(1, lines.extent.cols, lines.extent.exponent, lines.extent.bits))
    if any(slope.times(weight.change).entries.entries()):
        raise Refused("a segment is called hidden but its outputs are not piecewise linear in t")
    return product.plus(_SHIFT.times(lines).times(weight.change))


def _rows(weight: Moving, rows: tuple[int, ...]) -> Moving:
    """The weights that read these units."""
    if len(rows) == weight.start.extent.rows:
        return weight
    change = None if weight.change is None else _picked(weight.change, rows)
    return Moving(_picked(weight.start, rows), change)


def _picked(matrix: Matrix, rows: tuple[int, ...]) -> Matrix:
    entries, extent = matrix.entries, matrix.extent
    cells = [entries[row, col] for row in rows for col in range(extent.cols)]
    return Matrix.of(cells, Extent(len(rows), extent.cols, extent.exponent, extent.bits))


def _columns(lines: Matrix, columns: tuple[int, ...]) -> Matrix:
    entries, extent = lines.entries, lines.extent
    cells = [entries[row, col] for row in (0, 1) for col in columns]
    return Matrix.of(cells, Extent(2, len(columns), extent.exponent, extent.bits))


def _widened(layer: Lines, width: int) -> Matrix:
    """The passing part as (2, width)."""
    assert layer.passing is not None
    extent = layer.passing.extent
    if extent.cols == width:
        return layer.passing
    cells = [fmpz(0)] * (2 * width)
    entries = layer.passing.entries
    for col, place in enumerate(layer.places):
        cells[place], cells[width + place] = entries[0, col], entries[1, col]
    return Matrix.of(cells, Extent(2, width, extent.exponent, extent.bits))
