"""Evidence by name, and the arguments that pieces of it make: what they establish, and what stays on paper.

`theory` only declares. Runners come from `catalogue` (machine proofs), from `numerics/checks` (networks) and, where
asked for, from Coq; the ledger is handed them by name and never assumes what a run would say.
"""

from dataclasses import dataclass
from enum import Enum

from theory.proof import Method, Reach


class Extent(Enum):
    """How much of a statement an argument establishes."""

    WHOLE = "whole statement"
    """All of the claim, in the ledger's setting."""
    PART = "part"
    """All steps that are more than gluing, or all but a named clause; the rest is on paper, in the statement's note."""
    STEP = "step"
    """Single steps; an essential one is on paper."""
    INSTANCES = "instances"
    """Only constructed, given or drawn objects."""


@dataclass(frozen=True)
class Evidence:
    """One piece: the name of its runner, the method, and what it ranges over (scalars, d = 1..100, one instance).

    `scope` says that in words, `reach` bounds the status that may come of it.
    """

    name: str
    method: Method
    scope: str
    reach: Reach = Reach.GIVEN

    def __post_init__(self) -> None:
        if not self.name or self.name != self.name.strip():
            raise ValueError(f"evidence: a name must be a non-empty text without spaces around it, got {self.name!r}")
        if not self.scope.strip():
            raise ValueError(f"evidence {self.name}: a scope must say what it ranges over")
        if self.method is Method.SAMPLED and self.reach is not Reach.GIVEN:
            raise ValueError(f"evidence {self.name}: samples are given objects, got reach '{self.reach.value}'")


@dataclass(frozen=True)
class Argument:
    """Pieces that together establish `extent` of the statement; every one of them is needed.

    `uses` are the statements that the argument takes for granted: its status is no better than theirs. `remains`
    says what it leaves to paper or does not cover. Raises ValueError if samples are to prove anything, if a part
    leaves nothing to paper or a whole something, or if there is no piece.
    """

    statement: str
    extent: Extent
    pieces: tuple[Evidence, ...]
    uses: tuple[str, ...] = ()
    remains: str = ""

    def __post_init__(self) -> None:
        name = f"argument for {self.statement}"
        if not self.pieces:
            raise ValueError(f"{name}: it needs at least one piece of evidence")
        if len({piece.name for piece in self.pieces}) != len(self.pieces):
            raise ValueError(f"{name}: a piece is named twice")
        sampled = [piece.name for piece in self.pieces if piece.method is Method.SAMPLED]
        if sampled and self.extent is not Extent.INSTANCES:
            raise ValueError(f"{name}: {', '.join(sampled)} only samples, which covers instances and no more")
        if (self.extent is Extent.WHOLE) == bool(self.remains):
            raise ValueError(f"{name}: extent '{self.extent.value}' with remains {self.remains!r}")
        if self.statement in self.uses:
            raise ValueError(f"{name}: it uses the statement itself")
