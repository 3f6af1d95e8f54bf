"""What a forward pass is predicted to take grows with every side of every matrix, and is neither short nor far off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.checker import budget, hidden
from numerics.checker.budget import Meter, Metered, converting, held, listed, rows_per_block
from numerics.checker.effort import Budget, Effort
from numerics.checker.errors import Unusable
from numerics.checker.exact import Extent
from numerics.checker.inputs import Data
from numerics.checker.layers import Layers
from numerics.checker.spaces import parse_space


def test_long_integers_take_their_bytes_and_at_most_a_quarter_more() -> None:
    """Short ones a word each."""
    assert held(Extent(3, 5, 0, 62)) == 3 * 5 * 8
    for bits in (10**4, 10**6):
        assert 15 * (bits // 8) < held(Extent(3, 5, 0, bits)) < 15 * (bits // 8) * 5 // 4
    assert listed(Extent(3, 5, 0, 63)) > held(Extent(3, 5, 0, 63)) > held(Extent(3, 5, 0, 62))


def test_work_is_that_of_one_entry_as_often_as_there_are_entries() -> None:
    """Of a product: rows times columns times what lies between."""

    def work(rows: int, between: int, cols: int, bits: int = 1) -> int:
        meter = Meter()
        Metered(Extent(rows, between, 0, bits), meter).times(Metered(Extent(between, cols, 0, 1), meter))
        return meter.work

    def looked_at(rows: int, cols: int) -> int:
        meter = Meter()
        Metered(Extent(rows, cols, 0, 1), meter).relu()
        return meter.work

    assert work(3, 5, 7) == 3 * 5 * 7 * work(1, 1, 1) > 0
    assert work(3, 5, 7, bits=640) == 11 * work(3, 5, 7)
    assert looked_at(3, 5) == 3 * 5 * looked_at(1, 1) > 0
    assert converting([Extent(3, 5, 0, 1), Extent(2, 2, 0, 1)]) == 19 * converting([Extent(1, 1, 0, 1)]) > 0


def test_a_product_has_room_for_the_residues_of_both_factors_and_of_itself() -> None:
    """As many bits of each entry as the product has."""
    meter, bits = Meter(), 10_000
    one, other = (Metered(Extent(rows, cols, 0, bits), meter) for rows, cols in ((2, 30), (30, 4)))
    one.times(other)
    assert meter.scratch >= (2 * 30 + 30 * 4 + 2 * 4) * (2 * bits // 8)


NETWORK = Layers(Extent(1, 4, 0, 9), Extent(4, 1, 0, 9), Extent(1, 1, 0, 9), (), (), None, Extent(1, 1, 0, 1))


def test_samples_are_treated_in_blocks_that_fit() -> None:
    """A thousand take a thousand times what one takes, so that a hundredth of the memory holds a hundredth of them."""
    x, y = Extent(1000, 1, 0, 9), Extent(1000, 1, 0, 9)
    whole, one = (budget._charge(NETWORK, x, y, rows).bytes for rows in (1000, 1))
    words = 2 * 4 + 5 + 2 * (1 + 1) + 1  # features before and after ReLU, five columns, x and y once more, the squares
    assert 1000 * words * 8 < whole <= 1000 * one
    fixed = sum(held(extent) + listed(extent) for extent in NETWORK.matrices)
    assert rows_per_block(NETWORK, x, y, Budget(fixed + whole)) == 1000
    assert 4 <= rows_per_block(NETWORK, x, y, Budget(fixed + whole // 100)) <= 10
    with pytest.raises(Unusable, match="raise --memory"):
        rows_per_block(NETWORK, x, y, Budget(fixed + one - 1))
    with pytest.raises(Unusable, match="raise --effort"):
        rows_per_block(replace(NETWORK, first=Extent(1, 4, 0, 9)), x, y, Budget(1 << 30, Effort(1000)))


def test_the_whole_effort_may_be_spent() -> None:
    """And no operation more."""
    effort = Effort(10)
    effort.charge(10)
    with pytest.raises(Unusable, match="raise --effort"):
        effort.charge(1)


def test_a_hidden_segment_counts_the_floats_that_become_integers() -> None:
    """One sample and a large matrix: there is little else to do."""
    start = {"W": np.ones((100, 100)), "V": np.ones((1, 100))}
    end = start | {"W": np.full((100, 100), 2.0)}
    space = parse_space("two-layer", 0, {name: array.shape for name, array in start.items()})
    data = Data(np.ones((1, 100)), np.ones((1, 1)))
    floats = converting([Extent(200, 100, 0, 1), Extent(2, 100, 0, 1)])
    assert hidden.summit(space, start, end, data, Budget()).t == 1
    with pytest.raises(Unusable, match="raise --effort"):
        hidden.summit(space, start, end, data, Budget(effort=Effort(floats - 1)))
