"""The path of T1, T2 and T3 in fractions, corner by corner: from a parameter to a two-layer reference on J."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from hypothesis import assume
from hypothesis import strategies as st

from numerics.arithmetic.bases import exact_basis
from numerics.arithmetic.positive import root_up
from numerics.checks.check import Facts, Outcome, Witness, bounded
from numerics.checks.problems import FLAT, Range, references, states, with_targets
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.losses import target_sums
from numerics.losses.problem import Problem
from numerics.moves.clear_rows import rows_cleared, stacked_readers
from numerics.moves.merge import fused
from numerics.moves.merging import NO_CENTRE, Merging, projected
from numerics.moves.perturb import perturbed
from numerics.moves.transfer import transferred
from numerics.networks.forward import own_name
from numerics.networks.readers import adds_linearly, exact_weights, has_stream, readers
from numerics.networks.two_layer import TwoLayer
from numerics.testing import assignments, times
from theory.statements import connectivity, perturb, zero

TARGETS = ("theta", "drawn", "reference")


@dataclass(frozen=True, eq=False)
class Climb(Shown):
    """T1's setting: `merging` says how `|J| = l` neurons leave, `times` where segments are looked at inside."""

    start: State
    reference: TwoLayer
    merging: Merging
    times: tuple[Fraction, ...]

    @cached_property
    def corners(self) -> tuple[State, ...]:
        return (*freed(self.start, self.merging), *arrived(freed(self.start, self.merging)[-1], self))

    @property
    def loss(self) -> Fraction:
        """`L(theta)`."""
        return self.start.loss

    @cached_property
    def reference_loss(self) -> Fraction:
        """`L(g*)`, of the reference itself."""
        return State.of(self.reference, self.start.data).loss

    @cached_property
    def highest(self) -> Fraction:
        """The largest loss seen: at all corners, and at `times` on every segment."""
        return highest(self.corners, self.times)

    @cached_property
    def deviation(self) -> Fraction:
        """`D(J)` by theory, from sigma and masses rounded up."""
        return deviation(self.start, self.merging)

    def against(self, level: Fraction) -> Outcome:
        """Whether the path stays below `level` and ends at g*; the ratio is `risen` above both ends."""
        arrives = self.corners[-1].loss == self.reference_loss
        kind = facts(self.start, self.corners[1], level=level, reference_loss=self.reference_loss)
        outcome = bounded(self.highest, level, kind, besides=arrives, witness=self.witness())
        return replace(outcome, ratio=risen(self.highest, max(self.loss, self.reference_loss), level))

    def witness(self) -> Witness:
        networks = {"network": self.start.network(), "reference": self.reference}
        pairs = zip(self.merging.leaving.tolist(), self.merging.centres.tolist(), strict=True)
        leaving = {f"neuron {j} leaves into": Fraction(i) for j, i in pairs}
        numbers = {"L(theta)": self.loss, "L(g*)": self.reference_loss, "D(J)": self.deviation, **leaving}
        return Witness(networks, self.start.data, numbers)


def climbs(kinds: Sequence[str] = FLAT, width: Range = (2, 4)) -> st.SearchStrategy[Climb]:
    """T1's problems in these classes; often the targets make the loss 0 at theta, or at g*.

    Every other one is what the bound is for: nothing weighs much but a few neurons, g* has those, one of the two fits.
    """
    return _climbs(kinds, width)


@st.composite
def _climbs(draw: st.DrawFn, kinds: Sequence[str], width: Range) -> Climb:
    start = draw(states(kinds, width=width))
    outside = list(range(start.width))
    if has_stream(start.kind):
        outside = exact_basis(stacked_readers(start.kind, start.weights)).rest.tolist()
        assume(len(outside) >= 2)
    reference = draw(references_of(start, len(outside) - 1))
    light = draw(st.booleans())  # all that the plain kind needs is drawn in any case: so shrinking finds it
    start = draw(retargeted(start, reference))
    leaving = draw(assignments(outside, reference.width))
    if light:
        heavy = [neuron for neuron in range(start.width) if neuron not in leaving][: reference.width]
        rest = [neuron for neuron in range(start.width) if neuron not in heavy]
        start = draw(lightened(start, rest))
        reference = own(start, sorted([*heavy, *rest][: reference.width]))
        start = draw(retargeted(start, reference, ("theta", "reference")))
    return Climb(start, reference, projected(start.weights["W"], leaving), (draw(times()),))


@st.composite
def lightened(draw: st.DrawFn, start: State, neurons: Sequence[int]) -> State:
    """The same, but these neurons, and what the branch or the blocks return, weigh at most 2^-4 of what they did."""
    factor = Fraction(1, 2 ** draw(st.integers(4, 10)))
    changes = {name: start.weights[name].copy() for name in readers(start.weights)}
    for array in changes.values():
        array[:, neurons] *= factor
    changes |= {name: array * factor for name, array in start.weights.items() if own_name(name) == "U"}
    return start.then(changes)


def own(start: State, neurons: Sequence[int]) -> TwoLayer:
    """The two-layer network of some of the network's own neurons, as V reads them."""
    network = start.network()
    return TwoLayer(W=network.W[neurons], V=network.V[:, neurons], c=network.c, bias=network.bias)


@st.composite
def references_of(draw: st.DrawFn, start: State, most: int) -> TwoLayer:
    """A two-layer reference of at most so many neurons; every other time they are some of the network's own."""
    if not draw(st.booleans()):
        return draw(references(start.network(), 1, most))
    return own(start, sorted(draw(st.sets(st.integers(0, start.width - 1), min_size=1, max_size=most))))


@st.composite
def retargeted(draw: st.DrawFn, start: State, reference: TwoLayer, targets: Sequence[str] = TARGETS) -> State:
    """The same network on data whose targets are as drawn, its own outputs, or those of the reference."""
    match draw(st.sampled_from(targets)):
        case "theta":
            outputs = start.outputs
        case "reference":
            outputs = State.of(reference, start.data).outputs
        case _:
            return start
    return State.of(start.network(), with_targets(start.data, outputs))


def deviation(start: State, merging: Merging) -> Fraction:
    """`D(J)` of a projection by theory, from sigma and masses rounded up."""
    W = start.weights["W"].tolist()
    pairs = list(zip(merging.leaving.tolist(), merging.centres.tolist(), strict=True))
    sines = [Fraction(1) if i == NO_CENTRE else perturb.sine_square(W[j], W[i]) for j, i in pairs]
    masses = [start.masses.each[j] for j, _ in pairs]
    return perturb.deviation(sigma=root_up(start.sigma.upper), moves=list(zip(masses, sines, strict=True)))


def freed(start: State, merging: Merging) -> tuple[State, ...]:
    """The corners up to where nothing reads J: one fused segment, or in a stream perturb, transfer, rows, readers.

    Raises ValueError in a stream if J meets the column basis of the readers that is found from the left.
    """
    if not has_stream(start.kind):
        return start, start.then(fused(start.kind, start.weights, merging))
    basis = exact_basis(stacked_readers(start.kind, start.weights))
    moved = start.then(perturbed(start.weights, merging))
    handed = moved.then(transferred(start.kind, moved.weights, merging))
    fresh = exact_basis(stacked_readers(start.kind, handed.weights), [*basis.basis, *basis.rest])
    emptied = handed.then(rows_cleared(start.kind, handed.weights, fresh, merging.leaving))
    cleared = {name: emptied.weights[name].copy() for name in readers(emptied.weights)}
    for array in cleared.values():
        array[:, merging.leaving] *= 0
    return start, moved, handed, emptied, emptied.then(cleared)


def arrived(free: State, climb: Climb) -> tuple[State, State]:
    """The corners after that: the reference's rows on J, then its readout, and the branch silent."""
    reference, slots = exact_weights(climb.reference), climb.merging.leaving
    W, V = free.weights["W"].copy(), free.weights["V"] * 0
    W[slots], V[:, slots] = reference["W"], reference["V"]
    loaded = free.then({"W": W})
    changes = {"V": V}
    if free.kind == "parallel":
        changes["U"] = free.weights["U"] * 0
    if "c" in free.weights:
        changes["c"] = reference.get("c", free.weights["c"] * 0)
    return loaded, loaded.then(changes)


def highest(corners: Sequence[State], times: Sequence[Fraction]) -> Fraction:
    """The largest loss at the corners and at `times` on every segment between neighbours."""
    between = (a.toward(b, t).loss for a, b in pairwise(corners) for t in times)
    return max([*(corner.loss for corner in corners), *between])


def risen(seen: Fraction, base: Fraction, level: Fraction) -> float | None:
    """How much of what `level` allows above `base` is used, in roots of losses; None if it allows nothing."""
    low, high, here = (math.sqrt(value) for value in (base, level, max(seen, base)))
    return (here - low) / (high - low) if high > low else None


def zero_level(start: State, reference_loss: Fraction) -> Fraction:
    """R0's level by theory."""
    squares, sums = target_sums(Problem(start.data))
    zero_loss = zero.zero_loss(start.data.size, squares, sums, output_bias="c" in start.weights)
    return zero.level(start.loss, reference_loss, zero_loss)


def facts(start: State, end: State, *, level: Fraction | None = None, reference_loss: Fraction | None = None) -> Facts:
    """What kind of example a move from `start` to `end` is; `level` is compared with R0's."""
    informative = None
    if level is not None and reference_loss is not None:
        informative = connectivity.informative(level, zero_level(start, reference_loss))
    return Facts(
        informative=informative,
        active=start.signs() != end.signs(),
        outputs=start.targets.shape[1] > 1,
        branch=adds_linearly(start.kind) and any(start.masses.lambdas),
    )
