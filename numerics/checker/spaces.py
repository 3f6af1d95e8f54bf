"""Parameter spaces: which parameters a network class has, and how their shapes hang together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

CLASSES = ("two-layer", "parallel")
_NAME = re.compile(r"W|V|A|a|B[1-9][0-9]?|b[1-9][0-9]?|U|c")
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Space:
    """A network class with its shapes. `kind`: the class; `bias`: 1 if the first layer sees (x, 1).

    Only `parse_space` makes one, so the relations between the shapes hold.
    """

    kind: str
    bias: int
    shapes: Mapping[str, Shape]

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names sorted by byte value."""
        return tuple(sorted(self.shapes))

    @property
    def slots(self) -> int:
        """m: the number of first-layer neurons."""
        return self.shapes["W"][0]

    @property
    def inputs(self) -> int:
        """n: the number of entries of x (without the constant 1)."""
        return self.shapes["W"][1] - self.bias

    @property
    def outputs(self) -> int:
        """p: the number of outputs."""
        return self.shapes["V"][0]

    @property
    def inner_layers(self) -> int:
        """The number of matrices B_k of the branch."""
        return sum(name.startswith("B") for name in self.shapes)


def parse_space(kind: str, bias: int, shapes: Mapping[str, Shape]) -> Space:
    """The space with these shapes. Raises ValueError naming the relation violated."""
    if kind not in CLASSES:
        raise ValueError(f"class {kind!r} is not covered by this checker yet: it covers {' and '.join(CLASSES)}")
    if bias not in (0, 1):
        raise ValueError(f"bias is {bias}: it must be 0 or 1")
    for name in sorted(shapes):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a parameter: the names are W, V, A, a, B1, b1, ..., U, c")
        dimensions = 1 if name[0].islower() else 2
        if len(shapes[name]) != dimensions:
            raise ValueError(f"{name} has shape {shapes[name]}: it must have {dimensions} dimension(s)")
        if min(shapes[name]) < 1:
            raise ValueError(f"{name} has shape {shapes[name]}: every dimension must be at least 1")
    _check_names(kind, shapes)
    _check_relations(kind, bias, shapes)
    return Space(kind, bias, dict(shapes))


def _check_names(kind: str, shapes: Mapping[str, Shape]) -> None:
    layers = sum(name.startswith("B") for name in shapes)
    required = {"W", "V"}
    optional = {"c"}
    if kind == "parallel":
        required |= {"A", "U"} | {f"B{k}" for k in range(1, layers + 1)}
        optional |= {"a"} | {f"b{k}" for k in range(1, layers + 1)}
    for name in sorted(required - set(shapes)):
        raise ValueError(f"{name} is missing: class {kind} needs {', '.join(sorted(required))}")
    for name in sorted(set(shapes) - required - optional):
        raise ValueError(f"{name} is no parameter of class {kind} with {layers} inner layers: remove it")


def _check_relations(kind: str, bias: int, shapes: Mapping[str, Shape]) -> None:
    columns = shapes["W"][1]
    if columns - bias < 1:
        raise ValueError(f"W has {columns} columns with bias {bias}: W must be (m, n + bias) with n >= 1")
    _match(shapes, ("V", 1), ("W", 0), "V must be (p, m) with m = rows of W")
    _match(shapes, ("c", 0), ("V", 0), "c must be (p,) with p = rows of V")
    if kind == "two-layer":
        return
    _match(shapes, ("A", 1), ("W", 0), "A must be (r_0, m) with m = rows of W")
    _match(shapes, ("a", 0), ("A", 0), "a must be (r_0,) with r_0 = rows of A")
    before = "A"
    for k in range(1, 1 + sum(name.startswith("B") for name in shapes)):
        _match(shapes, (f"B{k}", 1), (before, 0), f"B{k} must have as many columns as {before} has rows")
        _match(shapes, (f"b{k}", 0), (f"B{k}", 0), f"b{k} must have as many entries as B{k} has rows")
        before = f"B{k}"
    _match(shapes, ("U", 1), (before, 0), f"U must have as many columns as {before} has rows")
    _match(shapes, ("U", 0), ("V", 0), "U must be (p, r_last) with p = rows of V")


def _match(shapes: Mapping[str, Shape], one: tuple[str, int], other: tuple[str, int], relation: str) -> None:
    """Raise ValueError unless the two dimensions (name, axis) agree; an absent optional parameter agrees."""
    (name, axis), (source, source_axis) = one, other
    if name not in shapes or shapes[name][axis] == shapes[source][source_axis]:
        return
    mine, theirs = _count(shapes, name, axis), _count(shapes, source, source_axis)
    raise ValueError(f"{name} has {mine} but {source} has {theirs}: {relation}")


def _count(shapes: Mapping[str, Shape], name: str, axis: int) -> str:
    what = "entries" if len(shapes[name]) == 1 else ("rows", "columns")[axis]
    return f"{shapes[name][axis]} {what}"
