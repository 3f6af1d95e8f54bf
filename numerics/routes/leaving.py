"""R9's second step: slots are emptied at little cost, by float64 estimates; what it really costs is certified.

The readout hands over to all other features by least squares (leave-one-out), under another loss than squared error by
a convex fit, where a neuron's cost is estimated from how far the outputs would move. What a live branch reads of the
neuron goes to 0, or is handed over to the other neurons likewise: one matrix at a time, while the branch stays alive.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from numerics.common.shown import Shown
from numerics.data import Data
from numerics.losses import branch_is_silent
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED
from numerics.moves.merging import Indices
from numerics.moves.unread import unread
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import Floats, outputs, outputs_from, own_name, with_ones
from numerics.networks.parallel import Parallel
from numerics.paths import Kind, Path, Segment, mixed
from numerics.routes.candidate import NEAR
from numerics.routes.features import Features, on_grid
from numerics.routes.readouts import NOBODY, refitted
from numerics.routes.tableau import Tableau

SHORTLIST = 24  # neurons that look cheapest, of which it is seen what their leaving does to a live branch
TRIES = 3  # of those, emptied in full
PROBE = 2.0**-10  # relative change of an A by which the branch's effect is measured
GLANCES = (0.25, 0.5, 0.75)  # times of a hidden segment at which the search looks


@dataclass(frozen=True, eq=False)
class Emptied(Shown):
    """A path at whose end nothing reads `slots`; `estimate` is the largest loss on it that float64 has seen."""

    path: Path
    slots: Indices
    estimate: float


def emptied(path: Path, own: Indices, count: int, problem: Problem) -> list[Emptied]:
    """Ways to empty `count` of the neurons `own` at the end of the path, into which no block writes; cheapest first."""
    here = path.end
    affecting, silent = Features.affecting_output(here, problem), silent_units(here)
    moving = affecting if problem.loss == SQUARED else Features.affecting_output(here, _own_outputs(here, problem))
    tableau = Tableau(moving)
    tableau.take(np.setdiff1d(np.arange(len(affecting.gram)), silent))
    view, curvature = _View.of(here, problem), float(problem.loss.smoothness or 2) / 2  # beta/2 of T7L, 1 if squared
    least, single = view.loss(here), tableau.losses(own) * (curvature * moving.y_scale * moving.y_scale)
    order = np.argsort(single + _branch_costs(here, own, view), kind="stable")
    if count == 1:
        sets, costs = [own[[k]] for k in order[:SHORTLIST]], [float(single[k]) for k in order[:SHORTLIST]]
    else:
        sets = [np.sort(tableau.least_useful(own, count)), np.sort(own[order[:count]])]
        costs = [float(single[np.isin(own, slots)].max()) for slots in sets]  # at least: they leave together
    ways: list[tuple[float, Path, Indices]] = []
    for slots, cost in zip(sets, costs, strict=True):
        for k, way in enumerate(_unread(here, own, slots, view)):
            peak = max([least + cost, *map(view.loss, way.corners[1:])])
            if k == 0 or peak < ways[-1][0] * (1 - NEAR):  # fewer weights move on the first way
                ways.append((peak, way, slots))
    ways.sort(key=lambda one: one[0])
    found = []
    for _, way, slots in ways[:TRIES]:
        moments = Features.affecting_output(way.end, problem) if way.segments else affecting
        whole = path.followed_by(way).then(_left_out(way.end, moments, np.union1d(slots, silent), view))
        between = (mixed(one.start, one.end, t) for one in way.segments if one.kind is Kind.HIDDEN for t in GLANCES)
        found.append(Emptied(whole, slots, max(map(view.loss, [*whole.corners, *between]))))
    return sorted(found, key=lambda one: one.estimate)


def silent_units(network: Network) -> Indices:
    """Units of PARALLEL's last layer where no output hears the branch: it then stays silent, for the sake of L9."""
    if isinstance(network, Parallel) and branch_is_silent(network):
        return np.arange(network.width, network.width + network.U.shape[1])
    return NOBODY


def _own_outputs(network: Network, problem: Problem) -> Problem:
    """Squared error of the outputs that there are: what a readout without some features moves them by."""
    return Problem(Data(problem.X, outputs(network, problem.X), "its own outputs"), problem.budget)


def _branch_costs(network: Network, own: Indices, view: _View) -> Array:
    """About the mean square by which outputs move when what live branches read of a neuron is left to the others."""
    costs, weights = np.zeros(len(own)), network.parameters()
    names = [name for name in weights if own_name(name) == "A" and weights[name][:, own].any()]
    if branch_is_silent(network) or not names:
        return costs
    unexplained, here = view.unexplained(own), view.outputs(network)
    for name in names:
        A = weights[name]
        moved = view.outputs(network.replace({name: A * (1.0 + PROBE)})) - here
        read = ((view.z @ A.T) ** 2).sum()
        gain = float((moved**2).sum() / (PROBE**2 * read)) if read > 0.0 else 0.0
        costs += gain * (A[:, own] ** 2).sum(axis=0) * unexplained
    return costs


def _unread(network: Network, own: Indices, slots: Indices, view: _View) -> Iterator[Path]:
    """Ways on which a live branch leaves the slots: its readers go to 0, or are handed over to the others of `own`."""
    names = [name for name in network.parameters() if own_name(name) == "A"]
    weights = network.parameters()
    if branch_is_silent(network) or not any(weights[name][:, slots].any() for name in names):
        yield Path(network)
        return
    yield unread(network, slots)
    others = np.setdiff1d(own, slots)
    if len(others):
        C = view.explained(own, slots, others)
        readers = {}
        for name in names:
            A = weights[name].copy()
            A[:, others] = on_grid(A[:, others] + A[:, slots] @ C.T)
            A[:, slots] = 0.0
            readers[name] = A
        if all(np.isfinite(A).all() for A in readers.values()):
            yield unread(network, slots, readers)


def _left_out(network: Network, affecting: Features, without: Indices, view: _View) -> Segment:
    """L7. The readout line to the best fit without these, or if that is no better to the same readout without them."""
    V = network.V.copy()
    V[:, without[without < network.width]] = 0.0
    end = network.replace({"V": V})
    fit = refitted(network, affecting, without)
    if view.loss(fit.end) < view.loss(end) * (1 - NEAR):
        return fit
    return Segment(Kind.READOUT, network, end)


@dataclass(eq=False)
class _View(Shown):
    """Networks of one first layer on the data: their losses in float64, and what neurons explain of others."""

    rows: Array
    bias: bool
    problem: Problem
    z: Array
    _first: tuple[Features, Tableau] | None = None

    @classmethod
    def of(cls, network: Network, problem: Problem) -> _View:
        z = np.maximum(with_ones(problem.X, network.bias) @ network.W.T, 0.0)
        return cls(network.W, network.bias, problem, z)

    def outputs(self, network: Network) -> Array:
        """`f` (N, p) of a network with this first layer."""
        return outputs_from(network.kind, network.parameters(), self.z, Floats())

    def loss(self, network: Network) -> float:
        """The loss, `inf` where it overflows."""
        loss = float(self.problem.loss.floats(self.outputs(network), self.problem.Y).sum()) / self.problem.size
        return loss if math.isfinite(loss) else math.inf

    def explained(self, own: Indices, slots: Indices, others: Indices) -> Array:
        """C (others, slots) with `z_J` about `C^T z_I` by least squares; I, the `others`, are `own` without J."""
        first, tableau = self._of(own)
        mine, theirs = np.searchsorted(own, slots), np.searchsorted(own, others)
        C: Array = tableau.coefficients(mine, theirs) * first.scale[mine] / first.scale[theirs][:, None]
        return C

    def unexplained(self, own: Indices) -> Array:
        """The mean square (own,) of what the other neurons of `own` do not explain of each."""
        first, tableau = self._of(own)
        return tableau.unexplained(np.arange(len(own))) * first.scale**2

    def _of(self, own: Indices) -> tuple[Features, Tableau]:
        if self._first is None:
            nothing = Problem(Data(self.problem.X, np.zeros((self.problem.size, 1)), "nothing"), self.problem.budget)
            first = Features.of(self.rows[own], nothing, bias=self.bias, with_c=False)
            self._first = first, Tableau(first)
            self._first[1].take(np.arange(len(own)))
        return self._first
