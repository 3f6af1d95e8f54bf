"""Segments between random graphs, as `GraphForge`s: drawn by Hypothesis, and some from fixed seeds."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq
from hypothesis import strategies as st

from numerics.checker import graph as graphs_of_checker
from numerics.checker.effort import Budget
from numerics.checker.enclosure import Enclosure, weights_on
from numerics.checker.graph import parse_nodes
from numerics.checker.grid import Grid
from numerics.checker.inputs import Data
from numerics.checker.lines import Piece, piece_of
from numerics.checker.models import Model
from numerics.checker.single import exact_residuals
from numerics.checker.spaces import Space, parse_space
from numerics.checker.stretch import Stretch, stretch_of
from numerics.networks.graph import Graph
from numerics.networks.graph.text import written
from numerics.testing.graphs import graphs
from support.graph_certificates import GraphForge

WILD = [5e-324, -1e300, 1e-310, 2.0**600, 3.0]


@st.composite
def segments(draw: st.DrawFn, *, most: int = 6, wild: bool = False) -> GraphForge:
    """One general segment between two networks of one graph, on one to three samples; `wild`: of every exponent."""
    graph = draw(graphs(most=most))
    return forge_of(graph, draw(st.integers(0, 255)), draw(st.integers(1, 3)), wild=wild)


def forge_of(graph: Graph, seed: int, samples: int, *, wild: bool = False) -> GraphForge:
    """From a graph to another of the same nodes, some parameters staying."""
    rng = np.random.default_rng(seed)

    def moved(array: Any) -> Any:
        steps = rng.choice(WILD, array.shape) if wild else rng.integers(-4, 5, array.shape) / 4
        return array + steps if rng.random() < 0.8 else array

    start = {name: np.array(array) for name, array in graph.arrays.items()}
    x, y = (rng.integers(-8, 9, (samples, size)) / 4 for size in (graph.inputs, graph.outputs))
    forge = GraphForge("graph", 0, start, x, y, nodes=json.loads(written(graph.nodes)))
    forge.segments = [("general", {name: ("all", moved(array)) for name, array in start.items()})]
    return forge


def space_of(forge: GraphForge) -> Space:
    """What the checker makes of its nodes and shapes."""
    shapes = {name: np.shape(array) for name, array in forge.start.items()}
    return parse_space("graph", 0, shapes, parse_nodes(forge.nodes, whole=True))


def prepared(forge: GraphForge, grid: Grid) -> Stretch:
    """Its only segment on a grid, two samples at a time."""
    before, after = forge.corners()
    return stretch_of(grid, space_of(forge), before, after, Data(forge.x, forge.y), 2, control=control_of(forge))


def control_of(forge: GraphForge) -> Any:
    """All parameters of its arc's control, None on a straight line."""
    return {**forge.start, **forge.controls[0]} if forge.controls else None


def exact_outputs(forge: GraphForge, t: Fraction) -> list[list[Fraction]]:
    """By the fraction oracle, at a time of the segment."""
    return forge.outputs(forge.weights_at(0, t))


def flint(value: Fraction) -> fmpq:
    return fmpq(value.numerator) / fmpq(value.denominator)


def fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def found_outputs(forge: GraphForge, t: Fraction) -> list[list[Fraction]]:
    """The checker's own exact outputs."""
    before, after = forge.corners()
    space, rows = space_of(forge), list[list[Fraction]]()
    given = space, before, after, flint(t), Data(forge.x, forge.y), Budget(1 << 28), control_of(forge)
    for y, found in exact_residuals(*given):
        (columns,) = found.matrix.groups(space.outputs)
        for cells, target in zip(zip(*columns, strict=True), y, strict=True):
            values = [fraction(cell * found.unit) for cell in cells]
            rows.append([value + Fraction(float(one)) for value, one in zip(values, target, strict=True)])
    return rows


def enclosed(forge: GraphForge, grid: Grid, first: Fraction, last: Fraction) -> tuple[list[Model], Piece]:
    """The models of the outputs on a piece, a block of samples after the other, and the piece."""
    stretch, piece = prepared(forge, grid), piece_of(grid, flint(first), flint(last))
    weights = weights_on(stretch, piece)
    assert stretch.space.graph is not None
    return [
        graphs_of_checker.outputs(stretch.space.graph, Enclosure(block, piece, *weights)) for block in stretch.blocks
    ], piece


def contained(forge: GraphForge, grid: Grid, first: Fraction, last: Fraction, times: list[Fraction]) -> bool:
    """Whether the exact outputs at these times of the piece lie within the models, for the place where each time is."""
    models, piece = enclosed(forge, grid, first, last)
    for t in times:
        exact = exact_outputs(forge, t)
        offset = t * 2**grid.time - piece.middle
        sigma = offset / piece.radius if piece.radius else Fraction(0)
        for number, model in enumerate(models):
            unit = Fraction(2) ** model.exponent
            for row, cells in enumerate(
                zip(model.mid.tolist(), model.slope.tolist(), model.radius.tolist(), strict=True)
            ):
                for mid, slope, radius, value in zip(*cells, exact[2 * number + row], strict=True):
                    if abs(value / unit - mid - slope * sigma) > radius:
                        return False
    return True
