"""L3, L4 and L10 in every class, in exact arithmetic at random rational times; and their float64 twins."""

from fractions import Fraction
from operator import attrgetter

import numpy as np
import pytest
from hypothesis import given, target
from hypothesis import strategies as st

from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.moves.deviation import deviation, displacement
from numerics.moves.mass import masses_of, sigma_squared
from numerics.moves.merge import fused, merge
from numerics.moves.merging import Merging, nearest, projected, pruned
from numerics.moves.perturb import perturb, perturbed
from numerics.moves.transfer import transfer, transferred
from numerics.networks import Branch, Layer, Residual, TwoLayer
from numerics.networks.readers import exact_array, exact_weights, has_stream
from numerics.paths import Kind
from numerics.routes import choices
from numerics.testing import data_for, mergings, networks, parallels, plains, residuals, streams, times, two_layers
from support.move_checks import deviation_squared, generic, keeps_outputs, mass_does_not_rise, nothing_reads, problems
from theory.statements import merging as theory_of_merging

WIDE = st.integers(2, 4)
CLASSES = {
    "two-layer": two_layers(width=WIDE, inputs=2),
    "parallel": parallels(width=WIDE, inputs=2),
    "residual": residuals(width=WIDE, inputs=2),
    "stream": streams(width=WIDE, inputs=2),
    "plain": plains(width=WIDE, inputs=2),
}


@pytest.mark.parametrize("name", CLASSES)
@given(data=st.data())
def test_transfer_changes_no_output(name: str, data: st.DataObject) -> None:
    """L4 on the whole segment; at its end nothing reads J, or in a stream `z_{0,J} = 0`."""
    start = data.draw(problems(CLASSES[name], name))
    merging = data.draw(mergings(start.weights["W"]))
    ready = start.then(perturbed(start.weights, merging))
    end = ready.then(transferred(start.kind, ready.weights, merging))
    for t in (data.draw(times()), Fraction(1)):
        assert keeps_outputs(ready, end, t)
    if has_stream(start.kind):
        assert not (end.weights["W"][merging.leaving] != 0).any()
    else:
        assert nothing_reads(end.weights, merging.leaving)


@pytest.mark.parametrize("name", CLASSES)
@given(data=st.data())
def test_perturbing_moves_the_output_at_most_as_far_as_the_bound(name: str, data: st.DataObject) -> None:
    """L3: `||f_t - f_0|| <= t sigma sum ||w_j - c_j w_i|| (||V_j|| + sum_k Lambda_k ||A_{k,j}||)`."""
    start = data.draw(problems(CLASSES[name], name))
    merging, t = data.draw(mergings(start.weights["W"])), data.draw(times())
    end = start.then(perturbed(start.weights, merging))
    size = displacement(start.weights["W"], merging, masses_of(start.kind, start.weights))
    bound = t**2 * sigma_squared(start.data, bias=start.bias).upper * size**2
    actual = deviation_squared(start, end, t)
    assert actual <= bound
    if bound:
        target(float(actual / bound))


@given(st.data())
def test_the_fused_merge_keeps_the_same_bound_and_ends_where_perturb_and_transfer_do(data: st.DataObject) -> None:
    """L3 and L4 fused: `t D(J)` all along, and the end's outputs are those after perturb and transfer."""
    start = data.draw(st.sampled_from(("two-layer", "parallel", "plain")).flatmap(lambda k: problems(CLASSES[k], k)))
    merging, t = data.draw(mergings(start.weights["W"])), data.draw(times())
    end = start.then(fused(start.kind, start.weights, merging))
    size = displacement(start.weights["W"], merging, masses_of(start.kind, start.weights))
    assert deviation_squared(start, end, t) <= (t**2 * sigma_squared(start.data, bias=start.bias).upper * size**2)
    assert nothing_reads(end.weights, merging.leaving)
    ready = start.then(perturbed(start.weights, merging))
    assert ready.then(transferred(start.kind, ready.weights, merging)).outputs() == end.outputs()


@pytest.mark.parametrize("name", CLASSES)
@given(data=st.data())
def test_mass_does_not_rise_along_perturb_and_transfer(name: str, data: st.DataObject) -> None:
    """L10, the scales being projections; the products that enter Lambda stay what they are, exactly."""
    start = data.draw(problems(CLASSES[name], name))
    drawn, t = data.draw(mergings(start.weights["W"])), data.draw(times())
    W = start.weights["W"]
    merging = projected(W, dict(zip(drawn.leaving.tolist(), drawn.centres.tolist(), strict=True)))
    ready = start.then(perturbed(start.weights, merging))
    end = ready.then(transferred(start.kind, ready.weights, merging))
    assert mass_does_not_rise(start, ready, t)
    assert mass_does_not_rise(ready, end, t)
    if start.kind == "residual":
        middle = ready.toward(end, t).weights
        assert (middle["V"] @ middle["U"] == start.weights["V"] @ start.weights["U"]).all()


@given(st.data())
def test_with_dyadic_scales_the_float_moves_are_exact(data: st.DataObject) -> None:
    """Nothing is rounded, so every corner has the weights of the exact algebra, and the loss after transfer is kept."""
    network = data.draw(st.one_of(networks(width=WIDE), st.sampled_from(sorted(CLASSES)).flatmap(generic)))
    points = data.draw(data_for(network))
    drawn = data.draw(mergings(exact_array(network.W)))
    scales = np.array([data.draw(st.sampled_from((0.0, 0.5, 1.0, 2.0))) for _ in drawn.leaving])
    merging = Merging(drawn.leaving, drawn.centres, scales)
    exact = Merging(drawn.leaving, drawn.centres, exact_array(scales))
    path = merge(network, merging)
    weights = exact_weights(network)
    if has_stream(network.kind):
        weights |= perturbed(weights, exact)
        ready = perturb(network, merging)
        assert exact_losses([transfer(ready.end, merging).end], Problem(points)) == exact_losses(
            [ready.end], Problem(points)
        )
        weights |= transferred(network.kind, weights, exact)
    else:
        weights |= fused(network.kind, weights, exact)
    ends = path.end.parameters()
    assert all((exact_array(ends[name]) == array).all() for name, array in weights.items())


@given(st.data())
def test_the_float_bound_is_above_the_exact_one(data: st.DataObject) -> None:
    """D(J) from floats rounded up against the fractions' own, whose roots are right to 64 bits; within 2^-30 of it."""
    network = data.draw(
        st.one_of(
            networks(width=WIDE).filter(attrgetter("adds_linearly")), st.sampled_from(sorted(CLASSES)).flatmap(generic)
        )
    )
    points = data.draw(data_for(network))
    drawn = data.draw(mergings(exact_array(network.W)))
    merging = projected(network.W, dict(zip(drawn.leaving.tolist(), drawn.centres.tolist(), strict=True)))
    exact = Merging(merging.leaving, merging.centres, exact_array(merging.scales))
    found = deviation(network, merging, Problem(points)) ** 2
    weights = exact_weights(network)
    size = displacement(weights["W"], exact, masses_of(network.kind, weights))
    true = sigma_squared(points, bias=network.bias).upper * size**2
    # sixty-four bits of a root are lost on either side, and near cancellations cost the float distance 2^-52 of ||w||
    assert true * (1 - Fraction(1, 2**50)) <= found
    rough = (
        sigma_squared(points, bias=network.bias).upper
        * (size + Fraction(1, 2**30) * sum(masses_of(network.kind, weights).each.tolist(), Fraction(0))) ** 2
    )
    assert found <= rough * (1 + Fraction(1, 2**30)) + Fraction(1, 2**900)


def test_a_merge_of_readers_of_the_output_alone_is_a_readout_segment() -> None:
    """TWO-LAYER: V alone moves, so the loss is known at the ends; perturbing a neuron that nothing reads is silent."""
    network = TwoLayer(W=np.array([[1.0, 0.0], [3.0, 4.0]]), V=np.array([[1.0, 1.0]]))
    (segment,) = merge(network, projected(network.W, {1: 0})).segments
    assert segment.kind is Kind.READOUT
    assert segment.end.V.tolist() == [[4.0, 0.0]]
    assert perturb(network, projected(network.W, {1: 0})).kind is Kind.HIDDEN
    unread = network.replace({"V": np.array([[1.0, 0.0]])})
    assert perturb(unread, pruned(network.W, [1])).kind is Kind.SILENT


def test_pruning_needs_no_centre() -> None:
    """R4's move is L3 with `c = 0`: the neuron leaves, no other changes, not even the last one, which -1 would name."""
    network = TwoLayer(W=np.array([[1.0], [2.0], [3.0]]), V=np.array([[1.0, 5.0, 7.0]]))
    end = merge(network, pruned(network.W, [0, 2])).end
    assert end.V.tolist() == [[0.0, 5.0, 0.0]]
    assert end.W.tolist() == network.W.tolist()


def test_what_is_not_admissible_is_refused() -> None:
    """A centre that leaves, a neuron that leaves twice, a negative scale, a scale without a centre, a row not ready."""
    W = np.array([[1.0], [2.0], [3.0]])
    cases = (
        ([0, 1], [1, 2], [1.0, 1.0], "disjoint"),
        ([0, 0], [1, 2], [1.0, 1.0], "twice"),
        ([0], [1], [-1.0], "negative"),
        ([0], [1], [np.inf], "finite"),
        ([0], [-1], [1.0], "without a centre"),
        ([0], [1], [], "one of each"),
        ([-2], [1], [1.0], "from 0"),
    )
    for leaving, centres, scales, words in cases:
        with pytest.raises(ValueError, match=words):
            Merging(np.array(leaving), np.array(centres), np.array(scales))
    network = TwoLayer(W=W, V=np.ones((1, 3)))
    with pytest.raises(ValueError, match="perturb first"):
        transfer(network, Merging(np.array([0]), np.array([1]), np.array([3.0])))


def test_the_fused_merge_is_refused_where_blocks_write_back() -> None:
    """RESIDUAL: coordinate j is written to by U as well, so leaving `w_j` alone would change the output."""
    ones, W = np.ones((1, 2)), np.array([[1.0, 0.0], [2.0, 1.0]])
    residual = Residual(W=W, V=ones, branch=Branch((Layer(ones),)), U=np.array([[1.0], [5.0]]))
    with pytest.raises(ValueError, match="perturb, then transfer"):
        fused(residual.kind, residual.parameters(), projected(residual.W, {1: 0}))
    assert len(merge(residual, projected(residual.W, {1: 0})).segments) == 2


def test_neurons_go_to_the_centre_at_the_smallest_angle() -> None:
    """Zero rows and rows near the ends of float64's range included."""
    W = np.array([[1.0, 0.0], [0.0, 1e-300], [0.0, 5.0], [3e200, 1e200], [0.0, 0.0]])
    found = nearest(W, [2, 3, 4], [0, 1])
    assert (found[2], found[3]) == (1, 0)
    assert found[4] in (0, 1)


@pytest.mark.parametrize("dimension", [1, 2, 5, 64])
def test_the_number_of_centres_is_the_best_one(dimension: int) -> None:
    """Against theory's, found by other code, wherever that is at least one centre; m = 7, d = 2 has 2, not 1."""
    for width in (2, 3, 7, 64, 257):
        for count in {1, width // 2, width - 1} - {0}:
            best = theory_of_merging.best_centres(width, count, dimension)
            assert choices.centres_for(width, count, dimension) == max(1, best)
