"""General segments: no bound of a piece is ever below an exact loss on it, and what is claimed falsely is refused."""

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from forging import Forge
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.checker.corner import corner_is_the_maximum
from numerics.checker.enclosure import upper_bound
from numerics.checker.grid import LONG, MACHINE, WIDE
from numerics.checker.inputs import Data
from numerics.checker.lines import piece_of
from numerics.checker.single import exact_loss
from numerics.checker.spaces import CLASSES, parse_space
from numerics.checker.stretch import Stretch, stretch_of

BUDGET = 1 << 28
GRIDS = [MACHINE, LONG, WIDE]
SHORT = st.sampled_from([0.0, 0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 2.0, 0.25])
USUAL = SHORT | st.floats(-4, 4, allow_subnormal=False)
WILD = USUAL | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([5e-324, -1e300, 1e-310])
TIMES = st.fractions(0, 1, max_denominator=50) | st.integers(0, 64).map(lambda k: Fraction(k, 64))


def shapes_of(draw, kind: str, n: int, p: int, m: int) -> dict[str, tuple[int, ...]]:
    """The shapes of some space of this class, biases here and there."""
    shapes: dict[str, tuple[int, ...]] = {"W": (m, n)}
    if kind != "plain":
        shapes["V"] = (p, m)
    blocks = draw(st.integers(1, 2)) if kind == "stream" else int(kind != "two-layer")
    for block in range(blocks):
        prefix = f"blocks.{block}." if kind == "stream" else ""
        before = m
        for layer, width in enumerate(draw(st.lists(st.integers(1, 2), min_size=1, max_size=2))):
            shapes[prefix + (f"B{layer}" if layer else "A")] = (width, before)
            if draw(st.booleans()):
                shapes[prefix + (f"b{layer}" if layer else "a")] = (width,)
            before = width
        shapes[f"{prefix}U"] = (p if kind in ("parallel", "plain") else m, before)
    if draw(st.booleans()):
        shapes["c"] = (p,)
    return shapes


@st.composite
def segments(draw, elements=USUAL, kinds=CLASSES) -> Forge:
    """One general segment between two networks of one class, some parameters staying."""
    kind = draw(st.sampled_from(kinds))
    n, p, m, samples = (draw(st.integers(1, 3)) for _ in range(4))
    bias = draw(st.integers(0, 1))
    shapes = shapes_of(draw, kind, n + bias, p, m)

    def array(shape):
        return draw(hnp.arrays(np.float64, shape, elements=elements))

    moved = draw(st.sets(st.sampled_from(sorted(shapes)), min_size=1))
    start = {name: array(shape) for name, shape in shapes.items()}
    moves = {name: ("all", array(shapes[name])) for name in sorted(moved)}
    return Forge(kind, bias, start, array((samples, n)), array((samples, p)), [("general", moves)])


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


def turning(kind: str, **weights) -> Forge:
    """A segment by hand on one sample: `name=(start, end)`."""
    start = {name: np.array(before, dtype=float) for name, (before, _) in weights.items()}
    moves = {name: ("all", np.array(after, dtype=float)) for name, (_, after) in weights.items()}
    return Forge(kind, 0, start, np.array([[1.0]]), np.array([[0.0]]), [("general", moves)])


def hidden() -> Forge:
    """Blueprint's case 14 with U = -1: V z + U [A z]_+ on z = 1 with V: 0 -> 6, A: -1 -> 6, so 6t - [7t - 1]_+.

    Both ends have loss 0; the maximum is (6/7)^2 = 36/49 at t = 1/7.
    """
    one = [[1.0]]
    return turning("parallel", W=(one, one), V=([[0.0]], [[6.0]]), A=([[-1.0]], [[6.0]]), U=([[-1.0]], [[-1.0]]))


def general() -> Forge:
    """Blueprint's case 15: V (z + U [A z]_+) with z = U = 1, V: 2 -> 0, A: 0 -> 4: 2(1-t)(1+4t), largest at 3/8."""
    one = [[1.0]]
    return turning("residual", W=(one, one), V=([[2.0]], [[0.0]]), A=([[0.0]], [[4.0]]), U=(one, one))


def test_known_answers_by_hand():
    """Cases 14 and 15 of the blueprint: the losses at the ends and where they are largest."""
    assert hidden().losses() == [0, 0]
    assert hidden().loss_at(0, Fraction(1, 7)) == Fraction(36, 49)
    assert general().losses() == [4, 0]
    assert general().loss_at(0, Fraction(3, 8)) == Fraction(625, 64)


@pytest.mark.parametrize("grid", GRIDS, ids=["machine", "long", "wide"])
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


@pytest.mark.parametrize("grid", GRIDS, ids=["machine", "long", "wide"])
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
    """The checker's own exact loss, of all classes, at rational times, is that of the slow oracle."""
    before, after = forge.corners()
    space = parse_space(forge.kind, forge.bias, {name: np.shape(array) for name, array in before.items()})
    found = exact_loss(space, before, after, flint(t), Data(forge.x, forge.y), BUDGET)
    assert fraction(found) == forge.loss_at(0, t)


@settings(max_examples=40)
@given(segments(WILD), TIMES)
def test_losses_at_any_time_are_exact_whatever_the_exponents(forge, t):
    """The same with weights and data of every finite size."""
    before, after = forge.corners()
    space = parse_space(forge.kind, forge.bias, {name: np.shape(array) for name, array in before.items()})
    found = exact_loss(space, before, after, flint(t), Data(forge.x, forge.y), BUDGET)
    assert fraction(found) == forge.loss_at(0, t)


def test_bounds_converge_to_the_loss():
    """On shorter and shorter pieces around 3/8 the bound comes down to 625/64 with the square of their length."""
    gaps = []
    for k in range(3, 12):
        middle, reach = Fraction(3, 8), Fraction(1, 2**k)
        gaps.append(bound(general(), MACHINE, middle - reach, middle + reach) - Fraction(625, 64))
    assert all(0 <= later < earlier / 3 for earlier, later in zip(gaps, gaps[1:], strict=False))
