"""One Coq source read as a list of commands, and refused unless every command is of a kind that opens no hole.

The reader allows what it knows and refuses the rest, so an axiom needs no name of its own to be caught: `Axiom`,
`Declare`, `Load`, `Module`, `Unset Guard Checking`, `#[bypass_check]`, `Obligation` are refused alike, outside a proof
and inside, however they are spread over lines. Text and comments are read as Coq reads them: strings hide the
end of a comment, and in a comment too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

STATEMENTS = ("Theorem", "Corollary", "Example")
PROVED = (*STATEMENTS, "Lemma")
DEFINED = ("Definition", "Fixpoint", "Inductive", "Record")
ASSUMED = ("Variable", "Variables", "Hypothesis", "Hypotheses", "Context")
OTHERS = ("From", "Import", "Open", "Section", "End", "Notation", "Implicit", "Ltac", "Create", "Global")
LIBRARIES = {
    "Reals", "Lra", "Psatz", "List", "Permutation", "Arith", "Lia", "ZArith", "FunctionalExtensionality", "Bool",
    "Sint63",
}  # fmt: skip
"""What may be imported from the standard library."""

OWN = re.compile(r"From Skipscape\.(\w+) Require Import ([\w ]+)")
"""How a file of the project is imported: the folder in the line, so that it shows which way it points."""

EXACTLY = {
    "Import": r"Import ListNotations",
    "Open": r"Open Scope R_scope",
    "Implicit": r"Implicit Types .*",
    "Create": r"Create HintDb \w+",
    "Global": r"Global Hint Unfold [\w ]+ : \w+",
}
"""Commands of which only one form is allowed."""


class Refused(Exception):
    """Something is wrong with the proofs; the message is one line or a difference."""


@dataclass(frozen=True)
class Command:
    """One command without its dot, blanks made single, and the line on which it begins."""

    line: int
    text: str

    @cached_property
    def words(self) -> list[str]:
        return re.findall(r"[\w']+", self.text)


def strip_comments(text: str) -> str:
    """Coq source without comments (they nest) and with strings blanked; line breaks stay where they were.

    Raises Refused for a comment or string that is not closed, for `(*)`, and for anything that is not ASCII.
    """
    if odd := re.search(r"[^\n -~]|\(\*\)", text):
        raise Refused(f"{odd.group(0)!r} in line {text.count(chr(10), 0, odd.start()) + 1} is not allowed")
    out: list[str] = []
    depth, i, in_string = 0, 0, False
    while i < len(text):
        pair, seen = text[i : i + 2], text[i]
        if not in_string and (pair == "(*" or (pair == "*)" and depth)):
            depth, i = depth + (1 if pair == "(*" else -1), i + 2
            out.append(" ")
            continue
        in_string ^= seen == '"'
        out.append(seen if seen == "\n" or not (depth or (in_string and seen != '"')) else " ")
        i += 1
    if depth or in_string:
        raise Refused("a comment or string is not closed")
    return "".join(out)


def commands(text: str) -> Iterator[Command]:
    """The commands of a source; bullets, braces and goal numbers in front of a tactic are dropped."""
    plain = strip_comments(text)
    start = 0
    for stop in [found.end() for found in re.finditer(r"\.(?=\s|$)", plain)] + [len(plain)]:
        lead = re.match(r"(?:\s|[-+*{}]|\d+\s*:\s*(?=\{)|all\s*:)*", plain[start:stop])
        begin = start + (lead.end() if lead else 0)
        if words := " ".join(plain[begin:stop].split()).removesuffix("."):
            yield Command(plain.count("\n", 0, begin) + 1, words)
        start = stop


@cache
def _commands(text: str) -> tuple[Command, ...]:
    return tuple(commands(text))


def read(path: Path) -> list[Command]:
    """The commands of one file. Raises OSError; Refused names the file."""
    try:
        return list(_commands(path.read_text(encoding="utf-8")))
    except Refused as refusal:
        raise Refused(f"{path.name}: {refusal}") from None


def imports(path: Path) -> list[tuple[str, str]]:
    """(folder, stem) of the project's own files that `path` imports, as its lines say."""
    found = [OWN.fullmatch(command.text) for command in read(path)]
    return [(line[1], stem) for line in found if line for stem in line[2].split()]


def declared(path: Path) -> list[tuple[str, str]]:
    """(kind, name) of every definition, statement and lemma of one source, in its order."""
    kinds = (*DEFINED, *PROVED)
    return [(c.words[0], c.words[1]) for c in read(path) if c.words and c.words[0] in kinds]


def notations(path: Path) -> list[str]:
    """The notations of one source, as they stand: what is printed can be no clearer than they are."""
    original = path.read_text(encoding="utf-8").split("\n")
    found = []
    for command in read(path):
        if command.text.startswith("Notation "):
            rest = " ".join(" ".join(original[command.line - 1 :]).split())
            end = re.search(r"\.(?= |$)", rest)
            assert end is not None, f"{path.name}: a notation without an end, line {command.line}"
            found.append(rest[: end.end()])
    return found


def check(path: Path) -> None:
    """Refuse every command that is not known to be harmless, and every hypothesis outside a section."""
    sections: list[str] = []
    proving = False
    for command in read(path):
        if why := _refusal(command, sections, proving):
            raise Refused(f"{path.name}:{command.line}: {why}")
        first = command.words[0] if command.words else ""
        proving = first == "Proof" or (proving and first not in {"Qed", "Defined"})
        if first == "Section":
            sections.append(command.words[1])
        elif first == "End":
            sections.pop()
    if sections or proving:
        raise Refused(f"{path.name}: a section or proof is not closed")


def _refusal(command: Command, sections: list[str], proving: bool) -> str:
    """Why this command is not allowed, or nothing."""
    text, words = command.text, command.words
    first = words[0] if words and text.startswith(words[0]) else text.split()[0]
    if hole := re.search(r"\b(admit|give_up|Admitted|Abort|type_in_type)\b", text):
        return f"{hole.group(0)} is not allowed"
    if proving:
        harmless = re.match(r"[a-z_(\[|]|(Qed|Defined|Proof)$", text)
        return "" if harmless else f"{first} is not allowed in a proof"
    if first in ASSUMED:
        return "" if sections else "a hypothesis outside a section is an axiom"
    if first == "From":
        library = text.startswith("From Coq Require Import ") and not set(words[4:]) - LIBRARIES
        return "" if library or OWN.fullmatch(text) else f"{text}: that may not be imported"
    if first == "End":
        return "" if sections and words[1:] == sections[-1:] else "End of no section"
    if first in EXACTLY:
        return "" if re.fullmatch(EXACTLY[first], text) else f"{text} is not allowed"
    if text == "Proof" or first in (*PROVED, *DEFINED, *OTHERS):
        return ""
    return f"{first} is not allowed"
