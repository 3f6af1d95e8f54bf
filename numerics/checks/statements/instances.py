"""T2 and T3 on one network each: every t of the path, by the finder's enclosures, against theory's level."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from numerics.checks.climb import Climb
from numerics.checks.problems import with_targets
from numerics.checks.statements.cases import instance
from numerics.checks.states import State
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.maxima.search import path_maximum
from numerics.moves.merging import projected
from numerics.networks import Block, Branch, Layer, Network, Residual, Stream, TwoLayer
from numerics.paths import polygon
from theory.proof import ProofResult
from theory.statements import connectivity


def climbed(statement: str, network: Network, leaving: Mapping[int, int]) -> ProofResult:
    """T2's or T3's path of one network, every t of it, by the finder's enclosure against theory's level."""
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 2.0]])
    reference = TwoLayer(W=np.ones((1, 2)), V=np.full((1, 1), 4.0))
    goal = State.of(reference, Data(X, np.zeros((3, 1))))
    start = State.of(network, with_targets(goal.data, goal.outputs))
    climb = Climb(start, reference, projected(start.weights["W"], leaving), ())
    corners = [corner.network() for corner in climb.corners]
    level = connectivity.level_upper(loss=climb.loss, deviation=climb.deviation, reference_loss=climb.reference_loss)
    upper = path_maximum(polygon(corners), Problem(start.data)).upper
    pairs = zip(corners, climb.corners, strict=True)
    exact = all(State.of(one, start.data).same(corner) for one, corner in pairs)
    found = {
        "corners are floats": (exact, True),
        "arrives": (climb.corners[-1].loss, climb.reference_loss),
        "within the level": (upper is not None and upper <= level, True),
        "g* fits": (climb.reference_loss, 0),
    }
    claim = (
        f"One {network.kind} network (m = {network.width}, l = 1): its path stays below {statement}'s level for all t."
    )
    return instance(statement, claim, found, scope="this instance: all t, by ball enclosures and exact breakpoints")


ROWS = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [1.0, 1.0]])


def exact_t2() -> ProofResult:
    """V = (1, 1, 1, 1), basis {0}; neuron 3 goes to 3/2 of neuron 2."""
    branch = Branch((Layer(np.array([[1.0, -1.0, 0.5, 1.0]])),))
    U = np.array([[0.5], [1.0], [-1.0], [1.0]])
    return climbed("T2", Residual(W=ROWS[:4], V=np.ones((1, 4)), branch=branch, U=U), {3: 2})


def exact_t3() -> ProofResult:
    """Two blocks; readers [V; A_2] of rank 2, basis {0, 1}; neuron 3 goes to 3/2 of neuron 4."""
    blocks = (
        Block(Branch((Layer(np.array([[1.0, -1.0, 0.5, 1.0, 0.5]])),)), np.array([[0.5], [1.0], [-1.0], [1.0], [0.5]])),
        Block(Branch((Layer(np.array([[1.0, 0.0, 1.0, 0.5, -1.0]])),)), np.array([[1.0], [0.5], [0.5], [-1.0], [0.5]])),
    )
    return climbed("T3", Stream(W=ROWS, V=np.ones((1, 5)), blocks=blocks), {3: 4})


CONSTRUCTIONS: Mapping[str, Callable[[], ProofResult]] = {"exact.T2": exact_t2, "exact.T3": exact_t3}
