"""Where an identity of the proof holds between floats, a hidden segment certifies it: a barrier of exactly 0.

No rational corner is needed for that, and no kind of its own (exact segments have both). Networks repeat neurons,
scaled by powers of two, so that L4's and T2's coefficients are floats and no product is rounded.
"""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path as FilePath

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.checker.check import check
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.moves.merge import merge
from numerics.moves.merging import Merging
from numerics.moves.reassign_stepwise import reassign_stepwise
from numerics.moves.write_to_basis import write_to_basis
from numerics.networks import Network, TwoLayer
from numerics.networks.forward import own_name
from numerics.networks.readers import has_stream
from numerics.paths import Kind, Path
from numerics.questions.enclose import certify
from numerics.testing import data_for, parallels, residuals, streams, two_layers
from support import second_checker

PER_CLASS = settings.default.max_examples // 3  # of a profile's examples: each is checked three times

DRAWN = {"two-layer": two_layers, "parallel": parallels, "residual": residuals, "stream": streams}
TWICE = 2.0


def doubled(network: Network) -> Network:
    """Its last neuron has twice the row of the one before; columns that read a stream are one vector by 1, 2, 1, ...

    So V and every A have rank one, with coefficients 1/2, 1 or 2.
    """
    weights = {name: array.copy() for name, array in network.parameters().items()}
    weights["W"][-1] = TWICE * weights["W"][-2]
    if has_stream(network.kind):
        pattern = np.where(np.arange(network.width) % 2 == 0, 1.0, TWICE)
        for name in weights:
            if own_name(name) in ("V", "A"):
                weights[name] = np.ones((len(weights[name]), 1)) * pattern
    return network.replace(weights)


def freed(network: Network) -> Path:
    """The last neuron that may leave does: fused (L4), or the block first (T2, T3) and then L4 outside the basis."""
    last = network.width - 1
    into = Merging(np.array([last]), np.array([last - 1]), np.array([TWICE]))
    if not has_stream(network.kind):
        return merge(network, into)
    path, outside = write_to_basis(network, np.arange(last - 1))
    assume({last - 1, last} <= set(outside.tolist()))  # not if the blocks write to these two alone
    return path.followed_by(reassign_stepwise(path.end, into.leaving, *into.coefficients()))


@pytest.mark.parametrize("kind", DRAWN)
@settings(max_examples=PER_CLASS)
@given(data=st.data())
def test_the_barrier_is_exactly_zero(kind: str, data: st.DataObject) -> None:
    """No segment is general; the maximum is the loss of the start, as a fraction, for finder and both checkers."""
    network = doubled(data.draw(DRAWN[kind](width=st.integers(4, 5))))
    points = data.draw(data_for(network, points=st.integers(1, 3)))
    path = freed(network)
    if not path.segments:
        return
    assert {segment.kind for segment in path.segments} <= {Kind.SILENT, Kind.READOUT, Kind.HIDDEN}
    found = certify(list(path.corners), Problem(points))
    assert set(found.maximum.losses) == {found.maximum.attained}
    assert found.maximum.upper == found.maximum.attained
    accepted(found.certificate(found.maximum.attained), points)


def accepted(certificate: bytes, points: Data) -> None:
    """By both checkers, with a barrier of exactly 0."""
    with tempfile.TemporaryDirectory() as folder:
        np.savez(FilePath(folder) / "data.npz", X=points.X, Y=points.Y)
        (FilePath(folder) / "path.cert").write_bytes(certificate)
        report = check(FilePath(folder) / "path.cert", str(FilePath(folder) / "data.npz"))
    assert report.verdict == "PROVED", report.claim
    assert report.to_json()["barrier"]["exact"] == "0/1"
    verdict = second_checker.check(certificate, points.X, points.Y)
    assert (verdict.reason, verdict.maximum) == ("accepted", verdict.start)


def test_a_coefficient_that_is_no_float_is_not_hidden_by_the_label() -> None:
    """1/3 is rounded, f moves by about 2^-54 along the stored path, and the certified maximum says so."""
    network = TwoLayer(W=np.array([[3.0], [1.0]]), V=np.array([[1.0, 1.0]]))
    points = Data(np.ones((1, 1)), np.zeros((1, 1)))
    third = Merging(np.array([1]), np.array([0]), np.array([1 / 3]))
    found = certify(list(merge(network, third).corners), Problem(points))
    start, end = found.maximum.losses
    assert (start, end) == (16, (3 * Fraction(1.0 + 1 / 3)) ** 2)
    assert Fraction(0) < abs(end - start) < Fraction(1, 10**14)
    assert found.maximum.attained == max(start, end)
