"""Paths of others beside ours, on networks so small that it takes seconds."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from numerics.data import Data, write_data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks import TwoLayer
from numerics.networks.files import write_network
from numerics.paths import mixed
from numerics.questions.request import Request
from support.command_line import skipscape

torch = pytest.importorskip("torch")

from numerics.studies.peers import table  # noqa: E402
from numerics.studies.peers.images import enlarged  # noqa: E402
from numerics.studies.peers.paths import MAKERS, bend  # noqa: E402
from numerics.studies.peers.setting import Pair, Setting, pairs  # noqa: E402
from numerics.torch_bridge.curves import ARC, LINE  # noqa: E402

SETTING = Setting(points=6, steps=0, curve_steps=10, tolerance=Fraction(1, 2))


def network(*signs: float) -> TwoLayer:
    """Two neurons on the line: [x]_+ and [-x]_+, or the other way round."""
    return TwoLayer(W=np.array([[signs[0]], [signs[1]]]), V=np.array([[2.0, -1.0]]) * signs[0])


def points() -> Data:
    X = np.array([[-1.0], [1.0], [2.0]])
    return Data(X, network(1.0, -1.0)(X))


def swapped() -> TwoLayer:
    """The same function with its two units renamed: on the straight line to it the loss rises."""
    one = network(1.0, -1.0)
    return TwoLayer(W=one.W[::-1].copy(), V=one.V[:, ::-1].copy())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two networks that are one function, as the study keeps them."""
    write_data(tmp_path / "points.npz", points())
    pair = Pair("two-layer", 2, (), "squared")
    for seed, one in zip(table.SEEDS, (network(1.0, -1.0), swapped()), strict=True):
        write_network(tmp_path / f"{pair.name}-squared-{seed}.npz", one)
    return tmp_path


@pytest.mark.usefixtures("checker_nearby")
def test_every_path_has_its_row(folder: Path) -> None:
    """Known answer: the line between a network and its renamed self rises, matched units end that; all are proved."""
    pair = Pair("two-layer", 2, (), "squared")
    found = {path: table.row(folder, pair, path, SETTING) for path in MAKERS}
    assert {row.verdict for row in found.values()} == {"PROVED"}
    for row in found.values():
        assert row.at_least <= row.at_most <= row.at_least * (1 + 2 * SETTING.tolerance) + Fraction(1, 10**20)
        assert row.sampled <= float(row.at_most) * (1 + 1e-9) + 1e-20
        assert row.mebibytes > 0
        assert (folder / f"{pair.name}-squared-{row.path.replace(' ', '')}.cert").exists()
    assert found["line"].at_least > 0.1
    assert found["matching + line"].at_most == 0
    assert found["ours"].at_most <= found["line"].at_most
    assert found["Bezier"].words == "the arc itself"
    lines = table.table(list(found.values())).splitlines()
    assert len(lines) == 2 + len(MAKERS)
    assert {line.count("|") for line in lines} == {1 + len(table.HEAD)}


def test_an_error_of_the_input_is_the_rows_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a path cannot do stays in the table: its row says why, and has no numbers."""

    def cannot(*_: object) -> None:
        raise InputError("it does not apply")

    monkeypatch.setattr(table, "MAKERS", {"line": cannot})
    row = table.row(folder, Pair("two-layer", 2, (), "squared"), "line", SETTING)
    assert (row.verdict, row.at_most, row.words) == ("-", None, "it does not apply")
    assert row.to_json()["at_most"] is None


def test_a_bend_lowers_the_loss_of_its_curve() -> None:
    """From the middle of the line on, deterministic, of float32 numbers."""
    problem, start, end = Problem(points()), network(1.0, -1.0), swapped()
    request, middle = Request(problem, start, end), mixed(start, end, 0.5)
    for degree in (ARC, LINE):
        trained, again = (bend(request, replace(SETTING, curve_steps=60), degree) for _ in range(2))
        assert trained.identical(again)
        assert float_loss(trained, problem) < float_loss(middle, problem)
        assert all((array == array.astype(np.float32)).all() for array in trained.parameters().values())


def test_digits_are_enlarged_to_784_pixels() -> None:
    """Known answers: a constant image stays, a ramp is the ramp between the outer pixels' middles; no other size."""
    ramp = np.tile(np.arange(8.0), 8) / 16
    found = enlarged(Data(np.stack([np.full(64, 0.5), ramp]), np.eye(2), "two"))
    assert (found.X.shape, found.name) == ((2, 784), "two-784")
    assert (found.X[0] == 0.5).all()
    wanted = np.clip((np.arange(28) + 0.5) * 8 / 28 - 0.5, 0, 7) / 16
    assert np.abs(found.X[1].reshape(28, 28) - wanted).max() <= 1 / 512
    assert (np.rint(found.X * 256) == found.X * 256).all()
    with pytest.raises(ValueError, match="3 columns"):
        enlarged(Data([[1.0, 2.0, 3.0]], [[0.0]]))


def test_pairs_are_of_these_classes_under_both_losses() -> None:
    found = pairs(16, ("plain", "stream"))
    assert [(one.name, one.loss) for one in found] == [
        ("plain-16-16", "squared"),
        ("plain-16-16", "cross-entropy"),
        ("stream-16-16x2", "squared"),
        ("stream-16-16x2", "cross-entropy"),
    ]


@pytest.mark.slow
def test_the_command_writes_a_row_for_every_path(tmp_path: Path) -> None:
    """Each in a process of its own; the table and rows.json agree."""
    folder = tmp_path / "out"
    run = skipscape(
        "study", "peers", "--kinds", "plain", "--width", "2", "--points", "3", "--steps", "2", "--curve-steps", "2",
        "--tolerance", "1/2", "--out", str(folder),
    )  # fmt: skip
    assert run.status == 0, run.err
    rows = json.loads((folder / "rows.json").read_text())["rows"]
    assert [row["path"] for row in rows] == [*MAKERS, *MAKERS]
    assert len((folder / "table.md").read_text().splitlines()) == 2 + len(rows)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("other", "--out", "x"), "study 'other' is unknown: choose one of peers"),
        (("peers", "--tolerance", "2", "--out", "x"), "a relative gap above 0 and below 1"),
        (("peers", "--pixels", "100", "--out", "x"), "--pixels 100: digits have 64, or 784"),
        (("peers", "--kinds", "twolayer", "--out", "x"), "some of parallel, plain, stream are needed"),
    ],
)
def test_wrong_options_are_one_line(options: tuple[str, ...], words: str) -> None:
    run = skipscape("study", *options)
    assert run.status == 2
    assert words in " ".join(run.err.split())
