"""Twins: what is no handing over between units that are alike is refused, by both checkers."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.arithmetic.rationals import Enclosure
from numerics.checker.check import check
from numerics.checker.errors import Refused
from numerics.checker.spaces import parse_space
from numerics.checker.twins import check_twins
from numerics.data import Data
from numerics.losses import exact_loss_between, exact_losses
from numerics.losses.problem import Problem
from numerics.maxima.corners import CornerMaximum
from numerics.moves import reorder
from numerics.moves.reorder import reordered
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.liveness import writers_of
from numerics.networks.plain import Plain
from numerics.networks.units import Layer as Place
from numerics.networks.units import hidden_layers
from numerics.paths import Kind, Segment
from numerics.paths import Path as Route
from numerics.paths.certificate import certificate_bytes
from numerics.paths.question import Question
from numerics.testing import networks
from support import second_checker
from support.second_checker.archive import Refused as RefusedAgain
from support.second_checker.twins import check_twins as check_twins_again

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
    maximum = CornerMaximum(tuple(map(Enclosure.of, exact_losses(path.corners, Problem(POINTS)))))
    blob = certificate_bytes(path, maximum, maximum.upper, POINTS, question=Question.CONNECT, route="twins")
    (place / "p.cert").write_bytes(blob)
    np.savez(place / "d.npz", X=POINTS.X, Y=POINTS.Y)
    report = check(place / "p.cert", str(place / "d.npz"))
    return report.refused or report.verdict, second_checker.check(blob, POINTS.X, POINTS.Y).accepted


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


@settings(max_examples=150, deadline=None)
@given(network=networks(), seed=st.integers(0, 10**6))
def test_what_both_rules_accept_changes_nothing(network: Network, seed: int) -> None:
    """Of every class: some units made alike, then weights moved between columns, often as twins may and often not. The
    two checkers' rules agree, and where they accept the exact loss is the same at a time inside.
    """
    rng = np.random.default_rng(seed)
    start = alike(network, rng)
    weights = {name: array.copy() for name, array in start.parameters().items()}
    names = [name for name, array in weights.items() if array.ndim == 2 and (name != "W" or rng.random() < 0.2)]
    for name in rng.choice(names, size=min(2, len(names)), replace=False):
        array = weights[str(name)]
        row, one, other = rng.integers(array.shape[0]), *rng.integers(array.shape[1], size=2)
        given = float(rng.integers(-4, 5)) / 4
        array[row, one] += given
        array[row, other] -= given if rng.random() < 0.8 else given + 0.25
    end = start.replace(weights)
    shapes = {name: array.shape for name, array in start.parameters().items()}
    before, after = dict(start.parameters()), dict(end.parameters())
    moved = {name: before[name] != after[name] for name in before}
    space = parse_space(start.kind, int(start.bias), shapes)
    rules = (
        lambda: check_twins(0, space, before, after, moved),
        lambda: check_twins_again(start.kind, as_lists(before), as_lists(after)),
    )
    said = [accepted(rule) for rule in rules]
    assert said[0] == said[1]
    if said[0]:
        points = Data(rng.integers(-4, 5, (2, start.inputs)) / 2, rng.integers(-2, 3, (2, start.outputs)) / 1.0)
        (loss,) = exact_losses([start], problem := Problem(points))
        assert exact_loss_between(start, end, Fraction(int(rng.integers(1, 16)), 16), problem) == loss


def accepted(rule: Callable[[], None]) -> bool:
    try:
        rule()
    except (Refused, RefusedAgain):
        return False
    return True


def as_lists(weights: Mapping[str, np.ndarray]) -> dict[str, Any]:
    return {name: array.tolist() for name, array in weights.items()}


def alike(network: Network, rng: np.random.Generator) -> Network:
    """In every layer everything that enters one unit enters another too; now and then all but a bias."""
    weights = {name: array.copy() for name, array in network.parameters().items()}
    for layer in hidden_layers(network):
        one, other = rng.integers(layer.size, size=2)
        for name in writers_of(layer):
            if weights[name].ndim == 2 or rng.random() < 0.8:
                weights[name][one] = weights[name][other]
    return network.replace(weights)
