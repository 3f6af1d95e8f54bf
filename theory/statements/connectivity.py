"""T1, C1, C1+, C2, C2F: below a better two-layer network points are shallow, sub-level sets nearly connected.

Only the object, the threshold and the rate are the paper's; constants and proofs are ours. What the machine
proves here is the arithmetic of T1's level and what leads from it to the others. Left to the notes: T1's path (L3,
L4, L7, L8, L9) and every bound on D, from which alone a rate follows.
"""

from collections.abc import Callable
from fractions import Fraction

import z3
from sympy import Expr, Ge, Gt, Le, Lt, Max, sqrt

from theory.arguments import constructed, formal, part, sampled, smt
from theory.exact import Exact, Rational, evaluate, evaluate_rational, strictly_below, upper
from theory.proof import ProofResult
from theory.relations import SMALLER, Formula
from theory.smt import assumptions, prove, translate
from theory.statement import Kind, Provenance, Source, Statement
from theory.statements import merging
from theory.statements.zero import require_better_reference
from theory.symbols import D, G, L, L_ref, L_t, S, d, depth, kappa, lambda_, p, r, r_level, r_ref, sigma

T1_LEVEL = Max(sqrt(L) + D, sqrt(L_ref)) ** 2
"""What the loss does not exceed on T1's path."""

C1_DEPTH = 2 * sqrt(L) * D + D**2
"""C1's bound of the depth where L > e(l)."""

C2_LEVEL = (sqrt(lambda_) + D) ** 2
"""What the loss does not exceed on C2's path, D the larger of the two."""

C1_PLUS_DEPTH = D**2
"""C1+'s bound of the depth."""

LIPSCHITZ_LEVEL = Max(L + G * D, L_ref)
"""T1's level for a convex G-Lipschitz loss."""

LIPSCHITZ_SUBLEVEL = lambda_ + G * D
"""C2's for such a loss."""

C2F_MASS = lambda_ / kappa
"""What S is at most where F <= lambda."""


_INSIDE = (Le(L, lambda_), Le(L_ref, lambda_))


def _objective(route: str) -> Formula:
    """C2F with a route's bound of D; L, L_ref, L_t stand for F(theta), F(g*) and F along the path."""
    words = f"route {route}; L, L_ref, L_t are values of the objective F here"
    allowed = C2_LEVEL.subs(D, merging.BOUNDS[route].subs(S, C2F_MASS))
    return Formula(Le(L_t, allowed), (SMALLER, Gt(kappa, 0), *_INSIDE), words)


STATEMENTS = (
    Statement(
        id="T1",
        title="A path to any two-layer network",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(
                Source.SEED,
                "the object: deep ReLU networks with a skip connection, measured against a two-layer "
                "network; the rate O(m^{(eta-1)/n}), stated there for the depth, only with route R1, bounded "
                "S and l = m^eta",
            ),
            Provenance(Source.OURS, "the statement in this form, the constants and the proof"),
        ),
        claim="PARALLEL, kappa = 0, any depth of q. For any parameter theta, any two-layer network g* with l < m "
        "neurons and any J with |J| = l, admissible in L3, an explicit path leads from theta to g* on J (V = 0 off J, "
        "U = 0) all along which, for squared error, sqrt L <= max(sqrt L(theta) + D(J), sqrt L(g*)), and, for a loss "
        "convex and G-Lipschitz in the output (L8), L <= max(L(theta) + G D(J), L(g*)).",
        formulas=(
            Formula(Le(L_t, T1_LEVEL), (SMALLER,), "squared error"),
            Formula(Le(L_t, LIPSCHITZ_LEVEL), (SMALLER,), "a loss convex and G-Lipschitz in the output"),
        ),
        depends_on=("L3", "L4", "L7", "L8", "L9"),
        not_covered="Any bound on D(J), which is a route's. RESIDUAL and STREAM (T2, T3), kappa > 0 (L10), "
        "convex losses that are neither squared error nor Lipschitz.",
        note="Of L3 the proof uses that nothing reads J at the end and that f has moved by at most D(J): so R5 and R7, "
        "whose moves are others, serve with their own D.",
    ),
    Statement(
        id="C1",
        title="Depth",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(
                Source.SEED,
                "the object (deep ReLU networks with a skip connection), the threshold (worse than the global minima "
                "of some two-layer network) and the rate O(m^{(eta-1)/n}) of the depth, which C1 reaches only with "
                "route R1, bounded S and l = m^eta",
            ),
            Provenance(
                Source.OURS,
                "the constants, the proof, the reading (PARALLEL, bounded S, l = m^eta), any theta, not minima only",
            ),
        ),
        claim="PARALLEL, squared error, kappa = 0, l < m, J with |J| = l admissible in L3: if L(theta) > "
        "e(l), then the depth of theta is at most 2 sqrt(L(theta)) D(J) + D(J)^2.",
        formulas=(Formula(Le(depth, C1_DEPTH), (SMALLER, Lt(L_ref, L))),),
        depends_on=("T1",),
        not_covered="A rate by itself: D(J) depends on theta, and a bound uniform in theta needs bounded S. "
        "Points with L(theta) <= e(l). RESIDUAL and STREAM (T2, T3), other losses, kappa > 0 (C2F). "
        "Whether the bound is informative (R0).",
    ),
    Statement(
        id="C1+",
        title="Depth with a silent branch",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="PARALLEL, squared error, kappa = 0, l < m, J with |J| = l admissible in L3, Lambda = 0: if L(theta) > "
        "e(l), then the depth of theta, any parameter, is at most D(J)^2.",
        formulas=(Formula(Le(depth, C1_PLUS_DEPTH), (SMALLER, Lt(L_ref, L))),),
        depends_on=("T1", "L7"),
        not_covered="Lambda > 0, other losses, kappa > 0. A bound uniform in theta needs bounded S.",
        note="Where V is optimal for the rest, the one-segment form of L3 moves V only, so the change of f is "
        "orthogonal to the residual; where it is not, one readout line lowers the loss, and the depth is 0.",
    ),
    Statement(
        id="C2",
        title="Sub-level sets are connected up to D",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(
                Source.SEED,
                "the object (sub-level sets of deep ReLU networks with a skip connection), the threshold "
                "(the global minima of some two-layer network) and the rate O(m^{(eta-1)/n}), stated there for the "
                "depth, which C2 reaches only with route R1, bounded S and l = m^eta",
            ),
            Provenance(
                Source.OURS,
                "what is joined and at which level, the constants, the proof, the reading (PARALLEL, bounded "
                "S, l = m^eta)",
            ),
        ),
        claim="PARALLEL, kappa = 0, l < m: for lambda > e(l), or lambda = e(l) where it is attained, any two points of "
        "{L <= lambda} are joined by a path inside {sqrt L <= sqrt lambda + D} for squared error, and inside {L <= "
        "lambda + G D} for a loss convex and G-Lipschitz in the output, D the larger of their two D(J), each J with "
        "|J| = l admissible in L3.",
        formulas=(
            Formula(Le(L_t, C2_LEVEL), (SMALLER, *_INSIDE), "squared error"),
            Formula(Le(L_t, LIPSCHITZ_SUBLEVEL), (SMALLER, *_INSIDE), "a loss convex and G-Lipschitz in the output"),
        ),
        depends_on=("T1", "L9"),
        not_covered="That {L <= lambda} itself is connected: the path may rise above lambda. One D for the "
        "whole set, which needs bounded S. RESIDUAL and STREAM (T2, T3), kappa > 0 (C2F).",
    ),
    Statement(
        id="C2F",
        title="Sub-level sets of the regularised objective",
        kind=Kind.EXISTENCE,
        sources=(Provenance(Source.OURS, "all of it, with every constant"),),
        claim="PARALLEL, squared error, kappa > 0, l < m, a two-layer g* with l neurons, F(theta), F(theta'), F(g*) "
        "<= lambda: a path joins theta and theta' with sqrt F <= sqrt lambda + sigma (lambda/kappa) (l/m) (R4), and "
        "for d >= 1 one with sqrt F <= sqrt lambda + 2 sigma (lambda/kappa) ((l+1)/(kappa_d m))^{1/d} (R1); nothing "
        "is assumed on S.",
        formulas=(
            _objective("R4"),
            _objective("R1").where(Ge(d, 1)),
        ),
        depends_on=("T1", "L8", "L9", "L10", "R1", "R4"),
        not_covered="kappa = 0: without it S is not bounded on a level set. That the bound is informative.",
        note="S <= lambda/kappa at both ends, as L >= 0. kappa is not kappa_d.",
    ),
)


def level(loss: Exact, reference_loss: Exact, deviation: Exact) -> Expr:
    """T1's level, an exact sympy number. `deviation` is D(J), in units of the square root of the loss."""
    return evaluate(T1_LEVEL, {L: loss, L_ref: reference_loss, D: deviation})


def depth_bound(loss: Exact, deviation: Exact, *, reference_loss: Exact) -> Expr:
    """C1's bound 2 sqrt(L) D + D^2, an exact sympy number.

    Raises ValueError unless L(g*) < L(theta) for the given two-layer g* with l = |J| neurons, which implies
    C1's hypothesis L(theta) > e(l).
    """
    require_better_reference("C1", loss, reference_loss)
    return evaluate(C1_DEPTH, {L: loss, D: deviation})


def level_upper(*, loss: Rational, deviation: Rational, reference_loss: Rational) -> Fraction:
    """T1: a rational that the loss does not exceed on the path, from rational upper bounds of D and the losses."""
    return upper(level(loss, reference_loss, deviation))


def lipschitz_level(*, loss: Rational, deviation: Rational, reference_loss: Rational, constant: Exact) -> Fraction:
    """T1 for a G-Lipschitz loss: a rational at least max(L + G D, L(g*)); G from `transferloss`."""
    return upper(evaluate(LIPSCHITZ_LEVEL, {L: loss, D: deviation, L_ref: reference_loss, G: constant}))


def depth_upper(
    *, loss: Rational, deviation: Rational, reference_loss: Rational, optimal_readout: bool = False
) -> Fraction:
    """A rational at least C1's 2 sqrt(L) D + D^2, or C1+'s D^2 where the caller vouches for C1+'s hypotheses.

    `optimal_readout` says that Lambda = 0 (and, where the bound is to be the climb of one path, that V is optimal for
    the rest). Raises ValueError unless L(g*) < L(theta).
    """
    if not optimal_readout:
        return upper(depth_bound(loss, deviation, reference_loss=reference_loss))
    require_better_reference("C1+", loss, reference_loss)
    return evaluate_rational(C1_PLUS_DEPTH, {D: deviation})


def regularised_level(
    route: str, *, level: Rational, penalty: Rational, sigma: Rational, width: int, neurons: int, dimension: int
) -> Fraction:
    """C2F: a rational at least (sqrt lambda + D)^2 with D of route R1 or R4 at S = lambda/kappa, kappa > 0.

    `level` is lambda, at least F of both ends and of g*; `penalty` is kappa. Any closed form of `merging` will do.
    """
    if not strictly_below(0, penalty):
        raise ValueError(f"C2F needs kappa > 0, got {penalty}")
    mass = evaluate_rational(C2F_MASS, {lambda_: level, kappa: penalty})
    sizes = {"width": width, "neurons": neurons, "dimension": dimension}
    return upper(sublevel(level, merging.deviation(route, sigma=sigma, mass=mass, **sizes)))


def sublevel(level_: Exact, deviation: Exact) -> Expr:
    """C2's level (sqrt lambda + D)^2, an exact sympy number; `level_` is lambda."""
    return evaluate(C2_LEVEL, {lambda_: level_, D: deviation})


def informative(level_: Exact, zero_level: Exact) -> bool:
    """R0's yardstick: a route says something only if its level is strictly below R0's (`zero.level`).

    Both are losses, not depths and not square roots. False for every sound level where R0's is L(theta), as
    no path goes lower.
    """
    return strictly_below(level_, zero_level)


_T1_LEVEL_BY_ROOTS = T1_LEVEL.subs({L: r**2, L_ref: r_ref**2})


def level_of_the_path() -> ProofResult:
    """T1: after merging sqrt L is at most sqrt L(theta) + D (L3, L8); the readout line then stays below T1's level."""
    merged, value, time = z3.Reals("r' L_t t")
    return prove(
        "T1",
        value <= translate(_T1_LEVEL_BY_ROOTS),
        assuming=[
            *assumptions(_T1_LEVEL_BY_ROOTS),
            merged >= 0,
            merged <= translate(r + D),
            time >= 0,
            time <= 1,
            value <= (1 - time) * merged * merged + time * translate(r_ref**2),
        ],
        scope="roots of losses, all reals >= 0; that merging costs at most D is L3's and L8's, the chord L7's, and "
        "loading is silent (L9)",
    )


def lipschitz_level_of_the_path() -> ProofResult:
    """T1, a convex G-Lipschitz loss: after merging L has risen by at most G D (L3, L8); then the readout line."""
    merged, value, time = z3.Reals("L' L_t t")
    return prove(
        "T1",
        value <= translate(LIPSCHITZ_LEVEL),
        assuming=[
            *assumptions(LIPSCHITZ_LEVEL),
            merged <= translate(L + G * D),
            time >= 0,
            time <= 1,
            value <= (1 - time) * merged + time * translate(L_ref),
        ],
        scope="all reals; that merging costs at most G D is L3's and L8's, the chord L7's, and loading is silent (L9)",
    )


def depth_from_level() -> ProofResult:
    """C1 from T1: where L(g*) < L(theta), T1's level exceeds L(theta) by exactly C1's bound."""
    depth = C1_DEPTH.subs(L, r**2)
    return prove(
        "C1",
        translate(_T1_LEVEL_BY_ROOTS) - translate(r**2) == translate(depth),
        assuming=[*assumptions(_T1_LEVEL_BY_ROOTS), translate(r_ref) < translate(r)],
        scope="the step from T1's level to the depth, with r = sqrt L, all reals >= 0; T1 itself is the note's",
    )


def sublevel_from_level() -> ProofResult:
    """C2 from T1: from a theta with L(theta), L(g*) <= lambda, T1's level is at most C2's."""
    sublevel_ = C2_LEVEL.subs(lambda_, r_level**2)
    return prove(
        "C2",
        translate(_T1_LEVEL_BY_ROOTS) <= translate(sublevel_),
        assuming=[
            *assumptions(_T1_LEVEL_BY_ROOTS, sublevel_),
            translate(r) <= translate(r_level),
            translate(r_ref) <= translate(r_level),
        ],
        scope="the step from T1's level to C2's for one of the two points, roots of losses, all reals >= 0; "
        "T1 and the joining of two copies of g* (L9) are the note's",
    )


def lipschitz_sublevel_from_level() -> ProofResult:
    """C2 from T1, a convex G-Lipschitz loss: from theta with L(theta), L(g*) <= lambda T1's level is at most C2's."""
    return prove(
        "C2",
        translate(LIPSCHITZ_LEVEL) <= translate(LIPSCHITZ_SUBLEVEL),
        assuming=[
            *assumptions(LIPSCHITZ_LEVEL, LIPSCHITZ_SUBLEVEL),
            translate(L) <= translate(lambda_),
            translate(L_ref) <= translate(lambda_),
        ],
        scope="the step from T1's level to C2's for one of the two points, all reals >= 0; T1 and the joining of two "
        "copies of g* (L9) are the note's",
    )


def orthogonal_change() -> ProofResult:
    """C1+: a change of f orthogonal to the residual raises the loss by its square only, at most D^2."""
    before, after, change, inner = translate(L), z3.Real("L'"), z3.Real("g"), translate(p)
    return prove(
        "C1+",
        after - before <= translate(C1_PLUS_DEPTH),
        assuming=[
            *assumptions(L, D),
            after == before + 2 * inner + change * change,
            inner == 0,
            change >= 0,
            change <= translate(D),
        ],
        scope="all reals; p is the inner product of f - y and the change, 0 as V is optimal and the change linear in V",
    )


def readout_descends() -> ProofResult:
    """C1+: where V is not optimal, a readout line to a better V stays at or below L(theta) (L7): depth 0."""
    value, before, after, time = z3.Reals("L_t L L' t")
    return prove(
        "C1+",
        z3.And(value <= before, z3.Implies(time == 1, value < before)),
        assuming=(time >= 0, time <= 1, after < before, value <= (1 - time) * before + time * after),
        scope="losses, all reals; the chord is L7's",
    )


def mass_from_objective() -> ProofResult:
    """C2F: F = L + kappa S <= lambda and L >= 0 give kappa S <= lambda, that is S <= lambda/kappa."""
    return prove(
        "C2F",
        translate(kappa) * translate(S) <= translate(lambda_),
        assuming=[*assumptions(L, S, lambda_), translate(L + kappa * S) <= translate(lambda_), translate(kappa) > 0],
        scope="one parameter of the level set, all reals; the level itself is C2's with F for L (L8, L10)",
    )


def level_of_the_objective() -> ProofResult:
    """C2F: merging takes sqrt F from at most sqrt lambda to at most sqrt lambda + D (L8, L10); the line does not rise.

    F is below its chord on the readout line, as the loss and the mass are (L7, L10).
    """
    merged, value, reference, time = z3.Reals("f' F_t F_ref t")
    allowed = translate(r_level + D)
    return prove(
        "C2F",
        z3.And(merged * merged <= allowed * allowed, value <= allowed * allowed),
        assuming=[
            *assumptions(r_level, D),
            merged >= 0,
            merged <= allowed,
            reference >= 0,
            reference <= translate(r_level**2),
            time >= 0,
            time <= 1,
            value <= (1 - time) * merged * merged + time * reference,
        ],
        scope="roots of objectives, all reals >= 0; one of the two ends",
    )


def deviation_from_objective() -> ProofResult:
    """C2F: D m <= sigma S l (R4) and kappa S <= lambda give D <= sigma (lambda/kappa) (l/m), cleared of fractions."""
    few, many = z3.Reals("l m")
    return prove(
        "C2F",
        translate(D * kappa) * many <= translate(sigma * lambda_) * few,
        assuming=[
            *assumptions(D, S, sigma, lambda_),
            translate(kappa) > 0,
            few >= 1,
            many > few,
            translate(D) * many <= translate(sigma * S) * few,
            translate(kappa * S) <= translate(lambda_),
        ],
        scope="all reals; R4's bound of D",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    level_of_the_path,
    lipschitz_level_of_the_path,
    depth_from_level,
    sublevel_from_level,
    lipschitz_sublevel_from_level,
    orthogonal_change,
    readout_descends,
    mass_from_objective,
    level_of_the_objective,
    deviation_from_objective,
)

ARGUMENTS = (
    part(
        "T1",
        *smt(level_of_the_path, lipschitz_level_of_the_path),
        remains="that the segments of L3, L4, L9, L7 join to one path",
    ),
    part("C1", *smt(depth_from_level), remains="that some g* with l neurons has L(g*) < L(theta)"),
    part(
        "C1+",
        *smt(orthogonal_change, readout_descends),
        remains="that an optimal V makes the residual orthogonal to the features; the rest of the path, as T1's",
    ),
    part(
        "C2",
        *smt(sublevel_from_level, lipschitz_sublevel_from_level),
        remains="joining two copies of g* (L9) and branches with other inner weights",
    ),
    part(
        "C2F",
        *smt(mass_from_objective, level_of_the_objective, deviation_from_objective),
        remains="that T1's path joins its segments with F for L, at both ends; R1's closed form at S = lambda/kappa",
    ),
)

FORMAL = (
    formal("T1", "connectivity.T1_connect T1_lipschitz_loss"),
    formal("C1", "connectivity.C1_depth"),
    formal("C1+", "optimal.C1plus_every_theta C1plus_depth local_minimum_optimal C1plus_local_minimum"),
    formal("C2", "connectivity.C2_connected C2_lipschitz_loss"),
    formal(
        "C2F",
        "regularised.C2F_rate C2_regularised T1_regularised",
        "gap.C2F_R1",
        "norms.C2F_operator_norm",
    ),
)

INSTANCES = (*(sampled(one.id) for one in STATEMENTS), *constructed("T1", "case.3"))
