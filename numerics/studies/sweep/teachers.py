"""Networks of mass S = 1 that nobody trained: a two-layer teacher, and wide networks of its law with a branch beside.

The law is made so that a function of mass 1 differs visibly from a constant: neurons gather around a few rows that
split the data, and all that gather around one row are read with one sign. Rows in all directions, read with any sign,
nearly cancel: such a function is close to a constant, and R0 leaves little room for any bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.arithmetic.positive import float_up
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.errors import InputError
from numerics.moves.mass import masses
from numerics.moves.merging import directions
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import outputs
from numerics.networks.parallel import Branch, Layer, Parallel
from numerics.networks.two_layer import TwoLayer

OUTPUTS = 2  # rows that neurons gather around, each read by an output of its own
SPREAD = 0.3  # about the angle by which a neuron is turned away from its row
SHARE = 0.25  # of the mass that goes through the branch
ROOM = 2.0**-40  # S is brought this much below 1: rounding is about 2^-50


@dataclass(frozen=True, eq=False)
class Law(Shown):
    """How neurons are drawn: near one of the unit `rows` (K, D) in turn, read by output k alone."""

    rows: Array

    def draw(self, width: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """`W` (m, D) of unit rows and `V` (K, m), whose columns' norms are the masses, exponential and of sum 1."""
        K, D = self.rows.shape
        near = np.arange(width) % K
        W = directions(self.rows[near] + SPREAD / np.sqrt(D) * rng.standard_normal((width, D)))
        V = np.zeros((K, width))
        drawn = rng.standard_exponential(width)
        V[near, np.arange(width)] = drawn / drawn.sum()
        return W, V


def bisecting(data: Data, rng: np.random.Generator) -> Law:
    """The law of rows that bisect pairs of data points, first layer with bias. Raises InputError without such pairs."""
    with np.errstate(all="ignore"):
        order = rng.permutation(len(data.X))
        first, second = data.X[order], np.roll(data.X[order], 1, axis=0)
        middles = ((first**2).sum(axis=1) - (second**2).sum(axis=1)) / 2
        rows = directions(np.hstack([first - second, -middles[:, None]]))
    usable = rows[np.isfinite(rows).all(axis=1) & (first != second).any(axis=1)]
    if len(usable) < OUTPUTS:
        raise InputError(f"{data.name}: teachers split pairs of distinct points, and fewer than {OUTPUTS} are there")
    return Law(usable[:OUTPUTS])


def teacher(law: Law, neurons: int, rng: np.random.Generator) -> TwoLayer:
    """A two-layer network of the law with `l` neurons, S = 1, c = 0."""
    W, V = law.draw(neurons, rng)
    return TwoLayer(*_normalised(TwoLayer(W, V)), c=np.zeros(len(V)), bias=True)


def taught(data: Data, by: TwoLayer) -> Data:
    """The same points with the teacher's outputs, rounded to float64, as targets."""
    return Data(data.X, outputs(by, data.X), f"{data.name}, taught")


def student(law: Law, width: int, branch: tuple[int, ...], rng: np.random.Generator) -> Parallel:
    """A PARALLEL network of the law with `m` neurons, S = 1: `SHARE` of every neuron's mass goes through the branch."""
    return beside_branch(*law.draw(width, rng), branch, rng)


def scattered(width: int, inputs: int, branch: tuple[int, ...], rng: np.random.Generator) -> Parallel:
    """A PARALLEL network of rows in all directions, equal masses, S = 1, all read with one sign by one output.

    Then the `l` lightest weigh no less than L6 says, and what is pruned does not cancel.
    """
    W = directions(rng.standard_normal((width, inputs + 1)))
    return beside_branch(W, np.full((1, width), 1.0 / width), branch, rng)


def beside_branch(W: Array, V: Array, branch: tuple[int, ...], rng: np.random.Generator) -> Parallel:
    """`V z` with a random branch without biases beside it, `Lambda ||A_j|| : ||V_j|| = SHARE : (1 - SHARE)`, S = 1."""
    shapes = list(zip(branch[1:], branch, strict=False))
    deeper = [rng.standard_normal(shape) / np.sqrt(shape[1]) for shape in shapes]
    U = rng.standard_normal((len(V), branch[-1])) / np.sqrt(branch[-1])
    slope = np.prod([np.linalg.norm(matrix, ord=2) for matrix in (U, *deeper)])
    through = np.linalg.norm(V, axis=0) * SHARE / (1 - SHARE) / slope
    A = directions(rng.standard_normal((len(W), branch[0]))).T * through
    layers = tuple(Layer(matrix) for matrix in (A, *deeper))
    draft = Parallel(W=W, V=V, branch=Branch(layers), U=U)
    return Parallel(*_normalised(draft), branch=Branch(layers), U=U, c=np.zeros(len(V)), bias=True)


def _normalised(network: Network) -> tuple[Array, Array]:
    """`W` and `V` of the network, `W` scaled so that S, which is linear in it, is at most 1 and nearly 1."""
    return network.W * ((1 - ROOM) / float_up(masses(network).total)), network.V
