"""What docstrings show runs, and every public name has one that tells shapes, errors and an example."""

import doctest
import importlib
import typing
from pathlib import Path

import numpy as np
import pytest

import api
import skipscape

ROOT = Path(skipscape.__file__).parent
SHAPELESS = {"statements", "audit", "verify"}  # no array goes in or out


def shown() -> list[str]:
    """The modules of all packages with an example."""
    files = [ROOT / "skipscape.py", *(path for room in ("numerics", "theory") for path in (ROOT / room).rglob("*.py"))]
    with_examples = sorted(path for path in files if "\n    >>> " in path.read_text(encoding="utf-8"))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in with_examples]


def ran(test: doctest.DocTest) -> str:
    """What the examples of one docstring got wrong; "" if nothing."""
    said: list[str] = []
    doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    return "".join(said)


@pytest.mark.parametrize("module", shown())
def test_examples_run(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of their own, with the module's own names and `sk`."""
    monkeypatch.chdir(tmp_path)
    names = {**vars(importlib.import_module(module)), "sk": skipscape}
    tests = [one for one in doctest.DocTestFinder().find(importlib.import_module(module), globs=names) if one.examples]
    assert tests
    assert [words for one in tests if (words := ran(one))] == []


def test_a_wrong_example_is_found() -> None:
    """The true twin of the test above."""
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    assert "Expected:" in ran(wrong)


@pytest.mark.parametrize("name", skipscape.__all__)
def test_a_public_name_tells_shapes_errors_and_an_example(name: str) -> None:
    """And the example is a user's: it needs no name but `sk`."""
    text = api.documented(name)
    parsed = doctest.DocTestParser().get_doctest(text, {"sk": skipscape, "np": np}, name, None, 0)
    assert any("sk." in one.source for one in parsed.examples), "no example of a user's"
    assert "InputError" in text or name == "InputError"
    assert name in SHAPELESS or "shapes" in text.lower() or "(N, n)" in text or "(m, D)" in text or "loss" in text


@pytest.mark.parametrize("name", [name for name in skipscape.__all__ if isinstance(getattr(skipscape, name), type)])
def test_what_a_public_class_offers_is_documented(name: str) -> None:
    """Each public method and property."""
    owner = getattr(skipscape, name)
    for one, member in api.public(owner).items():
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        assert function.__doc__, f"{name}.{one}"


@pytest.mark.parametrize("name", [one for one in skipscape.__all__ if callable(getattr(skipscape, one))])
def test_annotations_of_public_functions_are_whole(name: str) -> None:
    """Every parameter of every function has one, and each names something that exists."""
    value = getattr(skipscape, name)
    if not isinstance(value, type):
        hints = typing.get_type_hints(value)
        code = value.__code__
        parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        assert set(parameters) | {"return"} == set(hints)
        assert "Any" not in {str(hint) for hint in hints.values()}


def test_the_page_has_every_public_name_method_and_field() -> None:
    """And an unknown or forgotten name is an error, not a hole."""
    page = api.page()
    for name in skipscape.__all__:
        assert f"\n## `{name}`\n" in page
        value = getattr(skipscape, name)
        if isinstance(value, type):
            assert all(f".{one}`" in page or f".{one}(...)`" in page or one == "__call__" for one in api.public(value))
            assert all(f"- `.{one}`: " in page for one in api.attributes(value))


def test_a_forgotten_name_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a public name that the page's order lacks."""
    monkeypatch.setattr(api, "ORDER", api.ORDER[1:])
    with pytest.raises(ValueError, match="load"):
        api.page()
