"""What a docstring names in backticks exists: files, modules, functions, parameters, as in the notes."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import names
import pytest

ROOT = names.ROOT
ROOMS = sorted(path.name for path in (ROOT / "numerics").iterdir() if (path / "__init__.py").exists())
SOURCES = [
    ROOT / "skipscape.py",
    *sorted(path for folder in ("numerics", "theory", "proofs_notes") for path in (ROOT / folder).rglob("*.py")),
]
SOURCES.remove(Path(names.__file__).resolve())  # which says what names look like: `name.v`
RELATIVE = re.compile(rf"(?:{'|'.join(ROOMS)})(?:\.\w+)+")
NAME = re.compile(r"([A-Za-z]\w*_\w+|[A-Z][a-z]+(?:[A-Z][a-z]+)+)(?:\(.*\))?|([a-z]\w{2,})\(.*\)")
"""A name that nobody takes for a formula or a word: with an underscore inside, in two humps, or called."""
FORMULA = re.compile(r".*[\^{]|[A-Za-z]{1,2}_|lambda_")
LIBRARIES = {"sys.float_info", "mean", "max", "min", "sqrt", "floor", "int", "float", "print", "len", "sum", "abs"}


def docstrings(tree: ast.Module) -> Iterator[str]:
    """Of the module and of everything in it; strings below an assignment document a constant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            if words := ast.get_docstring(node):
                yield words
            for one in node.body[1:]:
                match one:
                    case ast.Expr(value=ast.Constant(value=str(words))):
                        yield words


@cache
def known() -> frozenset[str]:
    """Every name in the code: definitions, arguments, attributes, variables, imports, words in strings, modules."""
    found: set[str] = set()
    for path in SOURCES:
        found.add(path.stem)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Attribute(attr=name):
                    found.add(name)
                case ast.Name(id=name) | ast.arg(arg=name) | ast.alias(name=name):
                    found |= set(name.split("."))
                case ast.keyword(arg=str(name)):
                    found.add(name)
                case ast.Constant(value=str(words)) if "\n" not in words and " " not in words:
                    found |= set(re.findall(r"\w+", words))
    return frozenset(found)


@cache
def stems() -> frozenset[str]:
    """The names of all modules."""
    return frozenset(path.stem for path in SOURCES)


def unknown(words: str) -> list[str]:
    """What a docstring names and nobody has."""
    found = list(names.missing(words))
    found += [f"module `{name}` does not exist" for name in re.findall(r"module `(\w+)`", words) if name not in stems()]
    for ticked in dict.fromkeys(names.ticked(words)):
        if RELATIVE.fullmatch(ticked) and not names.is_importable(f"numerics.{ticked}"):
            found.append(f"`{ticked}` does not exist in numerics")
        elif (match := NAME.fullmatch(ticked)) and not FORMULA.match(ticked):
            name = match[1] or match[2]
            if name not in known() | LIBRARIES and not names.COQ_NAME.fullmatch(name):
                found.append(f"`{ticked}`: nothing is called {name}")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_docstring_names_exists(path: Path) -> None:
    """One line for each name that is not there."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [line for words in docstrings(tree) for line in unknown(words)] == []


def test_names_that_are_gone_are_seen() -> None:
    """Planted: a module, a function, a file, a relative name, a called one, a class; beside what exists."""
    gone = ["numerics.moves.scratch", "load_unheard", "numerics/routes/quiet.py", "moves.scratch", "quieted(network)"]
    gone += ["BoxOfNothing", "theory.statements.nothing"]
    for name in gone:
        assert unknown(f"See `{name}`."), name
    assert unknown("bounded before (module `sweeping`)")
    here = ["numerics.moves.load", "moves.load", "load_branch", "exact_losses(networks)", "Speaker", "f_t(x)", "L_0"]
    for name in here:
        assert unknown(f"See `{name}`.") == [], name
