"""T4, T4+ as a route: on N points two networks with `m >= N + 1` are joined no higher than the higher of them, exactly.

A two-layer network `g*` is reduced to neurons with independent features. They come in one after the other: what depends
on the others hands over to them (R5), which frees a slot at no cost. Then one readout line, L9's exchanges, and the
same backwards. Corners are rationals: for small networks and few samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.arithmetic.bases import exact_basis
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import branch_is_silent, float_loss
from numerics.losses.problem import Problem
from numerics.moves.permute import rounds
from numerics.moves.rank import features, reduced
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.classes import FLAT
from numerics.networks.forward import own_name, with_ones
from numerics.networks.rational import Corner
from numerics.networks.readers import AnyArray, exact_array
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind
from numerics.paths.exact import ExactPath, moved, nearest
from numerics.routes.candidate import Candidate
from numerics.routes.exact_rank import require_small, require_writable
from numerics.routes.features import Features
from numerics.routes.route import Route

NAME = "finite-sample"


@dataclass(frozen=True, eq=False)
class Goal(Shown):
    """`g*` on the data by neurons with independent features: rows `W` (k, D), readout `V` (p, k) of fractions, `c`.

    `home`: the slots of these neurons in the network that they were taken from.
    """

    W: Array
    V: AnyArray
    c: Array | None
    home: tuple[int, ...]

    @classmethod
    def of(cls, reference: Network, problem: Problem) -> Goal:
        """T4+'s first step. A branch of the reference, if it has one, must be silent."""
        basis = exact_basis(features(exact_array(reference.W), _seen(reference, problem)))
        V = reduced(TwoLayer.kind, {"V": exact_array(reference.V)}, basis, basis.rest)["V"]
        kept = basis.basis
        return cls(reference.W[kept], V[:, kept], reference.c, tuple(int(slot) for slot in kept))


def finite_sample(start: Network, end: Network, problem: Problem) -> Candidate:
    """T4's path through the better end whose branch is silent, or through a fit on the features of both.

    Raises InputError where that fit is higher than the ends, where no neuron depends on others any more (never if `m >=
    N + 1`), or the elimination would be too long.
    """
    for network in (start, end):
        require_small(NAME, network, problem)
    reference = _reference(start, end, problem)
    goal = Goal.of(reference, problem)
    steps = -(-len(goal.home) // max(1, start.width - problem.size))
    for network in (start, end):
        require_small(NAME, network, problem, times=steps)
    there, slots = _arrived(start, goal, problem, at_home=reference is start)
    back, homes = _arrived(end, goal, problem, at_home=reference is end)
    path = _exchanged(there, dict(zip(slots, homes, strict=True)))
    target = back.end.weights
    silent = {name: target[name] for name in target if own_name(name) not in ("V", "U", "c")}
    path = moved(path, Kind.SILENT, silent)
    path = moved(path, Kind.READOUT, {name: target[name] for name in start.readout})  # zeros have signs
    path = path.followed_by(back.reversed())
    require_writable(path)
    highest = max(float_loss(network, problem) for network in (start, end))
    try:
        rounded = nearest(path)
    except OverflowError:
        raise InputError(f"route {NAME}: weights on its path exceed the range of float64") from None
    return Candidate(NAME, rounded, highest, exact=path.unless_constant())


def _reference(start: Network, end: Network, problem: Problem) -> Network:
    """The lower of the ends without a live branch, else the fit. Raises InputError."""
    level = [float_loss(network, problem) for network in (start, end)]
    silent = [k for k, network in enumerate((start, end)) if branch_is_silent(network)]
    if silent:
        return (start, end)[min(silent, key=lambda k: level[k])]
    rows = np.vstack([start.W, end.W])
    fit = Features.of(rows, problem, bias=start.bias, with_c=start.c is not None).fit(np.arange(len(rows)), near=start)
    found = TwoLayer(W=rows, V=fit.V, c=fit.c, bias=start.bias)
    if not float_loss(found, problem) <= max(level):
        raise InputError(
            f"route {NAME}: both branches are live, and no two-layer network on the neurons of both was found that is"
            f" as low as the higher end ({float_loss(found, problem):.5g} > {max(level):.5g})"
        )
    return found


def _arrived(network: Network, goal: Goal, problem: Problem, *, at_home: bool) -> tuple[ExactPath, tuple[int, ...]]:
    """From the network to where `g*` alone is read, and its slots; no output changes before the last line.

    `at_home`: `g*` was taken from this network, whose basis takes over where it stands.
    """
    path, seen = ExactPath(Corner.of(network)), _seen(network, problem)
    placed: list[int] = list(goal.home) if at_home else []
    free: list[int] = []
    waiting = [] if at_home else list(range(len(goal.home)))
    where: dict[int, int] = dict(enumerate(placed))
    while waiting:
        if not free:
            path, free = _freed(path, placed, seen, problem)
        k = next((k for k in waiting if goal.home[k] in free), waiting[0])
        slot = goal.home[k] if goal.home[k] in free else free[0]
        W = path.end.weights["W"].copy()
        W[slot] = goal.W[k]
        path = moved(path, Kind.SILENT, {"W": W})
        placed.append(slot)
        free.remove(slot)
        waiting.remove(k)
        where[k] = slot
    slots = tuple(where[k] for k in range(len(goal.home)))
    here = path.end.weights
    changes: dict[str, AnyArray] = {"V": exact_array(here["V"]) * 0}
    changes["V"][:, list(slots)] = goal.V
    if "U" in here:
        changes["U"] = np.zeros_like(network.parameters()["U"])
    if goal.c is not None:
        changes["c"] = goal.c
    return moved(path, Kind.READOUT, changes), slots


def _freed(path: ExactPath, placed: list[int], seen: AnyArray, problem: Problem) -> tuple[ExactPath, list[int]]:
    """R5: all that depends on others hands over to them, but none of what was placed. Raises InputError for nobody."""
    weights = path.end.fractions()
    m = len(weights["W"])
    others = np.setdiff1d(np.arange(m), placed)
    basis = exact_basis(features(weights["W"], seen), [*placed, *others.tolist()])
    if not len(basis.rest):
        raise InputError(
            f"route {NAME}: the features of all m = {m} neurons are independent on N = {problem.size} samples, so none"
            " is free: m >= N + 1 is enough (T4)"
        )
    kind = path.start.like.kind
    return moved(path, Kind.EXACT, reduced(kind, weights, basis, basis.rest)), [int(j) for j in basis.rest]


def _exchanged(path: ExactPath, homes: dict[int, int]) -> ExactPath:
    """L9: neurons change their slots, the output rests."""
    for moves in rounds(homes, path.start.like.width):
        here, (sources, targets) = path.end.weights, (list(moves), list(moves.values()))
        W, V = here["W"].copy(), here["V"].copy()
        W[targets], V[:, targets] = W[sources], V[:, sources]
        V[:, sources] = V[:, sources] * 0
        path = moved(moved(path, Kind.SILENT, {"W": W}), Kind.READOUT, {"V": V})
    return path


def _seen(network: Network, problem: Problem) -> AnyArray:
    return exact_array(with_ones(problem.X, network.bias))


ROUTES: tuple[Route, ...] = (
    Route(
        name=NAME,
        statement="T4",
        bound="T4",
        classes=FLAT,
        between=finite_sample,
        auto=26,
        if_higher=True,
        place=25,
    ),
)
