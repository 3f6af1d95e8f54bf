"""How much a path may climb, by old and new statements on the same networks, against the width; and exact depths.

`python -m numerics.studies.rates --out FILE.md` writes two tables. The first is about random TWO-LAYER networks of mass
S = 1, one output, one sign: closed forms, what is measured on each network, the exponent that theory has under bounded
S, and slopes of both. The second has depths that are known exactly, of valleys of every width. Slopes prove nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import sympy

from numerics.arithmetic.positive import root_up
from numerics.arithmetic.rationals import brief
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.files import write_atomically
from numerics.losses.problem import Problem
from numerics.maxima.pieces import above
from numerics.moves.deviation import measured
from numerics.moves.mass import masses, sigma_squared
from numerics.moves.merge import merge
from numerics.moves.pairing import distances, pair, pairs_of
from numerics.moves.rank import features
from numerics.networks.base import Network
from numerics.networks.forward import with_ones
from numerics.networks.two_layer import TwoLayer
from numerics.questions.bounds import closed_forms
from numerics.routes.choices import CHOICES, chosen
from numerics.routes.close_pairing import close_pairs
from numerics.routes.halves import half
from numerics.studies.sweep.slopes import cloud, fitted, neurons_for
from numerics.studies.sweep.teachers import scattered
from theory import exact, symbols
from theory.statements import halves, one_slot, rates, sharp_valleys, smooth_branch

WIDTHS = (64, 128, 256, 512, 1024)
EXACT_WIDTHS = (8, 16, 32, 64, 128)
DIMENSION, ETA = 2, Fraction(1, 2)
BEND = Fraction(770, 1000)  # an upper bound of |tanh''| <= 4/(3 sqrt 3)


@dataclass(frozen=True)
class Line(Shown):
    """One statement: climbs by width, closed and measured (None: nothing is), and theory's exponent of the closed."""

    statement: str
    what: str
    exponent: Fraction
    closed: tuple[Fraction, ...]
    measured: tuple[Fraction, ...] | None

    def cells(self, widths: tuple[int, ...]) -> tuple[str, ...]:
        """Of the table: the first and the last width, and slopes over all."""
        own = ("-", "-", "-") if self.measured is None else (*_ends(self.measured), _slope(widths, self.measured))
        return (self.statement, self.what, str(self.exponent), *_ends(self.closed), _slope(widths, self.closed), *own)


HEAD = ("statement", "climb", "exponent", "closed, first m", "last m", "slope", "measured, first m", "last m", "slope")


def lines(widths: tuple[int, ...] = WIDTHS, seed: int = 0) -> Iterator[Line]:
    """Every statement on the networks of these widths, one after the other: squares of D for routes, with `l` neurons.

    C1+ turns a deviation D into a climb of D^2, as no branch is there.
    """
    data = cloud(DIMENSION, seed)
    networks = [_network(width, seed) for width in widths]
    counts = [neurons_for(width, ETA) for width in widths]
    known = {symbols.eta: ETA, symbols.d: Fraction(DIMENSION)}
    closed = [closed_forms(network, count, data) for network, count in zip(networks, counts, strict=True)]
    own = [_measured(network, count, data) for network, count in zip(networks, counts, strict=True)]
    for route in (*CHOICES, "R7", "R8"):
        exponent = ETA - 2 - Fraction(2, DIMENSION)
        if route != "R8":
            exponent = 2 * exact.evaluate_rational(rates.deviation_exponent(route), known)
        squares = (tuple(one[route] ** 2 for one in found) for found in (closed, own))
        yield Line(route, "D^2 with l = m^(1/2)", exponent, *squares)
    sigma = sigma_squared(data, bias=True).upper
    mass = [above(masses(network).total) for network in networks]
    slot = tuple(
        one_slot.depth_upper(loss=0, sigma=above(root_up(sigma)), mass=total, width=width, silent_branch=True)
        for total, width in zip(mass, widths, strict=True)
    )
    yield Line("C7", "depth by one slot, above its threshold", Fraction(-2), slot, tuple(one["C7"] for one in own))
    gaps = tuple(
        halves.level(0, sigma_square=sigma, mass=total, width=width) for total, width in zip(mass, widths, strict=True)
    )
    yield Line("C2T", "gap of a connection, no threshold", Fraction(-1), gaps, tuple(one["C2T"] for one in own))
    smooth = tuple(_smooth(network, data, total) for network, total in zip(networks, mass, strict=True))
    yield Line("T7V", "depth beside a tanh branch, norm of U 1", Fraction(-2), smooth, None)


def exact_depths(widths: tuple[int, ...] = EXACT_WIDTHS) -> Iterator[tuple[str, str, tuple[Fraction, ...], str]]:
    """Valleys of these widths: the statement, what it is, the depths (T8c's rounded up), and their slope."""

    def simplex(width: int) -> Fraction:
        found = sharp_valleys.simplex_depth(width=width, dimension=width, target=1, weight=sympy.Rational(1, 2))
        return exact.upper(found)

    kinds: tuple[tuple[str, str, Callable[[int], Fraction]], ...] = (
        ("T8b", "singles and pairs, TWO-LAYER", lambda m: Fraction(2, 2 * m + m * (m - 1) // 2 + 1)),
        ("T8c", "the simplex, sigma and S bounded, TWO-LAYER", simplex),
        ("T10P", "parabola, any bias-free branch", lambda m: Fraction(3, 100 * m)),
    )
    for statement, what, depth in kinds:
        depths = tuple(depth(width) for width in widths)
        yield statement, what, depths, _slope(widths, depths)


def _network(width: int, seed: int) -> TwoLayer:
    """Rows in all directions, equal masses, read with one sign: `scattered` without its branch, S = 1."""
    drawn = scattered(width, DIMENSION, (8, 8), np.random.default_rng([seed, DIMENSION, width]))
    rows = drawn.W / np.linalg.norm(drawn.W, axis=1, keepdims=True)
    return TwoLayer(W=rows, V=np.full((1, width), 1.0 / width), c=np.zeros(1), bias=True)


def _measured(network: Network, count: int, data: Data) -> dict[str, Fraction]:
    """D of each route's own choice, by exact quadratic forms; the median `||h_j||^2` (the least is often 0:
    a neuron that sees no point); what C2T's own half costs.
    """
    problem, mass = Problem(data), masses(network)
    ends = {route: merge(network, chosen(choice, network.W, mass, count)).end for route, choice in CHOICES.items()}
    ends["R7"] = pair(network, problem, pairs_of(mass.lightest(2 * count)), mass)[0].end
    ends["R8"] = pair(network, problem, close_pairs(mass, distances(network, problem, mass), count), mass)[0].end
    found = {route: measured(network, end, problem, mass) for route, end in ends.items()}
    Z = features(network.W, with_ones(data.X, network.bias)) * network.V[0]
    found["C7"] = Fraction(float(np.median((Z * Z).mean(axis=0))))
    fit = Problem(Data(data.X, network(data.X)))  # as if it fitted its targets: what is measured is the half alone
    found["C2T"] = measured(network, network.replace({"V": half(network, fit)}), fit, mass) ** 2
    return found


def _smooth(network: Network, data: Data, mass: Fraction) -> Fraction:
    """T7V's `C (S/m)^2` beside a branch `U tanh(A z)` of the same total mass, `||U|| = 1`, at the loss 1."""
    seen = with_ones(data.X, network.bias)
    fourth = root_up(Fraction(float(((seen**2).sum(axis=1) ** 2).mean() * (1.0 + 1e-12))))  # tau^2 <= sqrt E||X||^4
    constant = smooth_branch.smooth_constant(
        sigma_square=sigma_squared(data, bias=network.bias).upper, root=1, outer=1, bend=BEND, fourth=fourth, branch=1
    )
    return smooth_branch.smooth_depth(constant, mass / network.width, mass / network.width)


def _ends(values: tuple[Fraction, ...]) -> tuple[str, str]:
    first, last = (brief(value, up=True, digits=3) for value in (values[0], values[-1]))
    return first, last


def _slope(widths: tuple[int, ...], values: tuple[Fraction, ...]) -> str:
    found = fitted(widths, values)
    return "-" if found is None else f"{found:.2f}"


def tables() -> str:
    """Both tables, in Markdown."""
    rows = [HEAD, ("---",) * len(HEAD), *(line.cells(WIDTHS) for line in lines())]
    heads = ("statement", "valley", *(f"m = {width}" for width in EXACT_WIDTHS), "slope")
    more = [heads, ("---",) * len(heads)]
    for statement, what, depths, slope in exact_depths():
        more.append((statement, what, *(brief(depth, up=True, digits=3) for depth in depths), slope))
    return "\n\n".join("\n".join(f"| {' | '.join(cells)} |" for cells in part) for part in (rows, more)) + "\n"


def main() -> None:
    """Both tables, into a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args()
    write_atomically(options.out, tables().encode(), force=False)


if __name__ == "__main__":
    main()
