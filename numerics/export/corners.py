"""The corners of a path in the form that the checker in Coq reads: rows from a bank, arrays with their biases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from numerics.common.shown import Shown
from numerics.data import Data
from numerics.errors import InputError
from numerics.export.integers import (
    LONGEST_DIGIT,
    Form,
    Integers,
    Literal,
    bits,
    cheapest,
    count,
    integers,
    point_of,
    room,
)
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.paths.chain import Kind
from numerics.paths.exact import ExactPath


@dataclass(frozen=True, eq=False)
class Place(Shown):
    """One corner: the row of the bank that each neuron has, and the literals that it names."""

    chosen: tuple[int, ...]
    V: str
    A: str
    inside: tuple[str, ...]
    U: str


@dataclass(frozen=True, eq=False)
class Layout(Shown):
    """Everything that is written: literals by name, the bank, the corners, the kinds of the segments between them."""

    arrays: dict[str, Literal]
    bank: tuple[str, ...]
    places: tuple[Place, ...]
    kinds: tuple[Kind, ...]
    samples: int
    seen: int
    outputs: int
    width: int
    branch: int
    further: tuple[int, ...]
    digit_bits: int
    digit_count: int


@dataclass(frozen=True, eq=False)
class Parts(Shown):
    """One network as matrices whose last column is the bias where there is one."""

    W: Array
    V: Array
    A: Array
    inside: tuple[Array, ...]
    U: Array


def layout_of(path: ExactPath, data: Data) -> Layout:
    """Digits are chosen such that no sum of products leaves a machine integer. Raises InputError."""
    corners = [parts_of(corner.network()) for corner in path.corners]
    first = path.start.network()
    needed, given = (first.inputs, first.outputs), (data.X.shape[1], data.Y.shape[1])
    if needed != given:
        raise InputError(
            f"the network has {needed[0]} inputs and {needed[1]} outputs, the data {given[0]} and {given[1]} columns:"
            " they must be equal"
        )
    seen = np.hstack([data.X, np.ones((data.size, 1))]) if first.bias else data.X
    arrays: dict[str, Literal] = {}
    bank, chosen = _bank([corner.W for corner in corners])
    inputs, rows = _exact([seen]), _exact(bank)
    total, size = bits(inputs[0][0]), max(bits(one) for one in rows[0])
    step = cheapest([(size, len(bank) * corners[0].W.shape[0])], total, seen.shape[1])
    arrays["X"] = Literal(inputs[0][0], Form(step, inputs[1]))
    arrays["Y"] = _small(data.Y)
    wide = min(LONGEST_DIGIT, room(seen.shape[1]) - step)
    arrays |= {f"W_{k}": Literal(one, Form(wide, rows[1])) for k, one in enumerate(rows[0])}
    largest = _largest_feature(rows[0], inputs[0][0])
    named = {name: _distinct([getattr(corner, name) for corner in corners]) for name in ("V", "A", "U")}
    width, outputs, branch = corners[0].W.shape[0], data.Y.shape[1], corners[0].A.shape[0]
    readers = [(bits(_exact([one])[0][0]), outputs) for one in named["V"][0]]
    readers += [(bits(one), branch) for one in _exact(named["A"][0])[0]] if branch else []
    digit_bits = cheapest(readers, largest, width)
    free = min(LONGEST_DIGIT, room(width) - digit_bits)
    arrays |= {f"V_{k}": _alone(one, free) for k, one in enumerate(named["V"][0])}
    arrays |= _together("A", named["A"][0], free)
    arrays |= {f"U_{k}": _small(one) for k, one in enumerate(named["U"][0])}
    depth = len(corners[0].inside)
    layers = [_distinct([corner.inside[d] for corner in corners]) for d in range(depth)]
    for d, (found, _) in enumerate(layers):
        arrays |= _together(f"B{d + 1}", found, LONGEST_DIGIT)
    places = tuple(
        Place(
            chosen[k],
            f"V_{named['V'][1][k]}",
            f"A_{named['A'][1][k]}",
            tuple(f"B{d + 1}_{layers[d][1][k]}" for d in range(depth)),
            f"U_{named['U'][1][k]}",
        )
        for k in range(len(corners))
    )
    return Layout(
        arrays,
        tuple(f"W_{k}" for k in range(len(bank))),
        places,
        tuple(segment.kind for segment in path.segments),
        data.size,
        seen.shape[1],
        outputs,
        width,
        branch,
        tuple(one.shape[0] for one in corners[0].inside),
        digit_bits,
        count(largest, digit_bits),
    )


def parts_of(network: Network) -> Parts:
    """The matrices of one network, biases as last columns; of a class without a branch these are empty.

    Raises InputError for a class whose branch writes back into the features.
    """
    weights = network.parameters()
    if network.has_stream or network.kind not in ("parallel", "two-layer", "plain"):
        raise InputError(
            f"a {network.kind} network: theorems are about the classes two-layer, parallel and plain; for all others"
            " there is skipscape check"
        )
    W = weights["W"]
    empty = np.zeros((0, W.shape[0] + 1))
    last = weights["U"] if network.has_branch else np.zeros((weights["V"].shape[0], 0))
    V = weights["V"] if "V" in weights else np.zeros((0, W.shape[0]))
    inside: list[Array] = []
    while f"B{len(inside) + 1}" in weights:
        number = len(inside) + 1
        inside.append(_with_bias(weights[f"B{number}"], weights.get(f"b{number}")))
    A = _with_bias(weights["A"], weights.get("a")) if network.has_branch else empty
    return Parts(W, V, A, tuple(inside), _with_bias(last, weights.get("c")))


def _with_bias(matrix: Array, bias: Array | None) -> Array:
    column = np.zeros(matrix.shape[0]) if bias is None else bias
    return np.hstack([matrix, column[:, None]])


def _bank(matrices: Sequence[Array]) -> tuple[list[Array], list[tuple[int, ...]]]:
    """Of every slot the different rows that it has along the path, and which of them each corner has.

    Matrix k of the bank has in row j the k-th row of slot j, or zeros if there are fewer.
    """
    width = matrices[0].shape[0]
    numbers: list[dict[bytes, int]] = [{} for _ in range(width)]
    rows: list[list[Array]] = [[] for _ in range(width)]
    chosen = []
    for matrix in matrices:
        plain = matrix + 0.0  # a zero without a sign: as numbers they are one
        at = []
        for j in range(width):
            number = numbers[j].setdefault(plain[j].tobytes(), len(rows[j]))
            if number == len(rows[j]):
                rows[j].append(plain[j])
            at.append(number)
        chosen.append(tuple(at))
    most = max(len(one) for one in rows)
    zeros = np.zeros(matrices[0].shape[1])
    return [np.array([one[k] if k < len(one) else zeros for one in rows]) for k in range(most)], chosen


def _distinct(arrays: Sequence[Array]) -> tuple[list[Array], list[int]]:
    """The different arrays in the order of their first use, and the number of each."""
    numbers: dict[bytes, int] = {}
    found: list[Array] = []
    at = []
    for array in arrays:
        number = numbers.setdefault((array + 0.0).tobytes(), len(found))
        if number == len(found):
            found.append(array)
        at.append(number)
    return found, at


def _exact(arrays: Sequence[Array]) -> tuple[list[Integers], int]:
    """Integers over one common power of two."""
    point = point_of(arrays)
    return [integers(array, point) for array in arrays], point


def _alone(array: Array, free: int) -> Literal:
    values, point = _exact([array])
    return Literal(values[0], Form(min(free, bits(values[0])), point))


def _small(array: Array) -> Literal:
    """An array that no dot product in machine integers reads."""
    return _alone(array, LONGEST_DIGIT)


def _together(name: str, arrays: Sequence[Array], free: int) -> dict[str, Literal]:
    """Arrays of one form, since rows of one are compared with rows of another."""
    values, point = _exact(arrays)
    step = min(free, max((bits(one) for one in values), default=1))
    return {f"{name}_{k}": Literal(one, Form(step, point)) for k, one in enumerate(values)}


def _largest_feature(bank: Sequence[Integers], inputs: Integers) -> int:
    """Bits that hold every feature: the largest sum of products of absolute values."""
    absolute: Callable[[Integers], Integers] = np.vectorize(abs, otypes=[object])
    reach = absolute(inputs).max(axis=0)
    return max(1, max(int((absolute(matrix) * reach).sum(axis=1).max()) for matrix in bank).bit_length())
