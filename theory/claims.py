"""Somebody's claimed constants and exponents against the ledger: implied by ours, refuted by a witness, or open.

Three kinds. `Scaled`: a bound of the ledger with another constant in front. `Exponent`: a power of m for l = m^eta,
m growing. `Packed`: how many directions can be pairwise more than an angle apart. `implied` never says more than the
statements that it names; a refutation is re-evaluated exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from math import ceil
from types import MappingProxyType
from typing import TypeAlias

import sympy
from sympy import Expr, Integer, Rational

from theory import orders, packings
from theory.catalogue import CATALOGUE
from theory.exact import number, strictly_below, upper
from theory.ledger import Status
from theory.proof import ProofResult, Verdict
from theory.smt import prove, translate
from theory.statements import merging, rates, sphere
from theory.symbols import d, eta, n


class Outcome(Enum):
    IMPLIED = "implied by ours"
    REFUTED = "refuted by a witness"
    OPEN = "open"


@dataclass(frozen=True)
class Scaled:
    """`bound` of the ledger holds with `constant` times its right side."""

    name: str
    bound: str
    constant: Expr


@dataclass(frozen=True)
class Exponent:
    """Depth of C1, or the least D(J) of L3 in units of sigma S, is O(m^value) for l = m^eta, every 0 < eta < 1.

    `value` is in eta and the input dimension n; `bias` says whether the first layer has one (d = n, else n - 1);
    `bounded_mass` whether the constant may depend on a bound of S.
    """

    name: str
    quantity: str
    value: Expr
    bias: bool
    bounded_mass: bool


@dataclass(frozen=True)
class Packed:
    """At most `directions` directions on S^dimension are pairwise more than `angle` apart."""

    name: str
    dimension: int
    angle: Expr
    directions: int


Claim: TypeAlias = Scaled | Exponent | Packed


@dataclass(frozen=True)
class Answer:
    """What the ledger says to a claim; `by` names the statements that an implication rests on."""

    claim: Claim
    outcome: Outcome
    reason: str
    by: tuple[str, ...] = ()


QUANTITIES = ("depth", "deviation")

MERGING = tuple(merging.BOUNDS)
"""Routes whose bound is one of the least D(J); R7 moves outgoing weights instead."""

LEAST: Mapping[str, tuple[Expr, tuple[str, ...]]] = MappingProxyType(
    {
        **{id_: (Integer(1), (id_,)) for id_ in ("L2", "L3", "L6", "T1", "C1", "C1+", "R2", "R3", "R4", "R7")},
        "L2-symmetric": (Integer(1), ("L2",)),
        "R1": (Rational(1, 2), ("R4",)),
    }
)
"""By bound (the name of a witness), the least constant that the ledger implies, and by what: R4 <= R1/2 (`orders`)."""

HALF = next(order for order in orders.ORDERS if (order.smaller, order.larger) == ("R4", "R1/2"))
"""Without it, R1's own constant is the least that is implied."""

LONG = 60
"""Characters from which an inequality is printed with a decimal between its sides."""

ON_THE_PATH = ("C1", "C1+")
"""Their witnesses attain the bound on the ledger's own path, which says nothing about the depth itself."""

_WEIGHTY = (Status.PROVED, Status.PROVED_BY_PARTS)


def answer(claim: Claim, statuses: Mapping[str, Status]) -> Answer:
    """`statuses` of an audit: an implication by a statement that is neither proved nor proved by parts is open."""
    try:
        found = _found(claim)
    except (ArithmeticError, ValueError) as undecided:  # balls or z3 give up
        return Answer(claim, Outcome.OPEN, f"not decided: {undecided}")
    weak = [id_ for id_ in found.by if statuses.get(id_) not in _WEIGHTY]
    if found.outcome is Outcome.IMPLIED and weak:
        return Answer(
            claim, Outcome.OPEN, f"it would follow from {', '.join(weak)}, which this run leaves open", found.by
        )
    return found


def _found(claim: Claim) -> Answer:
    if isinstance(claim, Scaled):
        return _scaled(claim)
    return _exponent(claim) if isinstance(claim, Exponent) else _packed(claim)


def _scaled(claim: Scaled) -> Answer:
    least, by = LEAST[claim.bound]
    if least != 1 and not orders.holds(HALF):
        least = Integer(1)
    if not strictly_below(claim.constant, least):
        words = "" if least == 1 else f": {by[0]} is at most {least} of {claim.bound}'s bound"
        return Answer(claim, Outcome.IMPLIED, f"{claim.constant} >= {least}{words}", by)
    if claim.bound in ON_THE_PATH:
        return Answer(claim, Outcome.OPEN, "the bound is attained on its own path, the depth there is not known")
    found = CATALOGUE.witnesses[claim.bound]()
    if strictly_below(claim.constant * found.bound, found.actual):
        values = f"{found.actual} > {claim.constant} * {found.bound}"
        if len(values) > LONG:
            between = _between(claim.constant * found.bound, found.actual)
            values = f"{found.actual} > {between} >= {claim.constant} times the bound"
        return Answer(claim, Outcome.REFUTED, f"{found.witness}: {values}")
    return Answer(claim, Outcome.OPEN, f"below {least}, and no witness known exceeds it")


def _between(low: Expr, high: Expr) -> str:
    """The shortest decimal, of three places or more, from `low` to below `high`; `low` itself if there is none."""
    for places in range(3, 36):
        scaled = ceil(upper(low) * 10**places)
        if strictly_below(number(Fraction(scaled, 10**places), "a decimal"), high):
            return f"{scaled // 10**places}.{scaled % 10**places:0{places}d}"
    return str(low)


def _exponent(claim: Exponent) -> Answer:
    size = n if claim.bias else n - 1
    if claim.quantity == "deviation" and (counterexample := _polygons(claim)) is not None:
        return Answer(claim, Outcome.REFUTED, counterexample)
    if claim.quantity == "depth" and not claim.bounded_mass:
        reason = (
            "no bound of S: D of C1 grows with S. On N points the depth is 0 once m >= N (T4b), which is no rate; for "
            "other laws nothing is known here"
        )
        return Answer(claim, Outcome.OPEN, reason)
    for route in rates.DEVIATIONS if claim.quantity == "depth" else MERGING:
        ours = rates.deviation_exponent(route).subs(d, size)
        if _at_most(ours, claim, least=1 if claim.bias else 2).verdict is Verdict.PROVED:
            # C1's bound grows with L, but from L_0 on the depth is 0 by R0: at most 2 sqrt(L_0) D in any case.
            by = (route,) if claim.quantity == "deviation" else ("C1", "R0", route)
            words = "under bounded S, for one law of the data" if claim.quantity == "depth" else "in units of sigma S"
            sizes = "every n" if claim.bias else "every n >= 2"
            return Answer(claim, Outcome.IMPLIED, f"{route} has {sympy.factor(ours)}, {words}, {sizes}", by)
    return Answer(
        claim, Outcome.OPEN, "no route of the ledger is shown to have so small an exponent for every eta and n"
    )


def _at_most(ours: Expr, claim: Exponent, *, least: int) -> ProofResult:
    """z3: our exponent is at most the claimed one for 0 < eta < 1 and all real n from `least` on."""
    top, bottom = sympy.fraction(sympy.together(claim.value - ours))
    condition = translate(sympy.expand(top * bottom)) >= 0
    eta_, n_ = translate(eta), translate(n)
    below = translate(sympy.expand(bottom))
    assuming = (eta_ > 0, eta_ < 1, n_ >= least, below != 0)
    return prove("C3", condition, assuming=assuming, scope="0 < eta < 1, all real n from the least one on")


def _polygons(claim: Exponent) -> str | None:
    """Regular m-gons refute an exponent below eta - 2 at d = 1: D(J) >= (l/m) sin(2 pi/m) >= 4 l/m^2 for m >= 4.

    The sine is concave on [0, pi/2], hence at least 2/pi times its argument. None: they do not refute it.
    """
    at_one = sympy.together(claim.value.subs(n, 1 if claim.bias else 2))
    if at_one.has(sympy.zoo, sympy.nan):
        return None
    top, bottom = sympy.fraction(at_one - (eta - 2))
    eta_ = translate(eta)
    claimed = translate(sympy.expand(top * bottom)) >= 0
    below = translate(sympy.expand(bottom))
    found = prove("C3", claimed, assuming=(eta_ > 0, eta_ < 1, below != 0), scope="0 < eta < 1, d = 1")
    if found.verdict is not Verdict.REFUTED:
        return None
    at = Rational(found.witness["eta"].numerator, found.witness["eta"].denominator)
    value = at_one.subs(eta, at)
    if not (value.is_Rational and value < at - 2):
        return None
    return (
        f"regular m-gons of equal masses, d = 1, eta = {at}: every D(J) is at least 4 l/m^2 = 4 m^({at - 2}) sigma S, "
        f"more than any multiple of m^({value})"
    )


def _packed(claim: Packed) -> Answer:
    number = sphere.packing_number(claim.dimension, claim.angle)
    if claim.directions >= number:
        return Answer(claim, Outcome.IMPLIED, _size(claim, number), ("L5",))
    for found in packings.known(claim.dimension, more_than=claim.directions):
        if found.beyond(claim.angle):
            reason = f"{found.name}: {found.count} directions, pairwise more than {claim.angle} apart"
            return Answer(claim, Outcome.REFUTED, reason)
    return Answer(claim, Outcome.OPEN, f"{_size(claim, number)}, and no larger set is known here")


def _size(claim: Packed, number: int) -> str:
    name = f"N_{claim.dimension}({claim.angle})"
    return f"{name} = {number}" if number.bit_length() <= 64 else f"{name} > 2^{number.bit_length() - 1}"
