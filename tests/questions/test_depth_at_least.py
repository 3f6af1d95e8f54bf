"""Lower bounds of `depth`: proved by the checker beside an escape that may climb higher, or not said at all."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

import skipscape as sk
from numerics.checker.check import check
from numerics.checker.effort import Budget, Effort
from numerics.checker.errors import Refused
from numerics.checker.inputs import Data as Checked
from numerics.checker.spaces import parse_space
from numerics.checker.valley import Valley
from numerics.checker.valley import floor as least
from numerics.checker.verdict import _beneath
from numerics.data import Data
from numerics.maxima.search import TOLERANCE
from numerics.moves.readout import two_layer_readout
from numerics.networks import TwoLayer
from numerics.paths import Kind, Path, Segment
from numerics.paths.certificate import certificate_bytes
from numerics.questions.floor import floor
from numerics.questions.notes import floor_notes
from numerics.studies.separation.claims import maximum_over
from numerics.studies.separation.known_depths import parabola, singles_and_pairs

Case = tuple[Path, Data]


def report(path: Path, data: Data, folder: FilePath) -> dict[str, Any]:
    """The checker's, on the escape along this path."""
    maximum = maximum_over(path, data, budget=1 << 30)
    content = certificate_bytes(path, maximum, maximum.claim(TOLERANCE), data, question="escape", route="")
    (folder / "a.cert").write_bytes(content)
    np.savez(folder / "d.npz", X=data.X, Y=data.Y)
    return check(folder / "a.cert", str(folder / "d.npz")).to_json()


@pytest.mark.parametrize(
    ("case", "statement", "depth"),
    [
        (lambda: parabola(2, "two-layer"), "T10", "3/200"),
        (lambda: parabola(2, "parallel"), "T10", "3/200"),
        (lambda: parabola(3, "residual"), "T10", "1/100"),
        (lambda: parabola(2, "stream"), "T10", "3/200"),
        (lambda: singles_and_pairs(1), "T8a", "2/3"),
        (lambda: singles_and_pairs(2), "T8a", "1/3"),
    ],
)
def test_where_the_path_climbs_no_more_the_depth_is_exact(
    case: Callable[[], Case], statement: str, depth: str, tmp_path: FilePath
) -> None:
    """Known answers 18, 30 and 31: T10P and T8b."""
    answer = report(*case(), tmp_path)
    assert answer["verdict"] == "PROVED", answer["refused"]
    assert (answer["floor"]["statement"], answer["floor"]["exact"]) == (statement, depth)
    assert answer["depth"]["exact"] == depth
    assert f"depth >= {depth}: every path to a smaller loss meets" in answer["claim"]


def higher(width: int) -> Case:
    """T10P's start, out over V = 0 in place of its cheapest way: up to the mean of y^2, then to T10P's end."""
    path, data = parabola(width, "two-layer")
    assert isinstance(path.start, TwoLayer)
    silent = Path(path.start).then(two_layer_readout(path.start, 0 * path.start.V, None))
    moved = silent.end.replace({"W": path.end.W})
    over = silent.then(Segment(Kind.SILENT, silent.end, moved))
    assert isinstance(over.end, TwoLayer)
    return over.then(two_layer_readout(over.end, path.end.V, None)), data


def test_a_path_that_climbs_higher_leaves_the_bound_as_it_is(tmp_path: FilePath) -> None:
    """3/200 from below, from above the mean of y^2, 9/4, less the start's loss 1."""
    answer = report(*higher(2), tmp_path)
    assert (answer["verdict"], answer["climb"]["exact"]) == ("PROVED", "5/4")
    assert (Fraction(answer["depth"]["lower"]), answer["depth"]["upper"]) == (Fraction(3, 200), "1.2500000000000000")
    assert answer["depth"]["exact"] is None
    assert answer["floor"]["exact"] == "3/200"


@pytest.mark.parametrize("factor", [1 + 2.0**-30, 0.5])
def test_off_the_best_planes_nothing_is_said(factor: float, tmp_path: FilePath) -> None:
    """The start of T10P with another V has no floor, and theory says why; its escape is PROVED as before."""
    path, data = parabola(2, "two-layer")
    start = path.start.replace({"V": path.start.V * factor})
    assert isinstance(start, TwoLayer)
    answer = report(Path(start).then(two_layer_readout(start, path.start.V, None)), data, tmp_path)
    assert (answer["verdict"], answer["floor"], answer["depth"]["lower"]) == ("PROVED", None, "0")
    assert "depth >=" not in answer["claim"]
    assert "least-squares plane" in floor(start, data).reason


def test_off_the_pattern_nothing_is_said(tmp_path: FilePath) -> None:
    """Behind the pass two neurons see one point."""
    path, data = parabola(2, "two-layer")
    assert isinstance(path.end, TwoLayer)
    z = np.maximum(np.column_stack([data.X, np.ones(8)]) @ path.end.W.T, 0)
    V = np.linalg.lstsq(z, data.Y, rcond=None)[0].T
    answer = report(Path(path.end).then(two_layer_readout(path.end, V, None)), data, tmp_path)
    assert (answer["verdict"], answer["floor"], answer["depth"]["lower"]) == ("PROVED", None, "0")
    assert "see point" in floor(path.end, data).reason


def test_a_path_below_the_floor_is_refused() -> None:
    """It would refute the statement; at the floor and above the bound stands."""
    found = Valley(fmpq(203, 200), "", "T10")
    assert _beneath(found, fmpq(203, 200)) is found
    assert _beneath(None, fmpq(1)) is None
    with pytest.raises(Refused, match="T10 says that none can avoid"):
        _beneath(found, fmpq(202, 200))


def test_an_allowance_that_does_not_suffice_is_no_floor() -> None:
    """And no error: the path's own claim is checked by then."""
    path, data = parabola(2, "two-layer")
    weights = path.start.parameters()
    space = parse_space("two-layer", 1, {name: array.shape for name, array in weights.items()})
    points = Checked(data.X, data.Y)
    assert least(space, weights, fmpq(1), points, Budget(effort=Effort(1))) is None
    assert least(space, weights, fmpq(1), points, Budget(memory=1)) is None
    found = least(space, weights, fmpq(1), points, Budget())
    assert found is not None
    assert found.level == fmpq(203, 200)


@given(st.integers(2, 3), st.sampled_from([1.0, 2.0, -1.0]), st.integers(-3, 3).map(lambda k: k / 64))
@settings(max_examples=15, deadline=None)
def test_no_certified_climb_is_below_the_floor(
    tmp_path_factory: pytest.TempPathFactory, width: int, height: float, off: float
) -> None:
    """Planes of any height, T10P's way out a little beside: the floor scales with its square, the climb is no less."""
    path, data = parabola(width, "two-layer")
    W = path.end.W.copy()
    W[0, 2] += off
    start = path.start.replace({"V": height * path.start.V})
    data = Data(data.X, height * data.Y)
    moved = start.replace({"W": W})
    assert isinstance(moved, TwoLayer)
    z = np.maximum(np.column_stack([data.X, np.ones(len(data.X))]) @ W.T, 0)
    V = np.linalg.lstsq(z, data.Y, rcond=None)[0].T
    out = Path(start, (Segment(Kind.HIDDEN, start, moved),)).then(two_layer_readout(moved, V, None))
    answer = report(out, data, tmp_path_factory.mktemp("climbs"))
    assert answer["verdict"] == "PROVED", answer["refused"]
    least = Fraction(answer["floor"]["exact"])
    assert least == Fraction(3, 100 * width) * Fraction(height) ** 2
    assert Fraction(answer["climb"]["lower"]) >= least or answer["climb"]["exact"] == answer["floor"]["exact"]


def test_depth_says_it_and_its_certificate_too(tmp_path: FilePath) -> None:
    """From Python: T8b at m = 2, whose depth is 1/3."""
    path, data = singles_and_pairs(2)
    points = sk.Data(data.X, data.Y)
    result = sk.depth(path.start, points)
    assert result.verdict == "PROVED"
    assert result.floor is not None
    assert (result.floor.statement, result.floor.lower) == ("T8a", Fraction(1, 3))
    assert result.depth is not None
    assert result.depth.exact == Fraction(1, 3)
    assert "depth at least 0.33333" in str(result)
    assert result.to_json()["floor"] == {"statement": "T8a", "lower": "0.33333333333333333", "exact": "1/3"}
    result.save(tmp_path / "d.cert")
    again = sk.check(tmp_path / "d.cert", points, path.start)
    assert again.floor is not None
    assert again.floor.lower == Fraction(1, 3)


def test_with_a_reference_too(tmp_path: FilePath) -> None:
    """T8b at m = 2 and a reference that reads the last point alone: that leads over the floor 1/3, to the loss 2/3."""
    path, data = singles_and_pairs(2)
    better = TwoLayer(W=data.X[-1:], V=data.Y[-1:])
    points = sk.Data(data.X, data.Y)
    result = sk.depth(path.start, points, better)
    assert result.verdict == "PROVED"
    assert result.floor is not None
    assert (result.floor.statement, result.floor.lower) == ("T8a", Fraction(1, 3))
    assert result.depth is not None
    assert result.depth.upper is not None
    assert Fraction(1, 3) <= result.depth.upper
    assert "depth >= 1/3" in result.claim
    result.save(tmp_path / "d.cert")
    assert sk.check(tmp_path / "d.cert", points, path.start, better).floor == result.floor


def test_without_a_path_theory_is_called_theory() -> None:
    """A note, not a claim; none where T10 does not apply."""
    path, data = parabola(2, "two-layer")
    (note,) = floor_notes(floor(path.start, data))
    assert "at least 0.015" in note
    assert "not a claim that was checked" in note
    assert floor_notes(floor(path.end, data)) == []
