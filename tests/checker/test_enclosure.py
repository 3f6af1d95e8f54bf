"""General segments: no bound of a piece is ever below an exact loss on it, and what is claimed falsely is refused."""

from fractions import Fraction
from itertools import pairwise
from unittest import mock

import numpy as np
import pytest
from flint import fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from numerics.checker import single
from numerics.checker.corner import corner_is_the_maximum
from numerics.checker.effort import Budget
from numerics.checker.enclosure import upper_bound
from numerics.checker.exact_pass import GraphPass
from numerics.checker.grid import LONG, MACHINE, SHORT, WIDE
from numerics.checker.inputs import Data
from numerics.checker.lines import piece_of
from numerics.checker.single import value_between
from numerics.checker.spaces import parse_space
from numerics.checker.stretch import Stretch, stretch_of
from support.certificates import Forge
from support.general_segments import TIMES, WILD, general, hidden, segments

BUDGET = 1 << 28
GRIDS = [SHORT, MACHINE, LONG, WIDE]


def prepared(forge: Forge, grid, rows: int = 2) -> Stretch:
    """The forge's only segment on a grid."""
    before, after = forge.corners()
    space = parse_space(forge.kind, forge.bias, {name: np.shape(array) for name, array in before.items()})
    return stretch_of(grid, space, before, after, Data(forge.x, forge.y).seen_by_first_layer(forge.bias), rows)


def flint(value: Fraction) -> fmpq:
    return fmpq(value.numerator) / fmpq(value.denominator)


def fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def bound(forge: Forge, grid, first: Fraction, last: Fraction) -> Fraction:
    """The bound of rule 1 on a piece."""
    return fraction(upper_bound(prepared(forge, grid), piece_of(grid, flint(first), flint(last))))


def test_known_answers_by_hand():
    """Cases 14 and 15 of the blueprint: the losses at the ends and where they are largest."""
    assert hidden().losses() == [0, 0]
    assert hidden().loss_at(0, Fraction(1, 7)) == Fraction(36, 49)
    assert general().losses() == [4, 0]
    assert general().loss_at(0, Fraction(3, 8)) == Fraction(625, 64)


@pytest.mark.parametrize("grid", GRIDS, ids=["short", "machine", "long", "wide"])
@settings(max_examples=80)
@given(segments(), TIMES, TIMES, TIMES)
@example(general(), Fraction(0), Fraction(1), Fraction(3, 8))
@example(hidden(), Fraction(0), Fraction(1), Fraction(1, 7))
def test_no_piece_is_bounded_below_a_loss_on_it(grid, forge, one, other, inside):
    """Networks of all classes; the loss is exact, in `Fraction`s, at the ends of the piece and within."""
    first, last = min(one, other), max(one, other)
    upper = bound(forge, grid, first, last)
    for t in (first, last, first + inside * (last - first)):
        assert forge.loss_at(0, t) <= upper


@pytest.mark.parametrize("grid", GRIDS, ids=["short", "machine", "long", "wide"])
@settings(max_examples=60)
@given(segments(WILD), TIMES, TIMES)
def test_no_piece_is_bounded_below_a_loss_whatever_the_exponents(grid, forge, one, other):
    """Weights and data of every finite size, subnormals among them."""
    first, last = min(one, other), max(one, other)
    upper = bound(forge, grid, first, last)
    for t in (first, last, (first + last) / 2):
        assert forge.loss_at(0, t) <= upper


@settings(max_examples=150)
@given(segments(), st.integers(0, 6), st.lists(TIMES, min_size=3, max_size=3), st.booleans())
@example(general(), 0, [Fraction(3, 8)] * 3, True)
def test_a_corner_is_called_the_maximum_only_if_it_is(forge, level, inside, backwards):
    """Rule 2: wherever it says yes, no exact loss on the piece exceeds that of the corner."""
    stretch = prepared(forge, MACHINE)
    last = Fraction(1, 2**level)
    if backwards:
        stretch = stretch.backwards()
    if corner_is_the_maximum(stretch, flint(last)):
        times = [t * last for t in inside] + [last]
        corner = forge.losses()[int(backwards)]
        for t in times:
            assert forge.loss_at(0, 1 - t if backwards else t) <= corner


@settings(max_examples=120)
@given(segments(), TIMES | st.just(Fraction(1, 3)))
def test_losses_at_any_time_are_exact(forge, t):
    """The checker's own exact loss, of all classes, at rational times, is that of the slow oracle, in FLINT's integers
    and in limbs."""
    before, after = forge.corners()
    space = parse_space(forge.kind, forge.bias, {name: np.shape(array) for name, array in before.items()})
    given, at = (space, before, after, flint(t), Data(forge.x, forge.y), Budget(BUDGET)), forge.loss_at(0, t)
    for in_limbs in (False, True):
        with mock.patch.object(single, "_long", lambda *of, said=in_limbs: said):
            found = value_between(*given)
        assert fraction(found.loss.low) == fraction(found.loss.high) == at


def test_a_layer_in_limbs_that_forgets_its_bias_is_caught():
    """Planted: limbs alone are wrong, so it is limbs that `_long` sends a network to."""
    rng = np.random.default_rng(0)
    weights = {"W": rng.normal(size=(3, 2)), "V": rng.normal(size=(1, 3)), "c": np.ones(1)}
    space = parse_space("two-layer", 0, {name: array.shape for name, array in weights.items()})
    given = (
        space,
        weights,
        weights,
        flint(Fraction(0)),
        Data(rng.normal(size=(5, 2)), np.zeros((5, 1))),
        Budget(BUDGET),
    )
    true, plus = value_between(*given).loss, GraphPass.affine
    with mock.patch.object(GraphPass, "affine", lambda self, layer, matrix, bias: plus(self, layer, matrix, None)):
        assert value_between(*given).loss == true
        with mock.patch.object(single, "_MANY", 1):
            assert value_between(*given).loss != true
    with mock.patch.object(single, "_MANY", 1):
        assert value_between(*given).loss == true


@settings(max_examples=40)
@given(segments(WILD), TIMES)
def test_losses_at_any_time_are_exact_whatever_the_exponents(forge, t):
    """The same with weights and data of every finite size."""
    before, after = forge.corners()
    space = parse_space(forge.kind, forge.bias, {name: np.shape(array) for name, array in before.items()})
    found = value_between(space, before, after, flint(t), Data(forge.x, forge.y), Budget(BUDGET))
    assert fraction(found.loss.low) == fraction(found.loss.high) == forge.loss_at(0, t)


def test_bounds_converge_to_the_loss():
    """Towards t = 1/4 the bound comes down to the largest loss on the piece with the square of its length."""
    gaps = []
    for k in range(3, 12):
        last = Fraction(1, 4) + Fraction(1, 2**k)
        gaps.append(bound(general(), MACHINE, Fraction(1, 4), last) - general().loss_at(0, min(last, Fraction(3, 8))))
    assert all(0 < later < earlier / 3 for earlier, later in pairwise(gaps[1:]))


@pytest.mark.parametrize("grid", GRIDS, ids=["short", "machine", "long", "wide"])
def test_short_numbers_are_enclosed_exactly(grid):
    """Nothing is rounded in case 15, and terms of second order are centred: around 3/8 the bound is 625/64."""
    assert bound(general(), grid, Fraction(1, 8), Fraction(5, 8)) == Fraction(625, 64)


def test_both_precisions_say_nearly_the_same():
    """Machine words lose little against 320 bits: radii and terms of second order keep 24 bits, the rest 45."""
    rng = np.random.default_rng(3)
    for kind in ("parallel", "residual"):
        shapes = {"W": (5, 4), "V": (2, 5), "A": (3, 5), "a": (3,), "U": (2 if kind == "parallel" else 5, 3)}
        start = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        moves = {name: ("all", rng.normal(size=shape)) for name, shape in shapes.items()}
        forge = Forge(kind, 1, start, rng.normal(size=(7, 3)), rng.normal(size=(7, 2)), [("general", moves)])
        short, exact = (bound(forge, grid, Fraction(1, 4), Fraction(9, 32)) for grid in (MACHINE, LONG))
        assert abs(short - exact) < exact / 2**24
