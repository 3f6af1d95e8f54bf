"""Cases 17 and 21 to 29 of the blueprint: one slot, by exact equality."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from sympy import Rational, sqrt

from numerics.checks.draws import Draw, emptied, stepped
from numerics.checks.states import State, mean_square
from numerics.data import Data
from numerics.moves.mass import sigma_squared
from numerics.networks import TwoLayer
from theory.exact import strictly_below
from theory.statements import leave_one_out, one_slot, one_slot_losses, one_slot_regularised

F = Fraction


def plus(value: Fraction) -> Fraction:
    return max(value, F(0))


def two_layer(W: list[list[float]], V: list[float], X: list[list[float]], y: list[float]) -> State:
    network = TwoLayer(W=np.array(W), V=np.array([V]))
    return State.of(network, Data(np.array(X), np.array(y)[:, None]))


def test_case_17_C7_is_attained_in_all_three_forms() -> None:
    """L = 2, sigma^2 = 1/2, ||h||^2 = (sigma S/m)^2 = 1/2, the depth (T8b, m = 1); (ii) holds, (i) does not."""
    start = two_layer([[1.0, 0.0]], [1.0], [[1.0, 0.0], [0.0, 1.0]], [1.0, -2.0])
    assert (start.loss, start.mass.upper) == (2, 1)
    assert (sigma_squared(start.data, bias=False).lower, sigma_squared(start.data, bias=False).upper) == (
        F(1, 2),
        F(1, 2),
    )
    free = emptied(start, [0])
    assert free.loss - start.loss == mean_square(start.features) == F(1, 2)
    bound = one_slot.depth_bound(loss=2, sigma=sqrt(Rational(1, 2)), mass=1, width=1, silent_branch=True)
    assert bound == Rational(1, 2)
    spread = 3 * sqrt(Rational(1, 2))  # S* = 3
    assert one_slot.above_threshold(loss=2, reference_loss=0, spread=spread, rise=F(1, 2))
    assert not strictly_below(2 * spread * sqrt(Rational(1, 2)), 2)


@pytest.mark.parametrize("share", [F(0), F(1, 3), F(1)])
def test_case_21_the_step_is_exact_along_one_neuron(share: Fraction) -> None:
    """y = 2 at x = 1, f' = 0, g* = 2: v* = 0, value 4(1-e)^2."""
    start = two_layer([[1.0]], [0.0], [[1.0]], [2.0])
    draw = Draw.of(TwoLayer(W=np.array([[1.0]]), V=np.array([[2.0]])), start)
    assert (draw.variance, draw.spread, draw.distance(start)) == (0, 2, 4)
    value = one_slot.step_level(share, free_loss=4, reference_loss=0, variance=0, distance_square=4)
    assert value == 4 * (1 - share) ** 2 == stepped(start, [0], draw, (0,), share).loss
    assert one_slot.best_share(free_loss=4, reference_loss=0, variance=0, distance_square=4) == 1


def test_case_22_leave_one_out() -> None:
    """z_1 = (1, 1), z_2 = (0, 1), weights 1/2: V_1^2/2 and V_2^2/4, against V_1^2 and V_2^2/2; both together."""
    gram = [[F(1), F(1, 2)], [F(1, 2), F(1, 2)]]
    V = [[F(3), F(5)]]
    assert leave_one_out.leave_out_price(V, gram, [0]) == F(9, 2) < 9
    assert leave_one_out.leave_out_price(V, gram, [1]) == F(25, 4) < F(25, 2)
    assert leave_one_out.leave_out_price(V, gram, [0, 1]) == 9 + 15 + F(25, 2)
    assert leave_one_out.leave_out_price([V[0], [F(1), F(0)]], gram, [0]) == F(9, 2) + F(1, 2)


def test_case_23_cross_entropy_bends_by_a_half() -> None:
    """Two classes, equal logits: the Hessian diag(pi) - pi pi^T has eigenvalues 0 and 1/2; 1/4 is refused."""
    pi = sympy.Matrix([Rational(1, 2), Rational(1, 2)])
    hessian = sympy.diag(*pi) - pi * pi.T
    assert hessian == sympy.Matrix([[1, -1], [-1, 1]]) / 4
    assert set(hessian.eigenvals()) == {0, Rational(1, 2)}
    assert max(hessian.eigenvals()) == one_slot_losses.smoothness("cross-entropy") != Rational(1, 4)


def test_case_24_regularised() -> None:
    """x = 1, y = 2, m = 1, kappa = 1: at Vw = 3/2 F = 7/4 and removal costs 9/4 = h^2; at Vw = 1 c_j = -1."""

    def objective(product: Fraction) -> Fraction:
        return (product - 2) ** 2 + product

    best = F(3, 2)
    assert objective(best) == F(7, 4)
    assert objective(F(0)) - objective(best) == best**2 == F(9, 4)
    assert one_slot_regularised.slope(inner=(best - 2) * best, penalty=1, mass=best) == 0
    assert one_slot_regularised.slope(inner=F(-1), penalty=1, mass=1) == -1
    assert objective(F(9, 8)) < objective(F(1))


def test_case_25_half_of_the_own_features() -> None:
    """m = 2, x = 1, h = (1, -1), f = 0: H = 2, one unit drawn gives +-2: the error 2 is sqrt((4 - 0)/1)."""
    effects = (F(1), F(-1))
    total = sum(map(abs, effects))
    drawn = [total / abs(h) * h for h in effects]
    assert drawn == [2, -2]
    assert {one**2 for one in drawn} == {(total**2 - sum(effects) ** 2) / 1}


def test_case_26_a_rectifier_after_each_sum() -> None:
    """POST: x = 1, w = (1, 2), A = V = (1, 1), U = (-2, 1): f = 5; without reading neuron 1, 4; D_P = sqrt 10."""

    def state(A: tuple[int, int], U: tuple[int, int]) -> tuple[Fraction, Fraction]:
        z = (F(1), F(2))
        read = plus(A[0] * z[0] + A[1] * z[1])
        first, second = (plus(old + u * read) for old, u in zip(z, U, strict=True))
        return first, second

    assert state((1, 1), (-2, 1)) == (0, 5)
    assert state((0, 1), (-2, 1)) == (0, 4)
    assert state((0, 1), (0, 1)) == (1, 4)  # with U_1 = 0, unread: the identity survives the rectifier
    deviation = 0 + sqrt(2) * sqrt(5) * 1
    assert not strictly_below(deviation, 1)


def test_case_27_the_first_threshold_needs_its_factor_two() -> None:
    """K = 10, delta = 1, L* = 10^4, L = L* + 15: above K delta, not above 2 K delta; no e does it."""
    goal, loss = 10**4, 10**4 + 15
    far = (sqrt(loss + 1) - sqrt(goal)) ** 2  # f' and g* on one line through y: Minkowski is an equality
    least = loss + 1 - (loss + 1 - goal + far) ** 2 / (4 * (100 + far))
    assert loss - goal > 10 * 1
    assert strictly_below(loss, least)
    assert not one_slot.above_threshold(loss=loss, reference_loss=goal, spread=10, rise=1)
    assert one_slot.above_threshold(loss=goal + 21, reference_loss=goal, spread=10, rise=1)


def test_case_27_with_an_output_bias_T8b_is_no_valley() -> None:
    """Its last output goes down by the bias, and the loss with it."""
    from theory.statements import sharp_valleys

    found = sharp_valleys.sharp_valley(2)
    network = TwoLayer(W=np.array(found.rows, dtype=float), V=np.ones((1, 2)), c=np.array([-0.125]))
    data = Data(np.array(found.points, dtype=float), np.array(found.targets, dtype=float)[:, None])
    assert State.of(network, data).loss < found.loss


def test_case_28_half_width_chain() -> None:
    """One point x = 1, y = 2, widths (2, 2): every corner of the path has loss 0; with U = 1/2 in N_2, 9/4."""

    def loss(
        B1: tuple[int, int], B2: tuple[tuple[int, int], tuple[int, int]], U: tuple[Fraction, Fraction]
    ) -> Fraction:
        first = [plus(F(b)) for b in B1]
        second = [plus(row[0] * first[0] + row[1] * first[1]) for row in B2]
        return (U[0] * second[0] + U[1] * second[1] - 2) ** 2

    eye = ((1, 0), (0, 1))
    corners = [
        ((1, 1), eye, (F(1), F(1))),  # theta
        ((1, 1), eye, (F(2), F(0))),  # N_2: unit 1 of layer 2 alone
        ((1, 1), ((1, 0), (1, 0)), (F(2), F(0))),  # the tail of N_1, loaded on unit 2
        ((1, 1), ((1, 0), (1, 0)), (F(0), F(2))),  # N_1
        ((1, 3), ((0, 1), (1, 0)), (F(0), F(2))),  # g, loaded: layer 1 unit 2, layer 2 unit 1
        ((1, 3), ((0, 1), (1, 0)), (F(2, 3), F(0))),  # g
    ]
    assert [loss(*corner) for corner in corners] == [0] * 6
    assert loss((1, 1), eye, (F(1, 2), F(0))) == F(9, 4)


def test_case_29_kinks_block_one_slot() -> None:
    """Absolute loss, three points, m = 1, V = 0: 1/3, and no neuron is better; three neurons reach 0; squared 1/9."""
    points, targets = ((1, 0), (0, 1), (1, 1)), (0, 0, 1)

    def loss(neurons: list[tuple[tuple[int, int], Fraction]], power: int) -> Fraction:
        outputs = [sum((v * max(w[0] * x[0] + w[1] * x[1], 0) for w, v in neurons), F(0)) for x in points]
        return sum((abs(f - y) ** power for f, y in zip(outputs, targets, strict=True)), F(0)) / 3

    single = [[((a, b), F(v, 4))] for a in range(-3, 4) for b in range(-3, 4) for v in range(-8, 9)]
    assert min(loss(one, 1) for one in single) == F(1, 3) == loss([], 1)
    half = F(1, 2)
    assert loss([((1, 1), half), ((1, -1), -half), ((-1, 1), -half)], 1) == 0
    assert loss([((1, 1), F(1, 3))], 2) == F(1, 9) < loss([], 2) == F(1, 3)
