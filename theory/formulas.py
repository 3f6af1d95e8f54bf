"""Hypotheses and conclusions as relations over `symbols`, for the statements that are relations.

What a relation cannot say (which path, which J, which law) is in the statement's claim; existence statements have
the level that their path keeps. The right sides are the expressions that the rest of `theory` evaluates, not copies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy
from sympy import Abs, Eq, Expr, Ge, Gt, Le, Lt, Max, floor, sin, sqrt
from sympy.core.relational import Relational

from theory import connectivity, merging, pairing, refit, selection, sphere, vacuity, zero
from theory.exact import Exact, evaluate, strictly_below
from theory.symbols import (
    D,
    G,
    L,
    L_ref,
    L_t,
    N,
    S,
    S_t,
    a,
    b,
    c,
    cap,
    change,
    count,
    d,
    depth,
    eps,
    gap,
    k,
    kappa,
    l_,
    lambda_,
    light,
    m,
    nu,
    rank,
    rho,
    sigma,
    t,
    width,
)
from theory.symbols import M as CANDIDATES


@dataclass(frozen=True)
class Formula:
    """`conclusion` where all `hypotheses` hold; signs and integrality are the symbols' own assumptions."""

    conclusion: Relational
    hypotheses: tuple[Relational, ...] = ()

    def applies(self, values: Mapping[sympy.Symbol, Exact]) -> bool:
        """Whether the hypotheses hold at exact values (of the symbols in them), decided exactly."""
        return all(_holds(relation, values) for relation in self.hypotheses)

    def holds(self, values: Mapping[sympy.Symbol, Exact]) -> bool:
        """Whether the conclusion holds at exact values of all its symbols, decided exactly."""
        return _holds(self.conclusion, values)


def _holds(relation: Relational, values: Mapping[sympy.Symbol, Exact]) -> bool:
    used = {symbol: value for symbol, value in values.items() if symbol in relation.free_symbols}
    left, right = evaluate(relation.lhs, used), evaluate(relation.rhs, used)
    below, above = strictly_below(left, right), strictly_below(right, left)
    return {"<": below, ">": above, "<=": not above, ">=": not below, "==": not (below or above)}[relation.rel_op]


def _plus(value: Expr) -> Expr:
    return Max(value, 0)


_SMALL = Lt(l_, m)
_UNIT = (Ge(t, 0), Le(t, 1))
_MIRRORED = (_plus(a) - _plus(b)) ** 2 + (_plus(-a) - _plus(-b)) ** 2

FORMULAS: Mapping[str, Formula] = MappingProxyType(
    {
        "L1a": Formula(Eq(_plus(c * a), c * _plus(a)), (Ge(c, 0),)),
        "L1b": Formula(Le(Abs(_plus(a) - _plus(b)), Abs(a - b))),
        "L1c": Formula(Le(_MIRRORED, (a - b) ** 2)),
        "L2": Formula(Le(change, sigma * gap)),
        "L3": Formula(Le(change, t * D), _UNIT),
        "L4": Formula(Eq(change, 0), _UNIT),
        "L5": Formula(Gt(cap, sphere.KAPPA * sin(rho) ** d), (Ge(d, 1), Le(rho, sympy.pi / 2))),
        "L6": Formula(Le(light, selection.SHARE), (Ge(CANDIDATES, l_),)),
        "L7": Formula(Le(L_t, Max(L, L_ref)), _UNIT),
        "L8": Formula(Le(sqrt(L_t), sqrt(L) + change)),
        "L9": Formula(Eq(change, 0)),
        "L10": Formula(Le(S_t, S), _UNIT),
        "T1": Formula(Le(L_t, connectivity.T1_LEVEL), (_SMALL,)),
        "C1": Formula(Le(depth, connectivity.C1_DEPTH), (_SMALL, Lt(L_ref, L))),
        "C1+": Formula(Le(depth, connectivity.C1_PLUS_DEPTH), (_SMALL, Lt(L_ref, L))),
        "C2": Formula(Le(L_t, connectivity.C2_LEVEL), (_SMALL, Le(L, lambda_), Le(L_ref, lambda_))),
        "C2F": Formula(
            Le(L_t, connectivity.C2_LEVEL.subs(D, merging.R4.subs(S, connectivity.C2F_MASS))), (_SMALL, Gt(kappa, 0))
        ),
        "R0": Formula(Le(depth, zero.DEPTH), (Le(l_, m), Lt(L_ref, L))),
        "R1": Formula(Le(D, merging.R1), (_SMALL, Ge(d, 1))),
        "R2": Formula(Le(D, merging.R2), (_SMALL, Ge(d, 1))),
        "R3": Formula(Le(D, merging.R3_CENTRES), (_SMALL, Ge(d, 1), Le(k, m - l_))),
        "R4": Formula(Le(D, merging.R4), (_SMALL,)),
        "R5": Formula(Eq(D, 0), (Ge(m - rank, l_),)),
        "R6": Formula(Le(L_t, refit.LEVEL), (Le(l_, m),)),
        "R7": Formula(Le(D, pairing.R7), (Le(2 * l_, m), Ge(c, 1))),
        "T2": Formula(Le(L_t, connectivity.T1_LEVEL), (Lt(l_, width),)),
        "T3": Formula(Le(L_t, connectivity.T1_LEVEL), (Lt(l_, width),)),
        "T4": Formula(Le(L_t, lambda_), (Ge(m, N + l_), Lt(L_ref, lambda_))),
        "T4b": Formula(Eq(depth, 0), (Ge(m, N),)),
        "T4+": Formula(Le(L_t, lambda_), (Ge(m, N + l_ - 1), Ge(l_, 2), Lt(L_ref, lambda_))),
        "C4": Formula(Le(2 * sqrt(L) * D + D**2, eps), (Le(D, vacuity.DELTA),)),
    }
)
"""By id; no formula: RM, T5, T6, C3. L5's packing number is `PACKED`, L8's other form `LIPSCHITZ`, R3's form with a
share `SHARED`; C4 is an equivalence, of which this is one direction."""

PACKED = Formula(Le(count, floor(1 / cap)), (Ge(d, 1),))
LIPSCHITZ = Formula(Le(L_t, L + G * change))
SHARED = Formula(Le(D, merging.R3_SHARE), (_SMALL, Ge(d, 1), Lt(nu, 1)))
