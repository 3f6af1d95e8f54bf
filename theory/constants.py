"""The constants of the ledger as expressions and between exact ends: kappa_d, mu_d, N_d, each route's bound, widths.

Ends come from FLINT balls or exact fractions; nothing is rounded towards a claim. Where a reference case is needed
it is known answer 9 (d = 2, m = 1000, l = 10, sigma = S = 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import flint
import sympy
from sympy import Expr, Integer, pi

from theory.exact import Exact, lower, number, upper
from theory.statements import merging, merging_order, pairing, rates, sphere, transferloss, vacuity
from theory.symbols import d


@dataclass(frozen=True)
class Constant:
    """One constant: the statement it belongs to, its name, its formula or value, and rational ends around it."""

    statement: str
    name: str
    expression: str
    lower: Fraction
    upper: Fraction


DIMENSIONS = (1, 2, 3, 4, 8, 16, 64, 784)
"""The d for which kappa_d is listed."""

PACKINGS: tuple[tuple[int, Exact], ...] = (
    *((1, 2 * pi / 5), (1, Integer(1))),
    *((2, 2 * pi / 3), (2, pi / 2), (2, pi / 3), (3, pi / 3)),
)
"""Known answer 8: d and phi."""

REFERENCE: Mapping[str, int] = MappingProxyType({"width": 1000, "neurons": 10, "dimension": 2})
"""Known answer 9, with sigma = S = 1."""

WANTED_LOSS, WANTED_DEPTH = Fraction(1, 100), Fraction(1, 1000)
"""C4's question: depth at most 1/1000 at loss 1/100, with sigma = S = 1 and l = 10."""


def constants() -> tuple[Constant, ...]:
    """All of them, in the order of the statements."""
    return (*_kappas(), *_caps(), *_numbers(), *_lipschitz(), *_bounds(), *_shares())


def width_table(dimensions: range = range(1, 101)) -> tuple[Mapping[str, int], ...]:
    """C4: for each n the least width of every route, with a first-layer bias (d = n), and C7's, which n does not enter.

    `C7` is with a live branch, `C7 silent` with Lambda = 0; both count above C7's threshold, which is not in the width.
    """
    question = {"loss": WANTED_LOSS, "depth": WANTED_DEPTH, "sigma": Fraction(1), "mass": Fraction(1)}
    slot = {
        name: vacuity.one_slot_width(**question, silent_branch=silent)
        for name, silent in (("C7", False), ("C7 silent", True))
    }
    return tuple({"n": n, **{route: _least_width(route, n) for route in vacuity.ROUTES}, **slot} for n in dimensions)


def _least_width(route: str, dimension: int) -> int:
    return vacuity.least_width(
        route, loss=WANTED_LOSS, depth=WANTED_DEPTH, sigma=1, mass=1, neurons=REFERENCE["neurons"], dimension=dimension
    )


def _between(statement: str, name: str, expression: Expr | str, value: Exact) -> Constant:
    return Constant(statement, name, str(expression), lower(value), upper(value))


def _kappas() -> list[Constant]:
    rows = [(size, sphere.kappa_d(size)) for size in DIMENSIONS]
    return [_between("L5", f"kappa_{size}", value if size <= 8 else str(sphere.KAPPA), value) for size, value in rows]


def _caps() -> list[Constant]:
    rows = []
    for size in (1, 2, 3):
        measure = sphere.cap_measure(size, pi / 4)
        rows.append(Constant("L5", f"mu_{size}(pi/4)", "I_{1/2}(d/2, 1/2)/2", *_ends(measure)))
    return rows


def _numbers() -> list[Constant]:
    found = [(size, angle, sphere.packing_number(size, angle)) for size, angle in PACKINGS]
    return [_between("L5", f"N_{size}({angle})", "floor(1/mu_d(phi/2))", count) for size, angle, count in found]


def _lipschitz() -> list[Constant]:
    return [_between("L8", f"G, {loss}", value, value) for loss, value in transferloss.LIPSCHITZ.items()]


def _bounds() -> list[Constant]:
    case = "m = 1000, l = 10, d = 2, sigma = S = 1"
    values = {route: merging.bound(route, sigma=1, mass=1, **REFERENCE) for route in merging.BOUNDS}
    sizes = {"width": REFERENCE["width"], "neurons": REFERENCE["neurons"]}
    values["R7"] = pairing.bound(sigma=1, mass=1, silent_branch=True, **sizes)
    return [_between(route, f"D of {route} at {case}", value, value) for route, value in values.items()]


def _shares() -> list[Constant]:
    best = merging_order.optimal_share()
    rows = [_between("R3", f"nu at d = {size}", best, best.subs(d, size)) for size in (1, 2, 10)]
    for route in ("R1", "R3", "R4"):
        at = rates.best_rate(route).eta
        rows.append(_between("C3", f"eta of {route} at d = 10", at, number(sympy.nsimplify(at.subs(d, 10)), "eta")))
    return rows


def _ends(enclosed: flint.arb) -> tuple[Fraction, Fraction]:
    """The ends of a ball as rationals, outwards."""
    with flint.ctx.workprec(128):
        low, high = (end.fmpq() for end in (enclosed.lower(), enclosed.upper()))
    return Fraction(int(low.p), int(low.q)), Fraction(int(high.p), int(high.q))
