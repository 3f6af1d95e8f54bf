"""Twins: what is no handing over between units that are alike is refused, by both checkers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from numerics.checker.check import check
from numerics.data import Data
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.maxima.corners import CornerMaximum
from numerics.moves import reorder
from numerics.moves.reorder import reordered
from numerics.networks.branch import Branch, Layer
from numerics.networks.liveness import writers_of
from numerics.networks.plain import Plain
from numerics.networks.units import Layer as Place
from numerics.paths import Kind, Segment
from numerics.paths import Path as Route
from numerics.paths.certificate import certificate_bytes
from numerics.paths.question import Question
from support import second_checker

POINTS = Data([[0.0], [1.0], [2.0]], [[0.0], [0.0], [1.0]])
ULP = 2.0**-52


def chain() -> Plain:
    """Units 0 and 1 of the first layer are twins, and so are those of the second; nothing reads the third of either."""
    A = np.array([[1.0, 3.0, 0.0], [1.0, 3.0, 0.0], [2.0, 1.0, 0.0]])
    second = Layer(A, np.array([0.5, 0.5, 2.0]))
    W = np.array([[1.0, 0.5], [1.0, 0.5], [2.0, 1.0]])
    return Plain(W=W, branch=Branch((second,)), U=np.array([[1.0, -2.0, 0.0]]), c=np.zeros(1), bias=True)


def words_of(path: Route, place: Path) -> tuple[str, bool]:
    """What the checker says of a certificate of this path, and whether the second one accepts it."""
    maximum = CornerMaximum(tuple(map(_exact, exact_losses(path.corners, Problem(POINTS)))))
    blob = certificate_bytes(path, maximum, maximum.upper, POINTS, question=Question.CONNECT, route="twins")
    (place / "p.cert").write_bytes(blob)
    np.savez(place / "d.npz", X=POINTS.X, Y=POINTS.Y)
    report = check(place / "p.cert", str(place / "d.npz"))
    return report.refused or report.verdict, second_checker.check(blob, POINTS.X, POINTS.Y).accepted


def _exact(value: object) -> object:
    from numerics.arithmetic.rationals import Enclosure

    return Enclosure.of(value)


def moved(**changes: np.ndarray) -> Route:
    """One segment of twins."""
    start = chain()
    return Route(start, (Segment(Kind.TWINS, start, start.replace(changes)),))


def changed(name: str, *entries: tuple[int, int, float]) -> np.ndarray:
    array = chain().parameters()[name].copy()
    for i, j, value in entries:
        array[i, j] = value
    return array


def test_twins_hand_over_in_two_layers_at_once(tmp_path: Path) -> None:
    """Row by row as they like; a row of U too. The true twin of every fault below."""
    path = moved(
        A=changed("A", (0, 0, 4.0), (0, 1, 0.0), (1, 0, 4.0), (1, 1, 0.0), (2, 0, -5.0), (2, 1, 8.0)),
        U=changed("U", (0, 0, 0.0), (0, 1, -1.0)),
    )
    assert words_of(path, tmp_path) == ("PROVED", True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"A": changed("A", (2, 0, -5.0), (2, 1, 8.0 + 8 * ULP))}, "row 2 of A reads another sum of unit 0"),
        ({"A": changed("A", (2, 0, 0.0), (2, 2, 2.0))}, "row 2 of A reads another sum of unit 0"),
        ({"A": changed("A", (0, 0, 4.0), (0, 1, 0.0)), "U": changed("U", (0, 0, 0.0), (0, 1, -1.0))}, "row 0 of U"),
        ({"U": changed("U", (0, 0, 0.0), (0, 1, -1.0), (0, 2, ULP))}, "row 0 of U"),
    ],
)
def test_other_sums_and_other_units_are_refused(changes: dict[str, np.ndarray], words: str, tmp_path: Path) -> None:
    """A sum that is off by a bit, a unit that is no twin, twins that stop being so on the way, a third one."""
    said, accepted = words_of(moved(**changes), tmp_path)
    assert words in said
    assert not accepted


def test_a_bias_makes_a_difference(tmp_path: Path) -> None:
    """Rows alike, biases not: no twins."""
    start = chain().replace({"a": np.array([0.5, 0.5 + ULP, 2.0])})
    end = start.replace({"U": changed("U", (0, 0, 0.0), (0, 1, -1.0))})
    said, accepted = words_of(Route(start, (Segment(Kind.TWINS, start, end),)), tmp_path)
    assert "row 0 of U reads another sum" in said
    assert not accepted


def test_what_enters_units_does_not_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """W, and a bias: the finder would not write them, so its guard is taken away."""
    monkeypatch.setattr("numerics.paths.chain.hand_overs", lambda weights: set(weights))
    for name, array in (("W", changed("W", (2, 0, 3.0))), ("a", np.array([0.5, 0.5, 3.0])), ("c", np.ones(1))):
        said, accepted = words_of(moved(**{name: array}), tmp_path)
        assert f"is called twins but {name} moves" in said
        assert not accepted
    monkeypatch.undo()
    with pytest.raises(ValueError, match="only matrices that read hidden units may"):
        moved(W=changed("W", (2, 0, 3.0)))


def only_matrices(layer: Place) -> tuple[str, ...]:
    """Of what enters a layer."""
    return tuple(name for name in writers_of(layer) if name[-1:].isupper())


@pytest.mark.parametrize("copied", [writers_of, only_matrices])
def test_a_unit_is_copied_with_all_that_enters_it(
    copied: Callable[[Place], tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: rows change places and biases do not, in the finder; and the true move beside it."""
    monkeypatch.setattr(reorder, "writers_of", copied)
    path = reordered(chain(), {"A": np.array([1, 0, 2])}, POINTS.X)
    said, accepted = words_of(path, tmp_path)
    true = copied is writers_of
    assert (said == "PROVED") == accepted == true
    assert true or "reads another sum" in said


def test_columns_that_stay_where_rows_change_places_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault of a permutation that is applied to rows and not to columns: nobody reads the copies."""
    monkeypatch.setattr(reorder, "readers_of", lambda layer: ())
    path = reordered(chain(), {"W": np.array([2, 0, 1])}, POINTS.X)
    said, accepted = words_of(path, tmp_path)
    assert said != "PROVED"
    assert not accepted
