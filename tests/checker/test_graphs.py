"""Graphs in the checker: exact values and enclosures against plain loops in fractions, on random graphs."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import prod

import numpy as np
import pytest
from flint import fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from numerics.checker import graph as graphs
from numerics.checker import in_limbs
from numerics.checker.budget import Meter
from numerics.checker.check import check
from numerics.checker.effort import Budget
from numerics.checker.enclosure import upper_bound
from numerics.checker.errors import Unusable
from numerics.checker.exact_pass import GraphPass, Over
from numerics.checker.foreseen import Foreseen
from numerics.checker.graph.evaluate import table
from numerics.checker.grid import LONG, MACHINE, SHORT, WIDE
from numerics.checker.inputs import Data
from numerics.checker.limbs import Limbs
from numerics.checker.lines import piece_of
from numerics.checker.single import value_between
from support.certificates import entries_of, npy, pack
from support.general_segments import TIMES
from support.graph_certificates import GraphForge, bent, bounded, exchanged_channels, node, small_cnn, vocabulary
from support.graph_segments import (
    contained,
    exact_outputs,
    flint,
    found_outputs,
    fraction,
    prepared,
    segments,
    space_of,
)

BUDGET = 1 << 28
GRIDS = pytest.mark.parametrize("grid", [SHORT, MACHINE, LONG, WIDE], ids=["short", "machine", "long", "wide"])


@settings(max_examples=30)
@given(segments(), TIMES | st.sampled_from([Fraction(1, 3), Fraction(5, 7)]))
@example(small_cnn(), Fraction(2, 3))
def test_outputs_at_any_time_are_exact(forge, t):
    """Every node of the vocabulary, windows of every geometry, means over any number of entries."""
    assert found_outputs(forge, t) == exact_outputs(forge, t)


@settings(max_examples=12)
@given(segments(most=3, wild=True), TIMES)
def test_outputs_are_exact_whatever_the_exponents(forge, t):
    """Weights of every finite size, subnormals among them."""
    assert found_outputs(forge, t) == exact_outputs(forge, t)


@GRIDS
@settings(max_examples=20)
@given(segments(), TIMES, TIMES, TIMES)
@example(small_cnn(), Fraction(0), Fraction(1), Fraction(1, 2))
def test_models_contain_every_output(grid, forge, one, other, inside):
    """Each output lies within its own model, at the place of its time, not only the loss below the bound."""
    first, last = min(one, other), max(one, other)
    assert contained(forge, grid, first, last, [first, last, first + inside * (last - first)])


@settings(max_examples=12)
@given(segments(most=3, wild=True), TIMES, TIMES)
def test_models_contain_every_output_whatever_the_exponents(forge, one, other):
    """The same with weights of every finite size."""
    first, last = min(one, other), max(one, other)
    assert contained(forge, MACHINE, first, last, [first, last, (first + last) / 2])


@settings(max_examples=20)
@given(segments(), TIMES, TIMES, TIMES)
def test_no_piece_is_bounded_below_a_loss_on_it(forge, one, other, inside):
    """The loss is exact, in fractions, at the ends of the piece and within."""
    first, last = min(one, other), max(one, other)
    upper = fraction(upper_bound(prepared(forge, MACHINE), piece_of(MACHINE, flint(first), flint(last))))
    assert all(forge.loss_at(0, t) <= upper for t in (first, last, first + inside * (last - first)))


def test_bounds_converge_to_the_loss():
    """Around t = 1/4 the bound comes down to the loss there, at least in proportion to the piece's length."""
    forge = small_cnn()
    stretch, loss = prepared(forge, MACHINE), forge.loss_at(0, Fraction(1, 4))
    gaps = [
        fraction(upper_bound(stretch, piece_of(MACHINE, fmpq(1, 4), fmpq(1, 4) + fmpq(1, 2**k)))) - loss
        for k in range(3, 12)
    ]
    assert all(later <= Fraction(6, 10) * earlier for earlier, later in pairwise(gaps))
    point = fraction(upper_bound(stretch, piece_of(MACHINE, fmpq(1, 4), fmpq(1, 4)))) - loss
    assert 0 <= point < Fraction(1, 10**8)


@settings(max_examples=30)
@given(segments(), TIMES)
def test_what_limbs_take_is_foreseen(forge, t):
    """At every node the limbs that there are lie within those that were predicted."""
    space, (before, after) = space_of(forge), forge.corners()
    assert space.graph is not None
    ends, meter = (space.operands(before), space.operands(after)), Meter()
    weights = {key: in_limbs._weight([end[key] for end in ends], flint(t), row=space.is_row(key)) for key in ends[0]}
    x = Limbs.of(forge.x)
    sizes = {
        key: Over(Foreseen.of(one.matrix, one.matrix.limbs.shape[1], meter), one.over) for key, one in weights.items()
    }
    found = graphs.outputs(space.graph, GraphPass(weights, x))
    predicted = graphs.outputs(space.graph, GraphPass(sizes, Foreseen.of(x, len(forge.x), meter)))
    length, rows, cols = found.matrix.limbs.shape
    assert (rows, cols, found.over) == (predicted.matrix.rows, predicted.matrix.cols, predicted.over)
    if found.matrix.limbs.any():
        assert predicted.matrix.low <= found.matrix.low
        assert found.matrix.low + length <= predicted.matrix.top


def test_work_is_counted_from_shapes():
    """By hand, for one sample: a convolution by groups, a linear map, and the longest sum of products or of a mean."""
    work = space_of(small_cnn()).work
    # Kernels as matrices: 2 x 9, both groups of the block as one 2 x 18, 2 x 2, and 2 x 8.
    assert work.weights == 18 + 36 + 4 + 16
    assert work.products == 9 * 18 + 9 * 36 + 9 * 4 + 16
    # What is made is kept; what the places of a window see is not, but where integers have any length.
    assert (work.longest, work.widest, work.gathered) == (18, 54, 18 + 2 * 9 * 9)


def test_blocks_of_samples_are_as_good_as_all_at_once(monkeypatch):
    """Little memory makes more blocks, and the same losses; too little makes none."""
    forge = small_cnn()
    space, (before, _), data = space_of(forge), forge.corners(), Data(forge.x, forge.y)
    whole = value_between(space, before, before, fmpq(0), data, Budget(BUDGET))
    sizes = list[int]()
    true = in_limbs.blocks_within

    def recorded(charge, fixed, samples, budget):
        sizes.append(true(charge, fixed, samples, budget))
        return sizes[-1]

    monkeypatch.setattr(in_limbs, "blocks_within", recorded)
    memories = [1 << k for k in range(10, 26)]
    for memory in memories:
        try:
            assert value_between(space, before, before, fmpq(0), data, Budget(memory)).loss == whole.loss
        except Unusable:
            assert not sizes
    assert set(sizes) >= {1, 3}


def test_arcs_between_graphs_are_exact_and_enclosed():
    """Weights quadratic in t, of every node: outputs at times that are dyadic and not, and models on pieces."""
    for forge in (bent(vocabulary()), bent(small_cnn())):
        for t in (Fraction(1, 4), Fraction(2, 3)):
            assert found_outputs(forge, t) == exact_outputs(forge, t)
        for grid in (SHORT, MACHINE, LONG):
            assert contained(forge, grid, Fraction(1, 8), Fraction(1, 4), [Fraction(k, 16) for k in (2, 3, 4)])
        straight = replace(forge, controls={})
        assert exact_outputs(straight, Fraction(1, 2)) != exact_outputs(forge, Fraction(1, 2))


def test_an_arc_of_a_graph_is_proved(tmp_path):
    """With both ends given; another control, or one that is missing, is another path or none."""
    forge = bounded(bent(exchanged_channels()))
    data = str(forge.write_data(tmp_path / "d.npz"))
    ends = [forge.write_end(tmp_path / f"{k}.safetensors", k) for k in (0, 1)]
    found = check(forge.write(tmp_path / "c.cert"), data, *ends)
    assert found.verdict == "PROVED", found.refused
    assert found.judgement is not None
    assert fraction(found.judgement.lower.low) == forge.loss_at(*forge.peak) > Fraction(1, 100)
    arrays = forge.arrays()
    entries = entries_of(forge.document(), arrays)
    for spoilt in (
        {name: blob for name, blob in entries.items() if name != "control.0000.p0003.npy"},
        {name.replace("control.0000.p0003", "control.0000.head"): blob for name, blob in entries.items()},
        entries | {"control.0000.p0002.npy": npy(3 * arrays["control.0000.p0002.npy"])},
    ):
        (tmp_path / "c.cert").write_bytes(pack(spoilt))
        assert check(tmp_path / "c.cert", data).verdict != "PROVED"


def test_the_tables_of_a_small_window_by_hand():
    """A 2 x 2 window on a 2 x 3 image, one column of padding on the left, stride (1, 2)."""
    window = node("max_pool2d", "y", "x", kernel=[2, 2], stride=[1, 2], padding=[0, 1, 0, 0], dilation=[1, 1])
    rows = [node("input", "x", size=[2, 2, 3]), window | {"op": "average_pool2d", "counts_padding": True}]
    graph = graphs.graph_of(graphs.parse_nodes(rows, whole=True), {})
    assert graph.shapes["y"] == (2, 1, 2)
    assert table(graph, graph.nodes[1]).tolist() == [[-1, 0, -1, 3], [1, 2, 4, 5], [-1, 6, -1, 9], [7, 8, 10, 11]]
    pooled = graphs.graph_of(graphs.parse_nodes([rows[0], window], whole=True), {})
    assert table(pooled, pooled.nodes[1]).tolist() == [[3, 0, 3, 3], [1, 2, 4, 5], [9, 6, 9, 9], [7, 8, 10, 11]]


def test_an_input_alone_is_a_network(tmp_path):
    """No parameter, nothing that moves: the identity on two numbers."""
    forge = GraphForge("graph", 0, {}, np.eye(2), np.zeros((2, 2)), nodes=[node("input", "x", size=[2])])
    forge.segments = [("silent", {})]
    found = check(forge.write(tmp_path / "i.cert"), str(forge.write_data(tmp_path / "d.npz")))
    assert (found.verdict, found.to_json()["maximum"]["exact"]) == ("PROVED", "1/1")


@pytest.mark.parametrize("loss", ["squared", "absolute", "huber:1/2", "multi-hinge", "cross-entropy"])
def test_a_small_cnn_is_proved(loss, tmp_path):
    """Every kind of node but few, under five losses; both ends are given."""
    forge = small_cnn(loss=loss)
    files = forge.write(tmp_path / "c.cert"), str(forge.write_data(tmp_path / "d.npz"))
    ends = [forge.write_end(tmp_path / f"{k}.safetensors", k) for k in (0, 1)]
    found = check(*files, *ends)
    assert found.verdict == "PROVED", found.refused
    assert found.judgement is not None
    low, high = found.judgement.lower, found.judgement.upper
    assert forge.loss_at(*forge.peak) <= fraction(high) == forge.upper
    assert fraction(low.low) <= forge.loss_at(*forge.peak) * (1 + Fraction(1, 2**50))
    # Wrong samples are counted at the ends, exactly.
    assert [value.errors for value in found.judgement.facts.values] == [forge.wrong(one) for one in forge.corners()]


def test_a_readout_segment_of_a_graph_is_exact(tmp_path):
    """Only the last linear map moves: no enclosure, the maximum is at an end, for two corners and three losses."""
    for loss in ("squared", "absolute", "multi-hinge"):
        forge = small_cnn(loss=loss)
        head = {name: move for name, move in forge.segments[0][1].items() if name.startswith("head")}
        forge.segments, forge.peak, forge.upper, forge.cuts = [("readout", head), ("silent", {})], None, None, {}
        found = check(forge.write(tmp_path / "c.cert"), str(forge.write_data(tmp_path / "d.npz")))
        assert found.verdict == "PROVED", found.refused
        assert found.judgement is not None
        assert fraction(found.judgement.lower.low) == max(forge.losses())
        assert found.judgement.lower.is_exact
        assert found.judgement.errors is not None
        assert found.judgement.errors.most is not None


def test_a_kernel_is_never_a_matrix_of_the_whole_layer():
    """What is multiplied by has as many entries as the kernel, however large the image."""
    rows = [
        node("input", "x", size=[3, 64, 64]),
        node("conv2d", "y", "x", weight="w", kernel=[3, 3], padding=[1, 1, 1, 1]),
    ]
    graph = graphs.graph_of(graphs.parse_nodes(rows, whole=True), {"w": (5, 3, 3, 3)})
    ((_, matrix),) = graphs.matrices(graph, {"w": np.ones((5, 3, 3, 3))})
    assert matrix.shape == (5, 27)
    assert prod(graph.shapes["y"]) == 5 * 64 * 64


@pytest.mark.parametrize("columns", range(1, 10))
def test_the_largest_of_a_window_of_any_size(columns):
    """Odd ones too, in exact numbers of one limb and of several."""
    draw = np.random.default_rng(columns)
    array = draw.integers(-5, 6, (20, columns)) * 2.0 ** draw.integers(-40, 41, (20, columns))
    found = Limbs.of(array).largest()
    value = sum(limb.astype(object) * Fraction(2) ** (22 * (k + found.low)) for k, limb in enumerate(found.limbs))
    assert value.tolist() == [[Fraction(row.max())] for row in array]
