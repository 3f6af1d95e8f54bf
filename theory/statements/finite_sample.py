"""T4, T4b, T4+: on finite data, wide skip networks have connected sub-level sets and no bad valleys.

Exact here: the condition on the inputs and the widths. The machine proves T4+'s exchange and the counts of T4
and T4b. Left to the note: that features of inputs in general position span everything, and the paths.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations

import z3
from sympy import Eq, Ge, Le, Lt

from theory.arguments import COUNTS, formal, sampled, smt, step
from theory.exact import Rational, rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import L, L_ref, L_t, N, depth, l_, lambda_, m

STATEMENTS = (
    Statement(
        id="T4",
        title="Connected sub-level sets on finite data",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(
                Source.KNOWN, "the idea (Nguyen 2019, Venturi, Bandeira and Bruna 2019); the proof is written here"
            ),
        ),
        claim="PARALLEL, kappa = 0, a loss convex in the output, N points, m >= N + l: every {L <= lambda} with lambda "
        "> e(l) is path-connected. If the inputs that the first layer sees are non-zero and pairwise neither parallel "
        "nor anti-parallel and l >= N, then e(l) = 0 for squared error.",
        formulas=(Formula(Le(L_t, lambda_), (Ge(m, N + l_), Le(L, lambda_), Lt(L_ref, lambda_))),),
        chapter=Chapter.FURTHER,
        depends_on=("L7", "L9", "R5"),
        not_covered="kappa > 0. Behaviour off the data. RESIDUAL and STREAM. lambda <= e(l).",
        note="With a first-layer bias the condition says that the inputs are distinct.",
    ),
    Statement(
        id="T4b",
        title="No valley on finite data",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.KNOWN, "the idea (Venturi, Bandeira and Bruna 2019); the proof is written here"),),
        claim="PARALLEL, kappa = 0, a loss convex in the output, inputs as in T4, m >= N: every theta that is no "
        "global minimum has depth 0.",
        formulas=(Formula(Eq(depth, 0), (Ge(m, N), Lt(L_ref, L))),),
        chapter=Chapter.FURTHER,
        depends_on=("L7", "L9", "R5"),
        not_covered="m < N. Anti-parallel inputs, whose features can be dependent. PLAIN (T5).",
        note="If the features span all outputs, the readout alone goes down. Otherwise a neuron is free (R5) and takes "
        "a row whose feature raises the rank, at no cost; or, where the loss has a derivative, one that leads down.",
    ),
    Statement(
        id="T4+",
        title="Connected with one neuron less",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(Source.KNOWN, "that width N + 1 suffices, for deep networks without a branch (Nguyen 2021)"),
            Provenance(Source.OURS, "the statement for PARALLEL, any inputs and levels above e(l); the proof"),
        ),
        claim="T4's first sentence holds with m >= N + l - 1 for l >= 2.",
        formulas=(Formula(Le(L_t, lambda_), (Ge(m, N + l_ - 1), Ge(l_, 2), Le(L, lambda_), Lt(L_ref, lambda_))),),
        chapter=Chapter.FURTHER,
        depends_on=("L7", "L9", "R5"),
        not_covered="l = 1, which is T4. The rest as in T4.",
        note="The proof gives more: m >= N + 1 for every level lambda > e(N). The rank is raised to that of all "
        "features, then one basis of features is exchanged for the other through one free slot, the outputs resting.",
    ),
)


def in_general_position(points: Sequence[Sequence[Rational]], *, first_layer_bias: bool) -> bool:
    """Whether what the first layer sees is non-zero and pairwise neither parallel nor anti-parallel, exactly."""
    one = (Fraction(1),) if first_layer_bias else ()
    seen = [tuple(rational(v, "point") for v in x) + one for x in points]
    return all(any(x) for x in seen) and not any(_parallel(x, y) for x, y in combinations(seen, 2))


def width_for(statement: str, *, points: int, neurons: int) -> int:
    """The least width of T4 (N + l), T4b (N; `neurons` does not matter) or T4+ (N + l - 1, l >= 2)."""
    if points < 1 or neurons < 1:
        raise ValueError(f"{statement} needs N >= 1 and l >= 1, got N = {points}, l = {neurons}")
    if statement == "T4+" and neurons < 2:
        raise ValueError(f"T4+ needs l >= 2, got l = {neurons}")
    widths = {"T4": points + neurons, "T4b": points, "T4+": points + neurons - 1}
    if statement not in widths:
        raise ValueError(f"no finite-sample statement {statement!r}, known: {', '.join(widths)}")
    return widths[statement]


def _parallel(x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
    """Whether all minors x_i y_j - x_j y_i vanish; both vectors non-zero."""
    at = next(i for i, value in enumerate(x) if value)
    return all(x[at] * v == u * y[at] for u, v in zip(x, y, strict=True))


def exchange() -> ProofResult:
    """T4+: in rank terms: z* = c z_b + rest with c != 0 gives z_b back from z*, so z* may replace z_b in a basis."""
    basis, loaded, rest, factor = z3.Reals("z_b z* rest c")
    return prove(
        "T4+",
        basis == (loaded - rest) / factor,
        assuming=(factor != 0, loaded == factor * basis + rest),
        scope="one entry of the features, all reals; rest is the combination of the other basis features",
    )


def a_slot_stays_free() -> ProofResult:
    """T4+: m >= N + l - 1 and l >= 2 leave a slot beside a basis of the features, whose rank is at most N."""
    width, points, few, rank = z3.Ints("m N l rank")
    return prove(
        "T4+",
        width >= rank + 1,
        assuming=(few >= 2, points >= 1, width >= points + few - 1, rank <= points, rank >= 0),
        scope="all integers",
    )


def enough_for_the_rank() -> ProofResult:
    """T4: m >= N + l and rank <= N give m - rank >= l, R5's hypothesis."""
    width, points, few, rank = z3.Ints("m N l rank")
    return prove(
        "T4",
        width - rank >= few,
        assuming=(few >= 1, points >= 1, width >= points + few, rank <= points, rank >= 0),
        scope="all integers",
    )


def free_or_full() -> ProofResult:
    """T4b: m >= N gives full rank N or a neuron outside a column basis."""
    width, points, rank = z3.Ints("m N rank")
    return prove(
        "T4b",
        z3.Or(rank == points, width - rank >= 1),
        assuming=(points >= 1, width >= points, rank <= points, rank >= 0),
        scope="all integers",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (exchange, a_slot_stays_free, enough_for_the_rank, free_or_full)

ARGUMENTS = (
    step("T4", *smt(enough_for_the_rank, over=COUNTS), remains="that N features interpolate, the paths"),
    step(
        "T4b",
        *smt(free_or_full, over=COUNTS),
        remains="that a free neuron can point downhill where the readout alone cannot",
    ),
    step(
        "T4+",
        *smt(exchange),
        *smt(a_slot_stays_free, over=COUNTS),
        remains="that the rank of all features is reached at no cost, the exchange for vectors, the path",
    ),
)

FORMAL = (
    formal("T4", "raising.T4_connected", "finite_sample.T4_interpolation T4_zero_loss"),
    formal("T4b", "raising.T4b_no_valley T4b_two_layer"),
    formal("T4+", "raising.T4plus_connected T4_one_to_spare"),
)

INSTANCES = (sampled("T4"), sampled("T4b"), sampled("T4+"))
