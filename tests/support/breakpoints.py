"""Slow, obvious answers for hidden segments: routes written out one by one, breakpoints found sample by sample.

A pre-activation is linear in `t` between neighbouring breakpoints of the layers before it, so its zeros there follow
from its values at the two. Every value is the exact network at the exact time, by `oracles`; nothing is propagated.
"""

from collections.abc import Collection
from fractions import Fraction
from itertools import pairwise
from typing import Any

from support import loss_oracles, oracles

Route = list[str]
"""The parameters on the way from an input or a bias to the output."""
ZERO, ONE = Fraction(0), Fraction(1)


def layers_of(names: Collection[str], prefix: str = "") -> list[list[str]]:
    """`[A, a], [B1, b1], ...` of a branch, biases only where they exist."""
    layers = [[f"{prefix}A", f"{prefix}a"]]
    while f"{prefix}B{len(layers)}" in names:
        layers.append([f"{prefix}B{len(layers)}", f"{prefix}b{len(layers)}"])
    return [[name for name in layer if name in names] for layer in layers]


def through(names: Collection[str], prefix: str, ways: list[Route]) -> list[Route]:
    """All ways through a branch and its `U`: those of `ways` that enter it, and those that begin at a bias."""
    for matrix, *bias in layers_of(names, prefix):
        ways = [[*way, matrix] for way in ways] + [[name] for name in bias]
    return [[*way, f"{prefix}U"] for way in ways]


def routes(network_class: str, names: Collection[str]) -> list[Route]:
    """Every route from an input or a bias to the output, as the list of parameters that it meets."""
    ways = [["W"]]
    offset = [["c"]] if "c" in names else []
    if network_class == "two-layer":
        return [["W", "V"], *offset]
    if network_class == "parallel":
        return [["W", "V"], *through(names, "", ways), *offset]
    if network_class == "plain":
        return [*through(names, "", ways), *offset]
    blocks = [""] if network_class == "residual" else []
    while network_class in ("stream", "post") and f"blocks.{len(blocks)}.A" in names:
        blocks.append(f"blocks.{len(blocks)}.")
    for prefix in blocks:
        ways = ways + through(names, prefix, ways)
    return [[*way, "V"] for way in ways] + offset


def is_hidden(network_class: str, names: Collection[str], moved: Collection[str]) -> bool:
    """Whether no route meets two of the parameters that move."""
    return all(len(set(route) & set(moved)) <= 1 for route in routes(network_class, names))


def pre_activations(
    parameters: oracles.Parameters, network_class: str, bias: int, x: oracles.Vector
) -> list[oracles.Vector]:
    """The pre-activations of every layer, in an order in which each depends on earlier ones alone."""
    found = [oracles.affine(parameters["W"], [*x, ONE] if bias else x)]
    z = oracles.relu(found[0])
    prefixes = [] if network_class in ("two-layer", "stream", "post") else [""]
    while network_class in ("stream", "post") and f"blocks.{len(prefixes)}.A" in parameters:
        prefixes.append(f"blocks.{len(prefixes)}.")
    for prefix in prefixes:
        h = z
        for matrix, *offset in layers_of(parameters, prefix):
            found.append(oracles.affine(parameters[matrix], h, parameters[offset[0]] if offset else None))
            h = oracles.relu(found[-1])
        if network_class in ("residual", "stream", "post"):
            z = oracles.added(z, oracles.affine(parameters[f"{prefix}U"], h))
        if network_class == "post":
            found.append(z)
            z = oracles.relu(z)
    return found


def sample_breakpoints(
    start: oracles.Parameters, end: oracles.Parameters, network_class: str, bias: int, x: Any
) -> list[Fraction]:
    """The times strictly between 0 and 1 at which a pre-activation changes its sign, ascending."""
    seen: dict[Fraction, list[oracles.Vector]] = {}

    def at(t: Fraction) -> list[oracles.Vector]:
        if t not in seen:
            seen[t] = pre_activations(oracles.interpolate(start, end, t), network_class, bias, oracles.rationals(x))
        return seen[t]

    times = [ZERO, ONE]
    for layer in range(len(at(ZERO))):
        found = set(times)
        for a, b in pairwise(times):
            for left, right in zip(at(a)[layer], at(b)[layer], strict=True):
                if left < 0 < right or right < 0 < left:
                    found.add(a + (b - a) * left / (left - right))
        times = sorted(found)
    return times[1:-1]


def hidden_maximum(
    start: oracles.Parameters,
    end: oracles.Parameters,
    network_class: str,
    bias: int,
    X: Any,
    Y: Any,
    loss: str = "squared",
) -> tuple[Fraction, Fraction, int]:
    """`(maximum, its first time, number of breakpoints of single samples)` over a hidden segment.

    `loss`: a rational one. All are convex in the outputs, so it is convex between breakpoints, whatever it does there.
    """
    breakpoints = [sample_breakpoints(start, end, network_class, bias, x) for x in X]
    times = sorted({ZERO, ONE, *(t for own in breakpoints for t in own)})
    losses = []
    for t in times:
        found = oracles.outputs(oracles.interpolate(start, end, t), network_class, bias, X)
        losses.append(loss_oracles.enclosed(loss, found, oracles.rationals(Y))[0])
    highest = max(losses)
    return highest, times[losses.index(highest)], sum(map(len, breakpoints))
