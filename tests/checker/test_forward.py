"""Exact losses against a slow oracle in `Fraction`s, and what the evaluation shares."""

from fractions import Fraction

import numpy as np
import pytest
from flint import ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.checker import forward
from numerics.checker.bank import ZERO_ROW, Bank
from numerics.checker.effort import Budget
from numerics.checker.errors import Unusable
from numerics.checker.forward import flat_values
from numerics.checker.heads import head_of
from numerics.checker.inputs import Data
from support.certificates import exact_loss

BUDGET = 1 << 28
SMALL = st.sampled_from([0.0, 0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 0.1, 1e-5])
ANY = SMALL | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([5e-324, -1e300])


def arrays(shape, elements=SMALL):
    return hnp.arrays(np.float64, shape, elements=elements)


@st.composite
def paths(draw, elements=SMALL):
    """Data, bias and one to four corners of one space: not of any kind, since the evaluation does not care."""
    n, p, m, samples = (draw(st.integers(1, 3)) for _ in range(4))
    bias = draw(st.integers(0, 1))
    shapes = {"W": (m, n + bias), "V": (p, m)}
    if draw(st.booleans()):
        widths = draw(st.lists(st.integers(1, 2), min_size=1, max_size=3))
        shapes |= {"A": (widths[0], m), "U": (p, widths[-1])}
        shapes |= {f"B{k}": (widths[k], widths[k - 1]) for k in range(1, len(widths))}
        biases = {"a": (widths[0],)} | {f"b{k}": (widths[k],) for k in range(1, len(widths))}
        shapes |= {name: shape for name, shape in biases.items() if draw(st.booleans())}
    if draw(st.booleans()):
        shapes["c"] = (p,)
    corners = [{name: draw(arrays(shape, elements)) for name, shape in shapes.items()}]
    for _ in range(draw(st.integers(0, 3))):
        moved = draw(st.sets(st.sampled_from(sorted(shapes))))
        corners.append(corners[-1] | {name: draw(arrays(shapes[name], elements)) for name in sorted(moved)})
    return Data(draw(arrays((samples, n), elements)), draw(arrays((samples, p), elements))), bias, corners


def check_losses(data, bias, corners):
    losses = flat_values(corners, data, bias, Budget(BUDGET))
    kind = "parallel" if "U" in corners[0] else "two-layer"
    wanted = [exact_loss(kind, bias, weights, data.x, data.y) for weights in corners]
    assert [Fraction(int(one.loss.low.p), int(one.loss.low.q)) for one in losses] == wanted
    assert all(one.loss.is_exact for one in losses)


@settings(deadline=None, max_examples=150)
@given(paths())
def test_losses_are_exact(path):
    check_losses(*path)


@settings(deadline=None, max_examples=100)
@given(paths(ANY))
def test_losses_are_exact_for_floats_of_every_exponent(path):
    check_losses(*path)


@settings(deadline=None, max_examples=50)
@given(paths(), st.data())
def test_losses_do_not_depend_on_blocks_and_batches(path, draw):
    data, bias, corners = path
    usual = flat_values(corners, data, bias, Budget(BUDGET))
    rows = draw.draw(st.integers(1, 3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forward, "rows_per_block", lambda *_: rows)
        patch.setattr(forward.Batch, "worthwhile", lambda *_: False)
        assert flat_values(corners, data, bias, Budget(BUDGET)) == usual


def small_corner():
    return {
        "W": np.array([[1.0, 2.0], [3.0, -4.0], [0.5, 0.5]]),
        "V": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        "A": np.array([[1.0, 0.0, -1.0]]),
        "a": np.array([1.0]),
        "U": np.array([[1.0], [2.0]]),
    }


def digests(*corners):
    bank = Bank(2)
    return [head_of(weights, bank.number(weights["W"])).digest for weights in corners]


def test_permuted_slots_are_the_same_head():
    corner = small_corner()
    order = [2, 0, 1]
    permuted = corner | {"W": corner["W"][order], "V": corner["V"][:, order], "A": corner["A"][:, order]}
    one, other = digests(corner, permuted)
    assert one == other


def test_corners_that_permute_slots_are_evaluated_once(monkeypatch):
    corner = small_corner()
    order = [2, 0, 1]
    permuted = corner | {"W": corner["W"][order], "V": corner["V"][:, order], "A": corner["A"][:, order]}
    widths = []
    original = forward.side_by_side
    monkeypatch.setattr(forward, "side_by_side", lambda heads: widths.append(len(heads)) or original(heads))
    check_losses(Data(np.ones((2, 2)), np.ones((2, 2))), 0, [corner, permuted, corner])
    assert widths == [1]


def test_split_and_cancelling_neurons_are_the_same_head():
    plain = {
        "W": np.array([[1.0, 2.0], [3.0, -4.0], [0.0, 0.0], [0.0, 0.0]]),
        "V": np.array([[1.0, 2.0, 5.0, 0.0]]),
    }
    split = {
        "W": np.array([[3.0, -4.0], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]),
        "V": np.array([[2.0, 0.25, 0.5, 0.25]]),
    }
    cancelling = {
        "W": np.array([[7.0, 7.0], [1.0, 2.0], [7.0, 7.0], [3.0, -4.0]]),
        "V": np.array([[0.1, 1.0, -0.1, 2.0]]),
    }
    assert len(set(digests(plain, split, cancelling))) == 1


def test_unused_weights_are_no_part_of_the_head():
    corner = small_corner()
    silenced = corner | {"U": np.zeros((2, 1))}
    loaded = silenced | {"A": np.array([[9.0, 9.0, 9.0]]), "a": np.array([9.0])}
    assert len(set(digests(silenced, loaded))) == 1
    unread = corner | {"V": corner["V"] * [1, 0, 1]}
    reloaded = unread | {"W": np.array([[1.0, 2.0], [-0.0, 8.0], [0.5, 0.5]])}
    assert len(set(digests(unread, reloaded))) == 1


@pytest.mark.parametrize(
    ("name", "place"),
    [("W", (0, 1)), ("V", (1, 2)), ("A", (0, 0)), ("A", (0, 1)), ("a", (0,)), ("U", (1, 0))],
)
def test_any_weight_that_matters_changes_the_head(name, place):
    changed = small_corner()
    changed[name][place] = np.nextafter(changed[name][place], 10)
    one, other = digests(small_corner(), changed)
    assert one != other


def test_rows_are_numbered_by_value():
    bank = Bank(2)
    first = np.array([[1.0, 0.0], [1.0, -0.0], [0.0, -0.0], [1.0, 5e-324]])
    assert bank.number(first).tolist() == [0, 0, ZERO_ROW, 1]
    assert bank.number(first[::-1]).tolist() == [1, ZERO_ROW, 0, 0]
    assert bank.rows([1, 0]).tolist() == [[1.0, 5e-324], [1.0, 0.0]]


def test_flints_number_of_threads_is_restored():
    before = ctx.threads
    check_losses(Data(np.ones((1, 1)), np.ones((1, 1))), 0, [{"W": np.ones((1, 1)), "V": np.ones((1, 1))}])
    assert ctx.threads == before


def test_too_little_memory_is_said_before_it_is_taken():
    data = Data(np.ones((50, 3)), np.ones((50, 2)))
    corner = {"W": np.full((40, 3), 0.1), "V": np.full((2, 40), 0.1)}
    with pytest.raises(Unusable, match=r"GiB allowed: raise --memory"):
        flat_values([corner], data, 0, Budget(1000))
    assert len(flat_values([corner], data, 0, Budget(1 << 20))) == 1


def test_heads_that_wait_take_a_part_of_the_memory_together(monkeypatch):
    """Readouts of many bit lengths wait in as many batches, each of which might once take nearly all of it."""
    W, corners, seen = np.arange(1.0, 51.0)[:, None], [], []
    for k in range(16):
        V = np.full((1, 50), 2.0**900)
        V[0, 0] = 2.0 ** (900 - 100 * k)
        corners.append({"W": W, "V": V})
    evaluated, true = [], forward.batch_values

    def watched(batch, *arguments):
        evaluated.append((len(seen), batch.size))
        return true(batch, *arguments)

    def given_one_by_one():
        for k, corner in enumerate(corners):
            seen.append(k)
            yield corner

    monkeypatch.setattr(forward, "batch_values", watched)
    data = Data(np.ones((1, 1)), np.ones((1, 1)))
    losses = flat_values(given_one_by_one(), data, 0, Budget(1 << 30))
    assert {at for at, _ in evaluated} == {16}
    assert len(evaluated) > 8
    largest = max(size for _, size in evaluated)
    for one in (seen, evaluated):
        one.clear()
    assert flat_values(given_one_by_one(), data, 0, Budget(20 * largest)) == losses
    assert min(at for at, _ in evaluated) < 16


def test_wild_exponents_alone_are_no_reason_to_stop():
    data = Data(np.array([[1e300, 1e-300]]), np.array([[1.0]]))
    corner = {"W": np.array([[5e-324, 1e308]]), "V": np.array([[1e-308]])}
    check_losses(data, 0, [corner])
    assert len(flat_values([corner], data, 0, Budget(1 << 17))) == 1


def test_wide_exponents_are_refused_once_they_are_many():
    """Bits times entries decide: each of the three alone fits."""
    tame, wild = Data(np.ones((1, 2)), np.ones((1, 1))), Data(np.array([[1e300, 5e-324]]), np.ones((1, 1)))
    small = {"W": np.array([[1.0, 2.0]]), "V": np.ones((1, 1))}
    large = {"W": np.arange(1.0, 801.0).reshape(400, 2), "V": np.ones((1, 400))}
    for data, corner in ((tame, small), (wild, small), (tame, large)):
        assert len(flat_values([corner], data, 0, Budget(1 << 17))) == 1
    with pytest.raises(Unusable, match="GiB"):
        flat_values([large], wild, 0, Budget(1 << 17))


def test_wide_weights_beyond_the_first_layer_are_predicted_too():
    data = Data(np.ones((1, 1)), np.ones((1, 1)))
    tame = {"W": np.arange(1.0, 401.0)[:, None], "V": np.ones((1, 400))}
    wild = tame | {"V": np.where(np.arange(400)[None] % 2 == 0, 1e300, 5e-324)}
    assert len(flat_values([tame], data, 0, Budget(1 << 17))) == 1
    with pytest.raises(Unusable, match="GiB"):
        flat_values([wild], data, 0, Budget(1 << 17))


def test_many_corners_with_different_rows_are_evaluated_apart(monkeypatch):
    """A wide network is dense: corners that share no rows would cost the square of their number."""
    rng = np.random.default_rng(1)
    corners = [{"W": rng.integers(-9, 9, (3, 2)).astype(float), "V": np.ones((1, 3))} for _ in range(40)]
    widths = []
    original = forward.side_by_side
    monkeypatch.setattr(forward, "side_by_side", lambda heads: widths.append(len(heads)) or original(heads))
    data = Data(np.ones((2, 2)), np.ones((2, 1)))
    check_losses(data, 0, corners)
    assert len(widths) > 1
    assert max(widths) < 20
