"""The common core of R6 and T6: first-layer features are exchanged a few at a time, with a refit of the readout each
time.

Every segment is a readout line to the best two-layer fit found on the features that stay, or the silent loading of
newcomers into the slots that the fit left unread. The loss of the whole path is decided by its finitely many corners.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from numerics.arithmetic.budget import require
from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.moves.load import load
from numerics.moves.readout import two_layer_readout
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.paths import Path
from numerics.routes.features import Features
from numerics.routes.tableau import Tableau


@dataclass(frozen=True, eq=False)
class Exchange(Shown):
    """The path so far, the slot of every newcomer, and the losses of the refits (float64)."""

    path: Path
    slots: tuple[int, ...]
    refits: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Mixture(Shown):
    """What all exchanges between two networks share: the features of both, and least squares on those present at the
    start.
    """

    start: Network
    newcomers: Array
    features: Features
    present: Tableau

    @classmethod
    def of(cls, start: Network, newcomers: Array, problem: Problem) -> Mixture:
        """The start's features, present, and those of the `newcomers` (q, D), waiting.

        Raises ValueError if `q > m`, InputError above the memory budget.
        """
        if len(newcomers) > start.width:
            raise ValueError(f"{len(newcomers)} newcomers do not fit {start.width} slots")
        rows = np.vstack([start.W, newcomers])
        require(5 * 8.0 * len(rows) ** 2, problem.budget, "the search's moments of all features")
        features = Features.of(rows, problem, bias=start.bias, with_c=start.c is not None)
        present = Tableau(features)
        present.take(np.arange(start.width))
        return cls(start, newcomers, features, present)


def exchange(
    mixture: Mixture,
    *,
    swap: int,
    at_home: bool,
    tapered: bool = False,
    limit: float = math.inf,
    enough: float = 0.0,
) -> Exchange | None:
    """Load all newcomers in place of the least useful of the start's own features, `swap` at a time; None if a refit
    exceeds `limit`.

    With `at_home` newcomer `j` goes to slot `j` and is loaded when the feature there is given up (no permutation
    afterwards); otherwise the most useful newcomers come first, into any slot. At the end `U = 0`, every newcomer is
    loaded, and the last ones, as many as were exchanged together, are still unread. `tapered` exchanges 1, 2, 4, ...
    features at first and again at last: a refit on all features but a few is dear where they are all of one network,
    and cheap where they are mixed. `enough`: a loss below which no better refit is looked for, if that takes a search.
    """
    start, newcomers, features = mixture.start, mixture.newcomers, mixture.features
    m, q = start.width, len(newcomers)
    if at_home and q != m:
        raise ValueError(f"only {q} newcomers for {m} slots: not every one has a home")
    tableau = mixture.present.copy()
    holds = np.arange(m)  # the feature in each slot
    own, waiting = np.arange(m), np.arange(q)
    slots = np.full(q, -1)
    path, refits = Path(start), []
    for count in batches(q, swap, tapered=tapered):
        leaving = tableau.least_useful(own, count)
        tableau.drop(leaving)
        own = np.setdiff1d(own, leaving, assume_unique=True)
        staying = np.setdiff1d(np.arange(m), leaving, assume_unique=True)
        refit = features.fit(holds[staying], near=path.end, enough=enough)
        if refit.loss > limit:
            return None
        refits.append(refit.loss)
        V = np.zeros_like(start.V)
        V[:, staying] = refit.V
        path = path.then(two_layer_readout(path.end, V, refit.c))
        coming = leaving if at_home else tableau.most_useful(m + waiting, count) - m
        places = leaving if at_home else _places(leaving, coming)
        path = path.then(load(path.end, places, newcomers[coming]))
        tableau.take(m + coming)
        holds[places], slots[coming] = m + coming, places
        waiting = np.setdiff1d(waiting, coming, assume_unique=True)
    return Exchange(path, tuple(int(slot) for slot in slots), tuple(refits))


def batches(total: int, swap: int, *, tapered: bool) -> list[int]:
    """Sizes that sum to `total`, none above `swap`; `tapered`: 1, 2, 4, ... at both ends."""
    if not tapered:
        return [swap] * (total // swap) + [total % swap] * (total % swap > 0)
    ramp: list[int] = []
    rest = total
    while (size := 2 ** len(ramp)) < swap and 2 * size <= rest:
        ramp.append(size)
        rest -= 2 * size
    return [*ramp, *batches(rest, swap, tapered=False), *reversed(ramp)]


def _places(free: np.ndarray, coming: np.ndarray) -> np.ndarray:
    """A free slot for every newcomer: its own number if that is free, else the next one."""
    home = np.isin(coming, free)
    rest = np.setdiff1d(free, coming[home], assume_unique=True)
    places = coming.copy()
    places[~home] = rest[: int((~home).sum())]
    return places
