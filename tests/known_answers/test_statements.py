"""Cases 1, 2, 8, 9, 14, 15 and 16 of the blueprint's section 5, by exact equality."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy

from numerics.checker.check import check
from numerics.checks.states import State, mean_square
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.maxima.corners import corner_maximum
from numerics.moves.mass import sigma_squared
from numerics.networks import Branch, Layer, Residual, TwoLayer
from numerics.paths.certificate import certificate_bytes
from numerics.questions.enclose import certify
from numerics.studies.separation.skip_valleys import SIGNS, one_neuron, two_neurons
from theory.statements import merging, moment, pairing, sphere

ONE = np.ones((1, 1))
PI = sympy.pi


@pytest.mark.parametrize(("u", "v", "left", "right"), [(3, -2, 13, 25), (3, 1, 4, 4)])
def test_case_1_the_mirrored_features(u: int, v: int, left: int, right: int) -> None:
    """L1c."""
    assert (max(u, 0) - max(v, 0)) ** 2 + (max(-u, 0) - max(-v, 0)) ** 2 == left <= right == (u - v) ** 2


def test_case_2_sigma_is_attained_and_the_symmetric_factor_refused() -> None:
    """L2: X = +1, -1 seen as (x, 1): sigma = 1, a = (0, 1), b = 0, the norm is 1."""
    data = Data(np.array([[1.0], [-1.0]]), np.zeros((2, 1)))
    sigma = sigma_squared(data, bias=True)
    assert (sigma.lower, sigma.upper) == (1, 1)
    assert mean_square(State.of(TwoLayer(W=np.array([[0.0, 1.0]]), V=ONE, bias=True), data).features) == 1
    with pytest.raises(ValueError, match="symmetric"):
        moment.symmetric_bound(1, 1, [[Fraction(1)], [Fraction(-1)]], first_layer_bias=True)


@pytest.mark.parametrize(
    ("d", "phi", "count"),
    [(2, 2 * PI / 3, 4), (2, PI / 2, 6), (2, PI / 3, 14), (1, 1, 6), (1, 2 * PI / 5, 5), (3, PI / 3, 34)],
)
def test_case_8_packing_numbers(d: int, phi: sympy.Expr, count: int) -> None:
    """L5."""
    assert sphere.packing_number(d, phi) == count


def test_case_9_the_routes_closed_forms() -> None:
    """d = 2, m = 1000, l = 10, sigma = S = 1."""
    sizes = {"sigma": 1, "mass": 1, "width": 1000, "neurons": 10}
    expected = {
        "R1": 2 * sympy.sqrt(sympy.Rational(11, 250)),
        "R2": 2 * sympy.sqrt(sympy.Rational(4, 991)),
        "R3": sympy.Rational(3, 100) * sympy.sqrt(sympy.Rational(12, 1000)),
        "R4": sympy.Rational(1, 100),
    }
    for route, value in expected.items():
        assert sympy.simplify(merging.bound(route, dimension=2, **sizes) - value) == 0
    assert sympy.simplify(pairing.bound(silent_branch=True, **sizes) - 2 * sympy.sqrt(10) / 981) == 0


def test_case_14_what_61_points_see() -> None:
    """f = 7t - (7/6) [7t - 1]_+ in fractions: 14161/14400 on the grid, 1 at 1/7 and nowhere more."""

    def loss(t: Fraction) -> Fraction:
        return (7 * t - Fraction(7, 6) * max(7 * t - 1, Fraction(0))) ** 2

    assert max(loss(Fraction(k, 60)) for k in range(61)) == Fraction(14161, 14400)
    assert [loss(t) for t in (Fraction(0), Fraction(1, 7), Fraction(1))] == [0, 1, 0]  # linear between these


def test_case_15_is_enclosed_around_its_maximum(tmp_path: Path) -> None:
    """General: 625/64 at t = 3/8 is attained exactly, the bound is above it, and the checker agrees."""
    start = Residual(W=ONE, V=2 * ONE, branch=Branch((Layer(0 * ONE),)), U=ONE)
    data = Data(ONE, 0 * ONE)
    found = certify([start, start.replace({"V": 0 * ONE, "A": 4 * ONE})], Problem(data))
    assert (found.maximum.attained, found.maximum.at) == (Fraction(625, 64), (0, Fraction(3, 8)))
    upper = found.maximum.upper
    assert upper is not None
    assert Fraction(625, 64) <= upper <= Fraction(625, 64) * (1 + Fraction(1, 10**6))
    (tmp_path / "path.cert").write_bytes(found.certificate(upper))
    np.savez(tmp_path / "data.npz", X=data.X, Y=data.Y)
    assert check(tmp_path / "path.cert", str(tmp_path / "data.npz")).verdict == "PROVED"


def test_case_16_depth_one_half_with_one_neuron_and_none_with_two(tmp_path: Path) -> None:
    """Not only at most: the checker proves that no path climbs less (question `valley`), which is false at m = 2."""
    np.savez(tmp_path / "data.npz", X=SIGNS.X, Y=SIGNS.Y)
    for path, question, depth in ((one_neuron(), "valley", "1/2"), (two_neurons(), "escape", "0/1")):
        found = corner_maximum(path, Problem(SIGNS))
        certificate = certificate_bytes(path, found, found.maximum, SIGNS, question=question, route="by hand")
        (tmp_path / "path.cert").write_bytes(certificate)
        report = check(tmp_path / "path.cert", str(tmp_path / "data.npz"))
        assert report.verdict == "PROVED"
        assert report.to_json()["depth"]["exact"] == depth
        assert found.losses[0].exact == 2
