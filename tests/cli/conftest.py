"""One folder of tiny networks for all tests of the command line."""

import numpy as np
import pytest

from support.command_cases import connect_arguments, deep, depth_arguments, fitted, write
from support.command_line import skipscape


@pytest.fixture(scope="session")
def case(tmp_path_factory):
    """A folder with two deep networks, two references (a good and a bad one), data, and two certificates."""
    folder = tmp_path_factory.mktemp("case")
    draw = np.random.default_rng(7)
    X = draw.integers(-8, 9, (12, 2)) / 4
    Y = np.stack([np.abs(X[:, 0]) - X[:, 1], X[:, 0] * X[:, 1] / 2], axis=1)
    write(folder / "data.npz", {"X": X, "Y": Y})
    write(folder / "other.npz", {"X": X, "Y": Y + 1})
    write(folder / "A.npz", deep(1, X, Y))
    write(folder / "B.npz", deep(2, X, Y))
    W = draw.integers(-8, 9, (3, 3)) / 8
    two_layer = {"class": "two-layer", "bias": 1, "W": W}
    write(folder / "bad.npz", {**two_layer, "V": np.zeros((2, 3)) + 8, "c": np.zeros(2)})
    good = np.random.default_rng(3).integers(-8, 9, (7, 3)) / 8
    write(folder / "good.npz", {**two_layer, "W": good, "V": fitted(good, X, Y), "c": np.zeros(2)})
    worse = {**deep(1, X, Y), "V": np.zeros((2, 8)) + 0.5}
    write(folder / "worse.npz", worse)
    made = skipscape(*connect_arguments(folder), "--out", folder / "connect.cert", "--json")
    (folder / "connect.json").write_text(made.out)
    made = skipscape(*depth_arguments(folder), "--out", folder / "depth.cert", "--json")
    (folder / "depth.json").write_text(made.out)
    return folder


@pytest.fixture(autouse=True)
def near(case, checker_nearby):
    """`case` is made, and the tests in processes of their own are answered, by the real checker."""
