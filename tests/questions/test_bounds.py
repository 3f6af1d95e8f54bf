"""What `theory` says beside a certified depth: C1+ where V is optimal, T2's and T3's closed forms with m - r for m."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from numerics.data import Data
from numerics.losses import readout_is_optimal
from numerics.losses.problem import Problem
from numerics.moves.mass import masses
from numerics.networks import Branch, Layer, Network, Parallel, Residual, Stream, TwoLayer
from numerics.questions import search as questions
from numerics.questions.bounds import connect_bounds, depth_bounds, deviations
from numerics.routes.measured import best_measured
from theory import exact
from theory.statements import merging, pairing

LINE = Data(np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]]))
BETTER = TwoLayer(W=np.array([[-1.0]]), V=np.array([[-2.0]]))


def parallel(V: list[float], U: float = 0.0) -> Parallel:
    """Neurons 1 and 2 on x = 1, -1 with y = 1, -2: nothing is active at -1, so V_1 + 2 V_2 = 1 is optimal."""
    branch = Branch((Layer(np.ones((1, 2))),))
    return Parallel(W=np.array([[1.0], [2.0]]), V=np.array([V]), branch=branch, U=np.array([[U]]))


def test_c1_plus_by_hand() -> None:
    """V = (1/2, 1/4): L = 2, masses 1/2 and 1/2, sigma = 1, l = 1. Pruning has D = 1/2 by its
    closed form and by L3, C1 sqrt 2 + 1/4; measured (RM) D^2 = 1/8, which is C1+'s bound, and the path attains it.
    """
    answer = questions.depth(parallel([0.5, 0.25]), BETTER, Problem(LINE), route="prune")
    assert (answer.corners.start.exact, answer.corners.end.exact) == (2, Fraction(1, 2))
    bounds = depth_bounds(answer)
    for name, value in (("C1+", 0.125), ("R4", 2.0**0.5 + 0.25), ("L3", 2.0**0.5 + 0.25)):
        assert Fraction(value) <= bounds[name].value <= Fraction(value + 1e-9)  # masses are rounded up
    assert (bounds["C1+"].kind, bounds["C1+"].exact) == ("depth", False)
    assert answer.corners.maximum - answer.corners.start.exact == Fraction(1, 8)


def test_what_needs_more_memory_than_the_question_had_is_left_out() -> None:
    """RM's quadratic forms and C1+'s derivative; the closed forms and L3 need none."""
    answer = questions.depth(parallel([0.5, 0.25]), BETTER, Problem(LINE, budget=1 << 20), route="prune")
    assert answer.problem.budget == 1 << 20
    assert {"C1+", "RM", "L3", "R4", "R0"} <= set(depth_bounds(answer))
    without = depth_bounds(replace(answer, problem=Problem(LINE, budget=1)))
    assert not {"C1+", "RM"} & set(without)
    assert {"L3", "R4", "R0"} <= set(without)


@pytest.mark.parametrize(
    ("start", "optimal"),
    [
        (parallel([0.5, 0.25 + 2.0**-54]), False),
        (parallel([1.0, 0.25]), False),
        (parallel([0.125, 0.0625], 0.25), True),
    ],
)
def test_c1_plus_needs_an_optimal_readout_and_a_silent_branch(start: Parallel, optimal: bool) -> None:
    """One unit in the last place is too much; with a live branch V is optimal, and still nothing is said."""
    assert readout_is_optimal(start, Problem(LINE)) is optimal
    bounds = depth_bounds(questions.depth(start, BETTER, Problem(LINE), route="prune"))
    assert "C1+" not in bounds
    assert "R4" in bounds


def test_c1_plus_of_a_two_layer_network() -> None:
    """Lambda = 0 because there is no branch: the same numbers. Of all J the best merges w_2 = 2 w_1 at no cost."""
    start = TwoLayer(W=np.array([[1.0], [2.0]]), V=np.array([[0.5, 0.25]]))
    pruned = depth_bounds(questions.depth(start, BETTER, Problem(LINE), route="prune"))
    assert Fraction(1, 8) <= pruned["C1+"].value <= Fraction(1, 8) + Fraction(1, 10**12)
    bounds = depth_bounds(questions.depth(start, BETTER, Problem(LINE)))
    assert bounds["C1+"].value == bounds["RM"].value == 0


def blocks(kind: str, count: int, width: int = 12) -> Network:
    """A network of seeded weights with two outputs, and branches of three units."""
    rng = np.random.default_rng(3)
    named = {"W": rng.normal(size=(width, 3)), "V": rng.normal(size=(2, width))}
    for k in range(count):
        prefix = f"blocks.{k}." if kind == "stream" else ""
        named |= {f"{prefix}A": rng.normal(size=(3, width)), f"{prefix}U": rng.normal(size=(width, 3)) / 8}
    return {"residual": Residual, "stream": Stream}[kind].of(named, bias=True)


@pytest.mark.parametrize(
    ("kind", "count", "rank"), [("residual", 1, 2), ("stream", 1, 2), ("stream", 2, 5), ("stream", 3, 8)]
)
def test_closed_forms_of_streams_have_fewer_neurons(kind: str, count: int, rank: int) -> None:
    """m - p for RESIDUAL, m - p - (rows of the later A) for STREAM; R7's c is sqrt(1 + K)."""
    start = blocks(kind, count)
    rng = np.random.default_rng(4)
    data = Data(rng.normal(size=(20, 2)), rng.normal(size=(20, 2)))
    reference = TwoLayer(W=rng.normal(size=(2, 3)), V=np.zeros((2, 2)), bias=True)
    answer = questions.depth(start, reference, Problem(data), route="zero")
    found, mass = deviations(start, 2, answer), masses(start)
    assert set(found) == {"R1", "R2", "R3", "R4", "R7"}
    sizes = {"sigma": exact.upper(found["R4"] * (12 - rank) / (2 * mass.total)), "mass": mass.total}
    sizes |= {"width": 12 - rank, "neurons": 2}
    near = Fraction(1, 10**9)
    for name in ("R1", "R2", "R3", "R4"):
        other = merging.deviation(name, dimension=2, **sizes)
        assert abs(found[name] - other) <= near * other
    other = pairing.deviation(silent_branch=False, blocks=count, **sizes)
    assert abs(found["R7"] - other) <= near * other
    assert {"R0", "R4", "R7"} <= set(depth_bounds(answer))


def test_streams_whose_readers_leave_too_few_neurons_have_no_closed_form() -> None:
    """Three blocks of three units and two outputs leave 9 - 8 = 1 neuron, for a reference of two: R0 alone."""
    start = blocks("stream", 3, width=9)
    rng = np.random.default_rng(4)
    data = Data(rng.normal(size=(20, 2)), rng.normal(size=(20, 2)))
    reference = TwoLayer(W=rng.normal(size=(2, 3)), V=np.zeros((2, 2)), bias=True)
    assert set(depth_bounds(questions.depth(start, reference, Problem(data), route="zero"))) == {"R0"}
    answer = questions.connect(start, start.replace({"V": -start.V}), Problem(data), route="zero", reference=reference)
    assert set(connect_bounds(answer)) == {"R0"}


def test_r7_counts_at_least_one_block() -> None:
    """No block is said by `silent_branch`."""
    with pytest.raises(ValueError, match="silent_branch"):
        pairing.deviation(sigma=1, mass=1, width=4, neurons=1, silent_branch=True, blocks=0)


@pytest.mark.parametrize("route", ["zero", "refit", "prune", "pairing", "rank", "measured", "auto"])
def test_rm_stands_beside_every_route_of_a_parallel_network(route: str) -> None:
    """That of the best J, for depth and for both ends of connect; with `prune` asked for that of its own J."""
    rng = np.random.default_rng(5)
    branch = Branch((Layer(rng.normal(size=(2, 6))),))
    start = Parallel(W=rng.normal(size=(6, 2)), V=rng.normal(size=(1, 6)), branch=branch, U=rng.normal(size=(1, 2)))
    data = Data(rng.normal(size=(5, 2)), rng.normal(size=(5, 1)))
    reference = TwoLayer(W=np.ones((2, 2)), V=np.zeros((1, 2)))
    found = deviations(start, 2, questions.depth(start, reference, Problem(data), route=route))
    best = best_measured(start, 2, Problem(data))
    assert (found["RM"] > best) if route == "prune" else (found["RM"] == best)
    assert found["RM"] <= min(found[name] for name in ("R3", "R4"))
    if route != "prune":
        answer = questions.connect(
            start, start.replace({"V": -start.V}), Problem(data), route=route, reference=reference
        )
        assert "RM" in connect_bounds(answer)
