"""T4b: exact paths that go down from any parameter that is no global minimum, at the width of the statement."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.checker.check import check
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.maxima.search import TOLERANCE
from numerics.networks import Parallel, TwoLayer
from numerics.networks.forward import with_ones
from numerics.paths import Kind
from numerics.paths import Path as Polygon
from numerics.paths.certificate import certificate_bytes
from numerics.routes.no_valley import descend
from numerics.studies.separation.claims import maximum_over
from numerics.testing import parallels, two_layers
from theory.statements.finite_sample import in_general_position

ROUNDING = Fraction(1, 10**9)  # paths of floats: what R5's fractions lose, with weights of a few units
Y_SIZE = 8


def test_t4b_goes_down_by_the_readout_or_by_a_free_neuron() -> None:
    """Case 16 with m = 2: the readout is the best one, a neuron is freed exactly and sees the other side."""
    data = Data(np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]]))
    stuck = TwoLayer(W=np.array([[1.0], [2.0]]), V=np.array([[0.5, 0.25]]))
    path = descend(stuck, Problem(data))
    assert [segment.kind for segment in path.segments] == [Kind.READOUT, Kind.SILENT, Kind.READOUT]
    *before, last = exact_losses(path.corners, Problem(data))
    assert before == [2, 2, 2]
    assert last < Fraction(1, 10**20)
    loose = stuck.replace({"V": np.array([[1.0, 1.0]])})
    lower = descend(loose, Problem(data))
    assert [segment.kind for segment in lower.segments] == [Kind.READOUT]
    first, last = exact_losses(lower.corners, Problem(data))
    assert last < first
    alone = TwoLayer(W=np.array([[1.0]]), V=np.array([[1.0]]))
    with pytest.raises(InputError, match="no neuron is free"):
        descend(alone, Problem(data))


APART = ([-2.0], [-0.5], [1.0], [3.0])
TURNED = ([1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [-1.0, 2.0], [-2.0, -1.0])
"""Inputs in general position with a first-layer bias; and without, no two parallel or anti-parallel."""


@given(st.data())
@settings(max_examples=60)
def test_t4b_from_any_parameter_of_enough_width(data: st.DataObject) -> None:
    """m = N or N + 1, inputs in general position: the exact loss falls and nowhere rises, but for rounding.

    Half of the networks are at their best readout (V = 0, copies of one row, which sees zeros): a neuron must be freed.
    """
    bias = data.draw(st.booleans())
    pool = data.draw(st.permutations(APART if bias else TURNED))
    X = np.array(pool[: data.draw(st.integers(2, 4))])
    draw, outputs = data.draw(st.sampled_from([two_layers, parallels])), data.draw(st.integers(1, 2))
    width = len(X) + data.draw(st.integers(0, 1))
    network = data.draw(draw(width=width, inputs=X.shape[1], outputs=outputs, bias=bias, with_c=False))
    Y = np.array(data.draw(st.lists(st.integers(1, 6), min_size=Y_SIZE, max_size=Y_SIZE)), dtype=float)
    Y = Y[: X.shape[0] * outputs].reshape(-1, outputs) / 2
    stuck = data.draw(st.booleans())
    if stuck:
        row = np.append(-X[0], 0.0) if bias else -X[0]  # blind for the first point
        changes = {"W": np.tile(row, (width, 1)), "V": 0.0 * network.V}
        if isinstance(network, Parallel):
            changes["U"] = 0.0 * network.U
        network = network.replace(changes)
        Y[with_ones(X, bias) @ row > 0] = 0.0
    points = Data(X, Y)
    assert in_general_position([list(map(Fraction, x)) for x in X.tolist()], first_layer_bias=bias)
    before = exact_losses([network], Problem(points))[0]
    assume(before > Fraction(1, 1000))
    path = descend(network, Problem(points))
    assert not stuck or [segment.kind for segment in path.segments][-2:] == [Kind.SILENT, Kind.READOUT]
    maximum = maximum_over(path, points, budget=1 << 30)
    assert maximum.upper is not None
    assert maximum.end.top < before
    assert maximum.upper <= before * (1 + ROUNDING)


def test_the_checker_proves_it(tmp_path: Path) -> None:
    """By a freed neuron: depth 0."""
    signs = Data(np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]]))
    stuck = TwoLayer(W=np.array([[1.0], [2.0]]), V=np.array([[0.5, 0.25]]))
    assert proved(tmp_path, descend(stuck, Problem(signs)), signs, "escape")["depth"]["exact"] == "0/1"


def proved(folder: Path, path: Polygon, data: Data, question: str) -> dict[str, Any]:
    """The checker's report, which must be a proof."""
    maximum = maximum_over(path, data, budget=1 << 30)
    claim = maximum.claim(TOLERANCE)
    (folder / "path.cert").write_bytes(certificate_bytes(path, maximum, claim, data, question=question, route=""))
    np.savez(folder / "data.npz", X=data.X, Y=data.Y)
    report = check(folder / "path.cert", str(folder / "data.npz")).to_json()
    assert report["verdict"] == "PROVED", report["claim"]
    return report
