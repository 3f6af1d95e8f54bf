"""connect: its answer, keys and exit statuses on tiny networks."""

from fractions import Fraction

import numpy as np
import pytest

from support.command_cases import (
    ENCLOSURE,
    FOUND,
    connect_arguments,
    deep,
    fitted,
    fraction,
    loss_of,
    parameters,
    require_one_line,
    stored,
    write,
)
from support.command_line import skipscape
from support.oracles import exact_loss, interpolate


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
    assert all(
        set(segment) == {"kind", "statement", "moves", "upper", "exact", "end"} for segment in answer["segments"]
    )
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
    ran = skipscape(*connect_arguments(case))
    assert ran.status == 0
    assert f"PROVED: {stored(case, 'connect.json')['claim']}" in ran.joined
    assert "R0" in ran.joined


@pytest.mark.parametrize("route", ["auto", "bridge", "refit"])
def test_every_route_is_proved_and_named(case, route):
    """The answer names the route that was asked for; auto is no worse than the zero path."""
    ran = skipscape(*connect_arguments(case, route), "--reference", case / "good.npz", "--json")
    assert ran.status == 0
    assert ran.json["verdict"] == "PROVED"
    assert route in ("auto", ran.json["route"])
    if route == "auto":
        assert fraction(ran.json["maximum"]) <= fraction(stored(case, "connect.json")["maximum"])


def test_a_level_at_the_maximum_is_proved_and_one_below_is_undecided(case, tmp_path):
    """The claim is about `<=`; below the maximum both ends still lie inside, so nothing is refuted."""
    maximum = fraction(stored(case, "connect.json")["maximum"])
    proved = skipscape(*connect_arguments(case), "--level", f"{maximum.numerator}/{maximum.denominator}", "--json")
    assert (proved.status, proved.json["verdict"]) == (0, "PROVED")
    assert "sub-level set" in proved.json["claim"]
    below = maximum - Fraction(1, 2**20)
    out = tmp_path / "path.cert"
    level = f"{below.numerator}/{below.denominator}"
    ran = skipscape(*connect_arguments(case), "--level", level, "--out", out, "--json")
    assert (ran.status, ran.json["verdict"]) == (1, "UNDECIDED")
    assert ran.json["maximum"]["upper"] in ran.json["claim"]
    assert fraction(ran.json["maximum"]) == maximum
    assert ran.json["certificate"] == str(out)
    assert any("the level was missed: the certificate claims squared loss <= " in note for note in ran.json["notes"])
    again = skipscape("check", out, "--data", case / "data.npz", "--json")  # of the weaker claim, no level in it
    assert (again.status, again.json["verdict"]) == (0, "PROVED")
    assert "sub-level" not in again.json["claim"]
    assert again.json["claim"].startswith(ran.json["certificate_claim"].partition(",")[0])
    refused = skipscape("check", out, "--data", case / "data.npz", "--level", level, "--json")
    assert refused.json["verdict"] == "REFUTED"


@pytest.mark.parametrize(("ends", "time"), [("AB", "0"), ("BA", "1")])
def test_a_level_below_an_end_is_refuted_there(case, tmp_path, ends, time):
    """The claim names the time of that end and its exact loss above the level."""
    losses = {name: loss_of(case / f"{name}.npz", case / "data.npz") for name in "AB"}
    worse = max(losses, key=losses.__getitem__)
    first, second = (worse, "AB".replace(worse, "")) if time == "0" else ("AB".replace(worse, ""), worse)
    level = (losses["A"] + losses["B"]) / 2
    files = (case / f"{first}.npz", case / f"{second}.npz")
    given, out = f"{level.numerator}/{level.denominator}", tmp_path / "path.cert"
    ran = skipscape("connect", *files, "--data", case / "data.npz", "--level", given, "--json", "--out", out)
    assert (ran.status, ran.json["verdict"]) == (1, "REFUTED")
    assert f"at time {time}," in ran.json["claim"]
    assert f"{losses[worse].numerator}/{losses[worse].denominator}" in ran.json["claim"]
    assert any("the level was missed" in note for note in ran.json["notes"])
    again = skipscape("check", ran.json["certificate"], "--data", case / "data.npz", "--json")
    assert again.json["verdict"] == "PROVED"


def test_a_network_is_connected_with_itself_at_its_own_loss(case):
    """The barrier of the path from a network to itself is 0."""
    ran = skipscape("connect", case / "A.npz", case / "A.npz", "--data", case / "data.npz", "--json")
    assert ran.status == 0
    assert fraction(ran.json["barrier"]) == 0
    assert fraction(ran.json["maximum"]) == loss_of(case / "A.npz", case / "data.npz")


@pytest.mark.parametrize("kind", ["parallel", "residual", "stream"])
def test_near_networks_are_connected_by_the_straight_line(case, tmp_path, kind):
    """A network and itself at no cost, and two that differ little: by routes through a reference it would cost much."""
    with np.load(case / "data.npz") as points:
        own = written_back(kind, 3) if kind != "parallel" else deep(1, points["X"], points["Y"])
    near_by = {name: array * (1 + 2.0**-20) if name in ("W", "A") else array for name, array in own.items()}
    start, end = write(tmp_path / "a.npz", own), write(tmp_path / "b.npz", near_by)
    for other, barrier in ((start, 0), (end, 2.0**-10)):
        ran = skipscape("connect", start, other, "--data", case / "data.npz", "--json")
        assert (ran.status, ran.json["verdict"], ran.json["route"]) == (0, "PROVED", "line")
        assert Fraction(ran.json["barrier"]["upper"]) <= barrier
    ran = skipscape("connect", start, end, "--data", case / "data.npz", "--route", "line", "--json")
    assert ran.json["route"] == "line"


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
    command = connect_arguments(case, "prune")
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
