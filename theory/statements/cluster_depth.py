"""T10U [ours]: when T10's bound is the depth, and the path that attains it.

Where the least price is that of a point of another cluster, the plane goes to 0 there on the way that costs no more
than the price, and one unit of a branch that was silent then reads the smaller of two neurons, which is not 0 at this
point alone. The evaluator gives that path in rationals, for any network and data.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import z3
from sympy import Eq

from theory.arguments import formal, part, sampled, smt
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove, relu
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements.clusters import Vector, inverse_gram, owners, valley_depth
from theory.symbols import depth, price

STATEMENTS = (
    Statement(
        id="T10U",
        title="When T10's bound is the depth",
        kind=Kind.EXISTENCE,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="As in T10, in PARALLEL, r >= 1, with a bias-free ReLU branch of any depth, and U = 0 at theta. Let "
        "T10's least price delta be that of neuron j at a data point x of weight w_x, where x is in the cluster of "
        "another neuron i and no other data point lies on the line through 0 and x; R = u^_i.x - y_x. If w_x R^2 > "
        "delta > 0, the depth of theta is exactly delta, and a path attains it.",
        formulas=(Formula(Eq(depth, price), (), "the least price at such a point, w_x R^2 > price, U = 0"),),
        chapter=Chapter.FURTHER,
        depends_on=("T10", "L9"),
        not_covered="A least price at an own point, at a point that nobody sees, or with further points on the line of "
        "x. TWO-LAYER: without a branch the new neuron is read at own points too. U not 0 at theta.",
        note="The path has three straight segments. Other pairs may have the same price: where the plane pays the "
        "price of x it vanishes at no other point.",
    ),
)


@dataclass(frozen=True)
class Escape:
    """T10U's path: row `neuron` moves along `direction`, to w + `end` times it, and is least favourable at time 1.

    Before, the branch takes [z_neuron - z_owner]_+ and `lift` goes to V_neuron and, with a minus, to U. `depth` is
    exact; `point` is x, and `gained` is by how much the end lies below theta.
    """

    depth: Fraction
    neuron: int
    owner: int
    point: int
    direction: tuple[Fraction, ...]
    end: Fraction
    lift: Fraction
    gained: Fraction


def escape(
    rows: Sequence[Vector],
    readouts: Vector,
    points: Sequence[Vector],
    targets: Vector,
    weights: Vector | None = None,
) -> Escape:
    """T10U for one network with U = 0 and data, exactly: `rows` W, `readouts` V, `points` as the first layer sees them.

    Raises ValueError where a hypothesis fails, T10's or T10U's, and says which.
    """
    found = valley_depth(rows, readouts, points, targets, weights)
    share = [Fraction(1, len(points))] * len(points) if weights is None else [Fraction(value) for value in weights]
    whose = owners(rows, points)
    for j, k in found.pairs:
        i, x = whose[k], points[k]
        if i is None or i == j or any(n != k and _on_one_line(x, other) for n, other in enumerate(points)):
            continue
        misfit = Fraction(readouts[i]) * _dot(rows[i], x) - targets[k]
        if share[k] * misfit**2 > found.price > 0:
            return _escape(rows, readouts, points, share, (j, i, k), found.price, misfit)
    raise ValueError(
        "T10U needs the least price at a point of another neuron's cluster, alone on its line, that misses its target "
        "by more than the price"
    )


def _escape(
    rows: Sequence[Vector],
    readouts: Vector,
    points: Sequence[Vector],
    share: Vector,
    place: tuple[int, int, int],
    price: Fraction,
    misfit: Fraction,
) -> Escape:
    j, i, k = place
    whose, x = owners(rows, points), points[k]
    own = [n for n, owner in enumerate(whose) if owner == j]
    inverse = inverse_gram([points[n] for n in own], [share[n] for n in own], len(x), j)
    to_x = [
        sum((Fraction(int(inverse[a, b].p), int(inverse[a, b].q)) * x[b] for b in range(len(x))), Fraction(0))
        for a in range(len(x))
    ]
    step = -_dot(rows[j], x) / _dot(to_x, x)
    direction = tuple(step * value for value in to_x)
    before, change = ([_dot(w, one) for one in points] for w in (rows[j], direction))
    # Beyond time 1: no other sign of neuron j changes, it stays below neuron i at x, and the end is below theta.
    beyond = Fraction(1)
    while not (
        all((b + (1 + beyond) * c) * b > 0 for n, (b, c) in enumerate(zip(before, change, strict=True)) if n != k)
        and beyond * change[k] < _dot(rows[i], x)
        and (1 + beyond) ** 2 * price < share[k] * misfit**2
    ):
        beyond /= 2
    seen = beyond * change[k]
    return Escape(
        depth=price,
        neuron=j,
        owner=i,
        point=k,
        direction=direction,
        end=1 + beyond,
        lift=-misfit / seen - Fraction(readouts[j]),
        gained=share[k] * misfit**2 - (1 + beyond) ** 2 * price,
    )


def _on_one_line(x: Vector, other: Vector) -> bool:
    """Whether `other` is a multiple of x, 0 among them."""
    at = next(i for i, value in enumerate(x) if value)
    return all(Fraction(x[at]) * v == Fraction(u) * other[at] for u, v in zip(x, other, strict=True))


def _dot(left: Vector, right: Vector) -> Fraction:
    return sum((Fraction(x) * y for x, y in zip(left, right, strict=True)), Fraction(0))


def on_the_way() -> ProofResult:
    """T10U: the plane on its way at time t costs t^2 delta and vanishes at another point only at a cost of its price,
    which is delta at least: so not before time 1.
    """
    time, delta, other = z3.Reals("t delta price")
    return prove(
        "T10U",
        time >= 1,
        assuming=(delta > 0, time >= 0, other >= delta, other <= time * time * delta),
        scope="all reals; price is that of the other point",
    )


def smaller_of_two() -> ProofResult:
    """T10U: z_j - [z_j - z_i]_+ is the smaller of the two: 0 where one of them is, and z_j where z_j <= z_i."""
    one, other = z3.Reals("z_j z_i")
    smaller = one - relu(one - other)
    return prove(
        "T10U",
        z3.And(
            z3.Implies(z3.Or(one == 0, other == 0), smaller == 0),
            z3.Implies(one <= other, smaller == one),
        ),
        assuming=(one >= 0, other >= 0),
        scope="all reals; a chain of single units passes [z_j - z_i]_+ on",
    )


def beyond_the_point() -> ProofResult:
    """T10U: at 1 + s, s from 0 to e, the loss less theta's is (1+s)^2 delta + w R^2 ((1 - s/e)^2 - 1): at most delta
    where (1+e)^2 delta <= w R^2, as it is convex.
    """
    share, delta, gain, end = z3.Reals("s/e delta wR^2 e")
    there = share * end
    return prove(
        "T10U",
        (1 + there) * (1 + there) * delta + gain * ((1 - share) * (1 - share) - 1) <= delta,
        assuming=(
            share >= 0,
            share <= 1,
            delta > 0,
            end > 0,
            (1 + end) * (1 + end) * delta <= gain,
        ),
        scope="all reals",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (on_the_way, smaller_of_two, beyond_the_point)

ARGUMENTS = (
    part(
        "T10U",
        *smt(on_the_way, smaller_of_two, beyond_the_point),
        remains="T10, that two points of one price at one place lie on one line (equality in Cauchy-Schwarz), any "
        "number of clusters",
    ),
)

FORMAL = (formal("T10U", "cluster_depth.T10U_parallel T10U_deep_relu"),)

INSTANCES = (sampled("T10U"),)
