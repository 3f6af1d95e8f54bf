"""T4, T4+ at width N + 1, walked in fractions: rank raised, one basis of features exchanged for another."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.statements.rank import feature_rank

F = Fraction
POINTS = [[F(1), F(0)], [F(0), F(1)], [F(-1), F(2)]]  # pairwise neither parallel nor anti-parallel
N = len(POINTS)
SPARE = [[F(a), F(b)] for a in (-2, -1, 1, 3) for b in (-2, -1, 1, 3)]  # rows whose features span everything
Rows = list[list[Fraction]]
Network = tuple[Rows, list[Fraction]]  # W (m, 2) and V (m,), one output
small = st.integers(-3, 3).map(F)


def feature(row: Sequence[Fraction]) -> list[Fraction]:
    return [max(F(0), sum((w * x for w, x in zip(row, point, strict=True)), F(0))) for point in POINTS]


def outputs(network: Network) -> list[Fraction]:
    W, V = network
    columns = [[v * z for z in feature(w)] for w, v in zip(W, V, strict=True)]
    return [sum(entries, F(0)) for entries in zip(*columns, strict=True)]


def rank(rows: Sequence[Sequence[Fraction]]) -> int:
    return feature_rank([feature(row) for row in rows]) if rows else 0


def combination(rows: Sequence[Sequence[Fraction]], target: Sequence[Fraction]) -> list[Fraction]:
    """gamma with sum_b gamma_b zeta(rows_b) = target; the features are independent and span it."""
    columns = [feature(row) for row in rows]
    entries = [[column[k] for column in columns] + [target[k]] for k in range(N)]
    reduced, _ = fmpq_mat(N, len(rows) + 1, [fmpq(x.numerator, x.denominator) for row in entries for x in row]).rref()
    return [F(int(reduced[b, len(rows)].p), int(reduced[b, len(rows)].q)) for b in range(len(rows))]


def basis_of(W: Rows) -> list[int]:
    chosen: list[int] = []
    for j in range(len(W)):
        if rank([W[b] for b in (*chosen, j)]) > len(chosen):
            chosen.append(j)
    return chosen


def on_slots(m: int, values: dict[int, Fraction]) -> list[Fraction]:
    return [values.get(j, F(0)) for j in range(m)]


def with_row(W: Rows, slot: int, row: list[Fraction]) -> Rows:
    return [row if j == slot else w for j, w in enumerate(W)]


def raised(start: Network) -> list[Network]:
    """Lemma B: corners from `start` to features of rank N, nothing read outside a basis."""
    path = [start]
    while True:
        W, _ = path[-1]
        basis = basis_of(W)
        V = on_slots(len(W), dict(zip(basis, combination([W[b] for b in basis], outputs(start)), strict=True)))
        path.append((W, V))  # R5: the basis takes over
        if len(basis) == N:
            return path
        free = next(j for j in range(len(W)) if j not in basis)
        row = next(row for row in SPARE if rank([*(W[b] for b in basis), row]) > len(basis))
        path.append((with_row(W, free, row), V))  # L9: silent


def exchanged(start: Network, goal: Network, *, careless: bool = False) -> list[Network]:
    """T4+, step 2: corners from the basis that `start` reads to the rows that `goal` reads, at one output.

    `careless` drops the first feature read, whether the newcomer contains it or not: a planted error.
    """
    path = [start]
    support = basis_of(start[0])
    done: list[int] = []
    for b in basis_of(goal[0]):
        W, V = path[-1]
        free = next(j for j in range(len(W)) if j not in support)
        W = with_row(W, free, goal[0][b])
        path.append((W, V))
        gamma = combination([W[j] for j in support], feature(W[free]))
        share = dict(zip(support, gamma, strict=True))
        out = next(j for j in support if j not in done and (careless or share[j] != 0))
        factor = V[out] / (share[out] or 1)
        values = {j: V[j] - share[j] * factor for j in support if j != out}
        V = on_slots(len(W), {**values, free: factor})
        support = [j for j in (*support, free) if j != out]
        done.append(free)
        path.append((W, V))
    return path


def networks(m: int) -> st.SearchStrategy[Network]:
    rows = st.lists(small, min_size=2, max_size=2)
    return st.tuples(st.lists(rows, min_size=m, max_size=m), st.lists(small, min_size=m, max_size=m))


def constant(path: Sequence[Network]) -> bool:
    """Between two neighbours W moves only where V is 0 at both, or V alone moves: so corners decide."""
    for (W, V), (W_, V_) in pairwise(path):
        moved = [j for j in range(len(W)) if W[j] != W_[j]]
        if moved and (V != V_ or any(V[j] for j in moved)):
            return False
    return all(outputs(corner) == outputs(path[0]) for corner in path)


@settings(max_examples=20, deadline=None)
@given(networks(N + 1))
def test_the_rank_is_raised_at_no_cost(start):
    """Lemma B: from any parameter to features of rank N, with the outputs constant."""
    path = raised(start)
    assert constant(path)
    assert rank(path[-1][0]) == N


@settings(max_examples=20, deadline=None)
@given(networks(N + 1), networks(N + 1))
def test_one_basis_becomes_the_other_at_width_n_plus_one(first, second):
    """T4+, step 2: with one free slot the readout ends on the other's rows, all at one output."""
    start, goal = raised(first)[-1], raised(second)[-1]
    path = exchanged(start, goal)
    assert constant(path)
    wanted = sorted(goal[0][b] for b in basis_of(goal[0]))
    W, V = path[-1]
    read = [W[j] for j in range(N + 1) if V[j]]
    assert all(row in wanted for row in read)
    assert all(row in W for row in wanted)


def test_at_width_n_no_slot_is_free():
    """Without the one neuron more the exchange cannot begin: sharp, as L9's barrier shows."""
    start = ([[F(1), F(0)], [F(0), F(1)], [F(-1), F(2)]], [F(1)] * N)
    with pytest.raises(StopIteration):
        exchanged(start, ([[F(1), F(1)], [F(-1), F(1)], [F(1), F(3)]], [F(1)] * N))


def test_a_feature_that_the_newcomer_does_not_contain_must_stay():
    """The newcomer is the second feature itself: dropping the first changes the outputs."""
    start = ([*POINTS, [F(0), F(0)]], on_slots(N + 1, {0: F(1), 1: F(1), 2: F(1)}))
    goal = ([[F(0), F(2)], [F(1), F(0)], [F(-1), F(2)], [F(0), F(0)]], on_slots(N + 1, {0: F(1)}))
    assert rank(start[0]) == N == rank(goal[0])
    assert constant(exchanged(start, goal))
    assert not constant(exchanged(start, goal, careless=True))
