"""The straight line that answers are compared with: how closely its maximum is enclosed."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.maxima.pieces import PathMaximum
from numerics.maxima.search import path_maximum
from numerics.networks import TwoLayer
from numerics.paths import Path
from numerics.questions import straight


def test_large_networks_are_enclosed_more_coarsely(monkeypatch: pytest.MonkeyPatch) -> None:
    """To a thousandth, or a hundredth where a forward pass is long: what is asked of the search."""
    rng = np.random.default_rng(4)
    start = TwoLayer(W=rng.standard_normal((4, 3)), V=rng.standard_normal((1, 4)))
    end = start.replace({"W": start.W[::-1], "V": start.V[:, ::-1]})  # the same function: the maximum is between
    X = rng.standard_normal((3, 3))
    problem, asked = Problem(Data(X, start(X))), list[Fraction]()

    def searched(path: Path, problem: Problem, *, tolerance: Fraction, limit: int) -> PathMaximum:
        asked.append(tolerance)
        return path_maximum(path, problem, tolerance=tolerance, limit=limit)

    monkeypatch.setattr(straight, "path_maximum", searched)
    for large, gap in ((48, Fraction(1, 1000)), (47, Fraction(1, 100))):
        monkeypatch.setattr(straight, "LARGE", large)
        found = straight.straight_line(start, end, problem)
        assert found.upper is not None
        assert found.attained <= found.upper <= found.attained * (1 + gap)
        assert asked.pop() == gap
