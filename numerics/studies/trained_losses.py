"""Networks trained with cross-entropy, as people train them: the line and a path between two seeds, on both data sets.

`python -m numerics.studies.trained_losses --out DIR` trains on 1297 of the digits, asks about these and about the 500
held out, and prints one row for every path on every data set; every maximum and error rate in it is proved and checked.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path as FilePath

from numerics.arithmetic.rationals import Enclosure, brief, decimal
from numerics.common import strict_json
from numerics.common.shown import Shown
from numerics.common.speech import Speaker
from numerics.data import Data, read_data, write_data
from numerics.files import prepare_folder, write_atomically
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.base import Network
from numerics.networks.files import write_network
from numerics.paths import Path
from numerics.questions.bounds import constant_loss
from numerics.questions.certify import certify
from numerics.questions.connect import connect
from numerics.questions.found import Found
from numerics.questions.request import Request
from numerics.questions.result import Json, Result
from numerics.routes.line import line_losses
from numerics.studies.held_out import split
from numerics.torch_bridge import Recipe, train

LOSS = loss_named("cross-entropy")
HELD_OUT, SEEDS = 500, (0, 1)
TOLERANCE = Fraction(1, 1000)
SAMPLES = 61
SHORT = 4  # significant digits in the table


@dataclass(frozen=True)
class Kind(Shown):
    """An architecture: class, width of the first layer, widths behind it, and the route that joins two seeds."""

    kind: str
    width: int
    branch: tuple[int, ...]
    route: str

    @property
    def name(self) -> str:
        """In rows and files."""
        return f"{self.kind}-{'-'.join(map(str, (self.width, *self.branch)))}"


KINDS = (
    Kind("parallel", 512, (32, 32), "bridge"),
    Kind("parallel", 1024, (32, 32), "bridge"),
    Kind("plain", 256, (256,), "half-width"),
)


@dataclass(frozen=True, eq=False)
class Row(Shown):
    """One path on one data set: the checked answer, R0's level there, and what 61 float64 samples on a line reach."""

    networks: str
    path: str
    points: str
    answer: Result
    zero: Fraction
    sampled: float | None
    seconds: float

    def to_json(self) -> Json:
        """The answer, and the rest beside it."""
        names = {"networks": self.networks, "path": self.path, "points": self.points}
        beside = {"R0": decimal(self.zero, up=True), "samples": self.sampled, "seconds": round(self.seconds, 1)}
        return {**names, **beside, "answer": self.answer.to_json()}

    def text(self) -> str:
        """Upper ends, rounded up; the error rate in percent."""
        one = self.answer
        errors = one.error_rate
        rate = None if errors is None or errors.upper is None else Enclosure(Fraction(0), 100 * errors.upper)
        cells = "".join(f"{_most(number):>10}" for number in (one.maximum, one.barrier, one.barrier_chord, rate))
        seen = "-" if self.sampled is None else f"{self.sampled:.4g}"
        head = f"{self.networks:<20}{self.path:<11}{self.points:<9}"
        return f"{head}{cells}{seen:>8}{_most(Enclosure.of(self.zero)):>7}{self.seconds:>5.0f} {one.verdict}"


HEAD = f"{'networks':<20}{'path':<11}{'points':<9}"
HEAD += "".join(f"{one:>10}" for one in ("maximum", "barrier", "chord", "error %"))
HEAD += f"{'samples':>8}{'R0':>7}{'s':>5}"


def rows(folder: FilePath, steps: int, kinds: tuple[Kind, ...] = KINDS) -> Iterator[Row]:
    """Train, ask, check; networks, data and certificates go to the folder. Raises InputError."""
    training, held_out = split(read_data("digits"), HELD_OUT, "training")
    for points in (training, held_out):
        write_data(folder / f"{points.name}.npz", points)
    for one in kinds:
        recipe = Recipe(one.width, one.branch, one.kind, steps=steps, loss=LOSS)
        start, end = (train(training, replace(recipe, seed=seed))[0] for seed in SEEDS)
        for seed, network in zip(SEEDS, (start, end), strict=True):
            write_network(folder / f"{one.name}-{seed}.npz", network)
        ends = start, end
        for points in (training, held_out):
            yield _line(folder, one, ends, points)
        first = _joined(folder, one, ends, training)
        yield first
        if isinstance(first.answer.found, Found):
            yield _again(folder, one, first.answer.found.path, held_out)


def _line(folder: FilePath, one: Kind, ends: tuple[Network, Network], points: Data) -> Row:
    begun, request = time.perf_counter(), Request(Problem(points, loss=LOSS), *ends)
    answer = certify(request, tolerance=TOLERANCE)
    sampled = max(line_losses(ends[0], ends[1], request.problem, times=SAMPLES))
    return _row(folder, one, "line", request, answer, sampled, begun)


def _joined(folder: FilePath, one: Kind, ends: tuple[Network, Network], points: Data) -> Row:
    begun, request = time.perf_counter(), Request(Problem(points, loss=LOSS), *ends)
    answer = connect(request, route=one.route)
    return _row(folder, one, one.route, request, answer, None, begun)


def _again(folder: FilePath, one: Kind, path: Path, points: Data) -> Row:
    """The path that was found on the training points, on others."""
    begun, request = time.perf_counter(), Request(Problem(points, loss=LOSS), path.start, path.end)
    answer = certify(request, path=path, tolerance=TOLERANCE)
    return _row(folder, one, one.route, request, answer, None, begun)


def _row(
    folder: FilePath, one: Kind, path: str, request: Request, answer: Result, sampled: float | None, begun: float
) -> Row:
    points = request.problem.data.name
    if answer.claimed is not None:
        answer.save(folder / f"{one.name}-{path}-{points}.cert")
    zero = constant_loss(request.start, request.problem)
    return Row(one.name, path, points, answer, zero, sampled, time.perf_counter() - begun)


def _most(number: Enclosure | None) -> str:
    """An upper end."""
    return "-" if number is None or number.upper is None else brief(number.upper, up=True, digits=SHORT)


def main() -> None:
    """The table, row by row, and `rows.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, type=FilePath)
    parser.add_argument("--steps", type=int, default=400)
    options = parser.parse_args()
    folder, out = prepare_folder(options.out, force=False, option="--out"), Speaker()
    out.say(HEAD)
    found = []
    for row in rows(folder, options.steps):
        out.say(row.text())
        found.append(row.to_json())
        write_atomically(folder / "rows.json", strict_json.dumps({"rows": found}).encode(), force=True)


if __name__ == "__main__":
    main()
