"""What exact integers in limbs will take, predicted before it is taken: the same operations on sizes alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from .arrays import Integers
from .budget import Meter
from .graph import Windows
from .limbs import BITS, Limbs

# Word operations on a limb that is added, carried or looked at; bytes of one, with what is there on the way.
_LIMB, _BYTES = 20, 40
# Products of two limbs that floats make, and are compared in, while a word operation is counted.
_FLOATS = 8
# Bytes of an entry as it goes through a product of windows: words and floats, before and after.
_COPIES = 40


@dataclass(frozen=True)
class Foreseen:
    """Limbs without their entries: these are from place `low` to below `top`, for all of (rows, cols)."""

    rows: int
    cols: int
    low: int
    top: int
    meter: Meter

    @classmethod
    def of(cls, limbs: Limbs, rows: int, meter: Meter) -> "Foreseen":
        """Of so many rows like those of `limbs`."""
        return cls(rows, limbs.limbs.shape[2], limbs.low, limbs.low + len(limbs.limbs), meter)

    @property
    def size(self) -> int:
        """How many limbs."""
        return self.rows * self.cols * (self.top - self.low)

    def times(self, other: "Foreseen", seen: Windows | None = None) -> "Foreseen":
        """(rows, k) times (k, cols), or what places see."""
        rows, length = self.rows * (1 if seen is None else seen.places), self.top - self.low
        self.meter.work += length * rows * other.rows * other.cols * (other.top - other.low) // _FLOATS
        if seen is not None:
            # Copies of what windows look at, and the products of one limb.
            self.meter.charge(0, _COPIES * (self.size + length * rows * other.cols))
        more = 1 + other.rows.bit_length() // BITS
        return self._made(rows, other.cols, self.low + other.low, self.top + other.top + more)

    def scaled(self, factor: int, exponent: int = 0) -> "Foreseen":
        """This times factor 2^exponent."""
        whole, rest = divmod(exponent, BITS)
        more = 1 + (abs(factor) << rest).bit_length() // BITS
        self.meter.work += self.size * more
        return self._made(self.rows, self.cols, self.low + whole, self.top + whole + more)

    def plus(self, other: "Foreseen") -> "Foreseen":
        """The sum."""
        return self._made(self.rows, self.cols, min(self.low, other.low), max(self.top, other.top) + 1)

    def relu(self) -> "Foreseen":
        """[.]_+."""
        return self._made(self.rows, self.cols, self.low, self.top)

    def gathered(self, others: Sequence["Foreseen"], index: Integers) -> "Foreseen":
        """This and the others side by side, (rows, ...) -> (rows * q, k)."""
        low, top = min(one.low for one in (self, *others)), max(one.top for one in (self, *others))
        return self._made(self.rows * len(index), index.shape[1], low, top + bool(others))

    def spread(self, q: int) -> "Foreseen":
        """(rows * q, o) -> (rows, q * o)."""
        return Foreseen(self.rows // q, q * self.cols, self.low, self.top, self.meter)

    def largest(self) -> "Foreseen":
        """(rows, k) -> (rows, 1)."""
        self.meter.work += _LIMB * self.size
        return self._made(self.rows, 1, self.low, self.top)

    def summed(self, factors: Sequence[int]) -> "Foreseen":
        """(rows * q, k) -> (rows * q, 1)."""
        more = 2 + self.cols.bit_length() // BITS + max(factors).bit_length() // BITS
        self.meter.work += self.size + self.rows * (self.top - self.low) * more
        return self._made(self.rows, 1, self.low, self.top + more)

    def _made(self, rows: int, cols: int, low: int, top: int) -> "Foreseen":
        found = Foreseen(rows, cols, low, top, self.meter)
        self.meter.charge(8 * found.size, _BYTES * found.size)
        self.meter.work += _LIMB * found.size
        return found
