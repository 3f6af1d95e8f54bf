"""The renaming of units as a path: where every layer in question has a free unit, the end is the network itself.

L9, L4: units change places through free ones, of either network, and no output changes on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.moves.reorder import free_units, reordered
from numerics.networks.base import Network
from numerics.networks.units import Order
from numerics.paths import Path
from numerics.paths.exact import with_corners
from numerics.routes.candidate import Candidate
from numerics.routes.matching import matched


@dataclass(frozen=True, eq=False)
class RenamedEnds(Shown):
    """What is joined in the place of two networks: the end of `before` and the start of `behind`, their units in other
    orders; `orders`: how the end of the whole path stays renamed, if it does; `words`: what a reader should know.
    """

    before: Path
    behind: Path
    orders: Mapping[str, Order] | None
    words: str

    @property
    def start(self) -> Network:
        """Where the search begins."""
        return self.before.end

    @property
    def end(self) -> Network:
        """Where it leads."""
        return self.behind.start

    def around(self, found: Candidate) -> Candidate:
        """A path between the two with the ways to it and from it."""
        if not (self.before.segments or self.behind.segments):
            return found
        path = self.before.followed_by(found.path).followed_by(self.behind)
        exact = found.exact
        if exact is not None and any(one.kind.is_searched for one in path.segments):
            exact = None  # its corners are rounded, and the maximum is searched
        elif exact is not None:
            exact = with_corners(self.before).followed_by(exact).followed_by(with_corners(self.behind))
        return replace(found, path=path, exact=exact, merging=None)


def renamed_ends(start: Network, end: Network, problem: Problem) -> RenamedEnds:
    """Both, of one space, with units matched: layer by layer those of the network that has more free ones move."""
    match = matched(start, end, problem)
    if match.orders is None:
        return RenamedEnds(Path(start), Path(end), None, "no renaming of units was found that brings the two nearer")
    free = [free_units(network, problem.X) for network in (start, end)]
    at_end = {name: order for name, order in match.orders.items() if len(free[1][name]) >= len(free[0][name])}
    at_start = {name: np.argsort(order) for name, order in match.orders.items() if name not in at_end}
    try:
        before = reordered(start, at_start, problem.X)
        behind = reordered(end, at_end, problem.X).reversed()
    except InputError as reason:
        words = f"the path ends at the second network with its units renamed, not at the network itself: {reason}"
        return RenamedEnds(Path(start), Path(match.network), match.orders, words)
    count = len(before.segments) + len(behind.segments)
    names = ", ".join(match.orders)
    words = (
        f"the path ends at the second network itself: on {count} of its segments the units of {names} change places"
        " through free ones, and no output changes"
    )
    return RenamedEnds(before, behind, None, words)
