"""Networks from and to files."""

from __future__ import annotations

from pathlib import Path

from numerics.api import given
from numerics.arithmetic.given import Number, budget
from numerics.errors import InputError
from numerics.networks.base import Network
from numerics.networks.files import read_network, require_network_name, write_network


def load(path: str | Path, *, memory: Number = 4) -> Network:
    """The network in an `.npz` or `.safetensors` file, each weight exactly, read within so many GiB.

    Names and shapes are those of `Network.from_arrays`, and `class` and `bias` stand beside them (`usage.md`); what
    was converted (`from_torch`) keeps its names in a `.safetensors`. Raises InputError, which names the file.

    >>> sk.save(sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[2.0]]}), "two.npz")
    >>> sk.load("two.npz")
    TwoLayer(W=float64 (1, 1), V=float64 (1, 1), c=None, bias=False)
    """
    return read_network(given.file_name(path, "the name of a network's file"), budget(memory))


def save(network: Network, path: str | Path, *, force: bool = False) -> None:
    """Write a network as `.npz` or `.safetensors`, by the name's ending, whole or not at all: float64, bit for bit.

    Arrays keep the names and shapes of `Network.from_arrays`. Raises InputError if the file exists (without `force`),
    its name ends otherwise or it cannot be written.

    >>> net = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[2.0]]})
    >>> sk.save(net, "one.safetensors")
    >>> sk.load("one.safetensors").identical(net)
    True
    """
    if not isinstance(network, Network):
        raise InputError(f"a network is expected, not an object of type {type(network).__name__}")
    place = given.file_name(path, "the name of a file")
    require_network_name(place)
    write_network(place, network, force=force)
