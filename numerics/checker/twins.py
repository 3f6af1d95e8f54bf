"""Twins: units of one layer that everything enters alike may pass what reads them over to each other (page, section 2).

Then every unit keeps its value at every time: twins have one value, and what a unit reads of them all together stays.
"""

import numpy as np

from .arrays import Array, Mask, Weights, rational
from .errors import Refused
from .renaming import layers
from .spaces import Space, is_vector

Key = tuple[bytes, ...]


def check_twins(k: int, space: Space, before: Weights, after: Weights, moved: dict[str, Mask]) -> None:
    """Raise Refused unless, in every row, the sum over every class of twins is the same number at both corners."""
    for name in sorted(moved):
        if moved[name].any() and (name == "W" or is_vector(name)):
            raise Refused(f"segment {k} is called twins but {name} moves: only matrices that read hidden units may")
    for places in layers(space).values():
        writers = [name for name, axis in places if axis == 0 and name in before]
        for reader in (name for name, axis in places if axis == 1):
            if reader in moved and moved[reader].any():
                _check_reader(k, reader, moved[reader], [end[name] for name in writers for end in (before, after)],
                              before[reader], after[reader])  # fmt: skip


def _check_reader(k: int, reader: str, moved: Mask, entering: list[Array], before: Array, after: Array) -> None:
    """Of one matrix; `entering`: what enters the units that it reads, at both corners."""
    classes: dict[Key, list[int]] = {}
    for unit in np.flatnonzero(moved.any(axis=0)).tolist():
        # -0.0 is 0.0.
        key = tuple((array[unit] + 0.0).tobytes() for array in entering)
        classes.setdefault(key, []).append(unit)
    for units in classes.values():
        rows = np.flatnonzero(moved[:, units].any(axis=1))
        sums = [rational(end[rows][:, units]).sum(axis=1) for end in (before, after)]
        wrong = np.flatnonzero(np.asarray(sums[0] != sums[1], dtype=np.bool_))
        if wrong.size:
            raise Refused(
                f"segment {k} is called twins but row {rows[wrong[0]]} of {reader} reads another sum of unit {units[0]}"
                " and its twins"
            )
