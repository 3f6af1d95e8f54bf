"""The path of a certificate, to be asked about anew: on other data, or under another loss."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from numerics.common.shown import Shown
from numerics.networks.base import Network
from numerics.paths.certificate import read_exact_path, stated_loss

ROUNDED = "the path's corners are fractions: this is the path through the nearest float64 networks"


@dataclass(frozen=True)
class Stored(Shown):
    """Corners of floats, at least two, the name of the loss that the certificate is about, and what was rounded."""

    corners: tuple[Network, ...]
    loss: str
    notes: tuple[str, ...]


def is_certificate(file: Path) -> bool:
    """Whether a file's name says so: networks have other endings."""
    return file.suffix.lower() == ".cert"


def stored_path(file: Path) -> Stored:
    """The path in this certificate. Raises InputError."""
    path = read_exact_path(file)
    corners = tuple(corner.nearest() for corner in path.corners)
    rounded = not all(corner.is_float for corner in path.corners)
    return Stored(corners if len(corners) > 1 else corners * 2, stated_loss(file), (ROUNDED,) if rounded else ())
