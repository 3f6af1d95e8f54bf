"""Only the canonical bytes are a certificate: archive, comment, arrays, json. Everything else is refused."""

import io
import json
import warnings
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.certificate_drafts import certificate, refused, two_layer_draft, verdict_of
from support.certificates import canonical, pack, put, raw_npy, seal
from support.second_checker.archive import npy_header


def entries_of(data):
    """`[(name, bytes), ...]` of an archive, in its order."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return [(name, file.read(name)) for name in file.namelist()]


def test_every_truncation_is_refused():
    """No proper prefix of a certificate is one."""
    draft = two_layer_draft()
    data = certificate(draft)
    assert not any(verdict_of(draft, data[:size]).accepted for size in range(len(data)))


def test_every_changed_byte_is_refused():
    """One byte changed, the comment's digest recomputed or not: refused, whichever byte it is."""
    draft = two_layer_draft()
    data = certificate(draft)
    for i in range(len(data)):
        changed = data[:i] + bytes([data[i] ^ 1]) + data[i + 1 :]
        assert verdict_of(draft, changed).reason.startswith("comment")
        if i < len(data) - 64:
            assert not verdict_of(draft, seal(changed)).accepted


def test_the_comment_is_lower_case_hex_of_everything_before():
    """Upper-case hex, another comment, bytes before or behind the archive: refused."""
    draft = two_layer_draft()
    data = certificate(draft)
    refused(draft, data[:-64] + data[-64:].upper(), "comment")
    refused(draft, data[:-64] + b"0" * 64, "comment")
    refused(draft, data + b"\0", "comment")
    refused(draft, seal(b"PK" + data), "archive: not the canonical bytes")


def tweak(**fields):
    def change(info):
        for name, value in fields.items():
            setattr(info, name, value)

    return change


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({"compress_type": zipfile.ZIP_DEFLATED}, "not stored"),
        ({"date_time": (1980, 1, 1, 0, 0, 2)}, "canonical bytes"),
        ({"create_system": 0}, "canonical bytes"),
        ({"external_attr": 0o600 << 16}, "canonical bytes"),
        ({"extra": b"\xfe\xca\0\0"}, "canonical bytes"),
        ({"comment": b"x"}, "canonical bytes"),
        ({"internal_attr": 1}, "canonical bytes"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_only_the_canonical_archive(fields, because):
    """Deflated entries, other dates, systems, attributes, extra fields or entry comments are refused."""
    draft = two_layer_draft()
    refused(draft, pack(entries_of(certificate(draft)), tweak=tweak(**fields)), because)


def test_names_are_sorted_distinct_and_of_the_pattern():
    """Unsorted, doubled, foreign, missing and superfluous entries are refused."""
    draft = two_layer_draft()
    entries = entries_of(certificate(draft))
    refused(draft, pack(entries[::-1]), "sorted and distinct")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        doubled = pack(sorted([*entries, entries[1]]))
    refused(draft, doubled, "sorted and distinct")
    for foreign in ("../x", "start.B0.npy", "start.W.npy/", "segment.00001.V.npy", "start.é.npy", "x"):
        refused(draft, pack(sorted([*entries, (foreign, b"")])), "outside the pattern")
    refused(draft, pack(entries[1:]), "no certificate.json")
    refused(draft, pack(entries[:-1]), "not exactly the arrays")
    refused(draft, pack(sorted([*entries, ("start.c.npy", raw_npy([0.0]))])), "not exactly the arrays")
    later = ("segment.0003.V.npy", raw_npy([[1.0]]))
    refused(draft, pack(sorted([*entries, later])), "not exactly the arrays")


def test_zip64_is_refused():
    """An entry written with zip64 fields is not canonical."""
    draft = two_layer_draft()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in entries_of(certificate(draft)):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            with file.open(info, "w", force_zip64=True) as entry:
                entry.write(data)
        file.comment = b"-" * 64
    refused(draft, seal(buffer.getvalue()), "canonical bytes")


V = [[1.0, 1.0]]


@pytest.mark.parametrize(
    ("raw", "because"),
    [
        (raw_npy(V, version=b"\x02\x00"), "header"),
        (raw_npy(V, descr="<f4"), "header"),
        (raw_npy(V, descr=">f8"), "header"),
        (raw_npy(V, order=True), "header"),
        (raw_npy(V, shape=(2, 1)), "header"),
        (raw_npy(V, shape=(2,)), "header"),
        (raw_npy(V, shape=(10**12, 10**12)), "header"),
        (raw_npy(V).replace(b"'<f8'", b'"<f8"'), "header"),
        (raw_npy(V).replace(b" \n", b"\n "), "header"),
        (raw_npy(V) + b"\0", "length"),
        (raw_npy(V)[:-1], "length"),
        (raw_npy(V)[:128], "length"),
        (raw_npy(V)[:40], "header"),
        (b"", "header"),
        (raw_npy([[1.0, float("nan")]]), "finite"),
        (raw_npy([[1.0, float("-inf")]]), "finite"),
    ],
)
def test_only_the_npy_that_numpy_writes(raw, because):
    """Another version, type, order, shape, padding or length, and values that are not finite, are refused."""
    draft = two_layer_draft()
    refused(draft, certificate(draft, edit_entries=put("start.V.npy", raw)), because)


@pytest.mark.parametrize(
    ("rewrite", "because"),
    [
        (lambda raw: raw.replace(b",", b", ", 1), "not canonical"),
        (lambda raw: raw + b"\n", "not canonical"),
        (lambda raw: b'{"loss":"squared",' + raw[1:], "not canonical"),
        (lambda raw: raw.replace(b'"by hand 1"', b'"by\\u0020hand 1"'), "not canonical"),
        (
            lambda raw: json.dumps(dict([*json.loads(raw).items()][::-1]), separators=(",", ":")).encode(),
            "not canonical",
        ),
        (lambda raw: raw.replace(b'"N":2', b'"N":2.0'), "floating-point"),
        (lambda raw: raw.replace(b'"N":2', b'"N":NaN'), "floating-point"),
        (lambda raw: raw.replace(b'"N":2', b'"N":1e9999'), "floating-point"),
        (lambda raw: raw.replace(b'"N":2', b'"N":' + b"1" * 5000), "ValueError"),
        (lambda raw: raw.replace(b"by hand", "by händ".encode()), "Unicode"),
        (lambda raw: b"\xef\xbb\xbf" + raw, "Unicode"),
        (lambda raw: b"[" * 100_000, "RecursionError"),
        (lambda raw: b"", "JSON"),
        (lambda raw: b"[]", "keys"),
        (lambda raw: b"null", "keys"),
    ],
)
def test_only_canonical_json(rewrite, because):
    """Spaces, doubled keys, escapes, floats, long integers, bytes beyond ASCII and deep nests are refused."""
    draft = two_layer_draft()
    refused(draft, certificate(draft, raw_claim=lambda claim: rewrite(canonical(claim))), because)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(junk):
    """Any bytes, sealed or not, and any bytes in the place of the json, are answered with a refusal."""
    draft = two_layer_draft()
    certificates = (junk, seal(junk + b"-" * 64), certificate(draft, raw_claim=lambda claim: junk))
    assert not any(verdict_of(draft, data).accepted for data in certificates)


@pytest.mark.parametrize("array", [[[1.0]], [[1.0, -0.0]] * 12, [0.5], [0.0] * 123])
def test_headers_are_numpys(array):
    """The writer's and the checker's `.npy` headers are byte for byte what numpy writes."""
    buffer = io.BytesIO()
    np.save(buffer, np.array(array))
    assert buffer.getvalue() == raw_npy(array) == npy_header(np.shape(array)) + np.array(array, "<f8").tobytes()
