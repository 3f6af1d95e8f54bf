"""L4 outside the basis that the blocks write to: one matrix at a time, so that the loss is known on every segment."""

from __future__ import annotations

from numerics.moves.merging import Indices
from numerics.moves.transfer import handed_over
from numerics.moves.unread import unread
from numerics.networks.base import Network
from numerics.networks.forward import own_name
from numerics.networks.readers import AnyArray
from numerics.paths import Kind, Path, Segment


def reassign_stepwise(network: Network, leaving: Indices, centres: Indices, C: AnyArray) -> Path:
    """L4 [ours] in PARALLEL's form: `centres` take over from `leaving` in V, then in every A; `z_J = C^T z_I`.

    RESIDUAL, STREAM, after `write_to_basis`, with J and I outside its basis: no block writes there, so that V and every
    A read what the first layer gives and the change of basis of `transfer` is not needed. In fractions no output
    changes; at the end nothing reads J. Raises ValueError if J meets I, or if a block writes to one of them.
    """
    weights = network.parameters()
    for name, U in weights.items():
        if own_name(name) == "U" and (U[leaving].any() or U[centres].any()):
            raise ValueError(f"{name} writes to a neuron that leaves or takes over: write_to_basis comes first")
    changed = handed_over("parallel", weights, leaving, centres, C)
    path = Path(network).then(Segment(Kind.READOUT, network, network.replace({"V": changed.pop("V")})))
    return path.followed_by(unread(path.end, leaving, changed))
