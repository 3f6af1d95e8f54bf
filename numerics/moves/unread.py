"""L9's premise: no branch reads a slot any more. One matrix moves at a time, so the loss is known on each segment."""

from __future__ import annotations

from collections.abc import Mapping

from numerics.moves.merging import Indices
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import own_name
from numerics.networks.silence import moves_silently
from numerics.paths import Kind, Path, Segment, kind_of


def unread(network: Network, slots: Indices, readers: Mapping[str, Array] | None = None) -> Path:
    """The path on which every A goes to these `readers` by name, at whose end none reads the slots.

    Without `readers` the columns of the slots go to 0 and all others stay. One silent segment where no output hears it,
    else one hidden segment for each A. V stays: the readout line that follows is its own. Raises ValueError if a given
    reader still reads a slot.
    """
    changed = {} if readers is None else dict(readers)
    for name, A in network.parameters().items():
        if own_name(name) == "A" and readers is None:
            changed[name] = A.copy()
            changed[name][:, slots] = 0.0
    for name, A in changed.items():
        if own_name(name) != "A" or A[:, slots].any():
            raise ValueError(f"{name} is no reader that leaves the slots {slots.tolist()} alone")
    path, together = Path(network), network.replace(changed)
    if moves_silently(network, together):  # as where z_J = 0, or where no output hears the branch
        return path.then(Segment(Kind.SILENT, network, together))
    for name, A in changed.items():
        end = path.end.replace({name: A})
        path = path.then(Segment(kind_of(path.end, end), path.end, end))
    return path
