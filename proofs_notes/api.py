"""api.md: every public name of skipscape.py with signature, text and example, written from the docstrings."""

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import FunctionType
from typing import Any

import skipscape
from numerics.api import given
from numerics.arithmetic import given as numbers

NAME = "api.md"
WIDTH = 100
MADE = ("Data",)  # classes whose objects a user makes by calling them
CALLED = {"TimedPath": "path"}  # what an object of the class is called, if not by the class's name
ORDER = (
    *("load", "save", "from_torch", "Network", "Data", "connect", "depth", "certify", "check", "Result", "TimedPath"),
    *("statements", "audit", "verify", "InputError"),
)
HEAD = """# The Python face: every name of skipscape

`import skipscape as sk` asks about networks and data in memory, without a file and without the command line. Shapes: N
samples, n inputs, p outputs, m first-layer neurons, and D = n, or n + 1 with a bias. Unusable input is an `InputError`,
whose sentence is the one that the command line prints. Nothing is printed unless `progress=True`. In one process
questions are answered one after another, also those of several threads; processes run side by side, and results can be
pickled. What a number, a claim and PROVED mean is in [verdicts.md](verdicts.md), the files in [usage.md](usage.md).

This page is written from the docstrings by `make notes`; every example runs in `make test`.
"""


def page() -> str:
    """The whole page. Raises ValueError if a public name has no place in it, or no docstring."""
    if set(ORDER) != set(skipscape.__all__):
        raise ValueError(f"{NAME}: ORDER and skipscape.__all__ differ in {set(ORDER) ^ set(skipscape.__all__)}")
    parts = [HEAD, *map(_entry, ORDER), _aliases()]
    return "\n".join(parts)


def public(owner: type) -> dict[str, Any]:
    """Public methods and properties of a class, its own and inherited ones of this project, and `__call__`."""
    found: dict[str, Any] = {}
    for base in reversed(owner.__mro__):
        if base.__module__.startswith(("numerics", "theory")):
            found |= {name: one for name, one in vars(base).items() if _documented(name, one)}
    return dict(sorted(found.items(), key=lambda item: (item[0] != "__call__", item[0])))


def attributes(owner: type) -> dict[str, str]:
    """Name to annotation of the fields of a class, its own and inherited ones."""
    found: dict[str, str] = {}
    for base in reversed(owner.__mro__):
        if base.__module__.startswith(("numerics", "theory")):
            found |= {name: str(words) for name, words in vars(base).get("__annotations__", {}).items()}
    return {name: words for name, words in found.items() if not name.startswith("_")}


def documented(name: str) -> str:
    """The docstring of a public name; of a value that of its class. Raises ValueError if there is none."""
    value = getattr(skipscape, name)
    owner = value if isinstance(value, type | FunctionType) else type(value)
    words = owner.__dict__.get("__doc__") if isinstance(owner, type) else owner.__doc__
    text = inspect.cleandoc(words or "")
    if not text:
        raise ValueError(f"{NAME}: {name} has no docstring")
    return text


def signature(name: str, function: Any) -> str:
    """`name(parameters) -> result`, with annotations as they are written, on lines of at most 100 columns."""
    given_ = inspect.signature(function)
    shown, last = [], None
    for one in given_.parameters.values():
        if one.name in ("self", "cls"):
            continue
        if one.kind is one.KEYWORD_ONLY and last is not one.KEYWORD_ONLY:
            shown.append("*")
        annotation = "" if one.annotation is one.empty else f": {one.annotation}"
        value = json.dumps(one.default) if isinstance(one.default, str) else repr(one.default)
        default = "" if one.default is one.empty else f" = {value}" if annotation else f"={value}"
        shown.append(f"{one.name}{annotation}{default}")
        last = one.kind
    result = "" if given_.return_annotation is given_.empty else f" -> {given_.return_annotation}"
    line = f"{name}({', '.join(shown)}){result}"
    if len(line) <= WIDTH:
        return line
    return "\n".join((f"{name}(", *(f"    {one}," for one in shown), f"){result}"))


def _entry(name: str) -> str:
    value = getattr(skipscape, name)
    lines = [f"## `{name}`", ""]
    if isinstance(value, FunctionType):
        lines += _fenced(f"sk.{signature(name, value)}")
    elif name in MADE:
        lines += _fenced(f"sk.{signature(name, value.__init__)}".removesuffix(" -> None"))
    lines += _text(documented(name))
    if isinstance(value, type):
        for one, words in attributes(value).items():
            lines.append(f"- `.{one}`: `{words}`")
        lines += [""] if attributes(value) else []
        for one, member in public(value).items():
            lines += _member(name, one, member)
    return "\n".join(lines)


def _member(owner: str, name: str, member: Any) -> Iterator[str]:
    function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
    called = owner if isinstance(member, classmethod | staticmethod) else CALLED.get(owner, owner.lower())
    if isinstance(member, property):
        yield f"### `{called}.{name}`"
        yield ""
    else:
        shown = f"{called}" if name == "__call__" else f"{called}.{name}"
        yield f"### `{shown}(...)`"
        yield ""
        yield from _fenced(signature(shown, function))
    yield from _text(inspect.cleandoc(function.__doc__ or ""))


def _text(doc: str) -> Iterator[str]:
    """Paragraphs as they are, examples in blocks."""
    for paragraph in doc.split("\n\n"):
        if paragraph.startswith(">>>"):
            yield from _fenced(paragraph)
        else:
            yield from (*paragraph.splitlines(), "")


def _fenced(code: str) -> list[str]:
    return ["```python", *code.splitlines(), "```", ""]


def _aliases() -> str:
    """The kinds of arguments that signatures name: each alias with the text below it in its module."""
    lines = ["## Kinds of arguments", ""]
    for module in (given, numbers):
        body = ast.parse(inspect.getsource(module)).body
        for one, below in pairwise(body):
            if isinstance(one, ast.AnnAssign) and isinstance(below, ast.Expr) and one.value is not None:
                text = ast.literal_eval(below.value)
                words = f"- `{ast.unparse(one.target)}` = `{ast.unparse(one.value)}`: {text}"
                lines += textwrap.wrap(words, WIDTH, subsequent_indent="  ", break_long_words=False)
    lines += [
        "- `ArrayLike`: nested lists, numpy arrays, torch tensors, data frames: whatever numpy makes an array of.",
        "- `Array`: a numpy array of float64.",
        "",
    ]
    return "\n".join(lines)


def _documented(name: str, member: Any) -> bool:
    if name == "__call__":
        return True
    if name.startswith("_") or re.fullmatch(r"[A-Z].*", name):
        return False
    return isinstance(member, FunctionType | property | classmethod | staticmethod)


def write(folder: Path) -> None:
    """Write the page into this folder."""
    (folder / NAME).write_text(page(), encoding="utf-8")


def is_stale(folder: Path) -> bool:
    """Whether the page there is not what the docstrings give now."""
    path = folder / NAME
    return not path.exists() or path.read_text(encoding="utf-8") != page()
