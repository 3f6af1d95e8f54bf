"""T9: plain chains joined through half of every layer: silent and readout segments only, exact at corners."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses, float_loss
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.plain import Plain
from numerics.networks.silence import moves_silently
from numerics.paths import Kind, Path, Segment
from numerics.questions import search
from numerics.routes import tuning
from numerics.routes.chains import activations, affecting_output, layers_of, restricted
from numerics.routes.half_width import half_width
from numerics.routes.tuning import tuned
from numerics.testing import partners, plains
from support.seeded_networks import loss_at


def chain(seed: int, widths: tuple[int, ...], *, n: int = 2, p: int = 2, biases: bool = True) -> Plain:
    """Gaussian weights, all of them float64."""
    rng = np.random.default_rng(seed)
    first, *others = widths
    layers, before = [], first
    for width in others:
        layers.append(Layer(rng.standard_normal((width, before)), rng.standard_normal(width) if biases else None))
        before = width
    return Plain(
        W=rng.standard_normal((first, n + 1)),
        branch=Branch(tuple(layers)),
        U=rng.standard_normal((p, before)),
        c=rng.standard_normal(p) if biases else None,
        bias=True,
    )


def data(seed: int, *, N: int = 12, n: int = 2, p: int = 2) -> Data:
    """Gaussian points and targets."""
    rng = np.random.default_rng(seed)
    return Data(rng.standard_normal((N, n)), rng.standard_normal((N, p)))


def require_sound(path: Path, start: Network, end: Network) -> None:
    """From end to end bit for bit, by segments that are what they are called."""
    assert path.start.identical(start)
    assert path.end.identical(end)
    assert {segment.kind for segment in path.segments} <= {Kind.SILENT, Kind.READOUT}
    for segment in path.segments:
        assert segment.kind is Kind.READOUT or moves_silently(segment.start, segment.end)


@settings(max_examples=40)
@given(
    pair=plains(width=st.integers(2, 5)).flatmap(lambda one: st.tuples(st.just(one), partners(one))),
    seed=st.integers(0, 99),
)
def test_no_loss_on_the_path_exceeds_its_corners(pair: tuple[Plain, Plain], seed: int) -> None:
    """Any two chains with two units a layer, at a random time of every segment, in fractions."""
    start, end = pair
    points = data(seed, N=3, n=start.inputs, p=start.outputs)
    if min(len(start.parameters()[one.matrix]) for one in layers_of(start)) < 2:
        with pytest.raises(InputError, match="two units in every hidden layer"):
            half_width(start, end, Problem(points))
        return
    path = half_width(start, end, Problem(points)).path
    require_sound(path, start, end)
    corners = exact_losses(path.corners, Problem(points))
    rng = np.random.default_rng(seed)
    for k, segment in enumerate(path.segments):
        t = Fraction(int(rng.integers(0, 33)), 32)
        assert loss_at(segment.start, segment.end, points, t) <= max(corners[k : k + 2])


@pytest.mark.parametrize("widths", [(2, 2), (3, 3), (5, 4), (7, 2, 3), (4, 5, 3, 6)])
@pytest.mark.parametrize("biases", [False, True])
def test_every_depth_and_odd_widths(widths: tuple[int, ...], biases: bool) -> None:
    """Two segments a layer on either side and three in between; half chains keep half of every layer at most."""
    start, end, points = chain(1, widths, biases=biases), chain(2, widths, biases=biases), data(3)
    path = half_width(start, end, Problem(points)).path
    require_sound(path, start, end)
    depth = len(widths)
    assert len(path.segments) <= 2 * (2 * depth - 1) + 3
    crossing = [
        corner
        for corner in path.corners
        if all(len(a) <= m // 2 for a, m in zip(affecting_output(corner), widths, strict=True))
    ]
    assert len(crossing) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_thousand_random_chains_stay_below_their_claim(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times: one or two points, two or three layers of two to four units, short dyadic weights; in fractions, at a
    random time of a random segment. Training is cut short: the claim is about whatever tail is loaded.
    """
    monkeypatch.setattr(tuning, "STEPS", 2)
    rng = np.random.default_rng(seed)

    def short(*shape: int) -> np.ndarray:
        return rng.integers(-16, 17, shape) / 8.0

    for _ in range(1000):
        widths = rng.integers(2, 5, int(rng.integers(2, 4))).tolist()

        def drawn(widths: list[int]) -> Plain:
            layers = tuple(Layer(short(m, n), short(m)) for n, m in pairwise(widths))
            return Plain(W=short(widths[0], 2), branch=Branch(layers), U=short(1, widths[-1]), c=short(1), bias=True)

        start, end = drawn(widths), drawn(widths)
        N = int(rng.integers(1, 3))
        points = Data(short(N, 1), short(N, 1))
        path = half_width(start, end, Problem(points)).path
        claimed = max(exact_losses(path.corners, Problem(points)))
        segment = path.segments[int(rng.integers(len(path.segments)))]
        t = Fraction(int(rng.integers(1, 32)), 32)
        assert loss_at(segment.start, segment.end, points, t) <= claimed


@pytest.mark.parametrize("seed", [49, 51, 53])
def test_of_odd_layers_the_middle_slot_is_nobodys(seed: int) -> None:
    """Both networks change between the same two halves; else both could end on one slot, and a load would be heard."""
    for widths in ((5, 5), (7, 5), (3, 3, 3)):
        start, end = chain(seed, widths), chain(seed + 1000, widths)
        require_sound(half_width(start, end, Problem(data(seed))).path, start, end)


def test_a_chain_that_half_a_layer_can_do_has_no_barrier() -> None:
    """Every unit twice: half of them with doubled readers give the same outputs, so no corner lies above the ends."""
    small = [chain(seed, (6, 5)) for seed in (1, 2)]
    start, end = (
        Plain(
            W=np.repeat(one.W, 2, axis=0),
            branch=Branch(
                (
                    Layer(
                        np.repeat(np.repeat(one.branch.layers[0].weight, 2, axis=0), 2, axis=1) / 2,
                        np.repeat(one.branch.layers[0].bias, 2),
                    ),
                )
            ),
            U=np.repeat(one.U, 2, axis=1) / 2,
            c=one.c,
            bias=True,
        )
        for one in small
    )
    points = data(5, N=40)
    answer = search.connect(start, end, Problem(points), route="half-width")
    assert answer.corners.maximum == max(exact_losses([start, end], Problem(points)))


def test_a_trained_tail_is_no_worse_and_the_same_shape() -> None:
    """Training ends at the goal or at the best it has seen; what is not better is not taken by the route."""
    network, points = chain(4, (8, 8)), Problem(data(6, N=30))
    kept = (np.arange(4), np.arange(4))
    tail, below = restricted(network, kept, 0), activations(network, points.X)[0][:, :4]
    found = tuned(tail, below, points, goal=0.0)
    before, after = (
        float(((one.readout.affine(one.features(below)) - points.Y) ** 2).sum() / points.size) for one in (tail, found)
    )
    assert after < before
    assert [layer.matrix.shape for layer in found.layers] == [layer.matrix.shape for layer in tail.layers]


def test_the_known_answer() -> None:
    """One point x = 1, y = 2: corners of loss 0 exist, and with U = 1/2 for 2 the maximum is 9/4."""
    start = Plain(W=np.array([[1.0], [1.0]]), branch=Branch((Layer(np.eye(2)),)), U=np.array([[1.0, 1.0]]), bias=False)
    points = Data([[1.0]], [[2.0]])
    narrow = start.replace({"U": np.array([[2.0, 0.0]])})
    worse = start.replace({"U": np.array([[0.5, 0.0]])})
    assert exact_losses([start, narrow, worse], Problem(points)) == [0, 0, Fraction(9, 4)]
    end = start.replace({"W": np.array([[3.0], [3.0]]), "U": np.array([[1 / 3, 1 / 3]])})
    path = half_width(start, end, Problem(points)).path
    assert float_loss(path.corners[1], Problem(points)) == pytest.approx(0.0, abs=1e-12)


def test_a_freed_unit_that_is_still_read_is_found() -> None:
    """The planted fault beside its true twin: one kept unit of layer 2 still reads a freed unit of layer 1."""
    start, end, points = chain(1, (4, 4)), chain(2, (4, 4)), data(3)
    path = half_width(start, end, Problem(points)).path
    for before, after in pairwise(path.corners):
        if "W" in before.changed(after) and "U" not in before.changed(after):
            assert moves_silently(before, after)
            live = affecting_output(before)
            moved = int(np.flatnonzero((before.W != after.W).any(axis=1))[0])
            A = before.parameters()["A"].copy()
            A[live[1][0], moved] = 1.0
            spoilt = before.replace({"A": A})
            assert not moves_silently(spoilt, spoilt.replace({"W": after.W}))
            return
    pytest.fail("no silent segment moves W")


def test_connect_takes_plain_chains_and_says_why_other_routes_do_not_apply() -> None:
    """Auto finds the route; routes of skip networks are refused by name; the zero path is there too."""
    start, end, points = chain(1, (4, 4)), chain(2, (4, 4)), Problem(data(3))
    answer = search.connect(start, end, points)
    assert answer.routes["bridge"] == "takes networks of class two-layer, parallel, residual, stream"
    require_sound(search.connect(start, end, points, route="zero").path, start, end)
    line = search.connect(start, end, points, route="line").path
    assert [(segment.start.identical(start), segment.end.identical(end)) for segment in line.segments] == [(True, True)]
    with pytest.raises(InputError, match="route bridge takes networks of class"):
        search.connect(start, end, points, route="bridge")


def test_a_silent_segment_moves_no_readout() -> None:
    """The kind is refused where the readout is among what moves, whatever is read."""
    start = chain(1, (4, 4))
    with pytest.raises(ValueError, match="silent segment moves the readout"):
        Segment(Kind.SILENT, start, start.replace({"U": start.U + 1.0}))
