"""Cases 18 to 20 and 30 to 35 of the blueprint: valleys of every width, by exact equality."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from sympy import Rational, pi, sqrt

from numerics.checks.statements.clusters import moved
from numerics.checks.statements.live_branch import valley
from numerics.checks.states import State
from numerics.data import Data
from numerics.networks import TwoLayer
from theory.statements import clusters, live_branch, sharp_valleys

F = Fraction


def plus(value: Fraction) -> Fraction:
    return max(value, F(0))


@pytest.mark.parametrize(("width", "loss", "depth"), [(2, F(2, 3), F(1, 3)), (3, F(2, 5), F(1, 5))])
def test_case_18_the_sharp_valley(width: int, loss: Fraction, depth: Fraction) -> None:
    """N = 6 and 10 points of equal weight, b = 2; every effect has the square of the depth."""
    found = sharp_valleys.sharp_valley(width)
    assert (len(found.points), found.loss, found.depth) == (2 * width + width * (width - 1) // 2 + 1, loss, depth)
    network = TwoLayer(W=np.array(found.rows, dtype=float), V=np.ones((1, width)))
    state = State.of(network, Data(np.array(found.points, dtype=float), np.array(found.targets, dtype=float)[:, None]))
    assert state.loss == loss
    squares = (state.features * state.features).sum(axis=0) / F(len(found.points))
    assert squares.tolist() == [depth] * width


def test_case_19_one_shared_neuron_loses_as_much() -> None:
    """m = 2, w = (t, t): omega (2(1-t)^2 + 2t^2), least omega at t = 1/2."""

    def lost(t: Fraction) -> Fraction:
        return 2 * (1 - t) ** 2 + F(1, 2) * (2 * t) ** 2

    assert lost(F(1, 2)) == 1
    assert min(lost(F(k, 16)) for k in range(33)) == 1


def test_case_20_the_simplex() -> None:
    """D = 1, m = 2: c_0 = 1/2, e_1 = 1/2, e_2 = 1/4, depth 1/3, S = 2; e_3 = 1/9 + sqrt 3/(6 pi); rho = 1/2."""
    assert sharp_valleys.mean_feature(1) == Rational(1, 2)
    assert [sharp_valleys.least_energy(n) for n in (1, 2)] == [Rational(1, 2), Rational(1, 4)]
    assert sympy.simplify(sharp_valleys.least_energy(3) - (Rational(1, 9) + sqrt(3) / (6 * pi))) == 0
    sizes = {"width": 2, "dimension": 1, "target": 1}
    assert sharp_valleys.simplex_depth(weight=F(1, 3), **sizes) == Rational(1, 3)
    assert sharp_valleys.simplex_mass(**sizes) == 2
    assert [sharp_valleys.ratio(m) for m in (1, 2)] == [Rational(1, 2)] * 2
    assert [round(float(sharp_valleys.ratio(m)), 4) for m in (3, 5)] == [0.3435, 0.1740]


def test_case_20_its_network() -> None:
    """A = +-1, y = (1, 1), x' = e_2, y = -2, weights 1/3: theta fits A; one neuron less leaves 1/3 more."""
    data = Data(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]), np.array([[1.0], [1.0], [-2.0]]))
    state = State.of(TwoLayer(W=np.array([[1.0, 0.0], [-1.0, 0.0]]), V=np.ones((1, 2))), data)
    assert (state.loss, state.sigma.lower, state.sigma.upper, state.mass.upper) == (F(4, 3), F(2, 3), F(2, 3), 2)
    assert state.then({"V": np.array([[F(1), F(0)]], dtype=object)}).loss == F(5, 3)


def parabola(width: int) -> State:
    family = clusters.parabola(width)
    X = np.array([[float(x[0]), float(x[1])] for x in family.points])
    network = TwoLayer(W=np.array(family.rows, dtype=float), V=np.ones((1, width)), bias=True)
    return State.of(network, Data(X, np.array([[float(y)] for y in family.targets])))


def test_case_30_the_parabola() -> None:
    """m = 2, rho = 1: the eight points, L = 1, depth 3/200; at s = 1/50 row 0 vanishes at (7/8, 5/8); the end."""
    found = clusters.parabola(2)
    assert [tuple(x[:2]) for x in found.points[4:]] == [
        (F(9, 8), F(11, 8)),
        (F(9, 8), F(9, 8)),
        (F(7, 8), F(7, 8)),
        (F(7, 8), F(5, 8)),
    ]
    assert list(found.targets) == [F(3, 2), F(1, 2), F(-1, 2), F(5, 2)] * 2
    start = parabola(2)
    assert start.loss == 1
    top, end = (moved(start, time) for time in (clusters.TOP, clusters.END))
    assert top.weights["W"][0].tolist() == [F(28, 25), F(-16, 5), F(51, 50)]
    assert (top.seen @ top.weights["W"][0])[7] == 0
    assert top.loss - 1 == F(3, 200) == found.depth
    assert end.loss == 1 - F(189, 2500) == clusters.parabola_loss(2, clusters.END)


def test_case_31_the_prices() -> None:
    """Times m, for neuron 0: own points 1/12 and 3/4, (7/8, 5/8) 3/100; m = 1: only own points count."""
    family = clusters.parabola(2)
    gram = clusters.inverse_gram(family.points[:4], [F(1, 8)] * 4, 3, 0)
    prices = [2 * clusters.plane_price(family.rows[0], x, gram) for x in family.points]
    assert prices[:4] == [F(1, 12), F(3, 4), F(1, 12), F(3, 4)]
    assert prices[7] == F(3, 100) == min(prices)
    alone = clusters.parabola(1)
    assert clusters.valley_depth(alone.rows, [1], alone.points, alone.targets).price == F(1, 12)


def test_case_32_one_branch_unit_removes_the_sharp_valley() -> None:
    """m = 2, omega = q = 1, b = 3: theta 9, tilted rows (3 + 2t)^2, then the readout line to - M min(z_1, z_2): 0."""
    points = [((1, 0, 0), F(1), 1), ((0, 1, 0), F(1), 1), ((1, 1, 0), F(1, 2), 0), ((0, 0, 1), F(1), -3)]

    def loss(tilt: Fraction, M: Fraction) -> Fraction:
        total = F(0)
        for x, weight, y in points:
            first, second = plus(x[0] - x[1] + tilt * x[2]), plus(x[1] - x[0] + tilt * x[2])
            f = first + second - M * first + M * plus(first - second)
            total += weight * (f - y) ** 2
        return total

    t = F(1, 1000)
    assert loss(F(0), F(0)) == 9
    assert loss(t, F(0)) == (3 + 2 * t) ** 2 == F(9012004, 10**6)
    assert loss(t, (3 + 2 * t) / t) == 0


def test_case_33_what_a_kink_and_the_light_neurons_meet() -> None:
    """k(1/2) = 1/4, k(1) = 1/2, k(3/2) = 1/4, k(2) = 0; the tests theta and psi; m = 1: 240 points, L = 7/10."""
    assert [live_branch.moved_kink(F(k, 2)) for k in (1, 2, 3, 4)] == [F(1, 4), F(1, 2), F(1, 4), 0]
    sides = live_branch.SIDES

    def mean(one: list[Fraction], other: list[int]) -> Fraction:
        return sum((a * b for a, b in zip(one, other, strict=True)), F(0)) / 4

    theta = [F(1 if xi > 0 else -1) - F(3, 5) * xi for xi in sides]
    psi = [F(1 if abs(xi) == 2 else -1) for xi in sides]
    seen, itself, positive = [int(xi > 0) for xi in sides], list(sides), [max(xi, 0) for xi in sides]
    assert [mean(theta, one) for one in (seen, itself, positive)] == [F(1, 20), 0, 0]
    assert [mean(psi, one) for one in (positive, itself, seen)] == [F(1, 4), 0, 0]
    state = valley(1)
    assert (state.data.size, state.loss, state.mass.upper) == (240, F(7, 10), 4)


def test_case_34_the_continuous_law() -> None:
    """a = 1, alpha ||w|| = 1, rho = 1: 1/35 at no angle, 1/5 + 1/35 - 1/56 at a right angle along (b + c)/sqrt 2."""
    r, s = sympy.symbols("r s")
    fourth = sympy.integrate(3 * r**2 * r**4, (r, 0, 1)) * Rational(1, 15)  # E (b.v)^2 (c.v)^2 in the unit ball
    assert fourth == Rational(1, 35)
    density = Rational(3, 4) * (1 - s**2)
    linear = sympy.integrate(density * (1 - s**2) / 4, (s, -1, 1))  # E Var(w_j.v | s), a disk of radius^2 1 - s^2
    bent = sympy.integrate(density * (1 - s**2) ** 2 / 64, (s, -1, 1))  # Var of ((b-c).v)^2/4, up to sqrt 2
    assert (linear, bent) == (Rational(1, 5), Rational(1, 35) - Rational(1, 56))


def test_case_35_an_output_bias_beside_a_first_layer_bias_opens_T10() -> None:
    """c up and every row down by as much: an own point reaches 0 and the loss has not moved."""
    start = parabola(2)
    W = start.weights["W"].copy()
    W[:, -1] = W[:, -1] - F(1, 2)
    network = TwoLayer(W=W.astype(float), V=np.ones((1, 2)), c=np.array([0.5]), bias=True)
    there = State.of(network, start.data)
    assert there.loss == start.loss == 1
    assert 0 in (there.seen @ there.weights["W"][0])[:4].tolist()
