"""References made on the spot: how many neurons eta asks for, and what is fitted on them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks import TwoLayer
from numerics.questions import search as questions
from numerics.questions.notes import fitted_notes
from numerics.routes.reference import fitted_reference, neurons_of


@given(st.integers(2, 5000), st.fractions(0, 1, max_denominator=30).filter(lambda eta: eta < 1))
def test_eta_asks_for_the_floor_of_a_power(width: int, eta: Fraction) -> None:
    """`l^q <= m^p < (l+1)^q` in integers, and l < m."""
    found = neurons_of(width, eta)
    assert found**eta.denominator <= width**eta.numerator < (found + 1) ** eta.denominator
    assert 1 <= found < width


def test_powers_that_are_whole_numbers_are_not_one_too_small() -> None:
    """1000^(2/3) = 100, which floats put at 99.99999999999997; 1024^(1/2) = 32; m^0 = 1."""
    for width, eta, neurons in ((1000, "2/3", 100), (1024, "1/2", 32), (7, "0", 1)):
        assert neurons_of(width, Fraction(eta)) == neurons


@pytest.mark.parametrize(("width", "eta"), [(4, "1"), (4, "3/2"), (4, "1/10001"), (1, "1/2")])
def test_powers_that_are_no_smaller_network_are_refused(width: int, eta: str) -> None:
    """Neither m neurons or more, nor integers of unbounded length."""
    with pytest.raises(InputError, match="eta"):
        neurons_of(width, Fraction(eta))


def test_the_neurons_that_matter_are_kept() -> None:
    """Of six neurons the targets use the second and the fifth: a fit on two of them has loss 0 up to rounding."""
    rng = np.random.default_rng(2)
    W, X = rng.normal(size=(6, 3)), rng.normal(size=(40, 2))
    V = np.zeros((1, 6))
    V[0, [1, 4]] = 2.0, -3.0
    network = TwoLayer(W=W, V=V, bias=True)
    Y = np.maximum(np.hstack([X, np.ones((40, 1))]) @ W.T, 0.0) @ V.T
    start = network.replace({"V": rng.normal(size=(1, 6))})
    found = fitted_reference(start, Problem(Data(X, Y)), 2)
    assert found.W.tolist() == W[[1, 4]].tolist()
    assert (
        float_loss(found, Problem(Data(X, Y))) < 1e-12 < float_loss(start, Problem(Data(X, Y)))
    )  # a ridge of 1e-10 is added


def test_connect_makes_its_reference_and_says_so() -> None:
    """eta = 1/2 of nine neurons: three, whose loss is in the notes; with a reference given, eta is refused."""
    rng = np.random.default_rng(5)
    data = Data(rng.normal(size=(20, 2)), rng.normal(size=(20, 1)))
    start, end = (TwoLayer(W=rng.normal(size=(9, 2)), V=rng.normal(size=(1, 9))) for _ in range(2))
    answer = questions.connect(start, end, Problem(data), route="prune", eta=Fraction(1, 2))
    assert answer.via is not None
    assert answer.via.width == 3
    (note,) = fitted_notes(answer)
    assert "l = floor(m^eta) = 3 of the start's m = 9 neurons" in note
    with pytest.raises(InputError, match="--eta or --reference"):
        questions.connect(start, end, Problem(data), reference=answer.via, eta=Fraction(1, 2))
