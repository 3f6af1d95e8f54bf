"""L4: once `w_j = c_j w_i` the centres take over what reads the leaving neurons, and no output changes.

The algebra is one change of basis, with any combination of centres in place of one (`handed_over`): R5 uses it too.
"""

from __future__ import annotations

import numpy as np

from numerics.moves.merging import Indices, Merging
from numerics.networks.base import Network
from numerics.networks.readers import AnyArray, Weights, has_stream, readers, returns
from numerics.paths import Segment, kind_of


def handed_over(kind: str, weights: Weights, leaving: Indices, centres: Indices, C: AnyArray) -> dict[str, AnyArray]:
    """The end of the line on which `centres` take over from `leaving`, where `z_J = C^T z_I`; `C` is (|I|, |J|).

    PARALLEL, TWO-LAYER, PLAIN: `V_I + V_J C^T`, `V_J = 0`, the same for A; W stays. RESIDUAL, STREAM: the same for the
    centres' columns of V and every A, but `V_J`, `A_J` stay, `w_J = 0` and rows `U_J - C^T U_I`. All along the line
    the outputs are what they were, wherever `z_J = C^T z_I`. Exact for fractions. Raises ValueError if J meets I.
    """
    if set(leaving.tolist()) & set(centres.tolist()):
        raise ValueError("a neuron cannot be handed over to itself: J and its centres must be disjoint")
    changed = {}
    for name in readers(weights):
        changed[name] = plus_at(weights[name].T, centres, C @ weights[name][:, leaving].T).T
        if not has_stream(kind):
            changed[name][:, leaving] *= 0
    for name in returns(kind, weights):
        changed[name] = plus_at(weights[name], leaving, -(C.T @ weights[name][centres]))
    if has_stream(kind):
        W = weights["W"].copy()
        W[leaving] *= 0
        changed["W"] = W
    return changed


def plus_at(matrix: AnyArray, rows: Indices, more: AnyArray) -> AnyArray:
    """A copy with `more` added to these distinct rows; what gets 0 more keeps its bits (a float's -0 too)."""
    result = matrix.copy()
    result[rows] = np.where(more != 0, matrix[rows] + more, matrix[rows])
    return result


def transferred(kind: str, weights: Weights, merging: Merging) -> dict[str, AnyArray]:
    """L4's end. Raises ValueError unless every `w_j` equals `c_j w_{i(j)}` (in floats: the rounded product)."""
    if (weights["W"][merging.leaving] != merging.targets(weights["W"])).any():
        raise ValueError("a leaving row is not c_j times its centre's: perturb first")
    return handed_over(kind, weights, merging.leaving, *merging.coefficients())


def transfer(network: Network, merging: Merging) -> Segment:
    """L4 [ours]. In fractions no output changes; after rounding the segment is of the kind that its moves allow.

    PARALLEL, TWO-LAYER, PLAIN: at the end nothing reads J. RESIDUAL, STREAM: at the end `z_{0,J} = 0`, and J is still
    a coordinate of the stream (`clear_rows` frees it). Raises ValueError as `transferred` does.
    """
    end = network.replace(transferred(network.kind, network.parameters(), merging))
    return Segment(kind_of(network, end), network, end)
