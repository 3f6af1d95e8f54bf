"""T7S: C7's live bound with m - r for m."""

from fractions import Fraction

import pytest

from theory.proof import Verdict
from theory.statements import one_slot_streams
from theory.statements.one_slot_streams import depth_upper

F = Fraction


def test_proved():
    assert all(proof().verdict is Verdict.PROVED for proof in one_slot_streams.PROOFS)


def test_the_bound_by_hand():
    """L = 4, sigma = 1, S = 3, m - r = 6: 2 * 2 * (1/2) + 1/4; without readers m = 8 does."""
    assert depth_upper(loss=4, sigma=1, mass=3, width=8, readers=2) == F(9, 4)
    assert depth_upper(loss=4, sigma=1, mass=4, width=8, readers=0) == F(9, 4)
    with pytest.raises(ValueError, match="T7S needs r < m, got r = 2, m = 2"):
        depth_upper(loss=1, sigma=1, mass=1, width=2, readers=2)
