"""R5, R7, RM and L6: exact numbers, planted errors, small cases by hand."""

from fractions import Fraction

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, sqrt

from theory.algebra import prove_identity
from theory.exact import strictly_below
from theory.proof import Verdict
from theory.smt import prove
from theory.statements import measured, merging, pairing, rank, selection
from theory.symbols import a, b, s_i, s_j

F = Fraction
modest = settings(max_examples=40, deadline=None)
NINE = {"sigma": 1, "mass": 1, "width": 1000, "neurons": 10}


@pytest.mark.parametrize("module", [measured, pairing, rank, selection], ids=lambda module: module.__name__)
def test_proved(module):
    assert all(proof().verdict is Verdict.PROVED for proof in module.PROOFS)


def test_known_answer_9_pairing():
    assert pairing.bound(**NINE, silent_branch=True) == 2 * sqrt(10) / 981
    assert pairing.bound(**NINE, silent_branch=False) == 2 * sqrt(20) / 981
    above = pairing.deviation(**NINE, silent_branch=True)
    assert strictly_below(2 * sqrt(10) / 981, above)
    assert strictly_below(above, 2 * sqrt(10) / 981 + Rational(1, 10**30))


def test_pairs_need_two_neurons_each():
    assert pairing.deviation(sigma=1, mass=1, width=2, neurons=1, silent_branch=True) == 2
    with pytest.raises(ValueError, match="R7 needs 2l <= m"):
        pairing.deviation(sigma=1, mass=1, width=2, neurons=2, silent_branch=True)


def test_pairing_is_no_better_than_pruning_for_few_neurons():
    """In the exponent R7 always beats R4; as bounds not: l = 1, m = 4 has 2/3 against 1/4."""
    assert pairing.deviation(sigma=1, mass=1, width=4, neurons=1, silent_branch=True) == F(2, 3)
    assert merging.deviation("R4", sigma=1, mass=1, width=4, neurons=1, dimension=1) == F(1, 4)


def test_an_unbalanced_choice_is_refuted():
    """With equal weights the two choices do not average to the stated square unless the masses are equal."""
    half = ((a - s_j * b) ** 2 + (a + s_i * b) ** 2) / 2
    result = prove_identity("R7", half, a**2 + s_i * s_j * b**2, scope="a planted error")
    assert result.verdict is Verdict.REFUTED


@modest
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(-5, 5)), min_size=2, max_size=10).filter(
        lambda x: len(x) % 2 == 0
    )
)
def test_greedy_pairing_on_scalars_stays_below_the_bound(neurons):
    """Each neuron is (mass, contribution per mass at most 5): the greedy sum of changes against 2 sigma sqrt(l) s."""
    neurons = sorted(neurons)
    total, largest = F(0), max(mass for mass, _ in neurons)
    for (mass_j, g_j), (mass_i, g_i) in zip(neurons[::2], neurons[1::2], strict=True):
        change = g_j - g_i
        total = min((total - mass_j * change, total + mass_i * change), key=abs)
    assert total**2 <= len(neurons) // 2 * (2 * 5 * largest) ** 2


def test_the_heaviest_light_neuron_needs_the_others_to_be_heavier():
    level, total, few, many = z3.Reals("s_2l S l m")
    claim = level * (many - 2 * few + 1) <= total
    result = prove("R7", claim, assuming=(level >= 0, few >= 1, many >= 2 * few, total >= level), scope="removed")
    assert result.verdict is Verdict.REFUTED


def test_selection_is_a_share_and_attained():
    assert selection.share(mass=3, neurons=2, candidates=4) == F(3, 2)
    with pytest.raises(ValueError, match="L6 needs M >= l"):
        selection.share(mass=3, neurons=5, candidates=4)


@modest
@given(st.lists(st.fractions(0, 9, max_denominator=9), min_size=1, max_size=8), st.integers(1, 8))
def test_the_lightest_weigh_their_share_and_the_heaviest_need_not(masses, neurons):
    neurons = min(neurons, len(masses))
    share = selection.share(mass=sum(masses, F(0)), neurons=neurons, candidates=len(masses))
    assert sum(sorted(masses)[:neurons], F(0)) <= share <= sum(sorted(masses)[-neurons:], F(0))


def test_selection_needs_the_others_to_be_heavier():
    low, total, level, few, many = z3.Reals("low S level l M")
    assuming = (few >= 1, many >= few, level >= 0, low <= few * level, total >= low)
    assert prove("L6", many * low <= few * total, assuming=assuming, scope="removed").verdict is Verdict.REFUTED


def test_rank_is_exact_where_floats_see_more():
    third = [[F(1, 3), F(2, 3)], [F(1, 7), F(2, 7)]]
    assert rank.feature_rank(third) == 1
    assert rank.feature_rank([[1, 2], [2, 4 + F(1, 10**40)]]) == 2


def test_R5_is_zero_or_refused():
    assert rank.deviation(width=10, rank=7, neurons=3) == 0
    with pytest.raises(ValueError, match="m - rank >= l"):
        rank.deviation(width=10, rank=8, neurons=3)
    with pytest.raises(ValueError, match="rows of one length"):
        rank.feature_rank([[1], [1, 2]])


def test_RM_is_known_answer_3():
    """z = (1, 3) and (0, 4): merging neuron 2 into 3 w_1 changes V by (3, -1): the change of f is (0, -4)."""
    gram = [[F(1, 2), F(3, 2)], [F(3, 2), F(25, 2)]]
    assert measured.squared_norm([[3, -1]], gram) == 8
    above = measured.deviation(readout_change=[[3, -1]], gram=gram)
    assert 8 < above**2 < 8 + F(1, 10**30)


def test_RM_adds_the_branch():
    assert measured.deviation(
        readout_change=[[1, 0]], gram=[[4, 0], [0, 1]], branch_change=[[0, 3]], slope=F(1, 2)
    ) == F(7, 2)
    with pytest.raises(ValueError, match="change of A is needed"):
        measured.deviation(readout_change=[[1]], gram=[[1]], slope=1)
    with pytest.raises(ValueError, match="no second moment"):
        measured.squared_norm([[1]], [[-1]])
