"""The bounds of first-order models contain the exact loss at every time of the piece, for every class of network."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.maxima import enclosure, models, squares
from numerics.maxima.bound import Bound
from numerics.maxima.enclosure import Line
from numerics.maxima.squares import SquaresPart
from numerics.networks import TwoLayer
from numerics.networks.base import Network
from numerics.networks.classes import network_of
from support.oracles import CLASSES
from support.seeded_networks import loss_at, problem, time_in

SEED = 5150
CASES = max(2000, 4 * settings.default.max_examples)  # 10,000 networks and segments in the thorough profile
TIMES = 2  # exact losses on each piece


def pieces_are_bounded(cases: int, first: int = 0) -> int:
    """Check `cases` pieces of problems from number `first` on, each at `TIMES` times; how many bounds were finite."""
    finite = 0
    for k in range(first, first + cases // 4):
        rng = np.random.default_rng([SEED, k])
        start, end, data = problem(rng)
        line = Line(start, end, Problem(data))
        for i in range(4):
            t, r = drawn_piece(rng)
            bound = line.bound(t, r)
            note = f"seed {SEED}, problem {k}, piece {i}: [{t} - {r}, {t} + {r}] of {start.kind}"
            assert bound.lower <= bound.upper, note
            finite += math.isfinite(bound.upper)
            for _ in range(TIMES if r else 1):
                loss = loss_at(start, end, data, time_in(rng, Fraction(t) - Fraction(r), Fraction(t) + Fraction(r)))
                assert Fraction(bound.lower) <= loss, note
                assert bound.upper == math.inf or loss <= Fraction(bound.upper), note
    return finite


def drawn_piece(rng: np.random.Generator) -> tuple[float, float]:
    """Dyadic pieces of any width, [0, 1], both ends, single points (some of them not dyadic of few bits)."""
    if rng.random() < 0.2:
        return float(rng.choice([0.0, 1.0, 0.5, rng.random()])), 0.0
    depth = int(rng.choice([0, 1, 2, 3, 6, 12, 30, 47]))
    place = int(rng.choice([0, (1 << depth) - 1, rng.integers(0, 1 << depth)]))
    return (2 * place + 1) / (2 << depth), 1.0 / (2 << depth)


def test_random_pieces_are_bounded_at_two_times_each() -> None:
    """All classes, biases present or absent, wide magnitudes, subnormals; nearly all bounds are finite."""
    assert pieces_are_bounded(CASES) >= 0.99 * CASES


@given(st.sampled_from(CLASSES), st.integers(0, 2**32 - 1))
def test_any_piece_is_bounded(kind: str, seed: int) -> None:
    """The same, case by case, so that a counterexample has a seed of its own."""
    rng = np.random.default_rng(seed)
    start, end, data = problem(rng, kind=kind)
    t, r = drawn_piece(rng)
    bound = Line(start, end, Problem(data)).bound(t, r)
    for eighth in range(9):
        loss = loss_at(start, end, data, Fraction(t) + Fraction(r) * (Fraction(eighth, 4) - 1))
        assert Fraction(bound.lower) <= loss
        assert bound.upper == math.inf or loss <= Fraction(bound.upper)


@pytest.mark.parametrize("rows", [1, 2])
def test_blocks_of_samples_change_nothing_that_is_claimed(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of one or two samples instead of one block of all."""
    monkeypatch.setattr(enclosure, "BLOCK", 1)
    monkeypatch.setattr(enclosure, "FEWEST", rows)
    pieces_are_bounded(400)


def test_sparse_radii_change_nothing_that_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chords' errors in a sparse matrix, however many there are."""
    monkeypatch.setattr(models, "DENSE", 2.0)
    pieces_are_bounded(400)


# Planted errors: the same check must fail.


CATCHING = 2020  # a problem that catches the missing `gamma`; only for speed


def test_the_true_code_bounds_what_catches_the_planted_errors() -> None:
    """The problems that are not among the first ones."""
    pieces_are_bounded(400, CATCHING)


def planted_fails(first: int = 0) -> None:
    """`first`: near a problem that is known to catch it."""
    with pytest.raises(AssertionError, match="seed"):
        pieces_are_bounded(CASES, first)


def test_rounding_to_nearest_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: `gamma` is 0 and nothing is rounded up."""
    for module in (models, enclosure, squares):
        monkeypatch.setattr(module, "gamma", lambda n: 0.0)
        monkeypatch.setattr(module, "up", lambda terms: terms)
    for module in (models, squares):
        monkeypatch.setattr(module, "INFLATION", 1.0)
    planted_fails()


def test_affine_layers_without_gamma_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: one missing term, the rounding of the layers' products."""
    monkeypatch.setattr(models, "gamma", lambda n: 0.0)
    planted_fails(first=CATCHING)


def test_a_chord_of_the_wrong_slope_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: `low / (high + low)` instead of `high / (high + low)`, with the excess of the right one."""
    true = models.chord
    monkeypatch.setattr(models, "chord", lambda low, high: (1.0 - true(low, high)[0], true(low, high)[1]))
    planted_fails()


def test_a_chord_of_half_the_excess_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the chord's error is halved."""
    true = models.chord
    monkeypatch.setattr(models, "chord", lambda low, high: (true(low, high)[0], 0.5 * true(low, high)[1]))
    planted_fails()


def test_a_dropped_term_of_second_order_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: layers whose product of slopes is forgotten."""
    true = models.Models.affine

    def affine(self: models.Models, h: models.Model, weight: models.PlacedMatrix, bias: object) -> models.Model:
        columns = weight.columns.copy()
        if weight.degree == 0:
            return true(self, h, weight, bias)
        rows = weight.reach.shape[1]
        still = models.Models(self.r)
        flat = models.Model(np.vstack([h.value, np.zeros_like(h.slope)]), h.radius, h.noise, h.size)
        first = true(still, flat, weight, bias)  # value and the weights' slope, without the product of slopes
        first.stacked[len(h.value) :] += h.slope @ columns[:, :rows]
        return first

    monkeypatch.setattr(models.Models, "affine", affine)
    planted_fails()


def cancellations_are_bounded() -> None:
    """A first layer whose bias is minus the rounded product: the exact pre-activation is a rounding error."""
    rng = np.random.default_rng(SEED)
    for k in range(50):
        x, w = rng.standard_normal((1, 4)), rng.standard_normal((1, 4))
        network = TwoLayer(W=np.hstack([w, -(x @ w.T)]), V=np.ones((1, 1)), bias=True)
        data = Data(x, np.zeros((1, 1)))
        upper = Line(network, network, Problem(data)).bound(0.5, 0.0).upper
        assert loss_at(network, network, data, Fraction(1, 2)) <= Fraction(upper), f"seed {SEED}, case {k}"


def test_cancellations_in_the_first_layer_are_bounded() -> None:
    """Where only the noise of the first layer is left."""
    cancellations_are_bounded()


def test_first_layers_without_noise_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the first layer's products taken for exact."""
    true = Line._rows

    def rows(self: Line, block: slice) -> enclosure._Rows:
        found = true(self, block)
        noise = np.zeros_like(found.noise)
        return replace(found, noise=noise, noise_norm=noise[:, :1])

    monkeypatch.setattr(Line, "_rows", rows)
    with pytest.raises(AssertionError, match="seed"):
        cancellations_are_bounded()


def test_layers_that_forget_what_is_uncertain_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a layer's radius is not led on to the next one."""
    monkeypatch.setattr(models, "spread", lambda radius, reach: np.zeros((radius.shape[0], reach.shape[1])))
    planted_fails()


def test_a_linear_term_of_the_wrong_sign_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the quadratic is bounded at `s = -r` only."""
    true = enclosure.summed

    def summed(parts: list[SquaresPart], samples: int, r: float) -> Bound:
        at_left = true(parts, samples, r)
        slope = sum(part.q1 for part in parts) * r / samples
        return Bound(at_left.lower, at_left.upper - slope - abs(slope), at_left.centre, 0)

    monkeypatch.setattr(enclosure, "summed", summed)
    planted_fails()


# Chords and sums by themselves.


def test_chords_enclose_relu() -> None:
    """`0 <= [p]_+ - k p <= excess` on `[-low, high]`, exactly, at both ends, at 0 and between."""
    rng = np.random.default_rng(SEED)
    scale = 10.0 ** rng.integers(-300, 300, (2, 2000))
    lows, highs = np.abs(rng.standard_normal((2, 2000))) * scale
    lows[:20], highs[10:30] = 2.0**-1074, 2.0**-1074
    slopes, excesses = models.chord(lows, highs)
    for low, high, k, excess in zip(*(map(Fraction, x.tolist()) for x in (lows, highs, slopes, excesses)), strict=True):
        for p in (-low, high, Fraction(0), (high - low) / 2):
            assert 0 <= max(p, Fraction(0)) - k * p <= excess


def point(value: float = 1.0, target: float = 0.0) -> Data:
    return Data(np.array([[value]]), np.array([[target]]))


def net(W: float, V: float) -> TwoLayer:
    return TwoLayer(W=np.array([[W]]), V=np.array([[V]]))


def test_a_bound_is_refused_outside_the_segment() -> None:
    """Pieces beyond [0, 1], half-widths whose square underflows, NaN."""
    line = Line(net(1.0, 1.0), net(2.0, 2.0), Problem(point()))
    for t, r in ((0.5, 0.75), (0.25, 0.5), (0.9, 0.25), (0.5, -0.1), (0.5, 1e-200), (math.nan, 0.0), (0.5, math.nan)):
        with pytest.raises(ValueError, match="is no piece"):
            line.bound(t, r)
    assert line.bound(0.5, 0.5).upper >= 16.0


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (net(1e200, 1e200), net(2e200, -1e200)),  # the loss is beyond floats
        (net(1e308, 1.0), net(-1e308, 1.0)),  # the difference of the weights is
        (net(1.0, 1e308), net(1.0, -1e308)),
        (net(1.0, 0.5e154), net(1.0, 1.5e154)),  # the squares are not, but (sqrt q0 + r sqrt q2)^2 is
    ],
)
def test_an_overflow_is_no_bound(start: Network, end: Network) -> None:
    """An infinite upper bound and no warning, with r = 1/2 and at a point."""
    for t, r in ((0.5, 0.5), (0.25, 2.0**-40)):
        bound = Line(start, end, Problem(point())).bound(t, r)
        loss = loss_at(start, end, point(), Fraction(t))
        assert Fraction(bound.lower) <= loss
        assert bound.upper == math.inf or loss <= Fraction(bound.upper)
    assert Line(start, end, Problem(point())).bound(0.5, 0.5).upper == math.inf


def test_blocks_whose_sum_overflows_are_no_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two blocks with squares 1.4e308 each: fsum would raise."""
    monkeypatch.setattr(enclosure, "BLOCK", 1)
    monkeypatch.setattr(enclosure, "FEWEST", 1)
    data = Data(np.ones((2, 1)), np.zeros((2, 1)))
    assert Line(net(1.0, 1.2e154), net(2.0, 1.2e154), Problem(data)).bound(0.0, 0.0).upper == math.inf


def test_an_overflow_of_one_neuron_is_not_masked_by_a_sure_sign() -> None:
    """Its pre-activation is 0.4e308; half-way through the sum BLAS has -inf, for which ReLU would say 0."""
    W = np.array([[-1.5e308, -1.5e308, 1.7e308, 1.7e308]])
    start, end = TwoLayer(W=W, V=np.array([[1e-308]])), TwoLayer(W=W, V=np.array([[2e-308]]))
    data = Data(np.ones((1, 4)), np.zeros((1, 1)))
    assert loss_at(start, end, data, Fraction(1)) > Fraction(1, 2)
    assert Line(start, end, Problem(data)).bound(0.5, 0.5).upper == math.inf


@pytest.mark.parametrize("r", [0.0, 0.5])
def test_weights_that_do_not_move_are_bounded_sharply(r: float) -> None:
    """Loss 1 on the whole segment: the bound is within 1e-12 of it from both sides."""
    bound = Line(net(1.0, 1.0), net(1.0, 1.0), Problem(point())).bound(0.5, r)
    assert 1 - 1e-12 < bound.lower <= 1.0 <= bound.upper < 1 + 1e-12


def test_the_bound_of_a_piece_converges_quadratically() -> None:
    """Case 15 away from kinks and from the maximum: halving the piece divides the remainder by about four."""
    still = {"W": np.ones((1, 1)), "U": np.ones((1, 1))}
    start = network_of("residual", {**still, "V": np.array([[2.0]]), "A": np.zeros((1, 1))}, bias=False)
    end = network_of("residual", {**still, "V": np.zeros((1, 1)), "A": np.array([[4.0]])}, bias=False)
    line = Line(start, end, Problem(point()))
    pieces = [(Fraction(1, 4), Fraction(1, 1 << k)) for k in (8, 9)]
    excess = [Fraction(line.bound(float(t), float(r)).upper) - loss_at(start, end, point(), t + r) for t, r in pieces]
    assert 3.5 < excess[0] / excess[1] < 4.5
