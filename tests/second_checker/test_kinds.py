"""The Fraction checker on what a segment of a kind may move: silent and readout segments, by the graph of units."""

import copy
import random
from fractions import Fraction

import pytest

from support.certificate_drafts import ALL, certificate, corners, deep_draft, refused, two_layer_draft, verdict_of
from support.certificates import put
from support.oracles import interpolate, outputs

W_ROW = ([0], [[9.0, 9.0]])
PATH_EDITS = {
    "readout moves W": (put("segments", 0, 1, "W", W_ROW), "readout segment moves more"),
    "readout moves A": (put("segments", 0, 1, "A", (ALL, [[9.0] * 3] * 2)), "readout segment moves more"),
    "readout moves a": (put("segments", 0, 1, "a", (ALL, [9.0, 9.0])), "readout segment moves more"),
    "readout moves b1": (put("segments", 0, 1, "b1", (ALL, [9.0, 9.0])), "readout segment moves more"),
    "silent moves a live neuron": (put("segments", 1, 1, "W", W_ROW), "moves W"),
    "silent moves V": (put("segments", 1, 1, "V", ([2], [[1.0]])), "moves V"),
    "silent moves U": (put("segments", 2, 1, "U", (ALL, [[1.0, 0.0]])), "moves U"),
    "silent moves c": (put("segments", 2, 1, "c", (ALL, [1.0])), "moves c"),
    "silent moves a live branch": (put("segments", 0, 1, "U", (ALL, [[0.0, 1.0]])), "live unit"),
    "silence that ends at the corner": (
        put("segments", 2, ("silent", {"W": ([2], [[7.0, 7.0]]), "V": ([2], [[1.0]])})),
        "kind: a silent segment moves",
    ),
    "silence that begins at the corner": (
        put("segments", 0, ("silent", {"W": ([2], [[7.0, 7.0]]), "V": (ALL, [[1.0, -0.5, 0.0]])})),
        "kind: a silent segment moves",
    ),
}


@pytest.mark.parametrize(("edit", "because"), PATH_EDITS.values(), ids=PATH_EDITS)
def test_a_segment_that_is_not_its_kind_is_refused(edit, because):
    """The kind's rule broken, every loss, maximum and digest recomputed: refused for the kind."""
    draft = deep_draft()
    edit(draft)
    refused(draft, certificate(draft), because)


@pytest.mark.parametrize("corner", ["before", "after"])
def test_a_weight_must_be_zero_at_both_corners(corner):
    """A unit is live if a weight from it into a live unit is zero at one corner only: A may not move."""
    draft = two_layer_draft() | {"class": "parallel"}
    draft["start"] |= {"A": [[1.0, 1.0]], "B1": [[0.0 if corner == "before" else 1.0]], "U": [[1.0]]}
    moves = {"A": (ALL, [[2.0, 2.0]]), "B1": (ALL, [[1.0 if corner == "before" else 0.0]])}
    draft["segments"] = [("silent", moves)]
    draft["level"] = None
    refused(draft, certificate(draft), "moves A, an entry into live unit")


def sparse_segment(seed):
    """A draft of one segment called silent, between two sparse random networks that share most weights."""
    draw = random.Random(seed)

    def entries(rows, columns):
        return [[draw.choice([0.0, 0.0, 1.0, -1.0, 0.5]) for _ in range(columns)] for _ in range(rows)]

    start = {
        "W": entries(2, 2),
        "V": entries(1, 2),
        "A": entries(2, 2),
        "B1": entries(2, 2),
        "U": entries(1, 2),
    }
    start |= {name: entries(1, 2)[0] for name in ("a", "b1")}
    end = copy.deepcopy(start)
    for name in draw.sample(["W", "A", "B1", "a", "b1"], 2):
        i = draw.randrange(2)
        end[name][i] = draw.choice([1.0, 2.0]) if name in "ab1" else entries(1, 2)[0]
    return {
        "class": "parallel",
        "bias": 1,
        "X": [[1.0], [-0.5], [2.0]],
        "Y": [[1.0], [0.0], [-1.0]],
        "level": None,
        "reference": None,
        "start": start,
        "segments": [("silent", {name: (ALL, array) for name, array in end.items()})],
    }


def test_accepted_silence_is_silent():
    """On every random silent segment that is accepted the exact outputs are the same at t = 0, 1/3, 3/4, 1.

    Both answers occur often among 600 drafts, and some refused segments do change the outputs.
    """
    accepted = changed = 0
    for seed in range(600):
        draft = sparse_segment(seed)
        ends = corners(draft)
        times = (Fraction(0), Fraction(1, 3), Fraction(3, 4), Fraction(1))
        found = [outputs(interpolate(*ends, t), "parallel", 1, draft["X"]) for t in times]
        constant = all(f == found[0] for f in found)
        if verdict_of(draft, certificate(draft)).accepted:
            assert constant
            accepted += 1
        changed += not constant
    assert accepted > 50
    assert changed > 50
