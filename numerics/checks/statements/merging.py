"""R1, R2, R3, R4: what the routes' choices of J cost, against the closed forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np
from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts, retargeted
from numerics.checks.problems import SKIP, states
from numerics.checks.states import State, change
from numerics.common.shown import Shown
from numerics.moves.deviation import displacement
from numerics.moves.mass import masses
from numerics.moves.merge import fused
from numerics.moves.merging import NO_CENTRE, Merging, projected, pruned
from numerics.moves.perturb import perturbed
from numerics.networks.readers import AnyArray, has_stream
from numerics.networks.two_layer import TwoLayer
from numerics.routes.choices import CHOICES, chosen
from theory.catalogue import STATEMENTS
from theory.statements import connectivity, merging


@dataclass(frozen=True, eq=False)
class Freeing(Shown):
    """`count` neurons of `start` are to leave."""

    start: State
    count: int


def freeings(least: int) -> st.SearchStrategy[Freeing]:
    """Any class with a readout, what the first layer sees of at least this many dimensions."""
    return _freeings(least)


@st.composite
def _freeings(draw: st.DrawFn, least: int) -> Freeing:
    start = draw(states(SKIP, width=(2, 7), inputs=(least, 3), points=(1, 2)))
    start = draw(retargeted(start, TwoLayer(W=start.network().W, V=start.network().V, bias=start.bias)))
    return Freeing(start, draw(st.integers(1, start.width - 1)))


def choice_of(route: str, problem: Freeing) -> Merging:
    """The route's own choice, made in float64, with its scales projected exactly."""
    network = problem.start.network()
    return exactly(problem.start.weights["W"], chosen(CHOICES[route], network.W, masses(network), problem.count))


def exactly(W: AnyArray, found: Merging) -> Merging:
    """The same neurons and centres with exact projections."""
    pairs = list(zip(found.leaving.tolist(), found.centres.tolist(), strict=True))
    free = pruned(W, [j for j, i in pairs if i == NO_CENTRE])
    into = projected(W, {j: i for j, i in pairs if i != NO_CENTRE})
    return Merging(
        np.concatenate([free.leaving, into.leaving]),
        np.concatenate([free.centres, into.centres]),
        np.concatenate([free.scales, into.scales]),
    )


def within(route: str, problem: Freeing, share: Fraction = Fraction(1)) -> Outcome:
    """`D(J)` of the choice, and the change of the outputs, against the closed form, or a `share` of it."""
    start, found = problem.start, choice_of(route, problem)
    sigma, mass = root_up(start.sigma.upper), start.masses
    D = sigma * displacement(start.weights["W"], found, mass)
    bound = share * merging.deviation(
        route,
        sigma=sigma,
        mass=mass.total,
        width=start.width,
        neurons=problem.count,
        dimension=start.seen.shape[1] - 1,
    )
    move: Callable[[], dict[str, AnyArray]] = (
        partial(perturbed, start.weights, found)
        if has_stream(start.kind)
        else partial(fused, start.kind, start.weights, found)
    )
    end = start.then(move())
    level = connectivity.level_upper(loss=start.loss, deviation=bound, reference_loss=Fraction(0))
    numbers = {"l": Fraction(problem.count), "sigma": sigma, "S": mass.total}
    return bounded(
        D,
        bound,
        facts(start, end, level=level, reference_loss=Fraction(0)),
        besides=change(start, end) <= bound**2,
        witness=Witness({"network": start.network()}, start.data, numbers),
    )


CLAIMS = {
    "R1": "d >= 1: some J with |J| = l has D(J) <= 2 sigma S ((l+1)/(kappa_d m))^{1/d}.",
    "R1C": "d >= 1: the most crowded cap, l of it merged into its centre: D(J) <= 2 sigma S ((l+1)/(kappa_d m))^{1/d}.",
    "R2": "d >= 1: all but m - l merged into m - l centres: D(J) <= 2 sigma S (1/(kappa_d (m-l+1)))^{1/d}.",
    "R3": "d >= 1: the l lightest merged into a few centres: D(J) is at most both forms of R3.",
    "R4": "Pruning the l lightest neurons: D(J) <= sigma S l/m.",
}

CHECKS = tuple(
    about(
        STATEMENTS[name],
        freeings(1 if route == "R4" else 2),
        partial(within, route),
        claim=CLAIMS[name],
        tight=route == "R4",  # equal masses
    )
    for name, route in {**{route: route for route in CHOICES}, "R1C": "R1"}.items()
)
