"""Any convex loss on a whole piece, from first-order models of the outputs: convex in `s`, so highest at a piece's end.

A loss's arguments are affine in the outputs: `f - y`, `-y f` or `f_j - f_label`. Their models `m + g s` within `rho`
bound the loss by `ceiling(m + g s, rho)`, which is convex in `s` before it is rounded: the sum over **all** samples
is taken at `s = -r` and `s = r`, and the larger of the two bounds it on the piece. From below it is bounded by the
tangents at the centre, summed likewise. Provenance: [ours], after [known] facts about convex functions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.arithmetic.rounding import ETA, INFLATION, Array, U, gamma, up
from numerics.common.shown import Shown
from numerics.losses.loss import Loss, Targets
from numerics.maxima.bound import NONE, Bound, Signs, all_signs, unbounded
from numerics.maxima.models import Model, dense

LARGEST = 2.0**1023  # sum of losses


@dataclass(frozen=True, eq=False)
class Arguments(Shown):
    """What a loss depends on, on `|s| <= r`: within `radius` of `middle + slope s`, (N, p) each."""

    middle: Array
    slope: Array
    radius: Array

    @classmethod
    def of(cls, f: Model, Y: Array, targets: Targets) -> Arguments:
        """Of a model of the outputs. Differences round by `u` of themselves."""
        radius = dense(f.radius) + f.noise
        if targets is Targets.SIGNS:
            return cls(-Y * f.value, -Y * f.slope, up(radius))
        if targets is Targets.VALUES:
            middle = f.value - Y
            return cls(middle, f.slope, up(radius + 2.0 * U * np.abs(middle)))
        return cls.margins(f, Y)

    @classmethod
    def margins(cls, f: Model, Y: Array) -> Arguments:
        """`f_j - f_label` for one-hot `Y`; 0 within 0 at the label."""
        label, radius = Y.argmax(axis=1)[:, None], dense(f.radius) + f.noise
        middle = f.value - np.take_along_axis(f.value, label, axis=1)
        slope = f.slope - np.take_along_axis(f.slope, label, axis=1)
        both = radius + np.take_along_axis(radius, label, axis=1)
        # A slope that rounds by u of itself is off by u |slope| s, |s| <= 1/2.
        radius = np.where(Y == 1.0, 0.0, up(both + 2.0 * U * (np.abs(middle) + np.abs(slope))))
        return cls(middle, slope, radius)

    def at(self, s: float) -> tuple[Array, Array]:
        """Middle and radius for one `s`; the product and the sum round by `u` each, and by eta."""
        shift = s * self.slope
        middle = self.middle + shift
        rounding = 2.0 * U * (np.abs(shift) + np.abs(middle)) + ETA
        return middle, np.where(self.radius == 0.0, 0.0, up(self.radius + rounding))

    def signs(self, r: float) -> Signs:
        """Of margins: right is a sample whose margins are all below 0, but the label's own."""
        reach, own = up(np.abs(self.slope) * r + self.radius), self.radius == 0.0
        right = ((self.middle < -reach) | own).all(axis=1)
        wrong = ((self.middle >= reach) & ~own).any(axis=1)
        return Signs(int((~right).sum()), int(wrong.sum()))


@dataclass(frozen=True)
class ConvexPart(Shown):
    """Sums over one block: upper bounds at both ends; nowhere below `floor + line s - slack`."""

    left: float
    right: float
    floor: float
    line: float
    slack: float
    open_signs: int
    signs: Signs


def convex_part(loss: Loss, f: Model, Y: Array, r: float, open_signs: int, labelled: bool) -> ConvexPart:
    """The sums over one block of samples. `labelled`: whether `Y` is one-hot, so that there are right outputs.

    The line: `sum floor_k + s <g, slope>` less `<|g|, radius>`, where `g` is known within `error` in every entry. Its
    three sums round by `gamma(K + 2)` of the sums of moduli.
    """
    arguments = Arguments.of(f, Y, loss.targets)
    right, left = (float(loss.ceiling(*arguments.at(s), Y).sum()) for s in (r, -r))
    tangent = loss.tangent(arguments.middle, Y)
    count = Y.size
    moduli, slopes = np.abs(tangent.slope) + tangent.error, np.abs(arguments.slope)
    floor, line = float(tangent.floor.sum()), float(np.einsum("ij,ij->", tangent.slope, arguments.slope))
    spread = float((moduli * (arguments.radius + 2.0 * gamma(count + 8) * r * slopes)).sum())
    spread += r * tangent.error * float(slopes.sum()) + gamma(count + 8) * float(np.abs(tangent.floor).sum())
    spread = spread * (1.0 + 2.0 * gamma(count + 8)) + 8.0 * count * ETA
    signs = NONE
    if labelled:
        margins = arguments if loss.targets is Targets.LABELS else Arguments.margins(f, Y)
        signs = margins.signs(r)
    rounded = 1.0 + 2.0 * gamma(len(Y) + 2)
    return ConvexPart(left * rounded, right * rounded, floor, line, spread, open_signs, signs)


def convex_bound(parts: Sequence[ConvexPart], samples: int, r: float) -> Bound:
    """The loss from all blocks: below the larger end, above the line; a sum that is surely 0 stays 0.

    `fsum` rounds once; what else is rounded is covered by the inflation, and below by 2^-40 of all that is added.
    """
    if not sum(part.left + part.right + abs(part.floor) + r * abs(part.line) + part.slack for part in parts) < LARGEST:
        return unbounded(all_signs(part.signs for part in parts))
    ends = math.fsum(part.left for part in parts), math.fsum(part.right for part in parts)
    floor, slack = math.fsum(part.floor for part in parts), math.fsum(part.slack for part in parts)
    swing = r * abs(math.fsum(part.line for part in parts))
    lowest = max(0.0, floor - swing - slack - (abs(floor) + swing + slack) * 2.0**-40)
    top = max(ends)
    return Bound(
        lower=max(0.0, lowest / samples * (1.0 - 4.0 * U) - ETA),
        upper=0.0 if top == 0.0 else top * INFLATION / samples * INFLATION + ETA,
        centre=max(floor, 0.0) / samples,
        open_signs=sum(part.open_signs for part in parts),
        signs=all_signs(part.signs for part in parts),
    )
