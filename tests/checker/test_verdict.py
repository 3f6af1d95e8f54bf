"""Verdicts: known answers by hand, and claims forged with all digests recomputed."""

import json
from fractions import Fraction

import numpy as np
import pytest

from numerics.checker import check
from support.certificates import Forge, canonical, npy, pack, stated, text


@pytest.fixture
def by_hand() -> Forge:
    """f(x) = v [x]_+ on x = 1, 2 with targets 0, 0: the loss is (v^2 + 4 v^2) / 2 = 5/2 v^2. v goes 1, 2, 1/3
    (nearly), 0.5.

    The second neuron is dead until the last segment reads it: f(x) = 0.5 [x]_+ again, from the other slot.
    """
    start = {"W": np.array([[1.0], [-1.0]]), "V": np.array([[1.0, 0.0]])}
    segments = [
        ("readout", {"V": ("all", [[2.0, 0.0]])}),
        ("readout", {"V": ([0], [[0.375]])}),
        ("silent", {"W": ([1], [[1.0]])}),
        ("readout", {"V": ("all", [[0.0, 0.5]])}),
    ]
    return Forge("two-layer", 0, start, np.array([[1.0], [2.0]]), np.zeros((2, 1)), segments)


def test_known_answers(verify, by_hand):
    report = verify(by_hand).to_json()
    assert report["verdict"] == "PROVED"
    assert report["start"]["exact"] == "5/2"
    assert report["end"]["exact"] == "5/8"
    assert report["maximum"] == {
        "lower": "10.000000000000000",
        "upper": "10.000000000000000",
        "exact": "10/1",
        "at": {"segment": 1, "t": "0/1"},
    }
    assert report["barrier"]["exact"] == "15/2"
    assert [segment["upper"] for segment in report["segments"]] == [
        "10.000000000000000",
        "10.000000000000000",
        "0.35156250000000000",
        "0.62500000000000000",
    ]
    assert [segment["moves"] for segment in report["segments"]] == ["V", "V[1 slot]", "W[1 slot]", "V"]
    assert [segment["statement"] for segment in report["segments"]] == ["L7", "L7", "L9", "L7"]
    assert report["claim"].startswith("squared loss <= 10 on the whole path (barrier <= 7.5), start and end joined")


def test_the_oracle_agrees_with_the_hand(by_hand):
    wanted = [Fraction(5, 2) * Fraction(v) ** 2 for v in (1, 2, Fraction(3, 8), Fraction(3, 8), Fraction(1, 2))]
    assert by_hand.losses() == wanted


def test_a_branch_by_hand(verify):
    """f(x) = [2 [[x]_+ + 1]_+ - 3]_+ at x = 1 is 1, at x = -1 is 0; plus c = 1/2; targets 0: (9/4 + 1/4) / 2 = 5/4."""
    start = {
        "W": np.array([[1.0]]),
        "V": np.array([[0.0]]),
        "A": np.array([[1.0]]),
        "a": np.array([1.0]),
        "B1": np.array([[2.0]]),
        "b1": np.array([-3.0]),
        "U": np.array([[1.0]]),
        "c": np.array([0.5]),
    }
    forge = Forge("parallel", 0, start, np.array([[1.0], [-1.0]]), np.zeros((2, 1)), [("readout", {})])
    assert verify(forge).to_json()["maximum"]["exact"] == "5/4"


def place(segment, t):
    """Alter the stated place of the maximum."""
    return lambda document: document["maximum"].update(segment=segment, t=t)


@pytest.mark.parametrize(("segment", "t"), [(0, "1/1"), (1, "0/1")])
def test_both_names_of_the_place_of_the_maximum_are_accepted(verify, by_hand, segment, t):
    report = verify(by_hand, place(segment, t))
    assert report.to_json()["maximum"]["at"] == {"segment": segment, "t": t}


@pytest.mark.parametrize(("segment", "t"), [(0, "0/1"), (1, "1/1"), (2, "0/1"), (3, "1/1")])
def test_other_places_of_the_maximum_are_refused(refused, by_hand, segment, t):
    refused("as stated", by_hand, place(segment, t))


def test_the_end_of_the_path_can_be_the_maximum(verify, by_hand):
    by_hand.segments = by_hand.segments[:1]
    assert verify(by_hand).to_json()["maximum"]["at"] == {"segment": 0, "t": "1/1"}


EPSILON = Fraction(1, 10**40)


def claims(loss):
    """Alter the maximum, attained and never exceeded."""
    return lambda document: document["maximum"].update(loss=stated(loss), upper=text(loss))


@pytest.mark.parametrize("which", ["start", "end"])
@pytest.mark.parametrize("by", [EPSILON, -EPSILON])
def test_forged_losses_of_the_ends_are_refused(refused, by_hand, which, by):
    true = by_hand.losses()[0 if which == "start" else -1]
    refused(f"loss of the {which}", by_hand, lambda document: document[which].update(loss=stated(true + by)))


def test_a_maximum_that_is_not_attained_is_refused(refused, by_hand):
    refused("does not attain", by_hand, claims(10 + EPSILON))
    refused("maximum.upper", by_hand, lambda document: document["maximum"].update(upper=text(10 + EPSILON)))


def test_a_maximum_below_the_truth_is_refuted(verify, by_hand):
    claimed = 10 - EPSILON
    report = verify(by_hand, claims(claimed))
    assert (report.verdict, report.exit_status) == ("REFUTED", 1)
    assert report.refused is not None
    answer = report.to_json()
    assert answer["maximum"]["exact"] == "10/1"
    assert answer["maximum"]["at"] == {"segment": 1, "t": "0/1"}
    assert "loss <= 9.9999999999999999 on the whole path" in answer["claim"]
    assert "at segment 1, t = 0/1 (path time T = 1/4) the loss is exactly 10/1" in answer["claim"]


def test_a_forged_maximum_with_another_forgery_is_refused(refused, by_hand):
    def change(document):
        claims(1)(document)
        document["start"]["loss"] = stated(1)

    refused("loss of the start", by_hand, change)


@pytest.mark.parametrize(
    ("level", "holds"), [("10", True), ("20/2", True), ("1e1", True), ("9.999999999999999999", False)]
)
def test_levels_of_the_user(verify, by_hand, level, holds):
    report = verify(by_hand, level=level)
    assert report.verdict == ("PROVED" if holds else "REFUTED")
    assert report.refused is None
    if holds:
        assert f"inside the sub-level set {{loss <= {level}}}" in report.claim
    else:
        assert f"loss <= {level} on the whole path" in report.claim


def test_levels_as_fractions(verify, by_hand):
    assert verify(by_hand, level=Fraction(10)).verdict == "PROVED"
    assert verify(by_hand, level=Fraction(10) - EPSILON).verdict == "REFUTED"


def test_stored_levels(verify, by_hand):
    by_hand.level = Fraction(10)
    report = verify(by_hand)
    assert report.verdict == "PROVED"
    assert "{loss <= 10}" in report.claim
    by_hand.level = Fraction(10) - EPSILON
    report = verify(by_hand)
    assert report.verdict == "REFUTED"
    assert report.refused is not None
    assert verify(by_hand, level="100").verdict == "REFUTED"
    by_hand.level = Fraction(-1)
    assert verify(by_hand).verdict == "REFUTED"


def test_a_level_is_printed_as_its_user_wrote_it_or_so_that_the_claim_stays_true(verify, by_hand):
    by_hand.x = by_hand.x[:1]
    by_hand.y = by_hand.y[:1] + 1
    losses = by_hand.losses()
    assert max(losses) == 1
    assert "{loss <= 4/3}" in verify(by_hand, level=" 4/3 ").claim
    assert "loss <= 1/3 on" in verify(by_hand, level="1/3").claim
    assert "{loss <= 4/3}" in verify(by_hand, level=Fraction(4, 3)).claim
    tiny = Fraction(1, 3**40)
    assert "{loss <= 1.0000000000000001}" in verify(by_hand, level=1 + tiny).claim
    assert "loss <= 0.99999999999999999 on" in verify(by_hand, level=1 - tiny).claim


def test_other_data_are_refused(refused, verify, by_hand, tmp_path):
    cert = by_hand.write(tmp_path / "a.cert")
    for x, y in ((by_hand.x + 1, by_hand.y), (by_hand.x, by_hand.y - 0.0), (by_hand.x[:1], by_hand.y[:1])):
        np.savez(tmp_path / "other.npz", X=x, Y=y)
        report = check(cert, str(tmp_path / "other.npz"))
        same = x.tobytes() == by_hand.x.tobytes() and y.tobytes() == by_hand.y.tobytes()
        assert report.verdict == ("PROVED" if same else "UNDECIDED")
        assert same or "other data" in report.refused
    np.savez(tmp_path / "other.npz", X=by_hand.x, Y=-by_hand.y)
    assert "digest" in check(cert, str(tmp_path / "other.npz")).refused


@pytest.mark.parametrize("change", [{"N": 3}, {"digest": "0" * 64}])
def test_forged_statements_about_the_data_are_refused(refused, by_hand, change):
    refused("other data", by_hand, lambda document: document["data"].update(change))


def test_depth_is_maximum_minus_start(verify, by_hand):
    by_hand.segments = by_hand.segments[:2]
    by_hand.question, by_hand.slots = "depth", [0]
    answer = verify(by_hand).to_json()
    assert answer["depth"] == {"lower": "0", "upper": "7.5000000000000000", "exact": None}
    assert answer["claim"].startswith(
        "depth <= 7.5: a path to the two-layer reference on which the squared loss never exceeds 10; "
    )
    assert "depth" not in verify(Forge("two-layer", 0, by_hand.start, by_hand.x, by_hand.y, by_hand.segments)).to_json()


def test_losses_beyond_pythons_digits_are_printed(verify):
    start = {"W": np.array([[1e308]]), "V": np.array([[1e308]]), "A": np.array([[5e-324]]), "U": np.array([[5e-324]])}
    start |= {f"B{k}": np.array([[1e308]]) for k in range(1, 8)}
    forge = Forge("parallel", 0, start, np.array([[1e308]]), np.array([[5e-324]]), [("readout", {})])
    exact = verify(forge).to_json()["maximum"]["exact"]
    assert len(exact) > 4300
    assert exact == text(forge.losses()[0])


def test_every_corruption_of_a_certificate_is_refused_or_refuted(by_hand, tmp_path):
    """One changed byte in the document at a time, sealed again: never a proof of something else."""
    document = by_hand.document()
    entries = {"certificate.json": canonical(document), **{name: npy(a) for name, a in by_hand.arrays().items()}}
    data = str(by_hand.write_data(tmp_path / "data.npz"))
    blob = entries["certificate.json"]
    for place in range(0, len(blob), 3):
        digit = blob[place : place + 1]
        spoiled = blob[:place] + (b"1" if digit != b"1" else b"2") + blob[place + 1 :]
        path = tmp_path / "spoiled.cert"
        path.write_bytes(pack({**entries, "certificate.json": spoiled}))
        report = check(path, data)
        if report.verdict == "PROVED":
            # Only what is not believed may differ: the route.
            changed = json.loads(spoiled)
            assert changed | {"route": "forged"} == document
