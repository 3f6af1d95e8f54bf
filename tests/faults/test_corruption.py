"""A damaged certificate is refused, however the damage is dressed up: never PROVED, never an exception.

One real certificate, made by the finder, is damaged in every way that a disk, a network or a clumsy forger might.
`sealed` means that the SHA-256 in the archive's comment is computed again, so that deeper rules have to notice.
"""

from __future__ import annotations

import io
import json
import random
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from numerics.checker.check import check
from numerics.checker.errors import Refused
from numerics.checker.reader import parse_certificate
from numerics.checker.report import Report
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.networks import Network, Parallel
from numerics.networks.files import write_network
from numerics.networks.parallel import Branch, Layer
from numerics.questions import search as questions
from support import second_checker
from support.certificates import canonical, pack, seal, stated

SAMPLE = 400  # positions at which bits are flipped, besides those of which every one is


@dataclass(frozen=True)
class Case:
    """The folder of a certificate with its data and ends, its bytes, and what its archive holds."""

    folder: Path
    blob: bytes
    data: Data

    @property
    def entries(self) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(self.blob)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def check(self, blob: bytes, data: str = "data.npz", **ends: str) -> Report:
        """The checker's report on these bytes."""
        (self.folder / "damaged.cert").write_bytes(blob)
        files = {which: self.folder / name for which, name in ends.items()}
        return check(self.folder / "damaged.cert", str(self.folder / data), **files)

    def refuses(self, blob: bytes, data: str = "data.npz", **ends: str) -> str:
        """Assert that these bytes are refused; the reason."""
        report = self.check(blob, data, **ends)
        assert (report.verdict, report.exit_status) == ("UNDECIDED", 1)
        assert report.refused
        assert "\n" not in report.refused
        assert report.to_json()["maximum"] is None
        return report.refused


def refused_on_reading(blob: bytes) -> None:
    """Assert that already the checker's reader refuses these bytes; `Case.refuses` costs several times as much."""
    with pytest.raises(Refused):
        parse_certificate(blob, 1 << 30)


def network(seed: int) -> Network:
    """A small PARALLEL network with every bias, of floats of full length."""
    rng = np.random.default_rng(seed)
    layers = (Layer(rng.normal(size=(2, 4)), rng.normal(size=2)), Layer(rng.normal(size=(1, 2)), rng.normal(size=1)))
    return Parallel(
        W=rng.normal(size=(4, 3)),
        V=rng.normal(size=(1, 4)),
        branch=Branch(layers),
        U=rng.normal(size=(1, 1)),
        c=rng.normal(size=1),
        bias=True,
    )


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A bridge between two networks; the certificate is accepted as it is, with data and both ends."""
    folder = tmp_path_factory.mktemp("real")
    rng = np.random.default_rng(7)
    data = Data(rng.normal(size=(5, 2)), rng.normal(size=(5, 1)))
    start, end = network(1), network(2)
    blob = questions.connect(start, end, Problem(data), route="bridge").certificate(None)
    np.savez(folder / "data.npz", X=data.X, Y=data.Y)
    write_network(folder / "start.npz", start)
    write_network(folder / "end.npz", end)
    case = Case(folder, blob, data)
    assert case.check(blob, start="start.npz", end="end.npz").verdict == "PROVED"
    return case


def flipped(blob: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(blob)
    changed[place] ^= 1 << bit
    return bytes(changed)


def headers(blob: bytes) -> Iterator[range]:
    """The places of every local header with its name, and of the central directory with the end record."""
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        for entry in archive.infolist():
            yield range(entry.header_offset, entry.header_offset + 30 + len(entry.filename))
        yield range(archive.start_dir, len(blob) - 64)


# Bits


def test_every_flipped_bit_of_a_sample_is_noticed(case: Case) -> None:
    """Any bit, plain and sealed: the digest, the canonical form or an entry's CRC-32 catches it."""
    places = random.Random(1)
    for _ in range(SAMPLE):
        changed = flipped(case.blob, places.randrange(len(case.blob) - 64), places.randrange(8))
        assert "damaged" in case.refuses(changed)
        case.refuses(seal(changed))


def test_every_flipped_bit_of_the_comment_is_noticed(case: Case) -> None:
    """All 512 bits of the digest, the bit that makes a lower-case letter upper-case among them."""
    for place in range(len(case.blob) - 64, len(case.blob)):
        for bit in range(8):
            assert "damaged" in case.refuses(flipped(case.blob, place, bit))


def test_every_byte_of_headers_and_directory_is_noticed(case: Case) -> None:
    """One bit in each byte of every header, of the central directory and of the end record, sealed."""
    for places in headers(case.blob):
        case.refuses(seal(flipped(case.blob, places[len(places) // 2], 0)))
        for place in places:
            refused_on_reading(seal(flipped(case.blob, place, place % 8)))


def test_flipped_bits_in_entries_packed_again_are_noticed_by_both_checkers_or_true(case: Case) -> None:
    """With CRC-32 and digest right again only the content can speak; the two checkers agree on each.

    What both accept may be true after all: another route's name, or another corner on the way, no higher.
    """
    entries, places, accepted = case.entries, random.Random(2), 0
    for _ in range(SAMPLE // 4):
        name = places.choice(sorted(entries))
        changed = flipped(entries[name], places.randrange(len(entries[name])), places.randrange(8))
        blob = pack(entries | {name: changed})
        verdict = second_checker.check(blob, case.data.X, case.data.Y)
        report = case.check(blob)
        assert (report.verdict == "PROVED") == verdict.accepted, (name, report.refused, verdict.reason)
        if verdict.accepted:
            accepted += 1
            claim = json.loads((entries | {name: changed})["certificate.json"])["maximum"]["loss"]
            assert claim == stated(verdict.maximum)
            assert name == "certificate.json" or name.startswith("segment.")
        else:
            assert report.exit_status == 1
    assert accepted < SAMPLE // 8


# Lengths


def test_a_truncated_certificate_is_refused(case: Case) -> None:
    """Many lengths from nothing to all but one byte, plain and sealed."""
    size = len(case.blob)
    for length in [*range(200), *range(200, size, 61), *range(size - 200, size)]:
        refused_on_reading(case.blob[:length])
        if length != size - 64:  # that one is the certificate again
            refused_on_reading(seal(case.blob[:length] + b"0" * 64))
        if length % 8 == 0:
            case.refuses(case.blob[:length])


@pytest.mark.parametrize("extra", [b"\0", b"\n", b"PK\3\4", b"#!/bin/sh\n", b"0" * 64, b"\xff" * 5000], ids=len)
def test_bytes_before_or_behind_are_refused(case: Case, extra: bytes) -> None:
    """zipfile itself would read such archives; here they are none, even if sealed again."""
    body = case.blob[:-64]
    for changed in (extra + case.blob, case.blob + extra):
        case.refuses(changed)
        case.refuses(seal(changed))
    case.refuses(seal(body + extra + b"0" * 64))
    case.refuses(case.blob + case.blob)


# Archives


def zipped(entries: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED, dated: int = 1980) -> bytes:
    """An archive that is sealed, but need not be canonical."""

    def tweak(info: zipfile.ZipInfo) -> None:
        info.compress_type, info.date_time = method, (dated, 1, 1, 0, 0, 0)

    return pack(entries, tweak=tweak)


def test_the_writer_of_these_faults_can_write_the_truth(case: Case) -> None:
    """Unaltered, the same entries give the same bytes: the faults below are the only difference."""
    assert zipped(sorted(case.entries.items())) == pack(case.entries) == case.blob


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compressed_copy_is_refused(case: Case, method: int) -> None:
    """The same content, compressed."""
    case.refuses(zipped(sorted(case.entries.items()), method))


def test_an_archive_dated_or_sorted_otherwise_is_refused(case: Case) -> None:
    """The same content with another date, and in another order."""
    case.refuses(zipped(sorted(case.entries.items()), dated=2026))
    case.refuses(zipped(sorted(case.entries.items(), reverse=True)))


def test_a_zip_bomb_is_refused_before_it_goes_off(case: Case) -> None:
    """50 MB of zeros in 50 kB, as the document and as an array: nothing is unpacked."""
    bomb = b"\0" * 50_000_000
    for name in ("certificate.json", "start.W.npy"):
        blob = zipped(sorted((case.entries | {name: bomb}).items()), zipfile.ZIP_DEFLATED)
        assert len(blob) < 200_000
        tracemalloc.start()
        refused_on_reading(blob)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 10_000_000
        case.refuses(blob)


def test_an_entry_that_claims_to_be_huge_is_refused(case: Case) -> None:
    """A shape of 2^40 neurons in the document, and a size of 4 GiB in a header."""
    document = json.loads(case.entries["certificate.json"])
    document["network"]["shapes"]["W"][0] = document["network"]["shapes"]["V"][1] = 1 << 40
    document["network"]["shapes"]["A"][1] = 1 << 40
    case.refuses(pack(case.entries | {"certificate.json": canonical(document)}))
    huge = bytearray(case.blob)
    huge[18:26] = struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)
    case.refuses(seal(bytes(huge)))


@pytest.mark.parametrize("name", ["certificate.json", "start.W.npy", "segment.0000.V.npy"])
def test_a_repeated_entry_is_refused(case: Case, name: str) -> None:
    """The same entry twice, with the same or with another content: no reader gets to choose."""
    entries = sorted(case.entries.items())
    for content in (case.entries[name], b"{}"):
        with pytest.warns(UserWarning, match="Duplicate name"):
            blob = zipped(sorted([*entries, (name, content)], key=lambda entry: entry[0]))
        case.refuses(blob)


@pytest.mark.parametrize(
    "name",
    ["../evil.npy", "/etc/passwd", "start.\N{CYRILLIC CAPITAL LETTER EM}.npy", "start.Q.npy", "Start.W.npy", "x" * 999],
)
def test_a_foreign_entry_is_refused(case: Case, name: str) -> None:
    """Names outside the closed pattern, even beside a complete certificate."""
    case.refuses(zipped(sorted([*case.entries.items(), (name, b"")])))
    case.refuses(zipped([(name, b"")]))


def test_a_missing_or_uncalled_for_entry_is_refused(case: Case) -> None:
    """Each entry left out in turn; an array for a segment that does not exist."""
    for name in case.entries:
        case.refuses(pack({other: content for other, content in case.entries.items() if other != name}))
    case.refuses(pack(case.entries | {"segment.9999.V.npy": case.entries["start.V.npy"]}))


# The document


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000 + b"0" + b"}" * 50_000,
        b"[" * 1_000_000,
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"1e999",
        b"NaN",
        b"9" * 100_000,
        b'"' + b"a" * 100_000 + b'"',
    ],
    ids=lambda text: f"{text[:5]!r}, {len(text)} bytes",
)
def test_json_that_is_no_document_is_refused(case: Case, text: bytes) -> None:
    """Nested a hundred thousand deep, huge, or none at all."""
    case.refuses(pack(case.entries | {"certificate.json": text}))


def test_a_document_written_otherwise_is_refused(case: Case) -> None:
    """The same claims with spaces, with a repeated key, with a floating-point number, with an escaped letter."""
    text = case.entries["certificate.json"]
    for changed in (
        json.dumps(json.loads(text), sort_keys=True).encode(),
        text.replace(b'{"data"', b'{"data":0,"data"', 1),
        text.replace(b'"bias":1', b'"bias":1.0', 1),
        text.replace(b'"bias":1', b'"bias":true', 1),
        text.replace(b'"bridge"', b'"\\u0062ridge"', 1),
        text + b"\n",
    ):
        assert changed != text
        case.refuses(pack(case.entries | {"certificate.json": changed}))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_array_that_is_not_finite_is_refused(case: Case, value: float) -> None:
    """In the start, and on the way."""
    for name in ("start.U.npy", "segment.0000.V.npy"):
        content = case.entries[name]
        case.refuses(pack(case.entries | {name: content[:-8] + struct.pack("<d", value)}))


# Data and ends


def test_other_data_are_refused(case: Case) -> None:
    """One bit, one order, one sign of zero, one point more or less: all are other data."""
    X, Y = case.data.X, case.data.Y
    nudged = Y.copy()
    nudged[-1, 0] = np.nextafter(nudged[-1, 0], np.inf)
    for other_X, other_Y in [
        (X, nudged),
        (X[::-1], Y[::-1]),
        (X[:, ::-1], Y),
        (np.vstack([X, X]), np.vstack([Y, Y])),
        (X[:-1], Y[:-1]),
        (Y, X),
        (X, np.hstack([Y, Y])),
    ]:
        np.savez(case.folder / "other.npz", X=other_X, Y=other_Y)
        assert "other data" in case.refuses(case.blob, "other.npz")


def test_other_ends_are_refused(case: Case) -> None:
    """The ends exchanged, another network, and a network that differs in one bit."""
    write_network(case.folder / "other.npz", network(3), force=True)
    nudged = network(1)
    c = np.nextafter(nudged.parameters()["c"], np.inf)
    write_network(case.folder / "nudged.npz", nudged.replace({"c": c}), force=True)
    for ends in (
        {"start": "end.npz", "end": "start.npz"},
        {"start": "end.npz"},
        {"end": "start.npz"},
        {"start": "other.npz"},
        {"start": "nudged.npz"},
        {"start": "start.npz", "end": "other.npz"},
    ):
        case.refuses(case.blob, **ends)


# As a process

DAMAGES: dict[str, Callable[[Case], bytes]] = {
    "a flipped bit": lambda case: flipped(case.blob, len(case.blob) // 2, 3),
    "a flipped bit, sealed": lambda case: seal(flipped(case.blob, len(case.blob) // 2, 3)),
    "cut in half": lambda case: case.blob[: len(case.blob) // 2],
    "nothing": lambda case: b"",
    "a prefix, sealed": lambda case: seal(b"\0" + case.blob),
    "deflated": lambda case: zipped(sorted(case.entries.items()), zipfile.ZIP_DEFLATED),
    "deeply nested json": lambda case: pack(case.entries | {"certificate.json": b"[" * 1_000_000}),
    "a zlib stream": lambda case: zlib.compress(b"\0" * 10_000_000),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_command_refuses_with_status_1_and_no_traceback(case: Case, damage: str) -> None:
    """`python -m numerics.checker` prints one json object, nothing on stderr, and exits with 1."""
    path = case.folder / "process.cert"
    path.write_bytes(DAMAGES[damage](case))
    command = [sys.executable, "-m", "numerics.checker", str(path), "--data", str(case.folder / "data.npz")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    answer = json.loads(done.stdout)
    assert answer["verdict"] == "UNDECIDED"
    assert answer["refused"]
