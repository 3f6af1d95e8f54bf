"""The bank of first-layer rows: every distinct row of any corner once, its feature computed once."""

from collections.abc import Sequence

import numpy as np

from .arrays import Array, Integers

ZERO_ROW = -1


class Bank:
    """Numbers for distinct rows of W (equal by value: -0.0 is 0.0). Grows as corners are read."""

    def __init__(self, columns: int) -> None:
        """An empty bank of rows with `columns` entries (D)."""
        self._columns = columns
        self._numbers: dict[bytes, int] = {}
        self._rows: list[bytes] = []
        self._latest: tuple[Array, Integers] | None = None

    def number(self, w: Array) -> Integers:
        """The number of each row of `w` (m, D), as (m,); ZERO_ROW for a row of zeros (its feature is 0)."""
        changed = np.ones(len(w), dtype=np.bool_)
        numbers = np.empty(len(w), dtype=np.int64)
        # Corners come in the order of the path: hash only what changed since the last one.
        if self._latest is not None:
            latest, known = self._latest
            changed = (latest != w).any(axis=1)
            numbers[:] = known
        for slot in np.flatnonzero(changed):
            numbers[slot] = self._number_row(w[slot])
        self._latest = (w, numbers)
        return numbers

    def _number_row(self, row: Array) -> int:
        if not row.any():
            return ZERO_ROW
        key = np.where(row == 0, 0.0, row).tobytes()
        if key not in self._numbers:
            self._numbers[key] = len(self._rows)
            self._rows.append(key)
        return self._numbers[key]

    def rows(self, numbers: Sequence[int]) -> Array:
        """The rows with these numbers, (len(numbers), D)."""
        joined = b"".join(self._rows[number] for number in numbers)
        return np.frombuffer(joined, dtype=np.float64).reshape(len(numbers), self._columns)
