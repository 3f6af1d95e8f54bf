"""L8 [ours]: what a small change of f does to the loss; squared error by roots, others by a Lipschitz constant.

The machine proves the scalar parts. Left to the note: Cauchy-Schwarz in L2(P), E ||g|| <= sqrt(E ||g||^2), and
that a differentiable function with bounded gradient is Lipschitz.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import sympy
import z3
from sympy import Expr, Integer, Le, sqrt

from theory.algebra import prove_equal
from theory.arguments import formal, identity, part, sampled, smt
from theory.exact import Exact, number
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove, relu
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import G, L, L_t, a, change

STATEMENTS = (
    Statement(
        id="L8",
        title="Small changes of f in the loss",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "written out here; the facts are elementary"),),
        claim="Squared error: sqrt L(f+g) <= sqrt L(f) + ||g||, and the same for F = L + kappa S if S does not "
        "grow. A loss that is G-Lipschitz in the output (Euclidean norm): L(f+g) <= L(f) + G ||g||; summed "
        "over p outputs, G = sqrt p for absolute error, hinge and logistic loss, G = delta sqrt p for Huber with "
        "threshold delta; G = sqrt 2 for multi-class hinge and for softmax cross-entropy, whatever p.",
        formulas=(
            Formula(Le(sqrt(L_t), sqrt(L) + change), given="squared error"),
            Formula(Le(L_t, L + G * change), given="a loss that is G-Lipschitz in the output"),
        ),
        depends_on=(),
        not_covered="Hinge and logistic loss of targets other than +1 and -1; cross-entropy of targets that are no "
        "distribution. A Lipschitz constant of squared error, which has none on all outputs.",
        note="||f + g|| itself may be smaller than this; nothing here says that the loss rises.",
    ),
)

LIPSCHITZ: Mapping[str, Expr] = MappingProxyType(
    {
        "absolute": Integer(1),
        "hinge": Integer(1),
        "logistic": Integer(1),
        "multi-hinge": sqrt(2),
        "cross-entropy": sqrt(2),
    }
)
"""G by loss, one output (multi-hinge and cross-entropy: any number); Huber has a constant of its own."""

OF_LABELS = ("multi-hinge", "cross-entropy")
"""Losses of a label and all outputs at once; every other one is a sum over outputs, with the factor sqrt p."""


def lipschitz_constant(loss: str, *, outputs: int = 1, threshold: Exact | None = None) -> Expr:
    """G exactly: of `absolute`, `huber` (needs its threshold > 0), `hinge`, `logistic`, `multi-hinge`, `cross-entropy`.

    Losses summed over several outputs get the factor sqrt(outputs). Raises ValueError for another loss (squared error
    has no such constant).
    """
    if outputs < 1:
        raise ValueError(f"outputs must be >= 1, got {outputs}")
    if (threshold is None) == (loss == "huber"):
        raise ValueError(f"a threshold belongs to huber and to no other loss, got {threshold} with {loss!r}")
    if threshold is not None:
        limit = number(threshold, "threshold")
        if not limit.is_positive:
            raise ValueError(f"threshold must be positive, got {threshold}")
        return limit * sqrt(outputs)
    if loss not in LIPSCHITZ:
        raise ValueError(f"no Lipschitz constant for {loss!r}, known: huber, {', '.join(LIPSCHITZ)}")
    return LIPSCHITZ[loss] * (1 if loss in OF_LABELS else sqrt(outputs))


def roots_add() -> ProofResult:
    """L8: a^2 + 2<f,g> + b^2 <= (a + b)^2 by Cauchy-Schwarz, a = sqrt L, b = ||g||."""
    root, change, inner = z3.Reals("r g p")
    return prove(
        "L8",
        root * root + 2 * inner + change * change <= (root + change) * (root + change),
        assuming=(root >= 0, change >= 0, inner * inner <= root * root * change * change),
        scope="all reals; p is the inner product of f - y and g in L2(P), bounded by Cauchy-Schwarz",
    )


def regularised_roots_add() -> ProofResult:
    """L8 for F: if sqrt L' <= sqrt L + g and S' <= S, then F' <= (sqrt F + g)^2."""
    root, change, before, after, objective, new_root = z3.Reals("r g kS kS' sqrtF r'")
    return prove(
        "L8",
        new_root * new_root + after <= (objective + change) * (objective + change),
        assuming=(
            *(value >= 0 for value in (root, change, before, after, objective, new_root)),
            new_root <= root + change,
            after <= before,
            objective * objective == root * root + before,
        ),
        scope="all reals >= 0; sqrtF is the root of L + kappa S, kS stands for kappa S",
    )


def absolute() -> ProofResult:
    """L8, absolute error: G = 1."""
    x, y = z3.Reals("f-y f'-y")
    return prove("L8", z3.Abs(x) - z3.Abs(y) <= z3.Abs(x - y), scope="one output, all reals")


def huber(value: z3.ArithRef, threshold: z3.ArithRef) -> z3.ArithRef:
    """r^2/2 up to the threshold, then linear."""
    size = z3.Abs(value)
    return z3.If(size <= threshold, value * value / 2, threshold * (size - threshold / 2))


def huber_loss() -> ProofResult:
    """L8, Huber: G is its threshold."""
    x, y, limit = z3.Reals("f-y f'-y delta")
    return prove(
        "L8",
        huber(x, limit) - huber(y, limit) <= limit * z3.Abs(x - y),
        assuming=(limit > 0,),
        scope="one output, all reals, every threshold delta > 0",
    )


def hinge() -> ProofResult:
    """L8, hinge: G = 1 for targets +1 and -1."""
    x, y, target = z3.Reals("f f' y")
    return prove(
        "L8",
        relu(1 - target * x) - relu(1 - target * y) <= z3.Abs(x - y),
        assuming=(z3.Or(target == 1, target == -1),),
        scope="one output, targets +1 and -1, all reals",
    )


def logistic_slope() -> ProofResult:
    """L8, logistic: log(1 + exp(-f)) has derivative -1/(1 + exp f), between -1 and 0."""
    return prove_equal(
        "L8",
        sympy.diff(sympy.log(1 + sympy.exp(-a)), a),
        -1 / (1 + sympy.exp(a)),
        scope="one output, target +1 (target -1 mirrors it), by sympy's rewriting; exp f > 0 makes it less than 1",
    )


def cross_entropy() -> ProofResult:
    """L8, cross-entropy: the gradient p - e_y has norm at most sqrt 2."""
    own, others, square = z3.Reals("p_y rest rest2")
    return prove(
        "L8",
        (1 - own) * (1 - own) + square <= 2,
        assuming=(own >= 0, others >= 0, own + others == 1, square >= 0, square <= others * others),
        scope="one-hot targets, any number of classes; rest is the sum of the other probabilities, rest2 of their "
        "squares, which is at most rest^2; other target distributions are mixtures of these",
    )


def multi_hinge() -> ProofResult:
    """L8, multi-class hinge: G = sqrt 2, by the margin that attains it; a, b what its output and the label's change."""
    other, own, rival, low, high = z3.Reals("1+g_j-g_y b a at_g at_f")
    return prove(
        "L8",
        z3.Or(high <= low, (high - low) * (high - low) <= 2 * (own * own + rival * rival)),
        assuming=(high == relu(other + rival - own), low >= other, low >= 0),
        scope="the largest margin at f, any number of classes; at g the loss is at least that margin and 0; all reals",
    )


def outputs_add() -> ProofResult:
    """L8, sums over outputs: (sum |g_c|)^2 <= p sum g_c^2, one output more: G for one output is G sqrt p for p."""
    total, square, new, count = z3.Reals("sum squares g p")
    return prove(
        "L8",
        (total + new) * (total + new) <= (count + 1) * (square + new * new),
        assuming=(count >= 1, square >= 0, total * total <= count * square),
        scope="one more output, all reals; the induction is the note's",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    roots_add,
    regularised_roots_add,
    absolute,
    huber_loss,
    hinge,
    logistic_slope,
    cross_entropy,
    multi_hinge,
    outputs_add,
)

ARGUMENTS = (
    part(
        "L8",
        *smt(
            roots_add,
            regularised_roots_add,
            absolute,
            huber_loss,
            hinge,
            cross_entropy,
            multi_hinge,
            outputs_add,
        ),
        *identity(logistic_slope),
        remains="Cauchy-Schwarz in L2(P), E ||g|| <= ||g||, bounded gradients to Lipschitz constants",
    ),
)

FORMAL = (
    formal(
        "L8",
        "losses.L8_squared L8_regularised L8_mean_loss L8_absolute L8_huber L8_hinge L8_logistic L8_cross_entropy",
        "training_losses.L8_summed L8_absolute_sum L8_huber_sum L8_hinge_sum L8_logistic_sum L8_multi_hinge",
        "lipschitz.L8_lipschitz L8_tame",
    ),
)

INSTANCES = (sampled("L8"),)
