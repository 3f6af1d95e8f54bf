"""Random segments by the ten thousand, for every loss: what finder and checker say, against `loss_oracles`.

The oracle has fractions, or mpmath at 60 digits where the loss is no rational number. A case is one segment of any
class from a seed of its own, looked at at random times: a value must be enclosed, and a piece's bound must not lie
below it. By hand, each answer one line of JSON, and all of them as the table of proofs_notes/checks.md:

    python tests/support/many_segments.py --program checker --loss cross-entropy --first 0 --count 1000 >> seen.jsonl
    python tests/support/many_segments.py --table seen.jsonl
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from flint import fmpq

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from numerics.arithmetic.rationals import Enclosure, brief  # noqa: E402
from numerics.checker.effort import Budget  # noqa: E402
from numerics.checker.enclosure import Bound, bound_on  # noqa: E402
from numerics.checker.grid import LONG, MACHINE, Grid  # noqa: E402
from numerics.checker.inputs import Data  # noqa: E402
from numerics.checker.intervals import Interval  # noqa: E402
from numerics.checker.lines import piece_of  # noqa: E402
from numerics.checker.losses import loss_named as checkers_loss  # noqa: E402
from numerics.checker.measure import Measure, Value  # noqa: E402
from numerics.checker.single import value_between  # noqa: E402
from numerics.checker.spaces import Space, parse_space  # noqa: E402
from numerics.checker.stretch import stretch_of  # noqa: E402
from numerics.losses import loss_between as found_between  # noqa: E402
from numerics.losses import losses_of  # noqa: E402
from numerics.losses.problem import Problem  # noqa: E402
from numerics.losses.registry import loss_named  # noqa: E402
from numerics.losses.totals import SMALLEST  # noqa: E402
from numerics.maxima.enclosure import Line  # noqa: E402
from support.certificates import Forge  # noqa: E402
from support.loss_oracles import IRRATIONAL, LABELS, LOSSES, wrong  # noqa: E402
from support.loss_problems import drawn, loss_between, within  # noqa: E402
from support.loss_segments import segment_of, time_of  # noqa: E402
from support.oracles import interpolate, outputs, rationals  # noqa: E402
from support.seeded_networks import time_in  # noqa: E402

SCALES = (1.0, 1.0, 64.0, 2.0**-20)
TIMES = 3
VALUES, PIECES, CHECKER = 1701, 811, 97


@dataclass(frozen=True)
class Seen:
    """Of one segment: at how many `times`, and by what share of the loss bounds lie above it (where it is not 0)."""

    times: int
    rooms: tuple[Fraction, ...] = ()


def room(bound: Fraction, truth: Fraction) -> tuple[Fraction, ...]:
    """By what share of the loss its bound lies above it; nothing of a loss of 0."""
    return (bound / truth - 1,) if truth else ()


def values_agree(name: str, k: int) -> Seen:
    """The finder's exact losses of both ends and at a time between them."""
    rng, loss = np.random.default_rng([VALUES, LOSSES.index(name), k]), loss_named(name)
    start, end, data = drawn(rng, name)
    problem = Problem(data, loss=loss)
    corners = losses_of([start, end], problem)
    t = Fraction(int(rng.integers(0, 1000)), 999)
    for found, at in (
        (corners[0], Fraction(0)),
        (corners[1], Fraction(1)),
        (found_between(start, end, t, problem), t),
    ):
        assert within(found, loss_between(name, start, end, at, data)), f"seed {k} is not enclosed"
        assert (found.exact is not None) is loss.rational or found.top == SMALLEST
        assert found.top == SMALLEST or found.top - found.lower <= found.top / 2**120
    return Seen(3)


def piece_is_bounded(name: str, k: int, *, radius: bool = True) -> Seen:
    """The finder's bounds of a random piece, at random times; without `radius` the piece is a point."""
    loss = loss_named(name)
    rng = np.random.default_rng([PIECES, LOSSES.index(name), k])
    start, end, data = drawn(rng, name)
    r = Fraction(1, 1 << int(rng.integers(1, 14))) if radius else Fraction(0)
    t = (2 * int(rng.integers(0, int(1 / (2 * r)))) + 1) * r if radius else Fraction(int(rng.integers(0, 65)), 64)
    bound = Line(start, end, Problem(data, loss=loss)).bound(float(t), float(r))
    rooms: tuple[Fraction, ...] = ()
    times = TIMES if radius else 1
    for _ in range(times):
        at = time_in(rng, t - r, t + r)
        truth = loss_between(name, start, end, at, data)
        upper = None if np.isinf(bound.upper) else Fraction(bound.upper)
        assert upper is None or within(Enclosure(Fraction(bound.lower), upper), truth), f"seed {k} is exceeded"
        rooms += room(upper, truth[0]) if upper is not None else ()
        if data.labels is not None:
            mixed = interpolate(start.parameters(), end.parameters(), at)
            count = wrong(outputs(mixed, start.kind, int(start.bias), data.X), rationals(data.Y))
            assert bound.signs.wrong <= count <= bound.signs.unsure, f"seed {k} counts wrongly"
    return Seen(times, rooms)


def checker_agrees(name: str, k: int) -> Seen:
    """The checker's value at a time of a random segment, and its bounds of a piece around it on two grids."""
    rng = np.random.default_rng([CHECKER, LOSSES.index(name), k])
    forge = segment_of(name, rng, scale=SCALES[k % len(SCALES)])
    t = time_of(rng)
    found, (low, high) = found_at(forge, t), forge.ends_of(forge.weights_at(0, t))
    assert not found.loss.apart(Interval(flint(low), flint(high))), f"seed {k} is not enclosed"
    width = fraction(found.loss.high - found.loss.low)
    assert width == 0 if forge.loss not in IRRATIONAL else 0 < width <= high / 2**190
    wide = Fraction(1, int(rng.integers(1, 100)))
    piece = max(t - wide, Fraction(0)), min(t + wide, Fraction(1))
    rooms: tuple[Fraction, ...] = ()
    for grid in (MACHINE, LONG):
        bound = bounded(forge, grid, *piece)
        upper = fraction(bound.loss)
        assert upper >= low, f"seed {k} is exceeded"
        rooms += room(upper, low)
        if forge.loss in LABELS:
            assert found.errors == forge.wrong(forge.weights_at(0, t)) <= (bound.unsure or 0), (
                f"seed {k} counts wrongly"
            )
        else:
            assert (found.wrong, bound.unsure) == (None, None)
    return Seen(1, rooms)


def flint(value: Fraction) -> fmpq:
    return fmpq(value.numerator) / fmpq(value.denominator)


def fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def measure_for(forge: Forge) -> Measure:
    """What the checker asks of the forge's outputs."""
    return Measure(checkers_loss(forge.loss), forge.loss in LABELS)


def space_of(forge: Forge) -> Space:
    return parse_space(forge.kind, forge.bias, {name: np.shape(array) for name, array in forge.start.items()})


def found_at(forge: Forge, t: Fraction) -> Value:
    """What the checker measures at a time of the first segment."""
    before, after = forge.corners()
    data = Data(forge.x, forge.y)
    return value_between(space_of(forge), before, after, flint(t), data, Budget(), measure_for(forge))


def bounded(forge: Forge, grid: Grid, first: Fraction, last: Fraction) -> Bound:
    """What the checker establishes on a piece of the first segment by rule 1 alone."""
    before, after = forge.corners()
    data = Data(forge.x, forge.y).seen_by_first_layer(forge.bias)
    stretch = stretch_of(grid, space_of(forge), before, after, data, 2, measure_for(forge))
    return bound_on(stretch, piece_of(grid, flint(first), flint(last)))


PROGRAMS: dict[str, Callable[[str, int], Seen]] = {
    "checker": checker_agrees,
    "finder's pieces": piece_is_bounded,
    "finder's points": partial(piece_is_bounded, radius=False),
    "finder's values": values_agree,
}


def run(program: str, loss: str, cases: range) -> dict[str, Any]:
    """One answer: how much was looked at, what was false, and how close bounds came."""
    times, rooms, false = 0, list[Fraction](), list[int]()
    for k in cases:
        try:
            seen = PROGRAMS[program](loss, k)
        except AssertionError:
            false.append(k)
            continue
        times += seen.times
        rooms += seen.rooms
    ordered = sorted(rooms)
    return {
        "program": program,
        "loss": loss,
        "first": cases.start,
        "segments": len(cases),
        "times": times,
        "false": false,
        "closest": str(ordered[0]) if ordered else None,
        "bounds": len(ordered),
        "within 1%": sum(one < Fraction(1, 100) for one in ordered),
    }


def table(answers: Iterable[Mapping[str, Any]]) -> str:
    """One row for each program and loss."""
    head = ["program", "loss", "segments", "times", "false", "bounds above 0", "within 1%", "closest"]
    rows = [head, ["---"] * len(head)]
    found = list(answers)
    for program in PROGRAMS:
        for loss in LOSSES:
            mine = [one for one in found if (one["program"], one["loss"]) == (program, loss)]
            seen = sorted((one["first"], one["first"] + one["segments"]) for one in mine)
            if any(first < before for (_, before), (first, _) in pairwise(seen)):
                raise ValueError(f"{program}, {loss}: some seeds are there twice")
            closest = [Fraction(one["closest"]) for one in mine if one["closest"] is not None]
            counts = [sum(one[name] for one in mine) for name in ("segments", "times")]
            others = [sum(one[name] for one in mine) for name in ("bounds", "within 1%")]
            if mine:
                wrongly = sum(len(one["false"]) for one in mine)
                least = brief(min(closest), up=False, digits=3) if closest else "-"
                cells = [*counts, wrongly, *(others if closest else "--"), least]
                rows.append([program, loss, *map(str, cells)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", choices=PROGRAMS)
    parser.add_argument("--loss", choices=LOSSES)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--table", type=Path, nargs="+")
    given = parser.parse_args()
    if given.table:
        lines = (line for path in given.table for line in path.read_text().splitlines())
        sys.stdout.write(table(json.loads(line) for line in lines))
        return 0
    answer = run(given.program, given.loss, range(given.first, given.first + given.count))
    print(json.dumps(answer), flush=True)
    return 1 if answer["false"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
