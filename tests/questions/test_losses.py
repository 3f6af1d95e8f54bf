"""Every loss from the question to the checked certificate, and back: bounds, error rates, both barriers, other data."""

from fractions import Fraction

import numpy as np
import pytest

import skipscape as sk
from numerics.checker.check import check
from numerics.data import write_data
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks import Network
from numerics.routes.constant import constant_network
from support.loss_problems import NAMES, OTHERS, fitted, parallel, problem_of

pytestmark = pytest.mark.usefixtures("checker_nearby")
SLACK = 1e-9  # relative: float64 sums of 40 samples against exact ones
TIMES = [Fraction(k, 32) for k in range(33)]


def errors_of(network: Network, problem: Problem) -> float:
    return float((network(problem.X).argmax(axis=1) != problem.data.labels).mean())


def require_true_on_the_path(result: sk.Result, problem: Problem) -> None:
    """No loss, error rate or excess over the chord at 33 times is above what is printed; the maximum is attained."""
    networks = [result.path(t) for t in TIMES]
    seen = [float_loss(network, problem) for network in networks]
    assert max(seen) <= float(result.maximum) * (1 + SLACK)
    chord = [one - (1 - float(t)) * seen[0] - float(t) * seen[-1] for t, one in zip(TIMES, seen, strict=True)]
    assert result.barrier_chord is not None
    assert max(chord) <= float(result.barrier_chord) + SLACK * max(seen)
    k, segments = result.maximum.segment, len(result.path)
    attained = float_loss(result.path((k + result.maximum.t) / segments), problem)
    assert attained == pytest.approx(float(result.maximum.lower), rel=1e-7)
    if problem.data.labels is None:
        assert result.error_rate is None
    else:
        assert result.error_rate is not None
        assert max(errors_of(network, problem) for network in networks) <= float(result.error_rate)


@pytest.mark.parametrize("name", NAMES)
def test_connect_is_proved_under_every_loss_and_checked_again(name, tmp_path):
    """The certificate names the loss; the checker reads it there, and every number is the one that was printed."""
    problem = problem_of(name)
    start, end = fitted(1, problem), fitted(2, problem)
    result = sk.connect(start, end, problem.data, loss=name)
    assert result.verdict == "PROVED", result.claim
    assert result.claim.startswith(f"{name} loss <= ")
    assert (result.loss, result.to_json()["loss"]) == (name, name)
    assert (result.maximum.exact is not None) == loss_named(name).rational or result.arithmetic == "ball"
    require_true_on_the_path(result, problem)
    zero = result.bounds["R0"].value
    assert float(zero) == pytest.approx(
        max(float_loss(one, problem) for one in (start, end, constant_network(start, problem))), rel=1e-6
    )
    result.save(tmp_path / "path.cert")
    write_data(tmp_path / "data.npz", problem.data)
    for end_name, network in (("start", start), ("end", end)):
        sk.save(network, tmp_path / f"{end_name}.npz")
    report = check(*(tmp_path / one for one in ("path.cert", "data.npz", "start.npz", "end.npz"))).to_json()
    again = sk.Result.read(report)
    assert (again.verdict, again.claim, again.loss) == ("PROVED", result.claim, name)
    for key in ("maximum", "barrier", "barrier_chord", "error_rate"):
        assert getattr(again, key) == getattr(result, key)


@pytest.mark.parametrize("name", NAMES)
def test_certify_encloses_the_line_under_every_loss(name):
    """Networks with a live branch, all weights moving: the enclosure keeps its tolerance, and holds."""
    problem = problem_of(name)
    start, end = parallel(1, problem), parallel(2, problem)
    result = sk.certify([start, end], problem.data, loss=name, tolerance="1/100")
    assert result.verdict == "PROVED", result.claim
    assert result.maximum.upper <= result.maximum.lower * Fraction(101, 100)
    require_true_on_the_path(result, problem)


@pytest.mark.parametrize("name", OTHERS)
def test_one_slot_leads_down_under_every_loss(name):
    """Climb and gain of the way down are those of its losses; C7's closed form is about squared error alone."""
    problem = problem_of(name)
    result = sk.depth(fitted(1, problem), problem.data, loss=name, steps=2)
    assert result.verdict == "PROVED", result.claim
    assert result.climb is not None
    assert result.gain is not None
    assert result.gain.lower > 0
    end, start = (float_loss(result.path(t), problem) for t in (1, 0))
    assert start - end == pytest.approx(float(result.gain.lower), rel=1e-6)
    assert max(float_loss(result.path(t), problem) for t in TIMES) <= start + float(result.climb) + SLACK
    smooth = loss_named(name).smoothness is not None
    assert set(result.bounds) == ({"R0", "T7L"} if smooth else {"R0"})
    assert any("T7L is a closed form" in note for note in result.notes) == smooth


@pytest.mark.parametrize("name", ["cross-entropy", "multi-hinge", "huber:1/2"])
def test_depth_against_a_reference_has_no_bound_of_squared_error(name):
    """R0 and R6 hold for every convex loss; T1's closed forms, RM, C1+ would not be about this loss."""
    problem = problem_of(name)
    network, better = fitted(1, problem, width=8), fitted(5, problem, width=4)
    worse = network.replace({"V": network.V * 0.25})
    result = sk.depth(worse, problem.data, better, loss=name)
    assert result.verdict == "PROVED", result.claim
    assert set(result.bounds) <= {"R0", "R6", "T6"}
    with pytest.raises(sk.InputError, match=f"route measured is for squared error, not {name}: "):
        sk.connect(worse, network, problem.data, loss=name, reference=better, route="measured")


def test_the_same_network_is_equal_to_itself_without_arithmetic():
    """A barrier is exactly 0 where the highest corner is an end, also where losses are irrational."""
    problem = problem_of("cross-entropy")
    network = fitted(1, problem)
    result = sk.connect(network, network, problem.data, loss="cross-entropy")
    assert (result.maximum.exact, result.barrier.exact) == (None, 0)


def test_an_error_rate_is_part_of_the_claim(tmp_path):
    """At the rate that the path reaches it is proved, in one check; below, the loss alone is, and it is said why."""
    problem = problem_of("cross-entropy")
    start, end = fitted(1, problem), fitted(2, problem)
    plain = sk.connect(start, end, problem.data, loss="cross-entropy")
    rate = plain.error_rate
    assert rate is not None
    assert rate.upper is not None
    claimed = sk.connect(start, end, problem.data, loss="cross-entropy", error_rate=rate.upper)
    assert claimed.verdict == "PROVED"
    assert " and error rate <= " in claimed.claim
    claimed.save(tmp_path / "path.cert")
    assert " and error rate <= " in sk.check(tmp_path / "path.cert", problem.data, start, end).claim
    below = sk.connect(start, end, problem.data, loss="cross-entropy", error_rate=rate.lower - Fraction(1, 1000))
    assert below.verdict == "UNDECIDED"
    assert below.claim.startswith("error rate <= ")
    assert below.claimed == plain.claim
    line = sk.certify([start, end], problem.data, loss="cross-entropy", error_rate="1/1000")
    assert (line.verdict, line.claim.split(":")[0]) == ("REFUTED", "error rate <= 1/1000 on the whole path")
    asked = sk.check(tmp_path / "path.cert", problem.data, start, end, error_rate="1/1000")
    assert asked.verdict == "REFUTED"


@pytest.mark.parametrize("name", ["squared", "cross-entropy"])
def test_a_certified_path_on_other_data(name, tmp_path):
    """Its corners are asked about anew: the path is the same, loss and errors are those of the other points."""
    problem, other = problem_of(name), problem_of(name, seed=9)
    start, end = fitted(1, problem), fitted(2, problem)
    first = sk.connect(start, end, problem.data, loss=name)
    held_out = sk.certify(first.path, other.data)
    assert (held_out.verdict, held_out.loss) == ("PROVED", name)
    assert held_out.path(0.5).identical(first.path(0.5))
    require_true_on_the_path(held_out, other)


@pytest.mark.parametrize(
    ("name", "Y", "words"),
    [
        ("cross-entropy", [[0.5, 0.5], [1.0, 0.0]], "is not one-hot, but loss cross-entropy needs a label"),
        ("multi-hinge", [[1.0], [0.0]], "needs a label for every point"),
        ("hinge", [[1.0], [0.0]], "loss hinge needs targets -1 or 1"),
        ("logistic", [[2.0], [-1.0]], "loss logistic needs targets -1 or 1"),
        ("huber:0", [[1.0], [0.0]], "its parameter DELTA must be above 0"),
        ("huber", [[1.0], [0.0]], "loss 'huber' is unknown: choose one of absolute, cross-entropy, hinge, huber:DELTA"),
        ("l2", [[1.0], [0.0]], "loss 'l2' is unknown"),
    ],
)
def test_targets_that_do_not_fit_are_refused_in_words(name, Y, words):
    data = sk.Data([[1.0], [2.0]], np.array(Y))
    net = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]] * data.Y.shape[1]})
    with pytest.raises(sk.InputError, match=words):
        sk.connect(net, net, data, loss=name)


def test_labels_that_no_output_has_are_refused():
    """A label 3 needs a fourth output."""
    problem = problem_of("cross-entropy")
    data = sk.Data(problem.X, [3, *[0] * (problem.size - 1)])
    with pytest.raises(sk.InputError, match="3 outputs but the data 4 columns"):
        sk.connect(fitted(1, problem), fitted(2, problem), data, loss="cross-entropy")


def test_an_error_rate_of_data_without_labels_is_refused():
    net = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]]})
    with pytest.raises(sk.InputError, match="an error rate is about labels"):
        sk.connect(net, net, sk.Data([[1.0]], [[2.0]]), error_rate="1/2")
    labelled = sk.Data([[1.0], [2.0]], [0, 1])
    wide = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0], [2.0]]})
    with pytest.raises(sk.InputError, match="a share, from 0 to 1"):
        sk.connect(wide, wide, labelled, error_rate=2)


def test_squared_error_of_networks_trained_for_another_loss_is_noted():
    """Most labels right and a loss above the best constant's: what cross-entropy makes of outputs."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 2))
    labels = (X[:, 0] > 0).astype(int)
    net = sk.Network.from_arrays("two-layer", {"W": [[1.0, 0.0], [-1.0, 0.0]], "V": [[0.0, 9.0], [9.0, 0.0]]})
    data = sk.Data(X, labels)
    for result in (sk.connect(net, net, data), sk.certify([net, net], data)):
        (note,) = [note for note in result.notes if "trained for another loss" in note]
        assert "100% of the labels are right" in note
    assert not any("another loss" in note for note in sk.connect(net, net, data, loss="cross-entropy").notes)
    small = net.replace({"V": net.V / 20})
    assert not any("another loss" in note for note in sk.connect(small, small, data).notes)
