"""depth: its keys, and what it says against a worse reference."""

from fractions import Fraction

from support.command_cases import FOUND, depth_arguments, fraction, loss_of, parameters, stored, write
from support.command_line import skipscape


def test_depth_states_every_key_and_bounds_the_depth_from_above(case):
    """`depth` is maximum minus start as an upper bound, 0 from below, against the reference's exact loss."""
    answer = stored(case, "depth.json")
    assert set(answer) == FOUND | {"depth", "climb", "gain", "floor", "notes", "straight_line"}
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
    ran = skipscape(*depth_arguments(case), "--route", "prune", "--json")
    assert ran.status == 0
    measured, bounded = (Fraction(ran.json["bounds"][name]["value"]) for name in ("RM", "L3"))
    level = fraction(ran.json["start"]) + measured
    assert Fraction(ran.json["maximum"]["upper"]) <= level * (1 + Fraction(11, 10**7))  # the enclosure's tolerance
    assert 0 < measured <= bounded


def test_depth_says_nothing_against_a_worse_reference(case, tmp_path):
    """UNDECIDED with status 1, no maximum, no certificate, and the same keys with nulls."""
    out = tmp_path / "depth.cert"
    ran = skipscape(*depth_arguments(case, "A.npz", "bad.npz"), "--out", out, "--json")
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
