"""Which graphs are of a class, and files of graphs: exact, whole, and refused in one line when they are not."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from safetensors.numpy import save as save_tensors

import skipscape as sk
from numerics.checker.networks import read_network as checkers_network
from numerics.networks.files import read_network
from numerics.networks.graph import Graph
from numerics.networks.graph.lower import lowered
from numerics.networks.graph.nodes import Add, Flatten, Input, Linear, ReLU, Reshape
from numerics.networks.graph.text import written
from numerics.networks.origin import KEY, Origin
from numerics.testing import graphs
from support.graph_oracle import exact, outputs


class Sketch:
    """A graph of dense layers, drawn by a few words."""

    def __init__(self, size=(2, 2)):
        self.rng = np.random.default_rng(0)
        self.nodes, self.arrays = [Input("x", (), size=size)], {}
        self.sizes = {"x": int(np.prod(size))}
        if len(size) > 1:
            self.put(Flatten("flat", ("x",)), self.sizes["x"])

    def put(self, node, size):
        self.nodes.append(node)
        self.sizes[node.name] = size
        return node.name

    def linear(self, name, source, size, *, bias=True):
        self.arrays[f"{name}.weight"] = self.rng.integers(-4, 5, (size, self.sizes[source])) / 4.0
        if bias:
            self.arrays[f"{name}.bias"] = self.rng.integers(-4, 5, size) / 4.0
        return self.put(Linear(name, (source,), weight=f"{name}.weight", bias=f"{name}.bias" if bias else None), size)

    def dense(self, name, source, size, *, bias=True):
        return self.put(ReLU(f"{name}.relu", (self.linear(name, source, size, bias=bias),)), size)

    def sum(self, left, right):
        return self.put(Add(f"{left}+{right}", (left, right)), self.sizes[left])

    def graph(self):
        origin = Origin(tuple((name, name) for name in self.arrays))
        return Graph(tuple(self.nodes), self.arrays).with_origin(origin)


def chain(*widths, bias=True):
    """Dense layers, the last one without ReLU."""
    sketch, last = Sketch(), "flat"
    for k, width in enumerate(widths[:-1]):
        last = sketch.dense(f"fc{k}", last, width, bias=bias)
    sketch.linear("head", last, widths[-1], bias=bias)
    return sketch.graph()


def parallel(*, skip=True, branch=False, swapped=False, depth=1):
    sketch = Sketch()
    z = last = sketch.dense("w", "flat", 5)
    for k in range(depth):
        last = sketch.dense(f"b{k}", last, 3)
    ends = [sketch.linear("v", z, 2, bias=skip), sketch.linear("u", last, 2, bias=branch)]
    sketch.sum(*(ends[::-1] if swapped else ends))
    return sketch.graph()


def stream(blocks, *, bias=False, relu=False):
    sketch = Sketch()
    z = sketch.dense("w", "flat", 4)
    for k in range(blocks):
        back = sketch.linear(f"u{k}", sketch.dense(f"a{k}", z, 3), 4, bias=bias)
        z = sketch.sum(z, back) if k % 2 else sketch.sum(back, z)
        z = sketch.put(ReLU(f"r{k}", (z,)), 4) if relu else z
    sketch.linear("v", z, 2)
    return sketch.graph()


def reshaped():
    """Shapes that change nothing between two layers."""
    sketch = Sketch()
    z = sketch.dense("w", "flat", 4)
    square = sketch.put(Reshape("square", (z,), size=(2, 2)), 4)
    sketch.linear("v", sketch.put(Flatten("again", (square,)), 4), 2)
    return sketch.graph()


CLASSES = {
    "two layers": (chain(3, 2), "two-layer"),
    "two layers without biases": (chain(3, 2, bias=False), "two-layer"),
    "three layers": (chain(3, 4, 2), "plain"),
    "five layers": (chain(3, 4, 2, 5, 2), "plain"),
    "reshaped": (reshaped(), "two-layer"),
    "parallel": (parallel(), "parallel"),
    "parallel, the bias on the branch": (parallel(skip=False, branch=True, swapped=True, depth=2), "parallel"),
    "residual": (stream(1), "residual"),
    "stream": (stream(3), "stream"),
    "an affine map": (chain(2), "graph"),
    "two output biases": (parallel(branch=True), "graph"),
    "a branch that is none": (parallel(depth=0), "graph"),
    "a block with a bias": (stream(1, bias=True), "graph"),
    "ReLU behind the sums": (stream(2, relu=True), "post"),
    "ReLU behind the sum": (stream(1, relu=True), "post"),
    "ReLU behind the sum of a block with a bias": (stream(1, bias=True, relu=True), "graph"),
}


@pytest.mark.parametrize("case", CLASSES)
def test_a_graph_that_is_of_a_class_becomes_one(case, tmp_path):
    """The same function exactly, every array bit for bit under its name, also after a file; all others stay graphs."""
    graph, kind = CLASSES[case]
    network = lowered(graph)
    assert network.kind == kind
    X = np.random.default_rng(1).integers(-8, 9, (3, 4)) / 4.0
    assert [[exact(value)[()] for value in row] for row in network(X)] == [outputs(graph, row) for row in X]
    sk.save(network, tmp_path / "net.safetensors")
    for one in (network, sk.load(tmp_path / "net.safetensors"), network.replace({})):
        state = one.state_dict()
        assert list(state) == list(graph.arrays)
        assert all(state[name].tobytes() == array.tobytes() for name, array in graph.arrays.items())
    if kind != "graph":  # the other program reads the same weights, and leaves the names alone
        theirs = checkers_network(tmp_path / "net.safetensors", 1 << 24)
        assert all(theirs.weights[name].tobytes() == array.tobytes() for name, array in network.parameters().items())


def test_weights_that_are_shared_stay_shared():
    """No class has one parameter in two places."""
    sketch = Sketch((3,))
    last = sketch.dense("fc", "x", 3)
    sketch.put(Linear("again", (last,), weight="fc.weight"), 3)
    assert isinstance(lowered(sketch.graph()), Graph)


def test_a_bias_that_came_on_the_way_has_no_place_in_the_former_names():
    """0 is none; anything else is an error, not lost."""
    network = lowered(chain(3, 2, bias=False))
    assert list(network.replace({"c": np.zeros(2)}).state_dict()) == ["fc0.weight", "head.weight"]
    with pytest.raises(sk.InputError, match="c is not 0, but what this network was converted from has no place for it"):
        network.replace({"c": np.ones(2)}).state_dict()


@given(graph=graphs())
@settings(max_examples=15)
def test_graphs_are_written_and_read_bit_for_bit(graph):
    """Nodes, arrays, names and notes."""
    graph = graph.with_origin(Origin(tuple((name, name) for name in graph.arrays), ("a note",), folded=True))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "net.safetensors"
        sk.save(graph, place)
        again = sk.load(place)
        assert read_network(place).identical(graph)
    assert again.identical(graph)
    assert (again.origin, again.notes) == (graph.origin, ("a note",))


ONE = json.loads(written(chain(2).nodes))
DEEP = "[" * 100_000


def changed(k, **fields):
    return json.dumps([{**row, **fields} if j == k else row for j, row in enumerate(ONE)])


def origin(**more):
    return {"graph": json.dumps(ONE), KEY: json.dumps({"names": [], "notes": [], "folded": False, **more})}


BROKEN = {
    "no graph": ({}, "its metadata graph is no JSON of a graph"),
    "no JSON": ({"graph": "["}, "is no JSON of a graph"),
    "nested without end": ({"graph": DEEP}, "is no JSON of a graph"),
    "an object": ({"graph": "{}"}, "is no list of 1 to"),
    "empty": ({"graph": "[]"}, "is no list of 1 to"),
    "a number": ({"graph": "[1]"}, "node 0 of its graph is '1': one of input, linear"),
    "unknown node": ({"graph": changed(1, op="attention")}, "node 1 of its graph is 'attention'"),
    "a list as node": ({"graph": changed(1, op=["relu"])}, "node 1 of its graph is"),
    "a key too many": (
        {"graph": changed(1, slope=1)},
        r"node 1 of its graph \(flatten\) lacks 'slope', or has it without",
    ),
    "a key twice": ({"graph": '[{"op":"relu","op":"relu"}]'}, "a key stands twice"),
    "a key too few": ({"graph": json.dumps([{"op": "input", "name": "x", "inputs": []}])}, "lacks 'size'"),
    "a fraction": ({"graph": changed(0, size=[2.5])}, "2.5 is no size"),
    "a truth value": ({"graph": changed(0, size=[True, 2])}, r"has size '\[True, 2\]': tuple\[int, ...\] is needed"),
    "below 0": ({"graph": changed(0, size=[-2, -2])}, "has size"),
    "huge": ({"graph": changed(0, size=[1 << 30, 1 << 30])}, "entries are needed"),
    "a name of no text": ({"graph": changed(1, name=3)}, "has name '3': str is needed"),
    "a long name": ({"graph": changed(1, name="x" * 501)}, "has name"),
    "other weight": (
        {"graph": changed(2, weight="nope")},
        "node head .linear. has the parameter nope, which is missing",
    ),
    "another order": ({"graph": json.dumps(ONE[::-1])}, "an input and up to"),
    "an activation in a note": ({"graph": json.dumps(ONE), "activation": "gelu"}, "its metadata says activation"),
    "origin is no JSON": ({"graph": json.dumps(ONE), KEY: "x"}, "skipscape.origin is malformed"),
    "origin lacks keys": ({"graph": json.dumps(ONE), KEY: '{"names":[]}'}, "skipscape.origin is malformed"),
    "origin of numbers": ({"graph": json.dumps(ONE), KEY: '{"names":[1],"notes":[],"folded":false}'}, "is malformed"),
    "origin of other arrays": (
        {"graph": json.dumps(ONE), KEY: '{"names":[["a","b"]],"notes":[],"folded":false}'},
        "speaks of 'b', which it has not",
    ),
    "origin with a name twice": (
        {"graph": json.dumps(ONE), KEY: '{"names":[["a","head.bias"],["b","head.bias"]],"notes":[],"folded":false}'},
        "has a name twice",
    ),
    "origin filled with words": (origin(filled=[["a", ["x"], [1]]]), "skipscape.origin is malformed"),
    "origin filled beyond measure": (
        origin(filled=[["a", [1.0], [1 << 15, 1 << 15]]]),
        "skipscape.origin is malformed",
    ),
    "origin filled with too few": (origin(filled=[["a", [1.0, 2.0], [3]]]), "skipscape.origin is malformed"),
    "origin filled with infinity": (origin(filled=[["a", [1e999], [3]]]), "skipscape.origin is malformed"),
    "origin with a form of nothing": (origin(forms=[["a", [0], [4]]]), "has no form for 'a'"),
    "origin with an order that is none": (
        origin(names=[["a", "head.weight"]], forms=[["a", [0, 0], [2, 4]]]),
        "has no form for 'a'",
    ),
    "origin with a shape of other entries": (
        origin(names=[["a", "head.weight"]], forms=[["a", [1, 0], [9, 9]]]),
        "has no form for 'a'",
    ),
    "origin with a long note": (
        {"graph": json.dumps(ONE), KEY: json.dumps({"names": [], "notes": ["x" * 501], "folded": False})},
        "has texts longer than 500 letters",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_of_a_graph_is_refused_in_one_line(case, tmp_path):
    """That names the file."""
    metadata, words = BROKEN[case]
    place = tmp_path / "net.safetensors"
    place.write_bytes(save_tensors(dict(chain(2).arrays), metadata={"class": "graph", "bias": "0", **metadata}))
    with pytest.raises(sk.InputError, match=words) as caught:
        sk.load(place)
    assert str(caught.value).startswith(f"{place}: ")
    assert len(str(caught.value).splitlines()) == 1


ARRAYS = {
    "integers": ({"head.weight": np.ones((2, 4), dtype=np.int64)}, "head.weight has type int64"),
    "NaN": ({"head.weight": np.full((2, 4), np.nan)}, "head.weight has NaN"),
    "another shape": (
        {"head.weight": np.ones((2, 3))},
        r"node head \(linear\) has the weight head.weight of shape \(2, 3\)",
    ),
    "one too many": ({"more": np.ones(1)}, "more belongs to no node"),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_arrays_that_do_not_fit_are_refused(case, tmp_path):
    arrays, words = ARRAYS[case]
    place = tmp_path / "net.safetensors"
    metadata = {"class": "graph", "bias": "0", "graph": json.dumps(ONE)}
    place.write_bytes(save_tensors({**chain(2).arrays, **arrays}, metadata=metadata))
    with pytest.raises(sk.InputError, match=words):
        sk.load(place)


def test_a_graph_has_no_npz(tmp_path):
    """Neither written nor read."""
    np.savez(tmp_path / "net.npz", **{"class": "graph", "bias": 0, **chain(2).arrays})
    with pytest.raises(sk.InputError, match=r"class is 'graph'|torch state dict"):
        sk.load(tmp_path / "net.npz")
