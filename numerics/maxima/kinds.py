"""Which kinds of segments are bounded under a loss."""

from __future__ import annotations

from dataclasses import replace

from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED
from numerics.maxima.bends import FORMS
from numerics.maxima.node_bounds import node_bounds
from numerics.networks.base import Network
from numerics.paths.chain import Kind
from numerics.paths.path import Path

FEW = 1 << 12
"""Breakpoints that are followed one by one: at width 1024 a millisecond each, finder and checker together."""


def for_loss(path: Path, problem: Problem) -> Path:
    """The path with every segment of a kind that says something of this loss.

    Silent and exact segments keep `f`, readout ones are affine in it, so that every convex loss is highest at an end.
    Breakpoints are followed wherever the loss is squared error; under another one that is piecewise quadratic where
    they are few, as float64 counts them. Any other hidden segment is a general one.
    """
    if problem.loss == SQUARED or all(segment.kind is not Kind.HIDDEN for segment in path.segments):
        return path
    segments = (
        replace(segment, kind=Kind.GENERAL)
        if segment.kind is Kind.HIDDEN and not is_followed(segment.start, segment.end, problem)
        else segment
        for segment in path.segments
    )
    return replace(path, segments=tuple(segments))


def is_followed(start: Network, end: Network, problem: Problem) -> bool:
    """Whether a hidden segment stays one: its breakpoints are a cheaper proof than an enclosure, and an exact one."""
    if problem.loss.family not in FORMS:
        return False
    try:
        seen = node_bounds(start, end, problem)
    except InputError:  # more than the memory
        return False
    return seen is not None and seen.crossings <= FEW
