"""What checks are tried on: small networks with data, sparse ones that shrink well and dense ones that are alive."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from numerics.arithmetic.bases import exact_basis
from numerics.checks.states import State
from numerics.data import Data
from numerics.networks.base import Network
from numerics.networks.classes import CLASSES, network_of
from numerics.networks.forward import own_name
from numerics.networks.parallel import Parallel
from numerics.networks.plain import Plain
from numerics.networks.post import Post
from numerics.networks.readers import has_stream
from numerics.networks.residual import Residual
from numerics.networks.stream import Stream
from numerics.networks.two_layer import TwoLayer
from numerics.testing import matrices, parallels, plains, posts, residuals, streams, two_layers

DRAWN: Mapping[str, Callable[..., st.SearchStrategy[Any]]] = MappingProxyType(
    {
        TwoLayer.kind: two_layers,
        Parallel.kind: parallels,
        Residual.kind: residuals,
        Stream.kind: streams,
        Post.kind: posts,
        Plain.kind: plains,
    }
)
SKIP = tuple(kind for kind in DRAWN if CLASSES[kind].has_skip)
FLAT = tuple(kind for kind in SKIP if not CLASSES[kind].has_stream)

Range = tuple[int, int]


@st.composite
def states(
    draw: st.DrawFn,
    kinds: Sequence[str] = SKIP,
    *,
    width: Range = (2, 4),
    points: Range = (1, 3),
    inputs: Range = (1, 2),
    outputs: Range = (1, 2),
) -> State:
    """A network of one of these classes on its data, in fractions; every weight is a short dyadic number.

    Sizes are drawn first, weights of the largest size are cut to them: so a smaller size leaves the rest as it was, and
    counterexamples shrink well.
    """
    m, N, n, p = (draw(st.integers(*one)) for one in (width, points, inputs, outputs))
    dense, kind = draw(st.integers(0, 3)) > 0, draw(st.sampled_from(kinds))
    sizes: dict[str, Any] = {"width": width[1], "inputs": inputs[1], "outputs": outputs[1], "dense": dense}
    if CLASSES[kind].has_blocks:
        sizes["blocks"] = st.integers(1, 2)
    network = cut(draw(DRAWN[kind](**sizes)), m, n, p)
    X, Y = (draw(matrices(points[1], one[1], dense=dense)) for one in (inputs, outputs))
    return State.of(network, Data(X[:N, :n], Y[:N, :p]))


def cut(network: Network, m: int, n: int, p: int) -> Network:
    """Its first `m` neurons, `n` inputs and `p` outputs."""
    columns = [*range(n), *([network.inputs] if network.bias else [])]
    outward = m if has_stream(network.kind) else p
    cuts: dict[str, Any] = {
        "W": np.s_[:m, columns],
        "V": np.s_[:p, :m],
        "A": np.s_[:, :m],
        "U": np.s_[:outward],
        "c": np.s_[:p],
    }
    found = {
        name: array[cuts[own_name(name)]] if own_name(name) in cuts else array
        for name, array in network.parameters().items()
    }
    return network_of(network.kind, found, bias=network.bias)


@st.composite
def references(draw: st.DrawFn, network: Network, least: int, most: int) -> TwoLayer:
    """A two-layer reference of so many neurons for a network, with an output bias only if it has one."""
    width = draw(st.integers(least, most))
    sizes: dict[str, Any] = {"inputs": network.inputs, "outputs": network.outputs, "bias": network.bias}
    found = draw(two_layers(width=most, with_c=False if network.c is None else None, **sizes))
    return TwoLayer(W=found.W[:width], V=found.V[:, :width], c=found.c, bias=found.bias)


def with_targets(data: Data, outputs: Any) -> Data:
    """The same points with these outputs (fractions) for targets, rounded where they are no floats."""
    return Data(data.X, np.array(outputs, dtype=np.float64))


@st.composite
def with_optimal_readout(draw: st.DrawFn, start: State) -> State:
    """The same network on data whose targets make its V optimal for the rest, though it need not fit them."""
    null = exact_basis(start.features.T)
    assume(len(null.rest))  # targets outside the span of the features
    residual = start.targets * 0
    for k, column in enumerate(null.rest.tolist()):
        orthogonal = np.zeros(start.data.size, dtype=int).astype(object)
        orthogonal[column] = Fraction(1)
        orthogonal[null.basis] = -null.coefficients[:, k]
        whole = math.lcm(*(Fraction(entry).denominator for entry in orthogonal.tolist()))
        weight = Fraction(draw(st.integers(-4, 4)), 4)
        residual = residual + np.multiply.outer(weight * whole * orthogonal, np.ones(residual.shape[1], dtype=int))
    found = State.of(start.network(), with_targets(start.data, start.outputs - residual))
    assume(not (found.features.T @ (found.outputs - found.targets) != 0).any())  # not if they were rounded
    return found
