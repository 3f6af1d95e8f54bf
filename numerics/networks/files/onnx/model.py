"""An ONNX file as a network: read within bounds, evaluated symbolically for one sample, operator by operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from math import ceil, prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arithmetic.budget import DEFAULT, require
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.files import read_bounded
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.files.onnx.moves import MOVING, moved_entries, refused_moves
from numerics.networks.files.onnx.operators import Operators
from numerics.networks.files.onnx.values import Const, Value
from numerics.networks.graph.build import Builder
from numerics.networks.graph.gather import NOTHING, gathered
from numerics.networks.graph.lower import lowered
from numerics.networks.graph.rounding import Translation

PER_BYTE = 4  # of memory for each byte of a file: its message, its arrays, these as float64
STANDARD = ("", "ai.onnx")  # the domain of the operators that are known
PAIRED = {"Add", "Sub", "Mul", "Div", "Min", "Max"}  # entry by entry, of arrays that are broadcast
FOLDED = {"Gather", "Slice", "Cast", "Sqrt", "Reciprocal", "Neg", "Floor", "Expand", "Range", *PAIRED}
FOLDED |= {"Constant", "Identity", "Unsqueeze", "Squeeze", "Concat", "Transpose", "Reshape"}
"""Operators that are computed where all that they read is constant: shapes and normalisations, as exporters write."""


@dataclass(frozen=True)
class OnnxModel(Shown):
    """A model's message, the name of its input and that input's shape, the free size of the batch as 1.

    `budget`: bytes that the constants may take that are made on the way.
    """

    message: Any
    input: str
    size: tuple[int, ...]
    free: bool  # the batch's size
    budget: int

    def network(self) -> Network:
        """The network of a class, else the graph. Raises InputError naming the node that is not covered."""
        return lowered(self.translated().graph)

    def translated(self) -> Translation:
        """The graph. Raises InputError naming the node that is not covered."""
        return _Reading(self).translation()

    def outputs(self, X: Array) -> Array:
        """Its own outputs (N, p) at X (N, n), by onnx's reference evaluator in the types of the file.

        Where a last softmax is left out, those that it is given.
        """
        from onnx.reference import ReferenceEvaluator

        count = prod(self.size)
        if X.shape[1] != count:
            raise InputError(f"X has {X.shape[1]} columns, but the model {count} inputs")
        given = X.astype(_type_of(self._declared.type.tensor_type.elem_type))
        evaluator = ReferenceEvaluator(self.message, new_ops=[_normalisation()])
        if self.free:
            try:
                return self._run(evaluator, given.reshape(-1, *self.size[1:]), len(X))
            except InputError:  # a model that is one of single samples only, whatever it says of its input
                pass
        return np.concatenate([self._run(evaluator, row.reshape(self.size), 1) for row in given])

    def _run(self, evaluator: Any, given: NDArray[Any], count: int) -> Array:
        """Outputs (count, p). Raises InputError."""
        try:
            with np.errstate(all="ignore"):  # of which some are false alarms of BLAS
                made = evaluator.run([self._output], {self.input: given})[0]
            return np.asarray(made, dtype=np.float64).reshape(count, -1)
        except Exception as error:  # of the evaluator's many operators
            raise InputError(f"onnx's reference evaluator fails on it: {_words(error)}") from None

    @property
    def _output(self) -> str:
        """The name of the output, or of what a softmax makes it from."""
        name = self.message.graph.output[0].name
        makers = {one.output[0]: one for one in self.message.graph.node if one.output}
        maker = makers.get(name)
        return str(maker.input[0] if maker is not None and maker.op_type in ("Softmax", "LogSoftmax") else name)

    @property
    def _declared(self) -> Any:
        return next(one for one in self.message.graph.input if one.name == self.input)


def require_onnx() -> None:
    """Raise InputError without the package onnx."""
    try:
        import_module("onnx")
    except ImportError:
        raise InputError(
            "reading .onnx needs the package onnx: install it with pip install 'skipscape[onnx]'"
        ) from None


def read_onnx(path: Path, budget: int = DEFAULT) -> OnnxModel:
    """The model in a file, within `budget` bytes. Raises InputError, prefixed by the file's name."""
    require_onnx()
    import onnx

    content = read_bounded(path, "an ONNX model", limit=budget)
    require(PER_BYTE * len(content), budget, f"reading {path}")
    try:
        message = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf raises several
        raise InputError(f"{path}: it is no ONNX model ({_words(error)}): export it again") from None
    try:
        return _described(message, budget)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _described(message: Any, budget: int) -> OnnxModel:
    """The model and its one input. Raises InputError."""
    graph = message.graph
    ordered = sorted(graph.node, key=lambda one: one.op_type != "Constant")  # which some programs write last
    del graph.node[:]
    graph.node.extend(ordered)
    if not graph.node or not graph.output:
        raise InputError("it is no ONNX model with nodes and an output: export it again")
    constants = {one.name for one in graph.initializer}  # which old files list as inputs, too
    inputs = [one for one in graph.input if one.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise InputError(f"it has {len(inputs)} inputs and {len(graph.output)} outputs: one of each is covered")
    if any(one.domain in STANDARD for one in message.functions):
        raise InputError("it has functions in the place of standard operators, which are not covered")
    if graph.sparse_initializer:
        raise InputError("it has sparse initializers, which are not covered")
    sizes = [one.dim_value for one in inputs[0].type.tensor_type.shape.dim]
    free = bool(sizes) and sizes[0] <= 0
    sizes[:1] = [1] if free else sizes[:1]
    if not sizes or min(sizes) < 1:
        raise InputError(f"its input {inputs[0].name[:60]} has the shape {sizes}: only the batch's size may be free")
    _require_inside(graph)
    return OnnxModel(message, inputs[0].name, tuple(sizes), free, budget)


def _require_inside(graph: Any) -> None:
    """Raise InputError for a tensor whose data lie in another file, which onnx would open wherever it is."""
    tensors = [(one.name, one) for one in graph.initializer]
    for node in graph.node:
        for one in node.attribute:
            held = (one.t, *one.tensors, one.sparse_tensor.values, one.sparse_tensor.indices)
            tensors += [(node.name or one.name, tensor) for tensor in held]
    for name, tensor in tensors:
        if tensor.data_location:
            raise InputError(f"{name[:80]} lies in another file: save the model with its weights inside")


class _Reading:
    """One model, node by node: every name is a value of the network or a constant."""

    def __init__(self, model: OnnxModel) -> None:
        self._model, self._message = model, model.message
        self._opset = next((one.version for one in self._message.opset_import if one.domain in STANDARD), 1)
        self._builder = Builder(budget=model.budget)
        self._steps = Operators(self._builder, self._opset)
        self._known: dict[str, Value | Const] = {}

    def translation(self) -> Translation:
        """The graph. Raises InputError naming the node that is not covered."""
        from onnx import numpy_helper

        for one in self._message.graph.initializer:
            try:
                self._known[one.name] = Const(one.name, _array(numpy_helper.to_array(one)))
            except Exception as error:  # malformed data of any kind
                raise InputError(f"{one.name[:80]} is a malformed array ({_words(error)})") from None
        size = self._model.size
        node = self._builder.given(
            self._model.input[:200] or "input", size[1:] if len(size) > 1 and size[0] == 1 else size
        )
        self._known[self._model.input] = Value(node, size)
        for node in self._message.graph.node:
            self._take(node)
        last = self._known.get(self._message.graph.output[0].name)
        if not isinstance(last, Value):
            raise InputError("its output does not depend on its input: there is no network")
        if last.last:
            self._builder.notes.append(
                f"a last {last.last} is left out: cross-entropy contains it, and the outputs are what it is given"
            )
        return self._builder.translation(last.node, order=[one.name for one in self._message.graph.initializer])

    def _take(self, node: Any) -> None:
        """One more node."""
        self._steps.name = (node.name or (node.output[0] if node.output else ""))[:200]
        self._steps.op = node.op_type[:60]
        given = [self._known.get(name) if name else None for name in node.input]
        for name, one in zip(node.input, given, strict=True):
            if name and one is None:
                self._steps.refuse(f"reads {name[:80]!r}, which no earlier node makes")
            if isinstance(one, Value) and one.last:
                self._steps.refuse(f"reads what {one.last} makes, which is covered as the last step only")
        if node.domain not in STANDARD:
            self._steps.refuse(f"is of the domain {node.domain[:40]!r}, which is not covered")
        attributes = self._attributes(node)
        if node.op_type in PAIRED and "axis" in attributes:  # of operator sets below 7, which align otherwise
            self._steps.refuse("has an axis along which it is broadcast, which is not covered")
        values = [one for one in given if isinstance(one, Value)]
        if node.op_type == "Shape" and values:
            part = slice(attributes.get("start", 0), attributes.get("end"))
            found: Value | Const = Const("", np.array(values[0].full[part], dtype=np.int64))
        elif not values:
            if node.op_type not in FOLDED:
                self._steps.refuse("is not covered")
            found = self._folded(node, given)
        elif node.op_type in MOVING and values == [given[0]]:
            self._known.update(zip(node.output, self._moved(node, given, values[0], attributes), strict=False))
            return
        else:
            found = self._steps.step(given, attributes)
        if node.output:
            self._known[node.output[0]] = found

    def _attributes(self, node: Any) -> dict[str, Any]:
        from onnx import helper

        try:
            return {one.name: helper.get_attribute_value(one) for one in node.attribute}
        except ValueError as error:
            self._steps.refuse(f"has a malformed attribute ({_words(error)})")

    def _moved(
        self, node: Any, given: list[Value | Const | None], value: Value, attributes: dict[str, Any]
    ) -> list[Value]:
        """What an operator makes that moves, repeats or leaves out entries: seen on the entries' numbers."""
        for words, holds in refused_moves(node.op_type, given, attributes):
            self._steps.require(holds, words)
        try:
            count = moved_entries(node.op_type, value.full, given, attributes)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            self._steps.refuse(f"is malformed: {_words(error)}")
        self._builder.spend(prod(value.full) + count, f"node {self._steps.name} ({self._steps.op})")
        numbers = Const("", np.arange(1.0, prod(value.full) + 1).reshape(value.full))
        made = []
        for k, array in enumerate(self._evaluated(node, [numbers, *given[1:]])):
            part = np.asarray(array)
            self._steps.require(part.size >= 1 and part.dtype == np.float64, "leaves nothing of its value")
            name = self._steps.name if k == 0 else f"{self._steps.name}.{k}"
            source = self._builder.shaped(f"{name}.shape", value.node, value.core)
            whole = Value("", tuple(int(size) for size in part.shape))
            index = np.where(part > 0, part - 1, NOTHING).astype(np.int64).reshape(whole.core)
            made.append(Value(gathered(self._builder, name, source, index), whole.full))
        return made

    def _folded(self, node: Any, given: list[Value | Const | None]) -> Const:
        """A node that reads constants only, as onnx's reference evaluator has it."""
        feeds = {name: one.array for name, one in zip(node.input, given, strict=True) if isinstance(one, Const)}
        try:
            count = _entries(node.op_type, list(feeds.values()))
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            self._steps.refuse(f"cannot be computed from constants: {_words(error)}")
        self._builder.spend(count, f"node {self._steps.name} ({self._steps.op})")
        found = self._evaluated(node, given)
        name = node.output[0]
        if node.op_type == "Identity" and isinstance(given[0], Const):
            name = given[0].name
        return Const(name, _array(found[0]))

    def _evaluated(self, node: Any, given: list[Value | Const | None]) -> list[Any]:
        """All outputs of a node that reads constants only."""
        from onnx import ValueInfoProto, helper
        from onnx.reference import ReferenceEvaluator

        feeds = {name: one.array for name, one in zip(node.input, given, strict=True) if isinstance(one, Const)}
        try:
            ends = [[ValueInfoProto(name=name) for name in names if name] for names in (node.input, node.output)]
            graph = helper.make_graph([node], "constant", *ends)
            model = helper.make_model(graph, opset_imports=self._message.opset_import)
            return list(ReferenceEvaluator(model).run(None, feeds))
        except Exception as error:  # of the evaluator's many operators
            self._steps.refuse(f"cannot be computed from constants: {_words(error)}")


def _normalisation() -> Any:
    """Batch normalisation for the evaluator as the standard has it where there is one output: without the batch's own
    statistics, which the evaluator takes in models of operator sets below 14."""
    from onnx.reference.op_run import OpRun

    return type("BatchNormalization", (OpRun,), {"op_domain": "", "_run": _normalised})


def _normalised(op: Any, x: Any, scale: Any, bias: Any, mean: Any, variance: Any, **attributes: Any) -> tuple[Any]:
    scale, bias, mean, variance = (one.reshape(-1, *[1] * (x.ndim - 2)) for one in (scale, bias, mean, variance))
    made = scale * (x - mean) / np.sqrt(variance + attributes.get("epsilon", 1e-5)) + bias
    return (made.astype(x.dtype),)


def _entries(op: str, arrays: Sequence[NDArray[Any]]) -> int:
    """How many entries an operator makes of constants at most. Raises what numpy does where they do not fit."""
    match op:
        case "Expand":
            return prod(map(int, np.broadcast_shapes(arrays[0].shape, tuple(arrays[1].tolist()))))
        case "Range":
            start, limit, delta = (float(one) for one in arrays)
            return max(0, ceil((limit - start) / delta)) + 1
        case "Gather":
            return int(arrays[0].size // max(1, min(arrays[0].shape)) * arrays[1].size)
        case _ if op in PAIRED:
            return prod(map(int, np.broadcast_shapes(*(one.shape for one in arrays))))
    return sum(int(one.size) for one in arrays)


def _array(given: Any) -> NDArray[Any]:
    array = np.asarray(given)
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def _type_of(kind: int) -> Any:
    from onnx import helper

    return helper.tensor_dtype_to_np_dtype(kind)


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:140]
