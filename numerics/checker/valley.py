"""How deep a valley is at least, how high a pass: the loss that no path to a smaller one, or to the end, can avoid
(section 7).

Four arguments, each re-derived from the network and the data alone; the certificate's path is not looked at here.
Which of them a certificate has in mind is not part of it: all that its class allows are tried.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flint import fmpq, fmpz

from .arrays import Array, Weights
from .clusters import leaving
from .cones import crossing, passage
from .effort import Budget
from .errors import Refused, Unusable
from .exact import float_integers
from .inputs import Data
from .positivity import emptied
from .shown import shown
from .spaces import Space

SIGN = "h >= 0 and the output weight u must cross 0, where f = 0 (T5)"
CONES = "the neurons must leave their activation cones"
READ_CONES = "the neurons must leave their activation cones or change the signs of V"
CLUSTERS = (
    "where a neuron's sign first changes at a point its cluster has left its best plane, which vanishes there (T10)"
)
POSITIVE = "some V_j must cross 0, and one neuron less fits the singles and pairs that much worse (T8a)"


@dataclass(frozen=True)
class Valley:
    """Every continuous path from the start to a strictly smaller loss attains at least the loss `level`; of a pass,
    every one from the start to the end.
    """

    level: fmpq
    argument: str
    statement: str | None = None

    __repr__ = shown


def valley(space: Space, start: Weights, loss: fmpq, data: Data, budget: Budget) -> Valley:
    """The valley around `start`, whose loss is `loss`, by the argument that says most.

    Raises Refused where none holds, Unusable over the budget.
    """
    _require_signs(space)
    if space.kind == "plain":
        return _narrow(space, start, loss, data)
    if not space.skips:
        raise Refused(f"no valley is proved for class {space.kind}")
    arguments: tuple[tuple[str, Callable[[], fmpq]], ...] = (
        (_cones(space), lambda: crossing(space, start, loss, data)),
        (CLUSTERS, lambda: leaving(space, start, loss, data, budget)),
        (POSITIVE, lambda: emptied(space, start, loss, data, budget)),
    )
    found, reasons = list[Valley](), list[str]()
    for argument, level in arguments:
        try:
            found.append(Valley(level(), argument))
        except Refused as refusal:
            reasons.append(str(refusal))
    if not found:
        raise Refused("; ".join(reasons))
    return max(found, key=lambda one: one.level)


def floor(space: Space, start: Weights, loss: fmpq, data: Data, budget: Budget) -> Valley | None:
    """What T10 or T8a say of the start of a path to a lower loss, which may climb higher; None where neither does.

    Cones are left to valleys. An allowance that does not suffice proves nothing either, and spoils no path's claim.
    """
    try:
        _require_signs(space)
    except Refused:
        return None
    arguments: tuple[tuple[str, str, Callable[..., fmpq]], ...] = (
        ("T10", CLUSTERS, leaving),
        ("T8a", POSITIVE, emptied),
    )
    found = list[Valley]()
    for statement, argument, level in arguments if space.skips else ():
        try:
            found.append(Valley(level(space, start, loss, data, budget), argument, statement))
        except (Refused, Unusable):
            continue
    best = max(found, key=lambda one: one.level, default=None)
    return best if best is not None and best.level > loss else None


def pass_between(space: Space, start: Weights, end: Weights, loss: fmpq, data: Data) -> Valley:
    """The lowest pass from `start` to `end`; `loss` is that of the higher one. Raises Refused."""
    _require_signs(space)
    if not space.skips:
        raise Refused(f"a pass is proved by activation cones only, not for class {space.kind}")
    return Valley(passage(space, start, end, loss, data), _cones(space))


def _require_signs(space: Space) -> None:
    """One output, whose sign is not moved by a bias. Raises Refused."""
    if space.outputs != 1:
        raise Refused(f"a valley is proved for one output only, not for {space.outputs}")
    if "c" in space.shapes:
        raise Refused("a valley is not proved with an output bias c: it lets the loss fall without a crossing")


def _cones(space: Space) -> str:
    return READ_CONES if space.kind == "two-layer" else CONES


def _narrow(space: Space, start: Weights, loss: fmpq, data: Data) -> Valley:
    """T5. With s the sign of u, no parameter with s u >= 0 has a loss below the mean of [-s y]_+^2, so one at which
    that is attained has no smaller loss on its side of u = 0; and there the loss is the mean of y^2.
    """
    width = space.shapes["U"][1]
    if width != 1:
        raise Refused(f"T5 needs a last hidden layer of width one: U has {width} columns")
    u = start["U"][0, 0]
    if u == 0:
        raise Refused("T5 needs u > 0 or u < 0 at the start, and u is 0 there")
    above, below = _parts(data.y)
    fitted, missed = (above, below) if u > 0 else (below, above)
    if loss != missed:
        raise Refused("T5 needs the best h on its side of u = 0: the start's loss is not the mean of [-s y]_+^2")
    if fitted == 0:
        raise Refused("T5 needs targets on both sides of 0: f = 0 is as good as the start")
    return Valley(above + below, SIGN)


def _parts(y: Array) -> tuple[fmpq, fmpq]:
    """The means of y_+^2 and y_-^2."""
    integers, extent = float_integers(y)
    unit = fmpq(2) ** (2 * extent.exponent) / len(y)
    return unit * _squares([v for v in integers if v > 0]), unit * _squares([v for v in integers if v < 0])


def _squares(values: Sequence[int]) -> fmpz:
    return sum((fmpz(v) * v for v in values), fmpz(0))
