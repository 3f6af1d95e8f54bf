"""T1P: D_P by hand, known answer 26, and the check's forward pass against another."""

from fractions import Fraction

import pytest

from numerics.checks.statements import post as check
from theory.proof import Verdict
from theory.statements import post
from theory.statements.post import deviation

F = Fraction


def test_proved():
    assert all(proof().verdict is Verdict.PROVED for proof in post.PROOFS)


def test_the_deviation_by_hand():
    """Two blocks: 1/2 + 3 ((1 + 2*1) (1*5) + 2*7) = 1/2 + 3*29; no block: what V reads off."""
    sizes = {"read_off": [5, 7], "gains": [1, 2], "readings": [4, 1]}
    assert deviation(**sizes, readout=3, readout_off=F(1, 2)) == F(1, 2) + 3 * 29
    assert deviation(read_off=[], gains=[], readings=[], readout=3, readout_off=F(1, 2)) == F(1, 2)
    with pytest.raises(ValueError, match="T1P: 1 readings off, 2 gains"):
        deviation(read_off=[1], gains=[1, 1], readings=[1], readout=1, readout_off=0)


def test_known_answer_26():
    assert check.case_26().verdict is Verdict.PROVED
