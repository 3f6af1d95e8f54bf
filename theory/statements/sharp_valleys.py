"""T8a, T8b, T8c [ours]: two-layer networks of every width whose depth is known exactly, so C7 cannot be improved much.

With one output and V > 0 every way to a better network passes a V_j = 0, where a network of m - 1 neurons must do. The
numbers here: T8b's data and network in integers, T8c's constants by balls. Coq has T8a and T8b for every width; left to
the note: T8c's path and series.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import sympy
import z3
from sympy import Eq, Expr, Ge, Gt, Le, acos, gamma, pi, sqrt

from theory.algebra import prove_equal, prove_identity
from theory.arguments import enclosed, formal, identity, part, sampled, smt, step
from theory.exact import Exact, enclosure, evaluate, number
from theory.proof import Method, ProofResult, Reach, Verdict
from theory.relations import Formula
from theory.smt import prove, relu
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import L, S, a, corner, depth, effect, m, n, omega, s, s_i, s_j, sigma, t

LEAST_RATIO = sympy.Rational(1, 4) - 1 / (2 * pi)
"""T8c: rho_m is at least this, and tends to it."""

KERNEL = (sqrt(1 - t**2) + (pi - acos(t)) * t) / (2 * pi)
"""k(rho), rho = t: E [u.x]_+ [w.x]_+ of unit rows at cosine rho, x isotropic with E x x^T = I."""

MEAN_FEATURE = sqrt(n) * gamma(n / 2) / (2 * sqrt(pi) * gamma((n + 1) / 2))
"""c_0: the mean of [w.x]_+ over the sphere of radius sqrt D in R^D, w a unit row; n stands for D."""

STATEMENTS = (
    Statement(
        id="T8a",
        title="The positivity barrier",
        kind=Kind.LOWER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="TWO-LAYER, one output, any data, loss and objective F. Let all V_j > 0 at theta, let no network with V "
        ">= 0 be better than theta, and let F >= c at every network with V >= 0 and some V_j = 0. Then the depth of "
        "theta is at least c - F(theta).",
        formulas=(Formula(Le(corner, L + depth), (), "corner is c, L is F(theta)"),),
        chapter=Chapter.FURTHER,
        depends_on=(),
        not_covered="Several outputs. Branches: one can read the positive side, so this is for TWO-LAYER alone. An "
        "output bias in its use by T8b (f(x') can be negative then).",
        note="theta is a local minimum then. The depth is +oo where nothing is better than theta.",
    ),
    Statement(
        id="T8b",
        title="A depth of exactly min ||h_j||^2 at every width",
        kind=Kind.EXISTENCE,
        sources=(Provenance(Source.OURS, "all of it; Eckart and Young's bound is known"),),
        claim="TWO-LAYER, squared error, no bias, R^{m+1}, omega, q > 0: points e_i (i <= m, weight omega, target 1), "
        "e_i + e_k (i < k <= m, weight omega/2, target 0), e_{m+1} (weight q, target -b), total weight 1, q b^2 > "
        "omega. theta: w_j = e_j - sum_{i != j, i <= m} e_i, V_j = 1. Then L = q b^2, ||h_j||^2 = omega for every j, "
        "and the depth of theta is exactly omega = min_j ||h_j||^2, C7's first bound, for every m >= 1.",
        formulas=(
            Formula(Eq(depth, omega), (Gt(L, omega),), "L = q b^2"),
            Formula(Eq(effect**2, omega), (), "every neuron"),
        ),
        chapter=Chapter.FURTHER,
        depends_on=("T8a", "L7", "L9"),
        not_covered="An output bias or a live branch: one branch unit removes this valley for m >= 2. Closeness to "
        "(sigma S/m)^2, which is at least m^2 times too large here (T8c).",
        note="On the points other than e_{m+1}, k neurons with V >= 0 leave at least omega (m-k), exactly. C7's "
        "threshold holds for b large enough (g* fits all points), so its first bound is attained at every width.",
    ),
    Statement(
        id="T8c",
        title="The exponent 2 is best possible",
        kind=Kind.EXISTENCE,
        sources=(Provenance(Source.OURS, "all of it; the arc-cosine kernel is known"),),
        claim="TWO-LAYER, squared error, D >= max(1, m-1): the law is uniform on the sphere of radius sqrt D in R^D "
        "(weight 1-q, target a > 0) and a point x' = r e_{D+1} (weight q, target -b), q r^2 <= 1-q, q b^2 larger than "
        "the depth. theta: the regular m-simplex of unit rows, equal readouts of sum S = a c_0/e_m. Then its depth is "
        "exactly (1-q) a^2 c_0^2 (1/e_m - 1/e_{m-1}) = rho_m (sigma S/m)^2, rho_m = m^2 e_m (e_{m-1} - e_m)/e_{m-1} >= "
        "1/4 - 1/(2 pi), e_n = 1/(2n) + (1 - 1/n) k(-1/(n-1)), e_1 = 1/2, 1/e_0 = 0. With a, q fixed and D of order m, "
        "sigma and S are bounded: so no bound o(m^{-2}) in sigma, S and m alone holds.",
        formulas=(Formula(Ge(depth, LEAST_RATIO * (sigma * S / m) ** 2)),),
        chapter=Chapter.FURTHER,
        depends_on=("T8a", "L2", "L9"),
        not_covered="Fixed D, where C7 with R3 gives a smaller exponent. A live branch. An explicit finite family: for "
        "each m enough points of the sphere give the ratio up to any eps (not run).",
        note="As D grows c_0 tends to 1/sqrt(2 pi) and e_m to 1/(2 pi): S tends to sqrt(2 pi) a, whatever m.",
    ),
)


@dataclass(frozen=True)
class SharpValley:
    """T8b in equal weights 1/N: `points` with `targets`, the `rows` of theta (V = 1), its loss, and its depth."""

    points: tuple[tuple[int, ...], ...]
    targets: tuple[int, ...]
    rows: tuple[tuple[int, ...], ...]
    loss: Fraction
    depth: Fraction


def sharp_valley(width: int, target: int = 2) -> SharpValley:
    """T8b with weights 1/N, N = 2m + m(m-1)/2 + 1: the e_i twice each, so omega = 2/N; `target` is b.

    Raises ValueError unless m >= 1 and b^2 > 2, which is q b^2 > omega.
    """
    if width < 1 or target * target <= 2:
        raise ValueError(f"T8b needs m >= 1 and b^2 > 2, got m = {width}, b = {target}")
    units = [tuple(int(i == j) for i in range(width + 1)) for j in range(width + 1)]
    pairs = [
        tuple(x + y for x, y in zip(units[i], units[k], strict=True)) for i in range(width) for k in range(i + 1, width)
    ]
    doubled = [one for one in units[:width] for _ in range(2)]
    points = (*doubled, *pairs, units[width])
    targets = (*(1 for _ in doubled), *(0 for _ in pairs), -target)
    rows = tuple(tuple(0 if i == width else 1 if i == j else -1 for i in range(width + 1)) for j in range(width))
    count = len(points)
    return SharpValley(points, targets, rows, Fraction(target * target, count), Fraction(2, count))


def kernel(cosine: Exact) -> Expr:
    """k(rho), an exact number, for -1 <= rho <= 1."""
    return evaluate(KERNEL, {t: number(cosine, "cosine")})


def least_energy(neurons: int) -> Expr:
    """e_n, the least ||sum s_j z_j||^2 over n unit rows with V >= 0 of sum 1; an exact number."""
    if neurons < 1:
        raise ValueError(f"T8c: e_n needs n >= 1, got {neurons}")
    if neurons == 1:
        return sympy.Rational(1, 2)
    return sympy.Rational(1, 2 * neurons) + (1 - sympy.Rational(1, neurons)) * kernel(sympy.Rational(-1, neurons - 1))


def mean_feature(dimension: int) -> Expr:
    """c_0 in R^D, an exact number. Raises ValueError unless D >= 1."""
    if dimension < 1:
        raise ValueError(f"T8c needs D >= 1, got {dimension}")
    return evaluate(MEAN_FEATURE, {n: dimension})


def simplex_depth(*, width: int, dimension: int, target: Exact, weight: Exact) -> Expr:
    """T8c's depth (1-q) a^2 c_0^2 (1/e_m - 1/e_{m-1}), an exact number; `target` = a, `weight` = q.

    Raises ValueError unless D >= max(1, m-1) and 0 < q < 1.
    """
    if dimension < max(1, width - 1):
        raise ValueError(f"T8c needs D >= max(1, m - 1), got D = {dimension}, m = {width}")
    share = number(weight, "weight")
    if not 0 < share < 1:
        raise ValueError(f"T8c needs 0 < q < 1, got {weight}")
    less = 0 if width == 1 else 1 / least_energy(width - 1)
    scale = number(target, "target") ** 2 * mean_feature(dimension) ** 2
    return (1 - share) * scale * (1 / least_energy(width) - less)


def simplex_mass(*, width: int, dimension: int, target: Exact) -> Expr:
    """S = a c_0/e_m, an exact number."""
    return number(target, "target") * mean_feature(dimension) / least_energy(width)


def ratio(width: int) -> Expr:
    """rho_m: the depth over (sigma S/m)^2, an exact number."""
    if width == 1:
        return least_energy(1)
    here, before = least_energy(width), least_energy(width - 1)
    return width**2 * here * (before - here) / before


def first_crossing() -> ProofResult:
    """T8a: of two readouts > 0 that go straight to an end with one < 0, the first to vanish finds the other >= 0."""
    first, second, end, other, time, later = z3.Reals("V_i V_j V_i' V_j' t t'")
    return prove(
        "T8a",
        z3.And(time > 0, time < 1, first + time * (end - first) == 0, second + time * (other - second) >= 0),
        assuming=(
            first > 0,
            second > 0,
            end < 0,
            time * (first - end) == first,
            z3.Or(other >= 0, z3.And(later * (second - other) == second, later >= time)),
        ),
        scope="two readouts for any number, on a straight segment: i is the first to vanish",
    )


def sums_of_two() -> ProofResult:
    """T8b: [s + t]_+ >= 2 sqrt([s]_+ [t]_+), so f(e_i + e_k) >= 2 G_ik where V >= 0."""
    first, second, root, other = z3.Reals("s t sqrt(s+) sqrt(t+)")
    return prove(
        "T8b",
        relu(first + second) >= 2 * root * other,
        assuming=(root >= 0, other >= 0, root * root == relu(first), other * other == relu(second)),
        scope="one neuron of readout 1 (V [.]_+ = [V .]_+), all reals; the sum over neurons is G_ik",
    )


def one_direction_missing() -> ProofResult:
    """T8b: ||I - G||_F^2 >= 1 for symmetric G with G x = 0, |x| = 1, in the plane."""
    p, q, r, x, y = z3.Reals("G_11 G_12 G_22 x y")
    return prove(
        "T8b",
        (1 - p) * (1 - p) + 2 * q * q + (1 - r) * (1 - r) >= 1,
        assuming=(x * x + y * y == 1, p * x + q * y == 0, q * x + r * y == 0),
        scope="m = 2; in general (x^T (I - G) x)^2 = 1 is at most ||I - G||_F^2 (Eckart and Young)",
    )


def weights_of_the_loss() -> ProofResult:
    """T8b: omega (1 - G_ii)^2 at e_i and (omega/2) (2 G_ik)^2 at e_i + e_k are omega times ||I - G||_F^2."""
    return prove_identity(
        "T8b",
        omega * ((1 - s_i) ** 2 + (1 - s_j) ** 2) + omega / 2 * (2 * a) ** 2,
        omega * ((1 - s_i) ** 2 + (1 - s_j) ** 2 + 2 * a**2),
        scope="m = 2, a for G_12; the same terms for every pair i < k",
    )


def emptied_line() -> ProofResult:
    """T8b: emptying one neuron costs omega t^2, and after it V_j -> -b at e_{m+1} ends at omega < q b^2."""
    weight, share, target, time = z3.Reals("omega q b t")
    start = share * target * target
    left = (1 - time) * target
    return prove(
        "T8b",
        z3.And(
            start + weight * time * time <= start + weight,
            weight + share * left * left <= start + weight,
            z3.Implies(time == 1, weight + share * left * left < start),
        ),
        assuming=(weight > 0, share > 0, time >= 0, time <= 1, start > weight),
        scope="all reals; both lines of the path, the loading between them is silent",
    )


def scale() -> ProofResult:
    """T8c: over the mass S the loss a^2 - 2 a c_0 S + e S^2 is least at S = a c_0/e, where it is a^2 (1 - c_0^2/e)."""
    return prove_identity(
        "T8c",
        a**2 - 2 * a * s * S + omega * S**2,
        omega * (S - a * s / omega) ** 2 + a**2 * (1 - s**2 / omega),
        scope="all values; s for c_0, omega for e_n; <target, f> = a c_0 S whatever the directions",
    )


def depth_over_mass() -> ProofResult:
    """T8c: a^2 c_0^2 (1/e_m - 1/e_{m-1}) is rho_m (S/m)^2 with S = a c_0/e_m."""
    return prove_identity(
        "T8c",
        a**2 * s**2 * (1 / s_i - 1 / s_j),
        m**2 * s_i * (s_j - s_i) / s_j * (a * s / s_i / m) ** 2,
        scope="all values; s for c_0, s_i for e_m, s_j for e_{m-1}; sigma^2 = 1 - q on both sides",
    )


def energy_of_a_tangent() -> ProofResult:
    """T8c: above the kernel's tangent at -1/(n-1), with sum s^2 >= 1/n, the energy is at least e_n."""
    squares, value, slope, many, energy, cosine = z3.Reals("sum(s^2) k k' n E rho")
    bracket = z3.Q(1, 2) - value - slope * (1 - cosine)
    return prove(
        "T8c",
        energy >= 1 / (2 * many) + (1 - 1 / many) * value,
        assuming=(
            many >= 2,
            cosine * (many - 1) == -1,
            bracket >= 0,
            squares * many >= 1,
            energy >= bracket * squares + value - slope * cosine,
        ),
        scope="all reals; convexity gives the tangent and the bracket's sign, sum_{i != j} s_i s_j rho_ij >= -sum s^2",
    )


def kernel_is_convex() -> ProofResult:
    """T8c: k'' = 1/(2 pi sqrt(1 - rho^2)) > 0."""
    return prove_equal("T8c", sympy.diff(KERNEL, t, 2), 1 / (2 * pi * sqrt(1 - t**2)), scope="-1 < rho = t < 1")


def kernel_against_its_slope() -> ProofResult:
    """T8c: k - rho k' = sqrt(1 - rho^2)/(2 pi) >= 0, so t k(-1/t) rises and m e_m >= (m-1) e_{m-1}."""
    return prove_equal("T8c", KERNEL - t * sympy.diff(KERNEL, t), sqrt(1 - t**2) / (2 * pi), scope="-1 < rho = t < 1")


def ratio_from_below() -> ProofResult:
    """T8c: m e_m >= (m-1) e_{m-1} and e_{m-1} - e_m >= p/(m(m-1)) give rho_m >= p, p = 1/4 - 1/(2 pi)."""
    here, before, many, least, found = z3.Reals("e_m e_{m-1} m p rho")
    gap = z3.Real("gap")
    return prove(
        "T8c",
        found >= least,
        assuming=(
            many >= 3,
            before > 0,
            least > 0,
            many * here >= (many - 1) * before,
            gap * (many - 1) * many == least,
            before - here >= gap,
            found * before == many * many * here * (before - here),
            many * here * (before - here) >= many * here * gap,
            many * many * here * gap >= many * (many - 1) * before * gap,
        ),
        scope="all reals m >= 3; m = 1 and 2 have rho = 1/2",
    )


def ratios_of_widths() -> ProofResult:
    """T8c: rho_m >= 1/4 - 1/(2 pi) for m = 1..12, by balls."""
    widths = range(1, 13)
    held = all(enclosure(ratio(width) - LEAST_RATIO) > 0 for width in widths)
    verdict = Verdict.PROVED if held else Verdict.UNDECIDED
    return ProofResult("T8c", "rho_m > 1/4 - 1/(2 pi)", "m = 1..12", verdict, method=Method.BALL)


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    first_crossing,
    sums_of_two,
    one_direction_missing,
    weights_of_the_loss,
    emptied_line,
    scale,
    depth_over_mass,
    energy_of_a_tangent,
    kernel_is_convex,
    kernel_against_its_slope,
    ratio_from_below,
    ratios_of_widths,
)

ARGUMENTS = (
    part("T8a", *smt(first_crossing), remains="the intermediate value theorem for min V_j on any path"),
    part(
        "T8b",
        *smt(sums_of_two, one_direction_missing, emptied_line),
        *identity(weights_of_the_loss),
        remains="Eckart and Young's bound for m > 2, sums over neurons, T8a",
    ),
    step(
        "T8c",
        *identity(scale, depth_over_mass, kernel_is_convex, kernel_against_its_slope),
        *smt(energy_of_a_tangent, ratio_from_below),
        *enclosed(ratios_of_widths, over="m = 1..12", reach=Reach.GIVEN),
        remains="the path back to m - 1 neurons (step 2), the power series of step 3",
    ),
)

FORMAL = (
    formal("T8a", "positivity.T8a_positivity"),
    formal("T8b", "singles_and_pairs.T8b_exact_depth"),
)

INSTANCES = (sampled("T8a"), sampled("T8b"), sampled("T8c"))
