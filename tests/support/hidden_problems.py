"""Random hidden segments of all classes for tests, seeded: small, with ties, constant parts, any magnitude."""

import numpy as np

from numerics.data import Data
from numerics.networks.base import Network
from numerics.networks.classes import network_of
from numerics.networks.forward import outputs
from support import breakpoints
from support.oracles import CLASSES
from support.seeded_networks import MAGNITUDES, array, parameters


def allowed(rng: np.random.Generator, kind: str, names: list[str]) -> list[str]:
    """A random set of parameters of which no route meets two, as large as luck has it, with a matrix in it."""
    matrices = [name for name in names if name.rpartition(".")[2][0].isupper()]
    moved = [matrices[rng.integers(0, len(matrices))]]
    for name in rng.permutation(names):
        if name not in moved and rng.random() < 0.6 and breakpoints.is_hidden(kind, names, [*moved, name]):
            moved.append(str(name))
    return moved


def hidden_problem(
    rng: np.random.Generator, *, kind: str | None = None, magnitude: str | None = None
) -> tuple[Network, Network, Data]:
    """A hidden segment and one to three points; rows are duplicated, zeroed or kept, points repeated."""
    kind = CLASSES[rng.integers(0, len(CLASSES))] if kind is None else kind
    magnitude = MAGNITUDES[rng.integers(0, len(MAGNITUDES))] if magnitude is None else magnitude
    n, p, bias = int(rng.integers(1, 3)), int(rng.integers(1, 3)), bool(rng.random() < 0.5)
    start = parameters(rng, kind, bias, magnitude, n, p)
    end = dict(start)
    for name in allowed(rng, kind, sorted(start)):
        there = array(rng, start[name].shape, magnitude, bias=start[name].ndim == 1)
        match rng.integers(0, 6):
            case 0:
                there = -start[name]  # every breakpoint at 1/2
            case 1:
                there = np.zeros_like(there)  # pre-activations reach 0 at t = 1
            case 2:
                there[-1] = start[name][-1]  # a row that stays
            case 3:
                there[0], start[name][0] = there[-1], start[name][-1]  # duplicate rows
        end[name] = there
    N = int(rng.integers(1, 4))
    X = array(rng, (N, n), "narrow" if magnitude == "narrow" else "ordinary")
    X[-1] = X[0] if rng.random() < 0.3 else X[-1]
    first, last = network_of(kind, start, bias=bias), network_of(kind, end, bias=bias)
    Y = array(rng, (N, p), magnitude)
    if rng.random() < 0.6:  # between the outputs of both ends, so that the maximum is often between the ends too
        with np.errstate(all="ignore"):
            middle = 0.5 * outputs(first, X) + 0.5 * outputs(last, X)
        Y = np.where(np.isfinite(middle), middle, Y)
    return first, last, Data(X, Y)
