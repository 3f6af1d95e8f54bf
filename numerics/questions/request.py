"""What is asked about: a problem and two networks, and the files they came from, if they came from files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from numerics.arithmetic.budget import GIB
from numerics.arithmetic.levels import Level
from numerics.common.progress import Progress, no_progress
from numerics.common.shown import Shown
from numerics.data import read_data, write_data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED, loss_named
from numerics.networks.base import Network
from numerics.networks.files import read_network, suffix_of, write_network


@dataclass(frozen=True)
class Files(Shown):
    """Where data, start and end were read; None: from memory. `others`: files that errors name besides."""

    data: str | None = None
    start: Path | None = None
    end: Path | None = None
    others: tuple[Path, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The files, for errors."""
        return tuple(str(name) for name in (self.start, *self.others, self.end, self.data) if name is not None)


@dataclass(frozen=True, eq=False)
class Request(Shown):
    """A problem and two networks; for `depth` the second is the reference, or there is none.

    `effort`: of the check, None its default. `error_rate`: what the share of wrong labels is claimed to stay within.
    Raises InputError where that is claimed of data without labels.
    """

    problem: Problem
    start: Network
    end: Network | None = None
    files: Files = field(default_factory=Files)
    effort: float | None = None  # billions of word operations
    error_rate: Level | None = None

    def __post_init__(self) -> None:
        if self.error_rate is None:
            return
        if self.problem.data.labels is None:
            raise InputError(
                f"{self.problem.data.name}: an error rate is about labels, and Y (N, {self.problem.Y.shape[1]}) is not"
                " one-hot: give integer labels (N,) of at least two classes, or leave the error rate out"
            )
        if self.error_rate > 1:
            raise InputError(f"an error rate of {self.error_rate.written} is unusable: it is a share, from 0 to 1")

    @classmethod
    def read(
        cls,
        data: str,
        start: Path,
        end: Path | None,
        *,
        others: Sequence[Path] = (),
        memory: float = 4.0,
        effort: float | None = None,
        progress: Progress = no_progress,
        loss: str = SQUARED.name,
        error_rate: Level | None = None,
    ) -> Request:
        """Of files, each read within `memory` GiB; `others`: what errors name besides. Raises InputError."""
        budget, wanted = int(memory * GIB), loss_named(loss)
        problem = Problem(read_data(data, budget), budget, progress, wanted)
        files = Files(data, start, end, tuple(others))
        second = None if end is None else read_network(end, budget)
        return cls(problem, read_network(start, budget), second, files, effort, error_rate)

    @property
    def loss(self) -> str:
        """The name of the loss."""
        return self.problem.loss.name

    @property
    def second(self) -> Network:
        """`end`. Raises ValueError where the question is about one network."""
        if self.end is None:
            raise ValueError("this question is about one network")
        return self.end

    @contextmanager
    def named(self) -> Iterator[None]:
        """Errors that concern several files together name them."""
        try:
            yield
        except InputError as error:
            names = ", ".join(self.files.names)
            raise InputError(f"{names}: {error}" if names else str(error)) from None

    def on_disk(self, folder: Path) -> tuple[str, Path, Path | None]:
        """The files of data, start and end that the checker reads: those given, else written to `folder`."""
        data, start, end = self.files.data, self.files.start, self.files.end
        if data is None:
            data = str(folder / "data.npz")
            if not Path(data).exists():
                write_data(Path(data), self.problem.data)
        second = None if self.end is None else _written(end, folder / f"end{suffix_of(self.end)}", self.end)
        return data, _written(start, folder / f"start{suffix_of(self.start)}", self.start), second


def _written(given: Path | None, place: Path, network: Network) -> Path:
    if given is None and not place.exists():
        write_network(place, network)
    return place if given is None else given
