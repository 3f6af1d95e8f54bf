"""How deviations fall with width: random networks of mass 1, every route's bound and the deviation of its own choice.

The closed forms have the exponents of C3 for large m; at the widths that fit here their slope may differ, and the
slope of what is measured is an observation about these networks, neither proved nor implied by anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.arithmetic.rationals import decimal, text
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.moves.deviation import measured
from numerics.moves.mass import masses
from numerics.moves.merge import merge
from numerics.moves.pairing import pair, pairs_of
from numerics.networks.base import Network
from numerics.questions.bounds import closed_forms
from numerics.questions.result import Json
from numerics.routes.choices import CHOICES, chosen
from numerics.studies.runs import Task
from numerics.studies.sweep.teachers import scattered

POINTS = 256  # standard normal, as many inputs as `d`: the first layer has a bias
BRANCH = (8, 8)
LARGEST_DIMENSION, LARGEST_WIDTH = 1000, 8192  # all pairs of neurons are compared
ROUTES = (*CHOICES, "R7")


@dataclass(frozen=True)
class Slope(Shown):
    """One route at one `d` and `eta`: by width, `l` and upper bounds of D, both by the closed form and as measured."""

    route: str
    dimension: int
    eta: Fraction
    widths: tuple[int, ...]
    neurons: tuple[int, ...]
    closed: tuple[Fraction, ...]
    measured: tuple[Fraction, ...]

    @property
    def theory(self) -> Fraction:
        """C3's exponent of the closed form, under bounded S."""
        from theory import exact, symbols
        from theory.statements import rates

        exponent = rates.deviation_exponent(self.route)
        return exact.evaluate_rational(exponent, {symbols.eta: self.eta, symbols.d: Fraction(self.dimension)})

    def to_json(self) -> Json:
        """Decimals, rounded up; slopes in float64."""
        return {
            "route": self.route,
            "dimension": self.dimension,
            "eta": text(self.eta),
            "widths": list(self.widths),
            "neurons": list(self.neurons),
            "closed": [decimal(value, up=True) for value in self.closed],
            "measured": [decimal(value, up=True) for value in self.measured],
            "exponent": text(self.theory),
            "closed_slope": fitted(self.widths, self.closed),
            "measured_slope": fitted(self.widths, self.measured),
        }


def require_ladder(dimensions: tuple[int, ...], etas: tuple[Fraction, ...], widths: tuple[int, ...]) -> None:
    """Raise InputError unless `0 < eta < 1`, there are two widths, and all routes apply to each: `2 l <= m`."""
    if not dimensions:
        return
    if max(dimensions) > LARGEST_DIMENSION or max(widths, default=0) > LARGEST_WIDTH:
        raise InputError(
            f"d = {max(dimensions)}, m = {max(widths, default=0)}: slopes are for d up to {LARGEST_DIMENSION} and m up"
            f" to {LARGEST_WIDTH}"
        )
    if not etas or not all(0 < eta < 1 for eta in etas):
        raise InputError(f"eta in {', '.join(map(str, etas)) or 'nothing'}: l = m^eta needs 0 < eta < 1")
    if len(set(widths)) < 2:
        raise InputError(f"widths {widths}: a slope needs two different widths")
    for width in widths:
        if 2 * (most := neurons_for(width, max(etas))) > width:
            raise InputError(f"eta = {max(etas)}, m = {width} make l = {most}: pairing (R7) needs 2 l <= m")


def tasks(dimensions: tuple[int, ...], etas: tuple[Fraction, ...], widths: tuple[int, ...], seed: int) -> list[Task]:
    """One for every `d` and `eta` of a ladder that `require_ladder` allows; its value is JSON, a slope a route."""
    return [
        Task(f"deviations, d = {dimension}, eta = {eta}", _written, (dimension, eta, widths, seed))
        for dimension in dict.fromkeys(dimensions)
        for eta in dict.fromkeys(etas)
    ]


def _written(dimension: int, eta: Fraction, widths: tuple[int, ...], seed: int) -> list[Json]:
    return [one.to_json() for one in slopes(dimension, eta, widths, seed)]


def slopes(dimension: int, eta: Fraction, widths: tuple[int, ...], seed: int) -> Iterator[Slope]:
    """All routes for one `d` and `eta`."""
    data = cloud(dimension, seed)
    neurons = tuple(neurons_for(width, eta) for width in widths)
    found = [_deviations(data, m, count, [seed, dimension]) for m, count in zip(widths, neurons, strict=True)]
    for route in ROUTES:
        closed, own = zip(*(one[route] for one in found), strict=True)
        yield Slope(route, dimension, eta, widths, neurons, closed, own)


def cloud(dimension: int, seed: int) -> Data:
    """Standard normal points; the targets play no part in a deviation."""
    X = np.random.default_rng([seed, dimension]).standard_normal((POINTS, dimension))
    return Data(X, np.zeros((POINTS, 1)), "standard normal")


def neurons_for(width: int, eta: Fraction) -> int:
    """The integer nearest to `m^eta`, at least 1."""
    return max(1, round(math.pow(width, eta)))


def fitted(widths: tuple[int, ...], values: tuple[Fraction, ...]) -> float | None:
    """The least-squares slope of log value against log width; None where a value is 0."""
    if not all(values):
        return None
    x, y = (np.log(np.array([float(one) for one in given])) for given in (widths, values))
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    return slope if math.isfinite(slope) else None


def _deviations(data: Data, width: int, neurons: int, seed: list[int]) -> dict[str, tuple[Fraction, Fraction]]:
    """Per route the closed form and the deviation of the route's own choice."""
    network = scattered(width, data.X.shape[1], BRANCH, np.random.default_rng([*seed, width]))
    closed = closed_forms(network, neurons, data)
    mass = masses(network)
    ends: dict[str, Network] = {
        route: merge(network, chosen(choice, network.W, mass, neurons)).end for route, choice in CHOICES.items()
    }
    ends["R7"] = pair(network, Problem(data), pairs_of(mass.lightest(2 * neurons)), mass)[0].end
    return {route: (closed[route], measured(network, ends[route], Problem(data), mass)) for route in ROUTES}
