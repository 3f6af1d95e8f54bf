"""Paths of one quadratic Bezier arc, for finder and checkers: by hand, and drawn from a seed for every loss."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from numerics.networks.base import Network
from numerics.networks.classes import network_of
from support.certificates import Forge, Weights
from support.loss_segments import segment_of

SIXTEENTHS = [Fraction(k, 16) for k in range(1, 16)]


def arc_of(loss: str, rng: np.random.Generator, *, scale: float = 1.0) -> Forge:
    """An arc of a random class whose targets fit the loss; now and then a parameter stays, or comes back to its start.

    `scale`: of the control's deviation from the straight line.
    """
    line = segment_of(loss, rng)
    start, moves, control = line.start, dict(line.segments[0][1]), {}
    for name in list(moves):
        chance = rng.random()
        if chance < 0.15:
            del moves[name]
            continue
        if chance < 0.3:
            moves[name] = ("all", start[name])
        deviation = np.round(rng.normal(size=start[name].shape) * 64 * scale) / 64
        control[name] = (start[name] + np.array(moves[name][1])) / 2 + deviation
        if rng.random() < 0.3:  # floats of full length
            control[name] = control[name] * (1.0 + rng.normal(size=start[name].shape) * 2.0**-30)
    return replace(line, segments=[("curve", moves)], controls={0: control})


def bump(upper: Fraction = Fraction(41, 10)) -> Forge:
    """`W` leaves 1 and comes back, its control is 3: f = 1 + 4 t (1 - t), and the loss f^2 is highest, 4, at 1/2."""
    one = np.array([[1.0]])
    moves = {"W": ("all", one)}
    forge = Forge("two-layer", 0, {"W": one, "V": one}, one, np.array([[0.0]]), [("curve", moves)], "certify")
    controls = {0: {"W": np.array([[3.0]])}}
    return replace(forge, controls=controls, cuts={0: SIXTEENTHS}, peak=(0, Fraction(1, 2)), upper=upper)


def networks(forge: Forge) -> tuple[Network, Network, Network]:
    """Start, control and end of the forge's arc as the finder has them."""
    start, end = forge.corners()
    parts: tuple[Weights, ...] = (start, {**start, **forge.controls[0]}, end)
    made = [network_of(forge.kind, dict(part), bias=bool(forge.bias)) for part in parts]
    return made[0], made[1], made[2]
