"""What a route is: a name, the statement behind it, what it needs of a network, and how it searches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED
from numerics.networks.base import Network
from numerics.networks.classes import SKIP
from numerics.networks.two_layer import TwoLayer
from numerics.routes.candidate import Candidate, Candidates

Between = Callable[[Network, Network, Problem], Candidate | Candidates]
ToReference = Callable[[Network, TwoLayer, Problem], Candidate | Candidates]
LAST = 1000  # in lists: whoever says nothing comes behind


def features_lack(network: Network) -> str | None:
    """Why the lemmas about features `[W x]_+` do not speak of a network, if they do not."""
    return (
        None if network.without_features is None else f"needs the features of a first layer: {network.without_features}"
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Route(Shown):
    """A way from one parameter to another, or to a two-layer reference on some of its slots; files declare `ROUTES`.

    `between` joins two parameters of one space; without it `connect` takes `to_reference` from both ends and joins the
    two. Both search and may raise InputError: the route does not apply. Raises ValueError without either.
    """

    name: str
    statement: str | None = None  # the id of what it is a construction of, if it is one
    bound: str | None = None  # a statement whose level, from the losses at the path's corners, holds for the path
    classes: tuple[str, ...] = SKIP  # of the networks that it takes
    lacks: Callable[[Network], str | None] = features_lack  # what a network lacks for it, whatever its class
    between: Between | None = None
    to_reference: ToReference | None = None
    squared_only: str | None = None  # why it is for squared error alone; None: it serves every loss
    auto: int | None = None  # its turn among the routes that `auto` tries; None: by its name alone
    apart: str | None = None  # why `auto` leaves it out although it joins two networks by itself
    if_higher: bool = False  # `auto` tries it only while every path found rises above both ends
    always: bool = False  # it applies to whatever it takes: what it raises in `auto` ends the search
    quick: bool = False  # too quick for a word of progress
    place: int = LAST  # in lists of names

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z][a-z0-9-]*", self.name):
            raise ValueError(f"route {self.name!r}: a name has small letters, digits and -, as certificates hold it")
        if self.between is None and self.to_reference is None:
            raise ValueError(f"route {self.name} searches nothing: between or to_reference is needed")

    @property
    def referenced(self) -> bool:
        """Whether `connect` needs a two-layer reference for it."""
        return self.between is None

    def takes(self, network: Network) -> bool:
        """Whether networks like it are what the route is about."""
        return self.refusal(network) is None

    def refusal(self, network: Network) -> str | None:
        """Why it does not take a network, if it does not."""
        if (words := self.lacks(network)) is not None:
            return words
        fits = network.kind in self.classes or not network.has_first_layer
        return None if fits else f"takes networks of class {', '.join(self.classes)}"

    def joining(self, start: Network, end: Network, problem: Problem) -> Candidates:
        """Paths between two parameters. Raises InputError, ValueError if the route goes through a reference."""
        if self.between is None:
            raise ValueError(f"route {self.name} goes through a reference")
        self._require_classes((start, end))
        self._require_loss(problem)
        return self._own(self.between(start, end, problem))

    def descending(self, start: Network, reference: TwoLayer, problem: Problem) -> Candidates:
        """Paths to the reference. Raises InputError, ValueError if the route leads to none."""
        if self.to_reference is None:
            raise ValueError(f"route {self.name} leads to no reference")
        self._require_classes((start,))
        self._require_loss(problem)
        return self._own(self.to_reference(start, reference, problem))

    def _require_classes(self, networks: Iterable[Network]) -> None:
        for network in networks:
            if (words := self.refusal(network)) is not None:
                own = f": this one is {network.kind}" if network.has_first_layer else ""
                raise InputError(f"route {self.name} {words}{own}")

    def _require_loss(self, problem: Problem) -> None:
        if self.squared_only is not None and problem.loss != SQUARED:
            raise InputError(f"route {self.name} is for squared error, not {problem.loss.name}: {self.squared_only}")

    def _own(self, found: Candidate | Candidates) -> Candidates:
        """What the search returned, by this route's name."""
        several = Candidates((found,)) if isinstance(found, Candidate) else found
        return replace(several, found=tuple(replace(one, route=self.name) for one in several.found))
