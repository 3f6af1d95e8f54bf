"""Which weights may move while f stays, whatever their values (section 2 of the certificate's page, L9).

Backwards from the output: a unit is dead if nothing that reaches an output reads it. Forwards from the input: a
coordinate of the stream is empty if nothing was ever written to it. Entries into a dead unit, and weights that read
an empty coordinate, do not matter.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from .arrays import Mask

Support = Mapping[str, Mask]
"""Matrix -> which of its entries may be nonzero."""


def layers_of(support: Support, prefix: str) -> Iterator[tuple[str, str]]:
    """Names of the matrix and the bias of a branch's layers, the last one first."""
    inner = sum(name.startswith(f"{prefix}B") for name in support)
    for k in range(inner, 0, -1):
        yield f"{prefix}B{k}", f"{prefix}b{k}"
    yield f"{prefix}A", f"{prefix}a"


def live_units(support: Support, blocks: Sequence[str], *, residual: bool) -> dict[str, Mask]:
    """Parameter -> which of the units that its rows enter are not dead; of all that do not enter an output.

    `blocks`: what the names of each branch's parameters start with; `residual`: whether branches write to the
    coordinates of the stream, where W and every U enter, and not to the outputs.
    """
    live: dict[str, Mask] = {}
    # PLAIN has no V: its outputs read the branch alone.
    coordinates = _some_row(support["V"]) if "V" in support else np.zeros(len(support["W"]), dtype=np.bool_)
    for prefix in reversed(blocks):
        above = support[f"{prefix}U"]
        if residual:
            live[f"{prefix}U"] = coordinates
            above = above[coordinates]
        for matrix, bias in layers_of(support, prefix):
            live[matrix] = live[bias] = _some_row(above)
            above = support[matrix][live[matrix]]
        # A coordinate goes on unchanged beside the block, and the block's first layer reads it.
        coordinates = coordinates | _some_row(above)
    live["W"] = coordinates
    return live


def empty_coordinates(support: Support, blocks: Sequence[str], *, residual: bool) -> dict[str, Mask]:
    """Name of each A -> which of the coordinates that its columns read are 0 for every input."""
    empty: dict[str, Mask] = {}
    written = _some_column(support["W"])
    for prefix in blocks:
        empty[f"{prefix}A"] = ~written
        if residual:
            written = written | _some_column(support[f"{prefix}U"])
    return empty


def _some_row(mask: Mask) -> Mask:
    """Which columns have a mark in some row."""
    marked: Mask = np.logical_or.reduce(mask, axis=0)
    return marked


def _some_column(mask: Mask) -> Mask:
    """Which rows have a mark in some column."""
    marked: Mask = np.logical_or.reduce(mask, axis=1)
    return marked
