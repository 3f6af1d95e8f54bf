"""The paper's question at one parameter, without a reference: a way down, one slot at a time (T7, R9), stair by stair.

From here a path leads to a loss lower by a `gain` and never climbs more than a `climb`. Every stair is certified before
the next is looked for, so an interrupt keeps what is proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from numerics.common.interrupts import first_only
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import float_loss, losses_of
from numerics.losses.problem import Problem
from numerics.maxima.corners import CornerMaximum
from numerics.maxima.kinds import for_loss
from numerics.maxima.pieces import PathMaximum, Stop, concatenated
from numerics.maxima.search import path_maximum
from numerics.networks.base import Network
from numerics.paths import Path
from numerics.paths.question import Question
from numerics.questions.found import Found
from numerics.questions.requirements import require_fits, require_skip
from numerics.routes.candidate import NEAR, Candidate
from numerics.routes.one_slot import ROUTE, first_refit, one_slot

SEED = 0  # of the directions that are tried by chance: the same answer every time
MOST_STEPS = 1000
INTERRUPTED = "it was interrupted"
NOTHING_LEFT = "the loss is 0, and nothing is below it"
NOTHING_LOWER = "no new neuron was found that gains more than emptying a slot costs"


@dataclass(frozen=True, eq=False)
class Descent(Found):
    """A way down, its maximum certified. `stairs`: the corner at which each ends; `refitted`: the first is the refit.

    `stopped`: why there are no more steps, if fewer were found than asked for.
    """

    stairs: tuple[int, ...] = ()
    refitted: bool = False
    stopped: str | None = None

    @property
    def steps(self) -> int:
        """How many stairs there are after the refit."""
        return len(self.stairs) - self.refitted

    @property
    def question(self) -> Question:
        return Question.ESCAPE


def descend(start: Network, problem: Problem, *, steps: int = 1, block: int = 1) -> Descent:
    """R9 from `start`: the first refit where it lowers the loss, then so many steps, each emptying `block` slots.

    Where nothing lower was found the path stays. Raises InputError.
    """
    require_skip(Question.DEPTH, start)
    require_fits(start, problem)
    _require_counts(start, steps, block)
    found: list[_Part] = []
    stopped: str | None = None
    try:
        with threadpool_limits(limits=1, user_api="blas"):  # as in `search`: many small factorisations
            for part in _parts(start, problem, steps, block):
                found.append(part)
    except KeyboardInterrupt:
        if not found:
            raise
        first_only()
        stopped = INTERRUPTED
    except InputError as reason:
        if not found:
            raise
        stopped = str(reason)
    if sum(not part.refit for part in found) < steps and stopped is None:
        loss = found[-1].maximum.end if found else losses_of([start], problem)[0]
        stopped = NOTHING_LEFT if loss.upper == 0 else NOTHING_LOWER
    return _joined(start, problem, found, stopped)


@dataclass(frozen=True, eq=False)
class _Part(Shown):
    """One stair: its path, the certified maximum over it, and whether it is the first refit."""

    path: Path
    maximum: PathMaximum
    refit: bool


def _parts(start: Network, problem: Problem, steps: int, block: int) -> Iterator[_Part]:
    """Certified stairs, each to an exactly smaller loss, until there is none."""
    problem.progress("the best readout", 0.0)
    refit, here, rng = first_refit(start, problem), start, np.random.default_rng(SEED)
    if (part := _lowest([Candidate(ROUTE, refit, float_loss(start, problem))], problem, refit=True)) is not None:
        yield part
        here = part.path.end
    for k in range(steps):
        problem.progress(f"step {k + 1} of {steps}, from a loss of about {float_loss(here, problem):.5g}", k / steps)
        part = _lowest(one_slot(here, problem, rng, block=block), problem)
        if part is None:
            return
        yield part
        here = part.path.end


def _lowest(candidates: Iterable[Candidate], problem: Problem, *, refit: bool = False) -> _Part | None:
    """The candidate that climbs least among those that end lower, exactly; None if none does.

    They come in the order of their estimates: the first that keeps to its own is taken.
    """
    best: _Part | None = None
    for candidate in candidates:
        if not candidate.path.segments:
            continue
        path = for_loss(candidate.path, problem)
        maximum = path_maximum(path, problem)
        if maximum.stop is Stop.INTERRUPTED:
            raise KeyboardInterrupt
        if maximum.upper is None or not maximum.end.below(maximum.start):
            continue
        if best is None or maximum.maximum < best.maximum.maximum:
            best = _Part(path, maximum, refit)
        if best.maximum.maximum <= candidate.estimate * (1 + NEAR):  # exactly
            break
    return best


def _joined(start: Network, problem: Problem, found: list[_Part], stopped: str | None) -> Descent:
    whole, ends, count = Path(start), [], 0
    for part in found:
        whole = whole.followed_by(part.path)
        count += len(part.path.segments)
        ends.append(count)
    candidate = Candidate(ROUTE, whole, 0.0)
    if not found:
        loss = losses_of([start], problem)[0]
        return Descent(candidate, candidate.certifiable(), CornerMaximum((loss, loss)), problem, stopped=stopped)
    maximum = concatenated([part.maximum for part in found])
    stairs = tuple(ends)
    return Descent(candidate, whole, maximum, problem, stairs=stairs, refitted=found[0].refit, stopped=stopped)


def _require_counts(start: Network, steps: int, block: int) -> None:
    if not 1 <= steps <= MOST_STEPS:
        raise InputError(f"{steps} steps are unusable: give a number from 1 to {MOST_STEPS}")
    if not 1 <= block <= start.width:
        raise InputError(f"a block of {block} neurons is unusable: the network has m = {start.width}")
