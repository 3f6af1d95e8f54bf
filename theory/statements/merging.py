"""R1, R2, R3, R4 [ours]: bounds of D from sigma, S and sizes alone, by packing directions or pruning.

Every bound is for the whole of D(J), with the J of the note's proof, and uniform in theta only under bounded S.
The machine-checked order of the routes is in `merging_order`. Left to the note: the constructions (greedy
centres, L5; the crowded cap; the lightest, L6) that lead to the bounds.
"""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

import sympy
from sympy import Expr, Ge, Le, Min

from theory import exact
from theory.arguments import constructed, formal, sampled
from theory.exact import evaluate
from theory.relations import SMALLER, Formula
from theory.statement import Kind, Provenance, Source, Statement
from theory.statements.sphere import KAPPA
from theory.symbols import D, S, d, k, l_, m, nu, sigma

_OURS = (Provenance(Source.OURS, "all of it"),)
_NOT_COVERED = (
    "A value uniform over parameters: S depends on theta, so a rate holds under bounded S only. d = 0, where merging "
    "equal signs is exact. Whether the bound is informative (R0)."
)

R1 = 2 * sigma * S * ((l_ + 1) / (KAPPA * m)) ** (1 / d)
R1_AVERAGED = 2 * sigma * S * (l_ / (KAPPA * m)) ** (1 / d)
R2 = 2 * sigma * S * (1 / (KAPPA * (m - l_ + 1))) ** (1 / d)
R3_SHARE = 2 * sigma * S * (l_ / ((1 - nu) * m)) * (1 / (KAPPA * nu * m)) ** (1 / d)
"""R3 with a share nu of the neurons as centres."""
R3_CENTRES = 2 * sigma * S * (l_ / (m - k)) * (1 / (KAPPA * (k + 1))) ** (1 / d)
"""R3 with k centres: sharper, as there are at most k of them exactly."""
BEST_SHARE = Min(1 / (d + 1), 1 - l_ / m)
"""The nu that makes R3_SHARE least (`merging_order.best_share`)."""
R4 = sigma * S * l_ / m

BOUNDS: Mapping[str, Expr] = MappingProxyType({"R1": R1, "R2": R2, "R3": R3_SHARE.subs(nu, BEST_SHARE), "R4": R4})
"""By route, in sigma, S, m, l, d: the blueprint's closed forms."""


_SIZES = (SMALLER, Ge(d, 1))

STATEMENTS = (
    Statement(
        id="R1",
        title="Pigeonhole",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(
                Source.SEED,
                "the rate O(m^{(eta-1)/n}), stated there for the depth, which this bound has in our reading "
                "(l = m^eta, under bounded S)",
            ),
            Provenance(Source.OURS, "the bound, its constant and its proof"),
        ),
        claim="d >= 1, 1 <= l < m. Some J with |J| = l, admissible in L3, has D(J) <= 2 sigma S ((l+1)/(kappa_d "
        "m))^{1/d}, and <= 2 sigma S (l/(kappa_d m))^{1/d}.",
        formulas=(
            Formula(Le(D, R1), _SIZES, "greedy centres"),
            Formula(Le(D, R1_AVERAGED), _SIZES, "the best cap centre on the sphere"),
        ),
        depends_on=("L3", "L5", "R4"),
        not_covered=_NOT_COVERED,
        note="As a bound it follows from R4 alone, as kappa_d <= 1 and l/m <= (l/m)^{1/d}; that a crowded cap has such "
        "a J, which is where the rate comes from, is R1C. Where the base exceeds 1 the bound is above 2 sigma S, "
        "hence true (D <= sigma S) and empty.",
    ),
    Statement(
        id="R1C",
        title="A crowded cap",
        kind=Kind.UPPER_BOUND,
        sources=_OURS,
        claim="d >= 1, 1 <= l < m, kappa_d sin^d rho = l/m with rho <= pi/2. Some cap of angular radius rho holds l + "
        "1 of the m directions; merging l of them into the last keeps R1's second bound. The first is kept by the "
        "neuron whose l-th nearest direction is nearest, with its l nearest merged into it (greedy centres).",
        formulas=(
            Formula(Le(D, R1), _SIZES, "J is one neuron's l nearest"),
            Formula(Le(D, R1_AVERAGED), _SIZES, "J in one cap"),
        ),
        depends_on=("L3", "L5"),
        not_covered=_NOT_COVERED,
        note="L5's inequality is strict, so greedy centres give l in the place of l + 1 too.",
    ),
    Statement(
        id="R2",
        title="Packing",
        kind=Kind.UPPER_BOUND,
        sources=_OURS,
        claim="d >= 1, 1 <= l < m. All but m - l of the directions lie close to a greedy centre; merging them gives "
        "D(J) <= 2 sigma S (1/(kappa_d (m-l+1)))^{1/d}.",
        formulas=(Formula(Le(D, R2), _SIZES),),
        depends_on=("L3", "L5"),
        not_covered=_NOT_COVERED,
        note="At most R1's bound, see the orders (`merging_order`).",
    ),
    Statement(
        id="R3",
        title="Packing and the lightest",
        kind=Kind.UPPER_BOUND,
        sources=_OURS,
        claim="d >= 1, 1 <= l < m. With at most k centres, 0 <= k <= m - l, merging the l lightest of the other m - k "
        "gives D(J) <= 2 sigma S (l/(m-k)) (1/(kappa_d (k+1)))^{1/d}. With real nu m in place of k + 1 and of k it "
        "gives 2 sigma S (l/((1-nu) m)) (1/(kappa_d nu m))^{1/d}, best at nu = min(1/(d+1), 1 - l/m).",
        formulas=(
            Formula(Le(D, R3_CENTRES), (*_SIZES, Le(k, m - l_)), "at most k centres"),
            Formula(Le(D, R3_SHARE), (*_SIZES, Le(nu, 1 - l_ / m)), "any share nu of centres"),
        ),
        depends_on=("L3", "L5", "L6", "R4"),
        not_covered=_NOT_COVERED + " That the form with nu is at most R2's bound: false near l = m d/(d+1), at d = 1, "
        "m = 2, l = 1 it is 2 pi against pi. The form with the best integer k is, and is at most the form with nu.",
        note="At k = m - l the bound is R2's.",
    ),
    Statement(
        id="R4",
        title="Pruning the lightest",
        kind=Kind.UPPER_BOUND,
        sources=_OURS,
        claim="1 <= l < m, any d. Pruning the l lightest neurons gives D(J) <= sigma S l/m.",
        formulas=(Formula(Le(D, R4), (SMALLER,)),),
        depends_on=("L3", "L6"),
        not_covered=_NOT_COVERED.replace(" d = 0, where merging equal signs is exact.", ""),
        note="At most half of R1's bound for d >= 1, see the orders (`merging_order`).",
    ),
)


def bound(route: str, *, sigma: exact.Exact, mass: exact.Exact, width: int, neurons: int, dimension: int) -> Expr:
    """The closed form of route R1, R2, R3 or R4, an exact number; d >= 1 (R4: d >= 0), 1 <= l < m.

    Raises ValueError for d = 0 (but R4), l >= m, or another route.
    """
    formula = _formula(route)
    require_sizes(route, width, neurons)
    if dimension == 0 and route != "R4":
        raise ValueError(f"{route}: the closed form needs d >= 1; for d = 0 `deviation` is 0 or R4 applies")
    return evaluate(formula, _values(sigma, mass, width, neurons, dimension))


def deviation(
    route: str,
    *,
    sigma: exact.Rational,
    mass: exact.Rational,
    width: int,
    neurons: int,
    dimension: int,
) -> Fraction:
    """A rational at least D for route R1, R2, R3 or R4, from upper bounds of sigma and S.

    d = 0: equal signs merge exactly, 0 if there are enough (R1: m > 2l; R2, R3: m >= l + 2), else ValueError.
    R3 is the smaller of its two forms.
    """
    require_sizes(route, width, neurons)
    if dimension == 0 and route != "R4":
        _formula(route)
        needed = 2 * neurons + 1 if route == "R1" else neurons + 2
        if width < needed:
            raise ValueError(f"{route}: with d = 0, merging l = {neurons} exactly needs m >= {needed}, got {width}")
        return Fraction(0)
    values = _values(sigma, mass, width, neurons, dimension)
    closed = exact.upper_at(_formula(route), values)
    if route != "R3":
        return closed
    centres = best_centres(width, neurons, dimension)
    return min(closed, exact.upper_at(R3_CENTRES, {**values, k: centres}))


def centres_bound(
    *, sigma: exact.Exact, mass: exact.Exact, width: int, neurons: int, dimension: int, centres: int
) -> Expr:
    """R3 with at most `centres` centres, 0 <= k <= m - l, an exact number; d >= 1. k = 0 says less than R4."""
    require_sizes("R3", width, neurons)
    if not 0 <= centres <= width - neurons:
        raise ValueError(f"R3 needs 0 <= k <= m - l, got k = {centres}, m = {width}, l = {neurons}")
    if dimension == 0:
        raise ValueError("R3 with k centres needs d >= 1")
    return evaluate(R3_CENTRES, {**_values(sigma, mass, width, neurons, dimension), k: centres})


def best_centres(width: int, neurons: int, dimension: int) -> int:
    """The k that makes `centres_bound` least, exactly: (m-k)^d (k+1) is largest; the smaller one of two.

    That product rises in k up to the real number (m+1)/(d+1) - 1 and falls after it.
    """
    require_sizes("R3", width, neurons)
    peak = (width + 1) // (dimension + 1) - 1
    candidates = {min(max(0, centres), width - neurons) for centres in (peak, peak + 1)}
    return max(sorted(candidates), key=lambda centres: (width - centres) ** dimension * (centres + 1))


def require_sizes(statement: str, width: int, neurons: int) -> None:
    """Refuse sizes that are not integers with 1 <= l < m."""
    evaluate(l_ / m, {l_: neurons, m: width})
    if not neurons < width:
        raise ValueError(f"{statement} needs l < m, got l = {neurons}, m = {width}")


def _formula(route: str) -> Expr:
    if route not in BOUNDS:
        raise ValueError(f"no closed form of this family for route {route!r}, known: {', '.join(BOUNDS)}")
    return BOUNDS[route]


def _values(
    sigma_: exact.Exact, mass: exact.Exact, width: int, neurons: int, dimension: int
) -> dict[sympy.Symbol, exact.Exact]:
    return {sigma: sigma_, S: mass, m: width, l_: neurons, d: dimension}


FORMAL = (
    formal("R1", "gap.R1_cap_constant"),
    formal(
        "R1C",
        "crowding.R1_grid R1_rate",
        remains="the measure of a cap: Coq has a grid in the place of caps, and merges with its constant, 4 sqrt(d) "
        "(2(d+1) l/m)^(1/d)",
    ),
    formal("R4", "prune.R4_prune"),
)

INSTANCES = (*(sampled(one.id) for one in STATEMENTS), *constructed("R1", "case.9"))
