"""The ledger: every statement with its declared evidence, and its status computed from what a run establishes now.

Nothing here is a verdict. `audit` is handed runners by name, runs those that the statements asked for need, and
derives each status by four rules: a refuted piece refutes; an argument counts only if every one of its pieces has
just been proved; it is no better than the reach of its pieces (`reached`) and no better than the statements that it
uses. Formal arguments use none: Coq has compiled everything below them in the same run.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from theory.catalogue import CATALOGUE, Catalogue
from theory.evidence import Argument, Evidence, Extent
from theory.proof import Method, ProofResult, Reach, Verdict
from theory.statement import Statement, Subject

Runner: TypeAlias = Callable[[], ProofResult]


class Status(Enum):
    """What the evidence of this run establishes; never more than its scope."""

    PROVED = "proved"
    """Machine-checked: all of the claim, in the ledger's setting."""
    PROVED_BY_PARTS = "proved-by-parts"
    """Steps machine-checked, the gluing in the note; or all but a named clause."""
    TESTED = "tested"
    """Instances or samples only; none contradicts the claim."""
    OPEN = "open"
    """Nothing of weight was run."""
    REFUTED = "refuted"
    """A counterexample was found."""


_STRENGTH = {Status.OPEN: 0, Status.TESTED: 1, Status.PROVED_BY_PARTS: 2, Status.PROVED: 3}
_ESTABLISHES = {
    Extent.WHOLE: Status.PROVED,
    Extent.PART: Status.PROVED_BY_PARTS,
    Extent.STEP: Status.OPEN,
    Extent.INSTANCES: Status.TESTED,
}


_GIVES = {
    Reach.GIVEN: Status.TESTED,
    Reach.START: Status.PROVED_BY_PARTS,
    Reach.SCALARS: Status.PROVED_BY_PARTS,
    Reach.FORMULAS: Status.PROVED_BY_PARTS,
    Reach.ALL: Status.PROVED,
}


def reached(pieces: Iterable[Evidence], subject: Subject) -> Status:
    """The best status that pieces of such reach can give a statement about this subject, whatever an argument says.

    Scalars cover a statement about scalars whole and any other in part; instances, and starts of inductions without a
    step, cover nothing.
    """
    reaches = {piece.reach for piece in pieces}
    if reaches == {Reach.START}:
        return Status.TESTED
    if subject is Subject.SCALARS and reaches <= {Reach.SCALARS, Reach.ALL}:
        return Status.PROVED
    return min((_GIVES[reach] for reach in reaches), key=_STRENGTH.__getitem__)


@dataclass(frozen=True)
class Finding:
    """One piece of evidence and what its runner found; `result` is None if it has not been run."""

    evidence: Evidence
    result: ProofResult | None

    @property
    def holds(self) -> bool:
        """Proved; or sampled without a counterexample, which is all that samples can say."""
        if self.result is None:
            return False
        if self.evidence.method is Method.SAMPLED:
            return self.result.verdict is not Verdict.REFUTED
        return self.result.verdict is Verdict.PROVED

    @property
    def refutes(self) -> bool:
        return self.result is not None and self.result.verdict is Verdict.REFUTED


@dataclass(frozen=True)
class Judged:
    """An argument with its findings and the status that it alone gives."""

    argument: Argument
    findings: tuple[Finding, ...]
    status: Status


@dataclass(frozen=True)
class Entry:
    """One statement of the ledger: the file that has it, its status now, and the arguments behind it."""

    statement: Statement
    stem: str
    status: Status
    judged: tuple[Judged, ...]

    @property
    def best(self) -> Judged | None:
        """The argument that gives the status, if one does."""
        return next((one for one in self.judged if one.status is self.status), None)

    @property
    def note(self) -> str:
        """Where the proof on paper is."""
        return f"proofs_notes/{self.stem}.md"


def declared(arguments_: Iterable[Argument] = CATALOGUE.arguments) -> Mapping[str, Evidence]:
    """Every piece by name. Raises ValueError if a name is declared with two methods."""
    table: dict[str, Evidence] = {}
    for argument in arguments_:
        for piece in argument.pieces:
            if table.setdefault(piece.name, piece).method is not piece.method:
                raise ValueError(f"evidence {piece.name} is declared with two methods")
    return MappingProxyType(table)


def with_dependencies(ids: Iterable[str], catalogue: Catalogue = CATALOGUE) -> tuple[str, ...]:
    """These statements and all that they depend on, in blueprint order. Raises KeyError for an unknown id."""
    wanted = set(ids)
    waiting = list(wanted)
    while waiting:
        new = set(catalogue.statements[waiting.pop()].depends_on) - wanted
        wanted |= new
        waiting += new
    return tuple(id_ for id_ in catalogue.statements if id_ in wanted)


def audit(
    runners: Mapping[str, Runner],
    ids: Iterable[str] | None = None,
    arguments_: Sequence[Argument] | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> Mapping[str, Entry]:
    """The ledger now: run what `ids` (default: all) and their dependencies declare, each runner once.

    `arguments_` stand in the place of the catalogue's own. Evidence without a runner is not run and establishes
    nothing. Raises KeyError for an unknown id and ValueError if a runner answers for another statement, by another
    method or with less reach than declared.
    """
    chosen = with_dependencies(catalogue.statements if ids is None else ids, catalogue)
    given = catalogue.arguments if arguments_ is None else arguments_
    grouped = {id_: [one for one in given if one.statement == id_] for id_ in chosen}
    needed = declared(one for group in grouped.values() for one in group)
    results = {name: runners[name]() for name in needed if name in runners}
    for group in grouped.values():
        for argument in group:
            _check_answers(argument, results, (*catalogue.arguments, *given))
    entries: dict[str, Entry] = {}

    def status_of(id_: str) -> Status:
        if id_ not in entries:
            item = catalogue.statements[id_]
            judged = tuple(_judge(one, item.subject, results, status_of) for one in grouped[id_])
            entries[id_] = Entry(item, catalogue.stems[id_], _overall(judged), judged)
        return entries[id_].status

    for id_ in chosen:
        status_of(id_)
    return MappingProxyType({id_: entries[id_] for id_ in chosen})


def _judge(
    argument: Argument, subject: Subject, results: Mapping[str, ProofResult], status_of: Callable[[str], Status]
) -> Judged:
    findings = tuple(Finding(piece, results.get(piece.name)) for piece in argument.pieces)
    if any(finding.refutes for finding in findings):
        return Judged(argument, findings, Status.REFUTED)
    own = _ESTABLISHES[argument.extent] if all(finding.holds for finding in findings) else Status.OPEN
    used = [status_of(id_) for id_ in argument.uses]
    if Status.REFUTED in used:
        return Judged(argument, findings, Status.OPEN)
    most = reached(argument.pieces, subject)
    return Judged(argument, findings, min([own, most, *used], key=_STRENGTH.__getitem__))


def _overall(judged: Sequence[Judged]) -> Status:
    if any(one.status is Status.REFUTED for one in judged):
        return Status.REFUTED
    return max((one.status for one in judged), key=_STRENGTH.__getitem__, default=Status.OPEN)


def _check_answers(argument: Argument, results: Mapping[str, ProofResult], all_: Sequence[Argument]) -> None:
    """An answer must be for a statement that declares the piece, by the declared method, and reach as far."""
    for piece in argument.pieces:
        result = results.get(piece.name)
        if result is None:
            continue
        declaring = {one.statement for one in all_ if any(other.name == piece.name for other in one.pieces)}
        if result.statement not in declaring:
            raise ValueError(
                f"{piece.name} answers for {result.statement}, declared for {', '.join(sorted(declaring))}"
            )
        if result.method not in (None, piece.method):
            raise ValueError(f"{piece.name} is declared as {piece.method.value}, its prover is {result.method.value}")
        if piece.reach not in (Reach.GIVEN, result.reach):
            raise ValueError(f"{piece.name} is declared for {piece.reach.value}, its prover has {result.reach.value}")


@dataclass(frozen=True)
class Row:
    """One line of the table in `proofs_notes/README.md`; `check` is empty where nothing is drawn."""

    id: str
    title: str
    note: str
    code: str
    check: str
    evidence: str
    status: str


def rows(entries: Mapping[str, Entry]) -> tuple[Row, ...]:
    """The table of an audit, in blueprint order: pure, so that a generated file can be compared with a run."""
    return tuple(
        Row(
            id=id_,
            title=entry.statement.title,
            note=entry.note,
            code=f"theory/statements/{entry.stem}.py",
            check=f"numerics/checks/statements/{entry.stem}.py" if Method.SAMPLED.value in _methods(entry) else "",
            evidence=", ".join(_methods(entry)),
            status=entry.status.value,
        )
        for id_, entry in entries.items()
    )


def _methods(entry: Entry) -> list[str]:
    """The methods declared for a statement, each once, in `Method`'s order."""
    used = {piece.method for one in entry.judged for piece in one.argument.pieces}
    return [method.value for method in Method if method in used]
