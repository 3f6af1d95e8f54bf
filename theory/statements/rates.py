"""C3 [ours]: exponents of the bounds by one slot, where no eta is left to choose, and of the routes' for l = m^eta.

Every exponent is under bounded S (and bounded sigma and d). An exponent is the limit of log bound/log m, taken
factor by factor; eta = 1/(1+h) keeps 0 < eta < 1. It trusts sympy's limits of log(m^eta + 1)/log m and its like.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import sympy
import z3
from sympy import Eq, Expr, Ge, Gt, Integer, Le, Lt, Max, Rational, log, oo, sqrt

from theory import symbols
from theory.arguments import formal, identity, part, smt
from theory.exact import evaluate
from theory.proof import Method, ProofResult, Reach, Verdict
from theory.relations import Formula
from theory.smt import maximum, prove, translate
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements.merging import R1, R2, R3_SHARE, R4
from theory.statements.one_slot_regularised import RATE
from theory.statements.pairing import R7
from theory.symbols import S_inf, d, eta, h, l_, m, n, nu, sigma

FOURTH = m / 4
"""The l that R7 allows in every dimension, as 2l <= m."""


STATED: Mapping[str, tuple[Expr, Expr]] = MappingProxyType(
    {
        "R1": (2 / (d + 2), -1 / (d + 2)),
        "R2": (2 / d, -1 / d),
        "R3": (sympy.Rational(2, 3) * (1 + 1 / d), -(d + 1) / (3 * d)),
        "R4": (sympy.Rational(2, 3), -sympy.Rational(1, 3)),
    }
)
"""C3's table, written out: the best eta (R2: the least of them) and the exponent of the total gap."""


@dataclass(frozen=True)
class OneSlot:
    """A row of the table by one slot: exponents of the depth, and of how far above L* a point must lie for it.

    `by` are the statements whose bounds they are, `under` is what the constants suppose.
    """

    where: str
    by: tuple[str, ...]
    depth: Expr
    threshold: Expr
    under: str


_MASS, _BOTH, _OBJECTIVE = "bounded S", "bounded S and L", "fixed kappa > 0 and bounded F, nothing of S"

ONE_SLOT: tuple[OneSlot, ...] = (
    OneSlot("Lambda = 0, squared error or a smooth loss", ("C7", "T7L"), Integer(-2), Integer(-1), _MASS),
    OneSlot("Lambda = 0, F = L + kappa S", ("T7F",), Integer(-2), Integer(-1), _OBJECTIVE),
    OneSlot("a live branch", ("C7",), Integer(-1), -Rational(1, 2), _BOTH),
    OneSlot("a live branch, F = L + kappa S", ("T7F",), Integer(-1), -Rational(1, 2), _OBJECTIVE),
    OneSlot(
        "a live branch, few data on its kinks",
        ("T12",),
        Integer(-2),
        Integer(-1),
        "bounded S, K_0 and g R_1 M^2/Lambda",
    ),
    OneSlot("fixed d >= 1, Lambda = 0, l = 1", ("C7", "R3"), -2 - 2 / d, -1 - 1 / d, _MASS),
    OneSlot("fixed d >= 1, a live branch, l = 1", ("C7", "R3"), -1 - 1 / d, -Rational(1, 2) - 1 / (2 * d), _BOTH),
)
"""C3's first table, written out: squared error and kappa = 0 where nothing else is said."""


def _forms() -> tuple[Formula, ...]:
    """By one slot; then the routes: no eta gives less, and the stated one attains it for l = m^eta."""
    least = {"R1": 1, "R2": 3, "R3": 3, "R4": 1}
    slot: list[Formula] = []
    attained, none_less = [], []
    for row in ONE_SLOT:
        for words, value in (("depth", row.depth), ("threshold's gap", row.threshold)):
            dimension = (Ge(d, 1),) if value.has(d) else ()
            given = f"{words}, {row.where} ({', '.join(row.by)}); {row.under}"
            slot.append(Formula(Le(symbols.exponent, value), dimension, given))
    for route, (best, total) in STATED.items():
        words, domain = f"route {route}, l = m^eta, bounded S", (Gt(eta, 0), Lt(eta, 1), Ge(d, least[route]))
        at = Ge(eta, best) if route == "R2" else Eq(eta, best)
        attained.append(Formula(Eq(symbols.exponent, total), (at, *domain), words))
        none_less.append(Formula(Ge(symbols.exponent, total), domain, words))
    half = Eq(symbols.exponent, -Rational(1, 2))
    quarter = Formula(half, (Eq(l_, FOURTH),), "route R7, bounded S; for d <= 2 routes R2 and R3 too")
    return (*slot, *attained, *none_less, quarter)


STATEMENTS = (
    Statement(
        id="C3",
        title="Rates",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it; Maurey's argument is known"),),
        claim="Under bounded S (and L, with a live branch), above T7's threshold, exponents of m in the depth and in "
        "how far above L* the threshold lies. Lambda = 0, squared error or a smooth loss: -2 and -1; squared error "
        "with a live branch: -1 and -1/2, or -2 and -1 where few data lie on its kinks (T12, its constant bounded); "
        "for fixed d >= 1, by R3 with l = 1: -2-2/d and -1-1/d, with a live branch -1-1/d and -1/2-1/(2d). For F = L "
        "+ kappa S (T7F), kappa > 0 fixed and F bounded, nothing of S: -2 and -1 for Lambda = 0, -1 and -1/2 with a "
        "live branch. No eta is left to choose: for every 0 < eta < 1 and n >= 1 these depths are below (eta-1)/n. "
        "Joining two points, with sqrt e(l) <= sqrt e(inf) + S_inf sigma/sqrt l and l = m^eta, the total gap max(D, "
        "S_inf sigma/sqrt l) has the least exponent: R1 -1/(d+2) at eta = 2/(d+2); R4 -1/3 at 2/3; R2 -1/d at every "
        "2/d <= eta < 1, d >= 3; R3 -(d+1)/(3d) at (2/3)(1+1/d), d >= 3; and with l = m/4, R7 -1/2 in every "
        "dimension, R2 and R3 -1/2 for d <= 2.",
        formulas=_forms(),
        chapter=Chapter.FURTHER,
        depends_on=("L2", "L8", "T1", "T7F", "T7L", "C2", "C7", "R1", "R2", "R3", "R4", "R7", "T12"),
        not_covered="Unbounded S. Constants: a rate says nothing at one width. Infinite S_inf. R2 and R3 with l = "
        "m^eta, eta < 1, for d <= 2: they come arbitrarily close to -1/2 and do "
        "not reach it. What the abstract supposes is not known here: rates are compared in our reading.",
        note="R1's exponent of D is (eta-1)/d: (eta-1)/(n-1) without biases, (eta-1)/n with them. The exponent -2 is "
        "best possible for TWO-LAYER of growing dimension (T8c), -1 with a live branch but for sqrt(log m) (T11).",
    ),
)

DEVIATIONS: Mapping[str, Expr] = MappingProxyType(
    {"R1": R1, "R2": R2, "R3": R3_SHARE.subs(nu, 1 / (d + 1)), "R4": R4, "R7": R7}
)
"""By route; R3 with the nu that its minimum takes once l <= m d/(d+1), hence for all large m if eta < 1."""

MARGIN_GROWTH = (symbols.k * symbols.S / (2 * m)) ** 2
"""T12's bound without its constant; k = r K_0 + 2 is bounded."""

MAUREY = S_inf * sigma / sqrt(l_)
"""sqrt e(l) - sqrt e(inf) is at most this."""


@dataclass(frozen=True)
class Rate:
    """The total gap is of order m^exponent; `neurons` is l as a function of m, `eta` its exponent."""

    route: str
    neurons: Expr
    eta: Expr
    exponent: Expr


def exponent(bound: Expr, neurons: Expr | None = None) -> Expr:
    """The limit of log bound/log m, in d and, for l = m^eta, 0 < eta < 1, in eta; else for l = `neurons`."""
    reference = m ** (1 / (1 + h)) if neurons is None else neurons
    logarithm = sympy.expand_log(log(bound.subs(l_, reference)), force=True)
    terms = [term for term in sympy.Add.make_args(sympy.expand(logarithm)) if term.has(m)]
    limits = [_limit(term) for term in terms]
    return sympy.factor(sympy.simplify(sympy.Add(*limits).subs(h, 1 / eta - 1)))


def _limit(term: Expr) -> Expr:
    """The limit of term/log m: of the factor with m in it, times the rest."""
    constant, varying = term.as_independent(m)
    result = sympy.limit(varying / log(m), m, oo)
    if not result.is_finite:
        raise ArithmeticError(f"no exponent: {varying}/log m has no known finite limit, got {result}")
    return constant * result


@cache
def deviation_exponent(route: str) -> Expr:
    """The exponent of the route's D for l = m^eta, in eta and d, under bounded S."""
    return exponent(_deviation(route))


@cache
def best_rate(route: str) -> Rate:
    """The eta at which D and Maurey's gap are of one order, and that order, in d (`balance` says why it is best).

    Where this eta is not below 1, no l = m^eta attains it: see `rate`.
    """
    reference = exponent(MAUREY)
    (balanced,) = sympy.solve(sympy.Eq(deviation_exponent(route), reference), eta)
    balanced = sympy.factor(balanced)
    return Rate(route, m**balanced, balanced, sympy.factor(reference.subs(eta, balanced)))


def rate(route: str, dimension: int) -> Rate:
    """The best rate at one d >= 1: `best_rate` where its eta is below 1, else l = m/4."""
    if dimension < 1:
        raise ValueError(f"rates of the routes need d >= 1, got {dimension}")
    best = best_rate(route)
    at = evaluate(best.eta, {d: dimension})
    if at < 1:
        return Rate(route, m**at, at, evaluate(best.exponent, {d: dimension}))
    gaps = [exponent(formula.subs(d, dimension), FOURTH) for formula in (_deviation(route), MAUREY)]
    return Rate(route, FOURTH, Integer(1), Max(*gaps))


def slot_exponents(route: str | None, *, live: bool) -> tuple[Expr, Expr]:
    """C7's exponents, of the depth and of the threshold's gap, from a route's D at l = 1; None: C7's own sigma S/m.

    A live branch has 2 sqrt(L) D + D^2, whose larger term has D's exponent, which is negative; else it is D^2. The
    threshold's gap is 2 K delta, delta the root of the depth's bound.
    """
    return _by_one_slot((R4 if route is None else _deviation(route)).subs(l_, 1), live=live)


def _by_one_slot(deviation: Expr, *, live: bool) -> tuple[Expr, Expr]:
    single = exponent(deviation, Integer(1))
    ours = single if live else 2 * single
    return sympy.expand(ours), sympy.expand(ours / 2)


def paper_exponent(*, first_layer_bias: bool) -> Expr:
    """R1's exponent of D in the input dimension n: (eta-1)/n with a first-layer bias, (eta-1)/(n-1) without."""
    return deviation_exponent("R1").subs(d, n if first_layer_bias else n - 1)


def _deviation(route: str) -> Expr:
    if route not in DEVIATIONS:
        raise ValueError(f"route {route!r} has no rate, known: {', '.join(DEVIATIONS)}")
    return DEVIATIONS[route]


def one_slot_rates() -> ProofResult:
    """C3: the exponents derived from C7's, T7F's and T12's bounds are those of the table by one slot.

    T7L's bound is C7's but for a constant; with a live branch T7F's is at most 2 sqrt(L) D + D^2, D = sigma F/(kappa
    m).
    """
    regularised = sqrt(RATE)
    found = [
        slot_exponents(None, live=False),
        _by_one_slot(regularised, live=False),
        slot_exponents(None, live=True),
        _by_one_slot(regularised, live=True),
        (exponent(MARGIN_GROWTH, Integer(1)), exponent(sqrt(MARGIN_GROWTH), Integer(1))),
        slot_exponents("R3", live=False),
        slot_exponents("R3", live=True),
    ]
    same = all(
        sympy.simplify(one - row.depth) == 0 and sympy.simplify(other - row.threshold) == 0
        for (one, other), row in zip(found, ONE_SLOT, strict=True)
    )
    claim = "; ".join(f"{row.where}: {row.depth}, {row.threshold} ({row.under})" for row in ONE_SLOT)
    return _derived(claim, same, "by sympy's limits of log bound/log m, all d >= 1")


def below_the_abstract() -> ProofResult:
    """C3: -2, -1 and -1 - 1/d are below (eta - 1)/n for every 0 < eta < 1 and n >= 1, in our reading."""
    share, inputs = z3.Reals("eta n")
    return prove(
        "C3",
        z3.And(-inputs < share - 1, -2 * inputs < share - 1),
        assuming=(share > 0, share < 1, inputs >= 1),
        scope="cleared of n; rates only, both under bounded S; in our reading of the abstract",
    )


def best_rates() -> ProofResult:
    """C3: the derived exponents and the eta at which they meet Maurey's are those of the statement."""
    found = {route: best_rate(route) for route in STATED}
    same = all(
        sympy.simplify(found[route].eta - best) == 0 and sympy.simplify(found[route].exponent - total) == 0
        for route, (best, total) in STATED.items()
    )
    claim = "; ".join(f"{route}: {total} at eta = {best}" for route, (best, total) in STATED.items())
    return _derived(claim, same, "all d >= 1 with eta < 1, by sympy's limits of log bound/log m, under bounded S")


def rates_at_a_quarter() -> ProofResult:
    """C3: with l = m/4 R7 has -1/2 in every dimension, R2 and R3 for d <= 2: two cases, so the claim is covered."""
    half = -sympy.Rational(1, 2)
    paired = Max(exponent(R7, FOURTH), exponent(MAUREY, FOURTH))
    cases = [rate(route, size) for route in ("R2", "R3") for size in (1, 2)]
    same = not R7.has(d) and paired == half and all((one.neurons, one.exponent) == (FOURTH, half) for one in cases)
    return _derived(
        "R7 (every d) and R2, R3 (d <= 2): -1/2 with l = m/4", same, "R7's bound does not contain d; under bounded S"
    )


def _derived(claim: str, same: bool, scope: str) -> ProofResult:
    verdict = Verdict.PROVED if same else Verdict.UNDECIDED
    return ProofResult("C3", claim, scope, verdict, method=Method.IDENTITY, reach=Reach.FORMULAS)


def balance() -> ProofResult:
    """C3: where a rising and a falling line meet their maximum is least."""
    start, slope, meeting, other = z3.Reals("alpha beta eta* eta")
    return prove(
        "C3",
        maximum(start + slope * other, -other / 2) >= -meeting / 2,
        assuming=(slope >= 0, start + slope * meeting == -meeting / 2),
        scope="all real eta; alpha + beta eta is the exponent of D, -eta/2 that of Maurey's gap",
    )


def _compare(statement: str, better: str, worse: str, *conditions: z3.BoolRef, least: int, scope: str) -> ProofResult:
    """Cleared of the denominator d: the exponent of `better` is below that of `worse`."""
    gap = sympy.expand(d * (deviation_exponent(better) - deviation_exponent(worse)))
    eta_, d_ = translate(eta), translate(d)
    return prove(statement, translate(gap) < 0, assuming=(eta_ > 0, eta_ < 1, d_ >= least, *conditions), scope=scope)


def packing_lightest_beats_pigeonhole() -> ProofResult:
    """C3: R3's exponent is below R1's."""
    return _compare("C3", "R3", "R1", least=1, scope="0 < eta < 1, all real d >= 1, under bounded S")


def pruning_beats_pigeonhole() -> ProofResult:
    """C3: R4's exponent is below R1's for d >= 2 (at d = 1 they are equal)."""
    return _compare("C3", "R4", "R1", least=2, scope="0 < eta < 1, all real d >= 2, under bounded S")


def pairing_beats_pruning() -> ProofResult:
    """C3: R7's exponent is below R4's."""
    return _compare("C3", "R7", "R4", least=1, scope="0 < eta < 1, all real d >= 1, under bounded S; exponents only")


def pairing_beats_packing_lightest() -> ProofResult:
    """C3: R7's exponent is below R3's where eta > 2/d."""
    above = translate(eta * d) > 2
    return _compare("C3", "R7", "R3", above, least=1, scope="2/d < eta < 1, all real d >= 1, under bounded S")


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    one_slot_rates,
    below_the_abstract,
    best_rates,
    rates_at_a_quarter,
    balance,
    packing_lightest_beats_pigeonhole,
    pruning_beats_pigeonhole,
    pairing_beats_pruning,
    pairing_beats_packing_lightest,
)

ARGUMENTS = (
    part(
        "C3",
        *identity(one_slot_rates, over="the table by one slot, all d >= 1"),
        *smt(below_the_abstract),
        *identity(best_rates, over="routes R1-R4, all d >= 1 where eta < 1"),
        *identity(rates_at_a_quarter, over="R7 in every d, R2 and R3 for d = 1, 2"),
        *smt(balance, packing_lightest_beats_pigeonhole, pruning_beats_pigeonhole),
        *smt(pairing_beats_pruning, pairing_beats_packing_lightest),
        remains="Maurey's argument, the limits that sympy takes",
    ),
)

FORMAL = (
    formal(
        "C3",
        "draw.C3_maurey C3_maurey_root",
        "gap.C3_depth C3_prune",
        remains="every exponent: Coq has Maurey's argument and the depth with l draws, by any J and by R4",
    ),
)
