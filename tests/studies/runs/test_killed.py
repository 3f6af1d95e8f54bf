"""A run that is killed at any moment goes on where it was: nothing is lost, nothing done twice, the table the same."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from numerics.studies.runs import Journal
from support import toy_run

ROOT = Path(__file__).parents[3]
RUN = {"run": "toy", "count": toy_run.COUNT}
SWEEP = ["-m", "numerics", "sweep", "--kinds", "teacher,plain", "--widths", "8,12", "--neurons", "4", "--steps", "60"]
SLOPES = ["--dimensions", "1,2", "--etas", "1/4,1/2", "--slope-widths", "8,16"]


def started(words: Sequence[object], folder: Path) -> subprocess.Popen[bytes]:
    """A process of its own."""
    given = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    quiet = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, *map(str, words)], cwd=folder, env=given, stdout=quiet, stderr=quiet)


def lines(journal: Path) -> int:
    """So many whole ones."""
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def kill_at_random(words: Sequence[object], folder: Path, journal: Path, rng: random.Random, most: int) -> None:
    """Wait for some lines more, and a moment; then SIGKILL."""
    wanted = lines(journal) + rng.randint(1, most)
    ran = started(words, folder)
    while ran.poll() is None and lines(journal) < wanted:
        time.sleep(0.002)
    time.sleep(rng.random() * 0.03)
    ran.kill()
    ran.wait()


def toy(folder: Path, name: str, jobs: int, scheduler: str = "local") -> list[object]:
    """The command of the small run."""
    return [toy_run.__file__, *(folder / f"{name}.{what}" for what in ("journal", "json", "log")), jobs, scheduler]


def counted(log: Path) -> Counter[str]:
    """How often each cell was done."""
    return Counter(f"cell {word}" for word in log.read_text().split()) if log.exists() else Counter()


def survives(folder: Path, kills: int, seed: int, jobs: int) -> None:
    """Killed so many times; what was in the journal is never done again; the table is that of a quiet run alone."""
    rng = random.Random(seed)
    journal, log = folder / "killed.journal", folder / "killed.log"
    settled: Counter[str] = Counter()  # how often a cell had been done when it was found in the journal
    for _ in range(kills):
        kill_at_random(toy(folder, "killed", jobs), folder, journal, rng, 3)
        time.sleep(0.15)  # a worker may still end what it is busy with
        with Journal(journal, RUN) as kept:
            known, done = set(kept.known), counted(log)
        settled.update({key: done[key] for key in known - settled.keys()})
    assert started(toy(folder, "killed", jobs), folder).wait(60) == 0
    done = counted(log)
    assert {key: done[key] for key in settled} == settled
    assert started(toy(folder, "quiet", 1), folder).wait(60) == 0
    assert (folder / "killed.json").read_bytes() == (folder / "quiet.json").read_bytes()
    with Journal(journal, RUN) as kept:
        assert len(kept.known) == lines(journal) - 1 == toy_run.COUNT  # no line of any cell is there twice


def test_a_run_that_is_killed_goes_on(tmp_path: Path) -> None:
    """Twice, with two workers."""
    survives(tmp_path, kills=2, seed=1, jobs=2)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_is_killed_ten_times_goes_on(tmp_path: Path, jobs: int) -> None:
    """At other moments each time."""
    survives(tmp_path, kills=10, seed=jobs, jobs=jobs)


@pytest.mark.slow
def test_a_sweep_that_is_killed_ten_times_has_the_same_table(tmp_path: Path) -> None:
    """Two workers, trainings among the cells: bit for bit the table of one worker that nobody disturbed."""
    pytest.importorskip("torch")
    rng, journal = random.Random(0), tmp_path / "sweep.journal"
    words = [*SWEEP, *SLOPES, "--jobs", "2", "--journal", journal, "--out"]
    kept = 0
    for _ in range(10):
        kill_at_random([*words, tmp_path / "killed.json"], tmp_path, journal, rng, 1)
        assert lines(journal) >= kept
        kept = lines(journal)
    assert started([*words, tmp_path / "killed.json", "--force"], tmp_path).wait(300) == 0
    assert started([*SWEEP, *SLOPES, "--out", tmp_path / "quiet.json"], tmp_path).wait(300) == 0
    assert (tmp_path / "killed.json").read_bytes() == (tmp_path / "quiet.json").read_bytes()


def test_dask_has_the_same_table(tmp_path: Path) -> None:
    """A LocalCluster with two workers."""
    pytest.importorskip("distributed", reason="dask is an extra: pip install 'skipscape[dask]'")
    assert started(toy(tmp_path, "dask", 2, "dask"), tmp_path).wait(120) == 0
    assert started(toy(tmp_path, "quiet", 1), tmp_path).wait(60) == 0
    assert (tmp_path / "dask.json").read_bytes() == (tmp_path / "quiet.json").read_bytes()
    assert set(counted(tmp_path / "dask.log").values()) == {1}


def test_ray_has_the_same_table(tmp_path: Path) -> None:
    """Ray on this machine, two workers."""
    pytest.importorskip("ray", reason="ray is an extra: pip install 'skipscape[ray]'")
    assert started(toy(tmp_path, "ray", 2, "ray"), tmp_path).wait(120) == 0
    assert started(toy(tmp_path, "quiet", 1), tmp_path).wait(60) == 0
    assert (tmp_path / "ray.json").read_bytes() == (tmp_path / "quiet.json").read_bytes()


@pytest.mark.parametrize(("scheduler", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_without_the_extra_it_is_one_line(scheduler: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """How to install it."""
    from support.command_line import skipscape

    for name in (module, f"dask.{module}", "ray.util.joblib"):
        monkeypatch.setitem(sys.modules, name, None)
    ladder = ["--dimensions", "1", "--etas", "1/2", "--slope-widths", "8,16"]
    ran = skipscape("sweep", "--kinds", "none", *ladder, "--scheduler", scheduler)
    assert (ran.status, ran.out) == (2, "")
    assert f"skipscape[{scheduler}]" in ran.err
    assert ran.err.count("\n") == 1
