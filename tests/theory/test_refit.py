"""R6: the level is the largest of three losses, none of which may be left out."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.proof import Verdict
from theory.smt import assumptions, prove, translate
from theory.statements import refit, zero
from theory.symbols import L, L_ref, delta

F = Fraction
modest = settings(max_examples=40, deadline=None)
losses = st.fractions(min_value=0, max_value=9, max_denominator=9)


@pytest.mark.parametrize("proof", refit.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


@pytest.mark.parametrize("premise", [delta <= L, L_ref <= L], ids=["refit good", "reference good"])
def test_one_good_corner_is_not_enough(premise):
    result = prove(
        "R6",
        translate(refit.LEVEL) == translate(L),
        assuming=[*assumptions(refit.LEVEL), translate(premise.lts) <= translate(premise.gts)],
        scope="a planted error",
    )
    assert result.verdict is Verdict.REFUTED
    w = result.witness
    assert max(w["L"], w["delta"], w["L_ref"]) > w["L"]


@modest
@given(losses, losses, losses)
def test_level_against_plain_arithmetic(loss, refitted, reference):
    assert refit.level(loss, refitted, reference) == max(loss, refitted, reference)


@modest
@given(losses, losses, losses, losses)
def test_a_refit_no_worse_than_the_zero_output_gives_a_level_no_worse_than_R0(loss, one, two, reference):
    refitted, at_zero = sorted((one, two))
    assert refit.level(loss, refitted, reference) <= zero.level(loss, reference, at_zero)
