"""L9: outputs while weights behind a zero move, and while neurons change places through a free slot."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts
from numerics.checks.problems import SKIP, states
from numerics.checks.states import State, change
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.moves.load import load
from numerics.moves.permute import permute
from numerics.networks.base import Network
from numerics.networks.forward import own_name
from numerics.paths import Path
from numerics.testing import matrices, times
from theory.catalogue import STATEMENTS


@dataclass(frozen=True, eq=False)
class Silent(Shown):
    """A path on which the output should not change, and a time that is looked at on every segment."""

    path: Path
    data: Data
    t: Fraction


@st.composite
def silences(draw: st.DrawFn) -> Silent:
    """Slots that nothing reads take any rows; or the neurons of a network with a silent branch are permuted."""
    start = draw(states(SKIP, width=(2, 5)))
    network = start.network()
    if draw(st.booleans()):
        path = draw(permutations(network))
    else:
        slots = sorted(draw(st.sets(st.integers(0, network.width - 1), min_size=1)))
        free = unread(network, slots, draw(st.sampled_from(("readers", "readout"))))
        path = Path(free).then(load(free, slots, draw(matrices(len(slots), network.W.shape[1]))))
    return Silent(path, start.data, draw(times()))


@st.composite
def permutations(draw: st.DrawFn, network: Network) -> Path:
    """At least one slot is free."""
    used = draw(st.sets(st.integers(0, network.width - 1), max_size=network.width - 1))
    homes = draw(st.permutations(range(network.width)))[: len(used)]
    V = np.where(np.isin(np.arange(network.width), sorted(used)), network.V, 0.0)
    silent = network.replace({"V": V, **_zeros(network, "U")})
    return permute(silent, {slot: home for slot, home in zip(sorted(used), homes, strict=True) if V[:, slot].any()})


def unread(network: Network, slots: list[int], how: str) -> Network:
    """V and every A are zero on the slots; or V alone, and every U is zero."""
    if how == "readout":
        V = network.V.copy()
        V[:, slots] = 0.0
        return network.replace({"V": V, **_zeros(network, "U")})
    cleared = {name: array.copy() for name, array in network.parameters().items() if own_name(name) in ("V", "A")}
    for array in cleared.values():
        array[:, slots] = 0.0
    return network.replace(cleared)


def unchanged(problem: Silent) -> Outcome:
    """`f` at every corner and at `t` on every segment is what it was at the start."""
    corners = [State.of(corner, problem.data) for corner in problem.path.corners]
    between = [a.toward(b, problem.t) for a, b in pairwise(corners)]
    measured = max(change(corners[0], there) for there in (*corners, *between))
    networks = {"network": problem.path.start, "end": problem.path.end}
    kind = facts(corners[0], corners[-1])
    return bounded(measured, Fraction(0), kind, witness=Witness(networks, problem.data, {"t": problem.t}))


def _zeros(network: Network, own: str) -> dict[str, np.ndarray]:
    return {name: np.zeros_like(array) for name, array in network.parameters().items() if own_name(name) == own}


CLAIM = (
    "A neuron with V_j = 0 and A_{k,j} = 0, or with V_j = 0 while every U = 0, may take any w_j: f does not change. "
    "With one free slot, two-layer networks that differ by a permutation are joined by a path on which f is constant."
)

CHECKS = (about(STATEMENTS["L9"], silences(), unchanged, claim=CLAIM),)
