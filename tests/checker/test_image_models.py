"""Models side by side, in units that all of them fit."""

import numpy as np
import pytest

from numerics.checker.grid import MACHINE, bit_length
from numerics.checker.image_models import _beside, gathered
from numerics.checker.models import Model


@pytest.mark.parametrize("apart", [0, 1, 20, 44, 60, 200])
def test_gathered_models_keep_to_the_grid_and_hold_what_they_held(apart: int) -> None:
    """Numbers that fill the grid, `apart` powers of two from each other: the smaller lose bits, to their radius."""
    longest = (1 << MACHINE.bits) - 1
    mid = np.array([[longest, -longest]], dtype=np.int64)
    nothing = np.zeros_like(mid)
    models = [Model(MACHINE, mid, nothing, nothing, 0), Model(MACHINE, mid, nothing, nothing, apart)]
    true_ones = [longest, -longest, longest << apart, -longest << apart]
    for both in (gathered(models, np.arange(4)[None, :]), _beside(*models)):
        assert bit_length(both.mid) <= MACHINE.bits
        unit = 1 << both.exponent
        for centre, radius, true in zip(both.mid[0].tolist(), both.radius[0].tolist(), true_ones, strict=True):
            assert (centre - radius) * unit <= true <= (centre + radius) * unit


def test_one_model_gathered_is_not_rounded() -> None:
    """The same numbers in the same units."""
    mid = np.array([[(1 << MACHINE.bits) - 1, 1]], dtype=np.int64)
    nothing = np.zeros_like(mid)
    one = gathered([Model(MACHINE, mid, nothing, nothing, 3)], np.array([[1, 0]]))
    assert (one.mid.tolist(), one.radius.tolist(), one.exponent) == ([[1, mid[0, 0]]], [[0, 0]], 3)
