"""`certificate.json`, parsed: every key, type and range (specification, section 3); nothing is believed."""

import re
from itertools import pairwise
from typing import Any, NoReturn

from flint import fmpq

from . import canonical_json, rationals
from .arrays import is_float
from .claims import DataClaim, Document, EndClaim, MaximumClaim, ReferenceClaim, SegmentClaim, Slots
from .errors import Refused
from .graph import parse_nodes
from .intervals import Interval
from .losses import SQUARED, Bending, Loss, loss_named
from .renaming import layers
from .spaces import GRAPH, Space, parse_space

FORMAT = "skipscape certificate 4"
_KEYS = (
    "format question loss route network data start end maximum level error_rate reference renamed segments rationals"
)
_OLDER = re.compile(r"skipscape certificate [0-3]")
QUESTIONS = ("connect", "depth", "certify", "escape", "valley", "pass")
# What may be asked of a graph, and the kinds of its segments.
_OF_GRAPHS = ("connect", "certify"), ("readout", "silent", "general", "curve")
MAX_SEGMENTS = 10_000
MAX_CUTS = 200_000
STATEMENTS = {
    "readout": "L7",
    "silent": "L9",
    "twins": "L4",
    "hidden": "breakpoints",
    "general": "enclosure",
    "curve": "enclosure",
    "exact": "identities",
}
MAX_RATIONALS = 200_000
MAX_RATIONAL_TEXT = 40_000
_MAX_CUT_BITS = 200
# How far apart the ends of a stated loss may be, as a part of it; a loss below the second is not told from 0.
_WIDEST, _TINY = fmpq(1, 1 << 60), fmpq(1, 1 << 1000)
_MAX_TIME_BITS = 1000
# Breakpoints are quotients of what a whole network computes, so they are long.
_MAX_BREAKPOINT_BITS = 1_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ROUTE = re.compile(r"[A-Za-z0-9 -]*")
# Which parameters may change slot by slot, and the axis that the slots index.
SLOT_AXIS = {"W": 0, "V": 1, "A": 1}


def parse_document(blob: bytes) -> Document:
    """The document in canonical json. Raises Refused naming the key."""
    value = canonical_json.loads(blob)
    _require_format(value)
    root = _object(value, "certificate.json", _KEYS)
    loss = _named(root["loss"])
    if root["question"] not in QUESTIONS:
        _refuse("question", f"it must be one of {', '.join(QUESTIONS)}")
    if root["question"] in ("valley", "pass") and loss is not SQUARED:
        _refuse("question", f"a {root['question']} is proved for squared error only, not for loss {loss.name}")
    if not isinstance(root["route"], str) or not _ROUTE.fullmatch(root["route"]):
        _refuse("route", "it must consist of letters, digits, '-' and ' '")
    space = _space(root["network"])
    if root["question"] == "depth" and not space.holds_two_layer:
        _refuse("question", f"'depth' is not asked of class {space.kind}")
    segments = _segments(root["segments"], space)
    if space.graph is not None:
        _require_of_graphs(root["question"], segments, root["rationals"])
    if not isinstance(loss, Bending) and any(segment.kind == "hidden" for segment in segments):
        _refuse(
            "segments", f"the kind 'hidden' is not about loss {loss.name}, which is no piecewise quadratic function"
        )
    maximum = _maximum(root["maximum"], segments, loss)
    if not any(segment.cuts is not None for segment in segments):
        if maximum.t not in (0, 1) and segments[maximum.segment].kind != "hidden":
            _refuse("maximum.t", "it must be '0/1' or '1/1' without a general segment, except on a hidden one")
        if loss.rational and maximum.upper != maximum.loss.high:
            _refuse("maximum.upper", "it must be maximum.loss without a general segment")
    return Document(
        question=root["question"],
        loss=loss,
        route=root["route"],
        space=space,
        data=_data(root["data"], space),
        start=_end(root["start"], "start", loss),
        end=_end(root["end"], "end", loss),
        maximum=maximum,
        level=None if root["level"] is None else _rational(root["level"], "level"),
        error_rate=_error_rate(root["error_rate"]),
        reference=_reference(root["reference"], root["question"], space),
        renamed=_renamed(root["renamed"], root["question"], space),
        segments=segments,
        rationals=_rationals(root["rationals"]),
    )


def _require_of_graphs(question: str, segments: tuple[SegmentClaim, ...], rationals: object) -> None:
    """What else is said is about networks with features, branches and blocks."""
    questions, kinds = _OF_GRAPHS
    if question not in questions:
        _refuse("question", f"{question!r} is not asked of class {GRAPH}")
    for k, segment in enumerate(segments):
        if segment.kind not in kinds:
            _refuse(f"segments[{k}].kind", f"it must be one of {', '.join(kinds)} for class {GRAPH}")
    if rationals != {}:
        _refuse("rationals", f"there must be none for class {GRAPH}, whose corners are floats")


def _require_format(value: object) -> None:
    """Refuse whatever does not say that it is of the one format; of an older one it is said that it is."""
    found = value.get("format") if isinstance(value, dict) else None
    if isinstance(found, str) and _OLDER.fullmatch(found):
        _refuse("format", f"{found!r} is an older format, which is no longer read: make the certificate anew")
    if isinstance(value, dict) and "format" in value and found != FORMAT:
        _refuse("format", f"it must be {FORMAT!r}")


def _rationals(value: object) -> dict[str, tuple[fmpq, ...]]:
    """Name of an array -> its entries in row-major order, one of them no float."""
    if not isinstance(value, dict) or not all(isinstance(cells, list) for cells in value.values()):
        _refuse("rationals", "it must be an object of lists")
    if sum(len(cells) for cells in value.values()) > MAX_RATIONALS:
        _refuse("rationals", f"they are more than {MAX_RATIONALS} in all")
    found = {}
    for name, cells in value.items():
        key = f"rationals.{name[:40]}"
        if any(isinstance(cell, str) and len(cell) > MAX_RATIONAL_TEXT for cell in cells):
            _refuse(key, f"one has more than {MAX_RATIONAL_TEXT} characters")
        found[name] = tuple(_rational(cell, key) for cell in cells)
        if all(is_float(cell) for cell in found[name]):
            _refuse(key, "all entries are floats: such an array is stored as .npy")
    return found


def _space(value: object) -> Space:
    of_graph = isinstance(value, dict) and value.get("class") == GRAPH
    network = _object(value, "network", "class bias shapes nodes" if of_graph else "class bias shapes")
    if not isinstance(network["class"], str):
        _refuse("network.class", "it must be a string")
    bias = _integer(network["bias"], "network.bias", 0, 1)
    if not isinstance(network["shapes"], dict):
        _refuse("network.shapes", "it must be an object")
    shapes = {}
    for name, shape in network["shapes"].items():
        if not isinstance(shape, list):
            _refuse("network.shapes", "every shape must be a list")
        shapes[name] = tuple(_integer(length, "network.shapes", 1, 1 << 31) for length in shape)
    try:
        nodes = parse_nodes(network["nodes"], whole=True) if of_graph else None
        return parse_space(network["class"], bias, shapes, nodes)
    except ValueError as error:
        raise Refused(f"certificate.json: network: {error}") from None


def _data(value: object, space: Space) -> DataClaim:
    data = _object(value, "data", "N n p digest")
    claim = DataClaim(
        samples=_integer(data["N"], "data.N", 1, 1 << 62),
        inputs=_integer(data["n"], "data.n", 1, 1 << 62),
        outputs=_integer(data["p"], "data.p", 1, 1 << 62),
        digest=_digest(data["digest"], "data.digest"),
    )
    if (claim.inputs, claim.outputs) != (space.inputs, space.outputs):
        _refuse("data", f"n, p must be those of the network, {space.inputs}, {space.outputs}")
    return claim


def _named(value: object) -> Loss:
    try:
        return loss_named(value)
    except ValueError as error:
        _refuse("loss", str(error))


def _renamed(value: object, question: str, space: Space) -> dict[str, tuple[int, ...]] | None:
    """Layer -> the order of its units at the end of the path."""
    if value is None:
        return None
    if question not in ("connect", "certify"):
        _refuse("renamed", f"it must be null where the question is {question!r}")
    if not isinstance(value, dict) or not value:
        _refuse("renamed", "it must be null or an object with the orders of one layer at least")
    if space.graph is not None:
        _refuse("renamed", f"it must be null for class {GRAPH}")
    known, found = layers(space), {}
    for name, order in value.items():
        if name not in known:
            _refuse("renamed", f"{name[:40]!r} is no hidden layer of the network")
        size = space.shapes[name][0]
        if not isinstance(order, list) or len(order) != size:
            _refuse(f"renamed.{name}", f"it must be a list of the {size} units")
        found[name] = tuple(_integer(unit, f"renamed.{name}", 0, size - 1) for unit in order)
        if len(set(found[name])) != size:
            _refuse(f"renamed.{name}", "every unit must be there once")
    return found


def _error_rate(value: object) -> fmpq | None:
    rate = None if value is None else _rational(value, "error_rate")
    if rate is not None and not 0 <= rate <= 1:
        _refuse("error_rate", "it must be from 0 to 1")
    return rate


def _end(value: object, key: str, loss: Loss) -> EndClaim:
    end = _object(value, key, "digest loss")
    return EndClaim(_digest(end["digest"], f"{key}.digest"), _loss(end["loss"], f"{key}.loss", loss))


def _loss(value: object, key: str, loss: Loss) -> Interval:
    """A loss as it is stated: one rational, or for an irrational loss two that are close together."""
    stated = _object(value, key, "lower upper")
    lower, upper = (_rational(stated[name], f"{key}.{name}") for name in ("lower", "upper"))
    if loss.rational and lower != upper:
        _refuse(key, f"lower and upper must be the same, as loss {loss.name} is a rational number")
    if not loss.rational and not 0 <= lower < upper:
        _refuse(key, f"0 <= lower < upper must hold, as loss {loss.name} is no rational number")
    if upper - lower > _WIDEST * upper and upper > _TINY:
        _refuse(key, "lower and upper are too far apart: by more than 2^-60 of the loss")
    return Interval(lower, upper)


def _maximum(value: object, segments: tuple[SegmentClaim, ...], loss: Loss) -> MaximumClaim:
    maximum = _object(value, "maximum", "loss segment t upper")
    t = _rational(maximum["t"], "maximum.t")
    segment = _integer(maximum["segment"], "maximum.segment", 0, len(segments) - 1)
    most = _MAX_BREAKPOINT_BITS if segments[segment].kind == "hidden" else _MAX_TIME_BITS
    if not 0 <= t <= 1 or int(t.q).bit_length() > most:
        _refuse("maximum.t", f"it must be a time from 0 to 1 whose denominator has at most {most} bits")
    return MaximumClaim(
        loss=_loss(maximum["loss"], "maximum.loss", loss),
        segment=segment,
        t=t,
        upper=_rational(maximum["upper"], "maximum.upper"),
    )


def _reference(value: object, question: str, space: Space) -> ReferenceClaim | None:
    if question != "depth":
        if value is not None:
            _refuse("reference", "it must be null unless the question is 'depth'")
        return None
    reference = _object(value, "reference", "digest slots")
    slots = _slots(reference["slots"], "reference.slots", space.slots)
    if len(set(slots)) != len(slots):
        _refuse("reference.slots", "the slots must be distinct")
    return ReferenceClaim(_digest(reference["digest"], "reference.digest"), slots)


def _segments(value: object, space: Space) -> tuple[SegmentClaim, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_SEGMENTS:
        _refuse("segments", f"it must be a list of 1 to {MAX_SEGMENTS} segments")
    segments = tuple(_segment(entry, f"segments[{k}]", space) for k, entry in enumerate(value))
    if sum(len(segment.cuts or ()) for segment in segments) > MAX_CUTS:
        _refuse("segments", f"they have more than {MAX_CUTS} cuts in all")
    return segments


def _segment(value: object, key: str, space: Space) -> SegmentClaim:
    segment = _object(value, key, "cuts kind statement moves")
    kind, moves = segment["kind"], segment["moves"]
    if not isinstance(kind, str) or kind not in STATEMENTS:
        _refuse(f"{key}.kind", f"it must be one of {', '.join(STATEMENTS)}")
    if segment["statement"] != STATEMENTS[kind]:
        _refuse(f"{key}.statement", f"a {kind} segment rests on {STATEMENTS[kind]}")
    if not isinstance(moves, dict):
        _refuse(f"{key}.moves", "it must be an object")
    enclosed = STATEMENTS[kind] == "enclosure"
    if not enclosed and segment["cuts"] is not None:
        _refuse(f"{key}.cuts", "it must be null unless the segment is general or a curve")
    if kind == "curve" and any(move != "all" for move in moves.values()):
        _refuse(f"{key}.moves", "every parameter must be 'all' on a curve")
    return SegmentClaim(
        kind,
        STATEMENTS[kind],
        {name: _move(moves[name], f"{key}.moves", name, space) for name in moves},
        _cuts(segment["cuts"], f"{key}.cuts") if enclosed else None,
    )


def _cuts(value: object, key: str) -> tuple[fmpq, ...]:
    if not isinstance(value, list) or len(value) > MAX_CUTS:
        _refuse(key, f"it must be a list of at most {MAX_CUTS} times")
    cuts = tuple(_rational(entry, key) for entry in value)
    for cut in cuts:
        power = int(cut.q)
        if not 0 < cut < 1 or power & (power - 1) or power > 1 << _MAX_CUT_BITS:
            _refuse(key, f"each must be a dyadic rational between 0 and 1, with a denominator up to 2^{_MAX_CUT_BITS}")
    if any(left >= right for left, right in pairwise(cuts)):
        _refuse(key, "they must be strictly increasing")
    return cuts


def _move(value: object, key: str, name: str, space: Space) -> Slots | None:
    if name not in space.shapes:
        _refuse(key, f"{name[:40]!r} is no parameter of the network")
    if value == "all":
        return None
    if name not in SLOT_AXIS or space.graph is not None:
        _refuse(f"{key}.{name}", "it must be 'all'")
    slots = _slots(value, f"{key}.{name}", space.slots) if value != [] else ()
    if any(left >= right for left, right in pairwise(slots)):
        _refuse(f"{key}.{name}", "the slots must be strictly increasing")
    return slots


def _slots(value: object, key: str, slots: int) -> Slots:
    """A non-empty list of slot numbers below `slots`."""
    if not isinstance(value, list) or not value:
        _refuse(key, "it must be a non-empty list of slots")
    return tuple(_integer(slot, key, 0, slots - 1) for slot in value)


def _object(value: object, key: str, names: str) -> dict[str, Any]:
    """A json object with exactly these keys."""
    if not isinstance(value, dict) or set(value) != set(names.split()):
        _refuse(key, f"it must be an object with exactly the keys {names.replace(' ', ', ')}")
    return value


def _integer(value: object, key: str, least: int, most: int) -> int:
    # `true` is an int in Python and `1` in no canonical document.
    if type(value) is not int or not least <= value <= most:
        _refuse(key, f"it must be an integer from {least} to {most}")
    return value


def _digest(value: object, key: str) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        _refuse(key, "it must be 64 lower-case hexadecimal characters")
    return value


def _rational(value: object, key: str) -> fmpq:
    try:
        return rationals.parse(value)
    except ValueError as error:
        _refuse(key, str(error))


def _refuse(key: str, reason: str) -> NoReturn:
    raise Refused(f"certificate.json: {key}: {reason}")
