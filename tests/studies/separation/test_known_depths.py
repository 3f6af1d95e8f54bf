"""Valleys of every width whose depth is known: by hand at small widths, by the checker, and against other ways out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path as FilePath

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checker.check import check
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.maxima.search import TOLERANCE
from numerics.networks import Branch, Layer, Network, Parallel, Residual, TwoLayer
from numerics.networks.forward import outputs
from numerics.paths import Kind, Path, Segment
from numerics.paths.certificate import certificate_bytes
from numerics.questions.floor import floor
from numerics.studies.separation.claims import maximum_over
from numerics.studies.separation.depth_rows import PARABOLAS, SINGLES, effects, exponent_rows, known
from numerics.studies.separation.known_depths import parabola, singles_and_pairs


def climb(path: Path, data: Data) -> Fraction:
    """How far the path climbs, exactly."""
    return maximum_over(path, data, budget=1 << 30).attained - exact_losses([path.start], Problem(data))[0]


def test_two_singles_by_hand() -> None:
    """T8b at m = 2: f fits all but the last point, target -4; emptying a neuron costs 2/6, and 2/6 is left."""
    path, data = singles_and_pairs(2)
    assert data.X.tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert data.Y[:, 0].tolist() == [1, 1, 1, 1, 0, -4]
    losses = exact_losses([path.start, path.end], Problem(data))
    assert losses == [Fraction(16, 6), Fraction(2, 6)]
    assert climb(path, data) == Fraction(1, 3) == min(effects(path.start, data))


def test_one_single_by_hand() -> None:
    """T8b at m = 1: f(1, 0) = 1 twice and 0 at (0, 1), target -2: 4/3, over 2."""
    path, data = singles_and_pairs(1)
    assert exact_losses([path.start, path.end], Problem(data)) == [Fraction(4, 3), Fraction(2, 3)]
    assert climb(path, data) == Fraction(2, 3)


@pytest.mark.parametrize("kind", list(PARABOLAS))
def test_two_parabolas_by_hand(kind: str) -> None:
    """Known answer 30: loss 1, depth 3/200, at s = 1/50; without the branch the end has 1 + (300 s^2 + e^2 - 2e)/8."""
    path, data = parabola(2, kind)
    maximum = maximum_over(path, data, budget=1 << 30)
    assert exact_losses([path.start], Problem(data)) == [1]
    assert (maximum.attained, maximum.at) == (1 + Fraction(3, 200), (0, Fraction(128, 175)))
    s, seen = Fraction(7, 256), 75 * Fraction(7, 256) - Fraction(3, 2)
    more = seen * (1 if kind == "two-layer" else Fraction(5, 4))  # and MORE min(z_0, z_1)
    assert exact_losses([path.end], Problem(data)) == [1 + (300 * s**2 + more**2 - 2 * more) / 8]


@pytest.mark.parametrize("kind", ["parallel", "residual", "stream"])
def test_the_branch_is_live(kind: str) -> None:
    """Without it the network is another one where two neurons are active; in PARALLEL on every cluster too."""
    path, data = parabola(2, kind)
    both = Data(np.array([[0.5, -1.0]]), np.zeros((1, 1)))
    silent = {name: 0 * array for name, array in path.start.parameters().items() if name.endswith("U")}
    ends = exact_losses([path.start, path.start.replace(silent)], Problem(both))
    assert ends[0] != ends[1]
    own = exact_losses([path.start, path.start.replace(silent)], Problem(data))
    assert (own[0] != own[1]) == (kind == "parallel")


@pytest.mark.parametrize(
    "one", [one for one in known() if one.claim.path.start.width <= 16], ids=lambda one: one.claim.stem
)
def test_the_checker_proves_each(one, tmp_path: FilePath) -> None:
    """The depth that theory says, exactly; the finder's path and the checker's bound meet."""
    claim = one.claim
    maximum = maximum_over(claim.path, claim.data, budget=1 << 30)
    content = certificate_bytes(
        claim.path, maximum, maximum.claim(TOLERANCE), claim.data, question="valley", route="separate"
    )
    (tmp_path / "a.cert").write_bytes(content)
    np.savez(tmp_path / "d.npz", X=claim.data.X, Y=claim.data.Y)
    report = check(tmp_path / "a.cert", str(tmp_path / "d.npz")).to_json()
    assert report["verdict"] == "PROVED", report["refused"]
    assert Fraction(report["depth"]["exact"]) == one.depth


def test_the_widths_of_the_table() -> None:
    """T8b from 1 to 64, T10P from 2 to 64 without a branch and with one; no parabola of width 1."""
    assert (SINGLES[0], SINGLES[-1]) == (1, 64)
    assert all((widths[0], widths[-1]) == (2, 64) for widths in PARABOLAS.values())
    with pytest.raises(InputError, match="widths 2 and more"):
        parabola(1, "two-layer")


def test_the_exponent_is_bracketed() -> None:
    """rho_1 = rho_2 = 1/2, rho_3 = 0.3435, and above 1/4 - 1/(2 pi) = 0.0908 at every width, depths of order m^-2."""
    rows = {row["width"]: row for row in exponent_rows()}
    assert rows[1]["ratio"]["exact"] == rows[2]["ratio"]["exact"] == "1/2"
    assert (
        Fraction(rows[3]["ratio"]["lower"])
        < Fraction(3435, 10000)
        < Fraction(rows[3]["ratio"]["upper"]) + Fraction(1, 10**4)
    )
    for row in rows.values():
        assert Fraction(row["ratio"]["lower"]) > Fraction(908, 10000)
        assert 0 < Fraction(row["depth"]["lower"]) <= Fraction(row["depth"]["upper"])


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (singles_and_pairs(2)[0].start, "strict signs"),
        (TwoLayer(W=np.ones((2, 3)), V=np.ones((1, 2)), bias=True), "one neuron a point"),
        (TwoLayer(W=np.ones((2, 3)), V=np.ones((2, 2)), bias=True), "one output"),
        (TwoLayer(W=np.ones((2, 3)), V=np.ones((1, 2)), c=np.zeros(1), bias=True), "biases after the first layer"),
    ],
)
def test_no_floor_without_the_hypotheses(network: Network, words: str) -> None:
    """None, and the reason in words."""
    data = singles_and_pairs(2)[1] if not network.bias else Data(np.ones((3, 2)), np.ones((3, network.outputs)))
    found = floor(network, data)
    assert found.depth is None
    assert words in found.reason


@pytest.mark.parametrize("kind", list(PARABOLAS))
def test_the_floor_of_a_parabola(kind: str) -> None:
    """3/(100 m), whatever the branch; a little off the best plane there is none, and off the pattern neither."""
    path, data = parabola(3, kind)
    found = floor(path.start, data)
    assert found.depth == Fraction(1, 100)
    assert "neuron 0's plane" in found.reason
    assert "least-squares plane" in floor(path.start.replace({"V": path.start.V * (1 + 2.0**-30)}), data).reason
    assert "see point" in floor(path.end, data).reason


SMALL = st.integers(-6, 6).map(lambda k: k / 64)


@st.composite
def ways_out(draw: st.DrawFn) -> tuple[Path, Data, Fraction]:
    """A member of T10P's family with planes of any height, beside a branch; one row goes about where its price is paid,
    and a little further, other weights of W a little too; then V is refitted. And the floor of its depth.
    """
    width, kind = draw(st.integers(2, 3)), draw(st.sampled_from(["two-layer", "parallel", "residual"]))
    base, data = parabola(width, "two-layer")
    heights = np.array([draw(st.sampled_from([1.0, 2.0, -1.0])) for _ in range(width)])
    noise = np.array([draw(st.sampled_from([2.0, 4.0, -2.0, -4.0])) for _ in range(width)])
    pattern = np.tile([1.0, -1.0, -1.0, 1.0], width)
    Y = np.repeat(heights, 4) * (data.Y[:, 0] - pattern) + np.repeat(noise, 4) * pattern
    data, W = Data(data.X, Y[:, None]), base.start.W
    A = np.array([[draw(SMALL) for _ in range(width)] for _ in range(2)])
    start: Network = TwoLayer(W=W, V=heights[None, :], bias=True)
    if kind == "parallel":
        U = np.array([[draw(SMALL), draw(SMALL)]])
        start = Parallel(W=W, V=heights[None, :] - U @ np.maximum(A, 0), branch=Branch((Layer(A),)), U=U, bias=True)
    if kind == "residual":
        start = Residual(W=W, V=heights[None, :], branch=Branch((Layer(A),)), U=np.zeros((width, 2)), bias=True)
    found = floor(start, data)
    assert found.depth is not None
    moved, j = W.copy(), draw(st.integers(0, width - 1))
    seen = np.column_stack([data.X, np.ones(len(Y))])
    inverse = np.linalg.inv(seen[4 * j : 4 * j + 4].T @ seen[4 * j : 4 * j + 4])
    prices = (seen @ W[j]) ** 2 / ((seen @ inverse) * seen).sum(axis=1)
    x = seen[np.argsort(prices)[draw(st.integers(0, 1))]]  # a cheap way out
    step = inverse @ x
    moved[j] -= draw(st.sampled_from([1.125, 1.25, 1.5])) * (W[j] @ x) / (step @ x) * step
    moved[j] = np.round(moved[j] * 256) / 256
    if draw(st.integers(0, 3)) == 0:
        moved += np.array([[draw(SMALL) for _ in range(3)] for _ in range(width)])
    end = start.replace({"W": moved})
    z = np.maximum(seen @ moved.T, 0)
    V = start.V + np.linalg.lstsq(z, data.Y - outputs(end, data.X), rcond=None)[0].T
    path = Path(start, (Segment(Kind.HIDDEN, start, end), Segment(Kind.READOUT, end, end.replace({"V": V}))))
    return path, data, found.depth


@given(ways_out())
@settings(max_examples=60, deadline=None)
def test_no_way_to_a_better_point_climbs_less_than_the_floor(case: tuple[Path, Data, Fraction]) -> None:
    """The exact maximum of each, wherever it ends below the start."""
    path, data, depth = case
    losses = exact_losses([path.start, *(segment.end for segment in path.segments)], Problem(data))
    if min(losses[1:]) < losses[0]:
        assert climb(path, data) >= depth
