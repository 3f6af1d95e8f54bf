"""Forged certificates, every digest right, only the claim false: both checkers refuse each and accept its true twin.

A forgery is written by the same function as its twin, from the same path or from one that differs in the one thing
named. So nothing but the claim itself can give it away.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from support.both_checkers import BothCheckers
from support.certificates import Change, Forge, Weights, network_digest, put, stated, text

TINY = Fraction(1, 10**30)


def both(*changes: Change) -> Change:
    return lambda document: [change(document) for change in changes]


def claims(loss: Fraction) -> Change:
    """A change of the maximum: attained and never exceeded, as without a general segment."""
    return both(put("maximum", "loss", stated(loss)), put("maximum", "upper", text(loss)))


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


def test_the_path_itself_is_accepted(checkers: BothCheckers) -> None:
    """With and without its ends; the maximum lies strictly inside, and the ends and it are three numbers."""
    forge = path()
    losses = forge.losses()
    assert max(losses[1:-1]) > losses[0] != losses[-1]
    assert max(losses[1:-1]) > losses[-1]
    checkers.accepts(forge)
    checkers.ends = given(forge)
    checkers.accepts(forge)


@pytest.mark.parametrize("by", [TINY, Fraction(1, 3), Fraction(1)])
def test_a_lowered_maximum_is_refuted(checkers: BothCheckers, by: Fraction) -> None:
    """By a third or by 10^-30: the path itself exceeds what it claims."""
    maximum = max(path().losses())
    checkers.accepts(path(), claims(maximum))
    checkers.refutes(path(), claims(maximum - by))
    checkers.refuses(path(), put("maximum", "loss", stated(maximum - by)))
    checkers.refuses(path(), put("maximum", "upper", text(maximum - by)))


def test_a_maximum_lowered_to_that_of_the_ends_is_refuted(checkers: BothCheckers) -> None:
    """The claim of no barrier at all, placed where that loss is attained."""
    forge = path()
    losses = forge.losses()
    last = len(forge.segments) - 1
    lower = (losses[0], 0, "0/1") if losses[0] >= losses[-1] else (losses[-1], last, "1/1")
    loss, segment, t = lower
    checkers.accepts(forge)
    checkers.refutes(forge, put("maximum", {"loss": stated(loss), "segment": segment, "t": t, "upper": text(loss)}))


@pytest.mark.parametrize("by", [TINY, Fraction(1)])
def test_a_raised_maximum_is_refused(checkers: BothCheckers, by: Fraction) -> None:
    """It would be a true bound, but it is said to be attained."""
    maximum = max(path().losses())
    checkers.accepts(path())
    assert "not attain" in checkers.refuses(path(), claims(maximum + by))
    checkers.refuses(path(), put("maximum", "loss", stated(maximum + by)))
    checkers.refuses(path(), put("maximum", "upper", text(maximum + by)))


def test_a_moved_place_of_the_maximum_is_refused(checkers: BothCheckers) -> None:
    """Exactly the names of corners that attain the maximum are accepted, whatever the digests say."""
    forge = path()
    losses = forge.losses()
    for segment in range(len(forge.segments)):
        for t in (0, 1):
            top = text(max(losses))
            change = put("maximum", {"loss": stated(Fraction(top)), "segment": segment, "t": f"{t}/1", "upper": top})
            if losses[segment + t] == max(losses):
                checkers.accepts(forge, change)
            else:
                assert "does not attain its maximum" in checkers.refuses(forge, change)


@pytest.mark.parametrize("which", ["start", "end"])
def test_another_loss_of_an_end_is_refused(checkers: BothCheckers, which: str) -> None:
    """Higher, so that the barrier looks lower, or lower."""
    forge = path()
    loss = forge.losses()[0 if which == "start" else -1]
    checkers.accepts(forge, put(which, "loss", stated(loss)))
    for forged in (loss + TINY, loss - TINY, max(forge.losses())):
        checkers.refuses(forge, put(which, "loss", stated(forged)))


def test_a_level_below_the_maximum_is_refuted(checkers: BothCheckers) -> None:
    """The maximum itself is a true level, anything below it is not."""
    forge = path()
    maximum = max(forge.losses())
    for level in (maximum, maximum + TINY):
        checkers.accepts(forge, put("level", text(level)))
    for level in (maximum - TINY, max(forge.losses()[0], forge.losses()[-1]), Fraction(0), Fraction(-1)):
        checkers.refutes(forge, put("level", text(level)))


def test_a_lowered_maximum_with_a_level_to_match_is_refuted(checkers: BothCheckers) -> None:
    """Both numbers lowered together agree with each other, not with the path."""
    forge = path()
    maximum = max(forge.losses())
    checkers.accepts(forge, put("level", text(maximum)))
    checkers.refutes(forge, both(claims(maximum - TINY), put("level", text(maximum - TINY))))


# The chain


@pytest.mark.parametrize("k", range(4))
def test_swapped_corners_are_refused(checkers: BothCheckers, k: int) -> None:
    """Two neighbouring segments exchanged, all claims computed anew: now something live moves, or something else."""
    forge = path()
    checkers.ends = given(forge)
    checkers.accepts(forge)
    segments = list(forge.segments)
    segments[k], segments[k + 1] = segments[k + 1], segments[k]
    swapped = replace(forge, segments=segments)
    if k == 3:
        assert "live" in checkers.refuses(swapped)
        return
    # The stored arrays of the true path under the kinds of the other order.
    kinds = [(kind, moves) for (kind, _), (_, moves) in zip(segments, forge.segments, strict=True)]
    checkers.refuses(replace(forge, segments=kinds))
    if k == 0:
        assert "live" in checkers.refuses(swapped)


def test_exchanged_ends_are_refused(checkers: BothCheckers) -> None:
    """Digest and loss of start and end exchanged, and the networks given in the other order."""
    forge = path()
    truth = forge.document()
    checkers.accepts(forge)
    checkers.refuses(forge, both(put("start", truth["end"]), put("end", truth["start"])))
    ends = given(forge)
    checkers.ends = {"start": ends["end"], "end": ends["start"]}
    checkers.refuses(forge)
    checkers.refuses(forge, both(put("start", truth["end"]), put("end", truth["start"])))


@pytest.mark.parametrize("k", range(5))
def test_a_relabelled_segment_is_refused(checkers: BothCheckers, k: int) -> None:
    """Readout called silent and silent called readout, with the statement to match, or only half of it."""
    kinds = {"readout": ("silent", "L9"), "silent": ("readout", "L7")}
    forge = path()
    kind = forge.segments[k][0]
    other, statement = kinds[kind]
    truth = both(put("segments", k, "kind", kind), put("segments", k, "statement", kinds[other][1]))
    checkers.accepts(forge, truth)
    checkers.refuses(forge, both(put("segments", k, "kind", other), put("segments", k, "statement", statement)))
    checkers.refuses(forge, put("segments", k, "kind", other))
    checkers.refuses(forge, put("segments", k, "statement", statement))


@pytest.mark.parametrize("k", range(5))
def test_a_dropped_segment_is_refused(checkers: BothCheckers, k: int) -> None:
    """Claims computed anew without segment k: the end is another network, or a later segment no longer silent."""
    forge = path()
    checkers.ends = given(forge)
    checkers.accepts(forge)
    shorter = replace(forge, segments=[segment for j, segment in enumerate(forge.segments) if j != k])
    checkers.refuses(shorter)
    # The same with the end's digest as the true path has it, and no network given.
    checkers.ends = {}
    checkers.refuses(shorter, put("end", "digest", forge.document()["end"]["digest"]))


def test_a_segment_emptied_of_its_moves_is_refused(checkers: BothCheckers) -> None:
    """The arrays gone, the count of segments kept."""
    forge = path()
    checkers.ends = given(forge)
    checkers.accepts(forge)
    for k, (kind, _) in enumerate(forge.segments):
        segments = list(forge.segments)
        segments[k] = (kind, {})
        checkers.refuses(replace(forge, segments=segments))


@pytest.mark.parametrize("which", ["start", "end"])
@pytest.mark.parametrize("name", ["W", "V", "A", "a", "B1", "b1", "U", "c"])
def test_a_replaced_end_is_refused(checkers: BothCheckers, which: str, name: str) -> None:
    """Digest (and loss) of a network that differs by one ulp in one weight, given along with it or not."""
    forge = path()
    corner = copy.deepcopy(forge.corners()[0 if which == "start" else -1])
    corner[name].flat[0] = np.nextafter(corner[name].flat[0], 9.0)
    there = replace(forge, start=corner, segments=[("readout", {})])
    change = put(which, there.document()["start"])
    assert there.document()["start"]["digest"] != forge.document()[which]["digest"]
    checkers.refuses(forge, change)
    checkers.ends = given(forge) | {which: (forge.kind, forge.bias, corner)}
    checkers.refuses(forge, change)
    checkers.refuses(forge)
    checkers.ends = given(forge)
    checkers.accepts(forge)


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
def test_a_true_path_to_the_reference_is_accepted(checkers: BothCheckers, with_c: bool) -> None:
    """The twin of all below, with start and reference given, and without."""
    forge = to_reference(with_c=with_c)
    checkers.accepts(forge)
    checkers.ends = {"start": given(forge)["start"], "end": reference_of(forge)}
    checkers.accepts(forge)


@pytest.mark.parametrize("by", ["equal", "worse"])
def test_an_end_that_is_not_better_than_the_start_is_refused(checkers: BothCheckers, by: str) -> None:
    """The same path is true as an answer to `connect`, but says nothing about depth."""
    forge = to_reference()
    if by == "equal":
        # A start that is the reference already: the losses are the same number.
        forge.start = forge.corners()[-1]
    else:
        forge.segments.append(("readout", {"V": ("all", [[50.0, 0.0, 0.25]])}))
    losses = forge.losses()
    assert losses[-1] == losses[0] if by == "equal" else losses[-1] > losses[0]
    assert "not below" in checkers.refuses(forge)
    checkers.accepts(replace(forge, question="connect", slots=None))


@pytest.mark.parametrize(
    "slots", [[0, 2], [1, 0], [2, 1], [2], [0], [0, 1, 2], [2, 0, 1], [2, 2], [2, 0, 0], [2, 3], []]
)
def test_wrong_slots_are_refused(checkers: BothCheckers, slots: list[int]) -> None:
    """Permuted, other, fewer, more, repeated, beyond the width, none."""
    checkers.accepts(to_reference(), put("reference", "slots", [2, 0]))
    checkers.refuses(to_reference(), put("reference", "slots", slots))


@pytest.mark.parametrize("name", ["W", "V", "c"])
def test_a_reference_altered_by_one_ulp_is_refused(checkers: BothCheckers, name: str) -> None:
    """Its digest claimed, the altered network given, or both."""
    forge = to_reference(with_c=True)
    altered = copy.deepcopy(forge.reference())
    altered[name].flat[-1] = np.nextafter(altered[name].flat[-1], 9.0)
    claimed = put("reference", "digest", network_digest("two-layer", forge.bias, altered))
    checkers.refuses(forge, claimed)
    checkers.ends = {"end": ("two-layer", forge.bias, altered)}
    checkers.refuses(forge)
    checkers.refuses(forge, claimed)
    checkers.ends = {"end": reference_of(forge)}
    checkers.refuses(forge, claimed)
    checkers.accepts(forge)


@pytest.mark.parametrize("size", [0.5, 5e-324, -5e-324])
@pytest.mark.parametrize("name", ["U", "V"])
def test_something_beside_the_reference_at_the_end_is_refused(checkers: BothCheckers, name: str, size: float) -> None:
    """U is not zero at the end, or V is not zero off the slots; zero with either sign is."""
    forge = to_reference()
    beside = {"U": [[0.0, 1.0]], "V": [[0.5, 1.0, 0.25]]}[name]
    for value, verdict in ((size, checkers.refuses), (0.0, checkers.accepts), (-0.0, checkers.accepts)):
        last = np.where(np.array(beside) == 1.0, value, beside)
        ending = replace(forge, segments=[*forge.segments, ("readout", {name: ("all", last)})])
        assert ending.losses()[-1] < ending.losses()[0]
        verdict(ending)


def test_an_output_bias_that_the_reference_does_not_have_is_refused(checkers: BothCheckers) -> None:
    """The end has c = 1/8; a reference without c is another network."""
    forge = to_reference(with_c=True)
    checkers.accepts(forge)
    checkers.refuses(replace(forge, reference_has_c=False))


def test_a_connect_certificate_does_not_pass_for_depth(checkers: BothCheckers) -> None:
    """The question exchanged, with and without a reference to match."""
    forge = to_reference()
    checkers.refuses(forge, put("reference", None))
    checkers.refuses(forge, put("question", "connect"))
    checkers.accepts(forge, both(put("question", "connect"), put("reference", None)))
