"""Formulas from text that somebody else wrote: exact numbers, known letters, + - * / ** and sqrt; nothing is evaluated
as code."""

import ast
from collections.abc import Callable, Mapping
from fractions import Fraction
from operator import add, mul, sub, truediv

import sympy
from sympy import Expr

LONGEST = 200
LARGEST_POWER = 64
LARGEST_BITS = 4096
"""Of a number's numerator and denominator together: nobody's constant needs more, and towers of powers explode."""

_OPERATIONS: Mapping[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: add,
    ast.Sub: sub,
    ast.Mult: mul,
    ast.Div: truediv,
}


def read_formula(text: str, letters: Mapping[str, sympy.Symbol]) -> Expr:
    """The expression that `text` writes, decimals taken exactly. Raises ValueError, saying what cannot be read."""
    if len(text) > LONGEST:
        raise ValueError(f"a formula of {len(text)} characters is too long, at most {LONGEST}")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        raise ValueError(f"{text!r} is no formula") from None
    value = _read(tree.body, text, letters)
    if value.has(sympy.zoo, sympy.nan, sympy.oo):
        raise ValueError(f"{text!r} divides by zero")
    return value


def _read(node: ast.expr, text: str, letters: Mapping[str, sympy.Symbol]) -> Expr:
    match node:
        case ast.Constant(value=int() as whole) if not isinstance(whole, bool):
            return sympy.Integer(whole)
        case ast.Constant(value=float()):
            return _decimal(ast.get_source_segment(text.strip(), node) or "", text)
        case ast.Name(id=name) if name in letters:
            return letters[name]
        case ast.Name(id="pi"):
            return sympy.pi
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_read(inner, text, letters)
        case ast.BinOp(op=ast.Pow(), left=base, right=power):
            exponent = _read(power, text, letters)
            if exponent.is_number and not (exponent.is_Rational and abs(exponent) <= LARGEST_POWER):
                raise ValueError(f"{text!r}: powers are rational and at most {LARGEST_POWER}")
            return _power(_read(base, text, letters), exponent, text)
        case ast.BinOp(op=operation, left=left, right=right) if type(operation) in _OPERATIONS:
            return _OPERATIONS[type(operation)](_read(left, text, letters), _read(right, text, letters))
        case ast.Call(func=ast.Name(id="sqrt"), args=[inner], keywords=[]):
            return sympy.sqrt(_read(inner, text, letters))
    known = ", ".join([*letters, "pi"])
    raise ValueError(f"{text!r} is no formula of numbers, {known}, + - * / ** and sqrt")


def _decimal(written: str, text: str) -> Expr:
    """A decimal exactly as it is written; its exponent is at most 100 in size, or the number would not fit anywhere."""
    mantissa, _, power = written.replace("_", "").lower().partition("e")
    if abs(int(power or "0")) > 100:
        raise ValueError(f"{text!r} is no formula to work with: {written} is out of range")
    exact = Fraction(mantissa) * Fraction(10) ** int(power or "0")
    return sympy.Rational(exact.numerator, exact.denominator)


def _power(base: Expr, exponent: Expr, text: str) -> Expr:
    if base.is_Rational and exponent.is_Rational:
        bits = int(base.p).bit_length() + int(base.q).bit_length()
        if bits * abs(exponent) > LARGEST_BITS:
            raise ValueError(f"{text!r} is no formula to work with: a power in it is out of range")
    return base**exponent
