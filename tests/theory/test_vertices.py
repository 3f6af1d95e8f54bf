"""Linear programs on exact vertices: by hand, and T4F's widths."""

from fractions import Fraction
from itertools import pairwise

import pytest

from theory.proof import Verdict
from theory.statements import regularised_samples
from theory.vertices import Program, completed, followed, improved, independent, thinned

F = Fraction
COLUMNS = [(F(1), F(0)), (F(0), F(1)), (F(1), F(1)), (F(-1), F(2))]
COSTS = [F(3), F(1), F(2), F(2)]


def total(rho):
    return tuple(sum(r * column[k] for r, column in zip(rho, COLUMNS, strict=True)) for k in range(2))


def cost(rho):
    return sum(r * c for r, c in zip(rho, COSTS, strict=True))


def test_proved():
    assert all(proof().verdict is Verdict.PROVED for proof in regularised_samples.PROOFS)


def test_independent_vectors():
    assert independent(COLUMNS) == [0, 1]
    assert independent([(F(0), F(0)), (F(2), F(4)), (F(1), F(2)), (F(0), F(1))]) == [1, 3]


def test_the_best_vertex_by_hand():
    """(2, 3) = 2 (1, 0) + 3 (0, 1) costs 9, = 2 (1, 1) + (0, 1) costs 5."""
    program = Program.of(COLUMNS, COSTS)
    path, basis = improved(program, completed(program, [0, 1]), (F(2), F(3)))
    assert path[0] == [2, 3, 0, 0]
    assert path[-1] == [0, 1, 2, 0]
    assert basis == [1, 2]
    assert all(total(rho) == (2, 3) for rho in path)
    assert all(cost(after) <= cost(before) for before, after in pairwise(path))


def test_the_way_of_the_best_vertex_by_hand():
    """To (-1, 3), where (-1, 2) and (0, 1) cost 3: at time 2/3 the first coordinate is 0 and (1, 1) leaves."""
    program = Program.of(COLUMNS, COSTS)
    path, basis = followed(program, [1, 2], (F(2), F(3)), (F(-1), F(3)))
    assert [time for time, _ in path] == [0, F(2, 3), 1]
    assert path[1][1] == [0, 3, 0, 0]
    assert path[-1][1] == [0, 1, 0, 1]
    assert basis == [1, 3]
    for time, rho in path:
        assert total(rho) == (2 - 3 * time, 3)


def test_a_right_side_without_a_solution_is_refused():
    program = Program.of(COLUMNS, COSTS)
    with pytest.raises(ValueError, match="at time 3/4 of the way"):
        followed(program, [1, 2], (F(2), F(3)), (F(2), F(-1)))
    with pytest.raises(ValueError, match="a cost each"):
        Program.of([], [])


def test_live_columns_become_independent_and_the_cost_does_not_rise():
    path = thinned(COLUMNS, COSTS, [F(1)] * 4)
    assert all(total(rho) == (1, 4) and min(rho) >= 0 for rho in path)
    assert all(cost(after) <= cost(before) for before, after in pairwise(path))
    live = [COLUMNS[u] for u, value in enumerate(path[-1]) if value]
    assert len(independent(live)) == len(live) == 2


def test_widths():
    assert regularised_samples.width_for(points=3, outputs=2) == 7
    assert regularised_samples.width_for(points=3, outputs=2, readings=4) == 19
    with pytest.raises(ValueError, match="T4F needs"):
        regularised_samples.width_for(points=0, outputs=1)
