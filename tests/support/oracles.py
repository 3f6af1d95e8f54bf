"""Slow, obvious reference answers for the loss of a network on data.

Written from section 0 of the blueprint alone, over `fractions.Fraction`: every float is a rational, so every
answer is exact. Products of matrices are summed as integers over one denominator, which saves a reduction for each
term. `witness_loss` computes the same number a second way, by matrix products in mpmath's floats
at 60 digits, and shares no line of the exact forward pass.

A network is three things: `parameters` (name -> nested lists or arrays of numbers), `network_class`
(one of `CLASSES`) and `bias` (1: the first layer sees `(x, 1)`). Absent biases `a`, `b1`, ..., `c`
are zero.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

import mpmath

CLASSES = ("two-layer", "parallel", "residual", "stream", "post", "plain")
WITNESS_DIGITS = 60
Vector = list[Fraction]
Matrix = list[Vector]
Parameters = Mapping[str, Any]
"""Name -> a vector or a matrix of numbers of any kind, as lists or numpy arrays."""


def rational(number: Any) -> Fraction:
    """The exact value of a number; a float is the dyadic rational that it stores."""
    if type(number) is Fraction:
        return number
    if isinstance(number, (int, Fraction)):
        return Fraction(number)
    return Fraction(float(number))


def rationals(array: Any) -> Any:
    """Nested lists of exact values, of the same nesting as `array` (lists, tuples or numpy arrays)."""
    if hasattr(array, "tolist"):
        array = array.tolist()
    if hasattr(array, "__len__"):
        return [rationals(row) for row in array]
    return rational(array)


def integers(vector: Sequence[Fraction]) -> tuple[list[int], int]:
    """Integers and the least positive one that divides them all into the rationals of `vector`."""
    below = lcm(*(value.denominator for value in vector))
    return [value.numerator * (below // value.denominator) for value in vector], below


def affine(matrix: Sequence[Sequence[Fraction]], vector: Sequence[Fraction], offset: Vector | None = None) -> Vector:
    """`matrix @ vector + offset`; no offset means zero. Raises ValueError if the lengths do not fit."""
    (tops, below), products = integers(vector), []
    for row in matrix:
        weights, divisor = integers(row)
        products.append(Fraction(sum(w * x for w, x in zip(weights, tops, strict=True)), divisor * below))
    if offset is None:
        return products
    return [s + b for s, b in zip(products, offset, strict=True)]


def prefixes(kind: str, blocks: int = 2) -> tuple[str, ...]:
    """What the names of each branch's parameters start with, in a network of this class with so many blocks."""
    if kind in ("stream", "post"):
        return tuple(f"blocks.{k}." for k in range(blocks))
    return () if kind == "two-layer" else ("",)


def relu(vector: Vector) -> Vector:
    """`[.]_+`, entry by entry."""
    return [max(value, Fraction(0)) for value in vector]


def added(left: Vector, right: Vector) -> Vector:
    """The sum of two vectors of one length."""
    return [a + b for a, b in zip(left, right, strict=True)]


def branch(parameters: Parameters, z: Vector, prefix: str = "") -> Vector:
    """`U h_last` of the branch whose parameters' names begin with `prefix`."""
    h = relu(affine(parameters[f"{prefix}A"], z, parameters.get(f"{prefix}a")))
    k = 1
    while f"{prefix}B{k}" in parameters:
        h = relu(affine(parameters[f"{prefix}B{k}"], h, parameters.get(f"{prefix}b{k}")))
        k += 1
    return affine(parameters[f"{prefix}U"], h)


def output(parameters: Parameters, network_class: str, bias: int, x: Vector) -> Vector:
    """`f(x)` at one point; `parameters` and `x` already exact."""
    z = relu(affine(parameters["W"], [*x, Fraction(1)] if bias else x))
    if network_class == "plain":
        f = branch(parameters, z)
        return added(f, parameters["c"]) if "c" in parameters else f
    if network_class == "residual":
        z = added(z, branch(parameters, z))
    if network_class in ("stream", "post"):
        for k in range(sum(name.endswith(".A") for name in parameters)):
            z = added(z, branch(parameters, z, f"blocks.{k}."))
            z = relu(z) if network_class == "post" else z
    f = affine(parameters["V"], z, parameters.get("c"))
    return added(f, branch(parameters, z)) if network_class == "parallel" else f


def outputs(parameters: Parameters, network_class: str, bias: int, X: Any) -> Matrix:
    """`f(x_k)` for every row of `X`: `N` lists of `p` Fractions. Raises ValueError for another class."""
    if network_class not in CLASSES:
        raise ValueError(f"network_class = {network_class!r} is not one of {CLASSES}")
    exact = {name: rationals(array) for name, array in parameters.items()}
    return [output(exact, network_class, bias, x) for x in rationals(X)]


def exact_loss(parameters: Parameters, network_class: str, bias: int, X: Any, Y: Any) -> Fraction:
    """`(1/N) sum_k ||f(x_k) - y_k||^2`, a Fraction."""
    total = Fraction(0)
    fs, ys = outputs(parameters, network_class, bias, X), rationals(Y)
    for f, y in zip(fs, ys, strict=True):
        for value, target in zip(f, y, strict=True):
            total += (value - target) ** 2
    return total / len(fs)


def interpolate(params0: Parameters, params1: Parameters, t: Fraction) -> dict[str, Any]:
    """The weights `(1-t) params0 + t params1`, exact; the two must have the same names and shapes."""
    if set(params0) != set(params1):
        raise ValueError(f"the ends have different parameters: {sorted(set(params0) ^ set(params1))}")

    t = Fraction(t)

    def between(a: Any, b: Any) -> Any:
        if isinstance(a, list):
            return [between(x, y) for x, y in zip(a, b, strict=True)]
        return a if a == b else (1 - t) * a + t * b

    return {name: between(rationals(params0[name]), rationals(params1[name])) for name in params0}


def witness_loss(parameters: Parameters, network_class: str, bias: int, X: Any, Y: Any) -> mpmath.mpf:
    """The loss once more, an mpf: matrix products at 60 digits, all points at once, points as columns."""
    if network_class not in CLASSES:
        raise ValueError(f"network_class = {network_class!r} is not one of {CLASSES}")
    with mpmath.workdps(WITNESS_DIGITS):

        def mpf(number: Any) -> mpmath.mpf:
            if isinstance(number, Fraction):
                return mpmath.mpf(number.numerator) / mpmath.mpf(number.denominator)
            return mpmath.mpf(number if isinstance(number, int) else float(number))

        def matrix(name: str) -> mpmath.matrix:
            return mpmath.matrix([[mpf(value) for value in row] for row in parameters[name]])

        def columns(name: str) -> Any:  # an offset, once for every point
            if name not in parameters:
                return 0
            return mpmath.matrix([[mpf(value)] * len(X) for value in parameters[name]])

        def positive(values: mpmath.matrix) -> mpmath.matrix:
            return values.apply(lambda value: value if value > 0 else mpmath.mpf(0))

        def through(z: mpmath.matrix, prefix: str = "") -> mpmath.matrix:  # the branch's output
            h = positive(matrix(f"{prefix}A") * z + columns(f"{prefix}a"))
            for k in range(1, 1 + sum(name.startswith(f"{prefix}B") for name in parameters)):
                h = positive(matrix(f"{prefix}B{k}") * h + columns(f"{prefix}b{k}"))
            return matrix(f"{prefix}U") * h

        points = mpmath.matrix([[mpf(value) for value in x] + [mpf(1)] * int(bias) for x in X]).T
        z = positive(matrix("W") * points)
        match network_class:
            case "two-layer":
                residual = matrix("V") * z
            case "parallel":
                residual = matrix("V") * z + through(z)
            case "residual":
                residual = matrix("V") * (z + through(z))
            case "plain":
                residual = through(z)
            case _:
                for k in range(sum(name.endswith(".U") for name in parameters)):
                    z = z + through(z, f"blocks.{k}.")
                    z = positive(z) if network_class == "post" else z
                residual = matrix("V") * z
        residual += columns("c")
        residual -= mpmath.matrix([[mpf(value) for value in y] for y in Y]).T
        return mpmath.fsum(value**2 for value in residual) / len(X)
