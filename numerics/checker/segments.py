"""The path: corners rebuilt bit for bit from what is stored, and the rules of the kinds that are known by form."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import prod

import numpy as np
from flint import fmpq

from .arrays import Array, Mask, Weights, differing, is_rational, rational
from .budget import require
from .claims import Slots
from .document import SLOT_AXIS
from .effort import Budget, words
from .errors import Refused
from .exact import float_extent
from .graph import Graph
from .graph import live_units as live_entries
from .liveness import empty_coordinates, live_units
from .reach import two_on_one_route
from .reader import Certificate
from .spaces import Space, is_vector
from .twins import check_twins

# How often the corners are gone through, word operations on an entry that is copied, compared or asked for its support;
# bytes of a rational beside its digits, and how many of each are there at once: both ends, and both compared.
_PASSES, _ENTRY, _CELL, _RATIONAL, _COPIES = 8, 4, 100, 200, 4
# Bytes of an entry of a graph's tables, with what is there while they are made.
_TABLE = 64


def require_room(certificate: Certificate, budget: Budget) -> None:
    """Predict what it takes to go through the corners, before it is done. Raises Unusable over the budget.

    A stored slot takes a copy of its whole parameter, and a stored rational turns all its entries into rationals.
    """
    space = certificate.document.space
    if space.graph is not None:
        require(_TABLE * space.work.cells, budget.memory)
    everything = sum(map(prod, space.shapes.values()))
    digits: dict[str, int] = {}
    weights: dict[str, int] = {}
    for segment, stored in zip(certificate.document.segments, certificate.stored, strict=True):
        copied = sum(prod(space.shapes[name]) for name in segment.moves) * (2 if segment.kind == "curve" else 1)
        budget.effort.charge(_PASSES * _ENTRY * (copied + everything))
        if space.graph is not None and segment.kind == "silent" and segment.moves:
            budget.effort.charge(space.work.products + _CELL * space.work.cells)
        if segment.kind == "twins":  # sums of rationals
            budget.effort.charge(_PASSES * _CELL * copied)
        for name, slots in segment.moves.items():
            array = stored[name]
            mine = _digits(array)
            if name not in weights:
                weights[name] = _digits(certificate.start[name])
            weights[name] = mine if slots is None else max(mine, weights[name])
            if is_rational(array):
                digits[name] = max(digits.get(name, 0), weights[name])
            elif slots is None:
                # From its next move on; until then it may be the rational end of the one before.
                digits = {other: bits for other, bits in digits.items() if other != name}
            if name in digits:
                digits[name] = max(digits[name], weights[name])
                cells = prod(space.shapes[name])
                budget.effort.charge(_PASSES * _CELL * cells * words(digits[name]))
        taken = sum(_COPIES * prod(space.shapes[name]) * (_RATIONAL + bits // 4) for name, bits in digits.items())
        require(taken, budget.memory)


def _digits(array: Array) -> int:
    """Bits of numerator and denominator of the longest entry, both at most."""
    if is_rational(array):
        values: list[fmpq] = array.ravel().tolist()
        return max((max(value.p.bit_length(), value.q.bit_length()) for value in values), default=0)
    extent = float_extent(array.reshape(len(array), -1))
    return max(extent.bits + max(extent.exponent, 0), -extent.exponent)


def corners(certificate: Certificate) -> Iterator[Weights]:
    """Corner 0, ..., K, one at a time; corners share the parameters that do not change between them."""
    weights = dict(certificate.start)
    yield dict(weights)
    for segment, stored in zip(certificate.document.segments, certificate.stored, strict=True):
        for name, slots in segment.moves.items():
            weights[name] = _moved(weights[name], stored[name], name, slots)
        yield dict(weights)


def control_of(certificate: Certificate, k: int, before: Weights) -> Weights | None:
    """All parameters of the control of segment k, which starts at the corner `before`; None on a straight line."""
    if certificate.document.segments[k].kind != "curve":
        return None
    return {**before, **certificate.controls[k]}


def _moved(before: Array, stored: Array, name: str, slots: Slots | None) -> Array:
    """The parameter at the segment's end: `stored`, or `before` with the slots' rows or columns replaced."""
    if slots is None:
        return stored
    if is_rational(before) or is_rational(stored):
        before, stored = rational(before), rational(stored)
    after = before.copy()
    if SLOT_AXIS[name] == 0:
        after[list(slots)] = stored
    else:
        after[:, list(slots)] = stored
    return after


def check_kinds(certificate: Certificate) -> None:
    """Raise Refused unless each segment is of the kind it claims to be.

    The loss peaks at a corner of readout, silent and twins segments, at a breakpoint of hidden ones. A general segment
    or curve may move anything, and nothing is known of it by form; exact ones are judged on the data (identities.py).
    """
    space = certificate.document.space
    for k, (before, after) in enumerate(pairwise(corners(certificate))):
        segment = certificate.document.segments[k]
        floats = segment.kind in ("hidden", "twins", "general", "curve")
        if floats and any(map(is_rational, (*before.values(), *after.values()))):
            raise Refused(f"segment {k} is called {segment.kind} but has weights that are no floats")
        # Values are compared, not bits: a change from 0.0 to -0.0 moves nothing.
        moved = {name: differing(before[name], after[name]) for name in segment.moves}
        if segment.kind == "hidden":
            _check_hidden(k, space, moved)
        elif segment.kind == "twins":
            check_twins(k, space, before, after, moved)
        elif segment.kind == "readout":
            _check_readout(k, space.readout, moved)
        elif segment.kind == "silent" and space.graph is not None:
            _check_silent_graph(k, space.graph, before, after, moved)
        elif segment.kind == "silent":
            _check_silent(k, space, before, after, moved)


def _check_readout(k: int, readout: Sequence[str], moved: dict[str, Mask]) -> None:
    """L7: only the readout moves, so f is affine in t and the loss convex."""
    for name in sorted(moved):
        if name not in readout and moved[name].any():
            *others, last = readout or ("none",)
            allowed = f"{', '.join(others)} and {last}" if others else last
            raise Refused(f"segment {k} is called readout but {name} moves: only {allowed} may")


def _check_hidden(k: int, space: Space, moved: dict[str, Mask]) -> None:
    """No route meets two moving parameters, so every unit is piecewise linear in t."""
    both = two_on_one_route(space, [name for name in moved if moved[name].any()])
    if both is not None:
        raise Refused(f"segment {k} is called hidden but {both[0]} and {both[1]} move, which lie on one route")


def _check_silent_graph(k: int, graph: Graph, before: Weights, after: Weights, moved: dict[str, Mask]) -> None:
    """L9: every weight that moves enters dead entries alone, so f does not change with t."""
    if not any(mask.any() for mask in moved.values()):
        return
    support = {name: (before[name] != 0) | (after[name] != 0) for name in before}
    for node, live in live_entries(graph, support):
        for name in node.parameters:
            if name in moved and (moved[name].reshape(len(live), -1).any(axis=1) & live).any():
                raise Refused(f"segment {k} is called silent but {name} moves an entry into a unit that is live")


def _check_silent(k: int, space: Space, before: Weights, after: Weights, moved: dict[str, Mask]) -> None:
    """L9: every weight that moves enters a dead unit or reads an empty coordinate, so f does not change with t."""
    for name in space.readout:
        if name in moved and moved[name].any():
            raise Refused(f"segment {k} is called silent but {name} moves, which enters the output")
    support = {name: (before[name] != 0) | (after[name] != 0) for name in before if not is_vector(name)}
    live = live_units(support, space.blocks, residual=space.residual)
    empty = empty_coordinates(support, space.blocks, residual=space.residual)
    for name in sorted(set(moved) - set(space.readout)):
        matters = moved[name] & ~empty[name] if name in empty else moved[name]
        entered = matters.any(axis=1) if matters.ndim == 2 else matters
        units = np.flatnonzero(entered & live[name])
        if units.size:
            raise Refused(f"segment {k} is called silent but {name} moves an entry into unit {units[0]}, which is live")
