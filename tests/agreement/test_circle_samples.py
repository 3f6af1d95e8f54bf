"""T8c on finitely many points, the corners of a polygon: what a way out must climb, and what a certified one does."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any

import flint
import numpy as np
import pytest

from numerics.checker.check import check
from numerics.data import Data
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.maxima.search import TOLERANCE
from numerics.networks import Network, TwoLayer
from numerics.paths import Path, Segment, kind_of
from numerics.paths.certificate import certificate_bytes
from numerics.studies.separation.claims import maximum_over
from theory.exact import lower, upper
from theory.statements import circle_samples, sharp_valleys

OFF = Fraction(1, 2**49)
"""How far the points, in floats, may be from the corners."""
TARGET = -16.0


def corners(count: int) -> np.ndarray:
    angles = 2 * np.pi * np.arange(count) / count
    return np.sqrt(2.0) * np.column_stack([np.cos(angles), np.sin(angles)])


def sample(count: int) -> Data:
    """Target 1 at the corners, and x' = e_3, all of the same weight."""
    X = np.vstack([np.column_stack([corners(count), np.zeros(count)]), [[0.0, 0.0, 1.0]]])
    return Data(X, np.append(np.ones(count), TARGET)[:, None])


def kernel(cosine: float) -> float:
    return float((np.sqrt(1 - cosine**2) + (np.pi - np.arccos(cosine)) * cosine) / (2 * np.pi))


def rows(width: int, share: float) -> np.ndarray:
    """T8c's step 2 with V = 1: one row of so small a share, the others balanced around it, at the best scale."""
    r = share / (1 - share)
    if width == 2:
        units, shares = np.array([[0.0, 1.0], [0.0, -1.0]]), np.array([share, 1 - share])
    else:
        side = np.sqrt(1 - r * r)
        units = np.array([[0.0, 1.0], [side, -r], [-side, -r]])
        shares = np.array([share, (1 - share) / 2, (1 - share) / 2])
    gram = np.clip(units @ units.T, -1, 1)
    energy = sum(shares[i] * shares[k] * kernel(gram[i, k]) for i in range(width) for k in range(width))
    scale = np.sqrt(2.0) / np.pi / energy
    return np.column_stack([scale * shares[:, None] * units, np.zeros(width)])


def way_out(width: int, pieces: int = 8) -> Path:
    """From the simplex: one row shrinks to 0, the others become the simplex of one less; it takes x', and is read."""
    parts = [TwoLayer(W=rows(width, (1 - k / pieces) / width), V=np.ones((1, width))) for k in range(pieces + 1)]
    ends: list[Network] = list(parts)
    V = np.ones((1, width))
    V[0, 0] = 0.0
    W = parts[-1].W.copy()
    W[0] = [0.0, 0.0, 1.0]
    ends += [parts[-1].replace({"V": V}), parts[-1].replace({"V": V, "W": W})]
    V = V.copy()
    V[0, 0] = TARGET
    ends.append(ends[-1].replace({"V": V}))
    return Path(ends[0], tuple(Segment(kind_of(one, other), one, other) for one, other in pairwise(ends)))


def certified(path: Path, data: Data, folder: FilePath) -> dict[str, Any]:
    maximum = maximum_over(path, data, budget=1 << 30)
    content = certificate_bytes(path, maximum, maximum.claim(TOLERANCE), data, question="escape", route="")
    (folder / "a.cert").write_bytes(content)
    np.savez(folder / "d.npz", X=data.X, Y=data.Y)
    return check(folder / "a.cert", str(folder / "d.npz")).to_json()


@pytest.mark.parametrize("width", [2, 3])
def test_the_depth_on_a_polygon_is_bracketed(width: int, tmp_path: FilePath) -> None:
    """48 corners. A loss below `q b^2` takes some V_j < 0, so that on the way one V_j is 0 and the others are >= 0.
    All the circle's depth, T8c's own, is near.
    """
    count = 48
    path, data = way_out(width), sample(count)
    share, last = Fraction(count, count + 1), Fraction(TARGET) ** 2 / (count + 1)
    report = certified(path, data, tmp_path)
    assert report["verdict"] == "PROVED", report["refused"]
    start, end = exact_losses([path.start, path.end], Problem(data))
    assert end < last  # no network with V >= 0 has this
    least = share * circle_samples.least_loss(width - 1, count, OFF) + last - start
    most = Fraction(report["climb"]["upper"])
    depth = sharp_valleys.simplex_depth(width=width, dimension=2, target=1, weight=Fraction(1, count + 1))
    assert Fraction(9, 10) * most < least <= most
    assert least < lower(depth)
    assert abs(upper(depth) - most) < most / 50


def test_the_points_are_the_corners_but_for_rounding() -> None:
    """By balls."""
    with flint.ctx.workprec(128):
        for k, point in enumerate(corners(48).tolist()):
            angle = flint.arb(k) / 24
            exact = [flint.arb(2).sqrt() * value for value in (flint.arb.cos_pi(angle), flint.arb.sin_pi(angle))]
            square = sum(((flint.arb(x) - y) ** 2 for x, y in zip(point, exact, strict=True)), flint.arb(0))
            assert square < flint.arb(OFF.denominator) ** -2


@pytest.mark.parametrize("count", [5, 6, 12, 31])
def test_means_at_the_corners_are_integrals_up_to_the_errors(count: int) -> None:
    """Any rows. For even N the errors come within a factor 4 of what is said of features, 8 of products."""
    points, rng = corners(count), np.random.default_rng(count)
    angles = rng.uniform(0, 2 * np.pi, (400, 2))
    first, second = (np.maximum(points @ np.stack([np.cos(one), np.sin(one)]), 0) for one in angles.T)
    means = np.abs(first.mean(axis=0) - np.sqrt(2) / np.pi)
    cosines = np.cos(angles[:, 0] - angles[:, 1])
    products = np.abs((first * second).mean(axis=0) - [kernel(one) for one in cosines])
    for errors, said, near in (
        (means, circle_samples.feature_error(count), 4),
        (products, circle_samples.product_error(count), 8),
    ):
        assert errors.max() <= float(said)
        assert count % 2 or near * errors.max() > float(said)


@pytest.mark.parametrize("count", [8, 12])
def test_no_two_neurons_fit_better(count: int) -> None:
    """Least losses of one and two neurons, V >= 0, on a grid of directions: not below what is said, and near it."""
    points = corners(count)
    angles = 2 * np.pi * np.arange(96) / 96
    z = np.maximum(points @ np.stack([np.cos(angles), np.sin(angles)]), 0)
    gram, means = z.T @ z / count, z.mean(axis=0)
    assert float(circle_samples.least_loss(1, count)) <= (1 - means**2 / gram.diagonal()).min()
    best = 1.0
    for i in range(96):
        for k in range(i):
            G, c = gram[np.ix_([i, k], [i, k])], means[[i, k]]
            V = np.linalg.lstsq(G, c, rcond=None)[0]
            if V.min() >= 0:
                best = min(best, 1 - float(c @ V))
    assert float(circle_samples.least_loss(2, count)) <= best
    assert abs(best - 0.18943) < 0.05  # 1 - c_0^2/e_2, the whole circle's


def test_what_is_refused() -> None:
    """Too many neurons for D = 2, too few corners to say anything, no polygon; no neuron misses everything."""
    assert circle_samples.least_loss(0, 3) == 1
    for neurons, count, words in ((4, 48, "0 to 3 neurons"), (2, 3, "take more"), (1, 2, "at least 3 corners")):
        with pytest.raises(ValueError, match=words):
            circle_samples.least_loss(neurons, count)
