"""The cells of a sweep, done by whoever is told to, and put in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from numerics.common.progress import Progress
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.paths.certificate import data_digest
from numerics.questions.result import Json
from numerics.studies.runs import Journal, Task, Workers, results
from numerics.studies.sweep import barriers, slopes, tables
from numerics.studies.sweep.problems import Plan, made, problems, trainings

Ladder = tuple[tuple[int, ...], tuple[Fraction, ...], tuple[int, ...]]  # dimensions, etas, widths


def asked_of(options: Mapping[str, str], source: Data) -> Json:
    """Everything on which a cell's value depends, as a journal's first line: options, data, versions."""
    return {"command": "sweep", "options": dict(options), "data": data_digest(source), "versions": tables.versions()}


@dataclass(frozen=True)
class Sweep(Shown):
    """Data and plan; networks go to `folder`, certificates too if it is `kept`. `values`: what is done, by cell."""

    plan: Plan
    ladder: Ladder
    source: Data
    data: str
    seed: int
    folder: Path
    kept: bool
    memory: float
    values: dict[str, Any] = field(default_factory=dict)
    _keys: dict[str, list[str]] = field(default_factory=dict)

    def run(self, workers: Workers, journal: Journal | None, progress: Progress) -> None:
        """Train what is not there yet, then every row and slope. What is done by an interrupt is whole."""
        cells = problems(self.source, self.data, self.plan, self.folder)
        rows = [
            barriers.task(
                one,
                memory=self.memory,
                certificate=self.folder / f"{one.stem}.cert" if self.kept else None,
                loss=self.plan.loss,
            )
            for one in cells
        ]
        deviations = slopes.tasks(*self.ladder, self.seed)
        self._keys.update(rows=[one.key for one in rows], deviations=[one.key for one in deviations])
        known = {} if journal is None else journal.known
        for row in rows:
            place = known.get(row.key, {}).get("certificate")
            if place is not None and not Path(place).is_file():
                del known[row.key]
        needed = [cell for cell, row in zip(cells, rows, strict=True) if self.kept or row.key not in known]
        self._train(trainings(needed, self.plan), workers, journal, progress)
        for key, value in results([*rows, *deviations], workers=workers, journal=journal, progress=progress):
            self.values[key] = value

    def _train(self, tasks: list[Task], workers: Workers, journal: Journal | None, progress: Progress) -> None:
        """What the journal has is done again only if its file is gone, as a folder that was not kept is."""
        if journal is not None:
            for one in tasks:
                if one.key in journal.known and not made(one, journal.known[one.key]):
                    del journal.known[one.key]
        for _ in results(tasks, workers=workers, journal=journal, progress=progress):
            pass

    @property
    def rows(self) -> list[Json]:
        """The rows that are done, in the plan's order."""
        return self._done("rows")

    @property
    def deviations(self) -> list[Json]:
        """The slopes that are done, in the ladder's order."""
        return [slope for one in self._done("deviations") for slope in one]

    def _done(self, what: str) -> list[Any]:
        return [self.values[key] for key in self._keys.get(what, ()) if key in self.values]
