"""Sums of `log sum_j exp(t_j)` by FLINT's balls, where some t_j is 0 in every row.

The largest t_j of a row is taken out exactly; the rest of all rows is the logarithm of one product. What lies so far
below the largest that it is lost in the precision anyway is enclosed by 0 and a power of two instead of being computed.
"""

from collections.abc import Iterable, Sequence

from flint import arb, ctx, fmpq, fmpz

from numerics.checker.intervals import Interval

# Bits beyond those that are asked for, and those that are never exceeded; a sum below 2^-FLOOR is not told from 0.
_GUARD, _MOST, FLOOR = 32, 1 << 14, 4096
# A product is reduced to a logarithm after so many factors, lest its exponent outgrow everything.
_FACTORS = 4096


def log_sums(rows: Iterable[Sequence[fmpz]], unit: fmpq, precision: int) -> Interval:
    """The sum over the rows of the logarithms of sums of exp(t `unit`), to about 2^-`precision` of itself.

    Each row holds t = 0 once for the label (or the number 1) and any other integers.
    """
    whole, gaps = fmpz(0), list[list[fmpz]]()
    for row in rows:
        most = max(row)
        whole += most
        others = [entry - most for entry in row]
        others.remove(fmpz(0))
        gaps.append(others)
    bits = precision + _GUARD + _below_one(whole, gaps, unit)
    while True:
        found = _logarithms(gaps, unit, bits)
        total = Interval(whole * unit + found.low, whole * unit + found.high)
        missing = _missing(total, precision)
        if missing <= 0 or bits >= _MOST:
            return total
        bits = min(_MOST, bits + missing + _GUARD)


def _below_one(whole: fmpz, gaps: Sequence[Sequence[fmpz]], unit: fmpq) -> int:
    """How many bits the sum may have to be computed beyond the point: it is at least `whole` and the largest term.

    Only what it costs depends on this.
    """
    if whole * unit >= 1:
        return 0
    nearest = max((gap for row in gaps for gap in row), default=fmpz(0))
    # log(1 + exp(-x)) is about exp(-x), and 3/2 > 1 / log 2.
    return min(FLOOR, int((fmpq(-3, 2) * nearest * unit).ceil()))


def _missing(total: Interval, precision: int) -> int:
    """By how many bits the enclosure is too wide for its size."""
    width = total.high - total.low
    if width == 0 or total.high * fmpq(2) ** FLOOR <= 1:
        return 0
    ratio = width / total.high
    return precision + 1 - int(ratio.q.bit_length() - ratio.p.bit_length())


def _logarithms(gaps: Sequence[Sequence[fmpz]], unit: fmpq, bits: int) -> Interval:
    """The sum of log(1 + sum exp(gap unit)), gaps <= 0."""
    with ctx.workprec(bits):
        step = arb(unit)
        # exp(-bits) < 2^-bits.
        least = -(bits / unit).ceil()
        negligible = arb(0, arb(2) ** -bits)
        product, found = arb(1), arb(0)
        for count, row in enumerate(gaps):
            rest = arb(1)
            for gap in row:
                rest += (step * gap).exp() if gap > least else negligible
            product *= rest
            if count % _FACTORS == _FACTORS - 1:
                product, found = arb(1), found + product.log()
        return ends_of(found + product.log())


def ends_of(ball: arb) -> Interval:
    """Rationals around a number that is not negative."""
    low, high = _exactly(ball.lower()), _exactly(ball.upper())
    # No logarithm of a number that is at least 1 is negative.
    return Interval(max(low, fmpq(0)), high)


def _exactly(value: arb) -> fmpq:
    mantissa, exponent = value.man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(exponent)
