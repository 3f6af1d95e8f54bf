"""Forged certificates, every digest right, only the claim false: both checkers refuse each and accept its true twin.

A forgery is written by the same function as its twin, from the same path or from one that differs in the one thing
named. So nothing but the claim itself can give it away.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from court import Change, Court, put
from forging import Forge, Weights, network_digest, text

TINY = Fraction(1, 10**30)


@pytest.fixture
def court(tmp_path: Path) -> Court:
    return Court(tmp_path)


def both(*changes: Change) -> Change:
    return lambda document: [change(document) for change in changes]


def claims(loss: Fraction) -> Change:
    """A change of the maximum: attained and never exceeded, as without a general segment."""
    return both(put("maximum", "loss", text(loss)), put("maximum", "upper", text(loss)))


def array(*rows: Any) -> np.ndarray:
    return np.array(rows, dtype=float)


def path() -> Forge:
    """Branch off, a neuron and the branch loaded, neuron read, branch on: every corner has another loss."""
    start = {
        "W": array([1, 0, 0.5], [0, -1, 1], [2, 1, 0]),
        "V": array([1, -2, 0]),
        "A": array([0.5, 1, 1], [1, 0, -1]),
        "a": array(0.25, 0.5),
        "B1": array([1, -1], [0.5, 2]),
        "b1": array(0.5, -0.25),
        "U": array([1, 0.5]),
        "c": array(0.5),
    }
    segments = [
        ("readout", {"U": ("all", [[0.0, 0.0]]), "c": ("all", [-5.0])}),
        ("silent", {"W": ([2], [[1.0, 1.0, 0.0]]), "A": ([0], [[2.0], [3.0]]), "b1": ("all", [1.0, 1.0])}),
        ("readout", {"V": ([2], [[0.75]])}),
        ("silent", {"B1": ("all", [[0.5, 0.0], [0.0, 0.5]])}),
        ("readout", {"U": ("all", [[0.25, -0.5]]), "c": ("all", [0.0])}),
    ]
    x, y = array([1, 0], [0, 1], [-1, 2]), array([1], [0], [-0.5])
    return Forge("parallel", 1, start, x, y, segments)


def given(forge: Forge) -> dict[str, tuple[str, int, Weights]]:
    """The networks at both ends of a path, as a user would give them."""
    first, *_, last = forge.corners()
    return {"start": (forge.kind, forge.bias, first), "end": (forge.kind, forge.bias, last)}


# Numbers


def test_the_path_itself_is_accepted(court: Court) -> None:
    """With and without its ends; the maximum lies strictly inside, and the ends and it are three numbers."""
    forge = path()
    losses = forge.losses()
    assert max(losses[1:-1]) > losses[0] != losses[-1]
    assert max(losses[1:-1]) > losses[-1]
    court.accepts(forge)
    court.ends = given(forge)
    court.accepts(forge)


@pytest.mark.parametrize("by", [TINY, Fraction(1, 3), Fraction(1)])
def test_a_lowered_maximum_is_refuted(court: Court, by: Fraction) -> None:
    """By a third or by 10^-30: the path itself exceeds what it claims."""
    maximum = max(path().losses())
    court.accepts(path(), claims(maximum))
    court.refutes(path(), claims(maximum - by))
    court.refuses(path(), put("maximum", "loss", text(maximum - by)))
    court.refuses(path(), put("maximum", "upper", text(maximum - by)))


def test_a_maximum_lowered_to_that_of_the_ends_is_refuted(court: Court) -> None:
    """The claim of no barrier at all, placed where that loss is attained."""
    forge = path()
    losses = forge.losses()
    last = len(forge.segments) - 1
    lower = (losses[0], 0, "0/1") if losses[0] >= losses[-1] else (losses[-1], last, "1/1")
    loss, segment, t = lower
    court.accepts(forge)
    court.refutes(forge, put("maximum", {"loss": text(loss), "segment": segment, "t": t, "upper": text(loss)}))


@pytest.mark.parametrize("by", [TINY, Fraction(1)])
def test_a_raised_maximum_is_refused(court: Court, by: Fraction) -> None:
    """It would be a true bound, but it is said to be attained."""
    maximum = max(path().losses())
    court.accepts(path())
    assert "not attain" in court.refuses(path(), claims(maximum + by))
    court.refuses(path(), put("maximum", "loss", text(maximum + by)))
    court.refuses(path(), put("maximum", "upper", text(maximum + by)))


def test_a_moved_place_of_the_maximum_is_refused(court: Court) -> None:
    """Exactly the names of corners that attain the maximum are accepted, whatever the digests say."""
    forge = path()
    losses = forge.losses()
    for segment in range(len(forge.segments)):
        for t in (0, 1):
            top = text(max(losses))
            change = put("maximum", {"loss": top, "segment": segment, "t": f"{t}/1", "upper": top})
            if losses[segment + t] == max(losses):
                court.accepts(forge, change)
            else:
                assert "does not attain its maximum" in court.refuses(forge, change)


@pytest.mark.parametrize("which", ["start", "end"])
def test_another_loss_of_an_end_is_refused(court: Court, which: str) -> None:
    """Higher, so that the barrier looks lower, or lower."""
    forge = path()
    loss = forge.losses()[0 if which == "start" else -1]
    court.accepts(forge, put(which, "loss", text(loss)))
    for forged in (loss + TINY, loss - TINY, max(forge.losses())):
        court.refuses(forge, put(which, "loss", text(forged)))


def test_a_level_below_the_maximum_is_refuted(court: Court) -> None:
    """The maximum itself is a true level, anything below it is not."""
    forge = path()
    maximum = max(forge.losses())
    for level in (maximum, maximum + TINY):
        court.accepts(forge, put("level", text(level)))
    for level in (maximum - TINY, max(forge.losses()[0], forge.losses()[-1]), Fraction(0), Fraction(-1)):
        court.refutes(forge, put("level", text(level)))


def test_a_lowered_maximum_with_a_level_to_match_is_refuted(court: Court) -> None:
    """Both numbers lowered together agree with each other, not with the path."""
    forge = path()
    maximum = max(forge.losses())
    court.accepts(forge, put("level", text(maximum)))
    court.refutes(forge, both(claims(maximum - TINY), put("level", text(maximum - TINY))))


# The chain


@pytest.mark.parametrize("k", range(4))
def test_swapped_corners_are_refused(court: Court, k: int) -> None:
    """Two neighbouring segments exchanged, all claims computed anew: now something live moves, or something else."""
    forge = path()
    court.ends = given(forge)
    court.accepts(forge)
    segments = list(forge.segments)
    segments[k], segments[k + 1] = segments[k + 1], segments[k]
    swapped = replace(forge, segments=segments)
    if k == 3:
        assert "live" in court.refuses(swapped)
        return
    # The stored arrays of the true path under the kinds of the other order.
    kinds = [(kind, moves) for (kind, _), (_, moves) in zip(segments, forge.segments, strict=True)]
    court.refuses(replace(forge, segments=kinds))
    if k == 0:
        assert "live" in court.refuses(swapped)


def test_exchanged_ends_are_refused(court: Court) -> None:
    """Digest and loss of start and end exchanged, and the networks given in the other order."""
    forge = path()
    truth = forge.document()
    court.accepts(forge)
    court.refuses(forge, both(put("start", truth["end"]), put("end", truth["start"])))
    ends = given(forge)
    court.ends = {"start": ends["end"], "end": ends["start"]}
    court.refuses(forge)
    court.refuses(forge, both(put("start", truth["end"]), put("end", truth["start"])))


@pytest.mark.parametrize("k", range(5))
def test_a_relabelled_segment_is_refused(court: Court, k: int) -> None:
    """Readout called silent and silent called readout, with the statement to match, or only half of it."""
    kinds = {"readout": ("silent", "L9"), "silent": ("readout", "L7")}
    forge = path()
    kind = forge.segments[k][0]
    other, statement = kinds[kind]
    truth = both(put("segments", k, "kind", kind), put("segments", k, "statement", kinds[other][1]))
    court.accepts(forge, truth)
    court.refuses(forge, both(put("segments", k, "kind", other), put("segments", k, "statement", statement)))
    court.refuses(forge, put("segments", k, "kind", other))
    court.refuses(forge, put("segments", k, "statement", statement))


@pytest.mark.parametrize("k", range(5))
def test_a_dropped_segment_is_refused(court: Court, k: int) -> None:
    """Claims computed anew without segment k: the end is another network, or a later segment no longer silent."""
    forge = path()
    court.ends = given(forge)
    court.accepts(forge)
    shorter = replace(forge, segments=[segment for j, segment in enumerate(forge.segments) if j != k])
    court.refuses(shorter)
    # The same with the end's digest as the true path has it, and no network given.
    court.ends = {}
    court.refuses(shorter, put("end", "digest", forge.document()["end"]["digest"]))


def test_a_segment_emptied_of_its_moves_is_refused(court: Court) -> None:
    """The arrays gone, the count of segments kept."""
    forge = path()
    court.ends = given(forge)
    court.accepts(forge)
    for k, (kind, _) in enumerate(forge.segments):
        segments = list(forge.segments)
        segments[k] = (kind, {})
        court.refuses(replace(forge, segments=segments))


@pytest.mark.parametrize("which", ["start", "end"])
@pytest.mark.parametrize("name", ["W", "V", "A", "a", "B1", "b1", "U", "c"])
def test_a_replaced_end_is_refused(court: Court, which: str, name: str) -> None:
    """Digest (and loss) of a network that differs by one ulp in one weight, given along with it or not."""
    forge = path()
    corner = copy.deepcopy(forge.corners()[0 if which == "start" else -1])
    corner[name].flat[0] = np.nextafter(corner[name].flat[0], 9.0)
    there = replace(forge, start=corner, segments=[("readout", {})])
    change = put(which, there.document()["start"])
    assert there.document()["start"]["digest"] != forge.document()[which]["digest"]
    court.refuses(forge, change)
    court.ends = given(forge) | {which: (forge.kind, forge.bias, corner)}
    court.refuses(forge, change)
    court.refuses(forge)
    court.ends = given(forge)
    court.accepts(forge)


# Silent segments: every parameter below whatever may follow it, dead or alive

UNITS = {
    # The neuron or unit that a move enters, the move, and all that unit feeds: name, place.
    "row of W": ({"W": ([1], [[9.0, -9.0]])}, [("V", (0, 1)), ("A", (0, 1)), ("A", (1, 1))]),
    "row of A": ({"A": ("all", [[1.0, 1.0, 1.0], [5.0, 6.0, 7.0]])}, [("B1", (0, 1)), ("B1", (1, 1))]),
    "column of A": ({"A": ([2], [[1.0], [7.0]])}, [("B1", (0, 1)), ("B1", (1, 1))]),
    "entry of a": ({"a": ("all", [1.0, 5.0])}, [("B1", (0, 1)), ("B1", (1, 1))]),
    "row of B1": ({"B1": ("all", [[1.0, 1.0], [5.0, 6.0]])}, [("U", (0, 1))]),
    "entry of b1": ({"b1": ("all", [1.0, 5.0])}, [("U", (0, 1))]),
}
FEEDS = [(unit, name, place) for unit, (_, feeds) in UNITS.items() for name, place in feeds]


def one_segment(moves: dict[str, tuple[Any, Any]], zeros: list[tuple[str, tuple[int, int]]]) -> Forge:
    """One silent segment where all weights are 1 but those at `zeros`; layers 3 -> 2 -> 2."""
    start = {
        "W": array([1, 2], [3, -1], [1, 1]),
        "V": np.ones((1, 3)),
        "A": np.ones((2, 3)),
        "a": np.ones(2),
        "B1": np.ones((2, 2)),
        "b1": np.ones(2),
        "U": np.ones((1, 2)),
        "c": np.ones(1),
    }
    for name, place in zeros:
        start[name][place] = 0.0
    return Forge("parallel", 1, start, array([1], [2], [-1]), array([1], [0], [3]), [("silent", moves)])


@pytest.mark.parametrize("unit", UNITS)
def test_a_move_into_a_unit_that_feeds_nothing_is_silent(court: Court, unit: str) -> None:
    """The true twin of all below; so is the move followed by a readout segment that wakes the unit up."""
    moves, feeds = UNITS[unit]
    court.accepts(one_segment(moves, feeds))


@pytest.mark.parametrize(("unit", "name", "place"), FEEDS)
@pytest.mark.parametrize("size", [1.0, -5e-324])
def test_a_move_into_a_unit_that_is_read_is_refused(
    court: Court, unit: str, name: str, place: tuple[int, int], size: float
) -> None:
    """One weight that follows is not zero, be it the smallest of all floats."""
    moves, feeds = UNITS[unit]
    forge = one_segment(moves, feeds)
    forge.start[name][place] = size
    assert "silent" in court.refuses(forge)


@pytest.mark.parametrize(("unit", "name", "place"), FEEDS)
@pytest.mark.parametrize("opens", [True, False], ids=["zero at the start only", "zero at the end only"])
def test_a_move_into_a_unit_that_is_read_at_one_end_of_the_segment_only_is_refused(
    court: Court, unit: str, name: str, place: tuple[int, int], opens: bool
) -> None:
    """The weight that follows moves too: zero at one corner, not at the other, so the unit is read in between."""
    moves, feeds = UNITS[unit]
    forge = one_segment(moves, feeds)
    ends = [forge.start[name].copy(), forge.start[name].copy()]
    ends[opens][place] = 1.0
    forge.start[name] = ends[0]
    forge.segments = [("silent", moves | {name: ("all", ends[1])})]
    assert "silent" in court.refuses(forge)
    # One after the other it is true, where the weight that follows is a readout.
    if name in "VU":
        load, read = ("silent", moves), ("readout", {name: ("all", ends[1])})
        forge.segments = [load, read] if opens else [read, load]
        court.accepts(forge)


def test_a_move_hidden_behind_equal_losses_is_refused(court: Court) -> None:
    """Blueprint's known answer 14: V and A move at once, all corners have loss 0, between them it reaches 1."""
    start = {"W": array([1]), "V": array([0]), "A": array([-1]), "U": array([Fraction(-7, 6)])}
    moves = {"V": ("all", [[7.0]]), "A": ("all", [[6.0]])}
    x, y = array([1]), array([0])
    for kind in ("silent", "readout"):
        forge = Forge("parallel", 0, start, x, y, [(kind, moves)])
        assert max(forge.losses()) < Fraction(1, 10**30)
        court.refuses(forge)
    honest = [("readout", {"V": ("all", [[7.0]])})]
    court.accepts(Forge("parallel", 0, start, x, y, honest))


def test_a_silent_segment_with_equal_outputs_at_both_corners_is_refused(court: Court) -> None:
    """Two equal neurons exchange a live row: f is the same at both corners and not between them."""
    start = {"W": array([1], [-1]), "V": array([1, 1])}
    x, y = array([1], [-1]), array([1], [1])
    forge = Forge("two-layer", 0, start, x, y, [("silent", {"W": ("all", [[-1.0], [1.0]])})])
    assert forge.losses() == [0, 0]
    court.refuses(forge)
    court.accepts(replace(forge, start=start | {"V": array([0, 0])}))


@pytest.mark.parametrize("name", ["V", "U", "c"])
def test_a_silent_segment_that_moves_a_readout_is_refused(court: Court, name: str) -> None:
    """Even the readout of a neuron whose row is zero; called readout it is true."""
    forge = one_segment({}, [])
    forge.start["W"][:] = 0.0
    moved = ("all", forge.start[name] + np.ldexp(1.0, -30))
    forge.segments = [("silent", {name: moved})]
    assert "silent" in court.refuses(forge)
    forge.segments = [("readout", {name: moved})]
    court.accepts(forge)


# Readout segments


@pytest.mark.parametrize("unit", UNITS)
def test_a_readout_segment_that_also_moves_something_else_is_refused(court: Court, unit: str) -> None:
    """V moves, and a row of W with it, dead or not; in two segments it is true."""
    moves, feeds = UNITS[unit]
    forge = one_segment(moves, feeds)
    read = {"V": ("all", forge.start["V"] * 2)}
    forge.segments = [("readout", read | moves)]
    assert "called readout" in court.refuses(forge)
    forge.segments = [("silent", moves), ("readout", read)]
    court.accepts(forge)


def test_a_readout_segment_that_moves_a_live_row_by_one_ulp_is_refused(court: Court) -> None:
    """The smallest possible move of W; a weight that is listed and stays does no harm."""
    forge = one_segment({}, [])
    row = forge.start["W"][[1]]
    read = {"V": ("all", forge.start["V"] * 2)}
    forge.segments = [("readout", read | {"W": ([1], np.nextafter(row, 9.0))})]
    assert "called readout" in court.refuses(forge)
    forge.segments = [("readout", read | {"W": ([1], row)})]
    court.accepts(forge)


# Depth


def to_reference(*, with_c: bool = False) -> Forge:
    """From the path's start to a two-layer reference with neurons on slots 2 and 0, in this order."""
    forge = path()
    forge.segments = [
        ("readout", {"V": ("all", [[0.0, 0.0, 0.0]]), "U": ("all", [[0.0, 0.0]]), "c": ("all", [0.0])}),
        ("silent", {"W": ([0, 2], [[1.0, -1.0, 0.5], [-1.0, 0.0, 1.0]])}),
        ("readout", {"V": ("all", [[0.5, 0.0, 0.25]]), "c": ("all", [0.125 if with_c else 0.0])}),
    ]
    forge.question, forge.slots, forge.reference_has_c = "depth", [2, 0], with_c
    assert forge.losses()[-1] < forge.losses()[0]
    return forge


def reference_of(forge: Forge) -> tuple[str, int, Weights]:
    return ("two-layer", forge.bias, forge.reference())


@pytest.mark.parametrize("with_c", [False, True])
def test_a_true_path_to_the_reference_is_accepted(court: Court, with_c: bool) -> None:
    """The twin of all below, with start and reference given, and without."""
    forge = to_reference(with_c=with_c)
    court.accepts(forge)
    court.ends = {"start": given(forge)["start"], "end": reference_of(forge)}
    court.accepts(forge)


@pytest.mark.parametrize("by", ["equal", "worse"])
def test_an_end_that_is_not_better_than_the_start_is_refused(court: Court, by: str) -> None:
    """The same path is true as an answer to `connect`, but says nothing about depth."""
    forge = to_reference()
    if by == "equal":
        # A start that is the reference already: the losses are the same number.
        forge.start = forge.corners()[-1]
    else:
        forge.segments.append(("readout", {"V": ("all", [[50.0, 0.0, 0.25]])}))
    losses = forge.losses()
    assert losses[-1] == losses[0] if by == "equal" else losses[-1] > losses[0]
    assert "not below" in court.refuses(forge)
    court.accepts(replace(forge, question="connect", slots=None))


@pytest.mark.parametrize(
    "slots", [[0, 2], [1, 0], [2, 1], [2], [0], [0, 1, 2], [2, 0, 1], [2, 2], [2, 0, 0], [2, 3], []]
)
def test_wrong_slots_are_refused(court: Court, slots: list[int]) -> None:
    """Permuted, other, fewer, more, repeated, beyond the width, none."""
    court.accepts(to_reference(), put("reference", "slots", [2, 0]))
    court.refuses(to_reference(), put("reference", "slots", slots))


@pytest.mark.parametrize("name", ["W", "V", "c"])
def test_a_reference_altered_by_one_ulp_is_refused(court: Court, name: str) -> None:
    """Its digest claimed, the altered network given, or both."""
    forge = to_reference(with_c=True)
    altered = copy.deepcopy(forge.reference())
    altered[name].flat[-1] = np.nextafter(altered[name].flat[-1], 9.0)
    claimed = put("reference", "digest", network_digest("two-layer", forge.bias, altered))
    court.refuses(forge, claimed)
    court.ends = {"end": ("two-layer", forge.bias, altered)}
    court.refuses(forge)
    court.refuses(forge, claimed)
    court.ends = {"end": reference_of(forge)}
    court.refuses(forge, claimed)
    court.accepts(forge)


@pytest.mark.parametrize("size", [0.5, 5e-324, -5e-324])
@pytest.mark.parametrize("name", ["U", "V"])
def test_something_beside_the_reference_at_the_end_is_refused(court: Court, name: str, size: float) -> None:
    """U is not zero at the end, or V is not zero off the slots; zero with either sign is."""
    forge = to_reference()
    beside = {"U": [[0.0, 1.0]], "V": [[0.5, 1.0, 0.25]]}[name]
    for value, verdict in ((size, court.refuses), (0.0, court.accepts), (-0.0, court.accepts)):
        last = np.where(np.array(beside) == 1.0, value, beside)
        ending = replace(forge, segments=[*forge.segments, ("readout", {name: ("all", last)})])
        assert ending.losses()[-1] < ending.losses()[0]
        verdict(ending)


def test_an_output_bias_that_the_reference_does_not_have_is_refused(court: Court) -> None:
    """The end has c = 1/8; a reference without c is another network."""
    forge = to_reference(with_c=True)
    court.accepts(forge)
    court.refuses(replace(forge, reference_has_c=False))


def test_a_connect_certificate_does_not_pass_for_depth(court: Court) -> None:
    """The question exchanged, with and without a reference to match."""
    forge = to_reference()
    court.refuses(forge, put("reference", None))
    court.refuses(forge, put("question", "connect"))
    court.accepts(forge, both(put("question", "connect"), put("reference", None)))
