"""What a graph asks of models besides products, sums and ReLU: entries gathered, means, and the largest of some."""

from collections.abc import Sequence

import numpy as np

from .arrays import Integers
from .graph import take
from .grid import Ints, bit_length
from .models import Model, fitted


def gathered(models: Sequence[Model], index: Integers) -> Model:
    """Side by side in units of one exponent, then (rows, ...) -> (rows * q, k) as `graph.Arithmetic` has it."""
    grid = models[0].grid
    live = [one for one in models if one.bits]
    low = min((one.exponent for one in live), default=0)
    exponent = max([low, *(one.exponent + one.bits + 1 - grid.bits for one in live)]) if models[1:] else low
    parts = [one.at(exponent) for one in models]

    def taken(name: str) -> Ints:
        whole = [getattr(part, name) for part in parts]
        found: Ints = take(np.concatenate(whole, axis=1) if whole[1:] else whole[0], index)
        return found.reshape(-1, index.shape[1])

    known = models[0].bits if len(models) == 1 else None
    return Model(grid, taken("mid"), taken("slope"), taken("radius"), exponent, known)


def spread(model: Model, q: int) -> Model:
    """(rows * q, o) -> (rows, q * o)."""
    shape = (len(model.mid) // q, -1)
    parts = model.mid.reshape(shape), model.slope.reshape(shape), model.radius.reshape(shape)
    return Model(model.grid, *parts, model.exponent, model.known)


def mean(model: Model, counts: Integers) -> Model:
    """(rows * q, k) -> (rows * q, 1): sums over counts (q,), again for every sample; k < 2^14."""
    mid, slope, radius = (part.sum(axis=1, keepdims=True) for part in (model.mid, model.slope, model.radius))
    if (counts == counts[0]).all() and counts[0].bit_count() == 1:
        return fitted(model.grid, mid, slope, radius, model.exponent - int(counts[0]).bit_length() + 1)
    divisor = np.tile(counts, len(mid) // len(counts))[:, None].astype(mid.dtype)
    # As many bits more as the quotient loses, so that it is rounded where other entries are.
    bits = max(bit_length(mid), bit_length(slope), bit_length(radius))
    room = max(0, model.grid.bits + int(counts.max()).bit_length() - bits)
    mid, slope, radius = mid << room, slope << room, radius << room
    # Each is rounded downwards by less than one, unless nothing is left over.
    lost = (mid % divisor != 0).astype(np.int8) + (slope % divisor != 0).astype(np.int8)
    high = -(-radius // divisor) + lost
    return fitted(model.grid, mid // divisor, slope // divisor, high, model.exponent - room)


def largest(model: Model) -> Model:
    """(rows, k) -> (rows, 1): the largest of each row, from pairs."""
    while model.mid.shape[1] > 1:
        half = model.mid.shape[1] // 2
        pair = _larger(_columns(model, slice(half)), _columns(model, slice(half, 2 * half)))
        rest = _columns(model, slice(2 * half, None))
        model = _beside(pair, rest) if rest.mid.shape[1] else pair
    return model


def _larger(one: Model, two: Model) -> Model:
    """Entry by entry; both are in the same units.

    Where one is surely the larger on all of the piece it is that. Elsewhere the maximum is that of both affine parts,
    b + [a - b]_+, up to the larger radius: a maximum changes by no more than what its arguments change by.
    """
    radius = np.maximum(one.radius, two.radius)
    nothing = np.zeros_like(radius)
    gap = Model(one.grid, one.mid - two.mid, one.slope - two.slope, nothing, one.exponent)
    # One bit is made room for, as `fitted` models go into sums.
    base = Model(one.grid, two.mid, two.slope, radius, one.exponent)
    open_pair = base.plus(fitted(gap.grid, gap.mid, gap.slope, gap.radius, gap.exponent).relu())
    (low, high), (others_low, others_high) = one.ends, two.ends
    first, second = low >= others_high, others_low >= high
    exponent = max(open_pair.exponent, one.exponent)
    found, one, two = open_pair.at(exponent), one.at(exponent), two.at(exponent)
    parts = [
        np.where(first, mine, np.where(second, theirs, both))
        for mine, theirs, both in zip(_parts(one), _parts(two), _parts(found), strict=True)
    ]
    return fitted(one.grid, parts[0], parts[1], parts[2], exponent)


def _parts(model: Model) -> tuple[Ints, Ints, Ints]:
    return model.mid, model.slope, model.radius


def _columns(model: Model, which: slice) -> Model:
    mid, slope, radius = (part[:, which] for part in _parts(model))
    return Model(model.grid, mid, slope, radius, model.exponent)


def _beside(one: Model, two: Model) -> Model:
    """Columns of both, in units of the larger exponent."""
    exponent = max(one.exponent, two.exponent)
    pairs = zip(_parts(one.at(exponent)), _parts(two.at(exponent)), strict=True)
    mid, slope, radius = (np.concatenate(pair, axis=1) for pair in pairs)
    return Model(one.grid, mid, slope, radius, exponent)
