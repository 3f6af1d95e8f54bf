"""Sharpest witnesses: exact ratios, re-evaluated by other arithmetic, and searches that find nothing better."""

import math
import random
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import pytest
from sympy import Integer, Rational, sqrt

from theory import packings, sharpness
from theory.catalogue import CATALOGUE
from theory.exact import lower, strictly_below, upper
from theory.proof import Verdict
from theory.statements import merging

F = Fraction
RATIOS = {
    **dict.fromkeys(("L1c", "L2", "L2-symmetric", "L3", "L5-pentagon", "L5-tetrahedron", "L6", "L8"), 1),
    **dict.fromkeys(("T1", "C1", "R0", "R4", "R4-output"), 1),
    "L2-Gaussian": sqrt(2) / 2,
    "L5-octahedron": Rational(6, 7),
    "L5-24-cell": Rational(8, 13),
    "L8-cross-entropy": Rational(999, 1000),
    "C1+": Rational(400, 401),
    "R7": Rational(999, 1000),
}


@pytest.mark.parametrize("name", CATALOGUE.witnesses)
def test_no_witness_exceeds_its_bound_and_the_ratios_are_these(name):
    found = CATALOGUE.witnesses[name]()
    assert found.holds
    assert CATALOGUE.runners[f"sharpness.{name}"]().verdict is Verdict.PROVED
    if name in RATIOS:
        assert found.ratio == RATIOS[name]
        assert found.attained == (RATIOS[name] == 1)
    else:
        assert F(48, 100) < lower(found.ratio) < upper(found.ratio) < F(1, 2)


def test_a_constant_that_the_witness_breaks_is_refuted():
    """The prover behind `sharpness.*` on R4 with a constant 1% too small."""
    honest = CATALOGUE.witnesses["R4"]()
    assert replace(honest, bound=honest.bound * Rational(99, 100)).holds is False
    result = sharpness.kept(lambda: replace(honest, bound=honest.bound * Rational(99, 100)))
    assert result.verdict is Verdict.REFUTED
    assert result.witness["actual"] == F(201, 202) > F(99, 100) * F(201, 202)


def test_case_3_by_hand():
    """D^2 = 8, the path's loss 8, and with y = (4, 5) an excess of 12."""
    assert sharpness.perturbation().actual ** 2 == sharpness.perturbation().bound ** 2 == 8
    assert sharpness.path_level().actual == 8
    assert sharpness.path_excess().actual == 12


def test_pairing_by_hand():
    """Two masses of 1 move the output by 2; S = 1000, so the bound is 2000/999."""
    found = sharpness.paired()
    assert (found.actual, found.bound) == (2, Rational(2000, 999))


@pytest.mark.parametrize(("dimension", "least"), [(1, "0.11"), (10, "0.37"), (30, "0.45"), (100, "0.48")])
def test_the_pigeonhole_ratio_rises_towards_one_half(dimension, least):
    ratio = sharpness.cross_polytope("R1", dimension).ratio
    assert not strictly_below(ratio, Rational(least))
    assert strictly_below(ratio, Rational(1, 2))


def least_deviation(rows, masses, few):
    """min over J and centres of sum_J s_j sin, by trying everything, in float64 (a search proves nothing)."""

    def sine(x, y):
        inner = sum(a * b for a, b in zip(x, y, strict=True))
        cosine = inner / math.sqrt(sum(a * a for a in x) * sum(b * b for b in y))
        return 1.0 if cosine <= 0 else math.sqrt(max(0.0, 1 - cosine**2))

    every = range(len(rows))
    return min(
        sum(masses[j] * min(sine(rows[j], rows[i]) for i in every if i not in dead) for j in dead)
        for dead in combinations(every, few)
    )


@pytest.mark.parametrize("route", ["R1", "R2", "R3", "R4"])
@pytest.mark.parametrize("dimension", [1, 2])
def test_a_search_over_directions_and_masses_finds_nothing_beyond_the_cross_polytope(route, dimension):
    """300 drawn systems of up to 2(d+1) rows: no ratio of the least D(J) to the bound is above the kept one."""
    kept = max(
        float(lower(Integer(few) / width / _bound(route, width, few, dimension)))
        for width in [2 * (dimension + 1)]
        for few in range(1, width)
    )
    drawn = random.Random(20061117)
    for _ in range(300):
        width = drawn.randint(2, 2 * (dimension + 1))
        few = drawn.randint(1, width - 1)
        rows = [[drawn.gauss(0, 1) for _ in range(dimension + 1)] for _ in range(width)]
        masses = [drawn.random() + 0.01 for _ in range(width)]
        ratio = least_deviation(rows, masses, few) / sum(masses) / float(_bound(route, width, few, dimension))
        assert ratio <= kept * (1 + 1e-9)  # float64 sums of at most six terms


def _bound(route, width, few, dimension):
    sizes = {"neurons": few, "dimension": dimension}
    if route == "R3":
        centres = merging.best_centres(width, **sizes)
        return merging.centres_bound(sigma=1, mass=1, width=width, centres=centres, **sizes)
    return merging.bound(route, sigma=1, mass=1, width=width, **sizes)


def test_a_spread_that_is_too_small_is_refused():
    with pytest.raises(ArithmeticError, match="below sigma"):
        sharpness._spread(((1, 0), (0, 1)), F(49, 100))


def test_directions_that_are_too_close_are_refused():
    with pytest.raises(ArithmeticError, match="not more than"):
        sharpness.packed(packings.polygon(4), F(8, 5))
