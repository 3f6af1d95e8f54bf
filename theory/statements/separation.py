"""T5 [ours]: behind a bottleneck there are valleys of a fixed depth at every width before it.

An existence result about one shape: scalar output, last hidden layer of width one, no output bias. A second unit there
removes them, and so does the skip term: V z + u h is a plain network with a wider last hidden layer. The machine
proves that the zero output costs the depth. Left to the note: that the parts of y are fitted by wide networks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import z3
from sympy import Eq, Gt, Lt

from theory.arguments import constructed, formal, part, sampled, smt
from theory.exact import Rational, rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove, relu
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements.finite_sample import in_general_position
from theory.symbols import L, above, below, depth

VALLEY_DEPTH = above
"""The depth of the best PLAIN network with u > 0: mean(y_+^2)."""

VALLEY_HYPOTHESES = (Gt(above, 0), Lt(above, below), Eq(L, below))
"""For targets of which mean(y_-^2) is the larger; the network's loss L is then mean(y_-^2)."""


STATEMENTS = (
    Statement(
        id="T5",
        title="Separation from plain networks with a bottleneck",
        kind=Kind.EXISTENCE,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="PLAIN, one output, no output bias, squared error, last hidden layer of width one: f = u h, h >= 0. "
        "Write y_+, y_- for the parts of y. If 0 < mean(y_+^2) < mean(y_-^2) and m is large enough to fit y_+ and y_-, "
        "then the best network with u > 0 has loss mean(y_-^2), is not global, and has depth exactly mean(y_+^2), for "
        "every such m. With the skip term V z the same weights have depth 0 once m >= N (T4b, inputs as there), and "
        "at most C1's bound otherwise.",
        formulas=(Formula(Eq(depth, VALLEY_DEPTH), VALLEY_HYPOTHESES),),
        chapter=Chapter.FURTHER,
        depends_on=("T4", "T4b", "C1"),
        not_covered="Plain networks with an output bias or a last hidden layer of width two or more, where this "
        "argument fails. It says that such valleys exist, not that training finds them. C1's bound where "
        "L(theta) <= e(l).",
        note="What is separated is a bottleneck from none: V z + u h is itself a plain network, with m + 1 units in "
        "its last hidden layer (z >= 0 passes further ReLUs unchanged). With the parts swapped the same holds for u < "
        "0. N neurons fit both parts if the inputs are as in T4.",
    ),
)


@dataclass(frozen=True)
class Valley:
    """The best plain network with u > 0: its loss, its depth, and the loss of the zero output between."""

    loss: Fraction
    depth: Fraction
    crossing: Fraction


def plain_valley(targets: Sequence[Rational]) -> Valley:
    """T5's valley for these targets, exactly. Raises ValueError unless 0 < mean(y_+^2) < mean(y_-^2).

    That m is large enough to fit both parts is a hypothesis of T5: see `width_suffices`.
    """
    y = [rational(value, "target") for value in targets]
    if not y:
        raise ValueError("T5 needs at least one target, got none")
    positive, negative = (sum((max(sign * v, Fraction(0)) ** 2 for v in y), Fraction(0)) / len(y) for sign in (1, -1))
    if not 0 < positive < negative:
        raise ValueError(f"T5 needs 0 < mean(y_+^2) < mean(y_-^2), got {positive} and {negative}")
    return Valley(loss=negative, depth=positive, crossing=positive + negative)


def width_suffices(points: Sequence[Sequence[Rational]], *, first_layer_bias: bool, width: int) -> bool:
    """A sufficient condition for `width` to fit any values on the points: T4's inputs and m >= N. Exact."""
    return width >= len(points) and in_general_position(points, first_layer_bias=first_layer_bias)


def no_better_above() -> ProofResult:
    """T5: at one point an output f >= 0 misses y by at least y_-, and f <= 0 by at least y_+."""
    f, y = z3.Reals("f y")
    error = (f - y) * (f - y)
    return prove(
        "T5",
        z3.And(z3.Implies(f >= 0, error >= relu(-y) * relu(-y)), z3.Implies(f <= 0, error >= relu(y) * relu(y))),
        scope="one point, all reals; equality at f = y_+ and f = -y_-",
    )


def crossing() -> ProofResult:
    """T5: at f = 0 the loss is mean(y_+^2) + mean(y_-^2), point by point: the depth is mean(y_+^2)."""
    y = z3.Real("y")
    return prove("T5", y * y == relu(y) * relu(y) + relu(-y) * relu(-y), scope="one point, all reals")


PROOFS: tuple[Callable[[], ProofResult], ...] = (no_better_above, crossing)

ARGUMENTS = (
    part(
        "T5",
        *smt(no_better_above, crossing),
        remains="the intermediate value theorem for u, fitting y_+ and y_-",
    ),
)

FORMAL = (
    formal(
        "T5",
        "separation.T5_crossing T5_lower T5_upper T5_separation T5_fit T5_every_width",
        "skip.T5_same_network T5_skip T5_narrow T5_removed",
    ),
)

INSTANCES = (sampled("T5"), *constructed("T5", "case.13"))
