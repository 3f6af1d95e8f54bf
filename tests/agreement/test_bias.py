"""A W that is one column short or long for the data: both programs say what D has to do with the bias."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.checker.check import check
from numerics.errors import InputError
from numerics.networks.classes import network_of
from numerics.networks.files import network_from
from numerics.networks.two_layer import TwoLayer
from support.command_line import skipscape

BRANCH = {"A": np.ones((2, 3)), "U": np.ones((2, 2))}
STREAM = {"blocks.0.A": np.ones((2, 3)), "blocks.0.U": np.ones((3, 2))}
CLASSES: dict[str, dict[str, Any]] = {
    "two-layer": {},
    "parallel": BRANCH,
    "residual": BRANCH | {"U": np.ones((3, 2))},
    "stream": STREAM,
    "plain": BRANCH,
}


def stored(kind: str, columns: int, bias: object) -> dict[str, Any]:
    arrays = {"class": kind, "bias": bias, "W": np.ones((3, columns)), "V": np.ones((2, 3))} | CLASSES[kind]
    if kind == "plain":
        del arrays["V"]
    return arrays


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize(("columns", "bias"), [(2, 1), (3, 0), (1, 0), (4, 1)])
def test_the_hint_is_given_for_every_class(
    kind: str, columns: int, bias: int, tmp_path: Path, checker_nearby: None
) -> None:
    """Data of two columns: D = 2 without bias and D = 3 with one are read, any other D gets the relation in words."""
    np.savez(tmp_path / "data.npz", X=np.ones((2, 2)), Y=np.zeros((2, 2)))
    np.savez(tmp_path / "bad.npz", **stored(kind, columns, bias))
    np.savez(tmp_path / "good.npz", **stored(kind, 2 + bias, bias))
    good = [tmp_path / "good.npz"] * 2
    command = ["certify", *good, "--data", tmp_path / "data.npz", "--out", tmp_path / "good.cert"]
    assert skipscape(*command)[0] == 0
    hint = f"W has {columns} columns, the data 2: with bias=1 the first layer sees (x, 1), D = n + 1"
    status, _, err = skipscape("certify", *[tmp_path / "bad.npz"] * 2, "--data", tmp_path / "data.npz")
    assert (status, hint in err) == (2, True), err
    report = check(tmp_path / "good.cert", str(tmp_path / "data.npz"), tmp_path / "bad.npz", tmp_path / "good.npz")
    assert hint in str(report.to_json())


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (1, True), (0, False), (True, True), (np.True_, True), (np.int64(1), True), (np.array(0), False), (1.0, True),
        (np.array([1]), True), (np.array([[0.0]]), False), (np.float32(1), True), (np.uint8(0), False), ([1], True),
    ],
)  # fmt: skip
def test_a_bias_that_is_unambiguous_is_taken_by_every_constructor(given: Any, read: bool) -> None:
    """And becomes a bool, whatever it was."""
    arrays = {"W": np.ones((2, 2)), "V": np.ones((1, 2))}
    made = (
        TwoLayer(**arrays, bias=given),
        network_of("two-layer", arrays, bias=given),
        network_from(arrays, "two-layer", given),
    )
    assert [network.bias for network in made] == [read] * 3
    assert all(type(network.bias) is bool for network in made)


@pytest.mark.parametrize("given", [2, -1, 0.5, float("nan"), None, "1", "yes", [0, 1], np.zeros(0), 1j, object()])
def test_a_bias_that_is_none_is_refused(given: Any) -> None:
    with pytest.raises(InputError, match="bias"):
        TwoLayer(W=np.ones((2, 2)), V=np.ones((1, 2)), bias=given)
