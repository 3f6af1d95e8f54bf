"""The reason that `certify` gives for stopping is true of the numbers that are printed beside it."""

import io
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from numerics.common.speech import Speaker
from numerics.maxima import search
from numerics.maxima.pieces import above
from numerics.networks.files import write_network
from numerics.networks.plain import Plain
from numerics.questions.result import Enclosing, Result
from numerics.questions.text import print_result
from support.command_line import joined, skipscape

pytestmark = pytest.mark.usefixtures("checker_nearby_throughout")

REACHED = "the tolerance is reached"
ENDS = re.compile(r"maximum *in *\[([^,]*),([^\]]*)\]")


def corner(W: float, A: float, U: float) -> Plain:
    one = np.array([[1.0]])
    return Plain.of({"W": W * one, "A": A * one, "U": U * one}, bias=False)


def certify(folder: Path, power: int, tolerance: str, *options: object):
    """`f = (t c)(t c)(1 - t) c` with `c = 2^-power`: the maximum is `16/729 c^6`, at t = 2/3."""
    c = 2.0**-power
    write_network(folder / "l0.npz", corner(0.0, 0.0, c), force=True)
    write_network(folder / "l1.npz", corner(c, c, 0.0), force=True)
    np.savez(folder / "one.npz", X=[[1.0]], Y=[[0.0]])
    files = [folder / "l0.npz", folder / "l1.npz", "--data", folder / "one.npz"]
    return skipscape("certify", *files, "--tolerance", tolerance, *options), Fraction(16, 729) / Fraction(2) ** (
        6 * power
    )


@pytest.mark.parametrize("power", [400, 100, 3, -100])
def test_tiny_losses_are_enclosed_as_ordinary_ones(tmp_path, power):
    """16/729 2^-2400 lies in an enclosure of relative width 1e-10; before it was [7e-725, 4.9e-324]. And its twins."""
    ran, truth = certify(tmp_path, power, "1e-10", "--json")
    assert (ran.status, ran.json["verdict"], ran.json["stopped"]) == (0, "PROVED", REACHED), ran.err
    low, high = (Fraction(ran.json["maximum"][side]) for side in ("lower", "upper"))
    assert low <= truth <= high
    assert high - low <= high / 10**10


@settings(max_examples=8)
@given(st.integers(-150, 400), st.integers(1, 40), st.integers(0, 9))
@example(400, 10, 0)  # the claim was rounded up to the least float
@example(3, 6, 0)  # the text had fewer digits than the tolerance asks for
@example(3, 16, 0)  # 17 digits hold less than this tolerance asks for
def test_whenever_the_tolerance_is_said_to_be_reached_the_printed_ends_keep_it(tmp_path_factory, power, places, digit):
    """In JSON and in text; what is said where it is not reached is never that."""
    folder = tmp_path_factory.mktemp("reason")
    given = f"{1 + digit}e-{places}" if places > 1 else f"0.0{1 + digit}"
    tolerance = Fraction(given)
    ran, truth = certify(folder, power, given, "--json")
    page = io.StringIO()
    ended = Enclosing(ran.json["stopped"], tolerance, ran.json["pieces"], ran.json["breakpoints"])
    result = replace(Result.read(ran.json), enclosing=ended)
    print_result(Speaker(file=page, width=9999), "the text form", result)
    text = joined(page.getvalue())
    assert ran.status == 0, ran.err
    low, high = (Fraction(ran.json["maximum"][side]) for side in ("lower", "upper"))
    assert low <= truth <= high
    if ran.json["stopped"] == REACHED:
        assert high - low <= tolerance * high
        shown = ENDS.search(text)
        assert shown is not None, text
        low, high = Fraction(shown[1]), Fraction(shown[2])
        assert low <= truth <= high
        assert high - low <= tolerance * high
    assert (REACHED in text) == (ran.json["stopped"] == REACHED)


def test_a_search_that_claims_the_tolerance_early_is_caught(tmp_path, monkeypatch):
    """Planted: the search says TOLERANCE whenever it stops; what is printed beside it is then another reason."""
    monkeypatch.setattr(search._Search, "_enclosures", lambda self: search.Stop.TOLERANCE)
    monkeypatch.setattr(search._Search, "_finish", lambda self, stop: stop)
    ran, _ = certify(tmp_path, 3, "1e-6", "--json")
    low, high = (Fraction(ran.json["maximum"][side]) for side in ("lower", "upper"))
    assert high - low > high / 10**6
    assert ran.json["stopped"] != REACHED


@pytest.mark.parametrize("floor", [0, None])
def test_a_wide_network_at_the_floor_of_float64_says_so(tmp_path, monkeypatch, floor):
    """Without FLINT's balls a loss of 1e-724 has no better bound than the least float; with them it has."""
    if floor is not None:
        monkeypatch.setattr(search, "BEARABLE", floor)
        monkeypatch.setattr(search, "FREE", floor)
    ran, truth = certify(tmp_path, 400, "1e-6", "--json")
    high = Fraction(ran.json["maximum"]["upper"])
    assert truth <= high
    assert (ran.json["stopped"] == REACHED) == (floor is None)
    if floor is not None:
        assert ran.json["stopped"] == "the floor of the arithmetic is reached"


@given(st.fractions(min_value=Fraction(1, 10**12), max_value=10**12), st.integers(-3000, 3000))
def test_a_bound_is_rounded_up_to_53_bits_at_any_scale(value, power):
    """To the float itself where there is one; never below, never by more than one part in 2^52."""
    scaled = value * Fraction(2) ** power
    found = above(scaled)
    assert scaled <= found <= scaled * (1 + Fraction(1, 1 << 52))
    assert above(found) == found
    if abs(power) < 900:
        assert Fraction(float(found)) == found
