"""L6: what the lightest weigh, against their share."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.moves.mass import Masses
from theory.catalogue import STATEMENTS
from theory.statements import selection

Candidates = tuple[list[Fraction], int]


@st.composite
def candidates(draw: st.DrawFn) -> Candidates:
    """Up to eight masses >= 0, and how many of the lightest are taken."""
    masses = draw(st.lists(st.fractions(min_value=0, max_value=8, max_denominator=8), min_size=1, max_size=8))
    return masses, draw(st.integers(1, len(masses)))


def within(problem: Candidates) -> Outcome:
    """The choice is the one that the routes make."""
    masses, count = problem
    each = np.array([*masses, None], dtype=object)[:-1]
    total = sum(masses, Fraction(0))
    lightest = Masses(each, each, (), total).lightest(count)
    measured = sum((masses[j] for j in lightest), Fraction(0))
    bound = selection.share(mass=total, neurons=count, candidates=len(masses))
    numbers = {"l": Fraction(count)} | {f"mass {j}": mass for j, mass in enumerate(masses)}
    return bounded(measured, bound, witness=Witness(numbers=numbers))


CHECKS = (about(STATEMENTS["L6"], candidates(), within, tight=True),)
