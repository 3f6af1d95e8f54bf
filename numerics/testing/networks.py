"""Strategies for networks of every class.

Networks come with zero rows, zero columns, ties, parallel and duplicate neurons, several outputs, missing biases;
weights are small dyadic rationals, so that cases are readable and exact arithmetic is short (`wide=True`: any finite
float64; `dense=True`: small and none of them zero, so that every weight matters).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict, TypeVar, Unpack

import numpy as np
from hypothesis import strategies as st

from numerics.common.shown import Shown
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.parallel import Parallel
from numerics.networks.plain import Plain
from numerics.networks.post import Post
from numerics.networks.residual import Residual
from numerics.networks.stream import Block, Stream
from numerics.networks.two_layer import TwoLayer

DENSE = (1.0, 2.0, 0.5, 3.0, 1.5, 4.0, 0.25, 0.75, 1.25, 2.5, -1.0, -2.0, -0.5, -3.0, -0.25, -1.5)  # simplest first

Deep = TypeVar("Deep", Parallel, Residual)
Blocks = TypeVar("Blocks", bound=Stream)


def weights(*, wide: bool = False, dense: bool = False) -> st.SearchStrategy[float]:
    """One weight: a multiple of 1/4 in [-4, 4], often 0; with `wide` any finite float64, subnormals included; with
    `dense` not 0 and more often positive, so that most units are alive.
    """
    if dense:
        return st.sampled_from(DENSE)
    narrow = st.one_of(st.just(0.0), st.integers(-16, 16).map(lambda k: k / 4.0))
    if not wide:
        return narrow
    return st.one_of(narrow, st.floats(allow_nan=False, allow_infinity=False, min_value=-1e150, max_value=1e150))


@st.composite
def matrices(draw: st.DrawFn, rows: int, columns: int, *, wide: bool = False, dense: bool = False) -> Array:
    """An array (rows, columns); unless dense, now and then with a zero row or column, a repeated or a scaled row."""
    entries = draw(st.lists(weights(wide=wide, dense=dense), min_size=rows * columns, max_size=rows * columns))
    array = np.array(entries, dtype=np.float64).reshape(rows, columns)
    if dense:
        return array
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


class Entries(TypedDict, total=False):
    """How weights are drawn: see `weights`."""

    wide: bool
    dense: bool


class Sizes(TypedDict, total=False):
    """What a strategy may be told; what is left out, or None, is drawn. For `wide` and `dense` see `weights`."""

    width: st.SearchStrategy[int] | int
    inputs: int | None
    outputs: int | None
    bias: bool | None
    with_c: bool | None
    wide: bool
    dense: bool


def two_layers(**sizes: Unpack[Sizes]) -> st.SearchStrategy[TwoLayer]:
    """A TWO-LAYER network."""
    return _two_layers(**sizes)


def parallels(*, branch: tuple[int, ...] | None = None, **sizes: Unpack[Sizes]) -> st.SearchStrategy[Parallel]:
    """A PARALLEL network with a branch of one to three layers, or of these widths. `U` is now and then zero."""
    return _one_branch(Parallel, branch, **sizes)


def residuals(*, branch: tuple[int, ...] | None = None, **sizes: Unpack[Sizes]) -> st.SearchStrategy[Residual]:
    """A RESIDUAL network, drawn as `parallels` does."""
    return _one_branch(Residual, branch, **sizes)


def plains(*, branch: tuple[int, ...] | None = None, **sizes: Unpack[Sizes]) -> st.SearchStrategy[Plain]:
    """A PLAIN network, drawn as `parallels` does."""
    return _plains(branch, **sizes)


def streams(
    *,
    branch: tuple[int, ...] | None = None,
    blocks: st.SearchStrategy[int] | int = st.integers(1, 3),
    **sizes: Unpack[Sizes],
) -> st.SearchStrategy[Stream]:
    """A STREAM network of one to three blocks, each drawn as the branch of `parallels` is."""
    return _streams(Stream, branch, blocks, **sizes)


def posts(
    *,
    branch: tuple[int, ...] | None = None,
    blocks: st.SearchStrategy[int] | int = st.integers(1, 3),
    **sizes: Unpack[Sizes],
) -> st.SearchStrategy[Post]:
    """A POST network, drawn as `streams` does."""
    return _streams(Post, branch, blocks, **sizes)


def networks(**sizes: Unpack[Sizes]) -> st.SearchStrategy[Network]:
    """A network of any class."""
    every: list[st.SearchStrategy[Network]] = [
        two_layers(**sizes),
        parallels(**sizes),
        residuals(**sizes),
        streams(**sizes),
        posts(**sizes),
        plains(**sizes),
    ]
    return st.one_of(every)


@st.composite
def _two_layers(draw: st.DrawFn, **sizes: Unpack[Sizes]) -> TwoLayer:
    drawn = _sizes(draw, **sizes)
    return TwoLayer(W=draw(drawn.rows()), V=draw(drawn.readout()), c=draw(drawn.offset()), bias=drawn.bias)


@st.composite
def _one_branch(draw: st.DrawFn, make: type[Deep], branch: tuple[int, ...] | None, **sizes: Unpack[Sizes]) -> Deep:
    drawn = _sizes(draw, **sizes)
    deep = draw(branches(drawn.width, branch, **drawn.entries))
    rows = drawn.width if make is Residual else drawn.outputs
    U = draw(_returns(rows, deep, **drawn.entries))
    W, V, c = draw(drawn.rows()), draw(drawn.readout()), draw(drawn.offset())
    return make(W=W, V=V, branch=deep, U=U, c=c, bias=drawn.bias)


@st.composite
def _plains(draw: st.DrawFn, branch: tuple[int, ...] | None, **sizes: Unpack[Sizes]) -> Plain:
    drawn = _sizes(draw, **sizes)
    deep = draw(branches(drawn.width, branch, **drawn.entries))
    U = draw(_returns(drawn.outputs, deep, **drawn.entries))
    return Plain(W=draw(drawn.rows()), branch=deep, U=U, c=draw(drawn.offset()), bias=drawn.bias)


@st.composite
def _streams(
    draw: st.DrawFn,
    make: type[Blocks],
    branch: tuple[int, ...] | None,
    blocks: st.SearchStrategy[int] | int,
    **sizes: Unpack[Sizes],
) -> Blocks:
    drawn = _sizes(draw, **sizes)
    chain = []
    for _ in range(blocks if isinstance(blocks, int) else draw(blocks)):
        deep = draw(branches(drawn.width, branch, **drawn.entries))
        chain.append(Block(deep, draw(_returns(drawn.width, deep, **drawn.entries))))
    W, V, c = draw(drawn.rows()), draw(drawn.readout()), draw(drawn.offset())
    return make(W=W, V=V, blocks=tuple(chain), c=c, bias=drawn.bias)


@st.composite
def branches(draw: st.DrawFn, before: int, widths: tuple[int, ...] | None = None, **entries: Unpack[Entries]) -> Branch:
    """A branch on `before` neurons, of one to three layers, biases here and there; with given widths all biases."""
    drawn = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)) if widths is None else list(widths)
    layers = []
    for r in drawn:
        with_bias = draw(st.booleans()) if widths is None else True
        offset = draw(matrices(1, r, **entries))[0] if with_bias else None
        layers.append(Layer(draw(matrices(r, before, **entries)), offset))
        before = r
    return Branch(tuple(layers))


@st.composite
def _returns(draw: st.DrawFn, rows: int, branch: Branch, **entries: Unpack[Entries]) -> Array:
    """`U` (rows, r_last), now and then zero."""
    U = draw(matrices(rows, branch.last()[1], **entries))
    return np.zeros_like(U) if draw(st.integers(0, 5)) == 0 else U


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
            read = network.parameters()
            reader = "V" if "V" in read else "A"
            changes |= {"W": network.W[order], reader: read[reader][:, order]}
        case _:
            pass
    return network.replace(changes)


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


@dataclass(frozen=True)
class _Drawn(Shown):
    """The sizes of one network, and strategies for the parameters that they fix."""

    width: int
    inputs: int
    outputs: int
    bias: bool
    with_c: bool
    entries: Entries

    def rows(self) -> st.SearchStrategy[Array]:
        """`W` (m, D)."""
        return matrices(self.width, self.inputs + self.bias, **self.entries)

    def readout(self) -> st.SearchStrategy[Array]:
        """`V` (p, m)."""
        return matrices(self.outputs, self.width, **self.entries)

    def offset(self) -> st.SearchStrategy[Array | None]:
        """`c` (p,) or None."""
        if not self.with_c:
            return st.none()
        return matrices(1, self.outputs, **self.entries).map(lambda rows: rows[0])


def _sizes(
    draw: st.DrawFn,
    *,
    width: st.SearchStrategy[int] | int = st.integers(1, 5),
    inputs: int | None = None,
    outputs: int | None = None,
    bias: bool | None = None,
    with_c: bool | None = None,
    wide: bool = False,
    dense: bool = False,
) -> _Drawn:
    return _Drawn(
        width=width if isinstance(width, int) else draw(width),
        inputs=draw(st.integers(1, 3)) if inputs is None else inputs,
        outputs=draw(st.integers(1, 3)) if outputs is None else outputs,
        bias=draw(st.booleans()) if bias is None else bias,
        with_c=draw(st.booleans()) if with_c is None else with_c,
        entries={"wide": wide, "dense": dense},
    )
