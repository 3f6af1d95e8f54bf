"""L2 [ours]: how far two ReLU features are apart in L2(P), from the second moment of what the first layer sees.

Exact here: whether a rational sigma is an upper bound, whether an empirical law is symmetric, the quadratic
form. Left to the note: the passage from the scalar facts L1b, L1c to L2(P), and polar coordinates in the plane of
the two weight vectors, after which sympy integrates the arc-cosine kernel.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction

import sympy
import z3
from sympy import Eq, Expr, Ge, Le, cos, pi, sin, sqrt

from theory.algebra import prove_equal
from theory.arguments import constructed, formal, identity, part, sampled, smt
from theory.exact import Exact, Rational, evaluate, evaluate_rational, number, rational, strictly_below
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove, relu
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import change, gap, rho, sigma, theta, w_i, w_j

KERNEL = w_i * w_j * (sin(theta) + (pi - theta) * cos(theta)) / (2 * pi)
"""E [a.X]_+ [b.X]_+ for X ~ N(0, I), norms w_i, w_j, angle theta in [0, pi]."""

GAUSSIAN_SQUARE = (w_i**2 + w_j**2) / 2 - 2 * KERNEL
"""||[a.X]_+ - [b.X]_+||^2 for X ~ N(0, I)."""

DISTANCE_SQUARE = w_i**2 + w_j**2 - 2 * w_i * w_j * cos(theta)
"""||a - b||^2."""


STATEMENTS = (
    Statement(
        id="L2",
        title="Features move no faster than sigma",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it; the arc-cosine kernel is a known integral"),),
        claim="||[a.X]_+ - [b.X]_+|| <= sigma ||a - b|| in L2(P), sigma^2 = lambda_max(E[X X^T]), X what the first "
        "layer sees; at most sigma ||a - b||/sqrt 2 if the law of X is that of -X. For X ~ N(0, I) at angle t, "
        "E [a.X]_+ [b.X]_+ = ||a|| ||b|| (sin t + (pi - t) cos t)/(2 pi), and with b = 0 the factor 1/sqrt 2 is "
        "attained.",
        formulas=(
            Formula(Le(change, sigma * gap)),
            Formula(
                Le(change, sigma * gap / sqrt(2)),
                given="the law of what the first layer sees is that of its mirror image",
            ),
            Formula(Eq(change**2, GAUSSIAN_SQUARE), (Ge(theta, 0), Le(theta, pi)), "X ~ N(0, I)"),
        ),
        depends_on=("L1b", "L1c"),
        not_covered="The factor 1/sqrt 2 with a first-layer bias: (x, 1) never has the law of -(x, 1). A symmetric "
        "law of x alone does not help there.",
        note="Sharper: the quadratic form ||(a-b).X|| of this very pair. Cruder: sqrt(E ||X||^2) for sigma.",
    ),
)

Matrix = Sequence[Sequence[Rational]]


def second_moment(points: Matrix, *, first_layer_bias: bool) -> tuple[tuple[Fraction, ...], ...]:
    """E[X X^T] of the empirical law of what the first layer sees, (D, D), exactly; `points` is (N, n)."""
    seen = _seen(points, first_layer_bias)
    size = range(len(seen[0]))
    return tuple(tuple(sum((x[i] * x[j] for x in seen), Fraction(0)) / len(seen) for j in size) for i in size)


def is_sigma(value: Rational, moment: Matrix) -> bool:
    """Whether `value` is at least sigma: value^2 I - E[X X^T] is positive semidefinite, exactly.

    `moment` is the symmetric matrix E[X X^T]. Decided by elimination in Fractions.
    """
    bound = evaluate_rational(sigma, {sigma: value})
    rest = [
        [(bound**2 if i == j else 0) - rational(entry, "moment") for j, entry in enumerate(row)]
        for i, row in enumerate(moment)
    ]
    while rest:
        pivot, *row = rest[0]
        if pivot < 0 or (pivot == 0 and any(row)):
            return False
        below = [line[1:] for line in rest[1:]]
        if pivot:
            below = [
                [x - head * y / pivot for x, y in zip(line, row, strict=True)]
                for line, head in zip(below, (r[0] for r in rest[1:]), strict=True)
            ]
        rest = below
    return True


def is_symmetric(points: Matrix, *, first_layer_bias: bool) -> bool:
    """Whether the empirical law of what the first layer sees is that of its mirror image, exactly."""
    seen = Counter(tuple(x) for x in _seen(points, first_layer_bias))
    return all(seen[tuple(-v for v in x)] == count for x, count in seen.items())


def distance_bound(spread: Exact, distance: Exact) -> Expr:
    """L2: sigma ||a - b||, an exact number; `spread` is sigma or more."""
    return evaluate(sigma * w_i, {sigma: spread, w_i: distance})


def symmetric_bound(spread: Exact, distance: Exact, points: Matrix, *, first_layer_bias: bool) -> Expr:
    """L2 with the factor 1/sqrt 2. Raises ValueError unless the law that the first layer sees is symmetric."""
    if not is_symmetric(points, first_layer_bias=first_layer_bias):
        reason = "a bias is never symmetric" if first_layer_bias else "some point has no mirror image"
        raise ValueError(f"L2: the factor 1/sqrt 2 needs X ~ -X for what the first layer sees: {reason}")
    return distance_bound(spread, distance) / sqrt(2)


def quadratic_form(difference: Sequence[Rational], moment: Matrix) -> Fraction:
    """||(a - b).X||^2 exactly: the sharpest of the bounds, squared."""
    vector = [rational(v, "difference") for v in difference]
    rows = zip(vector, moment, strict=True)
    return sum(
        (v * rational(x, "moment") * w for v, row in rows for x, w in zip(row, vector, strict=True)), Fraction(0)
    )


def arc_cosine(norm_a: Exact, norm_b: Exact, angle: Exact) -> Expr:
    """E [a.X]_+ [b.X]_+ for X ~ N(0, I), exactly; put it through `exact.enclosure` for a ball.

    Raises ValueError unless 0 <= angle <= pi.
    """
    turned = number(angle, "theta")
    if strictly_below(turned, 0) or strictly_below(pi, turned):
        raise ValueError(f"an angle between vectors is in [0, pi], got {angle}")
    return evaluate(KERNEL, {w_i: norm_a, w_j: norm_b, theta: turned})


def _seen(points: Matrix, first_layer_bias: bool) -> list[tuple[Fraction, ...]]:
    if not points:
        raise ValueError("a law needs at least one point, got none")
    one = (Fraction(1),) if first_layer_bias else ()
    seen = [tuple(rational(v, "point") for v in x) + one for x in points]
    if len({len(x) for x in seen}) != 1:
        raise ValueError(f"points of different dimension: {sorted({len(x) for x in seen})}")
    return seen


def pointwise() -> ProofResult:
    """L2 from L1b: squared, at one point; expectations keep order and give the quadratic form."""
    u, v = z3.Reals("a.x b.x")
    gap = relu(u) - relu(v)
    return prove("L2", gap * gap <= (u - v) * (u - v), scope="one point, all reals; the expectation is the note's")


def mirrored_pair() -> ProofResult:
    """L2 from L1c: at x and -x together the squares are at most half of what two points could cost."""
    u, v = z3.Reals("a.x b.x")
    here, there = relu(u) - relu(v), relu(-u) - relu(-v)
    return prove(
        "L2",
        (here * here + there * there) / 2 <= (u - v) * (u - v) / 2,
        scope="one point and its mirror image, equally likely, all reals: a symmetric law is a mixture of such pairs",
    )


def kernel_integral() -> ProofResult:
    """L2: the kernel in polar coordinates: the radius gives 2, the angles where both features live the rest."""
    radius = sympy.integrate(w_i**3 * sympy.exp(-(w_i**2) / 2), (w_i, 0, sympy.oo))
    angles = sympy.integrate(cos(rho) * cos(rho - theta), (rho, theta - pi / 2, pi / 2))
    return prove_equal(
        "L2",
        w_i * w_j * radius * angles / (2 * pi),
        KERNEL,
        scope="all angles theta in [0, pi], by sympy's integration; the density in the plane of a and b is "
        "exp(-r^2/2)/(2 pi)",
    )


def kernel_slope() -> ProofResult:
    """L2: the arc-cosine kernel falls with the angle: its derivative is -(pi - t) sin t/(2 pi) (norms 1)."""
    return prove_equal(
        "L2",
        sympy.diff(KERNEL, theta),
        -w_i * w_j * (pi - theta) * sin(theta) / (2 * pi),
        scope="all angles, by sympy's rewriting",
    )


def symmetric_factor_attained() -> ProofResult:
    """L2: with b = 0 half of ||a - b||^2 is attained for X ~ N(0, I): 1/sqrt 2 is sharp."""
    return prove_equal(
        "L2",
        GAUSSIAN_SQUARE.subs(w_j, 0),
        DISTANCE_SQUARE.subs(w_j, 0) / 2,
        scope="X ~ N(0, I), b = 0, all a",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    pointwise,
    mirrored_pair,
    kernel_integral,
    kernel_slope,
    symmetric_factor_attained,
)

ARGUMENTS = (
    part(
        "L2",
        *smt(pointwise, mirrored_pair),
        *identity(kernel_integral, kernel_slope, symmetric_factor_attained),
        remains="taking expectations; polar coordinates in the plane of a and b",
    ),
)

FORMAL = (
    formal("L2", "moment.L2_quadratic L2_moment L2_symmetric pair_law_symmetric", remains="the arc-cosine kernel"),
)

INSTANCES = (sampled("L2"), *constructed("L2", "case.2"))
