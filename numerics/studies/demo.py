"""The main job: networks trained on handwritten digits, and two questions about them answered with proofs.

The recipe is fixed and printed. Every row of the table is one width at one level of one training run (two seeds); no
row is dropped but what the plan leaves out before anything is known. The whole demo has more parts, and ends in a page.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from numerics.common import interrupts, strict_json
from numerics.common.progress import Progress, no_progress
from numerics.common.shown import Shown
from numerics.common.speech import Speaker
from numerics.data import Data, read_data, write_data
from numerics.files import prepare_folder, write_atomically
from numerics.losses.loss import Loss
from numerics.losses.registry import SQUARED
from numerics.networks.base import Network
from numerics.networks.files import write_network
from numerics.networks.forward import outputs
from numerics.paths.exact import network_between
from numerics.plots import canvas
from numerics.plots.path import path_picture
from numerics.plots.scenes import scene_of
from numerics.questions.connect import connect
from numerics.questions.depth import depth, way_down
from numerics.questions.finish import saved
from numerics.questions.found import Found
from numerics.questions.request import Request
from numerics.questions.result import Result
from numerics.studies import demo_parts
from numerics.studies import demo_tables as tables
from numerics.studies.demo_page import demo_page
from numerics.studies.demo_parts import Part, Sizes
from numerics.studies.demo_tables import Row
from numerics.studies.held_out import SEED, split
from numerics.studies.sweep.tables import Sheet
from numerics.torch_bridge import Recipe, require_torch, train

LEVELS = {"early": 0.03, "middle": 0.005, "well trained": 0.0005}
SEEDS = (0, 1)
REFERENCE_SEED = 7
HELD_OUT = 360  # of the 1797 digits
DATA, PAGE = "train.npz", "index.html"
STEPS = 3  # of the way down, each through one emptied slot

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan(Shown):
    """What is trained: widths, steps of the deep networks and of the references (small, so cheap)."""

    widths: tuple[int, ...]
    steps: int
    reference_steps: int
    without: tuple[tuple[int, str], ...] = ()  # left out: widths and levels that would take minutes
    sizes: Sizes | None = None  # of the other parts

    def levels(self, width: int) -> dict[str, float]:
        """Of the rows at a width."""
        return {name: level for name, level in LEVELS.items() if (width, name) not in self.without}


FULL = Plan((512, 1024), 2000, 4000, ((1024, "well trained"),), Sizes())
QUICK = Plan((256,), 800, 2400)


def run(
    folder: Path,
    *,
    quick: bool,
    as_json: bool,
    force: bool,
    out: Speaker,
    err: Speaker,
    report: Progress = no_progress,
    loss: Loss = SQUARED,
) -> int:
    """Train, ask, prove, print; files go to `folder`. Returns 0 if every row was proved. Raises InputError.

    A first interrupt ends it with the rows that are whole.
    """
    begun = time.perf_counter()
    require_torch()
    digits = read_data("digits")
    loss.require(digits)
    folder = prepare_folder(folder, force=force, option="--out")
    plan = QUICK if quick else FULL
    console = err if as_json else out

    def say(words: str) -> None:
        console.say(words)

    training, held_out = split(digits, HELD_OUT, "train")
    data_file = folder / DATA
    write_data(data_file, training, force=force)
    write_data(folder / "held-out.npz", held_out, force=force)
    say(
        f"digits: {training.size} training points, {held_out.size} held out (seed {SEED}); every loss below is"
        f" the mean {_words(loss)} on the training points; PROVED is the independent checker's word."
    )
    rows, parts = list[Row](), list[Part]()
    try:
        for width in plan.widths:
            for level in LEVELS:
                if level not in plan.levels(width):
                    say(f"left out, as it takes minutes: width {width}, {level}")
            files = _train(folder, width, plan, training, loss, say, report, force=force)
            for level in plan.levels(width):
                rows.append(_row(folder, width, level, files, data_file, held_out, loss, report, force=force))
                say(f"  width {width}, {level}: {rows[-1].seconds:.1f} s")
                for note in rows[-1].notes:
                    say(f"  note: {note}")
        if plan.sizes is not None:
            for part in demo_parts.parts(folder, training, report, force=force, sizes=plan.sizes):
                parts.append(part)
                say(f"  {part.title}: {time.perf_counter() - begun:.0f} s so far")
    except KeyboardInterrupt:
        if not rows:
            raise
        interrupts.first_only()
    report("the page", None)
    content = demo_page(rows, parts, _recipe(plan, training, loss), " \\\n    ".join(_check(rows[0], Path())))
    write_atomically(folder / PAGE, content.encode("utf-8", "backslashreplace"), force=force)
    seconds = time.perf_counter() - begun
    document = {
        "rows": [row.to_json() for row in rows],
        "parts": [part.to_json() for part in parts],
        "seconds": round(seconds, 1),
    }
    write_atomically(folder / "demo.json", strict_json.dumps(document).encode(), force=force)
    if as_json:
        print(strict_json.dumps(document))
    else:
        _print(rows, parts, folder, seconds, console)
    return 0 if all(row.proved for row in rows) and all(part.proved for part in parts) else 1


def _words(loss: Loss) -> str:
    """A loss in a sentence."""
    return "squared error" if loss == SQUARED else f"{loss.name} loss"


def _train(
    folder: Path, width: int, plan: Plan, data: Data, loss: Loss, say: Say, report: Progress, *, force: bool
) -> dict[tuple[str, int], Path]:
    """Snapshots at the three levels for both seeds, and the reference under `("reference", 0)`."""
    files: dict[tuple[str, int], Path] = {}
    for seed in SEEDS:
        recipe = Recipe(width, steps=plan.steps, seed=seed, loss=loss)
        say(f"training {recipe.describe()}")
        levels = plan.levels(width)
        final, snapshots = train(data, recipe, levels=tuple(levels.values()), progress=_steps(report, recipe))
        for name, level in levels.items():
            files[name, seed] = folder / f"{name.replace(' ', '-')}-{width}-{seed}.npz"
            if level not in snapshots:
                say(f"  loss {level} was not reached in {plan.steps} steps: the last network stands for '{name}'")
            write_network(files[name, seed], snapshots.get(level, final), force=force)
    recipe = Recipe(width // 2, kind="two-layer", steps=plan.reference_steps, seed=REFERENCE_SEED, loss=loss)
    say(f"training the reference, {recipe.describe()}")
    reference, _ = train(data, recipe, progress=_steps(report, recipe))
    files["reference", 0] = folder / f"reference-{width // 2}.npz"
    write_network(files["reference", 0], reference, force=force)
    return files


def _steps(report: Progress, recipe: Recipe) -> Callable[[int, float], None]:
    """Progress of a training."""
    return lambda step, loss: report(f"training width {recipe.width}, loss {loss:.5f}", step / max(1, recipe.steps))


def _row(
    folder: Path,
    width: int,
    level: str,
    files: dict[tuple[str, int], Path],
    data_file: Path,
    held_out: Data,
    loss: Loss,
    report: Progress,
    *,
    force: bool,
) -> Row:
    begun = time.perf_counter()
    stem = f"{level.replace(' ', '-')}-{width}"
    first, second = (files[level, seed] for seed in SEEDS)
    request = Request.read(str(data_file), first, files["reference", 0], progress=report, loss=loss.name)
    alone = Request.read(str(data_file), first, None, progress=report, loss=loss.name)
    lower = saved(way_down(alone, steps=STEPS), folder / f"depth-one-slot-{stem}.cert", force=force)
    interrupts.check()  # what an interrupted search has is no row
    shallow = saved(depth(request), folder / f"depth-{stem}.cert", force=force)
    interrupts.check()
    reference = request.second
    request = Request.read(str(data_file), first, second, progress=report, loss=loss.name)
    connected = saved(connect(request, reference=reference), folder / f"connect-{stem}.cert", force=force)
    interrupts.check()
    answer = connected.found
    if not isinstance(answer, Found):
        raise AssertionError("connect answers with a route's path")
    k, t = answer.corners.at
    highest = answer.certified.segments[k]
    worst, _ = network_between(highest, t)
    accuracies = {
        "start": _accuracy(answer.path.start, held_out),
        "end": _accuracy(answer.path.end, held_out),
        "worst point": _accuracy(worst, held_out),
    }
    seconds = time.perf_counter() - begun
    notes = _draw(folder / f"connect-{stem}.png", f"digits, width {width}, {level}", connected, force=force)
    return Row(width, level, lower, shallow, connected, accuracies, seconds, tuple(notes))


def _draw(path: Path, title: str, connected: Result, *, force: bool) -> list[str]:
    """Notes: what prevented the picture, if anything did."""
    words = f"{title}: {connected.verdict}, {len(connected.segments)} segments, route {connected.route}"
    return canvas.written(path, lambda: path_picture(scene_of(connected, words=words)), force=force)


def _accuracy(network: Network, data: Data) -> float:
    right = outputs(network, data.X).argmax(axis=1) == data.Y.argmax(axis=1)
    return float(right.mean())


def _recipe(plan: Plan, data: Data, loss: Loss) -> str:
    """How the networks came about, in one paragraph."""
    recipe = Recipe(plan.widths[-1], steps=plan.steps, loss=loss)
    widths = " and ".join(map(str, plan.widths))
    levels = ", ".join(f"{name} {level:g}" for name, level in LEVELS.items())
    left = "".join(f" Left out, as it takes minutes: width {width}, {name}." for width, name in plan.without)
    return (
        f"Widths {widths}, two seeds each: {recipe.describe()}, at most; snapshots of the same run where the loss, the "
        f"mean {_words(loss)} over {data.size} digits, is first at most: {levels}.{left}"
    )


def _check(row: Row, folder: Path) -> list[str]:
    """The command that checks one row, in lines."""
    stem = f"{row.level.replace(' ', '-')}-{row.width}"
    A, B = (folder / f"{stem}-{seed}.npz" for seed in SEEDS)
    files = {"--data": folder / DATA, "--start": A, "--end": B}
    options = [f"{option} {shlex.quote(str(file))}" for option, file in files.items()]
    return [f"skipscape check {shlex.quote(str(folder / f'connect-{stem}.cert'))}", *options]


def _print(rows: list[Row], parts: list[Part], folder: Path, seconds: float, console: Speaker) -> None:
    """The tables, what they say, and how to check one row."""
    proofs = ("", *tables.ways_down(rows, STEPS), "", *tables.depths(rows), "", *tables.connections(rows))
    for line in (*proofs, "", *tables.measured(rows), ""):
        console.say(line)
    console.say(MEANING, indent=0)
    for part in parts:
        console.say("")
        for line in Sheet(part.title, "", part.heads, part.rows, 2).text():
            console.say(line)
        console.say(part.words, indent=0)
    console.say("")
    console.say(f"networks, certificates, pictures and demo.json are in {folder}/. Check one yourself:")
    console.quote(_check(rows[0], folder))
    connections = sum(row.connected.proved for row in rows)
    lower = sum(row.way_down.proved for row in rows)
    claimed = [row.depth for row in rows if tables.claims(row.depth)]
    depths = sum(depth.proved for depth in claimed)
    console.say(
        f"{lower} of {len(rows)} ways down proved; {connections} of {len(rows)} connections; {depths} of"
        f" {len(claimed)} depths against the reference, where claimed"
    )
    if parts:
        console.say(f"{sum(part.proved for part in parts)} of {len(parts)} other parts proved")
    console.say(f"{seconds:.0f} s in all; the page: {folder / PAGE}")


MEANING = (
    "Table 1 has no reference (R9): the refit of the readout costs nothing and is no news. After it a path leads to "
    "a loss lower by the gain, and never climbs above the refit's loss by more than the climb; no step climbs by "
    "more than the fifth number above its own beginning. In 1b a two-layer reference is given (C1); nothing is "
    "claimed where it is not lower. A barrier of 0: no point of the path is worse than the worse end. Where it is "
    "positive the path pays for leaving the deep branches or for passing the two-layer reference (C2); a lower path "
    "may exist. Route bridge (T6) goes through mixtures of the two networks' own features, refit (R6) and measured "
    "(RM) through the reference. Losses and climbs are rounded up, gains down. R0 is the zero path, a level that "
    "needs no theorem. The straight line's maximum is enclosed for every t, to 0.1 percent: demo.json has both ends "
    "and the time, the table the upper end."
)
