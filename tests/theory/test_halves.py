"""C2T: its level by hand, against the blueprint's, and what the draw must do."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.checks.statements import halves as check
from numerics.checks.states import State
from numerics.data import Data
from numerics.networks.two_layer import TwoLayer
from theory.proof import Verdict
from theory.statements import halves
from theory.statements.halves import level

F = Fraction


def test_proved():
    assert all(proof().verdict is Verdict.PROVED for proof in halves.PROOFS)


def test_the_level_by_hand():
    """m = 5 draws two; sigma^2 = 1/2, S = 6, lambda = 1: 1 + 36/4."""
    assert level(1, sigma_square=F(1, 2), mass=6, width=5) == 10
    assert level(0, sigma_square=1, mass=2, width=2) == 4
    with pytest.raises(ValueError, match="C2T needs m >= 2, got 1"):
        level(1, sigma_square=1, mass=1, width=1)


def test_case_25_is_attained():
    assert check.case_25().verdict is Verdict.PROVED


def test_half_of_equal_neurons_is_all_of_them():
    """Four copies of one neuron: any two draws are the network itself."""
    network = TwoLayer(W=np.ones((4, 1)), V=np.full((1, 4), 0.5))
    state = State.of(network, Data(np.array([[1.0], [3.0]]), np.array([[1.0], [2.0]])))
    V = check.half(state)
    assert np.count_nonzero(V) <= 2
    assert (state.then({"V": V}).outputs == state.outputs).all()
