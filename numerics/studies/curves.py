"""Trained curves side by side: the certified maximum of route `curve` against the sampled one of the best Bezier arc.

`python -m numerics.studies.curves --kind plain --width 64 --loss cross-entropy` trains two seeds on digits, and between
them a Bezier arc at each of three rates, times drawn evenly as Garipov et al. (2018) draw them, its steps doubled until
the largest of 61 losses falls by less than 1%. One row is printed: that number is a float64 sample, ours an enclosure,
of the checker where it says so.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace

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
from numerics.routes.curve import RATES
from numerics.routes.line import line_losses
from numerics.torch_bridge import Recipe, train

TIMES = 61
FIRST, MOST = 100, 3200  # steps of a baseline at first, and at most
GAIN = 0.01
HEAD = (
    "network | loss | N | higher end | line, 61 samples | best Bezier, 61 samples | curve, certified | ratio | arcs"
    " | verdict | seconds: Bezier, curve"
)


def sampled(points: tuple[Network, ...], problem: Problem) -> float:
    """The largest of 61 float64 losses on one arc."""
    segment = arc(*points)
    return max(float_loss(network_at(segment, k / (TIMES - 1)), problem) for k in range(TIMES))


def baselines(start: Network, end: Network, problem: Problem) -> Iterator[float]:
    """For each rate the lowest sampled maximum, the steps doubled until it gains less than 1%."""
    from numerics.torch_bridge.arcs import Schedule, trained

    straight = (start, mixed(start, end, 0.5), end)
    for rate in RATES:
        best, steps = sampled(straight, problem), FIRST
        while steps <= MOST:
            plan = Schedule(steps, rate, even=1.0)
            found = sampled(trained(straight, problem, plan, lambda *_: None).points, problem)
            gained, best = found < (1.0 - GAIN) * best, min(found, best)
            if not gained:
                break
            steps *= 2
        yield best


def row(data: Data, recipe: Recipe, *, checked: bool) -> str:
    """What is printed of two seeds."""
    start, end = (train(data, one)[0] for one in (recipe, replace(recipe, seed=recipe.seed + 1)))
    problem = Problem(data, loss=recipe.loss)
    higher = max(float_loss(start, problem), float_loss(end, problem))
    line = max(line_losses(start, end, problem, times=TIMES))
    begun = time.perf_counter()
    best, between = min(baselines(start, end, problem)), time.perf_counter()
    if checked:
        answer = connect(Request(problem, start, end), route="curve")
        assert answer.maximum is not None
        upper, verdict, arcs = answer.maximum.upper, answer.verdict, len(answer.segments)
    else:
        found = found_path(start, end, problem, route="curve")
        upper, verdict, arcs = found.corners.upper, "enclosed, not checked", len(found.path.segments)
    if upper is None:
        raise InputError("nothing bounds the curve's losses")
    after = time.perf_counter()
    cells = (
        f"{recipe.kind} {recipe.width}-{'-'.join(map(str, recipe.branch))}", recipe.loss.name, str(data.size),
        f"{higher:.4g}", f"{line:.4g}", f"{best:.4g}", brief(upper, up=True, digits=4),
        f"{float(upper) / best:.3f}", str(arcs), verdict, f"{between - begun:.0f}, {after - between:.0f}",
    )  # fmt: skip
    return " | ".join(cells)


def main() -> None:
    """One row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", default="plain")
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--loss", default="cross-entropy")
    parser.add_argument("--steps", type=int, default=300, help="of the ends' training")
    parser.add_argument("--samples", type=int, help="so many of the digits; default all")
    parser.add_argument("--unchecked", action="store_true", help="leave the checker out")
    options = parser.parse_args()
    whole = read_data("digits", 1 << 32)
    data = Data(whole.X[: options.samples], whole.Y[: options.samples])
    recipe = Recipe(
        options.width,
        branch=(options.width if options.kind == "plain" else 32,),
        kind=options.kind,
        steps=options.steps,
        loss=loss_named(options.loss),
    )
    out = Speaker()
    out.say(HEAD)
    out.say(row(data, recipe, checked=not options.unchecked))


if __name__ == "__main__":
    main()
