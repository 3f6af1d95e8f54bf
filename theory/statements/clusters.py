"""T10, T10P [ours]: valleys that no branch removes, at every width, and an explicit family with its exact depth.

Where the branch has no bias, a cluster of data that one neuron alone sees gets a linear function of the input, whatever
the branch; to leave the pattern of signs some of these functions must vanish at a data point, and that has a price. The
evaluator works on any network and data in rationals. The first exit and Cauchy-Schwarz in general are Coq's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import flint
import z3
from sympy import Eq, Ge
from sympy import Rational as Exactly

from theory.arguments import formal, part, sampled, smt
from theory.exact import Rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import depth, m, price

PARABOLA_DEPTH = Exactly(3, 100) / m
"""T10P's depth, in units of the squared targets."""

PUSH = (56, 40, 1)
"""Where T10P's path moves row 0: w_0 + s PUSH."""

TOP, END = Fraction(1, 50), Fraction(7, 250)
"""The times s at which its loss is largest, and at which it ends, below its start."""

Vector = Sequence[Rational]

STATEMENTS = (
    Statement(
        id="T10",
        title="Valleys that no branch removes",
        kind=Kind.LOWER_BOUND,
        sources=(
            Provenance(
                Source.KNOWN,
                "that linear pieces fitted to disjoint groups of data make spurious local minima: Yun, Sra and "
                "Jadbabaie 2018, Liu 2021, Christof and Kowalczyk 2022 (abstracts only seen)",
            ),
            Provenance(Source.OURS, "every branch, the depth, every width"),
        ),
        claim="One output, squared error, kappa = 0, f = Psi(z) with Psi(c z) = c Psi(z) for c >= 0: PARALLEL, "
        "RESIDUAL, STREAM, POST, PLAIN, TWO-LAYER of any depth and widths without bias after the first layer and "
        "without output bias. Data: clusters C_1..C_m and perhaps points C_0; G_j = E[1_{C_j} x x^T] invertible, "
        "l_j(u) = E[1_{C_j} (u.x - y)^2], u^_j its minimiser. theta: points of C_j are seen by neuron j only (w_j.x > "
        "0, w_i.x < 0 for i != j), points of C_0 by none, strictly, and Psi(e_j) w_j = u^_j; the branch may be live. "
        "Then the depth of theta is at least the least (u^_j.x)^2/(x^T G_j^{-1} x) over all j and all data points x.",
        formulas=(Formula(Ge(depth, price), (), "price is that least value"),),
        chapter=Chapter.FURTHER,
        depends_on=(),
        not_covered="An output bias together with a first-layer bias, and biases inside a branch on finite data: there "
        "the argument fails. kappa > 0. That the bound is attained (T10P). It is at most min_j ||h_j||^2/D, D the "
        "length of what the first layer sees, so C7's first bound is not attained this way.",
        note="p outputs: the same with ||u^_j x||^2 where the least-squares matrix has rank one. Any convex loss: the "
        "least of inf_{u.x = 0} l_j(u) - min l_j.",
    ),
    Statement(
        id="T10P",
        title="The parabola family",
        kind=Kind.EXISTENCE,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="Input dimension 2, first-layer bias, any m: cluster j = 0..m-1 is the four points (j + s/8, j^2 + js/4 "
        "+ t/8), s, t = +-1, weight 1/(4m), y = 1 - t/2 + rho s t; theta: w_j = (8j, -4, 1 - 4j^2), V_j = 1, U = 0. "
        "Then L = rho^2, ||h_j||^2 = 5/(4m), and the depth is at least 3/(100m) in PARALLEL with any bias-free branch, "
        "of any depth and width, or none; for rho = 1 and m >= 2 it is exactly 3/(100m).",
        formulas=(
            Formula(Eq(depth, PARABOLA_DEPTH), (Ge(m, 2),), "rho = 1"),
            Formula(Ge(depth, PARABOLA_DEPTH), (), "any rho"),
        ),
        chapter=Chapter.FURTHER,
        depends_on=("T10",),
        not_covered="m = 1, where only own points count: depth >= 1/12 there. Branches with biases. kappa > 0.",
        note="So valleys remain at every width, with any branch without biases; width makes them shallow: T7's bound "
        "(sigma S/m)^2 says nothing here, as S grows with m.",
    ),
)


@dataclass(frozen=True)
class Cluster:
    """T10's least price: what it is, whose plane must pass through which point, and the loss there is at theta; in
    `pairs` all neurons and points with this price.
    """

    price: Fraction
    neuron: int
    point: int
    loss: Fraction
    pairs: tuple[tuple[int, int], ...]


def owners(rows: Sequence[Vector], points: Sequence[Vector]) -> tuple[int | None, ...]:
    """The neuron that alone sees each point, None where nobody does. Raises ValueError for any other pattern."""
    found: list[int | None] = []
    for place, x in enumerate(points):
        values = [_dot(w, x) for w in rows]
        if 0 in values:
            raise ValueError(f"T10 needs strict signs: neuron {values.index(Fraction(0))} is 0 at point {place}")
        seeing = [j for j, value in enumerate(values) if value > 0]
        if len(seeing) > 1:
            raise ValueError(f"T10 needs one neuron a point: neurons {seeing[0]} and {seeing[1]} see point {place}")
        found.append(seeing[0] if seeing else None)
    return tuple(found)


def valley_depth(
    rows: Sequence[Vector],
    slopes: Vector,
    points: Sequence[Vector],
    targets: Vector,
    weights: Vector | None = None,
) -> Cluster:
    """T10 for one network and data, exactly: `rows` W, `slopes` Psi(e_j) (V_j where U = 0), `points` as the first layer
    sees them, `weights` of the points (1/N each if left out).

    Raises ValueError where a hypothesis fails: the pattern of signs, a cluster that does not span, or a plane that is
    not the least-squares one.
    """
    share = [Fraction(1, len(points))] * len(points) if weights is None else [Fraction(value) for value in weights]
    whose = owners(rows, points)
    prices: list[tuple[Fraction, int, int]] = []
    for j, (row, slope) in enumerate(zip(rows, slopes, strict=True)):
        plane = [Fraction(slope) * value for value in row]
        own = [k for k, owner in enumerate(whose) if owner == j]
        inverse = inverse_gram([points[k] for k in own], [share[k] for k in own], len(row), j)
        miss = [share[k] * (_dot(plane, points[k]) - targets[k]) for k in own]
        if any(sum(r * points[k][i] for r, k in zip(miss, own, strict=True)) for i in range(len(row))):
            raise ValueError(f"T10 needs Psi(e_j) w_j to be the least-squares plane of its cluster: neuron {j} is not")
        prices += [(plane_price(plane, x, inverse), j, k) for k, x in enumerate(points)]
    if not prices:
        raise ValueError("T10 needs at least one neuron and one point")
    best, neuron, point = min(prices)
    outputs = [
        Fraction(0) if j is None else Fraction(slopes[j]) * _dot(rows[j], x) for j, x in zip(whose, points, strict=True)
    ]
    loss = sum((w * (f - y) ** 2 for w, f, y in zip(share, outputs, targets, strict=True)), Fraction(0))
    return Cluster(best, neuron, point, loss, tuple((j, k) for price, j, k in prices if price == best))


def plane_price(plane: Vector, x: Vector, inverse: flint.fmpq_mat) -> Fraction:
    """(u.x)^2/(x^T G^{-1} x), exactly: what it costs a cluster whose best plane is u to vanish at x."""
    column = flint.fmpq_mat([[_fmpq(value)] for value in x])
    square = (column.transpose() * inverse * column)[0, 0]
    return _dot(plane, x) ** 2 / Fraction(int(square.p), int(square.q))


@dataclass(frozen=True)
class Parabola:
    """T10P at one width: `points` as the first layer sees them (x, 1), `targets`, the `rows` of theta (V = 1)."""

    points: tuple[tuple[Fraction, ...], ...]
    targets: tuple[Fraction, ...]
    rows: tuple[tuple[int, ...], ...]
    depth: Fraction


def parabola(width: int, rho: Rational = 1) -> Parabola:
    """T10P's data in equal weights and its theta. `depth` is 3/(100m): exact for rho = 1 and m >= 2, else a bound."""
    if width < 1:
        raise ValueError(f"T10P needs m >= 1, got {width}")
    corners = [(j, s, t) for j in range(width) for s in (1, -1) for t in (1, -1)]
    points = tuple(
        (j + Fraction(s, 8), j * j + Fraction(j * s, 4) + Fraction(t, 8), Fraction(1)) for j, s, t in corners
    )
    targets = tuple(1 - Fraction(t, 2) + Fraction(rho) * s * t for _, s, t in corners)
    rows = tuple((8 * j, -4, 1 - 4 * j * j) for j in range(width))
    return Parabola(points, targets, rows, Fraction(3, 100 * width))


def parabola_loss(width: int, time: Rational) -> Fraction:
    """L along T10P's path at s = `time` in [0, 7/250], rho = 1, m >= 2: 1 + (300 s^2 + e^2 - 2e)/(4m), e = [75 s -
    3/2]_+.
    """
    if width < 2 or not 0 <= time <= END:
        raise ValueError(f"T10P's path needs m >= 2 and 0 <= s <= 7/250, got m = {width}, s = {time}")
    seen = max(75 * Fraction(time) - Fraction(3, 2), Fraction(0))
    return 1 + (300 * Fraction(time) ** 2 + seen**2 - 2 * seen) / (4 * width)


def _dot(left: Vector, right: Vector) -> Fraction:
    return sum((Fraction(x) * y for x, y in zip(left, right, strict=True)), Fraction(0))


def _fmpq(value: Rational) -> flint.fmpq:
    return flint.fmpq(Fraction(value).numerator, Fraction(value).denominator)


def inverse_gram(points: Sequence[Vector], weights: Vector, size: int, neuron: int) -> flint.fmpq_mat:
    """G_j^{-1}. Raises ValueError where the cluster does not span."""
    gram = flint.fmpq_mat(size, size)
    for x, weight in zip(points, weights, strict=True):
        column = flint.fmpq_mat([[_fmpq(value)] for value in x])
        gram += _fmpq(weight) * (column * column.transpose())
    try:
        return gram.inv()
    except ZeroDivisionError:
        raise ValueError(f"T10 needs clusters that span the inputs: neuron {neuron}'s does not") from None


def price_of_a_point() -> ProofResult:
    """T10: where u.x = 0 the excess (u - u^)^T G (u - u^) is at least (u^.x)^2/(x^T G^{-1} x), in the plane.

    With G = R^T R, p = R (u - u^) and q = R^{-T} x: p.q = -u^.x.
    """
    first, second, third, fourth, inner = z3.Reals("p_1 p_2 q_1 q_2 u^.x")
    return prove(
        "T10",
        (first * first + second * second) * (third * third + fourth * fourth) >= inner * inner,
        assuming=(first * third + second * fourth == -inner,),
        scope="two coordinates for any number: Cauchy-Schwarz, all reals, cleared of x^T G^{-1} x = |q|^2",
    )


def cluster_parts() -> ProofResult:
    """T10: while the pattern holds every cluster misses at least its least loss, so what one pays more, L pays."""
    own, other, least, rest, unseen, excess = z3.Reals("l_j l_i min_j min_i l_0 excess")
    return prove(
        "T10",
        own + other + unseen - (least + rest + unseen) >= excess,
        assuming=(own >= least + excess, other >= rest, excess >= 0),
        scope="two clusters and the points that nobody sees, all reals",
    )


def own_points() -> ProofResult:
    """T10P: prices at own points times m: (1 - t/2)^2/3 is 1/12 or 3/4, at least 3/100."""
    t = z3.Real("t")
    value = (1 - t / 2) * (1 - t / 2)
    return prove("T10P", value >= 3 * z3.Q(3, 100), assuming=(t * t == 1,), scope="xi^2 = eta^2 = 1/64")


def other_points() -> ProofResult:
    """T10P: 100 (1 - 4 eta)^2 >= 3 (1 + 64 xi^2 + 64 eta^2) where xi^2 = eta + (1 - 8t)/64, eta >= 5/8 or 7/8."""
    eta, square, t = z3.Reals("eta xi^2 t")
    return prove(
        "T10P",
        100 * (1 - 4 * eta) * (1 - 4 * eta) >= 3 * (1 + 64 * square + 64 * eta * eta),
        assuming=(
            z3.Or(z3.And(t == -1, eta >= z3.Q(5, 8)), z3.And(t == 1, eta >= z3.Q(7, 8))),
            square == eta + (1 - 8 * t) / 64,
        ),
        scope="all reals; equality at eta = 5/8",
    )


def places() -> ProofResult:
    """T10P: eta = k^2 + ks/4 + t/8 with an integer k != 0 is at least 5/8 (t = -1) or 7/8 (t = 1)."""
    k, s, t = z3.Reals("k s t")
    eta = k * k + k * s / 4 + t / 8
    return prove(
        "T10P",
        eta >= z3.If(t == 1, z3.Q(7, 8), z3.Q(5, 8)),
        assuming=(z3.Or(k >= 1, k <= -1), z3.Or(s == 1, s == -1), z3.Or(t == 1, t == -1)),
        scope="all real k with |k| >= 1; xi = k + s/8 gives xi^2 = k^2 + ks/4 + 1/64 = eta + (1 - 8t)/64",
    )


def parabola_path() -> ProofResult:
    """T10P: 300 s^2 + e^2 - 2e, e = [75 s - 3/2]_+, is at most 3/25 for 0 <= s <= 7/250, and below 0 at the end."""
    time, seen = z3.Reals("s e")
    value = 300 * time * time + seen * seen - 2 * seen
    return prove(
        "T10P",
        z3.And(value <= z3.Q(3, 25), z3.Implies(time == z3.Q(7, 250), value == -z3.Q(378, 625))),
        assuming=(
            time >= 0,
            time <= z3.Q(7, 250),
            seen == z3.If(75 * time - z3.Q(3, 2) >= 0, 75 * time - z3.Q(3, 2), 0),
        ),
        scope="all reals s; divided by 4m this is L - 1, so at most 3/(100m)",
    )


def path_signs() -> ProofResult:
    """T10P: on the path row 0 keeps seeing its own points, of cluster 1 sees (7/8, 5/8) alone, beyond nothing."""
    time, k, s, t = z3.Reals("s_path k s t")
    x, y = k + s / 8, k * k + k * s / 4 + t / 8
    value = 1 - 4 * y + time * (56 * x + 40 * y + 1)
    corner = z3.And(k == 1, s == -1, t == -1)
    return prove(
        "T10P",
        z3.And(
            z3.Implies(k == 0, value == 1 - t / 2 + time * (7 * s + 5 * t + 1)),
            z3.Implies(k == 0, value > 0),
            z3.Implies(corner, value == 75 * time - z3.Q(3, 2)),
            z3.Implies(z3.And(k >= 1, z3.Not(corner)), value < 0),
        ),
        assuming=(
            time >= 0,
            time <= z3.Q(7, 250),
            z3.Or(k == 0, k == 1, k >= 2),
            z3.Or(s == 1, s == -1),
            z3.Or(t == 1, t == -1),
        ),
        scope="all real k >= 2 beside k = 0, 1",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    price_of_a_point,
    cluster_parts,
    own_points,
    other_points,
    places,
    parabola_path,
    path_signs,
)

ARGUMENTS = (
    part(
        "T10",
        *smt(price_of_a_point, cluster_parts),
        remains="the first exit from the pattern (continuity), Cauchy-Schwarz in any dimension, any number of clusters",
    ),
    part(
        "T10P",
        *smt(own_points, other_points, places, parabola_path, path_signs),
        remains="T10, the inverse Gram matrix of a cluster, sums over the clusters",
    ),
)

FORMAL = (
    formal("T10", "clusters.T10_barrier T10_price T10_clusters T10_parallel T10_residual T10_stream T10_post"),
    formal("T10P", "parabola.T10P_start T10P_at_least T10P_exact_depth T10P_deep_relu"),
)

INSTANCES = (sampled("T10"), sampled("T10P"))
