"""The table of `skipscape separate`: the same weights without and with the skip term, controls, and what a skip leaves.

Every figure is the independent checker's; what it must be by T5 is computed here too, from the targets alone, and a
row is PROVED only if both agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path as FilePath

import numpy as np

from numerics.arithmetic.rationals import Enclosure, text
from numerics.common.progress import Progress
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses, target_sums
from numerics.losses.problem import Problem
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Path
from numerics.paths.question import Question
from numerics.questions.bounds import depth_bounds
from numerics.questions.result import Bound
from numerics.questions.search import depth
from numerics.routes.descent import downhill
from numerics.studies.separation import skip_valleys
from numerics.studies.separation.claims import Claim, Json, established, folder_for
from numerics.studies.separation.depth_rows import exponent_rows, known, known_rows
from numerics.studies.separation.escapes import controls, over_zero, with_skip
from numerics.studies.separation.witness import Valley, valley

SMALL = Data(
    np.array([[-1.0, 0.5], [0.0, -1.0], [0.5, 1.0], [1.5, -0.5]]), np.array([[-2.0], [1.0], [1.0], [-1.0]]), "small"
)
"""Four points of the plane, small dyadic numbers; the default beside `diabetes`."""

DEFAULT_SHAPES: tuple[tuple[str, tuple[tuple[int, tuple[int, ...]], ...]], ...] = (
    ("small", ((4, (1,)), (64, (1,)), (4096, (1,)), (16, (4, 1)), (1024, (8, 4, 1)), (4, (16, 8, 4, 1)))),
    ("diabetes", ((4, (1024, 1)), (1024, (1,)), (4096, (8, 4, 1)))),
)
"""What is built unless something else is asked for: under a minute."""


@dataclass(frozen=True, eq=False)
class Plan(Shown):
    """Which witnesses are built on one data set: pairs of a width and the branch's widths."""

    data: Data
    shapes: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True, eq=False)
class Pair(Shown):
    """A row's two claims: the plain network, and the same weights with the skip term."""

    valley: Valley
    data: Data
    plain: Claim
    skip: Claim


def table(
    plans: Sequence[Plan],
    *,
    out: FilePath | None,
    memory: float,
    report: Progress,
    force: bool = False,
    inputs: Sequence[str] = (),
) -> tuple[Json, tuple[Valley, Data]]:
    """The JSON of `separate`, and the last valley with its data, for the picture. Raises InputError.

    `inputs`: files that must not be written over, whatever `force` says.
    """
    pairs = []
    for plan in plans:
        for width, branch in dict.fromkeys(plan.shapes):
            report(f"building width {width} on {plan.data.name}", 0.0)
            pairs.append(pair_of(plan.data, width, branch))
    if not pairs:
        raise InputError("no widths were given: there is nothing to separate")
    beside = [claim for plan in plans for claim in _controls(plan, pairs)]
    others = {claim.stem: claim for claim in _skip_claims()}
    report("building valleys of known depth", 0.0)
    exactly = known()
    claims = [claim for pair in pairs for claim in (pair.plain, pair.skip)]
    claims += [*(claim for _, claim in beside), *others.values(), *(one.claim for one in exactly)]
    with folder_for(out, claims, force=force, inputs=inputs) as folder:
        found = established(claims, folder, memory=memory, report=report)
    rows = [_row(pair, found) for pair in pairs if {pair.plain.stem, pair.skip.stem} <= found.keys()]
    control_rows = [_control_row(name, claim, found[claim.stem]) for name, claim in beside if claim.stem in found]
    valleys, barriers, depths = _skip_rows(others, found), _barrier_rows(found), known_rows(exactly, found)
    everything = [*rows, *control_rows, *valleys, *barriers, *depths]
    whole = len(found) == len({claim.stem for claim in claims})
    proved = whole and all(row["verdict"] == "PROVED" for row in everything)
    verdict = "PROVED" if proved else "UNDECIDED"
    result = {
        "rows": rows,
        "controls": control_rows,
        "skip_valleys": valleys,
        "barriers": barriers,
        "known_depths": depths,
        "exponent": exponent_rows(),
        "verdict": verdict,
    }
    return result, (pairs[-1].valley, pairs[-1].data)


def pair_of(data: Data, width: int, branch: tuple[int, ...]) -> Pair:
    """T5's witness of this shape with its two claims. Raises InputError."""
    try:
        found = valley(data, width, branch)
        skip = downhill(with_skip(found.bottom), Problem(data))
    except InputError as error:
        raise InputError(f"{data.name}, width {width}, branch {','.join(map(str, branch))}: {error}") from None
    stem = f"{_stem(data)}-{width}-{'-'.join(map(str, branch))}"
    return Pair(
        found,
        data,
        Claim(f"{stem}-plain", Question.VALLEY, over_zero(found), data),
        Claim(f"{stem}-skip", Question.ESCAPE, skip, data),
    )


def _controls(plan: Plan, pairs: Sequence[Pair]) -> list[tuple[str, Claim]]:
    """At the plan's first shape in which the first layer makes the steps, so that a two-layer network can follow."""
    mine = [pair for pair in pairs if pair.data is plan.data]
    chosen = next((pair for pair in mine if len(pair.valley.branch) == 1), mine[0])
    stem = f"{_stem(plan.data)}-{chosen.valley.width}"
    try:
        paths = controls(chosen.valley.bottom, plan.data)
    except InputError as error:
        raise InputError(f"{plan.data.name}, controls of width {chosen.valley.width}: {error}") from None
    return [(name, Claim(f"{stem}-{name}", Question.ESCAPE, path, plan.data)) for name, path in paths.items()]


def _skip_claims() -> list[Claim]:
    made: tuple[tuple[str, Question, Path, Data], ...] = (
        ("case16-1", Question.VALLEY, skip_valleys.one_neuron(), skip_valleys.SIGNS),
        ("case16-2", Question.ESCAPE, skip_valleys.two_neurons(), skip_valleys.SIGNS),
        ("cross-2", Question.VALLEY, skip_valleys.cross(), skip_valleys.CROSS),
        ("exchange-2", Question.PASS, skip_valleys.exchanged(2), skip_valleys.UNITS),
        ("exchange-3", Question.PASS, skip_valleys.exchanged(3), skip_valleys.UNITS),
    )
    return [Claim(*one) for one in made]


def _row(pair: Pair, found: dict[str, Json]) -> Json:
    plain, skip = found[pair.plain.stem], found[pair.skip.stem]
    loss, depth_ = _promised(pair.data, pair.valley.side)
    as_promised = _depth(plain)["exact"] == text(depth_) and (plain["start"] or {}).get("exact") == text(loss)
    stays = _depth(skip)["exact"] == "0/1" and skip["start"] == plain["start"]
    proved = plain["verdict"] == skip["verdict"] == "PROVED" and as_promised and stays
    return {
        "data": pair.data.name,
        "points": pair.data.size,
        "width": pair.valley.width,
        "branch": ",".join(map(str, pair.valley.branch)),
        "side": pair.valley.side,
        "valley_loss": plain["start"],
        "beyond_loss": plain["end"],
        "plain_depth": _depth(plain),
        "skip_depth": _depth(skip),
        "skip_reaches": skip["end"],
        "verdict": "PROVED" if proved else "UNDECIDED",
        "claims": [plain["claim"], skip["claim"]],
    }


def _promised(data: Data, side: int) -> tuple[Fraction, Fraction]:
    """T5 from the targets alone: the valley's loss and its depth."""
    from theory.statements.separation import plain_valley

    found = plain_valley([side * Fraction(value) for value in data.Y[:, 0].tolist()])
    return found.loss, found.depth


def _control_row(name: str, claim: Claim, found: Json) -> Json:
    flat = found["verdict"] == "PROVED" and _depth(found)["exact"] == "0/1"
    return {
        "data": claim.data.name,
        "network": name,
        "width": claim.path.start.width,
        "depth": _depth(found),
        "start": found["start"],
        "reaches": found["end"],
        "verdict": "PROVED" if flat else "UNDECIDED",
        "claims": [found["claim"]],
    }


def _skip_rows(claims: dict[str, Claim], found: dict[str, Json]) -> list[Json]:
    """Case 16 at m = 1 and 2, and the valley of two neurons, with R0's depth and T1's where `l < m`."""
    rows = []
    signs, across = skip_valleys.signs_reference(), skip_valleys.cross_reference()
    for stem, case, reference in (("case16-1", "16", signs), ("case16-2", "16", signs), ("cross-2", "cross", across)):
        if stem not in found:
            continue
        claim, said = claims[stem], found[stem]
        rows.append(
            {
                "case": case,
                "width": claim.path.start.width,
                "depth": _depth(said),
                "start": said["start"],
                "reaches": said["end"],
                "bounds": _bounds(claim, reference),
                "verdict": said["verdict"],
                "claims": [said["claim"]],
            }
        )
    return rows


def _bounds(claim: Claim, reference: TwoLayer) -> Json:
    """R0's depth; and T1's (C1) by the best of its routes, if the reference has fewer neurons and is better."""
    from theory.statements import zero

    start, data = claim.path.start, claim.data
    if reference.width < start.width:
        found = depth_bounds(depth(start, reference, Problem(data), route="measured"))
        deviations = [bound for name, bound in found.items() if name != "R0"]
        best = min(deviations, key=lambda bound: bound.value)
        return {"R0": found["R0"].to_json(), "T1": best.to_json()}
    squares, _ = target_sums(Problem(data))
    value = zero.depth_bound(
        exact_losses([start], Problem(data))[0],
        squares / data.size,
        reference_loss=exact_losses([reference], Problem(data))[0],
    )
    return {"R0": Bound(value, informative=False, kind="depth").to_json()}


def _barrier_rows(found: dict[str, Json]) -> list[Json]:
    """L9's exchange of two neurons, without a free slot and with one."""
    rows = []
    for width in (2, 3):
        said = found.get(f"exchange-{width}")
        if said is None:
            continue
        rows.append(
            {
                "case": "exchange",
                "width": width,
                "barrier": said["barrier"],
                "verdict": said["verdict"],
                "claims": [said["claim"]],
            }
        )
    return rows


def _stem(data: Data) -> str:
    return data.name.removesuffix(".npz")


def _depth(said: Json) -> Json:
    """The depth in a report of the checker; nothing if it was refused."""
    return said.get("depth") or Enclosure(Fraction(0), None).to_json()
