"""T8 and T10: their evaluators by hand, what they refuse, and T8c's path by balls."""

from fractions import Fraction
from itertools import pairwise

import pytest
import sympy
from sympy import Rational

from theory.exact import enclosure, strictly_below
from theory.statements import clusters, sharp_valleys
from theory.symbols import t

F = Fraction
PAIR = ([(1, -1), (-1, 1)], [2, 1], [(2, 1), (3, 1), (1, 2), (1, 3)])
"""Two neurons, slopes 2 and 1, four points: each neuron sees two, its plane fits them."""


def test_T10_by_hand():
    """G_1 = ((13, 5), (5, 2))/4, inverse ((8, -20), (-20, 52)); u.x = 2 and 4 at own points, -2 and -4 at others."""
    rows, slopes, points = PAIR
    found = clusters.valley_depth(rows, slopes, points, [2, 4, 1, 2])
    assert found.loss == 0
    inverse = [[8, -20], [-20, 52]]
    prices = []
    for x in points:
        square = sum(x[i] * inverse[i][j] * x[j] for i in range(2) for j in range(2))
        prices.append(F((2 * (x[0] - x[1])) ** 2, square))
    assert prices[:2] == [1, 4]
    assert found.price <= min(prices)
    assert found.price == min(*prices, *[p / 4 for p in prices])  # neuron 2 is the mirror image with slope 1


@pytest.mark.parametrize(
    ("rows", "slopes", "points", "targets", "message"),
    [
        ([(1, -1), (1, -1)], [1, 1], [(2, 1)], [1], "one neuron a point"),
        ([(1, -1)], [1], [(1, 1)], [1], "strict signs"),
        ([(1, -1)], [1], [(2, 1), (4, 2)], [1, 2], "span"),
        ([(1, -1)], [1], [(2, 1), (3, 1)], [1, 3], "least-squares"),
    ],
)
def test_T10_refuses_what_is_no_such_valley(rows, slopes, points, targets, message):
    with pytest.raises(ValueError, match=message):
        clusters.valley_depth(rows, slopes, points, targets)


@pytest.mark.parametrize("width", range(1, 9))
def test_the_parabola_is_T10s_at_every_width(width):
    family = clusters.parabola(width, F(1, 3))
    found = clusters.valley_depth(family.rows, [1] * width, family.points, family.targets)
    assert found.loss == F(1, 9)
    assert found.price == (family.depth if width > 1 else F(1, 12))
    assert found.price >= family.depth


@pytest.mark.parametrize(("width", "time"), [(1, F(0)), (2, F(-1, 100)), (2, F(1, 30))])
def test_the_path_of_the_parabola_has_its_times(width, time):
    with pytest.raises(ValueError, match="T10P's path needs"):
        clusters.parabola_loss(width, time)


@pytest.mark.parametrize(("width", "target"), [(0, 2), (2, 1)])
def test_T8b_refuses_what_is_no_valley(width, target):
    with pytest.raises(ValueError, match="T8b needs"):
        sharp_valleys.sharp_valley(width, target)


def test_T8c_refuses_too_few_dimensions():
    with pytest.raises(ValueError, match="D >= max"):
        sharp_valleys.simplex_depth(width=4, dimension=2, target=1, weight=F(1, 2))
    with pytest.raises(ValueError, match="0 < q < 1"):
        sharp_valleys.simplex_depth(width=2, dimension=2, target=1, weight=1)


@pytest.mark.parametrize("width", [3, 4, 6])
def test_T8cs_depth_is_its_ratio_of_C7(width):
    """sigma^2 = 1 - q = 2/3, a = 2, D = m."""
    sizes = {"width": width, "dimension": width, "target": 2}
    depth = sharp_valleys.simplex_depth(weight=F(1, 3), **sizes)
    bound = Rational(2, 3) * (sharp_valleys.simplex_mass(**sizes) / width) ** 2
    assert abs(enclosure(depth - sharp_valleys.ratio(width) * bound)) < Rational(1, 10**30)
    assert strictly_below(depth, bound)


@pytest.mark.parametrize("width", [3, 4, 7, 12])
def test_the_energy_falls_along_the_path(width):
    """Step 2 of T8c's proof at 20 shares, from e_{m-1} to e_m; what is between them is not seen."""

    def k(cosine):
        return sharp_valleys.KERNEL.subs(t, cosine)

    def energy(eps):
        r = eps / (1 - eps)
        each = (1 - eps) / (width - 1)
        rho = r**2 - (1 - r**2) / (width - 2)
        own = eps**2 / 2 + (width - 1) * each**2 / 2
        return own + 2 * eps * (1 - eps) * k(-r) + (width - 1) * (width - 2) * each**2 * k(rho)

    values = [energy(Rational(step, 20 * width)) for step in range(21)]
    assert all(strictly_below(b, a) for a, b in pairwise(values))
    assert sympy.simplify(values[0] - sharp_valleys.least_energy(width - 1)) == 0
    assert abs(enclosure(values[-1] - sharp_valleys.least_energy(width))) < Rational(1, 10**30)
