"""Models of one layer, by brute force: at every time of the piece and at every error allowed the truth is inside."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq

from numerics.checker.corner import Ray, descent, relu_rate
from numerics.checker.grid import LONG, MACHINE, SHORT, Grid
from numerics.checker.image_models import largest, mean
from numerics.checker.models import Model, Slab, fitted

GRIDS = pytest.mark.parametrize("grid", [SHORT, MACHINE, LONG], ids=["short", "machine", "long"])
TIMES = [Fraction(k, 4) for k in range(-4, 5)]
"""Where t stands in its piece."""


def row(grid: Grid, *values: int) -> np.ndarray:
    return np.array([values], dtype=grid.dtype)


def model(grid: Grid, mid: int, slope: int, radius: int, exponent: int = 0) -> Model:
    return Model(grid, row(grid, mid), row(grid, slope), row(grid, radius), exponent)


def slab(grid: Grid, mid: int, slope: int | None, inexact: int) -> Slab:
    moving = None if slope is None else row(grid, slope)
    live = np.array([[bool(mid or slope or inexact)]])
    return Slab(row(grid, mid), moving, np.array([inexact], dtype=grid.dtype), live, 0)


def bounds(found: Model, unit: int, sigma: Fraction) -> tuple[Fraction, Fraction]:
    """What the model says of a unit at a time."""
    scale = Fraction(2) ** found.exponent
    mid, slope, radius = (int(part[0, unit]) for part in (found.mid, found.slope, found.radius))
    centre = mid + sigma * slope
    return (centre - radius) * scale, (centre + radius) * scale


@GRIDS
def test_a_rectified_model_holds_every_rectified_number(grid: Grid) -> None:
    """All small models at once: chords with their roundings, signs that are fixed by one unit or open by one."""
    cases = [(mid, slope, radius) for mid in range(-13, 14) for slope in range(-13, 14) for radius in range(4)]
    mids, slopes, radii = (np.array([column], dtype=grid.dtype) for column in zip(*cases, strict=True))
    found = Model(grid, mids, slopes, radii, 0).relu()
    for sigma in TIMES:
        for unit, (mid, slope, radius) in enumerate(cases):
            low, high = bounds(found, unit, sigma)
            x = mid + sigma * slope
            assert low <= max(x - radius, 0), (mid, slope, radius, sigma)
            assert max(x + radius, 0) <= high, (mid, slope, radius, sigma)


@GRIDS
def test_a_model_whose_sign_is_fixed_is_itself_or_zero(grid: Grid) -> None:
    """Nothing is lost at a sign that touches 0; beyond it the chord is wider than that."""
    for mid, slope, radius in ((5, 3, 2), (5, -3, 2), (7, 0, 7)):
        kept = model(grid, mid, slope, radius).relu()
        assert (kept.mid, kept.slope, kept.radius) == (mid, slope, radius)
        gone = model(grid, -mid, slope, radius).relu()
        assert (gone.mid, gone.slope, gone.radius) == (0, 0, 0)


@GRIDS
@pytest.mark.parametrize(("mid", "slope", "inexact"), [(3, 2, 1), (-3, 2, 1), (3, None, 1), (0, 5, 0), (7, -7, 1)])
@pytest.mark.parametrize(("own", "moves", "radius"), [(0, 0, 1000), (11, 0, 1000), (-11, 5, 1000), (11, 5, 0)])
def test_a_product_holds_every_product(
    grid: Grid, mid: int, slope: int | None, inexact: int, own: int, moves: int, radius: int
) -> None:
    """Of a number within its radius and a weight within what it is off by, both at the same time of the piece."""
    found = model(grid, own, moves, radius).times(slab(grid, mid, slope, inexact))
    for sigma in TIMES:
        low, high = bounds(found, 0, sigma)
        for number in (own + sigma * moves - radius, own + sigma * moves + radius):
            for weight in (mid + sigma * (slope or 0) - inexact, mid + sigma * (slope or 0) + inexact):
                assert low <= number * weight <= high


@GRIDS
def test_a_long_radius_times_a_long_weight_is_cut_to_fit(grid: Grid) -> None:
    """What is long beside a middle of 0 is the radius: it counts for the bits of the product too."""
    radius, weight = (1 << 44) + 1, (1 << 44) + 3
    found = model(grid, 0, 0, radius).times(slab(grid, weight, None, 0))
    low, high = bounds(found, 0, Fraction(0))
    assert low <= -radius * weight
    assert radius * weight <= high <= 2 * radius * weight
    assert found.bits <= grid.bits


def test_what_is_an_exact_zero_stays_one() -> None:
    """A unit that reads only zeros is touched by no rounding; one that reads more is."""
    numbers = Model(MACHINE, row(MACHINE, 5, 0, 7), row(MACHINE, 0, 0, 0), row(MACHINE, 1, 0, 1), 0)
    live = np.array([[False, True, False], [True, False, False], [True, True, True]])
    weights = Slab(live.astype(np.int64), None, np.zeros(3, dtype=np.int64), live, 0)
    assert numbers._touched(weights, np.array([[12]]), None).tolist() == [[0, 1, 1]]
    everything = Slab(np.ones((2, 3), dtype=np.int64), None, np.zeros(2, dtype=np.int64), np.ones((2, 3), bool), 0)
    assert numbers._touched(everything, np.array([[12]]), None).tolist() == [[1, 1]]
    half = Slab(live[:2].astype(np.int64), None, np.zeros(2, dtype=np.int64), live[:2], 0)
    full = Model(MACHINE, row(MACHINE, 5, 3, 7), row(MACHINE, 0, 0, 0), row(MACHINE, 1, 1, 1), 0)
    assert full._touched(half, np.array([[8]]), None).tolist() == [[1, 1]]


@pytest.mark.parametrize(("shift", "lost"), [(0, 0), (1, 2), (7, 2)])
def test_what_products_lose_is_counted_from_the_first_bit_on(shift: int, lost: int) -> None:
    """Of the smallest numbers that there are, too; nothing of zeros."""
    weights = Slab(np.ones((1, 2), dtype=np.int64), None, np.zeros(1, dtype=np.int64), np.ones((1, 2), bool), 0)
    for numbers in (row(MACHINE, 1, 0), row(MACHINE, 0, -1)):
        assert Model(MACHINE, numbers, 0 * numbers, 0 * numbers, 0)._lost(weights, shift, 2, None).tolist() == [[lost]]
        assert Model(MACHINE, 0 * numbers, numbers, 0 * numbers, 0)._lost(weights, shift, 2, None).tolist() == [[lost]]
        assert Model(MACHINE, 0 * numbers, 0 * numbers, abs(numbers), 0)._lost(weights, shift, 2, None) == lost
    assert Model(MACHINE, row(MACHINE, 0, 0), row(MACHINE, 0, 0), row(MACHINE, 0, 0), 0)._lost(weights, 1, 2, None) == 0


def test_a_mean_that_leaves_a_remainder_says_so() -> None:
    """A third of a number too small for its own bit, beside a large one: 0 and one of radius; nothing of zeros."""
    sums = np.array([[1, 0, 0], [1 << 44, 1, 0], [0, 0, 0]])
    nothing = np.zeros_like(sums)
    found = mean(Model(MACHINE, sums, sums, nothing, 0), np.array([3]))
    for k, third in enumerate((Fraction(1, 3), Fraction((1 << 44) + 1, 3), Fraction(0))):
        unit = Fraction(2) ** found.exponent
        off = abs(int(found.mid[k, 0]) * unit - third) + abs(int(found.slope[k, 0]) * unit - third)
        assert off <= int(found.radius[k, 0]) * unit
    assert found.radius[2, 0] == 0
    assert found.radius[0, 0] > 0


@pytest.mark.parametrize("count", range(1, 11))
def test_the_largest_of_any_number_of_entries(count: int) -> None:
    """Of numbers that stand still it is exact, whatever halves are left over."""
    entries = np.random.default_rng(count).permutation(100)[: 3 * count].reshape(3, count)
    nothing = np.zeros_like(entries)
    found = largest(Model(MACHINE, entries, nothing, nothing, 0))
    assert found.mid[:, 0].tolist() == entries.max(axis=1).tolist()
    assert not found.radius.any()


@GRIDS
def test_a_fitted_model_has_no_more_bits_than_its_grid(grid: Grid) -> None:
    """Also where rounding the radius up carries into one bit more."""
    radius = (1 << (grid.bits + 1)) - 1
    found = fitted(grid, row(grid, 1), row(grid, 0), row(grid, radius), 0)
    assert found.bits <= grid.bits
    assert bounds(found, 0, Fraction(0))[1] >= 1 + radius


def test_the_rate_of_a_rectified_line_is_no_wider_than_it_must_be() -> None:
    """Itself where the line stays on or above 0, nothing where it stays below, [d]_+ at an exact 0, else the hull."""
    cases = {  # (low and high over the piece, whether h(0) is exactly 0, low and high of d) -> low and high of the rate
        ((0, 4), False, (2, 6)): (2, 6),
        ((-2, 4), False, (2, 6)): (0, 6),
        ((-2, 4), False, (-6, -2)): (-6, 0),
        ((-2, 4), False, (-6, 2)): (-6, 2),
        ((-4, 0), False, (2, 6)): (0, 0),
        ((-4, 2), False, (2, 6)): (0, 6),
        ((-4, 2), True, (2, 6)): (2, 6),
        ((-4, 2), True, (-6, -2)): (0, 0),
    }
    middles, radii = _intervals([whole for whole, _, _ in cases])
    bases = np.array([[0 if zero else 1 for _, zero, _ in cases]])
    rates, spreads = _intervals([rate for _, _, rate in cases])
    none = np.zeros_like(middles)
    base, whole = Model(MACHINE, bases, none, none, 0), Model(MACHINE, middles, none, radii, 0)
    found = relu_rate(Ray(base, whole, Model(MACHINE, rates, none, spreads, 0)))
    assert found.exponent == 0
    assert list(zip(*(end[0].tolist() for end in found.ends), strict=True)) == list(cases.values())


def _intervals(ends: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Middles and radii."""
    return np.array([[(low + high) // 2 for low, high in ends]]), np.array([[(high - low) // 2 for low, high in ends]])


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_line_that_leaves_its_sign_by_one_unit_is_open(sign: int) -> None:
    """[-1, 3] is not positive and [-3, 1] is not negative."""
    base, rate = model(MACHINE, sign, 0, 0), model(MACHINE, 4, 0, 2)
    found = relu_rate(Ray(base, Model(MACHINE, row(MACHINE, sign), row(MACHINE, 0), row(MACHINE, 2), 0), rate))
    assert tuple(int(end[0, 0]) for end in found.ends) == (0, 6)


@pytest.mark.parametrize("exponents", [(0, 0), (-3, -2), (5, -1)])
def test_descent_is_the_sum_that_it_bounds(exponents: tuple[int, int]) -> None:
    """2 e delta + t delta^2 with everything exact, its part in sigma apart, in the units of both models."""
    base, rate = model(MACHINE, 3, 0, 0, exponents[0]), model(MACHINE, -2, 5, 0, exponents[1])
    most, lean = descent(base, rate, fmpq(0))
    unit = Fraction(2) ** sum(exponents)
    assert Fraction(int(lean.p), int(lean.q)) == 2 * 3 * 5 * unit
    assert Fraction(int(most.p), int(most.q)) == 2 * 3 * -2 * unit
