"""L7: the proofs, planted errors, and two networks: one line in the readout, one that also moves A."""

from fractions import Fraction

import pytest
import z3

from support.oracles import exact_loss, interpolate
from theory.algebra import prove_identity
from theory.proof import Verdict
from theory.smt import maximum, prove
from theory.statements import readout
from theory.symbols import a, b, t

F = Fraction
A, B, T = z3.Reals("a b t")
AT_TIME = (1 - T) * A + T * B
CHORD = (1 - T) * A * A + T * B * B


@pytest.mark.parametrize("proof", readout.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


def refuted(claim, *assuming):
    result = prove("L7", claim, assuming=assuming, scope="a planted error")
    assert result.verdict is Verdict.REFUTED
    return result.witness


def test_the_gap_with_the_wrong_sign_is_refuted():
    gap = (1 - t) * a**2 + t * b**2 - ((1 - t) * a + t * b) ** 2
    result = prove_identity("L7", gap, -t * (1 - t) * (a - b) ** 2, scope="a planted error")
    assert result.verdict is Verdict.REFUTED
    w = result.witness
    at_time = (1 - w["t"]) * w["a"] + w["t"] * w["b"]
    chord = (1 - w["t"]) * w["a"] ** 2 + w["t"] * w["b"] ** 2
    assert chord - at_time**2 != -w["t"] * (1 - w["t"]) * (w["a"] - w["b"]) ** 2


def test_the_chord_bound_fails_outside_the_segment():
    w = refuted(AT_TIME * AT_TIME <= CHORD)
    assert not 0 <= w["t"] <= 1
    assert ((1 - w["t"]) * w["a"] + w["t"] * w["b"]) ** 2 > (1 - w["t"]) * w["a"] ** 2 + w["t"] * w["b"] ** 2


def test_the_chord_bound_is_not_strict_inside():
    w = refuted(AT_TIME * AT_TIME < CHORD, T > 0, T < 1)
    assert w["a"] == w["b"]


def test_a_maximum_at_the_start_only_is_refuted():
    w = refuted(AT_TIME * AT_TIME <= A * A, T >= 0, T <= 1)
    assert ((1 - w["t"]) * w["a"] + w["t"] * w["b"]) ** 2 > w["a"] ** 2


def test_a_negative_weight_breaks_the_sum_of_chords():
    p, q, w_ = z3.Reals("p q w")
    witness = refuted(p + w_ * q <= 0, p <= 0, q <= 0)  # at t = 0, both chords 0
    assert witness["w"] < 0


def test_bounds_by_the_larger_end_do_not_add_up():
    """Why L7 sums chords: p <= max(p_0, p_1) and q <= max(q_0, q_1) do not bound p + q by the larger sum."""
    p, p_0, p_1, q, q_0, q_1 = z3.Reals("p p_0 p_1 q q_0 q_1")
    w = refuted(p + q <= maximum(p_0 + q_0, p_1 + q_1), p <= maximum(p_0, p_1), q <= maximum(q_0, q_1))
    assert w["p"] + w["q"] > max(w["p_0"] + w["q_0"], w["p_1"] + w["q_1"])


CASE_14 = {"W": [[1]], "V": [[0]], "A": [[-1]], "U": [[F(-7, 6)]]}  # blueprint, known answer 14


def test_known_answer_14_a_line_that_also_moves_the_branch_exceeds_both_ends():
    end = CASE_14 | {"V": [[7]], "A": [[6]]}

    def loss(time):
        return exact_loss(interpolate(CASE_14, end, time), "parallel", 0, [[1]], [[0]])

    assert loss(F(0)) == loss(F(1)) == 0
    assert loss(F(1, 7)) == 1


def test_the_same_network_with_only_the_readout_moving_stays_below_its_ends():
    start = CASE_14 | {"A": [[6]]}
    end = start | {"V": [[7]], "U": [[F(2)]]}

    def loss(time):
        return exact_loss(interpolate(start, end, time), "parallel", 0, [[1]], [[0]])

    assert all(loss(F(k, 60)) <= max(loss(F(0)), loss(F(1))) for k in range(61))
