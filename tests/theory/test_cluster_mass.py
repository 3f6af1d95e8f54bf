"""T10K: by hand, where its bound is 0, and T10P at small kappa."""

from fractions import Fraction

import pytest

from theory.proof import Verdict
from theory.statements import cluster_mass, clusters

F = Fraction
ROWS, POINTS = [(3, -4), (-4, 3)], [(2, 1), (3, 1), (1, 2), (1, 3)]
"""Rows of length 5; each sees two of the points."""


def test_proved():
    assert all(proof().verdict is Verdict.PROVED for proof in cluster_mass.PROOFS)


def targets(height, kappa):
    """y = u.x + (kappa/2) (G^{-1} g).x on cluster 1, u = height (3, -4), g = u/||u||; cluster 2 is its mirror image.

    G_1 = ((13, 5), (5, 2))/4, G_1^{-1} = ((8, -20), (-20, 52)).
    """
    g = (F(3, 5), F(-4, 5)) if height > 0 else (F(-3, 5), F(4, 5))
    pull = (8 * g[0] - 20 * g[1], -20 * g[0] + 52 * g[1])
    own = [
        height * (3 * a - 4 * b) + F(kappa) / 2 * (pull[0] * a + pull[1] * b) for a, b in ((F(2), F(1)), (F(3), F(1)))
    ]
    return own * 2


@pytest.mark.parametrize("height", [1, -1, 2])
def test_by_hand(height):
    """Prices (u.x)^2/(x^T G^{-1} x) at (2, 1), (3, 1), (1, 2), (1, 3): 4/4, 25/4, 25/136, 81/356, times height^2."""
    found = cluster_mass.penalised_depth(ROWS, [height, height], POINTS, targets(height, F(1, 10)), F(1, 10))
    assert (found.price, found.neuron, found.point) == (height**2 * F(25, 136), 0, 2)


def test_another_kappa_has_another_minimiser():
    y = targets(1, F(1, 10))
    with pytest.raises(ValueError, match="neuron 0's is not"):
        cluster_mass.penalised_depth(ROWS, [1, 1], POINTS, y, F(1, 5))
    with pytest.raises(ValueError, match="kappa > 0"):
        cluster_mass.penalised_depth(ROWS, [1, 1], POINTS, y, 0)
    with pytest.raises(ValueError, match="one neuron a point"):
        cluster_mass.penalised_depth([ROWS[0], ROWS[0]], [1, 1], POINTS, y, F(1, 10))


def test_where_a_plane_is_0_the_bound_is_0():
    """Large kappa: u^_j = 0 is the minimiser, the rows may be any, and nothing is said (the blueprint's "positive")."""
    found = cluster_mass.penalised_depth(ROWS, [0, 0], POINTS, [F(1), F(1), F(1), F(1)], F(100))
    assert found.price == 0


def test_a_slope_of_the_norm():
    slope = cluster_mass.is_slope_of_the_norm
    assert slope([F(3, 5), F(4, 5)], [3, 4])
    assert not slope([F(3, 5), F(4, 5)], [4, 3])
    assert not slope([F(-3, 5), F(-4, 5)], [3, 4])
    assert slope([F(1, 2), F(1, 2)], [0, 0])
    assert not slope([F(1), F(1, 10)], [0, 0])


def test_T10P_keeps_a_valley_at_small_kappa():
    """kappa = 1/10000, minimisers by Newton's method in floats: the closed form is the blueprint's delta m = 0.0294."""
    import numpy as np

    kappa, family = 1e-4, clusters.parabola(2)
    X = np.array([[float(v) for v in x] for x in family.points])
    y = np.array([float(v) for v in family.targets])
    least = []
    for j, row in enumerate(family.rows):
        own, target = X[4 * j : 4 * j + 4], y[4 * j : 4 * j + 4]
        G, u = own.T @ own / 8, np.array(row, dtype=float)
        for _ in range(30):
            size = float(np.linalg.norm(u))
            slope = 2 * (G @ u - own.T @ target / 8) + kappa * u / size
            bend = 2 * G + kappa * (np.eye(3) / size - np.outer(u, u) / size**3)
            u = u - np.linalg.solve(bend, slope)
        assert (np.sign(X @ u) == np.where(np.arange(8) // 4 == j, 1, -1)).all()
        least.append(min((u @ x) ** 2 / (x @ np.linalg.solve(G, x)) for x in X))
    assert abs(2 * min(least) - 0.0294) < 1e-4
