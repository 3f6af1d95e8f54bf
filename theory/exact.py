"""Expressions evaluated exactly and exact numbers compared: no floating point, a refusal where undecided."""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from operator import add, mul
from types import MappingProxyType
from typing import TypeAlias

import flint
import sympy

Rational: TypeAlias = int | Fraction

Exact: TypeAlias = Rational | sympy.Expr
"""An exact real number: an int, a Fraction, or a constant sympy expression such as 2*sqrt(2)."""

BALL_BITS = (64, 256, 1024)

UPPER_BITS = 128
"""Working precision of `upper` and `lower`, far beyond what a bound means."""


def number(value: Exact, name: str) -> sympy.Expr:
    """`value` as a sympy number; `name` is what the error calls it. Refuses floats, booleans and unknowns."""
    if not isinstance(value, (int, Fraction, sympy.Expr)):
        raise ValueError(f"{name} must be exact (int, Fraction or a sympy number), got {value!r}")
    result = sympy.sympify(value)
    if result.has(sympy.Float) or not (result.is_number and result.is_real):
        raise ValueError(f"{name} must be an exact real number, got {value!r}")
    return result


def rational(value: Rational, name: str) -> Fraction:
    """`value` as a Fraction. Raises ValueError, calling it `name`, unless it is an int or a Fraction."""
    result = number(value, name)
    if not result.is_Rational:
        raise ValueError(f"{name} must be rational, got {value}")
    return _fraction(result)


def evaluate(expression: sympy.Expr, values: Mapping[sympy.Symbol, Exact]) -> sympy.Expr:
    """The exact number that `expression` becomes.

    Raises ValueError if a symbol has no value, or one that breaks the symbol's assumptions.
    """
    return expression.xreplace(_checked(expression, values))


def _checked(expression: sympy.Expr, values: Mapping[sympy.Symbol, Exact]) -> dict[sympy.Symbol, sympy.Expr]:
    missing = sorted(symbol.name for symbol in expression.free_symbols - set(values))
    if missing:
        raise ValueError(f"no value for {', '.join(missing)} in {expression}")
    numbers = {symbol: number(value, symbol.name) for symbol, value in values.items()}
    for symbol, value in numbers.items():
        for property_ in ("integer", "positive", "nonnegative"):
            if getattr(symbol, f"is_{property_}") and not getattr(value, f"is_{property_}"):
                raise ValueError(f"{symbol.name} must be {property_}, got {value}")
    return numbers


def evaluate_rational(expression: sympy.Expr, values: Mapping[sympy.Symbol, Rational]) -> Fraction:
    """`evaluate` where the result is rational, as a Fraction. Raises ValueError if it is not."""
    result = evaluate(expression, values)
    if not result.is_Rational:
        raise ValueError(f"{expression} is not rational at {dict(values)}: {result}")
    return _fraction(result)


def strictly_below(left: Exact, right: Exact) -> bool:
    """Whether `left < right`: decided exactly on rationals, else by balls, equality by minimal polynomial.

    Raises ArithmeticError where neither decides (only for numbers equal, or nearly so, and not known to be
    algebraic).
    """
    difference = number(left, "left side") - number(right, "right side")
    if difference.is_Rational:
        return bool(difference < 0)
    for bits in BALL_BITS:
        with flint.ctx.workprec(bits):
            enclosure = ball(difference)
            if enclosure < 0:
                return True
            if enclosure > 0:
                return False
    unknown = sympy.Dummy()
    if difference.is_algebraic and sympy.minimal_polynomial(difference, unknown) == unknown:
        return False
    raise ArithmeticError(f"undecided: {left} < {right}")


def enclosure(value: Exact, bits: int = UPPER_BITS) -> flint.arb:
    """A finite ball around `value`, computed at `bits`. Raises ArithmeticError if FLINT finds none."""
    with flint.ctx.workprec(bits):
        result = ball(number(value, "value"))
    if not result.is_finite():
        raise ArithmeticError(f"no finite enclosure at {bits} bits for {value}")
    return result


def upper(value: Exact, bits: int = UPPER_BITS) -> Fraction:
    """A rational at least `value`: `value` itself where it is rational, else the upper end of a ball."""
    exact = number(value, "value")
    return _fraction(exact) if exact.is_Rational else _end(enclosure(exact, bits), flint.arb.upper, bits)


def upper_at(expression: sympy.Expr, values: Mapping[sympy.Symbol, Exact], bits: int = UPPER_BITS) -> Fraction:
    """`upper` of `evaluate`, but the values go straight into balls: sympy would factor large numbers under a root.

    Exact where the expression is a rational function and the values are rational.
    """
    numbers = _checked(expression, values)
    if expression.is_rational_function(*expression.free_symbols) and all(v.is_Rational for v in numbers.values()):
        return evaluate_rational(expression, values)
    with flint.ctx.workprec(bits):
        result = ball(expression, {symbol: ball(value) for symbol, value in numbers.items()})
    if not result.is_finite():
        raise ArithmeticError(f"no finite enclosure at {bits} bits for {expression} at {dict(values)}")
    return _end(result, flint.arb.upper, bits)


def lower(value: Exact, bits: int = UPPER_BITS) -> Fraction:
    """A rational at most `value`: `value` itself where it is rational, else the lower end of a ball."""
    exact = number(value, "value")
    return _fraction(exact) if exact.is_Rational else _end(enclosure(exact, bits), flint.arb.lower, bits)


def ceiling(value: Exact) -> int:
    """An integer at least `value`, and the least one unless balls cannot tell `value` from an integer below.

    Exact on rationals. The precision grows with the size of the number.
    """
    exact = number(value, "value")
    if exact.is_Rational:
        return math.ceil(_fraction(exact))
    size = max(0, math.ceil(abs(upper(exact))).bit_length())
    for bits in BALL_BITS:
        least, most = math.ceil(lower(exact, size + bits)), math.ceil(upper(exact, size + bits))
        if least == most:
            break
    return most


def _fraction(value: sympy.Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _end(enclosed: flint.arb, end: Callable[[flint.arb], flint.arb], bits: int) -> Fraction:
    """One end of a ball, a dyadic rational; at `bits`, as FLINT rounds it outwards at its current precision."""
    with flint.ctx.workprec(bits):
        exact = end(enclosed).fmpq()
    return Fraction(int(exact.p), int(exact.q))


def ball(value: sympy.Expr, leaves: Mapping[sympy.Symbol, flint.arb] = MappingProxyType({})) -> flint.arb:
    """An enclosure of an expression at FLINT's current precision, its symbols enclosed by `leaves`: rationals, pi,
    sums, products, powers, Max, Min, sin, cos, arccos, log, Gamma.
    """
    if value.is_Rational:
        return flint.arb(flint.fmpq(int(value.p), int(value.q)))
    if value is sympy.pi:
        return flint.arb.pi()
    if value in leaves:
        return leaves[value]
    operation = next((function for kind, function in _OPERATIONS.items() if isinstance(value, kind)), None)
    if operation is None:
        known = ", ".join(kind.__name__ for kind in _OPERATIONS)
        raise ValueError(f"no enclosure for {value}: use rationals, pi, {known} only")
    arguments = [ball(argument, leaves) for argument in value.args]
    return reduce(operation, arguments) if len(arguments) > 1 else operation(*arguments)


def _power(base: flint.arb, exponent: flint.arb) -> flint.arb:
    """Whole powers by products: FLINT's is NaN where the base is enclosed by a tiny ball around 0."""
    if not exponent.is_integer():
        return base**exponent
    whole = int(exponent.unique_fmpz())
    product = flint.arb(1)
    for bit in bin(abs(whole))[2:]:
        product = product * product * base if bit == "1" else product * product
    return product if whole >= 0 else 1 / product


_OPERATIONS: Mapping[type[sympy.Basic], Callable[..., flint.arb]] = MappingProxyType(
    {
        sympy.Add: add,
        sympy.Mul: mul,
        sympy.Pow: _power,
        sympy.Max: flint.arb.max,
        sympy.Min: flint.arb.min,
        sympy.sin: flint.arb.sin,
        sympy.cos: flint.arb.cos,
        sympy.acos: flint.arb.acos,
        sympy.log: flint.arb.log,
        sympy.gamma: flint.arb.gamma,
    }
)
