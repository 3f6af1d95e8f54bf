"""Segments between graphs: two parameters of one graph, data that suit a loss, values at a time in fractions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np

from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.maxima.graph_enclosure import Moving, terms
from numerics.maxima.graph_models import GraphModels, room_for
from numerics.maxima.models import Model
from numerics.networks.graph import Graph, run
from support import graph_oracle
from support.loss_oracles import LABELS, SIGNS, enclosed
from support.oracles import rationals


@dataclass(frozen=True, eq=False)
class MovingGraph:
    """The segment from `start` to `end`, or with a `control` the arc, with a problem about it."""

    start: Graph
    end: Graph
    problem: Problem
    control: Graph | None = None

    def outputs(self, t: Fraction) -> list[list[Fraction]]:
        """At all samples, by the fraction oracle, which shares no line with the program's interpreter."""
        pairs = [(self.start, 1 - t), (self.end, t)]
        if self.control is not None:
            pairs = [(self.start, (1 - t) ** 2), (self.control, 2 * t * (1 - t)), (self.end, t * t)]
        arrays = {
            name: sum((graph_oracle.exact(one.arrays[name]) * by for one, by in pairs[1:]),
                      graph_oracle.exact(array) * pairs[0][1])
            for name, array in self.start.arrays.items()
        }  # fmt: skip
        there = SimpleNamespace(nodes=self.start.nodes, arrays=arrays)
        return [graph_oracle.outputs(there, x) for x in self.problem.X]

    def loss(self, t: Fraction) -> tuple[Fraction, Fraction]:
        """Between two fractions, which are one where the loss is rational."""
        return enclosed(self.problem.loss.name, self.outputs(t), rationals(self.problem.Y))

    def model(self, t: float, r: float, models: GraphModels | None = None) -> Model:
        """The model of the outputs on a piece."""
        arithmetic = GraphModels(room_for(terms(self.start))) if models is None else models
        bends = {} if self.control is None else self.control.arrays
        weights = {
            name: Moving.between(array, self.end.arrays[name], bends.get(name)).at(t, r, arithmetic.room)
            for name, array in self.start.arrays.items()
        }
        given = arithmetic.given(self.problem.X)
        return run(self.start.nodes, self.start.shapes, weights, given, arithmetic).output(r)

    def violations(self, t: float, r: float, model: Model, steps: int = 4) -> Iterator[Fraction]:
        """How far outputs at rational times of a piece lie outside of a model of it."""
        for k in range(-steps, steps + 1):
            s = Fraction(k, steps) * Fraction(r)
            for i, row in enumerate(self.outputs(Fraction(t) + s)):
                for j, output in enumerate(row):
                    off = abs(output - Fraction(model.value[i, j]) - s * Fraction(model.slope[i, j]))
                    if off > Fraction(model.radius[i, j]):
                        yield off - Fraction(model.radius[i, j])


def suits(name: str, graph: Graph) -> bool:
    """Whether the graph has outputs enough for the loss."""
    return name not in LABELS or graph.outputs > 1


def moving(graph: Graph, seed: int, name: str = "squared", samples: int = 2) -> MovingGraph:
    """Some parameters of the graph move by multiples of 1/4."""
    rng = np.random.default_rng(seed)
    X = rng.integers(-8, 9, (samples, graph.inputs)) / 4
    shape = samples, graph.outputs
    if name in LABELS:
        Y = np.eye(shape[1])[rng.integers(0, shape[1], samples)]
    else:
        Y = rng.choice([-1.0, 1.0], shape) if name in SIGNS else rng.integers(-8, 9, shape) / 4
    moves = {
        key: array + rng.integers(-4, 5, array.shape) / 4
        for key, array in graph.arrays.items()
        if rng.random() < 0.7 or len(graph.arrays) == 1
    }
    return MovingGraph(graph, graph.replace(moves), replace(Problem(Data(X, Y)), loss=loss_named(name)))
