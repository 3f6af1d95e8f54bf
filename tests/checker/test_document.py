"""`certificate.json`: each rule of its form, violated one at a time in an otherwise honest certificate."""

import json

import pytest

from numerics.checker.document import parse_document
from numerics.checker.errors import Refused
from support.certificates import canonical

HALF = "1/2"


@pytest.fixture
def document(honest):
    return honest.document()


def refuse(document: object, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        parse_document(canonical(document))


def test_the_honest_document_is_read(document):
    parsed = parse_document(canonical(document))
    assert parsed.space.slots == 4
    assert parsed.segments[1].moves == {"W": (2, 3), "a": None}
    assert parsed.level is None
    document["level"] = HALF
    assert str(parse_document(canonical(document)).level) == HALF


def alterations():
    """(path to the key, new value, part of the reason)."""
    integers = [True, 1.0, "1", None, -1, [1]]
    yield from ((("format",), value, "format") for value in ["skipscape certificate 5", None, 1, ["skipscape"]])
    yield from ((("loss",), value, "loss") for value in ["cross-entropy", None])
    yield from ((("question",), value, "question") for value in ["prune", None, ["connect"]])
    yield from ((("route",), value, "route") for value in ["a_b", "<b>", "ä", "a\nb", None, 3])
    yield from ((("network", "class"), value, "class") for value in ["deep", None, 1])
    yield from ((("network", "bias"), value, "network.bias|floating") for value in [*integers, 2])
    yield from ((("network", "shapes"), value, "network.shapes") for value in [None, [], {"W": 3}, {"W": [4, True]}])
    yield from (
        (("data", key), value, f"data.{key}|floating") for key in "Nnp" for value in [*integers, 0] if value != 1
    )
    yield from ((("data", key), 5, "data: n, p must be those of the network") for key in "np")
    for key in ("data", "start", "end"):
        for value in [None, "", "A" * 64, "0" * 63, "g" * 64, "0" * 64 + "\n", 0]:
            yield (key, "digest"), value, f"{key}.digest"
    for key in ("start", "end", "maximum"):
        for value in [None, 1, "1", "2/4", "1/0", "0.5", "1/-2", "nan"]:
            yield (key, "loss"), value, f"{key}.loss"
            yield (key, "loss", "lower"), value, f"{key}.loss"
            yield (key, "loss", "upper"), value, f"{key}.loss"
    yield from ((("maximum", "segment"), value, "maximum.segment|floating") for value in [*integers, 3] if value != "1")
    yield from ((("maximum", "t"), value, "maximum.t") for value in ["1/2", "0", 0, None, ["0/1"]])
    yield from ((("level",), value, "level") for value in [0, "0.05", "2/4", True, ""])
    yield from ((("reference",), value, "reference") for value in [{}, [], 0, {"digest": "0" * 64, "slots": [0]}])
    yield from ((("segments",), value, "segments") for value in [[], None, {}, [None], [[]]])
    yield from ((("segments", 0, "kind"), value, "kind") for value in ["silent ", "straight", None, ["readout"]])
    yield from ((("segments", 0, "statement"), value, "L7") for value in ["L9", None, "L7 "])
    yield ("segments", 1, "statement"), "L7", "L9"
    yield from ((("segments", 0, "moves"), value, "moves") for value in [None, [], "all"])
    for value in ["every", None, {}, 1, [0.0], [True], [-1], [4], [1, 1], [2, 1], ["0"]]:
        yield ("segments", 1, "moves", "W"), value, "moves.W|floating"
    for name in ("a", "B1", "U", "c"):
        yield ("segments", 1, "moves", name), [0], f"moves.{name}: it must be 'all'"
    for name in ("b1", "B2", "Z", "", "W\n"):
        yield ("segments", 1, "moves", name), "all", "no parameter"


@pytest.mark.parametrize(("path", "value", "reason"), list(alterations()), ids=repr)
def test_a_document_with_one_wrong_value_is_refused(document, path, value, reason):
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    refuse(document, reason)


@pytest.mark.parametrize(
    "path", [(), ("network",), ("data",), ("start",), ("end",), ("maximum",), ("segments", 0)], ids=repr
)
def test_keys_are_exactly_those_of_the_format(document, path):
    place = document
    for key in path:
        place = place[key]
    place["extra"] = 0
    refuse(document, "exactly the keys")
    del place["extra"]
    del place[sorted(place)[0]]
    refuse(document, "exactly the keys")


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        ({"V": [1, 5]}, "V has 5 columns but W has 4 rows: V must be .p, m. with m = rows of W"),
        ({"c": [2]}, "c has 2 entries but V has 1 rows"),
        ({"A": [2, 3]}, "A has 3 columns but W has 4 rows"),
        ({"a": [3]}, "a has 3 entries but A has 2 rows"),
        ({"B1": [1, 3]}, "B1 has 3 columns but A has 2 rows"),
        ({"b1": [2]}, "b1 has 2 entries but B1 has 1 rows"),
        ({"U": [1, 2]}, "U has 2 columns but B1 has 1 rows"),
        ({"U": [2, 1]}, "U has 2 rows but V has 1 rows"),
        ({"W": [4]}, "must have 2 dimension"),
        ({"a": [2, 1]}, "must have 1 dimension"),
        ({"W": [4, 1]}, "n >= 1"),
        ({"W": [0, 3]}, "from 1 to"),
        ({"B3": [1, 1]}, "B2 is missing"),
        ({"b2": [1]}, "b2 is no parameter"),
        ({"B0": [1, 1]}, "B0"),
        ({"B01": [1, 1]}, "B01"),
        ({"B100": [1, 1]}, "B100"),
        ({"Q": [1, 1]}, "Q"),
    ],
    ids=repr,
)
def test_shapes_hang_together(document, shapes, reason):
    document["network"]["shapes"].update(shapes)
    refuse(document, reason)


@pytest.mark.parametrize("name", ["W", "V", "A", "U"])
def test_required_parameters(document, name):
    del document["network"]["shapes"][name]
    refuse(document, f"{name} is missing")


def test_a_two_layer_space_has_no_branch(document):
    document["network"]["class"] = "two-layer"
    refuse(document, "A is no parameter of class two-layer")


def test_an_empty_list_of_slots_is_allowed(document):
    """It moves nothing; a reference's list may not be empty."""
    document["segments"][1]["moves"]["W"] = []
    assert parse_document(canonical(document)).segments[1].moves["W"] == ()


def general_alterations():
    """(path to the key, new value, part of the reason or None where it is allowed), with a general segment."""
    yield ("segments", 0, "cuts"), ["1/8", "3/8", "3/4"], None
    yield from ((("segments", 0, "cuts"), [f"1/{2**k}"], None if k <= 200 else "dyadic") for k in (1, 200, 201))
    for value in (None, {}, "1/2", ["1/2", "1/4"], ["1/2", "1/2"], ["0/1"], ["1/1"], ["1/3"], ["2/4"], [0.5], [1]):
        yield ("segments", 0, "cuts"), value, "cuts|floating"
    yield ("segments", 1, "cuts"), [], "null unless"
    yield ("segments", 0, "statement"), "L7", "enclosure"
    yield ("maximum", "t"), "1/7", None
    yield ("maximum", "t"), f"1/{2**1000 - 1}", None
    for value in (f"1/{2**1000}", "8/7", "-1/7", "1/0", 0, None):
        yield ("maximum", "t"), value, "maximum.t"
    yield ("maximum", "upper"), "123456789/1", None
    yield from ((("maximum", "upper"), value, "maximum.upper") for value in (None, 1, "2/4"))
    yield ("question",), "certify", None


@pytest.mark.parametrize(("path", "value", "reason"), list(general_alterations()), ids=repr)
def test_general_segments_have_cuts_and_times_between(document, path, value, reason):
    """Each value beside what is allowed in its place."""
    document["segments"][0] |= {"kind": "general", "statement": "enclosure", "cuts": []}
    parse_document(canonical(document))
    *steps, key = path
    place = document
    for step in steps:
        place = place[step]
    place[key] = value
    if reason is None:
        parse_document(canonical(document))
    else:
        refuse(document, reason)


@pytest.mark.parametrize("kind", ["residual", "stream", "post", "plain"])
def test_the_other_classes_have_silent_segments_too_and_depth_with_a_skip(document, kind):
    """And a stream's names have dots, which are never moved slot by slot."""
    shapes = {"W": [4, 3], "V": [1, 4], "A": [2, 4], "U": [4, 2]}
    if kind == "plain":
        shapes = {"W": [4, 3], "A": [2, 4], "U": [1, 2]}
    if kind in ("stream", "post"):
        shapes = {name if name in "WV" else f"blocks.0.{name}": shape for name, shape in shapes.items()}
    document["network"] |= {"class": kind, "shapes": shapes}
    readout = "U" if kind == "plain" else "V"
    segment = {"cuts": None, "kind": "readout", "statement": "L7", "moves": {readout: "all", "W": [1]}}
    document["segments"] = [segment]
    document["maximum"] |= {"segment": 0}
    parse_document(canonical(document))
    document["segments"] = [segment | {"moves": {"blocks.0.A" if kind in ("stream", "post") else "U": [0]}}]
    refuse(document, "it must be 'all'")
    document["segments"] = [segment | {"kind": "silent", "statement": "L9"}]
    reference = {"digest": "0" * 64, "slots": [0]}
    parse_document(canonical(document))
    if kind == "plain":
        refuse(document | {"question": "depth", "reference": reference}, f"not asked of class {kind}")
    else:
        parse_document(canonical(document | {"question": "depth", "reference": reference}))


def test_more_than_ten_thousand_segments_are_refused(document):
    document["segments"] = [document["segments"][0]] * 10_001
    refuse(document, "1 to 10000 segments")
    document["segments"].pop()
    parse_document(canonical(document))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda blob: b" " + blob,
        lambda blob: blob + b"\n",
        lambda blob: blob.replace(b'"bias":1', b'"bias": 1'),
        lambda blob: blob.replace(b'"bias":1', b'"bias":1,"bias":1'),
        lambda blob: blob.replace(b'"bias":1', b'"bias":01'),
        lambda blob: blob.replace(b'"bias":1', b'"bias":1.0'),
        lambda blob: blob.replace(b'"bias":1', b'"bias":1e0'),
        lambda blob: blob.replace(b'"bias":1', b'"bias":NaN'),
        lambda blob: blob.replace(b'"bias":1', b'"bias":-Infinity'),
        lambda blob: blob.replace(b'"bias":1', b'"bias":' + b"1" * 5000),
        lambda blob: blob.replace(b'"forged"', b'"f\\u006frged"'),
        lambda blob: blob.replace(b'"forged"', '"förged"'.encode()),
        lambda blob: blob.replace(b'"forged"', b'"\xff"'),
        lambda blob: blob.replace(b'"forged"', b'"\\ud800"'),
        lambda blob: json.dumps(json.loads(blob)).encode(),
        lambda blob: b'{"format":"x",' + blob[1:],
        lambda blob: b"[" * 100_000,
        lambda blob: b"[" * 100_000 + b"]" * 100_000,
        lambda blob: b'{"a":' * 100_000,
        lambda blob: b"",
        lambda blob: b"null",
        lambda blob: b"[]",
        lambda blob: b"\xef\xbb\xbf" + blob,
        lambda blob: blob.decode().encode("utf-16"),
    ],
)
def test_json_that_is_not_canonical_is_refused(document, spoil):
    blob = canonical(document)
    parse_document(blob)
    with pytest.raises(Refused, match=r"certificate\.json"):
        parse_document(spoil(blob))
