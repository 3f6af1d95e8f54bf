"""Which route's bound is smaller: proved orders of the closed forms, and where exponents cross.

An order holds as long as every one of its pieces is proved in the run; what glues them is said in `remains`. A
crossover is the eta at which two exponents of D for l = m^eta are equal, by sympy.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import sympy
from sympy import Expr

from theory.catalogue import PROVERS
from theory.proof import Verdict
from theory.statements import rates
from theory.symbols import d, eta

_ROOT = "the induction over d in `merging_order.roots_keep_order`"


@dataclass(frozen=True)
class Order:
    """`smaller` is at most `larger` as bounds of D, in `scope`; `pieces` are names of provers."""

    smaller: str
    larger: str
    scope: str
    pieces: tuple[str, ...]
    remains: str

    @property
    def claim(self) -> str:
        return f"{self.smaller} <= {self.larger}"


ORDERS = (
    Order(
        "R4",
        "R1/2",
        "all d >= 1, 1 <= l < m",
        (
            *("merging_order.pruning_base", "merging_order.pruning_chain", "merging_order.roots_keep_order"),
            *("sphere.kappa_ratio", "sphere.kappa_below_one", "sphere.kappa_starts"),
        ),
        _ROOT + ", and that for kappa_d < 1",
    ),
    Order(
        "R2",
        "R1",
        "all d >= 1, 1 <= l < m, greedy form and averaged form of R1",
        ("merging_order.packing_base", "merging_order.packing_base_averaged", "merging_order.roots_keep_order"),
        _ROOT,
    ),
    Order(
        "R3 with its best k",
        "R2",
        "all d >= 1, 1 <= l < m",
        ("merging_order.centres_at_most_packing",),
        "that the best k is no worse than k = m - l",
    ),
    Order(
        "R3 with its best k",
        "R3 with any real share nu",
        "all d >= 1, 0 < nu <= 1 - l/m",
        ("merging_order.rounding_up_the_share",),
        "that the best k is no worse than k + 1 = ceil(nu m)",
    ),
)


def holds(order: Order) -> bool:
    """Whether every piece is proved now."""
    return all(PROVERS[name]().verdict is Verdict.PROVED for name in order.pieces)


@dataclass(frozen=True)
class Crossover:
    """For `eta` below this value `below` has the smaller exponent of D, above it `above`; from dimension `start` on."""

    below: str
    above: str
    eta: Expr
    start: int


LARGEST = 100
"""Dimensions in which a crossover is looked for; its formula is in d."""


@cache
def crossovers() -> tuple[Crossover, ...]:
    """Every eta in (0, 1), as a formula in d, at which two routes' exponents meet, for some 1 <= d <= 100."""
    found = []
    for left, right in combinations(rates.DEVIATIONS, 2):
        gap = rates.deviation_exponent(left) - rates.deviation_exponent(right)
        for at in sympy.solve(sympy.Eq(gap, 0), eta):
            start = next((size for size in range(1, LARGEST + 1) if _inside(at, size)), None)
            if start is not None:
                before = gap.subs({eta: at.subs(d, start) / 2, d: start})
                pair = (left, right) if before < 0 else (right, left)
                found.append(Crossover(*pair, sympy.factor(at), start))
    return tuple(found)


def _inside(at: Expr, dimension: int) -> bool:
    value = at.subs(d, dimension)
    return bool(value.is_Rational and 0 < value < 1)
