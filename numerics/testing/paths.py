"""Strategies for data, times and paths."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.data import Data
from numerics.losses import branch_is_silent
from numerics.moves.load import load, load_branch
from numerics.moves.readout import readout_of, two_layer_readout
from numerics.networks.base import Network
from numerics.networks.parallel import Parallel
from numerics.paths import Kind, Path, Segment
from numerics.testing.networks import matrices, parallels, partners, two_layers


@st.composite
def data_for(draw: st.DrawFn, network: Network, *, points: st.SearchStrategy[int] = st.integers(1, 6)) -> Data:
    """Data with the network's numbers of inputs and outputs, some points repeated or zero."""
    N = draw(points)
    return Data(draw(matrices(N, network.inputs)), draw(matrices(N, network.outputs)))


@st.composite
def paths(draw: st.DrawFn, *, segments: st.SearchStrategy[int] | int = st.integers(1, 5)) -> Path:
    """A path of silent and readout segments: random readout lines, loads of unread slots, moves of a dead branch."""
    network: Network = draw(st.one_of(parallels(), two_layers()))
    path = Path(network)
    for _ in range(segments if isinstance(segments, int) else draw(segments)):
        here = path.end
        other = draw(partners(here))
        silent = branch_is_silent(here)
        unread = ~here.V.any(axis=0)
        if isinstance(here, Parallel) and not silent:
            unread &= ~here.branch.layers[0].weight.any(axis=0)
        slots = np.flatnonzero(unread)
        match draw(st.sampled_from(("readout", "clear", "load", "branch"))):
            case "readout":
                segment = readout_of(here, other)
            case "clear":  # make room: some slots unread, the branch silent
                kept = draw(st.integers(0, here.width))
                V = np.where(np.arange(here.width) < kept, other.V, 0.0)
                segment = two_layer_readout(here, V, other.c)
            case "load" if len(slots):
                segment = load(here, slots, other.W[slots])
            case "branch" if silent:
                segment = load_branch(here, other)
            case _:
                segment = Segment(Kind.SILENT, here, here)
        path = Path(path.start, (*path.segments, segment))
    return path


def times() -> st.SearchStrategy[Fraction]:
    """A rational time in [0, 1], ends included."""
    return st.fractions(min_value=0, max_value=1, max_denominator=64)
