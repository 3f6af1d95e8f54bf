"""Forged general segments, every digest right, only the claim false: each is refused beside its true twin.

The second checker is asked as well: what it can tell it must tell alike; what is beyond plain intervals it leaves open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.checker.check import check
from numerics.checker.document import parse_document
from numerics.checker.errors import Refused
from numerics.checker.report import Report
from support import second_checker
from support.certificates import Change, Forge, canonical, put, stated, text
from support.general_segments import general, hidden

PEAK = Fraction(625, 64)
SIXTEENTHS = [Fraction(k, 16) for k in range(1, 16)]


@pytest.fixture
def hear(tmp_path: Path) -> Callable[..., tuple[Report, second_checker.Verdict]]:
    """What both checkers say of a forge, its document altered."""

    def ask(forge: Forge, change: Change | None = None) -> tuple[Report, second_checker.Verdict]:
        cert, data = forge.write(tmp_path / "path.cert", change), forge.write_data(tmp_path / "data.npz")
        return check(cert, str(data)), second_checker.check(cert.read_bytes(), forge.x, forge.y)

    return ask


@pytest.fixture
def accepts(hear: Any) -> Callable[..., None]:
    """Assert that the checker accepts, and that the other one does or cannot tell."""

    def run(forge: Forge, change: Change | None = None, *, told: bool = True) -> None:
        report, verdict = hear(forge, change)
        assert (report.verdict, report.refused) == ("PROVED", None)
        assert verdict.accepted or (not told and verdict.reason.startswith(second_checker.CANNOT_TELL)), verdict
        if verdict.accepted:
            assert verdict.maximum == forge.loss_at(*forge.peak)
            assert verdict.upper == forge.upper

    return run


@pytest.fixture
def rejects(hear: Any) -> Callable[..., str]:
    """Assert that neither checker accepts; the checker's reason."""

    def run(forge: Forge, change: Change | None = None) -> str:
        report, verdict = hear(forge, change)
        assert report.verdict in ("UNDECIDED", "REFUTED")
        assert report.refused
        assert not verdict.accepted
        return report.refused

    return run


def path(**changes: Any) -> Forge:
    """Case 15 with a bound 1/2 above its maximum 625/64 at 3/8, which plain intervals can establish too."""
    whole = replace(general(), question="certify", peak=(0, Fraction(3, 8)), upper=PEAK + Fraction(1, 2))
    return replace(whole, cuts={0: SIXTEENTHS}, **changes)


def test_the_path_itself_is_accepted(accepts: Any) -> None:
    """By both checkers, with or without its cuts, as an answer to either question."""
    accepts(path())
    accepts(replace(path(), cuts={}))
    accepts(path(), put("question", "connect"))
    accepts(replace(path(), upper=PEAK, cuts={0: [Fraction(1, 8), Fraction(5, 8)]}), told=False)


@pytest.mark.parametrize("by", [Fraction(1, 10**9), Fraction(1, 10**6), Fraction(1, 10), Fraction(1, 2)])
def test_a_bound_below_the_true_maximum_is_refused(accepts: Any, rejects: Any, by: Fraction) -> None:
    """With the highest place hidden: the loss stated is that at 1/4, the bound a part `by` below the maximum."""
    stated = {"peak": (0, Fraction(1, 4))}
    accepts(replace(path(), **stated))
    assert general().loss_at(0, Fraction(1, 4)) == 9
    lowered = max(PEAK * (1 - by), Fraction(9))
    assert "not established" in rejects(replace(path(), upper=lowered, **stated))
    # Where the true maximum is stated the bound is refuted by it.
    assert "exceeds" in rejects(replace(path(), upper=lowered))


@pytest.mark.parametrize("cuts", [[], [Fraction(1, 2)], [Fraction(1, 2**200)], SIXTEENTHS[:3], SIXTEENTHS[9:]])
def test_no_choice_of_cuts_hides_a_peak(rejects: Any, accepts: Any, cuts: list[Fraction]) -> None:
    """Dropped cuts make pieces wide, never uncovered: the true bound holds, one below the peak does not."""
    accepts(replace(path(), cuts={0: cuts}))
    rejects(replace(path(), cuts={0: cuts}, upper=PEAK - Fraction(1, 10**9), peak=(0, Fraction(1, 4))))


def spike() -> Forge:
    """f = [1 - 1000 |t - 0.334|]_+: zero but on a five-hundredth of the segment, away from every sixty-fourth."""
    start = {"W": np.ones((3, 1)), "V": np.zeros((1, 3)), "A": np.eye(3), "a": np.array([-334.0, -335.0, -336.0])}
    start["U"] = np.array([[1.0, -2.0, 1.0]])
    moves = {"a": ("all", [666.0, 665.0, 664.0])}
    return Forge("parallel", 0, start, np.array([[1.0]]), np.array([[0.0]]), [("general", moves)], question="certify")


def test_a_spike_between_all_samples_is_found(accepts: Any, rejects: Any) -> None:
    """The losses at 64 times are 0 and the maximum is 1 at t = 167/500: claimed to be 1/2 it is refused."""
    forge = spike()
    assert {forge.loss_at(0, Fraction(k, 64)) for k in range(65)} == {0}
    assert forge.loss_at(0, Fraction(334, 1000)) == 1
    cuts = {0: [Fraction(k, 64) for k in range(1, 64)]}
    top = {"peak": (0, Fraction(334, 1000)), "upper": Fraction(5, 4)}
    accepts(replace(forge, cuts=cuts, **top), told=False)
    for upper in (Fraction(0), Fraction(1, 2), Fraction(1) - Fraction(1, 10**9)):
        rejects(replace(forge, cuts=cuts, upper=upper))
        rejects(replace(forge, upper=upper))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("t", "1/4"),
        ("t", "4/8"),
        ("t", "9/8"),
        ("t", "-1/8"),
        ("t", "3/0"),
        ("t", 0),
        ("t", None),
        ("t", text(Fraction(1, 3) + Fraction(1, 2**1001))),
        ("loss", stated(PEAK + Fraction(1, 10**30))),
        ("loss", stated(PEAK - Fraction(1, 10**30))),
        ("upper", text(PEAK - Fraction(1, 10**30))),
        ("upper", None),
        ("segment", 1),
    ],
)
def test_another_place_or_loss_is_refused(accepts: Any, rejects: Any, key: str, value: Any) -> None:
    """Each entry of the maximum in turn, exactly wrong by however little."""
    accepts(path())
    rejects(path(), put("maximum", key, value))


@pytest.mark.parametrize(
    "cuts",
    [
        ["1/2", "1/4"],
        ["1/4", "1/4"],
        ["1/3"],
        ["0/1"],
        ["1/1"],
        ["-1/2"],
        ["3/2"],
        ["2/4"],
        ["0.5"],
        [0],
        [True],
        ["1/" + str(2**201)],
        None,
        {},
        "1/2",
        [None],
    ],
    ids=repr,
)
def test_malformed_cuts_are_refused(accepts: Any, rejects: Any, cuts: Any) -> None:
    """Not increasing, not dyadic, not inside, too fine, or no list of rationals."""
    accepts(path(), put("segments", 0, "cuts", ["1/" + str(2**200), "1/4", "3/8"]))
    rejects(path(), put("segments", 0, "cuts", cuts))


def test_more_cuts_than_allowed_are_refused() -> None:
    """200,001 in one segment, and in two together; 200,000 are not too many."""
    many = [f"{2 * k + 1}/{2**20}" for k in range(200_001)]
    document = replace(path(), segments=[*path().segments, ("general", {})]).document()
    shares = [(many, [], False), (many[:9], ["1/4194304", *many[9:]], False), (many[1:], [], True)]
    for first, second, allowed in shares:
        document["segments"][0]["cuts"], document["segments"][1]["cuts"] = first, second
        if allowed:
            assert len(parse_document(canonical(document)).segments[0].cuts or ()) == 200_000
        else:
            with pytest.raises(Refused, match="200000"):
                parse_document(canonical(document))


def mixed(kind: str, moves: dict[str, Any]) -> Forge:
    """A segment of a residual network that moves these parameters, under some kind's name."""
    forge = general()
    return replace(forge, segments=[(kind, moves)], question="certify")


def test_a_readout_segment_has_no_cuts_and_moves_no_row(accepts: Any, rejects: Any, hear: Any) -> None:
    """Cuts on a readout segment; W, A or U moving on one: in a residual network U is no readout."""
    readout = mixed("readout", {"V": ("all", [[1.0]])})
    assert hear(readout)[0].verdict == "PROVED"
    for cuts in ([], ["1/2"]):
        assert "null unless" in rejects(readout, put("segments", 0, "cuts", cuts))
    for name in ("W", "A", "U"):
        moves = {name: ("all", [[3.0]])}
        assert "called readout" in rejects(mixed("readout", moves))
        assert hear(replace(mixed("general", moves), upper=Fraction(10_000)))[0].verdict == "PROVED"
        assert "called silent" in rejects(mixed("silent", moves))


def test_a_general_segment_called_readout_or_silent_is_refused(rejects: Any) -> None:
    """Case 14, whose ends have loss 0, under names that would make the corners enough."""
    for kind in ("readout", "silent"):
        rejects(replace(hidden(), segments=[(kind, hidden().segments[0][1])], question="certify"))


@pytest.mark.parametrize("statement", ["L7", "L9", "", None])
def test_another_statement_is_refused(rejects: Any, statement: Any) -> None:
    """A general segment rests on the enclosure alone."""
    rejects(path(), put("segments", 0, "statement", statement))


@pytest.mark.parametrize("backwards", [False, True])
def test_a_corner_that_is_not_the_maximum_is_refused(hear: Any, rejects: Any, backwards: bool) -> None:
    """V (1 + A) with V: 2 -> 0 goes down from the corner unless A grows by more than 1, as by 1 + 2^-5."""
    for slope, true in ((0.0, True), (0.5, True), (0.875, True), (1.0 + 2.0**-5, False), (4.0, False)):
        forge = general()
        ends = [{"V": 2.0, "A": 0.0}, {"V": 0.0, "A": slope}]
        first, last = ends[::-1] if backwards else ends
        start = forge.start | {name: np.array([[value]]) for name, value in first.items()}
        moves = {name: ("all", [[value]]) for name, value in last.items()}
        claim = replace(forge, start=start, segments=[("general", moves)], question="certify", cuts={0: SIXTEENTHS})
        assert max(claim.losses()) == 4
        assert (max(claim.loss_at(0, Fraction(k, 256)) for k in range(257)) == 4) == true
        if true:
            report, _ = hear(claim)
            assert (report.verdict, report.to_json()["barrier"]["exact"]) == ("PROVED", "0/1")
        else:
            rejects(claim)


def test_a_corner_claim_off_by_a_millionth_is_refused(hear: Any, rejects: Any) -> None:
    """The start is the maximum; a bound 10^-6 below it is refuted, one 10^-6 above it is not exact and holds."""
    forge = general()
    moves = {"V": ("all", [[0.0]]), "A": ("all", [[0.5]])}
    forge = replace(forge, segments=[("general", moves)], question="certify")
    off = Fraction(1, 10**6)
    assert hear(forge)[0].to_json()["maximum"]["exact"] == "4/1"
    assert hear(replace(forge, upper=4 + off))[0].to_json()["maximum"]["exact"] is None
    assert "exceeds" in rejects(replace(forge, upper=4 - off))
