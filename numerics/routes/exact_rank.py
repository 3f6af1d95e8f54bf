"""R5 in fractions (T4; T2, T3 in streams): where `m - rank >= l` is decided exactly, `l` neurons leave at no cost.

Nothing is rounded: corners between the start and `g*` may be rationals, and the barrier is 0. Small networks only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numerics.arithmetic.bases import exact_basis
from numerics.arithmetic.limbs import exponent_range
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.moves.clear_rows import rows_cleared, stacked_readers
from numerics.moves.rank import features, reduced
from numerics.networks.base import Network
from numerics.networks.forward import own_name, with_ones
from numerics.networks.parallel import Parallel
from numerics.networks.rational import Corner, is_rational
from numerics.networks.readers import AnyArray, exact_array, has_stream, returns
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind
from numerics.paths.exact import ExactPath, moved

# N m min(N, m) times the bits of a feature: those of a weight times an input, some 110 of random floats. At N = 60,
# m = 80 elimination and losses take 4 s, the checker 0.2 s.
WORK = 50_000_000
# What a certificate may hold, with room for a second path: fractions, bits of one (40,000 characters), bits of all.
MOST, LONGEST, ALL = 100_000, 120_000, 50_000_000


def to_reference(start: Network, reference: TwoLayer, problem: Problem) -> tuple[ExactPath, tuple[int, ...]]:
    """From any network with a skip to `g*` and the slots J of its neurons; f is constant until the line to `g*`.

    Raises InputError if too few neurons are free, exactly, or the elimination would be too long.
    """
    require_small("rank", start, problem)
    if not start.has_skip:
        raise InputError(f"class {start.kind} has no skip connection")
    path = ExactPath(Corner.of(start))
    weights = path.start.fractions()
    readers = exact_basis(stacked_readers(start.kind, weights)) if has_stream(start.kind) else None
    outside = np.arange(start.width) if readers is None else readers.rest
    seen = exact_array(with_ones(problem.X, start.bias))
    found = exact_basis(features(weights["W"], seen), [*outside.tolist()]) if len(outside) else None
    if found is None or len(found.rest) < reference.width:
        free = 0 if found is None else len(found.rest)
        raise InputError(f"{free} neurons are free, exactly, but g* has l = {reference.width}")
    slots = found.rest[: reference.width]
    path = moved(path, Kind.EXACT, reduced(start.kind, weights, found, slots))
    if readers is not None:
        path = moved(path, Kind.EXACT, rows_cleared(start.kind, path.end.fractions(), readers, slots))
        path = moved(path, Kind.READOUT, {"V": _without(path.end.weights["V"], slots)})
        first_layers = _named(path.end, "A")
        path = moved(path, Kind.SILENT, {name: _without(A, slots) for name, A in first_layers.items()})
    W = path.end.weights["W"].copy()
    W[slots] = reference.W
    path = moved(path, Kind.SILENT, {"W": W})
    path = moved(path, Kind.READOUT, _readout(start, reference, slots))
    path = _at_rest(path, start)
    require_writable(path)
    return path, tuple(int(slot) for slot in slots)


def require_small(route: str, start: Network, problem: Problem, *, times: int = 1) -> None:
    """Raise InputError where so many exact eliminations would be too long."""
    size = times * _work(start, problem)
    if size > WORK:
        raise InputError(
            f"route {route}: N m min(N, m) times the bits of a feature, as often as one is needed, is {size}, above"
            f" {WORK}: no exact elimination"
        )


def require_writable(path: ExactPath) -> None:
    """Raise InputError where a certificate could not hold the fractions of this path and of another one like it."""
    arrays = (array for segment in path.segments for array in segment.end.weights.values() if is_rational(array))
    lengths = [
        value.numerator.bit_length() + value.denominator.bit_length() for array in arrays for value in array.ravel()
    ]
    if len(lengths) > MOST or max(lengths, default=0) > LONGEST or sum(lengths) > ALL:
        raise InputError("the fractions on this path are too many, or too long, for a certificate")


def _work(start: Network, problem: Problem) -> int:
    """What an elimination of the features, and in streams of the readers, grows with."""
    weights = start.parameters()
    parts = [(problem.size, [start.W, with_ones(problem.X, start.bias)])]
    if has_stream(start.kind):
        readers = stacked_readers(start.kind, weights)
        parts.append((len(readers), [readers]))
    total = 0
    for rows, arrays in parts:
        ranges = [exponent_range(array) for array in arrays]
        total += rows * start.width * min(rows, start.width) * sum(high - low for low, high in ranges)
    return total


def _readout(start: Network, reference: TwoLayer, slots: np.ndarray) -> dict[str, AnyArray]:
    """`g*`'s on the slots, 0 elsewhere. Raises InputError where `g*` has an output bias and the class none."""
    V = np.zeros_like(start.V)
    V[:, slots] = reference.V
    changes: dict[str, AnyArray] = {"V": V}
    if isinstance(start, Parallel):
        changes["U"] = np.zeros_like(start.U)
    if start.c is not None:
        changes["c"] = np.zeros_like(start.c) if reference.c is None else reference.c
    elif reference.c is not None and reference.c.any():
        raise InputError("g* has an output bias, the class none")
    return changes


def _at_rest(path: ExactPath, start: Network) -> ExactPath:
    """L9: no output depends on a block any more, so U = 0 in streams, and every A is again what it was."""
    parameters = start.parameters()
    changes: dict[str, AnyArray] = {name: parameters[name] for name in _named(path.end, "A")}
    changes |= {name: np.zeros_like(parameters[name]) for name in returns(start.kind, parameters)}
    return moved(path, Kind.SILENT, changes) if changes else path


def _named(corner: Corner, own: str) -> dict[str, AnyArray]:
    return {name: array for name, array in corner.weights.items() if own_name(name) == own}


def _without(matrix: AnyArray, columns: Sequence[int] | np.ndarray) -> AnyArray:
    emptied = matrix.copy()
    emptied[:, columns] *= 0
    return emptied
