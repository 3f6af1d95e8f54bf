"""Graphs in exact limbs: every value is `numerator / (q^power divisor)`, with the samples last (module `layout`).

`q` is the one denominator of all weights; `divisor`, an odd integer, collects what means divide by, so that they are
exact as well. Powers of two go into the exponent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from numerics.arithmetic.limbs import LimbMatrix, from_floats, hstack
from numerics.common.shown import Shown
from numerics.losses.limb_forward import Size
from numerics.networks.graph.layout import in_one_row, taker
from numerics.networks.graph.windows import Index


@dataclass(frozen=True)
class Quotient(Shown):
    """The value `numerator / (q^power divisor)`, numerator (k, q, N), for the `q` of the arithmetic."""

    numerator: LimbMatrix
    power: int = 0
    divisor: int = 1


@dataclass(frozen=True)
class GraphLimbs:
    """The operations on such values; a parameter is its numerator over `q`, (o, k), or (1, o) for a bias."""

    q: int = 1

    def affine(self, h: Quotient, weight: LimbMatrix, bias: LimbMatrix | None, groups: int) -> Quotient:
        entries, rows, samples = h.numerator.shape
        seen = h.numerator.each(lambda limb: limb.reshape(groups, entries // groups, rows * samples))
        matrix = weight.each(lambda limb: limb.reshape(groups, -1, entries // groups))
        product = (matrix @ seen).each(lambda limb: limb.reshape(-1, rows, samples))
        if bias is not None:
            product = product + self._times(bias, h.power, h.divisor).each(lambda limb: limb.reshape(-1, 1, 1))
        return Quotient(product, h.power + 1, h.divisor)

    def plus(self, left: Quotient, right: Quotient) -> Quotient:
        (one, other), power, divisor = self._alike((left, right))
        return Quotient(one + other, power, divisor)

    def relu(self, h: Quotient) -> Quotient:
        return Quotient(h.numerator.relu(), h.power, h.divisor)

    def largest(self, h: Quotient) -> Quotient:
        """`max(a, b) = b + [a - b]_+`, in rounds of halves, which share an entry where their number is odd."""
        values = h.numerator
        while (count := values.shape[0]) > 1:
            half = (count + 1) // 2
            left, right = values[:half], values[count - half :]
            values = right + (left - right).relu()
        return Quotient(values, h.power, h.divisor)

    def mean(self, h: Quotient, counts: Index) -> Quotient:
        entries, rows, samples = h.numerator.shape
        ones = from_floats(np.ones((1, entries)))
        sums = (ones @ h.numerator.each(lambda limb: limb.reshape(entries, -1))).each(
            lambda limb: limb.reshape(1, rows, samples)
        )
        whole, odd, shift = common(counts)
        parts = [
            sums.times(whole // count).signed((counts == count).astype(np.float64)[None, :, None])
            for count in sorted(set(counts.tolist()))
        ]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return Quotient(LimbMatrix(total.limbs, total.exponent - shift), h.power, h.divisor * odd)

    def take(self, h: Quotient, index: Index) -> Quotient:
        entries, rows, _ = h.numerator.shape
        return Quotient(h.numerator.each(taker(entries, rows, index)), h.power, h.divisor)

    def join(self, parts: Sequence[Quotient]) -> Quotient:
        numerators, power, divisor = self._alike(parts)
        flat = [part.each(in_one_row) for part in numerators]
        return Quotient(hstack(flat, axis=0), power, divisor)

    def _alike(self, parts: Sequence[Quotient]) -> tuple[list[LimbMatrix], int, int]:
        """The numerators over one denominator."""
        power, divisor = max(part.power for part in parts), math.lcm(*(part.divisor for part in parts))
        found = [self._times(one.numerator, power - one.power, divisor // one.divisor) for one in parts]
        return found, power, divisor

    def _times(self, matrix: LimbMatrix, power: int, factor: int = 1) -> LimbMatrix:
        by = self.q**power * factor
        return matrix if by == 1 else matrix.times(by)


def common(counts: Index) -> tuple[int, int, int]:
    """The least common multiple of counts as `(whole, odd, shift)`, `whole = odd 2^shift`."""
    whole = math.lcm(*(int(count) for count in set(counts.tolist())))
    shift = (whole & -whole).bit_length() - 1
    return whole, whole >> shift, shift


@dataclass(frozen=True)
class Extent(Shown):
    """A value of one sample as far as memory is concerned: `size` of all its entries, q rows of k."""

    size: Size
    rows: int
    power: int = 0
    divisor: int = 1

    @property
    def entries(self) -> int:
        """k."""
        return self.size.columns // self.rows


@dataclass
class GraphSizes(Shown):
    """The same operations on sizes alone, for one sample; `seen` are the bytes of all results."""

    bits: int = 0  # q <= 2^bits
    seen: list[float] = field(default_factory=list)

    def affine(self, h: Extent, weight: Size, bias: Size | None, groups: int) -> Extent:
        inner = h.entries // groups
        made = weight.rows * weight.columns // inner
        low, high = h.size.low + weight.low, h.size.high + weight.high + inner.bit_length()
        if bias is not None:
            scaled = bias.times(self.bits * h.power + h.divisor.bit_length())
            low, high = min(low, scaled.low), max(high, scaled.high) + 1
        return self._result(low, high, h.rows, made, h.power + 1, h.divisor)

    def plus(self, left: Extent, right: Extent) -> Extent:
        return self._over((left, right), left.rows, left.entries)

    def relu(self, h: Extent) -> Extent:
        return self._result(h.size.low, h.size.high, h.rows, h.entries, h.power, h.divisor)

    def largest(self, h: Extent) -> Extent:
        return self._result(h.size.low, h.size.high + 1, h.rows, h.entries, h.power, h.divisor, kept=1)

    def mean(self, h: Extent, counts: Index) -> Extent:
        whole, odd, shift = common(counts)
        high = h.size.high + h.entries.bit_length() + (whole // int(counts.min())).bit_length() - shift
        return self._result(h.size.low - shift, high, h.rows, 1, h.power, h.divisor * odd)

    def take(self, h: Extent, index: Index) -> Extent:
        return self._result(h.size.low, h.size.high, len(index), index.shape[1], h.power, h.divisor)

    def join(self, parts: Sequence[Extent]) -> Extent:
        return self._over(parts, 1, sum(part.size.columns for part in parts))

    @property
    def bytes(self) -> float:
        """Enough for one sample: every result as if all were kept, and three working copies of the largest."""
        return sum(self.seen) + 3 * max(self.seen, default=0.0)

    def _over(self, parts: Sequence[Extent], rows: int, entries: int) -> Extent:
        power, divisor = max(part.power for part in parts), math.lcm(*(part.divisor for part in parts))
        sizes = [
            part.size.times(self.bits * (power - part.power) + (divisor // part.divisor - 1).bit_length())
            for part in parts
        ]
        low, high = min(size.low for size in sizes), max(size.high for size in sizes)
        return self._result(low, high + 1, rows, entries, power, divisor)

    def _result(
        self, low: int, high: int, rows: int, entries: int, power: int, divisor: int, *, kept: int | None = None
    ) -> Extent:
        """A value of `entries` entries in each row, of which `kept` stay."""
        self.seen.append(Size(1, rows * entries, low, high).bytes)
        return Extent(Size(1, rows * (entries if kept is None else kept), low, high), rows, power, divisor)
