"""Arcs and the checkers: true ones are accepted, forged ones refused, and an unsound rule is caught.

Every forgery has all its digests recomputed; only what is claimed, or what is stored for it, is another.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from numerics.checker import arcs, stretch
from numerics.checker.check import check
from numerics.checker.enclosure import upper_bound
from numerics.checker.errors import Unusable
from numerics.checker.grid import LONG, MACHINE, Grid
from numerics.checker.inputs import Data as Points
from numerics.checker.lines import Piece, piece_of
from numerics.checker.losses import loss_named as checkers_loss
from numerics.checker.measure import Measure
from numerics.checker.spaces import parse_space
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.paths.certificate import read_path
from numerics.questions.enclose import certify_path, path_through
from support import second_checker
from support.arc_segments import arc_of, bump, networks
from support.both_checkers import BothCheckers
from support.certificates import Change, Forge, put, text, write_certificate
from support.loss_oracles import LABELS, LOSSES

ARRAY = "control.0000.W.npy"


@pytest.fixture
def checkers(tmp_path: Path) -> BothCheckers:
    return BothCheckers(tmp_path)


def spoilt(folder: Path, forge: Forge, arrays: Callable[[dict[str, Any]], object], change: Change | None = None) -> str:
    """Why the checker refuses the certificate with these arrays, both of whose readers must; its true twin passes."""
    document, stored = copy.deepcopy(forge.document()), forge.arrays()
    arrays(stored)
    if change is not None:
        change(document)
    cert, data = write_certificate(folder / "forged.cert", document, stored), forge.write_data(folder / "data.npz")
    report, second = check(cert, str(data)), second_checker.check(cert.read_bytes(), forge.x, forge.y)
    assert report.verdict != "PROVED"
    assert not second.accepted
    assert report.refused
    return report.refused


def test_a_bump_is_accepted_as_it_is(checkers: BothCheckers) -> None:
    """Bound a little above 4; below 4 it is refuted where the peak is stated, else not established."""
    hidden = {"peak": (0, Fraction(1, 8))}
    for forge in (bump(), replace(bump(), cuts={}), replace(bump(), **hidden)):
        report, second = checkers.verdicts(forge)
        assert (report.verdict, report.refused, second.accepted) == ("PROVED", None, True)
        assert second.maximum == forge.loss_at(*forge.peak)
    checkers.refutes(bump(), put("maximum", "upper", "39/10"))
    assert "not established" in checkers.refuses(replace(bump(Fraction(39, 10)), **hidden))


def test_forged_arcs_are_refused(tmp_path: Path) -> None:
    forge, moved = bump(), np.array([[5.0]])
    assert "its own path exceeds" in spoilt(tmp_path, forge, put(ARRAY, moved))
    assert "not the one that the certificate states" in spoilt(tmp_path, forge, put(ARRAY, np.array([[2.5]])))
    hidden = replace(bump(), peak=None)
    assert "not established" in spoilt(tmp_path, hidden, put(ARRAY, moved))
    assert f"has no {ARRAY}" in spoilt(tmp_path, forge, lambda stored: stored.pop(ARRAY))
    assert "does not call for" in spoilt(tmp_path, forge, put("control.0000.V.npy", np.array([[1.0]])))
    assert "does not call for" in spoilt(tmp_path, forge, put("control.0001.W.npy", moved))
    assert "shape" in spoilt(tmp_path, forge, put(ARRAY, np.ones((2, 1))))
    assert "finite" in spoilt(tmp_path, forge, put(ARRAY, np.array([[np.inf]])))


def test_an_arc_by_another_kind_is_refused(tmp_path: Path) -> None:
    """As what its control does not belong to; without its control it is the straight line, whose losses are others."""
    for kind in ("general", "silent", "readout", "hidden"):
        statement = {"general": "enclosure", "silent": "L9", "readout": "L7", "hidden": "breakpoints"}[kind]

        def change(document: Any, kind: str = kind, statement: str = statement) -> None:
            cuts = document["segments"][0]["cuts"] if kind == "general" else None
            document["segments"][0] |= {"kind": kind, "statement": statement, "cuts": cuts}
            if kind != "general":
                document["maximum"]["t"] = "0/1"
                document["maximum"]["loss"] = {"lower": "1/1", "upper": "1/1"}
                document["maximum"]["upper"] = "1/1"

        assert "does not call for" in spoilt(tmp_path, bump(), lambda stored: None, change)
        words = spoilt(tmp_path, bump(), lambda stored: stored.pop(ARRAY), change) if kind == "general" else ""
        assert kind != "general" or "not the one that the certificate states" in words
    assert "every parameter must be 'all'" in spoilt(
        tmp_path, bump(), lambda stored: None, put("segments", 0, "moves", {"W": [0]})
    )
    assert "rests on enclosure" in spoilt(tmp_path, bump(), lambda s: None, put("segments", 0, "statement", "L9"))


def test_a_line_called_a_curve_needs_a_control(tmp_path: Path) -> None:
    forge = bump()
    line = replace(forge, segments=[("general", forge.segments[0][1])], controls={}, peak=None, upper=Fraction(2))
    assert "has no control" in spoilt(tmp_path, line, lambda stored: None, put("segments", 0, "kind", "curve"))


@pytest.mark.parametrize("loss", LOSSES)
def test_finder_and_checkers_agree(tmp_path: Path, loss: str) -> None:
    """The finder's certificate of a drawn arc is proved; exact losses keep to it; the arc is read back bit for bit."""
    forge = arc_of(loss, np.random.default_rng(LOSSES.index(loss)), scale=0.25)
    start, control, end = networks(forge)
    problem = Problem(Data(forge.x, forge.y), loss=loss_named(loss))
    found = certify_path(path_through([start, control, end], "bezier"), problem, tolerance=Fraction(1, 50))
    (tmp_path / "arc.cert").write_bytes(content := found.certificate(None))
    data = forge.write_data(tmp_path / "arc.npz")
    report = check(tmp_path / "arc.cert", str(data))
    assert (report.verdict, report.refused) == ("PROVED", None)
    claimed = Fraction(report.to_json()["maximum"]["upper"])
    assert all(forge.loss_at(0, Fraction(k, 10)) <= claimed for k in range(11))
    if loss in LABELS:
        most = max(forge.wrong(forge.weights_at(0, Fraction(k, 10))) for k in range(11))
        assert Fraction(report.to_json()["error_rate"]["upper"]) >= Fraction(most, len(forge.x))
    second = second_checker.check(content, forge.x, forge.y)
    assert second.accepted or second.reason.startswith(second_checker.CANNOT_TELL), second.reason
    (segment,) = read_path(tmp_path / "arc.cert").segments
    assert [one.identical(other) for one, other in ((segment.start, start), (segment.end, end))] == [True, True]


def test_work_and_memory_are_metered(tmp_path: Path) -> None:
    """An arc takes more of both than the line between its ends, and is refused where they do not suffice."""
    forge = bump()
    cert, data = forge.write(tmp_path / "a.cert"), str(forge.write_data(tmp_path / "a.npz"))
    with pytest.raises(Unusable, match="effort"):
        check(cert, data, effort=1 << 20)


def flint(value: Fraction) -> fmpq:
    return fmpq(value.numerator) / fmpq(value.denominator)


def bounds_below_the_loss(grids: tuple[Grid, ...] = (MACHINE,), seeds: range = range(12)) -> Iterator[bool]:
    """On which pieces of drawn arcs rule 1's bound lies below an exact loss: wide ones, narrow ones, single times."""
    for seed in seeds:
        loss = LOSSES[seed % 3]
        forge = arc_of(loss, np.random.default_rng(seed), scale=(1.0, 2.0**12)[seed % 2])
        before, after = forge.corners()
        control = {**before, **forge.controls[0]}
        space = parse_space(forge.kind, forge.bias, {name: np.shape(array) for name, array in before.items()})
        seen = Points(forge.x, forge.y).seen_by_first_layer(forge.bias)
        for grid in grids:
            made = stretch.stretch_of(grid, space, before, after, seen, 2, Measure(checkers_loss(loss)), control)
            for first, last in ((0, 3), (1, 2), (1, 1), (3, 3)):
                times = [Fraction(k, 6) for k in range(2 * first, 2 * last + 1)]
                bound = upper_bound(made, piece_of(grid, flint(times[0]), flint(times[-1])))
                yield any(flint(forge.loss_at(0, t)) > bound for t in times)


def test_the_checkers_bounds_hold_along_arcs() -> None:
    assert not any(bounds_below_the_loss((MACHINE, LONG)))


def weights_missed(seeds: range) -> Iterator[bool]:
    """On which pieces a drawn arc of weights is off by more than it says, as a matrix or as a row of biases.

    Of 43 bits nothing is rounded on the grid; longer ones are rounded there; of short ones most pieces are exact.
    """
    for seed in seeds:
        rng, grid = np.random.default_rng(seed), (MACHINE, MACHINE, LONG)[seed % 3]
        bits = (43, 53, 6)[seed // 3 % 3]
        given = [np.round(rng.uniform(-1, 1, (1, 4)) * 2.0**bits) * 2.0**-bits for _ in range(3)]
        made = arcs.arc_of(grid, *given)
        exact = [[Fraction(float(value)) for value in array[0]] for array in given]
        middle = int(rng.integers(0, 1 << 20)) << (grid.time - 20) | int(rng.integers(0, 1 << 20))
        radius = min(middle, (1 << grid.time) - middle) if seed % 2 else 0
        slab, model = made.slab(piece := Piece(middle, radius)), made.model(piece)
        for sigma in (Fraction(-1), Fraction(1, 3), Fraction(1)):
            t = (middle + radius * sigma) / Fraction(2**grid.time)
            for k in range(4):
                a, c, b = (array[k] for array in exact)
                true = (1 - t) ** 2 * a + 2 * t * (1 - t) * c + t**2 * b
                rates = [0 if part is None else int(part[0, k]) for part in (slab.slope, slab.bend)]
                found = int(slab.mid[0, k]) + rates[0] * sigma + rates[1] * sigma**2
                yield abs(true / Fraction(2) ** slab.exponent - found) > int(slab.inexact[0])
                found = int(model.mid[0, k]) + int(model.slope[0, k]) * sigma
                yield abs(true / Fraction(2) ** model.exponent - found) > int(model.radius[0, k])


def test_weights_of_an_arc_are_where_they_are_said_to_be() -> None:
    """And said to be narrowly: a matrix is off by a few units at most."""
    assert not any(weights_missed(range(90)))
    long = arcs.arc_of(MACHINE, *(np.full((1, 1), value) for value in (1 / 3, 0.7, -0.1)))
    assert int(long.slab(Piece((1 << 29) + 1, 12345)).inexact[0]) <= 7


def without_bend(original: Any) -> Any:
    return lambda self, piece: replace(original(self, piece), bend=None)


def half_reach(original: Any) -> Any:
    def variant(factor: Any) -> Any:
        centre, reach = original(factor)
        return centre, reach >> 1

    return variant


FAULTS: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "the square of sigma dropped": (arcs.Arc, "slab", without_bend),
    "half the radius of a bias": (arcs, "recentred", half_reach),
    "the control swapped with the start": (
        stretch,
        "arc_of",
        lambda original: lambda grid, before, control, after: original(grid, control, before, after),
    ),
    "what is dropped forgotten": (arcs, "dropped", lambda original: lambda *of: 0 * original(*of)),
    "a parameter that comes back taken for one that stays": (
        arcs.Arc,
        "moves",
        lambda _: property(lambda self: bool((self.before.values != self.after.values).any())),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_in_the_checkers_arcs_is_caught(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Some bound falls below an exact loss, or some weight lies elsewhere."""
    place, name, alter = FAULTS[fault]
    monkeypatch.setattr(place, name, alter(getattr(place, name)))
    assert any(weights_missed(range(90))) or any(bounds_below_the_loss())


def test_text_of_the_bump() -> None:
    """The document is the page's: kind, statement, cuts and whole moves."""
    (segment,) = bump().document()["segments"]
    cuts = [text(Fraction(k, 16)) for k in range(1, 16)]
    assert segment == {"kind": "curve", "statement": "enclosure", "cuts": cuts, "moves": {"W": "all"}}
