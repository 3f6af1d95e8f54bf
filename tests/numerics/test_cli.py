"""The command line on tiny networks: answers, JSON keys, exit statuses, outputs that are whole or absent."""

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from command_line import Ran, skipscape
from oracles import exact_loss, interpolate
from safetensors.numpy import load_file

import numerics
from numerics.checker.check import check
from numerics.checker.errors import Unusable
from numerics.cli import objects
from numerics.errors import InputError

SCRIPT = [sys.executable, "-m", "numerics"]
SOURCES = str(Path(numerics.__file__).parents[1])
ENCLOSURE = {"lower", "upper", "exact"}
CHECKED = {"claim", "verdict", "arithmetic", "question", "start", "end", "maximum", "barrier", "segments", "route"}
CHECKED |= {"refused", "ends_given"}
FOUND = CHECKED | {"bounds", "certificate", "check_seconds"}


def process(*arguments, cwd, command=SCRIPT, **environment):
    """The command line in a process of its own, never for longer than a minute."""
    env = {**os.environ, "PYTHONPATH": SOURCES, **environment}
    done = subprocess.run(
        [*command, *map(str, arguments)], cwd=cwd, env=env, capture_output=True, timeout=60, check=False
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def features(W, X, bias):
    return np.maximum(np.hstack([X, np.ones((len(X), bias))]) @ W.T, 0.0)


def fitted(W, X, Y):
    """`V` (p, m), the least-squares readout of the features, on a grid that keeps exact losses short."""
    return np.round(np.linalg.lstsq(features(W, X, 1), Y, rcond=None)[0].T * 64) / 64


def deep(seed, X, Y, m=8, r=2):
    """A parallel network of small dyadic weights whose loss is far below that of the zero function."""
    draw = np.random.default_rng(seed)
    W = draw.integers(-8, 9, (m, 3)) / 8
    A, a = draw.integers(-4, 5, (r, m)) / 8, draw.integers(-4, 5, r) / 8
    U = draw.integers(-2, 3, (2, r)) / 32
    return {"class": "parallel", "bias": 1, "W": W, "V": fitted(W, X, Y), "A": A, "a": a, "U": U, "c": np.zeros(2)}


def write(path, arrays):
    np.savez(path, **arrays)
    return path


def parameters(path):
    """Name -> array of a network's file, without its scalars."""
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files if name not in ("class", "bias")}


def loss_of(path, data):
    with np.load(path) as stored, np.load(data) as points:
        return exact_loss(parameters(path), str(stored["class"]), int(stored["bias"]), points["X"], points["Y"])


def fraction(enclosure):
    return Fraction(enclosure["exact"])


@pytest.fixture(scope="module")
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
    made = skipscape(*connecting(folder), "--out", folder / "connect.cert", "--json")
    (folder / "connect.json").write_text(made.out)
    made = skipscape(*asking(folder), "--out", folder / "depth.cert", "--json")
    (folder / "depth.json").write_text(made.out)
    return folder


@pytest.fixture(autouse=True)
def near(case, monkeypatch):
    """The checker in this process, for speed; `case` and the tests in processes of their own use the real one."""

    def checked(certificate, data, start, end, *, level=None, memory=None):
        try:
            return check(certificate, data, start, end, level, int(memory * (1 << 30))).to_json()
        except Unusable as error:
            raise InputError(f"the independent checker could not run: {error}") from None

    monkeypatch.setattr("numerics.answers.checked", checked)


def connecting(case, route="zero"):
    """The zero path has a barrier between networks that are better than the zero function."""
    return ["connect", case / "A.npz", case / "B.npz", "--data", case / "data.npz", "--route", route]


def asking(case, network="worse.npz", reference="good.npz"):
    return ["depth", case / network, "--reference", case / reference, "--data", case / "data.npz"]


def stored(case, name):
    return json.loads((case / name).read_text())


def require_one_line(ran, *words):
    """Exit status 2, one line on standard error that holds the words, nothing on standard output."""
    assert ran.status == 2, ran
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1, ran.err
    assert "Traceback" not in ran.err
    for word in words:
        assert str(word) in ran.err


# connect


def test_connect_states_every_key_of_the_contract(case):
    """The keys of connect, those of every enclosure, and at least one segment with its kind, statement and level."""
    answer = stored(case, "connect.json")
    assert set(answer) == FOUND | {"straight_line", "notes"}
    assert answer["verdict"] == "PROVED"
    assert answer["arithmetic"] == "exact"
    assert answer["certificate"] == str(case / "connect.cert")
    for name in ("start", "end", "barrier"):
        assert set(answer[name]) == ENCLOSURE
    assert set(answer["maximum"]) == ENCLOSURE | {"at"}
    assert set(answer["maximum"]["at"]) == {"segment", "t"}
    assert ENCLOSURE | {"at"} <= set(answer["straight_line"])
    assert all(set(segment) == {"kind", "statement", "moves", "upper"} for segment in answer["segments"])
    assert len(answer["segments"]) >= 1
    assert all({"value", "informative"} <= set(bound) for bound in answer["bounds"].values())
    assert "R0" in answer["bounds"]


def test_connect_agrees_with_exact_losses_in_fractions(case):
    """Start, end, maximum (the zero function) and barrier, each exactly, decimals outward."""
    answer = stored(case, "connect.json")
    data = case / "data.npz"
    start, end = loss_of(case / "A.npz", data), loss_of(case / "B.npz", data)
    assert fraction(answer["start"]) == start
    assert fraction(answer["end"]) == end
    assert fraction(answer["barrier"]) == fraction(answer["maximum"]) - max(start, end) > 0
    for name in ("start", "end", "maximum", "barrier"):
        lower, upper = (Fraction(answer[name][side]) for side in ("lower", "upper"))
        assert lower <= fraction(answer[name]) <= upper
        assert upper - lower <= fraction(answer[name]) / 10**15
    assert Fraction(answer["bounds"]["R0"]["value"]) >= fraction(answer["maximum"])


def test_the_straight_line_is_enclosed_and_attains_its_lower_end_at_the_time_that_it_names(case):
    """The loss at that time by fractions; at other times it never exceeds the upper end."""
    line = stored(case, "connect.json")["straight_line"]

    def loss(t):
        mixed = interpolate(parameters(case / "A.npz"), parameters(case / "B.npz"), t)
        with np.load(case / "data.npz") as points:
            return exact_loss(mixed, "parallel", 1, points["X"], points["Y"])

    assert Fraction(line["lower_exact"]) == loss(Fraction(line["at"]["t"])) >= Fraction(line["lower"])
    assert all(loss(Fraction(k, 17)) <= Fraction(line["upper"]) for k in range(18))
    assert Fraction(line["upper"]) <= Fraction(line["lower_exact"]) * (1 + Fraction(11, 10000))


def test_connect_prints_the_claim_behind_its_verdict(case):
    """For people: the claim of the JSON, word for word, after PROVED."""
    ran = skipscape(*connecting(case))
    assert ran.status == 0
    assert f"PROVED: {stored(case, 'connect.json')['claim']}" in ran.out
    assert "R0" in ran.out


@pytest.mark.parametrize("route", ["auto", "bridge", "refit"])
def test_every_route_is_proved_and_named(case, route):
    """The answer names the route that was asked for; auto is no worse than the zero path."""
    ran = skipscape(*connecting(case, route), "--reference", case / "good.npz", "--json")
    assert ran.status == 0
    assert ran.json["verdict"] == "PROVED"
    assert route in ("auto", ran.json["route"])
    if route == "auto":
        assert fraction(ran.json["maximum"]) <= fraction(stored(case, "connect.json")["maximum"])


def test_a_level_at_the_maximum_is_proved_and_one_below_is_undecided(case, tmp_path):
    """The claim is about `<=`; below the maximum both ends still lie inside, so nothing is refuted."""
    maximum = fraction(stored(case, "connect.json")["maximum"])
    proved = skipscape(*connecting(case), "--level", f"{maximum.numerator}/{maximum.denominator}", "--json")
    assert (proved.status, proved.json["verdict"]) == (0, "PROVED")
    assert "sub-level set" in proved.json["claim"]
    below = maximum - Fraction(1, 2**20)
    out = tmp_path / "path.cert"
    level = f"{below.numerator}/{below.denominator}"
    ran = skipscape(*connecting(case), "--level", level, "--out", out, "--json")
    assert (ran.status, ran.json["verdict"]) == (1, "UNDECIDED")
    assert ran.json["maximum"]["upper"] in ran.json["claim"]
    assert fraction(ran.json["maximum"]) == maximum
    assert ran.json["certificate"] is None
    assert not out.exists()


@pytest.mark.parametrize(("ends", "time"), [("AB", "0"), ("BA", "1")])
def test_a_level_below_an_end_is_refuted_there(case, ends, time):
    """The claim names the time of that end and its exact loss above the level."""
    losses = {name: loss_of(case / f"{name}.npz", case / "data.npz") for name in "AB"}
    worse = max(losses, key=losses.__getitem__)
    first, second = (worse, "AB".replace(worse, "")) if time == "0" else ("AB".replace(worse, ""), worse)
    level = (losses["A"] + losses["B"]) / 2
    files = (case / f"{first}.npz", case / f"{second}.npz")
    given = f"{level.numerator}/{level.denominator}"
    ran = skipscape("connect", *files, "--data", case / "data.npz", "--level", given, "--json")
    assert (ran.status, ran.json["verdict"]) == (1, "REFUTED")
    assert f"at time {time}," in ran.json["claim"]
    assert f"{losses[worse].numerator}/{losses[worse].denominator}" in ran.json["claim"]
    assert ran.json["certificate"] is None


def test_a_network_is_connected_with_itself_at_its_own_loss(case):
    """The barrier of the path from a network to itself is 0."""
    ran = skipscape("connect", case / "A.npz", case / "A.npz", "--data", case / "data.npz", "--json")
    assert ran.status == 0
    assert fraction(ran.json["barrier"]) == 0
    assert fraction(ran.json["maximum"]) == loss_of(case / "A.npz", case / "data.npz")


def test_two_layer_networks_are_connected_too(case):
    """Without a branch; the loss of both ends by fractions."""
    moved = parameters(case / "good.npz") | {"class": "two-layer", "bias": 1}
    other = write(case / "moved.npz", moved | {"W": -moved["W"]})
    ran = skipscape("connect", case / "good.npz", other, "--data", case / "data.npz", "--json")
    assert ran.status == 0
    assert fraction(ran.json["end"]) == loss_of(other, case / "data.npz")


@pytest.mark.parametrize("name", ["W", "V", "A", "c"])
def test_signs_of_zero_are_told_apart(case, tmp_path, name):
    """Networks that differ by -0.0 only are joined, and the path ends at the second bit for bit."""
    zero = parameters(case / "A.npz")
    zero[name] = zero[name] * 0.0 + 0.0
    head = {"class": "parallel", "bias": 1}
    start = write(tmp_path / "plus.npz", {**head, **zero})
    end = write(tmp_path / "minus.npz", {**head, **zero, name: -zero[name]})
    cert, got = tmp_path / "path.cert", tmp_path / "end.npz"
    assert skipscape("connect", start, end, "--data", case / "data.npz", "--out", cert).status == 0
    assert skipscape("path", cert, "--at", "1", "--out", got).status == 0
    assert parameters(got)[name].tobytes() == (-zero[name]).tobytes() != zero[name].tobytes()


@pytest.mark.parametrize("name", ["a", "c"])
def test_a_bias_that_one_network_lacks_is_zero_there(case, tmp_path, name):
    """The path is proved with the file that lacks it at either end."""
    lacking = {"class": "parallel", "bias": 1, **parameters(case / "B.npz")}
    del lacking[name]
    file = write(tmp_path / "lacking.npz", lacking)
    for ends in ((case / "A.npz", file), (file, case / "A.npz")):
        assert skipscape("connect", *ends, "--data", case / "data.npz").status == 0


def test_connect_fits_its_reference_where_eta_is_given(case):
    """Of eight neurons eta = 2/3 keeps four, and the answer says so; eta of 1, or beside a reference, is refused."""
    command = connecting(case, "prune")
    answer = skipscape(*command, "--eta", "2/3", "--json").json
    assert (answer["verdict"], answer["route"]) == ("PROVED", "prune")
    assert "l = floor(m^eta) = 4 of the start's m = 8 neurons" in answer["notes"][0]
    assert "R4" in answer["bounds"]
    require_one_line(skipscape(*command, "--eta", "1"), "0 <= eta < 1")
    require_one_line(skipscape(*command, "--eta", "1/2", "--reference", case / "good.npz"), "--eta or --reference")


def test_connect_says_what_may_lower_a_barrier(case):
    """A reference, where none was given and there is a barrier; nothing where one was given."""
    command = ("connect", case / "A.npz", case / "B.npz", "--data", case / "data.npz", "--json")
    alone = skipscape(*command).json
    barrier = alone["barrier"]["upper"] != "0"
    assert barrier == any("--reference ref.npz" in note for note in alone["notes"])
    zero = skipscape(*command, "--route", "zero").json
    assert "--class two-layer --width 4 --out ref.npz" in zero["notes"][0]
    assert skipscape(*command, "--reference", case / "good.npz").json["notes"] == []


def written_back(kind, seed, m=12):
    """A network whose blocks write into the stream, its V fitted to nothing in particular."""
    draw = np.random.default_rng(seed)
    named = {"class": kind, "bias": 1, "W": draw.integers(-8, 9, (m, 3)) / 8, "V": draw.integers(-8, 9, (2, m)) / 32}
    for prefix in ("blocks.0.", "blocks.1.") if kind == "stream" else ("",):
        named |= {f"{prefix}A": draw.integers(-4, 5, (2, m)) / 8, f"{prefix}a": draw.integers(-4, 5, 2) / 8}
        named |= {f"{prefix}U": draw.integers(-4, 5, (m, 2)) / 16}
    return named | {"c": np.zeros(2)}


@pytest.mark.parametrize("kind", ["residual", "stream"])
def test_networks_whose_blocks_write_back_are_taken_by_both_questions(case, tmp_path, kind):
    """Depth and connect with their certificates, and a network of the path at a time between."""
    start, end = (write(tmp_path / f"{seed}.npz", written_back(kind, seed)) for seed in (1, 2))
    reference, data = write(tmp_path / "two.npz", two_neurons(case)), case / "data.npz"
    answer = skipscape("depth", start, "--reference", reference, "--data", data, "--json").json
    assert (answer["verdict"], answer["arithmetic"]) == ("PROVED", "exact")
    assert fraction(answer["end"]) == loss_of(reference, data) < fraction(answer["start"]) == loss_of(start, data)
    assert {"R0", "R4"} <= set(answer["bounds"])
    cert = tmp_path / "path.cert"
    made = skipscape("connect", start, end, "--data", data, "--out", cert, "--json").json
    assert (made["verdict"], fraction(made["end"])) == ("PROVED", loss_of(end, data))
    assert skipscape("check", cert, "--data", data, "--start", start, "--end", end).status == 0
    middle = tmp_path / "middle.npz"
    assert skipscape("path", cert, "--at", "1/2", "--out", middle).status == 0
    assert loss_of(middle, data) <= Fraction(made["maximum"]["upper"])


def two_neurons(case):
    """A two-layer network of two neurons with the best readout on a grid."""
    with np.load(case / "data.npz") as points:
        W = np.array([[1.0, -0.5, 0.0], [-1.0, -0.5, 0.0]])
        return {"class": "two-layer", "bias": 1, "W": W, "V": fitted(W, points["X"], points["Y"]), "c": np.zeros(2)}


# depth


def test_depth_states_every_key_and_bounds_the_depth_from_above(case):
    """`depth` is maximum minus start as an upper bound, 0 from below, against the reference's exact loss."""
    answer = stored(case, "depth.json")
    assert set(answer) == FOUND | {"depth", "notes", "straight_line"}
    assert answer["verdict"] == "PROVED"
    data = case / "data.npz"
    assert fraction(answer["start"]) == loss_of(case / "worse.npz", data)
    assert fraction(answer["end"]) == loss_of(case / "good.npz", data)
    assert answer["depth"]["lower"] == "0"
    assert Fraction(answer["depth"]["upper"]) >= fraction(answer["maximum"]) - fraction(answer["start"])
    assert all({"value", "informative"} <= set(bound) for bound in answer["bounds"].values())
    assert "R0" in answer["bounds"]


def test_what_was_merged_is_measured_too(case):
    """Beside L3's bound for the pruned neurons RM's, which is no larger: pruning rounds nothing."""
    ran = skipscape(*asking(case), "--route", "prune", "--json")
    assert ran.status == 0
    measured, bounded = (Fraction(ran.json["bounds"][name]["value"]) for name in ("RM", "L3"))
    level = fraction(ran.json["start"]) + measured
    assert Fraction(ran.json["maximum"]["upper"]) <= level * (1 + Fraction(11, 10**7))  # the enclosure's tolerance
    assert 0 < measured <= bounded


def test_depth_says_nothing_against_a_worse_reference(case, tmp_path):
    """UNDECIDED with status 1, no maximum, no certificate, and the same keys with nulls."""
    out = tmp_path / "depth.cert"
    ran = skipscape(*asking(case, "A.npz", "bad.npz"), "--out", out, "--json")
    assert (ran.status, ran.json["verdict"]) == (1, "UNDECIDED")
    assert ran.json["maximum"] is None
    assert ran.json["depth"]["upper"] is None
    assert not out.exists()
    contract = {"claim", "verdict", "arithmetic", "start", "end", "maximum", "barrier", "depth", "segments", "route"}
    assert contract | {"bounds"} <= set(ran.json)


def test_a_reference_whose_output_bias_is_zero_fits_a_network_without_one(case, tmp_path):
    """c = 0 is no output bias: the claim is proved as for the reference without c."""
    network = {"class": "parallel", "bias": 1, **parameters(case / "worse.npz")}
    del network["c"]
    file = write(tmp_path / "plain.npz", network)
    ran = skipscape("depth", file, "--reference", case / "good.npz", "--data", case / "data.npz", "--json")
    assert (ran.status, ran.json["verdict"]) == (0, "PROVED"), ran.json["claim"]


# check


def test_check_confirms_what_connect_and_depth_wrote(case):
    """Same exact values as the answers that came with the certificates; all keys of check."""
    data = ["--data", case / "data.npz", "--json"]
    for question, ends in (("connect", ("A.npz", "B.npz")), ("depth", ("worse.npz", "good.npz"))):
        given = ["--start", case / ends[0], "--end", case / ends[1]]
        ran = skipscape("check", case / f"{question}.cert", *given, *data)
        answer = stored(case, f"{question}.json")
        assert (ran.status, ran.json["verdict"]) == (0, "PROVED")
        assert set(ran.json) == CHECKED | ({"depth"} if question == "depth" else set())
        assert [ran.json[name] for name in ("start", "end", "maximum", "segments")] == [
            answer[name] for name in ("start", "end", "maximum", "segments")
        ]


def test_check_refutes_a_level_below_the_maximum_with_a_time_and_an_exact_loss(case):
    """The claim holds the exact loss at the place of the maximum; a level at the maximum is proved."""
    maximum = stored(case, "connect.json")["maximum"]
    command = ["check", case / "connect.cert", "--data", case / "data.npz", "--json", "--level"]
    assert skipscape(*command, maximum["exact"]).json["verdict"] == "PROVED"
    below = fraction(maximum) - Fraction(1, 2**20)
    ran = skipscape(*command, f"{below.numerator}/{below.denominator}")
    assert (ran.status, ran.json["verdict"]) == (1, "REFUTED")
    assert maximum["exact"] in ran.json["claim"]
    assert f"segment {maximum['at']['segment']}" in ran.json["claim"]


@pytest.mark.parametrize(
    "given",
    [
        ["--data", "other.npz"],
        ["--data", "data.npz", "--start", "B.npz"],
        ["--data", "data.npz", "--end", "A.npz"],
        ["--data", "data.npz", "--end", "good.npz"],
    ],
)
def test_check_refuses_other_data_and_other_ends(case, given):
    """Status 1, never PROVED, and the reason under `refused`."""
    words = [case / word if word.endswith(".npz") else word for word in given]
    ran = skipscape("check", case / "connect.cert", *words, "--json")
    assert (ran.status, ran.json["verdict"]) == (1, "UNDECIDED")
    assert ran.json["refused"]


@pytest.mark.parametrize("place", [0, 100, -70, -1])
def test_check_refuses_a_flipped_bit(case, tmp_path, place):
    """Anywhere: in a header, in an array, in the digest."""
    content = bytearray((case / "connect.cert").read_bytes())
    content[place] ^= 1
    damaged = tmp_path / "damaged.cert"
    damaged.write_bytes(content)
    ran = skipscape("check", damaged, "--data", case / "data.npz", "--json")
    assert (ran.status, ran.json["verdict"]) == (1, "UNDECIDED")
    require_one_line(skipscape("path", damaged, "--at", "0", "--out", tmp_path / "x.npz"), damaged.name)


# path


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_path_returns_the_ends_bit_for_bit(case, tmp_path, suffix):
    """At 0 and 1, in both formats; `exact` says so."""
    for at, end in (("0", "A.npz"), ("1", "B.npz")):
        out = tmp_path / f"end{at}{suffix}"
        ran = skipscape("path", case / "connect.cert", "--at", at, "--out", out, "--json")
        assert ran.status == 0
        assert ran.json["exact"] is True
        got = load_file(out) if suffix == ".safetensors" else parameters(out)
        expected = parameters(case / end)
        assert got.keys() == expected.keys()
        assert all(got[name].tobytes() == expected[name].tobytes() for name in expected)


def test_path_at_a_corner_between_segments_is_the_same_from_both_sides(case, tmp_path):
    """Segments share [0, 1] equally: at k/K the corner itself, whose loss is at most the maximum."""
    answer = stored(case, "connect.json")
    count = len(answer["segments"])
    assert count >= 2
    for k in range(count + 1):
        out = tmp_path / f"corner{k}.npz"
        ran = skipscape("path", case / "connect.cert", "--at", f"{k}/{count}", "--out", out, "--json")
        assert ran.json["exact"] is True
        assert ran.json["segment"] == min(k, count - 1)
        assert loss_of(out, case / "data.npz") <= fraction(answer["maximum"])


def test_path_between_corners_lies_on_the_line_and_below_the_maximum(case, tmp_path):
    """Halfway on the first segment: the mean of its corners, exactly, with a loss within the certified bound."""
    answer = stored(case, "connect.json")
    count = len(answer["segments"])
    files = [tmp_path / f"{k}.npz" for k in range(3)]
    for k, file in enumerate(files):
        ran = skipscape("path", case / "connect.cert", "--at", f"{k}/{2 * count}", "--out", file, "--json")
    assert ran.status == 0
    first, middle, last = map(parameters, files)
    for name in first:
        assert np.array_equal(middle[name] * 2, first[name] + last[name])
    assert any((middle[name] != first[name]).any() for name in first)
    assert loss_of(files[1], case / "data.npz") <= fraction(answer["maximum"])


# train


@pytest.mark.parametrize(("kind", "suffix"), [("parallel", ".npz"), ("two-layer", ".npz")])
def test_train_prints_the_exact_loss_of_the_network_that_it_wrote(case, tmp_path, kind, suffix):
    """The loss by fractions; the same seed gives the same file."""
    pytest.importorskip("torch")
    outs = [tmp_path / f"{name}{suffix}" for name in ("first", "second")]
    for out in outs:
        options = ["--width", 3, "--branch", "2,2", "--class", kind, "--steps", 4, "--seed", 5, "--out", out]
        ran = skipscape("train", case / "data.npz", *options, "--json")
        assert ran.status == 0
        assert fraction(ran.json["loss"]) == loss_of(out, case / "data.npz")
        assert ran.json["network"] == str(out)
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_training_without_torch_says_how_to_get_it(case, tmp_path, monkeypatch):
    """One line that names the extra, and no output; everything else works without torch."""
    monkeypatch.setattr("numerics.torch_bridge.torch", None)
    out = tmp_path / "net.npz"
    ran = skipscape("train", case / "data.npz", "--width", 3, "--out", out)
    require_one_line(ran, "skipscape[torch]")
    assert not out.exists()


def test_the_demo_without_torch_says_so_before_it_writes(tmp_path, monkeypatch):
    """Nothing on standard output and no file: the error comes before the work."""
    monkeypatch.setattr("numerics.torch_bridge.torch", None)
    ran = skipscape("demo", "--quick", "--out", tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
    require_one_line(ran, "skipscape[torch]")


# outputs


def writers(case, out):
    yield [*connecting(case), "--out", out]
    yield [*asking(case), "--out", out]
    yield ["path", case / "connect.cert", "--at", "1/3", "--out", out]
    yield ["train", case / "data.npz", "--width", 2, "--branch", "2", "--steps", 0, "--out", out]


@pytest.mark.parametrize("which", range(4))
def test_an_existing_output_is_replaced_only_with_force(case, tmp_path, which):
    """Without --force one line and the old bytes; with it the new file; nothing else in the folder."""
    if which == 3:
        pytest.importorskip("torch")
    out = tmp_path / "out.npz"
    out.write_bytes(b"old")
    command = list(writers(case, out))[which]
    require_one_line(skipscape(*command), out, "--force")
    assert out.read_bytes() == b"old"
    assert skipscape(*command, "--force").status == 0
    assert out.read_bytes() != b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.npz"]


@pytest.mark.parametrize("which", range(4))
def test_force_never_makes_an_input_the_output(case, tmp_path, which):
    """No input is ever modified: an output that is an input, by any spelling, is refused even with --force."""
    if which == 3:
        pytest.importorskip("torch")
    data = tmp_path / "data.npz"
    data.write_bytes((case / "data.npz").read_bytes())
    cert = tmp_path / "cert.npz"
    cert.write_bytes((case / "connect.cert").read_bytes())
    target = cert if which == 2 else data
    before = target.read_bytes()
    out = tmp_path / "." / ".." / tmp_path.name / target.name
    command = list(writers(case, out))[which]
    swapped = {case / "data.npz": data, case / "connect.cert": cert}
    ran = skipscape(*[swapped.get(word, word) for word in command], "--force")
    assert target.read_bytes() == before
    require_one_line(ran, target.name)


def test_force_replaces_a_link_and_not_what_it_points_to(case, tmp_path):
    """The file behind a symbolic link stays as it was."""
    behind, link = tmp_path / "behind.npz", tmp_path / "link.npz"
    behind.write_bytes(b"behind")
    link.symlink_to(behind)
    command = ["path", case / "connect.cert", "--at", "0", "--out", link]
    require_one_line(skipscape(*command), "link.npz")
    assert skipscape(*command, "--force").status == 0
    assert behind.read_bytes() == b"behind"
    assert parameters(link)


@pytest.mark.parametrize("name", ["with space.npz", "[red].npz", "[bold]x[red].npz", "ü.npz", "[x/y].npz", "[/y].npz"])
def test_names_are_printed_as_they_are(case, tmp_path, name):
    """Square brackets are no markup: data, network and certificate under that name work, and the name is shown."""
    for source, stem in (("A.npz", "net-"), ("data.npz", "data-")):
        file = tmp_path / (stem + name)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes((case / source).read_bytes())
    network, data = tmp_path / f"net-{name}", tmp_path / f"data-{name}"
    out = (tmp_path / f"cert-{name}").with_suffix(".cert")
    out.parent.mkdir(exist_ok=True)
    ran = skipscape("connect", network, case / "B.npz", "--data", data, "--out", out)
    assert (ran.status, ran.err) == (0, "")
    assert out.exists()
    together = ran.out.replace("\n", "").replace(" ", "")
    for path in (network, data, out):
        assert str(path).replace(" ", "") in together
    assert skipscape("check", out, "--data", data, "--start", network).status == 0


@pytest.mark.parametrize("columns", [10, 40])
def test_narrow_terminals_get_the_whole_claim(case, monkeypatch, columns):
    """The claim stays on one line of its own; the JSON does not depend on the terminal."""
    monkeypatch.setattr(objects, "out", type(objects.out)(highlight=False, width=columns))
    command = ["check", case / "connect.cert", "--data", case / "data.npz"]
    ran = skipscape(*command)
    answer = skipscape(*command, "--json").json
    assert ran.status == 0
    assert f"PROVED: {answer['claim']}" in ran.out.splitlines()


# processes


def test_module_and_script_are_the_same_from_any_folder(case, tmp_path):
    """`python -m numerics` and `skipscape` print the same object; relative names are relative to the folder."""
    relative = ["check", "connect.cert", "--data", "data.npz", "--start", "A.npz", "--json"]
    script = Path(sys.executable).with_name("skipscape")
    commands = [SCRIPT, [str(script)]] if script.exists() else [SCRIPT]
    answers = [process(*relative, cwd=case, command=command) for command in commands]
    assert all(ran.status == 0 and ran == answers[0] for ran in answers)
    far = [os.path.relpath(case / word, tmp_path) if "." in word else word for word in relative]
    assert process(*far, cwd=tmp_path).json == answers[0].json


def test_the_answer_does_not_depend_on_the_environment(case):
    """No locale, hardly a terminal, colours forced: the same proved answer, and nothing but JSON."""
    environment = {"LC_ALL": "C", "LANG": "C", "COLUMNS": "3", "FORCE_COLOR": "1"}
    ran = process(*connecting(case), "--json", cwd=case, **environment)
    assert ran.status == 0, ran.err
    answer = stored(case, "connect.json")
    for name in ("claim", "verdict", "maximum", "segments", "bounds"):
        assert ran.json[name] == answer[name]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_leaves_gets_no_traceback(case, options):
    """`skipscape ... | head -0`: quiet, and not taken for success."""
    command = [*SCRIPT, "check", str(case / "connect.cert"), "--data", str(case / "data.npz"), *options]
    env = {**os.environ, "PYTHONPATH": SOURCES}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read() == b""
    assert running.returncode != 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_standard_output_is_one_line(case):
    """No traceback, status 2, the reason."""
    command = [*SCRIPT, "check", str(case / "connect.cert"), "--data", str(case / "data.npz"), "--json"]
    env = {**os.environ, "PYTHONPATH": SOURCES}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=env, timeout=60, check=False)
    assert "Traceback" not in done.stderr.decode()
    assert len(done.stderr.decode().splitlines()) == 1
    assert done.returncode == 2


def test_nothing_in_the_current_folder_is_taken_for_the_checker(case, tmp_path):
    """A package `numerics` or a `json.py` that lies where the command is run is never imported."""
    forged = tmp_path / "numerics" / "checker"
    forged.mkdir(parents=True)
    (tmp_path / "numerics" / "__init__.py").touch()
    (forged / "__init__.py").touch()
    (forged / "__main__.py").write_text('print(\'{"verdict": "PROVED", "claim": "forged"}\')\n')
    (tmp_path / "json.py").write_text("raise SystemExit('imported from the current folder')\n")
    ran = process(*connecting(case), "--json", cwd=tmp_path, command=[sys.executable, "-P", "-m", "numerics"])
    assert ran.status == 0, ran
    assert ran.json["claim"] == stored(case, "connect.json")["claim"]


def test_a_name_may_begin_with_a_dash(case, tmp_path):
    """After `--`, as with every other program."""
    (tmp_path / "-A.npz").write_bytes((case / "A.npz").read_bytes())
    ran = process("connect", "--data", case / "data.npz", "--", "-A.npz", case / "B.npz", cwd=tmp_path)
    assert ran.status == 0, ran.err


def test_a_name_that_is_no_text_works(case, tmp_path):
    """File names are bytes: one that is no UTF-8 is read, and shown somehow, also on a UTF-8 terminal."""
    name = os.fsdecode(b"\xff\xfe.npz")
    try:
        (tmp_path / name).write_bytes((case / "A.npz").read_bytes())
    except OSError:
        pytest.skip("this file system takes no such name")
    command = ["connect", name, case / "B.npz", "--data", case / "data.npz"]
    ran = process(*command, cwd=tmp_path, PYTHONIOENCODING="utf-8")
    assert ran.status == 0, ran.err[-200:]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_search_leaves_nothing_behind(case, tmp_path, sent):
    """No certificate, no temporary file or folder, no checker that goes on by itself, no traceback."""
    draft, out = tmp_path / "tmp", tmp_path / "out"
    draft.mkdir()
    out.mkdir()
    # The checker stands still, so that the signal arrives while the draft of the certificate exists.
    program = "import sys, subprocess; from numerics import cli; run = subprocess.run\n"
    program += "def slow(command, **options):\n"
    program += "    return run([sys.executable, '-c', 'import time; time.sleep(30)', *command], **options)\n"
    program += "subprocess.run = slow; cli.main()\n"
    command = [sys.executable, "-c", program, *map(str, connecting(case)), "--out", str(out / "path.cert")]
    env = {**os.environ, "PYTHONPATH": SOURCES, "TMPDIR": str(draft)}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while not list(draft.glob("*/*.cert")) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        running.send_signal(sent)
        _, errors = running.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        pytest.fail("the checker went on after its parent had been told to stop")
    finally:
        if group_is_alive(running.pid):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    assert running.returncode not in (0, 1)
    assert b"Traceback" not in errors
    assert list(draft.iterdir()) == []
    assert list(out.iterdir()) == []


def group_is_alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
