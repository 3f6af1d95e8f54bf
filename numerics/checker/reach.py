"""The rule of hidden segments: no route from an input, or from the 1 of a bias, to an output meets two moving weights.

A parameter is an edge between layers. Two of them lie on one route exactly if the end of one leads to the beginning of
the other, so the rule is a question of what can be reached from where.
"""

from collections.abc import Collection, Mapping
from itertools import pairwise

from .spaces import Space

Edge = tuple[str, str]


def edges(space: Space) -> tuple[dict[str, Edge], set[Edge]]:
    """Parameter -> (layer that it reads, layer that it enters), and the connections without a parameter.

    Biases read the layer "one". Layers are "x", "z" for the stream before any block, "f" for the output.
    """
    found: dict[str, Edge] = {"W": ("x", "z"), "c": ("one", "f")}
    skips: set[Edge] = set()
    stream = "z"
    for number, prefix in enumerate(space.blocks):
        inner = [f"{prefix}h{k}" for k in range(space.inner_layers(prefix) + 1)]
        found |= {f"{prefix}A": (stream, inner[0]), f"{prefix}a": ("one", inner[0])}
        for k, (below, above) in enumerate(pairwise(inner), start=1):
            found |= {f"{prefix}B{k}": (below, above), f"{prefix}b{k}": ("one", above)}
        if space.residual:
            after = f"z after {number}"
            skips.add((stream, after))
            found[f"{prefix}U"] = (inner[-1], after)
            stream = after
        else:
            found[f"{prefix}U"] = (inner[-1], "f")
    found["V"] = (stream, "f")
    return {name: edge for name, edge in found.items() if name in space.shapes}, skips


def two_on_one_route(space: Space, moving: Collection[str]) -> tuple[str, str] | None:
    """Two of the parameters in `moving` that some route meets one after the other, or None."""
    parameters, skips = edges(space)
    links: dict[str, set[str]] = {}
    for begin, end in [*parameters.values(), *skips]:
        links.setdefault(begin, set()).add(end)
    for first in sorted(moving):
        reached = _reached(links, parameters[first][1])
        for second in sorted(moving):
            if parameters[second][0] in reached:
                return first, second
    return None


def _reached(links: Mapping[str, set[str]], layer: str) -> set[str]:
    """The layer, and all that it leads to."""
    reached, waiting = {layer}, [layer]
    while waiting:
        for after in links.get(waiting.pop(), set()) - reached:
            reached.add(after)
            waiting.append(after)
    return reached
