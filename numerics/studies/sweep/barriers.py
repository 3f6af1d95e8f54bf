"""One row of the table: for a network and a reference the level by every bound, beside R0 and what is certified."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from numerics.arithmetic.rationals import decimal
from numerics.common import interrupts
from numerics.common.shown import Shown
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.moves.mass import masses, sigma_squared
from numerics.questions.bounds import closed_forms, t1_level, zero_loss
from numerics.questions.depth import depth
from numerics.questions.finish import saved
from numerics.questions.request import Request
from numerics.questions.result import Json, Result
from numerics.routes.measured import best_measured
from numerics.studies.sweep.problems import Cell

ROUTES = ("R1", "R2", "R3", "R4", "R7", "RM")  # in the order of the table, after R0


@dataclass(frozen=True)
class Row(Shown):
    """All levels are upper bounds of the maximum loss on a path to the reference; `answer` is `depth`'s, checked."""

    problem: Cell
    dimension: int
    sigma: Fraction
    mass: Fraction
    loss: Fraction
    goal: Fraction
    yardstick: Fraction  # R0
    deviations: dict[str, Fraction]
    answer: Result
    seconds: float

    @property
    def claimed(self) -> bool:
        """Whether the reference is better, so that there is a depth to be claimed."""
        return self.goal < self.loss

    @property
    def certified(self) -> Fraction | None:
        """The checked upper end of the maximum; None where nothing is claimed or proved."""
        return self.answer.maximum.upper if self.answer.proved and self.answer.maximum is not None else None

    def levels(self) -> dict[str, Fraction]:
        """T1's level by every bound of D that applies here."""
        return {
            name: t1_level(self.loss, self.goal, self.deviations[name]) for name in ROUTES if name in self.deviations
        }

    def informative(self, level: Fraction) -> bool:
        """Whether a level is below R0's."""
        from theory.statements import connectivity

        return connectivity.informative(level, self.yardstick)

    def to_json(self) -> Json:
        """Decimals, rounded up."""
        bounds = {
            name: {
                "deviation": decimal(self.deviations[name], up=True),
                "value": decimal(level, up=True),
                "informative": self.informative(level),
            }
            for name, level in self.levels().items()
        }
        answer = self.answer.to_json()
        kept = ("maximum", "depth", "verdict", "claim", "route", "certificate")
        return {
            "kind": self.problem.kind,
            "data": Path(self.problem.data).name,
            "dimension": self.dimension,
            "width": self.problem.width,
            "neurons": self.problem.neurons,
            "sigma": decimal(self.sigma, up=True),
            "mass": decimal(self.mass, up=True),
            "loss": decimal(self.loss, up=True),
            "reference": decimal(self.goal, up=True),
            "R0": decimal(self.yardstick, up=True),
            "bounds": bounds,
            **{name: answer.get(name) for name in kept},
            "informative": self.certified is not None and self.informative(self.certified),
            "seconds": round(self.seconds, 1),
        }


def row(problem: Cell, *, memory: float, certificate: Path | None = None) -> Row:
    """Everything about one problem: bounds from `theory`, the certified maximum from `depth` by its best route."""
    from theory.statements import zero

    begun = time.perf_counter()
    request = Request.read(problem.data, problem.network, problem.reference, memory=memory)
    data, network, reference = request.problem.data, request.start, request.second
    loss = exact_losses([network], Problem(data))[0]
    goal = exact_losses([reference], Problem(data))[0]
    deviations = closed_forms(network, problem.neurons, data)
    deviations["RM"] = best_measured(network, problem.neurons, request.problem)
    answer = saved(depth(request), certificate, force=True)
    interrupts.check()  # what an interrupted search has is no row
    return Row(
        problem,
        dimension=network.W.shape[1] - 1,
        sigma=sigma_squared(data, bias=network.bias).root().upper,
        mass=masses(network).total,
        loss=loss,
        goal=goal,
        yardstick=zero.level(loss, goal, zero_loss(data, output_bias=network.c is not None)),
        deviations=deviations,
        answer=answer,
        seconds=time.perf_counter() - begun,
    )
