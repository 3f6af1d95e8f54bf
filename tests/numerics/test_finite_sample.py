"""T4, T4+ and T4b: exact paths that do not climb, at the widths that the statements name and not below."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles import exact_loss, interpolate

from numerics.certificate import certificate_bytes
from numerics.checker.check import check
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses
from numerics.moves.rank import exact_feature_basis
from numerics.networks import Branch, Layer, Network, Parallel, TwoLayer
from numerics.paths import Kind
from numerics.paths import Path as Polygon
from numerics.questions import depth
from numerics.routes.finite_sample import Corners, connect, descend, rounded, to_reference
from numerics.separation.claims import maximum_over
from numerics.supremum.search import TOLERANCE
from numerics.testing import data_for, parallels, references_for, two_layers
from theory.finite_sample import width_for

HALVES = [Fraction(k, 4) for k in range(5)]
POINTS = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def stays_below(corners: Corners, network: Network, data: Data) -> bool:
    """Whether no loss at the quarters of any segment exceeds those of both ends; in rationals, by the oracle."""

    def loss(weights: dict) -> Fraction:
        return exact_loss(weights, network.kind, int(network.bias), data.X, data.Y)

    level = max(loss(corners.weights[0]), loss(corners.weights[-1]))
    pairs = zip(corners.weights[:-1], corners.weights[1:], strict=True)
    return all(loss(interpolate(before, after, t)) <= level for before, after in pairs for t in HALVES)


@given(st.data())
@settings(max_examples=25)
def test_t4_and_t4_plus_reach_the_reference_without_climbing(data: st.DataObject) -> None:
    """From the least widths on; in fractions all along, and at the end the reference stands in its slots."""
    draw = data.draw(st.sampled_from([two_layers, parallels]))
    network = data.draw(draw(width=st.integers(2, 4), inputs=2, outputs=1))
    points = data.draw(data_for(network, points=st.integers(1, 2)))
    reference = data.draw(references_for(network))
    statement = "T4" if reference.width == 1 else "T4+"
    assume(network.width >= width_for(statement, points=points.size, neurons=reference.width))
    corners = to_reference(network, reference, points)
    assert stays_below(corners, network, points)
    last, slots = corners.weights[-1], list(corners.slots)
    assert (last["W"][slots] == reference.W).all()
    assert (last["V"][:, slots] == reference.V).all()
    off = np.setdiff1d(np.arange(network.width), slots)
    assert not last["V"][:, off].any()
    assert "U" not in last or not last["U"].any()


def full_rank(width: int) -> tuple[Parallel, TwoLayer, Data]:
    """Three points, features of rank 3, a live branch; a reference of two neurons; `width` 4 is T4+'s least."""
    W = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0], [2.0, 1.0]])[:width]
    V = np.array([[1.0, -1.0, 0.5, 2.0, 1.0]])[:, :width]
    A = np.array([[1.0, -1.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0, -1.0]])[:, :width]
    network = Parallel(W=W, V=V, branch=Branch((Layer(A),)), U=np.array([[1.0, -0.5]]))
    reference = TwoLayer(W=np.array([[-1.0, 2.0], [3.0, -1.0]]), V=np.array([[1.0, 2.0]]))
    return network, reference, Data(POINTS, np.array([[4.0], [1.0], [5.0]]))


def test_t4_plus_exchanges_a_basis_feature_for_a_loaded_one() -> None:
    """m = N + l - 1 = 4: R5 alone frees one slot; seven corners, all exact, end on two slots; one less is refused."""
    network, reference, data = full_rank(4)
    assert len(exact_feature_basis(network, data).rest) == 1
    corners = to_reference(network, reference, data)
    assert len(corners.weights) == 7
    assert stays_below(corners, network, data)
    narrow, reference, data = full_rank(3)
    with pytest.raises(InputError, match=r"T4\+ m >= N \+ l - 1"):
        to_reference(narrow, reference, data)


@pytest.mark.parametrize("width", [4, 5])
def test_two_parameters_are_connected_below_their_level_up_to_rounding(width: int) -> None:
    """T4+ and T4 in floats, certified; the rise above the higher end is rounding alone."""
    start, reference, data = full_rank(width)
    end = start.replace({"V": -start.V, "W": start.W[::-1].copy()})
    path = connect(start, end, reference, data).path
    assert path.start.identical(start)
    assert path.end.identical(end)
    maximum = maximum_over(path, data, budget=1 << 30)
    assert maximum.upper is not None
    assert maximum.upper - max(maximum.start, maximum.end) <= Fraction(1, 10**9) * maximum.upper
    straight = exact_losses([start.replace({"V": 0 * start.V, "W": (start.W + end.W) / 2})], data)
    assert straight[0] > 0


def test_t4b_goes_down_by_the_readout_or_by_a_free_neuron() -> None:
    """Case 16 with m = 2: the readout is the best one, a neuron is freed exactly and sees the other side."""
    data = Data(np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]]))
    stuck = TwoLayer(W=np.array([[1.0], [2.0]]), V=np.array([[0.5, 0.25]]))
    path = descend(stuck, data)
    assert [segment.kind for segment in path.segments] == [Kind.READOUT, Kind.SILENT, Kind.READOUT]
    *before, last = exact_losses(path.corners, data)
    assert before == [2, 2, 2]
    assert last < Fraction(1, 10**20)
    loose = stuck.replace({"V": np.array([[1.0, 1.0]])})
    lower = descend(loose, data)
    assert [segment.kind for segment in lower.segments] == [Kind.READOUT]
    first, last = exact_losses(lower.corners, data)
    assert last < first
    alone = TwoLayer(W=np.array([[1.0]]), V=np.array([[1.0]]))
    with pytest.raises(InputError, match="no neuron is free"):
        descend(alone, data)


@given(st.data())
@settings(max_examples=20)
def test_t4b_from_any_parameter_of_enough_width(data: st.DataObject) -> None:
    """m >= N, inputs 1 and -1 are anti-parallel, so with a first-layer bias: the exact loss falls and nowhere rises."""
    network = data.draw(parallels(width=3, inputs=1, outputs=1, bias=True, with_c=False))
    points = Data(np.array([[1.0], [-1.0], [3.0]]), np.array([[data.draw(st.integers(-3, 3)) / 2] for _ in range(3)]))
    before = exact_losses([network], points)[0]
    assume(before > Fraction(1, 1000))
    path = descend(network, points)
    maximum = maximum_over(path, points, budget=1 << 30)
    assert maximum.upper is not None
    assert maximum.end < before
    assert maximum.upper <= before * (1 + Fraction(1, 10**6))


def test_the_checker_proves_both_kinds_of_path(tmp_path: Path) -> None:
    """T4+ between two parameters: the barrier is rounding; T4b by a freed neuron: depth 0."""
    start, reference, data = full_rank(4)
    end = start.replace({"V": -start.V})
    barrier = proved(tmp_path, connect(start, end, reference, data).path, data, "connect")["barrier"]["upper"]
    assert Fraction(barrier) <= Fraction(1, 10**6)
    signs = Data(np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]]))
    stuck = TwoLayer(W=np.array([[1.0], [2.0]]), V=np.array([[0.5, 0.25]]))
    assert proved(tmp_path, descend(stuck, signs), signs, "escape")["depth"]["exact"] == "0/1"


def proved(folder: Path, path: Polygon, data: Data, question: str) -> dict[str, Any]:
    """The checker's report, which must be a proof."""
    maximum = maximum_over(path, data, budget=1 << 30)
    claim = maximum.claim(TOLERANCE)
    (folder / "path.cert").write_bytes(certificate_bytes(path, maximum, claim, data, question=question, route=""))
    np.savez(folder / "data.npz", X=data.X, Y=data.Y)
    report = check(folder / "path.cert", str(folder / "data.npz")).to_json()
    assert report["verdict"] == "PROVED", report["claim"]
    return report


def test_rounding_keeps_the_start_and_the_kinds() -> None:
    """The path of floats begins at the network itself; all segments but the first are known by form."""
    network, reference, data = full_rank(4)
    path = rounded(network, to_reference(network, reference, data))
    assert path.start is network
    assert [segment.kind for segment in path.segments[1:]] == [
        Kind.READOUT,
        Kind.SILENT,
        Kind.READOUT,
        Kind.SILENT,
        Kind.READOUT,
    ]
    assert depth(network, reference, data, route="rank").path.segments[0].kind is not Kind.SILENT
