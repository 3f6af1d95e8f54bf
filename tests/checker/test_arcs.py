"""Arcs between models leave the bits that their bends need."""

import numpy as np

from numerics.checker.arcs import SPARE, arc_between
from numerics.checker.grid import MACHINE, bit_length
from numerics.checker.models import Model


def test_between_the_longest_models_there_is_room_for_a_bend() -> None:
    """Numbers that fill the grid are cut by the bits that a bend may be longer, and the exponent says by how much."""
    longest = (1 << MACHINE.bits) - 1
    mid = np.array([[longest, -longest, 1]], dtype=np.int64)
    nothing = np.zeros_like(mid)
    ends = [Model(MACHINE, sign * mid, nothing, nothing, 0) for sign in (1, -1, 1)]
    arc = arc_between(MACHINE, ends, np.ones((1, 3), dtype=np.int8))
    for sign, part in zip((1, -1, 1), (arc.before, arc.control, arc.after), strict=True):
        assert bit_length(part.values) <= MACHINE.bits - SPARE
        away = np.abs(sign * mid - (part.values << arc.exponent))
        assert (away <= part.off << arc.exponent).all()
    assert arc.exponent > 0
