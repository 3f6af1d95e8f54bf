"""T1's path by the routes R1-R5, R7 and RM [seed: shape; ours: proof]: free `l` neurons, load `g*`, go to it.

What frees them differs: merging into centres or pruning (L3 with L4, one segment), pairing (R7), a column basis of the
features (R5). On that first segment the loss is not known by form unless only the readout moves; everything after it is
silent or a readout line, whose corners decide. RESIDUAL and STREAM free neurons by the steps of `streams`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.moves.mass import Masses, masses
from numerics.moves.merge import merge
from numerics.moves.merging import Merging
from numerics.moves.pairing import pair, pairs_of
from numerics.moves.rank import rank
from numerics.networks.base import Network
from numerics.networks.readers import has_stream
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Path
from numerics.paths.exact import nearest
from numerics.routes import exact_rank, streams
from numerics.routes.candidate import Candidate, Candidates
from numerics.routes.choices import CHOICES, Choice, cheapest, chosen, require_room
from numerics.routes.reference import arrive
from numerics.routes.route import Route
from numerics.routes.staged import staged

MEASURED = "measured"


@dataclass(frozen=True, eq=False)
class Task(Shown):
    """What a way is asked for: `l` slots of `start` freed for the reference; `ends` is the larger of their losses."""

    start: Network
    reference: TwoLayer
    problem: Problem
    mass: Masses
    ends: float

    @property
    def count(self) -> int:
        """`l`."""
        return self.reference.width


Way = Callable[[str, Task], Candidate]  # by the name that errors call it


def to_reference(route: str, start: Network, reference: TwoLayer, problem: Problem) -> Candidates:
    """T1's paths (T2's, T3's) by the named way, from any network with a skip: one, for `measured` (RM) several.

    Those are the paths of all other ways, a greedy choice of RM's own among them. Losses beyond the range of float64
    make a way impossible: nothing could be enclosed. Raises InputError over the memory budget.
    """
    mass = masses(start)
    require_room(start.W, budget=problem.budget)
    ends = max(float_loss(start, problem), float_loss(reference, problem))
    task = Task(start, reference, problem, mass, ends)
    found: list[Candidate] = []
    hindered: dict[str, str] = {}
    for name in WAYS if route == MEASURED else (route,):
        try:
            with np.errstate(all="ignore"):  # a search: what overflows is no candidate
                found.append(WAYS[name](name, task))
        except (InputError, ValueError, OverflowError) as reason:
            hindered[name] = str(reason)
    return Candidates(tuple(found), hindered)


def _by_choice(choice: Choice, name: str, task: Task) -> Candidate:
    """R1-R4: L3 with L4. T2, T3: raises InputError unless `m - r > l`."""
    if has_stream(task.start.kind):
        path, outside = streams.outside_basis(name, task.start, task.count)
        path, merging = streams.merged_outside(path, outside, choice, task.count)
    else:
        merging = chosen(choice, task.start.W, task.mass, task.count)
        path = merge(task.start, merging)
    return _arrived(name, task, path, merging.leaving, merging)


def _by_pairs(name: str, task: Task) -> Candidate:
    """R7. Raises InputError unless 2 l neurons are there (T2, T3: outside the basis), each with a mass."""
    start, problem, count = task.start, task.problem, task.count
    if has_stream(start.kind):
        path, outside = streams.outside_basis(name, start, count)
        _require_pairs(len(outside), count)
        path, gone = streams.paired_outside(path, outside, count, problem)
        return _arrived(name, task, path, gone)
    _require_pairs(start.width, count)
    try:
        segment, dead = pair(start, problem, pairs_of(task.mass.lightest(2 * count)), task.mass)
    except ValueError as error:
        raise InputError(f"route {name}: {error}") from None
    return _arrived(name, task, Path(start).then(segment), dead)


def _by_rank(name: str, task: Task) -> Candidate:
    """R5: in fractions, where the network is small and `m - rank >= l`; elsewhere by least squares, where `m - rank >=
    l` the output changes by rounding alone.
    """
    try:
        exact, slots = exact_rank.to_reference(task.start, task.reference, task.problem)
        return Candidate(name, nearest(exact), task.ends, slots, exact=exact.unless_constant())
    except (InputError, OverflowError):
        pass
    if has_stream(task.start.kind):
        path, outside = streams.outside_basis(name, task.start, task.count)
        path, gone = streams.ranked_outside(path, outside, task.count, task.problem)
        return _arrived(name, task, path, gone)
    segment, gone = rank(task.start, task.problem, task.count)
    return _arrived(name, task, Path(task.start).then(segment), gone)


def _in_stages(name: str, task: Task) -> Candidate:
    return staged(task.start, task.reference, task.problem)


def _require_pairs(width: int, count: int) -> None:
    if 2 * count > width:
        raise InputError(f"route pairing needs m >= 2 l: m = {width}, l = {count}")


def _arrived(name: str, task: Task, path: Path, gone: Iterable[int], merging: Merging | None = None) -> Candidate:
    """On from where nothing reads the slots `gone`; `merging` says how, where neurons merged (L3 bounds it)."""
    highest = max(task.ends, float_loss(path.end, task.problem))
    if not highest < math.inf:
        raise InputError(f"route {name}: the losses on its path exceed the range of float64")
    slots = tuple(int(slot) for slot in gone)
    return Candidate(name, arrive(path, task.reference, slots), highest, slots, merging)


NAMES = {
    "pigeonhole": "R1",
    "packing": "R2",
    "mass": "R3",
    "prune": "R4",
    "pairing": "R7",
    "rank": "R5",
    "staged": "RM",
}
WAYS: Mapping[str, Way] = MappingProxyType(
    {
        **{name: partial(_by_choice, CHOICES[statement]) for name, statement in NAMES.items() if statement in CHOICES},
        "pairing": _by_pairs,
        "rank": _by_rank,
        "staged": _in_stages,
        "greedy": partial(_by_choice, cheapest),
    }
)
"""In RM's order; the greedy one is RM's own choice and no route by itself."""

DEVIATES = "what it bounds is a mean-square deviation of the outputs (L3, T1)"
EVERY_LOSS = ("rank", "staged")  # an output that stays, and fits of the readout between exact steps

ROUTES = (
    *(
        Route(
            name=name,
            statement=statement,
            to_reference=partial(to_reference, name),
            squared_only=None if name in EVERY_LOSS else DEVIATES,
            place=40,
        )
        for name, statement in NAMES.items()
    ),
    Route(
        name=MEASURED,
        statement="RM",
        to_reference=partial(to_reference, MEASURED),
        squared_only=DEVIATES,
        auto=30,
        if_higher=True,
        place=40,
    ),
)
