"""check: confirms what was written, refuses what was changed."""

from fractions import Fraction

import pytest

from support.command_cases import CHECKED, fraction, require_one_line, stored
from support.command_line import skipscape


def test_check_confirms_what_connect_and_depth_wrote(case):
    """Same exact values as the answers that came with the certificates; all keys of check."""
    data = ["--data", case / "data.npz", "--json"]
    for question, ends in (("connect", ("A.npz", "B.npz")), ("depth", ("worse.npz", "good.npz"))):
        given = ["--start", case / ends[0], "--end", case / ends[1]]
        ran = skipscape("check", case / f"{question}.cert", *given, *data)
        answer = stored(case, f"{question}.json")
        assert (ran.status, ran.json["verdict"]) == (0, "PROVED")
        assert set(ran.json) == CHECKED | ({"depth", "climb", "gain", "floor"} if question == "depth" else set())
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
