"""What `theory` says beside what was certified: every bound with R0, the yardstick, and marked informative or not."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

from numerics.arithmetic.positive import root_up
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import branch_is_silent, exact_losses, fraction, losses_of, readout_is_optimal, target_sums
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED
from numerics.maxima.pieces import PathMaximum, above
from numerics.moves.deviation import displacement, measured
from numerics.moves.mass import masses, sigma_squared
from numerics.moves.merge import merge
from numerics.networks.base import Network
from numerics.networks.classes import FLAT
from numerics.networks.readers import adds_linearly, has_stream, later_readers
from numerics.paths import Kind
from numerics.questions.found import Found
from numerics.questions.notes import closed_form
from numerics.questions.result import Bound
from numerics.routes.choices import CHOICES
from numerics.routes.constant import constant_network
from numerics.routes.measured import best_measured


def connect_bounds(answer: Found) -> dict[str, Bound]:
    """Levels that `theory` gives for a path between the two ends: R0's, the route's own from its corner losses.

    With a two-layer reference, under squared error: T1's by every closed form and by RM (the larger of both ends').
    """
    from theory.statements import connectivity

    if not answer.path.start.readout:  # no statement is about it
        return {}
    yardstick = _yardstick(answer)
    bounds = {"R0": Bound(yardstick, informative=False, kind="level", exact=_exact(answer))}
    for name, level in _by_corners(answer).items():
        informative = connectivity.informative(level, yardstick)
        bounds[name] = Bound(level, informative=informative, kind="level", exact=_exact(answer))
    if answer.via is not None and _squared(answer):
        goal = exact_losses([answer.via], answer.problem)[0]
        ends = [(answer.path.start, answer.corners.start), (answer.path.end, answer.corners.end)]
        levels = [_levels(network, fraction(loss), answer.via.width, goal, answer) for network, loss in ends]
        for name in levels[0].keys() & levels[1].keys():
            level = max(levels[0][name], levels[1][name])
            informative = connectivity.informative(level, yardstick)
            bounds[name] = Bound(level, informative=informative, kind="level", exact=False)
    if (level_ := _half_and_half(answer)) is not None:
        informative = connectivity.informative(level_, yardstick)
        bounds["C2T"] = Bound(level_, informative=informative, kind="level", exact=False, rate="bounded S")
    return dict(sorted(bounds.items()))


def _half_and_half(answer: Found) -> Fraction | None:
    """C2T's level, for a loss that is beta-smooth: `lambda + (beta/2) sigma^2 S^2/floor(m/2)`, with the larger mass;
    None where a branch affects an output, and for other losses.
    """
    from theory.statements import halves

    ends, smooth = (answer.path.start, answer.path.end), answer.problem.loss.smoothness
    if smooth is None or not all(one.has_skip and one.width >= 2 and branch_is_silent(one) for one in ends):
        return None
    sigma = above(sigma_squared(answer.data, bias=ends[0].bias).upper)
    return halves.level(
        above(max(answer.corners.start.top, answer.corners.end.top)),
        sigma_square=sigma,
        mass=above(max(masses(one).total for one in ends)),
        width=ends[0].width,
        smoothness=smooth,
    )


def depth_bounds(answer: Found) -> dict[str, Bound]:
    """Depths that `theory` gives where the reference is better: R0's, the route's own from its corner losses, and under
    squared error C1's by every closed form, by L3 for the neurons that this very path merged, and by RM for the best J
    found or, if that is less, for what this path's hidden segments move; C1+'s by the least D of a merging, where V is
    optimal.
    """
    from theory.statements import connectivity

    if not answer.corners.end.below(answer.corners.start) or answer.reference is None:
        return {}
    yardstick, first = _yardstick(answer), answer.corners.start.lower
    bounds = {"R0": _zero_depth(answer)}
    start, neurons = answer.path.start, answer.reference.network.width
    own, levels = _by_corners(answer), dict[str, Fraction]()
    if _squared(answer):
        last = fraction(answer.corners.end)
        levels = _levels(start, first, neurons, last, answer)
        stages = measured_level(answer, last)
        if stages is not None:
            levels["RM"] = min(stages, (levels | own).get("RM", stages))
    levels |= own
    for name, level in sorted(levels.items()):
        informative = connectivity.informative(level, yardstick)
        exact = name in own and _exact(answer)
        bounds[name] = Bound(level - first, informative=informative, kind="depth", exact=exact)
    if _squared(answer) and _has_optimal_readout(answer):
        merged = [one for name, one in deviations(start, neurons, answer).items() if name not in ("R7", "R8")]
        depth = connectivity.depth_upper(  # C1+ is about J admissible in L3
            loss=first, deviation=above(min(merged)), reference_loss=last, optimal_readout=True
        )
        informative = connectivity.informative(first + depth, yardstick)
        bounds["C1+"] = Bound(depth, informative=informative, kind="depth", exact=False)
    return bounds


def way_down_bounds(answer: Found) -> dict[str, Bound]:
    """Depths beside a way down without a reference: R0's, through the zero output, and a closed form: C7's, or under a
    smooth loss with a silent branch T7L's.

    Either is about parameters above its threshold, for which no g* is at hand: the bound names its condition.
    """
    from theory.statements import connectivity

    if not answer.corners.end.below(answer.corners.start):
        return {}
    bounds = {"R0": _zero_depth(answer)}
    name, depth = closed_form(answer.problem.loss), _one_slot(answer)
    if name is not None and depth is not None:
        informative = connectivity.informative(answer.corners.start.top + depth, _yardstick(answer))
        under = f"some two-layer network is better by {name}'s threshold"
        bounds[name] = Bound(depth, informative=informative, kind="depth", exact=False, rate="bounded S", under=under)
    return bounds


def _one_slot(answer: Found) -> Fraction | None:
    """C7's closed form at the start; under a beta-smooth loss T7L's `beta/2 (sigma S/m)^2`, as some neuron's effect is
    at most `sigma S/m`. None where no neuron can be emptied, for other losses, and for these with a live branch.
    """
    from theory.statements import one_slot, one_slot_losses

    start, loss = answer.path.start, answer.problem.loss
    if not adds_linearly(start.kind) or not (width := _usable(start)):
        return None
    mass = masses(start)
    sigma, total, silent = _sigma(start, answer.data), above(mass.total), not any(mass.lambdas)
    if _squared(answer):
        most = above(answer.corners.start.top)
        return one_slot.depth_upper(loss=most, sigma=sigma, mass=total, width=width, silent_branch=silent)
    if loss.smoothness is None or not silent:
        return None
    effect = sigma * total / width
    return above(one_slot_losses.smooth_depth(constant=loss.smoothness, effect_square=effect * effect))


def _by_corners(answer: Found) -> dict[str, Fraction]:
    """The level that the route's statement gives from the losses at the path's corners, by its id, if it has one."""
    from theory.catalogue import CATALOGUE

    if answer.route is None or answer.route.bound is None or (peaks := _peaks(answer)) is None:
        return {}
    start, *between = (loss.top for loss in answer.corners.losses)
    level = CATALOGUE.levels[answer.route.bound]
    return {answer.route.bound: level([start, *peaks, *between])}


def _peaks(answer: Found) -> list[Fraction] | None:
    """What no loss on hidden and general segments exceeds: where a stream's blocks are silenced, above corners by
    rounding alone. None where that is not known.
    """
    if not isinstance(answer.corners, PathMaximum):
        return []
    bounds = [piece.upper for piece in answer.corners.pieces]
    if any(bound is None for bound in bounds):
        return None
    return [*(one.loss for _, one in answer.corners.hidden), *(bound for bound in bounds if bound is not None)]


def _squared(answer: Found) -> bool:
    """Whether the closed forms are about this loss: T1's levels are, and C7's."""
    return answer.problem.loss == SQUARED


def _exact(answer: Found) -> bool:
    """Whether levels at corners are known exactly."""
    return answer.problem.loss.rational


def _yardstick(answer: Found) -> Fraction:
    """R0's level: of an irrational loss its upper end."""
    from theory.statements import zero

    corners = answer.corners
    return zero.level(corners.start.top, corners.end.top, _zero_loss(answer))


def _zero_depth(answer: Found) -> Bound:
    """R0's depth, where the end is better: the climb from the start to the zero output."""
    from theory.statements import zero

    first, last = answer.corners.start.lower, answer.corners.end.lower
    depth = zero.depth_bound(first, _zero_loss(answer), reference_loss=last)
    return Bound(depth, informative=False, kind="depth", exact=_exact(answer))


def closed_forms(network: Network, neurons: int, data: Data) -> dict[str, Fraction]:
    """Upper bounds of D for freeing so many neurons, by every route that has a closed form and applies here.

    All under the network's own mass S and Lambda, which are upper bounds of what it has. RESIDUAL and STREAM: with
    `m - r` for `m`, r the rank of the readers.
    """
    from theory.statements import close_pairing, merging, pairing

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
        if network.outputs == 1 and not live and dimension >= 1 and 2 * neurons < width:
            found["R8"] = close_pairing.deviation(
                sigma=sigma, mass=total, width=width, neurons=neurons, dimension=dimension
            )
    return found


def t1_level(loss: Fraction, goal: Fraction, deviation: Fraction) -> Fraction:
    """T1's level (T2's, T3's) from a loss to a reference of loss `goal`, rounded up."""
    from theory import exact
    from theory.statements import connectivity

    return exact.upper(connectivity.level(above(loss), above(goal), above(deviation)))


def zero_loss(data: Data, *, output_bias: bool) -> Fraction:
    """`L_0` for squared error: of the zero output, or with an output bias of the best constant one, exactly."""
    from theory.statements import zero

    squares, sums = target_sums(Problem(data))
    return zero.zero_loss(data.size, squares, sums, output_bias=output_bias)


def constant_loss(like: Network, problem: Problem) -> Fraction:
    """`L_0`: the loss of the constant output that the zero path goes through; of an irrational one the upper end.

    For squared error that is the least of all constants, for other losses the best one that was found.
    """
    if problem.loss == SQUARED:
        return zero_loss(problem.data, output_bias=like.output_bias is not None)
    return losses_of([constant_network(like, problem)], problem)[0].top


def deviations(network: Network, neurons: int, answer: Found) -> dict[str, Fraction]:
    """Every bound of D there is for `l` neurons, by statement; L3 for the merging of this answer's path.

    RM is that of the best J found, or where the route itself (R1 to R4) is asked for, of its J. RESIDUAL and STREAM: L3
    is that of the path before its weights were rounded, and there is no RM. POST has no closed form (T1P).
    """
    if not adds_linearly(network.kind):
        return {}
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
    return constant_loss(answer.path.start, answer.problem)
