"""T4, T4b, T4+: on finite data, wide skip networks have connected sub-level sets and no bad valleys.

Exact here: the condition on the inputs, the rank of all features, the widths. The machine proves the exchange of one
feature for another and the counts. Left to the note: that features of inputs in general position span everything, and
the paths.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations

import z3
from sympy import Eq, Ge, Le, Lt

from theory import corners
from theory.arguments import COUNTS, formal, sampled, smt, step
from theory.exact import Rational, rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements.rank import feature_rank
from theory.symbols import L, L_ref, L_t, N, depth, lambda_, m, rank

STATEMENTS = (
    Statement(
        id="T4",
        title="Connected sub-level sets on finite data",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(
                Source.KNOWN,
                "that one layer of width N + 1 suffices and width N can fail (Nguyen, arXiv:2101.08576, abstract only "
                "seen); the idea before (Nguyen 2019, Venturi, Bandeira and Bruna 2019)",
            ),
            Provenance(Source.OURS, "a live branch, any inputs, references of any width; the proof"),
        ),
        claim="PARALLEL, kappa = 0, a loss convex in the output, N points, m >= N + 1: every {L <= lambda} with "
        "lambda >= L(g*), g* two-layer of any width l, is path-connected. If the inputs that the first layer sees are "
        "non-zero and pairwise neither parallel nor anti-parallel and l >= N, then e(l) = 0 for squared error.",
        formulas=(Formula(Le(L_t, lambda_), (Ge(m, N + 1), Le(L, lambda_), Le(L_ref, lambda_))),),
        chapter=Chapter.FURTHER,
        depends_on=("T4+",),
        not_covered="kappa > 0. Behaviour off the data. RESIDUAL and STREAM. lambda < e(l) for every l, which only a "
        "live branch reaches.",
        note="With a first-layer bias the condition says that the inputs are distinct. It is T4F's case kappa = 0.",
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
        title="Connected above the rank of all features",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(Source.KNOWN, "as in T4"),
            Provenance(Source.OURS, "the rank in the place of N, and what it is"),
        ),
        claim="T4's first sentence holds with m >= rho + 1, rho the dimension of the span of all features [w.x]_+ on "
        "the data, w any row.",
        formulas=(Formula(Le(L_t, lambda_), (Ge(m, rank + 1), Le(rank, N), Le(L, lambda_), Le(L_ref, lambda_))),),
        chapter=Chapter.FURTHER,
        depends_on=("L7", "L9", "R5"),
        not_covered="m <= rho, where it can fail: two points, two neurons (L9). The rest as in T4.",
        note="rho <= N; where the inputs that are not 0 lie on r rays, k opposite pairs among them, on lines that span "
        "dimension s, rho = r - k + s. So with a first-layer bias rho is the number of distinct inputs.",
    ),
)


LEVELS = {"T4": corners.highest}


def in_general_position(points: Sequence[Sequence[Rational]], *, first_layer_bias: bool) -> bool:
    """Whether what the first layer sees is non-zero and pairwise neither parallel nor anti-parallel, exactly."""
    one = (Fraction(1),) if first_layer_bias else ()
    seen = [tuple(rational(v, "point") for v in x) + one for x in points]
    return all(any(x) for x in seen) and not any(_parallel(x, y) for x, y in combinations(seen, 2))


def span_of_features(points: Sequence[Sequence[Rational]], *, first_layer_bias: bool) -> int:
    """T4+'s rho, exactly: r - k + s of the r rays, k opposite pairs of them, on lines that span dimension s."""
    one = (Fraction(1),) if first_layer_bias else ()
    rays = {_direction(x) for x in (tuple(rational(v, "point") for v in given) + one for given in points) if any(x)}
    lines = {x for x in rays if tuple(-v for v in x) in rays and x > tuple(-v for v in x)}
    return len(rays) - len(lines) + (feature_rank(sorted(lines)) if lines else 0)


def width_for(statement: str, *, points: int, rank: int | None = None) -> int:
    """The least width of T4 (N + 1), T4b (N) or T4+ (rho + 1, which needs the rank: `span_of_features`)."""
    if points < 1:
        raise ValueError(f"{statement} needs N >= 1, got N = {points}")
    if statement == "T4+":
        if rank is None or not 0 <= rank <= points:
            raise ValueError(f"T4+ needs the rank of all features, from 0 to N = {points}, got {rank}")
        return rank + 1
    widths = {"T4": points + 1, "T4b": points}
    if statement not in widths:
        raise ValueError(f"no finite-sample statement {statement!r}, known: {', '.join([*widths, 'T4+'])}")
    return widths[statement]


def _direction(x: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The point of its ray whose first entry that is not 0 is 1 or -1."""
    size = abs(next(value for value in x if value))
    return tuple(value / size for value in x)


def _parallel(x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
    """Whether all minors x_i y_j - x_j y_i vanish; both vectors non-zero."""
    at = next(i for i, value in enumerate(x) if value)
    return all(x[at] * v == u * y[at] for u, v in zip(x, y, strict=True))


def exchange() -> ProofResult:
    """T4+: 0 = c z + rest with c != 0 gives z from the others, so its neuron can hand over and take another row."""
    feature, rest, factor = z3.Reals("z rest c")
    return prove(
        "T4+",
        feature == -rest / factor,
        assuming=(factor != 0, factor * feature + rest == 0),
        scope="one entry of the features, all reals; rest is the combination of the other features",
    )


def one_outside_the_placed() -> ProofResult:
    """T4+: m >= rho + 1 neurons, at most rho of them placed with independent features, leave one that is not."""
    width, rho, placed = z3.Ints("m rho placed")
    return prove(
        "T4+",
        width - placed >= 1,
        assuming=(rho >= 0, width >= rho + 1, placed <= rho, placed >= 0),
        scope="all integers",
    )


def one_to_spare() -> ProofResult:
    """T4: m >= N + 1 and rank <= N give m >= rank + 1, T4+'s hypothesis."""
    width, points, rho = z3.Ints("m N rho")
    return prove(
        "T4",
        width >= rho + 1,
        assuming=(points >= 1, width >= points + 1, rho <= points, rho >= 0),
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


PROOFS: tuple[Callable[[], ProofResult], ...] = (exchange, one_outside_the_placed, one_to_spare, free_or_full)

ARGUMENTS = (
    step("T4", *smt(one_to_spare, over=COUNTS), remains="T4+ with N for rho, that N features interpolate"),
    step(
        "T4b",
        *smt(free_or_full, over=COUNTS),
        remains="that a free neuron can point downhill where the readout alone cannot",
    ),
    step(
        "T4+",
        *smt(exchange),
        *smt(one_outside_the_placed, over=COUNTS),
        remains="that the neuron outside can be one that depends on the others, the path",
    ),
)

FORMAL = (
    formal(
        "T4",
        "raising.T4_connected",
        "finite_sample.T4_interpolation T4_zero_loss",
        "losses.L7_convex_loss",
    ),
    formal("T4b", "raising.T4b_no_valley T4b_two_layer", "losses.L7_convex_loss"),
    formal("T4+", "raising.T4plus_connected", "losses.L7_convex_loss"),
)

INSTANCES = (sampled("T4"), sampled("T4b"), sampled("T4+"))
