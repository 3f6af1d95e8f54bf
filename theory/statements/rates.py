"""C3 [ours]: exponents of the routes' bounds for l = m^eta, derived by sympy, and the best eta for the total gap.

Every exponent is under bounded S (and bounded sigma and d). An exponent is the limit of log bound/log m, taken
factor by factor; eta = 1/(1+h) keeps 0 < eta < 1. It trusts sympy's limits of log(m^eta + 1)/log m and its like.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import sympy
import z3
from sympy import Eq, Expr, Ge, Gt, Integer, Lt, Max, Rational, log, oo, sqrt

from theory import symbols
from theory.arguments import identity, part, smt
from theory.exact import evaluate
from theory.proof import Method, ProofResult, Reach, Verdict
from theory.relations import Formula
from theory.smt import maximum, prove, translate
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements.merging import R1, R2, R3_SHARE, R4
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


def _forms() -> tuple[Formula, ...]:
    """No eta gives less, and the stated one attains it; `exponent` is that of the total gap for l = m^eta."""
    least = {"R1": 1, "R2": 3, "R3": 3, "R4": 1}
    attained, none_less = [], []
    for route, (best, total) in STATED.items():
        words, domain = f"route {route}, l = m^eta, bounded S", (Gt(eta, 0), Lt(eta, 1), Ge(d, least[route]))
        at = Ge(eta, best) if route == "R2" else Eq(eta, best)
        attained.append(Formula(Eq(symbols.exponent, total), (at, *domain), words))
        none_less.append(Formula(Ge(symbols.exponent, total), domain, words))
    half = Eq(symbols.exponent, -Rational(1, 2))
    quarter = Formula(half, (Eq(l_, FOURTH),), "route R7, bounded S; for d <= 2 routes R2 and R3 too")
    return (*attained, *none_less, quarter)


STATEMENTS = (
    Statement(
        id="C3",
        title="Rates and the best eta",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it; Maurey's argument is known"),),
        claim="Under bounded S, with sqrt e(l) <= sqrt e(inf) + S_inf sigma/sqrt l, the total gap max(D, S_inf "
        "sigma/sqrt l) for l = m^eta has the least exponent: R1 -1/(d+2) at eta = 2/(d+2); R4 -1/3 at 2/3; R2 -1/d at "
        "every 2/d <= eta < 1, d >= 3; R3 -(d+1)/(3d) at (2/3)(1+1/d), d >= 3; and with l = m/4, R7 -1/2 in every "
        "dimension, R2 and R3 -1/2 for d <= 2.",
        formulas=_forms(),
        chapter=Chapter.FURTHER,
        depends_on=("L2", "L8", "T1", "C2", "R1", "R2", "R3", "R4", "R7"),
        not_covered="Unbounded S. Constants: a rate says nothing at one width. Infinite S_inf. R2 and R3 with l = "
        "m^eta, eta < 1, for d <= 2: they come arbitrarily close to -1/2 and do not reach it.",
        note="R1's exponent of D is (eta-1)/d: (eta-1)/(n-1) without biases, (eta-1)/n with them.",
    ),
)

DEVIATIONS: Mapping[str, Expr] = MappingProxyType(
    {"R1": R1, "R2": R2, "R3": R3_SHARE.subs(nu, 1 / (d + 1)), "R4": R4, "R7": R7}
)
"""By route; R3 with the nu that its minimum takes once l <= m d/(d+1), hence for all large m if eta < 1."""

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


def paper_exponent(*, first_layer_bias: bool) -> Expr:
    """R1's exponent of D in the input dimension n: (eta-1)/n with a first-layer bias, (eta-1)/(n-1) without."""
    return deviation_exponent("R1").subs(d, n if first_layer_bias else n - 1)


def _deviation(route: str) -> Expr:
    if route not in DEVIATIONS:
        raise ValueError(f"route {route!r} has no rate, known: {', '.join(DEVIATIONS)}")
    return DEVIATIONS[route]


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
        *identity(best_rates, over="routes R1-R4, all d >= 1 where eta < 1"),
        *identity(rates_at_a_quarter, over="R7 in every d, R2 and R3 for d = 1, 2"),
        *smt(balance, packing_lightest_beats_pigeonhole, pruning_beats_pigeonhole),
        *smt(pairing_beats_pruning, pairing_beats_packing_lightest),
        remains="Maurey's argument, the limits that sympy takes",
    ),
)
