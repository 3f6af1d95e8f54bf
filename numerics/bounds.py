"""What `theory` says beside what was certified: every bound with R0, the yardstick, and marked informative or not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from numerics.arithmetic.rationals import decimal, text
from numerics.losses import target_sums
from numerics.questions import Answer


def connect_bounds(answer: Answer) -> dict[str, dict[str, Any]]:
    """Levels that `theory` gives for a path between the two ends: R0's, and the route's from its corner losses."""
    from theory import bridge, connectivity, zero

    corners = answer.corners
    yardstick = zero.level(corners.start, corners.end, _zero_loss(answer))
    bounds = {"R0": _bound(yardstick, informative=False, kind="level")}
    identifier = {"bridge": "T6", "refit": "R6"}.get(answer.candidate.route)
    if identifier is not None:
        level = bridge.level(corners.losses)
        bounds[identifier] = _bound(level, informative=connectivity.informative(level, yardstick), kind="level")
    return bounds


def depth_bounds(answer: Answer) -> dict[str, dict[str, Any]]:
    """Depths that `theory` gives where the reference is better: R0's, and R6's from the worst refit."""
    from theory import connectivity, refit, zero

    corners = answer.corners
    if not corners.end < corners.start:
        return {}
    zero_loss = _zero_loss(answer)
    yardstick = zero.level(corners.start, corners.end, zero_loss)
    R0 = zero.depth_bound(corners.start, zero_loss, reference_loss=corners.end)
    bounds = {"R0": _bound(R0, informative=False, kind="depth")}
    if answer.candidate.route == "refit":
        refits = corners.losses[1:-1] or corners.losses
        level = refit.level(corners.start, max(refits), corners.end)
        informative = connectivity.informative(level, yardstick)
        bounds["R6"] = _bound(level - corners.start, informative=informative, kind="depth")
    return bounds


def _zero_loss(answer: Answer) -> Fraction:
    from theory import zero

    squares, sums = target_sums(answer.data)
    return zero.zero_loss(answer.data.size, squares, sums, output_bias=answer.path.start.c is not None)


def _bound(value: Fraction, *, informative: bool, kind: str) -> dict[str, Any]:
    return {"value": decimal(value, up=True), "exact": text(value), "informative": informative, "kind": kind}
