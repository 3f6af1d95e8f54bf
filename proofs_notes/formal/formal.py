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
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

from sources import STATEMENTS, Refused, declared, files, imports, notations, scan

HERE = Path(__file__).resolve().parent
CASES = HERE.parent.parent / "tests" / "known_answers" / "cases.json"

STAMPS = ".stamps.json"


def run(command: list[str], where: Path, *, both: bool = False) -> str:
    """What the command prints on its standard output, or on both streams. Raises Refused if it fails."""
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr).strip()}")
    return done.stdout + (done.stderr if both else "")


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def compile_all(source: Path) -> list[str]:
    """Compile side by side what may be, and only what its source, an import or Coq has changed; the stems compiled.

    A compiled file counts as up to date if source, imports, Coq and the file itself have the digests of its stamp.
    """
    coq = run(["coqc", "--print-version"], source)
    stamps_file = source / STAMPS
    stamps = json.loads(stamps_file.read_text(encoding="utf-8")) if stamps_file.exists() else {}
    keys: dict[str, str] = {}
    done: dict[str, Future[str]] = {}
    compiled: list[str] = []
    failures: list[Refused] = []

    def one(path: Path, needs: list[Future[str]]) -> str:
        """Compile `path` once everything it imports is there; the digest of what came out."""
        for need in needs:
            need.result()
        if failures:
            raise failures[0]
        result = path.with_suffix(".vo")
        stamp = stamps.get(path.stem)
        if stamp and result.exists() and stamp == [keys[path.stem], digest(result.read_bytes())]:
            return str(stamp[1])
        try:
            run(["coqc", "-q", "-Q", ".", "Skipscape", path.name], source)
        except Refused as failure:
            failures.append(failure)
            raise
        compiled.append(path.stem)
        return digest(result.read_bytes())

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for path in files(source):
            needed = imports(path)
            keys[path.stem] = digest(coq.encode(), path.read_bytes(), *(keys[stem].encode() for stem in needed))
            done[path.stem] = pool.submit(one, path, [done[stem] for stem in needed])
    good = {stem: [keys[stem], future.result()] for stem, future in done.items() if not future.exception()}
    stamps_file.write_text(json.dumps(good, indent=0), encoding="utf-8")
    if failures:
        raise failures[0]
    return compiled


def ask(source: Path, queries: str) -> str:
    """The answers of coqc to `queries`, with all sources imported."""
    names = " ".join(path.stem for path in files(source))
    text = f"From Coq Require Import Reals.\nFrom Skipscape Require Import {names}.\nOpen Scope R_scope.\n"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "query.v"
        script.write_text(text + "Set Printing Width 110.\n" + queries, encoding="utf-8")
        return run(["coqc", "-q", "-Q", str(source), "Skipscape", script.name], Path(folder))


def statements(source: Path) -> str:
    """Every notation as written, every definition printed, every statement checked, file by file."""
    queries = ""
    for path in files(source):
        entries = [(kind, name) for kind, name in declared(path) if kind != "Lemma"]
        if entries or notations(path):
            queries += f'Goal True. idtac "== {path.name} ==". Abort.\n'
        for kind, name in entries:
            queries += f"{'Check @' if kind in STATEMENTS else 'Print '}{path.stem}.{name}.\n"
    text = ask(source, queries)
    for path in files(source):
        header = f"== {path.name} ==\n"
        text = text.replace(header, header + "".join(f"{notation}\n" for notation in notations(path)))
    return text


def check_lemmas(source: Path) -> None:
    """Lemmas are not in the golden file, so none may be an object (a lemma `sqrt : R -> R` could take a name)."""
    names = [f"{path.stem}.{name}" for path in files(source) for kind, name in declared(path) if kind == "Lemma"]
    lines = "".join(f"Check ltac:(let T := type of @{name} in exact (T : Prop)).\n" for name in names)
    ask(source, lines)


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
    workers = os.cpu_count() or 1
    shares = [names[k::workers] for k in range(workers)]
    with ThreadPoolExecutor() as pool:
        answers = pool.map(lambda share: axioms_of(source, [[name] for name in share]), shares)
    used = {
        name: line
        for share, lines in zip(shares, answers, strict=True)
        for name, line in zip(share, lines, strict=True)
    }
    grouped: dict[str, list[str]] = {}
    for name in names:
        grouped.setdefault(used[name], []).append(name)
    return "".join(f"{line}\n" + "".join(f"  {name}\n" for name in grouped[line]) for line in sorted(grouped))


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
        compiled = compile_all(source)
        with ThreadPoolExecutor() as pool:
            text, lemmas = pool.submit(statements, source), pool.submit(check_lemmas, source)
            if options.update:
                compare(source / "axioms.golden", fresh_axioms(source), update=True)
            axioms = pool.submit(check_axioms, source, source / "axioms.golden")
        compare(source / "statements.golden", text.result(), options.update)
        lemmas.result()
        axioms.result()
        if options.coqchk:
            print(checked_again(source))
    except Refused as refusal:
        print(f"formal: {refusal}", file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError) as error:
        print(f"formal: {error}", file=sys.stderr)
        return 2
    print(f"formal: {len(proved(source))} statements proved without a hole, as in the golden files")
    print(f"compiled now: {len(compiled)} of {len(files(source))} sources")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(main(sys.argv[1:]))
