"""Whether what a certificate says is true, by fractions alone: losses, the bound at many times, ends, labels.

Nothing here proves a bound; it finds falsehoods. For a valley and a pass it knows paths that climb less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from support import breakpoints
from support.certificates import Forge, Moves, Weights, between, data_digest, network_digest
from support.honest_graphs import graph_path
from support.loss_oracles import IRRATIONAL, is_one_hot, unfit
from support.second_checker.archive import Refused
from support.second_checker.graphs import check_graph

Document = dict[str, Any]
Given = Mapping[str, Document]
"""Networks by their class, bias, parameters, and of a graph its nodes."""


def holds(stated: Mapping[str, str], known: tuple[Fraction, Fraction]) -> bool:
    """Whether a loss is what is stated: the same rational, or enclosed by two that are close together."""
    lower, upper = Fraction(stated["lower"]), Fraction(stated["upper"])
    if known[0] == known[1]:
        return lower == upper == known[0]
    narrow = upper - lower <= upper / 2**60 or upper <= Fraction(1, 2**1000)
    return lower < upper and narrow and lower < known[1] and known[0] < upper


def path_of(document: Document, arrays: Mapping[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> Forge:
    """The path that the file defines; raises whatever happens where it defines none."""
    if document["network"]["class"] == "graph":
        return graph_path(document, dict(arrays), x, y)
    shapes, rationals = document["network"]["shapes"], document["rationals"]
    start = {name: arrays[f"start.{name}.npy"] for name in shapes}
    segments: list[tuple[str, Moves]] = []
    for k, segment in enumerate(document["segments"]):
        moves = {}
        for name, slots in segment["moves"].items():
            entry = f"segment.{k:04d}.{name}"
            values: Any = arrays.get(f"{entry}.npy")
            if entry in rationals:
                shape = list(shapes[name])
                if slots != "all":
                    shape[0 if name == "W" else 1] = len(slots)
                values = np.array([Fraction(cell) for cell in rationals[entry]], dtype=object).reshape(shape)
            moves[name] = (slots, values)
        segments.append((segment["kind"], moves))
    network = document["network"]
    return Forge(
        network["class"], network["bias"], start, x, y, segments, question=document["question"], loss=document["loss"]
    )


def falsehood(
    document: Document,
    arrays: Mapping[str, np.ndarray],
    x: np.ndarray,
    y: np.ndarray,
    given: Given,
    lowest: Callable[[Forge], Fraction],
    evenly: int = 24,
) -> str:
    """A statement that is false, or "" if none is found.

    `x`, `y`: the data given; `given`: the networks given as start and end; `lowest`: a loss to which some path climbs
    that answers a path's question (of a valley or a pass); `evenly`: at how many times of a segment to look.
    """
    try:
        path = path_of(document, arrays, x, y)
        return next(_falsehoods(document, path, given, lowest, evenly), "")
    except (ArithmeticError, AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return "form"


def _falsehoods(
    document: Document, path: Forge, given: Given, lowest: Callable[[Forge], Fraction], evenly: int
) -> Iterator[str]:
    if path.kind == "graph":
        yield from _form(document)
    data = {"N": len(path.x), "n": path.x.shape[1], "p": path.y.shape[1], "digest": data_digest(path.x, path.y)}
    if document["data"] != data:
        yield "other data"
    corners = path.corners()
    if path.loss in IRRATIONAL and any(kind == "hidden" for kind, _ in path.segments):
        yield "label"
    if unfit(path.loss, path.y):
        yield "targets"
        return
    known = [path.ends_of(weights) for weights in corners]
    losses = [low for low, _ in known]
    start, end = losses[0], losses[-1]
    for name, weights, loss in (("start", corners[0], known[0]), ("end", corners[-1], known[-1])):
        if document[name]["digest"] != path.digest(weights):
            yield "digest"
        if not holds(document[name]["loss"], loss):
            yield "loss of an end"
    yield from _other_networks(document, corners, given)
    maximum = document["maximum"]
    upper, t = Fraction(maximum["upper"]), Fraction(maximum["t"])
    if not 0 <= t <= 1 or not holds(maximum["loss"], path.ends_of(path.weights_at(maximum["segment"], t))):
        yield "loss at the place"
    if upper < max(losses):
        yield "bound"
    if document["level"] is not None and Fraction(document["level"]) < upper:
        yield "level"
    if document["question"] in ("depth", "escape", "valley") and end >= start:
        yield "depth"
    if document["question"] in ("valley", "pass") and upper > lowest(path):
        yield "no way around"
    yield from _reference(document, path, corners[-1], given)
    highest = max(losses)
    for k, (kind, _) in enumerate(path.segments):
        before, after = corners[k], corners[k + 1]
        control = path.control(k, before)
        there = [between(before, after, t, control) for t in _times(path, before, after, evenly)]
        found = [path.ends_of(weights)[0] for weights in there]
        if document["error_rate"] is not None:
            yield from _errors(path, document["error_rate"], there)
        highest = max(highest, *found)
        if kind in ("silent", "twins", "exact") and not _constant(path, before, after, everywhere=kind != "exact"):
            yield "label"
        if kind == "readout" and max(found) > max(known[k][1], known[k + 1][1]):
            yield "label"
    if highest > upper:
        yield "bound between corners"
    if (
        not any(kind in ("general", "curve") for kind, _ in path.segments)
        and path.loss not in IRRATIONAL
        and not holds(maximum["loss"], (upper, upper))
    ):
        yield "exactness"


def _form(document: Document) -> Iterator[str]:
    """A graph as section 9 has it, asked what graphs are asked; by the second checker's reading of the page."""
    network = document["network"]
    try:
        check_graph(network["nodes"], network["shapes"])
    except Refused:
        yield "form"
    if document["question"] not in ("connect", "certify") or network["bias"] != 0:
        yield "form"


def _errors(path: Forge, rate: str, networks: Sequence[Weights]) -> Iterator[str]:
    if (
        not is_one_hot(path.y)
        or not 0 <= Fraction(rate) <= 1
        or max(map(path.wrong, networks)) > Fraction(rate) * len(path.x)
    ):
        yield "error rate"


def _times(path: Forge, before: Weights, after: Weights, evenly: int) -> list[Fraction]:
    """Evenly spaced, and where pre-activations change their signs if they are lines."""
    times = {Fraction(k, evenly) for k in range(evenly + 1)}
    if path.kind == "graph":
        return sorted(times)
    ends = [{name: np.asarray(array).tolist() for name, array in one.items()} for one in (before, after)]
    for x in path.x.tolist():
        times |= set(breakpoints.sample_breakpoints(ends[0], ends[1], path.kind, path.bias, x))
    return sorted(times)


def _constant(path: Forge, before: Weights, after: Weights, *, everywhere: bool) -> bool:
    """Whether the outputs stay at the data, and at other inputs as well."""
    x = path.x.tolist()
    if everywhere:
        others = ((-3.0, 7.0, 2.0), (5.0, -11.0, 1.0), (0.0,))
        x += [[values[i % len(values)] for i in range(path.x.shape[1])] for values in others]
    seen = [path.outputs(between(before, after, t), x) for t in (Fraction(0), Fraction(1, 3), Fraction(1))]
    return seen[0] == seen[1] == seen[2]


def _other_networks(document: Document, corners: list[Weights], given: Given) -> Iterator[str]:
    """The ends are those given, bit for bit; what a file lacks is +0.0."""
    about = document["network"]
    for name, weights in (("start", corners[0]), ("end", corners[-1])):
        if name not in given or (name == "end" and document["question"] == "depth"):
            continue
        own = given[name]["parameters"]
        same = all(given[name].get(key) == about.get(key) for key in ("class", "bias", "nodes"))
        same = same and (set(own) == set(weights) if "nodes" in about else set(own) <= set(weights))
        if not same or not all(_same(own.get(key, np.zeros(np.shape(weights[key]))), weights[key]) for key in weights):
            yield "other networks"


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return np.shape(one) == np.shape(other) and np.asarray(one, float).tobytes() == np.asarray(other, float).tobytes()


def _reference(document: Document, path: Forge, end: Weights, given: Given) -> Iterator[str]:
    """The end is the reference on its slots."""
    reference = document["reference"]
    if (reference is not None) != (document["question"] == "depth"):
        yield "reference"
    if reference is None:
        return
    slots = reference["slots"]
    off = [j for j in range(len(end["W"])) if j not in slots]
    if len(set(slots)) != len(slots) or not slots or np.any(end["V"][:, off]):
        yield "reference"
    if any(np.any(array) for name, array in end.items() if name.rpartition(".")[2] == "U"):
        yield "reference"
    alone = {"W": end["W"][slots], "V": end["V"][:, slots]}
    full = alone | ({"c": end["c"]} if "c" in end else {})
    chosen = [one for one in (alone, full) if network_digest("two-layer", path.bias, one) == reference["digest"]]
    if not chosen or ("c" not in chosen[0] and np.any(end.get("c", 0.0))):
        yield "reference"
    if "end" in given:
        kind, bias, own = (given["end"][key] for key in ("class", "bias", "parameters"))
        c = own.get("c", np.zeros(len(end["V"])))
        told = {"W": own["W"], "V": own.get("V", np.zeros(0)), "c": c}
        ours = alone | {"c": end.get("c", np.zeros(len(end["V"])))}
        if (kind, bias) != ("two-layer", path.bias) or not all(_same(told[name], ours[name]) for name in ours):
            yield "other networks"
