"""Is it shallow, are the two connected? Answered by the lowest path of the routes that apply, evaluated exactly.

Nothing here is printed as PROVED; that word is the independent checker's (`numerics.questions.run_checker`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from threadpoolctl import threadpool_limits

from numerics.common.interrupts import check, first_only
from numerics.common.progress import no_progress
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.spaces import in_one_space, require_reference
from numerics.networks.two_layer import TwoLayer
from numerics.paths.question import Question
from numerics.questions.found import Found
from numerics.questions.lowest import lowest
from numerics.questions.requirements import require_fits, require_skip
from numerics.routes.applies import INTERRUPTED, NO_REFERENCE, NOT_NEEDED, Tried
from numerics.routes.candidate import Candidate, Candidates, best
from numerics.routes.join import joined
from numerics.routes.line import LINE
from numerics.routes.reference import fitted_reference, neurons_of
from numerics.routes.registry import AUTO, ROUTES, Registry
from numerics.routes.route import Route


def connect(
    start: Network,
    end: Network,
    problem: Problem,
    *,
    route: str = AUTO,
    reference: Network | None = None,
    eta: Fraction | None = None,
    routes: Registry = ROUTES,
    around: Callable[[Candidate], Candidate] | None = None,
) -> Found:
    """C2's question: a path between two parameters, by the named route or the best of all. Raises InputError.

    With `eta` in place of a reference, one is fitted on `l = floor(m^eta)` of the start's neurons. `around`: makes of
    every path found, before its maximum is looked for, one that goes on beyond the two; no loss there exceeds theirs.
    """
    turns = routes.tried(route)
    start, end = in_one_space(start, end)
    require_fits(start, problem)
    if reference is not None and eta is not None:
        raise InputError("--eta makes a reference where none is given: leave out --eta or --reference")
    if eta is not None:
        reference = fitted_reference(start, problem, neurons_of(start.width, eta))
    if route != AUTO and reference is None and turns[0].referenced:
        raise InputError(f"route {route} goes through a two-layer reference: give one with --reference, or --eta")
    goal = None if reference is None else require_reference(reference, start)
    if route == AUTO and start.identical(end):
        route, turns = LINE, routes.tried(LINE)  # nothing lies lower than to stay

    def search(one: Route, reasons: dict[str, str]) -> tuple[Candidate, ...]:
        if goal is None or not one.referenced:
            return _paths(one.joining(start, end, problem), reasons)
        return (_through_reference(one, start, end, goal, problem, reasons),)

    tried = _Search(start, end, problem, search, referenced=goal is not None).through(turns, auto=route == AUTO)
    if around is not None:
        tried.found = [around(one) for one in tried.found]
    return replace(_answer(tried, problem, None, routes), via=goal)


def depth(
    start: Network, reference: Network, problem: Problem, *, route: str = AUTO, routes: Registry = ROUTES
) -> Found:
    """C1's question: a path from a parameter to a two-layer reference put on some of its slots. Raises InputError."""
    turns = routes.descending.tried(route)
    require_skip(Question.DEPTH, start)
    require_fits(start, problem)
    goal = require_reference(reference, start)

    def search(one: Route, reasons: dict[str, str]) -> tuple[Candidate, ...]:
        return _paths(one.descending(start, goal, problem), reasons)

    tried = _Search(start, goal, problem, search, referenced=True).through(turns, auto=route == AUTO)
    return _answer(tried, problem, goal, routes)


@dataclass(frozen=True, eq=False)
class _Search(Shown):
    """One route after the other, between two ends; `paths_by` tells its second argument which parts do not apply."""

    start: Network
    end: Network
    problem: Problem
    paths_by: Callable[[Route, dict[str, str]], tuple[Candidate, ...]]
    referenced: bool  # whether there is a two-layer reference to go through

    def through(self, turns: tuple[Route, ...], *, auto: bool) -> Tried:
        """What became of each. Raises InputError where a route that was named does not apply."""
        tried = Tried()
        with _searching(tried):
            for one in turns:
                if auto and (reason := self._spared(one, tried)) is not None:
                    tried.said[one.name] = reason
                    continue
                if not one.quick:
                    self._say(one, tried)
                if auto and not one.always:
                    tried.attempt(one.name, partial(self.paths_by, one, tried.reasons))
                else:
                    tried.add(one.name, self.paths_by(one, tried.reasons))
        return tried

    def _spared(self, one: Route, tried: Tried) -> str | None:
        """Why `auto` does not try a route, if it does not."""
        if (words := one.refusal(self.start)) is not None:
            return words
        if one.referenced and not self.referenced:
            return NO_REFERENCE
        return NOT_NEEDED if one.if_higher and self._settled(tried) else None

    def _settled(self, tried: Tried) -> bool:
        """Whether a path found already rises no higher than its ends: none can be lower."""
        ends = max(float_loss(self.start, self.problem), float_loss(self.end, self.problem))
        return any(candidate.estimate <= ends for candidate in tried.found)

    def _say(self, one: Route, tried: Tried) -> None:
        """Progress: the route that is looked for, and the lowest estimate so far."""
        tried.said[one.name] = INTERRUPTED  # unless it ends
        so_far = f", lowest so far about {best(tried.found).estimate:.5g}" if tried.found else ""
        self.problem.progress(f"searching a path by route {one.name}{so_far}", 0.0)


@contextmanager
def _searching(tried: Tried) -> Iterator[None]:
    """One BLAS thread: the search's many small factorisations lose more time to a second thread than they gain.

    A first interrupt ends the block if a path was found before.
    """
    try:
        with threadpool_limits(limits=1, user_api="blas"):
            yield
    except KeyboardInterrupt:
        if not tried.found:
            raise
        first_only()


def _through_reference(
    route: Route, start: Network, end: Network, goal: TwoLayer, problem: Problem, reasons: dict[str, str]
) -> Candidate:
    """C2's path: both ends to one reference, by the lowest path there is, joined by a permutation of its slots."""
    found = (_paths(route.descending(network, goal, problem), reasons) for network in (start, end))
    there, back = (
        one[0] if len(one) == 1 else lowest(one, replace(problem, progress=no_progress), goal).candidate
        for one in found
    )
    check()  # the search for a maximum just now may have ended with what it knew
    return joined(route.name, there, back)


def _paths(found: Candidates, reasons: dict[str, str]) -> tuple[Candidate, ...]:
    """The candidates; `reasons` is told which parts of the search do not apply. Raises InputError if none does."""
    reasons.update(found.reasons)
    return found.at_least_one()


def _answer(tried: Tried, problem: Problem, goal: TwoLayer | None, routes: Registry) -> Found:
    """The lowest path of those found, and what became of every route. Raises InputError if there is none."""
    if not tried.found:
        raise InputError("; ".join(f"route {name} {words}" for name, words in tried.outcomes().items()))
    found = lowest(tried.found, problem, goal)
    name = found.candidate.route
    return replace(found, route=routes.named(name), routes=tried.outcomes(name))
