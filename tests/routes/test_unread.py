"""T1P's route: slots of POST networks that nothing reads carry a reference through every rectifier."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from numerics.checker.check import check
from numerics.checks.statements.post import deviation
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.networks.branch import Branch, Layer
from numerics.networks.forward import with_ones
from numerics.networks.post import Post
from numerics.networks.readers import exact_array, exact_weights
from numerics.networks.silence import moves_silently
from numerics.networks.stream import Block
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind
from numerics.paths import Path as walk
from numerics.questions import search
from numerics.questions.lowest import lowest
from numerics.questions.staircase import descend
from numerics.routes.blocks import Seen
from numerics.routes.unread import reading_off, to_reference
from support.answers_checked import require_both_accept
from support.seeded_networks import loss_at
from theory.statements import connectivity


def post(seed: int, m: int = 6, layers: tuple[int, ...] = (3,), blocks: int = 2) -> Post:
    """Weights in sixteenths; two inputs, two outputs."""
    rng = np.random.default_rng(seed)

    def matrix(*shape: int) -> np.ndarray:
        return rng.integers(-16, 17, shape) / 16

    def block() -> Block:
        sizes = (m, *layers)
        inner = [Layer(matrix(width, before), matrix(width)) for before, width in pairwise(sizes)]
        return Block(Branch(tuple(inner)), matrix(m, layers[-1]))

    found = tuple(block() for _ in range(blocks))
    return Post(W=matrix(m, 3), V=matrix(2, m), blocks=found, c=matrix(2), bias=True)


def reference(seed: int, width: int) -> TwoLayer:
    rng = np.random.default_rng(seed)
    W, V = rng.integers(-16, 17, (width, 3)) / 16, rng.integers(-16, 17, (2, width)) / 16
    return TwoLayer(W=W, V=V, c=np.array([0.25, -0.5]), bias=True)


def data(seed: int, N: int = 6) -> Data:
    rng = np.random.default_rng(seed)
    return Data(rng.integers(-16, 17, (N, 2)) / 8, rng.integers(-16, 17, (N, 2)) / 8)


@pytest.mark.parametrize("width", [1, 3, 6])
@pytest.mark.parametrize(("layers", "blocks"), [((3,), 1), ((3,), 2), ((2, 3), 2)])
def test_the_reference_arrives_below_T1Ps_level(width: int, layers: tuple[int, ...], blocks: int) -> None:
    """Up to l = m: every corner and many points between, exactly, against D_P(J) rounded up; f = g* at the end."""
    for seed in range(2):
        start, goal, points = post(seed, layers=layers, blocks=blocks), reference(seed, width), data(seed)
        problem = Problem(points)
        found = to_reference(start, goal, problem)
        path = found.path
        assert path.start.identical(start)
        seen = exact_array(with_ones(points.X, True))
        off = deviation(exact_weights(start), seen, list(found.slots or ()))
        first, last = (exact_losses([one], problem)[0] for one in (start, goal))
        level = connectivity.level_upper(loss=first, deviation=off, reference_loss=last)
        assert exact_losses([path.end], problem)[0] == last
        assert all(loss <= level for loss in exact_losses(path.corners, problem))
        for segment in path.segments:
            assert segment.kind is not Kind.SILENT or moves_silently(segment.start, segment.end)
            for t in (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)):
                assert loss_at(segment.start, segment.end, points, t) <= level


def test_connect_takes_it_and_auto_too() -> None:
    """C2 for POST, bit for bit, through fits of its own; not for other classes."""
    start, end, points = post(1), post(2), data(3)
    found = search.connect(start, end, Problem(points), route="unread")
    assert found.candidate.path.start.identical(start)
    assert found.candidate.path.end.identical(end)
    auto = search.connect(start, end, Problem(points))
    assert auto.corners.maximum <= found.corners.maximum
    assert "unread" in auto.routes
    with pytest.raises(InputError, match="route unread takes networks of class post: this one is two-layer"):
        search.connect(reference(1, 4), reference(4, 4), Problem(points), route="unread")
    with pytest.raises(InputError, match="route unread needs m >= 2"):
        search.connect(post(1, m=1), post(2, m=1), Problem(points), route="unread")


@pytest.mark.parametrize("blocks", [1, 2])
def test_both_checkers_accept_its_certificates(blocks: int) -> None:
    """However many blocks: one matrix moves at a time, so every segment has a kind with an exact maximum."""
    start, end = (post(seed, m=3, layers=(2,), blocks=blocks) for seed in (1, 2))
    points = data(3, N=2)
    answer = search.connect(start, end, Problem(points), route="unread")
    assert Kind.GENERAL not in {segment.kind for segment in answer.path.segments}
    require_both_accept(answer, start, end, points, depth=False)


@pytest.mark.parametrize("route", ["auto", "unread", "zero"])
def test_its_depth_against_a_reference(route: str) -> None:
    """C1 for POST: `g*` lies lower, both checkers accept the path to it, with the depth that T1P's level gives."""
    start, goal, points = post(0, m=3, layers=(2,)), reference(0, 1), data(3, N=2)
    answer = search.depth(start, goal, Problem(points), route=route)
    assert answer.corners.end.below(answer.corners.start)
    assert answer.path.start.identical(start)
    assert exact_losses([answer.path.end], Problem(points)) == exact_losses([goal], Problem(points))
    require_both_accept(answer, start, goal, points, depth=True)
    assert set(answer.routes) >= ({"zero", "unread"} if route == "auto" else {route})


@pytest.mark.parametrize("whole", [True, False])
def test_a_depth_whose_blocks_still_write_is_refused(whole: bool, tmp_path: Path) -> None:
    """The planted error: the path ends before U goes to 0, which no output hears; its true twin beside it."""
    start, goal, points = post(0, m=3, layers=(2,)), reference(0, 1), data(3, N=2)
    true = search.depth(start, goal, Problem(points), route="unread").candidate
    *most, last = true.path.segments
    assert last.kind is Kind.SILENT
    path = walk(start)
    for segment in [*most, last] if whole else most:
        path = path.then(segment)
    forged = lowest([replace(true, path=path)], Problem(points), goal)
    (tmp_path / "path.cert").write_bytes(forged.certificate(None))
    np.savez(tmp_path / "data.npz", X=points.X, Y=points.Y)
    report = check(tmp_path / "path.cert", str(tmp_path / "data.npz"))
    wanted = ("PROVED", None) if whole else ("UNDECIDED", "the end is not the reference: blocks.0.U is not zero")
    assert (report.verdict, report.refused) == wanted


def test_a_way_down_without_a_reference() -> None:
    """T7's step by T1P with l = 1: every slot may be emptied, and is written to no more when its row is loaded."""
    start, points = post(0, m=3, layers=(2,)), data(3, N=8)
    found = descend(start, Problem(points), steps=2)
    assert found.steps >= 1
    assert found.corners.end.below(found.corners.start)
    assert found.path.start.identical(start)
    for segment in found.path.segments:
        assert segment.kind is not Kind.SILENT or moves_silently(segment.start, segment.end)
    require_both_accept(found, start, found.path.end, points, depth=True)


def test_the_lightest_slots_are_taken() -> None:
    """A neuron that V and A hardly read costs least; D_P in floats is the check's, which is exact and rounded up."""
    start, points = post(5), data(5)
    V = start.V.copy()
    V[:, 4] *= 2.0**-10
    changed = {"V": V}
    for k in range(2):
        A = start.parameters()[f"blocks.{k}.A"].copy()
        A[:, 4] *= 2.0**-10
        changed[f"blocks.{k}.A"] = A
    light = start.replace(changed)
    seen = Seen.of(light, points.X)
    costs = reading_off(light, seen)
    assert costs.argmin() == 4
    exact = [deviation(exact_weights(light), exact_array(with_ones(points.X, True)), [j]) for j in range(6)]
    assert np.allclose(costs, [float(one) for one in exact], rtol=1e-9)
    assert to_reference(light, reference(1, 1), Problem(points)).slots == (4,)


def test_more_neurons_than_slots_are_refused() -> None:
    with pytest.raises(InputError, match="route unread needs l <= m: l = 7, m = 6"):
        to_reference(post(1), reference(1, 7), Problem(data(1)))


def test_blocks_that_write_on_spoil_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted error: without U_J = 0 the reference is not what arrives."""
    from numerics.routes import unread

    true = unread.load_unwritten

    def rows_alone(network: Post, slots: np.ndarray, rows: np.ndarray) -> object:
        segment = true(network, slots, rows)
        kept = {name: array for name, array in network.parameters().items() if name.endswith("U")}
        return type(segment)(segment.kind, segment.start, segment.end.replace(kept))

    monkeypatch.setattr(unread, "load_unwritten", rows_alone)
    with pytest.raises(ValueError, match="cannot move silently"):
        to_reference(post(1), reference(1, 2), Problem(data(1)))
