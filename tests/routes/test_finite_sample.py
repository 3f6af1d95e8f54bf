"""T4, T4+ and T4b: exact paths that do not climb, at the widths that the statements name and not below."""

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
from numerics.moves.rank import exact_feature_basis
from numerics.networks import Branch, Layer, Network, Parallel, TwoLayer
from numerics.networks.forward import with_ones
from numerics.paths import Kind
from numerics.paths import Path as Polygon
from numerics.paths.certificate import certificate_bytes
from numerics.questions.search import depth
from numerics.routes.finite_sample import Corners, connect, descend, rounded, to_reference
from numerics.studies.separation.claims import maximum_over
from numerics.testing import data_for, parallels, partners, references_for, two_layers
from support.oracles import exact_loss, interpolate
from theory.statements.finite_sample import in_general_position

HALVES = [Fraction(k, 4) for k in range(5)]
ROUNDING = Fraction(1, 10**9)  # paths of floats: what R5's and T4+'s fractions lose, with weights of a few units
Y_SIZE = 8
POINTS = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def least(points: int, neurons: int) -> int:
    """The width from which on this construction leads to g* itself; T4 says more, for another path."""
    return points + max(1, neurons - 1)


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
    assume(network.width >= least(points.size, reference.width))
    corners = to_reference(network, reference, Problem(points))
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
    assert len(exact_feature_basis(network, Problem(data)).rest) == 1
    corners = to_reference(network, reference, Problem(data))
    assert len(corners.weights) == 7
    assert stays_below(corners, network, data)
    narrow, reference, data = full_rank(3)
    with pytest.raises(InputError, match=r"m >= N \+ l - 1 and l >= 2"):
        to_reference(narrow, reference, Problem(data))


@pytest.mark.parametrize("width", [4, 5])
def test_two_parameters_are_connected_below_their_level_up_to_rounding(width: int) -> None:
    """T4+ and T4 in floats, certified; the rise above the higher end is rounding alone."""
    start, reference, data = full_rank(width)
    end = start.replace({"V": -start.V, "W": start.W[::-1].copy()})
    path = connect(start, end, reference, Problem(data)).path
    assert path.start.identical(start)
    assert path.end.identical(end)
    maximum = maximum_over(path, data, budget=1 << 30)
    assert maximum.upper is not None
    assert maximum.upper - max(maximum.start.top, maximum.end.top) <= Fraction(1, 10**9) * maximum.upper
    straight = exact_losses([start.replace({"V": 0 * start.V, "W": (start.W + end.W) / 2})], Problem(data))
    assert straight[0] > 0


@given(st.data())
@settings(max_examples=25)
def test_any_two_parameters_are_connected_at_the_least_width(data: st.DataObject) -> None:
    """m = N + 1, or N + l - 1 for l >= 2; l = m too: nothing exceeds the ends' and g*'s losses, but for rounding."""
    N, few = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    width = least(N, few)
    draw, n = data.draw(st.sampled_from([two_layers, parallels])), data.draw(st.integers(1, 2))
    start = data.draw(draw(width=width, inputs=n, outputs=1))
    end = data.draw(partners(start))
    points = data.draw(data_for(start, points=st.just(N)))
    reference = data.draw(two_layers(width=few, inputs=n, outputs=1, bias=start.bias, with_c=False))
    path = connect(start, end, reference, Problem(points)).certifiable()
    assert path.start.identical(start)
    assert path.end.identical(end)
    maximum = maximum_over(path, points, budget=1 << 30)
    goal = exact_losses([reference], Problem(points))[0]
    assert maximum.upper is not None
    assert maximum.upper <= max(maximum.start.top, maximum.end.top, goal) * (1 + ROUNDING) + ROUNDING**2


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


def test_the_checker_proves_both_kinds_of_path(tmp_path: Path) -> None:
    """T4+ between two parameters: the barrier is rounding; T4b by a freed neuron: depth 0."""
    start, reference, data = full_rank(4)
    end = start.replace({"V": -start.V})
    barrier = proved(tmp_path, connect(start, end, reference, Problem(data)).path, data, "connect")["barrier"]["upper"]
    assert Fraction(barrier) <= Fraction(1, 10**6)
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


def test_rounding_keeps_the_start_and_the_kinds() -> None:
    """The path of floats begins at the network itself; all segments but the first are known by form."""
    network, reference, data = full_rank(4)
    path = rounded(network, to_reference(network, reference, Problem(data)))
    assert path.start is network
    assert [segment.kind for segment in path.segments[1:]] == [
        Kind.READOUT,
        Kind.SILENT,
        Kind.READOUT,
        Kind.SILENT,
        Kind.READOUT,
    ]
    assert depth(network, reference, Problem(data), route="rank").path.segments[0].kind is not Kind.SILENT
