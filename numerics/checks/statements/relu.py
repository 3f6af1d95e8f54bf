"""L1 on exact scalars."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from theory.catalogue import STATEMENTS
from theory.statements import relu as theory

Pair = tuple[Fraction, Fraction]

scalars = st.fractions(min_value=-8, max_value=8, max_denominator=16)


def positive(a: Fraction) -> Fraction:
    """`[a]_+`."""
    return a if a > 0 else Fraction(0)


def homogeneous(pair: Pair) -> Outcome:
    """L1a: `[c a]_+` against `c [a]_+`, `c >= 0`."""
    c, a = abs(pair[0]), pair[1]
    return bounded(abs(positive(c * a) - c * positive(a)), Fraction(0), witness=Witness(numbers={"c": c, "a": a}))


def lipschitz(pair: Pair) -> Outcome:
    """L1b."""
    a, b = pair
    return bounded(abs(positive(a) - positive(b)), abs(a - b), _facts(a, b), witness=Witness(numbers={"a": a, "b": b}))


def mirrored(pair: Pair) -> Outcome:
    """L1c, with equality where it is said."""
    u, v = pair
    left = (positive(u) - positive(v)) ** 2 + (positive(-u) - positive(-v)) ** 2
    right = (u - v) ** 2
    same = u * v >= 0
    witness = Witness(numbers={"u": u, "v": v})
    return bounded(left, right, _facts(u, v), squares=True, besides=(left == right) == same, witness=witness)


def _facts(a: Fraction, b: Fraction) -> Facts:
    return Facts(active=(a > 0) != (b > 0))


pairs = st.tuples(scalars, scalars)
CHECKS = tuple(
    about(STATEMENTS[name], pairs, run, tight=True, proofs=proofs)
    for name, run, proofs in (
        ("L1a", homogeneous, (theory.homogeneous,)),
        ("L1b", lipschitz, (theory.lipschitz,)),
        ("L1c", mirrored, (theory.mirrored, theory.mirrored_equality)),
    )
)
