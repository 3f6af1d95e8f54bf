#!/usr/bin/env python3
"""`make notes`: the notes are complete, up to date and true of the code; one HTML page of all of them.

    notes.py              write the generated parts, check, render to out/notes.html
    notes.py --write      refresh the generated parts only: statement blocks; list, table and graph of README.md; api.md
    notes.py --check      check only: form, generated parts, names, links, formulas
    notes.py --status     run the audit without and with Coq, and write status.json, where the table has its last column
    --out FILE            where the page goes
    --source DIR          another folder than this one (the tests spoil copies)

Exit status: 0 all well, 1 something is wrong (one line each), 2 unreadable input.

The form of a note. A note `<stem>.md` belongs to `theory/statements/<stem>.py` and holds every statement of that
file, in order: one title line, an introduction if wanted, then for each statement

    <!-- statement L3 -->
    ... written by this tool from `theory.catalogue.STATEMENTS`, never by hand ...
    <!-- end -->

    ### Proof          complete, with constants; `####` for steps
    ### Sharpness      the witness, exactly, or what is not known
    ### Where          the table below
    ### Not covered    what the block's line "not covered" leaves to be explained
    (other sections of level 3 may follow)

and at the end of the note `## References`. The table under `Where` has these rows, in this order, and `-` for none:

    | | |
    | --- | --- |
    | encoded | `theory/statements/perturb.py` |
    | constructed | `numerics/moves/perturb.py` |
    | checked | `tests/theory/test_perturb.py`, `tests/moves/test_merging.py::test_transfer_changes_no_output` |
    | Coq | `perturb.v`: `L3_perturb`, `L3_residual` |

Statements are quoted from Coq in a fenced block ```coq, whole, as the golden files of `formal/` have them.
`proofs_notes/api.md` is written whole from the docstrings of skipscape.py's names (`proofs_notes/api.py`).
Pictures are PNG files beside the note, `![words](name.png)` on a line of its own; the page holds them.
Formulas are LaTeX, `$...$` in a line and `$$` on lines of their own around a display; `\\lVert` and `\\lvert`, never
`|`. What is in backticks and looks like a name must exist (`names.py` says what is looked up). Links go to
`other.md`, `other.md#L3` or to https.
"""

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import graph
import names
import page
from typeset import typeset

import api
from theory.catalogue import CATALOGUE, STATEMENTS
from theory.statement import Statement

HERE = Path(__file__).resolve().parent
SECTIONS = ("Proof", "Sharpness", "Where", "Not covered")
ROWS = ("encoded", "constructed", "checked", "Coq")
BLOCK = re.compile(r"<!-- statement (\S+) -->\n.*?<!-- end -->", re.S)
PART = re.compile(r"<!-- (pages|table|graph) -->\n.*?<!-- end -->", re.S)
PAPER_PROVES = re.compile(
    r"(the paper|the abstract|its authors|wang et al\.?)\s+(\w+\s+)?(prove|show|derive|establish|assume|require)"
    r"|(proved|proven|shown|derived|established|assumed)\s+(in|by)\s+(the paper|the abstract|its authors|wang)"
    r"|(the paper|the abstract)'s\s+(own\s+)?(proof|theorem|lemma|constant|assumption|hypothes|sharp)",
    re.I,
)
WIDTH = 94
STEMS = CATALOGUE.stems
STATUS = "status.json"


def link(id_: str) -> str:
    return f"[{id_}]({STEMS[id_]}.md#{id_})"


def wrapped(text: str, other: str = "") -> list[str]:
    """Lines of at most WIDTH characters, unless a formula is longer; none is broken, no line begins a list."""
    whole = re.sub(r"\$[^$]+\$|`[^`]+`", lambda found: found[0].replace(" ", "\0"), text)
    whole = re.sub(r" (?=[-+=>#]|\d+\.)", "\0", whole)
    lines = textwrap.wrap(whole, WIDTH, subsequent_indent=other, break_on_hyphens=False, break_long_words=False)
    return [line.replace("\0", " ") for line in lines]


def header(statement: Statement) -> str:
    """The generated block of one statement, markers included."""
    rests = ", ".join(link(id_) for id_ in statement.depends_on)
    entries = [(part.source.value, part.covers) for part in statement.sources]
    entries += [("not covered", statement.not_covered), ("note", statement.note)]
    said = [wrapped(f"- **{name}**: {typeset(words)}", other="  ") for name, words in entries if words]
    return "\n".join(
        (
            f"<!-- statement {statement.id} -->",
            f'<a id="{statement.id}"></a>',
            "",
            f"## {statement.id}. {statement.title}",
            "",
            statement.kind.value + (f"; rests on {rests}" if rests else ""),
            "",
            *wrapped(typeset(statement.claim)),
            "",
            *(line for lines in said for line in lines),
            "<!-- end -->",
        )
    )


@dataclass(frozen=True)
class Note:
    """One file: its stem, its text, and the sections of each statement, by id and title."""

    stem: str
    text: str
    sections: Mapping[str, Mapping[str, str]]

    def where(self, id_: str) -> dict[str, str]:
        """The rows of the statement's table: encoded, constructed, checked, Coq. Empty if there is none."""
        rows = re.findall(r"^\| ([^|]+) \| (.+) \|$", self.sections.get(id_, {}).get("Where", ""), re.M)
        return {name: cell for name, cell in rows if name in ROWS}


def read(stem: str, folder: Path = HERE) -> Note:
    """Raises OSError."""
    text = (folder / f"{stem}.md").read_text(encoding="utf-8")
    found: dict[str, Mapping[str, str]] = {}
    marks = list(BLOCK.finditer(text))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        body = text[mark.end() : following.start() if following else len(text)].partition("\n## ")[0]
        pieces = re.split(r"^### (.+)$", body, flags=re.M)
        found[mark.group(1)] = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    return Note(stem, text, found)


def notes(folder: Path = HERE) -> list[Note]:
    """The notes that are there, in blueprint order of what they prove."""
    return [read(stem, folder) for stem in dict.fromkeys(STEMS.values()) if (folder / f"{stem}.md").exists()]


def refreshed(note: Note) -> str:
    """The text with every statement block rendered anew. Raises KeyError on an unknown id."""
    return BLOCK.sub(lambda mark: header(STATEMENTS[mark.group(1)]), note.text)


def statuses() -> dict[str, dict[str, str]]:
    """What `skipscape audit` says of every statement, run now: `without` Coq and `with` it, by id."""
    from numerics.audit.answer import run_audit

    runs = {
        name: run_audit(with_coq=with_coq, report=lambda stage, share: None)[1]
        for name, with_coq in (("without", False), ("with", True))
    }
    return {id_: {name: entries[id_].status.value for name, entries in runs.items()} for id_ in STATEMENTS}


def status(known: Mapping[str, str]) -> str:
    """The words of one statement's last column."""
    without = "" if known["with"] == known["without"] else f"; without Coq {known['without']}"
    return known["with"] + without


def table(found: list[Note], known: Mapping[str, Mapping[str, str]]) -> str:
    """The generated table of README.md: one row per statement of the ledger. `known`: their statuses, by id."""
    by_id = {id_: note for note in found for id_ in note.sections}
    lines = ["| id | in words | status |", "| --- | --- | --- |"]
    for id_, stem in STEMS.items():
        words = STATEMENTS[id_].title
        named = f"[{words}]({stem}.md#{id_})" if id_ in by_id else f"{words} ({stem}.md, to come)"
        lines.append(f"| {id_} | {named} | {status(known[id_])} |")
    return "\n".join(lines)


def pages(folder: Path) -> str:
    """The generated list of what is neither README.md nor the note of a statement."""
    others = [path for path in page.sources(folder)[1:] if path.stem not in STEMS.values()]
    return "\n".join(f"- [{page.title(path)}]({path.relative_to(folder).as_posix()})" for path in others)


def readme(text: str, found: list[Note], folder: Path = HERE) -> str:
    """README.md with its generated parts anew."""
    parts = {
        "pages": pages(folder),
        "table": table(found, json.loads((folder / STATUS).read_text(encoding="utf-8"))),
        "graph": f"```mermaid\n{graph.mermaid(STATEMENTS)}\n```",
    }
    return PART.sub(lambda mark: f"<!-- {mark.group(1)} -->\n{parts[mark.group(1)]}\n<!-- end -->", text)


def misshapen(note: Note) -> Iterator[str]:
    """What is wrong with the form of a note."""
    wanted = [id_ for id_, stem in STEMS.items() if stem == note.stem]
    if list(note.sections) != wanted:
        yield f"statements {', '.join(note.sections)} where {', '.join(wanted)} are due"
    for id_, sections in note.sections.items():
        if tuple(name for name in sections if name in SECTIONS) != SECTIONS:
            yield f"{id_}: sections are {', '.join(sections)}; due in this order: {', '.join(SECTIONS)}"
        for name, text in sections.items():
            if not text.strip():
                yield f"{id_}: section {name} is empty"
        if tuple(note.where(id_)) != ROWS:
            yield f"{id_}: the table under Where needs the rows {', '.join(ROWS)}"
    if "\n## References\n" not in note.text:
        yield "no section References"
    try:
        if refreshed(note) != note.text:
            yield "a statement block is not what theory says; notes.py --write"
    except KeyError as error:
        yield f"unknown statement {error}"


def problems(folder: Path = HERE) -> list[str]:
    """Everything that is wrong, one line each: form, generated parts, names, formulas, links, words."""
    found = notes(folder)
    texts = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in page.sources(folder)}
    wrong = [f"{stem}.md is missing" for stem in sorted(set(STEMS.values()) - {note.stem for note in found})]
    wrong += [f"{note.stem}.md: {line}" for note in found for line in misshapen(note)]
    if readme(texts["README.md"], found, folder) != texts["README.md"]:
        wrong.append("README.md: the list, the table or the graph is stale; notes.py --write")
    if api.is_stale(folder):
        wrong.append(f"{api.NAME}: stale, the docstrings say something else; notes.py --write")
    for name, text in texts.items():
        wrong += [f"{name}: {line}" for line in names.missing(text)]
        wrong += [f"{name}: {found.group(0)!r}: only the abstract is known" for found in PAPER_PROVES.finditer(text)]
    return wrong + page.problems(folder)


def write(folder: Path = HERE) -> None:
    """Refresh the generated parts in place."""
    for note in notes(folder):
        (folder / f"{note.stem}.md").write_text(refreshed(note), encoding="utf-8")
    api.write(folder)
    path = folder / "README.md"
    path.write_text(readme(path.read_text(encoding="utf-8"), notes(folder), folder), encoding="utf-8")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="notes.py", description="Refresh, check and render the notes.")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--status", action="store_true")
    parser.add_argument("--source", type=Path, default=HERE)
    parser.add_argument("--out", type=Path, default=HERE.parent / "out" / "notes.html")
    options = parser.parse_args(arguments)
    folder = options.source.resolve()
    try:
        if options.status:
            (folder / STATUS).write_text(json.dumps(statuses(), indent=1) + "\n", encoding="utf-8")
        if not options.check:
            write(folder)
        if options.write:
            return 0
        wrong = problems(folder)
        for line in wrong:
            print(f"notes: {line}", file=sys.stderr)
        if not options.check:
            options.out.parent.mkdir(parents=True, exist_ok=True)
            options.out.write_text(page.render(folder), encoding="utf-8")
            print(f"notes: {len(notes(folder))} notes in {options.out}")
    except (OSError, KeyError, ValueError) as error:
        print(f"notes: {error}", file=sys.stderr)
        return 2
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
