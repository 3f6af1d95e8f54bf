"""The exact loss at a point between networks, whose weights are rationals and in general no floats."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from numerics.arithmetic.limbs import LimbMatrix, require_exact_blas
from numerics.arithmetic.rationals import Enclosure
from numerics.losses.exact_forward import ExactForward, blocks_for
from numerics.losses.limb_forward import Size, lifted, size_of
from numerics.losses.problem import Problem
from numerics.losses.totals import PRECISION, Total
from numerics.networks.arrays import Array
from numerics.networks.base import Network

Terms = Sequence[tuple[Array, int]]
"""Arrays of one shape, and what each is multiplied by."""


def loss_between(
    first: Network,
    second: Network,
    t: Fraction,
    problem: Problem,
    precision: int = PRECISION,
    *,
    control: Network | None = None,
) -> Enclosure:
    """The loss of `(1-t) first + t second`, two networks of one space, at a rational `t` in [0, 1].

    With a control network that of the quadratic Bezier arc, `(1-t)^2 first + 2 t (1-t) control + t^2 second`. With
    `t = p / (2^s q)`, q odd, the weights are integers over q, times a power of two; on an arc over q^2. Raises
    ValueError for a `t` outside or several spaces, InputError over budget.
    """
    require_exact_blas()
    if not 0 <= t <= 1:
        raise ValueError(f"t = {t} is outside [0, 1]")
    given = [network for network in (first, control, second) if network is not None]
    if any(network.space() != first.space() for network in given):
        raise ValueError("networks of one space are needed")
    p, d = t.numerator, t.denominator
    factors = (d - p, p) if control is None else ((d - p) ** 2, 2 * p * (d - p), p**2)
    degree = len(factors) - 1
    shift = degree * ((d & -d).bit_length() - 1)
    q = d**degree >> shift
    arrays = [network.parameters() for network in given]
    terms = {name: [(one[name], factor) for one, factor in zip(arrays, factors, strict=True)] for name in arrays[0]}
    sizes = {name: _mixed_size(several, shift) for name, several in terms.items()}
    blocks = blocks_for(first, [sizes], problem, bits=q.bit_length())
    weights = {name: _mixed(several, shift) for name, several in terms.items()}
    forward, total = ExactForward.of(first, problem), Total(Fraction(0))
    for outputs in forward.in_blocks(weights, q, blocks):
        total = total.plus(problem.loss.total(outputs, precision), precision)
    return total.mean(problem.size, precision)


def _mixed(terms: Terms, shift: int) -> LimbMatrix:
    """The numerators over `q` of the sum of arrays times factors."""
    parts = [lifted(array).times(factor) for array, factor in terms]
    mixed = sum(parts[1:], parts[0])
    return LimbMatrix(mixed.limbs, mixed.exponent - shift)


def _mixed_size(terms: Terms, shift: int) -> Size:
    """Factors of one sign are below the power of two that their sum, the denominator, has."""
    sizes, bits = [size_of(array) for array, _ in terms], sum(factor for _, factor in terms).bit_length()
    low, high = min(size.low for size in sizes), max(size.high for size in sizes) + bits
    return Size(sizes[0].rows, sizes[0].columns, low - shift, high - shift)
