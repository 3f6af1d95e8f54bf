"""Known sets of directions that are far apart: how large, and the largest cosine between two of them, exactly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from types import MappingProxyType

from sympy import Expr, cos, pi

from theory.exact import Exact, number, strictly_below

Vector = Sequence[int]

CORNERS: Mapping[str, tuple[Vector, ...]] = MappingProxyType(
    {
        "tetrahedron": ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)),
        "octahedron": tuple(x for x in product((-1, 0, 1), repeat=3) if sum(map(abs, x)) == 1),
        "24-cell": tuple(x for x in product((-1, 0, 1), repeat=4) if sum(map(abs, x)) == 2),
    }
)
"""Integer directions of one length."""


@dataclass(frozen=True)
class Packing:
    """`count` directions on the sphere of this dimension; no two have a cosine above `cosine`."""

    name: str
    dimension: int
    count: int
    cosine: Expr

    def beyond(self, angle: Exact) -> bool:
        """Whether any two of them are more than `angle` apart, 0 <= angle <= pi; decided exactly."""
        return strictly_below(self.cosine, cos(number(angle, "phi")))


def polyhedron(name: str) -> Packing:
    """One of `CORNERS`."""
    corners = CORNERS[name]
    (length,) = {_dot(x, x) for x in corners}
    closest = Fraction(max(_dot(x, y) for x, y in combinations(corners, 2)), length)
    return Packing(name, len(corners[0]) - 1, len(corners), number(closest, "cosine"))


def polygon(count: int) -> Packing:
    """The regular polygon: neighbours are 2 pi/count apart. Raises ValueError below two corners."""
    if count < 2:
        raise ValueError(f"a polygon of directions has at least two, got {count}")
    return Packing(f"regular {count}-gon", 1, count, cos(2 * pi / count))


def known(dimension: int, more_than: int) -> Iterator[Packing]:
    """Known packings of that sphere with more than so many directions."""
    if dimension == 1:
        yield polygon(more_than + 1)
    found = (polyhedron(name) for name in CORNERS)
    yield from (one for one in found if one.dimension == dimension and one.count > more_than)


def _dot(left: Vector, right: Vector) -> int:
    return sum(x * y for x, y in zip(left, right, strict=True))
