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
from numerics.torch_bridge.step import Value
from numerics.torch_bridge.steps import Steps

NOT_COVERED = "is not covered: affine maps, piecewise linear activations, max pooling, sums and concatenations are"
RECTIFIERS = (nn.ReLU, nn.LeakyReLU, nn.Hardtanh)  # those that may work in place
MOVING = (
    *(nn.PixelShuffle, nn.PixelUnshuffle, nn.ChannelShuffle, nn.ReflectionPad1d, nn.ReflectionPad2d),
    *(nn.ReplicationPad1d, nn.ReplicationPad2d, nn.CircularPad1d, nn.CircularPad2d),
)
DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout)


def module_step(steps: Steps, module: nn.Module, target: str, x: Value) -> Value:
    """One of torch's own modules on a value. Raises InputError naming the node."""
    match module:
        case nn.Linear():
            return steps.linear(x, module.weight, module.bias)
        case nn.Conv2d():
            padding = module.padding
            if module.padding_mode != "zeros":
                x = steps.pad(x, tuple(module._reversed_padding_repeated_twice), module.padding_mode)
                padding = 0
            form = {"stride": module.stride, "padding": padding, "dilation": module.dilation}
            return steps.conv2d(x, module.weight, module.bias, groups=module.groups, **form)
        case nn.Conv1d():
            padding = module.padding
            if module.padding_mode != "zeros":
                x = steps.pad(x, tuple(module._reversed_padding_repeated_twice), module.padding_mode)
                padding = 0
            line = {"stride": module.stride, "padding": padding, "dilation": module.dilation}
            return steps.conv1d(x, module.weight, module.bias, groups=module.groups, **line)
        case nn.ConvTranspose2d():
            wide = {"stride": module.stride, "padding": module.padding, "output_padding": module.output_padding}
            wide |= {"groups": module.groups, "dilation": module.dilation}
            return steps.conv_transpose2d(x, module.weight, module.bias, **wide)
        case nn.MaxPool1d():
            form = {"stride": module.stride, "padding": module.padding, "ceil_mode": module.ceil_mode}
            form |= {"dilation": module.dilation, "return_indices": module.return_indices}
            return steps.max_pool1d(x, module.kernel_size, **form)
        case nn.AvgPool1d():
            form = {"stride": module.stride, "padding": module.padding, "ceil_mode": module.ceil_mode}
            return steps.avg_pool1d(x, module.kernel_size, count_include_pad=module.count_include_pad, **form)
        case nn.AdaptiveAvgPool1d():
            steps.require(module.output_size in (1, (1,), [1]), "is covered with one entry for each channel")
            return steps.mean(x, 2, keepdim=True)
        case nn.AdaptiveMaxPool1d():
            steps.require(module.output_size in (1, (1,), [1]), "is covered with one entry for each channel")
            return steps.amax(x, 2, keepdim=True)
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
        case nn.Threshold():
            steps.require(module.threshold == module.value == 0, "jumps: a threshold of 0 with the value 0 is covered")
            return steps.relu(x)
        case nn.RReLU():
            steps.require(not module.training, "draws at random: call .eval() first")
            return steps.leaky_relu(x, (module.lower + module.upper) / 2)
        case nn.Hardsigmoid():
            return steps.hardsigmoid(x)
        case nn.Softshrink():
            return steps.softshrink(x, module.lambd)
        case nn.ConstantPad1d() | nn.ConstantPad2d() | nn.ZeroPad1d() | nn.ZeroPad2d():
            return steps.pad(x, module.padding, "constant", module.value)
        case nn.Upsample():
            return steps.interpolate(x, module.size, module.scale_factor, module.mode)
        case _ if isinstance(module, MOVING):
            found: Value = steps.rearranged(module, x)
            return found
        case nn.Unflatten():
            steps.require(type(module.dim) is int, "names its axes")
            return steps.unflatten(x, module.dim, module.unflattened_size)
        case nn.AdaptiveMaxPool2d():
            ones = module.output_size in (1, (1, 1), [1, 1])
            steps.require(ones and not module.return_indices, "is covered with one entry for each channel")
            return steps.amax(x, (2, 3), keepdim=True)
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
    **dict.fromkeys((torch.matmul, operator.matmul, torch.mm), "matmul"),
    **{one: one.__name__ for one in (torch.addmm, F.conv1d, torch.conv1d, F.avg_pool1d)},
    **dict.fromkeys((F.conv_transpose2d, torch.conv_transpose2d), "conv_transpose2d"),
    **dict.fromkeys((F.max_pool1d, torch.max_pool1d), "max_pool1d"),
    **dict.fromkeys((torch.maximum, torch.fmax), "maximum"),
    **dict.fromkeys((torch.minimum, torch.fmin), "minimum"),
    **dict.fromkeys((torch.neg, torch.negative, operator.neg), "neg"),
    **{one: one.__name__ for one in (torch.sum, torch.amax, torch.max, operator.getitem, torch.stack, torch.unflatten)},
    **{one: one.__name__ for one in (F.interpolate, F.hardsigmoid, F.softshrink)},
    **dict.fromkeys((F.pad, torch._C._nn.pad), "pad"),
    **{one: one.__name__ for one in (torch.permute, torch.transpose, F.avg_pool2d, F.adaptive_avg_pool2d)},
}
REARRANGING: dict[Callable[..., Any], Callable[..., Any]] = {
    one: one
    for one in (
        *(
            torch.chunk,
            torch.split,
            torch.tensor_split,
            torch.unbind,
            torch.narrow,
            torch.select,
            torch.flip,
            torch.roll,
        ),
        *(
            torch.index_select,
            torch.tile,
            torch.swapaxes,
            torch.movedim,
            torch.rot90,
            F.pixel_shuffle,
            F.pixel_unshuffle,
        ),
    )
}
"""Functions, and methods by the same names, that move entries of each sample: torch says where."""
MOVING_METHODS: dict[str, Callable[..., Any]] = {
    name: getattr(torch.Tensor, name)
    for name in (*(one.__name__ for one in REARRANGING if hasattr(torch.Tensor, one.__name__)), "repeat", "expand")
}
METHODS = {
    **{name: name for name in ("relu", "add", "sub", "mul", "div", "flatten", "reshape", "mean", "size", "dim")},
    **{name: name for name in ("neg", "sum", "amax", "max", "maximum", "minimum", "unflatten", "matmul")},
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
VIEWING = {"chunk", "split", "tensor_split", "unbind", "narrow", "select", "swapaxes", "movedim", "expand"}
"""Functions and methods that move entries whose value may share its memory with what they read."""
VIEWS = {
    "getitem",
    "unflatten",
    "flatten",
    "reshape",
    "squeeze",
    "unsqueeze",
    "permute",
    "transpose",
    "same",
    "dropout",
}
"""Steps whose value may share its memory with what they read."""
