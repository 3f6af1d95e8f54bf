"""Memory is predicted before it is allocated; what exceeds the budget is refused, never a range of exponents."""

from __future__ import annotations

from numerics.errors import InputError

GIB = 1 << 30
DEFAULT = 4 * GIB


def require(predicted: float, budget: int, what: str) -> None:
    """Raise InputError if `what` would need more than `budget` bytes."""
    if predicted > budget:
        raise InputError(
            f"{what} would need {_size(predicted)}, more than the budget of {_size(budget)}:"
            " use narrower networks, fewer samples, a smaller range of exponents, or a larger --memory"
        )


def rows_within(bytes_per_row: float, budget: int, rows: int, at_most: int) -> int:
    """How many rows of samples to take at once; at least one must fit (raises InputError)."""
    require(bytes_per_row, budget, "one sample of exact features")
    return max(1, min(rows, at_most, int(budget // max(bytes_per_row, 1.0))))


def _size(count: float) -> str:
    for unit, scale in (("GiB", GIB), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count:.0f} bytes"
