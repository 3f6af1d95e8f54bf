"""ONNX files, written by hand: the function of onnx's own reference evaluator, or refused by node and operator."""

from pathlib import Path

import numpy as np
import pytest

from numerics.errors import InputError
from numerics.networks.graph.graph import Graph
from support.command_cases import require_one_line
from support.command_line import skipscape

onnx = pytest.importorskip("onnx", reason="the package onnx is an extra: pip install 'skipscape[onnx]'")

from numerics.networks.files.onnx import read_onnx  # noqa: E402


def constant(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def N(op, inputs, output, **attributes):
    return onnx.helper.make_node(op, inputs.split(), [output], **attributes)


def write(place, nodes, arrays, size, opset=17, *, listed=False, kind=1):
    """A model whose last node makes the output `y`; `listed`: initializers stand among the inputs, as in old files."""
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    inputs = [helper.make_tensor_value_info("x", kind, size)]
    if listed:
        inputs += [helper.make_tensor_value_info(name, kind, array.shape) for name, array in arrays.items()]
    tensors = [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "g", inputs, [helper.make_tensor_value_info("y", kind, None)], tensors)
    place.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)]).SerializeToString())
    return place


W, V, B, C = constant(4, 5), constant(5, 3, seed=1), constant(5, seed=2), constant(3, seed=3)
DENSE = {"w": W, "b": B, "v": V, "c": C}
IMAGE = {
    "k": constant(6, 2, 3, 2),
    "kb": constant(6, seed=1),
    "g": constant(6, 3, 2, 2, seed=2),
    "s": constant(6, seed=3),
    "t": constant(6, seed=4),
    "m": constant(6, seed=5),
    "q": np.abs(constant(6, seed=6)) + 0.5,
}
BATCH_NORM = N("BatchNormalization", "e s t m q", "n", epsilon=1e-3)
FILES = {
    "Gemm, transB 0": (
        [N("Gemm", "x w b", "h"), N("Relu", "h", "r"), N("Gemm", "r v c", "y")],
        DENSE,
        ["N", 4],
        "two-layer",
    ),
    "Gemm, transB 1": (
        [N("Gemm", "x w b", "h", transB=1), N("Relu", "h", "r"), N("Gemm", "r v c", "y", transB=1)],
        {**DENSE, "w": W.T, "v": V.T},
        [1, 4],
        "two-layer",
    ),
    "Gemm with factors": ([N("Gemm", "x w b", "y", alpha=0.3, beta=-2.0)], DENSE, ["N", 4], "graph"),
    "Gemm without a bias": (
        [N("Gemm", "x w", "h"), N("Relu", "h", "r"), N("Gemm", "r v", "y")],
        DENSE,
        ["N", 4],
        "two-layer",
    ),
    "MatMul and Add": (
        [
            N("MatMul", "x w", "a"),
            N("Add", "b a", "h"),
            N("Relu", "h", "r"),
            N("MatMul", "r v", "d"),
            N("Add", "d c", "y"),
        ],
        DENSE,
        ["N", 4],
        "two-layer",
    ),
    "columns": (
        [N("MatMul", "w x", "a"), N("Add", "a b", "h"), N("Relu", "h", "r"), N("MatMul", "v r", "y")],
        {"w": W.T, "b": B[:, None], "v": V.T},
        [4, 1],
        "two-layer",
    ),
    "normalised input": (
        [N("Sub", "x m", "d"), N("Div", "d q", "e"), N("Mul", "e two", "f"), N("Gemm", "f w", "y")],
        {"m": constant(4), "q": np.float32([2, 4, 3, 5]), "two": np.float32(2), "w": W},
        ["N", 4],
        "graph",
    ),
    "convolution": (
        [
            N("Conv", "x k kb", "e", pads=[1, 0, 2, 1], strides=[2, 1], dilations=[1, 2]),
            BATCH_NORM,
            N("Relu", "n", "r"),
            N("Conv", "r g", "h", group=2),
            N("GlobalAveragePool", "h", "p"),
            N("Flatten", "p", "y"),
        ],
        IMAGE,
        ["N", 2, 6, 7],
        "graph",
    ),
    "SAME and pooling": (
        [
            N("Conv", "x k", "e", auto_pad="SAME_LOWER", strides=[2, 2]),
            N("MaxPool", "e", "p", kernel_shape=[2, 2], pads=[1, 0, 0, 1]),
            N("Relu", "p", "r"),
            N("AveragePool", "r", "a", kernel_shape=[2, 2], pads=[1, 1, 0, 0]),
            N("AveragePool", "a", "z", kernel_shape=[2, 2], count_include_pad=1, pads=[0, 1, 1, 0]),
            N("Flatten", "z", "y"),
        ],
        IMAGE,
        [1, 2, 6, 7],
        "graph",
    ),
    "rounded up": (
        [N("MaxPool", "x", "y", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)],
        {},
        [1, 2, 5, 4],
        "graph",
    ),
    "normalisation before": ([N("Relu", "x", "e"), BATCH_NORM, N("Relu", "n", "y")], IMAGE, ["N", 6, 2, 2], "graph"),
    "channels last": (
        [
            N("Transpose", "x", "e", perm=[0, 3, 1, 2]),
            N("Conv", "e k", "h"),
            N("Transpose", "h", "y", perm=[0, 2, 3, 1]),
        ],
        IMAGE,
        ["N", 4, 4, 2],
        "graph",
    ),
    "axes": (
        [
            N("Unsqueeze", "x two", "u"),
            N("Squeeze", "u two", "e"),
            N("Concat", "e x", "f", axis=1),
            N("Identity", "f", "y"),
        ],
        {"two": np.array([2])},
        ["N", 3],
        "graph",
    ),
    "shapes computed": (
        [
            N("Shape", "x", "s"),
            N("Gather", "s zero", "n"),
            N("Unsqueeze", "n ax", "u"),
            N("Concat", "u rest", "t", axis=0),
            N("Reshape", "x t", "f"),
            N("Gemm", "f w b", "h"),
            N("Relu", "h", "r"),
            N("Dropout", "r", "d"),
            N("Gemm", "d v", "y"),
        ],
        {"zero": np.array(0), "ax": np.array([0]), "rest": np.array([-1]), **DENSE},
        ["N", 1, 2, 2],
        "two-layer",
    ),
    "activations": (
        [
            N("Gemm", "x w b", "h"),
            N("LeakyRelu", "h", "l", alpha=0.3),
            N("PRelu", "l slopes", "p"),
            N("Clip", "p low high", "k"),
            N("Clip", "h  high", "j"),
            N("Abs", "x", "e"),
            N("Gemm", "e w b", "f"),
            N("Sum", "k f j", "y"),
        ],
        DENSE | {"slopes": np.float32([0.5, -0.25, 2, 0, 1]), "low": np.float32(-0.125), "high": np.float32(0.5)},
        ["N", 4],
        "graph",
    ),
    "slopes of channels": (
        [N("PRelu", "x slopes", "p"), N("Clip", "p low", "y")],
        {"slopes": np.float32([0.5, -0.25])[:, None, None], "low": np.float32(-0.5)},
        [1, 2, 3, 4],
        "graph",
    ),
    "sum of values": ([N("Gemm", "x w b", "h"), N("Relu", "h", "r"), N("Add", "r h", "y")], DENSE, ["N", 4], "graph"),
    "difference of values": (
        [N("Gemm", "x w b", "h"), N("Relu", "h", "r"), N("Sub", "r h", "y")],
        DENSE,
        ["N", 4],
        "graph",
    ),
    "a last softmax": ([N("Gemm", "x w b", "h"), N("Softmax", "h", "y")], DENSE, ["N", 4], "graph"),
    "a constant node, last": (
        [
            N("Cast", "two", "d", to=11),
            N("Add", "x d", "y"),
            onnx.helper.make_node("Constant", [], ["two"], value_float=2.0),
        ],
        {},
        ["N", 4],
        "graph",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_and_its_network_are_one_function(case, tmp_path):
    """The reference evaluator's outputs in float64, within the derived bound of both roundings."""
    nodes, arrays, size, kind = FILES[case]
    wide = {name: array.astype(np.float64) if array.dtype.kind == "f" else array for name, array in arrays.items()}
    model = read_onnx(write(tmp_path / "net.onnx", nodes, wide, size, kind=onnx.TensorProto.DOUBLE))
    network, translation = model.network(), model.translated()
    assert network.kind == kind
    X = np.random.default_rng(7).normal(size=(3, network.inputs))
    theirs, bound = model.outputs(X), translation.bound(X)
    assert (np.abs(network(X) - theirs) <= bound).all()
    assert bound.max() < 2.0**-20 * np.abs(theirs).max()  # which no wrong reading meets
    assert bool(network.notes) == (case in NOTED)
    read = {name for node in nodes for name in node.input}
    assert set(network.state_dict()) >= {"w", "k", "v"} & read & set(arrays)


NOTED = {
    "Gemm, transB 0",
    "activations",
    "Gemm with factors",
    "Gemm without a bias",
    "MatMul and Add",
    "normalised input",
    "convolution",
}
NOTED |= {"normalisation before", "shapes computed", "sum of values", "difference of values", "a last softmax"}


def test_old_files_list_initializers_as_inputs(tmp_path):
    """And are the same network."""
    nodes, arrays, size, _ = FILES["Gemm, transB 0"]
    one = read_onnx(write(tmp_path / "a.onnx", nodes, arrays, size)).network()
    other = read_onnx(write(tmp_path / "b.onnx", nodes, arrays, size, opset=8, listed=True)).network()
    assert other.identical(one)


def test_a_part_of_a_shape_is_that_part(tmp_path):
    """`start` and `end` of Shape count: x / 4, where the whole shape began with 1."""
    nodes = [N("Shape", "x", "s", start=1), N("Gather", "s z", "k"), N("Cast", "k", "f", to=1), N("Div", "x f", "y")]
    network = read_onnx(write(tmp_path / "net.onnx", nodes, {"z": np.array(0)}, [1, 4])).network()
    assert network([[1.0, 2.0, -4.0, 8.0]]).tolist() == [[0.25, 0.5, -1.0, 2.0]]


def elsewhere():
    """A tensor that names another file, as large models have them."""
    tensor = onnx.TensorProto(name="w", data_type=1, dims=[4, 5], data_location=onnx.TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="other.bin")
    return tensor


def test_no_other_file_is_opened(tmp_path, monkeypatch):
    """Neither for an initializer nor for a constant node, although the file is there."""
    monkeypatch.chdir(tmp_path)
    np.ones(20, dtype=np.float32).tofile("other.bin")
    constant_node = onnx.helper.make_node("Constant", [], ["w"], value=elsewhere(), name="w")
    for k, nodes in enumerate(([], [constant_node])):
        place = write(tmp_path / f"{k}.onnx", [*nodes, N("Gemm", "x w", "y")], {} if nodes else {"w": W}, [1, 4])
        if not nodes:
            message = onnx.load_model_from_string(place.read_bytes())
            message.graph.initializer[0].CopyFrom(elsewhere())
            place.write_bytes(message.SerializeToString())
        with pytest.raises(InputError, match="w lies in another file"):
            read_onnx(place)


def test_a_function_that_replaces_an_operator_is_refused(tmp_path):
    """A Relu that the file says is Neg."""
    place = write(tmp_path / "net.onnx", [N("Relu", "x", "y")], {}, [1, 4])
    message = onnx.load_model_from_string(place.read_bytes())
    opsets = [onnx.helper.make_opsetid("", 17)]
    message.functions.append(onnx.helper.make_function("", "Relu", ["a"], ["b"], [N("Neg", "a", "b")], opsets))
    place.write_bytes(message.SerializeToString())
    with pytest.raises(InputError, match="it has functions in the place of standard operators"):
        read_onnx(place)


I64 = np.int64
MOVED = {
    "slice": (
        [N("Slice", "x a b c d", "y")],
        {"a": I64([1, 0]), "b": I64([4, 9]), "c": I64([1, 3]), "d": I64([1, 2])},
        (2, 4, 5),
    ),
    "backwards": (
        [N("Slice", "x a b c d", "y")],
        {"a": I64([-1]), "b": I64([-9]), "c": I64([3]), "d": I64([-1])},
        (2, 4, 5),
    ),
    "gather": ([N("Gather", "x a", "y", axis=1)], {"a": I64([2, 0, 2])}, (3, 4)),
    "gather one": ([N("Gather", "x a", "y", axis=2)], {"a": np.array(3)}, (3, 4)),
    "split": (
        [
            onnx.helper.make_node("Split", ["x", "a"], ["u", "v"], axis=1),
            N("Relu", "u", "r"),
            N("Concat", "v r", "y", axis=1),
        ],
        {"a": I64([1, 3])},
        (4, 3),
    ),
    "zeros around": ([N("Pad", "x a", "y")], {"a": I64([0, 1, 2, 0, 0, 0, 1, 2])}, (2, 3, 3)),
    "reflected": ([N("Pad", "x a", "y", mode="reflect")], {"a": I64([0, 0, 2, 1, 0, 0, 1, 2])}, (2, 3, 3)),
    "tiles": ([N("Tile", "x a", "y")], {"a": I64([1, 2, 3])}, (2, 3)),
    "expand": ([N("Expand", "x a", "y")], {"a": I64([1, 3, 4])}, (3, 1)),
    "depth to space": ([N("DepthToSpace", "x", "y", blocksize=2, mode="CRD")], {}, (8, 2, 3)),
    "space to depth": ([N("SpaceToDepth", "x", "y", blocksize=2)], {}, (2, 4, 6)),
    "resized": (
        [N("Resize", "x n s", "y", mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")],
        {"n": np.zeros(0, dtype=np.float32), "s": np.float32([1, 1, 2, 3])},
        (2, 3, 3),
    ),
    "sum": ([N("ReduceSum", "x a", "y", keepdims=0)], {"a": I64([2, 3])}, (3, 2, 4)),
    "sum of channels": ([N("ReduceSum", "x a", "y")], {"a": I64([1])}, (3, 2, 4)),
    "mean of rows": ([N("ReduceMean", "x", "y", axes=[2], keepdims=0)], {}, (3, 2, 4)),
    "largest": ([N("ReduceMax", "x", "y", axes=[3, 1], keepdims=0)], {}, (3, 2, 4)),
    "global max": ([N("GlobalMaxPool", "x", "y")], {}, (3, 2, 4)),
    "max of two": ([N("Neg", "x", "n"), N("Max", "x n", "y")], {}, (4,)),
    "min of three": ([N("Neg", "x", "n"), N("Relu", "x", "r"), N("Min", "x n r", "y")], {}, (4,)),
    "max with a number": ([N("Max", "x a", "y")], {"a": np.float32([0.25])}, (4,)),
    "a pooled line": (
        [N("MaxPool", "x", "p", kernel_shape=[2], strides=[2]), N("AveragePool", "p", "y", kernel_shape=[2])],
        {},
        (2, 8),
    ),
    "transposed": (
        [N("ConvTranspose", "x w b", "y", strides=[2, 2], pads=[1, 0, 1, 1], output_padding=[1, 0])],
        {"w": constant(2, 3, 4, 3), "b": constant(3)},
        (2, 3, 4),
    ),
    "transposed by one": ([N("ConvTranspose", "x w", "y")], {"w": constant(2, 3, 3, 2)}, (2, 3, 4)),
    "hard sigmoid": ([N("HardSigmoid", "x", "y", alpha=0.3, beta=0.4)], {}, (5,)),
    "a line": (
        [N("Conv", "x w b", "y", pads=[1, 0], strides=[2], dilations=[2])],
        {"w": constant(3, 2, 3), "b": constant(3)},
        (2, 9),
    ),
}


@pytest.mark.parametrize("case", MOVED)
def test_what_moves_or_reduces_entries_is_what_the_evaluator_makes(case, tmp_path):
    from onnx.reference import ReferenceEvaluator

    nodes, arrays, size = MOVED[case]
    place = write(tmp_path / "net.onnx", nodes, arrays, [1, *size])
    network = read_onnx(place).network()
    X = np.random.default_rng(1).normal(size=(3, *size)).astype(np.float32)
    theirs = np.stack([ReferenceEvaluator(str(place)).run(None, {"x": one[None]})[0].reshape(-1) for one in X])
    np.testing.assert_allclose(network(X.reshape(3, -1).astype(np.float64)), theirs, rtol=1e-5, atol=1e-6)


HUGE = {
    "tiled": ([N("Tile", "x s", "y")], {"s": np.array([1, 1 << 30])}),
    "expanded": ([N("Expand", "c s", "e"), N("Add", "x e", "y")], {"c": np.float32([1]), "s": np.array([1 << 31])}),
    "counted": (
        [N("Range", "a b c", "e"), N("Add", "x e", "y")],
        {"a": np.float32(0), "b": np.float32(4e9), "c": np.float32(1)},
    ),
    "doubled": ([N("Concat", f"c{k} c{k}", f"c{k + 1}", axis=0) for k in range(40)], {"c0": np.float32([1])}),
    "paired": ([N("Add", "r c", "e"), N("Add", "x e", "y")], {"r": np.ones((1, 4096)), "c": np.ones((4096, 1))}),
    "broadcast to a value": ([N("Add", "x c", "y")], {"c": np.float32(1)}),
}


@pytest.mark.parametrize("case", HUGE)
def test_what_a_small_file_makes_large_is_refused_before_it_is_made(case, tmp_path):
    """By the bytes that it would take, on a budget of 1 MiB."""
    nodes, arrays = HUGE[case]
    model = read_onnx(write(tmp_path / "net.onnx", nodes, arrays, [1, (1 << 31) - 1]), 1 << 20)
    with pytest.raises(InputError, match=r"node \w+ \(\w+\) would need .* more than the budget of 1.0 MiB"):
        model.network()


def bare(op, *inputs, **attributes):
    """A node whose inputs may be left out, and whose attribute may be another's."""
    return onnx.helper.make_node(op, inputs, ["y"], **attributes)


def of_another():
    node = bare("Relu", "x")
    node.attribute.add(name="q", ref_attr_name="z", type=1)
    return node


REFUSED = {
    "a constant left out": ([bare("Add", "x", "")], {}, r"node y \(Add\) reads a value of the network"),
    "another's attribute": ([of_another()], {}, r"node y \(Relu\) has a malformed attribute"),
    "axes counted from the end": ([N("Transpose", "x", "y", perm=[0, -1])], {}, r"has the order \(0, -1\) of axes"),
    "an axis twice": ([N("Transpose", "x", "y", perm=[1, 1])], {}, r"has the order \(1, 1\) of axes"),
    "two axes that are one": ([N("Unsqueeze", "x a", "y")], {"a": np.array([0, 0])}, "of which two are one"),
    "an axis to drop beyond the last": ([N("Squeeze", "x a", "y")], {"a": np.array([2])}, "names the axis 2 of 2"),
    "an axis to add beyond the last": ([N("Unsqueeze", "x a", "y")], {"a": np.array([3])}, "names the axis 3 of 3"),
    "an axis before the first": ([N("Flatten", "x", "y", axis=-3)], {}, "names the axis -3 of 2"),
    "joined beyond the last axis": ([N("Concat", "x x", "y", axis=2)], {}, "names the axis 2 of 2"),
    "the mean of an axis that is not there": ([N("ReduceMean", "x", "y", axes=[2, 7])], {}, "names the axis 2 of 2"),
    "a softmax of an axis that is not there": ([N("Softmax", "x", "y", axis=2)], {}, "names the axis 2 of 2"),
    "aligned by an axis": ([N("Add", "x w", "y", axis=0)], {"w": W[0, :4]}, "has an axis along which it is broadcast"),
    "steps of 0": (
        [
            N("Reshape", "x s", "i"),
            N("MaxPool", "i", "y", kernel_shape=[2, 2], strides=[0, 0], auto_pad="SAME_UPPER"),
        ],
        {"s": np.array([1, 1, 2, 2])},
        "is malformed: division by zero",
    ),
    "an activation": ([N("Sigmoid", "x", "y")], {}, r"node y \(Sigmoid\) is not covered: Abs, Add, "),
    "a product": ([N("Mul", "x x", "y")], {}, r"node y \(Mul\) multiplies two values"),
    "a quotient": ([N("Div", "w x", "y")], {"w": W[0]}, r"node y \(Div\) divides by a value"),
    "a product of values": ([N("MatMul", "x x", "y")], {}, r"node y \(MatMul\) multiplies two values"),
    "transA": ([N("Gemm", "x w", "y", transA=1)], {"w": W}, r"node y \(Gemm\) has transA"),
    "another width": ([N("Gemm", "x w", "y")], {"w": W[:3]}, r"node y \(Gemm\) reads a value of shape \(1, 4\)"),
    "softmax inside": ([N("Softmax", "x", "h"), N("Relu", "h", "y")], {}, r"node y \(Relu\) reads what Softmax makes"),
    "nobody's name": ([N("Relu", "q", "y")], {}, "reads 'q', which no earlier node makes"),
    "another domain": ([N("Relu", "x", "y", domain="my")], {}, r"node y \(Relu\) is of the domain 'my'"),
    "a constant network": ([N("Identity", "w", "y")], {"w": W}, "its output does not depend on its input"),
    "rows mixed": ([N("Reshape", "x s", "y")], {"s": np.array([3, -1])}, "makes the shape"),
    "convolution of a row": ([N("Conv", "x w", "y")], {"w": constant(1, 1, 3)}, r"\(N, c, l\) is covered"),
    "padding with ones": (
        [N("Pad", "x a o", "y")],
        {"a": np.array([0, 1, 0, 1]), "o": np.float32(1)},
        "pads with a number that is not 0",
    ),
    "a kernel that is computed": ([N("Conv", "x x", "y")], {}, "node y"),
    "a type of integers": ([N("Cast", "x", "y", to=7)], {}, "makes another type of numbers"),
    "dropout that is switched on": (
        [N("Dropout", "x r t", "y")],
        {"r": np.float32(0.5), "t": np.array(True)},
        "at random",
    ),
    "a shape that is no broadcast": ([N("Add", "x w", "y")], {"w": constant(3, 1)}, "makes another shape"),
    "NaN": ([N("Gemm", "x w", "y")], {"w": W * np.float32("nan")}, "w has NaN"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_covered_is_refused_by_node_and_operator(case, tmp_path):
    nodes, arrays, words = REFUSED[case]
    model = read_onnx(write(tmp_path / "net.onnx", nodes, arrays, [1, 4]))
    with pytest.raises(InputError, match=words) as caught:
        model.network()
    assert len(str(caught.value).splitlines()) == 1


def test_broken_files_are_refused_in_one_line(tmp_path):
    """Status 2 and the file's name; nothing is written."""
    good = write(tmp_path / "good.onnx", *FILES["Gemm, transB 0"][:3]).read_bytes()
    out = tmp_path / "net.safetensors"
    for k, content in enumerate((b"", b"junk" * 40, good[: len(good) // 2], good[:-1], good[7:])):
        place = tmp_path / f"bad{k}.onnx"
        place.write_bytes(content)
        require_one_line(skipscape("convert", place, "--out", out), place.name)
    assert not out.exists()


def test_the_command_converts_and_measures(tmp_path):
    """A graph is written with its nodes; a classifier with softmax is compared before it."""
    nodes, _, size, _ = FILES["a last softmax"]
    w, b, X = (np.arange(-5, n - 5).reshape(shape) / np.float32(8) for n, shape in ((20, (4, 5)), (5, 5), (24, (6, 4))))
    place = write(tmp_path / "net.onnx", nodes, {"w": w, "b": b}, size)
    np.savez(tmp_path / "data.npz", X=X, Y=np.zeros((6, 5)))
    ran = skipscape("convert", place, "--out", tmp_path / "n.safetensors", "--data", tmp_path / "data.npz", "--json")
    (row,) = ran.json["networks"]
    assert (ran.status, row["class"]) == (0, Graph.kind)
    assert (row["difference"], row["largest_output"]) == (0, np.abs(X @ w + b).max())  # in 64ths: exact in float32
    assert any("a last Softmax is left out" in note for note in row["notes"])
    require_one_line(skipscape("convert", Path("nope.onnx"), "--out", tmp_path / "o.safetensors"), "nope.onnx")
