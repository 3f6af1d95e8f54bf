"""Networks from torch modules."""

from __future__ import annotations

from typing import Protocol

from numpy.typing import ArrayLike

from numerics.networks.base import Network


class Module(Protocol):
    """A torch module, as far as it is named where torch is not imported."""

    training: bool

    def eval(self) -> object:
        """In evaluation mode."""


def from_torch(module: Module, example: ArrayLike) -> Network:
    """The network that a torch module is on inputs like `example` (N, ...), of which only the shapes matter.

    Covered: dense layers, convolutions of one and two axes, transposed ones, pooling, batch normalisation in evaluation
    mode, piecewise linear activations (as sums of ReLUs), maxima, sums, means, concatenations, whatever moves entries
    of each sample (views, slices, padding, nearest interpolation), constant factors and shifts, a last softmax or
    log-softmax (left out, as cross-entropy contains it). A network of a class of `Network.from_arrays` becomes one,
    any other a graph, about which `certify` and `connect` are asked (a ResNet is joined through half of its channels);
    either is called with rows X (N, n), a sample's entries in C order. `state_dict` gives the parameters by the names
    that they had, `notes` says what was folded. The module is not changed; its float64 outputs on the example are held
    against the network's.
    Raises InputError, which names the node that is not covered.

    >>> import torch
    >>> mlp = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    >>> net = sk.from_torch(mlp, torch.zeros(1, 2))
    >>> net
    TwoLayer(W=float64 (4, 3), V=float64 (1, 4), c=float64 (1,), bias=True)
    >>> list(net.state_dict())
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """
    from numerics.torch_bridge import require_torch

    require_torch()
    from numerics.torch_bridge.reading import network_of_module

    return network_of_module(module, example)
