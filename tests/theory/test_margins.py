"""E1: a margin between its ends, planted errors, and shares of wrong samples counted by hand."""

from fractions import Fraction

import pytest
import z3

from theory.proof import Verdict
from theory.smt import prove
from theory.statements import margins
from theory.statements.margins import is_right, wrong_share

F = Fraction


@pytest.mark.parametrize("proof", margins.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


def refuted(claim, *assuming):
    result = prove("E1", claim, assuming=assuming, scope="a planted error")
    assert result.verdict is Verdict.REFUTED
    return result.witness


def test_a_margin_that_is_zero_at_an_end_may_be_zero_there():
    """The twin with `> 0` is `margin_between`: with `>= 0` a tie counts as right."""
    start, end, time = z3.Reals("start end t")
    w = refuted((1 - time) * start + time * end > 0, start >= 0, end >= 0, time >= 0, time <= 1)
    assert (1 - w["t"]) * w["start"] + w["t"] * w["end"] == 0


def test_a_margin_that_bends_can_be_negative_in_between():
    """Right at both ends and wrong between, where an output is not affine: a margin with a term in t (1 - t)."""
    start, end, bend, time = z3.Reals("start end bend t")
    margin = (1 - time) * start + time * end - bend * time * (1 - time)
    w = refuted(margin > 0, start > 0, end > 0, time >= 0, time <= 1)
    assert w["start"] > 0
    assert w["end"] > 0
    t = w["t"]
    assert (1 - t) * w["start"] + t * w["end"] - w["bend"] * t * (1 - t) <= 0


def test_a_model_that_is_positive_at_one_end_only_says_nothing():
    """`margin_on_a_piece` without its left end."""
    a, b, r, s = z3.Reals("a b r s")
    w = refuted(a + b * s > 0, r >= 0, s <= r, -s <= r, a + b * r > 0)
    assert w["a"] + w["b"] * w["r"] > 0 >= w["a"] + w["b"] * w["s"]


def test_a_tie_is_wrong_and_a_single_output_is_right():
    assert is_right([1, 0, F(1, 2)], 0)
    assert not is_right([1, 1, 0], 0)
    assert not is_right([1, 1, 0], 1)
    assert is_right([0], 0)


@pytest.mark.parametrize("label", [-1, 2])
def test_a_label_that_is_no_outputs_is_refused(label):
    with pytest.raises(ValueError, match="out of range, there are outputs 0 to 1"):
        is_right([0, 1], label)


def test_shares_by_hand():
    """Sample 0 is wrong at the start, sample 1 at the end, sample 2 nowhere, sample 3 at both."""
    starts, ends = [[0, 1], [1, 0], [1, 0], [0, 1]], [[1, 0], [0, 1], [2, 0], [1, 1]]
    assert wrong_share(starts, ends, [0, 0, 0, 0]) == F(3, 4)
    assert wrong_share(starts, starts, [0, 0, 0, 0]) == F(1, 2)
    with pytest.raises(ValueError, match="at least one sample"):
        wrong_share([], [], [])
    with pytest.raises(ValueError, match="shorter"):
        wrong_share(starts, ends[:3], [0, 0, 0, 0])


def test_the_larger_of_the_ends_shares_is_no_bound():
    """Margins 1 - 4t and 4t - 3: each sample is wrong at one end, and both are from t = 1/4 to 3/4."""
    starts, ends = [[1, 0], [0, 3]], [[0, 3], [1, 0]]
    assert wrong_share(starts, starts, [0, 0]) == wrong_share(ends, ends, [0, 0]) == F(1, 2)
    middle = [[(F(a) + b) / 2 for a, b in zip(x, y, strict=True)] for x, y in zip(starts, ends, strict=True)]
    assert wrong_share(middle, middle, [0, 0]) == 1 == wrong_share(starts, ends, [0, 0])
