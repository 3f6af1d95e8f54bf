"""T4 and T4b as constructions: on N points a wide two-layer or parallel network goes down without climbing.

Corners are found in fractions, for small cases; `rounded` makes of them a path of floats, whose maximum is certified
like any other. T4 needs `m >= N + 1` and brings in g* row by row; what is constructed here brings in all of g* at once,
which needs more: a column basis of the features takes over (R5), which frees `m - rank >= l` slots. With one slot too
few the rank is N, so the readout alone takes the outputs to those of g*; one loaded feature of g* then replaces a
feature of the basis, which frees the last slot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from numerics.arithmetic.bases import ColumnBasis, exact_basis
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import float_loss, readout_is_improvable
from numerics.losses.problem import Problem
from numerics.moves.load import load
from numerics.moves.rank import exact_feature_basis, features, rank, reduced
from numerics.moves.readout import readout_of
from numerics.networks.base import Network
from numerics.networks.classes import FLAT
from numerics.networks.forward import outputs, with_ones
from numerics.networks.readers import AnyArray, Weights, exact_array, exact_weights
from numerics.networks.spaces import require_reference
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind, Path, Segment, kind_of
from numerics.routes.candidate import Candidate
from numerics.routes.descent import downhill
from numerics.routes.join import joined

ROWS_TRIED = 1000  # random directions for a neuron that lowers the loss; almost all do


@dataclass(frozen=True, eq=False)
class Corners(Shown):
    """Weights at the corners, exactly, and the kind of the segment to each but the first (None: what its moves allow).

    At the last corner g* is in the slots `slots`, in the order of its neurons.
    """

    weights: tuple[Weights, ...]
    kinds: tuple[Kind | None, ...]
    slots: tuple[int, ...]


def to_reference(network: Network, reference: Network, problem: Problem) -> Corners:
    """T4's path to `g*`, all of which is loaded at once, in fractions: no loss on it exceeds that of its ends.

    Raises InputError unless `m - rank >= l`, or the rank is N and `m - N >= l - 1 >= 1`.
    """
    _require_class(network)
    goal = require_reference(reference, network)
    basis = exact_feature_basis(network, problem)
    free, count = len(basis.rest), goal.width
    walk = _Walk(network, goal, problem)
    if free >= count:
        slots = basis.rest[:count]
        walk.hand_over(basis, slots)
        walk.load(slots, np.arange(count))
        walk.read_reference(slots)
        return walk.corners(slots)
    if len(basis.basis) < problem.size or free < count - 1 or count < 2:
        raise InputError(
            f"{free} slots can be freed at no cost (rank {len(basis.basis)}, N = {problem.size}), but g* has"
            f" l = {count} neurons: they are loaded at once here, which needs m >= N + l, or m >= N + l - 1 and l >= 2"
        )
    return walk.exchanged(basis)


def rounded(network: Network, corners: Corners) -> Path:
    """The path of floats nearest to these corners, from the network itself."""
    here, path = network, Path(network)
    for weights, kind in zip(corners.weights[1:], corners.kinds, strict=True):
        there = network.replace({name: array.astype(np.float64) for name, array in weights.items()})
        path = path.then(Segment(kind_of(here, there) if kind is None else kind, here, there))
        here = path.end
    return path


def connect(start: Network, end: Network, reference: Network, problem: Problem) -> Candidate:
    """T4: from `start` to `end` through g*, both as in `to_reference`, joined by a permutation. Raises InputError.

    Where g* would fill all slots (N = 1, l = m) it gives way to one of as many neurons as its features' rank.
    """
    if reference.width >= start.width:
        reference = _reduced_reference(reference, problem)
    found = []
    for network in (start, end):
        corners = to_reference(network, reference, problem)
        path = rounded(network, corners)
        highest = max(float_loss(corner, problem) for corner in path.corners)
        found.append(Candidate("finite sample", path, highest, corners.slots))
    return joined("finite sample", *found)


def descend(network: Network, problem: Problem, *, seed: int = 0) -> Path:
    """T4b: down from a parameter that is no global minimum. Raises InputError where none of its neurons can be freed.

    By the readout, if that can be improved; otherwise a neuron is freed (R5), takes a row on which the loss falls, and
    is read.
    """
    _require_class(network)
    if readout_is_improvable(network, problem):
        return downhill(network, problem)
    basis = exact_feature_basis(network, problem)
    if not len(basis.rest):
        raise InputError(
            f"the readout is the best for these features, and their rank is m = {network.width}: no neuron is free"
            f" (N = {problem.size})"
        )
    segment, leaving = rank(network, problem, 1, basis)
    path = Path(network).then(segment)
    row, step = _improving(path.end, problem, np.random.default_rng(seed))
    path = path.then(load(path.end, leaving, row[None, :]))
    V = path.end.V.copy()
    V[:, leaving] = step[:, None]
    return path.then(readout_of(path.end, path.end.replace({"V": V})))


def _reduced_reference(reference: Network, problem: Problem) -> TwoLayer:
    """The same outputs on the data, but for rounding, from a column basis of the features (R5); at least one neuron."""
    if not isinstance(reference, TwoLayer):
        raise InputError(f"the reference is of class {reference.kind}: a two-layer network is needed")
    basis = exact_feature_basis(reference, problem)
    weights = reduced(reference.kind, exact_weights(reference), basis, basis.rest)
    kept = basis.basis if len(basis.basis) else np.array([0])
    V = weights["V"][:, kept].astype(np.float64)
    return TwoLayer(W=reference.W[kept], V=V, c=reference.c, bias=reference.bias)


class _Walk:
    """Corners as they are made. Mutable: every move adds one."""

    def __init__(self, network: Network, goal: TwoLayer, problem: Problem) -> None:
        self.kind, self.goal = network.kind, {name: exact_array(array) for name, array in goal.parameters().items()}
        self.seen = exact_array(with_ones(problem.X, network.bias))
        self.weights: list[Weights] = [exact_weights(network)]
        self.kinds: list[Kind | None] = []

    def exchanged(self, basis: ColumnBasis) -> Corners:
        """Where the basis has N features and one slot is missing."""
        free = basis.rest
        self.hand_over(basis, free)
        Z, theirs = self.features(), features(self.goal["W"], self.seen)
        self.read(basis.basis, _solved(Z[:, basis.basis], theirs @ self.goal["V"].T))
        live = np.flatnonzero((theirs != 0).any(axis=0))
        first = int(live[0]) if len(live) else 0
        order = np.array([first, *(j for j in range(len(self.goal["W"])) if j != first)])
        self.load(free, order[:-1])
        emptied = 0
        if len(live):
            share = _solved(Z[:, basis.basis], theirs[:, [first]])[0]
            emptied = int(np.argmax(np.abs(share).astype(np.float64)))  # any but 0 would do
            V = self.weights[-1]["V"][:, basis.basis]
            taken = V[:, [emptied]] / share[emptied]
            self.read(np.append(basis.basis, free[0]), np.hstack([V - taken * share, taken]))
        slots = np.append(free, basis.basis[emptied])
        self.load(slots[-1:], order[-1:])
        placed = slots[np.argsort(order)]
        self.read_reference(placed)
        return self.corners(placed)

    def hand_over(self, basis: ColumnBasis, leaving: np.ndarray) -> None:
        """R5."""
        self._move(reduced(self.kind, self.weights[-1], basis, leaving), None)

    def load(self, slots: np.ndarray, neurons: np.ndarray) -> None:
        """L9: these neurons of g* into slots that nothing reads."""
        W = self.weights[-1]["W"].copy()
        W[slots] = self.goal["W"][neurons]
        self._move({"W": W}, Kind.SILENT)

    def read_reference(self, slots: np.ndarray) -> None:
        """L7: g*'s readout on its slots."""
        self.read(slots, self.goal["V"])

    def read(self, slots: np.ndarray, V: AnyArray) -> None:
        """L7: the readout `V` (p, slots) there, 0 elsewhere, U = 0, and g*'s output bias."""
        here = self.weights[-1]
        changes = {"V": here["V"] * 0}
        changes["V"][:, slots] = V
        if "U" in here:
            changes["U"] = here["U"] * 0
        if "c" in here:
            changes["c"] = self.goal.get("c", here["c"] * 0)
        self._move(changes, Kind.READOUT)

    def features(self) -> AnyArray:
        """On the data, (N, m)."""
        return features(self.weights[-1]["W"], self.seen)

    def corners(self, slots: np.ndarray) -> Corners:
        """What was made, with g* in these slots."""
        return Corners(tuple(self.weights), tuple(self.kinds), tuple(int(slot) for slot in slots))

    def _move(self, changes: Mapping[str, AnyArray], kind: Kind | None) -> None:
        self.weights.append({**self.weights[-1], **changes})
        self.kinds.append(kind)


def _solved(square: AnyArray, right: AnyArray) -> AnyArray:
    """`x` (columns of right, N) with `square x^T = right`, exactly; the square matrix has full rank."""
    n = square.shape[1]
    return exact_basis(np.hstack([square, right])).of(range(n, n + right.shape[1])).T


def _improving(network: Network, problem: Problem, rng: np.random.Generator) -> tuple[AnyArray, AnyArray]:
    """A row (D,), and the readout (p,) of a neuron with it that lowers the loss most. Raises InputError."""
    seen = with_ones(problem.X, network.bias)
    residuals = problem.Y - outputs(network, problem.X)
    rows = rng.integers(-8, 9, size=(ROWS_TRIED, seen.shape[1])).astype(np.float64)
    Z = np.maximum(seen @ rows.T, 0.0)
    squares = (Z**2).sum(axis=0)
    V = residuals.T @ Z / np.where(squares > 0.0, squares, np.inf)
    gains = (V**2).sum(axis=0) * squares
    best = int(gains.argmax())
    if not gains[best] > 0.0:
        raise InputError("no row was found on which the loss falls: this parameter is a global minimum")
    return rows[best], V[:, best]


def _require_class(network: Network) -> None:
    if network.kind not in FLAT:
        raise InputError(f"class {network.kind}: T4 is about two-layer and parallel networks")
