"""What the parameters of a stream are called: of RESIDUAL, STREAM and POST networks, and of graphs that are one.

A graph is one whose blocks are dense and have output biases, as torch's modules have by default, or a shared shape of
another kind that the classes lack a name for; its blocks' sums may have a rectifier behind them or none.
"""

from __future__ import annotations

from dataclasses import dataclass

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.networks.base import Network
from numerics.networks.forward import block_prefixes, branch_names
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.lower import BACK_BIAS, stream_places
from numerics.networks.origin import ONES
from numerics.networks.readers import adds_linearly
from numerics.routes.chains import Names


@dataclass(frozen=True)
class BlockNames(Shown):
    """Names of a block's hidden layers, from the stream up, and of what it writes back with."""

    layers: tuple[Names, ...]
    back: Names


@dataclass(frozen=True)
class StreamNames(Shown):
    """`first` makes the stream (of a class its bias is a column of W), `readout` reads it behind the last block.

    `rectified`: whether a rectifier follows each block's sum.
    """

    first: Names
    blocks: tuple[BlockNames, ...]
    readout: Names
    rectified: bool

    @property
    def before_readout(self) -> tuple[Names, ...]:
        """Everything but the readout."""
        blocks = (one for block in self.blocks for one in (*block.layers, block.back))
        return (self.first, *blocks)


def stream_names(network: Network) -> StreamNames:
    """The names, from the input up. Raises InputError: the network is no stream."""
    if not isinstance(network, Graph):
        places = {name: name for name in network.parameters()}
        return _names(places, network.kind, rectified=not adds_linearly(network.kind))
    found = stream_places(network)
    if found is None:
        raise InputError("it is no stream of dense blocks that are added to what they read")
    if len(set(found.places.values())) < len(found.places):
        raise InputError("two nodes of this graph read one parameter")
    return _names(found.places, found.kind.kind, rectified=not found.kind.adds_linearly)


def _names(places: dict[str, str], kind: str, *, rectified: bool) -> StreamNames:
    blocks = []
    for prefix in block_prefixes(kind, places):
        layers = tuple(Names(places[matrix], places.get(bias)) for matrix, bias in branch_names(places, prefix))
        blocks.append(BlockNames(layers, Names(places[f"{prefix}U"], places.get(f"{prefix}{BACK_BIAS}"))))
    first, readout = Names(places["W"], places.get(ONES)), Names(places["V"], places.get("c"))
    return StreamNames(first, tuple(blocks), readout, rectified)
