"""A certified path to be asked about anew: on other data, or under another loss."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath

from numerics.common.shown import Shown
from numerics.paths import Kind, Path, Segment
from numerics.paths.certificate import read_exact_path, stated_loss
from numerics.paths.exact import ExactPath, nearest

ROUNDED = "the path's corners are fractions: this is the path through the nearest float64 networks"


@dataclass(frozen=True)
class Stored(Shown):
    """A path of floats, at least one segment, the name of the loss that its certificate is about, what was rounded."""

    path: Path
    loss: str
    notes: tuple[str, ...]


def is_certificate(file: FilePath) -> bool:
    """Whether a file's name says so: networks have other endings."""
    return file.suffix.lower() == ".cert"


def stored_path(file: FilePath) -> Stored:
    """The path in this certificate. Raises InputError."""
    exact = read_exact_path(file)
    return Stored(with_segments(nearest(exact)), stated_loss(file), rounding(exact))


def with_segments(path: Path) -> Path:
    """The path, or where it stays where it is one silent segment on which nothing moves."""
    return path if path.segments else Path(path.start, (Segment(Kind.SILENT, path.start, path.start),))


def rounding(path: ExactPath) -> tuple[str, ...]:
    """What is to be said of a path that is rounded to floats."""
    return () if all(corner.is_float for corner in path.corners) else (ROUNDED,)
