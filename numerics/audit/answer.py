"""The audit as one JSON-ready answer: statements with their status now, constants, rates, sharpness, claims."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from numerics.arithmetic.rationals import Enclosure, decimal, text
from numerics.audit import formal
from numerics.errors import InputError
from numerics.files import read_bounded
from theory import claims, claims_file, constants, exact, ledger, orders
from theory.arguments import SETTING
from theory.catalogue import CATALOGUE, Catalogue
from theory.claims import Claim
from theory.evidence import Extent
from theory.ledger import Entry, Finding, Runner, Status
from theory.relations import Formula
from theory.sharpness import statement_of
from theory.statements import rates

LARGEST_CLAIMS = 1 << 20

NOT_RUN = "formal: not run here (skipscape audit --formal, or make formal)"

Report = Callable[[str, float], None]


def network_runners() -> Mapping[str, Runner]:
    """What `numerics/checks` registers: drawn networks, hand-checkable cases, constructions."""
    from numerics.checks import RUNNERS

    return RUNNERS


def with_files(files: Iterable[str]) -> Catalogue:
    """The blueprint's catalogue and the statements of a user's own files. Raises InputError, naming the file."""
    from numerics.checks.lemmas import read_module

    catalogue = CATALOGUE
    for name in files:
        module = read_module(Path(name), "STATEMENTS")
        try:
            catalogue = catalogue.including(module)
        except ValueError as error:
            raise InputError(f"{name}: {error}") from None
    return catalogue


def added_runners(catalogue: Catalogue) -> Mapping[str, Runner]:
    """What those files have in `CHECKS` and `CONSTRUCTIONS`. Raises InputError: a check of no statement, two of one."""
    from numerics.checks.registry import runners

    added = [module for module in catalogue.modules if module not in CATALOGUE.modules]
    try:
        return runners(added, catalogue)
    except ValueError as error:
        raise InputError(f"{', '.join(str(module.__file__) for module in added)}: {error}") from None


def chosen_ids(given: Iterable[str], catalogue: Catalogue = CATALOGUE) -> list[str]:
    """Ids as asked for, each once, in blueprint order; `L1` and other split ids give their parts. A name that ends in
    `.py` stands for all that the file adds. Raises InputError.
    """
    wanted: set[str] = set()
    for name in given:
        parts = catalogue.parts(name)
        if name.endswith(".py"):
            parts = tuple(id_ for id_, stem in catalogue.stems.items() if stem == Path(name).stem)
        if not parts:
            known = ", ".join(catalogue.statements)
            raise InputError(f"{name[:40]!r} is no statement: known are {known}, and L1 for its parts")
        wanted.update(parts)
    return [id_ for id_ in catalogue.statements if id_ in wanted]


def run_audit(
    asked: Sequence[str] = (),
    *,
    also: Iterable[str] = (),
    with_coq: bool = False,
    report: Report,
    catalogue: Catalogue = CATALOGUE,
) -> tuple[dict[str, Any], Mapping[str, Entry]]:
    """The answer and the ledger's entries: all statements, or those asked for (what they depend on is run too).

    `also` are ids that are run and not shown. Raises InputError where Coq is asked for and not there.
    """
    runners: dict[str, Runner] = {**catalogue.runners, **network_runners(), **added_runners(catalogue)}
    remarks = [NOT_RUN]
    if with_coq:
        report("compiling the Coq proofs", 0.0)
        run = formal.run_coq()
        declared = {piece.name: one.statement for one in catalogue.formal for piece in one.pieces}
        runners |= formal.formal_runners(declared, run)
        remarks = [
            run.words,
            *(f"{name}: the Coq sources have no such theorem" for name in formal.missing(declared, run)),
        ]
    ids = [*asked, *also] if asked else None
    entries = ledger.audit(_reporting(runners, report), ids, catalogue=catalogue)
    shown = {id_: entries[id_] for id_ in asked or entries}
    answer: dict[str, Any] = {
        "setting": SETTING,
        "remarks": remarks,
        "statements": [_statement(e) for e in shown.values()],
    }
    report("constants and rates", 0.9)
    answer["constants"] = _constants(set(shown))
    answer["one_slot_rates"] = _one_slot_rates(set(shown))
    answer["rates"] = _rates(set(shown))
    if not asked:
        answer["orders"] = _orders()
        answer["crossovers"] = [
            {"below": c.below, "above": c.above, "eta": str(c.eta), "from_d": c.start} for c in orders.crossovers()
        ]
    answer["sharpness"] = _sharpness(set(shown), catalogue)
    return answer, entries


def widths() -> list[dict[str, int | str]]:
    """C4's table; widths beyond 2^53 as text, so that no reader of JSON rounds them."""
    return [{k: v if v < 2**53 else str(v) for k, v in row.items()} for row in constants.width_table()]


def read_claims(source: str) -> tuple[Claim, ...]:
    """The claims of a file, or of a shipped one (`abstract`). Raises InputError."""
    if source in claims_file.SHIPPED and not Path(source).exists():
        words = claims_file.shipped(source)
    else:
        content = read_bounded(Path(source), "a TOML file of claims (or: abstract)")
        if len(content) > LARGEST_CLAIMS:
            raise InputError(f"{source} is larger than 1 MiB: a file of claims is a short text")
        try:
            words = content.decode("utf-8")
        except UnicodeDecodeError:
            raise InputError(f"{source} is no UTF-8 text: a TOML file of claims is expected") from None
    try:
        return claims_file.read_claims(words)
    except ValueError as error:
        raise InputError(f"{source}: {error}") from None


def rested_on(asked: Iterable[Claim]) -> set[str]:
    """The statements on which an answer to these claims could rest."""
    best = dict.fromkeys(CATALOGUE.statements, Status.PROVED)
    return {id_ for one in asked for id_ in claims.answer(one, best).by}


def claimed(asked: Iterable[Claim], entries: Mapping[str, Entry]) -> list[dict[str, Any]]:
    """The ledger's answers, with the statuses of what they rest on."""
    statuses = {id_: entry.status for id_, entry in entries.items()}
    return [_claim(claims.answer(one, statuses), statuses) for one in asked]


def _reporting(runners: Mapping[str, Runner], report: Report) -> dict[str, Runner]:
    def told(name: str, runner: Runner, share: float) -> Runner:
        def run() -> Any:
            report(name, share)
            return runner()

        return run

    return {name: told(name, runner, 0.9 * k / len(runners)) for k, (name, runner) in enumerate(runners.items())}


def _statement(entry: Entry) -> dict[str, Any]:
    item = entry.statement
    return {
        "id": item.id,
        "title": item.title,
        "kind": item.kind.value,
        "source": [source.source.value for source in item.sources],
        "scope": _scope(entry),
        "status": entry.status.value,
        "evidence": [
            {
                "extent": one.argument.extent.value,
                "gives": one.status.value,
                "on_paper": one.argument.remains,
                **_finding(finding),
            }
            for one in entry.judged
            for finding in one.findings
        ],
        "depends_on": list(item.depends_on),
        "note": entry.note,
        "claim": item.claim,
        "provenance": {source.source.value: source.covers for source in item.sources},
        "not_covered": item.not_covered,
        **_form(item.formulas[0]),
        "further_forms": [_form(one) for one in item.formulas[1:]],
        "subject": item.subject.value,
        "remark": item.note,
    }


def _form(formula: Formula) -> dict[str, Any]:
    return {
        "formula": str(formula.conclusion),
        "hypotheses": [str(one) for one in formula.hypotheses],
        "given": formula.given,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    result = finding.result
    found: dict[str, Any] = {
        "name": finding.evidence.name,
        "method": finding.evidence.method.value,
        "over": finding.evidence.scope,
        "reach": finding.evidence.reach.value,
        "verdict": "not run" if result is None else result.verdict.value,
        "holds": finding.holds,
    }
    if result is not None:
        found |= {"claim": result.claim, "detail": result.scope}
        if result.witness:
            found["witness"] = {name: text(Fraction(value)) for name, value in result.witness.items()}
    return found


def _scope(entry: Entry) -> str:
    """What the status covers, in words."""
    if entry.status is Status.OPEN or entry.best is None:
        return "nothing that was run establishes it"
    argument = entry.best.argument
    over = "; ".join(dict.fromkeys(piece.scope for piece in argument.pieces))
    paper = f"; on paper: {argument.remains}" if argument.extent is Extent.PART else ""
    return f"{argument.extent.value} ({over}){paper}"


def _constants(ids: set[str]) -> list[dict[str, Any]]:
    return [
        {
            "statement": one.statement,
            "name": one.name,
            "expression": one.expression,
            **Enclosure(one.lower, one.upper).to_json(),
        }
        for one in constants.constants()
        if one.statement in ids
    ]


def _one_slot_rates(ids: set[str]) -> list[dict[str, Any]]:
    """C3's rows by one slot, whose exponents z3 compares with the abstract's in `rates.below_the_abstract`."""
    return [
        {
            "where": row.where,
            "by": list(row.by),
            "depth": str(row.depth),
            "threshold_gap": str(row.threshold),
            "under": row.under,
        }
        for row in rates.ONE_SLOT
        if ids & {"C3", *row.by}
    ]


def _rates(ids: set[str]) -> list[dict[str, Any]]:
    routes = [route for route in rates.DEVIATIONS if route in ids or "C3" in ids]
    return [
        {
            "route": route,
            "deviation": str(rates.deviation_exponent(route)),
            "total_gap": [
                {"d": size, "eta": str(found.eta), "neurons": str(found.neurons), "exponent": str(found.exponent)}
                for size in (1, 2, 3, 10)
                for found in [rates.rate(route, size)]
            ],
            "under": "bounded S, l = m^eta",
        }
        for route in routes
    ]


def _orders() -> list[dict[str, Any]]:
    return [
        {
            "claim": one.claim,
            "holds": orders.holds(one),
            "scope": one.scope,
            "evidence": list(one.pieces),
            "on_paper": one.remains,
        }
        for one in orders.ORDERS
    ]


def _sharpness(ids: set[str], catalogue: Catalogue) -> list[dict[str, Any]]:
    found = [find() for name, find in catalogue.witnesses.items() if statement_of(name) in ids]
    return [
        {
            "statement": one.statement,
            "constant": one.constant,
            "ratio": {
                "exact": str(one.ratio),
                "lower": decimal(exact.lower(one.ratio), up=False),
            },
            "attained": one.attained,
            "witness": one.witness,
            "approaches": one.limit,
        }
        for one in found
    ]


def _claim(found: claims.Answer, statuses: Mapping[str, Status]) -> dict[str, Any]:
    return {
        "name": found.claim.name,
        "answer": found.outcome.value,
        "reason": found.reason,
        "by": {id_: statuses[id_].value for id_ in found.by if id_ in statuses},
    }
