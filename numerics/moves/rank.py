"""R5: on finite data all neurons but a column basis of the feature matrix are free; no output changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numerics.arithmetic.bases import ColumnBasis, exact_basis, float_basis
from numerics.losses.problem import Problem
from numerics.moves.merging import Indices
from numerics.moves.transfer import handed_over
from numerics.networks.base import Network
from numerics.networks.forward import with_ones
from numerics.networks.readers import AnyArray, Weights, exact_array
from numerics.paths import Segment, kind_of


def features(W: AnyArray, seen: AnyArray) -> AnyArray:
    """`Z = [X W^T]_+` (N, m) on what the first layer sees (N, D); exact for fractions."""
    products: AnyArray = seen @ W.T
    positive: AnyArray = np.maximum(products, products * 0)
    return positive


def reduced(
    kind: str, weights: Weights, basis: ColumnBasis, leaving: Sequence[int] | np.ndarray
) -> dict[str, AnyArray]:
    """The end of the line on which the basis of the features takes over from `leaving` (J, outside it).

    With `Z_J = Z_B C` every output on the data is what it was all along; exact for fractions. The classes differ as in
    `handed_over`. Raises ValueError if J meets the basis.
    """
    return handed_over(kind, weights, np.asarray(leaving, dtype=np.int64), basis.basis, basis.of(leaving))


def exact_feature_basis(network: Network, problem: Problem, order: Sequence[int] | None = None) -> ColumnBasis:
    """A column basis of the features on the data, its size the exact rank, neurons taken in `order`: small cases only.

    Time grows like `N m rank`, with integers of `rank` times the bits of a weight times an input.
    """
    seen = exact_array(with_ones(problem.X, network.bias))
    return exact_basis(features(exact_array(network.W), seen), order)


def rank(network: Network, problem: Problem, count: int, basis: ColumnBasis | None = None) -> tuple[Segment, Indices]:
    """R5 [known]. Free `count` neurons on this data: the segment and J. With `m - rank >= count` the output stays.

    Without a basis given (`exact_feature_basis`), `m - count` features are chosen by a float search, and the rest is
    approximated by least squares: whatever `count` is, the segment's certified maximum says what that costs. Rounded
    coefficients make the segment general. Raises ValueError if a given basis leaves fewer than `count` neurons.
    """
    if basis is None:
        Z = features(network.W, with_ones(problem.X, network.bias))
        basis = float_basis(Z, size=network.width - count)
    if len(basis.rest) < count:
        raise ValueError(f"{count} neurons are to be freed but only {len(basis.rest)} are outside the basis")
    leaving = basis.rest[:count]
    rounded = ColumnBasis(basis.basis, basis.rest, basis.coefficients.astype(np.float64))
    end = network.replace(reduced(network.kind, network.parameters(), rounded, leaving))
    return Segment(kind_of(network, end), network, end), leaving
