"""Integer matrices (FLINT) over one positive integer: the arithmetic of corners whose weights are no floats.

Every operation predicts the size of its result first, and is refused beyond the budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq, fmpz, fmpz_mat

from .arrays import Array, is_rational
from .effort import Budget, words
from .errors import Unusable
from .exact import float_extent, float_integers

# A multi-limb integer with its place in a matrix, besides its bits.
_RECORD = 80
# Word operations on a word of an entry that is not multiplied but handled in Python.
_CELL = 100


@dataclass(frozen=True)
class Quotients:
    """`entries` over `over` > 0; no entry has more than `bits` bits; operations keep to the `budget`."""

    entries: fmpz_mat
    over: fmpz
    bits: int
    budget: Budget

    def times(self, other: "Quotients") -> "Quotients":
        """The product. Raises Unusable over budget."""
        inner = self.entries.ncols()
        bits = self.bits + other.bits + inner.bit_length()
        cells = self.entries.nrows() * inner * other.entries.ncols()
        self.budget.effort.charge(cells * words(self.bits) * words(other.bits))
        self._require(self.entries.nrows(), other.entries.ncols(), bits)
        return Quotients(self.entries * other.entries, self.over * other.over, bits, self.budget)

    def plus(self, other: "Quotients") -> "Quotients":
        """The sum; one row is added to every row. Raises Unusable over budget."""
        shared = self.over.gcd(other.over)
        mine, theirs = other.over // shared, self.over // shared
        bits = 1 + max(self.bits + mine.bit_length(), other.bits + theirs.bit_length())
        rows, cols = self.entries.nrows(), self.entries.ncols()
        self._require(rows, cols, bits)
        self.budget.effort.charge(_CELL * rows * cols * words(bits))
        added = other.entries
        if added.nrows() == 1 and rows != 1:
            added = fmpz_mat(rows, 1, [1] * rows) * added
        total = self.entries * mine + added * theirs
        return Quotients(total, self.over * mine, bits, self.budget)

    def minus(self, other: "Quotients") -> "Quotients":
        """The difference. Raises Unusable over budget."""
        return self.plus(other.scaled(-1))

    def scaled(self, factor: int, exponent: int = 0) -> "Quotients":
        """This times factor 2^exponent, exponent >= 0."""
        bits = self.bits + (factor << exponent).bit_length()
        return Quotients(self.entries * (fmpz(factor) << exponent), self.over, bits, self.budget)

    def relu(self) -> "Quotients":
        """[.]_+ entry by entry."""
        cells = [max(entry, fmpz(0)) for entry in self.entries.entries()]
        return Quotients(fmpz_mat(self.entries.nrows(), self.entries.ncols(), cells), self.over, self.bits, self.budget)

    def transposed(self) -> "Quotients":
        """The transpose."""
        return Quotients(self.entries.transpose(), self.over, self.bits, self.budget)

    def is_zero(self) -> bool:
        """Whether every entry is 0."""
        return not any(self.entries.entries())

    def signs(self) -> list[int]:
        """-1, 0 or 1 for every entry, in row-major order."""
        return [(entry > 0) - (entry < 0) for entry in self.entries.entries()]

    def columns(self) -> list[list[fmpz]]:
        """The entries, column by column; they are multiples of 1 / `over`."""
        cells, stride = self.entries.entries(), self.entries.ncols()
        return [cells[column::stride] for column in range(stride)]

    def _require(self, rows: int, cols: int, bits: int) -> None:
        require(rows * cols, bits, self.budget)


def require(count: int, bits: int, budget: Budget) -> None:
    """Raises Unusable if `count` integers of so many bits would exceed the budget (with what is made on the way)."""
    if 3 * count * (_RECORD + bits // 8) > budget.memory:
        raise Unusable(f"{count} rationals of {bits} bits would not fit into the memory: raise --memory")


def quotients_of(array: Array, budget: Budget) -> Quotients:
    """The array's values, a vector as one row. Raises Unusable over budget."""
    matrix = array if array.ndim == 2 else array[None, :]
    rows, cols = matrix.shape
    budget.effort.charge(_CELL * rows * cols)
    if not is_rational(array):
        extent = float_extent(matrix)
        shift = max(extent.exponent, 0)
        bits = extent.bits + shift
        require(rows * cols, bits, budget)
        integers, _ = float_integers(matrix)
        cells: Sequence[int | fmpz] = [integer << shift for integer in integers]
        return Quotients(fmpz_mat(rows, cols, cells), fmpz(1) << max(-extent.exponent, 0), bits, budget)
    values: list[fmpq] = matrix.ravel().tolist()
    over = fmpz(1)
    for value in values:
        budget.effort.charge(_CELL * words(over.bit_length()) * words(value.q.bit_length()))
        over = over.lcm(value.q)
        require(rows * cols, over.bit_length(), budget)
    bits = max((value.p.bit_length() + over.bit_length() - value.q.bit_length() + 1 for value in values), default=0)
    require(rows * cols, bits, budget)
    cells = [value.p * (over // value.q) for value in values]
    return Quotients(fmpz_mat(rows, cols, cells), over, bits, budget)
