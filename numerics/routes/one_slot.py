"""R9 [ours]: empty one slot, load the neuron that helps most into it, go to the best readout with it; and again.

No reference is needed. Every segment is a readout line, silent, or hidden (where a live branch lets go of the neuron),
so the maximum is exact. RESIDUAL and STREAM: first their blocks write to a basis of the readers (T2, T3), outside which
slots are emptied as in PARALLEL; POST: every slot may be emptied, and no block writes to it from then on (T1P, which is
T7's step there). A poor choice makes a step fail, never lie. Blocks of several slots are T7B's.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.arithmetic.budget import require
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.moves.load import load_unwritten
from numerics.moves.write_to_basis import write_to_basis
from numerics.networks.base import Network
from numerics.networks.parallel import Parallel
from numerics.networks.readers import adds_linearly, has_stream
from numerics.paths import Path
from numerics.routes.candidate import Candidate
from numerics.routes.features import Features
from numerics.routes.leaving import emptied, silent_units
from numerics.routes.new_neuron import new_rows
from numerics.routes.readouts import refitted

ROUTE = "one-slot"
STATEMENT = "R9"


def first_refit(start: Network, problem: Problem) -> Path:
    """L7. The readout line to the best readout that float64 finds; the constant path where it is no better."""
    require(5 * 8.0 * _affecting(start) ** 2, problem.budget, "the search's moments of all features")
    with np.errstate(all="ignore"):  # a search: what overflows is no better
        segment = refitted(start, Features.affecting_output(start, problem), silent_units(start))
        if float_loss(segment.end, problem) < float_loss(start, problem):
            return Path(start).then(segment)
    return Path(start)


def one_slot(start: Network, problem: Problem, rng: np.random.Generator, *, block: int = 1) -> Iterator[Candidate]:
    """Steps of R9 from `start`, one way after another, in the order of what emptying costs: each to a smaller loss.

    `block`: how many slots are emptied at once (T7B). What float64 sees decides; an iterator, as each step that is not
    asked for saves its search. Raises InputError where no slot can be emptied, and over the memory budget.
    """
    require(5 * 8.0 * _affecting(start) ** 2, problem.budget, "the search's moments of all features")
    rebased = has_stream(start.kind) and adds_linearly(start.kind)
    path, own = write_to_basis(start) if rebased else (Path(start), np.arange(start.width))
    if len(own) < block:
        raise InputError(
            f"route {ROUTE} empties {block} slots at once, but only {len(own)} of m = {start.width} neurons can be"
            " emptied: RESIDUAL and STREAM lose the rank of what reads their blocks, m - r are left"
        )
    loss = float_loss(start, problem)
    with np.errstate(all="ignore"):  # a search: what overflows is no candidate
        ways = emptied(path, own, block, problem)
    for way in ways:
        with np.errstate(all="ignore"):
            rows = new_rows(way.path.end, way.slots, problem, rng)
            whole = way.path.then(load_unwritten(way.path.end, way.slots, rows))
            whole = whole.then(
                refitted(whole.end, Features.affecting_output(whole.end, problem), silent_units(whole.end))
            )
            end = float_loss(whole.end, problem)
        if end < loss and whole.segments:
            yield Candidate(ROUTE, whole, max(way.estimate, end), tuple(way.slots.tolist()))


def _affecting(network: Network) -> int:
    """How many features the readout reads."""
    return network.width + (network.U.shape[1] if isinstance(network, Parallel) else 0)
