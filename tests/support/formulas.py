"""Every statement's relations, and whether one of them holds at given values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from theory.catalogue import STATEMENTS
from theory.relations import Formula
from theory.statements import rates

FORMULAS = {id_: item.formulas for id_, item in STATEMENTS.items()}
SLOT = 2 * len(rates.ONE_SLOT)
"""C3 begins with as many forms by one slot."""


def main(id_: str) -> Formula:
    """A statement's first form."""
    return FORMULAS[id_][0]


def holding(formula: Formula, values: Mapping[Any, Any]) -> bool:
    """Whether the conclusion holds at those of the values that are in it."""
    return formula.holds({symbol: values[symbol] for symbol in formula.conclusion.free_symbols})
