"""T4, T4b, T4+: widths, general position, and T5's known answer 13 with its path."""

from fractions import Fraction

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from support.oracles import exact_loss, interpolate
from theory.proof import Verdict
from theory.smt import prove, relu
from theory.statements import finite_sample, rank, separation
from theory.statements.finite_sample import in_general_position, span_of_features, width_for

F = Fraction
modest = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize("module", [finite_sample, separation], ids=lambda module: module.__name__)
def test_proved(module):
    assert all(proof().verdict is Verdict.PROVED for proof in module.PROOFS)


def test_the_least_widths():
    assert [width_for(id_, points=10, rank=7) for id_ in ("T4", "T4b", "T4+")] == [11, 10, 8]
    assert width_for("T4", points=10) == 11
    with pytest.raises(ValueError, match=r"T4\+ needs the rank of all features, from 0 to N = 10, got None"):
        width_for("T4+", points=10)
    with pytest.raises(ValueError, match=r"got 11"):
        width_for("T4+", points=10, rank=11)
    with pytest.raises(ValueError, match=r"known: T4, T4b, T4\+"):
        width_for("T5", points=10)
    with pytest.raises(ValueError, match="N >= 1"):
        width_for("T4", points=0)


def test_at_the_rank_itself_no_neuron_is_left():
    """With m = rho all neurons may have a place and independent features."""
    width, rho, placed = z3.Reals("m rho placed")
    result = prove("T4+", width - placed >= 1, assuming=(width >= rho, placed <= rho, rho >= 1), scope="m = rho")
    assert result.verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("points", "bias", "general"),
    [
        ([[1, 0], [0, 1]], False, True),
        ([[1, 2], [2, 4]], False, False),
        ([[1, 2], [-1, -2]], False, False),
        ([[0, 0], [1, 1]], False, False),
        ([[0, 0], [1, 1]], True, True),
        ([[1, 2], [1, 2]], True, False),
        ([[F(1, 3)], [F(2, 3)]], True, True),
        ([[1], [-1]], True, True),
    ],
)
def test_general_position(points, bias, general):
    assert in_general_position(points, first_layer_bias=bias) is general


def features(points, rows):
    return [[max(sum((F(u) * v for u, v in zip(w, x, strict=True)), F(0)), F(0)) for w in rows] for x in points]


GRID = [[u, v] for u in range(-6, 7) for v in range(-6, 7)]


@modest
@given(st.lists(st.lists(st.integers(-3, 3), min_size=2, max_size=2), min_size=1, max_size=4))
def test_in_general_position_features_reach_full_rank(points):
    """Samples of rows refute a rank too low: on this grid they reach N wherever the condition holds."""
    if in_general_position(points, first_layer_bias=False):
        assert rank.feature_rank(features(points, GRID)) == len(points)


def test_anti_parallel_inputs_can_have_dependent_features():
    """Six inputs +-x, +-x', +-(x + x'): the condition fails, and no rows reach rank 6."""
    points = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1]]
    assert not in_general_position(points, first_layer_bias=False)
    assert rank.feature_rank(features(points, GRID)) == span_of_features(points, first_layer_bias=False) == 5


@modest
@given(st.lists(st.lists(st.integers(-2, 2), min_size=2, max_size=2), min_size=1, max_size=6))
def test_the_span_of_all_features_is_what_rows_reach(points):
    """rho by its formula, and the rank that the rows of the grid reach; repeated, parallel and zero inputs too."""
    assert span_of_features(points, first_layer_bias=False) == rank.feature_rank(features(points, GRID))


@pytest.mark.parametrize(
    ("points", "bias", "rho"),
    [([[0]], False, 0), ([[0]], True, 1), ([[1], [2], [-3]], False, 2), ([[1], [1], [-1]], True, 2)],
)
def test_duplicates_and_multiples_do_not_count(points, bias, rho):
    assert span_of_features(points, first_layer_bias=bias) == rho


def test_known_answer_13():
    valley = separation.plain_valley([1, -2])
    assert (valley.loss, valley.depth, valley.crossing) == (2, F(1, 2), F(5, 2))
    assert separation.width_suffices([[1], [-1]], first_layer_bias=True, width=2)
    assert not separation.width_suffices([[1], [-1]], first_layer_bias=True, width=1)
    assert not separation.width_suffices([[1], [-1]], first_layer_bias=False, width=2)


def test_known_answer_13_the_plain_path_costs_the_depth_and_the_skip_path_nothing():
    plain = {"W": [[1], [-1]], "A": [[1, 0]], "U": [[1]]}
    X, Y = [[1], [-1]], [[1], [-2]]
    assert exact_loss(plain, "plain", 0, X, Y) == 2
    flat, across = plain | {"U": [[0]]}, plain | {"A": [[0, 2]], "U": [[-1]]}
    assert exact_loss(flat, "plain", 0, X, Y) == F(5, 2)
    assert exact_loss(across, "plain", 0, X, Y) == F(1, 2)
    skip = {"W": [[1], [-1]], "V": [[0, 0]], "A": [[1, 0]], "U": [[1]]}
    end = skip | {"V": [[0, -2]]}
    for t in (F(0), F(1, 3), F(1)):
        assert exact_loss(interpolate(skip, end, t), "parallel", 0, X, Y) == 2 * (1 - t) ** 2


@pytest.mark.parametrize("targets", [[1, -1], [2, -1], [-1, -2], [1, 2], [0]])
def test_targets_without_the_hypothesis_are_refused(targets):
    with pytest.raises(ValueError, match=r"T5 needs 0 < mean\(y_\+\^2\) < mean\(y_-\^2\)"):
        separation.plain_valley(targets)


def test_no_target_and_floats_are_refused():
    with pytest.raises(ValueError, match="at least one target"):
        separation.plain_valley([])
    with pytest.raises(ValueError, match="must be exact"):
        separation.plain_valley([0.5, -1])


def test_an_output_bias_removes_the_crossing():
    f, y, bias = z3.Reals("f y c")
    error = (f + bias - y) * (f + bias - y)
    result = prove("T5", z3.Implies(f >= 0, error >= relu(-y) * relu(-y)), scope="an output bias planted")
    assert result.verdict is Verdict.REFUTED
    assert result.witness["c"] < 0
