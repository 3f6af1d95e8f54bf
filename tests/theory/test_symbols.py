"""Each symbol exists once, in `theory.symbols`."""

import re
from pathlib import Path

import sympy

import theory
from theory import symbols

DEFINED = {name: value for name, value in vars(symbols).items() if isinstance(value, sympy.Symbol)}


def test_no_two_symbols_share_a_name():
    names = [symbol.name for symbol in DEFINED.values()]
    assert len(set(names)) == len(names)


def test_python_names_are_the_letters():
    assert all(python_name.rstrip("_") == symbol.name for python_name, symbol in DEFINED.items())


def test_no_other_file_of_theory_makes_symbols():
    sources = {path.name: path.read_text() for path in Path(theory.__file__).parent.glob("*.py")}
    makers = {name for name, text in sources.items() if re.search(r"\b(Symbol|symbols)\(", text)}
    assert makers == {"symbols.py"}


def test_assumptions_a_reader_would_expect():
    assert all(DEFINED[name].is_nonnegative for name in ("L", "L_0", "L_ref", "delta", "D", "S", "sigma"))
    assert all(DEFINED[name].is_integer and DEFINED[name].is_positive for name in ("m", "l_", "n", "N"))
    assert symbols.d.is_integer
    assert symbols.d.is_positive is None  # d = 0 is a case of its own in L5
    assert symbols.t.is_nonnegative is None
