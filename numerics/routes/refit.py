"""R6 [ours]: refit the readout on some of the present features, load the two-layer reference into the rest, go to it.

The level is `max(L(theta), worst refit, L(g*))`. Loading the reference a few neurons at a time, with a refit on the
mixture after each, keeps all but a few features in use: the single refit on `m - l` features of the blueprint is the
case of one swap. In RESIDUAL and STREAM networks it begins where no block affects the output (`silence_blocks`).
"""

from __future__ import annotations

import math

from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.two_layer import TwoLayer
from numerics.routes.candidate import Candidate, best
from numerics.routes.exchange import Mixture, exchange
from numerics.routes.reference import arrive
from numerics.routes.route import Route
from numerics.routes.silence_blocks import silence_blocks

SHARES = (1, 4, 16)  # all of the reference at once, then a quarter and a sixteenth of it at a time


def refit_to_reference(start: Network, reference: TwoLayer, problem: Problem) -> Candidate:
    """R6: from `start` to `g*` on slots `J`, which are the slots whose features are given up at least cost."""
    silenced = silence_blocks(start, problem)
    mixture = Mixture.of(silenced.end, reference.W, problem)
    level = max(float_loss(network, problem) for network in (start, silenced.end, reference))
    found: list[Candidate] = []
    limit = math.inf
    for swap in sorted({max(1, reference.width // share) for share in SHARES}, reverse=True):
        tapered = swap < reference.width
        exchanged = exchange(mixture, swap=swap, at_home=False, tapered=tapered, limit=limit, enough=level)
        if exchanged is None:
            continue
        path = silenced.followed_by(arrive(exchanged.path, reference, exchanged.slots))
        found.append(Candidate("refit", path, max(level, *exchanged.refits), exchanged.slots))
        if found[-1].estimate <= level:
            break
        limit = found[-1].estimate
    return best(found)


ROUTES = (
    Route(name="refit", statement="R6", bound="R6", to_reference=refit_to_reference, auto=20, always=True, place=20),
)
