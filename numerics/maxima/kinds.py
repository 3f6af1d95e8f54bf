"""Which kinds of segments are bounded under a loss."""

from __future__ import annotations

from dataclasses import replace

from numerics.losses.loss import Loss
from numerics.losses.registry import SQUARED
from numerics.paths.chain import Chain, Kind, P


def for_loss(path: Chain[P], loss: Loss) -> Chain[P]:
    """The path with every segment of a kind that says something of this loss.

    Silent and exact segments keep `f`, readout ones are affine in it, so that every convex loss is highest at an end.
    Breakpoints are followed for squared error alone: under any other loss a hidden segment is a general one.
    """
    if loss == SQUARED or all(segment.kind is not Kind.HIDDEN for segment in path.segments):
        return path
    segments = (
        replace(segment, kind=Kind.GENERAL) if segment.kind is Kind.HIDDEN else segment for segment in path.segments
    )
    return replace(path, segments=tuple(segments))
