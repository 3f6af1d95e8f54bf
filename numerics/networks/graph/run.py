"""A graph evaluated node by node, in any arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from numerics.networks.graph.node import Node, P, Step
from numerics.networks.graph.operations import H, Operations
from numerics.networks.graph.windows import Shape


def run(
    nodes: Sequence[Node],
    shapes: Mapping[str, Shape],
    weights: Mapping[str, P],
    given: H,
    arithmetic: Operations[H, P],
) -> H:
    """The last node's value, its entries in C order, where the first node's value is `given` (N, 1, n).

    `shapes`: of every node's value, by its name; `weights`: every parameter, by its name.
    """
    readers = Counter(name for node in nodes for name in node.inputs)
    values = {nodes[0].name: given}
    for node in nodes[1:]:
        step = Step(
            [values[name] for name in node.inputs],
            [shapes[name] for name in node.inputs],
            shapes[node.name],
            weights,
            arithmetic,
        )
        values[node.name] = node.value(step)
        for name in node.inputs:
            readers[name] -= 1
            if not readers[name]:
                values.pop(name, None)  # nobody reads it any more
    return values[nodes[-1].name]
