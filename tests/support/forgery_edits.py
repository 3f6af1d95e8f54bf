"""What a forger changes: the path itself, or what the document says of it; each change by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.random import Generator

from support.certificates import STATEMENTS, Forge, numbers, stated, text
from support.honest_paths import QUESTIONS, Segment, array
from support.loss_oracles import LOSSES

Document = dict[str, Any]
PathEdit = Callable[[Forge, Generator], Forge]
Saying = Callable[[Document, Generator], None]
AMOUNTS = [Fraction(1), Fraction(1, 2), Fraction(1, 64), Fraction(1, 2**30), Fraction(1, 10**9), Fraction(1, 10**300)]


def one(rng: Generator, values: Any) -> Any:
    """One of them."""
    values = list(values)
    return values[int(rng.integers(0, len(values)))]


# The path


def changed(values: Any, rng: Generator) -> np.ndarray:
    """One entry is another, or two are swapped."""
    cells = numbers(values).copy()
    flat = cells.reshape(-1)
    at = int(rng.integers(0, flat.size))
    match int(rng.integers(0, 8)):
        case 0:
            flat[at] = 0.0
        case 1:
            flat[at] = -flat[at]
        case 2:
            flat[at] = flat[at] * 2
        case 3:
            flat[at] = flat[at] + 2.0**-30
        case 4:
            flat[at] = float(rng.integers(-4, 5))
        case 5 if cells.dtype == object:
            flat[at] = flat[at] + Fraction(1, 3)
        case 6:
            other = int(rng.integers(0, flat.size))
            flat[at], flat[other] = flat[other], flat[at]
        case _:
            flat[at] = flat[at] + float(one(rng, [1.0, -1.0, 0.5]))
    return cells


def weight(path: Forge, rng: Generator) -> Forge:
    """A weight of the start, or of a later corner."""
    stored = [(k, name) for k, (_, moves) in enumerate(path.segments) for name in moves]
    if rng.random() < 0.3 or not stored:
        name = one(rng, path.start)
        return replace(path, start=path.start | {name: changed(path.start[name], rng)})
    k, name = one(rng, stored)
    slots, values = path.segments[k][1][name]
    return _with(path, k, (path.segments[k][0], {**path.segments[k][1], name: (slots, changed(values, rng))}))


def _with(path: Forge, k: int, segment: Segment) -> Forge:
    return replace(path, segments=[*path.segments[:k], segment, *path.segments[k + 1 :]])


def rearranged(path: Forge, parts: Sequence[int | Segment]) -> Forge:
    """Some of the segments by their numbers, with cuts and controls, and others."""
    places = {part: k for k, part in enumerate(parts) if isinstance(part, int)}
    return replace(
        path,
        segments=[path.segments[part] if isinstance(part, int) else part for part in parts],
        cuts={places[k]: cuts for k, cuts in path.cuts.items() if k in places},
        controls={places[k]: control for k, control in path.controls.items() if k in places},
    )


def also_moves(path: Forge, rng: Generator) -> Forge:
    """A segment moves a parameter more than it should, and keeps its name."""
    k = int(rng.integers(0, len(path.segments)))
    kind, moves = path.segments[k]
    name = one(rng, path.start)
    after = path.corners()[k + 1][name]
    found = _with(path, k, (kind, {**moves, name: ("all", changed(after, rng))}))
    if k in path.controls:
        return replace(found, controls={**path.controls, k: {name: after, **path.controls[k]}})
    return found


def relabelled(path: Forge, rng: Generator) -> Forge:
    """A segment is called another kind; what no arc is has no control."""
    k = int(rng.integers(0, len(path.segments)))
    kind = one(rng, STATEMENTS)
    controls = {other: control for other, control in path.controls.items() if other != k or kind == "curve"}
    return replace(_with(path, k, (kind, path.segments[k][1])), controls=controls)


def dropped(path: Forge, rng: Generator) -> Forge:
    """A segment is left out: the next starts elsewhere."""
    k = int(rng.integers(0, len(path.segments)))
    return rearranged(path, [*range(k), *range(k + 1, len(path.segments))])


def merged(path: Forge, rng: Generator) -> Forge:
    """Two segments in one, past the corner between them, under some kind's name."""
    k = int(rng.integers(0, len(path.segments) - 1))
    before, after = path.corners()[k], path.corners()[k + 2]
    moves = {name: ("all", after[name]) for name in after if not np.array_equal(after[name], before[name])}
    kind = one(rng, [path.segments[k][0], path.segments[k + 1][0], *STATEMENTS])
    return rearranged(path, [*range(k), (kind, moves), *range(k + 2, len(path.segments))])


def swapped(path: Forge, rng: Generator) -> Forge:
    """Two segments in the other order."""
    i, j = (int(k) for k in rng.integers(0, len(path.segments), 2))
    order = list(range(len(path.segments)))
    order[i], order[j] = order[j], order[i]
    return rearranged(path, order)


def detour(path: Forge, rng: Generator) -> Forge:
    """Away and back again, under names that would not look between."""
    k = int(rng.integers(0, len(path.segments) + 1))
    here = path.corners()[k]
    name = one(rng, here)
    kind = one(rng, [*STATEMENTS, "silent", "readout", "hidden"])
    away = (kind, {name: ("all", array(rng, *np.shape(here[name])) * 2)})
    back = (kind, {name: ("all", here[name])})
    return rearranged(path, [*range(k), away, back, *range(k, len(path.segments))])


def other_slots(path: Forge, rng: Generator) -> Forge:
    """A move, or the reference, goes to other slots."""
    m = len(path.start["W"])
    stored = [(k, name) for k, (_, moves) in enumerate(path.segments) for name in moves if moves[name][0] != "all"]
    if path.slots is not None and (rng.random() < 0.5 or not stored):
        return replace(path, slots=[int(j) for j in rng.permutation(m)[: len(path.slots)]])
    k, name = one(rng, stored)
    slots, values = path.segments[k][1][name]
    others = sorted(int(j) for j in rng.permutation(m)[: len(slots)])
    return _with(path, k, (path.segments[k][0], {**path.segments[k][1], name: (others, values)}))


def other_class(path: Forge, rng: Generator) -> Forge:
    """The same arrays as a network of another class."""
    return replace(path, kind=one(rng, ["two-layer", "parallel", "residual", "stream", "post", "plain"]))


def other_bias(path: Forge, rng: Generator) -> Forge:
    """The first layer sees a 1 more, or no more."""
    return replace(path, bias=1 - path.bias)


def without(path: Forge, rng: Generator) -> Forge:
    """A parameter is no more, or an output bias is there."""
    if "c" not in path.start and rng.random() < 0.5:
        return replace(path, start=path.start | {"c": np.zeros(path.y.shape[1])})
    name = one(rng, [name for name in path.start if name not in ("W", "V")])
    segments: list[Segment] = [
        (kind, {key: move for key, move in moves.items() if key != name}) for kind, moves in path.segments
    ]
    return replace(path, start={key: value for key, value in path.start.items() if key != name}, segments=segments)


def targets(path: Forge, rng: Generator) -> Forge:
    """Another target, or another input."""
    if rng.random() < 0.7:
        return replace(path, y=changed(path.y, rng))
    return replace(path, x=changed(path.x, rng))


def samples(path: Forge, rng: Generator) -> Forge:
    """A sample twice, or one less."""
    keep = [*range(len(path.x)), 0] if len(path.x) == 1 or rng.random() < 0.5 else list(range(len(path.x) - 1))
    return replace(path, x=path.x[keep], y=path.y[keep])


def question(path: Forge, rng: Generator) -> Forge:
    """Another question about the same path."""
    return replace(path, question=one(rng, QUESTIONS))


def cuts(path: Forge, rng: Generator) -> Forge:
    """Other cuts of the segments that are enclosed."""
    times = [sorted({Fraction(int(i), 16) for i in rng.integers(1, 16, 3)}), []]
    enclosed = [k for k, (kind, _) in enumerate(path.segments) if kind in ("general", "curve")]
    return replace(path, cuts={k: one(rng, times) for k in enclosed})


def claims_errors(path: Forge, rng: Generator) -> Forge:
    """A bound of the error rate, at what is known at the corners or a little beside it."""
    worst = Fraction(max(path.wrong(weights) for weights in path.corners()), len(path.x))
    return replace(
        path, error_rate=min(max(worst + one(rng, [-1, 0, 0, 1]) * Fraction(1, 64), Fraction(0)), Fraction(1))
    )


def other_loss(path: Forge, rng: Generator) -> Forge:
    """The same path under another loss, all numbers those of that loss."""
    return replace(path, loss=one(rng, LOSSES))


def claims_level(path: Forge, rng: Generator) -> Forge:
    """A level, at or a little beside the bound."""
    upper = Fraction(path.maximum()["upper"])
    return replace(path, level=upper + one(rng, [-1, -1, 0, 1]) * one(rng, AMOUNTS))


def lower_bound(path: Forge, rng: Generator) -> Forge:
    """The bound, lower; the place stated is that of an end."""
    losses = path.losses()
    corner = one(rng, [0, len(losses) - 1])
    place = (max(corner - 1, 0), Fraction(corner > 0))
    top = Fraction(path.maximum()["upper"])
    return replace(path, peak=place, upper=losses[corner] + (top - losses[corner]) * one(rng, [0, Fraction(1, 2), 1]))


PATHS: tuple[PathEdit, ...] = (weight, weight, also_moves, relabelled, dropped, merged, swapped, detour, other_slots)
PATHS += (
    claims_errors,
    other_loss,
    other_class,
    other_bias,
    without,
    targets,
    samples,
    question,
    cuts,
    claims_level,
    lower_bound,
)


# What is said of it


def _shifted(written: str, rng: Generator) -> str:
    value = Fraction(written)
    return text(one(rng, [value + one(rng, AMOUNTS), value - one(rng, AMOUNTS), value / 2, -value, Fraction(0)]))


def _shifted_loss(loss: dict[str, str], rng: Generator) -> dict[str, str]:
    """Another number, or two for one."""
    other = _shifted(loss["lower"], rng)
    return {"lower": other, "upper": loss["upper"] if rng.random() < 0.3 else other}


def a_loss(document: Document, rng: Generator) -> None:
    """The loss of an end."""
    end = document[one(rng, ["start", "end"])]
    end["loss"] = _shifted_loss(end["loss"], rng)


def the_loss(document: Document, rng: Generator) -> None:
    """What the loss is called."""
    document["loss"] = one(rng, [*LOSSES, "huber:1/1", "huber:0/1", "mse"])


def the_error_rate(document: Document, rng: Generator) -> None:
    """A bound of the error rate, or none."""
    document["error_rate"] = one(rng, ["0/1", "1/2", "1/3", "1/1", "-1/2", "3/2", None])


def the_bound(document: Document, rng: Generator) -> None:
    """The upper bound, or it and the loss stated."""
    maximum = document["maximum"]
    maximum["upper"] = _shifted(maximum["upper"], rng)
    if rng.random() < 0.6:
        maximum["loss"] = stated(Fraction(maximum["upper"]))


def the_maximum(document: Document, rng: Generator) -> None:
    """The larger loss of both ends is said to be the maximum."""
    losses = [Fraction(document[end]["loss"]["lower"]) for end in ("start", "end")]
    at = losses.index(max(losses))
    place = {"segment": at * (len(document["segments"]) - 1), "t": f"{at}/1"}
    document["maximum"] |= {"loss": stated(max(losses)), "upper": text(max(losses))} | place


def the_place(document: Document, rng: Generator) -> None:
    """The maximum is said to be elsewhere."""
    document["maximum"]["segment"] = int(rng.integers(0, len(document["segments"])))
    document["maximum"]["t"] = one(rng, ["0/1", "1/1", "1/2", "1/3", "3/4"])


def the_level(document: Document, rng: Generator) -> None:
    """A level below the bound, or at it."""
    document["level"] = _shifted(document["maximum"]["upper"], rng)


def a_kind(document: Document, rng: Generator) -> None:
    """A segment's kind, with the statement and cuts that go with it."""
    segment = one(rng, document["segments"])
    segment["kind"] = one(rng, STATEMENTS)
    segment["statement"] = STATEMENTS[segment["kind"]]
    segment["cuts"] = [] if segment["kind"] in ("general", "curve") else None


def a_statement(document: Document, rng: Generator) -> None:
    """What a segment is said to rest on."""
    one(rng, document["segments"])["statement"] = one(rng, [*STATEMENTS.values(), "L1", "T1"])


def a_move(document: Document, rng: Generator) -> None:
    """Which slots an array is for."""
    moves = one(rng, [segment["moves"] for segment in document["segments"] if segment["moves"]])
    name = one(rng, moves)
    count = document["network"]["shapes"]["W"][0]
    size = count if moves[name] == "all" else len(moves[name])
    moves[name] = sorted(int(j) for j in rng.permutation(count)[:size])


def the_reference(document: Document, rng: Generator) -> None:
    """Which slots are the reference's, or that it is the start."""
    reference = document["reference"] or {"digest": document["end"]["digest"], "slots": [0]}
    count = document["network"]["shapes"]["W"][0]
    slots = [int(j) for j in rng.permutation(count)[: int(rng.integers(1, count + 1))]]
    document["reference"] = one(rng, [None, reference | {"slots": slots}])


def a_digest(document: Document, rng: Generator) -> None:
    """Somebody else's digest."""
    digests = [document[name]["digest"] for name in ("data", "start", "end")]
    document[one(rng, ["data", "start", "end"])]["digest"] = one(rng, digests)


def the_question(document: Document, rng: Generator) -> None:
    """Another question, the reference kept or not."""
    document["question"] = one(rng, QUESTIONS)
    if rng.random() < 0.7:
        document["reference"] = None


def a_shape(document: Document, rng: Generator) -> None:
    """A shape the other way round, another class, or another number of samples."""
    network = document["network"]
    match int(rng.integers(0, 4)):
        case 0:
            name = one(rng, network["shapes"])
            network["shapes"][name] = network["shapes"][name][::-1]
        case 1:
            network["class"] = one(rng, ["two-layer", "parallel", "residual", "stream", "post", "plain"])
        case 2:
            network["bias"] = 1 - network["bias"]
        case _:
            document["data"][one(rng, ["N", "n", "p"])] += 1


def a_rational(document: Document, rng: Generator) -> None:
    """An entry of an exact segment."""
    cells = document["rationals"][one(rng, document["rationals"])]
    at = int(rng.integers(0, len(cells)))
    cells[at] = _shifted(cells[at], rng)


def a_cut(document: Document, rng: Generator) -> None:
    """Cuts left out, or in another order."""
    segment = one(rng, [segment for segment in document["segments"] if segment["cuts"]])
    segment["cuts"] = one(rng, [[], segment["cuts"][::-1], segment["cuts"][:1], None])


def segments_said(document: Document, rng: Generator) -> None:
    """A segment less, or one twice."""
    k = int(rng.integers(0, len(document["segments"])))
    if rng.random() < 0.5:
        del document["segments"][k]
    else:
        document["segments"].insert(k, document["segments"][k])


SAYINGS: tuple[Saying, ...] = (
    a_loss,
    the_loss,
    the_error_rate,
    the_bound,
    the_bound,
    the_maximum,
    the_place,
    the_level,
    a_kind,
    a_statement,
)
SAYINGS += (a_move, the_reference, a_digest, the_question, a_shape, a_rational, a_cut, segments_said)
