"""R9 by hand and by parts: climb and gain of small networks are exact, and a slot that is read is never loaded."""

from __future__ import annotations

import signal
from fractions import Fraction

import numpy as np
import pytest

from numerics.common import interrupts
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses, float_loss
from numerics.losses.problem import Problem
from numerics.moves.load import load
from numerics.moves.unread import unread
from numerics.networks.base import Network
from numerics.networks.classes import network_of
from numerics.networks.plain import Plain
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind, Path
from numerics.questions import staircase
from numerics.questions.depth import way_down
from numerics.questions.request import Request
from numerics.routes.features import Features
from numerics.routes.leaving import emptied
from numerics.routes.new_neuron import Residual, new_rows
from numerics.routes.one_slot import first_refit, one_slot
from numerics.routes.tableau import Tableau

pytestmark = pytest.mark.usefixtures("checker_nearby")


def array(*rows: object) -> np.ndarray:
    return np.array(rows, dtype=float)


def case17() -> tuple[TwoLayer, Data]:
    """C7 attained: depth 1/2 exactly."""
    return TwoLayer(W=array([1, 0]), V=array([1]), c=None, bias=False), Data(array([1, 0], [0, 1]), array([1], [-2]))


def case18(m: int, b: int = 2) -> tuple[TwoLayer, Data]:
    """T8b with equal weights: depth exactly 2/N, N = 2m + m(m-1)/2 + 1."""
    rows = np.hstack([2 * np.eye(m) - 1, np.zeros((m, 1))])
    e = np.eye(m + 1)
    points = [(e[i], 1) for i in range(m) for _ in (0, 1)]
    points += [(e[i] + e[k], 0) for i in range(m) for k in range(i + 1, m)] + [(e[m], -b)]
    X, y = (np.array(side, dtype=float) for side in zip(*points, strict=True))
    return TwoLayer(W=rows, V=np.ones((1, m)), c=None, bias=False), Data(X, y[:, None])


def read_by_a_branch(**changes: object) -> Network:
    """PARALLEL, two neurons, a live branch that reads both."""
    weights = {"W": array([1, 0], [0, 1]), "V": array([1, 1]), "A": array([1, 1]), "a": array(-1)[0:1]}
    weights |= {"U": array([0.5])} | changes
    return network_of("parallel", weights, bias=False)


def asked(network: Network, data: Data, **options: int) -> object:
    return way_down(Request(Problem(data), network), **options)


def test_case_17_is_climbed_exactly() -> None:
    """One neuron, emptied at 1/2 = ||h||^2, finds the other point: the loss falls from 2 to 1/2."""
    result = asked(*case17())
    assert (result.verdict, result.climb.exact, result.depth.upper) == ("PROVED", Fraction(1, 2), Fraction(1, 2))
    assert Fraction(3, 2) - Fraction(1, 10**12) <= result.gain.exact <= Fraction(3, 2)  # the fit has a ridge of 1e-10


@pytest.mark.parametrize(
    ("m", "depth"), [(1, Fraction(2, 3)), (2, Fraction(1, 3)), (3, Fraction(1, 5)), (5, Fraction(2, 21))]
)
def test_t8b_is_climbed_by_its_exact_depth(m: int, depth: Fraction) -> None:
    """No path climbs less, and R9's climbs no more: depth = ||h_j||^2 at every width."""
    network, data = case18(m)
    result = asked(network, data)
    assert result.verdict == "PROVED"
    assert depth <= result.climb.upper <= depth * (1 + Fraction(1, 10**12))
    assert result.start.exact == Fraction(4, data.size)
    assert result.gain.lower > 0


@pytest.mark.parametrize("seed", range(40))
def test_no_climb_is_below_t8bs_exact_depth(seed: int) -> None:
    """Members of the family with scaled neurons and any target b that is large enough, and slots emptied in blocks."""
    rng = np.random.default_rng(seed)
    m = int(rng.integers(2, 6))
    network, data = case18(m, int(rng.integers(2, 9)))
    scales = 2.0 ** rng.integers(-3, 4, m)
    scaled = TwoLayer(W=network.W * scales[:, None], V=network.V / scales, c=None, bias=False)
    result = asked(scaled, data, block=int(rng.integers(1, m + 1)))
    assert not result.proved or result.climb.lower >= Fraction(2, data.size)


def test_nothing_is_below_zero() -> None:
    """A residual of 0 leaves nothing to gain: UNDECIDED, in words."""
    network = TwoLayer(W=array([1], [-1]), V=array([1, 1]), c=None, bias=False)
    result = asked(network, Data(array([1], [-1]), array([1], [1])))
    assert (result.verdict, result.climb, result.gain, result.document) == ("UNDECIDED", None, None, None)
    assert result.claim == "none: no path to a smaller loss was found: the loss is 0, and nothing is below it"


def test_a_local_best_has_no_way_down_by_one_slot() -> None:
    """The point x = 0 is out of every neuron's reach without a bias: the residual is of no use to anyone."""
    network = TwoLayer(W=array([1], [1]), V=array([1, 1]), c=None, bias=False)
    result = asked(network, Data(array([0], [1]), array([3], [2])))
    assert result.verdict == "UNDECIDED"
    assert result.claim.endswith("no new neuron was found that gains more than emptying a slot costs")
    assert result.start.exact == Fraction(9, 2)


def test_width_one_with_an_output_bias() -> None:
    """All that is left while the slot is empty is the constant."""
    network = TwoLayer(W=array([1, 0]), V=array([0.25]), c=array(0)[0:1], bias=True)
    result = asked(network, Data(array([0], [1], [2]), array([0], [1], [0])))
    assert result.verdict == "PROVED"
    assert result.profile[0].refit
    assert result.profile[0].climb.exact == 0
    after = result.after_refit
    assert after is None or after[0].upper <= Fraction(2, 9)  # the variance: R0's level


def test_a_neuron_that_is_never_active_costs_nothing() -> None:
    network = TwoLayer(W=array([1, 0], [-1, -1]), V=array([1, 7]), c=None, bias=False)
    result = asked(network, Data(array([1, 0], [0, 1]), array([1], [-2])))
    assert (result.verdict, result.climb.exact) == ("PROVED", 0)
    assert result.gain.lower > Fraction(19, 10)


def test_two_slots_at_once_find_what_one_cannot() -> None:
    """T7B on case 29's data: there no single neuron helps at V = 0 under the absolute loss; two fit it."""
    network = TwoLayer(W=array([1, 0], [0, 1]), V=array([0, 0]), c=None, bias=False)
    data = Data(array([1, 0], [0, 1], [1, 1]), array([0], [0], [1]))
    result = asked(network, data, block=2)
    assert (result.verdict, result.climb.exact) == ("PROVED", 0)
    assert result.gain.lower >= Fraction(1, 3) - Fraction(1, 9)


def test_steps_go_on_where_the_last_one_ended() -> None:
    rng = np.random.default_rng(4)
    X, Y = rng.integers(-8, 9, (30, 3)) / 4, rng.integers(-8, 9, (30, 2)) / 4
    network = TwoLayer(W=rng.integers(-8, 9, (6, 4)) / 8, V=np.zeros((2, 6)), c=np.zeros(2), bias=True)
    result = asked(network, Data(X, Y), steps=3)
    assert result.profile[0].refit
    assert all(one.level == other.begin for one, other in zip(result.profile, result.profile[1:], strict=False))
    assert [one.last + 1 for one in result.profile[:-1]] == [one.first for one in result.profile[1:]]
    assert result.profile[0].begin == result.start
    assert result.profile[-1].level == result.end
    assert all(stair.gain.exact > 0 for stair in result.profile)
    climb, gain = result.after_refit
    assert gain.exact == result.profile[0].level.exact - result.end.exact
    assert result.steepest.upper == max(stair.top.upper - stair.begin.exact for stair in result.profile[1:])
    assert climb.upper == max(stair.top.upper for stair in result.profile[1:]) - result.profile[0].level.exact


def test_what_a_live_branch_reads_is_let_go_before_the_load() -> None:
    """The planted fault: with V_j = 0 alone the slot is still read, and nothing is loaded into it."""
    network = read_by_a_branch(V=array([1, 0]))
    with pytest.raises(ValueError, match="is read by A while the branch is live"):
        load(network, [1], array([3, 4]))
    path = unread(network, np.array([1]))
    assert [segment.kind for segment in path.segments] == [Kind.HIDDEN]
    loaded = load(path.end, [1], array([3, 4]))
    data = Data(array([1, 2], [3, 1]), array([1], [2]))
    before, after = exact_losses([path.end, loaded.end], Problem(data))
    assert before == after


def test_readers_that_still_read_are_refused() -> None:
    network = read_by_a_branch()
    with pytest.raises(ValueError, match="A is no reader that leaves the slots"):
        unread(network, np.array([1]), {"A": array([1, 1])})
    with pytest.raises(ValueError, match="V is no reader"):
        unread(network, np.array([1]), {"V": array([1, 0])})


def test_a_branch_that_no_output_hears_lets_go_silently() -> None:
    path = unread(read_by_a_branch(U=array([0])), np.array([1]))
    assert [segment.kind for segment in path.segments] == [Kind.SILENT]


def test_the_cheapest_neuron_is_emptied() -> None:
    """Known answer 22: leaving out costs V_1^2/2 and V_2^2/4, and with V = (1, 1) it is the second that leaves."""
    network = TwoLayer(W=array([1, 0], [0, 1]), V=array([1, 1]), c=None, bias=False)
    problem = Problem(Data(array([1, 0], [1, 1]), array([1], [2])))
    found = emptied(Path(network), np.arange(2), 1, problem)
    assert found[0].slots.tolist() == [1]
    assert found[0].estimate == pytest.approx(0.25, rel=1e-6)
    assert float_loss(found[0].path.end, problem) == pytest.approx(0.25, rel=1e-6)


def test_losses_of_the_tableau_are_leave_one_out_costs() -> None:
    """Against refits one by one, and coefficients against least squares, on features in general position."""
    rng = np.random.default_rng(7)
    Z, Y = np.abs(rng.standard_normal((40, 5))), rng.standard_normal((40, 2))
    problem = Problem(Data(Z, Y))
    features = Features.of(np.eye(5), problem, bias=False, with_c=False)
    tableau = Tableau(features)
    tableau.take(np.arange(5))
    for j in range(5):
        rest = np.delete(Z, j, axis=1)
        least = [np.linalg.lstsq(part, Y, rcond=None)[0] for part in (Z, rest)]
        rise = ((Y - rest @ least[1]) ** 2).sum() / 40 - ((Y - Z @ least[0]) ** 2).sum() / 40
        assert float(tableau.losses(np.array([j]))[0]) * features.y_scale**2 == pytest.approx(rise, rel=1e-4)
        explained = np.linalg.lstsq(rest, Z[:, j], rcond=None)[0]
        others = np.delete(np.arange(5), j)
        C = tableau.coefficients(np.array([j]), others)[:, 0] * features.scale[j] / features.scale[others]
        np.testing.assert_allclose(C, explained, rtol=1e-3, atol=1e-5)
        left = ((Z[:, j] - rest @ explained) ** 2).mean()
        assert float(tableau.unexplained(np.array([j]))[0]) * features.scale[j] ** 2 == pytest.approx(left, rel=1e-4)


def test_scores_are_what_a_refit_gains_and_gradients_are_theirs() -> None:
    rng = np.random.default_rng(3)
    X, Y = rng.standard_normal((50, 4)), rng.standard_normal((50, 2))
    network = TwoLayer(W=rng.standard_normal((5, 5)), V=np.zeros((2, 5)), c=np.zeros(2), bias=True)
    left = Residual.of(network, np.array([0]), Problem(Data(X, Y)), rng)
    seen = np.hstack([X, np.ones((50, 1))])
    H = np.hstack([np.maximum(seen @ network.W[1:].T, 0), np.ones((50, 1))])
    row = rng.standard_normal(5)
    wide = np.hstack([H, np.maximum(seen @ row, 0)[:, None]])
    losses = [((Y - part @ np.linalg.lstsq(part, Y, rcond=None)[0]) ** 2).sum() / 50 for part in (H, wide)]
    scores, gradients = left.scores(row[None, :])
    assert float(scores[0]) == pytest.approx(losses[0] - losses[1], rel=1e-6)
    for k in range(5):
        step = 1e-6 * np.eye(5)[k]
        high, low = (float(left.scores((row + sign * step)[None, :])[0][0]) for sign in (1, -1))
        assert float(gradients[0, k]) == pytest.approx((high - low) / 2e-6, rel=1e-4, abs=1e-8)


def test_the_new_row_is_better_than_all_that_are_there() -> None:
    """XOR's missing corner: the residual is one product of signs, which one row explains best."""
    X = array([0, 0], [0, 1], [1, 0], [1, 1])
    network = TwoLayer(W=array([1, 1, 0], [1, 0, 0]), V=array([0, 0]), c=array(0)[0:1], bias=True)
    problem = Problem(Data(X, array([0], [0], [0], [1])))
    row = new_rows(network, np.array([0]), problem, np.random.default_rng(0))
    left = Residual.of(network, np.array([0]), problem, np.random.default_rng(0))
    best = float(left.scores(row)[0][0])
    assert best == pytest.approx((left.residual**2).sum() / 4, rel=1e-3)  # [x_1 + x_2 - 1]_+ explains all of it


@pytest.mark.parametrize(
    ("options", "words"),
    [({"steps": 0}, "0 steps are unusable"), ({"block": 3}, "a block of 3 neurons"), ({"block": 0}, "a block of 0")],
)
def test_counts_that_make_no_sense(options: dict[str, int], words: str) -> None:
    with pytest.raises(InputError, match=words):
        asked(TwoLayer(W=array([1, 0], [1, 1]), V=array([1, 1]), c=None, bias=False), case17()[1], **options)


def test_a_class_without_a_skip_is_refused() -> None:
    plain = Plain.of({"W": array([1, 0]), "A": array([1]), "U": array([1])}, bias=False)
    with pytest.raises(InputError, match="class plain has no skip connection, which is what depth is about"):
        asked(plain, case17()[1])


def test_where_the_blocks_read_everything_no_slot_is_free() -> None:
    """RESIDUAL with m = r: all columns of V are the basis that the block must write to."""
    weights = {"W": array([1, 0], [0, 1]), "V": array([1, 0], [0, 1]), "A": array([1, 1]), "U": array([1], [1])}
    network = network_of("residual", weights, bias=False)
    data = Data(array([1, 0], [0, 1]), array([5, 1], [-2, 3]))
    with pytest.raises(InputError, match="only 0 of m = 2 neurons can be emptied"):
        next(one_slot(network, Problem(data), np.random.default_rng(0)))


def test_a_better_readout_comes_first_and_is_told_apart() -> None:
    network = TwoLayer(W=array([1, 0], [0, 1]), V=array([0, 0]), c=None, bias=False)
    problem = Problem(Data(array([1, 0], [0, 1]), array([1], [-2])))
    assert float_loss(first_refit(network, problem).end, problem) == pytest.approx(0.0, abs=1e-15)
    optimal, data = case17()
    assert not first_refit(optimal, Problem(data)).segments


def test_an_interrupt_keeps_the_stairs_that_are_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal in the second step's search: the refit and the first step are the answer."""
    rng = np.random.default_rng(4)
    X, Y = rng.integers(-8, 9, (30, 3)) / 4, rng.integers(-8, 9, (30, 2)) / 4
    network = TwoLayer(W=rng.integers(-8, 9, (6, 4)) / 8, V=np.zeros((2, 6)), c=np.zeros(2), bias=True)
    true, calls = staircase.one_slot, []

    def second(*given: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            interrupts.handle(signal.SIGINT, None)
        return true(*given, **options)

    monkeypatch.setattr(staircase, "one_slot", second)
    interrupts.forget()
    try:
        found = staircase.descend(network, Problem(Data(X, Y)), steps=5)
    finally:
        interrupts.forget()
    assert (found.steps, found.refitted, found.stopped) == (1, True, "it was interrupted")
    assert found.corners.end.below(found.corners.start)


def test_targets_whose_squares_overflow_are_no_traceback() -> None:
    """Found while `plot` was read: 1e200 squared is no float64, and a power of floats raises where a product is inf."""
    network = TwoLayer(W=np.array([[1e150], [1e150], [1.0]]), V=np.array([[1e60, 0.0, 0.0]]))
    result = asked(network, Data([[1.0], [2.0]], [[1.0], [1e200]]), steps=2)
    assert not result.proved
