"""Forged valleys of T8a and T10: each hypothesis broken, every digest right; both checkers refuse, and accept the twin.

The twins: `support.honest.clusters` and `singles` at fixed seeds, and T10P and T8b as they stand in the blueprint.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.checker.check import check
from support import honest_paths, second_checker
from support.certificates import Forge, text


def parabola(kind: str = "two-layer", **changes: Any) -> Forge:
    """T10P at width 2, depth 3/200: x, y as in known answer 30."""
    corners = [(j, s, t) for j in range(2) for s in (1, -1) for t in (1, -1)]
    x = np.array([[j + s / 8, j * j + j * s / 4 + t / 8] for j, s, t in corners])
    y = np.array([[1 - t / 2 + s * t] for _, s, t in corners])
    start = {"W": np.array([[0.0, -4.0, 1.0], [8.0, -4.0, -3.0]]), "V": np.ones((1, 2))}
    prefix = "blocks.0." if kind == "stream" else ""
    if kind != "two-layer":
        start[f"{prefix}A"] = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0]])
        alive = np.array([[0.125, -0.125, -0.125]])
        start[f"{prefix}U"] = alive if kind == "parallel" else np.vstack([alive, 0 * alive])
    row = start["W"][[0]] + 7 / 256 * np.array([[56.0, 40.0, 1.0]])
    segments = [("hidden", {"W": ([0], row)})]
    return Forge(kind, 1, start | changes, x, y, segments, question="valley", peak=(0, Fraction(128, 175)))


def sharp(width: int = 3, **changes: Any) -> Forge:
    """T8b, weights 1/N: depth 2/N."""
    units = np.eye(width + 1)
    points = [(units[i], 1.0) for i in range(width) for _ in range(2)]
    points += [(units[i] + units[k], 0.0) for i in range(width) for k in range(i)] + [(units[width], -2.0)]
    start = {"W": 2 * units[:width] - np.array([1.0] * width + [0.0]), "V": np.ones((1, width))}
    return emptying(start | changes, points)


def emptying(start: dict[str, np.ndarray], points: list[tuple[np.ndarray, float]], slot: int = 0) -> Forge:
    """The slot is emptied, reads the last input and takes its target."""
    x, y = np.array([x for x, _ in points]), np.array([[y] for _, y in points])
    emptied, read = start["V"].copy(), start["V"].copy()
    emptied[0, slot], read[0, slot] = 0.0, y[-1, 0]
    segments = [
        ("readout", {"V": ("all", emptied)}),
        ("silent", {"W": ([slot], x[-1:])}),
        ("readout", {"V": ("all", read)}),
    ]
    return Forge("two-layer", 0, start, x, y, segments, question="valley")


def said(forge: Forge, folder: Path, change: Any = None) -> tuple[str, dict[str, Any], str]:
    """The checker's verdict and report, and the second checker's reason."""
    cert, data = forge.write(folder / "path.cert", change), forge.write_data(folder / "data.npz")
    report = check(cert, str(data))
    second = second_checker.check(cert.read_bytes(), forge.x, forge.y)
    return report.verdict, report.to_json(), second.reason


def accepted(forge: Forge, folder: Path) -> dict[str, Any]:
    verdict, report, reason = said(forge, folder)
    assert (verdict, reason) == ("PROVED", "accepted"), report["refused"]
    return report


def refused(forge: Forge, folder: Path, change: Any = None) -> str:
    """Why; and where it is for a hypothesis, the same path as an escape has no floor."""
    verdict, report, reason = said(forge, folder, change)
    assert verdict != "PROVED"
    assert reason != "accepted"
    why = str(report["refused"])
    if change is None and "not proved" not in why:
        assert said(replace(forge, question="escape"), folder)[1].get("floor") is None
    return why


def floor(forge: Forge, folder: Path) -> str:
    """What an escape along the same path, which climbs higher, has for the depth's lower bound."""
    report = accepted(replace(forge, question="escape"), folder)
    assert Fraction(report["climb"]["lower"]) > Fraction(report["floor"]["exact"])
    assert Fraction(report["depth"]["lower"]) <= Fraction(report["floor"]["exact"])
    assert report["depth"]["exact"] is None
    exact: str = report["floor"]["exact"]
    return exact


@pytest.mark.parametrize("kind", ["two-layer", "parallel", "residual", "stream"])
def test_the_parabola_has_its_depth_in_every_class(tmp_path: Path, kind: str) -> None:
    """3/200, with a branch that is live where two neurons are active and on the path's last part; said in words."""
    report = accepted(parabola(kind), tmp_path)
    assert report["depth"]["exact"] == "3/200"
    assert "(T10)" in report["claim"]


@pytest.mark.parametrize(("width", "depth"), [(1, "2/3"), (2, "1/3"), (3, "1/5")])
def test_singles_and_pairs_have_their_depth(tmp_path: Path, width: int, depth: str) -> None:
    """2/N; width 1 is a matter of cones too."""
    assert accepted(sharp(width), tmp_path)["depth"]["exact"] == depth


@pytest.mark.parametrize("seed", range(6))
def test_the_drawn_twins_are_accepted(tmp_path: Path, seed: int) -> None:
    """What `make forgeries` starts from."""
    rng = np.random.default_rng(seed)
    for make in (honest_paths.clusters, honest_paths.singles):
        accepted(replace(make(rng), question="valley"), tmp_path)


def test_a_neuron_that_sees_a_point_of_the_other_cluster_is_refused(tmp_path: Path) -> None:
    """Neuron 0 turned until it sees (7/8, 5/8) too: by the path's own end."""
    forge = parabola()
    late = {**forge.start, "W": np.array([[49 / 32, -93 / 32, 263 / 256], [8.0, -4.0, -3.0]])}
    late["W"][0] = forge.start["W"][0] + 0.0234375 * np.array([56.0, 40.0, 1.0])
    assert "see it" in refused(replace(forge, start=late, peak=None), tmp_path)


def test_a_turned_row_is_refused(tmp_path: Path) -> None:
    """A row with the other sign sees everything but its cluster."""
    forge = parabola()
    assert refused(parabola(W=forge.start["W"] * np.array([[1.0], [-1.0]])), tmp_path)


def with_point(forge: Forge, x: list[float], y: float) -> Forge:
    return replace(forge, x=np.vstack([forge.x, [x]]), y=np.vstack([forge.y, [[y]]]))


def test_points_off_the_pattern_are_refused(tmp_path: Path) -> None:
    """One that both neurons see, at its output; one at which a row is 0. One that nobody sees is C_0: accepted."""
    assert "see it" in refused(honest_paths.highest(with_point(parabola(), [0.5, -0.75], 8.0)), tmp_path)
    assert "w.x is 0" in refused(honest_paths.highest(with_point(parabola(), [0.0, 0.25], 0.0)), tmp_path)
    depth = Fraction(accepted(with_point(parabola(), [0.5, 4.0], 1.0), tmp_path)["depth"]["exact"])
    assert depth == Fraction(3, 200) * 8 / 9


def test_a_point_that_nobody_sees_has_its_price_too(tmp_path: Path) -> None:
    """Near the plane of neuron 0 it is a cheaper way out: the path's own climb is no longer the depth."""
    near = honest_paths.highest(with_point(parabola(), [0.5, 0.375], 8.0))
    assert "not proved" in refused(near, tmp_path)
    assert floor(near, tmp_path) == "1/234"  # (1/4) / ((9/4) (1 + 16 + 9))


def test_prices_at_the_points_of_other_clusters_count(tmp_path: Path) -> None:
    """The own points alone would cost 1/24; a path that climbs so high is not the lowest."""
    forge = parabola()
    tall = replace(forge, segments=[("readout", {"V": ("all", np.array([[1.5, 1.0]]))}), *forge.segments])
    tall.segments.insert(1, ("readout", {"V": ("all", np.ones((1, 2)))}))
    tall.peak = None
    assert Fraction(tall.maximum()["upper"]) > 1 + Fraction(1, 24)
    assert "not proved" in refused(tall, tmp_path)
    assert floor(tall, tmp_path) == "3/200"


@pytest.mark.parametrize("keep", [[0, 1, 4, 5, 6, 7], [0, 1, 2, 4, 5]])
def test_clusters_that_do_not_span_are_refused(tmp_path: Path, keep: list[int]) -> None:
    """Two points of three numbers each."""
    forge = parabola()
    # The targets that are left are the outputs: every plane is the best one.
    outputs = forge.y - np.array([[1.0], [-1.0], [-1.0], [1.0]] * 2)
    few = replace(forge, x=forge.x[keep], y=outputs[keep])
    few = with_point(few, [0.5, 8.0], -8.0)
    few.segments = [("hidden", {"W": ([0], np.array([[0.0, 1.0, -4.0]]))}), ("readout", {"V": ("all", [[-2.0, 1.0]])})]
    few.peak = None
    assert "span" in refused(honest_paths.highest(few), tmp_path)


def test_three_points_on_a_line_do_not_span(tmp_path: Path) -> None:
    """As many points as numbers, and a singular Gram matrix."""
    forge = parabola()
    line = forge.x.copy()
    line[:4] = [[-0.125, -0.125], [0.0, -0.125], [0.125, -0.125], [0.25, -0.125]]
    y = np.vstack([np.full((4, 1), 1.5), forge.y[4:]])
    assert "span" in refused(honest_paths.highest(replace(forge, x=line, y=y, peak=None)), tmp_path)


@pytest.mark.parametrize("scale", [1 + 2.0**-30, 0.5])
def test_a_plane_that_is_not_the_best_is_refused(tmp_path: Path, scale: float) -> None:
    """By however little: the start lies on a slope."""
    assert "least-squares" in refused(parabola(V=np.array([[scale, 1.0]])), tmp_path)


def test_a_branch_that_changes_a_plane_is_refused(tmp_path: Path) -> None:
    """Live on the pattern, where V does not make up for it."""
    off = parabola("parallel", A=np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 2.0]]))
    assert "least-squares" in refused(off, tmp_path)
    made_up = parabola("parallel", A=off.start["A"], V=np.array([[1.0, 1.125]]))
    assert accepted(made_up, tmp_path)["depth"]["exact"] == "3/200"


@pytest.mark.parametrize(
    ("kind", "name", "size"), [("parallel", "a", 3), ("residual", "a", 3), ("stream", "blocks.0.a", 3)]
)
def test_a_bias_in_the_branch_is_refused(tmp_path: Path, kind: str, name: str, size: int) -> None:
    """Even one that is 0 here: on another path it moves."""
    assert f"bias {name}" in refused(parabola(kind, **{name: np.zeros(size)}), tmp_path)
    accepted(parabola(kind), tmp_path)


def test_a_bias_of_a_second_layer_is_refused(tmp_path: Path) -> None:
    """b1, and the same branch without it."""
    deep = {"A": np.eye(2), "B1": np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0]])}
    accepted(parabola("parallel", **deep), tmp_path)
    assert "bias b1" in refused(parabola("parallel", **deep, b1=np.zeros(3)), tmp_path)


def test_an_output_bias_is_refused(tmp_path: Path) -> None:
    """Known answers 27 and 35: it opens both."""
    for forge in (parabola(c=np.zeros(1)), parabola("residual", c=np.zeros(1)), sharp(c=np.zeros(1))):
        assert "output bias" in refused(forge, tmp_path)


def test_a_regularised_loss_is_no_part_of_a_certificate(tmp_path: Path) -> None:
    """kappa, as a key or in the loss's name."""
    for change in (lambda said: said.update(kappa="1/100"), lambda said: said.update(loss="squared kappa 1/100")):
        for forge in (parabola(), sharp()):
            assert refused(forge, tmp_path, change)


@pytest.mark.parametrize("factor", [1 + Fraction(1, 10**9), 1 - Fraction(1, 10**9), Fraction(25, 9), Fraction(0)])
def test_another_price_is_refused(tmp_path: Path, factor: Fraction) -> None:
    """Over- or understated; 25/9 is what own points alone would cost."""

    def change(document: dict[str, Any]) -> None:
        start = Fraction(document["start"]["loss"])
        depth = Fraction(document["maximum"]["upper"]) - start
        document["maximum"] |= dict.fromkeys(("loss", "upper"), text(start + factor * depth))

    for forge in (parabola(), parabola("stream"), sharp()):
        refused(forge, tmp_path, change)


def test_a_readout_of_another_sign_or_zero_is_refused(tmp_path: Path) -> None:
    """A neuron read with V < 0 already, its data's targets turned; one read by nothing."""
    mixed = sharp(V=np.array([[1.0, -1.0, 1.0]]))
    mixed.y[2:4] = -1.0
    assert "one sign" in refused(mixed, tmp_path)
    # Of width 4, with a slot that is empty: it can take the last point at once.
    four = sharp(3)
    free = replace(
        four, start={"W": np.vstack([four.start["W"], np.ones((1, 4))]), "V": np.array([[1.0, 1.0, 1.0, 0.0]])}
    )
    free.segments = [
        ("readout", {"V": ("all", np.array([[0.0, 1.0, 1.0, 0.0]]))}),
        ("silent", {"W": ([0], four.x[-1:])}),
        ("readout", {"V": ("all", np.array([[-2.0, 1.0, 1.0, 0.0]]))}),
    ]
    assert "one sign" in refused(free, tmp_path)


def test_singles_and_pairs_beside_a_branch_are_refused(tmp_path: Path) -> None:
    """One unit removes this valley (known answer 32). At width 2 there are cones, and they say less."""
    for width, reason in ((2, "not proved"), (3, "beside a branch")):
        forge = sharp(width, A=np.zeros((1, width)), U=np.zeros((1, 1)))
        assert reason in refused(replace(forge, kind="parallel"), tmp_path)
        assert accepted(replace(forge, kind="parallel", question="escape"), tmp_path)["floor"] is None


def test_a_pair_that_is_missing_or_has_a_target_of_the_other_sign_is_refused(tmp_path: Path) -> None:
    """e_i + e_k is what keeps one neuron from serving both."""
    forge = sharp()
    kept = [k for k in range(len(forge.x)) if k != 7]
    assert "sum of two" in refused(replace(forge, x=forge.x[kept], y=forge.y[kept]), tmp_path)
    y = forge.y.copy()
    y[7] = 1.0  # output 0 there: the loss is more than it need be
    assert "must have" in refused(replace(forge, y=y), tmp_path)
    y[7] = -1.0  # 0 or below will do
    accepted(replace(forge, y=y), tmp_path)


def test_two_pairs_with_one_sum_are_refused(tmp_path: Path) -> None:
    """p_1 + p_4 = p_2 + p_3: its points would count twice."""
    p = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [-1, 1, 1, 0]])
    W = np.array([[1.0, -2, -2, 0], [-1, 1, -3, 0], [-1, -3, 1, 0], [-3, -1, -1, 0]])
    points = [(p[i], 1.0) for i in range(4)] + [(p[i] + p[k], 0.0) for i in range(4) for k in range(i)]
    forge = emptying({"W": W, "V": np.ones((1, 4))}, [*points, (np.eye(4)[3], -2.0)])
    assert forge.losses()[0] == Fraction(4, 11)  # it fits all points but the last
    assert "same sum" in refused(forge, tmp_path)
    assert accepted(replace(forge, question="escape"), tmp_path)["floor"] is None


def test_fewer_singles_than_neurons_are_refused(tmp_path: Path) -> None:
    """Two neurons share a point: one of them can go at no cost."""
    forge = sharp(2)
    W = np.vstack([forge.start["W"], forge.start["W"][:1]])
    shared = replace(forge, start={"W": W, "V": np.array([[0.5, 1.0, 0.5]])})
    shared.segments = [
        ("readout", {"V": ("all", np.array([[0.0, 1.0, 0.5]]))}),
        ("silent", {"W": ([0], forge.x[-1:])}),
        ("readout", {"V": ("all", np.array([[-2.0, 1.0, 0.5]]))}),
    ]
    assert "fewer than there are neurons" in refused(shared, tmp_path)


def test_a_start_that_misses_more_than_it_must_is_refused(tmp_path: Path) -> None:
    """V_j a little too small."""
    assert "must have" in refused(sharp(V=np.array([[1.0, 1.0 - 2.0**-30, 1.0]])), tmp_path)


def test_emptying_a_dearer_neuron_is_not_the_depth(tmp_path: Path) -> None:
    """Three copies of e_1: neuron 1 costs 3/N, neuron 0 2/N."""
    forge = sharp()
    points = [(forge.x[2], 1.0), *((x, float(y[0])) for x, y in zip(forge.x, forge.y, strict=True))]
    assert "not proved" in refused(emptying(forge.start, points, slot=1), tmp_path)
    assert accepted(emptying(forge.start, points, slot=0), tmp_path)["depth"]["exact"] == "2/11"


def test_pairs_that_weigh_too_little_are_not_the_depth(tmp_path: Path) -> None:
    """Four copies of each single and one of each pair: one neuron between two costs less than a whole one."""
    forge = sharp(2)
    points = [(x, float(y[0])) for x, y in zip(forge.x, forge.y, strict=True)]
    heavy = emptying(forge.start, [*points[:4], *points[:4], *points[4:-1], (forge.x[-1], -4.0)])
    assert "not proved" in refused(heavy, tmp_path)
    assert floor(heavy, tmp_path) == "1/5"
