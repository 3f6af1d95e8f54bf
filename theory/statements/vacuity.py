"""C4 [ours]: the width at which a route's bound falls under a wanted depth, as an integer that is never too small.

Beyond a few dimensions R1's width is astronomical: saying so, with numbers, is part of the audit.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import sympy
from sympy import Expr, Ge, Gt, Integer, Le, sqrt

from theory import symbols
from theory.algebra import prove_equal
from theory.arguments import identity, part, smt
from theory.exact import Exact, Rational, ceiling, evaluate, lower, strictly_below
from theory.proof import ProofResult
from theory.relations import SMALLER, Formula
from theory.smt import assumptions, prove, translate
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements import merging
from theory.statements.connectivity import C1_DEPTH
from theory.statements.pairing import R7
from theory.statements.sphere import KAPPA
from theory.symbols import D, L, S, c, d, eps, l_, m, r, sigma

DELTA = sqrt(L + eps) - sqrt(L)
"""The deviation at which C1's bound of the depth is eps."""

_PER_DELTA = 2 * sigma * S / D

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
        "has a least width by bisection, not above R2's.",
        formulas=(
            Formula(Le(C1_DEPTH, eps), (Le(D, DELTA),)),
            Formula(Gt(C1_DEPTH, eps), (Gt(D, DELTA),)),
            *_WIDTHS_SUFFICE,
        ),
        chapter=Chapter.FURTHER,
        depends_on=("C1", "R1", "R2", "R3", "R4", "R7"),
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
    pigeonhole_width,
    packing_width,
    pruning_width,
    pairing_width,
)

ARGUMENTS = (
    part(
        "C4",
        *smt(depth_is_deviation),
        *identity(pigeonhole_width, packing_width, pruning_width, pairing_width),
        remains="that each closed form falls with m",
    ),
)
