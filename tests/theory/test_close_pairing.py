"""R8: its closed form at hand-made sizes, beside R7 and R4; the count behind it."""

from fractions import Fraction

import pytest
from sympy import Rational, pi, simplify, sqrt

from theory.proof import Verdict
from theory.statements import close_pairing, merging, pairing
from theory.statements.close_pairing import bound, chord_deviation, deviation

F = Fraction


def test_proved():
    assert all(proof().verdict is Verdict.PROVED for proof in close_pairing.PROOFS)


def test_the_closed_form_by_hand():
    """d = 1, m - 2l = 8: 4 (1/8) (4 pi/8) = pi/4; d = 2, kappa_2 = 1/4, m - 2l = 24: 3 (1/24) sqrt(24/24)."""
    assert simplify(bound(sigma=1, mass=1, width=10, neurons=1, dimension=1) - pi / 4) == 0
    assert bound(sigma=1, mass=1, width=26, neurons=1, dimension=2) == Rational(1, 8)
    assert bound(sigma=2, mass=3, width=32, neurons=4, dimension=2) == 3 * 6 * Rational(1, 24) * 2


def test_with_a_count_and_a_chord():
    """m = 20, l = 1, N = 3, chord 1/2: 1 (1/2) 1/(20 - 2 - 6 + 1)."""
    found = chord_deviation(sigma=1, mass=1, width=20, neurons=1, directions=3, chord=F(1, 2))
    assert F(1, 26) <= found <= F(1, 26) + F(1, 2**100)
    with pytest.raises(ValueError, match="R8 needs 2l \\+ 2N <= m"):
        chord_deviation(sigma=1, mass=1, width=7, neurons=1, directions=3, chord=1)


def test_among_many_it_is_below_pairing_and_pruning():
    sizes = {"sigma": 1, "mass": 1, "width": 1000, "neurons": 10}
    close = deviation(dimension=2, **sizes)
    assert close < pairing.deviation(silent_branch=True, **sizes) < merging.deviation("R4", dimension=2, **sizes)
    few = {"sigma": 1, "mass": 1, "width": 24, "neurons": 1}
    assert deviation(dimension=1, **few) > pairing.deviation(silent_branch=True, **few)


def test_sizes_that_it_is_not_for():
    with pytest.raises(ValueError, match="R8 needs 2l < m"):
        bound(sigma=1, mass=1, width=4, neurons=2, dimension=1)
    with pytest.raises(ValueError, match="R8 needs d >= 1"):
        bound(sigma=1, mass=1, width=5, neurons=2, dimension=0)
    assert bound(sigma=1, mass=1, width=10, neurons=2, dimension=2) == 3 * sqrt(2) / 6 * 2
