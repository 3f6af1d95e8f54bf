"""T4b, Lemma B at width N + 1, walked in fractions: the rank is raised, the outputs rest."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

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
