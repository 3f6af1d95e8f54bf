"""Trained curves side by side: the certified maximum of route `curve` against the sampled one of the best Bezier arc.

`python -m numerics.studies.curves --kinds plain --widths 64 --losses cross-entropy` trains two seeds on digits, and
between them a Bezier arc at each of three rates, times drawn evenly as Garipov et al. (2018) draw them, its steps
doubled until the largest of 61 losses falls by less than 1%. A row is printed for every cell: that number is a float64
sample, ours an enclosure, of the checker where it says so. With `--journal` a run that was killed goes on.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from numerics.arithmetic.rationals import brief
from numerics.common.speech import Speaker
from numerics.data import Data, read_data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.base import Network
from numerics.paths import arc, mixed, network_at
from numerics.questions.connect import connect
from numerics.questions.request import Request
from numerics.questions.search import connect as found_path
from numerics.routes.curve import CURVE, POLYGON, RATES
from numerics.routes.line import line_losses
from numerics.studies.runs import Journal, Task, results
from numerics.torch_bridge import Recipe, one_thread, train

TIMES = 61
FIRST, MOST = 100, 3200  # steps of a baseline at first, and at most
GAIN = 0.01
ROUTES = (CURVE, POLYGON)
HEAD = (
    "network", "loss", "N", "higher end", "line, 61 samples", "best Bezier, 61 samples", "route", "at least", "at most",
    "ratio", "pieces", "verdict", "seconds: Bezier, route",
)  # fmt: skip


def sampled(points: tuple[Network, ...], problem: Problem) -> float:
    """The largest of 61 float64 losses on one arc."""
    segment = arc(*points)
    return max(float_loss(network_at(segment, k / (TIMES - 1)), problem) for k in range(TIMES))


def baselines(start: Network, end: Network, problem: Problem) -> Iterator[float]:
    """For each rate, the largest first, the lowest sampled maximum, the steps doubled until it gains less than 1%.

    It ends where that is the loss of the higher end, which every one of these maxima is at least.
    """
    from numerics.torch_bridge.curves import Schedule, trained

    straight = (start, mixed(start, end, 0.5), end)
    ends = max(float_loss(start, problem), float_loss(end, problem))
    for rate in sorted(RATES, reverse=True):
        best, steps = sampled(straight, problem), FIRST
        while steps <= MOST and best > ends:
            plan = Schedule(steps, rate, even=1.0)
            found = sampled(trained(straight, problem, plan).points, problem)
            gained, best = found < (1.0 - GAIN) * best, min(found, best)
            if not gained:
                break
            steps *= 2
        yield best
        if best <= ends:
            break


def cells(options: argparse.Namespace) -> list[Task]:
    """Every network with every loss, the small widths first."""
    chosen = [
        (
            kind,
            width,
            loss,
            options.steps,
            options.samples,
            tuple(options.routes.split(",")),
            not options.unchecked,
            not options.without_baseline,
        )
        for width in map(int, options.widths.split(","))
        for loss in options.losses.split(",")
        for kind in options.kinds.split(",")
    ]
    return [Task(f"{kind}-{width}-{loss}", rows, (kind, width, loss, *rest)) for kind, width, loss, *rest in chosen]


def rows(
    kind: str,
    width: int,
    loss: str,
    steps: int,
    samples: int | None,
    routes: tuple[str, ...],
    checked: bool,
    compared: bool,
) -> list[list[str]]:
    """A row for every route between two seeds of one network.

    `compared`: whether a baseline is trained; else its place is taken by the higher end, which no curve is below.
    """
    whole = read_data("digits", 1 << 32)
    data = Data(whole.X[:samples], whole.Y[:samples])
    branch = (width,) if kind == "plain" else (32,)
    recipe = Recipe(width, branch=branch, kind=kind, steps=steps, loss=loss_named(loss))
    with one_thread():
        start, end = (train(data, replace(recipe, seed=seed))[0] for seed in (0, 1))
        problem = Problem(data, loss=recipe.loss)
        higher = max(float_loss(start, problem), float_loss(end, problem))
        line = max(line_losses(start, end, problem, times=TIMES))
        begun = time.perf_counter()
        best = min(baselines(start, end, problem)) if compared else higher
        taken = time.perf_counter() - begun
        known = [
            f"{kind} {width}-{branch[0]}", loss, str(data.size), f"{higher:.4g}", f"{line:.4g}",
            f"{best:.4g}" if compared else "-",
        ]  # fmt: skip
        return [[*known, route, *certified(start, end, problem, route, best, taken, checked)] for route in routes]


def certified(
    start: Network, end: Network, problem: Problem, route: str, best: float, taken: float, checked: bool
) -> list[str]:
    """What a route is certified to, and its ratio to `best`; `taken`: seconds of that. Raises InputError."""
    begun = time.perf_counter()
    if checked:
        answer = connect(Request(problem, start, end), route=route)
        assert answer.maximum is not None
        lower, upper, verdict, pieces = (
            answer.maximum.lower, answer.maximum.upper, answer.verdict, len(answer.segments)
        )  # fmt: skip
    else:
        found = found_path(start, end, problem, route=route)
        lower, upper = found.corners.attained, found.corners.upper
        verdict, pieces = "enclosed, not checked", len(found.path.segments)
    if upper is None:
        raise InputError("nothing bounds the curve's losses")
    seconds = f"{taken:.0f}, {time.perf_counter() - begun:.0f}"
    bounds = brief(lower, up=False, digits=4), brief(upper, up=True, digits=4)
    return [*bounds, f"{float(upper) / best:.3f}", str(pieces), verdict, seconds]


def main() -> None:
    """The rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", default="plain,parallel")
    parser.add_argument("--widths", default="64")
    parser.add_argument("--losses", default="cross-entropy")
    parser.add_argument("--routes", default=",".join(ROUTES))
    parser.add_argument("--steps", type=int, default=300, help="of the ends' training")
    parser.add_argument("--samples", type=int, help="so many of the digits; default all")
    parser.add_argument("--unchecked", action="store_true", help="leave the checker out")
    parser.add_argument(
        "--without-baseline", action="store_true", help="train no Bezier arc: ratios are over the higher end's loss"
    )
    parser.add_argument("--journal", type=Path, help="a file from which a killed run goes on")
    options = parser.parse_args()
    run = {name: str(value) for name, value in vars(options).items() if name != "journal"}
    out = Speaker()
    out.say(" | ".join(HEAD))
    with nullcontext() if options.journal is None else Journal(options.journal, run) as journal:
        for _, found in results(cells(options), journal=journal):
            for row in found:
                out.say(" | ".join(row))


if __name__ == "__main__":
    main()
