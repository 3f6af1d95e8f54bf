"""Answers of the Python face, each worked out by hand, and everything that a result promises."""

import json
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import skipscape as sk
from numerics.api import printing
from numerics.common import strict_json

pytestmark = pytest.mark.usefixtures("checker_nearby")

HALF = Fraction(1, 2)
ONE_NEURON = {"W": [[1.0]], "V": [[1.0]]}


def test_connect_finds_the_path_that_does_not_rise(pair):
    """`f(x) = x` at every time, so the loss is (0 + 1)/2 all along."""
    result = sk.connect(pair.a, pair.b, pair.data, level="1/2")
    assert (result.verdict, result.proved) == ("PROVED", True)
    assert result.claim.startswith("squared loss <= 0.5 on the whole path, inside the sub-level set {loss <= 1/2}")
    assert (result.start.exact, result.end.exact, result.maximum.exact, result.barrier.exact) == (HALF, HALF, HALF, 0)
    assert float(result.maximum) == 0.5


@pytest.mark.parametrize(
    ("level", "verdict"),
    [("1/4", "REFUTED"), ("3/4", "UNDECIDED"), (1, "PROVED"), (Fraction(3, 2), "PROVED"), (None, "PROVED")],
)
def test_the_zero_path_reaches_one_and_is_judged_by_the_level(pair, level, verdict):
    """Through the zero function, whose loss is 1; the ends have 1/2, so that 1/4 is refuted and 3/4 is open."""
    result = sk.connect(pair.a, pair.b, pair.data, route="zero", level=level)
    assert (result.verdict, result.route) == (verdict, "zero")
    if verdict == "PROVED":
        assert (result.maximum.exact, result.barrier.exact) == (1, HALF)


@pytest.mark.parametrize("level", [0.5, "0.5", "1/2", "5e-1", HALF, Decimal("0.5"), np.float32(0.5), np.float64(0.5)])
def test_a_level_is_taken_exactly_in_every_form(pair, level):
    """One half is the loss itself; the float below it is refuted."""
    assert sk.connect(pair.a, pair.b, pair.data, level=level).verdict == "PROVED"


def test_a_level_just_below_is_refuted(pair):
    """A float is its binary value, not what it is near."""
    below = float(np.nextafter(0.5, 0))
    assert sk.connect(pair.a, pair.b, pair.data, level=below).verdict == "REFUTED"
    assert sk.connect(pair.a, pair.b, pair.data, level=np.int64(1)).verdict == "PROVED"


def test_depth_against_a_better_reference():
    """Loss 1/4 against 0, and the loss falls all the way; the other way round the claim says nothing."""
    net = sk.Network.from_arrays("two-layer", {"W": [[1.0], [1.0]], "V": [[1.0, 0.0]]})
    better = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[0.5]]})
    worse = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[3.0]]})
    data = sk.Data([[1.0]], [[0.5]])
    result = sk.depth(net, data, better)
    assert (result.verdict, result.depth.exact, result.start.exact, result.end.exact) == (
        "PROVED",
        0,
        Fraction(1, 4),
        0,
    )
    assert sk.depth(net, data, worse).verdict == "UNDECIDED"


def test_certify_encloses_the_maximum_of_a_product():
    """`((1 + t)^2 - 2)^2` is 1 at 0 and 4 at 1, and 2 is not 4: a level of 3 is refuted at a time."""
    corners = [sk.Network.from_arrays("two-layer", {"W": [[s]], "V": [[s]]}) for s in (1.0, 2.0)]
    data = sk.Data([[1.0]], [[2.0]])
    result = sk.certify(corners, data, samples=True)
    assert (result.verdict, result.maximum.exact, result.start.exact) == ("PROVED", 4, 1)
    assert (result.maximum.segment, result.maximum.t) == (0, 1)
    assert result.samples.largest == 4.0
    assert sk.certify(iter(corners), data, level=3).verdict == "REFUTED"
    there_and_back = sk.certify([*corners, corners[0]], data, tolerance="1/1000")
    assert (len(there_and_back.path), there_and_back.maximum.lower) == (2, 4)


def test_the_same_path_on_other_data(pair):
    """At x = 3 with target 1 the loss of `f(x) = x` is 4 at every time."""
    held_out = sk.Data([[3.0]], [[1.0]])
    result = sk.certify(sk.connect(pair.a, pair.b, pair.data).path, held_out)
    assert (result.verdict, result.start.exact, result.end.exact) == ("PROVED", 4, 4)
    assert 4 <= result.maximum.upper <= 4 * (1 + Fraction(1, 10**6))


def test_a_path_that_stays_where_it_is_can_be_certified(pair):
    """No segment, two ends that are one network."""
    path = sk.connect(pair.a, pair.a, pair.data).path
    assert len(path.corners) >= 1
    assert sk.certify(path, pair.data).maximum.exact == HALF


def test_the_path_is_the_callers_own_at_its_ends(pair):
    """Bit for bit; half way the readout is the mean, by every form of one half; the names are those that came."""
    path = sk.connect(pair.a, pair.b, pair.data).path
    assert path(0).identical(pair.a)
    assert path(1.0).identical(pair.b)
    for half in (0.5, "1/2", HALF, Decimal("0.5"), np.float32(0.5)):
        assert path(half).V.tolist() == [[0.5, 0.5]]
    assert path("1/3").V.tolist() == [[2 / 3, 1 / 3]]
    assert path(0.5).state_dict().keys() == {"W", "V"}
    assert path.is_float


def test_save_writes_what_check_takes(pair, tmp_path):
    """With the networks from memory or from files; other networks, data and levels are told apart."""
    certificate = tmp_path / "p.cert"
    result = sk.connect(pair.a, pair.b, pair.data)
    result.save(certificate)
    for name, network in (("a.npz", pair.a), ("b.safetensors", pair.b)):
        sk.save(network, tmp_path / name)
    checked = sk.check(certificate, pair.data, pair.a, pair.b)
    assert (checked.verdict, checked.maximum.exact) == ("PROVED", HALF)
    assert checked.claim == result.claim
    assert sk.check(str(certificate), pair.data, tmp_path / "a.npz", str(tmp_path / "b.safetensors")).proved
    assert sk.check(certificate, pair.data).ends_given == (False, False)
    assert sk.check(certificate, pair.data, level="1/2").verdict == "PROVED"
    assert sk.check(certificate, pair.data, level=0.25).verdict == "REFUTED"
    swapped = sk.check(certificate, pair.data, pair.b, pair.a)
    assert (swapped.verdict, swapped.refused is None) == ("UNDECIDED", False)
    assert not sk.check(certificate, sk.Data([[1.0]], [[1.0]])).proved
    spoilt = tmp_path / "spoilt.cert"
    spoilt.write_bytes(certificate.read_bytes()[:-1])
    assert not sk.check(spoilt, pair.data).proved


def test_save_keeps_what_is_there_without_force(pair, tmp_path):
    """Then it replaces it, with the same bytes for the same question."""
    place = tmp_path / "p.cert"
    result = sk.connect(pair.a, pair.b, pair.data)
    place.write_bytes(b"mine")
    with pytest.raises(sk.InputError, match="exists already"):
        result.save(place)
    assert place.read_bytes() == b"mine"
    result.save(place, force=True)
    assert place.read_bytes() == result.document == sk.connect(pair.a, pair.b, pair.data).document


def test_plot_is_a_figure_that_no_window_shows(pair):
    """Of a route and of a polygon; pyplot, which would keep it, knows nothing of it."""
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    for result in (sk.connect(pair.a, pair.b, pair.data), sk.certify([pair.a, pair.b], pair.data)):
        assert isinstance(result.plot(), Figure)
    assert pyplot.get_fignums() == before


def test_to_json_is_the_object_of_the_command(pair, tmp_path, capsys):
    """Key by key, but for the time that the check took."""
    from support.command_line import skipscape

    for name, network in (("a.npz", pair.a), ("b.npz", pair.b)):
        sk.save(network, tmp_path / name)
    np.savez(tmp_path / "d.npz", X=pair.data.X, Y=pair.data.Y)
    begun = time.perf_counter()
    ran = skipscape("connect", tmp_path / "a.npz", tmp_path / "b.npz", "--data", tmp_path / "d.npz", "--json")
    mine = json.loads(strict_json.dumps(sk.connect(pair.a, pair.b, pair.data).to_json()))
    spent = [one.pop("check_seconds") for one in (ran.json, mine)]
    assert all(type(one) is float for one in spent)
    assert 0 <= sum(spent) <= time.perf_counter() - begun + 0.01  # each is rounded to a hundredth
    assert {**ran.json, "check_seconds": 0} == {**mine, "check_seconds": 0}


def test_names_of_files_ask_the_same_as_objects(pair, tmp_path):
    """Networks and data may be files; errors then name them."""
    sk.save(pair.a, tmp_path / "a.npz")
    sk.save(pair.b, tmp_path / "b.safetensors")
    np.savez(tmp_path / "d.npz", X=pair.data.X, Y=pair.data.Y)
    result = sk.connect(tmp_path / "a.npz", str(tmp_path / "b.safetensors"), tmp_path / "d.npz")
    assert result.document == sk.connect(pair.a, pair.b, pair.data).document
    np.savez(tmp_path / "wide.npz", X=[[1.0, 2.0]], Y=[[1.0]])
    with pytest.raises(sk.InputError, match=r"a\.npz.*wide\.npz.*1 inputs but the data 2 columns"):
        sk.connect(tmp_path / "a.npz", pair.b, tmp_path / "wide.npz")


def test_a_result_shows_itself_in_short(pair):
    """Its repr is one line, its print the command's text."""
    result = sk.connect(pair.a, pair.b, pair.data)
    assert repr(result) == "Result(question='connect', verdict='PROVED', route='line')"
    lines = str(result).splitlines()
    assert len(lines) <= 15
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("PROVED: squared loss <= 0.5 on the whole path") for line in lines)
    assert repr(result.path) == "TimedPath(floats=Chain(start=TwoLayer, segments=1 x Straight))"
    assert len(repr(sk.statements)) < 80
    assert repr(sk.statements["T1"]) == "Statement(T1: A path to any two-layer network)"


@pytest.mark.parametrize("notes", [(), ("word " * 60,) * 6, ("x" * 400,) * 2])
@pytest.mark.parametrize("bounds", [1, 30])
def test_a_print_never_takes_more_than_its_page(pair, notes, bounds):
    """However many notes and bounds there are and however long; the verdict and the zero path's bound always fit."""
    from dataclasses import replace

    result = sk.connect(pair.a, pair.b, pair.data)
    many = {"R0": result.bounds["R0"], **{f"R{k}": result.bounds["R0"] for k in range(1, bounds)}}
    lines = printing.page(replace(result, notes=notes, bounds=many)).splitlines()
    assert len(lines) <= printing.LINES == 15
    assert max(map(len, lines)) <= printing.COLUMNS == 100
    assert lines[-1].startswith("PROVED: ")
    assert any("R0" in line for line in lines)
    assert not notes or any(".notes" in line or line.startswith("note: ") for line in lines)


def test_no_number_is_printed_above_the_level():
    """A loss of 3.33333...e-09 under a level of 3.33334e-09: `<= 3.3334e-09` would be more than the claim says."""
    net = sk.Network.from_arrays("two-layer", ONE_NEURON)
    data = sk.Data([[1.0], [1.0], [1.0]], [[1.0], [1.0], [1.0001]])
    text = " ".join(str(sk.connect(net, net, data, level="3.33334e-09")).split())
    assert "3.3334e-09" in str(sk.connect(net, net, data))
    assert "3.3334e-09" not in text
    assert "{loss <= 3.33334e-09}" in text


def test_statements_are_a_mapping_by_id():
    """In order, with claims; an unknown id is an InputError and a KeyError, as a mapping's should be."""
    assert next(iter(sk.statements)) == "L1a"
    assert len(sk.statements) == len(list(sk.statements)) > 30
    assert sk.statements["T1"].claim.endswith(".")
    assert "Q9" not in sk.statements
    assert sk.statements.get("Q9") is None
    with pytest.raises(KeyError) as caught:
        sk.statements["Q9"]
    assert isinstance(caught.value, sk.InputError)
    assert str(caught.value).startswith("'Q9' is no statement: known are L1a, ")


def test_audit_and_verify_answer_as_the_commands_do(tmp_path, monkeypatch):
    """One id, several, a file of one's own; nothing is left in the current folder."""
    monkeypatch.chdir(tmp_path)
    assert [one["id"] for one in sk.audit(["L1b", "L1a"])["statements"]] == ["L1a", "L1b"]
    assert sk.audit("L1b")["statements"][0]["status"] == "proved"
    assert list(Path.cwd().iterdir()) == []
    Path("my_lemma.py").write_text(LEMMA)
    (mine,) = sk.verify("my_lemma.py", examples=30)
    assert (mine["id"], mine["verdict"], mine["counterexample"] is None) == ("mine", "REFUTED", False)
    assert [path.name for path in Path.cwd().iterdir()] == ["my_lemma.py"]


LEMMA = """from fractions import Fraction
from hypothesis import strategies as st
from numerics.checks import Check, bounded
from theory.statement import Kind

CHECKS = (
    Check("mine", "n <= 3.", Kind.UPPER_BOUND, st.integers(0, 9), lambda n: bounded(Fraction(n), Fraction(3))),
)
"""
