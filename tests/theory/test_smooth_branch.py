"""T7V: its constant by hand; that kinks block the choice."""

from fractions import Fraction

import pytest
import z3

from theory.proof import Verdict
from theory.smt import prove
from theory.statements import smooth_branch
from theory.statements.smooth_branch import smooth_constant, smooth_depth

F = Fraction


def test_proved():
    assert all(proof().verdict is Verdict.PROVED for proof in smooth_branch.PROOFS)


def test_the_constant_by_hand():
    """4 * 2 + 4 * 3 * 1 * (1/2) * 5 / 2^2 = 8 + 15/2; times 1/3 and 1/4."""
    constant = smooth_constant(sigma_square=2, root=3, outer=1, bend=F(1, 2), fourth=5, branch=2)
    assert constant == F(31, 2)
    assert smooth_depth(constant, F(1, 3), F(1, 4)) == F(31, 24)
    with pytest.raises(ValueError, match="T7V needs Lambda > 0, got 0: with a silent branch C7 says more"):
        smooth_constant(sigma_square=1, root=1, outer=0, bend=1, fourth=1, branch=0)


def test_a_one_sided_first_order_term_blocks_the_choice():
    """With |e| in the place of e, as at a kink, neither choice need do."""
    e, first, constant, light, heavy = z3.Reals("e b C s_i s_j")
    rise = 2 * z3.If(e >= 0, e, -e) * first + constant * e * e
    assuming = (light == 1, heavy == 1, constant == 4, first >= 0, z3.Or(e == -heavy, e == light))
    result = prove("T7V", rise <= constant * light * heavy, assuming=assuming, scope="a kink planted")
    assert result.verdict is Verdict.REFUTED
