"""Constants: 50-digit values of mpmath, an independent witness, lie between the exact ends; the widths are least."""

import re
from fractions import Fraction

import mpmath
import pytest
import sympy

from theory import constants, orders
from theory.statements import merging_order, rates
from theory.symbols import d

F = Fraction
FOUND = constants.constants()


def kappa(size):
    return mpmath.gamma((size + 1) / mpmath.mpf(2)) / (
        size * mpmath.sqrt(mpmath.pi) * mpmath.gamma(size / mpmath.mpf(2))
    )


def cap(size, angle):
    """mu_d by integrating the density of the polar angle: another way than the incomplete beta function."""
    return size * kappa(size) * mpmath.quad(lambda x: mpmath.sin(x) ** (size - 1), [0, angle])


def bound(route):
    root = mpmath.sqrt  # d = 2
    closed = {
        "R1": 2 * root(11 / (kappa(2) * 1000)),
        "R2": 2 * root(1 / (kappa(2) * 991)),
        "R3": 2 * mpmath.mpf(10) / (1000 * mpmath.mpf(2) / 3) * root(3 / (kappa(2) * 1000)),
        "R4": mpmath.mpf(1) / 100,
        "R7": 2 * root(10) / 981,
    }
    return closed[route]


def witness(one):
    """The same constant by mpmath, from its name alone."""
    name = one.name
    if found := re.fullmatch(r"kappa_(\d+)", name):
        return kappa(int(found[1]))
    if found := re.fullmatch(r"mu_(\d)\(pi/4\)", name):
        return cap(int(found[1]), mpmath.pi / 4)
    if found := re.fullmatch(r"N_(\d)\((.*)\)", name):
        angle = sympy.sympify(found[2])
        measure = cap(int(found[1]), mpmath.mpmathify(sympy.N(angle, 60)) / 2)
        return mpmath.floor(1 / measure + mpmath.mpf(10) ** -40)  # 1/mu is an integer in some of them
    if name.startswith("G, "):
        return mpmath.sqrt(2) if name in ("G, multi-hinge", "G, cross-entropy") else mpmath.mpf(1)
    if found := re.match(r"D of (R\d) ", name):
        return bound(found[1])
    if found := re.fullmatch(r"nu at d = (\d+)", name):
        return 1 / mpmath.mpf(int(found[1]) + 1)
    best = {"R1": mpmath.mpf(2) / 12, "R3": mpmath.mpf(22) / 30, "R4": mpmath.mpf(2) / 3}
    return best[re.fullmatch(r"eta of (R\d) at d = 10", name)[1]]


def as_fraction(value):
    sign, mantissa, exponent, _ = value._mpf_
    return (-1) ** sign * F(int(mantissa)) * F(2) ** exponent


@pytest.mark.parametrize("one", FOUND, ids=lambda one: one.name)
def test_fifty_digits_of_mpmath_lie_between_the_ends(one):
    """mpmath's own rounding is below 10^-48 of values up to 34; it proves nothing, it agrees."""
    with mpmath.workdps(52):
        value = as_fraction(mpmath.mpf(witness(one)))
    slack = F(1, 10**48)
    assert one.lower - slack <= value <= one.upper + slack
    assert one.upper - one.lower < F(1, 10**30)


def test_a_kappa_one_percent_off_is_outside():
    """The planted twin of the test above."""
    with mpmath.workdps(52):
        wrong = as_fraction(kappa(3) * mpmath.mpf("0.99"))
    (one,) = [one for one in FOUND if one.name == "kappa_3"]
    assert not one.lower - F(1, 10**48) <= wrong


def test_the_best_share_of_centres_is_derived():
    assert merging_order.optimal_share() == 1 / (d + 1)


def test_where_exponents_cross():
    found = {(c.below, c.above): (c.eta, c.start) for c in orders.crossovers()}
    assert {
        pair: (sympy.simplify(at - want), start)
        for (pair, (at, start)), want in zip(found.items(), [(d - 1) / d, 2 / d], strict=True)
    } == {
        ("R4", "R2"): (0, 2),
        ("R3", "R7"): (0, 3),
    }


def test_at_a_crossover_the_exponents_are_equal_and_beside_it_as_said():
    for one in orders.crossovers():
        low, high = (rates.deviation_exponent(route) for route in (one.below, one.above))
        at = one.eta.subs(d, one.start)
        eta = next(iter(low.free_symbols - {d} | high.free_symbols - {d}))
        for value, sign in ((at, 0), (at / 2, -1), ((at + 1) / 2, 1)):
            gap = (low - high).subs({d: one.start, eta: value})
            assert sympy.sign(gap) == sign


def test_every_width_of_the_table_is_mpmaths_to_400_digits():
    """R1, R2, R4, R7 by their closed forms (Lambda > 0), R3 as enough and one neuron less as not: n = 1..100."""
    table = constants.width_table()
    assert [row["n"] for row in table] == list(range(1, 101))
    with mpmath.workdps(400):
        few = 10
        delta = mpmath.sqrt(mpmath.mpf(11) / 1000) - mpmath.mpf(1) / 10
        for row in table:
            size, over = row["n"], kappa(row["n"])
            power = (2 / delta) ** size / over
            assert row["R1"] == mpmath.ceil((few + 1) * power)
            assert row["R2"] == mpmath.ceil(few - 1 + power)
            assert row["R4"] == mpmath.ceil(few / delta)
            assert row["R7"] == mpmath.ceil(2 * few - 1 + 2 * mpmath.sqrt(2 * few) / delta)
            enough, less = (packed_lightest(width, few, size, over) for width in (row["R3"], row["R3"] - 1))
            assert enough <= delta < less
            assert (row["C7"], row["C7 silent"]) == (mpmath.ceil(1 / delta), mpmath.ceil(mpmath.sqrt(1000)))


def packed_lightest(width, few, size, over):
    """R3 at sigma = S = 1 by trying the numbers of centres around the best, or with the best share."""
    root = mpmath.mpf(1) / size
    best = min(2 * mpmath.mpf(few) / (width - k) * (1 / (over * (k + 1))) ** root for k in near(width, few, size))
    share = min(mpmath.mpf(1) / (size + 1), 1 - mpmath.mpf(few) / width)
    return min(best, 2 * (few / ((1 - share) * width)) * (1 / (over * share * width)) ** root)


def near(width, few, size):
    """Numbers of centres around the peak (m+1)/(d+1) - 1, where the bound has its one minimum."""
    peak = (width + 1) // (size + 1) - 1
    return {min(max(0, peak + step), width - few) for step in range(-3, 4)}


def test_the_table_of_widths_starts_as_known_and_is_one_row_per_dimension():
    """R1 at n = 1, 2 and R4 as in `test_rates`."""
    table = constants.width_table(range(1, 3))
    assert [row["n"] for row in table] == [1, 2]
    assert [row["R1"] for row in table] == [14161, 7387808]
    assert {row["R4"] for row in table} == {2049}
    assert {(row["C7"], row["C7 silent"]) for row in table} == {(205, 32)}
