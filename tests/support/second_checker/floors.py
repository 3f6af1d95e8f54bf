"""The second checker's T8a and T10 (section 7 of the page), with Fractions, slowly and obviously.

T10 looks at the network's own planes, point by point, where the checker looks at its loss.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from support.second_checker.archive import Corner, exact, need
from support.second_checker.classes import Weights, forward

Row = Sequence[Fraction]


def clusters(
    network_class: str, start: Corner, loss: Fraction, points: Sequence[Row], y: Sequence[Fraction]
) -> Fraction:
    """T10's level. `points`: as the first layer sees them."""
    need(all(name.rpartition(".")[2][0].isupper() for name in start), "valley: a bias")
    corner = {name: exact(values) for name, values in start.items()}
    owners: list[int | None] = []
    for x in points:
        signs = [dot(w, x) for w in corner["W"]]
        need(0 not in signs, "valley: on a kink")
        seeing = [j for j, value in enumerate(signs) if value > 0]
        need(len(seeing) <= 1, "valley: two neurons at one point")
        owners.append(seeing[0] if seeing else None)
    f = [output(network_class, corner, x) for x in points]
    need(loss == mean((a - b) ** 2 for a, b in zip(f, y, strict=True)), "valley: another loss")
    prices: list[Fraction] = []
    for j, w in enumerate(corner["W"]):
        mine = [k for k, owner in enumerate(owners) if owner == j]
        need(bool(mine), "valley: an empty cluster")
        gram = [
            [sum((points[k][a] * points[k][b] for k in mine), Fraction(0)) / len(y) for b in axes(w)] for a in axes(w)
        ]
        for a in axes(w):
            need(sum(((f[k] - y[k]) * points[k][a] for k in mine), Fraction(0)) == 0, "valley: not the best plane")
        factor = f[mine[0]] / dot(w, points[mine[0]])  # Psi(e_j)
        for x in points:
            prices.append((factor * dot(w, x)) ** 2 / dot(x, solution(gram, x)))
    return loss + min(prices)


def positivity(start: Corner, loss: Fraction, points: Sequence[Row], y: Sequence[Fraction]) -> Fraction:
    """T8a's level for singles and pairs, both counted point by point."""
    V = exact(start["V"])[0]
    s = 1 if V[0] > 0 else -1
    need(all(s * v > 0 for v in V), "valley: V has not one sign")
    y = [s * value for value in y]
    least = mean(max(-value, Fraction(0)) ** 2 for value in y)
    need(loss == least, "valley: not the best with V of one sign")
    if len(V) == 1:
        return mean(value**2 for value in y)
    data = list(zip(map(tuple, points), y, strict=True))
    singles = sorted({x for x, value in data if value > 0})
    need(len(singles) >= len(V), "valley: fewer singles than neurons")
    pairs = [(a, b) for i, a in enumerate(singles) for b in singles[:i]]
    sums = [tuple(u + v for u, v in zip(a, b, strict=True)) for a, b in pairs]
    need(len(set(sums)) == len(sums), "valley: a sum of two pairs")
    height = {x: value for x, value in data if value > 0}
    floors = [sum((value**2 for x, value in data if value > 0 and x == one), Fraction(0)) for one in singles]
    for (a, b), both in zip(pairs, sums, strict=True):
        count = sum(1 for x, value in data if value <= 0 and x == both)
        need(count > 0, "valley: a pair is missing")
        floors.append(2 * count * height[a] * height[b])
    return least + min(floors) / Fraction(len(y))


def output(network_class: str, corner: Weights, x: Row) -> Fraction:
    """The first output at a point."""
    value = forward(network_class, corner, x)[0]
    assert isinstance(value, Fraction)
    return value


def solution(matrix: Sequence[Row], right: Row) -> list[Fraction]:
    """`matrix^{-1} right` by elimination; refused where there is no pivot."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        pivot = next((k for k in range(i, len(rows)) if rows[k][i]), i)
        need(rows[pivot][i] != 0, "valley: a cluster that does not span")
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(len(rows)):
            if k != i:
                rows[k] = [a - rows[k][i] * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] for row in rows]


def axes(row: Row) -> range:
    """The places of its entries."""
    return range(len(row))


def dot(one: Row, other: Row) -> Fraction:
    """The sum of products."""
    return sum((a * b for a, b in zip(one, other, strict=True)), Fraction(0))


def mean(values: Iterable[Fraction]) -> Fraction:
    """Of a non-empty list."""
    numbers = list(values)
    return sum(numbers, Fraction(0)) / len(numbers)
