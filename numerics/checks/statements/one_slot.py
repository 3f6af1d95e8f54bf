"""T7, T7B, C7: one neuron drawn from a reference and mixed in, against the closed value of the step and the prices."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts, highest
from numerics.checks.draws import SHARES, Draw, draws, emptied, loaded, stepped
from numerics.checks.problems import FLAT, states, with_optimal_readout
from numerics.checks.states import State, length, mean_square
from numerics.common.shown import Shown
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.exact import upper
from theory.statements import one_slot


@dataclass(frozen=True, eq=False)
class Step(Shown):
    """A network, the slots that are emptied, a reference to draw from, how far the step goes, and a time."""

    start: State
    slots: tuple[int, ...]
    draw: Draw
    share: Fraction
    time: Fraction

    @property
    def free(self) -> State:
        return emptied(self.start, self.slots)

    def witness(self) -> Witness:
        networks = {"network": self.start.network(), "reference": self.draw.reference}
        slots = {f"slot {k}": Fraction(slot) for k, slot in enumerate(self.slots)}
        return Witness(networks, self.start.data, {"e": self.share, "K": self.draw.spread, **slots})


@st.composite
def steps(draw: st.DrawFn, slots: int = 1) -> Step:
    """TWO-LAYER and PARALLEL with so many slots to empty."""
    start, found = draw(draws(draw(states(FLAT, width=(slots, slots + 2))), most=2))
    chosen = draw(st.permutations(range(start.width)))[:slots]
    return Step(start, tuple(chosen), found, draw(st.sampled_from(SHARES)), draw(times()))


def best_draw(problem: Step, free: State) -> State:
    """The least loss among all draws, one neuron per slot."""
    each = list(product(problem.draw.live, repeat=len(problem.slots))) if problem.draw.live else [()]
    found = [stepped(free, problem.slots, problem.draw, chosen, problem.share) for chosen in each]
    return min(found, key=lambda one: one.loss)


def below_the_step(problem: Step) -> Outcome:
    """Some draw is no worse than T7's value; the loaded row is not read, and the line stays below its ends."""
    start, free, found = problem.start, problem.free, problem.draw
    goal = best_draw(problem, free)
    bound = one_slot.step_level(
        problem.share,
        free_loss=free.loss,
        reference_loss=found.state.loss,
        variance=found.variance / len(problem.slots),
        distance_square=found.distance(free),
    )
    ready = loaded(free, problem.slots, goal.weights["W"][list(problem.slots)])
    silent = (ready.outputs == free.outputs).all() and free.unread(list(problem.slots))
    between = ready.toward(goal, problem.time).loss
    stays = bool(silent) and between <= max(free.loss, goal.loss)
    kind = facts(start, goal, level=max(free.loss, goal.loss), reference_loss=found.state.loss)
    return bounded(goal.loss, bound, kind, besides=stays, witness=problem.witness())


@st.composite
def settled(draw: st.DrawFn) -> Step:
    """V optimal for the rest, with and without a live branch; a reference of any two neurons."""
    start = draw(with_optimal_readout(draw(states(FLAT, width=(1, 3), points=(2, 4)))))
    _, found = draw(draws(start, most=2))
    slot = draw(st.integers(0, start.width - 1))
    return Step(start, (slot,), Draw.of(found.reference, start, by_mass=found.by_mass), Fraction(0), draw(times()))


def price(start: State, slot: int) -> Fraction:
    """C7's bound for this neuron: exactly ||h_j||^2 if Lambda = 0, else the mixed one, rounded up."""
    if not any(start.masses.lambdas):
        return mean_square(start.features[:, [slot]] @ start.weights["V"][:, [slot]].T)
    scale = root_up(start.sigma.upper) * length(start.weights["W"][slot]).upper
    readout = scale * length(start.weights["V"][:, slot]).upper
    branch = scale * start.masses.lambdas[0] * length(start.weights["A"][:, slot]).upper
    return upper(one_slot.mixed_depth(loss=root_up(start.loss) ** 2, readout=readout, branch=branch))


def certainly_above(loss: Fraction, goal: Fraction, spread: Fraction, rise: Fraction) -> bool:
    """Either threshold of C7, with delta rounded up."""
    edge = spread * root_up(rise)
    return loss > goal and (loss - goal > 2 * edge or loss - root_up(loss * goal) > edge)


def climbs_out(problem: Step) -> Outcome:
    """Emptying climbs at most C7's bound; above the threshold some draw ends below the start, within that level."""
    start, free, found = problem.start, problem.free, problem.draw
    bound = price(start, problem.slots[0])
    corners = [start, free]
    leads = True
    if certainly_above(start.loss, found.state.loss, found.spread, bound):
        share = one_slot.best_share(
            free_loss=free.loss,
            reference_loss=found.state.loss,
            variance=found.variance,
            distance_square=found.distance(free),
        )
        goal = best_draw(Step(start, problem.slots, found, share, problem.time), free)
        corners += [loaded(free, problem.slots, goal.weights["W"][list(problem.slots)]), goal]
        leads = goal.loss < start.loss
    climb = highest(corners, (problem.time,)) - start.loss
    kind = facts(start, free, level=start.loss + bound, reference_loss=found.state.loss)
    return bounded(climb, bound, kind, besides=leads, witness=problem.witness())


C7_CLAIM = (
    "TWO-LAYER and PARALLEL, squared error, V optimal for the rest: emptying neuron j climbs at most ||h_j||^2 (Lambda "
    "= 0), or 2 sqrt(L) D_A + (D_V + D_A)^2; above either threshold with that for delta^2, one neuron drawn from g* "
    "ends below L(theta), and the whole path stays within that climb."
)

CHECKS = (
    about(STATEMENTS["T7"], steps(), below_the_step, tight=True),
    about(STATEMENTS["T7B"], steps(slots=2), below_the_step, tight=True),
    about(STATEMENTS["C7"], settled(), climbs_out, claim=C7_CLAIM, tight=True),
)
