"""One row of the table: for a network and a reference the level by every bound, beside R0 and what is certified."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from numerics.arithmetic.rationals import Enclosure, decimal
from numerics.common import interrupts
from numerics.common.shown import Shown
from numerics.losses import losses_of
from numerics.losses.loss import Loss
from numerics.losses.registry import SQUARED, loss_named
from numerics.moves.mass import masses, sigma_squared
from numerics.questions.bounds import closed_forms, constant_loss, t1_level
from numerics.questions.depth import depth
from numerics.questions.finish import saved
from numerics.questions.request import Request
from numerics.questions.result import Json, Result
from numerics.routes.measured import best_measured
from numerics.studies.runs import Task
from numerics.studies.sweep.problems import Cell

ROUTES = ("R1", "R2", "R3", "R4", "R7", "RM")  # in the order of the table, after R0


@dataclass(frozen=True)
class Row(Shown):
    """All levels are upper bounds of the maximum loss on a path to the reference; `answer` is `depth`'s, checked."""

    problem: Cell
    dimension: int
    sigma: Fraction
    mass: Fraction
    loss: Enclosure
    goal: Enclosure
    yardstick: Fraction  # R0
    deviations: dict[str, Fraction]
    answer: Result

    @property
    def claimed(self) -> bool:
        """Whether the reference is better, so that there is a depth to be claimed."""
        return self.goal.below(self.loss)

    @property
    def certified(self) -> Fraction | None:
        """The checked upper end of the maximum; None where nothing is claimed or proved."""
        return self.answer.maximum.upper if self.answer.proved and self.answer.maximum is not None else None

    def levels(self) -> dict[str, Fraction]:
        """T1's level, which is about squared error, by every bound of D that applies here."""
        found = {name: self.deviations[name] for name in ROUTES if name in self.deviations}
        return {name: t1_level(self.loss.top, self.goal.top, deviation) for name, deviation in found.items()}

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
            "loss": decimal(self.loss.top, up=True),
            "reference": decimal(self.goal.top, up=True),
            "R0": decimal(self.yardstick, up=True),
            "bounds": bounds,
            **{name: answer.get(name) for name in kept},
            "informative": self.certified is not None and self.informative(self.certified),
            "claimed": self.claimed,
        }


def task(problem: Cell, *, memory: float, certificate: Path | None = None, loss: Loss = SQUARED) -> Task:
    """The row as a task; its value is the row's JSON."""
    return Task(problem.describe(), _written, (problem, memory, certificate, loss.name))


def _written(problem: Cell, memory: float, certificate: Path | None, loss: str) -> Json:
    return row(problem, memory=memory, certificate=certificate, loss=loss_named(loss)).to_json()


def row(problem: Cell, *, memory: float, certificate: Path | None = None, loss: Loss = SQUARED) -> Row:
    """Everything about one problem: bounds from `theory`, the certified maximum from `depth` by its best route."""
    from theory.statements import zero

    request = Request.read(problem.data, problem.network, problem.reference, memory=memory, loss=loss.name)
    data, network, reference = request.problem.data, request.start, request.second
    here, goal = (losses_of([one], request.problem)[0] for one in (network, reference))
    deviations = dict[str, Fraction]()
    if loss == SQUARED:
        deviations = closed_forms(network, problem.neurons, data)
        deviations["RM"] = best_measured(network, problem.neurons, request.problem)
    answer = saved(depth(request), certificate, force=True)
    interrupts.check()  # what an interrupted search has is no row
    return Row(
        problem,
        dimension=network.W.shape[1] - 1,
        sigma=sigma_squared(data, bias=network.bias).root().upper,
        mass=masses(network).total,
        loss=here,
        goal=goal,
        yardstick=zero.level(here.top, goal.top, constant_loss(network, request.problem)),
        deviations=deviations,
        answer=answer,
    )
