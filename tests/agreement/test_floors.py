"""T8a and T10 in both checkers: the same level, or none in either; and no smaller network of one sign below it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checker.clusters import leaving
from numerics.checker.effort import Budget
from numerics.checker.errors import Refused
from numerics.checker.inputs import Data as Checked
from numerics.checker.positivity import emptied
from numerics.checker.spaces import parse_space
from numerics.data import Data
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.networks import Block, Branch, Layer, Network, Parallel, Residual, Stream, TwoLayer
from support.second_checker import floors
from support.second_checker.archive import Refused as SecondRefused
from theory.statements.clusters import parabola, valley_depth

QUARTERS = st.integers(-8, 8).map(lambda k: k / 4)


def matrix(draw: st.DrawFn, rows: int, columns: int) -> np.ndarray:
    return np.array(draw(st.lists(QUARTERS, min_size=rows * columns, max_size=rows * columns))).reshape(rows, columns)


@st.composite
def clustered(draw: st.DrawFn) -> tuple[Network, Data]:
    """T10P's places, planes of any height, any residual orthogonal to them, points that nobody sees; V_j so that the
    planes are right beside any branch of the class. One time in three something is changed.
    """
    width = draw(st.integers(1, 3))
    family = parabola(width, 0)
    X = np.array([[float(value) for value in point[:2]] for point in family.points])
    heights = np.array(draw(st.lists(st.sampled_from([1.0, 2.0, -1.0, -0.5]), min_size=width, max_size=width)))
    noise = np.array(draw(st.lists(QUARTERS, min_size=width, max_size=width)))
    planes = np.array([float(value) for value in family.targets])
    y = np.repeat(heights, 4) * planes + np.repeat(noise, 4) * np.tile([1.0, -1.0, -1.0, 1.0], width)
    for extra in range(draw(st.integers(0, 2))):
        X, y = np.vstack([X, [[extra, extra * extra + 3.0]]]), np.append(y, draw(QUARTERS))
    W, kind = np.array(family.rows, dtype=float), draw(st.sampled_from(["two-layer", "parallel", "residual", "stream"]))
    network = branched(draw, kind, W, heights)
    if draw(st.integers(0, 2)) == 0:
        name = draw(st.sampled_from(sorted(network.parameters())))
        values = network.parameters()[name].copy()
        at = draw(st.integers(0, values.size - 1))
        values.flat[at] = draw(st.sampled_from([-values.flat[at], values.flat[at] + 2.0**-20, 0.0, 3.0]))
        network = network.replace({name: values})
    return network, Data(X, y[:, None])


def branched(draw: st.DrawFn, kind: str, W: np.ndarray, heights: np.ndarray) -> Network:
    """V (or what V reads) such that F(e_j) is `heights`; exact in quarters and their products."""
    width = len(W)
    if kind == "two-layer":
        return TwoLayer(W=W, V=heights[None, :], bias=True)
    A = matrix(draw, 2, width)
    if kind == "parallel":
        U = matrix(draw, 1, 2)
        return Parallel(W=W, V=heights[None, :] - U @ np.maximum(A, 0.0), branch=Branch((Layer(A),)), U=U, bias=True)
    # V (e_j + U [A e_j]_+) = V_j with V U = 0: the second coordinate of the returns undoes the first.
    U = np.zeros((width, 2))
    V = heights[None, :]
    if width > 1:
        U[0] = matrix(draw, 1, 2)
        U[1] = -U[0] * heights[0] / heights[1]
    branch = Branch((Layer(A),))
    if kind == "residual":
        return Residual(W=W, V=V, branch=branch, U=U, bias=True)
    return Stream(W=W, V=V, blocks=(Block(branch, U), Block(branch, 0.0 * U)), bias=True)


def ours(argument: object, network: Network, loss: Fraction, data: Data) -> Fraction | None:
    """The checker's level."""
    space = parse_space(network.kind, int(network.bias), {k: v.shape for k, v in network.parameters().items()})
    points, limit = Checked(data.X, data.Y), fmpq(loss.numerator, loss.denominator)
    try:
        found = argument(space, network.parameters(), limit, points, Budget())
    except Refused:
        return None
    return Fraction(int(found.p), int(found.q))


def seen(network: Network, data: Data) -> list[list[Fraction]]:
    """The inputs as the first layer sees them."""
    return [[*map(Fraction, row), *[Fraction(1)] * network.bias] for row in data.X.tolist()]


@given(clustered())
@settings(max_examples=150, deadline=None)
def test_both_checkers_find_the_same_price(case: tuple[Network, Data]) -> None:
    """T10; and so does theory, where the classes meet."""
    network, data = case
    loss = exact_losses([network], Problem(data))[0]
    weights = {name: array.tolist() for name, array in network.parameters().items()}
    y = [Fraction(value) for value in data.Y[:, 0].tolist()]
    try:
        second = floors.clusters(network.kind, weights, loss, seen(network, data), y)
    except SecondRefused:
        second = None
    assert ours(leaving, network, loss, data) == second
    if second is not None and network.kind == "two-layer":
        third = valley_depth(network.W.tolist(), network.V[0].tolist(), seen(network, data), y)
        assert loss + third.price == second


@st.composite
def singled(draw: st.DrawFn) -> tuple[TwoLayer, Data]:
    """Singles e_i, sums of two, any copies and targets, a point to leave for; one in three is changed."""
    width, sign = draw(st.integers(1, 4)), draw(st.sampled_from([1.0, -1.0]))
    units, copies = np.eye(width + 1), st.integers(1, 4)
    heights = np.array(draw(st.lists(st.sampled_from([0.5, 1.0, 2.0]), min_size=width, max_size=width)))
    points = [(units[i], heights[i]) for i in range(width) for _ in range(draw(copies))]
    for i in range(width):
        for k in range(i):
            aim = draw(st.sampled_from([0.0, -1.0]))
            points += [(units[i] + units[k], aim)] * draw(copies)
    points.append((units[width], -4.0))
    X, Y = np.array([x for x, _ in points]), sign * np.array([[y] for _, y in points])
    network = TwoLayer(W=2 * units[:width] - np.array([1.0] * width + [0.0]), V=sign * heights[None, :])
    if draw(st.integers(0, 2)) == 0:
        match draw(st.integers(0, 3)):
            case 0:
                keep = sorted(draw(st.sets(st.integers(0, len(X) - 1), min_size=1)))
                X, Y = X[keep], Y[keep]
            case 1:
                Y = Y.copy()
                Y[draw(st.integers(0, len(Y) - 1))] = draw(QUARTERS)
            case 2:
                network = network.replace({"V": network.V * draw(st.sampled_from([-1.0, 0.0, 1 + 2.0**-30]))})
            case _:
                network = TwoLayer(
                    W=np.vstack([network.W, network.W[:1]]), V=np.append(network.V[0] / 1.0, sign)[None, :]
                )
    return network, Data(X, Y)


@given(singled())
@settings(max_examples=150, deadline=None)
def test_both_checkers_find_the_same_cost_of_a_neuron(case: tuple[TwoLayer, Data]) -> None:
    """T8a on singles and pairs."""
    network, data = case
    loss = exact_losses([network], Problem(data))[0]
    y = [Fraction(value) for value in data.Y[:, 0].tolist()]
    try:
        second = floors.positivity({"V": network.V.tolist()}, loss, seen(network, data), y)
    except SecondRefused:
        second = None
    assert ours(emptied, network, loss, data) == second


@given(singled(), st.data())
@settings(max_examples=100, deadline=None)
def test_no_smaller_network_of_one_sign_is_better_than_that(case: tuple[TwoLayer, Data], data: st.DataObject) -> None:
    """m - 1 neurons with V of the start's sign, any rows; also rows that serve several singles, as the best do."""
    network, points = case
    loss = exact_losses([network], Problem(points))[0]
    level = ours(emptied, network, loss, points)
    if level is None or network.width == 1:
        return
    m = network.width - 1
    W = matrix(data.draw, m, network.W.shape[1])
    if data.draw(st.booleans()):
        W = network.W[:m].copy()
        W[0] = data.draw(st.sampled_from([0.5, 0.25, 0.75])) * (network.W[0] + network.W[m])
        W[0] = np.where(network.W[0] + network.W[m] == 0, data.draw(st.sampled_from([0.5, 0.75, 1.0])), -2.0)
    V = np.abs(matrix(data.draw, 1, m)) * np.sign(network.V[0, 0])
    if data.draw(st.booleans()):
        V = network.V[:, :m]
    assert exact_losses([TwoLayer(W=W, V=V)], Problem(points))[0] >= level


@pytest.mark.parametrize(("one", "other", "both"), [(4, 4, 1), (4, 4, 2), (2, 2, 1), (3, 2, 1), (4, 1, 1)])
def test_the_best_shared_neuron_pays_what_is_said(one: int, other: int, both: int) -> None:
    """Two singles, targets 1, and one neuron for both: w = (a, b) on a grid. Twice the pairs' cost is too much."""
    X = np.array([[1.0, 0, 0]] * one + [[0, 1.0, 0]] * other + [[1.0, 1, 0]] * both + [[0, 0, 1.0]])
    Y = np.array([1.0] * (one + other) + [0.0] * both + [-4.0])[:, None]
    network, data = TwoLayer(W=np.array([[1.0, -1, 0], [-1, 1, 0]]), V=np.ones((1, 2))), Data(X, Y)
    grid = [k / 12 for k in range(13)]
    losses = exact_losses(
        [TwoLayer(W=np.array([[a, b, 0]]), V=np.ones((1, 1))) for a in grid for b in grid], Problem(data)
    )
    start = exact_losses([network], Problem(data))[0]
    level = ours(emptied, network, start, data)
    assert level is not None
    assert level - start == Fraction(min(one, other, 2 * both), len(X))
    assert level <= min(losses)
    if (one, other, both) == (4, 4, 1):
        assert min(losses) - start < Fraction(min(one, other, 4 * both), len(X))
