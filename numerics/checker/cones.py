"""What a path between the activation cones of a network without biases must climb to (section 7).

Without biases beyond the first layer f is a positively homogeneous function F of the features z, whatever the branch:
F(0) = 0, and where z has only its entry j, f = z_j F(e_j). So a point at which no neuron is active has output 0, and
all points at which j alone is active have outputs of one sign. Without a branch f is the sum of the V_j z_j: where all
active neurons have V_j of one sign, f has it. What that costs depends on these signs only.

A *cone* gives every neuron one sign on every line through 0 that carries inputs, and without a branch the sign of V_j.
All patterns are taken, realised by some W or not: more cones can only lower the bound. A path visits cones by crossing
one sign at a time (several at once cost no less); at a crossing the neuron is active on neither side of the line, or
read by nothing.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import gcd

from flint import fmpq, fmpz

from .arrays import Weights
from .errors import Refused
from .exact import float_integers
from .inputs import Data
from .spaces import Space, is_vector

MOST_SIGNS = 12  # signs that are followed: at most 4096 cones

Signs = tuple[int, ...]
"""+1, -1 or 0 (a crossing): line i of neuron j at j * lines + i, and behind them, without a branch, V_j."""


Squares = tuple[fmpz, fmpz]
"""Sums of y^2 over negative and over positive targets."""


@dataclass(frozen=True)
class Lines:
    """The data as seen from 0: `sides[i, s]` are the squares on side s (1 or -1) of the line along `directions[i]`.

    `silent`: the squares at x = 0. The loss is `unit` times a sum of squares. `signed`: whether the signs of V count,
    as they do for a network without a branch.
    """

    sides: Mapping[tuple[int, int], Squares]
    directions: tuple[tuple[int, ...], ...]
    silent: fmpz
    unit: fmpq
    neurons: int
    signed: bool


def crossing(space: Space, start: Weights, loss: fmpq, data: Data) -> fmpq:
    """What every path from the start meets that ends below `loss`, the start's.

    Raises Refused where f is no such function of the features, for too many cones, or if no cone allows less.
    """
    lines = _lines(space, data)
    found = _lowest(lines, start, loss, lambda cone: _least(lines, cone) < loss)
    if found is None:
        raise Refused("no parameter has a smaller loss than the start: there is nothing to escape to")
    return found


def passage(space: Space, start: Weights, end: Weights, loss: fmpq, data: Data) -> fmpq:
    """What every path from the start to the end meets; `loss`: of the higher end. Raises Refused as `crossing`."""
    lines = _lines(space, data)
    found = _lowest(lines, start, loss, frozenset(_cones_of(end, lines)).__contains__)
    if found is None:
        raise Refused("no chain of cones leads to the end")
    return found


def _lowest(lines: Lines, start: Weights, floor: fmpq, arrived: Callable[[Signs], bool]) -> fmpq | None:
    """The least maximum of the bound, and of `floor`, along any chain of cones from the start's to one that is asked
    for; None if there is no such cone.
    """
    best: dict[Signs, fmpq] = {}
    waiting = [(floor, cone) for cone in _cones_of(start, lines)]
    heapq.heapify(waiting)
    while waiting:
        reached, cone = heapq.heappop(waiting)
        if cone in best:
            continue
        best[cone] = reached
        if arrived(cone):
            return reached
        for at in range(len(cone)):
            wall, other = _with(cone, at, 0), _with(cone, at, -cone[at])
            if other not in best:
                heapq.heappush(waiting, (max(reached, _least(lines, wall)), other))
    return None


def _least(lines: Lines, signs: Signs) -> fmpq:
    """A lower bound of the loss at every parameter whose neurons are active at most where `signs` allow it."""
    count, read = len(lines.directions), signs[lines.neurons * len(lines.directions) :]
    missed, alone = lines.silent, dict[int, Squares]()
    for (line, side), (below, above) in lines.sides.items():
        active = [j for j in range(lines.neurons) if signs[j * count + line] == side]
        if lines.signed:
            outputs = {read[j] for j in active}
            missed += (fmpz(0) if -1 in outputs else below) + (fmpz(0) if 1 in outputs else above)
        elif not active:
            missed = missed + below + above
        elif len(active) == 1:
            others = alone.get(active[0], (fmpz(0), fmpz(0)))
            alone[active[0]] = (others[0] + below, others[1] + above)
    # The sign of F(e_j) is free, and serves the targets of that sign only.
    return lines.unit * (missed + sum(map(min, alone.values()), fmpz(0)))


def _lines(space: Space, data: Data) -> Lines:
    """Inputs grouped by the line that they span and their side of 0, exactly. Raises Refused for too many lines."""
    biases = [name for name in space.names if is_vector(name)]
    if biases:
        raise Refused(f"nothing is proved of activation cones with the bias {biases[0]}")
    signed = space.kind == "two-layer"
    targets, extent = float_integers(data.y)
    directions: dict[tuple[int, ...], int] = {}
    sides: dict[tuple[int, int], Squares] = {}
    silent = fmpz(0)
    for row, y in zip(data.seen_by_first_layer(space.bias).x, targets, strict=True):
        direction, side = _direction(float_integers(row[None, :])[0])
        square = fmpz(y) ** 2
        if side == 0:
            silent += square
            continue
        line = directions.setdefault(direction, len(directions))
        _require_few(space.slots * (len(directions) + signed))
        below, above = sides.get((line, side), (fmpz(0), fmpz(0)))
        sides[line, side] = (below + square, above) if y < 0 else (below, above + square)
    _require_few(space.slots * (len(directions) + signed))  # also where every input is 0
    unit = fmpq(2) ** (2 * extent.exponent) / len(data.y)
    return Lines(sides, tuple(directions), silent, unit, space.slots, signed)


def _require_few(signs: int) -> None:
    if signs > MOST_SIGNS:
        raise Refused(f"more than 2^{MOST_SIGNS} activation cones: this argument is for small cases")


def _direction(integers: list[int]) -> tuple[tuple[int, ...], int]:
    """The primitive vector of a line with its first non-zero entry positive, and the side that the input is on."""
    first = next((value for value in integers if value), 0)
    if first == 0:
        return tuple(integers), 0
    side, common = (1 if first > 0 else -1), gcd(*integers)
    return tuple(side * value // common for value in integers), side


def _cones_of(weights: Weights, lines: Lines) -> Iterator[Signs]:
    """Every cone whose closure holds these weights: where w x = 0, or V_j = 0, either sign is possible."""
    rows = [float_integers(row[None, :])[0] for row in weights["W"]]
    choices: list[tuple[int, ...]] = []
    for row in rows:
        for direction in lines.directions:
            value = sum((fmpz(w) * x for w, x in zip(row, direction, strict=True)), fmpz(0))
            choices.append(_either(value))
    if lines.signed:
        choices += [_either(v) for v in float_integers(weights["V"])[0]]
    return product(*choices)


def _either(value: fmpz | int) -> tuple[int, ...]:
    """The signs that a value allows."""
    return (1, -1) if value == 0 else ((1,) if value > 0 else (-1,))


def _with(signs: Signs, at: int, value: int) -> Signs:
    return (*signs[:at], value, *signs[at + 1 :])
