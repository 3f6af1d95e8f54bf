"""L2: how far two features are apart on data, against sigma, the symmetric factor and the quadratic form."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy
from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.checks.states import mean_square
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.moves.mass import sigma_squared
from numerics.moves.rank import features
from numerics.networks.arrays import Array
from numerics.networks.forward import with_ones
from numerics.networks.readers import exact_array
from numerics.testing import matrices
from theory.catalogue import STATEMENTS
from theory.exact import upper
from theory.statements import moment


@dataclass(frozen=True, eq=False)
class Pair(Shown):
    """Rows a and b (2, D) on points (N, n)."""

    rows: Array
    data: Data
    bias: bool


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Up to four points in up to three dimensions; every other law without a bias is symmetric."""
    n, N, bias, dense = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.booleans()), draw(st.booleans())
    X = draw(matrices(N, n, dense=dense))
    if draw(st.booleans()):
        X = np.vstack([X, -X])
    return Pair(draw(matrices(2, n + bias, dense=dense)), Data(X, np.zeros((len(X), 1))), bias)


def within(problem: Pair) -> Outcome:
    """The bound with sigma, with the factor 1/sqrt 2 where the law allows it, and the quadratic form beside."""
    seen, W = exact_array(with_ones(problem.data.X, problem.bias)), exact_array(problem.rows)
    z = features(W, seen)
    measured = mean_square(z[:, :1] - z[:, 1:])
    gap, points = (W[0] - W[1]).tolist(), exact_array(problem.data.X).tolist()
    law = moment.second_moment(points, first_layer_bias=problem.bias)
    sigma = root_up(sigma_squared(problem.data, bias=problem.bias).upper)
    distance = sympy.sqrt(sympy.Rational(sum((x * x for x in gap), Fraction(0))))
    bound = moment.distance_bound(sigma, distance)
    if moment.is_symmetric(points, first_layer_bias=problem.bias):
        bound = moment.symmetric_bound(sigma, distance, points, first_layer_bias=problem.bias)
    sharper = measured <= moment.quadratic_form(gap, law) and moment.is_sigma(sigma, law)
    facts = Facts(active=bool(((z[:, 0] > 0) != (z[:, 1] > 0)).any()))
    numbers = {f"a_{k}": x for k, x in enumerate(W[0].tolist())} | {f"b_{k}": x for k, x in enumerate(W[1].tolist())}
    witness = Witness(data=problem.data, numbers=numbers)
    return bounded(measured, upper(sympy.expand(bound**2)), facts, squares=True, besides=sharper, witness=witness)


CLAIM = (
    "||[a.X]_+ - [b.X]_+|| <= sigma ||a - b|| on every finite data set, sigma the upper bound that the certificates "
    "use; at most sigma ||a - b||/sqrt 2 if the law of what the first layer sees is symmetric; and at most the "
    "quadratic form ||(a - b).X||."
)

CHECKS = (about(STATEMENTS["L2"], pairs(), within, claim=CLAIM, tight=True),)
