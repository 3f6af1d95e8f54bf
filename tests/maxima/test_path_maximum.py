"""The maximum over a polygonal path: pieces that cover it, a loss attained, an upper bound no exact loss exceeds."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.arithmetic.rationals import Enclosure
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.maxima import search
from numerics.maxima.pieces import PathMaximum, Piece, Proof, Stop
from numerics.maxima.search import path_maximum
from numerics.networks import TwoLayer
from numerics.networks.base import Network
from numerics.networks.classes import network_of
from numerics.paths import Kind, Path, polygon
from support.oracles import CLASSES
from support.seeded_networks import loss_at, problem

SEED = 31337
COARSE = Fraction(1, 50)
PATHS = max(30, settings.default.max_examples // 10)


def is_sound(found: PathMaximum, path: Path, data: Data, rng: np.random.Generator, *, times: int = 4) -> None:
    """Everything that a result claims, against exact losses of the oracle."""
    for k, segment in enumerate(path.segments):
        mine = sorted((piece for piece in found.pieces if piece.segment == k), key=lambda piece: piece.left)
        if segment.kind is Kind.GENERAL:
            ends = [Fraction(0), *(piece.right for piece in mine)]
            assert [piece.left for piece in mine] == ends[:-1], "the pieces do not cover the segment"
            assert ends[-1] == 1, "the pieces do not cover the segment"
            assert found.cuts(k) == tuple(ends[1:-1])
        for piece in mine:
            for t in (piece.left, piece.right, (piece.left + 2 * piece.right) / 3)[: 3 if len(mine) < 9 else 1]:
                loss = loss_at(segment.start, segment.end, data, t)
                assert piece.lower <= loss
                assert piece.upper is None or loss <= piece.upper, "a piece's bound is exceeded"
        for _ in range(times):
            loss = loss_at(segment.start, segment.end, data, Fraction(int(rng.integers(0, 1001)), 1000))
            assert found.upper is None or loss <= found.upper, "the bound is exceeded"
    k, t = found.at
    assert loss_at(path.segments[k].start, path.segments[k].end, data, t) == found.attained
    assert found.attained >= max(loss.exact for loss in found.losses)
    assert found.upper is None or found.attained <= found.upper
    if found.stop is Stop.EXACT:
        assert found.upper == found.attained
    for k, segment in enumerate(path.segments):
        assert found.losses[k].exact == loss_at(segment.start, segment.end, data, Fraction(0))
        assert found.losses[k + 1].exact == loss_at(segment.start, segment.end, data, Fraction(1))


def drawn_path(rng: np.random.Generator, kind: str | None = None) -> tuple[Path, Data]:
    """Two or three corners, now and then twice the same; a segment may turn out a readout segment."""
    start, end, data = problem(rng, kind=kind, magnitude=("narrow", "ordinary")[int(rng.integers(0, 2))])
    middle = start.replace({name: array * rng.choice([0.5, -1.0, 2.0]) for name, array in end.parameters().items()})
    corners = ([start, end], [start, end, end], [start, middle, end], [start, start, middle])[int(rng.integers(0, 4))]
    return polygon(corners), data


def random_paths_are_sound(cases: int) -> None:
    for k in range(cases):
        rng = np.random.default_rng([SEED, k])
        path, data = drawn_path(rng)
        found = path_maximum(path, Problem(data), tolerance=COARSE, limit=300)
        is_sound(found, path, data, rng)
        if found.stop is Stop.TOLERANCE:
            assert found.upper is not None
            assert found.upper <= found.attained * (1 + COARSE)


def test_random_paths_are_sound() -> None:
    """All classes; the tolerance is kept where the search says so."""
    random_paths_are_sound(PATHS)


@settings(max_examples=25)
@given(st.sampled_from(CLASSES), st.integers(0, 2**32 - 1))
def test_any_path_is_sound(kind: str, seed: int) -> None:
    """Case by case."""
    rng = np.random.default_rng(seed)
    path, data = drawn_path(rng, kind)
    is_sound(path_maximum(path, Problem(data), tolerance=COARSE, limit=100), path, data, rng)


def test_one_dropped_subinterval_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: bisection keeps the left half only; the cover is incomplete."""
    true = search.halves
    monkeypatch.setattr(search, "halves", lambda piece: true(piece)[:1])
    with pytest.raises(AssertionError, match="cover"):
        random_paths_are_sound(60)


def test_pieces_bounded_at_their_centre_only_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: every enclosure is taken with half-width 0."""
    true = search.Line.bound
    monkeypatch.setattr(search.Line, "bound", lambda self, t, r, pool=None: true(self, t, 0.0, pool))
    with pytest.raises(AssertionError, match="exceeded"):
        random_paths_are_sound(60)


def test_corners_believed_without_proof_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: every corner is said to be the maximum of its piece."""
    monkeypatch.setattr(search, "corner_is_maximum", lambda *args, **kwargs: True)
    monkeypatch.setattr(search, "FREE", 0)
    network = residual(2.0, 0.0), residual(0.0, 4.0)
    with pytest.raises(AssertionError, match="exceeded"):
        is_sound(forced_settling(network), polygon(network), POINT, np.random.default_rng(SEED))


def forced_settling(corners: Sequence[Network]) -> PathMaximum:
    """The corner stage from the very first piece, whatever was attained inside."""
    path = polygon(corners)
    losses = tuple(Enclosure.of(loss_at(corners[0], corners[1], POINT, Fraction(k))) for k in (0, 1))
    with search.threads() as pool:
        state = search._Search(path, Problem(POINT), losses, (), COARSE, None, 100, search.no_progress, pool)
        state._enclose(0, Fraction(0), Fraction(1))
        state.best, state.place = losses[0], (0, Fraction(0))
        state._settle_corner()
        pieces = tuple(state.frontier)
    return PathMaximum(losses, state.best, state.place, pieces, Stop.LIMIT, 0)


POINT = Data(np.ones((1, 1)), np.zeros((1, 1)))


def residual(V: float, A: float) -> Network:
    named = {"W": 1.0, "V": V, "A": A, "U": 1.0}
    return network_of("residual", {name: np.array([[value]]) for name, value in named.items()}, bias=False)


def net(W: float, V: float) -> TwoLayer:
    return TwoLayer(W=np.array([[W]]), V=np.array([[V]]))


# Known answers.


def test_the_spike_that_sampling_never_sees() -> None:
    """Loss 0 at all multiples of 1/24, 1/60 and 1/400, exactly 100 at t = 77/256, and 100 is proved."""
    k, a = 20480.0, np.array([1230.0, 1232.0, 1234.0]) / 4096.0
    V = np.array([[1.0, -2.0, 1.0]])
    start, end = (TwoLayer(W=(k * (t - a))[:, None], V=V) for t in (0.0, 1.0))
    for parts in (24, 60, 400):
        assert not any(loss_at(start, end, POINT, Fraction(i, parts)) for i in range(parts + 1))
    found = path_maximum(polygon([start, end]), Problem(POINT))
    assert found.upper == found.attained == 100
    assert found.at == (0, Fraction(77, 256))
    assert found.stop is Stop.EXACT
    is_sound(found, polygon([start, end]), POINT, np.random.default_rng(SEED))


def test_case_14_is_attained_exactly_at_a_seventh() -> None:
    """PARALLEL, `V: 0 -> 7`, `A: -1 -> 6`, `U = -7/6` rounded to a float: 1 at t = 1/7, where the kink is."""
    fixed = {"W": np.ones((1, 1)), "U": np.array([[-7.0 / 6.0]])}
    start, end = (
        network_of("parallel", {**fixed, "V": np.array([[V]]), "A": np.array([[A]])}, bias=False)
        for V, A in ((0.0, -1.0), (7.0, 6.0))
    )
    found = path_maximum(polygon([start, end]), Problem(POINT))
    assert found.attained == 1
    assert found.at == (0, Fraction(1, 7))
    assert found.upper is not None
    assert found.upper <= 1 + search.TOLERANCE
    is_sound(found, polygon([start, end]), POINT, np.random.default_rng(SEED))


def test_case_15_is_attained_exactly_at_three_eighths() -> None:
    """RESIDUAL, `V: 2 -> 0`, `A: 0 -> 4`: 625/64 at t = 3/8, no breakpoint inside."""
    path = polygon([residual(2.0, 0.0), residual(0.0, 4.0)])
    found = path_maximum(path, Problem(POINT))
    assert [loss.exact for loss in found.losses] == [4, 0]
    assert found.attained == Fraction(625, 64)
    assert found.at == (0, Fraction(3, 8))
    assert found.upper is not None
    assert found.upper <= found.attained * (1 + Fraction(1, 10**6))
    is_sound(found, path, POINT, np.random.default_rng(SEED))


def test_a_maximum_at_an_end_is_exact() -> None:
    """A generic descent: the first corner is proved to be the maximum, in either direction of the path."""
    rng = np.random.default_rng(SEED)
    start = TwoLayer(W=rng.standard_normal((4, 3)), V=rng.standard_normal((1, 4)), bias=True)
    end = TwoLayer(W=start.W * 0.9, V=start.V * 0.8, bias=True)
    data = Data(rng.standard_normal((400, 2)), np.zeros((400, 1)))  # too large for FLINT to help unasked
    for corners, at in (([start, end], (0, Fraction(0))), ([end, start], (0, Fraction(1)))):
        found = path_maximum(polygon(corners), Problem(data))
        assert found.stop is Stop.EXACT
        assert found.upper == found.attained == max(loss.exact for loss in found.losses)
        assert found.at == at
        assert Proof.CORNER in {piece.proof for piece in found.pieces}


def test_a_polygon_of_readout_segments_is_exact() -> None:
    """No pieces at all: the largest corner; and identical neighbouring corners change nothing."""
    corners = [net(1.0, 1.0), net(1.0, 3.0), net(1.0, 3.0), net(1.0, -2.0)]
    found = path_maximum(polygon(corners), Problem(POINT))
    assert (found.attained, found.upper, found.pieces, found.at) == (9, 9, (), (1, Fraction(0)))
    assert path_maximum(polygon([net(1.0, 2.0)] * 3), Problem(POINT)).upper == 4


def test_levels_are_kept_or_exceeded() -> None:
    """Case 15, maximum 625/64 = 9.765625: below it exceeded at a time that is named, above it kept."""
    path = polygon([residual(2.0, 0.0), residual(0.0, 4.0)])
    for level in (Fraction(3), Fraction(4), Fraction(9), Fraction(976, 100)):
        found = path_maximum(path, Problem(POINT), level=level)
        assert found.stop is Stop.EXCEEDED
        assert found.attained > level
        is_sound(found, path, POINT, np.random.default_rng(SEED))
    found = path_maximum(path, Problem(POINT), level=Fraction(98, 10))
    assert found.stop is Stop.WITHIN
    assert found.upper is not None
    assert found.upper <= Fraction(98, 10)


def test_a_level_equal_to_the_maximum_is_kept() -> None:
    """At a corner, where it is the corner's own loss that is proved to be the maximum."""
    found = path_maximum(polygon([net(2.0, 1.0), net(1.0, 0.5)]), Problem(POINT), level=Fraction(4))
    assert found.upper == 4
    assert found.attained == 4
    assert path_maximum(polygon([net(1.0, 1.0), net(1.0, 2.0)]), Problem(POINT), level=Fraction(4)).stop is Stop.WITHIN
    assert (
        path_maximum(polygon([net(1.0, 1.0), net(1.0, 2.0)]), Problem(POINT), level=Fraction(4) - 1).stop
        is Stop.EXCEEDED
    )


def test_the_limit_stops_the_search() -> None:
    """And what was proved until then still holds."""
    path = polygon([residual(2.0, 0.0), residual(0.0, 4.0)])
    found = path_maximum(path, Problem(POINT), limit=8)
    assert found.stop is Stop.LIMIT
    is_sound(found, path, POINT, np.random.default_rng(SEED))


# Counterexamples to earlier versions, each from the review that found it.


@pytest.mark.parametrize("corners", [[net(-1.0, 1.0), net(-2.0, 2.0)], [net(1.0, 0.0), net(2.0, 0.0)]])
def test_a_loss_of_zero_throughout_ends_soon(corners: list[TwoLayer]) -> None:
    """No relative tolerance of 0 is ever reached in float64: 100,000 pieces were evaluated before."""
    found = path_maximum(polygon(corners), Problem(POINT), limit=2000)
    assert found.stop is Stop.EXACT
    assert found.upper == 0
    assert found.evaluations < 1000


def test_losses_below_and_between_floats_are_exact() -> None:
    """2^-1080 is no float; 0.1, 0.7, 0.2 make a fraction between two: an empty heap was popped before."""
    assert path_maximum(polygon([net(1.0, 2.0**-540), net(1.0, 2.0**-541)]), Problem(POINT)).upper == Fraction(
        1, 2**1080
    )
    data = Data(np.array([[0.7]]), np.array([[0.2]]))
    found = path_maximum(polygon([net(1.0, 0.1), net(1.0, 0.3)]), Problem(data), tolerance=Fraction(1, 10**30))
    assert found.upper == found.attained == max(loss.exact for loss in found.losses)


@pytest.mark.parametrize(
    "corners",
    [
        [net(1e200, 1e200), net(2e200, -1e200)],
        [net(1.0, 1.0), net(2e200, -1e200)],
        [net(1.0, 1e200), net(1.0, -2e200)],
        [net(1e308, 1.0), net(-1e308, 1.0)],
    ],
)
@pytest.mark.parametrize("free", [0, search.FREE])
def test_losses_beyond_floats_end_without_an_error(
    corners: list[TwoLayer], free: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With FLINT a bound is found; without, none: but no crash, and not 100,000 hopeless pieces."""
    monkeypatch.setattr(search, "FREE", free)
    monkeypatch.setattr(search, "BEARABLE", free)
    for level in (None, Fraction(1)):
        found = path_maximum(polygon(corners), Problem(POINT), level=level)
        assert found.evaluations < 2000
        assert found.attained > Fraction(10) ** 308
        is_sound(found, polygon(corners), POINT, np.random.default_rng(SEED), times=1)
        if free and level is None:
            assert found.upper is not None


@pytest.mark.parametrize(("bearable", "stop"), [(0, Stop.FLOOR), (search.BEARABLE, Stop.TOLERANCE)])
def test_the_last_pieces_are_finished_in_flint(bearable: int, stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gap of 1e-15 is below float64's floor: FLINT closes it where it may, with reports as it goes on."""
    monkeypatch.setattr(search, "FREE", 0)
    monkeypatch.setattr(search, "BEARABLE", bearable)
    seen: list[tuple[float, float | None, int]] = []
    path, tolerance = polygon([residual(2.1, 0.3), residual(0.2, 4.3)]), Fraction(1, 10**15)
    found = path_maximum(path, Problem(POINT), tolerance=tolerance, watch=lambda *report: seen.append(report))
    is_sound(found, path, POINT, np.random.default_rng(SEED))
    assert found.stop is stop
    assert found.upper is not None
    assert (found.upper <= found.attained * (1 + tolerance)) == (stop is Stop.TOLERANCE)
    finished = [piece for piece in found.pieces if piece.proof is Proof.EXACT]
    assert bool(finished) == (stop is Stop.TOLERANCE)
    assert [count for *_, count in seen] == sorted(count for *_, count in seen)
    assert seen[-1][2] == found.evaluations


def test_the_heap_is_ordered_exactly() -> None:
    """Upper bounds that round to one float: the larger is on top, None above all, beyond floats as well."""
    path = polygon([net(1.0, 1.0), net(1.0, 2.0)])
    with search.threads() as pool:
        losses = Enclosure.of(Fraction(1, 4)), Enclosure.of(Fraction(1, 2))
        state = search._Search(path, Problem(POINT, 9), losses, (), COARSE, None, 9, search.no_progress, pool)
        top: list[Fraction | None] = []
        tiny, huge = Fraction(1, 1 << 100), Fraction(10) ** 400
        for upper in (Fraction(1), 1 + tiny, 1 - tiny, huge, huge + 1, None, huge + 2):
            state._keep(Piece(0, Fraction(0), Fraction(1), Fraction(0), upper, Proof.EXACT))
            top.append(state._top())
        assert top == [1, 1 + tiny, 1 + tiny, huge, huge + 1, None, None]
