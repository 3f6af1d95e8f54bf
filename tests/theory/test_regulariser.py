"""L10: known answer 7, and the planted mass with ||V|| ||U||."""

from fractions import Fraction

import pytest
import z3
from sympy import sqrt

from support.oracles import interpolate
from theory.exact import strictly_below
from theory.proof import Verdict
from theory.smt import prove
from theory.statements import regulariser

F = Fraction
START = {"w": [1, 3], "V": [1, 2], "A": [-3, 1], "U": [3, -2]}


def at(time):
    """L4 RESIDUAL with c = 3, i = 1, j = 2, written out from the blueprint."""
    (w_i, _), (V_i, V_j), (A_i, A_j), (U_i, U_j) = START.values()
    move = 3 * time
    return [w_i, (1 - time) * 3 * w_i], [V_i + move * V_j, V_j], [A_i + move * A_j, A_j], [U_i, U_j - move * U_i]


@pytest.mark.parametrize("proof", regulariser.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


def test_known_answer_7():
    masses = [regulariser.residual_mass(*at(time), product=True) for time in (F(0), F(1, 2), F(1))]
    assert masses == [13, 10, 7]


def test_known_answer_7_with_the_product_of_norms_the_mass_rises():
    masses = [regulariser.residual_mass(*at(time), product=False) for time in (F(0), F(1, 2), F(1))]
    assert masses == [7 + 6 * sqrt(65), 7 + 15 * sqrt(41), 7]
    assert strictly_below(masses[0], masses[1])


def test_the_walk_is_the_line_between_its_ends():
    names = ("w", "V", "A", "U")
    start, end = (dict(zip(names, ([x] for x in at(time)), strict=True)) for time in (F(0), F(1)))
    assert interpolate(start, end, F(1, 2)) == dict(zip(names, ([x] for x in at(F(1, 2))), strict=True))


def test_a_row_that_does_not_shrink_is_refuted():
    row, projected, time = z3.Reals("w_j P t")
    claim = (1 - time) * row + time * projected <= row
    result = prove("L10", claim, assuming=(time >= 0, time <= 1, projected >= 0), scope="the projection forgotten")
    assert result.verdict is Verdict.REFUTED


def test_negative_multiples_break_the_hand_over():
    row, own, other, multiple, time, sum_ = z3.Reals("w_i r_i r_j c t r")
    claim = row * sum_ + (1 - time) * z3.Abs(multiple) * row * other <= row * own + multiple * row * other
    assuming = (row >= 0, own >= 0, other >= 0, time >= 0, time <= 1, sum_ <= own + time * z3.Abs(multiple) * other)
    assert prove("L10", claim, assuming=assuming, scope="c >= 0 removed").verdict is Verdict.REFUTED
