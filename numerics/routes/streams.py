"""T2 and T3: `l` neurons of a RESIDUAL or STREAM network are freed outside a basis of the readers.

First the blocks write to the basis alone. Outside it the stream is the first layer, and the choices of T1 apply with
`m - r` neurons, r the rank of the readers. All segments are hidden, readout lines or silent: their maximum is exact.
"""

from __future__ import annotations

import numpy as np

from numerics.arithmetic.bases import float_basis
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.moves.mass import Masses, masses
from numerics.moves.merging import NO_CENTRE, Indices, Merging
from numerics.moves.pairing import pair, pairs_of
from numerics.moves.perturb import perturb
from numerics.moves.rank import features
from numerics.moves.reassign_stepwise import reassign_stepwise
from numerics.moves.write_to_basis import write_to_basis
from numerics.networks.base import Network
from numerics.networks.forward import with_ones
from numerics.paths import Path
from numerics.routes.choices import Choice, chosen


def outside_basis(route: str, network: Network, count: int) -> tuple[Path, Indices]:
    """`write_to_basis`, and the neurons that may leave or take over. Raises InputError unless there are more than l."""
    path, outside = write_to_basis(network)
    if len(outside) <= count:
        rank = network.width - len(outside)
        raise InputError(
            f"route {route} needs l < m - r in class {network.kind}, r the rank of what reads the blocks' output:"
            f" l = {count}, m = {network.width}, r = {rank}"
        )
    return path, outside


def merged_outside(path: Path, outside: Indices, choice: Choice, count: int) -> tuple[Path, Merging]:
    """R1-R4: L3 with L4, neurons and centres chosen outside the basis."""
    network = path.end
    part = restricted(masses(network), outside)
    found = chosen(choice, network.W[outside], part, count)
    centres = np.where(found.centres == NO_CENTRE, NO_CENTRE, outside[found.centres])
    merging = Merging(outside[found.leaving], centres, found.scales)
    path = path.then(perturb(network, merging))
    return path.followed_by(reassign_stepwise(path.end, merging.leaving, *merging.coefficients())), merging


def paired_outside(path: Path, outside: Indices, count: int, problem: Problem) -> tuple[Path, Indices]:
    """R7: pairs of the lightest outside the basis. Raises ValueError if one without mass is to carry another's."""
    mass = masses(path.end)
    light = outside[restricted(mass, outside).lightest(2 * count)]
    segment, dead = pair(path.end, problem, pairs_of(light), mass)
    path = path.then(segment)
    return path.followed_by(_left(path.end, dead)), dead


def ranked_outside(path: Path, outside: Indices, count: int, problem: Problem) -> tuple[Path, Indices]:
    """R5 by least squares: a basis of the features outside the readers' basis takes over from the rest."""
    network = path.end
    basis = float_basis(features(network.W[outside], with_ones(problem.X, network.bias)), size=len(outside) - count)
    leaving = basis.rest[:count]
    C = basis.of(leaving)
    return path.followed_by(reassign_stepwise(network, outside[leaving], outside[basis.basis], C)), outside[leaving]


def restricted(mass: Masses, neurons: Indices) -> Masses:
    """The masses of these neurons alone; `total` stays that of all."""
    return Masses(mass.each[neurons], mass.outgoing[neurons], mass.lambdas, mass.total)


def _left(network: Network, dead: Indices) -> Path:
    """What reads neurons whose rows are 0 goes to 0."""
    return reassign_stepwise(network, dead, dead[:0], np.zeros((0, len(dead))))
