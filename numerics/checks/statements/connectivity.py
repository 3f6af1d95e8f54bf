"""T1, C1, C1+, C2, C2F: levels of whole paths in fractions, against theory's levels by D(J)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import Climb, climbs, facts, highest, references_of, risen
from numerics.checks.problems import states, with_optimal_readout
from numerics.checks.statements.merging import exactly
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.moves.mass import masses
from numerics.moves.merging import projected
from numerics.networks.base import Network
from numerics.networks.forward import own_name
from numerics.networks.readers import readers
from numerics.paths import Path
from numerics.routes.candidate import Candidate
from numerics.routes.choices import CHOICES, chosen
from numerics.routes.join import joined
from numerics.testing import assignments, partners, times
from theory.catalogue import STATEMENTS
from theory.exact import evaluate_rational, upper
from theory.statements import connectivity
from theory.symbols import D


def level(problem: Climb) -> Outcome:
    """T1."""
    limit = connectivity.level_upper(
        loss=problem.loss, deviation=problem.deviation, reference_loss=problem.reference_loss
    )
    return problem.against(limit)


def depth(problem: Climb) -> Outcome:
    """C1: what the path climbs above theta, where g* is better."""
    limit = connectivity.depth_upper(
        loss=problem.loss, deviation=problem.deviation, reference_loss=problem.reference_loss
    )
    level_ = problem.loss + limit
    kind = facts(problem.start, problem.corners[1], level=level_, reference_loss=problem.reference_loss)
    return bounded(problem.highest - problem.loss, limit, kind, witness=problem.witness())


@st.composite
def settled(draw: st.DrawFn) -> Climb:
    """C1+: TWO-LAYER (Lambda = 0), and targets for which V is optimal, though theta need not fit them."""
    start = draw(states(("two-layer",), width=(2, 3), points=(2, 4)))
    settled_ = draw(with_optimal_readout(start))
    reference = draw(references_of(settled_, start.width - 1))
    merging = projected(start.weights["W"], draw(assignments(range(start.width), reference.width)))
    return Climb(settled_, reference, merging, (draw(times()),))


def settled_depth(problem: Climb) -> Outcome:
    """C1+: the climb of the merge, and of the whole path where g* is better, against D(J)^2."""
    whole = problem.reference_loss < problem.loss
    seen = problem.highest if whole else highest(problem.corners[:2], problem.times)
    limit = evaluate_rational(connectivity.C1_PLUS_DEPTH, {D: problem.deviation})
    kind = facts(problem.start, problem.corners[1], level=problem.loss + limit, reference_loss=problem.reference_loss)
    return bounded(seen - problem.loss, limit, kind, witness=problem.witness())


@dataclass(frozen=True, eq=False)
class Ends(Shown):
    """C2: two parameters on one data set, and T1's problem from each to one reference."""

    first: Climb
    second: Climb


@st.composite
def both(draw: st.DrawFn) -> Ends:
    """TWO-LAYER and PARALLEL; every other time the second is the first, its neurons permuted, with other rows on J."""
    first = draw(climbs())
    other = State.of(draw(partners(first.start.network())), first.start.data)
    if draw(st.booleans()):
        order = draw(st.permutations(range(other.width)))
        other, leaving = rearranged(first, order, rows=other)
    else:
        leaving = draw(assignments(range(other.width), first.reference.width))
    merging = projected(other.weights["W"], leaving)
    return Ends(first, Climb(other, first.reference, merging, (draw(times()),)))


def rearranged(climb: Climb, order: list[int], *, rows: State) -> tuple[State, dict[int, int]]:
    """`climb.start` with neuron `order[k]` in place k, on J with the rows of another; and who leaves into whom."""
    start, W = climb.start, climb.start.weights["W"].copy()
    W[climb.merging.leaving] = rows.weights["W"][climb.merging.leaving]
    changes = {name: start.weights[name][:, order] for name in readers(start.weights)}
    place = {neuron: k for k, neuron in enumerate(order)}
    pairs = zip(climb.merging.leaving.tolist(), climb.merging.centres.tolist(), strict=True)
    return start.then({**changes, "W": W[order]}), {place[j]: place[i] for j, i in pairs}


def sublevel(problem: Ends) -> Outcome:
    """C2: both climbs inside the level of lambda, the larger of all three losses; joined at g* without a change."""
    ends, goal = (problem.first, problem.second), problem.first.reference_loss
    given = max(goal, *(end.loss for end in ends))
    deviation = max(end.deviation for end in ends)
    limit = upper(connectivity.sublevel(given, deviation))
    constant = all(loss == goal for loss in join_losses(problem))
    kind = facts(problem.first.start, problem.second.start, level=limit, reference_loss=given)
    networks = {"network": problem.first.start.network(), "end": problem.second.start.network()}
    networks["reference"] = problem.first.reference
    witness = Witness(networks, problem.first.start.data, {"lambda": given, "D": deviation})
    seen = max(end.highest for end in ends)
    outcome = bounded(seen, limit, kind, besides=constant, witness=witness)
    return replace(outcome, ratio=risen(seen, given, limit))


def join_losses(problem: Ends) -> list[Fraction]:
    """Exact losses at the corners of the path between the two places of g*, all of them silent or readout segments."""
    there, back = (
        Candidate("C2", Path(place(end)), 0.0, tuple(end.merging.leaving.tolist()))
        for end in (problem.first, problem.second)
    )
    path = joined("C2", there, back).path
    return exact_losses(path.corners, Problem(problem.first.start.data))


def place(climb: Climb) -> Network:
    """g* on its slots, with the branch's own inner weights, which nothing reads."""
    inner = {name: array for name, array in climb.start.weights.items() if own_name(name) not in ("W", "V", "U", "c")}
    return climb.corners[-1].then(inner).network()


@dataclass(frozen=True, eq=False)
class Penalised(Shown):
    """C2F: T1's problem with route R1 or R4 choosing J, and a penalty kappa > 0."""

    climb: Climb
    route: str
    penalty: Fraction


@st.composite
def penalised(draw: st.DrawFn) -> Penalised:
    """TWO-LAYER and PARALLEL; R1 where `d >= 1`."""
    found = draw(climbs())
    start, network = found.start, found.start.network()
    route = draw(st.sampled_from(("R4", "R1"))) if start.seen.shape[1] > 1 else "R4"
    choice = CHOICES[route]
    merging = exactly(start.weights["W"], chosen(choice, network.W, masses(network), found.reference.width))
    penalty = Fraction(1, 4) ** draw(st.integers(-1, 5))
    return Penalised(Climb(start, found.reference, merging, found.times), route, penalty)


def objective(problem: Penalised) -> Outcome:
    """C2F: the lower end of `F = L + kappa S` at corners and times, against the level from lambda alone."""
    climb, kappa = problem.climb, problem.penalty
    start = climb.start
    goal = State.of(climb.reference, start.data)
    given = max(state.loss + kappa * state.mass.upper for state in (start, goal))
    limit = connectivity.regularised_level(
        problem.route,
        level=given,
        penalty=kappa,
        sigma=root_up(start.sigma.upper),
        width=start.width,
        neurons=climb.reference.width,
        dimension=start.seen.shape[1] - 1,
    )
    corners = climb.corners
    between = [a.toward(b, t) for a, b in pairwise(corners) for t in climb.times]
    seen = max(state.loss + kappa * state.mass.lower for state in (*corners, *between))
    kind = facts(start, corners[1], level=limit, reference_loss=given)
    witness = climb.witness()
    numbers = {**witness.numbers, "kappa": kappa, "lambda": given}
    outcome = bounded(seen, limit, kind, witness=Witness(witness.networks, witness.data, numbers))
    return replace(outcome, ratio=risen(seen, given, limit))


T1 = (
    "PARALLEL, squared error, kappa = 0: the path from theta to g* on J, |J| = l < m, has sqrt L <= max(sqrt L(theta) "
    "+ D(J), sqrt L(g*)) all along."
)
C2 = (
    "PARALLEL, squared error, kappa = 0, l < m: two points of {L <= lambda}, L(g*) <= lambda, are joined by a path "
    "inside {sqrt L <= sqrt lambda + D}, D the larger of their two D(J)."
)
C1_PLUS = (
    "TWO-LAYER (Lambda = 0), squared error, V optimal for the rest of theta: along T1's path the loss rises above "
    "L(theta) by at most D(J)^2, on the merge in any case and on the whole path if L(g*) < L(theta)."
)
C2F = (
    "TWO-LAYER, PARALLEL, kappa > 0, F(theta), F(g*) <= lambda, l < m: along T1's path from theta, J chosen by R4 (or, "
    "for d >= 1, R1), sqrt F <= sqrt lambda + D with D the closed form at S = lambda/kappa."
)

CHECKS = (
    about(STATEMENTS["T1"], climbs(), level, claim=T1, tight=True),
    about(
        STATEMENTS["C1"],
        climbs().filter(lambda climb: climb.reference_loss < climb.loss),
        depth,
        tight=True,
    ),
    about(STATEMENTS["C1+"], settled(), settled_depth, claim=C1_PLUS, tight=True),
    about(STATEMENTS["C2"], both(), sublevel, claim=C2),
    about(STATEMENTS["C2F"], penalised(), objective, claim=C2F),
)
