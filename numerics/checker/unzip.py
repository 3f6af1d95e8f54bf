"""The entries of a zip archive that any program may have written, by its directory, within an allowance.

A file has one reading or none (section 8 of the certificate's page): the end record is the last 22 bytes, the
directory ends where it begins, and what a local header and the directory say must agree. Python's zipfile would build
the whole directory before anything could be counted, and looks for it in places that changed with its versions.
"""

import struct
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from .files import Allowance

_END = struct.Struct("<4s4H2IH")
_LOCATOR = struct.Struct("<4sIQI")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_FIELD = struct.Struct("<2H")
_LONG = struct.Struct("<Q")
_STORED, _DEFLATED = 0, 8
# Deflate's level, sizes after the contents, a name in UTF-8: nothing that changes how contents are read.
_HARMLESS = 0x0002 | 0x0004 | 0x0008 | 0x0800
_MAX_ENTRIES = 65_535
_ZIP64_FIELD = 1
# Names, records, arrays: what Python objects take for one entry.
_PER_ENTRY = 1024
_PIECE = 1 << 16


@dataclass(frozen=True)
class _Record:
    """What the directory says of one entry, and where its local header starts."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int


def unzip(blob: bytes, allowance: Allowance, only: Collection[bytes] | None = None) -> dict[bytes, memoryview]:
    """Contents by name without `.npy`, of all entries or of those in `only`; others are not even looked at.

    Raises ValueError (what is wrong with the archive), Unusable if the allowance does not suffice.
    """
    view = memoryview(blob)
    start, end, count = _directory(view)
    allowance.take(_PER_ENTRY * count)
    records: dict[bytes, _Record] = {}
    position = start
    for _ in range(count):
        fields, after = _central(view, position, end)
        name = bytes(view[position + _CENTRAL.size :][: fields[9]])
        stem = name.removesuffix(b".npy")
        if only is None or stem in only:
            if stem in records:
                raise ValueError(f"two entries have the same name {_shown(stem)}: write it again with numpy.savez")
            records[stem] = _record(name, fields, view[position + _CENTRAL.size + len(name) :][: fields[10]])
        position = after
    if position != end:
        raise ValueError("its zip directory is not as long as its end record says: it is damaged")
    # The directory's sizes bound everything unpacked below, so a bomb is refused before it goes off.
    allowance.take(sum(record.size for record in records.values()), "unpacks to")
    return {stem: _contents(view[:start], record) for stem, record in records.items()}


def _directory(view: memoryview) -> tuple[int, int, int]:
    """Where the directory starts and ends, and its number of entries."""
    at = len(view) - _END.size
    if at < 0:
        raise ValueError("is no zip archive: it is too short for an end record")
    mark, disk, first_disk, here, count, size, start, comment = _END.unpack_from(view, at)
    if mark != b"PK\5\6" or comment:
        raise ValueError("does not end with the end record of a zip archive without comment: it is damaged")
    end = at
    if at >= _LOCATOR.size and bytes(view[at - _LOCATOR.size :][:4]) == b"PK\6\7":
        end, long = _long_directory(view, at - _LOCATOR.size)
        short = (here, count, size, start)
        for written, value, full in zip(short, long, (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF), strict=True):
            if written not in (value, full):
                raise ValueError("has two zip end records that disagree: it is damaged")
        here, count, size, start = long
    if disk or first_disk or here != count:
        raise ValueError("is part of a zip archive in several files: join them")
    if count > _MAX_ENTRIES:
        raise ValueError(f"has {count} entries, more than the {_MAX_ENTRIES} that are read")
    if start + size != end:
        raise ValueError(
            "its zip directory is not where its end record says: it is damaged, or not a zip from its start"
        )
    return start, end, count


def _long_directory(view: memoryview, at: int) -> tuple[int, tuple[int, int, int, int]]:
    """Where the zip64 end record starts, whose locator is at `at`; entries here, entries, size and start."""
    _, disk, where, disks = _LOCATOR.unpack_from(view, at)
    if disk or disks != 1 or where + _END_64.size != at:
        raise ValueError("has a zip64 locator that does not point to the record before it: it is damaged")
    mark, length, _, _, disk, first_disk, here, count, size, start = _END_64.unpack_from(view, where)
    if mark != b"PK\6\6" or length != _END_64.size - 12 or disk or first_disk:
        raise ValueError("has a malformed zip64 end record: it is damaged")
    return where, (here, count, size, start)


def _central(view: memoryview, position: int, end: int) -> tuple[tuple[int, ...], int]:
    """The fields of the directory's record at `position` (its mark left out), and where the next one starts."""
    if position + _CENTRAL.size > end:
        raise ValueError("its zip directory is shorter than its end record says: it is damaged")
    mark, *fields = _CENTRAL.unpack_from(view, position)
    after = position + _CENTRAL.size + fields[9] + fields[10] + fields[11]
    if mark != b"PK\1\2" or after > end:
        raise ValueError("has a malformed zip directory: it is damaged")
    return tuple(fields), after


def _record(name: bytes, fields: tuple[int, ...], extra: memoryview) -> _Record:
    """The record of an entry that is wanted."""
    _, _, flags, method, _, _, crc, packed, size, _, _, _, disk, _, _, offset = fields
    size, packed, offset = _long_values(name, extra, [size, packed, offset])
    if flags & ~_HARMLESS:
        raise ValueError(f"{_shown(name)} is encrypted or otherwise special: write it again with numpy.savez")
    if method not in (_STORED, _DEFLATED):
        raise ValueError(f"{_shown(name)} is neither stored nor deflated: write it again with numpy.savez")
    if disk or (method == _STORED and packed != size):
        raise ValueError(f"{_shown(name)} has a zip directory record that contradicts itself: it is damaged")
    return _Record(name, flags, method, crc, packed, size, offset)


def _long_values(name: bytes, extra: memoryview, values: list[int]) -> list[int]:
    """The values, those that do not fit into 32 bits taken from the zip64 field."""
    long: memoryview | None = None
    at = 0
    while at < len(extra):
        if at + _FIELD.size > len(extra):
            raise ValueError(f"{_shown(name)} has a malformed extra field: it is damaged")
        kind, length = _FIELD.unpack_from(extra, at)
        at += _FIELD.size + length
        if at > len(extra) or (kind == _ZIP64_FIELD and long is not None):
            raise ValueError(f"{_shown(name)} has a malformed extra field: it is damaged")
        if kind == _ZIP64_FIELD:
            long = extra[at - length : at]
    found = []
    for value in values:
        if value != 0xFFFFFFFF:
            found.append(value)
        elif long is None or len(long) < _LONG.size:
            raise ValueError(f"{_shown(name)} lacks the zip64 field that its sizes need: it is damaged")
        else:
            found.append(_LONG.unpack_from(long)[0])
            long = long[_LONG.size :]
    return found


def _contents(body: memoryview, record: _Record) -> memoryview:
    """What the entry holds. `body` is the file up to its directory."""
    name = _shown(record.name)
    if record.offset + _LOCAL.size > len(body):
        raise ValueError(f"{name} lies beyond the end of the file: it is damaged")
    mark, _, flags, method, *_, name_length, extra_length = _LOCAL.unpack_from(body, record.offset)
    named = record.offset + _LOCAL.size
    first = named + name_length + extra_length
    same = (mark, method, bytes(body[named : named + name_length])) == (b"PK\3\4", record.method, record.name)
    if not same or flags & ~_HARMLESS or first + record.packed > len(body):
        raise ValueError(f"{name} does not have the header that the zip directory promises: it is damaged")
    packed = body[first : first + record.packed]
    contents = packed if record.method == _STORED else _inflated(packed, record.size, name)
    if zlib.crc32(contents) != record.crc:
        raise ValueError(f"{name} does not have the checksum that the zip directory states: it is damaged")
    return contents


def _inflated(packed: memoryview, size: int, name: str) -> memoryview:
    """Exactly `size` bytes, unpacked piece by piece. Raises ValueError if it is another number."""
    contents = bytearray(size)
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    at = first = 0
    waiting = b""
    while not engine.eof:
        if not waiting:
            waiting = bytes(packed[first : first + _PIECE])
            first += len(waiting)
        try:
            piece = engine.decompress(waiting, _PIECE)
        except zlib.error as error:
            raise ValueError(f"{name} cannot be unpacked ({error}): it is damaged") from None
        if at + len(piece) > size or not (waiting or piece):
            break
        contents[at : at + len(piece)] = piece
        at += len(piece)
        waiting = engine.unconsumed_tail
    if not engine.eof or engine.unused_data or first != len(packed) or at != size:
        raise ValueError(f"{name} does not unpack to the size that the zip directory states: it is damaged")
    return memoryview(contents).toreadonly()


def _shown(name: bytes) -> str:
    """A name for a message: what is not ASCII is escaped."""
    return name[:60].decode("ascii", "backslashreplace")
