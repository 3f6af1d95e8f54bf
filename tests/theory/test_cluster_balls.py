"""T10B: its closed form by hand, places of every width, and what it refuses."""

from fractions import Fraction

import pytest

from theory.proof import Verdict
from theory.statements import cluster_balls

F = Fraction


def test_proved():
    assert all(proof().verdict is Verdict.PROVED for proof in cluster_balls.PROOFS)


def test_known_answer_34():
    """1/35 at no angle; at a right angle 1/5 + 1/35 - 1/56 along (b + c)/sqrt 2, of which 9/70 is the least share."""
    left = cluster_balls.remaining_variance
    assert left(plane=1, bend=1, along=1, b=0, c=0) == F(1, 35)
    assert left(plane=1, bend=1, along=0, b=1, c=0) == F(1, 5) + F(1, 35)
    assert left(plane=1, bend=1, along=0, b=F(1, 2), c=1) == F(1, 5) + F(1, 35) - F(1, 56)  # bc = 1/2, as there
    steepest = left(plane=1, bend=2, along=0, b=F(1, 2), c=1)
    assert steepest - F(4, 35) == F(1, 5) - F(1, 14) == cluster_balls.SHARE


def places(width):
    return (
        [(2 * j, -1, F(1, 2) - j * j) for j in range(1, width + 1)],
        [(j, j * j, 1) for j in range(1, width + 1)],
    )


@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_places_of_every_width(width):
    """w_i.p_j = 1/2 - (i - j)^2."""
    rows, centres = places(width)
    radius = F(1, 16 * width * width)
    found = cluster_balls.ball_depth(rows, centres, radius=radius, alpha=1, masses=[F(1, width)] * width)
    assert 0 < found < F(1, 1000)
    twice = cluster_balls.ball_depth(rows, centres, radius=radius, alpha=2, masses=[F(1, width)] * width)
    assert abs(twice / found - 4) < F(1, 10**6)


def test_one_ball_by_hand():
    """w = (1, 0, 0), p = (1, 0, 0), a = 1/2: the least sine is that of 90 - 30 degrees, 3/4 in squares."""
    found = cluster_balls.ball_depth([(1, 0, 0)], [(1, 0, 0)], radius=F(1, 2), alpha=1, masses=[1])
    assert abs(found - F(9, 70) * F(1, 4) * F(3, 4)) < F(1, 10**9)
    assert found <= F(9, 70) * F(1, 4) * F(3, 4)


def test_a_ball_across_a_plane_is_refused():
    rows, centres = places(2)
    with pytest.raises(ValueError, match="ball 0 on one side of neuron 0's plane"):
        cluster_balls.ball_depth(rows, centres, radius=F(1, 4), alpha=1, masses=[F(1, 2)] * 2)
