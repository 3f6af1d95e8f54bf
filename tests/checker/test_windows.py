"""Products of what windows see, never laid out whole; matrices shortened row by row; rounding to the nearest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checker import products
from numerics.checker.graph import Windows, take
from numerics.checker.grid import LONG, MACHINE, SHORT, Ints, down
from numerics.checker.models import Model, Slab, rounded
from numerics.checker.products import Bounds, Factor, product, radius_product
from support.graph_certificates import small_cnn
from support.graph_segments import contained

Floats = np.ndarray
ERRORS: dict[str, Callable[[Floats], Floats]] = {
    "one entry off by one": lambda true: true + (np.arange(true.size).reshape(true.shape) == 77),
    "one entry off by 2^53": lambda true: true - np.sign(true) * 2.0**53 * (np.arange(len(true)) == 5)[:, None],
    "no number": lambda true: np.where(np.arange(true.shape[1]) == 3, np.nan, true),
    "rows exchanged": lambda true: true[::-1].copy(),
    "zeros": lambda true: 0.0 * true,
}
SEEN = Windows(np.array([[-1, 0, 1], [0, 1, 2], [3, -1, -1], [5, 4, 3]]), 1, 4, 6)


def test_what_places_see_is_what_the_table_says() -> None:
    """Three of five channels, some places in the padding; sums too."""
    array = np.arange(1, 61).reshape(2, 30)
    gathered = take(array, SEEN.index).reshape(8, 9)
    assert (SEEN.of(array) == gathered).all()
    assert gathered[0].tolist() == [0, 0, 0, 7, 13, 19, 8, 14, 20]
    assert (SEEN.sums(array)[:, 0] == gathered.sum(axis=1)).all()


def words(rng: np.random.Generator, shape: tuple[int, int], bits: int) -> Ints:
    """Up to `bits` bits, a fifth of them as long as they may be, a fifth zeros."""
    top, kind = (1 << bits) - 1, rng.integers(0, 5, shape)
    return np.choose(kind, [np.full(shape, top), np.zeros(shape, int), *rng.integers(-top, top + 1, (3, *shape))])


def exactly(left: Ints, right: Ints) -> Ints:
    """In Python's integers."""
    found: Ints = left.astype(object) @ right.T.astype(object)
    return found


def factors(bits: int) -> tuple[Ints, Ints]:
    rng = np.random.default_rng(bits)
    return words(rng, (120, 30), bits), words(rng, (20, 9), bits)


@pytest.mark.parametrize("bits", [10, 23, 44])
@pytest.mark.parametrize("gathered", [1, 1 << 16])
def test_products_of_windows_are_exact(bits: int, gathered: int, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = factors(bits)
    exact = exactly(take(left, SEEN.index).reshape(-1, 9), right)
    monkeypatch.setattr(products, "_GATHERED", gathered)
    shift = max(0, 2 * bits - 56)
    assert (product(left, Factor(right), shift, SEEN) == down(exact, shift)).all()
    assert (product(left.astype(object), Factor(right.astype(object)), shift, SEEN) == down(exact, shift)).all()
    sizes, above = np.abs(right), radius_product(np.abs(left), Bounds.above(np.abs(right)), 2 * bits - 20, SEEN)
    true = exactly(take(np.abs(left), SEEN.index).reshape(-1, 9), sizes)
    assert (above.astype(object) * 2 ** (2 * bits - 20) >= true).all()


@pytest.mark.parametrize("error", ERRORS)
def test_a_library_that_errs_is_not_believed_about_windows(monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    left, right = factors(23)
    exact = exactly(take(left, SEEN.index).reshape(-1, 9), right)
    true = products._float_product
    monkeypatch.setattr(products, "_float_product", lambda *of: ERRORS[error](true(*of)))
    assert (product(left, Factor(right), 0, SEEN) == exact).all()
    # The answer is believed where the two sides of the comparison are taken for equal.
    monkeypatch.setattr(np, "array_equal", lambda *of: True)
    monkeypatch.setattr(products, "_bounded", lambda found: True)
    assert (product(left, Factor(right), 0, SEEN) != exact).any()


@pytest.mark.parametrize("grid", [SHORT, MACHINE, LONG])
def test_models_of_windows_contain_every_output(grid: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small network whose windows are multiplied without being laid out, of weights that no grid holds exactly."""
    monkeypatch.setattr(products, "_SMALL", 0)
    forge = uneven()
    first, last = Fraction(1, 3), Fraction(3, 7)
    assert contained(forge, grid, first, last, [first, last, Fraction(2, 5)])


def uneven() -> Any:
    """A segment between floats of all digits."""
    rng, forge = np.random.default_rng(5), small_cnn()
    start = {name: np.asarray(array) * rng.normal(size=np.shape(array)) for name, array in forge.start.items()}
    moves = {name: ("all", array + rng.normal(size=array.shape) / 8) for name, array in start.items()}
    return replace(forge, start=start, segments=[("general", moves)])


@st.composite
def slabs(draw: st.DrawFn) -> Slab:
    """Rows of sizes far apart, some of them short or zero."""
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    bits = rng.integers(0, 46, (4, 1))
    mid, slope, bend = ((rng.integers(-(1 << 45), 1 << 45, (4, 3)) >> 45 - bits) for _ in range(3))
    inexact = rng.integers(0, 3, 4)
    count = draw(st.integers(1, 3))
    live = (mid != 0) | (slope != 0) | (bend != 0) | (inexact != 0)[:, None]
    return Slab(mid, slope if count > 1 else None, inexact, live, -7, bend if count > 2 else None)


def misses(slab: Slab, short: Slab) -> int:
    """How many entries, anywhere in the piece, the shortened matrix may be further off than it says."""
    assert short.finer is not None
    assert max(map(products.largest_of, (short.mid, *short.rates))) <= 1 << SHORT.bits
    found = 0
    for row in range(len(slab.mid)):
        unit = Fraction(2) ** (short.exponent - int(short.finer[row]))
        for column in range(slab.mid.shape[1]):
            pairs = [(slab.mid, short.mid), *zip(slab.rates, short.rates, strict=True)]
            off = sum(
                abs(int(long[row, column]) * Fraction(2) ** slab.exponent - int(brief[row, column]) * unit)
                for long, brief in pairs
            )
            allowed = Fraction(int(short.inexact[row]), 1 << short.parts) * unit
            found += off + int(slab.inexact[row]) * Fraction(2) ** slab.exponent > allowed
    return found


@settings(max_examples=60)
@given(slabs())
def test_a_shortened_matrix_is_off_by_no_more_than_it_says(slab: Slab) -> None:
    assert misses(slab, slab.shortened()) == 0


def outside(model: Model, slab: Slab, found: Model) -> int:
    """How many entries of the product, at some of sigma and at both ends of the radius, `found` does not hold."""
    unit, scale = Fraction(2) ** found.exponent, Fraction(2) ** (model.exponent + slab.exponent)
    count = 0
    for sigma in (Fraction(-1), Fraction(-1, 3), Fraction(0), Fraction(1)):
        powers = (Fraction(1), sigma, sigma * sigma)
        matrix = sum(part.astype(object) * power for part, power in zip((slab.mid, *slab.rates), powers, strict=False))
        middle = model.mid.astype(object) + model.slope.astype(object) * sigma
        for end in (-1, 1):
            true = (middle + end * model.radius.astype(object)) @ matrix.T * scale
            centre = (found.mid.astype(object) + found.slope.astype(object) * sigma) * unit
            count += int((abs(true - centre) > found.radius.astype(object) * unit).sum())
    return count


@settings(max_examples=60)
@given(slabs(), st.integers(0, 2**20), st.integers(1, 12))
def test_products_with_a_shortened_matrix_hold_those_with_the_long_one(slab: Slab, seed: int, bits: int) -> None:
    """Also where the product itself needs no shift, and rows are brought to the units of the longest."""
    rng = np.random.default_rng(seed)
    mid, slope = (rng.integers(-(1 << bits), 1 << bits, (5, 3)) for _ in range(2))
    slope *= seed % 2
    model = Model(SHORT, mid, slope, rng.integers(0, 1 + seed % 3, (5, 3)), 2)
    assert outside(model, slab, model.times(slab.shortened())) == 0


def test_a_short_row_beside_a_long_one_is_cut_off_by_what_is_said() -> None:
    """(1, 1) times (2^30 + 1, 5) needs no shift; times (3, 0), in the same units, it is 3 / 256, not exactly 0."""
    rows, mid = np.array([[2**30 + 1, 5], [3, 0]]), np.ones((1, 2), dtype=np.int64)
    model, slab = Model(SHORT, mid, 0 * mid, 0 * mid, 0), Slab(rows, None, np.zeros(2, dtype=np.int64), rows != 0, 0)
    found = model.times(slab.shortened())
    assert outside(model, slab, found) == 0
    assert outside(model, slab, replace(found, radius=0 * found.radius)) > 0


def test_its_size_is_one() -> None:
    """At least |mid| + |slope| + what it is off by, in units of the longest row."""
    mid = np.array([[1 << 44, 5], [1 << 30, 3]])
    slab = Slab(mid, None, np.array([1, 1]), mid != 0, 0).shortened()
    size = slab.size.factor.entries.astype(object) << slab.size.spare + slab.exponent
    assert (size >= mid + 1).all()


def test_half_a_unit_that_is_forgotten_shows() -> None:
    rng = np.random.default_rng(2)
    mid = rng.integers(-(1 << 45), 1 << 45, (4, 3))
    slab = Slab(mid, mid[::-1].copy(), np.zeros(4, dtype=np.int64), mid != 0, 0)
    short = slab.shortened()
    assert misses(slab, short) == 0
    assert misses(slab, replace(short, inexact=short.inexact - (1 << short.parts - 1))) > 0
    assert misses(slab, replace(short, exponent=short.exponent + 1)) > 0


def lost(of: Callable[..., Any]) -> int:
    """How many roundings to the nearest lose more than their radius says."""
    found = 0
    for kind in (np.int64, object):
        for shift in (1, 2, 5, 62, 70):
            mid = np.array([[0, 1, -1, 7, -8, 15, 1 << 44, -(1 << 44) - 1]]).astype(kind)
            slope, radius = mid[:, ::-1], abs(mid[:, ::2]).repeat(2, axis=1)
            values = of(mid, slope, radius, shift)
            for k in range(8):
                near, steep, wide = (int(part[0, k]) << shift for part in values)
                off = abs(int(mid[0, k]) - near) + abs(int(slope[0, k]) - steep) + int(radius[0, k])
                found += off > wide
    return found


def test_what_is_rounded_to_the_nearest_is_in_the_radius() -> None:
    assert lost(rounded) == 0
    assert lost(lambda mid, slope, radius, shift: (*rounded(mid, slope, radius, shift)[:2], down(radius, shift))) > 0
    zeros = np.zeros((1, 3), dtype=np.int64)
    assert not any(part.any() for part in rounded(zeros, zeros, zeros, 4))
