"""U1: the price of a unit, and that a slope lets the loss fall."""

from fractions import Fraction

import pytest
import z3

from theory.proof import Verdict
from theory.smt import prove
from theory.statements import units
from theory.statements.units import least_effect


def test_proved():
    assert all(proof().verdict is Verdict.PROVED for proof in units.PROOFS)


def test_the_cheapest_unit_is_taken():
    assert least_effect([Fraction(1, 2), 3, Fraction(1, 3)]) == Fraction(1, 3)
    with pytest.raises(ValueError, match="U1 needs a unit, got none"):
        least_effect([])


def test_without_a_slope_no_step_along_the_unit_lowers_the_loss():
    slope, square, step = z3.Reals("g h^2 s")
    result = prove(
        "U1",
        -2 * step * slope + step * step * square < 0,
        assuming=(slope == 0, square >= 0, step * (square + 1) == slope),
        scope="the slope removed",
    )
    assert result.verdict is Verdict.REFUTED
