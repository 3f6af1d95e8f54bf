"""Any values at finitely many points of a line, exactly, by ReLU units whose weights are floats.

A unit is `[(q - at) / spacing]_+` with `spacing` a power of two and `at` a multiple of it, both strictly between two
neighbouring points. Units come in stencils: coefficients that sum to 0, so that a stencil is constant beyond itself. A
jump by the target `y` is `y` times a stencil that ends at 1, so no rounding is ever needed: `y` itself is the weight.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from numerics.common.shown import Shown
from numerics.errors import InputError

Stencil = Mapping[int, Fraction]  # offset on a grid -> coefficient; the units `[x - offset]_+` of that grid


def _stencil(**at: str) -> Stencil:
    return MappingProxyType({int(offset[1:]): Fraction(value) for offset, value in at.items()})


JUMPS = {  # by the number of units: 0 before the grid, 1 beyond it
    2: _stencil(_0="1", _1="-1"),
    3: _stencil(_0="1/4", _2="1/4", _3="-1/2"),
    4: _stencil(_0="1/2", _1="-1/2", _2="1/2", _3="-1/2"),
}
BUMPS = {  # 0 on both sides
    3: _stencil(_0="1", _1="-2", _2="1"),
    4: _stencil(_0="1", _1="-1", _2="-1", _3="1"),
    5: _stencil(_0="1", _1="1", _2="-4", _3="1", _4="1"),
}


@dataclass(frozen=True)
class Unit(Shown):
    """`weight [(q - at) / spacing]_+`; `spacing` a power of two, `at` a multiple of it."""

    at: Fraction
    spacing: Fraction
    weight: Fraction


@dataclass(frozen=True)
class _Placed(Shown):
    """A stencil times `height` in the interval behind point `interval - 1`, before point `interval`."""

    interval: int
    stencil: Stencil
    height: Fraction


def jumps(places: Sequence[Fraction], values: Sequence[Fraction]) -> list[tuple[int, Fraction]]:
    """(interval, height) of the jumps, from 0 on the left, that make `values` at the points; heights are floats.

    Raises InputError if one place has two values.
    """
    found: list[tuple[int, Fraction]] = []
    before = Fraction(0)
    for interval, (_, value) in enumerate(_ordered(places, values)):
        change = value - before
        if change and _is_float(change):
            found.append((interval, change))
        elif change:  # down to 0 and up again, by heights that are values themselves
            found += [(interval, height) for height in (-before, value) if height]
        before = value
    return found


def units_needed(places: Sequence[Fraction], values: Sequence[Fraction]) -> int:
    """How many units `steps` needs at least."""
    return 2 * len(jumps(places, values))


def steps(places: Sequence[Fraction], values: Sequence[Fraction], count: int) -> tuple[Unit, ...]:
    """Exactly `count` units whose sum is `values` at `places`, every one active at the rightmost point, no two alike.

    Units beyond those needed make bumps between the points. Raises InputError if `count` is too small.
    """
    needed = jumps(places, values)
    if not needed:
        raise InputError("all values are 0: there is nothing to fit")
    if count < 2 * len(needed):
        raise InputError(f"{count} units are too few for these targets: {2 * len(needed)} are needed")
    edges = sorted(set(places))
    edges.insert(0, edges[0] - _usual_gap(edges))
    spare = count - 2 * len(needed)
    sizes = [2] * len(needed)
    if spare in (1, 2):
        sizes[0] += spare
        spare = 0
    placed = [_Placed(at, JUMPS[size], height) for (at, height), size in zip(needed, sizes, strict=True)]
    height = _power_below(max(values))  # on the scale of the targets, so that float64 can tell both apart
    for k, size in enumerate(_bumps(spare)):
        placed.append(_Placed(k % (len(edges) - 1), BUMPS[size], height))
    units: list[Unit] = []
    for interval in range(len(edges) - 1):
        units += _laid(edges[interval], edges[interval + 1], [one for one in placed if one.interval == interval])
    return tuple(units)


def affordable(places: Sequence[Fraction], values: Sequence[Fraction], count: int) -> list[Fraction]:
    """The values with as many of the smallest set to 0 as it takes for `count` units to fit the rest."""
    kept = list(values)
    while units_needed(places, kept) > count:
        kept[kept.index(min(value for value in kept if value))] = Fraction(0)
    return kept


def _usual_gap(edges: Sequence[Fraction]) -> Fraction:
    """The mean distance of neighbours, 1 for a single point: room before the first, on the scale of the points."""
    return (edges[-1] - edges[0]) / (len(edges) - 1) if len(edges) > 1 else Fraction(1)


def _bumps(spare: int) -> list[int]:
    """Sizes of bumps that use up `spare` (0 or at least 3) units."""
    if not spare:
        return []
    return [3] * (spare // 3 - 1) + [3 + spare % 3]


def _laid(left: Fraction, right: Fraction, placed: Sequence[_Placed]) -> list[Unit]:
    """The units of these stencils on one grid, strictly between `left` and `right`."""
    room = sum(max(one.stencil) + 1 for one in placed)
    if not room:
        return []
    spacing = _power_below((right - left) / (room + 2))
    origin = math.ceil(left / spacing) + 1
    units = []
    for one in placed:
        for offset, coefficient in one.stencil.items():
            units.append(Unit((origin + offset) * spacing, spacing, one.height * coefficient))
        origin += max(one.stencil) + 1
    return units


def _power_below(value: Fraction) -> Fraction:
    """The largest power of two that is at most `value > 0`."""
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    power = Fraction(2) ** exponent
    return power if power <= value else power / 2


def _ordered(places: Sequence[Fraction], values: Sequence[Fraction]) -> list[tuple[Fraction, Fraction]]:
    found: dict[Fraction, Fraction] = {}
    for place, value in zip(places, values, strict=True):
        if found.setdefault(place, value) != value:
            raise InputError("two points at one place have different targets: no function fits them")
    return sorted(found.items())


def _is_float(value: Fraction) -> bool:
    return Fraction(float(value)) == value
