"""The canonical archive: bytes -> entries.

A certificate's zip has exactly one encoding (section 3 of the certificate's page), so this reader is strict
instead of general: it walks the local headers, and rebuilds every header, the directory and the end record
from names and contents. Bytes that differ anywhere (extra, missing, reordered, deflated, flagged, dated
otherwise) are refused. Nothing is decompressed.
"""

import hashlib
import re
import struct
import zlib
from dataclasses import dataclass

from .errors import Refused

_DIGEST_SIZE = 64
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s4B4H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION = 20
_MS_DOS_DATE_1980_01_01 = 1 << 5 | 1
_UNIX = 3
_MODE = 0o644 << 16
_NAME = re.compile(
    rb"certificate\.json|(?:start|(?:segment|control)\.[0-9]{4})\."
    rb"(?:W|V|c|(?:blocks\.(?:0|[1-9][0-9]?)\.)?(?:A|a|[Bb][1-9][0-9]?|U)|p[1-9]?[0-9]{4})\.npy"
)
# Beyond these Python's zipfile would write the zip64 form, which is not canonical.
_MAX_ENTRIES = 65_535
_MAX_SIZE = (1 << 31) - 1


@dataclass(frozen=True)
class _Entry:
    name: bytes
    crc: int
    size: int
    offset: int

    def local_header(self) -> bytes:
        return _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, 0, _MS_DOS_DATE_1980_01_01, *self._sizes()) + self.name

    def central_header(self) -> bytes:
        made_by, extract = (_VERSION, _UNIX), (_VERSION, 0)
        fixed = (0, 0, 0, _MS_DOS_DATE_1980_01_01)
        return (
            _CENTRAL.pack(b"PK\1\2", *made_by, *extract, *fixed, *self._sizes(), 0, 0, 0, _MODE, self.offset)
            + self.name
        )

    def _sizes(self) -> tuple[int, int, int, int, int]:
        """CRC-32, stored size, size, length of the name, length of the extra field."""
        return self.crc, self.size, self.size, len(self.name), 0


def unpack(blob: bytes) -> dict[str, memoryview]:
    """The entries of a canonical archive, name -> contents (views into `blob`). Raises Refused."""
    view = memoryview(blob)
    body, comment = view[:-_DIGEST_SIZE], bytes(view[-_DIGEST_SIZE:])
    # First of all: nothing is parsed that is not what was written.
    if len(comment) < _DIGEST_SIZE or hashlib.sha256(body).hexdigest().encode() != comment:
        raise Refused("the file is damaged or no certificate: it does not end with the SHA-256 of all its other bytes")
    if len(blob) > _MAX_SIZE:
        raise Refused("the archive is too large for its canonical form: 2 GiB or more")
    entries: dict[str, memoryview] = {}
    records: list[_Entry] = []
    position = 0
    while bytes(body[position : position + 4]) == b"PK\3\4":
        record, position = _read_entry(body, position)
        if records and record.name <= records[-1].name:
            raise Refused(f"the archive's names are not strictly increasing at {record.name.decode()}")
        if len(records) == _MAX_ENTRIES:
            raise Refused(f"the archive has more than the {_MAX_ENTRIES} entries that a canonical one can have")
        records.append(record)
        entries[record.name.decode()] = body[position - record.size : position]
    if body[position:] != _directory(records, position):
        raise Refused("the archive's directory is not the canonical one of its entries")
    return entries


def _read_entry(body: memoryview, position: int) -> tuple[_Entry, int]:
    """The entry whose local header starts at `position`, and the position after its contents."""
    start = position + _LOCAL.size
    if start > len(body):
        raise Refused("the archive is truncated within a header")
    *_, crc, size, _, name_length, _ = _LOCAL.unpack(body[position:start])
    name = bytes(body[start : start + name_length])
    if not _NAME.fullmatch(name):
        raise Refused(f"the archive has an entry with the name {name[:40]!r}, which no certificate has")
    entry = _Entry(name, crc, size, position)
    contents_at = start + name_length
    if body[position:contents_at] != entry.local_header():
        raise Refused(f"the archive's header of {name.decode()} is not canonical")
    # zipfile leaves 5 percent of room for compression before it chooses the zip64 form.
    if size * 105 > _MAX_SIZE * 100 or contents_at + size > len(body):
        raise Refused(f"the archive's entry {name.decode()} claims {size} bytes: too many")
    if zlib.crc32(body[contents_at : contents_at + size]) != crc:
        raise Refused(f"the archive's checksum of {name.decode()} is wrong")
    return entry, contents_at + size


def _directory(records: list[_Entry], offset: int) -> bytes:
    """The central directory at `offset` with its end record, up to the archive's comment."""
    headers = b"".join(record.central_header() for record in records)
    count = len(records)
    return headers + _END.pack(b"PK\5\6", 0, 0, count, count, len(headers), offset, _DIGEST_SIZE)
