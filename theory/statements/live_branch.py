"""T11, T12 [ours]: what a live ReLU branch costs one slot. The exponent 1 is right where a share of the data lies on a
kink of the branch, and 2 is right again where little does.

T11 is proved on paper and refereed once; the machine proves the identities that its steps rest on, and its first-order
term. T12's constant is evaluated exactly, and the machine proves its arithmetic.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import z3
from sympy import Expr, Ge, Gt, Le, log, sqrt

from theory import symbols
from theory.arguments import part, sampled, smt, step
from theory.exact import Rational, evaluate_rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove, relu
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import K, L, L_ref, Lambda, S, c, density, depth, k, m, misfit, radius, sigma

KINK_DEPTH = c / (m * sqrt(log(m)))
"""T11's lower bound, c > 0 some constant."""

MARGIN = 4 * sigma**2 + 16 * density * misfit * radius**2 / Lambda
"""T12's C."""

MARGIN_DEPTH = MARGIN * (k * S / (2 * m)) ** 2
"""T12's bound; k is r K + 2 here."""

STATEMENTS = (
    Statement(
        id="T11",
        title="With a live branch the exponent 1 is right",
        kind=Kind.EXISTENCE,
        sources=(Provenance(Source.OURS, "all of it; hypercontractivity and Hoeffding's inequality are known"),),
        claim="There are a constant c > 0 and, for all large m, finite data and a local minimum theta of PARALLEL, r = "
        "1, bias-free ReLU branch of any depth, width m + 3, squared error, with sigma, S and L bounded, above T7's "
        "threshold, and depth(theta) >= c/(m sqrt(log m)). So under bounded S no bound o(1/(m sqrt(log m))) in sigma, "
        "S, L and m alone holds: C7's exponent 1 with a live branch cannot be improved but for sqrt(log m).",
        formulas=(Formula(Ge(depth, KINK_DEPTH), (Gt(c, 0), Ge(m, 2)), "one c, all m from some width on"),),
        chapter=Chapter.FURTHER,
        depends_on=("C7", "L2"),
        not_covered="Numbers for c and for the m from which it holds. r >= 2, branches with biases (they can be tuned "
        "to y as a function of A z), few data points, fixed D.",
        note="Proved on paper and refereed once; its asymptotics have not been run. What was run: the identities, the "
        "first-order bound, random neighbours at small m. N = 60 * 4^m.",
    ),
    Statement(
        id="T12",
        title="Few data on the kinks",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="PARALLEL, squared error, kappa = 0, any theta, q piecewise linear, Lambda > 0, ||X|| <= M and ||f - y|| "
        "<= R_1 on the data; reach(x) the largest radius of an open ball around A z(x) on which q is affine, 0 if "
        "there is none. If P(0 < reach <= t) <= g t for all t > 0, reach = 0 at no more than K_0 data points, and k = "
        "r K_0 + 2 <= m, then above C7's threshold with the same delta^2: depth(theta) <= C (k S/(2m))^2, C = 4 "
        "sigma^2 + 16 g R_1 M^2/Lambda.",
        formulas=(
            Formula(
                Le(depth, MARGIN_DEPTH),
                (Le(k, m), Gt(Lambda, 0), Gt(L - L_ref, 2 * K * sqrt(MARGIN_DEPTH))),
                "k = r K_0 + 2; Lambda = 0 has C7",
            ),
        ),
        chapter=Chapter.FURTHER,
        depends_on=("C7", "R7", "L2", "L6"),
        not_covered="A rate without bounded S, and without g R_1 M^2/Lambda bounded. Data of which a fixed share lies "
        "on a kink (T11). With only the mean square of f - y known the exponent is 3/2.",
        note="K_0 = 0: C s_i s_j for the two lightest neurons. A neuron of mass 0 is emptied at no cost.",
    ),
)


def margin(
    *, sigma_square: Rational, density: Rational, misfit: Rational, radius_square: Rational, branch: Rational
) -> Fraction:
    """T12's C, exactly, from upper bounds; `branch` is Lambda > 0, `radius_square` is M^2."""
    if branch <= 0:
        raise ValueError(f"T12 needs Lambda > 0, got {branch}: with a silent branch C7 says more")
    return 4 * Fraction(sigma_square) + 16 * Fraction(density) * misfit * radius_square / branch


def margin_depth(constant: Rational, *, mass: Rational, width: int, together: int) -> Fraction:
    """T12's C (k S/(2m))^2, exactly; `constant` is C, `together` k = r K_0 + 2. Raises ValueError where k > m."""
    if not 2 <= together <= width:
        raise ValueError(f"T12 needs 2 <= k <= m, got k = {together}, m = {width}")
    bound: Expr = symbols.omega * (k * S / (2 * m)) ** 2
    if constant <= 0:
        return Fraction(0)
    return evaluate_rational(bound, {symbols.omega: constant, k: together, S: mass, m: width})


@dataclass(frozen=True)
class Kinked:
    """T11's data and theta at one m: rows of W, A (1, m + 3), V = 0, U = 1, one branch unit; L = 7/10."""

    points: tuple[tuple[Fraction, ...], ...]
    targets: tuple[Fraction, ...]
    rows: tuple[tuple[int, ...], ...]
    branch: tuple[Fraction, ...]
    times: tuple[int, ...]


TIMES = (-2, -1, 0, 1, 2)
RESIDUAL = dict(zip(TIMES, (Fraction(1, 2), Fraction(-1), Fraction(1), Fraction(-1), Fraction(1, 2)), strict=True))
"""R(t) = f - y at theta."""
SIDES = (-2, -1, 1, 2)
STEEPNESS = Fraction(1, 16)
"""h."""
KINK_LOSS = Fraction(7, 10)


def kinked(light: int) -> Kinked:
    """T11's finite data, 60 * 4^m points of equal weight, exactly. `light` is m, at least 1."""
    if light < 1:
        raise ValueError(f"T11 needs m >= 1, got {light}")
    heavy = [pair for pair in product(SIDES, repeat=2) if max(pair) > 0]
    points, targets, times = [], [], []
    for t, pair, xi in product(TIMES, heavy, product(SIDES, repeat=light)):
        total = sum(max(value, 0) for value in pair) + Fraction(sum(max(value, 0) for value in xi), light)
        points.append((STEEPNESS * t - total, *map(Fraction, pair), *map(Fraction, xi)))
        targets.append(STEEPNESS * max(t, 0) - RESIDUAL[t])
        times.append(t)
    size = light + 3
    rows = tuple(tuple((-1 if i == 0 else 1) if i == j else 0 for i in range(size)) for j in range(size))
    branch = (Fraction(-1), Fraction(1), Fraction(1), *[Fraction(1, light)] * light)
    return Kinked(tuple(points), tuple(targets), rows, branch, tuple(times))


def moved_kink(place: Rational) -> Fraction:
    """k(e) with E_t R [t - e]_+ = k(e)/5: what a kink that has moved to e meets of the residual, exactly."""
    return sum((RESIDUAL[t] * max(t - Fraction(place), Fraction(0)) for t in TIMES), Fraction(0))


def _residual_meets(value: Callable[[z3.ArithRef], z3.ArithRef]) -> z3.ArithRef:
    """sum_t R(t) value(t)."""
    return sum(
        (z3.Q(RESIDUAL[t].numerator, RESIDUAL[t].denominator) * value(z3.RealVal(t)) for t in TIMES), z3.RealVal(0)
    )


def residual_is_orthogonal() -> ProofResult:
    """T11: R is orthogonal to 1, t and [t]_+, so to everything that is affine in t on either side of the kink at 0."""
    a, b, p = z3.Reals("a b p")
    return prove("T11", _residual_meets(lambda t: a + b * t + p * relu(t)) == 0, scope="all real a, b, p")


def kink_costs() -> ProofResult:
    """T11: a kink moved to e costs at first order: sum_t R [t - e]_+ = k(e) >= |e|/2 - e^2/4, for all e."""
    e = z3.Real("e")
    return prove(
        "T11",
        _residual_meets(lambda t: relu(t - e)) >= z3.Abs(e) / 2 - e * e / 4,
        scope="all real e; divided by 5 it is E_t R [t - e]_+",
    )


def _mean(value: Callable[[z3.ArithRef], z3.ArithRef]) -> z3.ArithRef:
    return sum((value(z3.RealVal(xi)) for xi in SIDES), z3.RealVal(0)) / 4


def light_tests() -> ProofResult:
    """T11: against th = sign xi - (3/5) xi only the indicator of xi > 0 is left (1/20); against psi only [xi]_+."""
    a, b, p, q = z3.Reals("a b p q")

    def th(xi: z3.ArithRef) -> z3.ArithRef:
        return z3.If(xi > 0, 1, -1) - z3.Q(3, 5) * xi

    def psi(xi: z3.ArithRef) -> z3.ArithRef:
        return z3.If(z3.Or(xi == 2, xi == -2), z3.RealVal(1), z3.RealVal(-1))

    def seen(xi: z3.ArithRef) -> z3.ArithRef:
        return a + b * xi + p * relu(xi) + q * z3.If(xi > 0, 1, 0)

    return prove(
        "T11",
        z3.And(_mean(lambda xi: th(xi) * seen(xi)) == q / 20, _mean(lambda xi: psi(xi) * seen(xi)) == p / 4),
        scope="all real coefficients, xi uniform on -2, -1, 1, 2",
    )


def rescaling_test() -> ProofResult:
    """T11: |t| - 6/5 is orthogonal to all affine functions of t, and not to [t]_+."""
    a, b = z3.Reals("a b")
    total = sum(
        ((z3.Abs(z3.RealVal(t)) - z3.Q(6, 5)) * (a + b * t + 1 * relu(z3.RealVal(t))) for t in TIMES), z3.RealVal(0)
    )
    return prove("T11", total == z3.Q(7, 5), scope="all real a, b; t uniform on -2..2, so E is 7/25")


def balanced_choice() -> ProofResult:
    """T12: e of mean 0 has one of its two values with 2 e p + E^2 C/4 at most the product of both E times C/4."""
    up, down, inner, slope, constant = z3.Reals("e+ e- <R,l> E/|e| C")
    high = 2 * up * inner + (up * slope) * (up * slope) * constant / 4
    low = -2 * down * inner + (down * slope) * (down * slope) * constant / 4
    least = up * down * slope * slope * constant / 4
    return prove(
        "T12",
        z3.Or(high <= least, low <= least),
        assuming=(up > 0, down > 0, slope >= 0, constant >= 0),
        scope="all reals; e = e+ with weight e-, e = -e- with weight e+",
    )


def all_times() -> ProofResult:
    """T12: 2 t e p + t^2 B <= t (2 e p + B) for 0 <= t <= 1 and B >= 0: the end decides."""
    time, linear, square = z3.Reals("t 2ep B")
    return prove(
        "T12",
        time * linear + time * time * square <= time * (linear + square),
        assuming=(time >= 0, time <= 1, square >= 0),
        scope="all reals",
    )


def masses_of_the_signs() -> ProofResult:
    """T12: E+ <= 2 P and E- <= 2 Q, P and Q the masses of the two signs, give E+ E- <= (P + Q)^2 <= (k S/m)^2."""
    high, low, first, second, light = z3.Reals("E+ E- P Q kS/m")
    return prove(
        "T12",
        high * low <= light * light,
        assuming=(
            high >= 0,
            low >= 0,
            high <= 2 * first,
            low <= 2 * second,
            first + second <= light,
            high * low <= 4 * first * second,
            (first + second) * (first + second) <= light * light,
        ),
        scope="all reals >= 0; the k lightest weigh at most k S/m (L6)",
    )


def margin_constant() -> ProofResult:
    """T12: the square of the change and what kinks add are at most t^2 E^2 C/4, C = 4 sigma^2 + 16 g R_1 M^2/Lambda."""
    moved, kinks, spread, time, size, share, worst, far, branch = z3.Reals("g^2 bent sigma t E g R_1 M Lambda")
    return prove(
        "T12",
        moved + kinks
        <= time * time * size * size * spread * spread
        + 4 * share * worst * far * far * time * time * size * size / branch,
        assuming=(
            branch > 0,
            moved <= (time * size * spread) * (time * size * spread),
            kinks <= 2 * worst * (2 * far * time * size) * (share * (far * time * size) / branch),
        ),
        scope="all reals; a point bends by at most 2 M t E, and only where 0 < reach <= M t E/Lambda",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    residual_is_orthogonal,
    kink_costs,
    light_tests,
    rescaling_test,
    balanced_choice,
    all_times,
    masses_of_the_signs,
    margin_constant,
)

ARGUMENTS = (
    step(
        "T11",
        *smt(residual_is_orthogonal, kink_costs, light_tests, rescaling_test),
        remains="everything that is asymptotic in m: flips of signs, hypercontractivity, the Gram matrix, the boundary",
    ),
    part(
        "T12",
        *smt(balanced_choice, all_times, masses_of_the_signs, margin_constant),
        remains="norms for scalars, the choice of eps by counting equations, the bend at kinks (Lipschitz maps)",
    ),
)

FORMAL = ()

INSTANCES = (sampled("T11"), sampled("T12"))
