"""C2T [ours; Maurey known]: half of the own neurons stand for all of them, on each side; the halves are exchanged.

Without a branch that affects the output, no reference, no threshold. The draw of the half is derandomised: each draw
makes the conditional expectation of a quadratic upper bound of the loss least, which for squared error is the loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.arithmetic.budget import require
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import branch_is_silent, float_loss
from numerics.losses.problem import Problem
from numerics.moves.load import load, silence
from numerics.moves.rank import features
from numerics.moves.readout import two_layer_readout
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import with_ones
from numerics.paths import Path
from numerics.routes.candidate import Candidate
from numerics.routes.features import on_grid
from numerics.routes.join import joined
from numerics.routes.route import Route

NAME = "halves"


def halves(start: Network, end: Network, problem: Problem) -> Candidate:
    """C2T: down to `floor(m/2)` neurons on both sides, the other half beside, across, and back out.

    Raises InputError for `m < 2`, where a branch affects an output, or over the memory budget.
    """
    if start.width < 2:
        raise InputError(f"route {NAME} needs m >= 2 neurons: m = {start.width}")
    if not (branch_is_silent(start) and branch_is_silent(end)):
        raise InputError(
            f"route {NAME} takes networks whose branch affects no output (U = 0, or none): nothing holds the level"
            " while live branches change over"
        )
    require(2 * 8.0 * start.width * (start.width + problem.size), problem.budget, "the moments of all neurons' outputs")
    with np.errstate(all="ignore"):  # a search: what overflows is 0 in the readout
        there, back = (_halved(one, problem) for one in (start, end))
    live = np.flatnonzero(back.end.V.any(axis=0))
    empty = np.flatnonzero(~there.end.V.any(axis=0))[: len(live)]
    path = there.then(load(there.end, empty, back.end.W[live]))
    V = np.zeros_like(start.V)
    V[:, empty] = back.end.V[:, live]
    path = path.then(two_layer_readout(path.end, V, back.end.c))
    estimate = max(float_loss(corner, problem) for corner in (*path.corners, *back.corners))
    slots = (tuple(int(slot) for slot in chosen) for chosen in (empty, live))
    first, second = (Candidate(NAME, one, estimate, chosen) for one, chosen in zip((path, back), slots, strict=True))
    return joined(NAME, first, second)


def _halved(network: Network, problem: Problem) -> Path:
    """The readout line to the half; in streams zeros of U lose their signs before, so that both ends have the same."""
    path = Path(network).then(silence(network))
    return path.then(two_layer_readout(path.end, half(network, problem), network.c))


def half(network: Network, problem: Problem) -> Array:
    """Another readout (p, m), with at most `floor(m/2)` neurons: as many draws, neuron j by the share of `||h_j||`.

    For squared error its loss is at most `L + (H^2 - ||f||^2)/floor(m/2)`, `H = sum ||h_j|| <= sigma S`, but for
    rounding. Where float64 holds no draw it is 0.
    """
    effects = _Effects.of(network, problem)
    total, draws = float(effects.sizes.sum()), network.width // 2
    counts, live = np.zeros(network.width), np.flatnonzero(effects.sizes > 0.0)
    if not len(live) or not np.isfinite(total):
        return np.zeros_like(network.V)
    factors = total / (draws * effects.sizes[live])
    gram, slope = effects.gram[np.ix_(live, live)], effects.slope[live]
    squares, inner = factors**2 * gram.diagonal(), np.zeros(len(live))  # inner: <what is drawn - k f/draws, h_j>
    whole = gram.sum(axis=1)
    for _ in range(draws):
        inner -= whole / draws
        chosen = int(np.argmin(factors * slope + effects.curvature * (2.0 * factors * inner + squares)))
        counts[live[chosen]] += factors[chosen]
        inner += factors[chosen] * gram[:, chosen]
    V = on_grid(network.V * counts)
    return V if np.isfinite(V).all() else np.zeros_like(V)


@dataclass(frozen=True, eq=False)
class _Effects(Shown):
    """Of `h_j = V_j z_j`: inner products `gram` (m, m), `sizes` `||h_j||`, `slope` the loss's derivative along each,
    and `curvature` of the quadratic bound `<slope, .> + curvature ||.||^2`.

    For a loss with corners the slope is 0: half the neurons are to come near to the outputs.
    """

    gram: Array
    sizes: Array
    slope: Array
    curvature: float

    @classmethod
    def of(cls, network: Network, problem: Problem) -> _Effects:
        seen = with_ones(problem.X, network.bias)
        Z, V = features(network.W, seen), network.V
        gram = (Z.T @ Z) * (V.T @ V) / problem.size
        outputs = Z @ V.T + (0.0 if network.c is None else network.c)
        smooth = problem.loss.smoothness
        slope = np.zeros(network.width)
        if smooth is not None:
            slope = ((problem.loss.gradient(outputs, problem.Y).T @ Z) * V).sum(axis=0) / problem.size
        return cls(gram, np.sqrt(gram.diagonal()), slope, 1.0 if smooth is None else float(smooth) / 2.0)


ROUTES = (Route(name=NAME, statement="C2T", bound="T6", between=halves, auto=14, if_higher=True, place=14),)
