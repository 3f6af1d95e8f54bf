"""Memory, predicted before it is taken: the forward pass on extents, each operation charging a meter.

The prediction counts bits times entries of every intermediate matrix. It never asks how far exponents range
as such: small networks with weights from 1e-300 to 1e300 are fine.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .arrays import Weights
from .effort import Budget, words
from .errors import Unusable
from .exact import Extent, float_extent
from .files import GIB
from .layers import Layers

# Beyond this, larger blocks of samples gain nothing.
_WORKING_SET = GIB // 2
_POINTER = 8
_SMALL_BITS = 62
# A multi-limb integer: FLINT's record, the allocator's header and rounding.
_RECORD = 56
# Word operations on an entry that is looked at in Python, and on a float that becomes an entry of an exact matrix.
CELL, _FLOAT = 150, 700
# A Python fmpz with its place in a list; a word that becomes one of FLINT's beside it, by way of Python's.
_PYTHON_INTEGER, _CONVERTED = 40, 56


def held(extent: Extent) -> int:
    """Bytes of an fmpz_mat with this extent."""
    payload = 0 if extent.bits <= _SMALL_BITS else _RECORD + extent.bits // 7
    return extent.rows * extent.cols * (_POINTER + payload)


def listed(extent: Extent) -> int:
    """Bytes of its entries as a list of Python integers."""
    return held(extent) + extent.rows * extent.cols * _PYTHON_INTEGER


@dataclass
class Meter:
    """A forward pass: bytes that stay (`live`) and of the largest operation (`scratch`), word operations (`work`)."""

    live: int = 0
    scratch: int = 0
    work: int = 0

    @property
    def bytes(self) -> int:
        """All of them together."""
        return self.live + self.scratch

    def charge(self, live: int, scratch: int) -> None:
        """Account for one operation."""
        self.live += live
        self.scratch = max(self.scratch, scratch)


@dataclass(frozen=True)
class Metered:
    """An extent whose operations charge the `meter`. Results count as live to the end: an overestimate."""

    extent: Extent
    meter: Meter

    def times(self, other: "Metered") -> "Metered":
        """The product; scratch: the residues modulo the primes of FLINT's product, or words that become FLINT's."""
        product = self.extent.times(other.extent)
        cells = self.extent.rows * self.extent.cols * other.extent.cols
        self.meter.work += cells * words(self.extent.bits) * words(other.extent.bits)
        mine = self.extent.rows * self.extent.cols
        entries = mine + sum(part.rows * part.cols for part in (other.extent, product))
        short = _CONVERTED * mine if self.extent.bits <= _SMALL_BITS else 0
        return self._charged(product, max(short, entries * (_POINTER + product.bits // 7)))

    def plus(self, other: "Metered") -> "Metered":
        """The sum; scratch: both operands aligned."""
        total = self.extent.plus(other.extent)
        return self._charged(total, 2 * held(total))

    def relu(self) -> "Metered":
        """The rectified matrix; no scratch. Every entry is looked at in Python."""
        self.meter.work += CELL * self.extent.rows * self.extent.cols
        return self._charged(self.extent, 0)

    def scaled(self, factor: int, exponent: int = 0) -> "Metered":
        """The multiple; no scratch."""
        return self._charged(self.extent.scaled(factor, exponent), 0)

    def _charged(self, extent: Extent, scratch: int) -> "Metered":
        self.meter.charge(held(extent), scratch)
        return Metered(extent, self.meter)


def converting(extents: Iterable[Extent]) -> int:
    """Word operations that make exact matrices of floats."""
    return sum(_FLOAT * extent.rows * extent.cols for extent in extents)


def require_tables(weights: Weights, memory: int) -> None:
    """Raise Unusable if a corner's matrices beyond W, as Python integers, would take more than `memory` bytes."""
    matrices = [array for name, array in weights.items() if array.ndim == 2 and name != "W"]
    require(sum(listed(float_extent(array)) for array in matrices), memory)


def rows_per_block(network: Layers[Extent], x: Extent, y: Extent, budget: Budget) -> int:
    """How many samples to treat at once. `x` (N, D) and `y` (N, p) are the whole data.

    The work of all samples is charged. Raises Unusable if not even one sample fits into the memory, or over the effort.
    """
    fixed = sum(held(extent) + listed(extent) for extent in network.matrices)
    budget.effort.charge(converting((*network.matrices, x, y)))
    return blocks_within(lambda rows: _charge(network, x, y, rows), fixed, x.rows, budget)


def blocks_within(charge: Callable[[int], Meter], fixed: int, samples: int, budget: Budget) -> int:
    """The number of samples to treat at once, where so many take what `charge(samples)` says beside the `fixed` bytes.

    The work of all samples is charged. Raises Unusable if not even one sample fits into the memory, or over the effort.
    """
    rows = samples
    while rows > 1 and charge(rows).bytes > min(budget.memory - fixed, _WORKING_SET):
        rows = -(-rows // 2)
    require(fixed + charge(rows).bytes, budget.memory)
    budget.effort.charge(charge(samples).work)
    return rows


def _charge(network: Layers[Extent], x: Extent, y: Extent, rows: int) -> Meter:
    """One forward pass on so many samples."""
    meter = Meter()

    def metered(extent: Extent) -> Metered:
        return Metered(extent, meter)

    layers = Layers(
        first=metered(network.first),
        readout=metered(network.readout),
        constant=metered(network.constant),
        inner=tuple(map(metered, network.inner)),
        biases=tuple(map(metered, network.biases)),
        top=None if network.top is None else metered(network.top),
        copies=metered(network.copies),
    )
    block_x, block_y = (Extent(rows, part.cols, part.exponent, part.bits) for part in (x, y))
    residuals = layers.residuals(metered(block_x), metered(block_y))
    # Read as Python integers and squared.
    meter.charge(sum(held(part) + listed(part) for part in (block_x, block_y)), listed(residuals.extent))
    return meter


def require(needed: int, memory: int) -> None:
    """Raise Unusable if more bytes are needed than allowed."""
    if needed > memory:
        raise Unusable(
            f"the exact integers of this certificate take about {_gib(needed)} GiB, more than the "
            f"{_gib(memory)} GiB allowed: raise --memory"
        )


def _gib(size: int) -> str:
    return f"{size / GIB:.3g}"
