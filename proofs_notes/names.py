"""What a note names in backticks exists: files, tests, functions, Coq theorems, quoted Coq statements.

Looked up: `theory/...`, `numerics/...`, `tests/...`, `proofs_notes/...` (a file or folder; `file.py::name` also a
function or class in it), `theory.module.name` and `numerics.module.name` (imported), `name.v`, names such as
`L3_perturb` or `case3_path` and everything else in backticks on a `Coq` row (all in the golden files of `formal/`, and
on a `Coq` row in those of the sources that it names), `make target`. A fenced block ```coq holds whole entries of the
golden files, up to white space.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORMAL = ROOT / "proofs_notes" / "formal"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
TICKED = re.compile(r"`([^`\n]+)`")
A_PATH = re.compile(r"(?:theory|numerics|tests|proofs_notes|\.ci)/[\w./+-]*(?:::[\w:]+)?")
DOTTED = re.compile(r"(?:theory|numerics)(?:\.\w+)+")
COQ_FILE = re.compile(r"\w+\.v")
COQ_NAME = re.compile(r"(?:[LTCREU]\d\w*|case\d+)_\w+")
COQ_ROW = re.compile(r"^\| Coq \| (.*) \|$", re.M)
MAKE = re.compile(r"make ([\w-]+)")
ENTRY = re.compile(r"^(?!end$)(?:(?:Record|Inductive) )?@?([\w']+)(?= =(?: |$)|\n     : | \(.*:=$| : .*:=)", re.M)


def ticked(text: str) -> list[str]:
    """What is in backticks, outside fenced blocks."""
    return TICKED.findall(FENCE.sub("", text))


def coq_names(cell: str) -> list[str]:
    """The theorems and definitions named on a `Coq` row."""
    return [name for name in ticked(cell) if not COQ_FILE.fullmatch(name)]


def entries(text: str) -> dict[str, str]:
    """Name and whole text of what Coq printed, without `Arguments` and up to white space."""
    marks = list(ENTRY.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    whole = {mark.group(1): text[mark.start() : end] for mark, end in zip(marks, ends, strict=True)}
    return {name: " ".join(re.split(r"\nArguments |\n== ", entry)[0].split()) for name, entry in whole.items()}


@cache
def golden() -> dict[str, str]:
    """The entries of all golden files."""
    return {name: entry for found in by_source().values() for name, entry in found.items()}


@cache
def by_source() -> dict[str, dict[str, str]]:
    """The entries of each golden file, by the name of its source: `perturb.v`."""
    return {f"{path.stem}.v": entries(path.read_text(encoding="utf-8")) for path in sorted(FORMAL.glob("*/*.golden"))}


def misquoted(text: str) -> bool:
    """Whether a quotation is anything but whole entries of the golden files."""
    quoted = entries(text)
    return " ".join(quoted.values()) != " ".join(text.split()) or not quoted.items() <= golden().items()


@cache
def defined(path: Path) -> frozenset[str]:
    """Functions and classes of a Python file; methods as Class::method."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    found = {node.name for node in ast.walk(tree) if isinstance(node, kinds)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{inner.name}" for inner in node.body if isinstance(inner, kinds)}
    return frozenset(found)


def is_importable(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            value: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            if part in getattr(value, "__annotations__", {}) and not hasattr(value, part):
                return part == parts[-1]
            if not hasattr(value, part):
                return False
            value = getattr(value, part)
        return True
    return False


def exists(name: str) -> bool:
    """Whether a name in backticks exists; True for what does not look like a name of ours."""
    if A_PATH.fullmatch(name):
        path, _, inside = name.partition("::")
        return (ROOT / path).exists() and (not inside or inside in defined(ROOT / path))
    if DOTTED.fullmatch(name):
        return is_importable(name)
    if COQ_FILE.fullmatch(name):
        return name in by_source()
    if COQ_NAME.fullmatch(name):
        return name in golden()
    if target := MAKE.fullmatch(name):
        return re.search(rf"^{target.group(1)}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M) is not None
    return True


def missing(text: str) -> Iterator[str]:
    """What a note names but nobody has, one line each."""
    for name in dict.fromkeys(ticked(text)):
        if not exists(name):
            yield f"`{name}` does not exist"
    for cell in COQ_ROW.findall(text):
        sources = [name for name in ticked(cell) if COQ_FILE.fullmatch(name)]
        here = {name for source in sources for name in by_source().get(source, {})}
        for name in coq_names(cell):
            if name not in golden():
                yield f"`{name}` is in no golden file of formal/"
            elif name not in here:
                yield f"`{name}` is not in {', '.join(sources)}: name its file on the row"
    for language, quoted in FENCE.findall(text):
        if language == "coq" and misquoted(quoted):
            yield f"a quotation that no golden file of formal/ has: {quoted.splitlines()[0]}"
