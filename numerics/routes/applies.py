"""Why routes through a two-layer reference do not apply: what `auto` tried, and what it left out, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.moves.write_to_basis import write_to_basis
from numerics.networks.base import Network
from numerics.routes.candidate import Candidate

TAKEN = "taken"
HIGHER = "a path was found, which is not lower"
NOT_NEEDED = "not tried: a path found before rises no higher than its ends"
NO_REFERENCE = "needs a two-layer reference, and none was given"
UNFIT = "does not apply: "
INTERRUPTED = "not tried: interrupted"


@dataclass
class Tried(Shown):
    """Candidates found so far, and of every route what became of it; `reasons`: why a route does not apply."""

    found: list[Candidate] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def add(self, route: str, candidates: Iterable[Candidate]) -> None:
        """What a search has returned; an InputError goes on."""
        self.found.extend(candidates)
        self.said[route] = HIGHER

    def attempt(self, route: str, search: Callable[[], Iterable[Candidate]]) -> None:
        """The same of a route that may not apply: an InputError is its reason."""
        try:
            self.add(route, search())
        except InputError as reason:
            self.reasons[route] = str(reason)

    def outcomes(self, taken: str | None = None) -> dict[str, str]:
        """What became of every route, in the order in which they were asked for; one may have been taken."""
        words = {**self.said, **{name: f"{UNFIT}{reason}" for name, reason in self.reasons.items()}}
        return words if taken is None else {**words, taken: TAKEN}


def free_neurons(networks: Iterable[Network]) -> int | None:
    """How many first-layer neurons may leave in each network, `m - r` at least; None where all may (no stream).

    `r` is the rank of what reads the blocks' output, as the routes find it: they need `l < m - r`.
    """
    counts = [_free(network) for network in networks if network.has_stream]
    return min(counts) if counts else None


def obstacle(networks: Iterable[Network], neurons: int | None) -> str | None:
    """Why no route through a reference of so many neurons applies (None: of any number); None if one may."""
    given = list(networks)
    free, needed = free_neurons(given), 1 if neurons is None else neurons
    if free is None or needed < free:
        return None
    m = given[0].width
    count = "l" if neurons is None else f"l = {neurons}"
    if free == 0:
        return f"the blocks read all m = {m} columns, so no neuron is free (m - r = 0 < {count})"
    some = f"what reads the blocks' output has rank r = {m - free} of m = {m}, so only {free} neurons are free"
    return f"{some}, and {count} < m - r = {free} is needed"


def _free(network: Network) -> int:
    try:
        return len(write_to_basis(network)[1])
    except InputError:  # coefficients that overflow: no neuron can leave
        return 0
