"""What every move must pass, in exact arithmetic: tests of true moves and of planted faults run the same checks.

Weights are dictionaries of numpy arrays of `Fraction`s; outputs come from the oracles. Norms are recomputed here by
mpmath at 50 digits, which shares nothing with the project's bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from hypothesis import strategies as st

from numerics.data import Data
from numerics.networks import Network, network_of
from numerics.networks.readers import exact_array, exact_weights, readers
from numerics.testing import data_for
from support.oracles import interpolate, outputs

DIGITS = 50
SLACK = mpmath.mpf(10) ** -40  # far above the witness's rounding at 50 digits, far below what the checks look for


@dataclass(frozen=True)
class Exact:
    """A network in fractions on its data."""

    kind: str
    bias: bool
    weights: dict[str, np.ndarray]
    data: Data

    @classmethod
    def of(cls, network: Network, data: Data) -> Exact:
        return cls(network.kind, network.bias, exact_weights(network), data)

    def then(self, changes: Mapping[str, np.ndarray]) -> Exact:
        assert changes.keys() <= self.weights.keys()
        assert all(array.shape == self.weights[name].shape for name, array in changes.items())
        return Exact(self.kind, self.bias, {**self.weights, **changes}, self.data)

    def toward(self, other: Exact, t: Fraction) -> Exact:
        """The weights at time `t` of the straight line."""
        mixed = interpolate(self.weights, other.weights, t)
        return Exact(self.kind, self.bias, {k: np.array(v, dtype=object) for k, v in mixed.items()}, self.data)

    def outputs(self) -> list[list[Fraction]]:
        return outputs(self.weights, self.kind, int(self.bias), self.data.X)


def keeps_outputs(start: Exact, end: Exact, t: Fraction) -> bool:
    """Whether the outputs at time `t` are exactly those at the start."""
    return start.toward(end, t).outputs() == start.outputs()


def deviation_squared(start: Exact, end: Exact, t: Fraction) -> Fraction:
    """`||f_t - f_0||^2`, exactly."""
    pairs = zip(start.outputs(), start.toward(end, t).outputs(), strict=True)
    total = sum(((a - b) ** 2 for f, g in pairs for a, b in zip(f, g, strict=True)), Fraction(0))
    return total / start.data.size


def nothing_reads(weights: Mapping[str, np.ndarray], slots: Any) -> bool:
    """Whether V and every A have zero columns there."""
    return not any((weights[name][:, slots] != 0).any() for name in readers(weights))


def witness(matrix: Any) -> mpmath.mpf:
    """`||M||` at 50 digits: the root of the largest eigenvalue of `M M^T`; of a vector its length."""
    rows = np.atleast_2d(matrix)
    with mpmath.workdps(DIGITS):
        if 1 in rows.shape:
            return mpmath.sqrt(mpmath.fsum(_mpf(value) ** 2 for value in rows.ravel().tolist()))
        M = mpmath.matrix([[_mpf(value) for value in row] for row in rows.tolist()])
        return mpmath.sqrt(max(max(mpmath.eigsy(M * M.T, eigvals_only=True)), 0))


def witness_lambdas(kind: str, weights: Mapping[str, np.ndarray], *, product: bool = True) -> list[mpmath.mpf]:
    """`Lambda` per branch from the blueprint's formulas, the STREAM recursion written as a sum over routes.

    Without `product` RESIDUAL's norm of the product is replaced by the product of norms, which is not the mass.
    """
    with mpmath.workdps(DIGITS):
        if kind == "two-layer":
            return []
        if kind == "residual":
            V, U = weights["V"], weights["U"]
            reach = witness(V @ U) if product else witness(V) * witness(U)
            return [reach * _lipschitz(weights, "")]
        if kind != "stream":
            return [witness(weights["U"]) * _lipschitz(weights, "")]
        count = sum(name.endswith(".A") for name in weights)

        def routes(k: int) -> mpmath.mpf:
            """From block k to the output: at once, or through one later block next."""
            U = weights[f"blocks.{k}.U"]
            total = witness(weights["V"] @ U)
            for h in range(k + 1, count):
                total += witness(weights[f"blocks.{h}.A"] @ U) * routes(h)
            return total * _lipschitz(weights, f"blocks.{k}.")

        return [routes(k) for k in range(count)]


def witness_masses(kind: str, weights: Mapping[str, np.ndarray], lambdas: list[mpmath.mpf]) -> list[mpmath.mpf]:
    """`s_j`, at 50 digits."""
    firsts = [name for name in weights if name.rpartition(".")[2] == "A"]
    with mpmath.workdps(DIGITS):
        found = []
        for j, row in enumerate(weights["W"]):
            out = witness(weights["V"][:, j]) if "V" in weights else mpmath.mpf(0)
            out += sum(L * witness(weights[name][:, j]) for L, name in zip(lambdas, firsts, strict=True))
            found.append(witness(row) * out)
        return found


def total_mass(exact: Exact, *, product: bool = True) -> mpmath.mpf:
    """`S`, at 50 digits."""
    lambdas = witness_lambdas(exact.kind, exact.weights, product=product)
    with mpmath.workdps(DIGITS):
        return mpmath.fsum(witness_masses(exact.kind, exact.weights, lambdas))


def mass_does_not_rise(start: Exact, end: Exact, t: Fraction, *, product: bool = True) -> bool:
    """L10 at time `t`, up to the witness's rounding."""
    before, after = total_mass(start, product=product), total_mass(start.toward(end, t), product=product)
    with mpmath.workdps(DIGITS):
        return bool(after <= before + SLACK * (1 + before))


def mass_stays(start: Exact, end: Exact) -> bool:
    """R7: `S` at the end is that of the start, up to the witness's rounding."""
    before, after = total_mass(start), total_mass(end)
    with mpmath.workdps(DIGITS):
        return bool(abs(after - before) <= SLACK * (1 + before))


def bounded(upper: Fraction, matrix: np.ndarray) -> bool:
    """Whether `upper >= ||M||`: exactly, by the signs of the characteristic polynomial of `upper^2 I - M M^T`.

    That matrix is semidefinite iff all its eigenvalues are >= 0: the coefficients of its characteristic polynomial
    alternate in sign, by Descartes' rule for a polynomial with real roots only.
    """
    exact = matrix if matrix.dtype == object else exact_array(matrix)
    G = exact @ exact.T
    shifted = Fraction(upper) ** 2 * np.eye(len(G), dtype=int).astype(object) - G
    return all(c * (-1) ** k >= 0 for k, c in enumerate(_characteristic(shifted)))


def _characteristic(matrix: np.ndarray) -> list[Fraction]:
    """`det(x I - M)`, highest power first, by Faddeev and LeVerrier."""
    n = len(matrix)
    identity = np.array([[Fraction(i == j) for j in range(n)] for i in range(n)], dtype=object)
    coefficients, M = [Fraction(1)], identity
    for k in range(1, n + 1):
        product = matrix @ M
        coefficients.append(-sum(product.diagonal().tolist(), Fraction(0)) / k)
        M = product + coefficients[-1] * identity
    return coefficients


@st.composite
def generic(draw: st.DrawFn, kind: str, outputs: st.SearchStrategy[int] = st.integers(1, 2)) -> Network:
    """A network without a zero weight, three to five neurons, from a drawn seed.

    Strategies that shrink well draw zeros so often that a wrong row of U goes unseen in dozens of cases; here nearly
    every weight matters.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    p, m, bias = draw(outputs), int(rng.integers(3, 6)), bool(rng.random() < 0.5)

    def entries(*shape: int) -> np.ndarray:
        """Multiples of 1/4, more of them positive, so that the branch is mostly alive."""
        return rng.integers(1, 9, shape) / 4.0 * np.where(rng.random(shape) < 0.35, -1.0, 1.0)

    named = {"W": entries(m, 2 + bias)} | ({} if kind == "plain" else {"V": entries(p, m)})
    for prefix in {"two-layer": (), "stream": tuple(f"blocks.{k}." for k in range(rng.integers(1, 4)))}.get(
        kind, ("",)
    ):
        r = int(rng.integers(1, 4))
        named |= {f"{prefix}A": entries(r, m), f"{prefix}a": entries(r)}
        if rng.random() < 0.5:
            named |= {f"{prefix}B1": entries(2, r), f"{prefix}b1": entries(2)}
            r = 2
        named[f"{prefix}U"] = entries(m if kind in ("residual", "stream") else p, r)
    return network_of(kind, named, bias=bias)


@st.composite
def data_of(draw: st.DrawFn, network: Network, points: int = 3) -> Data:
    """Points without zeros, of a drawn seed, so that features are seldom all dead."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return Data(rng.integers(1, 9, (points, network.inputs)) / 4.0, np.zeros((points, network.outputs)))


@st.composite
def problems(draw: st.DrawFn, strategy: st.SearchStrategy[Network], kind: str, outputs: int | None = None) -> Exact:
    """A network in fractions with data: from the public strategies, or generic."""
    if draw(st.booleans()):
        network = draw(strategy)
        return Exact.of(network, draw(data_for(network, points=st.integers(1, 3))))
    network = draw(generic(kind, st.integers(1, 2) if outputs is None else st.just(outputs)))
    return Exact.of(network, draw(data_of(network, draw(st.integers(2, 3)))))


def _lipschitz(weights: Mapping[str, np.ndarray], prefix: str) -> mpmath.mpf:
    total, k = mpmath.mpf(1), 1
    while f"{prefix}B{k}" in weights:
        total, k = total * witness(weights[f"{prefix}B{k}"]), k + 1
    return total


def _mpf(value: Any) -> mpmath.mpf:
    exact = Fraction(value)
    return mpmath.mpf(exact.numerator) / mpmath.mpf(exact.denominator)
