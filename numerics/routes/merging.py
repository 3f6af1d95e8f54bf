"""T1's path by the routes R1-R5, R7 and RM [seed: shape; ours: proof]: free `l` neurons, load `g*`, go to it.

What frees them differs: merging into centres or pruning (L3 with L4, one segment), pairing (R7), a column basis of the
features (R5). On that first segment the loss is not known by form unless only the readout moves; everything after it is
silent or a readout line, whose corners decide. RESIDUAL and STREAM free neurons by the steps of `streams`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

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
from numerics.routes.candidate import Candidate
from numerics.routes.choices import CHOICES, Choice, cheapest, chosen, require_room
from numerics.routes.reference import arrive
from numerics.routes.staged import staged

GREEDY, STAGED = "greedy", "staged"  # RM's own choices
ROUTES = ("pigeonhole", "packing", "mass", "prune", "pairing", "rank", STAGED, "measured")


@dataclass(frozen=True, eq=False)
class Freed(Shown):
    """A path at whose end nothing reads the slots `J`; `merging` says how, where neurons merged (L3 bounds it)."""

    path: Path
    slots: tuple[int, ...]
    merging: Merging | None = None


def to_reference(
    route: str,
    start: Network,
    reference: TwoLayer,
    problem: Problem,
    *,
    reasons: dict[str, str] | None = None,
) -> list[Candidate]:
    """T1's paths (T2's, T3's) by the named route, from any network with a skip: one, for `measured` (RM) several.

    Those are the paths of all other routes and of a greedy choice of RM's own: which is lowest is known once their
    maxima are. Losses beyond the range of float64 make a route impossible: nothing could be enclosed. `reasons` is
    told why routes do not apply. Raises InputError if no path is possible.
    """
    names = (*ROUTES[:-1], GREEDY) if route == "measured" else (route,)
    mass = masses(start)
    require_room(start.W, budget=problem.budget)
    ends = max(float_loss(start, problem), float_loss(reference, problem))
    found: list[Candidate] = []
    hindered: dict[str, str] = {}
    for name in names:
        try:
            with np.errstate(all="ignore"):  # a search: what overflows is no candidate
                if name == "rank" and (free := _freed_exactly(start, reference, problem, ends)) is not None:
                    found.append(free)
                    continue
                if name == STAGED:
                    found.append(staged(start, reference, problem))
                    continue
                freed = _free(name, start, mass, reference.width, problem)
                found.append(_arrived(name, freed, reference, problem, ends))
        except (InputError, ValueError, OverflowError) as reason:
            hindered[name] = str(reason)
    if reasons is not None:
        reasons.update(hindered)
    if not found:
        raise InputError(next(iter(hindered.values())))
    return [replace(one, route=route) for one in found]


def _freed_exactly(start: Network, reference: TwoLayer, problem: Problem, ends: float) -> Candidate | None:
    """R5 in fractions, where the network is small and `m - rank >= l`; None elsewhere."""
    try:
        exact, slots = exact_rank.to_reference(start, reference, problem)
        return Candidate("rank", nearest(exact), ends, slots, exact=exact.unless_constant())
    except (InputError, OverflowError):
        return None


def _free(name: str, start: Network, mass: Masses, count: int, problem: Problem) -> Freed:
    choice = cheapest if name == GREEDY else CHOICES.get(name)
    if has_stream(start.kind):
        return _freed_in_stream(name, start, choice, count, problem)
    if choice is not None:
        return _merged(start, chosen(choice, start.W, mass, count))
    return _paired(start, mass, count, problem) if name == "pairing" else _ranked(start, count, problem)


def _merged(start: Network, merging: Merging) -> Freed:
    return Freed(merge(start, merging), tuple(int(j) for j in merging.leaving), merging)


def _paired(start: Network, mass: Masses, count: int, problem: Problem) -> Freed:
    """R7. Raises InputError unless 2 l neurons are there."""
    _require_pairs(start.width, count)
    try:
        segment, dead = pair(start, problem, pairs_of(mass.lightest(2 * count)), mass)
    except ValueError as error:
        raise InputError(f"route pairing: {error}") from None
    return Freed(Path(start).then(segment), tuple(int(j) for j in dead))


def _ranked(start: Network, count: int, problem: Problem) -> Freed:
    """R5, by least squares: where `m - rank >= l` the output changes by rounding alone."""
    segment, leaving = rank(start, problem, count)
    return Freed(Path(start).then(segment), tuple(int(j) for j in leaving))


def _freed_in_stream(name: str, start: Network, choice: Choice | None, count: int, problem: Problem) -> Freed:
    """T2, T3. Raises InputError unless `m - r > l` (R7: `m - r >= 2 l`)."""
    path, outside = streams.outside_basis(name, start, count)
    if choice is not None:
        path, merging = streams.merged_outside(path, outside, choice, count)
        return Freed(path, tuple(int(j) for j in merging.leaving), merging)
    if name == "pairing":
        _require_pairs(len(outside), count)
        path, gone = streams.paired_outside(path, outside, count, problem)
    else:
        path, gone = streams.ranked_outside(path, outside, count, problem)
    return Freed(path, tuple(int(j) for j in gone))


def _require_pairs(width: int, count: int) -> None:
    if 2 * count > width:
        raise InputError(f"route pairing needs m >= 2 l: m = {width}, l = {count}")


def _arrived(name: str, freed: Freed, reference: TwoLayer, problem: Problem, ends: float) -> Candidate:
    """`ends`: the larger loss of the start and the reference."""
    highest = max(ends, float_loss(freed.path.end, problem))
    if not highest < math.inf:
        raise InputError(f"route {name}: the losses on its path exceed the range of float64")
    return Candidate(name, arrive(freed.path, reference, freed.slots), highest, freed.slots, freed.merging)
