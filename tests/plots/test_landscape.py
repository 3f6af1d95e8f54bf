"""A slice through both ends and a corner: where things lie on it, and that it is said to prove nothing."""

from __future__ import annotations

import json
from pathlib import Path as FilePath

import numpy as np
import pytest

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Path, mixed, polygon
from numerics.plots.landscape import landscape, landscape_file
from support.command_line import skipscape
from support.example_files import write_examples

DATA = Problem(Data(np.array([[1.0], [2.0]]), np.array([[1.0], [1.0]])))


def net(w: float, v: float) -> TwoLayer:
    """`f(x) = v [w x]_+`."""
    return TwoLayer(W=np.array([[w]]), V=np.array([[v]]))


def test_everything_is_where_it_belongs() -> None:
    """In a parameter space of two dimensions the plane is all: ends, corners, losses at grid points."""
    path = polygon((net(0.0, 0.0), net(0.0, 2.0), net(4.0, 2.0), net(4.0, 0.0)))
    found = landscape(path, DATA, grid=5)
    assert np.array(found.corners) == pytest.approx(np.array([(0.0, 0.0), (0.0, 0.5), (1.0, 0.5), (1.0, 0.0)]))
    assert found.chosen == 1
    assert found.away == pytest.approx(0.0, abs=1e-15)
    assert (found.x[0], found.x[-1]) == pytest.approx((-0.2, 1.2))
    for j, up in enumerate(found.y):
        for i, along in enumerate(found.x):
            assert found.losses[j, i] == pytest.approx(float_loss(net(4.0 * along, 4.0 * up), DATA))
    assert found.highest == pytest.approx(max(float_loss(one, DATA) for one in path.corners))


def test_what_leaves_the_plane_is_said_how_far() -> None:
    """Two neurons: a second corner lies half the ends' distance outside."""
    start = TwoLayer(W=np.array([[0.0], [0.0]]), V=np.array([[0.0, 0.0]]))
    moved = ({"W": np.array([[0.0], [3.0]])}, {"V": np.array([[0.0, 1.0]])}, {"V": np.array([[2.0, 0.0]])})
    path = polygon((start, *(start.replace(one) for one in moved)))
    found = landscape(path, DATA, grid=3)
    assert found.chosen == 1
    assert found.away == pytest.approx(0.5)
    assert found.corners[2] == pytest.approx((0.0, 0.0))


def test_without_a_corner_beside_the_line_there_is_no_plane() -> None:
    """One sentence."""
    start, end = net(0.0, 1.0), net(1.0, 3.0)
    for path in (polygon((start, end)), polygon((start, mixed(start, end, 0.5), end))):
        with pytest.raises(InputError, match="straight line"):
            landscape(path, DATA)
    for path in (Path(start), polygon((start, end, start))):
        with pytest.raises(InputError, match="same parameter"):
            landscape(path, DATA)


@pytest.mark.parametrize("ending", [".png", ".svg", ".html"])
def test_losses_of_any_size_are_drawn(ending: str) -> None:
    """Overflow has the last colour, 0 has a place; the picture says that it is a float one."""
    large = polygon((net(0.0, 0.0), net(0.0, 1e100), net(1e100, 1e100), net(1e100, 0.0)))
    small = polygon((net(0.0, 0.0), net(0.0, 1e-3), net(1e-3, 1e-3), net(1e-3, 0.0)))
    for path in (large, small):
        content = landscape_file(landscape(path, DATA, grid=4), ending, "a $name", "PROVED", "claim")
        assert content
        if ending != ".png":
            assert b"float64" in content
            assert b"prove nothing" in content


def test_the_command_says_that_it_proves_nothing(tmp_path: FilePath, monkeypatch, checker_nearby: None) -> None:
    """The verdict is the checker's; the picture's words go with it."""
    write_examples(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert skipscape("certify", "A.npz", "M.npz", "B.npz", "--data", "train.npz", "--out", "path.cert").status == 0
    ran = skipscape("plot", "path.cert", "--data", "train.npz", "--landscape", "--out", "plane.png", "--json")
    assert ran.status == 0, ran.err
    answer = json.loads(ran.out)
    assert (answer["verdict"], answer["picture"]) == ("PROVED", "plane.png"), answer["notes"]
    assert "prove nothing" in answer["notes"][0]
    assert (tmp_path / "plane.png").read_bytes()[:4] == b"\x89PNG"
