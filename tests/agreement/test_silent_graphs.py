"""Silent segments of graphs (L9): two rules of two programs, one forwards and one backwards, and what they promise."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import skipscape as sk
from numerics.checker.check import check
from numerics.checker.graph import live_units
from numerics.checker.graph import liveness as theirs
from numerics.checker.report import Report
from numerics.data import Data
from numerics.networks.graph import Graph
from numerics.networks.graph.build import Builder
from numerics.networks.graph.images import AvgPool2d, Conv2d, MaxPool2d
from numerics.networks.graph.nodes import Add, Concatenate, Flatten, Input, Linear, ReLU, Scale
from numerics.networks.graph.silence import Silence, no_output_changes
from numerics.networks.graph.text import written
from numerics.paths import Kind, kind_of
from numerics.testing import graphs
from support.graph_segments import forge_of, space_of
from support.moving_graphs import MovingGraph, moving
from support.second_checker.graph_silence import an_output_changes
from support.second_checker.graphs import check_graph


def thinned(graph: Graph, seed: int) -> tuple[Graph, Graph]:
    """The graph with many weights 0, and the same with some rows moved: often rows that nothing live reads."""
    rng = np.random.default_rng(seed)
    before, after = {}, {}
    for name, array in graph.arrays.items():
        kept = array * (rng.random(array.shape) < 0.6) + 0.0
        if array.ndim > 1:
            kept[:, rng.random(array.shape[1]) < 0.6] = 0.0  # columns, so that units are dead
        rows = rng.random(array.shape[0]) < 0.05
        before[name] = kept
        after[name] = kept + rows.reshape(-1, *[1] * (array.ndim - 1)) * rng.integers(-2, 3, array.shape)
    return tuple(Graph(graph.nodes, arrays) for arrays in (before, after))


def checkers(start: Graph, end: Graph) -> bool:
    """The checker's rule on its own graph of the same nodes."""
    graph = space_of(forge_of(start, 0, 1)).graph
    support = {name: (array != 0) | (end.arrays[name] != 0) for name, array in start.arrays.items()}
    moved = {name: array != end.arrays[name] for name, array in start.arrays.items()}
    return not any(
        (moved[name].reshape(len(live), -1).any(axis=1) & live).any()
        for node, live in live_units(graph, support)
        for name in node.parameters
    )


def seconds(start: Graph, end: Graph) -> bool:
    """The rule of the tests' second checker, which computes with marks."""
    nodes = json.loads(written(start.nodes))
    values = check_graph(nodes, {name: list(array.shape) for name, array in start.arrays.items()})
    corners = ({name: array.tolist() for name, array in one.arrays.items()} for one in (start, end))
    return not an_output_changes(nodes, values, *corners)


def changes(start: Graph, end: Graph, seed: int) -> bool:
    """Whether an output at some of two samples is another one at a time inside or at the end, in fractions."""
    problem = moving(start, seed).problem
    segment = MovingGraph(start, end, problem)
    t = Fraction(int(np.random.default_rng(seed).integers(1, 32)), 32)
    first = segment.outputs(Fraction(0))
    return first != segment.outputs(t) or first != segment.outputs(Fraction(1))


def both(graph: Graph, seed: int) -> bool:
    """Finder and checker say the same of a segment; where it is silent no output changes."""
    start, end = thinned(graph, seed)
    silent = no_output_changes(start, end)
    assert checkers(start, end) is silent
    assert seconds(start, end) is silent
    assert not silent or not changes(start, end, seed)
    assert (kind_of(start, end) is Kind.SILENT) is (silent and not set(start.changed(end)) & set(start.readout))
    return silent and bool(set(start.changed(end)))


@settings(max_examples=60)
@given(graphs(), st.integers(0, 2**20))
def test_the_two_rules_agree_and_hold(graph, seed):
    """On any graph, whatever its windows, groups and sums."""
    both(graph, seed)


def mixed(seed: int = 0) -> Graph:
    """Convolutions with groups and strides, a sum, pools, a concatenation, a scale, a dense end."""
    rng = np.random.default_rng(seed)
    builder = Builder()
    last = builder.given("x", (2, 5, 5))

    def array(name: str, *shape: int) -> str:
        return builder.keep(name, rng.integers(-8, 9, shape) / 4)

    def put(node):
        return builder.add(node)

    c = put(Conv2d("c", (last,), kernel=(3, 3), stride=(2, 1), padding=(1, 0, 1, 1), weight=array("c.w", 4, 2, 3, 3)))
    r = put(ReLU("r", (c,)))
    d = put(Conv2d("d", (r,), kernel=(1, 1), groups=2, weight=array("d.w", 4, 2, 1, 1), bias=array("d.b", 4)))
    s = put(Scale("s", (put(Add("a", (r, d))),), weight=array("s.w", 4), bias=array("s.b", 4)))
    m = put(MaxPool2d("m", (s,), kernel=(2, 2)))
    v = put(AvgPool2d("v", (s,), kernel=(2, 2)))
    flat = put(Flatten("f", (put(Concatenate("k", (m, v))),)))
    hidden = put(ReLU("h", (put(Linear("l", (flat,), weight=array("l.w", 5, 8 * 2 * 3), bias=array("l.b", 5))),)))
    return builder.finish(put(Linear("o", (hidden,), weight=array("o.w", 2, 5))))


def test_some_segments_are_silent_and_some_are_not():
    """So that the agreement above says something; on a graph of all that mixes entries."""
    graph = mixed()
    said = [both(graph, seed) for seed in range(60)]
    assert 5 <= sum(said) <= 55


@pytest.mark.parametrize("fault", ["groups", "concatenation", "sums", "none"])
def test_planted_faults_are_found(fault, monkeypatch):
    """The checker's rule with groups that read all channels, a concatenation that reads its parts in another order,
    sums that read nothing, beside the finder's true one: they part. Without a fault they do not.
    """
    read = theirs._read

    def spoilt(graph, node, own, support):
        found = read(graph, node, own, support)
        return found & (node.op != "add") if fault == "sums" else found[::-1] if node.op == "concatenate" else found

    if fault == "groups":
        monkeypatch.setattr(theirs, "groups_of", lambda graph, node: 1)
    elif fault != "none":
        monkeypatch.setattr(theirs, "_read", spoilt)
    assert parted(200 if fault != "none" else 20) is (fault != "none")


def test_a_finder_that_forgets_biases_is_found(monkeypatch):
    true = Silence.affine
    monkeypatch.setattr(Silence, "affine", lambda self, h, weight, bias, groups: true(self, h, weight, None, groups))
    assert parted(200)


def parted(most: int) -> bool:
    """Whether the two rules part, or one cannot be followed, on one of so many segments."""
    for seed in range(most):
        try:
            both(mixed(seed), seed)
        except (AssertionError, ValueError):
            return True
    return False


def called_silent(start: Graph, end: Graph, place: Path) -> Report:
    """What the checker says of a certificate of one segment that is called silent, its digests as they should be."""
    forge = forge_of(start, 1, 3)
    moves = {name: ("all", end.arrays[name]) for name in start.changed(end)}
    forge = replace(forge, segments=[("silent", moves)])
    return check(forge.write(place / "path.cert"), str(forge.write_data(place / "data.npz")))


def test_a_forged_silence_is_refused(tmp_path):
    """A segment that moves what is read, called silent, every digest right, is refused; its true twin is not."""
    pairs = [thinned(mixed(), seed) for seed in range(60)]
    true = next(pair for pair in pairs if no_output_changes(*pair) and set(pair[0].changed(pair[1])))
    false = next(pair for pair in pairs if not no_output_changes(*pair))
    assert called_silent(*true, tmp_path).verdict == "PROVED"
    report = called_silent(*false, tmp_path)
    assert (report.verdict, "into a unit that is live" in str(report.refused)) == ("UNDECIDED", True)


def test_connect_uses_it(tmp_path):
    """A line on which no output changes is exact, and accepted."""
    before, after = next(
        pair
        for seed in range(60)
        if no_output_changes(*(pair := thinned(mixed(), seed))) and set(pair[0].changed(pair[1]))
    )
    data = Data(np.eye(before.inputs)[:3], np.eye(2)[[0, 1, 1]])
    result = sk.connect(before, after, data, route="line")
    assert [one.kind for one in result.segments] == ["silent"]
    assert result.maximum.exact is not None
    result.save(tmp_path / "silent.cert")
    assert sk.check(tmp_path / "silent.cert", data, before, after).verdict == "PROVED"


def test_a_silent_segment_of_rows_that_only_others_read():
    """Known answer: unit 1 is read by unit 2 of the next layer alone, which nothing reads."""
    nodes = (Input("x", (), size=(1,)), Linear("a", ("x",), weight="a"), ReLU("r", ("a",)),
             Linear("b", ("r",), weight="b"), ReLU("q", ("b",)), Linear("o", ("q",), weight="o"))  # fmt: skip
    arrays = {"a": np.ones((2, 1)), "b": np.array([[1.0, 0.0], [1.0, 1.0]]), "o": np.array([[1.0, 0.0]])}
    start = Graph(nodes, arrays)
    silent = start.replace({"a": np.array([[1.0], [3.0]]), "b": np.array([[1.0, 0.0], [5.0, 2.0]])})
    assert kind_of(start, silent) is Kind.SILENT
    assert kind_of(start, start.replace({"a": np.array([[2.0], [1.0]])})) is Kind.GENERAL
    read = start.replace({"o": np.array([[1.0, 1.0]])})
    assert kind_of(read, read.replace({"a": np.array([[1.0], [3.0]])})) is Kind.GENERAL
