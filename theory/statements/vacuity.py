"""C4 [ours]: the width at which a route's bound falls under a wanted depth, as an integer that is never too small.

Beyond a few dimensions R1's width is astronomical: saying so, with numbers, is part of the audit.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import sympy
import z3
from sympy import Expr, Ge, Gt, Integer, Le, sqrt

from theory import symbols
from theory.algebra import prove_equal
from theory.arguments import formal, identity, part, smt
from theory.exact import Exact, Rational, ceiling, evaluate, lower, strictly_below
from theory.proof import ProofResult
from theory.relations import SMALLER, Formula
from theory.smt import assumptions, prove, translate
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements import merging
from theory.statements.connectivity import C1_DEPTH
from theory.statements.one_slot import LIVE_DEPTH, SILENT_DEPTH
from theory.statements.pairing import R7
from theory.statements.sphere import KAPPA
from theory.symbols import D, K, L, L_ref, S, c, d, eps, l_, m, r, sigma

DELTA = sqrt(L + eps) - sqrt(L)
"""The deviation at which C1's bound of the depth is eps."""

_PER_DELTA = 2 * sigma * S / D

SILENT_WIDTH = sigma * S / sqrt(eps)
"""The m from which C7's bound is at most eps, Lambda = 0."""

LIVE_WIDTH = sigma * S / DELTA
"""The same with a live branch."""

THRESHOLD_WIDTH = K * sigma * S / (L - sqrt(L * L_ref))
"""Beyond this m C7's second threshold holds with delta = sigma S/m."""

WIDTHS: Mapping[str, Expr] = MappingProxyType(
    {
        "R1": (l_ + 1) / KAPPA * _PER_DELTA**d,
        "R2": l_ - 1 + _PER_DELTA**d / KAPPA,
        "R4": l_ * sigma * S / D,
        "R7": 2 * l_ - 1 + c * _PER_DELTA * sqrt(l_),
    }
)
"""By route: the m at which the closed form equals the deviation D."""


_WIDTHS_SUFFICE = tuple(
    Formula(Le(bound, D), (Ge(m, WIDTHS[route]), Gt(D, 0), *sizes), f"route {route}")
    for route, bound, sizes in (
        ("R1", merging.R1, (SMALLER, Ge(d, 1))),
        ("R2", merging.R2, (SMALLER, Ge(d, 1))),
        ("R4", merging.R4, (SMALLER,)),
        ("R7", R7, (Le(2 * l_, m),)),
    )
)


STATEMENTS = (
    Statement(
        id="C4",
        title="Widths at which bounds say something",
        kind=Kind.EQUIVALENCE,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="C1's bound is at most eps exactly if D <= delta = sqrt(L + eps) - sqrt L. The closed forms are at most "
        "delta exactly for: R1 m >= ((l+1)/kappa_d) (2 sigma S/delta)^d; R2 m >= l - 1 + (2 sigma S/delta)^d/kappa_d; "
        "R4 m >= l sigma S/delta; R7 m >= 2l - 1 + 2 c sigma S sqrt(l)/delta; besides l < m, and 2l <= m for R7. R3 "
        "has a least width by bisection, not above R2's. By one slot (C7): m >= sigma S/sqrt eps if Lambda = 0, m >= "
        "sigma S/delta with a live branch, whatever l; and with sigma S/m for delta its second threshold holds, where "
        "Lambda = 0, exactly for m > K sigma S/(L - sqrt(L L*)).",
        formulas=(
            Formula(Le(C1_DEPTH, eps), (Le(D, DELTA),)),
            Formula(Gt(C1_DEPTH, eps), (Gt(D, DELTA),)),
            *_WIDTHS_SUFFICE,
            Formula(Le(SILENT_DEPTH, eps), (Ge(m, SILENT_WIDTH), Gt(eps, 0)), "C7, Lambda = 0"),
            Formula(Le(LIVE_DEPTH, eps), (Ge(m, LIVE_WIDTH), Gt(eps, 0)), "C7, a live branch"),
        ),
        chapter=Chapter.FURTHER,
        depends_on=("C1", "C7", "R1", "R2", "R3", "R4", "R7"),
        not_covered="The width at which networks behave well: it says when a bound becomes small, given bounded S, and "
        "nothing about smaller widths. d = 0 (but R4, R7).",
    ),
)

ROUTES = (*merging.BOUNDS, "R7")


def wanted_deviation(*, loss: Exact, depth: Exact) -> Expr:
    """delta = sqrt(L + eps) - sqrt L, an exact number. Raises ValueError unless `depth` > 0."""
    if not strictly_below(0, depth):
        raise ValueError(f"C4 needs a wanted depth > 0, got {depth}")
    return evaluate(DELTA, {L: loss, eps: depth})


def least_width(
    route: str,
    *,
    loss: Rational,
    depth: Rational,
    sigma: Rational,
    mass: Rational,
    neurons: int,
    dimension: int,
    silent_branch: bool = False,
) -> int:
    """The least m at which the route's bound keeps the depth of a point with loss L below or at `depth`.

    Exact up to rounding up: one more only where balls cannot tell. `silent_branch` matters to R7. d >= 1 (R4, R7:
    any d).
    """
    if route not in ROUTES:
        raise ValueError(f"route {route!r} has no width, known: {', '.join(ROUTES)}")
    if dimension == 0 and route in ("R1", "R2", "R3"):
        raise ValueError(f"{route}: the closed form needs d >= 1; with d = 0 merging equal signs is exact")
    delta = wanted_deviation(loss=loss, depth=depth)
    if route == "R3":
        return _least_width_of_R3(delta, sigma, mass, neurons, dimension)
    factor = Integer(1) if silent_branch else sqrt(2)
    values = {symbols.sigma: sigma, S: mass, l_: neurons, d: dimension, D: delta, c: factor}
    formula = WIDTHS[route]
    smallest = 2 * neurons if route == "R7" else neurons + 1
    needed = ceiling(evaluate(formula, {symbol: values[symbol] for symbol in formula.free_symbols}))
    return max(smallest, needed)


def one_slot_width(*, loss: Rational, depth: Rational, sigma: Rational, mass: Rational, silent_branch: bool) -> int:
    """The least m at which C7's closed form keeps the depth at or below `depth` > 0; exact up to rounding up."""
    delta = wanted_deviation(loss=loss, depth=depth)
    needed = SILENT_WIDTH if silent_branch else LIVE_WIDTH.subs(DELTA, D)
    values = {symbols.sigma: sigma, S: mass, eps: depth, D: delta}
    return max(1, ceiling(evaluate(needed, {symbol: values[symbol] for symbol in needed.free_symbols})))


def threshold_width(
    *, loss: Rational, reference_loss: Rational, spread: Rational, sigma: Rational, mass: Rational
) -> int:
    """An m from which C7's second threshold holds with delta = sigma S/m, Lambda = 0; the least one, or one more.

    `spread` is K. Raises ValueError unless L* < L.
    """
    if not strictly_below(reference_loss, loss):
        raise ValueError(f"C7 needs L* < L, got {reference_loss} and {loss}")
    values = {K: spread, symbols.sigma: sigma, S: mass, L: loss, L_ref: reference_loss}
    edge = evaluate(THRESHOLD_WIDTH, values)
    found = max(1, ceiling(edge))
    return found if strictly_below(edge, found) else found + 1


def _least_width_of_R3(delta: Expr, sigma_: Rational, mass: Rational, neurons: int, dimension: int) -> int:
    """Doubling and bisection from l + 1 up: R3's bound falls with m, to 0."""
    target = lower(delta)

    def small(width: int) -> bool:
        sizes = {"width": width, "neurons": neurons, "dimension": dimension}
        return merging.deviation("R3", sigma=sigma_, mass=mass, **sizes) <= target

    low, high = neurons, neurons + 1
    while not small(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if small(middle) else (middle, high)
    return high


def depth_is_deviation() -> ProofResult:
    """C4: with r = sqrt L, (r + delta)^2 = r^2 + eps: C1's 2 r D + D^2 is at most eps exactly if D <= delta."""
    wanted = translate(r) + translate(symbols.delta)
    return prove(
        "C4",
        (translate(2 * r * D + D**2) <= translate(eps)) == (translate(D) <= translate(symbols.delta)),
        assuming=[*assumptions(r, D, eps, symbols.delta), wanted * wanted == translate(r**2 + eps), translate(eps) > 0],
        scope="all reals >= 0, eps > 0",
    )


def one_slot_depth() -> ProofResult:
    """C4: for D = sigma S/m, D^2 <= eps exactly if m >= sigma S/sqrt eps; with r = sqrt eps, cleared of fractions."""
    reach, root, width = z3.Reals("sigma_S sqrt(eps) m")
    return prove(
        "C4",
        (reach * reach <= root * root * width * width) == (width * root >= reach),
        assuming=(reach >= 0, root > 0, width >= 1),
        scope="all reals; with a live branch C7 is C1 with D = sigma S/m, R4's bound at l = 1",
    )


def one_slot_threshold() -> ProofResult:
    """C4: K sigma S/m < L - sqrt(L L*) exactly if m > K sigma S/(L - sqrt(L L*)), which is > 0 where L* < L."""
    reach, room, width = z3.Reals("K_sigma_S L-sqrt(LL*) m")
    return prove(
        "C4",
        (reach < room * width) == (width > reach / room),
        assuming=(reach >= 0, room > 0, width >= 1),
        scope="all reals",
    )


def _closed(route: str, bound: Expr) -> ProofResult:
    """C4: at the width of `WIDTHS` the bound equals D; all sizes positive reals here."""
    positive = {s: sympy.Dummy(s.name, positive=True) for s in (sigma, S, D, c, l_, d)}
    at_width = bound.subs(m, WIDTHS[route]).subs(positive, simultaneous=True)
    return prove_equal(
        "C4",
        at_width,
        positive[D],
        scope=f"route {route} at m = {WIDTHS[route]}, all positive sigma, S, D, l, d, by sympy's rewriting; the "
        "bound falls with m",
    )


def pigeonhole_width() -> ProofResult:
    """C4 for R1."""
    return _closed("R1", merging.R1)


def packing_width() -> ProofResult:
    """C4 for R2."""
    return _closed("R2", merging.R2)


def pruning_width() -> ProofResult:
    """C4 for R4."""
    return _closed("R4", merging.R4)


def pairing_width() -> ProofResult:
    """C4 for R7."""
    return _closed("R7", R7)


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    depth_is_deviation,
    one_slot_depth,
    one_slot_threshold,
    pigeonhole_width,
    packing_width,
    pruning_width,
    pairing_width,
)

ARGUMENTS = (
    part(
        "C4",
        *smt(depth_is_deviation, one_slot_depth, one_slot_threshold),
        *identity(pigeonhole_width, packing_width, pruning_width, pairing_width),
        remains="that each closed form falls with m",
    ),
)

FORMAL = (formal("C4", "widths.C4_depth C4_R1 C4_R2 C4_R3 C4_R4 C4_R7 C4_silent C4_live C4_threshold"),)
