"""Hidden segments under every loss that is piecewise quadratic: one maximum, from three disjoint codes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from numerics.checker.check import check
from numerics.checker.effort import Budget, Effort
from numerics.checker.errors import Unusable
from numerics.checker.hidden import Summit, summit
from numerics.checker.inputs import Data as Points
from numerics.checker.losses import Absolute, Bending, Hinge, Huber, MultiHinge
from numerics.checker.losses import loss_named as checkers_loss
from numerics.checker.spaces import parse_space
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.losses.registry import families, loss_named
from numerics.maxima import bends, kinds
from numerics.maxima.hidden import exact_maximum, hidden_maximum
from numerics.maxima.kinds import for_loss
from numerics.maxima.search import path_maximum
from numerics.networks import TwoLayer
from numerics.networks.base import Network
from numerics.paths import Kind, polygon
from numerics.questions.enclose import certify
from support import breakpoints, second_checker
from support.hidden_problems import hidden_problem
from support.loss_oracles import IRRATIONAL, LABELS, LOSSES
from support.loss_problems import fit, loss_between

BENT = tuple(name for name in LOSSES if name not in IRRATIONAL)
OTHERS = BENT[1:]
Drawn = tuple[Network, Network, Data]


def problems(name: str, cases: range, magnitude: str | None = None) -> Iterator[Drawn]:
    """Random hidden segments of any class whose targets fit the loss; Huber's corners at any distance."""
    for k in cases:
        rng = np.random.default_rng([29, BENT.index(name), k])
        while True:
            start, end, data = hidden_problem(rng, magnitude=magnitude)
            if name not in LABELS or data.Y.shape[1] > 1:
                break
        yield start, end, Data(data.X, fit(name, data.Y, rng))


def checkers(name: str, start: Network, end: Network, data: Data, t: Fraction = Fraction(0), **given: Any) -> Summit:
    space = parse_space(start.kind, int(start.bias), {key: one.shape for key, one in start.parameters().items()})
    points, at = Points(data.X, data.Y), fmpq(t.numerator, t.denominator)
    ends = start.parameters(), end.parameters()
    return summit(space, *ends, points, given.get("budget", Budget(1 << 30)), at=at, loss=checkers_loss(written(name)))


def written(name: str) -> str:
    return loss_named(name).name


def fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def slow(name: str, start: Network, end: Network, data: Data) -> tuple[Fraction, Fraction, int]:
    ends = start.parameters(), end.parameters()
    return breakpoints.hidden_maximum(*ends, start.kind, start.bias, data.X.tolist(), data.Y.tolist(), name)


def agreed(name: str, cases: range, magnitude: str | None = None) -> int:
    """How many of the problems have their maximum strictly between the ends, where all three find it."""
    inside = 0
    for k, (start, end, data) in enumerate(problems(name, cases, magnitude)):
        t = Fraction(k % 7, 6 + k % 5)
        loss, when, _ = slow(name, start, end, data)
        mine = exact_maximum(start, end, Problem(data, loss=loss_named(name)))
        found = checkers(name, start, end, data, t)
        assert (mine.loss, mine.t) == (loss, when), f"the finder errs on {k}"
        assert (fraction(found.loss), fraction(found.t)) == (loss, when), f"the checker errs on {k}"
        assert found.asked is not None
        assert fraction(found.asked) == loss_between(name, start, end, t, data)[0], f"the checker errs at {t} on {k}"
        inside += 0 < when < 1
    return inside


@pytest.mark.parametrize("name", BENT)
def test_finder_checker_and_oracle_find_one_maximum(name: str) -> None:
    """And its first time: the oracle looks at breakpoints alone, where a convex loss of the outputs is largest."""
    assert agreed(name, range(36), "narrow") + agreed(name, range(8)) > 0


def test_every_rational_loss_has_a_form_in_both() -> None:
    """The families of the finder are those that bend in the checker: what is claimed can be checked."""
    for name in LOSSES:
        rational = name not in IRRATIONAL
        assert (loss_named(name).family in bends.FORMS) is isinstance(checkers_loss(written(name)), Bending) is rational
    assert set(bends.FORMS) < set(families())


@pytest.mark.parametrize("name", OTHERS)
def test_certificates_under_every_loss_check(name: str, tmp_path: Path) -> None:
    """There and back along one hidden segment: exact, PROVED, and the second checker agrees."""
    seen = 0
    for start, end, data in problems(name, range(4), "narrow"):
        np.savez(tmp_path / "data.npz", X=data.X, Y=data.Y)
        found = certify([start, end, start], Problem(data, loss=loss_named(name)))
        (tmp_path / "path.cert").write_bytes(found.certificate(None))
        report = check(tmp_path / "path.cert", str(tmp_path / "data.npz"))
        assert report.verdict == "PROVED", report.refused
        assert found.maximum.upper == found.maximum.attained
        verdict = second_checker.check((tmp_path / "path.cert").read_bytes(), data.X, data.Y)
        assert verdict.accepted, verdict
        assert verdict.maximum == found.maximum.attained == slow(name, start, end, data)[0]
        seen += any(segment.kind is Kind.HIDDEN for segment in found.path.segments)
    assert seen > 1


def spike(loss: str) -> tuple[list[Network], Problem]:
    """Outputs (0, |1 - 3 t|) for the label 0: 1/3 is no float, and the margin is largest at the end."""
    start = TwoLayer(W=np.array([[1.0], [-1.0]]), V=np.array([[0.0, 0.0], [1.0, 1.0]]))
    labelled = Data(np.ones((1, 1)), np.array([[1.0, 0.0]]))
    return [start, start.replace({"W": np.array([[-2.0], [2.0]])})], Problem(labelled, loss=loss_named(loss))


def test_where_breakpoints_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few of them, under a loss that has a form; everything else is enclosed, and squared error always followed."""
    for loss, few, kind in (
        ("multi-hinge", kinds.FEW, Kind.HIDDEN),
        ("multi-hinge", 0, Kind.GENERAL),
        ("cross-entropy", kinds.FEW, Kind.GENERAL),
        ("squared", 0, Kind.HIDDEN),
    ):
        monkeypatch.setattr(kinds, "FEW", few)
        corners, problem = spike(loss)
        found = path_maximum(polygon(corners), problem)
        assert [segment.kind for segment in for_loss(polygon(corners), problem).segments] == [kind], loss
        assert bool(found.hidden) is (kind is Kind.HIDDEN)
        assert found.attained <= (found.upper or 0)


def test_maxima_by_hand() -> None:
    """`|1 - 3 t|` against 1/2: at 0, at 1/3 and at 1, by absolute error, Huber's and its first time."""
    start = TwoLayer(W=np.array([[1.0], [-1.0]]), V=np.array([[1.0, 1.0]]))
    end = start.replace({"W": np.array([[-2.0], [2.0]])})
    for y, loss, height, t in (
        (3.0, "absolute", Fraction(3), Fraction(1, 3)),
        (0.5, "absolute", Fraction(3, 2), Fraction(1)),
        (3.0, "huber:1/3", Fraction(1) - Fraction(1, 18), Fraction(1, 3)),
        (1.0, "hinge", Fraction(1), Fraction(1, 3)),
        (-1.0, "hinge", Fraction(3), Fraction(1)),
    ):
        found = hidden_maximum(start, end, Problem(Data(np.ones((1, 1)), np.full((1, 1), y)), loss=loss_named(loss)))
        assert (found.loss, found.t) == (height, t), (y, loss)


def test_the_effort_is_counted() -> None:
    """A lifetime of bends is refused before it is spent."""
    start, end, data = next(problems("multi-hinge", range(3, 4), "narrow"))
    effort = Effort()
    checkers("multi-hinge", start, end, data, budget=Budget(1 << 30, effort))
    with pytest.raises(Unusable, match="--effort"):
        checkers("multi-hinge", start, end, data, budget=Budget(1 << 30, Effort(effort.spent - 1)))


# Planted errors: with the true code no case errs (above); with each of these one does.


def no_bends(self: object, lines: object, y: object) -> tuple[()]:
    return ()


def far_side(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, lines, y, t: original(self, lines, y, t + 1)


CHECKERS = {"absolute": Absolute, "huber:1/3": Huber, "hinge": Hinge, "multi-hinge": MultiHinge}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("error", ["no bends", "the form of another time"])
def test_a_checker_that_errs_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str, error: str) -> None:
    """A bend of the loss that is passed over, or the loss's form beyond one."""
    kind = CHECKERS[name]
    if error == "no bends":
        monkeypatch.setattr(kind, "bends_of", no_bends)
    else:
        monkeypatch.setattr(kind, "square_at", far_side(kind.square_at))
    with pytest.raises(AssertionError, match="the checker errs"):
        agreed(name, range(36), "narrow")


@pytest.mark.parametrize("name", OTHERS)
def test_a_finder_that_does_not_bend_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Positive parts that are taken without a cut."""

    def uncut(pieces: bends.Pieces) -> bends.Pieces:
        (n, d), *_ = pieces.cuts
        on = [
            [a * d + b * n > 0 for a, b in zip(*rows, strict=True)]
            for rows in zip(pieces.constant, pieces.slope, strict=True)
        ]
        parts = (
            [
                [x if is_on else 0 for x, is_on in zip(row, signs, strict=True)]
                for row, signs in zip(part, on, strict=True)
            ]
            for part in (pieces.constant, pieces.slope)
        )
        return replace(pieces, **dict(zip(("constant", "slope"), parts, strict=True)))

    monkeypatch.setattr(bends, "rectified", uncut)
    with pytest.raises(AssertionError, match="the finder errs"):
        agreed(name, range(36), "narrow")
