"""What a reader should know besides the claim: by the finder's arithmetic, and in no certificate."""

from __future__ import annotations

import shlex

import numpy as np

from numerics.arithmetic.rationals import brief, decimal
from numerics.losses import float_loss, losses_of, readout_is_improvable
from numerics.losses.loss import Loss
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED
from numerics.networks.base import Network
from numerics.networks.forward import outputs, with_ones
from numerics.questions.floor import Floor
from numerics.questions.found import Found
from numerics.questions.staircase import Descent
from numerics.routes.applies import UNFIT, free_neurons, obstacle
from numerics.routes.constant import constant_float_loss

MOST_RIGHT = 0.5  # of the labels, of a network that was trained on them


def loss_notes(problem: Problem, *networks: Network) -> list[str]:
    """Whether squared error is asked of networks that look trained for another loss, in float64: a hint, no claim.

    Their loss is above R0's while most labels are right.
    """
    labels = problem.data.labels
    if problem.loss != SQUARED or labels is None:
        return []
    for network in networks:
        right = float((outputs(network, problem.X).argmax(axis=1) == labels).mean())
        loss, zero = float_loss(network, problem), constant_float_loss(network, problem)
        if right > MOST_RIGHT and loss > zero:
            return [
                f"about {100 * right:.0f}% of the labels are right, yet the squared loss of about {loss:.3g} lies above"
                f" R0's {zero:.3g}: these networks look trained for another loss; --loss cross-entropy is about labels"
            ]
    return []


def closed_form(loss: Loss) -> str | None:
    """The statement whose closed form bounds the depth of a parameter under this loss, if there is one."""
    if loss == SQUARED:
        return "C7"
    return None if loss.smoothness is None else "T7L"


SHORT = 5  # significant digits


def depth_notes(found: Found) -> list[str]:
    """What the reader of a depth should know besides, by the finder's exact arithmetic; not in the certificate."""
    if found.problem.loss != SQUARED or not readout_is_improvable(found.path.start, found.problem):
        return []
    return [
        "the loss has a non-zero derivative in the readout here, so this parameter is no local minimum and its depth"
        " is 0 by a small readout step alone; what the path adds is how far one must climb to reach the reference"
    ]


def way_down_notes(found: Descent, steps: int) -> list[str]:
    """What the first refit means, what C7 asks for, and why there are fewer steps than were asked for."""
    notes = []
    if found.refitted:
        notes.append(
            "a plainly trained network is no exact critical point: the first refit, of the readout alone, lowers the"
            " loss at no cost, which is no news; what says how shallow it is comes after that refit"
        )
    silent = int((~_active(found.path.start, found.problem)).sum())
    if silent:
        verb = "are" if silent > 1 else "is"
        notes.append(
            f"{silent} of m = {found.path.start.width} neurons {verb} active at no data point (in float64): emptying"
            " such a one costs nothing on these data"
        )
    if found.steps < steps and found.stairs:
        notes.append(f"{found.steps} of {steps} steps were found: {found.stopped}")
    linear = found.path.start.adds_linearly
    if linear and (closed := closed_form(found.problem.loss)) is not None:
        notes.append(
            f"{closed} is a closed form in sigma and this network's mass S, so small under bounded S only; it bounds"
            f" the depth where some two-layer network is better by {closed}'s threshold, while the path needs neither"
        )
    return notes


def floor_notes(found: Floor) -> list[str]:
    """What theory says of the depth where there is no path, hence no certificate that would carry it to the checker."""
    if not found.depth:
        return []
    return [
        "this network and data meet T10's hypotheses, by which its depth is at least"
        f" {brief(found.depth, up=False, digits=SHORT)}: theory's own exact evaluation, not a claim that was checked"
    ]


def fitted_notes(found: Found) -> list[str]:
    """Which reference a connect used that was given `eta` in place of one."""
    if found.via is None:
        return []
    loss = decimal(losses_of([found.via], found.problem)[0].top, up=True)
    kept, m = found.via.width, found.path.start.width
    unused = "" if found.route is not None and found.route.referenced else "; the path found does without it"
    return [
        f"the reference is a fit on l = floor(m^eta) = {kept} of the start's m = {m} neurons;"
        f" its loss is at most {loss}{unused}"
    ]


def bridge_notes(found: Found, source: str | None) -> list[str]:
    """What might lower the barrier of a connect that was given no reference; `source`: the data's file, if any."""
    if found.via is not None or found.corners.barrier.upper == 0 or not found.path.start.has_skip:
        return []
    if found.path.start.without_features is not None:
        return []
    free = free_neurons((found.path.start, found.path.end))
    neurons = found.path.start.width // 2 if free is None else min(found.path.start.width // 2, max(0, free - 1))
    if not (neurons and found.path.start.bias):  # what train makes has a bias
        return []
    data = shlex.quote(source or found.data.name)
    return [
        "this path goes through what the two networks have themselves; through a better two-layer network it may stay"
        f" lower: skipscape train {data} --class two-layer --width {neurons} --out ref.npz, then"
        " --reference ref.npz"
    ]


def route_notes(found: Found) -> list[str]:
    """Why routes do not apply, where a lower path might be hoped for and `auto` was free to take any."""
    if found.corners.barrier.upper == 0 or len(found.routes) <= 1:  # none: a way down, which has one route
        return []
    if (words := found.path.start.without_features) is not None:
        return [f"routes about the features of a first layer do not apply: {words}"]
    goal = found.via if found.reference is None else found.reference.network
    ends = (found.path.start,) if found.reference is not None else (found.path.start, found.path.end)
    if (hindered := obstacle(ends, None if goal is None else goal.width)) is not None:
        always = ", with any reference" if obstacle(ends, None) is not None else ""
        return [f"routes through a reference do not apply{always}: {hindered}"]
    without = {name: words for name, words in found.routes.items() if words.startswith(UNFIT)}
    return [f"route {name} {words}" for name, words in without.items()]


def _active(network: Network, problem: Problem) -> np.ndarray:
    """Which neurons (m,) are active at some data point, in float64."""
    with np.errstate(all="ignore"):
        reach: np.ndarray = (with_ones(problem.X, network.bias) @ network.W.T).max(axis=0)
    return reach > 0.0
