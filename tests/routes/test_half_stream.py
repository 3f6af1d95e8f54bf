"""T9S: streams joined through half of their coordinates, whatever the blocks read: exact at corners."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import skipscape as sk
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses, float_loss
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.graph import Graph
from numerics.networks.graph.build import Builder
from numerics.networks.graph.nodes import Add, Input, Linear, ReLU
from numerics.networks.post import Post
from numerics.networks.residual import Residual
from numerics.networks.silence import moves_silently
from numerics.networks.stream import Block, Stream
from numerics.paths import Kind
from numerics.questions import search
from numerics.routes.blocks import Seen, restricted
from numerics.routes.half_stream import half_stream, stream_lacks
from numerics.routes.stream_names import stream_names
from numerics.testing import partners, posts, residuals, streams
from support.answers_checked import require_both_accept
from support.forged_answers import require_all_refused
from support.seeded_networks import loss_at


def stream(seed: int, m: int, layers: tuple[int, ...], *, blocks: int = 2, biases: bool = True) -> Stream:
    """Gaussian weights; two inputs, two outputs."""
    rng = np.random.default_rng(seed)

    def block() -> Block:
        sizes = (m, *layers)
        inner = [
            Layer(rng.standard_normal((width, before)), rng.standard_normal(width) if biases else None)
            for before, width in pairwise(sizes)
        ]
        return Block(Branch(tuple(inner)), rng.standard_normal((m, layers[-1])))

    W, V = rng.standard_normal((m, 3)), rng.standard_normal((2, m))
    return Stream(W=W, V=V, blocks=tuple(block() for _ in range(blocks)), c=rng.standard_normal(2), bias=True)


def as_post(one: Stream) -> Post:
    """The same weights, with a rectifier behind each sum."""
    return Post(W=one.W, V=one.V, blocks=one.blocks, c=one.c, bias=one.bias)


def as_graph(one: Stream, seed: int, *, rectified: bool) -> Graph:
    """The same weights as a graph, with biases of the first layer and behind each block that no class has."""
    rng = np.random.default_rng(seed)
    builder = Builder()

    def dense(source: str, name: str, W: np.ndarray, b: np.ndarray | None) -> str:
        bias = None if b is None else builder.keep(f"{name}.b", b)
        return builder.add(Linear(name, (source,), weight=builder.keep(f"{name}.w", W), bias=bias))

    last = builder.add(ReLU("z", (dense(builder.given("x", (2,)), "first", one.W[:, :2], one.W[:, 2]),)))
    for k, block in enumerate(one.blocks):
        h = last
        for i, layer in enumerate(block.branch.layers):
            h = builder.add(ReLU(f"h{k}.{i}", (dense(h, f"in{k}.{i}", layer.weight, layer.bias),)))
        back = dense(h, f"back{k}", block.U, rng.standard_normal(len(block.U)))
        last = builder.add(Add(f"sum{k}", (last, back)))
        last = builder.add(ReLU(f"z{k}", (last,))) if rectified else last
    return builder.finish(dense(last, "head", one.V, one.c))


def data(seed: int, *, N: int = 12) -> Data:
    """Gaussian points and targets."""
    rng = np.random.default_rng(seed)
    return Data(rng.standard_normal((N, 2)), rng.standard_normal((N, 2)))


def require_sound(start: Network, end: Network, points: Data) -> None:
    """From end to end bit for bit, by segments that are what they are called."""
    path = half_stream(start, end, Problem(points)).path
    assert path.start.identical(start)
    assert path.end.identical(end)
    for segment in path.segments:
        assert segment.kind is Kind.READOUT or (
            segment.kind is Kind.SILENT and moves_silently(segment.start, segment.end)
        )


@pytest.mark.parametrize("m", [2, 5, 6])
@pytest.mark.parametrize("layers", [(3,), (2, 5), (3, 2, 4)])
@pytest.mark.parametrize("blocks", [1, 3])
def test_every_depth_and_odd_widths(m: int, layers: tuple[int, ...], blocks: int) -> None:
    """Blocks that read every column, of one layer and of several; bit for bit, silent where it is said."""
    for seed in range(3):
        start, end = (stream(seed + first, m, layers, blocks=blocks, biases=seed > 0) for first in (0, 50))
        require_sound(start, end, data(seed))


@settings(max_examples=12)
@given(st.data())
def test_no_loss_on_the_path_exceeds_its_corners(draw: st.DataObject) -> None:
    """Any two networks, at a random time of every segment, in fractions."""
    start = draw.draw(
        draw.draw(st.sampled_from([residuals, streams, posts]))(width=st.integers(2, 4), inputs=2, outputs=2)
    )
    end = draw.draw(partners(start))
    problem = Problem(data(draw.draw(st.integers(0, 99)), N=3))
    try:
        path = half_stream(start, end, problem).path
    except InputError:
        return  # a layer of one unit
    corners = exact_losses(path.corners, problem)
    rng = np.random.default_rng(0)
    for k, segment in enumerate(path.segments):
        t = Fraction(int(rng.integers(0, 33)), 32)
        assert loss_at(segment.start, segment.end, problem.data, t) <= max(corners[k : k + 2])


@pytest.mark.parametrize("one_block", [True, False])
def test_both_checkers_accept_it_and_refuse_forged_twins(one_block: bool, tmp_path: Path) -> None:
    """RESIDUAL too, where the block reads every column; the bound beside it is the highest corner's."""
    start, end = stream(1, 4, (2,), blocks=1 if one_block else 2), stream(2, 4, (2,), blocks=1 if one_block else 2)
    if one_block:
        start, end = (
            Residual(W=one.W, V=one.V, branch=one.blocks[0].branch, U=one.blocks[0].U, c=one.c, bias=True)
            for one in (start, end)
        )
    points = data(3, N=2)
    answer = search.connect(start, end, Problem(points), route="half-stream")
    require_both_accept(answer, start, end, points, depth=False)
    assert require_all_refused(answer.certificate(None), points, tmp_path) >= 5


@pytest.mark.parametrize("rectified", [True, False])
def test_graphs_and_rectified_sums(rectified: bool, tmp_path: Path) -> None:
    """As torch's residual MLPs are written: biases behind blocks, a rectifier behind sums or none; exact, accepted by
    the checker; the class without these biases too.
    """
    weights = [stream(seed, 4, (3,)) for seed in (1, 2)]
    pairs = [[as_graph(one, seed, rectified=rectified) for seed, one in enumerate(weights)]]
    pairs += [[as_post(one) for one in weights]] if rectified else []
    for start, end in pairs:
        require_sound(start, end, data(3))
        seen, X = Seen.of(start, points := data(3).X), points
        readout = stream_names(start).readout
        assert np.allclose(seen.stream[-1] @ start.parameters()[readout.matrix].T + weights[0].c, start(X))
        result = sk.connect(start, end, data(3, N=2), route="half-stream")
        assert result.maximum.exact is not None
        assert {one.kind for one in result.segments} == {"silent", "readout"}
        result.save(tmp_path / "half.cert", force=True)
        assert sk.check(tmp_path / "half.cert", data(3, N=2), start, end).verdict == "PROVED"


def test_slopes_where_sums_are_rectified() -> None:
    """Of the training of tails: against central differences, with a bias behind the block."""
    network = as_graph(stream(1, 6, (5,)), 1, rectified=True)
    problem, C = Problem(data(0)), np.array([0, 2, 5])
    seen, names = Seen.of(network, problem.X), stream_names(network)
    tail = restricted(network, names, C, [[np.array([0, 1])]] * 2, (0, -1))
    s = seen.stream[0][:, C]
    parts = [part for block in tail.blocks for part in layers_of(block)] + [tail.readout.matrix, tail.readout.bias]
    loss, slopes = tail._backward(s, None, problem)
    assert loss == pytest.approx(float(((tail.readout.affine(tail.features(s, None)) - problem.Y) ** 2).sum() / 12))
    for q, slope in enumerate(slopes):
        at, near = tuple(n - 1 for n in slope.shape), []
        for step in (1e-6, -1e-6):
            moved = [part.copy() for part in parts]
            moved[q][at] += step
            near.append(tail._rebuilt(moved)._backward(s, None, problem)[0])
        assert (near[0] - near[1]) / 2e-6 == pytest.approx(slope[at], rel=1e-5, abs=1e-6)


def test_what_is_no_stream_is_refused_in_words() -> None:
    """A graph whose block's sum is read by its own layer, and one whose blocks share a weight."""
    nodes = as_graph(stream(1, 4, (3,)), 1, rectified=False).nodes
    graph = as_graph(stream(1, 4, (3,)), 1, rectified=False)
    assert stream_lacks(graph) is None
    shared = tuple(replace(node, weight="in0.0.w") if node.name == "in1.0" else node for node in nodes)
    arrays = {name: array for name, array in graph.arrays.items() if name != "in1.0.w"}
    assert "read one parameter" in (stream_lacks(Graph(shared, arrays)) or "")
    chain = (
        Input("x", (), size=(2,)),
        Linear("a", ("x",), weight="a"),
        ReLU("r", ("a",)),
        Linear("o", ("r",), weight="o"),
    )
    words = stream_lacks(Graph(chain, {"a": np.ones((2, 2)), "o": np.ones((1, 2))}))
    assert "no stream of dense blocks" in (words or "")


def doubled(one: Stream) -> Stream:
    """Every coordinate and every unit twice, with halved readers: the same outputs."""

    def twice(array: np.ndarray, *axes: int) -> np.ndarray:
        for axis in axes:
            array = np.repeat(array, 2, axis=axis)
        return array

    blocks = tuple(
        Block(
            Branch(tuple(Layer(twice(layer.weight, 0, 1) / 2, twice(layer.bias, 0)) for layer in block.branch.layers)),
            twice(block.U, 0, 1) / 2,
        )
        for block in one.blocks
    )
    return Stream(W=twice(one.W, 0), V=twice(one.V, 1) / 2, blocks=blocks, c=one.c, bias=True)


@pytest.mark.parametrize("loss", ["squared", "absolute"])
def test_a_stream_that_half_of_it_can_do_has_no_barrier(loss: str) -> None:
    """Known answer: half of every layer gives the same outputs, so trained tails reach the ends' level; no route with a
    basis of readers has a free coordinate there.
    """
    small = [stream(seed, 2, (2,), blocks=1) for seed in (1, 2)]
    start, end = (doubled(one) for one in small)
    points = data(5, N=4)
    assert np.allclose(start(points.X), small[0](points.X))
    problem = Problem(points, loss=loss_named(loss))
    answer = search.connect(start, end, problem, route="half-stream")
    assert answer.corners.maximum == max(answer.corners.start.top, answer.corners.end.top)


def test_the_slopes_of_a_tail_are_those_of_its_loss() -> None:
    """Every cut, every array: against central differences, one entry each; training goes down."""
    network, problem = stream(1, 6, (5, 4)), Problem(data(0))
    seen, rng = Seen.of(network, problem.X), np.random.default_rng(0)
    C, own = np.array([0, 2, 5]), [[np.array([0, 1]), np.array([1, 3])]] * 2
    assert np.allclose(seen.stream[-1] @ network.V.T + network.c, network(problem.X))
    for k, i in ((2, -1), (1, 1), (1, 0), (1, -1), (0, 0)):
        tail = restricted(network, stream_names(network), C, own, (k, i))
        s, h = seen.stream[k][:, C], None if i < 0 else seen.hidden[k][i][:, own[k][i]]
        parts = [part for block in tail.blocks for part in layers_of(block)]
        parts += [tail.readout.matrix, tail.readout.bias]
        loss, slopes = tail._backward(s, h, problem)
        for q, slope in enumerate(slopes):
            if slope is None:
                assert parts[q] is None
                continue
            at = tuple(rng.integers(0, n) for n in slope.shape)
            near = []
            for step in (1e-6, -1e-6):
                moved = [None if part is None else part.copy() for part in parts]
                moved[q][at] += step
                near.append(tail._rebuilt(moved)._backward(s, h, problem)[0])
            assert (near[0] - near[1]) / 2e-6 == pytest.approx(slope[at], rel=1e-5, abs=1e-6)
        assert tail.trained(s, h, problem, 0.0)._backward(s, h, problem)[0] < loss


def layers_of(block):
    return [part for layer in (*block.layers, block.back) for part in (layer.matrix, layer.bias)]


def test_a_freed_coordinate_that_is_still_read_is_found() -> None:
    """The planted fault beside its true twin: one kept unit of the second block still reads a coordinate that moves."""
    start, end = stream(1, 4, (4,)), stream(2, 4, (4,))
    path = half_stream(start, end, Problem(data(3))).path
    for before, after in pairwise(path.corners):
        if "W" in before.changed(after) and "V" not in before.changed(after):
            assert moves_silently(before, after)
            moved = int(np.flatnonzero((before.W != after.W).any(axis=1))[0])
            parameters = before.parameters()
            live = int(np.flatnonzero(parameters["blocks.1.U"][before.V.any(axis=0)].any(axis=0))[0])
            A = parameters["blocks.1.A"].copy()
            A[live, moved] = 1.0
            spoilt = before.replace({"blocks.1.A": A})
            assert not moves_silently(spoilt, spoilt.replace({"W": after.W}))
            return
    pytest.fail("no silent segment moves W")


def test_where_it_does_not_apply_it_says_why() -> None:
    """A layer of one unit; other classes; and auto takes it where no column is free."""
    narrow = stream(1, 4, (1,))
    with pytest.raises(InputError, match=r"route half-stream needs two units .*: m = 4, the layers have \[1, 1\]"):
        half_stream(narrow, narrow, Problem(data(1)))
    start, end = doubled(stream(1, 3, (2,))), doubled(stream(2, 3, (2,)))
    problem = Problem(data(5, N=6))
    found = search.connect(start, end, problem)
    assert "half-stream" in found.routes
    assert float_loss(start, problem) <= found.candidate.estimate
