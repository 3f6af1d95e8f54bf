"""Which outputs of a graph may change on a segment, whatever the inputs (section 9), for the second checker.

The graph's value is computed with marks for numbers: 0 where an entry cannot change, more where it may. A weight that
is not zero at both ends passes marks on; a row of which a weight or the bias moves adds one.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from support.second_checker.archive import Corner, flat
from support.second_checker.graph_values import outputs, rows_of
from support.second_checker.graphs import Node, parameters_of
from support.second_checker.intervals import highest


def an_output_changes(
    nodes: Sequence[Node], shapes: Mapping[str, Sequence[int]], before: Corner, after: Corner
) -> bool:
    """`shapes`: of the nodes' values."""
    ends = [{name: flat(array) for name, array in corner.items()} for corner in (before, after)]
    marked, weights = list[dict[str, Any]](), dict[str, list[Fraction]]()
    for k, node in enumerate(nodes):
        marked.append(dict(node))
        if "weight" not in node:
            continue
        one, other = (end[node["weight"]] for end in ends)
        count = shapes[node["name"]][0]  # of rows: the channels of what the node makes
        rows = zip(rows_of(one, count), rows_of(other, count), strict=True)
        moved = [list(mine) != list(yours) for mine, yours in rows]
        for bias in parameters_of(node)[1:]:
            pairs = zip(ends[0][bias], ends[1][bias], strict=True)
            moved = [known or mine != yours for known, (mine, yours) in zip(moved, pairs, strict=True)]
        marked[-1] |= {"weight": f"weight {k}", "bias": f"bias {k}"}
        weights[f"weight {k}"] = [Fraction(mine != 0 or yours != 0) for mine, yours in zip(one, other, strict=True)]
        weights[f"bias {k}"] = [Fraction(mark) for mark in moved]
    nothing = [Fraction(0)] * prod(shapes[nodes[0]["name"]])
    return any(highest(mark) != 0 for mark in outputs(marked, shapes, weights, nothing))
