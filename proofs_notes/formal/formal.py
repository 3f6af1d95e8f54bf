#!/usr/bin/env python3
"""`make formal`: compile the Coq sources, refuse holes, compare every statement and axiom with the golden files.

    formal.py                 scan, compile, compare
    formal.py --scan          scan the sources only (no coqc needed)
    formal.py --coqchk        the same as without arguments, then coqchk on the compiled files
    formal.py --update        rewrite the golden files and cases.v instead of comparing
    --source DIR              another folder than this one (the tests check faulty copies with it)
    --cases FILE              another JSON of known answers

Standard library only. Exit status: 0 all well, 1 a hole, a failed proof or a difference, 2 coqc is missing or
the sources cannot be read.
"""

import argparse
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
CASES = HERE.parent.parent / "tests" / "known_answers" / "cases.json"

FORBIDDEN = re.compile(
    r"\b(Admitted|admit|give_up|Axioms?|Parameters?|Conjectures?|Abort|Declare|bypass_check"
    r"|Unset\s+(Guard|Positivity|Universe)\s+Checking|Typing\s+Flags|type-in-type|impredicative-set)\b"
)
DECLARED = re.compile(
    r"^\s*(?:Local\s+|Global\s+)?(Definition|Fixpoint|Inductive|Record|Theorem|Corollary|Example)\s+([\w']+)", re.M
)
SECTION_ONLY = re.compile(r"^\s*(?:Variables?|Hypothes[ie]s|Context)\b")
STATEMENTS = ("Theorem", "Corollary", "Example")


class Refused(Exception):
    """Something is wrong with the proofs; the message is one line or a difference."""


def strip_comments(text: str) -> str:
    """Coq source without comments (they nest) and with strings blanked; line breaks stay where they were."""
    out: list[str] = []
    depth, i, in_string = 0, 0, False
    while i < len(text):
        pair = text[i : i + 2]
        if in_string:
            in_string = text[i] != '"'
            out.append(text[i] if text[i] in '"\n' else " ")
            i += 1
        elif pair == "(*" and text[i + 2 : i + 3] != ")":
            depth, i = depth + 1, i + 2
        elif pair == "*)" and depth:
            depth, i = depth - 1, i + 2
            out.append(" ")
        elif text[i] == '"' and not depth:
            in_string = True
            out.append('"')
            i += 1
        else:
            out.append(text[i] if not depth or text[i] == "\n" else "")
            i += 1
    if depth or in_string:
        raise Refused("a comment or string is not closed")
    return "".join(out)


def files(source: Path) -> list[Path]:
    """The sources in the order of _CoqProject. Raises OSError."""
    lines = (source / "_CoqProject").read_text(encoding="utf-8").split()
    listed = [source / name for name in lines if name.endswith(".v")]
    stray = {path.name for path in source.glob("*.v")} - {path.name for path in listed}
    if stray:
        raise Refused(f"not listed in _CoqProject: {', '.join(sorted(stray))}")
    return listed


def scan(source: Path) -> None:
    """Refuse every word that opens a hole, and hypotheses outside a section (they would be axioms)."""
    for path in files(source):
        open_sections = 0
        for number, line in enumerate(strip_comments(path.read_text(encoding="utf-8")).split("\n"), 1):
            if found := FORBIDDEN.search(line):
                raise Refused(f"{path.name}:{number}: {found.group(0)} is not allowed")
            if re.match(r"\s*Section\b", line):
                open_sections += 1
            elif re.match(r"\s*End\b", line):
                open_sections -= 1
            elif SECTION_ONLY.match(line) and open_sections < 1:
                raise Refused(f"{path.name}:{number}: a hypothesis outside a section is an axiom")


def declared(path: Path) -> Iterator[tuple[str, str]]:
    """(kind, name) of every definition and statement of one source; lemmas are internal."""
    yield from DECLARED.findall(strip_comments(path.read_text(encoding="utf-8")))


def run(command: list[str], where: Path, *, both: bool = False) -> str:
    """What the command prints on its standard output, or on both streams. Raises Refused if it fails."""
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr).strip()}")
    return done.stdout + (done.stderr if both else "")


def compile_all(source: Path) -> None:
    """Compile in order; a file is compiled again if it or anything before it is newer than its .vo."""
    newest = 0.0
    for path in files(source):
        newest = max(newest, path.stat().st_mtime)
        compiled = path.with_suffix(".vo")
        if not compiled.exists() or compiled.stat().st_mtime <= newest:
            run(["coqc", "-q", "-Q", ".", "Skipscape", path.name], source)
        newest = max(newest, compiled.stat().st_mtime)


def ask(source: Path, queries: str) -> str:
    """The answers of coqc to `queries`, with all sources imported."""
    names = " ".join(path.stem for path in files(source))
    text = f"From Coq Require Import Reals.\nFrom Skipscape Require Import {names}.\nOpen Scope R_scope.\n"
    script = source / "query_golden.v"
    try:
        script.write_text(text + "Set Printing Width 110.\n" + queries, encoding="utf-8")
        return run(["coqc", "-q", "-Q", ".", "Skipscape", script.name], source)
    finally:
        for leftover in source.glob("query_golden.*"):
            leftover.unlink()
        (source / ".query_golden.aux").unlink(missing_ok=True)


def statements(source: Path) -> str:
    """Every definition printed, every statement checked, file by file."""
    queries = []
    for path in files(source):
        if entries := list(declared(path)):
            queries.append(f'Goal True. idtac "== {path.name} ==". Abort.')
            queries += [f"{'Check @' if kind in STATEMENTS else 'Print '}{path.stem}.{name}." for kind, name in entries]
    return ask(source, "\n".join(queries) + "\n")


def proved(source: Path) -> list[str]:
    """file.name of every statement."""
    return [f"{path.stem}.{name}" for path in files(source) for kind, name in declared(path) if kind in STATEMENTS]


def axioms_of(source: Path, groups: list[list[str]]) -> list[str]:
    """For each group of statements the axioms that its members rest on together, sorted, in one line."""
    queries = ""
    for number, names in enumerate(groups):
        together = ", ".join("@" + name for name in names)
        queries += f"Definition group_{number} := ({together}).\nPrint Assumptions group_{number}.\n"
    text = ask(source, queries)
    answers = re.split(r"^(?=Axioms:|Closed under)", text, flags=re.M)[1:]
    if len(answers) != len(groups):
        raise Refused(f"{len(groups)} groups of statements but {len(answers)} answers of Print Assumptions")
    used = [set(re.findall(r"^([\w.']+)\s*(?::|$)", answer, flags=re.M)) - {"Axioms"} for answer in answers]
    return [", ".join(sorted(names)) or "none" for names in used]


def fresh_axioms(source: Path) -> str:
    """axioms.golden, statement by statement: a line of axioms, then the statements that rest on exactly these."""
    names = proved(source)
    grouped: dict[str, list[str]] = {}
    for name, used in zip(names, axioms_of(source, [[name] for name in names]), strict=True):
        grouped.setdefault(used, []).append(name)
    return "".join(f"{used}\n" + "".join(f"  {name}\n" for name in grouped[used]) for used in sorted(grouped))


def check_axioms(source: Path, golden: Path) -> None:
    """Every statement is in the golden file, and each group of it rests on the axioms written above it."""
    groups: dict[str, list[str]] = {}
    used = ""
    for line in golden.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            groups[used].append(line.strip())
        else:
            used = line
            groups[used] = []
    listed = [name for names in groups.values() for name in names]
    if difference := sorted(set(listed) ^ set(proved(source))):
        raise Refused(f"{golden.name} and the sources differ in: {', '.join(difference)}")
    for expected, found in zip(groups, axioms_of(source, list(groups.values())), strict=True):
        if found != expected:
            raise Refused(f"{golden.name}: {', '.join(groups[expected])} rest on {found}, not on {expected}")


def checked_again(source: Path) -> str:
    """coqchk's summary; refuses it if it names an axiom that the golden file does not, or anything unsafe."""
    modules = [f"Skipscape.{path.stem}" for path in files(source)]
    summary = run(["coqchk", "-o", "-Q", ".", "Skipscape", *modules], source, both=True).partition("CONTEXT SUMMARY")[2]
    golden = (source / "axioms.golden").read_text(encoding="utf-8")
    found = re.findall(r"^    ([\w.']+)$", summary.partition("* Axioms:")[2].partition("\n* ")[0], flags=re.M)
    if unknown := [name for name in found if ".".join(name.split(".")[-2:]) not in golden]:
        raise Refused(f"coqchk found other axioms: {', '.join(unknown)}")
    if not found or summary.count("<none>") != 3:
        raise Refused(f"coqchk's summary is not as expected:\n{summary.strip()}")
    return f"coqchk: {len(modules)} files; axioms {', '.join(found)}; nothing unsafe"


def case_constants(cases: Path) -> str:
    """cases.v from the JSON of known answers: one real constant per number."""
    table = json.loads(cases.read_text(encoding="utf-8"))
    lines = [
        "(** Numbers of the known answers (blueprint, section 5). Written by formal.py from",
        "    tests/known_answers/cases.json; do not edit. *)",
        "",
        "From Coq Require Import Reals.",
        "Open Scope R_scope.",
        "",
        "Create HintDb cases.",
        "",
    ]
    for case, entry in table["cases"].items():
        lines.append(f"(** {case}: {entry['about']} *)")
        for name, value in entry["numbers"].items():
            number = Fraction(value)
            shown = str(abs(number.numerator)) + ("" if number.denominator == 1 else f" / {number.denominator}")
            shown = f"- ({shown})" if number < 0 else shown
            lines.append(f"Definition {case}_{name} : R := {shown}.")
        names = " ".join(f"{case}_{name}" for name in entry["numbers"])
        lines += [f"Global Hint Unfold {names} : cases.", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def compare(path: Path, text: str, update: bool) -> None:
    """`text` against the committed file."""
    if update:
        path.write_text(text, encoding="utf-8")
        return
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if old != text:
        lines = difflib.unified_diff(
            old.split("\n"), text.split("\n"), f"{path.name} (committed)", "now", lineterm="", n=1
        )
        raise Refused(f"{path.name} differs; if that is meant: formal.py --update\n" + "\n".join(list(lines)[:60]))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="formal.py", description="Check the Coq proofs.")
    parser.add_argument("--source", type=Path, default=HERE)
    parser.add_argument("--cases", type=Path, default=CASES)
    parser.add_argument("--scan", action="store_true")
    parser.add_argument("--coqchk", action="store_true")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args(arguments)
    source = options.source.resolve()
    try:
        compare(source / "cases.v", case_constants(options.cases), options.update)
        scan(source)
        if options.scan:
            print(f"formal: {len(files(source))} sources without holes (not compiled)")
            return 0
        if shutil.which("coqc") is None:
            print("formal: coqc is missing; install the Debian package coq (8.16 or later)", file=sys.stderr)
            return 2
        compile_all(source)
        compare(source / "statements.golden", statements(source), options.update)
        if options.update:
            compare(source / "axioms.golden", fresh_axioms(source), update=True)
        check_axioms(source, source / "axioms.golden")
        if options.coqchk:
            print(checked_again(source))
    except Refused as refusal:
        print(f"formal: {refusal}", file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError) as error:
        print(f"formal: {error}", file=sys.stderr)
        return 2
    print(f"formal: {len(proved(source))} statements proved without a hole, as in the golden files")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(main(sys.argv[1:]))
