"""Faults planted in hidden segments, each beside its true twin: in the finder's code, and in certificates.

Of a certificate every digest is right and only the claim is false.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq

import numerics.maxima.kinks as kinks
import numerics.maxima.polygons as polygons
from numerics.checker.check import check
from numerics.checker.effort import Budget
from numerics.checker.report import Report
from numerics.checker.walk import Walk
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.maxima.hidden import exact_maximum, hidden_maximum
from numerics.maxima.kinks import Pieces
from numerics.maxima.node_bounds import node_bounds
from numerics.maxima.nodes import Nodes
from numerics.networks import Parallel, TwoLayer
from numerics.networks.base import Network
from support import breakpoints, second_checker
from support.certificates import Forge
from support.general_segments import general, hidden, turning
from support.hidden_problems import hidden_problem

BUDGET = 1 << 30
SEEDS = range(60)
PEAK = Fraction(36, 49)
Drawn = tuple[Network, Network, Data]


def problems(magnitude: str) -> list[Drawn]:
    """Random ones, and case 14, whose maximum is at its one breakpoint."""
    one = np.ones((1, 1))
    first = Parallel.of({"W": one, "V": 0 * one, "A": -one, "U": -7 / 6 * one}, bias=False)
    known = first, first.replace({"V": 7 * one, "A": 6 * one}), Data(one, 0 * one)
    return [known, *(hidden_problem(np.random.default_rng(seed), magnitude=magnitude) for seed in SEEDS)]


def cancelling(seed: int) -> Drawn:
    """Two neurons that differ by 1e-10 of themselves, read with opposite weights of 1e10."""
    rng = np.random.default_rng(seed)
    W = np.abs(rng.standard_normal((1, 5)))
    start = TwoLayer(W=np.vstack([W, W * (1 + 1e-10)]), V=np.array([[1e10, -1e10]]))
    end = start.replace({"W": start.W * 0.9})
    return start, end, Data(np.abs(rng.standard_normal((1, 5))), np.ones((1, 1)))


def slow(start: Network, end: Network, data: Data) -> Fraction:
    return breakpoints.hidden_maximum(
        start.parameters(), end.parameters(), start.kind, start.bias, data.X.tolist(), data.Y.tolist()
    )[0]


@cache
def answered() -> list[tuple[Drawn, Fraction]]:
    """The problems, each with the slow oracle's maximum."""
    return [(one, slow(*one)) for one in problems("narrow")]


def wrong_maxima(find: Callable[..., Any]) -> Iterator[bool]:
    """Which of the problems `find` answers otherwise than the slow oracle, or not at all."""
    for (start, end, data), truth in answered():
        try:
            yield find(start, end, Problem(data)).loss != truth
        except ZeroDivisionError:  # a function that jumps has zeros that are none
            yield True


def test_a_dropped_breakpoint_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Integers that lose the first sign change of a piece give other maxima; as they are they give none."""
    assert not any(wrong_maxima(exact_maximum))
    true = kinks._in_order
    monkeypatch.setattr(kinks, "_in_order", lambda crossings, a, b: true(crossings[1:], a, b))
    assert any(wrong_maxima(exact_maximum))


def test_the_wrong_side_at_a_tie_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two units that cross at one time only one is switched."""
    true = kinks._in_order
    monkeypatch.setattr(kinks, "_in_order", lambda *of: [(time, flips[:1]) for time, flips in true(*of)])
    assert any(wrong_maxima(exact_maximum))


def test_a_unit_that_leaves_zero_is_active(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging a unit by its value at a breakpoint alone takes it as off where it is 0 there and rises."""
    true = kinks.rectified

    def judged_at_the_left_end(pieces: Pieces) -> Pieces:
        found = true(pieces)
        for (n, d), a, b in zip(found.cuts, found.constant, found.slope, strict=False):
            for j, (x, y) in enumerate(zip(a, b, strict=True)):
                if x * d + y * n == 0:
                    a[j] = b[j] = 0
        return found

    monkeypatch.setattr(kinks, "rectified", judged_at_the_left_end)
    assert any(wrong_maxima(exact_maximum))


def test_a_float_breakpoint_is_none() -> None:
    """The float next to 1/3 has a smaller loss than 1/3 itself, where the finder finds its maximum."""
    start = TwoLayer(W=np.array([[1.0], [-1.0]]), V=np.array([[1.0, 1.0]]))
    end = start.replace({"W": np.array([[-2.0], [2.0]])})
    data = Data(np.ones((1, 1)), np.full((1, 1), 3.0))
    found = hidden_maximum(start, end, Problem(data))
    assert (found.loss, found.t) == (9, Fraction(1, 3))
    near = Fraction(1 / 3)
    assert (3 - (1 - 3 * near)) ** 2 < 9


def broken_bounds() -> Iterator[bool]:
    """Which problems' true maximum lies above all bounds of the sweep."""
    for start, end, data in [*problems("ordinary"), *map(cancelling, SEEDS)]:
        bounds = node_bounds(start, end, Problem(data, budget=BUDGET))
        assert bounds is not None
        yield Fraction(bounds.upper.max()) < exact_maximum(start, end, Problem(data)).loss


def without_crossings(self: Nodes, values: np.ndarray) -> Nodes:
    return self


def test_nodes_may_be_missing_but_what_they_miss_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any breakpoint the bounds still hold, through the measured excess; without that too they do not."""
    assert not any(broken_bounds())
    monkeypatch.setattr(Nodes, "with_crossings", without_crossings)
    assert not any(broken_bounds())
    assert not any(wrong_maxima(hidden_maximum))
    monkeypatch.setattr(polygons, "_excess", lambda values, nodes: np.zeros((len(nodes.first), values.shape[1])))
    assert any(broken_bounds())


def test_a_bound_without_rounding_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Products whose rounding is forgotten leave bounds below the truth."""
    assert not any(broken_bounds())
    monkeypatch.setattr(polygons.Polygons, "_error", staticmethod(lambda h, weight, size, n: np.zeros_like(size)))
    assert any(broken_bounds())


# Certificates.


@pytest.fixture
def hear(tmp_path: Path) -> Callable[..., tuple[Report, second_checker.Verdict]]:
    """What both checkers say of a forge, its document altered."""

    def ask(forge: Forge, change: Any = None) -> tuple[Report, second_checker.Verdict]:
        cert, data = forge.write(tmp_path / "path.cert", change), forge.write_data(tmp_path / "data.npz")
        return check(cert, str(data)), second_checker.check(cert.read_bytes(), forge.x, forge.y)

    return ask


def labelled(forge: Forge, kind: str = "hidden", **changes: Any) -> Forge:
    return replace(forge, segments=[(kind, moves) for _, moves in forge.segments], question="certify", **changes)


def path(**changes: Any) -> Forge:
    """Case 14 with `U = -1`: both ends 0, the maximum 36/49 at t = 1/7."""
    return labelled(hidden(), **({"peak": (0, Fraction(1, 7))} | changes))


def test_the_true_certificate_is_accepted(hear: Any) -> None:
    """By both checkers, with the exact maximum."""
    report, verdict = hear(path())
    assert (report.verdict, report.refused) == ("PROVED", None)
    assert report.to_json()["maximum"]["exact"] == "36/49"
    assert report.to_json()["segments"][0] | {"upper": ""} == {
        "kind": "hidden", "statement": "breakpoints", "moves": "A, U, V, W", "upper": "", "exact": "36/49",
        "end": {"lower": "0", "upper": "0", "exact": "0/1"},
    }  # fmt: skip
    assert verdict.accepted
    assert verdict.upper == PEAK


@pytest.mark.parametrize("t", [Fraction(1 / 7), Fraction(0), Fraction(1, 2), Fraction(1, 8), Fraction(9, 61)])
def test_a_maximum_that_is_none_is_refused(hear: Any, t: Fraction) -> None:
    """Also the one at the float next to the breakpoint, or at the best time of a grid."""
    report, verdict = hear(path(peak=(0, t)))
    assert report.verdict == "REFUTED"
    assert report.refused
    assert report.to_json()["maximum"]["at"] == {"segment": 0, "t": "1/7"}
    assert not verdict.accepted


@pytest.mark.parametrize("by", [Fraction(1, 10**30), -Fraction(1, 10**30), Fraction(1)])
def test_another_bound_than_the_maximum_is_refused(hear: Any, by: Fraction) -> None:
    """Without a general segment the bound is the maximum; below it is refuted, above it refused by form."""
    report, verdict = hear(path(upper=PEAK + by))
    assert report.refused
    assert not verdict.accepted


def test_cuts_and_statement_belong_to_the_kind(hear: Any) -> None:
    """A hidden segment has none of the one and only `breakpoints` as the other."""
    for name, value in (("cuts", []), ("cuts", ["1/7"]), ("statement", "enclosure"), ("kind", "visible")):
        report, verdict = hear(path(), lambda document, n=name, v=value: document["segments"][0].update({n: v}))
        assert report.verdict == "UNDECIDED"
        assert name in report.refused
        assert not verdict.accepted


def two_on_a_route() -> dict[str, Forge]:
    """Segments that are not hidden."""
    one = [[1.0]]
    chain = {"W": (one, one), "A": (one, one), "B1": (one, one), "U": (one, one)}
    block = {f"blocks.{k}.{name}": (one, one) for k in (0, 1) for name in "AU"}
    stream = {"W": (one, one), "V": (one, one), **block}
    moved = (one, [[2.0]])
    return {
        "case 15": general(),
        "W V": turning("two-layer", W=moved, V=moved),
        "A U": turning("parallel", **chain | {"V": (one, one), "A": moved, "U": moved}),
        "a B1": turning("plain", **chain | {"a": ([0.0], [1.0]), "B1": moved}),
        "U V": turning("residual", **chain | {"V": moved, "U": moved}),
        "blocks": turning("stream", **stream | {"blocks.0.U": moved, "blocks.1.A": moved}),
    }


@pytest.mark.parametrize("name", list(two_on_a_route()))
def test_the_label_is_refused_where_two_matrices_on_one_route_move(hear: Any, name: str) -> None:
    """Even where the number stated is the true loss at a true place."""
    forge = two_on_a_route()[name]
    report, verdict = hear(labelled(forge, peak=(0, Fraction(3, 8)) if name == "case 15" else None))
    assert report.verdict == "UNDECIDED"
    assert "lie on one route" in report.refused
    assert not verdict.accepted
    assert "two on one route" in verdict.reason


def test_a_label_is_judged_by_values(hear: Any) -> None:
    """From 0.0 to -0.0 nothing moves, so the label holds."""
    forge = turning("two-layer", W=([[1.0], [0.0]], [[-1.0], [-0.0]]), V=([[1.0, 0.0]], [[1.0, -0.0]]))
    assert hear(labelled(forge))[0].verdict == "PROVED"


def test_the_checker_would_not_follow_a_segment_that_bends() -> None:
    """Beneath the rule lies a second one: the walk refuses the product of two moving factors."""
    from numerics.checker.errors import Refused
    from numerics.checker.hidden import summit
    from numerics.checker.inputs import Data as Points
    from numerics.checker.spaces import parse_space

    forge = general()
    before, after = forge.corners()
    space = parse_space(forge.kind, forge.bias, {name: array.shape for name, array in before.items()})
    with pytest.raises(Refused, match="not piecewise linear"):
        summit(space, before, after, Points(forge.x, forge.y), Budget(BUDGET))


def test_a_walk_that_oversteps_is_seen(hear: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checker that takes the first line for the whole way would find no breakpoint and refuse the truth."""
    assert hear(path())[0].verdict == "PROVED"
    monkeypatch.setattr(Walk, "next", property(lambda self: fmpq(1), lambda self, value: None), raising=False)
    assert hear(path())[0].refused
