"""The exact loss at a point between two networks, whose weights are rationals and in general no floats."""

from __future__ import annotations

from fractions import Fraction

from numerics.arithmetic.limbs import LimbMatrix, require_exact_blas
from numerics.arithmetic.rationals import Enclosure
from numerics.losses.exact_forward import ExactForward, block_rows
from numerics.losses.limb_forward import Size, lifted, size_of
from numerics.losses.problem import Problem
from numerics.losses.totals import PRECISION, Total
from numerics.networks.arrays import Array
from numerics.networks.base import Network


def loss_between(
    first: Network, second: Network, t: Fraction, problem: Problem, precision: int = PRECISION
) -> Enclosure:
    """The loss of `(1-t) first + t second`, two networks of one space, at a rational `t` in [0, 1].

    With `t = p / (2^s q)`, q odd, the weights are integers over q, times a power of two. Raises ValueError for a `t`
    outside or two spaces, InputError over budget.
    """
    require_exact_blas()
    if not 0 <= t <= 1:
        raise ValueError(f"t = {t} is outside [0, 1]")
    if first.space() != second.space():
        raise ValueError("two networks of one space are needed")
    shift = (t.denominator & -t.denominator).bit_length() - 1
    q = t.denominator >> shift
    theirs = second.parameters()
    pairs = {name: (array, theirs[name]) for name, array in first.parameters().items()}
    sizes = {name: _mixed_size(*pair, t, shift) for name, pair in pairs.items()}
    rows = block_rows(first, sizes, problem, bits=q.bit_length())
    weights = {name: _mixed(*pair, t, shift) for name, pair in pairs.items()}
    forward, total = ExactForward.of(first, problem), Total(Fraction(0))
    for start in range(0, problem.size, rows):
        outputs = forward.outputs(weights, q, slice(start, start + rows))
        total = total.plus(problem.loss.total(outputs, precision), precision)
    return total.mean(problem.size, precision)


def _mixed(here: Array, there: Array, t: Fraction, shift: int) -> LimbMatrix:
    """The numerators over `q` of `(1-t) here + t there`."""
    mixed = lifted(here).times(t.denominator - t.numerator) + lifted(there).times(t.numerator)
    return LimbMatrix(mixed.limbs, mixed.exponent - shift)


def _mixed_size(here: Array, there: Array, t: Fraction, shift: int) -> Size:
    mine, yours, bits = size_of(here), size_of(there), t.denominator.bit_length()
    low, high = min(mine.low, yours.low), max(mine.high, yours.high) + bits
    return Size(mine.rows, mine.columns, low - shift, high - shift)
