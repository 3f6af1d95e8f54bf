"""C2F+: its numbers by hand, what it refuses, and that its check descends and reaches the bottom."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.checks.statements import funnel as check
from numerics.checks.states import State
from numerics.data import Data
from numerics.networks.two_layer import TwoLayer
from theory.proof import Verdict
from theory.statements import funnel
from theory.statements.funnel import Funnel

F = Fraction


def test_proved():
    assert all(proof().verdict is Verdict.PROVED for proof in funnel.PROOFS)


def test_the_numbers_by_hand():
    """m = 4, kappa = 2, sigma = 1, lambda = 8: delta = 1, mu = 1 + 2 * 1/2 + 1/4 = 9/4, bottom 9/4 + (9/8)^2/2."""
    given = {"reference": 1, "reference_mass": F(1, 2), "sigma": 1, "penalty": 2, "width": 4, "margin": F(1, 4)}
    assert funnel.funnel(8, **given) == Funnel(F(1), F(9, 4), F(9))
    low = funnel.funnel(2, **given)
    assert (low.rise, low.bottom) == (F(1, 4), F(3, 2))
    assert low.level == max(F(2) + F(1, 16), F(3, 2) + F(3, 4) ** 2 / 2) == F(33, 16)


@pytest.mark.parametrize("wrong", [{"width": 1}, {"penalty": 0}, {"margin": 0}])
def test_what_it_refuses(wrong):
    given = {"reference": 1, "reference_mass": 1, "sigma": 1, "penalty": 1, "width": 2, "margin": 1}
    with pytest.raises(ValueError, match=r"C2F\+ needs"):
        funnel.funnel(1, **{**given, **wrong})


def test_the_known_answer():
    assert check.one_round().verdict is Verdict.PROVED


def test_a_heavy_network_descends_to_the_bottom():
    """Four neurons of mass 2 that cancel in pairs, kappa = 8, against g* = 0: emptied one by one until F <= mu."""
    network = TwoLayer(W=np.array([[1.0, 0.0]] * 4), V=np.array([[2.0, -2.0, 2.0, -2.0]]))
    data = Data(np.array([[0.25, 0.0]]), np.array([[0.0]]))
    zero = TwoLayer(W=np.array([[1.0, 0.0]]), V=np.array([[0.0]]))
    start, reference = State.of(network, data), State.of(zero, data)
    problem = check.Ends(start, start, reference, F(8), F(1), (F(1, 2),))
    corners = check.descent(problem, start)
    values = [problem.objective(one) for one in corners]
    assert values[0] == 64
    assert values[-1] <= problem.numbers.bottom == 1
    assert max(values) <= problem.numbers.level
    assert check.stays_below(problem).holds
