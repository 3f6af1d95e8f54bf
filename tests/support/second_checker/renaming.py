"""The given network with its hidden units in the order that a certificate states for the end of its path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from support.second_checker.archive import Refused, need

Orders = Mapping[str, list[int]]


def check_orders(value: Any, question: str, shapes: Mapping[str, list[int]]) -> Orders:
    """Layer -> a permutation of its units; none where nothing is renamed."""
    if value is None:
        return {}
    need(question in ("connect", "certify"), "renamed: another question")
    need(type(value) is dict and value, "renamed: no object")
    for layer, order in value.items():
        need(layer in shapes and re.fullmatch(r"W|(blocks\.\d+\.)?(A|B\d+)", layer), "renamed: no hidden layer")
        need(type(order) is list and all(type(unit) is int for unit in order), "renamed: no list of numbers")
        need(sorted(order) == list(range(shapes[layer][0])), "renamed: no permutation")
    return dict(value)


def renamed(network: Mapping[str, Any], orders: Orders) -> Mapping[str, Any]:
    """The network with these layers in order; what it has not is left out."""
    parameters = {name: list(array) for name, array in network["parameters"].items()}
    if not orders:
        return network
    try:
        for layer, order in orders.items():
            for name in [layer, *_biases(layer)]:
                if name in parameters:
                    parameters[name] = [parameters[name][unit] for unit in order]
            if layer == "W" and network["class"] in ("residual", "stream", "post"):
                for name in [one for one in parameters if one.rpartition(".")[2] == "U"]:
                    parameters[name] = [parameters[name][unit] for unit in order]
            for name in _readers(layer, parameters):
                parameters[name] = [[row[unit] for unit in order] for row in parameters[name]]
    except (IndexError, KeyError) as error:
        raise Refused("end: not the network given") from error
    return {**network, "parameters": parameters}


def _biases(layer: str) -> list[str]:
    prefix, _, own = layer.rpartition(".")
    return [] if own == "W" else [f"{prefix}.{own.lower()}" if prefix else own.lower()]


def _readers(layer: str, parameters: Mapping[str, Any]) -> list[str]:
    prefix, _, own = layer.rpartition(".")
    if own == "W":
        return [name for name in parameters if name == "V" or name.rpartition(".")[2] == "A"]
    above = "B1" if own == "A" else f"B{int(own[1:]) + 1}"
    begin = f"{prefix}." if prefix else ""
    return [f"{begin}{above}" if f"{begin}{above}" in parameters else f"{begin}U"]
