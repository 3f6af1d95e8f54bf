"""Hypothesis strategies for networks, data and paths: public, for whoever wants to test a statement of their own.

Networks come with zero rows, zero columns, ties, parallel and duplicate neurons, several outputs, missing biases;
weights are small dyadic rationals, so that cases are readable and exact arithmetic is short (`wide=True`: any finite
float64).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.data import Data
from numerics.losses import branch_is_silent
from numerics.moves.load import load, load_branch
from numerics.moves.readout import readout_of, two_layer_readout
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.parallel import Parallel
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind, Path, Segment


def weights(*, wide: bool = False) -> st.SearchStrategy[float]:
    """One weight: a multiple of 1/4 in [-4, 4], often 0; with `wide` any finite float64, subnormals included."""
    narrow = st.one_of(st.just(0.0), st.integers(-16, 16).map(lambda k: k / 4.0))
    if not wide:
        return narrow
    return st.one_of(narrow, st.floats(allow_nan=False, allow_infinity=False, min_value=-1e150, max_value=1e150))


@st.composite
def matrices(draw: st.DrawFn, rows: int, columns: int, *, wide: bool = False) -> Array:
    """An array (rows, columns) with, now and then, a zero row, a zero column, a repeated or a scaled row."""
    entries = draw(st.lists(weights(wide=wide), min_size=rows * columns, max_size=rows * columns))
    array = np.array(entries, dtype=np.float64).reshape(rows, columns)
    for _ in range(draw(st.integers(0, 2))):
        i, j = draw(st.integers(0, rows - 1)), draw(st.integers(0, rows - 1))
        match draw(st.sampled_from(("zero row", "zero column", "duplicate", "parallel"))):
            case "zero row":
                array[i] = 0.0
            case "zero column":
                array[:, draw(st.integers(0, columns - 1))] = 0.0
            case "duplicate":
                array[i] = array[j]
            case _:
                array[i] = array[j] * draw(st.sampled_from((0.5, 2.0, -1.0)))
    return array


@st.composite
def two_layers(
    draw: st.DrawFn,
    *,
    width: st.SearchStrategy[int] | int = st.integers(1, 5),
    inputs: int | None = None,
    outputs: int | None = None,
    bias: bool | None = None,
    with_c: bool | None = None,
    wide: bool = False,
) -> TwoLayer:
    """A TWO-LAYER network; whatever is None is drawn."""
    m, n, p, first_bias, c = _sizes(draw, width, inputs, outputs, bias, with_c)
    W = draw(matrices(m, n + first_bias, wide=wide))
    V = draw(matrices(p, m, wide=wide))
    offset = draw(matrices(1, p, wide=wide))[0] if c else None
    return TwoLayer(W=W, V=V, c=offset, bias=first_bias)


@st.composite
def parallels(
    draw: st.DrawFn,
    *,
    width: st.SearchStrategy[int] | int = st.integers(1, 5),
    inputs: int | None = None,
    outputs: int | None = None,
    bias: bool | None = None,
    with_c: bool | None = None,
    branch: tuple[int, ...] | None = None,
    wide: bool = False,
) -> Parallel:
    """A PARALLEL network with a branch of one to three layers; whatever is None is drawn. `U` is now and then zero."""
    m, n, p, first_bias, c = _sizes(draw, width, inputs, outputs, bias, with_c)
    widths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)) if branch is None else list(branch)
    layers, before = [], m
    for r in widths:
        with_bias = draw(st.booleans()) if branch is None else True
        offset = draw(matrices(1, r, wide=wide))[0] if with_bias else None
        layers.append(Layer(draw(matrices(r, before, wide=wide)), offset))
        before = r
    U = draw(matrices(p, before, wide=wide))
    if draw(st.integers(0, 5)) == 0:
        U = np.zeros_like(U)
    return Parallel(
        W=draw(matrices(m, n + first_bias, wide=wide)),
        V=draw(matrices(p, m, wide=wide)),
        branch=Branch(tuple(layers)),
        U=U,
        c=draw(matrices(1, p, wide=wide))[0] if c else None,
        bias=first_bias,
    )


@st.composite
def partners(draw: st.DrawFn, network: Network) -> Network:
    """Another parameter of the same space: fresh weights, now and then sharing rows with `network` or permuting its
    neurons.
    """
    changes = {}
    for name, array in network.parameters().items():
        rows = np.atleast_2d(array)
        fresh = draw(matrices(*rows.shape))
        changes[name] = fresh if array.ndim == 2 else fresh[0]
    match draw(st.sampled_from(("fresh", "fresh", "shares rows", "permuted"))):
        case "shares rows":
            kept = draw(st.integers(0, network.width))
            changes["W"] = np.vstack([network.W[:kept], changes["W"][kept:]])
        case "permuted":
            order = draw(st.permutations(range(network.width)))
            changes |= {"W": network.W[order], "V": network.V[:, order]}
        case _:
            pass
    return network.replace(changes)


@st.composite
def data_for(draw: st.DrawFn, network: Network, *, points: st.SearchStrategy[int] = st.integers(1, 6)) -> Data:
    """Data with the network's numbers of inputs and outputs, some points repeated or zero."""
    N = draw(points)
    return Data(draw(matrices(N, network.inputs)), draw(matrices(N, network.outputs)))


@st.composite
def references_for(draw: st.DrawFn, network: Network) -> TwoLayer:
    """A two-layer reference with fewer neurons than `network` (which needs at least two)."""
    return draw(
        two_layers(
            width=st.integers(1, network.width - 1),
            inputs=network.inputs,
            outputs=network.outputs,
            bias=network.bias,
            with_c=False if network.c is None else None,
        )
    )


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


def _sizes(
    draw: st.DrawFn,
    width: st.SearchStrategy[int] | int,
    inputs: int | None,
    outputs: int | None,
    bias: bool | None,
    with_c: bool | None,
) -> tuple[int, int, int, bool, bool]:
    m = width if isinstance(width, int) else draw(width)
    n = draw(st.integers(1, 3)) if inputs is None else inputs
    p = draw(st.integers(1, 3)) if outputs is None else outputs
    return (
        m,
        n,
        p,
        draw(st.booleans()) if bias is None else bias,
        draw(st.booleans()) if with_c is None else with_c,
    )
