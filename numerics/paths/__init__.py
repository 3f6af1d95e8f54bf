"""Paths: segments of known kinds between networks or rational corners that meet, and the certificate of one."""

from numerics.paths.path import (
    Arc,
    Kind,
    Path,
    Segment,
    arc,
    control_of,
    kind_of,
    locate,
    mixed,
    network_at,
    polygon,
)

__all__ = [
    "Arc",
    "Kind",
    "Path",
    "Segment",
    "arc",
    "control_of",
    "kind_of",
    "locate",
    "mixed",
    "network_at",
    "polygon",
]
