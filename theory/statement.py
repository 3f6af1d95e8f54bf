"""What a statement is: an id, a claim, where it comes from, and what it does not say."""

import math
import re
from dataclasses import dataclass
from enum import Enum

from sympy.core.relational import Relational

from theory.relations import Formula

ID_PATTERN = re.compile(r"([A-Z])(\d*)([A-Za-z]*\+?)")
"""A letter, a number and what tells a variant: L7, T4b, C2F, C1+, RM. Parts of one id differ in a last small letter."""

SEED_PARTS = ("rate", "threshold", "object")
"""All that the paper's abstract gives: the rate O(m^{(eta-1)/n}), the threshold, the object; and no proof."""


class Kind(Enum):
    """What a claim says about the quantity that it is about."""

    IDENTITY = "identity"
    UPPER_BOUND = "upper bound"
    LOWER_BOUND = "lower bound"
    EXISTENCE = "existence"
    EQUIVALENCE = "equivalence"


class Subject(Enum):
    """What a claim is about, which decides what can prove all of it."""

    SCALARS = "scalars"
    """Real numbers: a proof over all reals covers the claim."""
    NETWORKS = "networks"
    """Vectors, laws, networks, paths, or bounds in every dimension: scalars cover steps of it."""


class Chapter(Enum):
    """Where in the blueprint a statement stands; inside a chapter ids are in their natural order, theorems first."""

    LEMMAS = 1
    THEOREMS = 2
    ROUTES = 3
    FURTHER = 4
    """Other classes, finite data, separation, rates: what is said once the routes are known."""


_CHAPTERS = {"L": Chapter.LEMMAS, "R": Chapter.ROUTES}
_LETTERS = "LTCR"


class Source(Enum):
    """Where a claim, or a part of it, comes from."""

    SEED = "seed"
    FREEMAN_BRUNA = "fb"
    KNOWN = "known"
    OURS = "ours"


@dataclass(frozen=True)
class Provenance:
    """One source and the part of a statement that it covers.

    A `seed` provenance must name what it takes from the abstract: the rate, the threshold or the object.
    """

    source: Source
    covers: str

    def __post_init__(self) -> None:
        if not isinstance(self.source, Source):
            raise ValueError(f"provenance: source must be a Source, got {self.source!r}")
        if not _is_text(self.covers):
            raise ValueError(
                f"provenance [{self.source.value}]: covers must say which part it covers, got {self.covers!r}"
            )
        if self.source is Source.SEED and not set(SEED_PARTS) & set(re.findall(r"\w+", self.covers)):
            raise ValueError(
                f"provenance [seed]: covers must name one of {', '.join(SEED_PARTS)}, "
                f"the only things that the abstract gives; got {self.covers!r}"
            )


@dataclass(frozen=True)
class Statement:
    """One statement of the blueprint.

    `claim` is a plain sentence with its hypotheses, `depends_on` the ids that its proof uses, `not_covered`
    what a reader might take from it and must not, `formulas` its forms as relations, the main one first (`given` tells
    them apart): what a relation cannot say is in the claim, and existence statements have the level that their path
    keeps. `note` is anything else (may be empty), `subject` what it is about, `chapter` where it stands (None: lemmas
    and routes by their letters L and R, all others with the theorems). Raises ValueError, naming the statement and the
    field, if a field is not usable.
    """

    id: str
    title: str
    kind: Kind
    sources: tuple[Provenance, ...]
    claim: str
    depends_on: tuple[str, ...]
    not_covered: str
    note: str = ""
    subject: Subject = Subject.NETWORKS
    formulas: tuple[Formula, ...] = ()
    chapter: Chapter | None = None

    def __post_init__(self) -> None:
        _check_id(self.id, "statement: id")
        name = f"statement {self.id}"
        for field in ("title", "claim", "not_covered"):
            if not _is_text(getattr(self, field)):
                raise ValueError(f"{name}: {field} must be a non-empty text, got {getattr(self, field)!r}")
        if "\n" in self.title:
            raise ValueError(f"{name}: title must be one line, got {self.title!r}")
        if not self.claim.endswith("."):
            raise ValueError(f"{name}: claim must be a sentence and end with a full stop, got {self.claim!r}")
        if not isinstance(self.note, str):
            raise ValueError(f"{name}: note must be a text, got {self.note!r}")
        if not isinstance(self.kind, Kind):
            raise ValueError(f"{name}: kind must be a Kind, got {self.kind!r}")
        if not isinstance(self.chapter, Chapter | None):
            raise ValueError(f"{name}: chapter must be a Chapter or None, got {self.chapter!r}")
        if not isinstance(self.subject, Subject):
            raise ValueError(f"{name}: subject must be a Subject, got {self.subject!r}")
        self._check_sources(name)
        self._check_dependencies(name)

    def __repr__(self) -> str:
        return f"Statement({self.id}: {self.title})"

    @property
    def place(self) -> tuple[object, ...]:
        """What statements are sorted by: chapter, then L, T, C, R, then the number; variants after what they vary."""
        letter, number, variant = ID_PATTERN.fullmatch(self.id).groups()  # type: ignore[union-attr]
        chapter = self.chapter or _CHAPTERS.get(letter, Chapter.THEOREMS)
        order = _LETTERS.find(letter) if letter in _LETTERS else len(_LETTERS)
        return (chapter.value, order, letter, int(number) if number else math.inf, variant.endswith("+"), variant)

    @property
    def conclusion(self) -> Relational | None:
        """The main form as a relation; None where there is no formula, which no catalogue takes."""
        return self.formulas[0].conclusion if self.formulas else None

    @property
    def hypotheses(self) -> tuple[Relational, ...]:
        """What the main form supposes, besides the signs of its symbols."""
        return self.formulas[0].hypotheses if self.formulas else ()

    def _check_sources(self, name: str) -> None:
        if not isinstance(self.sources, tuple) or not all(isinstance(s, Provenance) for s in self.sources):
            raise ValueError(f"{name}: sources must be a tuple of Provenance, got {self.sources!r}")
        used = [s.source for s in self.sources]
        if not used:
            raise ValueError(f"{name}: sources must not be empty")
        if len(set(used)) != len(used):
            raise ValueError(f"{name}: sources names a source twice: {', '.join(s.value for s in used)}")
        if used == [Source.SEED]:
            raise ValueError(
                f"{name}: sources has [seed] alone, but the abstract has no proof: name the proof's source"
            )

    def _check_dependencies(self, name: str) -> None:
        if not isinstance(self.depends_on, tuple):
            raise ValueError(f"{name}: depends_on must be a tuple of ids, got {self.depends_on!r}")
        for other in self.depends_on:
            _check_id(other, f"{name}: depends_on")
        if self.id in self.depends_on:
            raise ValueError(f"{name}: depends_on contains the statement itself")
        if len(set(self.depends_on)) != len(self.depends_on):
            raise ValueError(f"{name}: depends_on names a statement twice: {', '.join(self.depends_on)}")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _check_id(value: object, where: str) -> None:
    if not isinstance(value, str) or not ID_PATTERN.fullmatch(value):
        raise ValueError(f"{where} must look like L7, T4b, C2F, R0 or RM, got {value!r}")
