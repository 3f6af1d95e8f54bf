"""The route in stages (RM): what it frees is missed least, and its level comes down to the two losses themselves."""

import numpy as np
import pytest

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses, float_loss
from numerics.losses.problem import Problem
from numerics.networks import Block, Network, Parallel, Residual, Stream, TwoLayer
from numerics.networks.branch import Branch, Layer
from numerics.networks.forward import Floats, branch_from, read_by_V, with_ones
from numerics.paths import Kind, Path
from numerics.questions import search as questions
from numerics.questions.bounds import depth_bounds, measured_level
from numerics.routes import staged as module
from numerics.routes.candidate import Candidate
from numerics.routes.features import Features
from numerics.routes.merging import to_reference
from numerics.routes.staged import staged
from numerics.routes.streams import outside_basis


def problem(seed: int = 0, *, m: int = 24, neurons: int = 12, N: int = 120) -> tuple[Parallel, TwoLayer, Data]:
    """A network whose readout fits well, a live branch beside it, and a reference that fits too."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N, 4))
    data = Data(X, np.stack([np.sin(2 * X[:, 0]) + X[:, 1] ** 2, np.abs(X[:, 2] - X[:, 3])], axis=1))
    branch = Branch((Layer(rng.standard_normal((5, m)) / m, rng.standard_normal(5)),))
    weights = {"W": rng.standard_normal((m, 5)), "branch": branch, "bias": True}
    start = Parallel(V=np.zeros((2, m)), U=np.zeros((2, 5)), c=np.zeros(2), **weights)
    fit = Features.affecting_output(start, Problem(data)).fit(np.arange(m + 5))
    start = Parallel(V=fit.V[:, :m], U=fit.V[:, m:], c=fit.c, **weights)
    rows = rng.standard_normal((neurons, 5))
    own = Features.of(rows, Problem(data), bias=True, with_c=True).fit(np.arange(neurons))
    return start, TwoLayer(W=rows, V=own.V, c=own.c, bias=True), data


def test_what_the_readout_hears_is_both_layers() -> None:
    """The fit on everything heard is numpy's least squares on the first and the last layer and a column of ones."""
    start, _, data = problem()
    z = np.maximum(with_ones(data.X, True) @ start.W.T, 0.0)
    design = np.hstack([z, branch_from(start.parameters(), "", z, Floats()), np.ones((data.size, 1))])
    solution = np.linalg.lstsq(design, data.Y, rcond=None)[0]
    best = float(((design @ solution - data.Y) ** 2).sum() / data.size)
    assert float_loss(start, Problem(data)) == pytest.approx(
        best, rel=1e-6
    )  # the ridge of 1e-10 and the readout's grid


def test_the_path_is_one_of_known_kinds_and_ends_at_the_reference() -> None:
    """Readout lines, hidden segments and silent loads; the certified maximum is that of the claim's path."""
    start, reference, data = problem()
    answer = questions.depth(start, reference, Problem(data), route="staged")
    assert {segment.kind for segment in answer.path.segments} == {Kind.READOUT, Kind.HIDDEN, Kind.SILENT}
    assert answer.path.start.identical(start)
    assert answer.corners.end.exact == exact_losses([reference], Problem(data))[0]
    assert answer.corners.maximum >= max(answer.corners.start.top, answer.corners.end.top)


def climbed(candidate: Candidate, data: Data) -> float:
    """The largest loss at the end of a hidden segment: what freeing costs."""
    freed = [segment.end for segment in candidate.path.segments if segment.kind is Kind.HIDDEN]
    return max(float_loss(network, Problem(data)) for network in freed)


def test_stages_lower_the_level() -> None:
    """All at once costs less than by the columns' QR (the rank route), and quarters cost less still."""
    start, reference, data = problem()
    by_columns = climbed(to_reference("rank", start, reference, Problem(data)).found[0], data)
    once, quarters = (
        climbed(module._in_stages(stages, Path(start), np.arange(24), reference, Problem(data)), data)
        for stages in (1, 4)
    )
    assert quarters < once < by_columns
    assert staged(start, reference, Problem(data)).estimate >= float_loss(reference, Problem(data))


def test_the_measured_level_bounds_what_is_certified() -> None:
    """RM's D of the hidden segment, from the corner before it, by T1's level; printed where g* is better."""
    start, reference, data = problem()
    worse = start.replace({"V": start.V * 0.25})
    for network in (start, worse):
        answer = questions.depth(network, reference, Problem(data), route="staged")
        level = measured_level(answer, answer.corners.end.top)
        assert level is not None
        assert answer.corners.maximum <= level
    assert answer.corners.end.below(answer.corners.start)
    assert depth_bounds(answer)["RM"].value >= level - answer.corners.start.top


def narrow(start: Parallel, m: int) -> Branch:
    """The branch as it reads the first m neurons."""
    return Branch(tuple(Layer(layer.weight[:, :m], layer.bias) for layer in start.branch.layers))


def with_stream(start: Parallel, data: Data, blocks: int) -> Network:
    """RESIDUAL, or STREAM of several blocks, that write to every neuron; the readout fits what they make of it."""
    rng = np.random.default_rng(5)
    own = {"W": start.W, "V": start.V, "c": start.c, "bias": True}
    made = [Block(start.branch, rng.standard_normal((24, 5)) / 8) for _ in range(blocks)]
    network: Network = Stream(**own, blocks=tuple(made))
    if blocks == 1:
        network = Residual(**own, branch=made[0].branch, U=made[0].U)
    fit = Features.affecting_output(network, Problem(data)).fit(np.arange(24))
    return network.replace({"V": fit.V, "c": fit.c})


@pytest.mark.parametrize("blocks", [1, 2])
def test_streams_go_in_stages_too(blocks: int) -> None:
    """T2, T3: one matrix at a time, so that every maximum is exact; lower than by the columns' QR."""
    parallel, reference, data = problem()
    start = with_stream(parallel, data, blocks)
    answer = questions.depth(start, reference, Problem(data), route="staged")
    kinds = [segment.kind for segment in answer.path.segments]
    assert set(kinds) == {Kind.READOUT, Kind.HIDDEN, Kind.SILENT}
    assert all(len(one.moves()) == 1 for one in answer.path.segments if one.kind is Kind.HIDDEN)
    assert answer.corners.end.exact == exact_losses([reference], Problem(data))[0]
    assert answer.corners.maximum == answer.corners.attained
    by_columns = questions.depth(start, reference, Problem(data), route="rank").corners.maximum
    assert answer.corners.maximum < by_columns
    way, own = outside_basis("staged", start, reference.width)
    once, quarters = (climbed(module._in_stages(count, way, own, reference, Problem(data)), data) for count in (1, 4))
    assert quarters < once


def test_what_a_stream_reads_is_what_its_blocks_made() -> None:
    """The fit on what V hears is numpy's least squares on it; features of either sign are scaled by their size."""
    parallel, _, data = problem()
    start = with_stream(parallel, data, 2)
    z = np.maximum(with_ones(data.X, True) @ start.W.T, 0.0)
    read = read_by_V("stream", start.parameters(), z, Floats())
    assert read.min() < 0
    design = np.hstack([read, np.ones((data.size, 1))])
    solution = np.linalg.lstsq(design, data.Y, rcond=None)[0]
    best = float(((design @ solution - data.Y) ** 2).sum() / data.size)
    assert float_loss(start, Problem(data)) == pytest.approx(best, rel=1e-6)


def test_a_silent_branch_and_no_branch_are_taken() -> None:
    """Lambda = 0: what A reads has any weight, and nothing divides by it."""
    start, reference, data = problem()
    mute = start.replace({"U": np.zeros_like(start.U)})
    shallow = TwoLayer(W=start.W, V=start.V, c=start.c, bias=True)
    for network in (mute, shallow):
        assert staged(network, reference, Problem(data)).path.start.identical(network)


def test_classes_and_widths_that_do_not_serve_are_refused() -> None:
    """One line each."""
    start, reference, data = problem()
    with pytest.raises(InputError, match="l < m"):
        staged(start, TwoLayer(W=start.W, V=start.V, c=start.c, bias=True), Problem(data))
    with pytest.raises(InputError, match="budget"):
        staged(start, reference, Problem(data, budget=1000))
    full = Residual(
        W=start.W[:13], V=start.V[:, :13], branch=narrow(start, 13), U=np.ones((13, 5)), c=start.c, bias=True
    )
    with pytest.raises(InputError, match="l < m - r in class residual"):
        to_reference("staged", full, reference, Problem(data)).at_least_one()
