"""The space of a path: what its corners are parameters of, a class of section 1 or a graph of section 9."""

from dataclasses import dataclass, field
from math import prod
from typing import Any

from support.second_checker.archive import MAX_BYTES, Corner, is_index, keys, need, network_digest
from support.second_checker.classes import READOUT, Shapes, check_class
from support.second_checker.graphs import Node, check_graph, is_name, readout_of

GRAPH = "graph"


@dataclass(frozen=True)
class Space:
    """`shapes`: of the parameters; of a graph its nodes and the shapes of their `values`, by name."""

    network_class: str
    bias: int
    shapes: Shapes
    nodes: list[Node] | None = None
    values: Shapes = field(default_factory=dict)

    @property
    def readout(self) -> list[str]:
        """The parameters in which the outputs are affine by form."""
        return list(READOUT[self.network_class]) if self.nodes is None else readout_of(self.nodes)

    def array(self, name: str) -> str:
        """What a parameter's arrays are called: those of a graph by number, as names are foreign."""
        return name if self.nodes is None else f"p{sorted(self.shapes).index(name):04d}"

    def digest(self, corner: Corner) -> str:
        """Of a network of this space."""
        return network_digest(self.network_class, self.bias, corner, self.nodes)


def check_space(network: Any, n: int, p: int) -> Space:
    """The space of networks from n inputs to p outputs; raises Refused."""
    graph = type(network) is dict and network.get("class") == GRAPH
    keys(network, "class bias shapes nodes" if graph else "class bias shapes", "network")
    shapes, bias, network_class = network["shapes"], network["bias"], network["class"]
    need(is_index(bias, 2), "network: bias is not 0 or 1")
    need(type(shapes) is dict, "network: shapes is not an object")
    for name, shape in shapes.items():
        need(type(shape) is list, f"network: {name[:20]!r} has no such shape")
        sizes = all(is_index(s, MAX_BYTES) and s >= 1 for s in shape)
        need(sizes, f"network: {name[:20]!r} has a size below 1, or none")
    if not graph:
        check_class(network_class, bias, shapes, n, p)
        return Space(network_class, bias, shapes)
    need(bias == 0, "network: a bias of a graph")
    need(all(map(is_name, shapes)), "network: a name too long")
    values, nodes = check_graph(network["nodes"], shapes), network["nodes"]
    ends = [prod(values[nodes[end]["name"]]) for end in (0, -1)]
    need(ends == [n, p], "network: a graph of other inputs or outputs")
    return Space(GRAPH, 0, shapes, nodes, values)
