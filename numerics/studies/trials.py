"""Property runs of many examples as tasks: of each check parts with seeds of their own, put together in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from numerics.checks.check import Check
from numerics.checks.chosen import chosen
from numerics.checks.engine import FACTS, Run, Tally, run, without_traces
from numerics.checks.lemmas import told
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.questions.result import Json
from numerics.studies.runs import Task
from numerics.studies.sweep.tables import versions
from theory.proof import ProofResult, Verdict

PART = 1000  # examples of one task: up to so many a run is what it is in one go


@dataclass(frozen=True, eq=False)
class Trial(Shown):
    """A check, and the tasks that are to be done for it with this seed."""

    check: Check[Any]
    seed: int
    tasks: tuple[Task, ...]

    @classmethod
    def of(cls, check: Check[Any], source: str | None, *, examples: int, seed: int) -> Trial:
        """`source`: the file that the check is from, if it is a user's."""
        _run.cache_clear()  # the file may be another by now
        begins = range(0, examples, PART)
        sizes = [min(PART, examples - begin) for begin in begins]
        name = check.id if source is None else f"{check.id} of {source}"
        tasks = tuple(
            Task(
                f"{name}: examples {begin + 1} to {begin + size}",
                _tried,
                (check.id, source, size, _seed(seed, k), k == 0),
            )
            for k, (begin, size) in enumerate(zip(begins, sizes, strict=True))
        )
        return cls(check, seed, tasks)

    def needed(self, values: dict[str, Json]) -> tuple[Task, ...]:
        """Its tasks up to the first that refutes the claim; the others tell nothing more."""
        for k, task in enumerate(self.tasks):
            if task.key in values and values[task.key]["verdict"] == Verdict.REFUTED.value:
                return self.tasks[: k + 1]
        return self.tasks

    def together(self, values: dict[str, Json]) -> Run | None:
        """The whole run; None where a part is not done. A counterexample is found once more, to have it as an object.

        Raises InputError for a user's check that fails, or refutes and then does not.
        """
        needed = self.needed(values)
        if any(task.key not in values for task in needed):
            return None
        parts = [values[task.key] for task in needed]
        counts = _joined([_tally(one) for one in parts])
        if parts[-1]["verdict"] == Verdict.REFUTED.value:
            id_, source, size, seed, _ = needed[-1].given
            again = _run(id_, source, size, seed, prove=False)
            if again.counterexample is None:
                raise InputError(
                    f"check {id_} refutes its claim with seed {seed}, and tried again does not: its run must be a pure"
                    " function"
                )
            return Run(self.check, Verdict.REFUTED, counts, self.seed, again.counterexample)
        proofs = tuple(
            ProofResult(self.check.id, one["claim"], one["scope"], Verdict(one["verdict"]))
            for one in parts[0]["proofs"]
        )
        return Run(self.check, Verdict(parts[0]["verdict"]), counts, self.seed, None, proofs)


def asked_of(what: Sequence[str], examples: int, seed: int) -> Json:
    """Everything on which a part's value depends, as a journal's first line."""
    used = {**versions(), "hypothesis": version("hypothesis")}
    files = {name: hashlib.sha256(Path(name).read_bytes()).hexdigest() for name in what if name.endswith(".py")}
    return {"command": "verify", "files": files, "examples": examples, "seed": seed, "versions": used}


def _seed(number: int, part: int) -> int:
    """Of a part: the first has the run's own."""
    return number if part == 0 else int.from_bytes(hashlib.sha256(f"{number} {part}".encode()).digest()[:7])


def _tried(id_: str, source: str | None, examples: int, seed: int, prove: bool) -> Json:
    """One part, as JSON."""
    found = _run(id_, source, examples, seed, prove=prove)
    return {
        "verdict": found.verdict.value,
        "examples": found.tally.examples,
        "ratios": list(found.tally.ratios),
        "best": found.tally.best,
        "facts": {name: list(counts) for name, counts in found.tally.facts.items()},
        "proofs": [{"claim": one.claim, "scope": one.scope, "verdict": one.verdict.value} for one in found.proofs],
    }


@lru_cache(maxsize=1)  # a counterexample that this process has just found need not be shrunk again
def _run(id_: str, source: str | None, examples: int, seed: int, *, prove: bool) -> Run:
    check = next(one for one, _ in chosen(source or id_) if one.id == id_)
    try:
        with without_traces():
            return run(check, examples=examples, number=seed, prove=prove)
    except (Exception, SystemExit) as error:
        if source is None:
            raise
        raise InputError(told(error, Path(source), f"check {id_} fails")) from None


def _tally(part: Json) -> Tally:
    facts = {name: (part["facts"][name][0], part["facts"][name][1]) for name in FACTS}
    return Tally(part["examples"], tuple(part["ratios"]), part["best"], facts)


def _joined(parts: Sequence[Tally]) -> Tally:
    """Of samples that were drawn apart."""
    return Tally(
        sum(one.examples for one in parts),
        tuple(sorted(ratio for one in parts for ratio in one.ratios)),
        max((one.best for one in parts if one.best is not None), default=None),
        {name: (sum(one.facts[name][0] for one in parts), sum(one.facts[name][1] for one in parts)) for name in FACTS},
    )
