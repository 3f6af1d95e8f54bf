"""How sharp the constants are: for each the largest ratio actual/bound known, re-evaluated exactly from its witness.

A ratio of 1 says that the constant cannot be lowered. Below 1 it is the best known here and not known to be sharp,
unless `limit` says what the witness's family approaches. Nothing is searched here: each witness is written down. They
are together because one instance, known answer 3, serves four statements; a family may have `WITNESSES` of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations
from types import MappingProxyType

from sympy import Expr, Integer, simplify, sqrt

from theory.exact import Exact, evaluate, lower, number, strictly_below
from theory.packings import Packing, polygon, polyhedron
from theory.proof import Method, ProofResult, Verdict
from theory.statements import connectivity, merging, moment, pairing, perturb, selection, sphere, transferloss, zero
from theory.symbols import w_i, w_j

Vector = Sequence[int | Fraction]


@dataclass(frozen=True)
class Sharpness:
    """The bound of `constant` in `statement`, what the witness attains, both exact, and what the family approaches."""

    statement: str
    constant: str
    witness: str
    actual: Expr
    bound: Expr
    limit: str = ""

    @property
    def ratio(self) -> Expr:
        return simplify(self.actual / self.bound)

    @property
    def attained(self) -> bool:
        return bool(self.ratio == 1)

    @property
    def holds(self) -> bool:
        """That the witness does not exceed the bound, decided exactly."""
        return not strictly_below(self.bound, self.actual)


def outputs(rows: Sequence[Vector], readout: Vector, points: Sequence[Vector]) -> tuple[Fraction, ...]:
    """f = V [W x]_+ at every point, one output."""
    return tuple(
        sum((v * max(_dot(w, x), Fraction(0)) for w, v in zip(rows, readout, strict=True)), Fraction(0)) for x in points
    )


def mean_square(values: Sequence[Fraction]) -> Fraction:
    return sum((value**2 for value in values), Fraction(0)) / len(values)


def loss(found: Sequence[Fraction], targets: Vector) -> Fraction:
    """Squared error, averaged over the points."""
    return mean_square([f - y for f, y in zip(found, targets, strict=True)])


def _dot(left: Vector, right: Vector) -> Fraction:
    return sum((Fraction(x) * y for x, y in zip(left, right, strict=True)), Fraction(0))


def _spread(points: Sequence[Vector], square: Fraction) -> Expr:
    """sigma, where `square` is claimed to be sigma^2: at least lambda_max, exactly."""
    second = moment.second_moment([list(x) for x in points], first_layer_bias=False)
    scaled = [[entry / square for entry in row] for row in second]
    if not moment.is_sigma(1, scaled):
        raise ArithmeticError(f"{square} is below sigma^2 of {points}")
    return sqrt(number(square, "sigma^2"))


def mirrored_features() -> Sharpness:
    u, v = 3, 1
    actual = (max(u, 0) - max(v, 0)) ** 2 + (max(-u, 0) - max(-v, 0)) ** 2
    return Sharpness("L1c", "1", "(u, v) = (3, 1)", Integer(actual), Integer((u - v) ** 2))


def two_point_law() -> Sharpness:
    points = ((1, 1), (-1, 1))
    gap = mean_square(outputs([(0, 1)], [1], points))
    bound = moment.distance_bound(_spread(points, Fraction(1)), 1)
    return Sharpness("L2", "sigma", "X = +1, -1 seen as (x, 1); a = (0, 1), b = 0", sqrt(number(gap, "gap")), bound)


def symmetric_law() -> Sharpness:
    points = ((1,), (-1,))
    gap = mean_square(outputs([(1,)], [1], points))
    bound = moment.symmetric_bound(_spread(points, Fraction(1)), 1, points, first_layer_bias=False)
    return Sharpness("L2", "sigma/sqrt 2, symmetric law", "X = +1, -1; a = 1, b = 0", sqrt(number(gap, "gap")), bound)


def gaussian_law() -> Sharpness:
    actual = sqrt(evaluate(moment.GAUSSIAN_SQUARE.subs(w_j, 0), {w_i: 1}))
    where = "X ~ N(0, I), b = 0: the best of this symmetric law"
    return Sharpness("L2", "sigma, Gaussian law", where, actual, moment.distance_bound(1, 1))


CASE_3 = (((1, 0), (3, 4)), ((1, 0), (0, 1)))
"""Rows and points of known answer 3; V = (1, 1), f = (4, 4)."""


def _case_3_deviation(points: Sequence[Vector], square: Fraction) -> Expr:
    rows = CASE_3[0]
    mass = sqrt(number(_dot(rows[1], rows[1]), "s_2^2"))
    return perturb.deviation_exact(_spread(points, square), [(mass, perturb.sine_square(rows[1], rows[0]))])


def _merged(points: Sequence[Vector]) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
    """f of known answer 3 before and after w_2 has gone to c w_1."""
    first, second = CASE_3[0]
    c = perturb.best_multiple(second, first)
    return outputs([first, second], [1, 1], points), outputs([first, [c * x for x in first]], [1, 1], points)


def perturbation() -> Sharpness:
    points = CASE_3[1]
    before, after = _merged(points)
    change = mean_square([g - f for f, g in zip(before, after, strict=True)])
    bound = _case_3_deviation(points, Fraction(1, 2))
    return Sharpness("L3", "D(J)", "known answer 3, t = 1", sqrt(number(change, "change")), bound)


def path_level() -> Sharpness:
    points, targets = CASE_3[1], (4, 4)
    before, after = _merged(points)
    reference = loss(outputs([(1, 1)], [4], points), targets)
    bound = connectivity.level(loss(before, targets), reference, _case_3_deviation(points, Fraction(1, 2)))
    actual = max(loss(found, targets) for found in (before, after))
    return Sharpness("T1", "the level", "known answer 3, where the path has merged", number(actual, "loss"), bound)


def path_excess() -> Sharpness:
    """The change is along the residual, so it costs all that C1 allows; the reference fits exactly."""
    points, targets = CASE_3[1], (4, 5)
    before, after = _merged(points)
    reference = loss(outputs([(4, 5)], [1], points), targets)
    start = loss(before, targets)
    bound = connectivity.depth_bound(start, _case_3_deviation(points, Fraction(1, 2)), reference_loss=reference)
    excess = number(loss(after, targets) - start, "excess")
    return Sharpness("C1", "2 sqrt(L) D + D^2, on its path", "known answer 3 with y = (4, 5)", excess, bound)


def orthogonal_excess() -> Sharpness:
    """A third point that neither feature sees makes V optimal and the reference better; it costs little sigma."""
    points, targets = (*CASE_3[1], (Fraction(-1, 25), Fraction(3, 100))), (4, 4, 1000)
    before, after = _merged(points)
    start, reference = (loss(found, targets) for found in (before, outputs([(1, 2)], [6], points)))
    residual = [f - y for f, y in zip(before, targets, strict=True)]
    for row in CASE_3[0]:
        if _dot(residual, outputs([row], [1], points)):
            raise ArithmeticError("V is not optimal: the residual sees a feature")
    zero.require_better_reference("C1+", start, reference)
    deviation = _case_3_deviation(points, Fraction(401, 1200))
    where = "known answer 3 with a third point (-1/25, 3/100) of target 1000"
    excess = number(loss(after, targets) - start, "excess")
    return Sharpness("C1+", "D^2, on its path", where, excess, deviation**2, "1 as the third point goes to 0")


APART: Mapping[str, Fraction] = MappingProxyType(
    {"tetrahedron": Fraction(19, 10), "octahedron": Fraction(3, 2), "24-cell": Fraction(1)}
)
"""An angle just below the one between neighbours."""


def packed(found: Packing, angle: Exact) -> Sharpness:
    if not found.beyond(angle):
        raise ArithmeticError(f"{found.name}: two directions are not more than {angle} apart")
    bound = Integer(sphere.packing_number(found.dimension, angle))
    return Sharpness("L5", f"N_{found.dimension}({angle})", found.name, Integer(found.count), bound)


def pentagon() -> Sharpness:
    return packed(polygon(5), Fraction(6, 5))


def polyhedral(name: str) -> Sharpness:
    return packed(polyhedron(name), APART[name])


def lightest() -> Sharpness:
    bound = number(selection.share(mass=1, neurons=3, candidates=10), "share")
    return Sharpness("L6", "l/M", "10 equal masses, l = 3", Integer(3) / 10, bound)


def squared_roots() -> Sharpness:
    return Sharpness("L8", "1, squared error", "one point, f - y = g = 1", sqrt(Integer((1 + 1) ** 2)), Integer(1 + 1))


def cross_entropy() -> Sharpness:
    own = Fraction(1, 1000)
    slope = sqrt(number((1 - own) ** 2 + (1 - own) ** 2, "gradient"))
    where = "two classes, p_y = 1/1000: the norm of the gradient"
    bound = transferloss.LIPSCHITZ["cross-entropy"]
    return Sharpness("L8", "G, cross-entropy", where, slope, bound, "1 as p_y goes to 0")


def zero_path() -> Sharpness:
    """Known answer 16: every path from w > 0 to w < 0 meets f = 0 (Coq: `case16_exact_depth`)."""
    points, targets = ((1,), (-1,)), (1, -2)
    valley = loss(outputs([(1,)], [1], points), targets)
    elsewhere = loss(outputs([(-1,)], [-2], points), targets)
    silent = loss(outputs([(0,)], [0], points), targets)
    bound = number(zero.depth_bound(valley, silent, reference_loss=elsewhere), "R0")
    where = "known answer 16, depth exactly 1/2"
    return Sharpness("R0", "L_0 - L", where, number(silent - valley, "depth"), bound)


CROSS = 100
"""The d of the cross-polytope below."""


def cross_polytope(route: str, dimension: int = CROSS) -> Sharpness:
    """R1 to R4: rows +-e_i of one mass in R^{d+1}, m = 2(d+1), l = m - 1: no two are less than pi/2 apart.

    So every sine is 1, and D(J) = (m-1)/m sigma S for every J and all centres. As kappa_d >= 1/(pi d) (its ratio gives
    the induction), kappa_d^{1/d} goes to 1, and the bounds of R1, R2 and R3 to 2 sigma S.
    """
    rows = [(index, sign) for index in range(dimension + 1) for sign in (1, -1)]
    if any(i == j and a * b > 0 for (i, a), (j, b) in combinations(rows, 2)):
        raise ArithmeticError("two of the rows are less than pi/2 apart")
    width, sizes = len(rows), {"neurons": len(rows) - 1, "dimension": dimension}
    if route == "R3":
        centres = merging.best_centres(width, **sizes)
        bound = merging.centres_bound(sigma=1, mass=1, width=width, centres=centres, **sizes)
    else:
        bound = merging.bound(route, sigma=1, mass=1, width=width, **sizes)
    where = f"cross-polytope, d = {dimension}, m = {width}, l = {width - 1}, equal masses"
    limit = "" if route == "R4" else "1/2 as d grows"
    return Sharpness(route, "the least D(J)", where, Integer(width - 1) / width, bound, limit)


def pruned() -> Sharpness:
    width, dead = 10, 3
    points = ((1,),)
    before, after = (outputs([(1,)] * width, [1] * (width - gone) + [0] * gone, points) for gone in (0, dead))
    change = sqrt(number(mean_square([f - g for f, g in zip(before, after, strict=True)]), "change"))
    bound = merging.bound("R4", sigma=1, mass=width, width=width, neurons=dead, dimension=0)
    return Sharpness("R4", "the change of f", "x = 1, ten equal neurons, l = 3", change, bound)


def paired(width: int = 1000) -> Sharpness:
    """One pair of opposite readouts and equal masses: whichever dies, the output moves by two masses."""
    points, rest = ((1,),), [1] * (width - 2)
    rows = [(1,)] * width
    before = outputs(rows, [1, -1, *rest], points)
    change = min(
        mean_square([f - g for f, g in zip(before, outputs(rows, [*ends, *rest], points), strict=True)])
        for ends in ((2, 0), (0, -2))
    )
    bound = pairing.bound(sigma=1, mass=width, width=width, neurons=1, silent_branch=True)
    where = f"x = 1, {width} equal neurons, the pair with readouts +1 and -1, l = 1"
    return Sharpness("R7", "2 (Lambda = 0)", where, sqrt(number(change, "change")), bound, "1 as m grows")


WITNESSES: Mapping[str, Callable[[], Sharpness]] = MappingProxyType(
    {
        "L1c": mirrored_features,
        "L2": two_point_law,
        "L2-symmetric": symmetric_law,
        "L2-Gaussian": gaussian_law,
        "L3": perturbation,
        "L5-pentagon": pentagon,
        **{f"L5-{name}": partial(polyhedral, name) for name in APART},
        "L6": lightest,
        "L8": squared_roots,
        "L8-cross-entropy": cross_entropy,
        "T1": path_level,
        "C1": path_excess,
        "C1+": orthogonal_excess,
        "R0": zero_path,
        **{route: partial(cross_polytope, route) for route in ("R1", "R2", "R3", "R4")},
        "R4-output": pruned,
        "R7": paired,
    }
)
"""By name (a statement's id, and what tells its witnesses apart after a `-`) the best known. R5 and R6 have no
constant, RM with Lambda = 0 is an equality."""


def statement_of(name: str) -> str:
    """The statement that a witness is of: the part of its name before `-`."""
    return name.partition("-")[0]


def kept(find: Callable[[], Sharpness]) -> ProofResult:
    """That a witness does not exceed its bound: PROVED for this instance, or a refutation of the bound.

    It is evidence: an instance on which a bound with a smaller constant would fail.
    """
    found = find()
    claim = f"{found.constant}: {found.actual} <= {found.bound}"
    if found.holds:
        return ProofResult(found.statement, claim, found.witness, Verdict.PROVED, method=Method.EXACT)
    witness = {"actual": lower(found.actual)}
    return ProofResult(found.statement, claim, found.witness, Verdict.REFUTED, witness, Method.EXACT)
