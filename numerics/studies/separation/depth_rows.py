"""Part 5 of `separate`: valleys of exactly known depth at every width, C7's bound beside each; part 6: T8c."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.arithmetic.positive import root_up
from numerics.arithmetic.rationals import Enclosure, text
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.losses import exact_losses, target_sums
from numerics.losses.problem import Problem
from numerics.moves.mass import masses, sigma_squared
from numerics.networks.base import Network
from numerics.networks.two_layer import TwoLayer
from numerics.paths.question import Question
from numerics.questions.result import Bound
from numerics.studies.separation.claims import Claim, Json
from numerics.studies.separation.known_depths import parabola, singles_and_pairs

SINGLES = (1, 2, 4, 8, 16, 32, 64)
PARABOLAS = {
    "two-layer": (2, 4, 8, 16, 32, 64),
    "parallel": (2, 4, 8, 16, 32, 64),
    "residual": (2, 64),
    "stream": (2, 64),
}
"""Widths at which the networks are built."""

EXPONENT = (1, 2, 3, 4, 8, 16, 32, 64)
"""Widths of T8c's numbers."""


@dataclass(frozen=True, eq=False)
class Known(Shown):
    """A valley, and the depth that theory says it has."""

    family: str
    claim: Claim
    depth: Fraction


def known(singles: Sequence[int] | None = None, parabolas: Mapping[str, Sequence[int]] | None = None) -> list[Known]:
    """T8b's networks at these widths and T10P's of these classes; without a choice at all."""
    from theory.statements import clusters, sharp_valleys

    found = []
    for width in SINGLES if singles is None else singles:
        path, data = singles_and_pairs(width)
        depth = sharp_valleys.sharp_valley(width, target=2 * width).depth
        found.append(Known("T8b", Claim(f"singles-{width}", Question.VALLEY, path, data), depth))
    for kind, widths in (PARABOLAS if parabolas is None else parabolas).items():
        for width in widths:
            path, data = parabola(width, kind)
            claim = Claim(f"parabola-{width}-{kind}", Question.VALLEY, path, data)
            found.append(Known("T10P", claim, clusters.parabola(width).depth))
    return found


def known_rows(valleys: list[Known], found: Mapping[str, Json]) -> list[Json]:
    """A row for each that was checked; PROVED if the checker's depth is theory's."""
    return [_row(one, found[one.claim.stem]) for one in valleys if one.claim.stem in found]


def _row(one: Known, said: Json) -> Json:
    start, data = one.claim.path.start, one.claim.data
    proved = said["verdict"] == "PROVED" and said["depth"]["exact"] == text(one.depth)
    C7 = _one_slot(start, data)
    return {
        "family": one.family,
        "class": start.kind,
        "width": start.width,
        "points": data.size,
        "loss": said["start"],
        "depth": said.get("depth") or Enclosure(Fraction(0), None).to_json(),
        "reaches": said["end"],
        "bounds": {} if C7 is None else {"C7": C7.to_json()},
        "above_threshold": one.family == "T8b" and _above_threshold(start, data, one.depth),
        "verdict": "PROVED" if proved else "UNDECIDED",
        "claims": [said["claim"]],
    }


def _one_slot(start: Network, data: Data) -> Bound | None:
    """C7's bound: the least `||h_j||^2`, exactly, without a branch; its closed form for PARALLEL."""
    from theory.statements import one_slot

    if start.kind == "two-layer":
        value = min(effects(start, data))
        return Bound(value, informative=False, kind="depth")
    if start.kind != "parallel":
        return None
    loss = exact_losses([start], Problem(data))[0]
    sigma, mass = root_up(sigma_squared(data, bias=start.bias).upper), masses(start).total
    value = one_slot.depth_upper(loss=loss, sigma=sigma, mass=mass, width=start.width, silent_branch=False)
    return Bound(value, informative=False, kind="depth", exact=False)


def effects(network: Network, data: Data) -> list[Fraction]:
    """`||h_j||^2`, `h_j = V_j z_j`, for every neuron of a two-layer network, exactly."""
    assert isinstance(network, TwoLayer)
    alone = [network.replace({"V": network.V * unit}) for unit in np.eye(network.width)]
    return exact_losses(alone, Problem(Data(data.X, np.zeros_like(data.Y))))


def _above_threshold(start: Network, data: Data, depth: Fraction) -> bool:
    """C7's condition for T8b, with g* = the network and one neuron more, which fits the last point: L* = 0."""
    import sympy

    from theory.statements import one_slot

    loss, *_ = exact_losses([start], Problem(data))
    squares = [*effects(start, data), Fraction(float(data.Y[-1, 0])) ** 2 / data.size]
    total = sum((sympy.sqrt(sympy.Rational(one.numerator, one.denominator)) for one in squares), sympy.Integer(0))
    goal = target_sums(Problem(data))[0] / data.size  # ||g*||^2: it fits all targets
    variance = sympy.expand(total**2) - sympy.Rational(goal.numerator, goal.denominator)
    return one_slot.above_threshold(loss=loss, reference_loss=Fraction(0), spread=sympy.sqrt(variance), rise=depth)


def exponent_rows() -> list[Json]:
    """T8c for each width, at D = max(1, m - 1), a = 1, q = 1/2: the depth and its ratio to (sigma S/m)^2, by balls."""
    from theory.exact import lower, upper
    from theory.statements import sharp_valleys

    rows = []
    for width in EXPONENT:
        dimension = max(1, width - 1)
        depth = sharp_valleys.simplex_depth(width=width, dimension=dimension, target=1, weight=Fraction(1, 2))
        ratio = sharp_valleys.ratio(width)
        rows.append(
            {
                "width": width,
                "dimension": dimension,
                "depth": Enclosure(lower(depth), upper(depth)).to_json(),
                "ratio": Enclosure(lower(ratio), upper(ratio)).to_json(),
            }
        )
    return rows
