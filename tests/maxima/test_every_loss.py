"""Every loss on whole segments: no loss of a random time is outside its piece's bounds; planted errors are caught."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from numerics.arithmetic.rationals import Enclosure
from numerics.data import Data
from numerics.losses.kinds import cross_entropy
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.maxima import convex
from numerics.maxima.bound import Signs
from numerics.maxima.convex import Arguments, ConvexPart
from numerics.maxima.corners import CornerMaximum, barrier, corner_maximum
from numerics.maxima.pieces import PathMaximum, Piece, Proof, Stop
from numerics.maxima.precision import undecided
from numerics.maxima.search import path_maximum
from numerics.networks import TwoLayer
from numerics.paths import Kind, Path, Segment, polygon
from support.loss_oracles import LOSSES
from support.loss_problems import drawn, loss_between, within
from support.many_segments import piece_is_bounded

SEED = 811
OTHERS = LOSSES[1:]
ONE = np.ones((1, 1))


def segments_are_bounded(name: str, cases: range, *, radius: bool = True) -> None:
    """Random pieces of random segments, at random times; without `radius` pieces that are points."""
    for k in cases:
        piece_is_bounded(name, k, radius=radius)


@pytest.mark.parametrize("name", OTHERS)
def test_random_segments_are_bounded(name: str) -> None:
    """Any class, any magnitude; labels too."""
    segments_are_bounded(name, range(12))
    segments_are_bounded(name, range(12, 16), radius=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_many_random_segments_are_bounded(name: str) -> None:
    """The same, at length: 10^4 segments."""
    segments_are_bounded(name, range(9000))
    segments_are_bounded(name, range(1000), radius=False)


@pytest.mark.parametrize("name", OTHERS)
def test_maxima_over_paths_are_sound(name: str) -> None:
    """Pieces cover every segment that is neither silent nor a readout line; what is attained is, at the place named."""
    rng, loss = np.random.default_rng([SEED, LOSSES.index(name)]), loss_named(name)
    for _ in range(2):
        start, end, data = drawn(rng, name)
        path = polygon([start, end, start])
        found = path_maximum(path, Problem(data, loss=loss), tolerance=Fraction(1, 50), limit=60)
        k, t = found.at
        segment = path.segments[k]
        assert within(found.attained_at, loss_between(name, segment.start, segment.end, t, data))
        assert found.attained >= max(loss.lower for loss in found.losses)
        if found.stop is Stop.TOLERANCE and found.upper is not None:
            assert found.upper <= found.attained * (1 + Fraction(1, 50))
        for k, segment in enumerate(path.segments):
            if segment.kind is not Kind.READOUT:
                cuts = [Fraction(0), *found.cuts(k), Fraction(1)]
                mine = sorted((piece.left, piece.right) for piece in found.pieces if piece.segment == k)
                assert mine == list(pairwise(cuts))
            at = Fraction(int(rng.integers(0, 100)), 99)
            truth = loss_between(name, segment.start, segment.end, at, data)
            assert found.upper is None or within(Enclosure(Fraction(0), found.upper), truth)


# Corners, levels, zeros.


def net(w: float, *v: float) -> TwoLayer:
    return TwoLayer(W=np.array([[w]]), V=np.array(v)[:, None])


LABELLED = Data(ONE, np.array([[1.0, 0.0]]))
ENTROPY = loss_named("cross-entropy")


def test_the_same_corner_is_equal_to_itself() -> None:
    """Silent segments and identical networks: a barrier of exactly 0 of a loss that no fraction is."""
    here, dead = net(1.0, 1.0, 0.0), net(1.0, 3.0, 0.0)
    path = Path(here, (Segment(Kind.READOUT, here, dead), Segment(Kind.READOUT, dead, here)))
    found = corner_maximum(path, Problem(LABELLED, loss=ENTROPY))
    assert found.start.exact is None
    assert found.alike == (0, 1, 0)
    assert (found.at, found.barrier.exact) == ((0, Fraction(0)), 0)
    up = corner_maximum(path.reversed(), Problem(LABELLED, loss=ENTROPY))
    assert up.barrier.exact == 0
    worse = net(1.0, -1.0, 0.0)
    high = Path(here, (Segment(Kind.READOUT, here, worse), Segment(Kind.READOUT, worse, here)))
    between = corner_maximum(high, Problem(LABELLED, loss=ENTROPY)).barrier
    assert 0 < between.lower < between.top < between.lower * (1 + Fraction(1, 2**100))


def test_a_barrier_that_is_not_told_from_0_is_no_zero() -> None:
    """Enclosures that overlap say at most so much; a corner that is known to be alike says 0."""
    wide = Enclosure(Fraction(1), Fraction(2))
    assert barrier(wide, wide, [wide]) == Enclosure(Fraction(0), Fraction(1))
    assert CornerMaximum((wide, wide, wide), (0, 0, 2)).barrier.exact == 0
    assert CornerMaximum((wide, wide, wide), (0, 1, 2)).barrier == Enclosure(Fraction(0), Fraction(1))


def test_what_is_not_separated_is_evaluated_again() -> None:
    """The highest ones, and whatever has the level inside."""
    losses = {k: Enclosure(Fraction(low), Fraction(high)) for k, (low, high) in enumerate([(0, 2), (1, 3), (5, 6)])}
    assert undecided(losses, None) == []
    assert undecided(losses, Fraction(1)) == [0, 1]
    losses[3] = Enclosure(Fraction(11, 2), Fraction(7))
    assert undecided(losses, None) == [2, 3]


@pytest.mark.parametrize(("level", "stop"), [("1/2", Stop.EXCEEDED), ("2", Stop.WITHIN)])
def test_levels_are_kept_or_exceeded(level: str, stop: Stop) -> None:
    """From a margin of 2 to one of -1: `log(1 + e) = 1.31` at most."""
    path = polygon([net(1.0, 2.0, 0.0), net(2.0, -0.5, 0.0)])
    assert [segment.kind for segment in path.segments] == [Kind.GENERAL]
    assert path_maximum(path, Problem(LABELLED, loss=ENTROPY), level=Fraction(level)).stop is stop


def test_a_loss_that_is_0_throughout_is_exactly_0() -> None:
    """Hinges beyond 1: nothing to bisect."""
    path = polygon([net(2.0, 2.0, -2.0), net(3.0, 3.0, -3.0)])
    for name, Y in (("multi-hinge", LABELLED.Y), ("hinge", np.array([[1.0, -1.0]]))):
        found = path_maximum(path, Problem(Data(ONE, Y), loss=loss_named(name)))
        assert (found.stop, found.upper, found.barrier.exact) == (Stop.EXACT, 0, 0)


def test_hidden_segments_are_general_ones() -> None:
    """Where no breakpoint can be followed: under a loss that no fraction is."""
    path = polygon([net(1.0, 1.0, 0.0), net(-1.0, 1.0, 0.0)])
    assert [segment.kind for segment in path.segments] == [Kind.HIDDEN]
    assert path_maximum(path, Problem(LABELLED)).hidden
    found = path_maximum(path, Problem(LABELLED, loss=ENTROPY))
    assert not found.hidden
    assert found.pieces


def test_pieces_are_cut_where_samples_are_unsure() -> None:
    """A spike of the margin that the loss does not need to see: cut until the piece is short."""
    path = polygon([net(1.0, 1.0, 0.0), net(-1.0, 1.5, 0.0)])
    plain, cut = (path_maximum(path, Problem(LABELLED, loss=ENTROPY), labelled=one) for one in (False, True))
    assert plain.evaluations < cut.evaluations <= 2 * plain.evaluations
    assert cut.upper is not None
    assert plain.upper is not None
    assert cut.upper <= plain.upper


# Planted errors.


def test_a_forgotten_radius_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of margins, and of the arguments of separable losses."""
    true = Arguments.at
    monkeypatch.setattr(Arguments, "at", lambda self, s: (true(self, s)[0], np.zeros_like(self.radius)))
    for name in ("cross-entropy", "multi-hinge", "absolute", "logistic"):
        with pytest.raises(AssertionError, match="is exceeded"):
            segments_are_bounded(name, range(60))


def test_a_log_sum_that_is_rounded_down_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """At single times, where nothing else is left: exp too small by 2^-20 of itself."""
    true = cross_entropy.exp_bounds
    monkeypatch.setattr(cross_entropy, "exp_bounds", lambda x: tuple(one * (1 - 2.0**-20) for one in true(x)))
    with pytest.raises(AssertionError, match="is exceeded"):
        segments_are_bounded("cross-entropy", range(40), radius=False)


def test_one_end_of_a_piece_alone_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loss at `s = -r` is taken for both."""
    true = convex.convex_part

    def left(*given: object) -> ConvexPart:
        part = true(*given)
        return ConvexPart(part.left, part.left, part.floor, part.line, part.slack, part.open_signs, part.signs)

    monkeypatch.setattr("numerics.maxima.bounds.convex_part", left)
    with pytest.raises(AssertionError, match="is exceeded"):
        segments_are_bounded("huber:1/3", range(40))


def test_a_tangent_that_is_no_bound_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slope of the line below is forgotten."""
    true = convex.convex_part

    def flat(*given: object) -> ConvexPart:
        part = true(*given)
        return ConvexPart(part.left, part.right, part.floor, 0.0, part.slack, part.open_signs, part.signs)

    monkeypatch.setattr("numerics.maxima.bounds.convex_part", flat)
    with pytest.raises(AssertionError, match="is exceeded"):
        segments_are_bounded("logistic", range(40))


def test_signs_of_the_middle_alone_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Error rates at centres only, on segments where margins change their signs."""
    true = Arguments.signs

    def middle(self: Arguments, r: float) -> Signs:
        return true(self, 0.0)

    monkeypatch.setattr(Arguments, "signs", middle)
    with pytest.raises(AssertionError, match="counts wrongly"):
        segments_are_bounded("multi-hinge", range(80))


def test_without_pieces_the_highest_corner_is_claimed() -> None:
    """Of an irrational loss its upper end, far sharper than any tolerance; with a piece the tolerance's end."""
    corner = Enclosure(Fraction(1), 1 + Fraction(1, 1 << 128))
    low = Enclosure(Fraction(1, 2), Fraction(2, 3))
    whole = PathMaximum((low, corner), corner, (0, Fraction(1)), (), Stop.EXACT, 0)
    assert whole.claim(Fraction(1, 1000)) == whole.sharpest_claim(Fraction(1, 1000)) == corner.upper
    searched = replace(whole, pieces=(Piece(0, Fraction(0), Fraction(1), Fraction(0), corner.top, Proof.ENCLOSURE),))
    assert searched.claim(Fraction(1, 1000)) >= corner.lower * (1 + Fraction(1, 1000))


def test_an_irrational_maximum_at_a_corner_is_never_called_exact() -> None:
    """A readout line down, then a low general segment: the start is highest, and known in so many bits only."""
    data = Data(np.ones((1, 1)), np.ones((1, 1)))
    high, low, end = (TwoLayer(W=np.full((1, 1), w), V=np.full((1, 1), v)) for w, v in ((1, -3), (1, 3), (2, 4)))
    path = Path(high, (Segment(Kind.READOUT, high, low), Segment(Kind.GENERAL, low, end)))
    found = path_maximum(path, Problem(data, loss=loss_named("logistic")))
    assert found.attained < found.maximum == found.start.top
    assert found.stop is Stop.TOLERANCE
