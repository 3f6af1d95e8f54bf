"""T1P on drawn networks of blocks with a rectifier after each sum, in fractions: the whole path to g*, against D_P(J).

The weights are a STREAM's; the forward pass is this check's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from numerics.arithmetic.norms import operator_norm
from numerics.arithmetic.positive import root_up
from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.checks.climb import references_of, retargeted, risen
from numerics.checks.problems import states
from numerics.checks.states import State, mean_square
from numerics.common.shown import Shown
from numerics.moves.rank import features
from numerics.networks.branch import Branch, Layer
from numerics.networks.forward import block_prefixes, branch_names
from numerics.networks.readers import AnyArray, Weights, exact_array, exact_weights
from numerics.networks.stream import Block, Stream
from numerics.networks.two_layer import TwoLayer
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.proof import ProofResult, Verdict
from theory.statements import connectivity, post


@dataclass(frozen=True, eq=False)
class Rectified(Shown):
    """A POST network with the weights of `start`, a two-layer reference for the slots `slots`, times on segments."""

    start: State
    reference: TwoLayer
    slots: tuple[int, ...]
    times: tuple[Fraction, ...]


@st.composite
def problems(draw: st.DrawFn) -> Rectified:
    """One or two blocks. Now and then the slots are hardly read, or the targets are what g* returns."""
    start = draw(states(("stream",), width=(2, 4), points=(1, 2)))
    reference = draw(references_of(start, start.width - 1))
    slots = draw(st.permutations(range(start.width)))[: reference.width]
    if draw(st.booleans()):
        factor = Fraction(1, 2 ** draw(st.integers(3, 8)))
        changes = {name: start.weights[name].copy() for name in readers(start.weights)}
        for array in changes.values():
            array[:, slots] *= factor
        start = start.then(changes)
    start = draw(retargeted(start, reference, ("drawn", "reference")))
    assume(start.targets.size)
    return Rectified(start, reference, tuple(slots), (draw(times()),))


def readers(weights: Weights) -> list[str]:
    """V and every A."""
    return ["V", *(f"{prefix}A" for prefix in block_prefixes("stream", weights))]


def layers(weights: Weights, seen: AnyArray) -> list[AnyArray]:
    """`z_0, ..., z_K` (N, m) each."""
    found = [features(weights["W"], seen)]
    for prefix in block_prefixes("stream", weights):
        h = found[-1]
        for matrix, bias in branch_names(weights, prefix):
            h = h @ weights[matrix].T
            h = h + weights[bias] if bias in weights else h
            h = np.maximum(h, h * 0)
        total = found[-1] + h @ weights[f"{prefix}U"].T
        found.append(np.maximum(total, total * 0))
    return found


def outputs(weights: Weights, seen: AnyArray) -> AnyArray:
    """`V z_K + c` (N, p)."""
    product: AnyArray = layers(weights, seen)[-1] @ weights["V"].T
    return product + weights["c"] if "c" in weights else product


def deviation(weights: Weights, seen: AnyArray, slots: list[int]) -> Fraction:
    """D_P(J) by theory, from norms rounded up."""
    zs, read_off, gains, readings = layers(weights, seen), [], [], []
    for z, prefix in zip(zs, block_prefixes("stream", weights), strict=False):
        A, lip = weights[f"{prefix}A"], operator_norm(weights[f"{prefix}U"]).upper
        for matrix, _ in list(branch_names(weights, prefix))[1:]:
            lip *= operator_norm(weights[matrix]).upper
        read_off.append(root_up(mean_square(z[:, slots] @ A[:, slots].T)))
        gains.append(lip)
        readings.append(operator_norm(A).upper)
    return post.deviation(
        read_off=read_off,
        gains=gains,
        readings=readings,
        readout=operator_norm(weights["V"]).upper,
        readout_off=root_up(mean_square(zs[-1][:, slots] @ weights["V"][:, slots].T)),
    )


def route(weights: Weights, reference: TwoLayer, slots: list[int]) -> list[Weights]:
    """Read J off; its rows to those of g*, what blocks write there to 0; the readout."""
    goal = exact_weights(reference)
    quiet = {name: weights[name].copy() for name in readers(weights)}
    for array in quiet.values():
        array[:, slots] *= 0
    off = {**weights, **quiet}
    entered = {name: array.copy() for name, array in off.items()}
    entered["W"][slots] = goal["W"]
    for prefix in block_prefixes("stream", weights):
        entered[f"{prefix}U"][slots] *= 0
    V = weights["V"] * 0
    V[:, slots] = goal["V"]
    landed = {**entered, "V": V}
    if "c" in weights:
        landed["c"] = goal.get("c", weights["c"] * 0)
    return [weights, off, entered, landed]


def between(first: Weights, second: Weights, t: Fraction) -> Weights:
    """The weights at time `t` of the straight line."""
    return {name: (1 - t) * array + t * second[name] for name, array in first.items()}


def arrives_below(problem: Rectified) -> Outcome:
    """The largest loss on the path against T1's level with D_P(J); at its end the network is g* on the data."""
    start, slots = problem.start, list(problem.slots)
    seen, targets = start.seen, start.targets
    corners = route(start.weights, problem.reference, slots)
    path = [*corners, *(between(a, b, t) for a, b in pairwise(corners) for t in problem.times)]
    losses = [mean_square(outputs(weights, seen) - targets) for weights in path]
    goal = State.of(problem.reference, start.data)
    off = deviation(start.weights, seen, slots)
    level = connectivity.level_upper(loss=losses[0], deviation=off, reference_loss=goal.loss)
    numbers = {"D_P(J)": off, "L(theta)": losses[0], "L(g*)": goal.loss}
    witness = Witness({"network": start.network(), "reference": problem.reference}, start.data, numbers)
    kind = Facts(outputs=targets.shape[1] > 1, branch=any(start.masses.lambdas))
    arrived = bool((outputs(corners[-1], seen) == goal.outputs).all())
    outcome = bounded(max(losses), level, kind, besides=arrived, witness=witness)
    return replace(outcome, ratio=risen(max(losses), max(losses[0], goal.loss), level))


def case_26() -> ProofResult:
    """Case 26: f = 5; with J = {1} read off 4, and still 4 with U_1 = 0; D_P = sqrt 2 sqrt 5 >= 1."""
    one = np.array([[1.0, 1.0]])
    block = Block(Branch((Layer(one),)), np.array([[-2.0], [1.0]]))
    network = Stream(W=np.array([[1.0], [2.0]]), V=one, blocks=(block,))
    weights, seen = exact_weights(network), exact_array(np.array([[1.0]]))
    reference = TwoLayer(W=np.array([[1.0]]), V=np.array([[1.0]]))
    values = [outputs(corner, seen)[0, 0] for corner in route(weights, reference, [0])]
    zs = layers(route(weights, reference, [0])[2], seen)[-1][0].tolist()
    off = deviation(weights, seen, [0])
    held = values == [5, 4, 4, 1] and zs == [1, 4] and 10 <= off**2 < Fraction(1001, 100)
    claim = "f = 5, then 4, 4 and g* = 1; D_P = sqrt 10"
    return ProofResult("T1P", claim, "this instance", Verdict.PROVED if held else Verdict.REFUTED)


CHECKS = (about(STATEMENTS["T1P"], problems(), arrives_below),)
CONSTRUCTIONS = {"case.26": case_26}
