"""The members of a zip archive: one reading or none, by the directory at its end.

zipfile is not used for files of users: it builds the whole directory before any of it can be counted, and where it
looks for a directory, what it makes of names, extra fields and overlaps differs between versions of Python. The checker
must read the same, so there is one rule, in section 8 of `proofs_notes/certificate.md`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.files.archives.source import Source

MOST_MEMBERS = 65_535
PER_MEMBER = 1024  # bytes of Python objects: names, records, arrays
END, END_64, LOCATOR, CENTRAL, LOCAL = 22, 56, 20, 46, 30  # sizes of the records
STEP = 1 << 16
FLAGS = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 11  # deflate's level, sizes that follow, names in UTF-8


@dataclass(frozen=True)
class Member(Shown):
    """What the directory says of a member that is read."""

    stem: bytes
    name: bytes
    deflated: bool
    checksum: int
    stored_size: int
    size: int
    offset: int


def members_of(
    source: Source, wanted: Callable[[bytes], bool], *, comment: int = 0
) -> tuple[dict[bytes, memoryview], Source]:
    """Name without `.npy` -> bytes, of the members whose name is wanted; no other is looked at.

    `comment`: the length of the archive's comment. Raises InputError if it is no such archive, is damaged, or would
    take more than the budget.
    """
    view = memoryview(source.content)
    start, end, count = _directory(view, comment)
    source = source.counting(PER_MEMBER * count, f"its directory of {count} entries")
    found: dict[bytes, Member] = {}
    for member in _listed(view[start:end], count, wanted):
        if member.stem in found:
            raise InputError(f"it names {shown(member.stem)} twice: one array per name is needed")
        found[member.stem] = member
    source = source.counting(sum(member.size for member in found.values()), "it, unpacked,")
    return {stem: _content(view[:start], member) for stem, member in found.items()}, source


def shown(name: bytes) -> str:
    """A member's name as a message may show it."""
    return ascii(name[:60])[2:-1]


def _number(view: memoryview, at: int, size: int) -> int:
    return int.from_bytes(view[at : at + size], "little")


def _directory(view: memoryview, comment: int) -> tuple[int, int, int]:
    """Where the directory begins and ends, and how many members it lists."""
    end = len(view) - END - comment
    if end < 0 or bytes(view[end : end + 4]) != b"PK\x05\x06" or _number(view, end + 20, 2) != comment:
        raise InputError(f"it does not end as a zip archive with {comment} bytes of comment does: the file is damaged")
    disks = [_number(view, end + 4, 2), _number(view, end + 6, 2)]
    sizes = [_number(view, end + at, length) for at, length in ((8, 2), (10, 2), (12, 4), (16, 4))]
    locator = end - LOCATOR
    if locator >= 0 and bytes(view[locator : locator + 4]) == b"PK\x06\x07":
        end = locator - END_64
        pointed = [_number(view, locator + at, length) for at, length in ((4, 4), (8, 8), (16, 4))]
        if end < 0 or pointed != [0, end, 1]:
            raise InputError("its zip64 locator does not point to the record before it: the file is damaged")
        if bytes(view[end : end + 4]) != b"PK\x06\x06" or _number(view, end + 4, 8) != END_64 - 12:
            raise InputError("its zip64 record is malformed: the file is damaged")
        disks += [_number(view, end + 16, 4), _number(view, end + 20, 4)]
        wide = [_number(view, end + at, 8) for at in (24, 32, 40, 48)]
        limits = (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
        if any(one not in (other, limit) for one, other, limit in zip(sizes, wide, limits, strict=True)):
            raise InputError("its two end records contradict each other: the file is damaged")
        sizes = wide
    here, count, length, start = sizes
    if any(disks) or here != count:
        raise InputError("it is one of several parts of a zip archive: join them first")
    if count > MOST_MEMBERS:
        raise InputError(f"it has {count} entries: at most {MOST_MEMBERS} are read")
    if start + length != end:
        raise InputError(
            "its directory is not where its end record says: the file is damaged or has something before it"
        )
    return start, end, count


def _listed(directory: memoryview, count: int, wanted: Callable[[bytes], bool]) -> Iterator[Member]:
    """The wanted members in the directory's order; at its end nothing may be left of the directory."""
    for _ in range(count):
        lengths = [_number(directory, at, 2) for at in (28, 30, 32)]
        whole = CENTRAL + sum(lengths)
        if bytes(directory[:4]) != b"PK\x01\x02" or whole > len(directory):
            raise InputError("its directory is malformed: the file is damaged")
        name = bytes(directory[CENTRAL : CENTRAL + lengths[0]])
        stem = name[:-4] if name.endswith(b".npy") else name
        if wanted(stem):
            yield _member(directory, stem, name, directory[CENTRAL + lengths[0] : whole - lengths[2]])
        directory = directory[whole:]
    if len(directory):
        raise InputError("its directory lists fewer entries than it has room for: the file is damaged")


def _member(record: memoryview, stem: bytes, name: bytes, extra: memoryview) -> Member:
    flags, method = _number(record, 8, 2), _number(record, 10, 2)
    checksum, stored_size, size = (_number(record, at, 4) for at in (16, 20, 24))
    size, stored_size, offset = _wide(shown(name), extra, size, stored_size, _number(record, 42, 4))
    if flags & 1:
        raise InputError(f"{shown(name)} is encrypted: write it without a password")
    if flags & ~FLAGS or method not in (0, 8):
        raise InputError(f"{shown(name)} is packed in an unusual way: write it with numpy.savez")
    if _number(record, 34, 2) or (method == 0 and stored_size != size):
        raise InputError(f"the directory contradicts itself about {shown(name)}: the file is damaged")
    return Member(stem, name, method == 8, checksum, stored_size, size, offset)


def _wide(name: str, extra: memoryview, *sizes: int) -> tuple[int, ...]:
    """The sizes, each that is 2^32 - 1 replaced by the next one of the zip64 field."""
    fields: list[memoryview] = []
    while len(extra):
        end = 4 + _number(extra, 2, 2)
        if len(extra) < 4 or end > len(extra):
            raise InputError(f"{name} has a malformed extra field: the file is damaged")
        if _number(extra, 0, 2) == 1:
            fields.append(extra[4:end])
        extra = extra[end:]
    if len(fields) > 1:
        raise InputError(f"{name} has two zip64 fields: the file is damaged")
    field, at, wide = fields[0] if fields else memoryview(b""), 0, []
    for size in sizes:
        if size == 0xFFFFFFFF:
            if at + 8 > len(field):
                raise InputError(f"{name} has no zip64 field for its sizes: the file is damaged")
            size, at = _number(field, at, 8), at + 8
        wide.append(size)
    return tuple(wide)


def _content(before: memoryview, member: Member) -> memoryview:
    """The member's bytes, as many as the directory says. `before`: what precedes the directory."""
    name, header = shown(member.name), before[member.offset : member.offset + LOCAL]
    if len(header) < LOCAL or bytes(header[:4]) != b"PK\x03\x04":
        raise InputError(f"{name} is not where the directory says: the file is damaged")
    begin = member.offset + LOCAL
    named = before[begin : begin + _number(header, 26, 2)]
    begin += _number(header, 26, 2) + _number(header, 28, 2)
    if bytes(named) != member.name or _number(header, 8, 2) != 8 * member.deflated or _number(header, 6, 2) & ~FLAGS:
        raise InputError(f"{name} is another entry than the directory says: the file is damaged")
    content = before[begin : begin + member.stored_size]
    if len(content) != member.stored_size:
        raise InputError(f"{name} is cut off: the file is damaged")
    if member.deflated:
        content = _unpacked(content, member)
    if zlib.crc32(content) != member.checksum:
        raise InputError(f"{name} has another checksum than the directory says: the file is damaged")
    return content


def _unpacked(packed: memoryview, member: Member) -> memoryview:
    """Deflated bytes unpacked into room for what the directory declares, and not one byte more."""
    room, filled, name = bytearray(member.size), 0, shown(member.name)
    machine = zlib.decompressobj(wbits=-15)
    try:
        for piece in _pieces(machine, packed):
            if len(piece) > member.size - filled:
                break
            room[filled : filled + len(piece)] = piece
            filled += len(piece)
        else:
            if filled == member.size:
                return memoryview(room).toreadonly()
    except zlib.error as error:
        raise InputError(f"{name} cannot be unpacked ({error}): the file is damaged") from None
    raise InputError(f"{name} is not as long as the archive declares: the file is damaged")


def _pieces(machine: zlib._Decompress, packed: memoryview) -> Iterator[bytes]:
    """What the bytes unpack to, at most STEP bytes at a time. Raises zlib.error unless the last one ends it."""
    for at in range(0, len(packed), STEP):
        rest: bytes | memoryview = packed[at : at + STEP]
        while not machine.eof:
            piece = machine.decompress(rest, STEP)
            yield piece
            rest = machine.unconsumed_tail
            if not (rest or len(piece) == STEP):
                break
        if machine.eof and (machine.unused_data or at + STEP < len(packed)):
            raise zlib.error("something follows its end")
    if not machine.eof:
        raise zlib.error("it has no end")
