"""The numbers in the answer's json are rounded outwards, and exact where they are known."""

from fractions import Fraction

import pytest
from flint import fmpq

from numerics.checker.report import enclosure


@pytest.mark.parametrize("sign", [1, -1])
def test_an_enclosure_holds_both_bounds(sign: int) -> None:
    """Also where they are the same number, which has no decimals."""
    third = fmpq(sign, 3)
    found = enclosure(third, third)
    assert Fraction(found["lower"]) < Fraction(sign, 3) < Fraction(found["upper"])
    assert found["exact"] == f"{sign}/3"
    wide = enclosure(fmpq(sign, 3), fmpq(sign, 3) + 1)
    assert Fraction(wide["lower"]) < Fraction(sign, 3)
    assert Fraction(wide["upper"]) > Fraction(sign, 3) + 1
    assert wide["exact"] is None
    assert enclosure(third, None)["upper"] is None
