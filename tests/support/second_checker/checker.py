"""A second, complete checker of certificates, for small cases: exact Fractions, and the oracles for hidden segments.

Written from `proofs_notes/certificate.md` alone, to be compared with the project's checker. It is slow and
believes nothing. Where the page leaves a choice, this file reads it so:

- every size in `shapes` is at least 1, `slots` is not empty; a list in `moves` may be empty;
- `route` is ASCII and may be empty;
- `maximum.upper` bounds the loss at every corner, and `maximum.loss` is one that no corner exceeds;
- the reference's weights stand in the end bit for bit, whether its file is at hand or not (an absent `c` as
  `+0.0`); but what must be "zero" (`V` off the slots, `U`) must be the number 0, so `-0.0` will do.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from support import breakpoints
from support.loss_oracles import IRRATIONAL
from support.second_checker.archive import (
    Corner,
    Refused,
    Table,
    canonical,
    data_digest,
    file_digest,
    keys,
    need,
    rational,
    read_archive,
    read_json,
    read_npy,
    table,
)
from support.second_checker.claims import (
    Network,
    check_loss,
    check_own_space,
    check_reference,
    claim_segment,
    holds,
    stated_loss,
    time_of,
)
from support.second_checker.errors import has_labels, keeps_to, most_wrong
from support.second_checker.identities import check_identities, has_rationals, read_rationals
from support.second_checker.intervals import Number, highest, lowest
from support.second_checker.losses import between, enclosed, loss, mean_loss
from support.second_checker.path import (
    ENCLOSED,
    MAX_CUTS,
    OF_GRAPHS,
    STATEMENTS,
    check_cuts,
    check_kind,
    check_moves,
    move,
)
from support.second_checker.renaming import check_orders, renamed
from support.second_checker.space import check_space
from support.second_checker.valley import unavoidable

KEYS = "format question loss route network data start end maximum level error_rate reference renamed segments rationals"
MAX_SEGMENTS = 10_000
QUESTIONS = ("connect", "depth", "certify", "escape", "valley", "pass")
CANNOT_TELL = "cannot tell"


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
    space = check_space(network, n, p)
    shapes, bias, network_class, graph = space.shapes, space.bias, space.network_class, space.nodes is not None
    need(not graph or claim["question"] in ("connect", "certify"), "json: another question than graphs have")
    need(not graph or claim["renamed"] is None, "renamed: a graph")
    need(claim["question"] != "depth" or network_class != "plain", "depth: not asked of this class")
    orders = check_orders(claim["renamed"], claim["question"], shapes)

    need(type(segments) is list and 1 <= len(segments) <= MAX_SEGMENTS, "segments: not between 1 and 10,000")
    called = {name: space.array(name) for name in shapes}
    expected, bends = {f"start.{called[name]}.npy": shape for name, shape in shapes.items()}, dict[str, list[int]]()
    for k, segment in enumerate(segments):
        keys(segment, "cuts kind statement moves", "a segment")
        kind = segment["kind"]
        need(kind in (OF_GRAPHS if graph else STATEMENTS), "segments: no such kind")
        need(kind in ENCLOSED or segment["cuts"] is None, "cuts: only for a general segment or a curve")
        need(segment["statement"] == STATEMENTS[kind], "segments: not the kind's statement")
        stored = check_moves(segment["moves"], space)
        expected |= {f"segment.{k:04d}.{called[name]}.npy": shape for name, shape in stored.items()}
        if kind == "curve":
            need(all(where == "all" for where in segment["moves"].values()), "moves: slots of a curve")
            bends |= {f"control.{k:04d}.{called[name]}.npy": shape for name, shape in stored.items()}
    others = read_rationals(claim["rationals"], expected)
    need(not (graph and others), "rationals: a graph")
    expected |= bends
    need(set(entries) == set(expected) - set(others), "archive: not exactly the arrays of the start and of the moves")
    arrays = others | {name: read_npy(name, entries[name], expected[name]) for name in entries}

    first = corner = {name: arrays[f"start.{called[name]}.npy"] for name in shapes}
    losses, peaks, wrongs = [loss(name, space, corner, X, Y)], list[Number](), list[int]()
    labelled = claim["error_rate"] is not None
    general: list[tuple[int, Corner, Corner, list[Fraction], Corner | None]] = []
    for k, segment in enumerate(segments):
        moves = segment["moves"]
        following = move(corner, moves, {name: arrays[f"segment.{k:04d}.{called[name]}.npy"] for name in moves})
        check_kind(segment["kind"], space, corner, following)
        if segment["kind"] == "exact":
            check_identities(network_class, corner, following, bias, X)
        control = None
        if segment["kind"] == "curve":
            control = {**corner, **{name: arrays[f"control.{k:04d}.{called[name]}.npy"] for name in moves}}
        if segment["kind"] in ENCLOSED:
            general.append((k, corner, following, check_cuts(segment["cuts"]), control))
        if labelled and not any(map(has_rationals, (corner, following))) and segment["kind"] not in ENCLOSED:
            wrongs.append(most_wrong(space, corner, following, X, Y))
        if segment["kind"] == "hidden":
            need(not irrational, "kind: hidden is not about an irrational loss")
            peaks.append(breakpoints.hidden_maximum(corner, following, network_class, bias, X, Y, name)[0])
        if k == claim_segment(claim["maximum"], len(segments)):
            stated_time = time_of(claim["maximum"], segment["kind"])
            here = segment["kind"]
            floats = not (has_rationals(corner) or has_rationals(following))
            need(stated_time in (0, 1) or floats, "maximum: inside a segment of rationals")
            at = mean_loss(name, space, between(corner, following, stated_time, control), X, Y)
        corner = following
        losses.append(loss(name, space, corner, X, Y))
    need(sum(len(cuts) for *_, cuts, _ in general) <= MAX_CUTS, "cuts: too many in all")
    top, low_top = max(map(highest, losses + peaks)), max(map(lowest, losses + peaks))
    places = [(k, t) for k in range(len(segments)) for t in (0, 1) if highest(losses[k + t]) >= low_top]
    attained = frozenset((k, f"{t}/1") for k, t in places)

    need(not has_rationals(corner), "end: no floats")
    for which, where, value in (("start", first, losses[0]), ("end", corner, losses[-1])):
        keys(claim[which], "digest loss", which)
        need(claim[which]["digest"] == space.digest(where), f"{which}: another digest")
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

    check_own_space(claim["question"], space, start, end)
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
        found = enclosed(name, space, before, after, X, Y, cuts, upper, control)
        need(found is not False, f"general: the loss on segment {k} exceeds the bound")
        need(found, f"{CANNOT_TELL}: plain intervals do not establish the bound on segment {k}")
    if labelled:
        rate = rational(claim["error_rate"])
        need(0 <= rate <= 1, "error_rate: not from 0 to 1")
        need(has_labels(Y), "error_rate: no labels")
        most = int(rate * N)
        need(all(count <= most for count in wrongs), "error_rate: more samples are wrong")
        for k, before, after, cuts, control in general:
            kept = keeps_to(space, before, after, X, Y, cuts, most, control)
            need(kept is not False, f"error_rate: more samples are wrong on segment {k}")
            need(kept, f"{CANNOT_TELL}: plain intervals do not establish the error rate on segment {k}")
    return Verdict(True, "accepted", lowest(losses[0]), lowest(losses[-1]), lowest(stated), attained, upper)
