"""The way back of a module whose batch normalisations were folded, or whose buffers are constants of its graph.

With the mean 0, the variance 1 - eps, the weight 1 and the bias 0 a batch normalisation in evaluation mode multiplies
by 1 / sqrt(1 - eps + eps) = 1 and adds 0. So the module that is given the folded parameters and these computes what the
folded network does; a bias for which a convolution has no place stands in the normalisation behind it. Other buffers
are what they were: no path moves them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from torch import nn

from numerics.networks.arrays import as_array
from numerics.networks.graph.build import Builder
from numerics.networks.graph.rounding import Translation

NEUTRAL = {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "num_batches_tracked": 0.0}
MOST = 4096  # numbers of buffers that a network remembers


def restorable(translation: Translation, module: nn.Module, builder: Builder) -> Translation:
    """The translation, with what its origin needs for `to_torch` if nothing else changed parameters and each parameter
    of the graph stands somewhere in the module.
    """
    graph, state = translation.graph, module.state_dict()
    origin = graph.origin
    if origin is None or builder.folded:
        return translation
    names, count = {former for former, _ in origin.names}, 0
    filled: list[tuple[str, tuple[float, ...], tuple[int, ...]]] = []
    buffers = {name for name, _ in module.named_buffers()}
    for key, tensor in state.items():
        if key in names:
            continue
        owner, _, part = key.rpartition(".")
        if owner in builder.norms and part in (*NEUTRAL, "running_var"):
            number = NEUTRAL[part] if part in NEUTRAL else 1.0 - float(module.get_submodule(owner).eps)
            filled.append((key, (number,), tuple(tensor.shape)))
        elif key in buffers and (count := count + tensor.numel()) <= MOST:
            numbers = np.asarray(as_array(key, tensor), dtype=np.float64).ravel().tolist()
            filled.append((key, tuple(numbers), tuple(tensor.shape)))
        else:
            return translation
    if not names <= state.keys():
        return translation
    return replace(translation, graph=graph.with_origin(replace(origin, folded=False, filled=tuple(filled))))
