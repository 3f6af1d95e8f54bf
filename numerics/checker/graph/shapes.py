"""Which graph is a network: names, order, and the shape of every value, all settled before anything is allocated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from numerics.checker.arrays import Integers
from numerics.checker.shown import shown

from .nodes import Node
from .windows import Shape, never_empty, places, spans

LARGEST = 1 << 31
"""Entries of one value of one sample, and those that a node looks at."""
WIDEST = 1024
"""Rows or columns of a window, and of a padding."""
_READS = {"input": 0, "add": None, "concatenate": None}


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which each reads earlier ones, the first the input, the last the output.

    `shapes`: of every node's value for one sample, by name; `parameters`: those of all parameters. `tables`: made when
    they are first asked for. Only `graph_of` makes one, so that all relations hold.
    """

    nodes: tuple[Node, ...]
    shapes: Mapping[str, Shape]
    parameters: Mapping[str, Shape]
    tables: dict[str, Integers] = field(default_factory=dict, compare=False)

    __repr__ = shown

    @property
    def inputs(self) -> int:
        """n: the number of entries of x."""
        return prod(self.shapes[self.nodes[0].name])

    @property
    def outputs(self) -> int:
        """p: the number of outputs."""
        return prod(self.shapes[self.nodes[-1].name])

    @property
    def readout(self) -> tuple[str, ...]:
        """Parameters in which the output is affine: those of a last linear node that no other node reads."""
        *others, last = self.nodes
        elsewhere = {name for node in others for name in node.parameters}
        return tuple(name for name in last.parameters if name not in elsewhere) if last.op == "linear" else ()

    def given(self, node: Node) -> list[Shape]:
        """Shapes of what the node reads."""
        return [self.shapes[name] for name in node.inputs]

    def cells(self, node: Node) -> int:
        """Entries of one sample that are there at once while the node is evaluated."""
        return _cells(node, self.given(node), self.shapes[node.name])


def graph_of(nodes: Sequence[Node], parameters: Mapping[str, Shape]) -> Graph:
    """The graph of these nodes and parameters. Raises ValueError naming the node and the relation violated."""
    if nodes[0].op != "input":
        raise ValueError(f"its graph begins with {nodes[0].op}: its first node must be the input")
    shapes: dict[str, Shape] = {}
    for k, node in enumerate(nodes):
        try:
            shapes[node.name] = _shape(node, shapes, parameters)
        except ValueError as error:
            raise ValueError(f"node {k} of its graph ({node.op}) {error}") from None
    read = {name for node in nodes for name in node.inputs}
    for k, node in enumerate(nodes[:-1]):
        if node.name not in read:
            raise ValueError(f"node {k} of its graph ({node.op}) is read by no other and is not the last")
    used = {name for node in nodes for name in node.parameters}
    for name in sorted(parameters):
        if name not in used:
            raise ValueError(f"{name[:80]!r} is a parameter that no node of its graph reads")
    return Graph(tuple(nodes), shapes, dict(parameters))


def _shape(node: Node, shapes: Mapping[str, Shape], parameters: Mapping[str, Shape]) -> Shape:
    """The shape of a node's value. Raises ValueError."""
    _require(node.name != "" and node.name not in shapes, "must have a name of its own")
    for name in node.inputs:
        _require(name in shapes, f"reads {name[:80]!r}, which is no earlier node")
    for name in node.parameters:
        _require(name in parameters, f"reads the parameter {name[:80]!r}, which is missing")
    count = _READS.get(node.op, 1)
    wanted = "one value at least" if count is None else f"{count} value(s)"
    _require(len(node.inputs) == count or (count is None and node.inputs != ()), f"must read {wanted}")
    _require(node.op != "input" or not shapes, "is a second input")
    given = [shapes[name] for name in node.inputs]
    found = _RULES[node.op](node, given, parameters)
    _require(all(size >= 1 for size in found) and prod(found) <= LARGEST, "must have from 1 to 2^31 entries")
    _require(_cells(node, given, found) <= LARGEST, "looks at more than 2^31 entries")
    return found


def _cells(node: Node, given: Sequence[Shape], own: Shape) -> int:
    if node.op in ("conv2d", "average_pool2d", "max_pool2d"):
        return prod(own) + given[0][0] * prod(own[1:]) * prod(node.kernel)
    return prod(own) + sum(map(prod, given))


def _input(node: Node, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
    _require(node.size != (), "must have one axis at least")
    return node.size


def _linear(node: Node, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
    (before,), weight = given, _weight(node, parameters)
    _require(len(before) == 1, f"reads a value of shape {_brief(before)}: it must have one axis")
    _require(
        len(weight) == 2 and weight[1] == before[0],
        f"has a weight of shape {_brief(weight)}: it must be (o, {before[0]}) with o >= 1",
    )
    _require_bias(node, parameters, weight[0])
    return weight[:1]


def _scale(node: Node, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
    (before,), weight = given, _weight(node, parameters)
    _require(weight == before[:1], f"has a weight of shape {_brief(weight)}: it must be ({before[0]},)")
    _require_bias(node, parameters, before[0])
    return before


def _conv(node: Node, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
    (before,), weight, groups = given, _weight(node, parameters), node.groups
    found = _window(node, before)
    _require(groups >= 1 and before[0] % groups == 0, f"divides {before[0]} channels into {groups} groups")
    wanted = (before[0] // groups, *node.kernel)
    _require(weight[1:] == wanted, f"has a weight of shape {_brief(weight)}: it must be (o, *{wanted}) with o >= 1")
    _require(weight[0] % groups == 0, f"makes {weight[0]} channels in {groups} groups")
    _require_bias(node, parameters, weight[0])
    return weight[0], *found


def _pool(node: Node, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
    found = _window(node, given[0])
    _require(never_empty(node, given[0]), "has a window that sees nothing but padding")
    return given[0][0], *found


def _window(node: Node, before: Shape) -> tuple[int, int]:
    _require(len(before) == 3, f"reads a value of shape {_brief(before)}: it must be an image (c, h, w)")
    _require(min(*node.kernel, *node.stride, *node.dilation) >= 1, "must have kernel, stride and dilation from 1 on")
    _require(max(spans(node)) <= WIDEST, f"has a window of {spans(node)} rows and columns: {WIDEST} are the most")
    _require(
        max(node.padding) <= WIDEST, f"has a padding of {max(node.padding)} rows or columns: {WIDEST} are the most"
    )
    found = places(node, before)
    _require(min(found) >= 1, f"has a window that does not fit into the image {before}")
    return found


def _global(node: Node, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
    return given[0][0], 1, 1


def _same(node: Node, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
    _require(len(set(given)) == 1, "adds values of different shapes")
    return given[0]


def _concatenated(node: Node, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
    axis, first = node.axis, given[0]
    _require(axis < len(first), f"joins values of shape {_brief(first)} along axis {axis}")
    others = {(*shape[:axis], 0, *shape[axis + 1 :]) if axis < len(shape) else () for shape in given}
    _require(len(others) == 1, f"joins values along axis {axis} that differ along others")
    return *first[:axis], sum(shape[axis] for shape in given), *first[axis + 1 :]


def _flat(node: Node, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
    return (prod(given[0]),)


def _reshaped(node: Node, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
    fits = node.size != () and prod(node.size) == prod(given[0])
    _require(fits, f"makes {_brief(node.size)} of a value of shape {_brief(given[0])}")
    return node.size


def _turned(node: Node, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
    axes = sorted(node.order) == list(range(len(given[0])))
    _require(axes, f"has the order {_brief(node.order)} for a value of shape {_brief(given[0])}")
    return tuple(given[0][axis] for axis in node.order)


_RULES = {
    "input": _input,
    "linear": _linear,
    "scale": _scale,
    "conv2d": _conv,
    "average_pool2d": _pool,
    "max_pool2d": _pool,
    "global_average_pool": _global,
    "relu": _same,
    "add": _same,
    "concatenate": _concatenated,
    "flatten": _flat,
    "reshape": _reshaped,
    "transpose": _turned,
}


def _weight(node: Node, parameters: Mapping[str, Shape]) -> Shape:
    assert node.weight is not None
    return parameters[node.weight]


def _require_bias(node: Node, parameters: Mapping[str, Shape], size: int) -> None:
    if node.bias is not None:
        shape = parameters[node.bias]
        _require(shape == (size,), f"has a bias of shape {_brief(shape)}: it must be ({size},)")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def _brief(shape: Shape) -> str:
    return str(shape)[:60]
