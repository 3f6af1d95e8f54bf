"""What a check is: a claim, problems to try it on, and what came of one of them, measured beside the bound."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Generic, TypeVar

from hypothesis import strategies as st

from numerics.common.shown import Shown, brief
from numerics.data import Data
from numerics.networks.base import Network
from theory.proof import ProofResult
from theory.statement import Kind, Statement

NAME = re.compile(r"[A-Za-z][A-Za-z0-9+._-]{0,63}")  # also the beginning of a counterexample's file names

Problem = TypeVar("Problem")
Proof = Callable[[], ProofResult]


@dataclass(frozen=True)
class Facts:
    """What kind of example it was; None where the question has no meaning.

    `informative`: the bound stays below R0's level; `active`: some ReLU changes its sign; `outputs`: `p > 1`; `branch`:
    `Lambda > 0`.
    """

    informative: bool | None = None
    active: bool | None = None
    outputs: bool | None = None
    branch: bool | None = None


@dataclass(frozen=True, eq=False)
class Witness(Shown):
    """A problem as a person can look at it: networks by role (`network` is theta), data, and exact numbers."""

    networks: Mapping[str, Network] = field(default_factory=dict)
    data: Data | None = None
    numbers: Mapping[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for what could not be written down as files and fractions."""
        for role, network in self.networks.items():
            if not (isinstance(role, str) and NAME.fullmatch(role) and isinstance(network, Network)):
                raise ValueError(f"witness: networks must be networks by role, got {str(role)[:40]!r}")
        if not isinstance(self.data, Data | None):
            raise ValueError(f"witness: data must be a Data, got {type(self.data).__name__}")
        for name, number in self.numbers.items():
            if not (isinstance(name, str) and isinstance(number, int | Fraction)):
                raise ValueError(f"witness: numbers must be fractions by name, got {str(name)[:40]!r}")


UNASKED, BARE = Facts(), Witness()


@dataclass(frozen=True, eq=False)
class Outcome(Shown):
    """What came of one problem: `holds` is decided in exact arithmetic, and False only if the claim is false there.

    `measured` and `bound` are exact or rounded against a refutation; `ratio`, their quotient as the statement means it,
    is a float for histograms, None where there is none: 0 against 0, or an infinite one, which becomes None.
    """

    measured: Fraction
    bound: Fraction
    holds: bool
    ratio: float | None = None
    facts: Facts = UNASKED
    witness: Witness = BARE

    def __post_init__(self) -> None:
        """Raises ValueError for NaN, and for another type: what merely counts as true must not pass for `holds`."""
        for name in ("measured", "bound"):
            if not isinstance(getattr(self, name), int | Fraction):
                raise ValueError(f"outcome: {name} must be a Fraction, got {brief(getattr(self, name))}")
        if not isinstance(self.holds, bool):
            raise ValueError(f"outcome: holds must be True or False, got {self.holds!r}")
        if not (self.ratio is None or isinstance(self.ratio, float)):
            raise ValueError(f"outcome: ratio must be a float or None, got {self.ratio!r}")
        if self.ratio is not None and math.isnan(self.ratio):
            values = f"measured = {brief(self.measured)}, bound = {brief(self.bound)}"
            raise ValueError(f"outcome: ratio is nan with {values}: give None where there is no quotient")
        if self.ratio is not None and math.isinf(self.ratio):
            object.__setattr__(self, "ratio", None)
        if not (isinstance(self.facts, Facts) and isinstance(self.witness, Witness)):
            raise ValueError("outcome: facts must be Facts and witness a Witness")


@dataclass(frozen=True, eq=False)
class Check(Shown, Generic[Problem]):
    """A statement, `problems` to try it on and `run`, a pure function of one.

    `claim` is what is printed and what the verdict is about, `kind` what it says about its quantity. `proofs`: machine
    proofs that together establish the very claim (PROVED is said only then). `tight`: the constant cannot be lowered.
    Raises ValueError where a field is not usable.
    """

    id: str
    claim: str
    kind: Kind
    problems: st.SearchStrategy[Problem]
    run: Callable[[Problem], Outcome]
    tight: bool = False
    proofs: tuple[Proof, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not NAME.fullmatch(self.id):
            raise ValueError(f"check: id must be a name of letters, digits and + . _ -, got {self.id!r}")
        if not isinstance(self.claim, str) or not self.claim.strip():
            raise ValueError(f"check {self.id}: claim must be a sentence, got {self.claim!r}")
        if not isinstance(self.kind, Kind):
            raise ValueError(f"check {self.id}: kind must be a theory.statement.Kind, got {self.kind!r}")
        if not isinstance(self.problems, st.SearchStrategy):
            raise ValueError(f"check {self.id}: problems must be a Hypothesis strategy, got {self.problems!r}")
        if not callable(self.run):
            raise ValueError(f"check {self.id}: run must be a function from a problem to an Outcome, got {self.run!r}")


def about(
    statement: Statement,
    problems: st.SearchStrategy[Problem],
    run: Callable[[Problem], Outcome],
    *,
    claim: str = "",
    tight: bool = False,
    proofs: tuple[Proof, ...] = (),
) -> Check[Problem]:
    """The check of a statement: its id and kind, and its claim unless what is tried is a narrower one."""
    return Check(statement.id, claim or statement.claim, statement.kind, problems, run, tight, proofs)


def bounded(
    measured: Fraction,
    bound: Fraction,
    facts: Facts = UNASKED,
    *,
    squares: bool = False,
    besides: bool = True,
    witness: Witness = BARE,
) -> Outcome:
    """`measured <= bound`, and whatever else the claim says (`besides`). `squares`: the ratio is of the roots."""
    ratio = quotient(measured, bound)
    numbers = {**witness.numbers, "measured": measured, "bound": bound}
    return Outcome(
        measured,
        bound,
        measured <= bound and besides,
        math.sqrt(ratio) if squares and ratio is not None else ratio,
        facts,
        Witness(witness.networks, witness.data, MappingProxyType(numbers)),
    )


def quotient(measured: Fraction, bound: Fraction) -> float | None:
    """The nearest float, 0 for what is negative; None where there is none: over 0, or beyond the range of floats."""
    try:
        return max(float(measured / bound), 0.0) if bound else None
    except OverflowError:
        return None
