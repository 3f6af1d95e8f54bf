"""Planted errors in the checker's losses and error rates: each is caught by a search in which the true code passes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from numerics.checker import chord, error_rate, hidden
from numerics.checker import measure as measures
from numerics.checker.check import check
from numerics.checker.effort import Budget
from numerics.checker.enclosure import bound_on
from numerics.checker.grid import MACHINE
from numerics.checker.inputs import Data
from numerics.checker.intervals import Interval
from numerics.checker.lines import piece_of
from numerics.checker.losses import cross_entropy, huber, logarithms, loss_named, margins, multi_hinge
from numerics.checker.measure import Measure
from numerics.checker.single import value_between
from numerics.checker.spaces import parse_space
from numerics.checker.stretch import stretch_of
from support.certificates import Forge
from support.loss_oracles import LABELS, LOSSES
from support.loss_segments import crossed, dip, path_for, segment_of


def drawn() -> list[Forge]:
    rng = np.random.default_rng(11)
    return [segment_of(loss, rng) for loss in LOSSES for _ in range(5)]


PATHS = drawn()
TIMES = [Fraction(k, 8) for k in range(9)]
TRUE = [[forge.ends_of(forge.weights_at(0, t)) for t in TIMES] for forge in PATHS]


def bounds_below() -> int:
    """On how many pieces a bound of the loss lies below a loss on it, or an exact loss is none."""
    found = 0
    for forge, known in zip(PATHS, TRUE, strict=True):
        before, after = forge.corners()
        space = parse_space(forge.kind, forge.bias, {name: np.shape(array) for name, array in before.items()})
        measure = Measure(loss_named(forge.loss), forge.loss in LABELS)
        data = Data(forge.x, forge.y)
        at = value_between(space, before, after, fmpq(1, 2), data, Budget(), measure).loss
        found += at.apart(Interval(*(fmpq(end.numerator) / fmpq(end.denominator) for end in known[4])))
        stretch = stretch_of(MACHINE, space, before, after, data.seen_by_first_layer(1), 2, measure)
        for first, last in ((0, 8), (0, 1), (3, 4), (7, 8), (4, 4)):
            loss = bound_on(stretch, piece_of(MACHINE, fmpq(first, 8), fmpq(last, 8))).loss
            bound = Fraction(int(loss.p), int(loss.q))
            found += any(low > bound for low, _ in known[first : last + 1])
    return found


def test_the_true_bounds_are_never_below() -> None:
    assert bounds_below() == 0


def without_radius(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda residuals, y: original(replace(residuals, radius=0 * residuals.radius), y)


def one_end(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda residuals, y: (original(residuals, y)[0],) * 2


BOUNDS: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "a sum of logarithms rounded down": (
        logarithms,
        "ends_of",
        lambda original: lambda ball: original(ball).times(1 - fmpq(1, 2**40)),
    ),
    "a margin's radius forgotten": (cross_entropy, "against_label", without_radius),
    "the same of the multi-class hinge": (multi_hinge, "against_label", without_radius),
    "the first end of a piece alone": (cross_entropy, "against_label", one_end),
    "a margin that is 1 too small": (
        cross_entropy,
        "rows_of",
        lambda original: lambda rows, labels, one: original(rows, labels, 2 * one),
    ),
    "half of huber's loss": (huber.Huber, "_sum", lambda original: lambda self, *of: original(self, *of) / 2),
}


@pytest.mark.parametrize("fault", BOUNDS)
def test_an_error_in_a_loss_is_caught(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    place, name, alter = BOUNDS[fault]
    monkeypatch.setattr(place, name, alter(getattr(place, name)))
    assert bounds_below() > 0


def answer_to(folder: Path, forge: Forge) -> dict[str, Any]:
    return check(forge.write(folder / "path.cert"), str(forge.write_data(folder / "data.npz"))).to_json()


def false_answers(folder: Path) -> int:
    """How many false error rates and excesses above the chord are printed, or claimed and accepted."""
    found = 0
    for forge in (replace(dip(), peak=(0, Fraction(0))), dip("squared", "hidden"), crossed(), tie()):
        upper = answer_to(folder, forge)["error_rate"]["upper"]
        found += Fraction(upper) < 1
        found += answer_to(folder, replace(forge, error_rate=Fraction(1, 2)))["verdict"] == "PROVED"
    for forge in (dip(), dip("squared", "hidden"), climbing("absolute"), climbing("cross-entropy")):
        chord_upper = Fraction(answer_to(folder, forge)["barrier_chord"]["upper"])
        found += chord_upper < excess(forge)
    return found


def tie() -> Forge:
    """Outputs that are equal: the label's is not strictly the largest."""
    start = {"W": np.eye(1), "V": np.array([[1.0], [1.0]])}
    return Forge("two-layer", 0, start, np.eye(1), np.array([[1.0, 0.0]]), [("silent", {})], "certify", loss="squared")


def climbing(loss: str) -> Forge:
    """Three corners: the middle one lies above the straight line between the ends, and below the higher end."""
    forge = path_for(loss)
    start = forge.start | {"V": forge.start["V"] * -4.0}
    segments: list[tuple[str, Any]] = [
        ("readout", {"V": ("all", forge.start["V"] * -3.5)}),
        ("readout", {"V": ("all", forge.start["V"])}),
    ]
    return replace(forge, start=start, segments=segments)


def excess(forge: Forge) -> Fraction:
    """The largest excess above the chord that is seen at eighths of every segment."""
    segments = len(forge.segments)
    first, last = forge.losses()[0], forge.losses()[-1]
    found = Fraction(0)
    for k in range(segments):
        for t in TIMES:
            time = (k + t) / segments
            found = max(found, forge.loss_at(k, t) - (1 - time) * first - time * last)
    return found - Fraction(1, 10**30)


def test_the_true_code_prints_no_false_answer(tmp_path: Path) -> None:
    assert false_answers(tmp_path) == 0
    assert excess(climbing("absolute")) > Fraction(1, 100)


def strict(residuals: Any) -> Any:
    """`margins.wrong`, but an output as large as the label's does not count."""
    return np.array([any(margin > 0 for margin in row) for row in margins.margin_rows(residuals)])


CHECK = sys.modules["numerics.checker.check"]
ANSWERS: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "errors of a general segment at its corners only": (
        CHECK,
        "errors_of",
        lambda original: (
            lambda certificate, known, covers, *of: original(
                certificate, known, [replace(cover, unsure=0) for cover in covers or ()], *of
            )
        ),
    ),
    "errors of a hidden segment at its corners only": (hidden, "most_at_once", lambda _: lambda spans: (0, fmpq(0))),
    "errors of a readout segment at its corners only": (
        error_rate,
        "_most_between",
        lambda _: lambda *of: (0, fmpq(0)),
    ),
    "ties that are right": (measures, "wrong", lambda _: strict),
    "the chord at the start's height": (chord.Chord, "at", lambda _: lambda self, segment, t: self.start),
    "no excess at corners": (
        chord.Chord,
        "above",
        lambda _: lambda self, losses, alike: [Interval.of(0)] * len(losses),
    ),
    "no excess on hidden segments": (
        hidden,
        "_highest",
        lambda original: lambda *of: replace(original(*of), excess=fmpq(0)),
    ),
}


@pytest.mark.parametrize("fault", ANSWERS)
def test_an_error_in_what_is_printed_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str) -> None:
    place, name, alter = ANSWERS[fault]
    monkeypatch.setattr(place, name, alter(getattr(place, name)))
    assert false_answers(tmp_path) > 0
