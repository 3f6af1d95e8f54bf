"""Linear programs `min cost.rho, sum rho_u h_u = b, rho >= 0` on exact vertices: every vertex that a path passes.

Simplex pivots in rationals, by Bland's rule, primal for one right side and dual along a line of right sides; a second
cost breaks ties of the first, so that the best vertex is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import flint

Vector = Sequence[Fraction]
Pair = tuple[Fraction, Fraction]
"""A cost and the one that breaks ties, compared in this order."""

NOTHING = (Fraction(0), Fraction(0))


@dataclass(frozen=True)
class Program:
    """Columns h_u, all of one length, and costs >= 0; `tableau`, the columns in independent rows alone."""

    columns: tuple[tuple[Fraction, ...], ...]
    costs: tuple[Pair, ...]
    rows: tuple[int, ...]

    @classmethod
    def of(cls, columns: Sequence[Vector], costs: Vector) -> "Program":
        """The second cost of column u is 1/(u + 2)^2. Raises ValueError without columns."""
        if not columns or len(columns) != len(costs):
            raise ValueError(f"a program needs columns with a cost each, got {len(columns)} and {len(costs)}")
        flipped = [list(row) for row in zip(*columns, strict=True)]
        pairs = tuple((Fraction(cost), Fraction(1, (u + 2) ** 2)) for u, cost in enumerate(costs))
        return cls(tuple(tuple(column) for column in columns), pairs, tuple(independent(flipped)))

    def solution(self, basis: Sequence[int], right: Vector) -> list[Fraction]:
        """rho of this basis, all columns."""
        found = [Fraction(0)] * len(self.columns)
        for u, value in zip(basis, self._solve(basis, right), strict=True):
            found[u] = value
        return found

    def _solve(self, basis: Sequence[int], right: Vector) -> list[Fraction]:
        if not basis:
            return []
        matrix = flint.fmpq_mat([[_fmpq(self.columns[u][row]) for u in basis] for row in self.rows])
        found = matrix.solve(flint.fmpq_mat([[_fmpq(right[row])] for row in self.rows]))
        return [_fraction(found[k, 0]) for k in range(len(basis))]

    def reduced(self, basis: Sequence[int], column: int) -> tuple[Pair, list[Fraction]]:
        """What one unit of a column costs beyond the basis that it replaces, and how much of the basis that is."""
        share = self._solve(basis, self.columns[column])
        first, second = self.costs[column]
        for part, u in zip(share, basis, strict=True):
            first, second = first - part * self.costs[u][0], second - part * self.costs[u][1]
        return (first, second), share


def independent(vectors: Sequence[Vector]) -> list[int]:
    """The first of these vectors that are linearly independent, greedily, by their places."""
    chosen: list[int] = []
    reduced: list[tuple[int, list[Fraction]]] = []
    for place, vector in enumerate(vectors):
        rest = [Fraction(value) for value in vector]
        for pivot, row in reduced:
            if rest[pivot]:
                factor = rest[pivot] / row[pivot]
                rest = [a - factor * b for a, b in zip(rest, row, strict=True)]
        first = next((k for k, value in enumerate(rest) if value), None)
        if first is not None:
            chosen.append(place)
            reduced.append((first, rest))
    return chosen


def thinned(columns: Sequence[Vector], costs: Vector, rho: Vector) -> list[list[Fraction]]:
    """From `rho` on to one whose live columns are independent, one column less at each corner; `sum rho h` stays, the
    cost does not rise (Caratheodory).
    """
    path = [[Fraction(value) for value in rho]]
    while True:
        here = path[-1]
        live = [u for u, value in enumerate(here) if value]
        basis = [live[k] for k in independent([columns[u] for u in live])]
        extra = next((u for u in live if u not in basis), None)
        if extra is None:
            return path
        share = _combination([columns[u] for u in basis], columns[extra]) if basis else []
        change = {extra: Fraction(-1), **dict(zip(basis, share, strict=True))}
        if sum((costs[u] * value for u, value in change.items()), Fraction(0)) > 0:
            change = {u: -value for u, value in change.items()}
        if all(value >= 0 for value in change.values()):  # no cost at all along it
            change = {u: -value for u, value in change.items()}
        time = min(here[u] / -value for u, value in change.items() if value < 0)
        path.append([value + time * change.get(u, Fraction(0)) for u, value in enumerate(here)])


def completed(program: Program, live: Sequence[int]) -> list[int]:
    """A basis that holds these independent columns."""
    order = [*live, *(u for u in range(len(program.columns)) if u not in live)]
    return sorted(order[k] for k in independent([program.columns[u] for u in order]))


def improved(program: Program, basis: Sequence[int], right: Vector) -> tuple[list[list[Fraction]], list[int]]:
    """Primal pivots to the best vertex for one right side: the vertices passed, the first included, and its basis."""
    basis = sorted(basis)
    path = [program.solution(basis, right)]
    while True:
        entering = None
        for u in range(len(program.columns)):
            if u not in basis:
                cost, share = program.reduced(basis, u)
                if cost < NOTHING:
                    entering = u
                    break
        if entering is None:
            return path, basis
        here = path[-1]
        ratios = [(here[v] / s, v) for v, s in zip(basis, share, strict=True) if s > 0]
        _, leaving = min(ratios)  # there is one, as costs are not negative
        basis = sorted([u for u in basis if u != leaving] + [entering])
        path.append(program.solution(basis, right))


def followed(
    program: Program, basis: Sequence[int], start: Vector, end: Vector
) -> tuple[list[tuple[Fraction, list[Fraction]]], list[int]]:
    """Dual pivots from the best vertex at `start` along the line to `end`: times and vertices, and the last basis.

    Raises ValueError where the program has no solution on the way.
    """
    basis = sorted(basis)
    time = Fraction(0)
    path = [(time, program.solution(basis, start))]
    while True:
        first, last = program.solution(basis, start), program.solution(basis, end)
        falling = [(first[u] / (first[u] - last[u]), u) for u in basis if last[u] < 0]
        if not falling:
            path.append((Fraction(1), last))
            return path, basis
        time, leaving = min(falling)
        path.append((time, [(1 - time) * a + time * b for a, b in zip(first, last, strict=True)]))
        place = basis.index(leaving)
        options = []
        for u in range(len(program.columns)):
            if u not in basis:
                cost, share = program.reduced(basis, u)
                if share[place] < 0:
                    options.append(((cost[0] / -share[place], cost[1] / -share[place]), u))
        if not options:
            raise ValueError(f"no vertex at time {time} of the way: the right side leaves the columns' cone")
        basis = sorted([u for u in basis if u != leaving] + [min(options)[1]])


def _combination(basis: Sequence[Vector], vector: Vector) -> list[Fraction]:
    """The coefficients of a vector in independent ones that span it."""
    rows = independent([list(row) for row in zip(*basis, strict=True)])
    matrix = flint.fmpq_mat([[_fmpq(column[row]) for column in basis] for row in rows])
    found = matrix.solve(flint.fmpq_mat([[_fmpq(vector[row])] for row in rows]))
    return [_fraction(found[k, 0]) for k in range(len(basis))]


def _fmpq(value: Fraction) -> flint.fmpq:
    return flint.fmpq(Fraction(value).numerator, Fraction(value).denominator)


def _fraction(value: flint.fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))
