"""State dicts of chains of dense layers as networks: `fc1.weight`, `fc1.bias`, ..., ReLU between them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from numerics.errors import InputError
from numerics.networks.arrays import Array, as_array
from numerics.networks.base import Network
from numerics.networks.graph.build import Builder
from numerics.networks.graph.lower import lowered
from numerics.networks.graph.nodes import Linear, ReLU

WRAPPERS = ("module.", "_orig_mod.")
"""What parallel and compiled modules put before every name."""
LAYER = re.compile(r"(?:(.*)\.)?(weight|bias)")
BEND = re.compile(r"(.*(?:weight|bias))_(\d+)")
CURVE = re.compile(r"coeff_layer\.(binom|range|rev_range)")  # of a curve's module, not of its networks
MOST_BENDS = 100


def chains_of(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The state dict without prefixes, or those at the bends of a curve (names ending in _0, _1, ...), in order.

    Raises InputError for a curve that lacks arrays.
    """
    named = {name: array for name, array in unwrapped_names(state).items() if not CURVE.fullmatch(name)}
    if not named:
        raise InputError("the state dict has no arrays: save model.state_dict()")
    bends = [BEND.fullmatch(name) for name in named]
    if not all(bends):
        if any(bends):
            other = next(name for name, bend in zip(named, bends, strict=True) if not bend)
            raise InputError(f"{other[:80]} stands beside arrays of a curve, whose names end in _0, _1, ...")
        return [named]
    curve: dict[int, dict[str, Any]] = {}
    for (_, array), bend in zip(named.items(), bends, strict=True):
        if bend is not None:
            curve.setdefault(int(bend[2][:9]), {})[bend[1]] = array
    if sorted(curve) != list(range(len(curve))) or len(curve) > MOST_BENDS:
        raise InputError(f"the curve has bends {str(sorted(curve))[:60]}: 0, 1, 2, ... are needed")
    if len({tuple(one) for one in curve.values()}) > 1:
        raise InputError("the curve's networks have different arrays: each name is needed at every bend")
    return [curve[k] for k in sorted(curve)]


def unwrapped_names(state: Mapping[str, Any]) -> dict[str, Any]:
    """The same arrays without the prefixes that all names share."""
    named = dict(state)
    for _ in range(4):
        inner = [name for name in named if not CURVE.fullmatch(name)]
        of_curve = len(inner) < len(named) or any(map(BEND.fullmatch, inner))
        for prefix in (*WRAPPERS, "net.") if of_curve else WRAPPERS:
            if inner and all(name.startswith(prefix) for name in inner):
                named = {name.removeprefix(prefix): array for name, array in named.items()}
    return named


def layers_of(state: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Names of weight and bias, layer by layer. Raises InputError."""
    layers: dict[str, dict[str, str]] = {}
    for name, array in state.items():
        match = LAYER.fullmatch(name)
        if match is None:
            raise InputError(f"{name[:80]} belongs to no dense layer, whose arrays are called weight and bias")
        shape = np.shape(as_array(name, array))
        if len(shape) != (2 if match[2] == "weight" else 1):
            raise InputError(
                f"{name[:80]} has shape {shape}: --mlp is a chain of dense layers, weight (o, i), bias (o,)"
            )
        layers.setdefault(match[1] or "", {})[match[2]] = name
    for stem, layer in layers.items():
        if "weight" not in layer:
            raise InputError(f"{layer['bias'][:80]} has no weight {f'{stem}.weight'[:80]} beside it")
    return [(layer["weight"], layer.get("bias")) for layer in layers.values()]


def network_of_chain(state: Mapping[str, Any]) -> Network:
    """The network of one chain of dense layers, in the order of the dict. Raises InputError for anything else."""
    layers = layers_of(state)
    builder = Builder()
    for name, array in state.items():
        builder.keep(name, array)
    value = builder.given("input", (builder.arrays[layers[0][0]].shape[1],))
    for k, (weight, bias) in enumerate(layers):
        stem = weight.rpartition(".")[0] or "layer"
        value = builder.add(Linear(builder.fresh(stem), (value,), weight=weight, bias=bias))
        if k < len(layers) - 1:
            value = builder.add(ReLU(builder.fresh(f"{stem}.relu"), (value,)))
    return lowered(builder.finish(value, order=list(state)))


def own_outputs(state: Mapping[str, Any], X: Array) -> Array:
    """The chain's outputs at X (N, n) in the type of its own arrays: what it is compared with, layer by layer."""
    h: Any = X
    layers = layers_of(state)
    for k, (weight, bias) in enumerate(layers):
        W = as_array(weight, state[weight])
        h = np.asarray(h, dtype=W.dtype) @ W.T
        h = h if bias is None else h + as_array(bias, state[bias])
        h = np.maximum(h, 0) if k < len(layers) - 1 else h
    return np.asarray(h, dtype=np.float64)
