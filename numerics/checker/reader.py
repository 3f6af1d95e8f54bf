"""Bytes -> certificate: archive, document, arrays. This settles the form, and nothing of what is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from flint import fmpq

from .archive import unpack
from .arrays import Array, Weights
from .claims import Document, Slots
from .document import SLOT_AXIS, parse_document
from .errors import Refused, Unusable
from .npy import read_array
from .shown import shown
from .spaces import Shape

DOCUMENT = "certificate.json"
# Parsed json takes up to this many times its text (an empty list of 2 bytes and its comma become 64 bytes).
_JSON_GROWTH = 32


@dataclass(frozen=True)
class Certificate:
    """What a file says, in canonical form.

    `start`: the parameters of corner 0; `stored`: for each segment the arrays at its end, of the shapes that
    `document.segments[k].moves` implies; `controls`: for each arc the control's parameters that move, else nothing.
    """

    document: Document
    start: Weights
    stored: tuple[Mapping[str, Array], ...]
    controls: tuple[Mapping[str, Array], ...]

    __repr__ = shown


def parse_certificate(blob: bytes, budget: int) -> Certificate:
    """The certificate encoded by `blob`, its arrays being views into it. Raises Refused.

    `budget`: bytes of memory; raises Unusable for a document too large to be parsed within it.
    """
    entries = unpack(blob)
    if DOCUMENT not in entries:
        raise Refused(f"the archive has no {DOCUMENT}")
    text = entries.pop(DOCUMENT)
    if len(text) * _JSON_GROWTH > budget:
        # No word about the certificate: only that this is not the place to read it.
        raise Unusable(f"the certificate's {DOCUMENT} has {len(text)} bytes, too many for the memory: raise --memory")
    document = parse_document(bytes(text))
    space = document.space
    start = {name: _take(entries, f"start.{space.entry(name)}.npy", space.shapes[name]) for name in space.names}
    rationals = dict(document.rationals)
    stored = tuple(
        {
            name: _stored(
                entries,
                rationals,
                f"segment.{k:04d}.{space.entry(name)}",
                stored_shape(space.shapes[name], name, slots),
            )
            for name, slots in segment.moves.items()
        }
        for k, segment in enumerate(document.segments)
    )
    controls = tuple(
        {name: _take(entries, f"control.{k:04d}.{space.entry(name)}.npy", space.shapes[name]) for name in segment.moves}
        if segment.kind == "curve"
        else {}
        for k, segment in enumerate(document.segments)
    )
    if entries:
        raise Refused(f"the archive has an entry that its document does not call for: {min(entries)}")
    if rationals:
        raise Refused(f"certificate.json has rationals that its segments do not call for: {min(rationals)[:40]}")
    return Certificate(document, start, stored, controls)


def stored_shape(shape: Shape, name: str, slots: Slots | None) -> Shape:
    """The shape of the array stored for a move: the whole parameter, or one row (column) for each slot."""
    if slots is None:
        return shape
    return (len(slots), shape[1]) if SLOT_AXIS[name] == 0 else (shape[0], len(slots))


def _stored(entries: dict[str, memoryview], rationals: dict[str, tuple[fmpq, ...]], name: str, shape: Shape) -> Array:
    """The array from the document if it has one of that name, else from the archive."""
    if name not in rationals:
        return _take(entries, f"{name}.npy", shape)
    values = rationals.pop(name)
    cells: Any = np.empty(len(values), dtype=np.object_)
    cells[:] = values
    if len(values) != prod(shape):
        raise Refused(f"{name} has {len(values)} rationals: an array of shape {shape} takes {prod(shape)}")
    array: Array = cells.reshape(shape)
    return array


def _take(entries: dict[str, memoryview], name: str, shape: Shape) -> Array:
    if name not in entries:
        raise Refused(f"the archive has no {name}")
    return read_array(entries.pop(name), shape, name)
