"""Entries that are moved, repeated or left out: whatever nodes stand for it give these entries, exactly."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.networks.graph.build import Builder
from numerics.networks.graph.gather import NOTHING, gathered
from numerics.networks.graph.nodes import Flatten, Linear, Reshape

SHAPES = st.sampled_from([(6,), (2, 3), (3, 4, 5), (4, 4, 4), (1, 1, 3), (2, 3, 1, 2)])


def made(shape, index):
    """The graph that gathers, and what it should give of its input's numbers from 1 on."""
    builder = Builder()
    source = builder.given("x", shape)
    graph = builder.finish(gathered(builder, "y", source, index))
    X = np.arange(1.0, 2 * prod(shape) + 1).reshape(2, -1)
    wanted = np.where(index.ravel() == NOTHING, 0.0, X[:, index.ravel()])
    return graph, X, wanted


@st.composite
def selections(draw):
    """Axes in another order, slices with steps, zeros around, repeated entries, or any numbers at all."""
    shape = draw(SHAPES)
    index = np.arange(prod(shape)).reshape(shape)
    for kind in draw(st.lists(st.sampled_from(["turn", "slice", "pad", "repeat", "any", "shuffle"]), max_size=3)):
        axis = draw(st.integers(0, index.ndim - 1))
        if kind == "turn":
            index = index.transpose(draw(st.permutations(range(index.ndim))))
        elif kind == "slice" and index.shape[axis] > 1:
            first, step = draw(st.integers(0, index.shape[axis] - 1)), draw(st.integers(1, 3))
            index = np.moveaxis(np.moveaxis(index, axis, 0)[first::step], 0, axis)
        elif kind == "pad":
            around = [(0, 0)] * index.ndim
            around[axis] = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
            index = np.pad(index, around, constant_values=NOTHING)
        elif kind == "repeat":
            index = np.repeat(index, draw(st.integers(1, 3)), axis=axis)
        elif kind == "shuffle" and index.shape[axis] % 2 == 0:
            index = np.concatenate(np.split(index, 2, axis)[::-1], axis)
        elif kind == "any":
            rng = np.random.default_rng(draw(st.integers(0, 10**6)))
            index = rng.integers(NOTHING, prod(shape), index.shape)
    return shape, np.ascontiguousarray(index)


@given(selections())
def test_entries_are_where_they_should_be(selection):
    graph, X, wanted = made(*selection)
    np.testing.assert_array_equal(graph(X), wanted)
    assert prod(graph.shapes[graph.nodes[-1].name]) == selection[1].size


NATURAL = {
    "the same": ((3, 4, 5), lambda i: i, 0),
    "another shape": ((3, 4, 5), lambda i: i.reshape(4, 15), 0),
    "axes in another order": ((3, 4, 5), lambda i: i.transpose(2, 0, 1), 0),
    "shuffled pixels": ((8, 2, 2), lambda i: i.reshape(2, 2, 2, 2, 2).transpose(0, 3, 1, 4, 2).reshape(2, 4, 4), 0),
    "channels": ((4, 3, 3), lambda i: i[[3, 1, 1]], 4 * 3),
    "zeros around": ((2, 3, 3), lambda i: np.pad(i, ((0, 0), (1, 2), (0, 1)), constant_values=NOTHING), 2),
    "every second": ((2, 8, 8), lambda i: i[:, 1::2, ::2], 2 * 2 * 2),
    "repeated": ((2, 3, 3), lambda i: i.repeat(2, 1).repeat(3, 2), 2 * 12),
}


@pytest.mark.parametrize("case", NATURAL)
def test_no_dense_map_stands_for_what_images_do(case):
    """Numbers of the maps of zeros and ones, at most."""
    shape, move, most = NATURAL[case]
    graph, X, wanted = made(shape, move(np.arange(prod(shape)).reshape(shape)))
    np.testing.assert_array_equal(graph(X), wanted)
    assert not any(isinstance(node, Linear) for node in graph.nodes)
    assert sum(array.size for array in graph.arrays.values()) <= most
    assert {place for place, _ in graph.origin.constants} == set(graph.arrays)
    if case in ("the same", "another shape"):
        assert all(isinstance(node, Reshape | Flatten) for node in graph.nodes[1:])


def test_a_dense_map_keeps_to_the_memory():
    builder = Builder(budget=1000)
    source = builder.given("x", (20,))
    with pytest.raises(InputError, match="memory"):
        gathered(builder, "y", source, np.arange(20)[::-1].copy())
