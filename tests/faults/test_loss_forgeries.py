"""Forgeries about losses and error rates, all digests recomputed: each is refused or refuted beside its true twin."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from numerics.checker import check
from support.both_checkers import BothCheckers
from support.certificates import Forge, between_ends, put, stated, text
from support.loss_oracles import IRRATIONAL, LOSSES, SIGNS
from support.loss_segments import crossed, dip, path_for


@pytest.fixture
def checkers(tmp_path: Any) -> BothCheckers:
    return BothCheckers(tmp_path)


def verdict(checkers: BothCheckers, forge: Forge, change: Any = None, **options: Any) -> dict[str, Any]:
    cert, data = forge.write(checkers.folder / "path.cert", change), forge.write_data(checkers.folder / "data.npz")
    return check(cert, str(data), **options).to_json()


@pytest.mark.parametrize("loss", LOSSES)
def test_true_paths_are_proved_for_every_loss(checkers: BothCheckers, loss: str) -> None:
    """Ends and maximum lie in the enclosures, the claim names the loss, errors are counted where there are labels."""
    forge = path_for(loss)
    checkers.accepts(forge)
    answer = verdict(checkers, forge)
    assert answer["claim"].startswith(f"{loss} loss <= ")
    assert answer["loss"] == loss
    losses = [forge.ends_of(weights) for weights in forge.corners()]
    for name, known in (("start", losses[0]), ("end", losses[-1]), ("maximum", max(losses))):
        assert Fraction(answer[name]["lower"]) <= known[0] <= known[1] <= Fraction(answer[name]["upper"])
        assert (answer[name]["exact"] is None) == (loss in IRRATIONAL)
    if loss in SIGNS:
        assert answer["error_rate"] is None
    else:
        wrong = max(forge.wrong(weights) for weights in forge.corners())
        assert Fraction(answer["error_rate"]["exact"]) >= Fraction(wrong, len(forge.x))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("which", ["start", "end", "maximum"])
@pytest.mark.parametrize("by", [Fraction(1, 2**100), -Fraction(1, 2**100), Fraction(1, 3), -Fraction(1, 2**800)])
def test_a_stated_loss_that_is_another_is_refused(checkers: BothCheckers, loss: str, which: str, by: Fraction) -> None:
    """By a third, by 2^-100 and by less than mpmath's digits tell: then only what holds the loss is accepted."""
    forge = path_for(loss)
    known = {key: Fraction(value) for key, value in forge.document()[which]["loss"].items()}
    moved = {key: text(value + by) for key, value in known.items()}
    change = put(which, "loss", moved)
    if loss in IRRATIONAL and abs(by) < Fraction(1, 2**300):
        checkers.accepts(forge, change)
    else:
        assert checkers.refuses(forge, change)


@pytest.mark.parametrize("loss", IRRATIONAL)
def test_an_enclosure_that_misses_the_loss_or_says_little_is_refused(checkers: BothCheckers, loss: str) -> None:
    forge = path_for(loss)
    low, high = (Fraction(value) for value in forge.document()["start"]["loss"].values())
    width = high - low
    checkers.accepts(forge, put("start", "loss", between_ends((low - width, high + width))))
    for lower, upper in (
        (high, high + width),  # just above
        (low - width, low),  # just below
        ((low + 3 * high) / 4, high + width),  # above it, and not by much
        (low, low),  # one rational
        (low - low / 2**59, high),  # wider than 2^-60 of the loss
        (Fraction(0), high),
        (high, low),
        (-width, high),
    ):
        assert checkers.refuses(forge, put("start", "loss", between_ends((lower, upper))))


@pytest.mark.parametrize("loss", [name for name in LOSSES if name not in IRRATIONAL])
def test_a_rational_loss_has_no_width(checkers: BothCheckers, loss: str) -> None:
    forge = path_for(loss)
    low = Fraction(forge.document()["end"]["loss"]["lower"])
    checkers.accepts(forge)
    assert "must be the same" in checkers.refuses(
        forge, put("end", "loss", between_ends((low, low + Fraction(1, 2**200))))
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_another_loss_by_name_is_refused(checkers: BothCheckers, loss: str) -> None:
    """The numbers of one loss under the name of another, everything else recomputed."""
    forge = path_for(loss)
    for other in LOSSES:
        if other != loss:
            checkers.refuses(forge, put("loss", other))
    for unknown in ("mse", "huber", "huber:2/4", "huber:0/1", "Squared", None, 1, ["squared"], "cross-entropy "):
        checkers.refuses(forge, put("loss", unknown))


def test_all_of_another_loss_is_that_loss(checkers: BothCheckers) -> None:
    """The twin: the same path with the numbers of the other loss."""
    checkers.accepts(replace(path_for("cross-entropy"), loss="multi-hinge"))


@pytest.mark.parametrize("loss", [name for name in LOSSES if name not in SIGNS])
def test_the_kind_hidden_is_about_rational_losses(checkers: BothCheckers, loss: str) -> None:
    """Accepted with its own maximum, at a breakpoint or an end, and refused where there is no fraction to state."""
    forge = dip(loss, "hidden")
    if loss in IRRATIONAL:
        assert "'hidden' is not about loss" in checkers.refuses(forge)
        return
    checkers.accepts(forge)
    for lie in (Fraction(1, 10**9), Fraction(-1, 10**9)):
        checkers.refuses(forge, put("maximum", "upper", text(forge.loss_at(0, Fraction(1, 2)) + lie)))


@pytest.mark.parametrize("question", ["valley", "pass"])
def test_valleys_are_about_squared_error(checkers: BothCheckers, question: str) -> None:
    forge = replace(path_for("cross-entropy"), question=question)
    assert "squared error only" in checkers.refuses(forge)


def test_a_level_of_an_irrational_loss(checkers: BothCheckers) -> None:
    """Proved, refuted, or between the ends of what is stated."""
    forge = path_for("cross-entropy")
    top = max(forge.ends_of(weights) for weights in forge.corners())
    assert verdict(checkers, forge, level=top[1])["verdict"] == "PROVED"
    assert verdict(checkers, forge, level=top[0] - Fraction(1, 2**150))["verdict"] == "REFUTED"
    assert verdict(checkers, forge, level=(top[0] + top[1]) / 2)["verdict"] in ("UNDECIDED", "REFUTED")
    low = verdict(checkers, forge, put("maximum", "upper", text(top[0] - Fraction(1, 2**150))))
    assert (low["verdict"], bool(low["refused"])) == ("REFUTED", True)
    assert "exactly" not in low["claim"]


def test_a_higher_bound_is_a_weaker_claim(checkers: BothCheckers) -> None:
    """Of an irrational loss; of a rational one the maximum is exact without a general segment."""
    above = put("maximum", "upper", "7/1")
    checkers.accepts(path_for("cross-entropy"), above)
    checkers.refuses(path_for("squared"), above)


def test_a_barrier_of_an_irrational_loss_is_exactly_zero_where_an_end_is_highest(checkers: BothCheckers) -> None:
    """A detour below the start that comes back to it bit for bit, and one above it."""
    forge = path_for("logistic")
    back, seen = {"V": ("all", forge.start["V"])}, set()
    for factor in (0.5, 2.0):
        there = replace(forge, segments=[("readout", {"V": ("all", forge.start["V"] * factor)}), ("readout", back)])
        losses = there.losses()
        answer = verdict(checkers, there)
        assert answer["verdict"] == "PROVED"
        assert (answer["barrier"]["exact"] == "0/1") == (losses[1] < losses[0])
        assert (answer["barrier_chord"]["exact"] == "0/1") == (losses[1] < losses[0])
        seen.add(losses[1] < losses[0])
    assert seen == {False, True}


# Error rates


def test_an_error_rate_is_part_of_the_claim(checkers: BothCheckers) -> None:
    mixed = replace(path_for("cross-entropy"), y=np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]))
    forge = replace(mixed, error_rate=Fraction(1, 2))
    checkers.accepts(forge)
    answer = verdict(checkers, forge)
    assert answer["verdict"] == "PROVED"
    assert "and error rate <= 0.5 on the whole path" in answer["claim"]
    exact = Fraction(verdict(checkers, forge)["error_rate"]["exact"])
    assert verdict(checkers, replace(forge, error_rate=exact))["verdict"] == "PROVED"
    assert exact > 0
    checkers.refutes(replace(forge, error_rate=exact - Fraction(1, 10**9)), lambda document: None)
    false = verdict(checkers, replace(forge, error_rate=exact - Fraction(1, 10**9)))
    assert (false["verdict"], "the error rate" in false["refused"]) == ("REFUTED", True)
    assert verdict(checkers, mixed, error_rate=str(exact))["verdict"] == "PROVED"
    assert verdict(checkers, mixed, error_rate="0")["verdict"] == "REFUTED"
    for value in ("3/2", "-1/2", 0, "0.5", "2/4"):
        assert "error_rate" in verdict(checkers, forge, put("error_rate", value))["refused"]


def test_without_labels_no_error_rate_is_claimed(checkers: BothCheckers) -> None:
    forge = path_for("absolute")
    unlabelled = replace(forge, y=forge.y + 0.25, error_rate=Fraction(1))
    assert "no labels" in checkers.refuses(unlabelled)
    checkers.accepts(replace(unlabelled, error_rate=None))


@pytest.mark.parametrize(
    ("loss", "kind"), [("cross-entropy", "general"), ("squared", "hidden"), ("squared", "general")]
)
def test_errors_between_corners_are_seen(checkers: BothCheckers, loss: str, kind: str) -> None:
    """Right at both ends and wrong between: no error rate below 1 is accepted, whatever the kind."""
    forge = dip(loss, kind)
    assert [forge.wrong(weights) for weights in forge.corners()] == [0, 0]
    answer = verdict(checkers, forge)
    assert (answer["verdict"], answer["error_rate"]["upper"]) == ("PROVED", "1.0000000000000000")
    assert verdict(checkers, replace(forge, error_rate=Fraction(1)))["verdict"] == "PROVED"
    refused = verdict(checkers, replace(forge, error_rate=Fraction(1, 2)))
    assert refused["verdict"] == ("REFUTED" if kind == "hidden" or forge.peak == (0, Fraction(1, 2)) else "UNDECIDED")
    assert refused["refused"]


def test_errors_on_a_readout_segment_are_counted_exactly(checkers: BothCheckers) -> None:
    """One of two at either end, both between; and where the margins never meet, no more than at the ends."""
    forge = crossed()
    assert [forge.wrong(weights) for weights in forge.corners()] == [1, 1]
    assert forge.wrong(forge.weights_at(0, Fraction(1, 2))) == 2
    assert verdict(checkers, forge)["error_rate"]["exact"] == "1/1"
    apart = replace(forge, segments=[("readout", {"V": ("all", np.array([[2.0, -0.25], [0.0, 0.0]]))})])
    assert [apart.wrong(weights) for weights in apart.corners()] == [1, 1]
    assert verdict(checkers, apart)["error_rate"]["exact"] == "1/2"


def test_a_tie_is_wrong(checkers: BothCheckers) -> None:
    """Outputs that are equal all along: the label's is not strictly the largest."""
    start = {"W": np.eye(1), "V": np.array([[1.0], [1.0]])}
    y = np.array([[1.0, 0.0]])
    tie = Forge("two-layer", 0, start, np.eye(1), y, [("silent", {})], "certify", loss="cross-entropy")
    assert verdict(checkers, tie)["error_rate"]["exact"] == "1/1"
    above = replace(tie, start=start | {"V": np.array([[1.0 + 2.0**-52], [1.0]])})
    assert verdict(checkers, above)["error_rate"]["exact"] == "0/1"
    both = replace(above, segments=[("readout", {"V": ("all", np.array([[1.0], [1.0]]))})])
    assert verdict(checkers, both)["error_rate"]["exact"] == "1/1"


def test_the_loss_above_the_chord(checkers: BothCheckers) -> None:
    """Losses 4, 1, 1, 0 keep below the chord (4, 8/3, 4/3, 0); 49/16 lies above it."""
    start = {"W": np.eye(1), "V": np.array([[2.0]])}

    def through(*values: float) -> Forge:
        moves: list[tuple[str, Any]] = [("readout", {"V": ("all", [[value]])}) for value in values]
        return Forge("two-layer", 0, start, np.eye(1), np.zeros((1, 1)), moves, "certify")

    assert verdict(checkers, through(1.0, 1.0, 0.0))["barrier_chord"]["exact"] == "0/1"
    answer = verdict(checkers, through(1.75, 1.0, 0.0))
    assert (answer["barrier_chord"]["exact"], answer["barrier"]["exact"]) == (
        text(Fraction(49, 16) - Fraction(8, 3)),
        "0/1",
    )
    assert verdict(checkers, through(3.0, 2.0))["barrier_chord"]["exact"] == "5/1"


def test_stated_is_one_rational() -> None:
    assert stated(Fraction(1, 3)) == {"lower": "1/3", "upper": "1/3"}
