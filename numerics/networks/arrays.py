"""Weights as read-only float64 arrays, and shape relations that name themselves when violated."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.errors import InputError

Array = NDArray[np.float64]


def as_array(name: str, given: Any) -> NDArray[Any]:
    """A numpy array of the same values: of nested lists, and of what converts itself (torch tensors, data frames).

    Raises InputError for rows of different lengths, masked entries, and whatever else does not convert.
    """
    if type(given).__module__.startswith("numpy.ma") and np.ma.is_masked(given):  # else numpy.ma need not be loaded
        raise InputError(f"{name} has masked entries: all weights and data must be there")
    try:
        if hasattr(given, "detach"):  # a torch tensor, off its graph and its device
            given = given.detach().cpu()
            if str(given.dtype) == "torch.bfloat16":  # which numpy does not have; every one is a float32
                given = given.float()
        return np.asarray(given)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        words = " ".join(str(error).split()).partition(". ")[0][:120]
        raise InputError(f"{name} is no array of numbers ({type(given).__name__}): {words}") from None


def weights(name: str, given: ArrayLike, dimensions: int) -> Array:
    """A read-only float64 C-order copy of `given` (shared if it is one already), same values exactly.

    Raises InputError unless it is an array of finite floats of at most 64 bits (or exact integers) with that many
    dimensions.
    """
    array = as_array(name, given)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        raise InputError(f"{name} has type {array.dtype}: float64 or narrower is needed")
    if array.dtype.kind in "iu":
        if array.size and max(abs(int(array.min())), abs(int(array.max()))) > 1 << 53:
            raise InputError(f"{name} has integers beyond 2^53, which float64 does not hold")
    elif array.dtype.kind != "f":
        raise InputError(f"{name} has type {array.dtype}: an array of floating-point numbers is needed")
    if array.ndim != dimensions:
        raise InputError(f"{name} has shape {array.shape}: {dimensions} dimension(s) are needed")
    if not array.size:
        raise InputError(f"{name} has shape {array.shape}: every dimension must be at least 1")
    if not np.isfinite(array).all():
        raise InputError(f"{name} has NaN or infinite entries: all weights and data must be finite")
    if array.dtype == np.dtype("<f8") and array.flags.c_contiguous and not array.flags.writeable and array.base is None:
        return array
    copy = np.array(array, dtype=np.float64, order="C")
    copy.flags.writeable = False
    return copy


def flag(given: object) -> bool:
    """A flag such as `bias` from a bool, or from 0 or 1 as an integer, a float or an array with that one entry.

    Raises InputError for everything else, texts included.
    """
    array = np.asarray(given)
    if array.size != 1:
        raise InputError(f"bias has shape {array.shape} and type {array.dtype}: 0 or 1 is needed, a scalar")
    if array.dtype.kind in "biuf":
        # A truth value is one byte, and a file may hold any: numpy takes all but 0 for true.
        value = array.reshape(()).view(np.uint8)[()] if array.dtype.kind == "b" else array.reshape(())[()]
        if value in (0, 1):
            return bool(value)
    raise InputError(f"bias is {str(given)[:40]!r}: 0 or 1 is needed (1: the first layer sees (x, 1), D = n + 1)")


def require(holds: bool, relation: str) -> None:
    """Raise InputError with the violated relation."""
    if not holds:
        raise InputError(relation)


def same(left: Array | None, right: Array | None) -> bool:
    """Bit for bit the same array (so 0.0 and -0.0 differ)."""
    if left is None or right is None:
        return left is right
    return left is right or (left.shape == right.shape and left.tobytes() == right.tobytes())


def differing(left: Array, right: Array, axis: int = 0) -> NDArray[np.int64]:
    """Indices along `axis` of two matrices of one shape where they are not bit for bit the same, ascending."""
    bits = np.ascontiguousarray(left).view(np.int64) != np.ascontiguousarray(right).view(np.int64)
    return np.flatnonzero(bits.any(axis=1 - axis))
