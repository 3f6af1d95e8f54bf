"""Two graphs of one shape, joined by a route whose level is its highest corner: exact at a time of every segment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.checks.check import Outcome, Witness, bounded
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.losses import exact_loss_between, exact_losses
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.node import Node
from numerics.networks.origin import Origin, digest_of
from numerics.paths import Kind
from numerics.routes.candidate import Candidate
from theory import corners as theory

Between = Callable[[Network, Network, Problem], Candidate]


@dataclass(frozen=True, eq=False)
class GraphJoining(Shown):
    """Two graphs of one shape; every segment is looked at at time `t`."""

    start: Graph
    end: Graph
    data: Data
    t: Fraction


def shape_of(nodes: Sequence[Node], parameters: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    """Of what the last node gives."""
    found: dict[str, tuple[int, ...]] = {}
    for node in nodes:
        found[node.name] = node.shape([found[name] for name in node.inputs], parameters)
    return found[nodes[-1].name]


def with_weights(
    nodes: Sequence[Node],
    shapes: dict[str, tuple[int, ...]],
    rng: np.random.Generator,
    constants: Mapping[str, Array] | None = None,
) -> Graph:
    """Quarters, and constants of a program, which no path may move."""
    fixed = constants or {}
    graph = Graph(tuple(nodes), {name: rng.integers(-8, 9, shape) / 4 for name, shape in shapes.items()} | dict(fixed))
    return graph.with_origin(Origin(constants=tuple((name, digest_of(array)) for name, array in fixed.items())))


def graphs_below_corners(route: Between, problem: GraphJoining) -> Outcome:
    """The loss at a time of every segment against the corners', all exact; loads change no output, the path arrives."""
    given = Problem(problem.data)
    path = route(problem.start, problem.end, given).path
    at_corners = exact_losses(path.corners, given)
    seen, still = list(at_corners), True
    for k, segment in enumerate(path.segments):
        seen.append(exact_loss_between(segment.start, segment.end, problem.t, given))
        if segment.kind is not Kind.READOUT:
            still &= at_corners[k] == seen[-1] == at_corners[k + 1]
    joined = path.start.identical(problem.start) and path.end.identical(problem.end)
    fixed = dict(problem.start.origin.constants) if problem.start.origin else {}
    joined &= all(digest_of(corner.parameters()[name]) == fixed[name] for corner in path.corners for name in fixed)
    networks = {"network": problem.start, "end": problem.end}
    witness = Witness(networks, problem.data, {"t": problem.t})
    return bounded(max(seen), theory.highest(at_corners), besides=joined and still, witness=witness)
