"""Exact segments: f does not change with t on the data, by rational identities that are recomputed.

Three rules (section 2 of the certificate's page, proof in proofs_notes/exact.md): the first layer is linear in t, what
every reader reads of it is constant, and so is what every later reader reads of what a block adds. All of them are
equalities and signs of integers; no float decides anything.
"""

from collections.abc import Sequence
from itertools import pairwise

from flint import fmpq

from .arrays import Weights, differing, is_rational
from .effort import Budget
from .errors import Refused
from .exact_pass import Over, Pass
from .inputs import Data
from .measure import Measure, Value
from .quotients import Quotients, quotients_of
from .reader import Certificate
from .segments import corners
from .spaces import Space


def readers_of(space: Space) -> tuple[str, ...]:
    """The matrices that read the first layer: V and the A of every branch."""
    return tuple(name for name in ("V", *(f"{prefix}A" for prefix in space.blocks)) if name in space.shapes)


def later_readers(space: Space, block: int) -> tuple[str, ...]:
    """The matrices that read what this residual block adds to the stream."""
    return ("V", *(f"{prefix}A" for prefix in space.blocks[block + 1 :]))


def returns_of(space: Space) -> tuple[str, ...]:
    """The matrices that write into the stream."""
    return tuple(f"{prefix}U" for prefix in space.blocks) if space.residual else ()


def may_move(space: Space) -> frozenset[str]:
    """What an exact segment may move: nothing where a rectifier changes what blocks have written."""
    return frozenset() if space.rectified else frozenset(("W", *readers_of(space), *returns_of(space)))


def check_identities(certificate: Certificate, data: Data, budget: Budget) -> None:
    """Raise Refused unless every exact segment satisfies the three rules on this data; Unusable over budget."""
    document = certificate.document
    seen = data.seen_by_first_layer(document.space.bias)
    for k, (before, after) in enumerate(pairwise(corners(certificate))):
        if document.segments[k].kind == "exact":
            _check(k, document.space, before, after, quotients_of(seen.x, budget))


def _check(k: int, space: Space, before: Weights, after: Weights, x: Quotients) -> None:
    names = [name for name in space.names if differing(before[name], after[name]).any()]
    for name in names:
        if name not in may_move(space):
            raise Refused(f"segment {k} is called exact but {name} moves, which an exact segment may not")
    if not names:
        return
    ends = {
        name: (quotients_of(before[name], x.budget), quotients_of(after[name], x.budget))
        for name in sorted(may_move(space))
    }
    first, last = (x.times(end.transposed()) for end in ends["W"])
    # Rule 1.
    for unit, (one, other) in enumerate(zip(first.signs(), last.signs(), strict=True)):
        if one * other < 0:
            neuron = unit % space.slots
            raise Refused(f"segment {k} is called exact but neuron {neuron} changes the sign of its pre-activation")
    features = first.relu(), last.relu()
    # Rule 2.
    for name in readers_of(space):
        reads = tuple(end.transposed() for end in ends[name])
        if not constant(features, reads):
            raise Refused(f"segment {k} is called exact but what {name} reads of the first layer changes")
    # Rule 3.
    for block, top in enumerate(returns_of(space)):
        for name in later_readers(space, block):
            if not constant(ends[name], ends[top]):
                raise Refused(f"segment {k} is called exact but what {name} reads of {top} changes")


def constant(left: Sequence[Quotients], right: Sequence[Quotients]) -> bool:
    """Whether the product of two matrices that move from one end to the other, linearly in t, is constant.

    P(t) = (1-t)^2 P_0 + t (1-t) M + t^2 P_1 with M the mixed products: constant exactly if P_1 = P_0 and M = 2 P_0.
    """
    (a, b), (c, d) = left, right
    start = a.times(c)
    if not start.minus(b.times(d)).is_zero():
        return False
    mixed = a.times(d).plus(b.times(c))
    return mixed.minus(start.plus(start)).is_zero()


def rational_value(space: Space, weights: Weights, data: Data, budget: Budget, measure: Measure) -> Value:
    """What is measured at a corner with rational weights, from exact outputs. Raises Unusable over budget."""
    measure.charge(budget.effort, data.y.size)
    residuals = rational_residuals(space, weights, data, measure.room(budget))
    return measure.of(residuals.columns(), fmpq(1, residuals.over), data.y).mean()


def rational_residuals(space: Space, weights: Weights, data: Data, budget: Budget) -> Quotients:
    """f - y at a corner with rational weights, exactly. Raises Unusable over budget."""
    seen = data.seen_by_first_layer(space.bias)
    exact = {name: quotients_of(weights[name], budget) for name in space.names}
    operands = {name: Over(part if weights[name].ndim == 1 else part.transposed()) for name, part in exact.items()}
    return Pass(operands, quotients_of(seen.x, budget)).residuals(space, quotients_of(seen.y, budget)).matrix


def has_rationals(weights: Weights) -> bool:
    """Whether some weight of this corner is stored as a rational."""
    return any(is_rational(array) for array in weights.values())
