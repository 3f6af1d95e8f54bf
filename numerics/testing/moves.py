"""Strategies for what moves are told: which neurons leave, into which centres, at which scale."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.moves.merging import Merging, projected
from numerics.networks.readers import AnyArray


@st.composite
def assignments(draw: st.DrawFn, neurons: Sequence[int], count: int | None = None) -> dict[int, int]:
    """`count` leaving neurons (drawn, at least one) and their centres among those of `neurons` that stay.

    At least two neurons are needed, and more than `count`.
    """
    least, most = (1, len(neurons) - 1) if count is None else (count, count)
    leaving = sorted(draw(st.sets(st.sampled_from(neurons), min_size=least, max_size=most)))
    staying = [j for j in neurons if j not in leaving]
    return {j: draw(st.sampled_from(staying)) for j in leaving}


@st.composite
def mergings(draw: st.DrawFn, W: AnyArray) -> Merging:
    """The projection, or any rational scales `c_j >= 0`; `W` in fractions, at least two rows."""
    found = projected(W, draw(assignments(range(len(W)))))
    if not draw(st.booleans()):
        return found
    scales = [Fraction(draw(st.integers(0, 12)), draw(st.integers(1, 5))) for _ in found.leaving]
    return Merging(found.leaving, found.centres, np.array([*scales, None], dtype=object)[:-1])
