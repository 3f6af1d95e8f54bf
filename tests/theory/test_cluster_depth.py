"""T10U: its path by hand and on T10P, and what it refuses."""

from fractions import Fraction

import pytest

from theory.proof import Verdict
from theory.statements import cluster_depth, clusters

F = Fraction


def plus(value):
    return max(value, F(0))


def loss(rows, readouts, points, targets, lift=0, pair=(0, 1)):
    """With `lift` on V of the first neuron of `pair`, and a branch unit [z_j - z_i]_+ read with - lift."""
    total = F(0)
    for x, y in zip(points, targets, strict=True):
        z = [plus(sum(F(a) * b for a, b in zip(row, x, strict=True))) for row in rows]
        j, i = pair
        f = sum(F(v) * one for v, one in zip(readouts, z, strict=True)) + lift * (z[j] - plus(z[j] - z[i]))
        total += (f - y) ** 2
    return total / len(points)


def test_proved():
    assert all(proof().verdict is Verdict.PROVED for proof in cluster_depth.PROOFS)


@pytest.mark.parametrize("width", [2, 3, 4])
def test_T10P_is_one_of_its_networks(width):
    """Its prices are attained at several pairs; the plane's way to 0 is T10P's own direction (56, 40, 1)/50."""
    family = clusters.parabola(width)
    ones = [1] * width
    found = cluster_depth.escape(family.rows, ones, family.points, family.targets)
    assert (found.depth, found.neuron, found.owner, found.point) == (family.depth, 0, 1, 7)
    assert found.direction == tuple(F(value, 50) for value in clusters.PUSH)
    pair = (found.neuron, found.owner)

    def at(time):
        rows = [list(map(F, row)) for row in family.rows]
        rows[found.neuron] = [a + time * b for a, b in zip(rows[found.neuron], found.direction, strict=True)]
        return loss(rows, ones, family.points, family.targets, found.lift, pair)

    assert at(F(0)) == 1
    assert at(F(1)) == 1 + family.depth
    assert max(at(k * found.end / 20) for k in range(21)) <= 1 + family.depth
    assert at(found.end) == 1 - found.gained < 1


LINE = ([(1, -1), (-1, 1)], [1, 1], [(2, 1), (3, 1), (1, 2), (1, 3)])
"""Planes fit their clusters; the least price is that of (1, 2) to the first neuron, or its mirror image."""


def test_by_hand_what_the_point_misses_must_exceed_the_price():
    """G_1^{-1} = ((8, -20), (-20, 52)): at (1, 2) u.x = -1 and x^T G^{-1} x = 136, the least price; no miss."""
    rows, readouts, points = LINE
    with pytest.raises(ValueError, match="alone on its line, that misses its target by more than the price"):
        cluster_depth.escape(rows, readouts, points, [1, 2, 1, 2])


def test_a_second_point_on_the_line_of_x_is_refused():
    """Every point twice: T10 stands, the new neuron is read at two points."""
    family = clusters.parabola(2)
    with pytest.raises(ValueError, match="alone on its line"):
        cluster_depth.escape(family.rows, [1, 1], family.points * 2, family.targets * 2)


def test_without_the_branch_the_way_beyond_x_is_no_way_down():
    """Known answer: V lifted without the unit that takes it back is read at own points."""
    family = clusters.parabola(2)
    found = cluster_depth.escape(family.rows, [1, 1], family.points, family.targets)
    lifted = loss(family.rows, [1 + found.lift, 1], family.points, family.targets)
    assert lifted > 1 + family.depth
