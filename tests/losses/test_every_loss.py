"""Every loss of exact outputs: fractions, or enclosures that contain mpmath's value at 60 digits."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb

from numerics.arithmetic.limbs import LimbMatrix
from numerics.arithmetic.rationals import Enclosure
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses, float_loss, losses_of
from numerics.losses.kinds import cross_entropy, multi_hinge
from numerics.losses.kinds.huber import Huber
from numerics.losses.problem import Problem
from numerics.losses.registry import families, loss_named
from numerics.losses.totals import SMALLEST, Total, working
from numerics.networks import TwoLayer
from support.loss_oracles import IRRATIONAL, LOSSES, around, enclosed
from support.loss_problems import NAMES, fit, within
from support.many_segments import values_agree

SEED = 1701
ONE = np.ones((1, 1))


def agrees(name: str, cases: range) -> None:
    """Corners and a random time between them, of random networks."""
    for k in cases:
        values_agree(name, k)


def test_every_loss_is_tried() -> None:
    """No family is missing here."""
    assert {name.partition(":")[0] for name in LOSSES} == set(families())


@pytest.mark.parametrize("name", LOSSES)
def test_losses_agree_with_their_definitions(name: str) -> None:
    """Any class, any magnitude."""
    agrees(name, range(10))


@pytest.mark.slow
@pytest.mark.parametrize("name", LOSSES)
def test_many_losses_agree_with_their_definitions(name: str) -> None:
    """The same, at length."""
    agrees(name, range(600))


def reading(*logits: float) -> TwoLayer:
    """The network whose outputs at the point 1 are these."""
    return TwoLayer(W=ONE, V=np.array(logits)[:, None])


def labelled(outputs: int, label: int) -> Data:
    """The point 1 with a label."""
    return Data(ONE, np.eye(outputs)[[label]])


def of_one(name: str, label: int, *logits: float) -> Enclosure:
    (found,) = losses_of([reading(*logits)], Problem(labelled(len(logits), label), loss=loss_named(name)))
    return found


def test_ties_by_hand() -> None:
    """Equal outputs: `log p`, and a hinge of exactly 1."""
    for value in (0.0, 1.5, 1e300, 1e-300):
        found = of_one("cross-entropy", 1, value, value, value)
        with mpmath.workdps(90):
            assert within(found, around(mpmath.log(3)))
        assert of_one("multi-hinge", 1, value, value, value).exact == 1


@pytest.mark.parametrize("name", ["cross-entropy", "logistic"])
def test_outputs_beyond_what_exp_takes(name: str) -> None:
    """1e300: as large a loss on the wrong side, less than any float on the right one."""
    for sign, other in ((1.0, -1.0), (-1.0, 1.0)):
        data = labelled(2, 0) if name == "cross-entropy" else Data(ONE, np.array([[1.0, -1.0]]))
        network = reading(sign * 1e300, other * 1e300)
        (found,) = losses_of([network], Problem(data, loss=loss_named(name)))
        if sign > 0:
            assert (found.lower, found.upper) == (0, SMALLEST)
        else:
            least = 2 * Fraction(1e300)
            assert least <= found.top <= least * (1 + Fraction(1, 2**120))
        assert float_loss(network, Problem(data, loss=loss_named(name))) == pytest.approx(float(found))


def test_a_loss_below_all_floats_keeps_its_bits() -> None:
    """A margin of -700: some 1e-304, relatively as well known as any other."""
    found = of_one("cross-entropy", 0, 700.0, 0.0)
    with mpmath.workdps(90):
        assert within(found, around(mpmath.log1p(mpmath.exp(-700))))
    assert 0 < found.top - found.lower <= found.top / 2**120


def test_one_class_and_many_networks_at_once() -> None:
    """All labels alike; networks that share their features are one product, and lose nothing."""
    rng = np.random.default_rng(SEED)
    data = Data(rng.normal(size=(5, 2)), np.eye(3)[np.zeros(5, dtype=int)])
    networks = [TwoLayer(W=rng.normal(size=(4, 2)), V=rng.normal(size=(3, 4))) for _ in range(3)]
    for name in LOSSES:
        loss = loss_named(name)
        points = Data(data.X, fit(name, data.Y, rng))
        problem = Problem(points, loss=loss)
        assert losses_of(networks, problem) == [losses_of([one], problem)[0] for one in networks]


def test_more_bits_lie_within_fewer() -> None:
    """So that two programs of different precision agree on what is stated."""
    network, data = reading(0.3, -1.7, 0.9), labelled(3, 0)
    for name in ("cross-entropy", "logistic"):
        loss = loss_named(name)
        points = data if name == "cross-entropy" else Data(ONE, np.array([[1.0, -1.0, 1.0]]))
        few, more = (losses_of([network], Problem(points, loss=loss), bits)[0] for bits in (128, 512))
        assert few.lower < more.lower < more.top < few.top
        assert more.top - more.lower < more.top / 2**500


def test_fractions_of_irrational_losses_are_refused() -> None:
    """Callers that are about squared error never get half an enclosure."""
    with pytest.raises(ValueError, match="irrational"):
        exact_losses([reading(1.0, 2.0)], Problem(labelled(2, 0), loss=loss_named("cross-entropy")))


def test_targets_that_are_unfit_are_refused() -> None:
    """Before anything is evaluated."""
    with pytest.raises(InputError, match="one-hot"):
        Problem(Data(ONE, ONE), loss=loss_named("cross-entropy"))
    with pytest.raises(InputError, match="-1 or 1"):
        Problem(Data(ONE, 0 * ONE), loss=loss_named("hinge"))


def test_memory_is_predicted() -> None:
    """A budget that is too small is refused in words."""
    with pytest.raises(InputError, match="budget"):
        losses_of([reading(1.0, 2.0)], Problem(labelled(2, 0), budget=1000, loss=loss_named("cross-entropy")))


# Planted errors.


def test_a_log_sum_that_is_rounded_down_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """By 2^-100 of itself."""

    def less(exponents: LimbMatrix, scale: int, precision: int) -> arb:
        with working(precision):
            return true(exponents, scale, precision) * (1 - arb((1, -100)))

    true = cross_entropy.log_sum
    monkeypatch.setattr(cross_entropy, "log_sum", less)
    with pytest.raises(AssertionError, match="not enclosed"):
        agrees("cross-entropy", range(10))


def test_an_end_that_is_no_bound_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ends are the middle's float."""

    def middle(self: Total, samples: int, precision: int) -> Enclosure:
        found = true(self, samples, precision)
        return Enclosure.of(Fraction(float((found.lower + found.top) / 2)))

    true = Total.mean
    monkeypatch.setattr(Total, "mean", middle)
    with pytest.raises(AssertionError, match="not enclosed"):
        agrees("logistic", range(10))


def test_a_largest_entry_that_is_missed_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first column is taken for the row's maximum."""
    monkeypatch.setattr(multi_hinge, "row_maxima", lambda values: values.columns(0, 1))
    with pytest.raises(AssertionError, match="not enclosed"):
        agrees("multi-hinge", range(10))


def test_means_are_taken_of_all_samples() -> None:
    """The oracle itself, by hand: two points, logits 0 and 0, so log 2; hinge 1 in each of two outputs."""
    f, y = [[Fraction(0)] * 2] * 2, [[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]]
    low, high = enclosed("cross-entropy", f, y)
    with mpmath.workdps(90):
        assert all(abs(mpmath.mpf(one.numerator) / one.denominator - mpmath.log(2)) < 1e-59 for one in (low, high))
    assert low < high
    assert enclosed("hinge", f, [[Fraction(1)] * 2] * 2) == (2, 2)
    assert enclosed("huber:1/3", [[Fraction(1)]], [[Fraction(0)]]) == (Fraction(5, 18), Fraction(5, 18))
    assert {name for name in LOSSES if not loss_named(name).rational} == set(IRRATIONAL)


def test_a_parameter_that_is_not_positive_is_named_as_it_was_given() -> None:
    """Huber's delta."""
    with pytest.raises(InputError, match="loss huber:0 is unusable"):
        loss_named("huber:0")
    with pytest.raises(InputError, match="loss huber:-1/2 is unusable"):
        Huber(Fraction(-1, 2))


@pytest.mark.parametrize("name", NAMES)
def test_smoothed_losses_are_near(name: str) -> None:
    """Rounding a corner off changes a loss by at most its width an output: w/2, w log 2, w log p <= p w."""
    rng, loss = np.random.default_rng(SEED), loss_named(name)
    f = rng.normal(size=(50, 3))
    Y = fit(name, rng.normal(size=(50, 3)), rng)
    exact = float(loss.floats(f, Y).mean())
    for width in (0.5, 0.01):
        assert abs(loss.smoothed(f, Y, width)[0] - exact) <= 3 * width * (loss.smoothness is None)
