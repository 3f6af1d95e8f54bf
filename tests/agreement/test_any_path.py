"""Paths that no route would build: random silent and readout segments, certified and checked all the same."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.arithmetic.rationals import text
from numerics.checker.check import check
from numerics.losses.problem import Problem
from numerics.maxima.corners import corner_maximum
from numerics.paths import locate
from numerics.paths.certificate import certificate_bytes, read_path
from numerics.testing import data_for, paths, times
from support import second_checker
from support.oracles import exact_loss, interpolate


@given(st.data())
def test_random_paths_are_certified_and_accepted(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Both checkers accept, agree on the maximum, and the loss at random times never exceeds it."""
    path = data.draw(paths())
    points = data.draw(data_for(path.start))
    maximum = corner_maximum(path, Problem(points))
    content = certificate_bytes(path, maximum, maximum.upper, points, question="connect", route="any")
    second = second_checker.check(content, points.X, points.Y)
    assert second.accepted, second.reason
    assert second.maximum == maximum.maximum
    folder = Path(tmp_path_factory.getbasetemp())
    (folder / "any.cert").write_bytes(content)
    np.savez(folder / "any.npz", X=points.X, Y=points.Y)
    report = check(folder / "any.cert", str(folder / "any.npz"))
    assert report.verdict == "PROVED", report.refused
    assert report.to_json()["maximum"]["exact"] == text(maximum.maximum)
    stored = read_path(folder / "any.cert")
    assert all(a.identical(b) for a, b in zip(stored.corners, path.corners, strict=True))
    for _ in range(3):
        k, t = locate(data.draw(times()), len(path.segments))
        segment = path.segments[k]
        weights = interpolate(segment.start.parameters(), segment.end.parameters(), Fraction(t))
        loss = exact_loss(weights, path.start.kind, int(path.start.bias), points.X, points.Y)
        assert loss <= maximum.maximum
