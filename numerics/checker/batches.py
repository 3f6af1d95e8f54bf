"""Which heads share a forward pass: alike enough to be worth it, and few enough for the memory."""

from dataclasses import dataclass

from .budget import held, listed
from .exact import Extent
from .heads import Head, Trunk

# A wide network is dense, whether or not a head uses a bank row; at most this many cells for each used one.
_SPARSITY = 4
# Block-diagonal layers cost the square of the units of all trunks together.
_MAX_UNITS = 1024
# Tables that wait, and a wide readout, may each take this part of the memory.
PART = 8
# Readouts of alike bit length share a matrix: the longest entry determines the cost of all.
_ALIKE_BITS = 128


@dataclass(frozen=True)
class Batch:
    """Distinct heads to be evaluated together.

    `numbers`: their bank rows; `uses`: rows summed over heads; `size`: bytes of all tables; `bits`: of the
    longest readout.
    """

    heads: tuple[Head, ...] = ()
    numbers: frozenset[int] = frozenset()
    uses: int = 0
    trunks: frozenset[Trunk] = frozenset()
    size: int = 0
    bits: int = 0

    def joined(self, head: Head) -> "Batch":
        """This batch with one more head."""
        return Batch(
            heads=(*self.heads, head),
            numbers=self.numbers | head.numbers,
            uses=self.uses + len(head.numbers),
            trunks=self.trunks | ({head.trunk} if head.trunk else set()),
            size=self.size + sum(listed(table.extent) for table in head.tables()),
            bits=max(self.bits, head.readout.weights.extent.bits),
        )

    def worthwhile(self, memory: int) -> bool:
        """Whether one wide network is better than several, and takes a small part of the memory, in bytes."""
        columns = len(self.heads) * self.heads[0].constant.cols
        dense = len(self.numbers) * len(self.heads)
        units = sum(max(bias.cols for bias in trunk.biases) for trunk in self.trunks)
        return (
            dense <= _SPARSITY * self.uses
            and units <= _MAX_UNITS
            and PART * self.size <= memory
            and PART * held(Extent(len(self.numbers), columns, 0, self.bits)) <= memory
        )


def alike(head: Head) -> int:
    """Heads with the same value have readouts of alike bit length."""
    return head.readout.weights.extent.bits // _ALIKE_BITS
