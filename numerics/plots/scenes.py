"""What there is to draw of an answer, and of a certificate that lies in a file and has been put to the checker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path as FilePath
from typing import Any

from numerics.arithmetic.budget import GIB
from numerics.common.progress import Progress, no_progress
from numerics.common.shown import Shown
from numerics.data import read_data
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED, loss_named
from numerics.maxima.pieces import PathMaximum
from numerics.paths import Path
from numerics.paths.certificate import read_path
from numerics.paths.question import Question
from numerics.plots.canvas import Loss
from numerics.plots.course import Pieces, course, steps_down
from numerics.plots.curves import curve
from numerics.plots.path import Scene
from numerics.plots.samples import PASSES
from numerics.plots.staircase import steps_of
from numerics.questions.bounds import constant_loss
from numerics.questions.enclose import Certified
from numerics.questions.found import Found
from numerics.questions.result import Result
from numerics.questions.run_checker import checked
from numerics.routes.line import line_losses


def scene_of(result: Result, *, words: str) -> Scene:
    """Of an answer that holds its path, `words` the title. Raises ValueError without one."""
    found = result.found
    if isinstance(found, Found):
        path, maximum = found.path, found.corners
    elif isinstance(found, Certified):
        path, maximum = found.path, found.maximum
    else:
        raise ValueError("an answer without a path")
    line = curve(path, maximum, found.problem)
    along = course(
        result,
        path,
        found.problem,
        line=list(zip(line.times, line.losses, strict=True)),
        pieces=_pieces(maximum) if isinstance(maximum, PathMaximum) else (),
        zero=_zero(path, found.problem, (maximum.start.top, maximum.end.top)),
    )
    bounds = {name: result.bounds[name].value for name in ("R0", "C7") if name in result.bounds}
    return Scene(along, words, _straight(result, path, found.problem), steps_of(result), bounds)


@dataclass(frozen=True, eq=False)
class Checked(Shown):
    """The checker's word on a certificate in a file, and what it is about."""

    certificate: FilePath
    answer: Result
    problem: Problem

    def scene(self, words: str, *, passes: int = PASSES) -> Scene:
        """What there is to draw, with about so many samples. Raises InputError where the path cannot be read."""
        path = read_path(self.certificate)
        zero = _zero(path, self.problem, [one.top for one in (self.answer.start, self.answer.end) if one is not None])
        along = course(self.answer, path, self.problem, zero=zero, passes=passes)
        steps = steps_down(along) if self.answer.question is Question.ESCAPE else ()
        return Scene(along, words, steps=steps)


def put_to_checker(
    certificate: FilePath,
    data: str,
    start: FilePath | None = None,
    end: FilePath | None = None,
    *,
    memory: float,
    effort: float | None = None,
    progress: Progress = no_progress,
) -> Checked:
    """Have a certificate checked, in a process of its own. Raises InputError where a file cannot be read."""
    progress(f"independent check of {certificate}", None)
    points = read_data(data, int(memory * GIB))
    answer = Result.read(checked(certificate, data, start, end, memory=memory, effort=effort))
    problem = Problem(points, int(memory * GIB), progress, SQUARED if answer.loss is None else loss_named(answer.loss))
    return Checked(certificate, answer, problem)


def _zero(path: Path, problem: Problem, ends: Sequence[Fraction]) -> Fraction:
    """The zero path's level, R0."""
    return max([*ends, constant_loss(path.start, problem)])


def _straight(result: Result, path: Path, problem: Problem) -> Sequence[tuple[Fraction, Loss]]:
    """The straight line between the ends, where it was looked at: samples, and the highest point that is known."""
    highest: Any = result.straight_line
    if highest is None:
        return ()
    losses = line_losses(path.start, path.end, problem)
    line: list[tuple[Fraction, Loss]] = [(Fraction(k, len(losses) - 1), one) for k, one in enumerate(losses)]
    return [*line, (highest.t, highest.sharp or highest.lower)]


def _pieces(maximum: PathMaximum) -> Pieces:
    """The search's own bounds on the parts of general segments."""
    return [(one.segment, one.left, one.right, one.lower, one.upper) for one in maximum.pieces if one.upper is not None]
