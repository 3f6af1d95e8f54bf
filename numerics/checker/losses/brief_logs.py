"""At least the sum of `log sum_j exp(t_j)` over many rows, in machine words: a bound to about 28 bits, at little cost.

What lies below the largest of a row is rounded towards it to a multiple of 2^-30 and cut into digits; an exponential is
the product of their powers of e, from tables of FLINT's upper bounds, every product rounded upwards.
"""

from functools import cache

import numpy as np
from flint import arb, ctx, fmpq

from numerics.checker.grid import WORD, Ints, down, up

from .logarithms import ends_of

# Bits behind the point, of a digit, and of a power of e as a word; whole parts are below 2^6.
_FRACTION, _DIGIT, _POWER, _WHOLE = 30, 10, 31, 1 << 6
_DEEPEST = (_WHOLE << _FRACTION) - 1
_PRECISION = 128


def log_sums_above(terms: Ints, exponent: int) -> fmpq:
    """At least the sum over the rows of the logarithms of the sums of exp(t 2^exponent), of words t (rows, p)."""
    largest = terms.max(axis=1)
    gaps = largest[:, None] - terms
    # A gap that is rounded downwards makes an exponential larger.
    shift = -(_FRACTION + exponent)
    deepest = _DEEPEST >> -shift if shift < 0 else min(_DEEPEST << min(shift, WORD), 1 << WORD)
    sums, room = _sums(down(np.minimum(gaps, deepest), max(shift, -_FRACTION - WORD)))
    with ctx.workprec(_PRECISION):
        product = arb(1)
        for one in sums.tolist():
            product *= one
        found = ends_of((product * arb(2) ** (-room * len(sums))).log()).high
    return sum(largest.tolist()) * fmpq(2) ** exponent + found


def _sums(gaps: Ints) -> tuple[Ints, int]:
    """At least the sums over the rows of exp(-gap 2^-30), 0 <= gap < 2^36, in units of 2^-bits; and the bits."""
    room = WORD - 1 - gaps.shape[1].bit_length()
    powers = np.full(gaps.shape, 1 << _POWER)
    for place in range(_FRACTION, 0, -_DIGIT):
        digit = gaps >> (_FRACTION - place) & ((1 << _DIGIT) - 1)
        powers = up(powers * _powers(place)[digit], _POWER)
    whole, fall = _whole_powers()
    wholes = gaps >> _FRACTION
    # What is shifted away altogether still counts as one unit.
    shifts = np.minimum(2 * _POWER - room + fall[wholes], WORD)
    found: Ints = -(-(powers * whole[wholes]) >> shifts)
    return found.sum(axis=1), room


@cache
def _powers(place: int) -> Ints:
    """At least exp(-d 2^-place) 2^31 for all digits d."""
    return np.array([_above(arb(fmpq(-d, 1 << place)), _POWER) for d in range(1 << _DIGIT)], dtype=np.int64)


@cache
def _whole_powers() -> tuple[Ints, Ints]:
    """(f, s) of integers k: f 2^-(31 + s) is at least exp(-k), f at most 2^31."""
    falls = [int(1.4426 * k) for k in range(_WHOLE)]  # any would do that leave f at most 2^31
    found = [_above(arb(-k), _POWER + fall) for k, fall in enumerate(falls)]
    return np.array(found, dtype=np.int64), np.array(falls, dtype=np.int64)


def _above(power: arb, bits: int) -> int:
    """At least exp(power) 2^bits."""
    with ctx.workprec(_PRECISION):
        return int((ends_of(power.exp()).high * fmpq(2) ** bits).ceil())
