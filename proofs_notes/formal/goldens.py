"""The golden file beside every source: what the source says to Coq, and on which axioms its statements rest.

`perturb.golden` has the notations of `perturb.v` as written, its definitions printed, its statements checked, and
after `== axioms ==` its statements once more under the axioms they rest on. Coq prints each file with only what that
file rests on imported, so a new file changes no golden file but its own.
"""

import difflib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from coq import ask, module
from folders import below, files
from sources import STATEMENTS, Refused, declared, notations

AXIOMS = "== axioms =="


def printed(source: Path) -> dict[Path, str]:
    """Of every source its notations as written, every definition printed, every statement checked."""
    queries = ""
    for path in files(source):
        queries += f"Module Asked_{path.stem}.\n"
        queries += "".join(f"Import {module(other)}.\n" for other in [*below(path, source), path])
        queries += f'Goal True. idtac "== {path.name} ==". Abort.\n'
        for kind, name in declared(path):
            if kind != "Lemma":
                queries += f"{'Check @' if kind in STATEMENTS else 'Print '}{path.stem}.{name}.\n"
        queries += f"End Asked_{path.stem}.\n"
    parts = re.split(r"^== (\w+)\.v ==\n", ask(source, queries), flags=re.M)
    text = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {path: "".join(f"{line}\n" for line in notations(path)) + text[path.stem] for path in files(source)}


def check_lemmas(source: Path) -> None:
    """Lemmas are not in the golden file, so none may be an object (a lemma `sqrt : R -> R` could take a name)."""
    names = [f"{path.stem}.{name}" for path in files(source) for kind, name in declared(path) if kind == "Lemma"]
    lines = "".join(f"Check ltac:(let T := type of @{name} in exact (T : Prop)).\n" for name in names)
    ask(source, lines)


def proved(source: Path) -> list[str]:
    """file.name of every statement."""
    return [f"{path.stem}.{name}" for path in files(source) for kind, name in declared(path) if kind in STATEMENTS]


def grouped(axioms: dict[str, str]) -> dict[str, list[str]]:
    """The statements under each line of axioms, in order."""
    groups: dict[str, list[str]] = {}
    for name, line in axioms.items():
        groups.setdefault(line, []).append(name)
    return groups


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


def fresh_axioms(source: Path) -> dict[str, str]:
    """The axioms that each statement rests on: as written where that still holds, the others asked one by one."""
    names = proved(source)
    known = {name: line for name, line in written_axioms(source).items() if name in names}
    groups = grouped(known)
    if axioms_of(source, list(groups.values())) != list(groups):
        known = {}
    asked = [name for name in names if name not in known]
    workers = os.cpu_count() or 1
    shares = [asked[k::workers] for k in range(workers)]
    with ThreadPoolExecutor() as pool:
        answers = pool.map(lambda share: axioms_of(source, [[name] for name in share]), shares)
    return known | {
        name: line
        for share, lines in zip(shares, answers, strict=True)
        for name, line in zip(share, lines, strict=True)
    }


def written_axioms(source: Path) -> dict[str, str]:
    """The same as the golden files have it, where they are."""
    found: dict[str, str] = {}
    for golden in [path.with_suffix(".golden") for path in files(source)]:
        text = golden.read_text(encoding="utf-8") if golden.exists() else ""
        used = ""
        for line in text.partition(f"{AXIOMS}\n")[2].splitlines():
            if line.startswith("  "):
                found[f"{golden.stem}.{line.strip()}"] = used
            else:
                used = line
    return found


def check_axioms(source: Path) -> None:
    """Every statement is in its golden file, and those under one line of axioms rest on exactly these together."""
    written = written_axioms(source)
    if difference := sorted(set(written) ^ set(proved(source))):
        names = ", ".join(difference)
        raise Refused(f"the sources or the golden files lack, formal.py --update if that is meant: {names}")
    groups = grouped(written)
    for expected, found in zip(groups, axioms_of(source, list(groups.values())), strict=True):
        if found != expected:
            raise Refused(f"golden files: {', '.join(groups[expected])} rest on {found}, not on {expected}")


def whole(path: Path, text: str, axioms: dict[str, str]) -> str:
    """The golden file of one source: what Coq printed, then the statements under their axioms."""
    groups = grouped({name: axioms[f"{path.stem}.{name}"] for kind, name in declared(path) if kind in STATEMENTS})
    lines = [line for used in sorted(groups) for line in (used, *(f"  {name}" for name in groups[used]))]
    return text + "".join(f"{line}\n" for line in ([AXIOMS, *lines] if lines else []))


def check_stray(source: Path) -> None:
    """Refuse a golden file without a source, which would be compared with nothing."""
    stray = set(source.rglob("*.golden")) - {path.with_suffix(".golden") for path in files(source)}
    if stray:
        names = ", ".join(sorted(str(path.relative_to(source)) for path in stray))
        raise Refused(f"no source has these golden files: {names}: remove them")


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
