"""T7S [ours]: T7 where blocks write back into the stream. A slot outside a basis of the readers is emptied, nothing
writes to it, and the step moves the readout V alone.

Evaluated exactly by C7's formula with m - r for m. The machine proves the count and that the price is L3's with T1's
level.
"""

from collections.abc import Callable
from fractions import Fraction

import z3
from sympy import Gt, Le, sqrt

from theory.arguments import COUNTS, formal, part, sampled, smt
from theory.exact import Rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements import one_slot
from theory.statements.one_slot import KNOWN_STEP, LIVE_DEPTH
from theory.symbols import K, L, L_ref, depth, m, rank

STREAM_DEPTH = LIVE_DEPTH.subs(m, m - rank)
"""C7's live bound with m - r for m."""

STATEMENTS = (
    Statement(
        id="T7S",
        title="One slot of a stream",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(Source.KNOWN, KNOWN_STEP),
            Provenance(Source.OURS, "the rest"),
        ),
        claim="RESIDUAL and STREAM, squared error, kappa = 0, any theta, r < m the rank of the readers ([V] with one "
        "block, [V; A_2; ...; A_K] with K), g* two-layer of any width, D = sigma S/(m-r), delta^2 = 2 sqrt(L) D + D^2: "
        "if L - L* > 2 K delta, or L - sqrt(L L*) > K delta, then depth(theta) <= delta^2.",
        formulas=(
            Formula(Le(depth, STREAM_DEPTH), (Gt(m, rank), Gt(L - L_ref, 2 * K * sqrt(STREAM_DEPTH))), "r is rank"),
        ),
        chapter=Chapter.FURTHER,
        depends_on=("T7", "T2", "T3", "L3", "L6"),
        not_covered="A rate without bounded S. Points below the threshold. C7's sharper bounds: with ||h_j||^2 for one "
        "neuron they would need V and U both stationary, and serve one block only.",
        note="r <= p + the sum of what the later blocks read. K is any of C7's; the step moves V alone, which serves "
        "as the slot is unwritten (row j of every U is 0).",
    ),
)


def depth_upper(*, loss: Rational, sigma: Rational, mass: Rational, width: int, readers: int) -> Fraction:
    """A rational at least T7S's delta^2, from upper bounds; `readers` is their rank r. Raises ValueError for r >= m."""
    if not 0 <= readers < width:
        raise ValueError(f"T7S needs r < m, got r = {readers}, m = {width}")
    return one_slot.depth_upper(loss=loss, sigma=sigma, mass=mass, width=width - readers, silent_branch=False)


def lightest_outside() -> ProofResult:
    """T7S: the lightest of the m - r neurons outside a basis, at most their mean, moves f by at most D."""
    light, others, total, outside, spread, off = z3.Reals("s_j S_outside S m-r sigma D")
    return prove(
        "T7S",
        spread * light <= off,
        assuming=(
            outside > 0,
            spread >= 0,
            light * outside <= others,
            others <= total,
            off * outside == spread * total,
        ),
        scope="all reals; that the lightest is at most the mean is L6's, that moving it costs sigma s_j is L3's",
    )


def one_outside() -> ProofResult:
    """T7S: m > r leaves a neuron outside a column basis of the readers."""
    width, rho, basis = z3.Ints("m r basis")
    return prove("T7S", width - basis >= 1, assuming=(rho >= 0, width > rho, basis <= rho), scope="all integers")


def climbed() -> ProofResult:
    """T7S: (sqrt L + D)^2 - L = 2 sqrt L D + D^2, what T1's level is above the start."""
    root, off = z3.Reals("r D")
    return prove("T7S", (root + off) * (root + off) - root * root == 2 * root * off + off * off, scope="all reals")


PROOFS: tuple[Callable[[], ProofResult], ...] = (lightest_outside, one_outside, climbed)

ARGUMENTS = (
    part(
        "T7S",
        *smt(lightest_outside, climbed),
        *smt(one_outside, over=COUNTS),
        remains="T2's and T3's elimination, norms of functions, that T7's step needs V alone",
    ),
)

FORMAL = (formal("T7S", "one_slot_streams.T7_any_class T7S_stream T7S_residual", "one_slot.T7_first_threshold"),)

INSTANCES = (sampled("T7S"),)
