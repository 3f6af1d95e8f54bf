"""The Fraction checker on general segments: plain intervals, and exact losses at the place that is stated."""

from fractions import Fraction

import numpy as np
import pytest

from support.certificates import Forge, entries_of, pack, stated
from support.second_checker import CANNOT_TELL, check

F = Fraction


def general(network_class="residual", **claims):
    """V (z + U [A z]_+) with z = U = 1, V: 2 -> 0, A: 0 -> 4: the maximum 625/64 is at 3/8."""
    names = ("blocks.0.A", "blocks.0.U") if network_class in ("stream", "post") else ("A", "U")
    one = np.array([[1.0]])
    start = {"W": one, "V": np.array([[2.0]]), names[0]: np.array([[0.0]]), names[1]: one}
    moves = {"V": ("all", [[0.0]]), names[0]: ("all", [[4.0]])}
    claims = {"peak": (0, F(3, 8)), "upper": F(10), "question": "certify"} | claims
    return Forge(network_class, 0, start, one, np.zeros((1, 1)), [("general", moves)], **claims)


def verdict_on(forge):
    """The verdict on the forge's own document."""
    return check(pack(entries_of(forge.document(), forge.arrays())), forge.x, forge.y)


@pytest.mark.parametrize("network_class", ["residual", "stream", "post"])
def test_general_segments_are_enclosed_by_intervals(network_class):
    """A bound above the maximum is established, one below it is refuted, one just above it cannot be told."""
    verdict = verdict_on(general(network_class))
    assert (verdict.accepted, verdict.maximum, verdict.upper) == (True, F(625, 64), F(10))
    assert verdict_on(general(network_class, peak=(0, F(1, 8)), upper=F(7))).reason.startswith("general: the loss")
    assert verdict_on(general(network_class, upper=F(625, 64))).reason.startswith(CANNOT_TELL)
    assert verdict_on(general(network_class, upper=F(9))).reason == "maximum: a loss above the upper bound"


@pytest.mark.parametrize("network_class", ["two-layer", "parallel", "residual", "stream", "post", "plain"])
def test_losses_at_the_stated_place_are_exact_in_every_class(network_class):
    """The true loss at 1/3 is accepted or left open, one that differs by 10^-30 is refused for it."""
    shapes = {"W": (2, 2), "V": (1, 2), "c": (1,)}
    prefix = "blocks.0." if network_class in ("stream", "post") else ""
    if network_class != "two-layer":
        shapes |= {f"{prefix}A": (2, 2), f"{prefix}a": (2,), f"{prefix}B1": (1, 2)}
        shapes[f"{prefix}U"] = (2 if network_class in ("residual", "stream", "post") else 1, 1)
    if network_class == "plain":
        del shapes["V"]
    draw = np.random.default_rng(4)
    start = {name: draw.normal(size=shape) for name, shape in shapes.items()}
    moves = {name: ("all", draw.normal(size=shape)) for name, shape in shapes.items()}
    forge = Forge(network_class, 1, start, draw.normal(size=(3, 1)), draw.normal(size=(3, 1)), [("general", moves)])
    forge.peak, forge.upper = (0, F(1, 3)), F(10**6)
    place = forge.loss_at(0, F(1, 3)) < max(forge.losses())
    reason = verdict_on(forge).reason
    assert reason.startswith("maximum: not between") if place else reason == "accepted"
    document = forge.document()
    document["maximum"]["loss"] = stated(forge.loss_at(0, F(1, 3)) + F(1, 10**30))
    verdict = check(pack(entries_of(document, forge.arrays())), forge.x, forge.y)
    assert verdict.reason.startswith("maximum: not the loss at the place")
