"""What is known of the loss on a piece of a segment."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from numerics.common.shown import Shown


class Signs(NamedTuple):
    """How many samples are not surely right throughout a piece, and how many are wrong throughout, by their labels."""

    unsure: int = 0
    wrong: int = 0


NONE = Signs()
"""Without labels."""


def all_signs(parts: Iterable[Signs]) -> Signs:
    """Of all blocks of samples."""
    counts = list(parts)
    return Signs(sum(one.unsure for one in counts), sum(one.wrong for one in counts))


@dataclass(frozen=True)
class Bound(Shown):
    """`lower <= loss <= upper` on the whole piece; `centre`: the models' loss at its centre, for searching only.

    `signs`: what the samples' labels say.
    """

    lower: float
    upper: float
    centre: float
    open_signs: int
    signs: Signs = NONE


def unbounded(signs: Signs) -> Bound:
    """After an overflow."""
    return Bound(0.0, math.inf, math.inf, 0, signs)
