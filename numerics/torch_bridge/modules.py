"""What each module of torch is in a graph, and which step a function or method is; what is not here is refused."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from numerics.networks.arrays import Array, as_array
from numerics.torch_bridge.steps import Steps, Value

NOT_COVERED = "is not covered: affine maps, piecewise linear activations, max pooling, sums and concatenations are"
RECTIFIERS = (nn.ReLU, nn.LeakyReLU, nn.Hardtanh)  # those that may work in place
DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout)


def module_step(steps: Steps, module: nn.Module, target: str, x: Value) -> Value:
    """One of torch's own modules on a value. Raises InputError naming the node."""
    match module:
        case nn.Linear():
            return steps.linear(x, module.weight, module.bias)
        case nn.Conv2d():
            steps.require(module.padding_mode == "zeros", f"pads with {module.padding_mode}: zeros are covered")
            form = {"stride": module.stride, "padding": module.padding, "dilation": module.dilation}
            return steps.conv2d(x, module.weight, module.bias, groups=module.groups, **form)
        case nn.BatchNorm1d() | nn.BatchNorm2d():
            return _normalised(steps, target, x, module)
        case nn.ReLU():
            return steps.relu(x)
        case nn.LeakyReLU():
            return steps.leaky_relu(x, module.negative_slope)
        case nn.PReLU():
            return steps.prelu(x, module.weight)
        case nn.Hardtanh():  # ReLU6 is one
            return steps.hardtanh(x, module.min_val, module.max_val)
        case nn.Identity():
            return x
        case _ if isinstance(module, DROPOUTS):
            return steps.dropout(x, training=module.training)
        case nn.AvgPool2d():
            more: dict[str, Any] = {"stride": module.stride, "padding": module.padding, "ceil_mode": module.ceil_mode}
            more |= {"count_include_pad": module.count_include_pad, "divisor_override": module.divisor_override}
            return steps.avg_pool2d(x, module.kernel_size, **more)
        case nn.AdaptiveAvgPool2d():
            return steps.adaptive_avg_pool2d(x, module.output_size)
        case nn.MaxPool2d():
            more = {"stride": module.stride, "padding": module.padding, "ceil_mode": module.ceil_mode}
            more |= {"dilation": module.dilation, "return_indices": module.return_indices}
            return steps.max_pool2d(x, module.kernel_size, **more)
        case nn.Flatten():
            return steps.flatten(x, module.start_dim, module.end_dim)
        case nn.LogSoftmax() | nn.Softmax():
            return steps.absorbed(x, type(module).__name__, module.dim)
    return steps.refuse(NOT_COVERED)


def _normalised(steps: Steps, target: str, x: Value, module: nn.BatchNorm1d | nn.BatchNorm2d) -> Value:
    mean, variance = module.running_mean, module.running_var
    if module.training or mean is None or variance is None:
        steps.refuse("uses the statistics of the batch: call .eval() first")
    affine = (f"{target}.weight", _array(module.weight)), (f"{target}.bias", _array(module.bias))
    return steps.normalised(x, _array(mean), _array(variance), float(module.eps), *affine)


def _array(tensor: torch.Tensor | None) -> Array:
    """The array; of None one that is empty."""
    return np.asarray([] if tensor is None else as_array("batch normalisation", tensor), dtype=np.float64)


FUNCTIONS: dict[Callable[..., Any], str] = {
    **dict.fromkeys((operator.add, operator.iadd, torch.add), "add"),
    **dict.fromkeys((operator.sub, operator.isub, torch.sub), "sub"),
    **dict.fromkeys((operator.mul, operator.imul, torch.mul), "mul"),
    **dict.fromkeys((operator.truediv, operator.itruediv, torch.div), "div"),
    **dict.fromkeys((F.relu, F.relu_, torch.relu, torch.relu_), "relu"),
    **dict.fromkeys((F.leaky_relu, F.leaky_relu_), "leaky_relu"),
    **dict.fromkeys((F.hardtanh, F.hardtanh_), "hardtanh"),
    **dict.fromkeys((torch.clamp, torch.clip, torch.clamp_, torch.clip_), "clamp"),
    **dict.fromkeys((torch.abs, torch.absolute, operator.abs, abs, torch.abs_), "abs"),
    **dict.fromkeys((F.prelu, torch.prelu), "prelu"),
    F.relu6: "relu6",
    **dict.fromkeys((F.linear, torch._C._nn.linear), "linear"),
    **dict.fromkeys((F.conv2d, torch.conv2d), "conv2d"),
    **dict.fromkeys((F.max_pool2d, torch.max_pool2d), "max_pool2d"),
    **dict.fromkeys((F.dropout, F.dropout1d, F.dropout2d), "dropout"),
    **dict.fromkeys((F.log_softmax, torch.log_softmax), "log_softmax"),
    **dict.fromkeys((F.softmax, torch.softmax), "softmax"),
    **dict.fromkeys((torch.cat, torch.concat, torch.concatenate), "cat"),
    **{one: one.__name__ for one in (torch.flatten, torch.reshape, torch.squeeze, torch.unsqueeze, torch.mean)},
    **{one: one.__name__ for one in (torch.permute, torch.transpose, F.avg_pool2d, F.adaptive_avg_pool2d)},
}
METHODS = {
    **{name: name for name in ("relu", "add", "sub", "mul", "div", "flatten", "reshape", "mean", "size", "dim")},
    **{name: name for name in ("squeeze", "unsqueeze", "permute", "transpose", "log_softmax", "softmax")},
    **dict.fromkeys(("clamp", "clip", "clamp_", "clip_"), "clamp"),
    **dict.fromkeys(("abs", "absolute", "abs_", "absolute_"), "abs"),
    **{f"{name}_": name for name in ("relu", "add", "sub", "mul", "div")},
    **dict.fromkeys(("contiguous", "detach", "clone"), "same"),
    "view": "reshape",
}
IN_PLACE = {*(name for name in METHODS if name.endswith("_")), F.relu_, torch.relu_}
IN_PLACE |= {F.leaky_relu_, F.hardtanh_, torch.clamp_, torch.clip_, torch.abs_}
IN_PLACE |= {operator.iadd, operator.isub, operator.imul, operator.itruediv}
VIEWS = {"flatten", "reshape", "squeeze", "unsqueeze", "permute", "transpose", "same", "dropout"}
"""Steps whose value may share its memory with what they read."""
