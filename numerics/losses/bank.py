"""Exact losses of many two-layer and parallel networks of one space at once.

Features are computed once, in blocks of samples, over all distinct first-layer rows that any of the networks uses; the
readouts of all networks with a silent branch then are one product. Networks with a live branch also share the
features.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.arithmetic.budget import require, rows_within
from numerics.arithmetic.limbs import BITS, LimbMatrix, from_floats, limbs_of
from numerics.arithmetic.rationals import Enclosure
from numerics.common.shown import Shown
from numerics.losses.limb_forward import ROWS, Limbs, Scaled, Size, working
from numerics.losses.outputs import Outputs
from numerics.losses.problem import Problem
from numerics.losses.totals import PRECISION, Total
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.classes import FLAT
from numerics.networks.forward import branch_from, own_name, with_ones
from numerics.networks.parallel import Parallel

COLUMNS = 1024  # readout columns stacked into one product
Progress = Callable[[float], None]


def stacked_losses(
    networks: Sequence[Network], problem: Problem, precision: int = PRECISION, *, progress: Progress | None = None
) -> list[Enclosure]:
    """The loss of every network (all of one space, at least one). Raises InputError over budget."""
    bank, readers = _bank(networks)
    X = with_ones(problem.X, networks[0].bias)
    p = networks[0].outputs
    stacks = _stacks(readers, p)
    rows = _rows(X, bank, stacks, problem)
    seen, weights, targets = from_floats(X), from_floats(bank).T, from_floats(problem.Y)
    lifted = [stack.lift() for stack in stacks]
    totals = [Total(Fraction(0))] * len(networks)
    for first in range(0, problem.size, rows):
        block = slice(first, first + rows)
        z = (seen[block] @ weights).relu()
        for stack in lifted:
            outputs = Outputs(stack.outputs(z), targets[block], problem.Y[block])
            found = problem.loss.totals(outputs, len(stack.members), precision)
            for members, total in zip(stack.members, found, strict=True):
                for k in members:
                    totals[k] = totals[k].plus(total, precision)
        if progress is not None:
            progress(min(1.0, (first + rows) / problem.size))
    return [total.mean(problem.size, precision) for total in totals]


def branch_is_silent(network: Network) -> bool:
    """Whether no branch adds anything: there is none, or every `U` is 0."""
    return not any(array.any() for name, array in network.parameters().items() if own_name(name) == "U")


@dataclass(frozen=True, eq=False)
class _Reader(Shown):
    """What one network does with the bank's features: `V` (and `A`) on the bank's rows, `c`, and the branch if live."""

    V: Array  # (bank, p)
    c: Array | None
    A: Array | None  # (bank, r_0)
    network: Network

    def key(self) -> tuple[bytes, bytes] | int:
        if self.A is not None:
            return id(self.network)
        return (self.V + 0.0).tobytes(), b"" if self.c is None else (self.c + 0.0).tobytes()


@dataclass(frozen=True, eq=False)
class _Stack(Shown):
    """Readers evaluated by one product: several silent ones, or one with a live branch."""

    readers: tuple[_Reader, ...]
    members: tuple[tuple[int, ...], ...]  # which networks each reader stands for

    def columns(self) -> Array:
        live = self.readers[0].A
        return np.hstack([reader.V for reader in self.readers] + ([] if live is None else [live]))

    def lift(self) -> _LiftedStack:
        live = self.readers[0].A
        branch: dict[str, LimbMatrix] = {}
        network = self.readers[0].network
        if live is not None and isinstance(network, Parallel):
            named = {**network.branch.parameters(), "A": live.T, "U": network.U}  # A on the bank's rows, not the slots
            branch = {name: from_floats(np.atleast_2d(array)) for name, array in named.items()}
        offsets = [np.zeros(reader.V.shape[1]) if reader.c is None else reader.c for reader in self.readers]
        readout = from_floats(np.hstack([reader.V for reader in self.readers]))
        return _LiftedStack(
            readout=readout,
            c=from_floats(np.concatenate(offsets)[None, :]),
            branch=branch,
            members=self.members,
        )


@dataclass(frozen=True, eq=False)
class _LiftedStack(Shown):
    """A stack in exact arithmetic."""

    readout: LimbMatrix
    c: LimbMatrix
    branch: Mapping[str, LimbMatrix]  # empty if silent
    members: tuple[tuple[int, ...], ...]

    def outputs(self, z: LimbMatrix) -> LimbMatrix:
        """`f` (rows, readers * p), exactly, from features `z` (rows, bank)."""
        f = z @ self.readout
        if self.branch:
            f = f + branch_from(self.branch, "", Scaled(z, 0), Limbs()).numerator @ self.branch["U"].T
        return f + self.c


def _bank(networks: Sequence[Network]) -> tuple[Array, list[_Reader]]:
    """The distinct first-layer rows in use, and every network's reader on them.

    Slots of one network that carry the same row get different places in the bank (adding their readouts in float64
    would round). Raises ValueError for another class, whose output is no sum over first-layer features and one branch.
    """
    if networks[0].kind not in FLAT:
        raise ValueError(f"class {networks[0].kind}: only {' and '.join(FLAT)} networks are evaluated together")
    places: dict[tuple[bytes, int], int] = {}
    rows: list[Array] = []
    chosen = []
    for network in networks:
        used = network.V.any(axis=0)
        live = not branch_is_silent(network)
        if live and isinstance(network, Parallel):
            used = used | network.branch.layers[0].weight.any(axis=0)
        slots = np.flatnonzero(used)
        where, times = np.empty(len(slots), dtype=np.int64), dict[bytes, int]()
        for i, slot in enumerate(slots):
            row = network.W[slot].tobytes()
            times[row] = times.get(row, -1) + 1
            place = places.setdefault((row, times[row]), len(rows))
            if place == len(rows):
                rows.append(network.W[slot])
            where[i] = place
        chosen.append((slots, where, live))
    bank = np.array(rows) if rows else np.zeros((1, networks[0].W.shape[1]))
    readers = []
    for network, (slots, where, live) in zip(networks, chosen, strict=True):
        A = network.branch.layers[0].weight if live and isinstance(network, Parallel) else None
        readers.append(
            _Reader(
                V=_placed(network.V, slots, where, len(bank)),
                c=network.c,
                A=None if A is None else _placed(A, slots, where, len(bank)),
                network=network,
            )
        )
    return bank, readers


def _placed(columns: Array, slots: np.ndarray, where: np.ndarray, size: int) -> Array:
    placed = np.zeros((size, columns.shape[0]))
    placed[where] = columns[:, slots].T
    return placed


def _stacks(readers: Sequence[_Reader], p: int) -> list[_Stack]:
    """Equal silent readers once; silent ones side by side, live ones alone."""
    distinct: dict[object, tuple[_Reader, list[int]]] = {}
    for k, reader in enumerate(readers):
        distinct.setdefault(reader.key(), (reader, []))[1].append(k)
    silent = [(reader, members) for reader, members in distinct.values() if reader.A is None]
    stacks = [_Stack((reader,), (tuple(members),)) for reader, members in distinct.values() if reader.A is not None]
    per = max(1, COLUMNS // p)
    for first in range(0, len(silent), per):
        part = silent[first : first + per]
        stacks.append(_Stack(tuple(r for r, _ in part), tuple(tuple(m) for _, m in part)))
    return stacks


def _rows(X: Array, bank: Array, stacks: Sequence[_Stack], problem: Problem) -> int:
    """How many samples at once; predicts bits times entries before anything is allocated."""
    seen, weights = limbs_of(X), limbs_of(bank)
    fixed = 8.0 * (X.size * (seen + 1) + bank.size * (weights + 2))
    z = seen + weights + 1
    per_row = 8.0 * len(bank) * z * 3
    for stack in stacks:
        columns = stack.columns()
        limbs = limbs_of(columns)
        fixed += 8.0 * columns.size * (limbs + 2)
        one = Size(1, columns.shape[1], 0, BITS * (z + limbs + 2) - 1)
        per_row = max(per_row, 8.0 * len(bank) * z * 3 + 4 * one.bytes + working(problem.loss, one))
    require(fixed, problem.budget, "the exact weights and data")
    return rows_within(per_row, int(problem.budget - fixed) or 1, len(X), ROWS)
