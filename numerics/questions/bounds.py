"""What `theory` says beside what was certified: every bound with R0, the yardstick, and marked informative or not."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

from numerics.arithmetic.positive import root_up
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses, fraction, readout_is_optimal, target_sums
from numerics.losses.problem import Problem
from numerics.maxima.pieces import PathMaximum, above
from numerics.moves.deviation import displacement, measured
from numerics.moves.mass import masses, sigma_squared
from numerics.moves.merge import merge
from numerics.networks.base import Network
from numerics.networks.classes import FLAT
from numerics.networks.readers import has_stream, later_readers
from numerics.paths import Kind
from numerics.questions.found import Found
from numerics.questions.result import Bound
from numerics.routes.choices import CHOICES
from numerics.routes.measured import best_measured


def connect_bounds(answer: Found) -> dict[str, Bound]:
    """Levels that `theory` gives for a path between the two ends: R0's, the route's own from its corner losses, and,
    with a two-layer reference, T1's level by every closed form and by RM (the larger of both ends').
    """
    from theory.statements import connectivity, zero

    first, last = fraction(answer.corners.start), fraction(answer.corners.end)
    yardstick = zero.level(first, last, _zero_loss(answer))
    bounds = {"R0": Bound(yardstick, informative=False, kind="level")}
    for name, level in _by_corners(answer).items():
        bounds[name] = Bound(level, informative=connectivity.informative(level, yardstick), kind="level")
    if answer.via is not None:
        goal = exact_losses([answer.via], answer.problem)[0]
        ends = [(answer.path.start, first), (answer.path.end, last)]
        levels = [_levels(network, loss, answer.via.width, goal, answer) for network, loss in ends]
        for name in levels[0].keys() & levels[1].keys():
            level = max(levels[0][name], levels[1][name])
            informative = connectivity.informative(level, yardstick)
            bounds[name] = Bound(level, informative=informative, kind="level", exact=False)
    return dict(sorted(bounds.items()))


def depth_bounds(answer: Found) -> dict[str, Bound]:
    """Depths that `theory` gives where the reference is better: R0's, the route's own from its corner losses, C1's by
    every closed form, by L3 for the neurons that this very path merged, and by RM for the best J found or, if that is
    less, for what this path's hidden segments move; C1+'s by the least D of a merging, where V is optimal.
    """
    from theory.statements import connectivity, zero

    if not answer.corners.end.below(answer.corners.start) or answer.reference is None:
        return {}
    first, last, zero_loss = fraction(answer.corners.start), fraction(answer.corners.end), _zero_loss(answer)
    yardstick = zero.level(first, last, zero_loss)
    R0 = zero.depth_bound(first, zero_loss, reference_loss=last)
    bounds = {"R0": Bound(R0, informative=False, kind="depth")}
    start, neurons = answer.path.start, answer.reference.network.width
    levels = _levels(start, first, neurons, last, answer)
    own = _by_corners(answer)
    levels |= own
    stages = measured_level(answer, last)
    if stages is not None:
        levels["RM"] = min(stages, levels.get("RM", stages))
    for name, level in sorted(levels.items()):
        informative = connectivity.informative(level, yardstick)
        bounds[name] = Bound(level - first, informative=informative, kind="depth", exact=name in own)
    if _has_optimal_readout(answer):
        merged = [one for name, one in deviations(start, neurons, answer).items() if name != "R7"]
        depth = connectivity.depth_upper(  # C1+ is about J admissible in L3
            loss=first, deviation=above(min(merged)), reference_loss=last, optimal_readout=True
        )
        informative = connectivity.informative(first + depth, yardstick)
        bounds["C1+"] = Bound(depth, informative=informative, kind="depth", exact=False)
    return bounds


def way_down_bounds(answer: Found) -> dict[str, Bound]:
    """Depths beside a way down without a reference: R0's, through the zero output, and C7's closed form.

    C7 is about parameters above its threshold, for which no g* is at hand: the bound names its condition.
    """
    from theory.statements import connectivity, one_slot, zero

    start = answer.path.start
    if not answer.corners.end.below(answer.corners.start):
        return {}
    first, last, nothing = fraction(answer.corners.start), fraction(answer.corners.end), _zero_loss(answer)
    R0 = zero.depth_bound(first, nothing, reference_loss=last)
    bounds = {"R0": Bound(R0, informative=False, kind="depth")}
    width = _usable(start)
    if width:
        mass = masses(start)
        C7 = one_slot.depth_upper(
            loss=above(first),
            sigma=_sigma(start, answer.data),
            mass=above(mass.total),
            width=width,
            silent_branch=not any(mass.lambdas),
        )
        yardstick = zero.level(first, last, nothing)
        informative = connectivity.informative(first + C7, yardstick)
        under = "some two-layer network is better by C7's threshold"
        bounds["C7"] = Bound(C7, informative=informative, kind="depth", exact=False, rate="bounded S", under=under)
    return bounds


def _by_corners(answer: Found) -> dict[str, Fraction]:
    """The level that the route's statement gives from the losses at the path's corners, by its id, if it has one."""
    from theory.catalogue import CATALOGUE

    if answer.route is None or answer.route.bound is None:
        return {}
    start, *between = map(fraction, answer.corners.losses)
    level = CATALOGUE.levels[answer.route.bound]
    return {answer.route.bound: level([start, *_peaks(answer), *between])}


def _peaks(answer: Found) -> list[Fraction]:
    """The largest losses on hidden segments: where a stream's blocks are silenced, above corners by rounding alone."""
    return [one.loss for _, one in answer.corners.hidden] if isinstance(answer.corners, PathMaximum) else []


def closed_forms(network: Network, neurons: int, data: Data) -> dict[str, Fraction]:
    """Upper bounds of D for freeing so many neurons, by every route that has a closed form and applies here.

    All under the network's own mass S and Lambda, which are upper bounds of what it has. RESIDUAL and STREAM: with
    `m - r` for `m`, r the rank of the readers.
    """
    from theory.statements import merging, pairing

    mass, width = masses(network), _usable(network)
    sigma = _sigma(network, data)
    total, dimension = above(mass.total), network.W.shape[1] - 1
    found = {}
    for route in CHOICES if neurons < width else ():
        with suppress(ValueError):  # d = 0 with too few neurons to merge exactly
            found[route] = merging.deviation(
                route, sigma=sigma, mass=total, width=width, neurons=neurons, dimension=dimension
            )
    if 2 * neurons <= width:
        live = sum(factor > 0 for factor in mass.lambdas)
        sizes = {"width": width, "neurons": neurons, "blocks": max(1, live)}
        found["R7"] = pairing.deviation(sigma=sigma, mass=total, silent_branch=not live, **sizes)
    return found


def t1_level(loss: Fraction, goal: Fraction, deviation: Fraction) -> Fraction:
    """T1's level (T2's, T3's) from a loss to a reference of loss `goal`, rounded up."""
    from theory import exact
    from theory.statements import connectivity

    return exact.upper(connectivity.level(above(loss), above(goal), above(deviation)))


def zero_loss(data: Data, *, output_bias: bool) -> Fraction:
    """`L_0`, the loss of the zero output, or with an output bias of the best constant one, exactly."""
    from theory.statements import zero

    squares, sums = target_sums(Problem(data))
    return zero.zero_loss(data.size, squares, sums, output_bias=output_bias)


def deviations(network: Network, neurons: int, answer: Found) -> dict[str, Fraction]:
    """Every bound of D there is for `l` neurons, by statement; L3 for the merging of this answer's path.

    RM is that of the best J found, or where the route itself (R1 to R4) is asked for, of its J. RESIDUAL and STREAM: L3
    is that of the path before its weights were rounded, and there is no RM.
    """
    found = closed_forms(network, neurons, answer.data)
    own = answer.candidate.merging if network is answer.path.start else None
    if own is not None:
        found["L3"] = _sigma(network, answer.data) * displacement(network.W, own, masses(network))
    if network.kind in FLAT and neurons < network.width:
        with suppress(InputError):  # too little memory for the quadratic forms
            if own is not None and answer.route is not None and answer.route.statement in CHOICES:
                merged, mass = merge(network, own).end, masses(network)
                found["RM"] = measured(network, merged, answer.problem, mass)
            else:
                found["RM"] = best_measured(network, neurons, answer.problem)
    return found


def measured_level(answer: Found, goal: Fraction) -> Fraction | None:
    """RM: T1's level where V and A move on hidden segments, the largest by the deviation measured on each; None where
    they do on none, in RESIDUAL and STREAM, and where memory is too little. On exact segments the deviation is 0.
    """
    if answer.candidate.exact is not None:
        return None if has_stream(answer.path.start.kind) else max(fraction(answer.corners.start), goal)
    path, losses = answer.path, [fraction(loss) for loss in answer.corners.losses]
    levels = []
    for before, segment in zip(losses, path.segments, strict=False):  # one corner more than segments
        if segment.kind is Kind.HIDDEN and not has_stream(segment.start.kind):
            try:
                mass = masses(segment.start)
                deviation = measured(segment.start, segment.end, answer.problem, mass)
            except InputError:
                return None
            levels.append(t1_level(before, goal, deviation))
    return max([*levels, *losses]) if levels else None  # between corners all other segments stay below these


def _levels(network: Network, loss: Fraction, neurons: int, goal: Fraction, answer: Found) -> dict[str, Fraction]:
    """T1's level (T2's, T3's) from a network to a reference with so many neurons and the loss `goal`, by every D."""
    found = deviations(network, neurons, answer)
    return {name: t1_level(loss, goal, deviation) for name, deviation in found.items()}


def _has_optimal_readout(answer: Found) -> bool:
    """C1+'s hypotheses at the start, exactly: V is optimal for the rest, and Lambda = 0 (a branch that does
    not affect the output, or none). False where memory is too little to know.
    """
    network = answer.path.start
    if has_stream(network.kind) or any(masses(network).lambdas):
        return False
    try:
        return readout_is_optimal(network, answer.problem)
    except InputError:
        return False


def _usable(network: Network) -> int:
    """What the routes may use for m: all neurons, or all but the rank of what reads the stream (T2, T3)."""
    from theory.statements import stream

    if not has_stream(network.kind):
        return network.width
    weights = network.parameters()
    later = [len(weights[name]) for name in later_readers(network.kind, weights) if name != "V"]
    return max(0, network.width - stream.reader_rank(outputs=network.outputs, later_rows=later))


def _sigma(network: Network, data: Data) -> Fraction:
    return above(root_up(sigma_squared(data, bias=network.bias).upper))


def _zero_loss(answer: Found) -> Fraction:
    return zero_loss(answer.data, output_bias=answer.path.start.c is not None)
