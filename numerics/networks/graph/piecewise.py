"""Activations of more than one bend, as sums of ReLUs: the same function for every number, so no approximation.

With `[x]_+` for the ReLU: a leaky one of slope `a` is `[x]_+ - a [-x]_+`, `|x| = [x]_+ + [-x]_+`, and what is cut off
below `low` and above `high` is `low + [x - low]_+ - [x - high]_+` for `low <= high`.
"""

from __future__ import annotations

import numpy as np

from numerics.networks.arrays import Array
from numerics.networks.graph.build import Builder
from numerics.networks.graph.nodes import Add, ReLU, Scale


def leaky(
    builder: Builder, name: str, source: str, slope: Array, *, constant: bool = True, weight: str | None = None
) -> str:
    """`[x]_+ - slope [-x]_+`, the slope an array that broadcasts to the value's shape; `constant`: as in `scaled`.

    `weight`: the parameter that the slope is, where it has one entry for each channel and keeps its name.
    """
    below = _relu(builder, name, _moved(builder, name, source, None, -1.0))
    if weight is None:
        below = builder.scaled(name, below, -slope, None, constant=constant)
    else:
        sloped = builder.add(Scale(builder.fresh(name), (below,), weight=weight, bias=None))
        below = _moved(builder, name, sloped, None, -1.0)
    return _sum(builder, name, _relu(builder, name, source), below)


def clipped(builder: Builder, name: str, source: str, low: float | None, high: float | None) -> str:
    """The value cut off below `low` and above `high`, `low <= high`; None cuts off nothing."""
    if low is None and high is None:
        return source
    if low is None:  # high - [high - x]_+
        over = _relu(builder, name, _moved(builder, name, source, high, -1.0))
        return _moved(builder, name, over, high, -1.0)
    above = _relu(builder, name, _moved(builder, name, source, -low))
    if high is not None:
        over = _relu(builder, name, _moved(builder, name, source, -high))
        above = _sum(builder, name, above, _moved(builder, name, over, None, -1.0))
    return _moved(builder, name, above, low)


def _moved(builder: Builder, name: str, source: str, shift: float | None, factor: float | None = None) -> str:
    given = [None if one is None else np.array([one]) for one in (factor, shift)]
    return builder.scaled(name, source, given[0], given[1], constant=True)


def _relu(builder: Builder, name: str, source: str) -> str:
    return builder.add(ReLU(builder.fresh(name), (source,)))


def _sum(builder: Builder, name: str, left: str, right: str) -> str:
    return builder.add(Add(builder.fresh(name), (left, right)))
