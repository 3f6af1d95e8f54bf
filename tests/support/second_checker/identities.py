"""Rationals of a certificate and the identities of exact segments: the second checker's, from the format page alone."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from support.second_checker.archive import Array, Corner, Table, exact, flat, need, nested, rational
from support.second_checker.classes import blocks_of
from support.second_checker.losses import between

MAX_RATIONALS, MAX_RATIONAL_TEXT = 200_000, 40_000


def has_rationals(corner: Corner) -> bool:
    """Whether some array was stored as rationals, and not replaced as a whole since."""
    return any(isinstance(value, Fraction) for array in corner.values() for value in flat(array))


def is_float(value: Fraction) -> bool:
    """Whether a finite float has this value."""
    try:
        return Fraction(float(value)) == value
    except OverflowError:
        return False


def read_rationals(found: Any, expected: Mapping[str, list[int]]) -> Corner:
    """`{name: nested lists of Fractions}` for arrays that are not in the archive."""
    need(type(found) is dict and all(type(cells) is list for cells in found.values()), "rationals: no lists")
    need(sum(map(len, found.values())) <= MAX_RATIONALS, "rationals: too many")
    arrays: Corner = {}
    for name, cells in found.items():
        need(name.startswith("segment.") and f"{name}.npy" in expected, "rationals: no such array")
        shape = expected[f"{name}.npy"]
        need(all(type(cell) is str and len(cell) <= MAX_RATIONAL_TEXT for cell in cells), "rationals: too long")
        values = [rational(cell) for cell in cells]
        need(len(values) == shape[0] * (shape[1] if len(shape) == 2 else 1), "rationals: another shape")
        need(not all(map(is_float, values)), "rationals: floats belong into the archive")
        arrays[f"{name}.npy"] = nested(values, shape)
    return arrays


def check_identities(network_class: str, before: Corner, after: Corner, bias: int, X: Table) -> None:
    """The three rules of exact segments, at t = 0, 1/2, 1: two polynomials of degree 2 that agree there are equal."""
    blocks = blocks_of(network_class, before)
    residual = network_class in ("residual", "stream", "post")
    readers = [name for name in ("V", *(f"{prefix}A" for prefix in blocks)) if name in before]
    moving = {name for name in before if before[name] != after[name]}
    allowed = {"W", *readers, *(f"{prefix}U" for prefix in blocks if residual)}
    need(network_class != "post" or not moving, "exact: a rectifier follows the sums")
    need(moving <= allowed, "exact: a parameter moves that may not")
    corners = [between(before, after, t) for t in (Fraction(0), Fraction(1, 2), Fraction(1))]
    for x in X:
        seen = exact(x) + [Fraction(1)] * bias
        lines = [times(corner["W"], [[value] for value in seen]) for corner in corners]
        for (a,), (b,) in zip(lines[0], lines[2], strict=True):
            need(a * b >= 0, "exact: a pre-activation changes its sign")
        z = [[[max(value, Fraction(0))] for (value,) in line] for line in lines]
        for name in readers:
            reads = [times(corner[name], value) for corner, value in zip(corners, z, strict=True)]
            need(reads[0] == reads[1] == reads[2], f"exact: what {name} reads changes")
    for k, prefix in enumerate(blocks if residual else []):
        for name in ["V", *(f"{later}A" for later in blocks[k + 1 :])]:
            products = [times(corner[name], corner[f"{prefix}U"]) for corner in corners]
            need(products[0] == products[1] == products[2], f"exact: what {name} reads of {prefix}U changes")


def times(left: Array, right: Iterable[Array]) -> list[list[Fraction]]:
    """The product of two matrices of Fractions."""
    columns = list(zip(*right, strict=True))
    return [[sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0)) for column in columns] for row in left]
