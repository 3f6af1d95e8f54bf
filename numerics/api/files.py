"""Networks from and to files."""

from __future__ import annotations

from pathlib import Path

from numerics.arithmetic.budget import GIB
from numerics.networks.base import Network
from numerics.networks.files import read_network, require_network_name, write_network


def load(path: str | Path, *, memory: float = 4.0) -> Network:
    """The network in an `.npz` or `.safetensors` file, exactly, read within so many GiB.

    Names and shapes are in `proofs_notes/usage.md`. Raises InputError, which names the file.

    >>> save(Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[2.0]]}), "two.npz")
    >>> load("two.npz")
    TwoLayer(W=float64 (1, 1), V=float64 (1, 1), c=None, bias=False)
    """
    return read_network(Path(path), int(memory * GIB))


def save(network: Network, path: str | Path, *, force: bool = False) -> None:
    """Write a network as `.npz` or `.safetensors`, whole or not at all.

    Raises InputError if the file exists (without `force`) or its name ends otherwise.

    >>> save(Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[2.0]]}), "one.safetensors")
    """
    require_network_name(Path(path))
    write_network(Path(path), network, force=force)
