"""T9: the route through half of every layer against its corners."""

from __future__ import annotations

from functools import partial

from numerics.checks.check import about
from numerics.checks.joining import below_corners, joinings
from numerics.checks.problems import states
from numerics.checks.states import State
from numerics.networks.plain import Plain
from numerics.routes.chains import layers_of
from numerics.routes.half_width import half_width
from theory.catalogue import STATEMENTS


def halves_exist(start: State) -> bool:
    """Whether every hidden layer has two units."""
    network = start.network()
    return all(len(network.parameters()[one.matrix]) > 1 for one in layers_of(network))


CHAINS = states((Plain.kind,), width=(2, 5)).filter(halves_exist)
CHECKS = (about(STATEMENTS["T9"], joinings(CHAINS), partial(below_corners, half_width)),)
