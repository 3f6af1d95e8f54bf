"""The second checker's graphs: values and shapes are the oracle's and the finder's, intervals hold what they should."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings

from numerics.networks.graph import Graph
from numerics.networks.graph.text import written
from numerics.testing.graphs import graphs
from support import second_checker
from support.certificates import Change, entries_of, pack, put
from support.graph_certificates import GraphForge, bent, bounded, small_cnn, vocabulary
from support.graph_segments import exact_outputs, segments
from support.second_checker.graphs import check_graph
from support.second_checker.intervals import highest, lowest
from support.second_checker.losses import between, hull, outputs
from support.second_checker.space import Space

TIMES = [Fraction(0), Fraction(1, 3), Fraction(3, 8), Fraction(1)]


def space_of(forge: GraphForge) -> Space:
    """As the second checker reads it."""
    shapes = {name: list(array.shape) for name, array in forge.start.items()}
    return Space("graph", 0, shapes, forge.nodes, check_graph(forge.nodes, shapes))


def corners_of(forge: GraphForge) -> list[dict[str, list]]:
    """As nested lists."""
    return [{name: array.tolist() for name, array in corner.items()} for corner in forge.corners()]


def check_values(forge: GraphForge) -> None:
    """Equal at single times, and within the intervals of a piece."""
    space, (before, after), X = space_of(forge), corners_of(forge), forge.x.tolist()
    exact = [exact_outputs(forge, t) for t in TIMES]
    for t, values in zip(TIMES, exact, strict=True):
        assert outputs(space, between(before, after, t), X) == values
    around = outputs(space, hull(before, after, None, TIMES[1], TIMES[2]), X)
    for values in exact[1:3]:
        for row, known in zip(around, values, strict=True):
            assert all(lowest(one) <= value <= highest(one) for one, value in zip(row, known, strict=True))


@settings(max_examples=25)
@given(forge=segments(most=5))
def test_values_of_random_graphs_are_the_oracles(forge: GraphForge) -> None:
    check_values(forge)


@pytest.mark.parametrize("seed", [0, 1])
def test_values_of_every_node_are_the_oracles(seed: int) -> None:
    check_values(vocabulary(seed))


@given(graph=graphs())
def test_shapes_are_the_finders(graph: Graph) -> None:
    """Of what the finder calls a graph every value has the same shape here."""
    shapes = {name: list(array.shape) for name, array in graph.arrays.items()}
    found = check_graph(json.loads(written(graph.nodes)), shapes)
    assert {name: tuple(shape) for name, shape in found.items()} == dict(graph.shapes)


def said(forge: GraphForge, change: Change | None = None, **ends: int) -> second_checker.Verdict:
    """On the certificate of the path, its document changed; `ends`: which corners' networks are given."""
    document = forge.document()
    if change is not None:
        change(document)
    given = {name: forge.network(forge.corners()[corner]) for name, corner in ends.items()}
    return second_checker.check(pack(entries_of(document, forge.arrays())), forge.x, forge.y, **given)


@pytest.mark.parametrize("loss", ["squared", pytest.param("cross-entropy", marks=pytest.mark.slow)])
def test_a_path_and_an_arc_are_accepted(loss: str) -> None:
    """With both ends given; not with the ends of the other corner, nor below what is attained."""
    line = small_cnn(loss=loss)
    for forge in (line, bounded(bent(line))):
        assert said(forge, start=0, end=1).accepted
        assert said(forge, start=1).reason == "start: not the network given"
        assert forge.peak is not None
        below = replace(forge, peak=(0, Fraction(0)), upper=forge.loss_at(*forge.peak) * Fraction(99, 100))
        assert "exceeds" in said(below).reason or "between the corners" in said(below).reason


def test_a_readout_segment_is_known_by_form() -> None:
    """The last linear node's parameters, of which the error rate is exact; nothing else may move there."""
    start = small_cnn(loss="cross-entropy")
    head = {name: move for name, move in start.segments[0][1].items() if name.startswith("head")}
    forge = replace(start, segments=[("readout", head), ("silent", {})], peak=None, upper=None, cuts={})
    times = [forge.weights_at(0, Fraction(k, 60)) for k in range(61)]
    forge.error_rate = Fraction(max(map(forge.wrong, times)), len(forge.x))
    assert said(forge, end=2).accepted
    forge.error_rate -= Fraction(1, len(forge.x))
    assert said(forge).reason.startswith("error_rate")
    everything = start.segments[0][1]
    for kind in ("readout", "silent"):
        other = replace(start, segments=[(kind, everything)], peak=None, upper=None, cuts={})
        assert said(other).reason.startswith(f"kind: a {kind} segment")
    assert said(start, put("segments", 0, "kind", "hidden")).reason == "segments: no such kind"
