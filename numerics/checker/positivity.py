"""T8a: what a two-layer network pays for changing the sign of an output weight, on singles and pairs (section 7).

All V_j have the sign s at the start, and no network with s V >= 0 is better. So on the way to a better one some V_j is
0 for the first time, where m - 1 neurons with s V >= 0 do all the work. What these must miss is known in closed form
for one kind of data: *singles*, the inputs p_i that have targets y_i with s y_i > 0, at least m of them, of which every
sum of two is an input with targets of the other sign or 0, and all these sums are different. Let a_j have the entries
([w_j.p_i]_+)^(1/2). Then G = sum_j |V_j| a_j a_j^T has a rank below the number of singles, |f(p_i)| = G_ii and
|f(p_i + p_k)| >= 2 G_ik. For v with G v = 0 the errors of G times v_i v_k add up to sum_i |y_i| v_i^2, and by
Cauchy-Schwarz they are not small.
"""

from collections import Counter

from flint import fmpq, fmpz

from .arrays import Array, Weights
from .budget import CELL, listed, require
from .effort import Budget, words
from .errors import Refused
from .exact import float_integers
from .inputs import Data
from .spaces import Space

Point = tuple[int, ...]


def emptied(space: Space, start: Weights, loss: fmpq, data: Data, budget: Budget) -> fmpq:
    """What every path from the start meets that ends below `loss`, the start's.

    Raises Refused where a hypothesis fails, Unusable over the budget.
    """
    if space.kind != "two-layer":
        raise Refused("nothing is proved of the signs of V beside a branch, which can read the positive side (T8a)")
    sign = _sign(start["V"])
    if sign == 0:
        raise Refused("V has not one sign at the start, or a 0 (T8a)")
    integers, extent = float_integers(data.y)
    targets = [sign * value for value in integers]
    unit = fmpq(2) ** (2 * extent.exponent) / len(targets)
    missed = unit * sum((fmpz(y) * y for y in targets if y < 0), fmpz(0))
    if loss != missed:
        raise Refused("the start's loss is more than networks with V of one sign must have (T8a)")
    if space.slots == 1:  # without its neuron f is 0
        return missed + unit * sum((fmpz(y) * y for y in targets if y > 0), fmpz(0))
    return missed + unit * _one_less(space, data.seen_by_first_layer(space.bias).x, targets, budget)


def _one_less(space: Space, x: Array, targets: list[int], budget: Budget) -> fmpz:
    """What m - 1 neurons with V of one sign miss beyond the targets of the other sign, at least: a sum of squares.

    With n_i copies of single i and n_ik of its sum with k it is the largest c with c <= n_i y_i^2 and c <= 2 n_ik y_i
    y_k for all of them; then c (sum v_i^4 / n_i + sum v_i^2 v_k^2 / n_ik) <= (sum y_i v_i^2)^2 for all v.
    """
    entries, extent = float_integers(x)
    cost = CELL * extent.cols * words(extent.bits)
    require(3 * listed(extent), budget.memory)
    budget.effort.charge(cost * extent.rows)
    points = [tuple(entries[first : first + extent.cols]) for first in range(0, len(entries), extent.cols)]
    # The start fits them all, so equal inputs with positive targets have equal ones.
    values = {point: y for point, y in zip(points, targets, strict=True) if y > 0}
    singles = Counter(point for point, y in zip(points, targets, strict=True) if y > 0)
    others = Counter(point for point, y in zip(points, targets, strict=True) if y <= 0)
    if len(singles) < space.slots:
        raise Refused(f"{len(singles)} inputs have targets of V's sign, fewer than there are neurons (T8a)")
    distinct, sums = list(singles), set[Point]()
    found = [singles[one] * fmpz(values[one]) ** 2 for one in singles]
    for k, one in enumerate(distinct):
        budget.effort.charge(cost * k)
        for other in distinct[:k]:
            pair = _sum(one, other)
            if others[pair] == 0:
                raise Refused("the sum of two inputs with targets of V's sign is no input with another target (T8a)")
            if pair in sums:  # its points would count twice
                raise Refused("two pairs of inputs with targets of V's sign have the same sum (T8a)")
            sums.add(pair)
            found.append(2 * others[pair] * fmpz(values[one]) * values[other])
    return min(found)


def _sum(one: Point, other: Point) -> Point:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _sign(readout: Array) -> int:
    """1 or -1 if all entries are above or below 0, else 0."""
    if (readout > 0).all():
        return 1
    return -1 if (readout < 0).all() else 0
