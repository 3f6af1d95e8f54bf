"""T5's witnesses: PLAIN networks, last hidden layer of width one, at the best parameter of their side, exactly.

Two ways to use the width. If the first layer has enough units, it makes the steps of `steps` along one direction of the
inputs; if not, its rows are drawn at random and the branch's first layer makes them along a sum of its features. Layers
behind carry the result on: units `g + c_i`, always active. Nothing is padded with zeros: rows are non-zero, no two of
a layer are parallel, every unit is active on some point and is read by the next layer. Units to spare make bumps that
vanish at the points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.arithmetic.rationals import brief
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.errors import InputError
from numerics.networks.arrays import Array
from numerics.networks.branch import Branch, Layer
from numerics.networks.forward import with_ones
from numerics.networks.plain import Plain
from numerics.networks.readers import AnyArray, exact_array
from numerics.studies.separation.steps import affordable, steps, units_needed

MOST_CARRIED = 24  # units of a layer that carries: their weights are powers of two down to 2^-23
LIFT = Fraction(1, 32)  # unit i of such a layer is `g + (i + 1) / 32`
TRIES = 64  # directions looked at for the one that separates the points best
SMALL = 8  # entries of directions and of random rows are multiples of 1/8, at most 8 in size


@dataclass(frozen=True, eq=False)
class Valley(Shown):
    """The best plain network of one side, `s u > 0` (`side` is s), and one of the other side with a smaller loss."""

    bottom: Plain
    beyond: Plain
    side: int

    @property
    def width(self) -> int:
        """`m`, of the first layer."""
        return self.bottom.width

    @property
    def branch(self) -> tuple[int, ...]:
        """Widths of the hidden layers behind the first."""
        return tuple(len(layer.weight) for layer in self.bottom.branch.layers)


@dataclass(frozen=True, eq=False)
class _Line(Shown):
    """A number for each point (`places`), read from the layer before by `row`, with the layers that come before it.

    Units on it are `[(row h - at) / spacing]_+`.
    """

    places: list[Fraction]
    row: Array
    units: int


def valley(data: Data, width: int, branch: Sequence[int], *, seed: int = 0) -> Valley:
    """T5's valley for these targets on the side with the smaller mean square, at this width and these branch widths.

    Raises InputError unless there is one output with targets of both signs, the branch ends in a single unit, and some
    layer is wide enough to fit the targets of either side.
    """
    side = better_side(data)
    if not branch or branch[-1] != 1 or min(branch) < 1:
        raise InputError(f"the branch has widths {list(branch)}: T5 is about a last hidden layer of width one")
    data = _distinct(data)
    near, far = (_part(data, sign) for sign in (side, -side))
    W, line, rest = _first_layer(data, near, width, branch, np.random.default_rng(seed))
    bottom = _network(W, line, near, rest, side)
    kept = affordable(line.places, far, line.units)
    if not _squares(kept) > _squares(near):
        raise InputError(f"{line.units} units fit too little of the other side for a smaller loss there: give more")
    return Valley(bottom, _network(W, line, kept, rest, -side), side)


def better_side(data: Data) -> int:
    """s = 1 if `0 < mean(y_+^2) < mean(y_-^2)`, -1 with the parts swapped, as T5's note has it. Raises InputError."""
    if data.Y.shape[1] != 1:
        raise InputError(f"the targets have {data.Y.shape[1]} columns: T5 is about one output")
    above, below = (_squares(_part(data, sign)) for sign in (1, -1))
    if not above or not below or above == below:
        raise InputError(
            f"the squares of the targets sum to {_figure(above)} above 0 and {_figure(below)} below: T5 needs both"
            " positive and different; take a constant from the targets, for instance their mean"
        )
    return 1 if above < below else -1


def _figure(value: Fraction) -> str:
    return brief(value, up=True, digits=5)


def _distinct(data: Data) -> Data:
    """The points, each once: a network that fits them fits their copies. Raises InputError if two targets differ."""
    first: dict[tuple[float, ...], int] = {}
    for k, x in enumerate((data.X + 0.0).tolist()):
        other = first.setdefault(tuple(x), k)
        if data.Y[other, 0] != data.Y[k, 0]:
            raise InputError(f"rows {other} and {k} of X are equal but their targets differ: no network fits both")
    kept = list(first.values())
    return data if len(kept) == data.size else Data(data.X[kept], data.Y[kept], data.name)


def _part(data: Data, sign: int) -> list[Fraction]:
    """`[sign y]_+`, exactly."""
    return [max(sign * Fraction(value), Fraction(0)) for value in data.Y[:, 0].tolist()]


def _squares(values: Sequence[Fraction]) -> Fraction:
    return sum((value * value for value in values), Fraction(0))


def _first_layer(
    data: Data, near: list[Fraction], width: int, branch: Sequence[int], rng: np.random.Generator
) -> tuple[Array | None, _Line, tuple[int, ...]]:
    """Random rows or None, the line on which the targets are fitted, and the widths behind the layer that does."""
    direction, places = _direction(data, rng)
    need = units_needed(places, near)
    if need <= width:
        _require_carried(branch)
        return None, _Line(places, direction, width), tuple(branch)
    if len(branch) > 1:
        W, row, mixed = _random_rows(data, direction, width, rng)
        wanted = units_needed(mixed, near)
        if wanted <= branch[0]:
            _require_carried(branch[1:])
            return W, _Line(mixed, row, branch[0]), tuple(branch[1:])
        need = min(need, wanted)
    raise InputError(
        f"neither the first layer ({width}) nor the one behind it"
        f"{f' ({branch[0]})' if len(branch) > 1 else ''} can fit these targets: about {need} units are needed"
    )


def _require_carried(widths: Sequence[int]) -> None:
    if max(widths) > MOST_CARRIED:
        raise InputError(f"a layer of {max(widths)} units behind the one that fits: at most {MOST_CARRIED} are carried")


def _network(W: Array | None, line: _Line, values: list[Fraction], rest: Sequence[int], u: int) -> Plain:
    """The plain network with output weight `u` whose last unit has these values at the points."""
    units = steps(line.places, values, line.units)
    spacings = _floats([unit.spacing for unit in units])
    with np.errstate(over="ignore", invalid="ignore"):
        rows = line.row / spacings[:, None]
    if not np.isfinite(rows).all() or (rows * spacings[:, None] != line.row).any():
        raise InputError("the inputs are too close together or too far: weights that tell them apart leave float64")
    offsets = _floats([-unit.at / unit.spacing for unit in units])
    reading, constant = _floats([unit.weight for unit in units]), Fraction(0)
    layers = []
    if W is None:
        W = np.column_stack([rows, offsets])
    else:
        layers.append(Layer(rows, offsets))
    for k, count in enumerate(rest):
        last = k == len(rest) - 1
        lifts = [Fraction(0)] if last else [(i + 1) * LIFT for i in range(count)]
        layers.append(Layer(np.tile(reading, (count, 1)), _floats([lift + constant for lift in lifts])))
        shares = [Fraction(1, 1 << min(i + 1, count - 1)) for i in range(count)]
        reading = _floats(shares)
        constant = -sum((share * lift for share, lift in zip(shares, lifts, strict=True)), Fraction(0))
    return Plain(W=W, branch=Branch(tuple(layers)), U=np.array([[float(u)]]), bias=True)


def _floats(values: Sequence[Fraction]) -> Array:
    """The same values. Raises InputError if float64 does not have one of them."""
    try:
        found = np.array([float(value) for value in values])
    except OverflowError:
        raise InputError("the inputs are too large: weights on their scale leave float64; scale them down") from None
    if any(Fraction(near) != value for near, value in zip(found.tolist(), values, strict=True)):
        raise InputError(
            "the inputs lie too close for weights that are floats: no exact witness is built for them; scale or round"
        )
    return found


def _direction(data: Data, rng: np.random.Generator) -> tuple[Array, list[Fraction]]:
    """A direction (n,) of small integers on which no two inputs meet, and its values there. Raises InputError."""
    n = data.X.shape[1]
    tried = [np.ones(n), *(rng.integers(-SMALL, SMALL + 1, size=n).astype(float) for _ in range(TRIES))]
    exact = exact_array(data.X)
    for direction in sorted(tried, key=lambda one: -_nearest(_projected(data, one))):
        places = list(exact @ exact_array(direction))
        if len(set(places)) == data.size:
            return direction, places
    raise InputError("no direction that was tried tells the inputs apart: some are too close to each other")


def _random_rows(
    data: Data, direction: Array, width: int, rng: np.random.Generator
) -> tuple[Array, Array, list[Fraction]]:
    """Rows (m, n + 1), each active on some input, no two parallel; a row (m,) that reads them; what it reads, all
    different. The first row is the direction, active everywhere; the others are drawn. Raises InputError.
    """
    seen = with_ones(data.X, True)
    integers, unit = _integers(seen)
    lift = np.ceil(np.abs(_projected(data, direction)).max()) + 1.0
    if not np.isfinite(lift):
        raise InputError("the inputs are too large: sums of them leave float64; scale them down")
    for _ in range(TRIES):
        rows = rng.integers(-SMALL * SMALL, SMALL * SMALL + 1, size=(width, seen.shape[1])) / SMALL
        rows[0] = np.append(direction, lift)
        rows[~(seen @ rows.T > 0).any(axis=0)] *= -1.0  # no input is on the inactive side of a row and its negative
        reading = rng.choice([-1.0, 1.0], size=width)
        slopes, grid = _integers(rows)
        features = np.maximum(integers @ slopes.T, 0)
        places = [value * unit * grid for value in (features @ reading.astype(np.int64).astype(object)).tolist()]
        if len(set(places)) == data.size and not parallel(rows) and (features > 0).any(axis=0).all():
            return rows, reading, places
    raise InputError(f"no {width} random rows tell the inputs apart: some are too close to each other")


def _integers(array: Array) -> tuple[AnyArray, Fraction]:
    """The array as Python integers times a power of two, exactly."""
    exact = exact_array(array)
    unit = max(value.denominator for value in exact.ravel())
    integers: AnyArray = np.array([int(value * unit) for value in exact.ravel()] + [None], dtype=object)[:-1]
    return integers.reshape(array.shape), Fraction(1, unit)


def parallel(rows: Array) -> bool:
    """Whether a row is zero, or two are multiples of each other; exact."""
    seen = set()
    for row in rows.tolist():
        exact = [Fraction(value) for value in row]
        first = next((value for value in exact if value), None)
        if first is None:
            return True
        seen.add(tuple(value / first for value in exact))
    return len(seen) < len(rows)


def _projected(data: Data, direction: Array) -> Array:
    """In float64; infinite or NaN where that overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return data.X @ direction


def _nearest(places: Array) -> float:
    """The smallest distance of two of them, in float64; -1 where some are not finite."""
    if not np.isfinite(places).all():
        return -1.0
    with np.errstate(over="ignore"):
        return float(np.diff(np.sort(places)).min(initial=np.inf))
