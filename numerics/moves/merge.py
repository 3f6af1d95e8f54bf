"""L3 and L4 together: neurons leave into their centres, in one segment where the class allows it."""

from __future__ import annotations

from numerics.moves.merging import Merging
from numerics.moves.perturb import perturb
from numerics.moves.transfer import handed_over, transfer
from numerics.networks.base import Network
from numerics.networks.readers import AnyArray, Weights, has_stream
from numerics.paths import Path, Segment, kind_of


def fused(kind: str, weights: Weights, merging: Merging) -> dict[str, AnyArray]:
    """The end of the fused merge: `V_i + c V_j`, `V_j = 0`, the same for A, `w_j` left alone; exact for fractions.

    Raises ValueError in RESIDUAL and STREAM, where the blocks write to coordinate j as well.
    """
    if has_stream(kind):
        raise ValueError(f"the fused merge is wrong in a {kind} network: perturb, then transfer")
    return handed_over(kind, weights, merging.leaving, *merging.coefficients())


def merge(network: Network, merging: Merging) -> Path:
    """L3 with L4 [ours]: `||f_t - f_0|| <= t D(J)`, as `perturb` says, at one stretch or on the first of two segments.

    PARALLEL, TWO-LAYER, PLAIN: one segment, at whose end nothing reads J. RESIDUAL, STREAM: two, the second of which
    leaves the output alone (up to its rounding) and `z_{0,J} = 0`.
    """
    if has_stream(network.kind):
        path = Path(network).then(perturb(network, merging))
        return path.then(transfer(path.end, merging))
    end = network.replace(fused(network.kind, network.parameters(), merging))
    return Path(network).then(Segment(kind_of(network, end), network, end))
