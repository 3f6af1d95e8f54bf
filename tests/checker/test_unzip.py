"""Zip archives, each spoilt in one thing that the directory's other rules would let pass."""

from __future__ import annotations

import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest

from numerics.checker.errors import Unusable
from numerics.checker.files import Allowance
from numerics.checker.unzip import unzip
from support.written_files import Entry, npy, zipped

ONE = npy(np.ones((2, 2)))


def read(blob: bytes, budget: int = 1 << 24) -> dict[bytes, memoryview]:
    return unzip(blob, Allowance("x.npz", "the data", budget))


@pytest.mark.parametrize("zip64", [False, True])
@pytest.mark.parametrize("end", [{"disk": 1}, {"first": 1}, {"here": 0}, {"here": 2}], ids=str)
def test_one_of_several_files_is_refused(end: dict[str, int], zip64: bool) -> None:
    """Whichever field says so; the zip64 record has a sentence of its own."""
    assert read(zipped([Entry(b"X.npy", ONE)], zip64=zip64)) == {b"X": ONE}
    words = "malformed zip64 end record" if zip64 and "here" not in end else "several files"
    with pytest.raises(ValueError, match=words):
        read(zipped([Entry(b"X.npy", ONE)], zip64=zip64, end=end))


def test_more_entries_than_are_read_are_refused_before_they_are_counted() -> None:
    """Only a zip64 record can claim so many."""
    many = {"here": 65_536, "count": 65_536}
    with pytest.raises(ValueError, match="has 65536 entries, more than the 65535 that are read"):
        read(zipped([Entry(b"X.npy", ONE)], zip64=True, end=many))
    fewer = {"here": 65_535, "count": 65_535}
    with pytest.raises(Unusable, match="takes about"):
        read(zipped([Entry(b"X.npy", ONE)], zip64=True, end=fewer))


def deflated(content: bytes, **changes: Any) -> Entry:
    """An entry whose checksum is that of `content`."""
    return Entry(b"X.npy", content, method=8, **changes)


def test_what_follows_a_deflated_stream_is_refused() -> None:
    """Though all before it is whole."""
    packed = deflated(ONE).stored()
    assert read(zipped([deflated(ONE, packed=packed)])) == {b"X": ONE}
    for spoilt in (packed + b"\0", packed[:-1]):
        with pytest.raises(ValueError, match=r"does not unpack to the size|cannot be unpacked"):
            read(zipped([deflated(ONE, packed=spoilt)]))


def test_a_stream_shorter_than_its_size_is_refused() -> None:
    """Also if the checksum is that of zeros in the place of what is missing."""
    padded = ONE + bytes(8)
    with pytest.raises(ValueError, match="does not unpack to the size"):
        read(zipped([deflated(padded, packed=deflated(ONE).stored())]))


def test_a_stream_longer_than_its_size_is_not_unpacked_to_its_end() -> None:
    """Sixteen megabytes that are said to be a hundred bytes take no more than the first pieces."""
    long = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = long.compress(bytes(1 << 24)) + long.flush()
    blob = zipped([deflated(bytes(100), packed=packed)])
    tracemalloc.start()
    with pytest.raises(ValueError, match="does not unpack to the size"):
        read(blob)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20
