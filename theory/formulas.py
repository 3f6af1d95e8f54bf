"""Hypotheses and conclusions of every statement, as relations over `symbols`.

What a relation cannot say (which path, which J, which law) is in the statement's claim; existence statements have
the level that their path keeps. The right sides are the expressions that the rest of `theory` evaluates, not copies.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sympy import Abs, Eq, Expr, Ge, Gt, Le, Lt, Max, Rational, floor, pi, sin, sqrt

from theory import connectivity, merging, moment, pairing, rates, refit, selection, separation, sphere, vacuity, zero
from theory.relations import Formula
from theory.symbols import (
    D,
    G,
    L,
    L_ref,
    L_t,
    Lambda,
    N,
    S,
    S_t,
    a,
    b,
    branch_change,
    c,
    cap,
    change,
    corner,
    count,
    d,
    depth,
    eps,
    eta,
    exponent,
    gap,
    k,
    kappa,
    l_,
    lambda_,
    light,
    m,
    nu,
    rank,
    readout_change,
    rho,
    sigma,
    t,
    theta,
    width,
)
from theory.symbols import M as CANDIDATES


def _plus(value: Expr) -> Expr:
    return Max(value, 0)


_SMALL = Lt(l_, m)
_UNIT = (Ge(t, 0), Le(t, 1))
_INSIDE = (Le(L, lambda_), Le(L_ref, lambda_))
_BELOW_ONE = (Gt(eta, 0), Lt(eta, 1))
_MIRRORED = (_plus(a) - _plus(b)) ** 2 + (_plus(-a) - _plus(-b)) ** 2
_FROM_ONE = (_SMALL, Ge(d, 1))


_WIDER = Formula(Le(L_t, connectivity.T1_LEVEL), (Lt(l_, width),), "width is m less the rank of the readers")


def _objective(route: str) -> Formula:
    """C2F with a route's bound of D; L, L_ref, L_t stand for F(theta), F(g*) and F along the path."""
    level = connectivity.C2_LEVEL.subs(D, merging.BOUNDS[route].subs(S, connectivity.C2F_MASS))
    words = f"route {route}; L, L_ref, L_t are values of the objective F here"
    return Formula(Le(L_t, level), (_SMALL, Gt(kappa, 0), *_INSIDE), words)


def _rates() -> tuple[Formula, ...]:
    """C3: no eta gives less, and the stated one attains it; `exponent` is that of the total gap for l = m^eta."""
    least = {"R1": 1, "R2": 3, "R3": 3, "R4": 1}
    attained, none_less = [], []
    for route, (best, total) in rates.STATED.items():
        words, domain = f"route {route}, l = m^eta, bounded S", (*_BELOW_ONE, Ge(d, least[route]))
        at = Ge(eta, best) if route == "R2" else Eq(eta, best)
        attained.append(Formula(Eq(exponent, total), (at, *domain), words))
        none_less.append(Formula(Ge(exponent, total), domain, words))
    half = Eq(exponent, -Rational(1, 2))
    quarter = Formula(half, (Eq(l_, rates.FOURTH),), "route R7, bounded S; for d <= 2 routes R2 and R3 too")
    return (*attained, *none_less, quarter)


_WIDTHS = tuple(
    Formula(Le(bound, D), (Ge(m, vacuity.WIDTHS[route]), Gt(D, 0), *more), f"route {route}")
    for route, bound, more in (
        ("R1", merging.R1, _FROM_ONE),
        ("R2", merging.R2, _FROM_ONE),
        ("R4", merging.R4, (_SMALL,)),
        ("R7", pairing.R7, (Le(2 * l_, m),)),
    )
)

FORMULAS: Mapping[str, tuple[Formula, ...]] = MappingProxyType(
    {
        "L1a": (Formula(Eq(_plus(c * a), c * _plus(a)), (Ge(c, 0),)),),
        "L1b": (Formula(Le(Abs(_plus(a) - _plus(b)), Abs(a - b))),),
        "L1c": (
            Formula(Le(_MIRRORED, (a - b) ** 2)),
            Formula(Eq(_MIRRORED, (a - b) ** 2), (Ge(a * b, 0),)),
            Formula(Lt(_MIRRORED, (a - b) ** 2), (Lt(a * b, 0),)),
        ),
        "L2": (
            Formula(Le(change, sigma * gap)),
            Formula(
                Le(change, sigma * gap / sqrt(2)),
                given="the law of what the first layer sees is that of its mirror image",
            ),
            Formula(Eq(change**2, moment.GAUSSIAN_SQUARE), (Ge(theta, 0), Le(theta, pi)), "X ~ N(0, I)"),
        ),
        "L3": (Formula(Le(change, t * D), _UNIT),),
        "L4": (Formula(Eq(change, 0), _UNIT),),
        "L5": (
            Formula(Gt(cap, sphere.KAPPA * sin(rho) ** d), (Ge(d, 1), Le(rho, pi / 2))),
            Formula(Le(count, floor(1 / cap)), (Ge(d, 1),), "directions pairwise more than 2 rho apart"),
        ),
        "L6": (Formula(Le(light, selection.SHARE), (Ge(CANDIDATES, l_),)),),
        "L7": (Formula(Le(L_t, Max(L, L_ref)), _UNIT),),
        "L8": (
            Formula(Le(sqrt(L_t), sqrt(L) + change), given="squared error"),
            Formula(Le(L_t, L + G * change), given="a loss that is G-Lipschitz in the output"),
        ),
        "L9": (Formula(Eq(change, 0)),),
        "L10": (Formula(Le(S_t, S), _UNIT),),
        "T1": (Formula(Le(L_t, connectivity.T1_LEVEL), (_SMALL,)),),
        "C1": (Formula(Le(depth, connectivity.C1_DEPTH), (_SMALL, Lt(L_ref, L))),),
        "C1+": (Formula(Le(depth, connectivity.C1_PLUS_DEPTH), (_SMALL, Lt(L_ref, L))),),
        "C2": (Formula(Le(L_t, connectivity.C2_LEVEL), (_SMALL, *_INSIDE)),),
        "C2F": (_objective("R4"), _objective("R1").where(Ge(d, 1))),
        "R0": (
            Formula(Le(depth, zero.DEPTH), (Le(l_, m), Lt(L_ref, L))),
            Formula(Le(L_t, zero.LEVEL), (Le(l_, m),), "along the zero path"),
        ),
        "R1": (
            Formula(Le(D, merging.R1), _FROM_ONE, "greedy centres"),
            Formula(Le(D, merging.R1_AVERAGED), _FROM_ONE, "the best cap centre on the sphere"),
        ),
        "R2": (Formula(Le(D, merging.R2), _FROM_ONE),),
        "R3": (
            Formula(Le(D, merging.R3_CENTRES), (*_FROM_ONE, Le(k, m - l_)), "at most k centres"),
            Formula(Le(D, merging.R3_SHARE), (*_FROM_ONE, Le(nu, 1 - l_ / m)), "any share nu of centres"),
        ),
        "R4": (Formula(Le(D, merging.R4), (_SMALL,)),),
        "R5": (Formula(Eq(D, 0), (_SMALL, Ge(m - rank, l_))),),
        "R6": (Formula(Le(L_t, refit.LEVEL), (Le(l_, m),)),),
        "R7": (Formula(Le(D, pairing.R7), (Le(2 * l_, m), Ge(c, 1))),),
        "RM": (Formula(Le(change, t * (readout_change + Lambda * branch_change)), _UNIT),),
        "T2": (_WIDER,),
        "T3": (_WIDER,),
        "T4": (Formula(Le(L_t, lambda_), (Ge(m, N + l_), Le(L, lambda_), Lt(L_ref, lambda_))),),
        "T4b": (Formula(Eq(depth, 0), (Ge(m, N), Lt(L_ref, L))),),
        "T4+": (Formula(Le(L_t, lambda_), (Ge(m, N + l_ - 1), Ge(l_, 2), Le(L, lambda_), Lt(L_ref, lambda_))),),
        "T5": (Formula(Eq(depth, separation.VALLEY_DEPTH), separation.VALLEY_HYPOTHESES),),
        "T6": (Formula(Le(L_t, corner)),),
        "C3": _rates(),
        "C4": (
            Formula(Le(connectivity.C1_DEPTH, eps), (Le(D, vacuity.DELTA),)),
            Formula(Gt(connectivity.C1_DEPTH, eps), (Gt(D, vacuity.DELTA),)),
            *_WIDTHS,
        ),
    }
)
"""By id, the main form first. `Formula.given` tells the forms of one statement apart."""
