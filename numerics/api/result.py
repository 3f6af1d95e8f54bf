"""The answer to a question, with its path as a function of time and its picture."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from numerics.api import given
from numerics.api.path import TimedPath
from numerics.api.printing import page
from numerics.common.progress import no_progress
from numerics.common.shown import brief
from numerics.errors import InputError
from numerics.paths.exact import with_corners
from numerics.questions.enclose import Certified
from numerics.questions.found import Found
from numerics.questions.result import Result as Answer

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Result(Answer):
    """What `connect`, `depth`, `certify` and `check` return; a verdict belongs to `claim`, the sentence beside it.

    - `verdict` is `PROVED`, `REFUTED` or `UNDECIDED`, always of `claim`; `proved` says whether it is the first.
    - `start`, `end`, `maximum` are losses, `barrier` is the maximum less the higher end's, `barrier_chord` the most
      above the line between the ends' losses, `depth` (of `depth`) the maximum less the start's: enclosures with
      `.lower` and `.upper` Fractions, `.exact` one or None (as of an irrational loss), and `float()` the upper end.
      `maximum` also has `.segment` and `.t` in [0, 1], where its lower end is attained. `loss` is the loss's name.
    - `error_rate`, with labels, is the largest share on the path of samples whose label's output is not the largest.
    - `straight_line` is the same for the line between the ends (`connect`, `depth`), `bounds` what the statements
      say, by id, each with `.value` and `.informative`.
    - `floor` (of `depth`) is what the checker proved the depth to be at least, `.lower` by `.statement`; often None.
    - `path` is the path, `route` its route's name, `segments` each one's `.kind`, `.statement`, `.moves`, `.upper`.
    - `notes` are sentences; `refused` says why the checker took no certificate; `samples` is what sampling saw.

    Printed it is the command's text, in at most 15 lines of 100 columns. Errors are InputError; what was not
    established is None.

    >>> net = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]]})
    >>> result = sk.connect(net, net, sk.Data([[1.0]], [[2.0]]))
    >>> result
    Result(question='connect', verdict='PROVED', route='line')
    >>> result.claim, float(result.maximum), result.barrier.exact
    ('squared loss <= 1 on the whole path (barrier <= 0), start and end joined', 1.0, Fraction(0, 1))
    """

    level: Fraction | None = None  # that the claim is about, if one was given

    @classmethod
    def of(cls, answer: Answer, level: Fraction | None = None) -> Result:
        """The same, with path and picture; it is told of no progress any more, and can be pickled."""
        known = {one.name: getattr(answer, one.name) for one in fields(answer)}
        if answer.found is not None:
            known["found"] = replace(answer.found, problem=replace(answer.found.problem, progress=no_progress))
        return cls(**known, level=level)

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write the certificate, which `check` takes. Raises InputError.

        There is none if nothing was proved, nor of a `check`; an existing file is replaced only with `force`.
        """
        place = given.file_name(path, "the name of a file")
        if self.found is None:
            raise InputError(
                f"{place}: no certificate to write: this result is a check's, of a certificate that there is"
            )
        super().save(place, force=force)

    @property
    def path(self) -> TimedPath:
        """The path: `path(t)` is the network at a time in [0, 1]. Raises InputError where there is none (`check`)."""
        if isinstance(self.found, Found):
            return TimedPath(self.found.certified, self.found.path, self.found.problem.loss.name)
        if isinstance(self.found, Certified):
            return TimedPath(with_corners(self.found.path), self.found.path, self.found.problem.loss.name)
        raise InputError("this result holds no path: it is a check's; skipscape path takes networks from a certificate")

    def plot(self) -> Figure:
        """A matplotlib Figure: the loss along the path with what is certified of it, float64 samples and, if the data
        have labels, their error rate; of a depth without a reference its profile, too.

        It proves nothing and is shown nowhere: `figure.savefig(name)` writes it. Raises InputError where there is no
        path to draw (`check`); `skipscape plot` draws a certificate.
        """
        from numerics.plots.path import path_figure
        from numerics.plots.scenes import scene_of

        if self.found is None:
            raise InputError("this result holds no path: it is a check's, and nothing can be drawn")
        route = "" if self.route is None else f", route {self.route}"
        return path_figure(scene_of(self, words=f"{self.question or 'path'}: {self.verdict}{route}"))

    def __repr__(self) -> str:
        said = (("question", self.question and str(self.question)), ("verdict", self.verdict), ("route", self.route))
        shown = (f"{name}={brief(value)}" for name, value in said)
        return f"Result({', '.join(shown)})"

    def __str__(self) -> str:
        """The text that the command prints, without its title."""
        return page(self, self.level)
