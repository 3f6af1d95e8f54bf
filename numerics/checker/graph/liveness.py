"""Which entries of a graph's values are dead: no way from them to an output meets only weights that may be nonzero.

Backwards from the output, entry by entry (L9, section 9 of the certificate's page). What enters dead entries alone may
move while f stays, whatever the inputs.
"""

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np

from numerics.checker.arrays import Integers, Mask

from .evaluate import groups_of, table
from .nodes import Node
from .shapes import Graph
from .windows import OUTSIDE

Support = Mapping[str, Mask]
"""Parameter -> which of its entries may be nonzero."""


def live_units(graph: Graph, support: Support) -> Iterator[tuple[Node, Mask]]:
    """Each node that has parameters, and which of the rows of its weight enter an entry that is not dead."""
    live = {node.name: np.zeros(prod(graph.shapes[node.name]), dtype=np.bool_) for node in graph.nodes}
    live[graph.nodes[-1].name][:] = True
    for node in reversed(graph.nodes[1:]):
        own = live[node.name]
        if node.weight is not None:
            yield node, np.logical_or.reduce(own.reshape(graph.shapes[node.name][0], -1), axis=1)
        read, start = _read(graph, node, own, support), 0
        for name in node.inputs:
            # A sum reads each input at its own entries, a concatenation one behind the other, all others have one.
            count = len(live[name])
            live[name] |= read if node.op == "add" else read[start : start + count]
            start += count


def _read(graph: Graph, node: Node, own: Mask, support: Support) -> Mask:
    """Which of the entries that the node reads, one input behind the other, live ones are made of."""
    if node.op in ("relu", "add", "flatten", "reshape"):
        return own
    if node.weight is None:
        return _marked(table(graph, node).reshape(len(own), -1)[own], sum(map(prod, graph.given(node))))
    weight = support[node.weight]
    if node.op == "linear":
        found: Mask = np.logical_or.reduce(weight[own], axis=0)
        return found
    groups, plane, before = groups_of(graph, node), table(graph, node), graph.given(node)[0]
    # Of each group: the rows of its kernel at the live places, then what the windows see there.
    rows = own.reshape(groups, -1, len(plane))
    kernels = weight.reshape(groups, rows.shape[1], -1)
    seen = np.matmul(rows.transpose(0, 2, 1).astype(np.float32), kernels.astype(np.float32)) > 0
    seen = seen.reshape(groups, len(plane), before[0] // groups, plane.shape[1]).transpose(0, 2, 1, 3)
    marks = np.zeros((groups, before[0] // groups, prod(before[1:]) + 1), dtype=np.bool_)
    for k in range(plane.shape[1]):
        # Two places never see one entry at one entry of the window; the padding has a place of its own at the end.
        marks[:, :, plane[:, k]] |= seen[:, :, :, k]
    return marks[:, :, :-1].reshape(-1)


def _marked(numbers: Integers, count: int) -> Mask:
    """Which of so many entries are among the numbers."""
    marks = np.zeros(count, dtype=np.bool_)
    marks[numbers[numbers != OUTSIDE]] = True
    return marks
