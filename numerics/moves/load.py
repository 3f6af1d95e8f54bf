"""L9: a slot that nothing reads may take any row, and a branch that nothing reads any weights; and so may a block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from numerics.losses import branch_is_silent
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import own_name
from numerics.networks.readers import returns
from numerics.networks.silence import moves_silently
from numerics.paths import Kind, Segment


def load(network: Network, slots: Sequence[int] | np.ndarray, rows: Array) -> Segment:
    """L9 [known]. Put `rows` (len(slots), D) into the first-layer slots, none of which is read. The output does not
    change.

    Raises ValueError if a slot is read: its column of V is not zero, or that of an A while a U is not zero.
    """
    chosen = np.asarray(slots, dtype=np.int64)
    reader = reader_of(network, chosen)
    if reader is not None:
        raise ValueError(
            f"a slot to be loaded is read by {reader}{'' if reader == 'V' else ' while the branch is live'}"
        )
    W = network.W.copy()
    W[chosen] = rows
    return Segment(Kind.SILENT, network, network.replace({"W": W}))


def load_unwritten(network: Network, slots: Sequence[int] | np.ndarray, rows: Array) -> Segment:
    """L9 [known]. `load`, and blocks that return to the first layer's coordinates (`U`) write to the slots no more.

    What T1P needs in POST. The output does not change. Raises ValueError if a slot is read.
    """
    chosen = np.asarray(slots, dtype=np.int64)
    loaded = load(network, chosen, rows).end
    changes = {}
    for name in returns(network.kind, network.parameters()):
        changes[name] = network.parameters()[name].copy()
        changes[name][chosen] = 0.0
    return Segment(Kind.SILENT, network, loaded.replace(changes))


def reader_of(network: Network, slots: Sequence[int] | np.ndarray) -> str | None:
    """Name of a matrix that reads one of these slots (L9): V, or an A while a U is not zero; None if nothing does."""
    live = not branch_is_silent(network)
    for name, array in network.parameters().items():
        if (name == "V" or (live and own_name(name) == "A")) and array[:, slots].any():
            return name
    return None


def load_branch(network: Network, source: Network) -> Segment:
    """L9 [known]. Take over the inner weights of `source`'s branch while `U = 0`. The output does not change.

    Raises ValueError if the branch is live. A network without a branch stays as it is.
    """
    if not branch_is_silent(network):
        raise ValueError("the branch is live: its inner weights cannot move silently")
    inner = {name: array for name, array in source.parameters().items() if own_name(name) not in ("W", "V", "U", "c")}
    return Segment(Kind.SILENT, network, network.replace(inner) if inner else network)


def silence(network: Network) -> Segment:
    """L9 [known]. Every U of a stream goes to 0 where no output depends on its blocks; other classes stay as they are.

    Raises ValueError if a block affects the output.
    """
    blocks = returns(network.kind, network.parameters())
    return _silent(network, {name: np.zeros_like(network.parameters()[name]) for name in blocks})


def replace_inactive(network: Network, source: Network) -> Segment:
    """L9 [known]. Everything but the readout becomes that of `source`. Raises ValueError if an output depends on it."""
    theirs = source.parameters()
    return _silent(network, {name: array for name, array in theirs.items() if name not in network.readout})


def _silent(network: Network, changes: Mapping[str, Array]) -> Segment:
    end = network.replace(changes)
    if not moves_silently(network, end):
        raise ValueError(f"{', '.join(sorted(changes))} cannot move silently: an output depends on them")
    return Segment(Kind.SILENT, network, end)
