"""The way back of a module whose batch normalisations were folded: they are given numbers that change nothing.

With the mean 0, the variance 1 - eps, the weight 1 and the bias 0 a batch normalisation in evaluation mode multiplies
by 1 / sqrt(1 - eps + eps) = 1 and adds 0. So the module that is given the folded parameters and these computes what the
folded network does; a bias for which a convolution has no place stands in the normalisation behind it.
"""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from numerics.networks.graph.build import Builder
from numerics.networks.graph.rounding import Translation

NEUTRAL = {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "num_batches_tracked": 0.0}


def restorable(translation: Translation, module: nn.Module, builder: Builder) -> Translation:
    """The translation, with what its origin needs for `to_torch` if normalisations were all that changed parameters,
    and each parameter of the graph stands somewhere in the module.
    """
    graph, state = translation.graph, module.state_dict()
    origin = graph.origin
    if origin is None or builder.folded or not builder.norms:
        return translation
    names, filled = {former for former, _ in origin.names}, []
    for key, tensor in state.items():
        owner, _, part = key.rpartition(".")
        if key in names:
            continue
        if owner not in builder.norms or part not in (*NEUTRAL, "running_var"):
            return translation
        number = NEUTRAL[part] if part in NEUTRAL else 1.0 - float(module.get_submodule(owner).eps)
        filled.append((key, number, tuple(tensor.shape)))
    if not names <= state.keys():
        return translation
    return replace(translation, graph=graph.with_origin(replace(origin, folded=False, filled=tuple(filled))))
