"""T2 and T3 as the routes build them, in exact arithmetic: the blocks first, then L3 and L4 outside the basis."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings, target
from hypothesis import strategies as st

from numerics.arithmetic.bases import exact_basis
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.moves.clear_rows import EXACT_ROWS, rows_cleared, stacked_readers
from numerics.moves.deviation import displacement
from numerics.moves.load import replace_inactive, silence
from numerics.moves.mass import lambdas_of, masses_of, sigma_squared
from numerics.moves.merging import Merging, projected
from numerics.moves.perturb import perturbed
from numerics.moves.reassign_stepwise import reassign_stepwise
from numerics.moves.transfer import handed_over
from numerics.moves.write_to_basis import spread_basis, write_to_basis
from numerics.networks import Branch, Layer, Network, Residual, Stream, TwoLayer
from numerics.networks.forward import own_name
from numerics.networks.readers import exact_array
from numerics.paths import Kind
from numerics.questions import search as questions
from numerics.routes.silence_blocks import silence_blocks
from numerics.testing import assignments, residuals, streams, times
from support.move_checks import Exact, deviation_squared, keeps_outputs, problems

WIDE = st.integers(3, 5)
CLASSES = {
    "residual": residuals(width=WIDE, inputs=2, outputs=1),
    "stream": streams(width=WIDE, inputs=2, outputs=1),
}


def concentrated(start: Exact) -> tuple[Exact, np.ndarray]:
    """The blocks of a network in fractions write to a basis of the readers alone; the neurons outside it."""
    basis = exact_basis(stacked_readers(start.kind, start.weights))
    return start.then(rows_cleared(start.kind, start.weights, basis, basis.rest)), basis.rest


@pytest.mark.parametrize("name", CLASSES)
@given(data=st.data())
def test_blocks_write_to_a_basis_alone_and_no_output_changes(name: str, data: st.DataObject) -> None:
    """T2, T3 without L4 before them: W need not be 0 anywhere. One block at a time, and all together."""
    start = data.draw(problems(CLASSES[name], name, 1))
    end, outside = concentrated(start)
    here = start
    for U in (key for key in start.weights if own_name(key) == "U"):
        there = here.then({U: end.weights[U]})
        assert keeps_outputs(here, there, data.draw(times()))
        here = there
        assert not (end.weights[U][outside] != 0).any()
    assert keeps_outputs(start, end, data.draw(times()))
    assert keeps_outputs(start, end, Fraction(1))


@pytest.mark.parametrize("name", CLASSES)
@given(data=st.data())
def test_outside_the_basis_a_stream_merges_as_a_parallel_network_does(name: str, data: st.DataObject) -> None:
    """L3 within its bound, by the masses of the start; L4 in PARALLEL's form without any change of the outputs."""
    start = data.draw(problems(CLASSES[name], name, 1))
    settled, outside = concentrated(start)
    assume(len(outside) >= 2)
    into = {int(outside[j]): int(outside[i]) for j, i in data.draw(assignments(range(len(outside)))).items()}
    merging = projected(start.weights["W"], into)
    ready = settled.then(perturbed(settled.weights, merging))
    mass = masses_of(start.kind, start.weights)
    bound = sigma_squared(start.data, bias=start.bias).upper * displacement(start.weights["W"], merging, mass) ** 2
    t = data.draw(times())
    actual = deviation_squared(settled, ready, t)
    assert actual <= t**2 * bound
    if bound:
        target(float(actual / bound))
    changed = handed_over("parallel", ready.weights, merging.leaving, *merging.coefficients())
    here = ready
    for key, array in changed.items():  # one matrix at a time, in any order
        there = here.then({key: array})
        assert keeps_outputs(here, there, data.draw(times()))
        here = there
    assert not any((array[:, merging.leaving] != 0).any() for array in changed.values())


@pytest.mark.parametrize("name", CLASSES)
@settings(max_examples=settings.default.max_examples // 2)
@given(data=st.data())
def test_masses_do_not_change_when_the_blocks_write_elsewhere(name: str, data: st.DataObject) -> None:
    """The products `V U_k` and `A_h U_k` that Lambda is made of stay, and W, V and every A do not move."""
    start = data.draw(problems(CLASSES[name], name, 1))
    end, _ = concentrated(start)
    before, after = (lambdas_of(one.kind, one.weights) for one in (start, end))
    assert [(one.lower, one.upper) for one in before] == [(one.lower, one.upper) for one in after]


def network(**changes: object) -> Stream:
    """STREAM of two blocks on four neurons; V reads (1, 2, 0, 4), the second block reads the first neuron."""
    blocks = {
        "blocks.0.A": [[1, 0, 1, 0]],
        "blocks.0.U": [[1], [1], [1], [1]],
        "blocks.1.A": [[1, 0, 0, 0]],
        "blocks.1.U": [[0], [1], [0], [2]],
    }
    named = {"W": [[1], [2], [-1], [3]], "V": [[1, 2, 0, 4]]} | blocks | changes
    return Stream.of({name: np.array(value, dtype=float) for name, value in named.items()}, bias=False)


def test_the_float_move_is_exact_where_nothing_is_rounded() -> None:
    """Readers (1,2,0,4) and (1,0,0,0) have rank two; two hidden segments, the loss exactly what it was."""
    start, data = network(), Data(np.array([[1.0], [-2.0]]), np.array([[3.0], [0.0]]))
    path, outside = write_to_basis(start)
    assert [segment.kind for segment in path.segments] == [Kind.HIDDEN, Kind.HIDDEN]
    assert len(outside) == 2
    assert len(set(exact_losses(path.corners, Problem(data)))) == 1
    for name in ("blocks.0.U", "blocks.1.U"):
        assert not path.end.parameters()[name][outside].any()


def test_a_coordinate_that_no_block_writes_to_is_never_in_the_basis() -> None:
    """One written coordinate of four is the basis by itself, and nothing moves; without one there is no basis."""
    here = {"blocks.0.U": [[0], [3], [0], [0]], "blocks.1.U": [[0], [5], [0], [0]]}
    path, outside = write_to_basis(network(**here))
    assert (path.segments, outside.tolist()) == ((), [0, 2, 3])
    silent = network(**{name: [[0]] * 4 for name in here})
    path, outside = write_to_basis(silent)
    assert (path.segments, outside.tolist()) == ((), [0, 1, 2, 3])
    data = Data(np.array([[1.0], [-2.0]]), np.array([[3.0], [0.0]]))
    assert silence_blocks(silent, Problem(data)).segments == ()
    assert silence_blocks(network(**here), Problem(data)).end.V[0, 1] == 0.0


def test_readers_of_many_rows_get_a_basis_in_floats() -> None:
    """Seventeen rows of rank two: beyond the rational elimination, and still a basis of two columns."""
    rng = np.random.default_rng(1)
    readers = rng.normal(size=(EXACT_ROWS + 1, 2)) @ rng.normal(size=(2, 30))
    found = spread_basis(readers)
    assert len(found.basis) == 2
    assert np.allclose(readers[:, found.rest], readers[:, found.basis] @ found.coefficients)


@pytest.mark.parametrize("rows", [3, EXACT_ROWS + 1])
def test_preferred_neurons_come_into_the_basis_first_and_others_where_they_do_not_span(rows: int) -> None:
    """By elimination and in floats: three of rank two are asked for, the third direction comes from elsewhere."""
    rng = np.random.default_rng(2)
    first, others = (
        rng.integers(-9, 10, (rows, 2)) @ [[1.0, 2.0, 1.0], [0.0, 1.0, 3.0]],
        rng.integers(-9, 10, (rows, 1)),
    )
    readers = np.hstack([1024.0 * others @ rng.integers(1, 5, (1, 20)), first])
    found = spread_basis(readers[:, 20:], np.arange(3))
    assert len(found.basis) == 2
    found = spread_basis(readers, np.array([20, 21, 22]))
    assert len(found.basis) == 3
    assert rows > EXACT_ROWS or len(set(found.basis.tolist()) & {20, 21, 22}) == 2
    assert np.allclose(readers[:, found.rest], readers[:, found.basis] @ found.coefficients)


def test_what_a_block_writes_to_is_passed_on_by_nobody() -> None:
    """Neither from such a neuron nor to one: PARALLEL's form would be wrong there."""
    start = network()
    for leaving, centre in ((0, 2), (2, 0)):
        merging = Merging(np.array([leaving]), np.array([centre]), np.array([1.0]))
        with pytest.raises(ValueError, match=r"blocks\.0\.U writes to"):
            reassign_stepwise(start, merging.leaving, *merging.coefficients())


def test_blocks_that_are_heard_are_neither_silenced_nor_replaced() -> None:
    """With V = 0 they are; with V on a coordinate that no block writes to, silenced only."""
    start, other = network(), network(W=[[5], [5], [5], [5]])
    for move in (silence, lambda one: replace_inactive(one, other)):
        with pytest.raises(ValueError, match="cannot move silently"):
            move(start)
    unread = start.replace({"V": np.zeros((1, 4))})
    assert not any(array.any() for name, array in silence(unread).end.parameters().items() if own_name(name) == "U")
    assert replace_inactive(unread, other).end.W.tolist() == other.W.tolist()
    beside = network(**{"V": [[0, 0, 1, 0]], "blocks.0.U": [[1], [1], [0], [1]]})
    assert silence(beside).kind is Kind.SILENT
    with pytest.raises(ValueError, match="cannot move silently"):
        replace_inactive(beside, other)


def test_networks_without_a_stream_have_nothing_to_silence() -> None:
    """A two-layer network stays as it is, and cannot be concentrated."""
    plain = TwoLayer(W=np.ones((2, 1)), V=np.ones((1, 2)))
    assert silence(plain).end.identical(plain)
    with pytest.raises(ValueError, match="no stream"):
        write_to_basis(plain)


def residual(V: list[float]) -> Residual:
    """Three neurons, a block that writes to all of them."""
    return Residual(
        W=np.array([[1.0], [2.0], [-1.0]]),
        V=np.array([V]),
        branch=Branch((Layer(np.ones((1, 3))),)),
        U=np.ones((3, 1)),
    )


def test_a_reference_as_large_as_what_is_left_is_refused() -> None:
    """T2 needs l < m - r: with m = 3 and r = 1, two neurons are one too many, one is not; with V = 0 the rank is 0."""
    points = Data(np.array([[1.0], [-1.0]]), np.array([[1.0], [0.0]]))
    for V, neurons, possible in (([1.0, 1.0, 1.0], 1, True), ([1.0, 1.0, 1.0], 2, False), ([0.0, 0.0, 0.0], 2, True)):
        reference = TwoLayer(W=np.ones((neurons, 1)), V=np.ones((1, neurons)) / neurons)
        if possible:
            assert questions.depth(residual(V), reference, Problem(points), route="prune").corners.end.exact == 0
            continue
        with pytest.raises(InputError, match=r"needs l < m - r in class residual.*l = 2, m = 3, r = 1"):
            questions.depth(residual(V), reference, Problem(points), route="prune")
        assert questions.depth(residual(V), reference, Problem(points)).candidate.route in ("refit", "zero")


@pytest.mark.parametrize("V", [[1e308, 5e-324, 1.0], [5e-324, 1.0, 1e308]])
def test_weights_at_the_end_of_the_range_leave_a_path(V: list[float]) -> None:
    """U that overflows once it is written elsewhere: the readout goes to 0 in place of a fit."""
    start: Network = residual(V).replace({"U": np.full((3, 1), 1e308)})
    points = Data(np.array([[1e-300]]), np.array([[1.0]]))
    reference = TwoLayer(W=np.ones((1, 1)), V=np.array([[1e300]]))
    answer = questions.depth(start, reference, Problem(points), route="refit")
    assert answer.path.end.V[answer.path.end.V != 0].tolist() == [1e300]
    assert not any(array.any() for name, array in answer.path.end.parameters().items() if own_name(name) == "U")


def test_columns_of_very_different_sizes_have_no_basis_in_floats() -> None:
    """Beside 1.7 10^308 all other columns count as 0; the last is 8 10^307 (second) - 2.4 10^308 (third)."""
    least = 2.0**-1074
    readers = np.array([[1.7e308, 0.0, 0.0, 0.0], [0.0, least, 0.0, 4e-16], [0.0, 2 * least, least, -4e-16]])
    with pytest.raises(InputError, match="differ too much in size"):
        spread_basis(readers)


def test_exact_arrays_of_readers_are_stacked_in_order() -> None:
    """V first, then every A but the first."""
    rows = stacked_readers("stream", {name: exact_array(array) for name, array in network().parameters().items()})
    assert rows.tolist() == [[1, 2, 0, 4], [1, 0, 0, 0]]
