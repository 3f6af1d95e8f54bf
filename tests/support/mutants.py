"""`make mutants`: a fixed sample of mutants of the checker, each against the tests that run what it changes.

The project is copied to a scratch folder. There the tests run once, to see which of them run which line of the checker.
Then for each mutant of the sample its file is changed in the copy, and a process forked from one that has imported
everything but the checker runs those tests, the nearest and fastest first, until one fails. A mutant that hangs is
killed by its processor time, which a busy machine does not shorten. Answers go to a file of JSON lines, and what is in
it is not asked again.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import math
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]
from support.mutation import Mutant, mutants  # noqa: E402

CHECKER = Path("numerics/checker")
SEED = 14
SHARE = 0.1
"""Of all mutants: more than 400."""
SUITES = (
    "tests/checker",
    "tests/faults",
    "tests/agreement",
    "tests/bad_input",
    "tests/cli/test_printed_numbers.py",
    "tests/cli/test_speech.py",
    "tests/common/test_shown.py",
    "tests/common/test_strict_json.py",
)
SHARED = (
    "support.certificates",
    "support.oracles",
    "support.breakpoints",
    "support.second_checker.checker",
    "support.certificate_drafts",
    "support.general_segments",
    "support.seeded_networks",
)
LIBRARIES = (
    "torch",
    "hypothesis.extra.numpy",
    "scipy.optimize",
    "scipy.linalg",
    "flint",
    "mpmath",
    "safetensors.numpy",
)
ROOMS = (
    "numerics.questions.search",
    "numerics.testing",
    "numerics.questions.enclose",
    "numerics.networks.files",
    "numerics.studies.separation",
)
IN_PROCESSES = ("tests/checker/test_command.py", "tests/checker/test_limits.py::test_an_answer")
PATIENCE = 20.0
"""Seconds of tests, as they took unchanged, that a mutant has to survive."""


@dataclass
class Seen:
    """A test: how long it takes, and which lines of which files of the checker it runs."""

    seconds: float
    lines: dict[str, list[int]]


def processor_seconds() -> float:
    """Of this process and of those that it has waited for: what a busy machine does not lengthen."""
    return sum(os.times()[:4])


class Watch:
    """A pytest plugin that notes for each test the lines of the checker that it runs."""

    def __init__(self) -> None:
        self.tests: dict[str, Seen] = {}
        self.failed: set[str] = set()
        self.hits: dict[str, set[int]] = defaultdict(set)
        self.names: dict[str, str | None] = {}

    def trace(self, frame: Any, event: str, _: Any) -> Any:
        file = frame.f_code.co_filename
        if file not in self.names:
            _, within, name = file.rpartition(f"/{CHECKER.as_posix()}/")
            self.names[file] = name if within else None
        if self.names[file] is None:
            return None
        hits = self.hits[str(self.names[file])]
        missing = {number for *_, number in frame.f_code.co_lines() if number} - hits
        if not missing:
            return None

        def line(frame: Any, event: str, _: Any) -> Any:
            hits.add(frame.f_lineno)
            missing.discard(frame.f_lineno)
            if not missing:  # nothing new can come of this function: tracing it costs more than running it
                frame.f_trace_lines = False
            return line

        hits.add(frame.f_lineno)
        return line

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.hits = defaultdict(set)
        begun = processor_seconds()
        sys.settrace(self.trace)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            lines = {name: sorted(found) for name, found in self.hits.items()}
            self.tests[item.nodeid] = Seen(processor_seconds() - begun, lines)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self.failed.add(report.nodeid)


class Only:
    """A pytest plugin that runs the named tests in their order, and notes the first that fails."""

    def __init__(self, names: Sequence[str]) -> None:
        self.rank = {name: k for k, name in enumerate(names)}
        self.failed = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((item for item in items if item.nodeid in self.rank), key=lambda item: self.rank[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


OPTIONS = [
    "-q",
    "-x",
    "-m",
    "not slow",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "--no-header",
    "--tb=no",
    "--show-capture=no",
]
OPTIONS += ["-W", "ignore:Module already imported"]  # hypothesis is, before pytest could rewrite it


def copied(scratch: Path) -> Path:
    """What the tests need of the project, in the scratch folder, which becomes the current one."""
    project = scratch / "project"
    for part in ("numerics", "theory", "tests", "proofs_notes"):
        shutil.copytree(ROOT / part, project / part, ignore=shutil.ignore_patterns("__pycache__", "*.vo*", "*.glob"))
    for part in ("pyproject.toml", "README.md", "skipscape.py"):
        if (ROOT / part).exists():
            shutil.copy(ROOT / part, project / part)
    os.chdir(project)
    sys.path[:0] = [str(project), str(project / "tests"), str(project / "proofs_notes")]
    os.environ |= {"HYPOTHESIS_PROFILE": "mutants", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for name in [name for name in sys.modules if name.split(".")[0] in ("numerics", "theory", "support")]:
        del sys.modules[name]
    return project


def prepare() -> None:
    """Import what every test imports, but nothing of the checker."""
    for name in (*LIBRARIES, *SHARED, *ROOMS):
        importlib.import_module(name)
    loaded = sorted(name for name in sys.modules if name.startswith("numerics.checker"))
    assert not loaded, f"imported too early: {loaded}"


def forked(work: Any, limit: float) -> Any:
    """What `work()` returns, as JSON, in a process of its own; None if it dies, or takes more than `limit` seconds of
    processor time, or twenty times that by the clock."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit), math.ceil(limit) + 5))
        silent = os.open(os.environ.get("MUTANTS_LOG", os.devnull), os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        try:
            answer = json.dumps(work()).encode()
            while answer:
                answer = answer[os.write(write, answer) :]
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(write)
    os.set_blocking(read, False)
    end, parts = time.monotonic() + 20 * limit, []
    while time.monotonic() < end:
        try:
            part = os.read(read, 1 << 20)
        except BlockingIOError:
            time.sleep(0.02)
            continue
        if not part:
            break
        parts.append(part)
    os.close(read)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        return json.loads(b"".join(parts))
    except ValueError:
        return None


def watched(suites: Sequence[str]) -> dict[str, Any]:
    """Every test of these folders or files that passes, as `Seen`."""
    watch = Watch()
    pytest.main([*(one for one in OPTIONS if one != "-x"), *suites], plugins=[watch])
    return {name: asdict(seen) for name, seen in watch.tests.items() if name not in watch.failed}


def chosen(mutant: Mutant, tests: dict[str, Seen], patience: float) -> list[str]:
    """The tests that run what the mutant changes: its own file's, then the fastest, then one of each file in turn.

    What runs when a module is imported is run by every test of that module.
    """
    changed = set(range(mutant.line, mutant.last_line + 1))
    touching = [name for name, seen in tests.items() if changed & set(seen.lines.get(mutant.file, ()))]
    if not touching and not mutant.function[:1].islower():
        touching = [name for name, seen in tests.items() if mutant.file in seen.lines]
    if mutant.file == "__main__.py":  # it runs in processes of its own, where nothing is watched
        touching = [name for name in tests if name.startswith(IN_PROCESSES)]
    own = f"/checker/test_{Path(mutant.file).stem}.py"
    touching.sort(key=lambda name: (own not in name, tests[name].seconds))
    kept, spent = _within(touching, tests, patience / 2)
    files: dict[str, list[str]] = defaultdict(list)
    for name in touching[len(kept) :]:
        files[name.split("::")[0]].append(name)
    turns = [name for turn in zip_longest(*files.values()) for name in turn if name is not None]
    return [*kept, *_within(turns, tests, max(patience - spent, tests[turns[0]].seconds if turns else 0.0))[0]]


def _within(names: Sequence[str], tests: dict[str, Seen], patience: float) -> tuple[list[str], float]:
    """The first tests that take no longer than that altogether, and how long they take."""
    kept: list[str] = []
    spent = 0.0
    for name in names:
        if spent + tests[name].seconds > patience:
            break
        kept.append(name)
        spent += tests[name].seconds
    return kept, spent


def judged(project: Path, mutant: Mutant, names: Sequence[str], limit: float) -> dict[str, str]:
    """Whether a test of these fails with the mutant in the place of its file."""
    place = project / CHECKER / mutant.file
    source = place.read_bytes()
    for stale in (place.parent / "__pycache__").glob(f"{place.stem}.*.pyc"):
        stale.unlink()
    changed = mutant.applied(source)
    try:
        compile(changed, mutant.file, "exec")
    except SyntaxError as error:
        return {"outcome": "invalid", "test": str(error)}

    def run() -> dict[str, Any]:
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        only = Only(names)
        status = pytest.main([*OPTIONS, *dict.fromkeys(name.split("::")[0] for name in names)], plugins=[only])
        return {"status": int(status), "test": only.failed}

    if not names:
        return {"outcome": "untested", "test": ""}
    try:
        place.write_bytes(changed)
        answer = forked(run, limit)
    finally:
        place.write_bytes(source)
    if answer is None:
        return {"outcome": "killed", "test": "the clock"}
    if answer["status"] == 0:
        return {"outcome": "survived", "test": ""}
    return {"outcome": "killed", "test": answer["test"] or "it cannot be imported"}


def sample(files: Iterable[str], share: float, seed: int) -> list[Mutant]:
    """The mutants whose draw is below the share: the same of a file whatever happens to the others."""
    found = [mutant for file in sorted(files) for mutant in mutants(ROOT / CHECKER / file, file)]
    return [mutant for mutant in found if mutant.draw(seed) < share]


def main() -> None:
    """See the module's docstring; `--help` for what can be chosen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out/mutants.jsonl"), help="answers, JSON lines")
    parser.add_argument("--map", type=Path, help="what tests run, kept in this file and taken from it")
    parser.add_argument("--files", nargs="*", default=[], help="names without .py, graph/shapes; all if none")
    parser.add_argument("--skip", nargs="*", default=[], help="names without .py")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--share", type=float, default=SHARE, help="of all mutants")
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds of tests for a mutant")
    parser.add_argument("--suites", nargs="*", default=list(SUITES))
    parser.add_argument("--again", action="store_true", help="ask once more about those that survived")
    parser.add_argument("--list", action="store_true", help="print the sample and stop")
    asked = parser.parse_args()
    all_files = [
        file.relative_to(ROOT / CHECKER) for file in (ROOT / CHECKER).rglob("*.py") if file.name != "__init__.py"
    ]
    files = [file for file in all_files if not asked.files or str(file.with_suffix("")) in asked.files]
    kept = [file for file in files if str(file.with_suffix("")) not in asked.skip]
    drawn = sample([file.as_posix() for file in kept], asked.share, asked.seed)
    drawn.sort(key=lambda mutant: mutant.draw(asked.seed))  # so that a run that was stopped asked a smaller fair sample
    if asked.list:
        for mutant in drawn:
            print(f"{mutant.key}\t{mutant.line}\t{mutant.before!r} -> {mutant.after!r}")
        print(dict(Counter(mutant.file for mutant in drawn)), len(drawn))
        return
    out, map_file = asked.out.resolve(), None if asked.map is None else asked.map.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    answers = {f"{line['key']} {line['before']}": line for line in lines}
    with tempfile.TemporaryDirectory(prefix="skipscape-mutants-") as scratch:
        project = copied(Path(scratch))
        prepare()
        if map_file is not None and map_file.exists():
            raw = json.loads(map_file.read_text())
        else:
            raw = forked(lambda: watched(asked.suites), 3600.0)
            if map_file is not None:
                map_file.write_text(json.dumps(raw))
        tests = {name: Seen(**seen) for name, seen in raw.items()}
        print(
            f"{len(tests)} tests, {sum(seen.seconds for seen in tests.values()):.0f} s; {len(drawn)} mutants",
            flush=True,
        )
        for number, mutant in enumerate(drawn, 1):
            known = answers.get(f"{mutant.key} {mutant.before}")
            if known is not None and not (asked.again and known["outcome"] in ("survived", "untested")):
                continue
            names = chosen(mutant, tests, asked.patience)
            begun = time.monotonic()
            limit = 20.0 + 3.0 * sum(tests[name].seconds for name in names)
            answer = judged(project, mutant, names, limit)
            line = {"key": mutant.key, **asdict(mutant), **answer, "tests": len(names)}
            line["seconds"] = round(time.monotonic() - begun, 2)
            answers[f"{mutant.key} {mutant.before}"] = line
            with out.open("a") as stream:
                stream.write(json.dumps(line) + "\n")
            if line["outcome"] != "killed":
                print(f"{number}/{len(drawn)} {line['outcome']} {mutant.key} line {mutant.line}:")
                print(f"    {mutant.before!r} -> {mutant.after!r}", flush=True)
    ours = {f"{mutant.key} {mutant.before}" for mutant in drawn}
    print(dict(Counter(line["outcome"] for key, line in answers.items() if key in ours)))


if __name__ == "__main__":
    main()
