"""What a certificate says of its path, taken by itself: losses, places, ends, references; for the second checker."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from support.loss_oracles import LABELS, LOSSES, SIGNS
from support.second_checker.archive import Corner, Table, file_digest, is_index, keys, need, network_digest, rational
from support.second_checker.errors import has_labels
from support.second_checker.intervals import Interval, Number, highest, lowest
from support.second_checker.space import Space

Network = Mapping[str, Any]
"""`{"class", "bias", "parameters": {name: nested lists of floats}}`, of a graph its `nodes` besides."""


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


def check_own_space(question: str, space: Space, start: Network | None, end: Network | None) -> None:
    """No bias of the space that the given networks lack: a depth, or a path, among other networks than those."""
    about_depth = question in ("depth", "escape", "valley")
    asked = [start] if about_depth else [start, end]
    given = [network for network in asked if network is not None]
    if question == "certify" or len(given) < len(asked) or space.nodes is not None:
        return
    named = {name for network in given for name in network["parameters"]}
    need(all(name in named or len(shape) == 2 for name, shape in space.shapes.items()), "ends: a bias that none has")


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
