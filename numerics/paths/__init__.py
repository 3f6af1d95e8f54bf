"""Paths: segments of known kinds between networks or rational corners that meet, and the certificate of one."""

from numerics.paths.path import (
    Kind,
    Path,
    Segment,
    kind_of,
    locate,
    mixed,
    polygon,
)

__all__ = [
    "Kind",
    "Path",
    "Segment",
    "kind_of",
    "locate",
    "mixed",
    "polygon",
]
