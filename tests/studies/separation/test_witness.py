"""T5's witnesses: exact on any targets, and honest about the width that they use."""

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.data import Data, read_data
from numerics.errors import InputError
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.networks.plain import Plain
from numerics.routes.descent import downhill
from numerics.studies.separation.escapes import controls, over_zero, with_output_bias, with_second_unit, with_skip
from numerics.studies.separation.steps import affordable, steps, units_needed
from numerics.studies.separation.table import SMALL
from numerics.studies.separation.witness import Valley, better_side, valley
from support.oracles import exact_loss
from theory.statements.separation import plain_valley

FLOATS = st.floats(-8, 8, allow_subnormal=False).map(lambda value: value if abs(value) > 1e-6 else 0.0)
BRANCHES = st.sampled_from([(1,), (3, 1), (2, 5, 1)])


@st.composite
def targets(draw: st.DrawFn) -> Data:
    """Two to six distinct points of the line or the plane, small dyadic numbers, targets any floats of both signs."""
    n, size = draw(st.integers(1, 2)), draw(st.integers(2, 6))
    grid = st.integers(-20, 20).map(lambda k: k / 4)
    points = draw(st.lists(st.tuples(*[grid] * n), min_size=size, max_size=size, unique=True))
    y = draw(st.lists(FLOATS, min_size=size, max_size=size))
    y[0], y[1] = abs(y[0]) + 1.0, -abs(y[1]) - 2.0
    return Data(np.array(points), np.array(y)[:, None])


def layers(network: Plain, data: Data) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For every hidden layer: rows with their biases, activations on the data, and the weights that read its units.

    Rows and activations are integers, multiples of the true ones by a power of two: exact, and fast for many units.
    """
    here = network.parameters()
    names = [("W", None), *(("A", "a") if k == 0 else (f"B{k}", f"b{k}") for k in range(9))]
    names = [(name, bias) for name, bias in names if name in here]
    h, unit = integers(data.X)
    for k, (name, bias) in enumerate(names):
        rows, shift = integers(here[name] if bias is None else np.column_stack([here[name], here[bias]]))
        h = np.maximum(np.column_stack([h, np.full(len(h), unit)]) @ rows.T, 0)
        unit *= shift
        yield rows, h, here[names[k + 1][0]] if k + 1 < len(names) else here["U"]


def integers(array: np.ndarray) -> tuple[np.ndarray, int]:
    """The array times a power of two that makes it whole, and that power."""
    ratios = [float(v).as_integer_ratio() for v in array.ravel()]
    unit = max(q for _, q in ratios)
    return np.array([p * (unit // q) for p, q in ratios] + [None], dtype=object)[:-1].reshape(array.shape), unit


def parallel_rows(rows: np.ndarray) -> bool:
    """Whether a row of integers is 0, or two are multiples of each other, also by a negative factor."""
    seen = set()
    for row in rows.tolist():
        common = math.gcd(*row)
        if common == 0:
            return True
        sign = 1 if next(v for v in row if v) > 0 else -1
        seen.add(tuple(sign * v // common for v in row))
    return len(seen) < len(rows)


def genuine(network: Plain, data: Data) -> bool:
    """No padding: rows non-zero and pairwise not parallel, every unit active on some point and read by the next."""
    return all(
        not parallel_rows(rows) and (h > 0).any(axis=0).all() and (reader != 0).any(axis=0).all()
        for rows, h, reader in layers(network, data)
    )


@given(st.data())
def test_steps_are_exact_for_any_floats(data: st.DataObject) -> None:
    """The units sum to the values at the points, in rationals; all are active at the rightmost one, no two alike."""
    places = data.draw(st.lists(st.fractions(-5, 5, max_denominator=64), min_size=1, max_size=6, unique=True))
    values = [abs(Fraction(v)) for v in data.draw(st.lists(FLOATS, min_size=len(places), max_size=len(places)))]
    values[0] += 1
    count = units_needed(places, values) + data.draw(st.integers(0, 12))
    units = steps(places, values, count)
    assert len({unit.at for unit in units}) == len(units) == count
    for place, value in zip(places, values, strict=True):
        active = [max((place - unit.at) / unit.spacing, Fraction(0)) for unit in units]
        assert sum(unit.weight * a for unit, a in zip(units, active, strict=True)) == value
    assert all(max(places) > unit.at and unit.weight != 0 for unit in units)


def test_steps_give_up_the_smallest_targets_first() -> None:
    """What a few units cannot fit is set to 0."""
    places, values = [Fraction(k) for k in range(6)], [Fraction(v) for v in (3, 0, 1, 0, 2, 0)]
    assert affordable(places, values, 12) == values
    assert affordable(places, values, 8) == [3, 0, 0, 0, 2, 0]
    with pytest.raises(InputError, match="12 are needed"):
        steps(places, values, 11)


@given(targets(), BRANCHES, st.integers(0, 9))
@settings(max_examples=25)
def test_a_witness_is_the_best_of_its_side_at_every_width(data: Data, branch: tuple[int, ...], spare: int) -> None:
    """Loss and level are those of `theory`, as fractions; the other side is lower; no unit is padding."""
    y = [Fraction(v) for v in data.Y[:, 0].tolist()]
    above, below = (sum(max(s * v, 0) ** 2 for v in y) for s in (1, -1))
    assume(above != below)
    side = 1 if above < below else -1
    promised = plain_valley([side * v for v in y])
    found = valley(data, 24 + spare, branch)
    assert (found.side, found.width, found.branch) == (side, 24 + spare, branch)
    corners = over_zero(found).corners
    losses = exact_losses(corners, Problem(data))
    assert losses[0] == promised.loss == exact_loss(*plainly(found.bottom), data.X.tolist(), data.Y.tolist())
    assert losses[1] == losses[2] == promised.crossing
    assert losses[3] < losses[0]
    assert genuine(found.bottom, data)
    assert genuine(found.beyond, data)


def plainly(network: Plain) -> tuple[dict, str, int]:
    return {name: array.tolist() for name, array in network.parameters().items()}, "plain", int(network.bias)


SHAPES = [
    *((width, branch) for width in (4, 16, 64, 256, 1024, 4096) for branch in ((1,), (4, 1), (8, 4, 1))),
    (4, (16, 8, 4, 1)),
]


@pytest.mark.parametrize(("width", "branch"), SHAPES)
def test_the_depth_is_the_same_fraction_from_width_4_to_4096(width: int, branch: tuple[int, ...]) -> None:
    """mean(y_+^2) = 1/2 on the four points of the table, at every depth; and every unit is in use."""
    found = valley(SMALL, width, branch)
    bottom, top, _, beyond = exact_losses(over_zero(found).corners, Problem(SMALL))
    assert (bottom, top - bottom) == (Fraction(5, 4), Fraction(1, 2))
    assert beyond < bottom
    assert (found.width, found.branch) == (width, branch)
    assert genuine(found.bottom, SMALL)
    assert genuine(found.beyond, SMALL)


@pytest.mark.parametrize("width", [1, 2, 7])
def test_a_first_layer_too_narrow_for_the_steps_is_drawn_at_random(width: int) -> None:
    """Then the branch's first layer makes them; still nothing is padding."""
    found = valley(SMALL, width, (16, 2, 1))
    assert exact_losses([found.bottom, found.beyond], Problem(SMALL)) == [Fraction(5, 4), Fraction(1, 2)]
    assert genuine(found.bottom, SMALL)
    assert genuine(found.beyond, SMALL)


def test_padding_is_seen() -> None:
    """The check of the tests above fails on a witness with a zero row, a parallel one, or a unit that nothing reads."""
    bottom = valley(SMALL, 8, (1,)).bottom
    assert genuine(bottom, SMALL)
    W, A = bottom.W.copy(), bottom.branch.layers[0].weight.copy()
    W[1] = 0.0
    assert not genuine(bottom.replace({"W": W}), SMALL)
    W[1] = 2.0 * W[0]
    assert not genuine(bottom.replace({"W": W}), SMALL)
    A[0, 3] = 0.0
    assert not genuine(bottom.replace({"A": A}), SMALL)


@pytest.mark.parametrize(
    ("width", "branch"),
    [
        (4, (1024, 1)),
        (64, (1024, 4, 1)),
        (1024, (1,)),
        pytest.param(4096, (1,), marks=pytest.mark.slow),
        pytest.param(4096, (8, 4, 1), marks=pytest.mark.slow),
    ],
)
def test_diabetes_is_fitted_exactly_on_its_lower_side(width: int, branch: tuple[int, ...]) -> None:
    """mean(y_-^2) < mean(y_+^2): the valley lies at u < 0, its depth is mean(y_-^2) exactly, and no unit idles."""
    data = read_data("diabetes")
    y = [Fraction(v) for v in data.Y[:, 0].tolist()]
    above, below = (sum(max(s * v, 0) ** 2 for v in y) / len(y) for s in (1, -1))
    found = valley(data, width, branch)
    assert found.side == better_side(data) == -1
    bottom, top, still_top, beyond = exact_losses(over_zero(found).corners, Problem(data))
    assert (bottom, top, still_top) == (above, above + below, above + below)
    assert below <= beyond < bottom
    assert genuine(found.bottom, data)
    assert genuine(found.beyond, data)


@pytest.mark.parametrize("scale", [2.0**-600, 1e-12, 1e12, 2.0**600])
@pytest.mark.parametrize("height", [2.0**-400, 1e9, 2.0**400])
def test_data_of_any_size_have_their_valley_and_the_skip_its_way_down(scale: float, height: float) -> None:
    """Inputs and targets far from 1: exact all the same."""
    data = Data(scale * np.array([[1.0], [-1.0], [0.25]]), height * np.array([[1.0], [-3.0], [0.5]]))
    found = valley(data, 16, (1,))
    positive = sum(max(Fraction(y), 0) ** 2 for y in data.Y[:, 0].tolist()) / 3
    bottom, top, *_ = exact_losses(over_zero(found).corners, Problem(data))
    assert top - bottom == positive
    before, after = exact_losses(downhill(with_skip(found.bottom), Problem(data)).corners, Problem(data))
    assert after < before == bottom


def test_points_given_twice_are_fitted_once() -> None:
    """Copies with one target are no obstacle; with two targets there is no fit."""
    data = Data(np.array([[0.0], [-0.0], [2.0], [2.0]]), np.array([[1.0], [1.0], [-3.0], [-3.0]]))
    losses = exact_losses(over_zero(valley(data, 8, (1,))).corners, Problem(data))
    assert losses == [Fraction(9, 2), 5, 5, Fraction(1, 2)]


def test_the_variants_compute_the_same_function() -> None:
    """With the skip term at V = 0, a second last unit that is not read, an output bias of 0: the same loss."""
    found: Valley = valley(SMALL, 12, (2, 1))
    bottom = found.bottom
    for network in (with_skip(bottom), with_second_unit(bottom), with_output_bias(bottom)):
        assert exact_losses([network], Problem(SMALL)) == [Fraction(5, 4)]
    for path in controls(valley(SMALL, 12, (1,)).bottom, SMALL).values():
        first, last = exact_losses(path.corners, Problem(SMALL))
        assert last < first == Fraction(5, 4)


@pytest.mark.parametrize(
    ("X", "Y", "width", "branch", "words"),
    [
        ([[0.0], [1.0]], [[1.0], [2.0]], 8, (1,), "both positive"),
        ([[0.0], [1.0]], [[1.0], [-1.0]], 8, (1,), "both positive and different"),
        ([[0.0], [1.0]], [[1.0, 0.0], [-2.0, 0.0]], 8, (1,), "2 columns"),
        ([[1.0], [1.0]], [[1.0], [-2.0]], 8, (1,), "rows 0 and 1 of X are equal"),
        ([[0.0], [1.0], [2.0]], [[1.0], [-2.0], [0.5]], 4, (1,), "units are needed"),
        (np.arange(10.0)[:, None], [[v] for v in (-1, 0, -1, 0, -1, 2, -1, 0, -1, 0)], 4, (1,), "too little"),
        ([[0.0], [1.0]], [[1.0], [-2.0]], 8, (2,), "last hidden layer of width one"),
        ([[0.0], [1.0]], [[1.0], [-2.0]], 8, (), "last hidden layer of width one"),
        ([[0.0], [1.0]], [[1.0], [-2.0]], 8, (25, 1), "carried"),
    ],
)
def test_what_t5_is_not_about_is_refused(X: list, Y: list, width: int, branch: tuple, words: str) -> None:
    with pytest.raises(InputError, match=words):
        valley(Data(np.array(X), np.array(Y)), width, branch)
