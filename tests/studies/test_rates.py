"""Climbs of old and new statements on the same networks, and exact depths: known values, and what bounds what."""

from fractions import Fraction

import pytest

from numerics.studies.rates import HEAD, exact_depths, lines
from theory.statements.sharp_valleys import LEAST_RATIO


def test_every_closed_form_bounds_what_is_measured_and_the_new_ones_fall_faster() -> None:
    """On the same networks; C7 is (sigma S/m)^2, C2T sigma^2 S^2/(m/2) exactly, so their ratio is 2 m, up to masses."""
    widths = (16, 64)
    found = {one.statement: one for one in lines(widths)}
    assert list(found) == ["R1", "R2", "R3", "R4", "R7", "R8", "C7", "C2T", "T7V"]
    for one in found.values():
        assert len(one.cells(widths)) == len(HEAD)
        if one.measured is not None:
            assert all(own <= bound for own, bound in zip(one.measured, one.closed, strict=True))
    ratios = [gap / slot for gap, slot in zip(found["C2T"].closed, found["C7"].closed, strict=True)]
    assert [float(ratio) for ratio in ratios] == pytest.approx([2 * 16, 2 * 64], rel=1e-9)
    assert found["R8"].exponent == Fraction(-5, 2) < found["R3"].exponent == -2 < found["R7"].exponent
    falls = {name: float(one.closed[0] / one.closed[-1]) for name, one in found.items()}
    assert falls["C7"] > 15 > falls["C2T"] > 3.9
    assert falls["R8"] > falls["R3"] > falls["R4"]


def test_exact_depths_are_those_of_the_known_answers() -> None:
    """Cases 18 and 30: 1/3, 1/5 and 3/200; T8c's is at least (1/4 - 1/(2 pi)) (sigma S/m)^2 at every width."""
    found = {statement: depths for statement, _, depths, _ in exact_depths((2, 3))}
    assert found["T8b"] == (Fraction(1, 3), Fraction(1, 5))
    assert found["T10P"] == (Fraction(3, 200), Fraction(1, 100))
    assert all(depth > 0 for depth in found["T8c"])
    assert float(LEAST_RATIO) < 0.091
    slopes = {statement: float(slope) for statement, *_, slope in exact_depths((32, 64))}
    assert slopes["T8b"] == pytest.approx(-2, abs=0.1)
    assert slopes["T8c"] == pytest.approx(-2, abs=0.1)
    assert slopes["T10P"] == pytest.approx(-1, abs=0.01)
