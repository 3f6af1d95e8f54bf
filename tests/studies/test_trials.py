"""Property runs in parts: the same whatever the order, up to the first part that refutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from numerics.checks.chosen import chosen
from numerics.checks.writing import as_json
from numerics.studies import trials
from numerics.studies.trials import Trial
from theory.proof import Verdict

FALSE = """
from fractions import Fraction
from hypothesis import strategies as st
from numerics.checks import Check, bounded
from theory.statement import Kind

CHECKS = (
    Check("most", "n <= 500.", Kind.UPPER_BOUND, st.integers(0, 1000), lambda n: bounded(Fraction(n), Fraction(500))),
)
"""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of six examples each."""
    monkeypatch.setattr(trials, "PART", 6)


def test_the_order_of_the_parts_makes_no_difference() -> None:
    """Three parts of one statement, each with a seed of its own; nothing is said before all are done."""
    ((check, source),) = chosen("L4")
    trial = Trial.of(check, source, examples=15, seed=3)
    assert [task.given[2] for task in trial.tasks] == [6, 6, 3]
    assert trial.tasks[0].given[3] == 3
    assert len({task.given[3] for task in trial.tasks}) == 3
    ahead, back = ({task.key: task.done() for task in order} for order in (trial.tasks, trial.tasks[::-1]))
    assert trial.together(dict(list(ahead.items())[:2])) is None
    runs = [trial.together(values) for values in (ahead, back)]
    assert runs[0] is not None
    assert runs[1] is not None
    assert as_json(runs[0]) == as_json(runs[1])
    assert (runs[0].tally.examples, runs[0].seed) == (sum(one["examples"] for one in ahead.values()), 3)
    assert runs[0].verdict is Verdict.UNDECIDED


def test_a_run_ends_with_the_first_part_that_refutes(tmp_path: Path) -> None:
    """Later parts are not needed and do not count; the counterexample is shrunk, as in one go."""
    path = tmp_path / "mine.py"
    path.write_text(FALSE)
    ((check, source),) = chosen(str(path))
    trial = Trial.of(check, source, examples=60, seed=0)
    values = {task.key: task.done() for task in trial.tasks}
    refuted = [k for k, task in enumerate(trial.tasks) if values[task.key]["verdict"] == "REFUTED"]
    assert len(refuted) > 1
    assert trial.needed(values) == trial.tasks[: refuted[0] + 1]
    run = trial.together(values)
    assert run is not None
    assert run.verdict is Verdict.REFUTED
    assert run.counterexample is not None
    assert run.counterexample.measured == 501
    few = {task.key: values[task.key] for task in trial.tasks[: refuted[0] + 1]}
    again = trial.together(few)
    assert again is not None
    assert as_json(again) == as_json(run)
