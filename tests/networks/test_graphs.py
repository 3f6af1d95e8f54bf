"""Graphs of nodes: exactly their definition in fractions, within the derived bound in floats, refused by name."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.networks.graph import VOCABULARY, FloatOperations, Graph, run
from numerics.networks.graph.images import AvgPool2d, Conv2d, MaxPool2d
from numerics.networks.graph.nodes import Add, Concatenate, Flatten, Input, Linear, ReLU, Reshape, Scale, Transpose
from numerics.networks.graph.rounding import float_bound
from numerics.testing import graphs
from support.graph_oracle import FractionOperations, exact, outputs

X = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).integers(-16, 17, (2, 64)) / 8)


def test_the_interpreter_is_the_definition_and_floats_stay_within_the_bound():
    """In fractions exactly, against loops over every window; in floats by the derived bound."""
    seen = set()

    @given(graph=graphs(), points=X)
    def compare(graph, points):
        points = points[:, : graph.inputs]
        weights = {name: exact(array) for name, array in graph.arrays.items()}
        found = run(graph.nodes, graph.shapes, weights, exact(points)[:, None, :], FractionOperations())
        true = [outputs(graph, row) for row in points]
        assert [list(row.ravel()) for row in found] == true
        off = np.abs(exact(graph(points)) - np.array(true, dtype=object).reshape(len(points), -1))
        assert (off <= exact(float_bound(graph, points))).all()
        seen.update(node.op for node in graph.nodes)

    compare()
    assert seen <= set(VOCABULARY)
    assert len(seen) >= len(VOCABULARY) - 2  # of a few draws; the others are worked by hand below


def test_the_bound_is_needed_and_near():
    """A sum of 1000 terms that cancel: floats miss, by less than the bound, and the bound is no blank cheque."""
    rng = np.random.default_rng(0)
    graph = dense(rng.normal(size=(1, 1000)))
    x = rng.normal(size=(1, 1000))
    off = abs(exact(graph(x)[0, 0])[()] - outputs(graph, x[0])[0])
    bound = float_bound(graph, x)[0, 0]
    assert 0 < off <= exact(bound)[()]
    assert bound < 1e-9


def test_underflow_is_in_the_bound():
    """2^-600 times 2^-600 is 0 in float64, and nothing relative covers that."""
    graph = dense([[2.0**-600]])
    assert graph([[2.0**-600]])[0, 0] == 0
    assert 0 < outputs(graph, [2.0**-600])[0] <= exact(float_bound(graph, np.array([[2.0**-600]]))[0, 0])[()]


def dense(W, **more):
    W = np.asarray(W, dtype=np.float64)
    return Graph((Input("x", (), size=(W.shape[1],)), Linear("y", ("x",), weight="W", **more)), {"W": W})


IMAGE = np.arange(9.0).reshape(1, 9) - 4  # (1, 3, 3)


def image(*nodes, **arrays):
    return Graph((Input("x", (), size=(1, 3, 3)), *nodes), {name: np.array(one) for name, one in arrays.items()})


BY_HAND = {
    "convolution": (image(Conv2d("y", ("x",), kernel=(2, 2), weight="k"), k=[[[[1.0, 0], [0, 2]]]]), [-4, -1, 5, 8]),
    "padding": (
        image(Conv2d("y", ("x",), kernel=(1, 1), padding=(1, 0, 0, 0), stride=(2, 2), weight="k"), k=[[[[1.0]]]]),
        [0, 0, -1, 1],
    ),
    "max pooling": (
        image(MaxPool2d("y", ("x",), kernel=(2, 2), padding=(1, 1, 0, 0))),
        [-4, -3, -2, -1, 0, 1, 2, 3, 4],
    ),
    "mean with padding": (
        image(AvgPool2d("y", ("x",), kernel=(2, 2), stride=(2, 2), padding=(1, 1, 0, 0))),
        [-1, -1.25, 0.25, 2],
    ),
    "mean without": (
        image(AvgPool2d("y", ("x",), kernel=(2, 2), stride=(2, 2), padding=(1, 1, 0, 0), counts_padding=False)),
        [-4, -2.5, 0.5, 2],
    ),
    "transpose": (image(Transpose("y", ("x",), order=(0, 2, 1))), [-4, -1, 2, -3, 0, 3, -2, 1, 4]),
    "join": (image(Concatenate("y", ("x", "x"), axis=2)), [*2 * [-4, -3, -2], *2 * [-1, 0, 1], *2 * [2, 3, 4]]),
    "scale": (
        image(Reshape("r", ("x",), size=(3, 3)), Scale("y", ("r",), weight="s"), s=[1.0, 0, -1]),
        [-4, -3, -2, 0, 0, 0, -2, -3, -4],
    ),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_what_a_sheet_of_paper_says(case):
    graph, expected = BY_HAND[case]
    assert graph(IMAGE).tolist() == [expected]
    assert graph(IMAGE.reshape(1, 1, 3, 3)).tolist() == [expected]


def test_a_mean_that_no_float_is_stays_exact():
    """A third, in fractions."""
    graph = Graph((Input("x", (), size=(1, 1, 3)), AvgPool2d("y", ("x",), kernel=(1, 3))), {})
    assert outputs(graph, [1, 0, 0]) == [exact(1)[()] / 3]


def test_many_samples_are_evaluated_in_parts(monkeypatch):
    """The same bits as one by one."""
    graph = BY_HAND["padding"][0]
    X = np.random.default_rng(0).normal(size=(7, 9))
    whole = graph(X)
    monkeypatch.setattr("numerics.networks.graph.graph.CELLS", 1)
    assert graph(X).tobytes() == whole.tobytes()


def test_graphs_are_values():
    """Copied, pickled and replaced: read-only, and the same space only with the same nodes."""
    graph = dense([[1.0, 2.0]])
    for again in (copy.deepcopy(graph), pickle.loads(pickle.dumps(graph))):
        assert again.identical(graph)
        assert not again.arrays["W"].flags.writeable
    moved = graph.replace({"W": np.array([[3.0, 4.0]])})
    assert moved([[1.0, 1.0]]).tolist() == [[7.0]]
    assert moved.space() == graph.space() != image(Flatten("y", ("x",))).space()
    assert (graph.inputs, graph.outputs, graph.readout) == (2, 1, ("W",))
    for ask in (lambda: graph.width, lambda: Graph.of({}, bias=False), lambda: Graph.forward({}, 0, FloatOperations())):
        with pytest.raises(InputError, match="a graph network has no first layer W"):
            ask()


x = Input("x", (), size=(1, 3, 3))
ONE = {"k": np.ones((2, 1, 2, 2)), "W": np.ones((2, 9)), "s": np.ones(2)}
REFUSED = {
    "no input": ((), "a graph has 0 nodes"),
    "begins with another": ((Flatten("f", ()),), "an input and up to"),
    "two inputs": ((x, Input("z", (), size=(1,))), "node z .input. is a second input"),
    "an input without an axis": ((Input("x", (), size=()),), "node x .input. has no axis"),
    "an empty input": ((Input("x", (), size=(0, 3)),), "makes a value of shape .0, 3.: 1 to"),
    "a huge input": ((Input("x", (), size=(1 << 20, 1 << 20)),), "1 to 2147483648 entries are needed"),
    "the same name": ((x, ReLU("x", ("x",))), "node x .relu. has a name that another node has"),
    "a later node": ((x, ReLU("a", ("b",)), ReLU("b", ("x",))), "node a .relu. reads b, which is no earlier node"),
    "unread": ((x, ReLU("a", ("x",)), ReLU("b", ("x",))), "node a .relu. makes a value that nobody reads"),
    "no such parameter": (
        (x, Flatten("f", ("x",)), Linear("l", ("f",), weight="Q")),
        "node l .linear. has the parameter Q",
    ),
    "unused parameter": ((x, Flatten("f", ("x",))), "belongs to no node of the graph"),
    "linear on an image": ((x, Linear("l", ("x",), weight="W")), "so flatten it first"),
    "other width": (
        (x, Flatten("f", ("x",)), Linear("l", ("f",), weight="s")),
        r"node l .linear. has the weight s of shape \(2,\)",
    ),
    "bias of another length": (
        (x, Flatten("f", ("x",)), Linear("l", ("f",), weight="W", bias="W")),
        r"has the bias W of shape \(2, 9\): \(2,\) is needed",
    ),
    "window too large": (
        (x, MaxPool2d("m", ("x",), kernel=(4, 4))),
        "node m .max_pool2d. has a window that does not fit",
    ),
    "window of padding": ((x, MaxPool2d("m", ("x",), kernel=(1, 1), padding=(1, 0, 0, 0))), "sees nothing but padding"),
    "window of padding, far away": (
        (Input("x", (), size=(1, (1 << 30) - 1, 1)), MaxPool2d("m", ("x",), kernel=(1, 1), padding=(0, 0, 1, 0))),
        "sees nothing but padding",
    ),
    "window of nothing": ((x, MaxPool2d("m", ("x",), kernel=(0, 1))), "has the kernel .0, 1.: sizes of at least 1"),
    "window without end": ((x, MaxPool2d("m", ("x",), kernel=(1 << 30, 1))), "at most 1024 are covered"),
    "padding without end": ((x, MaxPool2d("m", ("x",), kernel=(2, 2), padding=(0, 0, 1 << 30, 0))), "from 0 to 1024"),
    "other kernel": (
        (x, Conv2d("c", ("x",), kernel=(3, 3), weight="k")),
        r"node c .conv2d. has the weight k of shape \(2, 1, 2, 2\)",
    ),
    "groups": ((x, Conv2d("c", ("x",), kernel=(2, 2), weight="k", groups=3)), "in 3 group"),
    "no groups": ((x, Conv2d("c", ("x",), kernel=(2, 2), weight="k", groups=0)), "in 0 group"),
    "scale of another length": ((x, Scale("c", ("x",), weight="s")), "but reads 1 channels"),
    "sum of two shapes": (
        (x, Flatten("f", ("x",)), Add("a", ("x", "f"))),
        r"adds values of the shapes \(1, 3, 3\), \(9,\)",
    ),
    "sum of nothing": ((x, Add("a", ())), "node a .add. reads 0 value"),
    "relu of two": ((x, ReLU("r", ("x", "x"))), r"reads 2 value\(s\): 1 is needed"),
    "join along no axis": ((x, Concatenate("c", ("x", "x"), axis=3)), "joins along axis 3"),
    "join of two shapes": ((x, Flatten("f", ("x",)), Concatenate("c", ("x", "f"))), "joins values of the shapes"),
    "reshape": ((x, Reshape("r", ("x",), size=(2, 5))), r"makes \(2, 5\) of a value of shape \(1, 3, 3\)"),
    "transpose": ((x, Transpose("t", ("x",), order=(0, 0, 1))), r"has the order \(0, 0, 1\) of axes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_graph_is_refused_by_the_node(case):
    """One line that names it."""
    nodes, words = REFUSED[case]
    used = {name for node in nodes for name in node.weights} or {"W"}
    with pytest.raises(InputError, match=words) as caught:
        Graph(nodes, {name: array for name, array in ONE.items() if name in used})
    assert len(str(caught.value).splitlines()) == 1


def test_what_is_called_with_is_looked_at():
    graph = BY_HAND["padding"][0]
    for X, words in ((np.zeros((1, 8)), "X has 8 columns, but the network 9 inputs"), (np.zeros(9), "2 dimension")):
        with pytest.raises(InputError, match=words):
            graph(X)
