"""The Fraction checker: small certificates are accepted, and each rule's violation is refused for that rule.

Every forgery here has all its digests recomputed; see `support.certificate_drafts`. What is refused for its bytes
alone is in `test_archive.py`.
"""

import copy
import sys
from fractions import Fraction

import pytest

from support.certificate_drafts import (
    ALL,
    DRAFTS,
    certificate,
    corners,
    deep_draft,
    depth_draft,
    honest,
    network,
    refused,
    stored_arrays,
    two_layer_draft,
    verdict_of,
)
from support.certificates import canonical, drop, pack, put, raw_npy, stated, text
from support.oracles import exact_loss
from support.second_checker import check

F = Fraction


@pytest.mark.parametrize("draft", DRAFTS.values(), ids=DRAFTS)
def test_honest_certificates_are_accepted(draft):
    """Each draft is accepted with the oracle's losses, with and without the end networks."""
    draft = draft()
    data = certificate(draft)
    losses = [exact_loss(c, draft["class"], draft["bias"], draft["X"], draft["Y"]) for c in corners(draft)]
    for ends in (False, True):
        verdict = verdict_of(draft, data, ends)
        assert verdict.accepted, verdict.reason
        assert (verdict.start, verdict.end, verdict.maximum) == (losses[0], losses[-1], max(losses))
        segments = range(len(losses) - 1)
        attained = {(k, f"{t}/1") for k in segments for t in (0, 1) if losses[k + t] == max(losses)}
        assert verdict.attained == attained


def test_two_layer_verdict_by_hand():
    """By hand: f = (4,4), (4,0), (4,0), (4,4): losses 0, 8, 8, 0; 8 is attained at the corners 1 and 2."""
    verdict = verdict_of(two_layer_draft(), certificate(two_layer_draft()))
    assert (verdict.start, verdict.end, verdict.maximum) == (0, 0, 8)
    assert verdict.attained == {(0, "1/1"), (1, "0/1"), (1, "1/1"), (2, "0/1")}


@pytest.mark.parametrize("place", [(0, "1/1"), (1, "0/1"), (1, "1/1"), (2, "0/1")])
def test_every_corner_that_attains_the_maximum_may_be_named(place):
    """The certificate may name any of the corners at which the loss equals the maximum."""
    draft = two_layer_draft()
    data = certificate(draft, put("maximum", {"loss": stated(8), "segment": place[0], "t": place[1], "upper": "8/1"}))
    assert verdict_of(draft, data).accepted


def test_listed_weights_need_not_move():
    """Readout may list W, silent may list V, if the values stay; -0.0 for 0.0 moves nothing."""
    draft = deep_draft()
    draft["segments"][0][1]["W"] = ([0, 1], draft["start"]["W"][:2])
    draft["segments"][1][1]["V"] = (ALL, [[0.5, 1.0, -0.0]])
    draft["segments"][1][1]["U"] = (ALL, [[-0.0, 0.0]])
    assert verdict_of(draft, certificate(draft), ends=True).accepted


def test_an_empty_list_of_slots_moves_nothing():
    """A list in `moves` may be empty; its stored array then has no entries."""
    draft = two_layer_draft()
    claim = honest(draft)
    claim["segments"][1]["moves"]["V"] = []
    entries = stored_arrays(draft) | {"certificate.json": canonical(claim)}
    entries["segment.0001.V.npy"] = raw_npy([[]], shape=(1, 0))
    assert verdict_of(draft, pack(sorted(entries.items()))).accepted


def test_a_unit_is_dead_through_dead_units_only():
    """With h2's second unit silenced, exactly what leads to it alone may move.

    That is B1's row 1 and b1's entry 1; h1's first unit, whose weight into h2's first unit is zero; and
    neuron 2, which feeds only that unit of h1.
    """
    draft = deep_draft()
    draft["start"] |= {
        "V": [[1.0, 1.0, 0.0]],
        "A": [[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]],
        "B1": [[0.0, 1.0], [1.0, 1.0]],
        "U": [[1.0, 0.0]],
    }
    moves = {
        "W": ([2], [[5.0, 5.0]]),
        "A": (ALL, [[2.0, 3.0, 4.0], [1.0, 1.0, 0.0]]),
        "a": (ALL, [7.0, -0.25]),
        "B1": (ALL, [[0.0, 1.0], [2.0, 3.0]]),
        "b1": (ALL, [0.125, 9.0]),
    }
    draft["segments"] = [("silent", moves)]
    verdict = verdict_of(draft, certificate(draft), ends=True)
    assert verdict.accepted, verdict.reason
    assert verdict.start == verdict.end
    alive = {
        "W": ([1], [[5.0, 5.0]]),
        "A": (ALL, [[1.0, 1.0, 1.0], [1.0, 1.5, 0.0]]),
        "a": (ALL, [0.5, 0.0]),
        "B1": (ALL, [[0.0, 2.0], [1.0, 1.0]]),
        "b1": (ALL, [1.0, 0.25]),
    }
    for name, move in alive.items():
        draft["segments"] = [("silent", {name: move})]
        refused(draft, certificate(draft), f"moves {name}, an entry into live unit")


def test_an_absent_bias_of_a_file_is_positive_zero():
    """A start file without `c` is read as `c = +0.0`: the corner's network if that has 0.0, not if -0.0. A depth is one
    among networks with what the start's file has.
    """
    draft = depth_draft()
    start = network(draft, 0)
    del start["parameters"]["c"]
    verdict = check(certificate(draft), draft["X"], draft["Y"], start)
    assert verdict.reason == "ends: a bias that none has"
    draft |= {"question": "certify", "reference": None}
    assert check(certificate(draft), draft["X"], draft["Y"], start).accepted
    draft["start"]["c"] = [-0.0]
    verdict = check(certificate(draft), draft["X"], draft["Y"], start)
    assert verdict.reason == "start: not the network given"


def test_a_reference_without_c_needs_a_zero_c():
    """A reference that has no `c` is accepted where the end's `c` is zero, refused where it is not."""
    draft = depth_draft()
    reference = {"W": [[1.0, 0.0], [-1.0, 0.0]], "V": [[1.0, 0.0]]}  # f = [x]_+ = (1, 0)
    draft["reference"] = (reference, [2, 0])
    draft["segments"][2] = ("readout", {"V": ([0, 2], [[0.0, 1.0]])})
    assert verdict_of(draft, certificate(draft), ends=True).accepted
    draft["segments"][2][1]["c"] = (ALL, [0.125])
    refused(draft, certificate(draft), "reference: not the network on the slots")


def test_losses_of_many_digits_are_read():
    """A loss of 2^-17184 has a denominator of 5173 digits, more than Python's default for `int`."""
    tiny = 5e-324  # 2^-1074
    chain = {"A": [[tiny]], "B1": [[tiny]], "B2": [[tiny]], "B3": [[tiny]], "B4": [[tiny]], "B5": [[tiny]]}
    draft = {
        "class": "parallel",
        "bias": 0,
        "X": [[1.0]],
        "Y": [[0.0]],
        "level": None,
        "reference": None,
        "start": {"W": [[tiny]], "V": [[0.0]], "U": [[tiny]], **chain},
        "segments": [("readout", {})],
    }
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        data = certificate(draft)
    finally:
        sys.set_int_max_str_digits(limit)
    verdict = verdict_of(draft, data)
    assert verdict.accepted, verdict.reason
    assert verdict.maximum == F(1, 2 ** (2 * 8 * 1074))


EMPTY = {"cuts": None, "kind": "silent", "statement": "L9", "moves": {}}
CLAIM_EDITS = {
    "another format": (put("format", "skipscape certificate 1"), "format"),
    "another question": (put("question", "width"), "question"),
    "another loss": (put("loss", "hubert"), "no such loss"),
    "letters in the route": (put("route", "by_hand"), "route"),
    "a letter beyond ASCII in the route": (put("route", "zéro"), "route"),
    "a newline at the route's end": (put("route", "bridge\n"), "route"),
    "an unknown key": (put("note", "x"), "keys"),
    "a missing key": (drop("level"), "keys"),
    "an unknown key below": (put("segments", 0, "note", "x"), "keys"),
    "an unknown key of the network": (put("network", "note", "x"), "keys"),
    "an unknown key of the start": (put("start", "note", "x"), "keys"),
    "an unknown key of the maximum": (put("maximum", "note", "x"), "keys"),
    "an unknown key of the data": (put("data", "note", "x"), "data"),
    "a missing key below": (drop("maximum", "t"), "keys"),
    "N": (put("data", "N", 4), "data"),
    "n": (put("data", "n", 2), "data"),
    "the data's digest": (put("data", "digest", "0" * 64), "data"),
    "true for bias 1": (put("network", "bias", True), "bias"),
    "bias 2": (put("network", "bias", 2), "bias"),
    "bias 0": (put("network", "bias", 0), "shapes"),
    "another class": (put("network", "class", "deep"), "class"),
    "a smaller class": (put("network", "class", "two-layer"), "none of this class"),
    "a shape of W": (put("network", "shapes", "W", [4, 2]), "shapes"),
    "a shape of B1": (put("network", "shapes", "B1", [3, 2]), "shapes"),
    "a shape of a": (put("network", "shapes", "a", [3]), "shapes"),
    "a shape of c": (put("network", "shapes", "c", [2]), "shapes"),
    "a matrix as a vector": (put("network", "shapes", "V", [3]), "shape"),
    "an empty shape": (put("network", "shapes", "V", [0, 3]), "below 1"),
    "a truth as a size": (put("network", "shapes", "V", [True, 3]), "below 1"),
    "a parameter too many": (put("network", "shapes", "b2", [2]), "shapes"),
    "a parameter of no name": (put("network", "shapes", "Z", [2]), "no parameter"),
    "no U": (drop("network", "shapes", "U"), "missing"),
    "B2 without B1": (put("network", "shapes", {k: [2, 2] for k in ("W", "V", "A", "U", "B2")}), "B1"),
    "an undeclared c": (drop("network", "shapes", "c"), "moves: 'c'"),
    "no segments": (put("segments", []), "between 1 and 10,000"),
    "10,001 segments": (put("segments", [EMPTY] * 10_001), "10,000"),
    "an unknown kind": (put("segments", 2, "kind", "hidden"), "kind"),
    "L9 for readout": (put("segments", 0, "statement", "L9"), "statement"),
    "L7 for silent": (put("segments", 1, "statement", "L7"), "statement"),
    "moves of no parameter": (put("segments", 2, "moves", {"B2": "all"}), "no parameter"),
    "slots of U": (put("segments", 0, "moves", "U", [0, 1]), "as a whole"),
    "slots of B1": (put("segments", 1, "moves", "B1", [0, 1]), "as a whole"),
    "slots of c": (put("segments", 0, "moves", "c", [0]), "as a whole"),
    "another word than all": (put("segments", 0, "moves", "V", "ALL"), "as a whole"),
    "slots that fall": (put("segments", 1, "moves", "A", [2, 0]), "increase"),
    "slots that repeat": (put("segments", 1, "moves", "A", [2, 2]), "increase"),
    "a slot too high": (put("segments", 1, "moves", "W", [3]), "slot"),
    "a negative slot": (put("segments", 1, "moves", "W", [-1]), "slot"),
    "a truth as a slot": (put("segments", 1, "moves", "W", [True]), "slot"),
    "another number of slots": (put("segments", 1, "moves", "W", [0, 2]), "header"),
    "slots for the whole": (put("segments", 0, "moves", "V", [0]), "header"),
    "the whole for slots": (put("segments", 1, "moves", "W", "all"), "header"),
    "moves without their array": (put("segments", 2, "moves", {"V": "all"}), "not exactly the arrays"),
    "an array without its moves": (drop("segments", 1, "moves", "a"), "not exactly the arrays"),
    "start.digest": (put("start", "digest", "0" * 64), "start: another digest"),
    "start.loss": (put("start", "loss", stated(1)), "start: another loss"),
    "end.digest": (put("end", "digest", "0" * 64), "end: another digest"),
    "end.loss": (put("end", "loss", stated(1)), "end: another loss"),
    "a higher maximum": (put("maximum", "loss", stated(1000)), "maximum: another loss"),
    "a lower maximum": (put("maximum", "loss", stated(F(1, 1000))), "maximum: another loss"),
    "a segment beyond the last": (put("maximum", "segment", 4), "no such segment"),
    "a negative segment": (put("maximum", "segment", -1), "no such segment"),
    "a time between": (put("maximum", "t", "1/2"), "not an end"),
    "a time as a number": (put("maximum", "t", 1), "rational"),
    "a time beyond the end": (put("maximum", "t", "2/1"), "no such time"),
    "a higher upper bound": (put("maximum", "upper", "1000/1"), "upper bound"),
    "a stream without blocks": (put("network", "class", "stream"), "blocks"),
    "cuts of a readout segment": (put("segments", 0, "cuts", []), "only for a general segment"),
    "a reference": (put("reference", {"digest": "0" * 64, "slots": [0]}), "only for depth"),
    "depth without reference": (put("question", "depth"), "reference"),
    "a negative level": (put("level", "-1/1"), "below the maximum"),
    "a level of zero": (put("level", "0/1"), "below the maximum"),
}


@pytest.mark.parametrize(("edit", "because"), CLAIM_EDITS.values(), ids=CLAIM_EDITS)
def test_a_false_claim_is_refused(edit, because):
    """Each wrong entry of `certificate.json`, written canonically and sealed, is refused for that entry."""
    draft = deep_draft()
    refused(draft, certificate(draft, edit), because)


def test_a_corner_below_the_maximum_is_not_its_place():
    """Exactly the corners with the maximal loss may be named; every other is refused."""
    draft = deep_draft()
    attained = verdict_of(draft, certificate(draft)).attained
    others = {(k, t) for k in range(4) for t in ("0/1", "1/1")} - attained
    assert others
    for k, t in others:
        data = certificate(draft, lambda claim, k=k, t=t: claim["maximum"].update(segment=k, t=t))
        refused(draft, data, "not attained there")


EIGHTS = [
    "8",
    "16/2",
    "8/-1",
    "+8/1",
    "08/1",
    "8/01",
    "8/1 ",
    "8/1\n",
    "8.0/1",
    "8/0",
    "٨/1",
    "-0/1",
    "0/8",
    8,
]


@pytest.mark.parametrize("text", EIGHTS)
def test_only_rationals_in_lowest_terms(text):
    """The maximum 8 written in any other way than `8/1`, in its own place or as the level, is refused."""
    draft = two_layer_draft()
    refused(draft, certificate(draft, put("maximum", "loss", {"lower": text, "upper": text})), "rational")
    refused(draft, certificate(draft, put("level", text)), "rational")


def test_the_level_is_compared_exactly():
    """With maximum 8 the level 8 is accepted and 8 - 10^-30 refused."""
    draft = two_layer_draft()
    assert verdict_of(draft, certificate(draft, put("level", "8/1"))).accepted
    below = text(8 - F(1, 10**30))
    refused(draft, certificate(draft, put("level", below)), "level: below the maximum")


STRANGE = [None, True, False, 0, 1, -1, 10**30, "", "x", "1/0", "1/1", "all", "\ud800", [], [[]], {}, {"": 0}]


def places_in(value, path=()):
    """Every path into a json value."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places_in(value[key], (*path, key))
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from places_in(item, (*path, i))


@pytest.mark.parametrize("draft", DRAFTS.values(), ids=DRAFTS)
def test_no_value_can_be_exchanged(draft):
    """A strange value anywhere in the json is refused, but for another corner with the same maximal loss.

    Free are the route, which is only repeated, and the level, which may be none.
    """
    draft = draft()
    claim = honest(draft)
    for path in places_in(claim):
        if path in ((), ("route",), ("level",)):
            continue
        for value in STRANGE:
            changed = copy.deepcopy(claim)
            put(*path, value)(changed)
            if canonical(changed) == canonical(claim):
                continue
            entries = stored_arrays(draft) | {"certificate.json": canonical(changed)}
            verdict = verdict_of(draft, pack(sorted(entries.items())))
            if verdict.accepted:
                assert path in (("maximum", "segment"), ("maximum", "t"))
                assert (changed["maximum"]["segment"], changed["maximum"]["t"]) in verdict.attained


def test_stored_moves_are_what_the_path_does():
    """A weight changed at a middle corner keeps both digests; the losses and the kinds still tell."""
    draft = two_layer_draft()
    entries = stored_arrays(draft) | {"certificate.json": canonical(honest(draft))}
    entries["segment.0000.V.npy"] = raw_npy([[5.0, 0.0]])
    refused(draft, pack(sorted(entries.items())), "end: another digest")
    draft["segments"][2] = ("readout", {"V": (ALL, [[4.0, 4.0]])})
    entries = stored_arrays(draft) | {"certificate.json": canonical(honest(draft))}
    entries["segment.0000.V.npy"] = raw_npy([[5.0, 0.0]])
    refused(draft, pack(sorted(entries.items())), "maximum: another loss")


def test_other_data_is_refused():
    """One changed number, a changed sign of zero, a missing point, a table that is none: refused."""
    draft = two_layer_draft()
    data, X, Y = certificate(draft), draft["X"], draft["Y"]
    assert check(data, X, [[4.0], [4.5]]).reason.startswith("data")
    assert check(data, [[1.0, -0.0], [0.0, 1.0]], Y).reason.startswith("data")
    assert check(data, X[:1], Y[:1]).reason.startswith("data")
    for bad_X, bad_Y in (([], []), ([[1.0, 0.0], [1.0]], Y), (X, Y[:1]), ([[1.0, float("nan")]] * 2, Y)):
        assert check(data, bad_X, bad_Y).reason.startswith("input")


@pytest.mark.parametrize("corner", [0, -1])
def test_other_ends_are_refused(corner):
    """A file with another weight, sign of zero, class, bias or set of parameters is not the end claimed."""
    draft = two_layer_draft()
    data, right = certificate(draft), network(draft, corner)
    weights = right["parameters"]
    wrong = [
        right | {"class": "parallel"},
        right | {"bias": 1},
        right | {"parameters": weights | {"V": [[1.0, 1.5]]}},
        right | {"parameters": weights | {"W": [[1.0, -0.0], weights["W"][1]]}},
        right | {"parameters": weights | {"c": [0.0]}},
        right | {"parameters": {"W": weights["W"]}},
        right | {"parameters": {}},
    ]
    for file in wrong:
        ends = (file, None) if corner == 0 else (None, file)
        reason = check(data, draft["X"], draft["Y"], *ends).reason
        assert reason == ("start: not the network given" if corner == 0 else "end: not the network given")
