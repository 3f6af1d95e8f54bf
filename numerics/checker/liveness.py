"""Dead units, going backwards from the output (section 2 of the certificate's page, L9)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .arrays import Mask


@dataclass(frozen=True)
class Alive:
    """Which units can reach an output: `slots` (m,) for the first layer, `branch[k]` (r_k,) beyond it."""

    slots: Mask
    branch: tuple[Mask, ...]


def alive_units(support: Mapping[str, Mask]) -> Alive:
    """The units that are not dead, where `support[name]` marks the weights that may be nonzero.

    A unit is dead if each of its outgoing weights, to every unit or output that it feeds, either is zero or
    leads to a dead unit.
    """
    if "U" not in support:
        return Alive(_some_row(support["V"]), ())
    branch = [_some_row(support["U"])]
    for k in range(sum(name.startswith("B") for name in support), 0, -1):
        branch.append(_some_row(support[f"B{k}"][branch[-1]]))
    branch.reverse()
    slots = _some_row(support["A"][branch[0]])
    return Alive(slots | _some_row(support["V"]) if "V" in support else slots, tuple(branch))


def _some_row(mask: Mask) -> Mask:
    """Which columns have a mark in some row."""
    marked: Mask = np.logical_or.reduce(mask, axis=0)
    return marked
