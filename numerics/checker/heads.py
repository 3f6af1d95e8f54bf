"""What remains of a corner once its rows are numbered: exact coefficients on the bank, in a normal form.

Slots that carry the same row simply add, as integers, so corners that permute, split or duplicate neurons
become the same head and are evaluated once. A branch that no output hears is left out.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from .arrays import Array, Integers, Mask, Weights
from .bank import ZERO_ROW
from .exact import Extent, float_integers
from .liveness import layers_of, live_units


@dataclass(frozen=True)
class Table:
    """An exact matrix as a value: row-major integers times 2^exponent, the largest possible (0 for zero)."""

    rows: int
    cols: int
    integers: tuple[int, ...]
    exponent: int

    @cached_property
    def extent(self) -> Extent:
        """Its extent, exactly."""
        bits = max((abs(integer).bit_length() for integer in self.integers), default=0)
        return Extent(self.rows, self.cols, self.exponent, bits)


@dataclass(frozen=True)
class Columns:
    """Outgoing weights of bank rows: `numbers` increasing, `weights` (len(numbers), targets), no zero row."""

    numbers: tuple[int, ...]
    weights: Table


@dataclass(frozen=True)
class Trunk:
    """The live part of a branch up to its last layer: entry weights, then matrices (transposed) and biases.

    `biases[0]` is a, `biases[k]` is b_k, each (1, r_k); `inner[k-1]` is B_k transposed, (r_{k-1}, r_k).
    """

    entry: Columns
    inner: tuple[Table, ...]
    biases: tuple[Table, ...]


@dataclass(frozen=True)
class Head:
    """A corner as a function of the bank's features: V, c (1, p) and, if the branch is live, trunk and U."""

    readout: Columns
    constant: Table
    trunk: Trunk | None
    top: Table | None

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The bank rows that it uses."""
        return frozenset(self.readout.numbers).union(self.trunk.entry.numbers if self.trunk else ())

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the content: what is kept of a head whose loss is known."""
        sha = hashlib.sha256(repr((self.readout.numbers, self.trunk and self.trunk.entry.numbers)).encode())
        for part in self.tables():
            sha.update(f"|{part.rows},{part.cols},{part.exponent}:".encode())
            # Hexadecimal: Python refuses to write long integers in decimal.
            sha.update(",".join(map(hex, part.integers)).encode())
        return sha.digest()

    def tables(self) -> Iterator[Table]:
        """All exact matrices of the head."""
        yield self.readout.weights
        yield self.constant
        if self.trunk and self.top:
            yield from (self.top, self.trunk.entry.weights, *self.trunk.inner, *self.trunk.biases)


def head_of(weights: Weights, numbers: Integers) -> Head:
    """The head of a corner whose rows of W have these `numbers` (m,) in the bank."""
    v = weights["V"]
    constant = weights.get("c", np.zeros(len(v)))
    readout = _columns(v, numbers)
    if "U" not in weights:
        return Head(readout, table(constant[None, :]), None, None)
    support = {name: weights[name] != 0 for name in weights if weights[name].ndim == 2}
    live = live_units(support, ("",), residual=False)
    layers = list(layers_of(support, ""))[::-1]
    last, _ = layers[-1]
    if not live[last].any():
        return Head(readout, table(constant[None, :]), None, None)
    biases = tuple(_live_bias(weights, bias, live[bias]) for _, bias in layers)
    inner = tuple(
        table(weights[matrix][np.ix_(live[matrix], live[before])].T) for (before, _), (matrix, _) in pairwise(layers)
    )
    trunk = Trunk(_columns(weights["A"][live["A"]], numbers), inner, biases)
    return Head(readout, table(constant[None, :]), trunk, table(weights["U"][:, live[last]].T))


def _live_bias(weights: Weights, name: str, live: Mask) -> Table:
    """The live part of an optional bias as (1, r); absent means zeros."""
    bias = weights[name] if name in weights else np.zeros(len(live))
    return table(bias[live][None, :])


def table(array: Array) -> Table:
    """The exact value of a float matrix."""
    integers, extent = float_integers(array)
    return Table(extent.rows, extent.cols, tuple(integers), extent.exponent)


def _columns(outgoing: Array, numbers: Integers) -> Columns:
    """The weights `outgoing` (targets, m) of slots, added up over slots with the same bank number."""
    used = np.flatnonzero((outgoing != 0).any(axis=0) & (numbers != ZERO_ROW))
    used = used[np.argsort(numbers[used], kind="stable")]
    distinct, place = np.unique(numbers[used], return_inverse=True)
    weights = table(outgoing[:, used].T)
    if len(distinct) < len(used):
        return _folded(distinct.tolist(), place.tolist(), weights)
    return Columns(tuple(distinct.tolist()), weights)


def _folded(distinct: Sequence[int], place: Sequence[int], weights: Table) -> Columns:
    """`weights` with row k added into row place[k]; rows that cancel are dropped."""
    cols = weights.cols
    sums = [[0] * cols for _ in distinct]
    for k, target in enumerate(place):
        row = weights.integers[k * cols : (k + 1) * cols]
        sums[target] = [old + new for old, new in zip(sums[target], row, strict=True)]
    kept = [k for k, row in enumerate(sums) if any(row)]
    integers = [entry for k in kept for entry in sums[k]]
    return Columns(tuple(distinct[k] for k in kept), _canonical(len(kept), cols, integers, weights.exponent))


def _canonical(rows: int, cols: int, integers: list[int], exponent: int) -> Table:
    """The table of these integers times 2^exponent, with the common factors 2 moved into the exponent."""
    union = 0
    for integer in integers:
        union |= abs(integer)
    if not union:
        return Table(rows, cols, tuple(integers), 0)
    trailing = (union & -union).bit_length() - 1
    return Table(rows, cols, tuple(integer >> trailing for integer in integers), exponent + trailing)
