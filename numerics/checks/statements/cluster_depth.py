"""T10U: the path that attains T10's bound, in fractions, on drawn clusters and with a branch of one or two layers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.checks.clustered import Clusters, clusters
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.networks.branch import Branch, Layer
from numerics.networks.parallel import Parallel
from numerics.testing import matrices, times
from theory.catalogue import STATEMENTS
from theory.statements import cluster_depth
from theory.statements.cluster_depth import Escape


@dataclass(frozen=True, eq=False)
class Leaving(Shown):
    """A network with U = 0 in T10's pattern, the path by theory, and times on its segments."""

    start: State
    escape: Escape
    times: tuple[Fraction, ...]


@st.composite
def leavings(draw: st.DrawFn) -> Leaving:
    """Two or three clusters; planes of either sign, residuals large enough that the end is better."""
    found: Clusters = draw(clusters(least=2))
    heights = [draw(st.sampled_from((1, 2, -1, -2, 3))) for _ in range(found.width)]
    y: list[Fraction] = []
    for j, height in enumerate(heights):
        noise = Fraction(draw(st.sampled_from((2, 3, -2, -4, 8))), 4)
        y += [height * value + noise * r for value, r in zip(found.values(j), found.residual(j), strict=True)]
    layers = [Layer(draw(matrices(2, found.width)))]
    if draw(st.booleans()):
        layers.append(Layer(draw(matrices(1, 2))))
    last = 2 if len(layers) == 1 else 1
    W, V = np.array([[float(v) for v in row] for row in found.rows]), np.array([[float(one) for one in heights]])
    network = Parallel(W=W, V=V, branch=Branch(tuple(layers)), U=np.zeros((1, last)), bias=True)
    start = State.of(network, found.data(y))
    try:
        escape = cluster_depth.escape(found.rows, heights, found.points, y)
    except ValueError:
        assume(False)
    return Leaving(start, escape, tuple(draw(times()) for _ in range(3)))


def corners(start: State, escape: Escape) -> list[State]:
    """theta; the branch reads z_j - z_i, silently; the readout; row j at the end of its way."""
    inner = {name: array * 0 for name, array in start.weights.items() if name in ("A", "B1")}
    inner["A"][0, escape.neuron], inner["A"][0, escape.owner] = Fraction(1), Fraction(-1)
    if "B1" in inner:
        inner["B1"][0, 0] = Fraction(1)
    read = start.then(inner)
    V, U = (start.weights[name].copy() for name in ("V", "U"))
    V[0, escape.neuron] += escape.lift
    U[0, 0] = -escape.lift
    lifted = read.then({"V": V, "U": U})
    W = start.weights["W"].copy()
    W[escape.neuron] = W[escape.neuron] + escape.end * np.array(escape.direction, dtype=object)
    return [start, read, lifted, lifted.then({"W": W})]


def climbs(problem: Leaving) -> Outcome:
    """The largest loss on the path against theta's and the bound, which is met where the row's plane is 0 at x; the
    loss stays until the row moves, and is lower at the end.
    """
    start, escape = problem.start, problem.escape
    path = corners(start, escape)
    top = path[2].toward(path[3], 1 / escape.end)
    between = [a.toward(b, t) for a, b, t in zip(path, path[1:], problem.times, strict=False)]
    stated = top.loss - start.loss == escape.depth and path[3].loss == start.loss - escape.gained < start.loss
    stays = all(one.loss == start.loss for one in (path[1], path[2], between[0], between[1]))
    highest = max(one.loss for one in (*path, *between, top)) - start.loss
    numbers = {"delta": escape.depth, "end": escape.end, "M": escape.lift}
    witness = Witness({"network": start.network(), "end": path[3].network()}, start.data, numbers)
    kind = Facts(active=True, branch=any(path[3].masses.lambdas))
    return bounded(highest, escape.depth, kind, besides=stated and stays, witness=witness)


CLAIM = (
    "PARALLEL, T10's pattern of clusters, U = 0, the least price delta at a point of another neuron's cluster that "
    "misses its target by more: on T10U's path the loss stays, then rises by delta exactly and no further, and ends "
    "below."
)

CHECKS = (about(STATEMENTS["T10U"], leavings(), climbs, claim=CLAIM, tight=True),)
