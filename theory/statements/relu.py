"""L1 [fb]: three facts about [a]_+ = max(a, 0), each proved for all real scalars.

Not covered: vectors and L2(P) norms (L2), and where the facts are used along a path (L3, L4).
"""

from collections.abc import Callable

import z3
from sympy import Abs, Eq, Expr, Ge, Le, Lt, Max

from theory.arguments import constructed, formal, sampled, smt, whole
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove, relu
from theory.statement import Kind, Provenance, Source, Statement, Subject
from theory.symbols import a, b, c

SCOPE = "scalars, all reals"
_SOURCES = (
    Provenance(Source.FREEMAN_BRUNA, "the fact, after their two-layer argument; the proof is the machine check"),
)


def _plus(value: Expr) -> Expr:
    return Max(value, 0)


_MIRRORED = (_plus(a) - _plus(b)) ** 2 + (_plus(-a) - _plus(-b)) ** 2

STATEMENTS = (
    Statement(
        id="L1a",
        title="ReLU is positively homogeneous",
        kind=Kind.IDENTITY,
        sources=_SOURCES,
        claim="[c a]_+ = c [a]_+ for all real a and all c >= 0.",
        formulas=(Formula(Eq(_plus(c * a), c * _plus(a)), (Ge(c, 0),)),),
        depends_on=(),
        subject=Subject.SCALARS,
        not_covered="c < 0: with c = -1, a = 1 the left side is 0, the right side -1.",
    ),
    Statement(
        id="L1b",
        title="ReLU is 1-Lipschitz",
        kind=Kind.UPPER_BOUND,
        sources=_SOURCES,
        claim="|[a]_+ - [b]_+| <= |a - b| for all real a, b.",
        formulas=(Formula(Le(Abs(_plus(a) - _plus(b)), Abs(a - b))),),
        depends_on=(),
        subject=Subject.SCALARS,
        not_covered="Vectors, and the L2(P) form with its factor sigma (L2).",
        note="Equality whenever a, b >= 0.",
    ),
    Statement(
        id="L1c",
        title="ReLU and its mirror image together",
        kind=Kind.UPPER_BOUND,
        sources=_SOURCES,
        claim="([u]_+ - [v]_+)^2 + ([-u]_+ - [-v]_+)^2 <= (u - v)^2 for all real u, v, with equality exactly "
        "if u and v have the same sign or one of them is 0.",
        formulas=(
            Formula(Le(_MIRRORED, (a - b) ** 2)),
            Formula(Eq(_MIRRORED, (a - b) ** 2), (Ge(a * b, 0),)),
            Formula(Lt(_MIRRORED, (a - b) ** 2), (Lt(a * b, 0),)),
        ),
        depends_on=(),
        subject=Subject.SCALARS,
        not_covered="The same without the squares: for (u, v) = (-1/2, 0) the second term would be 1/2 against 1/4.",
    ),
)


def homogeneous() -> ProofResult:
    """L1a."""
    a, c = z3.Reals("a c")
    return prove("L1a", relu(c * a) == c * relu(a), assuming=(c >= 0,), scope=SCOPE)


def lipschitz() -> ProofResult:
    """L1b."""
    a, b = z3.Reals("a b")
    return prove("L1b", z3.Abs(relu(a) - relu(b)) <= z3.Abs(a - b), scope=SCOPE)


def mirrored_sum(u: z3.ArithRef, v: z3.ArithRef) -> z3.ArithRef:
    """The left side of L1c."""
    here, mirrored = relu(u) - relu(v), relu(-u) - relu(-v)
    return here * here + mirrored * mirrored


def mirrored() -> ProofResult:
    """L1c, the inequality."""
    u, v = z3.Reals("u v")
    return prove("L1c", mirrored_sum(u, v) <= (u - v) * (u - v), scope=SCOPE)


def mirrored_equality() -> ProofResult:
    """L1c, when equality holds: both directions."""
    u, v = z3.Reals("u v")
    same_sign = z3.Or(z3.And(u > 0, v > 0), z3.And(u < 0, v < 0), u == 0, v == 0)
    return prove("L1c", (mirrored_sum(u, v) == (u - v) * (u - v)) == same_sign, scope=SCOPE)


PROOFS: tuple[Callable[[], ProofResult], ...] = (homogeneous, lipschitz, mirrored, mirrored_equality)

ARGUMENTS = (
    whole("L1a", *smt(homogeneous)),
    whole("L1b", *smt(lipschitz)),
    whole("L1c", *smt(mirrored, mirrored_equality)),
)

FORMAL = (
    formal("L1a", "relu.L1a_homogeneous"),
    formal("L1b", "relu.L1b_lipschitz"),
    formal("L1c", "relu.L1c_mirrored L1c_equality"),
)

INSTANCES = (sampled("L1a"), sampled("L1b"), sampled("L1c"), *constructed("L1c", "case.1"))
