"""C7: the arithmetic of both thresholds of T7's step, and of what emptying one neuron costs.

Left to the note: vectors for scalars, Minkowski, the two cases of the second threshold, the lightest neuron (L6).
"""

from collections.abc import Callable

import z3

from theory.algebra import prove_identity
from theory.arguments import identity, part, smt
from theory.proof import ProofResult
from theory.smt import prove
from theory.symbols import K, a, t

_X, _Y, _Z, _K, _D, _E, _W = z3.Reals("x y z K delta e w")


def first_threshold() -> ProofResult:
    """C7: where L - L* > 2 K delta, e = delta/(delta + K) makes T7's value smaller than L."""
    loss, goal = z3.Reals("L L*")
    return prove(
        "C7",
        (1 - _E) * (loss + _D * _D) + _E * goal + _E * _E * _K * _K < loss,
        assuming=(loss >= 0, goal >= 0, _K >= 0, _D > 0, loss - goal > 2 * _K * _D, _E * (_D + _K) == _D),
        scope="all reals, delta > 0 (delta = 0: any small e > 0); ||f' - g*||^2 >= 0 is left out, v* <= K^2",
    )


_ROOTS = (_Y >= 0, _Y < _Z, _Z <= _X, _K >= 0, _D >= 0, _X * _X <= _Z * _Z + _D * _D, _K * _D < _Z * (_Z - _Y))
"""x = sqrt L', y = sqrt L*, z = sqrt L, where L' >= L and the second threshold holds."""


def least_value() -> ProofResult:
    """C7: with w = x - y the square ((1-e) x + e y)^2 + e^2 K^2 at e = x w/(w^2 + K^2) is x^2 K^2/(w^2 + K^2)."""
    share = a * t / (t**2 + K**2)
    return prove_identity(
        "C7",
        (a - share * t) ** 2 + share**2 * K**2,
        a**2 * K**2 / (t**2 + K**2),
        scope="a for x, t for w = x - y: Minkowski bounds T7's value by this square",
    )


def second_threshold_inside() -> ProofResult:
    """C7: where L - sqrt(L L*) > K delta, that least value is below L: x^2 K^2 < z^2 (w^2 + K^2)."""
    rise, square, lower = z3.Reals("x^2-z^2 delta^2K^2 z^2(z-y)^2")
    return prove(
        "C7",
        rise * _K * _K < _Z * _Z * _W * _W,
        assuming=(
            _Y >= 0,
            _Y < _Z,
            _W >= _Z - _Y,
            _K >= 0,
            rise * _K * _K <= square,
            square < lower,
            lower <= _Z * _Z * _W * _W,
        ),
        scope="all reals, with (x^2 - z^2) K^2 <= delta^2 K^2 < z^2 (z-y)^2 <= z^2 w^2 for its parts",
    )


def squares_keep_order() -> ProofResult:
    """C7: K delta < z (z - y) and z - y <= w give delta^2 K^2 < z^2 (z-y)^2 <= z^2 w^2."""
    p, q, far = z3.Reals("Kdelta z(z-y) zw")
    return prove(
        "C7",
        z3.And(p * p < q * q, q * q <= far * far),
        assuming=(p >= 0, p < q, q <= far),
        scope="all reals >= 0",
    )


def second_threshold_at_the_end() -> ProofResult:
    """C7: where the least value is beyond e = 1, that is K^2 < w y, already y^2 + K^2 < z^2."""
    return prove(
        "C7",
        _Y * _Y + _K * _K < _Z * _Z,
        assuming=(*_ROOTS, _W == _X - _Y, _K * _K < _W * _Y),
        scope="roots of losses, all reals >= 0",
    )


def first_implies_second() -> ProofResult:
    """C7: L - L* > 2 K delta implies L - sqrt(L L*) > K delta, as L - L* = (z-y)(z+y) <= 2 z (z-y)."""
    return prove(
        "C7",
        _Z * _Z - _Z * _Y > _K * _D,
        assuming=(_Y >= 0, _Z >= 0, _K >= 0, _D >= 0, _Z * _Z - _Y * _Y > 2 * _K * _D),
        scope="z = sqrt L, y = sqrt L*, all reals >= 0",
    )


def emptied() -> ProofResult:
    """C7: where V is optimal, taking t h_j away costs exactly t^2 ||h_j||^2 (Lambda = 0)."""
    inner, square, before, time = z3.Reals("p h^2 L t")
    return prove(
        "C7",
        before - 2 * time * inner + time * time * square <= before + square,
        assuming=(inner == 0, square >= 0, before >= 0, time >= 0, time <= 1),
        scope="p is the inner product of f - y and h_j, 0 as V is optimal; equality at t = 1",
    )


def emptied_with_a_branch() -> ProofResult:
    """C7: with a branch the change of f has only its branch's part, at most D_A, along the residual."""
    root, readout, branch, inner, moved, after = z3.Reals("r D_V D_A p g L'")
    return prove(
        "C7",
        after - root * root <= 2 * root * branch + (readout + branch) * (readout + branch),
        assuming=(
            root >= 0,
            readout >= 0,
            branch >= 0,
            moved >= 0,
            moved <= readout + branch,
            inner <= root * branch,
            after == root * root + 2 * inner + moved * moved,
        ),
        scope="r = sqrt L, p the inner product of f - y and the change, g the change's norm; shares are L2's and L3's",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    first_threshold,
    least_value,
    second_threshold_inside,
    squares_keep_order,
    second_threshold_at_the_end,
    first_implies_second,
    emptied,
    emptied_with_a_branch,
)

ARGUMENTS = (
    part(
        "C7",
        *smt(first_threshold, second_threshold_inside, squares_keep_order, second_threshold_at_the_end),
        *smt(first_implies_second, emptied, emptied_with_a_branch),
        *identity(least_value),
        remains="L2(P) norms for scalars, Minkowski, the two cases of the second threshold, the lightest neuron (L6)",
    ),
)
