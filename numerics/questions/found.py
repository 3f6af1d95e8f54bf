"""A path that a search has found, with what the finder knows of the loss along it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from numerics.common.shown import Shown
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.maxima.corners import CornerMaximum
from numerics.maxima.pieces import PathMaximum
from numerics.networks.two_layer import TwoLayer
from numerics.networks.units import Order
from numerics.paths import Path
from numerics.paths.certificate import Reference, certificate_bytes
from numerics.paths.exact import ExactPath, with_corners
from numerics.paths.question import Question
from numerics.routes.candidate import Candidate
from numerics.routes.route import Route


@dataclass(frozen=True, eq=False)
class Found(Shown):
    """A route's path and its maximum in the finder's arithmetic, exact at corners, enclosed where anything moves."""

    candidate: Candidate
    path: Path
    corners: CornerMaximum | PathMaximum
    problem: Problem
    reference: Reference | None = None
    renamed: Mapping[str, Order] | None = None  # of connect: how the end's hidden units were renamed
    via: TwoLayer | None = None  # of connect: the two-layer reference that was given
    route: Route | None = field(default=None, repr=False)  # that the search took, None before it is over
    routes: dict[str, str] = field(default_factory=dict, repr=False)  # what became of every route that was thought of

    @property
    def data(self) -> Data:
        return self.problem.data

    @property
    def certified(self) -> ExactPath:
        """The path that is certified: before any rounding where there are exact segments, else `path`."""
        return with_corners(self.path) if self.candidate.exact is None else self.candidate.exact

    @property
    def question(self) -> Question:
        """What its certificate is asked (certificate.md, section 4)."""
        return Question.CONNECT if self.reference is None else Question.DEPTH

    def certificate(self, level: Fraction | None, error_rate: Fraction | None = None) -> bytes:
        """What is written down; claims `maximum <= level` too if a level is given, and likewise the error rate."""
        claimed = self.corners.claim(self.candidate.tolerance)
        return certificate_bytes(
            self.certified,
            self.corners,
            claimed if level is None else min(claimed, level),
            self.data,
            question=self.question,
            route=self.candidate.route,
            loss=self.problem.loss.name,
            level=level,
            error_rate=error_rate,
            reference=self.reference,
            renamed=None if self.renamed is None else {name: order.tolist() for name, order in self.renamed.items()},
        )
