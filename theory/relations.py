"""A statement as relations over `symbols`: a conclusion, and the hypotheses under which it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy
from sympy import Ge, Le, Lt
from sympy.core.relational import Relational

from theory.exact import Exact, evaluate, strictly_below
from theory.symbols import l_, m, t

SMALLER = Lt(l_, m)
"""A hypothesis of many statements: the reference has fewer neurons than the skip layer."""

UNIT_TIME = (Ge(t, 0), Le(t, 1))
"""Another: on a segment, from its start to its end."""


@dataclass(frozen=True)
class Formula:
    """`conclusion` where all `hypotheses` hold; signs and integrality are the symbols' own assumptions.

    `given` says in words what else is supposed and no relation can say: a law, a route, a choice.
    """

    conclusion: Relational
    hypotheses: tuple[Relational, ...] = ()
    given: str = ""

    def where(self, *more: Relational) -> "Formula":
        """The same under more hypotheses."""
        return replace(self, hypotheses=(*self.hypotheses, *more))

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
