"""T10: what a path must pay to leave a pattern in which every neuron has a cluster of the data to itself (section 7).

Without biases beyond the first layer f is a positively homogeneous function of the features, whatever the branch. While
the signs of all w_j.x are weakly those of the start, f is a linear function u_j.x on the cluster C_j of neuron j and 0
where no neuron is active, so the loss is at least that of the least-squares planes u^_j. Where the pattern is left some
w_j.x, hence u_j.x, is 0 at a point x, which costs C_j at least (u^_j.x)^2 / (x^T G_j^{-1} x), G_j the mean of x x^T
over C_j. The network's outputs are not looked at: that its planes are the best ones follows from its loss.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import fmpq, fmpz, fmpz_mat

from .arrays import Weights
from .budget import CELL, converting, held, require
from .effort import Budget, words
from .errors import Refused
from .exact import Extent, Matrix, float_extent, float_matrix
from .inputs import Data
from .shown import shown
from .spaces import Space, is_vector

# Samples whose pre-activations, or prices, are held at the same time.
_ROWS = 256


@dataclass(frozen=True)
class Plane:
    """The least-squares plane of one cluster, in integers over `whole` > 0 and in units of the data's exponents.

    `slopes` (D, 1): u^ times `whole`; `inverse` (D, D): G^{-1} times `whole`; `explained`: what the plane takes from
    the sum of squares of its targets.
    """

    slopes: fmpz_mat
    inverse: fmpz_mat
    whole: fmpz
    explained: fmpq

    __repr__ = shown


def leaving(space: Space, start: Weights, loss: fmpq, data: Data, budget: Budget) -> fmpq:
    """What every path from the start meets that ends below `loss`, the start's.

    Raises Refused where a hypothesis fails, Unusable over the budget.
    """
    biases = [name for name in space.names if is_vector(name)]
    if biases:
        raise Refused(f"nothing is proved of clusters with the bias {biases[0]} (T10)")
    x, y = data.seen_by_first_layer(space.bias).x, data.y
    _require_room(float_extent(x), float_extent(start["W"]), float_extent(y), budget)
    points, rows, targets = (float_matrix(array) for array in (x, start["W"], y))
    owners = _owners(points, rows, budget)
    planes = [_plane(j, owners, points, targets, budget) for j in range(space.slots)]
    unit = fmpq(2) ** (2 * targets.extent.exponent) / len(y)
    squares = sum((entry * entry for entry in targets.entries.entries()), fmpz(0))
    if loss != unit * (squares - sum((plane.explained for plane in planes), fmpq(0))):
        raise Refused("the start's loss is not that of the least-squares planes of its clusters (T10)")
    return loss + unit * min(price for plane in planes for price in _prices(plane, points, budget))


def _owners(points: Matrix, rows: Matrix, budget: Budget) -> list[int | None]:
    """The neuron that alone is active at each point, None where none is. Raises Refused for any other pattern."""
    found: list[int | None] = []
    across = rows.transposed()
    for block in _blocks(points, first=1):  # most networks fail at the first point
        budget.effort.charge(_product(block.extent, across.extent) + CELL * block.extent.rows * across.extent.cols)
        values = block.times(across).entries
        for k in range(block.extent.rows):
            signs = [values[k, j] for j in range(across.extent.cols)]
            if fmpz(0) in signs:
                raise Refused(f"w.x is 0 for neuron {signs.index(fmpz(0))} at point {len(found)} (T10)")
            active = [j for j, value in enumerate(signs) if value > 0]
            if len(active) > 1:
                raise Refused(f"point {len(found)} is in no cluster: neurons {active[0]} and {active[1]} see it (T10)")
            found.append(active[0] if active else None)
    return found


def _plane(j: int, owners: Sequence[int | None], points: Matrix, targets: Matrix, budget: Budget) -> Plane:
    """The best plane of neuron j's cluster. Raises Refused where G_j is singular."""
    mine = [k for k, owner in enumerate(owners) if owner == j]
    size = points.extent.cols
    if len(mine) < size:
        raise Refused(f"the cluster of neuron {j} does not span the inputs (T10)")
    solution = Extent(size, size, 0, _inverse_bits(points.extent))
    require(4 * held(solution) + held(points.extent), budget.memory)
    budget.effort.charge(_solving(points.extent, len(mine)))
    own, aims = _rows_of(points, mine).entries, _rows_of(targets, mine).entries
    gram, moments = own.transpose() * own, own.transpose() * aims
    try:
        inverse, whole = gram.inv().numer_denom()
    except ZeroDivisionError:
        raise Refused(f"the cluster of neuron {j} does not span the inputs (T10)") from None
    slopes = inverse * moments
    return Plane(slopes, inverse, whole, fmpq((moments.transpose() * slopes)[0, 0], whole))


def _prices(plane: Plane, points: Matrix, budget: Budget) -> Iterator[fmpq]:
    """(u^.x)^2 / (x^T G^{-1} x) at every point, in units of the squared targets."""
    square = Extent(points.extent.cols, points.extent.cols, 0, _bits(plane.inverse))
    for block in _blocks(points):
        require(held(block.extent.times(square)) + held(block.extent), budget.memory)
        budget.effort.charge(2 * _product(block.extent, square) + CELL * block.extent.rows * block.extent.cols)
        values, turned = block.entries * plane.slopes, block.entries * plane.inverse
        for k in range(block.extent.rows):
            # Not 0: G is positive definite, and x is on a strict side of every row.
            length = sum((turned[k, i] * block.entries[k, i] for i in range(block.extent.cols)), fmpz(0))
            yield fmpq(values[k, 0] ** 2, plane.whole * length)


def _blocks(points: Matrix, first: int = _ROWS) -> Iterator[Matrix]:
    """The rows in turn, `first` of them at first."""
    begin, end = 0, first
    while begin < points.extent.rows:
        yield _rows_of(points, range(begin, min(end, points.extent.rows)))
        begin, end = end, end + _ROWS


def _rows_of(matrix: Matrix, numbers: Sequence[int]) -> Matrix:
    extent = Extent(len(numbers), matrix.extent.cols, matrix.extent.exponent, matrix.extent.bits)
    return Matrix.of([matrix.entries[k, i] for k in numbers for i in range(extent.cols)], extent)


def _require_room(points: Extent, rows: Extent, targets: Extent, budget: Budget) -> None:
    """Raise Unusable if the exact matrices and the pre-activations of a block would not fit."""
    block = Extent(min(points.rows, _ROWS), points.cols, 0, points.bits)
    parts = (points, rows, rows, targets, block, block.times(rows.transposed()))
    require(sum(map(held, parts)), budget.memory)
    budget.effort.charge(converting((points, rows, targets)))


def _inverse_bits(points: Extent) -> int:
    """Bits of any minor of a Gram matrix of these points: the product of its diagonal bounds it (Hadamard)."""
    return points.cols * (2 * points.bits + points.rows.bit_length())


def _product(one: Extent, other: Extent) -> int:
    return one.rows * one.cols * other.cols * words(one.bits) * words(other.bits)


def _solving(points: Extent, count: int) -> int:
    """Word operations of the Gram matrix of so many points, and its inverse."""
    size = points.cols
    gram = count * size * (size + 1) * words(points.bits) ** 2
    return gram + size**3 * words(_inverse_bits(points)) + CELL * (size * size + count * size)


def _bits(matrix: fmpz_mat) -> int:
    return max((int(abs(entry)).bit_length() for entry in matrix.entries()), default=0)
