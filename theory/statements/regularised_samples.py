"""T4F: on finite data, wide skip networks have connected sub-level sets of the regularised objective too.

Exact here: the widths. The paths are chains of vertices of a linear program (`theory.vertices`), which the check builds
and walks in fractions. Coq does not have it: that needs linear programs' vertices and pivots, which nothing else here
uses.
"""

from collections.abc import Callable

import z3
from sympy import Ge, Le

from theory.arguments import COUNTS, sampled, smt, step
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import L, L_ref, L_t, N, k, lambda_, m

STATEMENTS = (
    Statement(
        id="T4F",
        title="Connected sub-level sets of the regularised objective",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(
                Source.KNOWN,
                "in part: regularised TWO-LAYER by convex duality (Kim, Mishkin and Pilanci 2024), a way down from any "
                "start once the factors are large enough (Haeffele and Vidal 2015), abstracts only seen",
            ),
            Provenance(Source.OURS, "the deep branch, every sub-level set with this width, the proof"),
        ),
        claim="PARALLEL, N points, p outputs, A with r rows, a loss convex in the output, F = L + kappa S, kappa >= "
        "0. If m >= (p + r) N + 1, every {F <= lambda} with lambda >= F(g*), g* two-layer of any width, is "
        "path-connected. TWO-LAYER (r = 0): m >= p N + 1, and then every sub-level set is.",
        formulas=(
            Formula(
                Le(L_t, lambda_),
                (Ge(m, k * N + 1), Le(L, lambda_), Le(L_ref, lambda_)),
                "k = p + r; L, L_ref and L_t are F",
            ),
        ),
        chapter=Chapter.FURTHER,
        depends_on=("L7", "L9", "L10"),
        not_covered="m <= p N. Penalties of another form. RESIDUAL and STREAM. Levels below F(g*) of every g*, which "
        "only a live branch reaches. Behaviour off the data.",
        note="kappa = 0 needs less: m >= N + 1 (T4). Paths are explicit: a linear program's vertices, rational where "
        "norms of the rows are.",
    ),
)


def width_for(*, points: int, outputs: int, readings: int = 0) -> int:
    """The least width of T4F, (p + r) N + 1; `readings` is r, 0 without a branch. Raises ValueError below 1 point."""
    if points < 1 or outputs < 1 or readings < 0:
        raise ValueError(f"T4F needs N, p >= 1 and r >= 0, got N = {points}, p = {outputs}, r = {readings}")
    return (outputs + readings) * points + 1


def one_to_enter() -> ProofResult:
    """T4F: pN neurons that V reads and rN that A reads leave one of (p + r) N + 1 for the unit that enters."""
    width, points, outputs, readings, read, passed = z3.Ints("m N p r live_V live_A")
    return prove(
        "T4F",
        width - read - passed >= 1,
        assuming=(width >= (outputs + readings) * points + 1, read <= outputs * points, passed <= readings * points),
        scope="all integers",
    )


def along_the_way() -> ProofResult:
    """T4F: at time t F is at most the mixture: L is convex, V's part has the least mass, Lambda(t) = (1-t) Lambda."""
    t, loss, start, goal, kappa = z3.Reals("t L L_0 L* kappa")
    read, read_start, read_goal, passed = z3.Reals("S_V S_V0 S* Lambda*S_A")
    return prove(
        "T4F",
        loss + kappa * (read + (1 - t) * passed)
        <= (1 - t) * (start + kappa * (read_start + passed)) + t * (goal + kappa * read_goal),
        assuming=(
            t >= 0,
            t <= 1,
            kappa >= 0,
            loss <= (1 - t) * start + t * goal,
            read <= (1 - t) * read_start + t * read_goal,
        ),
        scope="all reals",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (one_to_enter, along_the_way)

ARGUMENTS = (
    step(
        "T4F",
        *smt(one_to_enter, over=COUNTS),
        *smt(along_the_way),
        remains="vertices and pivots of linear programs, Caratheodory's reduction, the path",
    ),
)

INSTANCES = (sampled("T4F"),)
