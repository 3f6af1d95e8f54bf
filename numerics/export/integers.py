"""Floats as integers over one power of two, and these cut into digits: how arrays are written in Coq."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.common.shown import Shown
from numerics.networks.arrays import Array

WORD = 62  # bits of a sum of products below which a machine integer of Coq holds it, its sign apart
LONGEST_DIGIT = 60

Integers = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Form(Shown):
    """`step`: bits of a digit; `point`: the exponent: an entry is an integer over `2**point`."""

    step: int
    point: int


@dataclass(frozen=True, eq=False)
class Literal(Shown):
    """A matrix of integers and the form in which it is written."""

    values: Integers
    form: Form

    def planes(self, row: int) -> list[list[int]]:
        """The digits of one row from the lowest on, each as long as the row; none for a row of zeros."""
        step, mask = self.form.step, (1 << self.form.step) - 1
        entries: list[int] = self.values[row].tolist()
        left, signs = [abs(entry) for entry in entries], [-1 if entry < 0 else 1 for entry in entries]
        digits = []
        while any(left):
            digits.append([sign * (value & mask) for sign, value in zip(signs, left, strict=True)])
            left = [value >> step for value in left]
        return digits


def point_of(arrays: Sequence[Array]) -> int:
    """The least exponent, not below 0, with which all entries are integers."""
    return max([0, *(_lowest(array) for array in arrays)])


def _lowest(array: Array) -> int:
    mantissa, exponent = np.frexp(array[array != 0])
    whole = np.abs(np.ldexp(mantissa, 53)).astype(np.int64)
    lowest = np.frexp((whole & -whole).astype(np.float64))[1] - 1  # the place of the last bit that is set
    return int((53 - exponent - lowest).max(initial=0))


def integers(array: Array, point: int) -> Integers:
    """`array * 2**point` exactly, as Python integers."""
    mantissa, exponent = np.frexp(array)
    whole = np.ldexp(mantissa, 53).astype(np.int64).astype(object)
    shift = exponent.astype(np.int64) - 53 + point
    flat = [
        int(value) << by if by >= 0 else int(value) >> -by
        for value, by in zip(whole.ravel().tolist(), shift.ravel().tolist(), strict=True)
    ]
    return np.array([*flat, None], dtype=object)[:-1].reshape(array.shape)


def bits(values: Integers) -> int:
    """Of the largest entry, at least 1."""
    return max(1, max((abs(value) for value in values.ravel().tolist()), default=0).bit_length())


def room(terms: int) -> int:
    """The largest `s + t` such that a sum of so many products of digits of s and of t bits fits a machine integer."""
    return WORD - 1 - (max(1, terms) - 1).bit_length() if terms > 1 else WORD - 1


def count(total: int, step: int) -> int:
    """Digits of `step` bits that hold `total` bits."""
    return -(-total // step)


def cheapest(left: Sequence[tuple[int, int]], right: int, terms: int) -> int:
    """The digits' size of the right factor for which the dot products with all left ones take the fewest planes.

    `left`: bits of a left factor, and how often it is used.
    """
    free = room(terms)

    def planes(step: int) -> tuple[int, int]:
        other = min(LONGEST_DIGIT, free - step)
        return count(right, step) * sum(often * count(total, other) for total, often in left), -step

    return min(range(1, min(LONGEST_DIGIT, free - 1) + 1), key=planes)
