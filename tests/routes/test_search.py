"""The search proves nothing, but it must compute what it says: sweeps, fits, choices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks import TwoLayer
from numerics.routes import exchange as exchange_module
from numerics.routes.exchange import Mixture, exchange
from numerics.routes.features import Features, on_grid
from numerics.routes.tableau import RIDGE, Tableau


def problem(seed: int, *, with_c: bool, q: int = 12, N: int = 60) -> tuple[np.ndarray, Data, Features]:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((q, 4))
    data = Data(rng.standard_normal((N, 3)), rng.standard_normal((N, 2)))
    return rows, data, Features.of(rows, Problem(data), bias=True, with_c=with_c)


@pytest.mark.parametrize("with_c", [False, True])
def test_fits_are_least_squares(with_c: bool) -> None:
    """Against numpy's lstsq with a column of ones: the loss agrees to 1e-9, which the ridge of 1e-10 may cost."""
    rows, data, features = problem(0, with_c=with_c)
    chosen = np.array([0, 3, 5, 8])
    Z = np.maximum(np.hstack([data.X, np.ones((data.size, 1))]) @ rows[chosen].T, 0.0)
    design = np.hstack([Z, np.ones((data.size, 1))]) if with_c else Z
    solution = np.linalg.lstsq(design, data.Y, rcond=None)[0]
    best = float(((design @ solution - data.Y) ** 2).sum() / data.size)
    fit = features.fit(chosen)
    network = TwoLayer(W=rows[chosen], V=fit.V, c=fit.c, bias=True)
    assert float_loss(network, Problem(data)) == pytest.approx(best, rel=1e-8)
    assert fit.loss == pytest.approx(best, rel=1e-8)


@pytest.mark.parametrize("with_c", [False, True])
def test_the_tableau_is_that_of_its_set_after_any_moves(with_c: bool) -> None:
    """Inverse, coefficients, residual moments, against a fresh inversion."""
    _, _, features = problem(1, with_c=with_c)
    q = len(features.gram)
    tableau = Tableau(features)
    tableau.take(np.arange(8))
    tableau.drop(np.array([2, 3, 5]))
    tableau.take(np.array([10, 3]))
    inside = np.array([0, 1, 3, 4, 6, 7, 10])
    outside = np.setdiff1d(np.arange(q), inside)
    gram = features.gram + RIDGE * np.eye(q)
    inverse = np.linalg.inv(gram[np.ix_(inside, inside)])
    cross = gram[np.ix_(outside, inside)]
    table = tableau._table
    assert np.allclose(table[np.ix_(inside, inside)], -inverse)
    assert np.allclose(table[inside, q:], inverse @ features.correlation[inside])
    assert np.allclose(table[np.ix_(outside, outside)], gram[np.ix_(outside, outside)] - cross @ inverse @ cross.T)
    assert np.allclose(
        table[outside, q:], features.correlation[outside] - cross @ inverse @ features.correlation[inside]
    )


def test_the_least_useful_feature_is_the_one_whose_loss_costs_least() -> None:
    """And the most useful one gains most: against all refits."""
    _, _, features = problem(2, with_c=True)
    inside, outside = np.arange(7), np.arange(7, 12)
    tableau = Tableau(features)
    tableau.take(inside)
    without = [features.fit(np.setdiff1d(inside, [j])).loss for j in inside]
    assert tableau.least_useful(inside, 1).tolist() == [int(np.argmin(without))]
    joined = [features.fit(np.append(inside, j)).loss for j in outside]
    assert tableau.most_useful(outside, 1).tolist() == [7 + int(np.argmin(joined))]


def test_features_cannot_be_taken_twice() -> None:
    """Taking a present feature, or dropping an absent one, would corrupt the tableau."""
    tableau = Tableau(problem(3, with_c=False)[2])
    tableau.take(np.array([1]))
    with pytest.raises(ValueError, match="absent"):
        tableau.take(np.array([1]))
    with pytest.raises(ValueError, match="absent"):
        tableau.drop(np.array([2]))


@given(st.lists(st.floats(-1e200, 1e200), min_size=1, max_size=6))
def test_readouts_on_the_grid_are_near_and_short(values: list[float]) -> None:
    """Within 2^-30 of the largest entry, and at most 31 bits."""
    column = np.array(values)[:, None]
    rounded = on_grid(column)
    largest = np.abs(column).max()
    assert (np.abs(rounded - column) <= largest * 2.0**-29).all()
    if largest > 1e-200:
        step = 2.0 ** (np.frexp(largest)[1] - 30)
        assert (rounded / step == np.rint(rounded / step)).all()


def test_an_exchange_stops_at_its_limit() -> None:
    """None as soon as a refit exceeds it; the same exchange without a limit ends with every newcomer loaded."""
    rows, data, _ = problem(4, with_c=True)
    start = TwoLayer(W=rows[:6], V=np.ones((2, 6)), c=np.zeros(2), bias=True)
    mixture = Mixture.of(start, rows[6:], Problem(data))
    done = exchange(mixture, swap=2, at_home=True)
    assert done is not None
    assert (rows[6:] == done.path.end.W).all()
    assert exchange(mixture, swap=2, at_home=True, limit=max(done.refits) * 0.999) is None
    assert exchange(mixture, swap=2, at_home=True, limit=max(done.refits)) is not None


def test_the_searchs_memory_is_predicted() -> None:
    """Above the budget it is refused before it is used."""
    rows, data, _ = problem(5, with_c=True)
    start = TwoLayer(W=rows[:6], V=np.ones((2, 6)), c=np.zeros(2), bias=True)
    with pytest.raises(InputError, match="budget"):
        exchange_module.Mixture.of(start, rows[6:], Problem(data, budget=1000))
