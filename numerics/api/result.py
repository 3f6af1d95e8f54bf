"""The answer to a question, with its path as a function of time and its picture."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.api.path import TimedPath
from numerics.common.speech import Speaker
from numerics.errors import InputError
from numerics.paths.exact import with_corners
from numerics.questions.enclose import Certified, sampled
from numerics.questions.result import Result as Answer
from numerics.questions.search import Found, line_losses
from numerics.questions.text import print_result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 100  # columns of the text form


@dataclass(frozen=True, eq=False, repr=False)
class Result(Answer):
    """What `connect`, `depth`, `certify` and `check` return; a verdict belongs to `claim`, the sentence beside it.

    `start`, `end`, `maximum`, `barrier`, `depth` are enclosures: `.lower` and `.upper` Fractions, `.exact` one or None,
    `float()` the upper end; `maximum` also has `.segment` and `.t`, where its lower end is attained. `print` gives the
    text of the command, `to_json()` its JSON, `save(file)` writes the certificate.
    """

    @classmethod
    def of(cls, answer: Answer) -> Result:
        """The same, with path and picture."""
        return cls(**{one.name: getattr(answer, one.name) for one in fields(answer)})

    @property
    def path(self) -> TimedPath:
        """The path: `path(t)` is the network at a time in [0, 1]. Raises InputError where there is none (`check`)."""
        if isinstance(self.found, Found):
            return TimedPath(self.found.certified, self.found.path)
        if isinstance(self.found, Certified):
            return TimedPath(with_corners(self.found.path), self.found.path)
        raise InputError("this result holds no path: it is a check's; skipscape path takes networks from a certificate")

    def plot(self) -> Figure:
        """A matplotlib figure of the loss along the path, beside the straight line or 61 samples a segment; of a depth
        without a reference its staircase.

        It proves nothing. Raises InputError where there is no path to draw (`check`).
        """
        if self.profile:
            from numerics.plots.staircase import staircase_figure

            return staircase_figure(self, words=self.verdict)
        if isinstance(self.found, Found):
            return self._route(self.found)
        if isinstance(self.found, Certified):
            from numerics.plots.enclosure import enclosure_figure

            seen = self.samples or sampled(self.found, self.found.problem)
            return enclosure_figure(self.found, seen, words="the path", verdict=self.verdict)
        raise InputError("this result holds no path: it is a check's, and nothing can be drawn")

    def _route(self, found: Found) -> Figure:
        from numerics.plots.path import path_figure

        losses = line_losses(found.path.start, found.path.end, found.problem)
        line: list[tuple[Fraction, Any]] = [(Fraction(k, len(losses) - 1), one) for k, one in enumerate(losses)]
        if self.straight_line is not None:
            line.append((self.straight_line.t, self.straight_line.sharp or self.straight_line.lower))
        yardstick = self.bounds.get("R0")
        level = None if yardstick is None else yardstick.value
        words = f"{self.verdict}, {len(found.path.segments)} segments, route {found.candidate.route}"
        return path_figure(found.path, found.corners, found.data, words=words, line=line, zero_level=level)

    def __repr__(self) -> str:
        route = "" if self.route is None else f", route={self.route!r}"
        return f"Result({self.question}, {self.verdict}{route})"

    def __str__(self) -> str:
        """The text that the command prints, without its title."""
        page = io.StringIO()
        print_result(Speaker(file=page, width=WIDTH, no_color=True), "", self)
        return "\n".join(line.rstrip() for line in page.getvalue().strip().splitlines())
