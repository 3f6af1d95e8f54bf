"""The demo's other parts: with and without the skip, depth from both sides, cross-entropy. Everything is checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

import numpy as np
from numpy.typing import NDArray

from numerics.arithmetic.rationals import Enclosure, read_decimal
from numerics.common.progress import Progress
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.base import Network
from numerics.networks.files import write_network
from numerics.paths import Path
from numerics.plots.both_sides import Series
from numerics.questions.connect import connect
from numerics.questions.depth import way_down
from numerics.questions.finish import saved
from numerics.questions.found import Found
from numerics.questions.profile import least
from numerics.questions.request import Request
from numerics.questions.result import Json, Result
from numerics.questions.text import number, shortened
from numerics.studies.separation.claims import established
from numerics.studies.separation.depth_rows import known, known_rows
from numerics.studies.separation.table import SMALL, pair_of
from numerics.torch_bridge import Recipe, train

CROSS_ENTROPY = loss_named("cross-entropy")


@dataclass(frozen=True)
class Sizes(Shown):
    """Of the parts: widths and steps of the networks with and without a skip, T5's width, widths of known valleys."""

    width: int = 256
    branch: tuple[int, ...] = (32, 32)
    steps: int = 300
    witness: int = 64
    valleys: tuple[int, ...] = (2, 4, 8, 16, 32, 64)


@dataclass(frozen=True, eq=False)
class Part(Shown):
    """A section: a table, the answers behind it with titles for their pictures, or series of one picture."""

    title: str
    words: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    proved: bool
    answers: tuple[tuple[str, Result], ...] = ()
    series: tuple[Series, ...] = ()
    documents: tuple[Json, ...] = ()

    def to_json(self) -> Json:
        """The table, and the answers behind it."""
        answers = [answer.to_json() for _, answer in self.answers] + list(self.documents)
        return {"title": self.title, "heads": list(self.heads), "rows": [list(row) for row in self.rows]} | {
            "proved": self.proved,
            "answers": answers,
        }


FULL = Sizes()


def parts(folder: FilePath, data: Data, report: Progress, *, force: bool, sizes: Sizes = FULL) -> Iterator[Part]:
    """Each section as it is done; networks and certificates go to the folder."""
    yield _trained(folder, data, report, sizes, force=force)
    yield _witness(folder, report, sizes)
    yield _both_sides(folder, report, sizes)


def _trained(folder: FilePath, data: Data, report: Progress, sizes: Sizes, *, force: bool) -> Part:
    """Two seeds of a plain chain and of a network with a skip, trained alike with cross-entropy."""
    problem = Problem(data, progress=report, loss=CROSS_ENTROPY)
    rows, answers = list[tuple[str, ...]](), list[tuple[str, Result]]()
    for kind, branch in (("plain", (sizes.width,)), ("parallel", sizes.branch)):
        recipe = Recipe(sizes.width, branch, kind, steps=sizes.steps, loss=CROSS_ENTROPY)
        report(f"training {recipe.describe()}", None)
        start, end = (train(data, replace(recipe, seed=seed))[0] for seed in (0, 1))
        name = f"{'without' if kind == 'plain' else 'with'}-skip-{sizes.width}"
        for seed, network in enumerate((start, end)):
            write_network(folder / f"{name}-{seed}.npz", network, force=force)
        route = "half-width" if kind == "plain" else "bridge"
        joined = connect(Request(problem, start, end), route=route)
        joined = saved(joined, folder / f"connect-{name}.cert", force=force)
        found = [("the two seeds joined", joined, _amount(joined.maximum), _amount(joined.barrier))]
        if kind == "parallel":
            down = saved(way_down(Request(problem, start)), folder / f"depth-one-slot-{name}.cert", force=force)
            climb, gain = down.after_refit or (None, None)
            words = f"{_amount(climb)}, gain {'-' if gain is None else least(gain)}"
            found.insert(0, ("one step down", down, words, "-"))
        layers = "-".join(map(str, (sizes.width, *branch)))
        for what, answer, level, barrier in found:
            emptied = _emptied(answer)
            rows.append((f"{kind} {layers}", what, emptied, _amount(answer.start), level, barrier, answer.verdict))
            answers.append((f"{kind} {layers}, {what}", answer))
    words = (
        "The same digits, cross-entropy, the same training. A plain chain is joined through half of every hidden layer "
        "(T9), and we know of no way for it that spares more; with a skip connection one emptied slot is enough for a "
        "step down (T7L, R9), and two seeds are joined through mixtures of their features (T6). Emptied: how many "
        "more neurons than at the start have no effect on the output, at the corner where most have none. Of the step "
        "down the climb above the refit is given, and what is gained below it."
    )
    heads = ("network", "question", "emptied", "loss", "maximum or climb", "barrier", "verdict")
    title = "4. With and without the skip, cross-entropy"
    return Part(title, words, heads, tuple(rows), all(one.proved for _, one in answers), tuple(answers))


def _emptied(answer: Result) -> str:
    """In each layer, at the corner where most neurons are without effect: how many more than at the start."""
    if not isinstance(answer.found, Found):
        return "-"
    path: Path = answer.found.path
    idle = [[int((~one).sum()) for one in _affecting(corner)] for corner in path.corners]
    most = (np.array(idle) - idle[0]).max(axis=0).tolist()
    return ", ".join(f"{few} of {len(one)}" for few, one in zip(most, _affecting(path.start), strict=True))


def _affecting(network: Network) -> list[NDArray[np.bool_]]:
    """By layer, the skip layer alone where there is one: whether a neuron is read by what affects the output."""
    weights = network.parameters()
    matrices = [one for name, one in weights.items() if one.ndim == 2 and name not in ("W", "V")]
    found, after = list[NDArray[np.bool_]](), np.ones(len(weights["c"] if "c" in weights else matrices[-1]), dtype=bool)
    for matrix in reversed(matrices):
        after = (matrix[after] != 0.0).any(axis=0)
        found.insert(0, after)
    return [found[0] | (weights["V"] != 0.0).any(axis=0)] if network.has_skip else found


def _witness(folder: FilePath, report: Progress, sizes: Sizes) -> Part:
    """T5: the same weights without and with the skip term, on four points."""
    pair = pair_of(SMALL, sizes.witness, (1,))
    found = established([pair.plain, pair.skip], folder, memory=4.0, report=report)
    rows = []
    for claim, words in ((pair.plain, "without V z"), (pair.skip, "with V z")):
        said = found[claim.stem]
        rows.append(
            (words, str(sizes.witness), _read(said, "start"), _depth(said), _read(said, "end"), said["verdict"])
        )
    words = (
        "A network on four points whose last hidden layer has one unit, and the same weights with a skip connection "
        "beside it (T5). Without the skip the depth is exactly what is printed: no path climbs less. Such valleys "
        "exist; that training finds them is not said."
    )
    heads = ("weights", "width", "loss", "depth", "then down to", "verdict")
    proved = all(said["verdict"] == "PROVED" for said in found.values())
    title = "5. The same weights without and with the skip term"
    return Part(title, words, heads, tuple(rows), proved, documents=tuple(found.values()))


def _both_sides(folder: FilePath, report: Progress, sizes: Sizes) -> Part:
    """T8b's and T10P's valleys with their exact depths, C7's bound beside each."""
    valleys = known(sizes.valleys, {"two-layer": sizes.valleys, "parallel": sizes.valleys})
    found = established([one.claim for one in valleys], folder, memory=4.0, report=report)
    rows = known_rows(valleys, found)
    chosen = {
        (family, kind): [row for row in rows if (row["family"], row["class"]) == (family, kind)]
        for family, kind in (("T8b", "two-layer"), ("T10P", "two-layer"), ("T10P", "parallel"))
    }
    exact = {
        key: tuple((row["width"], read_decimal(row["depth"]["exact"])) for row in some if row["verdict"] == "PROVED")
        for key, some in chosen.items()
    }
    bounds = {
        key: tuple((row["width"], read_decimal(row["bounds"]["C7"]["value"])) for row in some if row["bounds"])
        for key, some in chosen.items()
    }
    sharp, silent, live = chosen
    same = "with and without a live branch" if exact[silent] == exact[live] else "without a branch"
    series = (
        Series("C7 (from T7) at T8b's networks: depth at most", bounds[sharp], exact=False),
        Series("exact depth of T8b's networks", exact[sharp], exact=True),
        Series("what C7 would say at T10P's, were its threshold met", bounds[silent], exact=False),
        Series(f"exact depth of T10P's networks, {same}", exact[silent], exact=True),
    )
    lines = tuple(
        (
            row["family"],
            row["class"],
            str(row["width"]),
            row["depth"]["exact"] or "-",
            _bound(row),
            row["verdict"],
        )
        for row in rows
    )
    words = (
        "Above: C7's bound, from T7. Below: networks whose depth the checker proves to be exactly what is printed, so "
        "that no path climbs less. T8b's are above C7's threshold, and there both agree at every width. T10P's have "
        "the same depth without a branch (two-layer) and with a live one beside the skip (parallel). For them "
        "C7's threshold is not shown to hold (*), and with a live branch its closed form is far above everything, so "
        "that is not drawn."
    )
    heads = ("family", "class", "width", "depth", "C7 <=", "verdict")
    title = "6. Depth from both sides, at widths 2 to 64"
    proved = len(rows) == len(valleys) and all(row["verdict"] == "PROVED" for row in rows)
    return Part(title, words, heads, lines, proved, series=series, documents=tuple(rows))


def _bound(row: Json) -> str:
    if not row["bounds"]:
        return "-"
    value = shortened(read_decimal(row["bounds"]["C7"]["value"]))
    return value if row["above_threshold"] else f"{value} *"


def _amount(one: Enclosure | None) -> str:
    return "-" if one is None or one.upper is None else number(one)


def _read(said: Json, name: str) -> str:
    return "-" if said.get(name) is None else _amount(Enclosure.read(said[name]))


def _depth(said: Json) -> str:
    return _read(said, "depth")
