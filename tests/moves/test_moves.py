"""L7 and L9 as constructions: what the moves change, what they leave, and what they refuse."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.data import Data
from numerics.moves.load import load, load_branch
from numerics.moves.permute import permute
from numerics.moves.readout import readout_of, two_layer_readout
from numerics.networks import Block, Branch, Layer, Network, Parallel, Stream, TwoLayer
from numerics.networks.forward import own_name
from numerics.paths import Kind, Path, Segment
from numerics.testing import data_for, matrices, networks, parallels, partners, plains, residuals, streams, times
from support.oracles import interpolate, outputs


def exact_outputs(network: Network, points: Data) -> list[list[Fraction]]:
    return outputs(network.parameters(), network.kind, int(network.bias), points.X)


def outputs_on(segment: Segment, t: Fraction, points: Data) -> list[list[Fraction]]:
    weights = interpolate(segment.start.parameters(), segment.end.parameters(), t)
    return outputs(weights, segment.start.kind, int(segment.start.bias), points.X)


@given(st.data())
def test_loading_unread_slots_changes_no_output(data: st.DataObject) -> None:
    """L9 in every class, at random times, exactly; with a live branch the slots' columns of every A are zero too."""
    network = data.draw(networks())
    slots = sorted(data.draw(st.sets(st.integers(0, network.width - 1), min_size=1)))
    readers = {name: a.copy() for name, a in network.parameters().items() if own_name(name) in ("V", "A")}
    for array in readers.values():
        array[:, slots] = 0.0
    network = network.replace(readers)
    points = data.draw(data_for(network))
    segment = load(network, slots, data.draw(matrices(len(slots), network.W.shape[1])))
    assert segment.kind is Kind.SILENT
    assert outputs_on(segment, data.draw(times()), points) == exact_outputs(network, points)


@given(st.data())
def test_a_dead_branch_moves_freely(data: st.DataObject) -> None:
    """With every U = 0 its inner weights become another network's and no output changes; otherwise it is refused."""
    network = data.draw(st.one_of(parallels(), residuals(), streams(), plains()))
    other = data.draw(partners(network))
    points = data.draw(data_for(network))
    returns = {name: array for name, array in network.parameters().items() if own_name(name) == "U"}
    dead = network.replace({name: np.zeros_like(array) for name, array in returns.items()})
    segment = load_branch(dead, other)
    assert outputs_on(segment, data.draw(times()), points) == exact_outputs(dead, points)
    last = max(returns)
    live = dead.replace({last: np.ones_like(returns[last])})
    with pytest.raises(ValueError, match="live"):
        load_branch(live, other)


def test_a_slot_that_is_read_is_not_loaded() -> None:
    """By V; or by A, while the branch is live."""
    network = TwoLayer(W=np.ones((2, 1)), V=np.array([[1.0, 0.0]]))
    load(network, [1], np.zeros((1, 1)))
    with pytest.raises(ValueError, match="read by V"):
        load(network, [0], np.zeros((1, 1)))
    deep = Parallel(
        W=np.ones((2, 1)), V=np.zeros((1, 2)), branch=Branch((Layer(np.array([[1.0, 0.0]])),)), U=np.ones((1, 1))
    )
    load(deep, [1], np.zeros((1, 1)))
    stream = Stream(W=deep.W, V=deep.V, blocks=(Block(deep.branch, np.ones((2, 1))),))
    load(stream, [1], np.zeros((1, 1)))
    for live, name in ((deep, "A"), (stream, "blocks.0.A")):
        with pytest.raises(ValueError, match=f"read by {name}"):
            load(live, [0], np.zeros((1, 1)))


@given(st.data())
def test_outputs_are_affine_along_a_readout_segment(data: st.DataObject) -> None:
    """L7 in every class, exactly."""
    network = data.draw(networks())
    segment = readout_of(network, data.draw(partners(network)))
    points, t = data.draw(data_for(network)), data.draw(times())
    first, last = exact_outputs(segment.start, points), exact_outputs(segment.end, points)
    middle = [[(1 - t) * a + t * b for a, b in zip(p, q, strict=True)] for p, q in zip(first, last, strict=True)]
    assert outputs_on(segment, t, points) == middle


def test_a_class_without_output_bias_gets_none() -> None:
    """A readout with `c` does not fit it."""
    network = TwoLayer(W=np.ones((1, 1)), V=np.ones((1, 1)))
    two_layer_readout(network, np.zeros((1, 1)), np.zeros(1))
    with pytest.raises(ValueError, match="output bias"):
        two_layer_readout(network, np.zeros((1, 1)), np.ones(1))


@st.composite
def permutation_cases(draw: st.DrawFn) -> tuple[Parallel, dict[int, int]]:
    network = draw(parallels(width=st.integers(2, 8)))
    used = draw(st.lists(st.integers(0, network.width - 1), unique=True, max_size=network.width - 1))
    V = np.zeros_like(network.V)
    for slot in used:
        V[:, slot] = draw(st.sampled_from((1.0, -2.0)))
    homes = draw(st.permutations(range(network.width)))[: len(used)]
    silent = network.replace({"V": V, "U": np.zeros_like(network.U)})
    return silent, dict(zip(used, homes, strict=True))


@given(st.data())
def test_neurons_change_slots_without_any_output_changing(data: st.DataObject) -> None:
    """L9: every corner and every time between; at the end each neuron sits at home, with its row and readout."""
    network, homes = data.draw(permutation_cases())
    points = data.draw(data_for(network))
    path = permute(network, homes)
    expected = exact_outputs(network, points)
    for segment in path.segments:
        assert outputs_on(segment, data.draw(times()), points) == expected
    for slot, home in homes.items():
        assert (path.end.W[home] == network.W[slot]).all()
        assert (path.end.V[:, home] == network.V[:, slot]).all()
    vacant = sorted(set(range(network.width)) - set(homes.values()))
    assert not path.end.V[:, vacant].any()


def test_two_neurons_do_not_swap_without_a_free_slot() -> None:
    """L9: without one there can be a barrier, so the move is refused; with one it is made."""
    full = TwoLayer(W=np.array([[1.0], [2.0]]), V=np.array([[1.0, 3.0]]))
    with pytest.raises(ValueError, match="free"):
        permute(full, {0: 1, 1: 0})
    roomy = TwoLayer(W=np.array([[1.0], [2.0], [5.0]]), V=np.array([[1.0, 3.0, 0.0]]))
    end = permute(roomy, {0: 1, 1: 0}).end
    assert end.W[:2].tolist() == [[2.0], [1.0]]
    assert end.V.tolist() == [[3.0, 1.0, 0.0]]


def test_homes_that_are_no_permutation_are_refused() -> None:
    """Two neurons for one slot; a neuron in use without a home."""
    network = TwoLayer(W=np.ones((3, 1)), V=np.array([[1.0, 1.0, 0.0]]))
    for homes in ({0: 2, 1: 2}, {0: 2}):
        with pytest.raises(ValueError, match="one-to-one"):
            permute(network, homes)


def test_labels_that_cannot_hold_are_refused() -> None:
    """A readout segment that moves W, a silent one that moves V, a path whose corners do not meet."""
    first = TwoLayer(W=np.ones((1, 1)), V=np.ones((1, 1)))
    second = first.replace({"W": np.zeros((1, 1))})
    third = first.replace({"V": np.zeros((1, 1))})
    with pytest.raises(ValueError, match="no readout"):
        Segment(Kind.READOUT, first, second)
    with pytest.raises(ValueError, match="moves the readout"):
        Segment(Kind.SILENT, first, third)
    with pytest.raises(ValueError, match="does not start"):
        Path(second, (Segment(Kind.READOUT, first, third),))


@given(st.data())
def test_a_path_and_its_reverse_have_the_same_corners(data: st.DataObject) -> None:
    """In reverse order; twice reversed it is itself."""
    network, homes = data.draw(permutation_cases())
    path = permute(network, homes)
    back = path.reversed()
    assert all(a.identical(b) for a, b in zip(path.corners, reversed(back.corners), strict=True))
    assert back.end.identical(path.start)
