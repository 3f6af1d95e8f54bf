"""`skipscape study peers`: a row for every path between the same networks, each made in a process of its own.

So seconds and memory are each row's own. What a path cannot do, or what nobody could certify, stays in its row.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path as FilePath

from numerics.arithmetic.rationals import brief, decimal
from numerics.common.shown import Shown
from numerics.data import Data, read_data, write_data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.files import read_network, write_network
from numerics.questions.bounds import constant_loss
from numerics.questions.request import Request
from numerics.questions.result import Json
from numerics.studies.peers.images import enlarged
from numerics.studies.peers.paths import MAKERS
from numerics.studies.peers.setting import PIXELS, Pair, Setting
from numerics.torch_bridge import Recipe, train

SEEDS = (0, 1)
SHORT = 4  # significant digits in the table
MIB = 1 << 20


@dataclass(frozen=True)
class Row(Shown):
    """One path between two networks; numbers of losses are upper ends, `sampled` float64. None: not known, `words`
    say why.
    """

    networks: str
    loss: str
    path: str
    verdict: str = "-"
    ends: Fraction | None = None
    sampled: float | None = None
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    zero: Fraction | None = None
    seconds: float = 0.0
    check_seconds: float | None = None
    mebibytes: int = 0
    words: str = ""

    def to_json(self) -> Json:
        """Losses rounded outwards to 17 digits."""
        up = {"ends": self.ends, "at_most": self.at_most, "R0": self.zero}
        return {
            **{name: getattr(self, name) for name in ("networks", "loss", "path", "verdict", "words", "sampled")},
            **{name: None if value is None else decimal(value, up=True) for name, value in up.items()},
            "at_least": None if self.at_least is None else decimal(self.at_least, up=False),
            "seconds": round(self.seconds, 1),
            "check_seconds": None if self.check_seconds is None else round(self.check_seconds, 1),
            "MiB": self.mebibytes,
        }

    def cells(self) -> tuple[str, ...]:
        """Of the table, under `HEAD`."""
        seen = "-" if self.sampled is None else f"{self.sampled:.4g}"
        losses = (_short(self.ends, up=True), seen, _short(self.at_least, up=False), _short(self.at_most, up=True))
        effort = (f"{self.seconds:.0f}", str(self.mebibytes))
        return (
            self.networks,
            self.loss,
            self.path,
            *losses,
            _short(self.zero, up=True),
            *effort,
            self.verdict,
            self.words,
        )


HEAD = ("networks", "loss", "path", "ends", "61 samples", "at least", "at most", "R0", "s", "MiB", "verdict", "path is")


def rows(folder: FilePath, setting: Setting, chosen: tuple[Pair, ...]) -> Iterator[Row]:
    """Train, then a row for every path. Networks, data and certificates go to the folder. Raises InputError."""
    whole = read_data("digits")
    if not 1 <= setting.points <= whole.size:
        raise InputError(f"{setting.points} points of the digits: 1 to {whole.size} are there")
    points = Data(whole.X[: setting.points], whole.Y[: setting.points], "digits")
    if setting.pixels == PIXELS:
        points = enlarged(points)
    write_data(folder / "points.npz", points)
    for pair in chosen:
        recipe = Recipe(
            pair.width, pair.branch, pair.kind, steps=setting.steps, blocks=pair.blocks, loss=loss_named(pair.loss)
        )
        for seed in SEEDS:
            write_network(_file(folder, pair, seed), train(points, replace(recipe, seed=seed))[0])
        for path in MAKERS:
            # A process for one row: its peak of memory is that row's, and no cache of another helps it.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                yield pool.submit(row, folder, pair, path, setting).result()


def row(folder: FilePath, pair: Pair, path: str, setting: Setting) -> Row:
    """One path, in this process; errors of the input are its words."""
    problem = Problem(read_data(str(folder / "points.npz")), loss=loss_named(pair.loss))
    start, end = (read_network(_file(folder, pair, seed)) for seed in SEEDS)
    begun = time.perf_counter()
    nothing = Row(pair.name, pair.loss, path)
    try:
        asked = MAKERS[path](Request(problem, start, end), setting)
    except InputError as reason:
        return replace(nothing, seconds=time.perf_counter() - begun, mebibytes=_peak(), words=str(reason))
    seconds, answer = time.perf_counter() - begun, asked.answer
    if answer.document is not None:
        answer.save(folder / f"{pair.name}-{pair.loss}-{path.replace(' ', '')}.cert")
    return replace(
        nothing,
        verdict=answer.verdict,
        ends=max(one.upper for one in (answer.start, answer.end) if one is not None and one.upper is not None),
        sampled=asked.sampled,
        at_least=None if answer.maximum is None else answer.maximum.lower,
        at_most=None if answer.maximum is None else answer.maximum.upper,
        zero=constant_loss(start, problem),
        seconds=seconds,
        check_seconds=answer.check_seconds,
        mebibytes=_peak(),
        words=asked.words,
    )


def table(found: list[Row]) -> str:
    """In Markdown."""
    lines = [HEAD, ("---",) * len(HEAD), *(one.cells() for one in found)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _file(folder: FilePath, pair: Pair, seed: int) -> FilePath:
    return folder / f"{pair.name}-{pair.loss}-{seed}.npz"


def _peak() -> int:
    """The largest resident size of this process so far, in MiB, without that of the checker's own.

    Of Linux's two numbers the one that starts anew with a process: the other one keeps what its parent had.
    """
    status = FilePath("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 // MIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // MIB


def _short(value: Fraction | None, *, up: bool) -> str:
    return "-" if value is None else brief(value, up=up, digits=SHORT)
