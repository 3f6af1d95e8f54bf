"""Polygonal paths of all classes: what `certify` claims holds at random times, and both checkers agree."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checker.check import check
from numerics.losses.problem import Problem
from numerics.maxima.pieces import Stop
from numerics.paths.certificate import read_path
from numerics.questions.enclose import certify
from numerics.testing import data_for, parallels, partners, plains, residuals, streams, times, two_layers
from support import oracles, second_checker

PER_ROW = max(3, settings.default.max_examples // 10)  # of a profile's examples: each is certified and checked twice
DRAWN = {
    "two-layer": two_layers,
    "parallel": parallels,
    "residual": residuals,
    "stream": streams,
    "plain": plains,
}
TOLERANCE = Fraction(1, 100)
LIMIT = 60  # pieces: some paths are then certified to less than the tolerance, which is a claim all the same


@pytest.mark.parametrize("kind", DRAWN)
@settings(max_examples=PER_ROW)
@given(st.data())
def test_certified_polygons_hold_and_are_accepted(kind: str, data: st.DataObject) -> None:
    """Exact losses at random times never exceed the claim; the checker proves it, the second one never denies it."""
    start = data.draw(DRAWN[kind]())
    corners = [start, *(data.draw(partners(start)) for _ in range(data.draw(st.integers(1, 2))))]
    points = data.draw(data_for(start, points=st.integers(1, 3)))
    found = certify(corners, Problem(points), tolerance=TOLERANCE, limit=LIMIT)
    claimed, attained = found.claims[-1], found.maximum.attained
    assert attained <= claimed
    assert found.maximum.stop is not Stop.TOLERANCE or claimed <= attained * (1 + 2 * TOLERANCE)
    segment, t = found.maximum.at
    assert loss(found, segment, t, points) == attained
    for _ in range(3):
        time = data.draw(times()) * len(found.path.segments)
        k = min(int(time), len(found.path.segments) - 1)
        assert loss(found, k, time - k, points) <= claimed
    content = found.certificate(None)
    if data.draw(st.integers(0, 5)) == 0:  # slow: plain intervals, and exact maxima are beyond them
        second = second_checker.check(content, points.X, points.Y)
        assert second.accepted or second.reason.startswith(second_checker.CANNOT_TELL), second.reason
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "any.cert").write_bytes(content)
        np.savez(Path(folder) / "any.npz", X=points.X, Y=points.Y)
        report = check(Path(folder) / "any.cert", str(Path(folder) / "any.npz"))
        stored = read_path(Path(folder) / "any.cert")
    assert report.verdict == "PROVED", report.refused
    assert Fraction(report.to_json()["maximum"]["upper"]) >= claimed
    assert all(a.identical(b) for a, b in zip(stored.corners, found.path.corners, strict=True))


def loss(found, segment: int, t: Fraction, points) -> Fraction:
    """The oracle's loss at a time of the path."""
    ends = found.path.segments[segment]
    mixed = oracles.interpolate(ends.start.parameters(), ends.end.parameters(), t)
    return oracles.exact_loss(mixed, ends.start.kind, int(ends.start.bias), points.X, points.Y)
