"""L3: neurons go straight to multiples of their centres' rows; only W moves, and the output hardly."""

from __future__ import annotations

from numerics.moves.load import reader_of
from numerics.moves.merging import Merging
from numerics.networks.base import Network
from numerics.networks.readers import AnyArray, Weights
from numerics.paths import Kind, Segment, kind_of


def perturbed(weights: Weights, merging: Merging) -> dict[str, AnyArray]:
    """W with `w_j = c_j w_{i(j)}`; exact for fractions."""
    W = weights["W"].copy()
    W[merging.leaving] = merging.targets(W)
    return {"W": W}


def perturb(network: Network, merging: Merging) -> Segment:
    """L3 [fb]. The line `w_j -> c_j w_{i(j)}`; `||f_t - f_0|| <= t D(J)` (`deviation.displacement` times sigma).

    Silent where nothing reads J. At the end W holds the rounded products, which is what `transfer` expects.
    """
    end = network.replace(perturbed(network.parameters(), merging))
    silent = reader_of(network, merging.leaving) is None
    return Segment(Kind.SILENT if silent else kind_of(network, end), network, end)
