"""Ways out of valleys whose depth is known, by the thousand: no certificate that the checker accepts climbs less.

Members of T8b's family (depth exactly the cheapest neuron's cost) and of T10P's (T10's bound, by theory) are drawn, and
ways out of them: the cheapest one, detours, and what `depth` itself finds. Each that ends lower becomes an escape's
certificate, and what the checker reports as its climb and as the floor is compared with the depth. By hand:

    python tests/support/known_climbs.py --family singles --count 1000 --seed 0
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, islice, pairwise
from pathlib import Path as FilePath

import numpy as np
from numpy.random import Generator, default_rng

ROOT = FilePath(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from numerics.checker.check import check  # noqa: E402
from numerics.data import Data  # noqa: E402
from numerics.losses import exact_losses  # noqa: E402
from numerics.losses.problem import Problem  # noqa: E402
from numerics.maxima.search import TOLERANCE  # noqa: E402
from numerics.networks import Branch, Layer, Network, Parallel, Residual, TwoLayer  # noqa: E402
from numerics.networks.forward import outputs  # noqa: E402
from numerics.networks.stream import Block, Stream  # noqa: E402
from numerics.paths import Path, Segment, kind_of  # noqa: E402
from numerics.paths.certificate import certificate_bytes  # noqa: E402
from numerics.paths.question import Question  # noqa: E402
from numerics.questions.staircase import descend  # noqa: E402
from numerics.studies.separation.claims import maximum_over  # noqa: E402
from numerics.studies.separation.known_depths import parabola  # noqa: E402
from theory.statements import clusters as theory  # noqa: E402

SHELF = "/dev/shm" if FilePath("/dev/shm").is_dir() else None
OWN_SEARCH = 4
"""Every so-manieth way out is the one that `depth` finds."""


@dataclass(frozen=True, eq=False)
class WayOut:
    """A path out of a valley; `depth`: what is known of it, exact or from below, and not from the checker."""

    path: Path
    data: Data
    depth: Fraction


def through(start: Network, *corners: Network) -> Path:
    """The polygon through these."""
    ends = (start, *corners)
    return Path(start, tuple(Segment(kind_of(one, other), one, other) for one, other in pairwise(ends)))


def singles(rng: Generator) -> WayOut:
    """T8b with any heights, copies and scales, the pairs heavy enough for the depth to be that of the cheapest neuron.

    The way empties any neuron, often not the cheapest, others moving besides, and loads the last point.
    """
    m, sign = int(rng.integers(1, 6)), float(rng.choice([1.0, -1.0]))
    heights, copies = rng.choice([0.5, 1.0, 2.0, 3.0], m), rng.integers(1, 4, m)
    costs = [int(number) * Fraction(height) ** 2 for number, height in zip(copies, heights, strict=True)]
    units, points = np.eye(m + 1), [(m, m, -64.0)]
    points += [(i, i, heights[i]) for i in range(m) for _ in range(copies[i])]
    for i in range(m):
        for k in range(i):
            enough = -(-min(costs) // (2 * Fraction(heights[i]) * Fraction(heights[k])))
            points += [(i, k, -float(rng.choice([0.0, 1.0])))] * (int(enough) + int(rng.integers(0, 2)))
    scales = 2.0 ** rng.integers(-1, 2, m + 1)
    X = np.array([units[i] if i == k else units[i] + units[k] for i, k, _ in points]) * scales
    data = Data(X, sign * np.array([[y] for _, _, y in points]))
    start = TwoLayer(W=(2 * units[:m] - np.array([1.0] * m + [0.0])) / scales, V=sign * heights[None, :])
    depth = min(costs) / len(points)
    if rng.integers(OWN_SEARCH) == 0:
        return WayOut(searched(start, data), data, depth)
    j = int(rng.choice([costs.index(min(costs)), int(rng.integers(m))]))
    V, W = start.V.copy(), start.W.copy()
    corners: list[Network] = []
    if rng.integers(2):  # a detour: the others' rows and readouts go somewhere first
        W = W + rng.integers(-1, 2, W.shape) / 8 * (rng.random(W.shape) < 0.3)
        corners.append(start.replace({"W": W}))
        V = V * rng.choice([1.0, 0.75, 1.25], m)
    V[0, j] = 0.0
    corners.append(start.replace({"W": W, "V": V}))
    W = W.copy()
    W[j] = units[m] / scales
    corners.append(start.replace({"W": W, "V": V}))
    V = V.copy()
    V[0, j] = -64.0 * sign
    corners.append(start.replace({"W": W, "V": V}))
    return WayOut(through(start, *corners), data, depth)


def clusters(rng: Generator) -> WayOut:
    """T10P's places, planes of any height, any residual orthogonal to them, in every class with a skip connection; one
    row goes where T10 says that leaving is cheap, and further, other rows moving too; then a refit of V.
    """
    width, kind = int(rng.integers(2, 5)), str(rng.choice(["two-layer", "parallel", "residual", "stream"]))
    base, given = parabola(width, "two-layer")
    W, pattern = base.start.parameters()["W"], np.tile([1.0, -1.0, -1.0, 1.0], width)
    heights, noise = rng.choice([1.0, 2.0, -1.0, 0.5], width), rng.choice([2.0, 4.0, -2.0, 1.0], width)
    own = bool(rng.integers(2))  # T10P's way, which climbs to its bound where row 0's plane is the lowest
    if own:
        heights[0] = 0.5 * np.sign(heights[0])
        noise[1] = abs(noise[1]) * np.sign(heights[0])
    y = np.repeat(heights, 4) * (given.Y[:, 0] - pattern) + np.repeat(noise, 4) * pattern
    data, seen = Data(given.X, y[:, None]), np.column_stack([given.X, np.ones(len(y))])
    start = branched(rng, kind, W, heights)
    exact = [[list(map(Fraction, row)) for row in array.tolist()] for array in (W, seen)]
    targets, planes = list(map(Fraction, y.tolist())), list(map(Fraction, heights.tolist()))
    depth = theory.valley_depth(exact[0], planes, exact[1], targets).price
    if rng.integers(OWN_SEARCH) == 0:
        return WayOut(searched(start, data), data, depth)
    j, moved = int(rng.integers(width)), W.copy()
    inverse = np.linalg.inv(seen[4 * j : 4 * j + 4].T @ seen[4 * j : 4 * j + 4])
    prices = (seen @ W[j]) ** 2 / ((seen @ inverse) * seen).sum(axis=1)
    x = seen[np.argsort(prices)[int(rng.integers(2))]]
    step = inverse @ x * (W[j] @ x) / (x @ inverse @ x)
    moved[j] = np.round((W[j] - float(rng.choice([1.125, 1.25, 1.5, 2.0])) * step) * 256) / 256
    if own:
        moved = base.end.parameters()["W"]
    elif rng.integers(3) == 0:
        moved = moved + rng.integers(-6, 7, moved.shape) / 64
    end = start.replace({"W": moved})
    z = np.maximum(seen @ moved.T, 0)
    V = start.parameters()["V"] + np.linalg.lstsq(z, data.Y - outputs(end, data.X), rcond=None)[0].T
    return WayOut(through(start, end, end.replace({"V": V})), data, depth)


def branched(rng: Generator, kind: str, W: np.ndarray, heights: np.ndarray) -> Network:
    """V so that every neuron alone gives its plane, whatever the branch adds; in RESIDUAL and STREAM it is silent."""
    width, V = len(W), heights[None, :]
    A = rng.integers(-4, 5, (2, width)) / 8
    branch = Branch((Layer(A),))
    if kind == "two-layer":
        return TwoLayer(W=W, V=V, bias=True)
    if kind == "parallel":
        U = rng.integers(-4, 5, (1, 2)) / 8
        return Parallel(W=W, V=V - U @ np.maximum(A, 0), branch=branch, U=U, bias=True)
    U = np.zeros((width, 2))
    if kind == "residual":
        return Residual(W=W, V=V, branch=branch, U=U, bias=True)
    return Stream(W=W, V=V, blocks=(Block(branch, U), Block(branch, U)), bias=True)


def searched(start: Network, data: Data) -> Path:
    """What R9 finds, one step or two."""
    return descend(start, Problem(data), steps=2).path


FAMILIES: dict[str, Callable[[Generator], WayOut]] = {"singles": singles, "clusters": clusters}


@dataclass
class Counts:
    """`certified`: ways out that end lower; `at_depth`: that climb no more than the depth; `below`: that climb less;
    `without_floor`: whose floor is not the depth.
    """

    tried: int = 0
    certified: int = 0
    at_depth: int = 0
    below: int = 0
    without_floor: int = 0

    def add(self, climb: Fraction, floor: Fraction | None, depth: Fraction) -> None:
        """One more that was certified."""
        self.certified += 1
        self.at_depth += climb <= depth
        self.below += climb < depth
        self.without_floor += floor != depth


def said(way: WayOut, folder: FilePath) -> tuple[Fraction, Fraction | None]:
    """Climb and floor by the checker. Raises AssertionError unless it says PROVED."""
    maximum = maximum_over(way.path, way.data, budget=1 << 30)
    content = certificate_bytes(
        way.path, maximum, maximum.claim(TOLERANCE), way.data, question=Question.ESCAPE, route=""
    )
    (folder / "a.cert").write_bytes(content)
    np.savez(folder / "d.npz", X=way.data.X, Y=way.data.Y)
    report = check(folder / "a.cert", str(folder / "d.npz")).to_json()
    assert report["verdict"] == "PROVED", report["refused"]
    floor = report["floor"]
    return Fraction(report["climb"]["exact"]), None if floor is None else Fraction(floor["exact"])


def ways(family: str, seed: int) -> Iterator[WayOut]:
    """As many as one likes."""
    return (FAMILIES[family](default_rng([seed, k])) for k in count())


def tried(family: str, seed: int, wanted: int, folder: FilePath) -> Counts:
    """So many certified, or four times as many drawn."""
    counts = Counts()
    for way in islice(ways(family, seed), 4 * wanted):
        counts.tried += 1
        losses = exact_losses([way.path.start, way.path.end], Problem(way.data))
        if losses[1] < losses[0]:
            counts.add(*said(way, folder), way.depth)
        if counts.certified == wanted:
            break
    return counts


def main() -> int:
    """Count, and 1 if a climb lay below the depth or a floor was not it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--family", choices=list(FAMILIES), required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=SHELF) as folder:
        counts = tried(asked.family, asked.seed, asked.count, FilePath(folder))
    sys.stdout.write(json.dumps({"family": asked.family, "seed": asked.seed, **vars(counts)}) + "\n")
    return int(bool(counts.below or counts.without_floor))


if __name__ == "__main__":
    sys.exit(main())
