"""Nodes of a graph by torch's own functions on tensors (N, c, h, w), which is what training convolutions asks for.

`graph_tensors` has the same values by the graph's own operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
import torch.nn.functional as F

from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d, Window
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import Add, Concatenate, Linear, ReLU, Scale, Transpose
from numerics.networks.graph.windows import Shape

Tensors = Mapping[str, torch.Tensor]


def values_of(
    nodes: Iterable[Node], shapes: Mapping[str, Shape], weights: Tensors, values: Tensors
) -> dict[str, torch.Tensor]:
    """The values (N, ...) of these nodes by name, from those that are known and the weights."""
    found = dict(values)
    for node in nodes:
        given = [found[name] for name in node.inputs]
        found[node.name] = _value(node, given, weights).reshape(len(given[0]), *shapes[node.name])
    return found


def _value(node: Node, given: Sequence[torch.Tensor], weights: Tensors) -> torch.Tensor:
    (x, *others) = given
    if isinstance(node, Linear | Conv2d | Scale):
        weight, bias = weights[node.weight], None if node.bias is None else weights[node.bias]
        if isinstance(node, Linear):
            return F.linear(x, weight, bias)
        if isinstance(node, Conv2d):
            return F.conv2d(_padded(node, x, 0.0), weight, bias, node.stride, 0, node.dilation, node.groups)
        rest = [1] * (x.ndim - 2)
        scaled = x * weight.reshape(-1, *rest)
        return scaled if bias is None else scaled + bias.reshape(-1, *rest)
    if isinstance(node, ReLU):
        return torch.relu(x)
    if isinstance(node, Add):
        for other in others:
            x = x + other
        return x
    if isinstance(node, Concatenate):
        return torch.cat(list(given), dim=node.axis + 1)
    if isinstance(node, Transpose):
        return x.permute(0, *(axis + 1 for axis in node.order))
    if isinstance(node, MaxPool2d):
        return F.max_pool2d(_padded(node, x, -torch.inf), node.kernel, node.stride, 0, node.dilation)
    if isinstance(node, AvgPool2d):
        return _sums(node, x) / _sums(node, torch.ones_like(x[:1]), 1.0 if node.counts_padding else 0.0)
    if isinstance(node, GlobalAvgPool):
        return x.flatten(2).mean(2)
    return x  # Flatten and Reshape


def _padded(node: Window, x: torch.Tensor, number: float) -> torch.Tensor:
    above, left, below, right = node.padding
    return F.pad(x, (left, right, above, below), value=number) if any(node.padding) else x


def _sums(node: AvgPool2d, x: torch.Tensor, number: float = 0.0) -> torch.Tensor:
    """The sum of what each window sees, where the padding is this number."""
    channels = x.shape[1]
    ones = torch.ones(channels, 1, *node.kernel, dtype=x.dtype)
    return F.conv2d(_padded(node, x, number), ones, None, node.stride, 0, node.dilation, channels)
