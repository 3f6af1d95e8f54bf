"""`auto` says why routes do not apply, and gives no advice that would change nothing."""

import numpy as np
import pytest

from numerics.networks.files import read_network
from numerics.routes.applies import free_neurons, obstacle
from support.command_cases import fitted, write
from support.command_line import skipscape

ADVICE = "skipscape train"
NO_NEURON = "so no neuron is free (m - r = 0 < l"


def stream(seed, X, Y, m, branch):
    """Two blocks; the second reads `branch` columns' worth of what the first has written."""
    draw = np.random.default_rng(seed)
    W = draw.integers(-8, 9, (m, 3)) / 8
    arrays = {"class": "stream", "bias": 1, "W": W, "V": fitted(W, X, Y), "c": np.zeros(2)}
    for k in range(2):
        arrays[f"blocks.{k}.A"] = draw.integers(-4, 5, (branch, m)) / 8
        arrays[f"blocks.{k}.a"] = draw.integers(-4, 5, branch) / 8
        arrays[f"blocks.{k}.U"] = draw.integers(-4, 5, (m, branch)) / 1024  # V stays good
    return arrays


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Streams of width 8: `all*` read all 8 columns, `few*` at most 4 (V has 2 rows); references of 3 and 5 neurons."""
    folder = tmp_path_factory.mktemp("routes")
    draw = np.random.default_rng(7)
    X = draw.integers(-8, 9, (12, 2)) / 4
    Y = np.stack([np.abs(X[:, 0]) - X[:, 1], X[:, 0] * X[:, 1] / 2], axis=1)
    write(folder / "data.npz", {"X": X, "Y": Y})
    for seed in (1, 2):
        write(folder / f"all{seed}.npz", stream(seed, X, Y, 8, 8))
        write(folder / f"few{seed}.npz", stream(seed, X, Y, 8, 2))
    for neurons in (3, 5):
        W = np.random.default_rng(3).integers(-8, 9, (neurons, 3)) / 8
        two_layer = {"class": "two-layer", "bias": 1, "W": W, "V": fitted(W, X, Y), "c": np.zeros(2)}
        write(folder / f"ref{neurons}.npz", two_layer)
    return folder


@pytest.fixture(autouse=True)
def near(checker_nearby):
    """The checker in this process."""


def connected(folder, kind, *options):
    ends = [folder / f"{kind}{seed}.npz" for seed in (1, 2)]
    ran = skipscape("connect", *ends, "--data", folder / "data.npz", "--json", *options)
    assert ran.status == 0, ran.err
    return ran.json


def test_blocks_that_read_all_columns_without_a_reference(folder):
    """No advice to train one; why not is said."""
    answer = connected(folder, "all")
    assert answer["barrier"]["exact"] != "0/1"
    notes = [note for note in answer["notes"] if "routes through a reference do not apply, with any" in note]
    assert len(notes) == 1
    assert f"the blocks read all m = 8 columns, {NO_NEURON})" in notes[0]
    assert not any(ADVICE in note for note in answer["notes"])


def test_blocks_that_read_all_columns_with_a_reference(folder):
    """The same with its size, once and not once for each of nine routes; JSON has every route's own reason."""
    answer = connected(folder, "all", "--reference", folder / "ref3.npz")
    assert [note for note in answer["notes"] if "do" in note and "not apply" in note] == [
        "routes through a reference do not apply, with any reference: the blocks read all m = 8 columns,"
        f" {NO_NEURON} = 3)"
    ]
    assert answer["routes"][answer["route"]] == "taken"
    for route in ("prune", "pairing", "staged", "measured"):
        assert "does not apply: route" in answer["routes"][route]
        assert "l = 3, m = 8, r = 8" in answer["routes"][route]
    without = connected(folder, "all")
    assert answer["maximum"] == without["maximum"]  # a reference changes nothing, as the note says


def test_depth_says_it_too(folder, tmp_path):
    """Of the one network, made worse than the reference and better than R0."""
    with np.load(folder / "all1.npz") as stored:
        V = stored["V"].copy()
        V[0, 1] += 1.0
        write(tmp_path / "worse.npz", {**stored, "V": V})
    asked = [tmp_path / "worse.npz", "--reference", folder / "ref3.npz", "--data", folder / "data.npz"]
    answer = skipscape("depth", *asked, "--json").json
    assert answer["barrier"]["exact"] != "0/1"
    assert any(NO_NEURON in note for note in answer["notes"])
    assert "r = 8" in answer["routes"]["measured"]


def test_a_reference_of_too_many_neurons_is_told_from_one_that_never_applies(folder):
    """The true twin: 4 neurons are free, so l = 3 applies and l = 5 does not; a smaller one is what helps."""
    few = [read_network(folder / f"few{seed}.npz") for seed in (1, 2)]
    assert free_neurons(few) == 4
    assert obstacle(few, None) is None
    assert obstacle(few, 3) is None
    assert "only 4 neurons are free, and l = 5 < m - r = 4 is needed" in (obstacle(few, 5) or "")
    fits, large = (connected(folder, "few", "--reference", folder / f"ref{neurons}.npz") for neurons in (3, 5))
    assert not any("not apply" in note and "reference" in note for note in fits["notes"])
    assert "does not apply" not in fits["routes"].get("measured", "")
    assert large["barrier"]["exact"] != "0/1"
    assert any("only 4 neurons are free" in note and "with any" not in note for note in large["notes"])


def test_where_a_reference_may_help_the_advice_names_one_that_fits(folder):
    """`--width` below the number of free neurons: the advice once named m / 2 whatever was free."""
    answer = connected(folder, "few")
    advice = [note for note in answer["notes"] if ADVICE in note]
    assert answer["barrier"]["exact"] != "0/1"
    assert len(advice) == 1
    assert "--width 3 " in advice[0]
    assert not any("do not apply" in note for note in answer["notes"])


def test_other_classes_have_no_such_obstacle():
    """No block writes back: every neuron may leave."""
    from numerics.networks.two_layer import TwoLayer

    network = TwoLayer(W=np.eye(3), V=np.ones((1, 3)))
    assert (free_neurons([network]), obstacle([network], 2)) == (None, None)
