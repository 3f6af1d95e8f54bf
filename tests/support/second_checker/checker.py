"""A second, complete checker of certificates, for small cases: exact Fractions, and the oracles for hidden segments.

Written from `proofs_notes/certificate.md` alone, to be compared with the project's checker. It is slow and
believes nothing. Where the page leaves a choice, this file reads it so:

- every size in `shapes` is at least 1, `slots` is not empty; a list in `moves` may be empty;
- `route` is ASCII and may be empty;
- `maximum.upper` bounds the loss at every corner, and `maximum.loss` is one that no corner exceeds;
- the reference's weights stand in the end bit for bit, whether its file is at hand or not (an absent `c` as
  `+0.0`); but what must be "zero" (`V` off the slots, `U`) must be the number 0, so `-0.0` will do.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from support import breakpoints
from support.loss_oracles import IRRATIONAL, LABELS, LOSSES, SIGNS
from support.second_checker.archive import (
    MAX_BYTES,
    PARAMETER,
    Corner,
    Refused,
    Table,
    canonical,
    data_digest,
    file_digest,
    is_index,
    is_vector,
    keys,
    need,
    network_digest,
    rational,
    read_archive,
    read_json,
    read_npy,
    table,
)
from support.second_checker.errors import has_labels, keeps_to, most_wrong
from support.second_checker.identities import check_identities, has_rationals, read_rationals
from support.second_checker.intervals import Interval, Number, highest, lowest
from support.second_checker.losses import between, blocks_of, branch_depth, enclosed, exact, loss, mean_loss
from support.second_checker.renaming import check_orders, renamed
from support.second_checker.silence import alive_and_reached, edges_of, entry
from support.second_checker.twins import check_twins
from support.second_checker.valley import unavoidable

STATEMENTS = {
    "readout": "L7",
    "silent": "L9",
    "twins": "L4",
    "hidden": "breakpoints",
    "exact": "identities",
    "general": "enclosure",
    "curve": "enclosure",
}
ENCLOSED = ("general", "curve")
READOUT = {"two-layer": "Vc", "parallel": "VUc", "residual": "Vc", "stream": "Vc", "post": "Vc", "plain": "Uc"}
MAX_CUTS = 200_000
KEYS = "format question loss route network data start end maximum level error_rate reference renamed segments rationals"
MAX_SEGMENTS = 10_000
QUESTIONS = ("connect", "depth", "certify", "escape", "valley", "pass")
CANNOT_TELL = "cannot tell"
Network = Mapping[str, Any]
"""`{"class", "bias", "parameters": {name: nested lists of floats}}`."""
Shapes = dict[str, list[int]]


@dataclass(frozen=True)
class Verdict:
    """The exact losses, and the corners `(segment, "0/1" or "1/1")` at which the highest corner is attained.

    `maximum` is the loss at the stated place, `upper` the bound. A general segment may be beyond plain intervals: it is
    then not accepted, and the reason starts with `CANNOT_TELL`.
    """

    accepted: bool
    reason: str
    start: Fraction | None = None
    end: Fraction | None = None
    maximum: Fraction | None = None
    attained: frozenset[tuple[int, str]] = frozenset()
    upper: Fraction | None = None


def check(certificate: bytes, X: Any, Y: Any, start: Network | None = None, end: Network | None = None) -> Verdict:
    """The Verdict on the bytes of a certificate. `start`, `end`: None (not compared) or
    `{"class", "bias", "parameters": {name: nested lists of floats}}`; for `depth`, `end` is the reference.
    Never raises: whatever goes wrong is the reason of a refusal."""
    try:
        return examine(bytes(certificate), table(X), table(Y), start, end)
    except Refused as refusal:
        return Verdict(False, str(refusal))
    except Exception as error:  # hostile bytes may break any library on the way
        return Verdict(False, f"unreadable: {type(error).__name__}: {error}")


def check_shapes(network: Any, n: int, p: int) -> Shapes:
    """The shapes of the space, after section 1's table; raises Refused."""
    keys(network, "class bias shapes", "network")
    shapes: Shapes = network["shapes"]
    bias, network_class = network["bias"], network["class"]
    need(is_index(bias, 2), "network: bias is not 0 or 1")
    need(type(shapes) is dict, "network: shapes is not an object")
    for name, shape in shapes.items():
        need(PARAMETER.fullmatch(name), f"network: {name[:20]!r} is no parameter")
        need(type(shape) is list and len(shape) == 2 - is_vector(name), f"network: {name} has no such shape")
        sizes = all(is_index(s, MAX_BYTES) and s >= 1 for s in shape)
        need(sizes, f"network: {name} has a size below 1, or none")
    need(type(network_class) is str and network_class in READOUT, "network: no such class")
    required = {"W", *READOUT[network_class]} - {"c"}
    need(required <= set(shapes), "network: a required parameter is missing")
    m = shapes["W"][0]
    want = {"W": [m, n + bias]} | ({} if network_class == "plain" else {"V": [p, m]})
    for prefix in blocks_of(network_class, shapes):
        width, layers = m, [("A", "a")] + [(f"B{k}", f"b{k}") for k in range(1, branch_depth(shapes, prefix))]
        for into, offset in [(prefix + into, prefix + offset) for into, offset in layers]:
            need(into in shapes, f"network: {into} is missing")
            want[into] = [shapes[into][0], width]
            width = shapes[into][0]
            want |= {offset: [width]} if offset in shapes else {}
        want[f"{prefix}U"] = [p if network_class in ("parallel", "plain") else m, width]
    want |= {"c": [p]} if "c" in shapes else {}
    need(shapes == want, "network: the shapes do not fit together, or a parameter is none of this class")
    return shapes


def check_moves(moves: Any, shapes: Shapes) -> Shapes:
    """The shape of each stored array of a segment."""
    need(type(moves) is dict, "moves: not an object")
    stored = {}
    for name, where in moves.items():
        need(name in shapes, f"moves: {name[:20]!r} is no parameter of the space")
        stored[name] = shapes[name]
        if where == "all":
            continue
        need(type(where) is list and name in "WVA", f"moves: {name} can only move as a whole")
        need(all(is_index(j, shapes["W"][0]) for j in where), f"moves: {name} names a slot that is none")
        need(where == sorted(set(where)), f"moves: the slots of {name} do not increase")
        stored[name] = [len(where), shapes["W"][1]] if name == "W" else [shapes[name][0], len(where)]
    return stored


def move(corner: Corner, moves: Mapping[str, Any], arrays: Corner) -> Corner:
    """The next corner."""
    after = {name: [row[:] if isinstance(row, list) else row for row in a] for name, a in corner.items()}
    for name, where in moves.items():
        if where == "all":
            after[name] = arrays[name]
            continue
        stored = arrays[name]
        if has_rationals({"before": after[name], "stored": stored}):
            after[name], stored = exact(after[name]), exact(stored)
        if name == "W":
            for j, row in zip(where, stored, strict=True):
                after[name][j] = row
        else:
            for target, row in zip(after[name], stored, strict=True):
                for j, value in zip(where, row, strict=True):
                    target[j] = value
    return after


def check_kind(kind: str, network_class: str, before: Corner, after: Corner) -> None:
    """The rule of the kind; equality of floats is equality of the numbers."""
    need(
        not (has_rationals(before) or has_rationals(after)) or kind not in ("hidden", "twins", *ENCLOSED),
        f"kind: weights of a {kind} segment are no floats",
    )
    if kind in (*ENCLOSED, "exact"):
        return  # anything may move; exact segments are judged on the data
    changed = [(name, i) for name in before for i, row in enumerate(before[name]) if row != after[name][i]]
    if kind == "hidden":
        moved = {name for name, _ in changed}
        need(breakpoints.is_hidden(network_class, before, moved), "kind: two on one route of a hidden segment move")
        return
    if kind == "readout":
        readout = READOUT[network_class]
        need(all(name in readout for name, _ in changed), f"kind: a readout segment moves more than {readout}")
        return
    if kind == "twins":
        check_twins(network_class, before, after)
        return
    edges = edges_of(network_class, before)
    moving = [edge for edge in edges if entry(before, *edge[:3]) != entry(after, *edge[:3])]
    for name, *_, target in moving:
        need(target[0] != "f", f"kind: a silent segment moves {name}, which enters the output")
    alive, reached = alive_and_reached(edges, before, after)
    for name, i, _, source, target in moving:
        lost = target not in alive or source not in reached
        need(lost, f"kind: a silent segment moves {name}, an entry into live unit {i}")


def check_cuts(cuts: Any) -> list[Fraction]:
    """The times between the pieces of a general segment."""
    need(type(cuts) is list and len(cuts) <= MAX_CUTS, "cuts: no list, or too many")
    times = [rational(cut) for cut in cuts]
    need(times == sorted(set(times)), "cuts: not strictly increasing")
    for time in times:
        need(0 < time < 1, "cuts: not strictly between 0 and 1")
        power = time.denominator
        need(power <= 2**200 and power & (power - 1) == 0, "cuts: not dyadic with a denominator up to 2^200")
    return times


def examine(certificate: bytes, X: Table, Y: Table, start: Network | None, end: Network | None) -> Verdict:
    """All rules in the order of the page; raises Refused at the first that is broken."""
    entries = read_archive(certificate)
    need("certificate.json" in entries, "archive: no certificate.json")
    claim = read_json(entries.pop("certificate.json"))
    keys(claim, KEYS, "the certificate")
    need(claim["format"] == "skipscape certificate 4", "json: another format")
    need(claim["question"] in QUESTIONS, "json: no such question")
    name = check_loss(claim["loss"], Y)
    irrational = name in IRRATIONAL
    route = claim["route"]
    need(type(route) is str and re.fullmatch("[A-Za-z0-9 -]*", route), "json: no such route")

    need(len(X) == len(Y), "input: X and Y have different numbers of points")
    N, n, p = len(X), len(X[0]), len(Y[0])
    data = {"N": N, "n": n, "p": p, "digest": data_digest(X, Y)}
    need(canonical(claim["data"]) == canonical(data), "data: not the data given")
    network, segments = claim["network"], claim["segments"]
    shapes = check_shapes(network, n, p)
    bias, network_class = network["bias"], network["class"]
    need(claim["question"] != "depth" or network_class != "plain", "depth: not asked of this class")
    orders = check_orders(claim["renamed"], claim["question"], shapes)

    need(type(segments) is list and 1 <= len(segments) <= MAX_SEGMENTS, "segments: not between 1 and 10,000")
    expected, bends = {f"start.{name}.npy": shape for name, shape in shapes.items()}, dict[str, list[int]]()
    for k, segment in enumerate(segments):
        keys(segment, "cuts kind statement moves", "a segment")
        kind = segment["kind"]
        need(kind in STATEMENTS, "segments: no such kind")
        need(kind in ENCLOSED or segment["cuts"] is None, "cuts: only for a general segment or a curve")
        need(segment["statement"] == STATEMENTS[kind], "segments: not the kind's statement")
        stored = check_moves(segment["moves"], shapes)
        expected |= {f"segment.{k:04d}.{name}.npy": shape for name, shape in stored.items()}
        if kind == "curve":
            need(all(where == "all" for where in segment["moves"].values()), "moves: slots of a curve")
            bends |= {f"control.{k:04d}.{name}.npy": shape for name, shape in stored.items()}
    others = read_rationals(claim["rationals"], expected)
    expected |= bends
    need(set(entries) == set(expected) - set(others), "archive: not exactly the arrays of the start and of the moves")
    arrays = others | {name: read_npy(name, entries[name], expected[name]) for name in entries}

    first = corner = {name: arrays[f"start.{name}.npy"] for name in shapes}
    losses, peaks, wrongs = [loss(name, network_class, corner, bias, X, Y)], list[Number](), list[int]()
    labelled = claim["error_rate"] is not None
    general: list[tuple[int, Corner, Corner, list[Fraction], Corner | None]] = []
    for k, segment in enumerate(segments):
        moves = segment["moves"]
        following = move(corner, moves, {name: arrays[f"segment.{k:04d}.{name}.npy"] for name in moves})
        check_kind(segment["kind"], network_class, corner, following)
        if segment["kind"] == "exact":
            check_identities(network_class, corner, following, bias, X)
        control = None
        if segment["kind"] == "curve":
            control = {**corner, **{name: arrays[f"control.{k:04d}.{name}.npy"] for name in moves}}
        if segment["kind"] in ENCLOSED:
            general.append((k, corner, following, check_cuts(segment["cuts"]), control))
        if labelled and not any(map(has_rationals, (corner, following))) and segment["kind"] not in ENCLOSED:
            wrongs.append(most_wrong(network_class, corner, following, bias, X, Y))
        if segment["kind"] == "hidden":
            need(not irrational, "kind: hidden is not about an irrational loss")
            peaks.append(breakpoints.hidden_maximum(corner, following, network_class, bias, X, Y, name)[0])
        if k == claim_segment(claim["maximum"], len(segments)):
            stated_time = time_of(claim["maximum"], segment["kind"])
            here = segment["kind"]
            floats = not (has_rationals(corner) or has_rationals(following))
            need(stated_time in (0, 1) or floats, "maximum: inside a segment of rationals")
            at = mean_loss(name, network_class, between(corner, following, stated_time, control), bias, X, Y)
        corner = following
        losses.append(loss(name, network_class, corner, bias, X, Y))
    need(sum(len(cuts) for *_, cuts, _ in general) <= MAX_CUTS, "cuts: too many in all")
    top, low_top = max(map(highest, losses + peaks)), max(map(lowest, losses + peaks))
    places = [(k, t) for k in range(len(segments)) for t in (0, 1) if highest(losses[k + t]) >= low_top]
    attained = frozenset((k, f"{t}/1") for k, t in places)

    need(not has_rationals(corner), "end: no floats")
    for which, where, value in (("start", first, losses[0]), ("end", corner, losses[-1])):
        keys(claim[which], "digest loss", which)
        need(claim[which]["digest"] == network_digest(network_class, bias, where), f"{which}: another digest")
        need(holds(stated_loss(claim[which]["loss"], irrational), value), f"{which}: another loss")
    stated, upper = stated_loss(claim["maximum"]["loss"], irrational), rational(claim["maximum"]["upper"])
    if not general:
        need(here == "hidden" or claim["maximum"]["t"] in ("0/1", "1/1"), "maximum: t is not an end of a segment")
        need(lowest(stated) <= top and low_top <= highest(stated), "maximum: another loss")
        need(highest(at) >= low_top, "maximum: not attained there")
        need(irrational or upper == top, "maximum: an upper bound that is not the maximum")
    need(holds(stated, at), "maximum: not the loss at the place")
    need(low_top <= highest(stated) and top <= upper, "maximum: not between the corners and the upper bound")
    need(lowest(at) <= upper, "maximum: a loss above the upper bound")
    need(claim["level"] is None or upper <= rational(claim["level"]), "level: below the maximum")

    check_own_space(claim["question"], shapes, start, end)
    if start is not None:
        need(file_digest(start, shapes) == claim["start"]["digest"], "start: not the network given")
    if claim["question"] == "depth":
        check_reference(claim["reference"], corner, bias, end)
    else:
        need(claim["reference"] is None, "reference: only for depth")
        if end is not None:
            need(file_digest(renamed(end, orders), shapes) == claim["end"]["digest"], "end: not the network given")
    if claim["question"] in ("depth", "escape", "valley"):
        need(highest(losses[-1]) < lowest(losses[0]), "depth: the end's loss is not below the start's")
    if claim["question"] in ("valley", "pass"):
        need(name == "squared", "valley: about squared error only")
    if claim["question"] == "valley":
        level = unavoidable(network_class, first, highest(losses[0]), bias, X, Y)
        need(upper == level, "valley: the path climbs to another loss than the one that none can avoid")
    if claim["question"] == "pass":
        level = unavoidable(network_class, first, max(highest(losses[0]), highest(losses[-1])), bias, X, Y, corner)
        need(upper == level, "pass: the path climbs to another loss than the one that none can avoid")
    for k, before, after, cuts, control in general:
        found = enclosed(name, network_class, before, after, bias, X, Y, cuts, upper, control)
        need(found is not False, f"general: the loss on segment {k} exceeds the bound")
        need(found, f"{CANNOT_TELL}: plain intervals do not establish the bound on segment {k}")
    if labelled:
        rate = rational(claim["error_rate"])
        need(0 <= rate <= 1, "error_rate: not from 0 to 1")
        need(has_labels(Y), "error_rate: no labels")
        most = int(rate * N)
        need(all(count <= most for count in wrongs), "error_rate: more samples are wrong")
        for k, before, after, cuts, control in general:
            kept = keeps_to(network_class, before, after, bias, X, Y, cuts, most, control)
            need(kept is not False, f"error_rate: more samples are wrong on segment {k}")
            need(kept, f"{CANNOT_TELL}: plain intervals do not establish the error rate on segment {k}")
    return Verdict(True, "accepted", lowest(losses[0]), lowest(losses[-1]), lowest(stated), attained, upper)


def stated_loss(loss: Any, irrational: bool) -> Number:
    """A loss as it is stated: one rational, or two that are close together."""
    keys(loss, "lower upper", "loss")
    lower, upper = (rational(loss[key]) for key in ("lower", "upper"))
    if irrational:
        need(0 <= lower < upper, "loss: not 0 <= lower < upper")
        need(upper - lower <= upper / 2**60 or upper <= Fraction(1, 2**1000), "loss: ends too far apart")
    else:
        need(lower == upper, "loss: two rationals for one")
    return Interval.of(lower, upper)


def holds(stated: Number, known: Number) -> bool:
    """Whether the loss lies where it is said to lie."""
    return lowest(stated) <= lowest(known) and highest(known) <= highest(stated)


def check_loss(name: Any, Y: Table) -> str:
    """The loss's name; the targets are what it is about."""
    family, _, parameter = name.partition(":") if type(name) is str else ("", "", "")
    plain = [one for one in LOSSES if ":" not in one]
    need(name in plain or (family == "huber" and rational(parameter) > 0), "json: no such loss")
    need(name not in SIGNS or all(abs(value) == 1 for y in Y for value in y), "loss: targets are not -1 and 1")
    need(name not in LABELS or has_labels(Y), "loss: targets are not one-hot")
    return str(name)


def claim_segment(maximum: Any, segments: int) -> int:
    """The segment of the place that is stated."""
    keys(maximum, "loss segment t upper", "maximum")
    need(is_index(maximum["segment"], segments), "maximum: no such segment")
    return int(maximum["segment"])


def time_of(maximum: Mapping[str, Any], kind: str) -> Fraction:
    """The time of the place that is stated."""
    t = rational(maximum["t"])
    need(
        0 <= t <= 1 and t.denominator.bit_length() <= (1_000_000 if kind == "hidden" else 1000), "maximum: no such time"
    )
    return t


def check_own_space(question: str, shapes: Shapes, start: Network | None, end: Network | None) -> None:
    """No bias of the space that the given networks lack: a depth, or a path, among other networks than those."""
    about_depth = question in ("depth", "escape", "valley")
    asked = [start] if about_depth else [start, end]
    given = [network for network in asked if network is not None]
    if question == "certify" or len(given) < len(asked):
        return
    named = {name for network in given for name in network["parameters"]}
    need(all(name in named or len(shape) == 2 for name, shape in shapes.items()), "ends: a bias that none has")


def check_reference(reference: Any, last: Corner, bias: int, given: Network | None) -> None:
    """The end is a two-layer network on the slots, and that network has the digest claimed."""
    keys(reference, "digest slots", "reference")
    slots, m = reference["slots"], len(last["W"])
    need(type(slots) is list and slots and all(is_index(j, m) for j in slots), "reference: no such slots")
    need(len(set(slots)) == len(slots), "reference: slots are not distinct")
    off = [row[j] for row in last["V"] for j in range(m) if j not in slots]
    need(not any(off), "reference: V is not zero off the slots")
    blocks = [array for name, array in last.items() if name.rpartition(".")[2] == "U"]
    need(not any(value for U in blocks for row in U for value in row), "reference: U is not zero")
    alone = {"W": [last["W"][j] for j in slots], "V": [[row[j] for j in slots] for row in last["V"]]}
    absent = not any(value or math.copysign(1, value) < 0 for value in last.get("c", []))
    possible = [alone] if absent else []
    possible += [alone | {"c": last["c"]}] if "c" in last else []
    digests = [network_digest("two-layer", bias, arrays) for arrays in possible]
    need(reference["digest"] in digests, "reference: not the network on the slots")
    if given is not None:
        if "c" not in last and not any(given["parameters"].get("c", [])):  # a zero c is none where the space has none
            given = {**given, "parameters": {name: given["parameters"][name] for name in ("W", "V")}}
        need(file_digest(given, {}) == reference["digest"], "reference: not the network given")
