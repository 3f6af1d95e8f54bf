"""`from_torch`: a torch module, traced by torch.fx, as a network; and its translation held against its own outputs."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import fx, nn
from torch.nn.utils import parametrize

from numerics.errors import InputError
from numerics.networks.arrays import Array, as_array, weights
from numerics.networks.base import Network
from numerics.networks.graph.build import Builder
from numerics.networks.graph.lower import lowered
from numerics.networks.graph.rounding import Translation, softmax_bound
from numerics.networks.origin import unwrapped
from numerics.torch_bridge.modules import (
    DROPOUTS,
    FUNCTIONS,
    IN_PLACE,
    METHODS,
    MOVING_METHODS,
    NOT_COVERED,
    REARRANGING,
    RECTIFIERS,
    VIEWING,
    VIEWS,
    module_step,
)
from numerics.torch_bridge.normalisations import restorable
from numerics.torch_bridge.step import Value
from numerics.torch_bridge.steps import Steps

COMPUTED = 64  # a weight that a parametrization computes is rounded less often than so many normalisations
SAMPLES = 16  # of the example, on which the translation is compared


def network_of_module(module: Any, example: Any) -> Network:
    """The network that a module is on inputs like `example` (N, ...): of a class, else a graph. Raises InputError."""
    return lowered(translated(module, example).graph)


def translated(module: Any, example: Any) -> Translation:
    """The graph of a module on inputs like `example` (N, ...). Raises InputError.

    The module is traced once and never changed. On up to `SAMPLES` of the example's samples its float64 outputs are
    held against those of the graph, which may differ by a derived bound of both roundings.
    """
    module = unwrapped(module)
    if not isinstance(module, nn.Module):
        raise InputError(f"a torch module is needed, not an object of type {type(module).__name__}")
    array = as_array("example", example)
    points = weights("example", array, array.ndim)
    if points.ndim < 2:
        raise InputError(f"example has shape {points.shape}: (N, ...) is needed, at least one sample")
    name = type(module).__name__
    try:
        traced = fx.Tracer().trace(module)
    except Exception as error:  # whatever a module's own code raises when it is run on placeholders
        raise InputError(f"{name} cannot be traced by torch.fx: {_words(error)}") from None
    try:
        with torch.no_grad():
            builder = Builder()
            last = _Reading(module, traced, builder, points.shape[1:]).output()
            if last.last:
                builder.notes.append(
                    f"a last {last.last} is left out: cross-entropy contains it, and the outputs are what it is given"
                )
            translation = restorable(builder.translation(last.node, order=list(module.state_dict())), module, builder)
            _require_agreement(module, translation, points[:SAMPLES], last.last)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    return translation


class _Reading:
    """One traced module, node by node."""

    def __init__(self, module: nn.Module, traced: fx.Graph, builder: Builder, size: tuple[int, ...]) -> None:
        self._module, self._traced, self._size = module, traced, size
        named = [*module.named_parameters(), *module.named_buffers()]
        buffers = frozenset(name for name, _ in module.named_buffers())
        names = {id(tensor): name for name, tensor in reversed(named)}
        self._steps = Steps(builder, names, buffers, [tensor for _, tensor in named])
        self._values: dict[fx.Node, Any] = {}
        self._memory: dict[fx.Node, fx.Node] = {}  # the node whose memory a node's value may share
        self._changed: dict[fx.Node, fx.Node] = {}  # memory -> the last node that changed it in place
        self._seen: dict[fx.Node, fx.Node | None] = {}  # that node when a value was made

    def output(self) -> Value:
        """The last value."""
        for node in self._traced.nodes:
            self._steps.name, self._steps.words = node.name, self._described(node)
            if node.op == "output":
                value = self._read(node.args[0])
                if not isinstance(value, Value):
                    self._steps.refuse("returns more than one tensor: one (N, ...) is needed")
                return value
            self._values[node] = self._value(node)
            self._settle(node)
        raise InputError("it returns nothing")

    def _value(self, node: fx.Node) -> Any:
        steps = self._steps
        if node.op == "placeholder":
            if not self._values:
                return Value(steps.builder.given(node.name, self._size))
            steps.require(bool(node.args), "is a second input: one is covered")
            return node.args[0]
        if node.op == "get_attr":
            return _attribute(self._module, str(node.target))
        args, kwargs = self._read(node.args), self._read(node.kwargs)
        values = [one for one in _leaves((args, kwargs)) if isinstance(one, Value)]
        for one in values:
            steps.require(not one.last, f"reads what {one.last} makes, which is covered as the last step only")
        if node.op == "call_module":
            inner = self._module.get_submodule(str(node.target))
            steps.require(not (inner._forward_hooks or inner._forward_pre_hooks), "has hooks, which are not covered")
            if not values:
                return inner(*args, **kwargs)
            computed = parametrize.is_parametrized(inner)
            own = computed or type(inner).__module__.startswith("torch.nn.modules.")
            steps.require(len(args) == 1 and not kwargs and own, NOT_COVERED)
            if computed:  # in float64, as its outputs will be compared
                inner = copy.deepcopy(inner).to(torch.float64)
                steps.builder.folds += COMPUTED
            return module_step(steps, inner, str(node.target), args[0])
        if node.target is getattr and values and args[1] == "shape":
            return steps.size(args[0])
        if not values:
            return self._folded(node, args, kwargs)
        handler = FUNCTIONS.get(node.target) if callable(node.target) else METHODS.get(str(node.target))
        moving = REARRANGING.get(node.target) if callable(node.target) else MOVING_METHODS.get(str(node.target))
        try:
            if handler is not None:
                return getattr(steps, handler)(*args, **kwargs)
            return steps.refuse(NOT_COVERED) if moving is None else steps.rearranged(moving, *args, **kwargs)
        except (TypeError, IndexError, AttributeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            return steps.refuse(f"has arguments that are not covered: {_words(error)}")

    def _folded(self, node: fx.Node, args: Any, kwargs: Any) -> Any:
        """A step that no value enters: shapes, numbers and constants are computed as they are."""
        try:
            if callable(node.target):
                return node.target(*args, **kwargs)
            return getattr(args[0], str(node.target))(*args[1:], **kwargs)
        except Exception as error:  # of any function of torch or Python
            return self._steps.refuse(f"cannot be computed without the data: {_words(error)}")

    def _read(self, argument: Any) -> Any:
        """An argument with nodes replaced by their values, none of which was overwritten since."""
        if isinstance(argument, fx.Node):
            changed = self._changed.get(self._memory[argument])
            if changed is not self._seen[argument]:
                by = "" if changed is None else changed.name
                self._steps.refuse(f"reads {argument.name}, which {by} has changed in place: its value is another now")
            return self._values[argument]
        if isinstance(argument, tuple | list):
            return (
                type(argument)(self._read(one) for one in argument)
                if type(argument) in (tuple, list)
                else tuple(self._read(one) for one in argument)
            )
        if isinstance(argument, dict):
            return {key: self._read(one) for key, one in argument.items()}
        return argument

    def _settle(self, node: fx.Node) -> None:
        """Whose memory the value has, and whether that was changed."""
        source = next((one for one in node.args if isinstance(one, fx.Node)), None)
        changes, shares = node.target in IN_PLACE or bool(node.kwargs.get("inplace")), False
        if node.op == "call_module":
            inner = self._module.get_submodule(str(node.target))
            changes = bool(getattr(inner, "inplace", False)) and isinstance(inner, RECTIFIERS)
            shares = isinstance(inner, (nn.Identity, nn.Flatten, *DROPOUTS))
        elif node.op != "placeholder":
            name = FUNCTIONS.get(node.target) if callable(node.target) else METHODS.get(str(node.target))
            shares = name in VIEWS or (name is None and str(getattr(node.target, "__name__", node.target)) in VIEWING)
        owner = self._memory[source] if source is not None and (changes or shares) else node
        if changes and source is not None and isinstance(self._values[node], Value):
            self._changed[owner] = node
        self._memory[node] = owner
        self._seen[node] = self._changed.get(owner)

    def _described(self, node: fx.Node) -> str:
        """What a node is in the words of its module."""
        if node.op == "call_module":
            return f"module {node.target}, {type(self._module.get_submodule(str(node.target))).__name__}"
        return str(getattr(node.target, "__name__", node.target)) if node.op != "output" else "output"


def _require_agreement(module: nn.Module, translation: Translation, points: Array, last: str) -> None:
    """Raise InputError unless the module's own float64 outputs are the graph's, up to both roundings."""
    try:
        double = copy.deepcopy(module).to(device="cpu", dtype=torch.float64)
        theirs = np.asarray(as_array("its output", double(torch.tensor(points))), dtype=np.float64)
    except Exception as error:  # whatever a module's own code raises
        raise InputError(f"it cannot be run in float64 on the example: {_words(error)}") from None
    flat = points.reshape(len(points), -1)
    mine, bound = translation.graph(flat), translation.bound(flat)
    if last:
        logits = torch.tensor(mine)
        again = torch.log_softmax(logits, 1) if "log" in last.lower() else torch.softmax(logits, 1)
        mine, bound = again.numpy(), softmax_bound(mine, bound)
    if theirs.size != mine.size:
        raise InputError(f"its output has shape {theirs.shape} on the example, but {mine.shape} was understood")
    off = np.abs(theirs.reshape(mine.shape) - mine)
    if not bool((off <= bound).all()):
        raise InputError(
            f"its own outputs on the example differ by {float(off.max()):.3g} from what was understood"
            f" (rounding explains {float(bound.max()):.3g}): something in it is not what torch.fx sees, such as"
            " noise, hooks or `+=`"
        )


def _attribute(module: nn.Module, target: str) -> Any:
    found: Any = module
    for part in target.split("."):
        found = getattr(found, part)
    return found


def _leaves(argument: Any) -> Iterator[Any]:
    if isinstance(argument, tuple | list):
        for one in argument:
            yield from _leaves(one)
    elif isinstance(argument, dict):
        yield from _leaves(list(argument.values()))
    else:
        yield argument


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:160]
