"""T9S: the route through half of the stream against its corners."""

from __future__ import annotations

from functools import partial

from numerics.checks.check import about
from numerics.checks.joining import below_corners, joinings
from numerics.checks.problems import states
from numerics.checks.states import State
from numerics.networks.post import Post
from numerics.networks.residual import Residual
from numerics.networks.stream import Stream
from numerics.routes.half_stream import half_stream
from numerics.routes.stream_names import stream_names
from theory.catalogue import STATEMENTS


def halves_exist(start: State) -> bool:
    """Whether every hidden layer of every block has two units."""
    network = start.network()
    parameters = network.parameters()
    return all(len(parameters[one.matrix]) > 1 for block in stream_names(network).blocks for one in block.layers)


STREAMS = states((Residual.kind, Stream.kind, Post.kind), width=(2, 5)).filter(halves_exist)
CHECKS = (about(STATEMENTS["T9S"], joinings(STREAMS), partial(below_corners, half_stream)),)
