"""Bytes that are not the canonical archive are refused, however well their checksum is forged."""

import struct
import zipfile

import numpy as np
import pytest

from numerics.checker.archive import unpack
from numerics.checker.errors import Refused, Unusable
from numerics.checker.reader import parse_certificate
from support.certificates import canonical, entries_of, npy, pack, seal

BUDGET = 1 << 28


@pytest.fixture
def entries(honest):
    return entries_of(honest.document(), honest.arrays())


def refuse(blob: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        parse_certificate(blob, BUDGET)


def test_what_zipfile_writes_is_canonical(entries):
    assert {name: bytes(view) for name, view in unpack(pack(entries)).items()} == entries
    parse_certificate(pack(entries), BUDGET)


def test_no_prefix_of_a_certificate_is_one(entries):
    blob = pack(entries)
    for length in range(len(blob)):
        with pytest.raises(Refused):
            unpack(blob[:length])


@pytest.mark.parametrize("blob", [b"", b"PK", b"0" * 64, b"\0" * 1000, b"PK\5\6" + b"\0" * 18], ids=len)
def test_garbage_is_refused(blob):
    refuse(blob, "damaged or no certificate")


@pytest.mark.parametrize("body", [b"", b"PK", b"PK\3\4", b"PK\3\4" + b"\xff" * 26, b"PK\3\4" + b"\xff" * 2000])
def test_sealed_garbage_is_refused(body):
    refuse(seal(body + b"0" * 64), "archive")


def test_every_flipped_bit_is_noticed_even_if_the_checksum_is_forged(entries):
    small = {"certificate.json": b"{}", "start.W.npy": npy(np.ones((1, 1)))}
    blob = pack(small)
    accepted = unpack(blob)
    for place in range(len(blob) - 64):
        for bit in range(8):
            changed = bytearray(blob)
            changed[place] ^= 1 << bit
            with pytest.raises(Refused, match="damaged"):
                unpack(bytes(changed))
            with pytest.raises(Refused):
                unpack(seal(bytes(changed)))
    assert set(accepted) == set(small)


def test_added_bytes_are_refused(entries):
    blob = pack(entries)
    for place in (0, 30, len(blob) - 64 - 22):
        refuse(seal(blob[:place] + b"\0" + blob[place:]), "archive")
    refuse(blob + b"\0", "damaged")
    refuse(seal(blob + b"\0" * 64), "archive")


def test_a_wrong_order_is_refused(entries):
    refuse(pack(entries, names=sorted(entries, reverse=True)), "strictly increasing")


def test_a_repeated_name_is_refused(entries):
    with pytest.warns(UserWarning, match="Duplicate name"):
        blob = pack(entries, names=sorted([*entries, "start.W.npy"]))
    refuse(blob, "strictly increasing")


@pytest.mark.parametrize(
    "name", ["../start.W.npy", "start.W.npy.bak", "START.W.npy", "segment.1.V.npy", "x" * 70000, "é"]
)
def test_foreign_names_are_refused(entries, name):
    if len(name) > 65535:
        name = name[:65535]
    refuse(pack({**entries, name: b""}), "name")


@pytest.mark.parametrize(
    "alter",
    [
        lambda info: setattr(info, "compress_type", zipfile.ZIP_DEFLATED),
        lambda info: setattr(info, "date_time", (1980, 1, 2, 0, 0, 0)),
        lambda info: setattr(info, "create_system", 0),
        lambda info: setattr(info, "external_attr", 0o600 << 16),
        lambda info: setattr(info, "internal_attr", 1),
        lambda info: setattr(info, "comment", b"hello"),
        lambda info: setattr(info, "extra", b"\x01\x00\x00\x00"),
        lambda info: setattr(info, "create_version", 45),
        lambda info: setattr(info, "extract_version", 45),
    ],
)
def test_other_headers_are_refused(entries, alter, monkeypatch):
    original = zipfile.ZipFile.writestr

    def altered(self, info, contents):
        alter(info)
        original(self, info, contents)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", altered)
    refuse(pack(entries), "not canonical|not the canonical")


def test_an_entry_flagged_as_encrypted_is_refused(entries):
    blob = bytearray(pack(entries))
    struct.pack_into("<H", blob, 6, 1)
    refuse(seal(bytes(blob)), "header of certificate.json is not canonical")


def test_an_entry_that_claims_more_than_the_file_is_refused(entries):
    blob = bytearray(pack(entries))
    struct.pack_into("<II", blob, 18, 1 << 30, 1 << 30)
    refuse(seal(bytes(blob)), "claims 1073741824 bytes")


@pytest.mark.parametrize(
    ("replacement", "reason"),
    [
        (npy(np.zeros((4, 4))), "has 256 bytes"),
        (npy(np.zeros((3, 4))), "header"),
        (npy(np.zeros((4, 3), order="F")), "header"),
        (npy(np.zeros((4, 3), dtype=">f8")), "header"),
        (npy(np.zeros((4, 3), dtype=np.int64)), "header"),
        (npy(np.zeros((4, 3), dtype=np.float32)), "bytes"),
        (npy(np.full((4, 3), np.nan)), "not finite"),
        (npy(np.full((4, 3), -np.inf)), "not finite"),
        (npy(np.zeros((4, 3))).replace(b"\x01\x00v", b"\x02\x00v"), "header"),
        (npy(np.zeros((4, 3))).replace(b", }  ", b"}    "), "header"),
        (npy(np.zeros((4, 3))) + b"\0", "bytes"),
        (npy(np.zeros((4, 3)))[:-1], "bytes"),
        (b"", "bytes"),
    ],
)
def test_other_arrays_than_the_shape_demands_are_refused(entries, replacement, reason):
    refuse(pack({**entries, "start.W.npy": replacement}), f"start.W.npy .*{reason}")


def test_missing_and_uncalled_for_entries_are_refused(entries):
    for name in entries:
        refuse(pack({kept: entries[kept] for kept in entries if kept != name}), f"has no {name}")
    refuse(pack({**entries, "start.b1.npy": npy(np.zeros(1))}), "does not call for: start.b1.npy")
    refuse(pack({**entries, "segment.0003.V.npy": npy(np.zeros((1, 4)))}), "does not call for")


def test_a_document_too_large_for_the_memory_is_no_verdict(entries):
    with pytest.raises(Unusable, match="raise --memory"):
        parse_certificate(pack({**entries, "certificate.json": canonical([[]] * 1000)}), 30_000)
