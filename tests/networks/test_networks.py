"""Networks as values: shapes that name the violated relation, and nothing that can be changed afterwards."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.networks import Branch, Layer, Network, Parallel, Stream, TwoLayer, network_of
from numerics.networks.forward import outputs
from numerics.networks.spaces import in_one_space, require_reference
from numerics.testing import data_for, networks, partners
from support.oracles import exact_loss
from support.oracles import outputs as oracle_outputs

GOOD = {"W": (4, 3), "V": (2, 4), "A": (5, 4), "a": (5,), "B1": (6, 5), "b1": (6,), "U": (2, 6), "c": (2,)}


def arrays(**changed: tuple[int, ...]) -> dict[str, np.ndarray]:
    return {name: np.ones(shape) for name, shape in (GOOD | changed).items()}


@pytest.mark.parametrize(
    ("changed", "relation"),
    [
        ({"V": (2, 5)}, "V has 5 columns but W has 4 rows"),
        ({"A": (5, 3)}, "A has 3 columns but W has 4 rows"),
        ({"a": (4,)}, "a has length 4 but A has 5 rows"),
        ({"B1": (6, 4)}, "B1 has 4 columns but A has 5 rows"),
        ({"b1": (5,)}, "b1 has length 5 but B1 has 6 rows"),
        ({"U": (2, 5)}, "U has shape"),
        ({"U": (3, 6)}, "U has shape"),
        ({"c": (3,)}, "c has length 3 but V has 2 rows"),
        ({"W": (4,)}, "W has shape"),
        ({"W": (0, 3)}, "at least 1"),
    ],
)
def test_wrong_shapes_name_the_violated_relation(changed: dict[str, tuple[int, ...]], relation: str) -> None:
    """With both sides and their values; the unchanged shapes are accepted."""
    Parallel.of(arrays(), bias=True)
    with pytest.raises(InputError, match=relation):
        Parallel.of(arrays(**changed), bias=True)


def test_parameters_without_a_place_are_refused() -> None:
    """A gap in the branch, an unknown name, a missing one."""
    for wrong, word in (({"B3": np.ones((1, 1))}, "B3"), ({"gain": np.ones(1)}, "gain")):
        with pytest.raises(InputError, match=word):
            Parallel.of(arrays() | wrong, bias=False)
    for name in ("W", "V", "A", "U"):
        with pytest.raises(InputError, match=name):
            Parallel.of({key: value for key, value in arrays().items() if key != name}, bias=False)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_must_be_finite(bad: float) -> None:
    """NaN and infinities are no rationals."""
    with pytest.raises(InputError, match="finite"):
        TwoLayer(W=np.array([[bad]]), V=np.ones((1, 1)))


@pytest.mark.parametrize("dtype", [bool, complex, object, "U4", np.longdouble])
def test_weights_must_be_floats_of_at_most_64_bits(dtype: object) -> None:
    """Everything else is refused by type."""
    with pytest.raises(InputError, match="W has type"):
        TwoLayer(W=np.ones((1, 1)).astype(dtype), V=np.ones((1, 1)))


def test_the_callers_arrays_are_copied_and_the_networks_are_read_only() -> None:
    """A later change of the caller's array does not reach the network."""
    W = np.ones((2, 1), dtype=np.float32)
    network = TwoLayer(W=W, V=np.ones((1, 2)))
    W[0] = 7.0
    assert network.W.tolist() == [[1.0], [1.0]]
    assert W.tolist() == [[7.0], [1.0]]
    with pytest.raises(ValueError, match="read-only"):
        network.W[0] = 3.0


def test_unchanged_weights_are_shared_between_corners() -> None:
    """A path of many corners holds each array once."""
    network = Parallel.of(arrays(), bias=True)
    assert network.replace({"U": np.zeros((2, 6))}).W is network.W


@given(networks())
def test_replacing_nothing_is_the_identity_bit_for_bit(network: Network) -> None:
    """And a changed sign of a zero is a change."""
    assert network.replace({}).identical(network)
    flipped = network.replace({"W": -np.zeros_like(network.W)})
    assert not flipped.identical(network.replace({"W": np.zeros_like(network.W)}))


def test_a_bias_that_only_one_network_has_is_zero_in_the_other() -> None:
    """The smallest space that has both; shapes that differ are named."""
    full = Parallel.of(arrays(), bias=True)
    bare = Parallel.of({name: array for name, array in arrays().items() if name not in ("a", "b1", "c")}, bias=True)
    first, second = in_one_space(full, bare)
    assert first.identical(full)
    assert first.space() == second.space()
    assert not any(second.parameters()[name].any() for name in ("a", "b1", "c"))
    wide = Parallel(
        W=np.ones((4, 3)), V=np.ones((2, 4)), branch=Branch((Layer(np.ones((5, 4))),)), U=np.ones((2, 5)), bias=True
    )
    with pytest.raises(InputError, match="not of one shape: B1"):
        in_one_space(full, wide)


@given(st.data())
def test_absent_biases_are_zeros_in_every_class(data: st.DataObject) -> None:
    """Without its biases a network comes back with zeros for them, and computes the same."""
    network = data.draw(networks())
    named = {name: array for name, array in network.parameters().items() if array.ndim == 2}
    bare = network_of(network.kind, named, bias=network.bias)
    filled, same = in_one_space(bare, network)
    assert same is network
    assert filled.space() == network.space()
    assert not any(filled.parameters()[name].any() for name in network.parameters().keys() - named.keys())
    points = data.draw(data_for(network))
    losses = [exact_loss(n.parameters(), n.kind, int(n.bias), points.X, points.Y) for n in (bare, filled)]
    assert losses[0] == losses[1]


@given(st.data())
def test_parameters_by_name_are_the_whole_network(data: st.DataObject) -> None:
    """`network_of` rebuilds it bit for bit; a network that changes in one entry is seen to change there only."""
    network = data.draw(st.one_of(networks(), networks(wide=True)))
    again = network_of(network.kind, network.parameters(), bias=network.bias)
    assert type(again) is type(network)
    assert again.identical(network)
    name = data.draw(st.sampled_from(sorted(network.parameters())))
    changed = network.replace({name: network.parameters()[name] + 1e200})
    assert list(changed.changed(network)) == [name]
    assert data.draw(partners(network)).space() == network.space()


@given(st.data())
def test_float_outputs_are_near(data: st.DataObject) -> None:
    """Within 128 u of the same network on absolute values, u = 2^-53.

    At most 90 roundings follow one another: 14 matrices of inner dimension at most 5 with their biases, 3 sums.
    """
    network = data.draw(networks())
    X = data.draw(data_for(network)).X
    exact = oracle_outputs(network.parameters(), network.kind, int(network.bias), X)
    positive = {name: abs(array) for name, array in network.parameters().items()}
    sizes = oracle_outputs(positive, network.kind, int(network.bias), abs(X))
    for found, row, size in zip(outputs(network, X).tolist(), exact, sizes, strict=True):
        for value, true, most in zip(found, row, size, strict=True):
            assert abs(Fraction(value) - true) <= Fraction(128, 2**53) * most


def test_a_stream_has_one_to_a_hundred_blocks() -> None:
    """None has no residual block; the names of more than a hundred would not fit the certificate."""
    W, V = np.ones((1, 1)), np.ones((1, 1))
    with pytest.raises(InputError, match="0 blocks"):
        Stream(W=W, V=V, blocks=())
    names = {f"blocks.{k}.{name}": np.ones((1, 1)) for k in range(101) for name in "AU"}
    with pytest.raises(InputError, match="101 blocks"):
        network_of("stream", {"W": W, "V": V, **names}, bias=False)
    many = network_of("stream", {"W": W, "V": V} | {k: a for k, a in names.items() if "100" not in k}, bias=False)
    assert outputs(many, np.ones((1, 1))).tolist() == [[2.0**100]]


def test_references_that_do_not_fit_are_refused() -> None:
    """Not two-layer, not narrower, an output bias for a network without one."""
    network = TwoLayer(W=np.ones((2, 1)), V=np.ones((1, 2)))
    require_reference(TwoLayer(W=np.ones((1, 1)), V=np.ones((1, 1))), network)
    deep = Parallel(W=np.ones((1, 1)), V=np.ones((1, 1)), branch=Branch((Layer(np.ones((1, 1))),)), U=np.ones((1, 1)))
    for reference, word in (
        (network, "l < m"),
        (deep, "two-layer"),
        (TwoLayer(W=np.ones((1, 1)), V=np.ones((1, 1)), c=np.ones(1)), "output bias"),
        (TwoLayer(W=np.ones((1, 2)), V=np.ones((1, 1))), "inputs"),
    ):
        with pytest.raises(InputError, match=word):
            require_reference(reference, network)
