"""The network classes of section 1's table: parameters, shapes, and the output at one point."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from support.second_checker.archive import PARAMETER, is_vector, need
from support.second_checker.intervals import Number, rectified

READOUT = {"two-layer": "Vc", "parallel": "VUc", "residual": "Vc", "stream": "Vc", "post": "Vc", "plain": "Uc"}
Weights = Mapping[str, Any]
"""Name -> a vector or a matrix of Numbers."""

Shapes = dict[str, list[int]]


def check_class(network_class: Any, bias: int, shapes: Shapes, n: int, p: int) -> None:
    """Whether these are the parameters of the class; raises Refused."""
    for name, shape in shapes.items():
        need(PARAMETER.fullmatch(name), f"network: {name[:20]!r} is no parameter")
        need(len(shape) == 2 - is_vector(name), f"network: {name} has no such shape")
    need(type(network_class) is str and network_class in READOUT, "network: no such class")
    required = {"W", *READOUT[network_class]} - {"c"}
    need(required <= set(shapes), "network: a required parameter is missing")
    m = shapes["W"][0]
    want = {"W": [m, n + bias]} | ({} if network_class == "plain" else {"V": [p, m]})
    for prefix in blocks_of(network_class, shapes):
        width, layers = m, [("A", "a")] + [(f"B{k}", f"b{k}") for k in range(1, branch_depth(shapes, prefix))]
        for into, offset in [(prefix + into, prefix + offset) for into, offset in layers]:
            need(into in shapes, f"network: {into} is missing")
            want[into] = [shapes[into][0], width]
            width = shapes[into][0]
            want |= {offset: [width]} if offset in shapes else {}
        want[f"{prefix}U"] = [p if network_class in ("parallel", "plain") else m, width]
    want |= {"c": [p]} if "c" in shapes else {}
    need(shapes == want, "network: the shapes do not fit together, or a parameter is none of this class")


def branch_depth(shapes: Collection[str], prefix: str = "") -> int:
    """The number of hidden layers of the branch whose names start with `prefix`; 0 without one."""
    return sum(name.startswith((f"{prefix}A", f"{prefix}B")) for name in shapes)


def blocks_of(network_class: str, names: Collection[str]) -> list[str]:
    """What the names of each branch's parameters start with."""
    if network_class not in ("stream", "post"):
        return [] if network_class == "two-layer" else [""]
    numbers = {int(name.split(".")[1]) for name in names if name.startswith("blocks.")}
    need(numbers and numbers == set(range(len(numbers))), "network: a stream's blocks are 0, 1, ...: at least one")
    return [f"blocks.{k}." for k in range(len(numbers))]


def forward(network_class: str, corner: Weights, x: Sequence[Number]) -> list[Number]:
    """The outputs at one point, with Fractions or Intervals."""

    def layer(name: str, offset: str, values: Sequence[Number], clip: bool = True) -> list[Number]:
        rows = zip(corner[name], corner.get(offset) or [Fraction(0)] * len(corner[name]), strict=True)
        sums = [sum((w * v for w, v in zip(row, values, strict=True)), start=b) for row, b in rows]
        return [rectified(s) for s in sums] if clip else sums

    def branch(prefix: str, values: Sequence[Number]) -> tuple[Sequence[Number], str]:
        h = layer(f"{prefix}A", f"{prefix}a", values)
        for k in range(1, branch_depth(corner, prefix)):
            h = layer(f"{prefix}B{k}", f"{prefix}b{k}", h)
        return h, f"{prefix}U"

    z = layer("W", "", x)
    blocks = blocks_of(network_class, corner)
    if network_class == "plain":
        h, top = branch("", z)
        return layer(top, "c", h, clip=False)
    f = layer("V", "c", z, clip=False)
    for prefix in blocks:
        h, top = branch(prefix, z)
        added = layer(top, "", h, clip=False)
        if network_class == "parallel":
            f = [skip + more for skip, more in zip(f, added, strict=True)]
        else:
            z = [skip + more for skip, more in zip(z, added, strict=True)]
            z = [rectified(s) for s in z] if network_class == "post" else z
    return layer("V", "c", z, clip=False) if network_class in ("residual", "stream", "post") else f
