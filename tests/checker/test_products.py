"""Products of integer matrices against Python's integers, and against a library of floats that errs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checker import products
from numerics.checker.grid import MACHINE
from numerics.checker.products import Bounds, Factor, columns, product, radius_product

BITS = st.integers(1, 46)
SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5)) | st.sampled_from(
    [(1, 1, 600), (9, 8, 513), (8, 1, 512), (40, 41, 42), (7, 16, 1030)]
)
"""Rows of the left factor, of the right one, terms; some large enough for floats."""


def words(rng: np.random.Generator, shape: tuple[int, int], bits: int, *, signed: bool = True) -> np.ndarray:
    """Random machine words of up to `bits` bits, the extreme ones among them, as a view that is not contiguous."""
    top = (1 << bits) - 1
    entries = rng.integers(-top if signed else 0, top, (2 * shape[0], 3 * shape[1]), endpoint=True)
    kind = rng.integers(0, 5, entries.shape)
    extreme = np.choose(kind, [entries, np.full_like(entries, top), np.full_like(entries, -top if signed else 1), 0, 1])
    return np.where(rng.random() < 0.5, extreme, entries)[::2, ::3]


def room(*bits: int, terms: int) -> int:
    """The shift that a model would choose for a product of so many bits."""
    return max(0, sum(bits) + terms.bit_length() + 2 - MACHINE.waiting)


def exactly(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """In Python's integers."""
    found: np.ndarray = left.astype(object) @ right.T.astype(object)
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), SHAPES, BITS, BITS, st.integers(0, 3))
def test_products_are_exact_floors(seed: int, shape: tuple[int, int, int], one: int, other: int, more: int) -> None:
    """`product` is the floor of the exact product, on words of all lengths and in integers of any length."""
    rng, (rows, others, terms) = np.random.default_rng(seed), shape
    left, right = words(rng, (rows, terms), one), words(rng, (others, terms), other)
    shift = room(one, other, terms=terms) + more
    exact = exactly(left, right)
    assert (product(left, Factor(right), shift) == exact >> shift).all()
    if exact.size * terms < 1000:
        assert (product(left.astype(object), Factor(right.astype(object)), shift) == exact >> shift).all()
    sums = columns(left, Factor(right))
    assert (sum(part.astype(object) << 23 * m for m, part in enumerate(sums)) == exact).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), SHAPES, BITS, BITS)
def test_radii_are_rounded_up(seed: int, shape: tuple[int, int, int], one: int, other: int) -> None:
    """`radius_product` is at least the exact product, and not much more."""
    rng, (rows, others, terms) = np.random.default_rng(seed), shape
    left, right = words(rng, (rows, terms), one, signed=False), words(rng, (others, terms), other, signed=False)
    shift = room(one, other, terms=terms)
    exact = exactly(left, right)
    found = radius_product(left, Bounds.above(right), shift).astype(object) << shift
    assert (found >= exact).all()
    assert (found - exact <= ((terms << (one + other)) >> 19) + (1 << shift)).all()
    assert int(right.max()).bit_length() <= Bounds.above(right).bits


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("terms", [1, 2, 511, 512, 513, 1000, (1 << 14) - 1])
@pytest.mark.parametrize("rows", [1, 8])
def test_the_longest_sums_fit(sign: int, terms: int, rows: int) -> None:
    """As many terms as machine words are trusted with, every entry as large as can be."""
    for top in ((1 << 46) - 1, 1 << 45, 1 << 22):
        left, right = np.full((rows, terms), sign * top), np.full((rows, terms), top)
        shift = room(46, 46, terms=terms)
        exact = sign * top * top * terms
        assert (product(left, Factor(right), shift) == exact >> shift).all()
        if sign > 0:
            assert int(radius_product(left, Bounds.above(right), shift)[0, 0]) << shift >= exact


def test_what_is_longer_than_a_word_is_refused() -> None:
    """Neither entries nor sums leave a word silently."""
    one = np.ones((1, 1), dtype=np.int64)
    for left, right, shift in (
        (one << 40, one << 40, 0),
        (one << 62, one, 60),
        (-one << 63, one, 60),
        (np.ones((1, 1 << 14), dtype=np.int64), np.ones((1, 1 << 14), dtype=np.int64), 0),
    ):
        with pytest.raises(OverflowError):
            product(left, Factor(right), shift)
    assert product(one << 38, Factor(one << 21), 0) == 1 << 59
    assert product(-one << 40, Factor(one << 40), 21) == -1 << 59


@pytest.mark.parametrize("shape", [(1, 8, 8), (300, 40, 41)])
def test_nothing_to_add_is_nothing(shape: tuple[int, int, int]) -> None:
    """Zeros, and no terms at all."""
    rows, others, terms = shape
    zero = np.zeros((rows, terms), dtype=np.int64)
    assert not product(zero, Factor(words(np.random.default_rng(0), (others, terms), 46)), 7).any()
    none = np.zeros((rows, 0), dtype=np.int64), np.zeros((others, 0), dtype=np.int64)
    assert (product(none[0], Factor(none[1])) == np.zeros((rows, others))).all()


def large(seed: int, bits: int = 22) -> tuple[np.ndarray, np.ndarray]:
    """Factors whose product is left to floats: every sum of 512 of the largest limbs, the last one odd."""
    rng = np.random.default_rng(seed)
    left, right = np.full((32, 512), 1 << bits), np.full((32, 512), 1 << bits)
    left[1:], right[1:] = rng.integers(-(1 << bits), 1 << bits, (2, 31, 512), endpoint=True)
    return left, right


Floats = np.ndarray
ERRORS: dict[str, Callable[[Floats, np.ndarray, Floats], Floats]] = {
    "one entry off by one": lambda true, left, right: true + (np.arange(true.size).reshape(true.shape) == 77),
    "one entry off by 2^53": lambda true, left, right: true - np.sign(true) * 2.0**53 * (np.arange(len(true)) == 5),
    "no number": lambda true, left, right: np.where(np.arange(true.shape[1]) == 3, np.nan, true),
    "infinite": lambda true, left, right: np.where(np.arange(true.shape[1]) == 3, -np.inf, true),
    "single floats": lambda true, left, right: (left.astype(np.float32) @ right.T.astype(np.float32)).astype(float),
    "a term dropped": lambda true, left, right: left[:, :-1].astype(float) @ right[:, :-1].T,
    "transposed": lambda true, left, right: true.T.copy(),
    "rows exchanged": lambda true, left, right: true[::-1].copy(),
    "zeros": lambda true, left, right: 0.0 * true,
    "the same all over": lambda true, left, right: np.full_like(true, true[0, 0]),
}


def erring(error: Callable[..., Floats]) -> Callable[[np.ndarray, Floats], Floats]:
    original = products._float_product
    return lambda left, right: error(original(left, right), left, right)


@pytest.mark.parametrize("error", ERRORS)
def test_a_library_that_errs_is_not_believed(monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    """Every product is exact all the same; were the library believed it would not be."""
    left, right = large(3)
    exact = exactly(left, right)
    monkeypatch.setattr(products, "_float_product", erring(ERRORS[error]))
    assert (product(left, Factor(right)) == exact).all()
    monkeypatch.setattr(products, "_agree", lambda *of: True)
    assert (product(left, Factor(right)) != exact).any()


def test_a_library_that_does_not_err_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the edge of 2^53 too: nothing is computed a second time in words."""

    def slowly(*of: Any) -> np.ndarray:
        raise AssertionError("computed once more")

    left, right = large(4)
    monkeypatch.setattr(products, "_word_product", slowly)
    assert (product(left, Factor(right)) == exactly(left, right)).all()


def test_sums_of_more_terms_are_not_exact_in_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why 2^53: with twice as many terms the largest limbs have sums that floats round, and words are asked instead."""
    left, right = np.full((32, 1024), 1 << 22), np.full((32, 1024), 1 << 22)
    left[:, -1], right[:, -1] = 1, 1
    exact = exactly(left, right)
    monkeypatch.setattr(products, "_EXACT", 54)
    assert (product(left, Factor(right)) == exact).all()
    monkeypatch.setattr(products, "_agree", lambda *of: True)
    assert (product(left, Factor(right)) != exact).any()
    monkeypatch.setattr(products, "_EXACT", 53)
    assert (product(left, Factor(right)) == exact).all()


def limb_too_long(largest: int) -> int:
    return max(1, largest.bit_length() // 23)


def carry_dropped(sums: list[np.ndarray], shift: int) -> np.ndarray:
    return products.down(sums[-1], shift - 23 * (len(sums) - 1))


PLANTED: dict[str, tuple[str, Callable[..., Any]]] = {
    "limbs of one bit too many": ("limbs_needed", limb_too_long),
    "carries dropped": ("_assembled", carry_dropped),
    "radii rounded down": ("up", products.down),
}


@pytest.mark.parametrize("name", [None, *PLANTED])
def test_planted_errors_are_found(monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    """The same products, with the true code and with an error in it."""
    if name is not None:
        monkeypatch.setattr(products, *PLANTED[name])
        monkeypatch.setattr(products, "_agree", lambda *of: True)
    rng, wrong = np.random.default_rng(0), 0
    for bits in (22, 24, 45, 46):
        left, right = words(rng, (40, 512), bits), words(rng, (41, 512), bits)
        left[0], right[0] = (1 << bits) - 1, (1 << bits) - 1
        shift, exact = room(bits, bits, terms=512), exactly(left, right)
        wrong += int((product(left, Factor(right), shift) != exact >> shift).any())
        radii = radius_product(abs(left), Bounds.above(abs(right)), shift).astype(object) << shift
        wrong += int((radii < exactly(abs(left), abs(right))).any())
    assert (wrong > 0) == (name is not None)


@pytest.mark.parametrize(
    ("entry", "kept"), [(1 << 53, True), ((1 << 53) + 1, False), (-(1 << 53), True), (-(1 << 53) - 1, False)]
)
def test_an_answer_is_no_longer_than_the_argument_needs(entry: int, kept: bool) -> None:
    """On either side, whatever the other side is."""
    assert products._bounded(np.array([[0, entry], [1, -1]])) is kept
