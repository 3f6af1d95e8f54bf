"""The comment that heads every Coq source: what the file is about, its definitions in words, what it proves.

    (** What the file is about, in a sentence or two.

        Definitions: [name], what it means; [other], what it means.
        Statements: L3, L4. *)

It has 5 to 15 lines, names every definition of the file in brackets, and has the sentence `Statements:`, with the ids
of the ledger or `none`.
"""

import re
from pathlib import Path

from sources import DEFINED, Refused, declared

LEAST, MOST = 5, 15
WRITTEN = {"cases"}
"""Written by a program: the definitions are the numbers of known_answers.json and have its names."""


def head(path: Path) -> str:
    """The first comment of a source, or nothing if the source does not begin with one."""
    found = re.match(r"\(\*\*\s+(.*?)\s*\*\)\n", path.read_text(encoding="utf-8"), re.S)
    return found[1] if found else ""


def statements(path: Path) -> list[str]:
    """The ids that the head says the file proves."""
    found = re.search(r"\bStatements: ([^.]*)\.", head(path))
    return re.findall(r"\b[LTCREU]\d\w?\w?\+?|\bcase \d+|\bRM\b", found[1]) if found else []


def check(path: Path) -> None:
    """Refuse a source whose head is missing, too short or long, or silent about a definition."""
    text = head(path)
    name = f"{path.parent.name}/{path.name}"
    if not LEAST <= len(text.splitlines()) <= MOST:
        raise Refused(f"{name}: the comment that heads it has {len(text.splitlines())} lines, not {LEAST} to {MOST}")
    if "Statements: " not in text:
        raise Refused(f"{name}: its head does not say which statements it proves (`Statements: L3.`, `none.`)")
    defined = [defined for kind, defined in declared(path) if kind in DEFINED and path.stem not in WRITTEN]
    if silent := [one for one in defined if f"[{one}]" not in text]:
        raise Refused(f"{name}: its head does not say what these are: {', '.join(f'[{one}]' for one in silent)}")
