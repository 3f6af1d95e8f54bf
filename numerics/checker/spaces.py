"""Parameter spaces: which parameters a network class has, and how their shapes hang together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from .arrays import Array, Weights
from .graph import BIAS, Graph, Node, Work, graph_of, matrices, work_of
from .shown import shown

MAX_BLOCKS = 100
_NAME = re.compile(r"W|V|c|(blocks\.(?:0|[1-9][0-9]?)\.)?(?:A|a|B[1-9][0-9]?|b[1-9][0-9]?|U)")
# Which parameters enter the output, besides c.
_READOUT = {"two-layer": "V", "parallel": "VU", "residual": "V", "stream": "V", "post": "V", "plain": "U"}
GRAPH = "graph"
CLASSES = (*_READOUT, GRAPH)
Shape = tuple[int, ...]


def is_vector(name: str) -> bool:
    """Whether this parameter is a bias, which may be absent."""
    return name.rpartition(".")[2][0].islower()


@dataclass(frozen=True)
class Space:
    """A network class with its shapes. `kind`: the class; `bias`: 1 if the first layer sees (x, 1); `graph`: the nodes
    where the class is `graph`, which then say all the rest.

    Only `parse_space` makes one, so the relations between the shapes hold.
    """

    kind: str
    bias: int
    shapes: Mapping[str, Shape]
    graph: Graph | None = None

    __repr__ = shown

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Parameter names in sorted order (of code points)."""
        return tuple(sorted(self.shapes))

    @property
    def slots(self) -> int:
        """m: the number of first-layer neurons."""
        return self.shapes["W"][0]

    @property
    def inputs(self) -> int:
        """n: the number of entries of x (without the constant 1)."""
        return self.shapes["W"][1] - self.bias if self.graph is None else self.graph.inputs

    @property
    def outputs(self) -> int:
        """p: the number of outputs."""
        if self.graph is not None:
            return self.graph.outputs
        return self.shapes["U" if self.kind == "plain" else "V"][0]

    @property
    def readout(self) -> tuple[str, ...]:
        """The parameters that enter the output: f is affine in them."""
        return (*_READOUT[self.kind], "c") if self.graph is None else self.graph.readout

    @property
    def residual(self) -> bool:
        """Whether branches are added to the first layer instead of the output."""
        return self.kind in ("residual", "stream", "post")

    @property
    def rectified(self) -> bool:
        """Whether a rectifier follows each of these sums."""
        return self.kind == "post"

    @property
    def skips(self) -> bool:
        """Whether V reads the first layer with nothing between but sums: what valleys rest on.

        Of classes that are named, so that a new one is not taken for one of them.
        """
        return self.kind in ("two-layer", "parallel", "residual", "stream")

    @property
    def holds_two_layer(self) -> bool:
        """Whether with every U = 0 the network is a two-layer one, of the rows W and the readout V and c.

        Of class `post` too: the first layer is at least 0, so that no rectifier changes it. What the end of a depth
        certificate rests on; named, as above.
        """
        return self.skips or self.kind == "post"

    @property
    def flat(self) -> bool:
        """Whether V reads the first layer itself: f is V z, and perhaps what a branch adds to it; named, as above."""
        return self.kind in ("two-layer", "parallel")

    @property
    def blocks(self) -> tuple[str, ...]:
        """What the names of each branch's parameters start with, in the order of the branches."""
        return () if self.graph is not None else _prefixes(self.kind, self.shapes)

    def entry(self, name: str) -> str:
        """What a parameter is called in an archive: names of graphs are foreign, so they are numbered."""
        return name if self.graph is None else f"p{self._numbers[name]:04d}"

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: k for k, name in enumerate(self.names)}

    def optional(self, name: str) -> bool:
        """Whether this parameter may be absent."""
        return self.graph is None and is_vector(name)

    def is_row(self, key: str) -> bool:
        """Whether what a forward pass calls by this key is added to every row, and not a matrix."""
        return is_vector(key) if self.graph is None else key.endswith(BIAS)

    def operands(self, weights: Weights) -> dict[str, Array]:
        """What a forward pass multiplies by or adds, by its keys: matrices (units, inputs) and rows (1, units)."""
        if self.graph is not None:
            return dict(matrices(self.graph, weights))
        return {name: weights[name] if weights[name].ndim == 2 else weights[name][None, :] for name in self.names}

    @cached_property
    def work(self) -> Work:
        """What a forward pass of one sample takes."""
        if self.graph is not None:
            return work_of(self.graph)
        shapes = self.shapes.values()
        widest = max(map(max, shapes))
        units = self.inputs + self.bias + sum(map(max, shapes))
        entries = sum(map(prod, shapes))
        return Work(entries, entries, units, widest, widest, max(shape[-1] for shape in shapes))

    def inner_layers(self, prefix: str = "") -> int:
        """The number of matrices B_k of a branch."""
        return _inner_layers(self.shapes, prefix)


def parse_space(kind: str, bias: int, shapes: Mapping[str, Shape], nodes: Sequence[Node] | None = None) -> Space:
    """The space with these shapes; `nodes`: of a graph. Raises ValueError naming the relation violated."""
    if kind not in CLASSES:
        raise ValueError(f"class {kind!r} is not covered by this checker: it covers {', '.join(CLASSES)}")
    if bias not in (0, 1):
        raise ValueError(f"bias is {bias}: it must be 0 or 1")
    if (kind == GRAPH) != (nodes is not None):
        raise ValueError(f"class {kind} has {'no ' if nodes is None else ''}nodes: those of class graph have, alone")
    if nodes is not None:
        if bias:
            raise ValueError("bias is 1: it must be 0 for a graph, whose nodes have biases of their own")
        return Space(kind, 0, dict(shapes), graph_of(nodes, shapes))
    for name in sorted(shapes):
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} is not a parameter: the names are W, V, A, a, B1, b1, ..., U, c, and blocks.0.A, ..."
            )
        dimensions = 1 if is_vector(name) else 2
        if len(shapes[name]) != dimensions:
            raise ValueError(f"{name} has shape {shapes[name]}: it must have {dimensions} dimension(s)")
        if min(shapes[name]) < 1:
            raise ValueError(f"{name} has shape {shapes[name]}: every dimension must be at least 1")
    _check_names(kind, shapes)
    _check_relations(kind, bias, shapes)
    return Space(kind, bias, dict(shapes))


def _prefixes(kind: str, shapes: Mapping[str, Shape]) -> tuple[str, ...]:
    if kind == "two-layer":
        return ()
    if kind not in ("stream", "post"):
        return ("",)
    numbers = {int(name.split(".")[1]) for name in shapes if name.startswith("blocks.")}
    # At least one, and up to the highest: what is missing in between is then missed.
    return tuple(f"blocks.{k}." for k in range(max(numbers, default=0) + 1))


def _inner_layers(shapes: Mapping[str, Shape], prefix: str) -> int:
    return sum(name.startswith(f"{prefix}B") for name in shapes)


def _check_names(kind: str, shapes: Mapping[str, Shape]) -> None:
    required = {"W"} if kind == "plain" else {"W", "V"}
    optional = {"c"}
    for prefix in _prefixes(kind, shapes):
        layers = range(1, _inner_layers(shapes, prefix) + 1)
        required |= {f"{prefix}A", f"{prefix}U"} | {f"{prefix}B{k}" for k in layers}
        optional |= {f"{prefix}a"} | {f"{prefix}b{k}" for k in layers}
    for name in sorted(required - set(shapes)):
        raise ValueError(f"{name} is missing: class {kind} needs {', '.join(sorted(required))[:200]}")
    for name in sorted(set(shapes) - required - optional):
        layers_of = name.rpartition(".")[0]
        inner = _inner_layers(shapes, f"{layers_of}." if layers_of else "")
        raise ValueError(f"{name} is no parameter of class {kind} with {inner} inner layers: remove it")


def _check_relations(kind: str, bias: int, shapes: Mapping[str, Shape]) -> None:
    columns = shapes["W"][1]
    if columns - bias < 1:
        raise ValueError(f"W has {columns} columns with bias {bias}: W must be (m, n + bias) with n >= 1")
    _match(shapes, ("V", 1), ("W", 0), "V must be (p, m) with m = rows of W")
    output = "U" if kind == "plain" else "V"
    _match(shapes, ("c", 0), (output, 0), f"c must be (p,) with p = rows of {output}")
    for prefix in _prefixes(kind, shapes):
        _check_branch(kind, prefix, shapes)


def _check_branch(kind: str, prefix: str, shapes: Mapping[str, Shape]) -> None:
    first, offset, top = f"{prefix}A", f"{prefix}a", f"{prefix}U"
    _match(shapes, (first, 1), ("W", 0), f"{first} must be (r_0, m) with m = rows of W")
    _match(shapes, (offset, 0), (first, 0), f"{offset} must be (r_0,) with r_0 = rows of {first}")
    before = first
    for k in range(1, 1 + _inner_layers(shapes, prefix)):
        matrix, offset = f"{prefix}B{k}", f"{prefix}b{k}"
        _match(shapes, (matrix, 1), (before, 0), f"{matrix} must have as many columns as {before} has rows")
        _match(shapes, (offset, 0), (matrix, 0), f"{offset} must have as many entries as {matrix} has rows")
        before = matrix
    _match(shapes, (top, 1), (before, 0), f"{top} must have as many columns as {before} has rows")
    if kind == "parallel":
        _match(shapes, (top, 0), ("V", 0), f"{top} must be (p, r_last) with p = rows of V")
    elif kind != "plain":
        _match(shapes, (top, 0), ("W", 0), f"{top} must be (m, r_last) with m = rows of W")


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
