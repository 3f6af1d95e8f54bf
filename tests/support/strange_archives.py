"""Zip archives of arrays as few programs write them, or none: headers, members, the frame, single bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from support.written_files import ZIP64, AnyArray, Entry, described, npy, zipped

DESCRS = (
    "'|f8'", "'=f8'", "'f8'", "'<f8 '", '"<f8"', "'<b1'", "'<i1'", "'>i1'", "'|i8'", "[('a', '<f8')]", "'<U0'", "''",
)  # fmt: skip
SHAPES = (
    "({last})", "({last},)", "({last}, )", "[{last}]", "( {spaced} )", "({last},,)", "()", "(1,)", "(True,)", "(-1,)",
    "(0{last},)", "({no_commas})", "(1L,)", "(9999999999999999999999,)", "(1_0,)", "(,)", "(" + "1," * 31 + ")",
    "(" + "1," * 33 + ")", "({last} 1)",
)  # fmt: skip
TAILS = (" \n", "", "\n\n", "\n ", "\t\n", " " * 200 + "\n", " " * 9900 + "\n", " " * 10_000)
FORMS = (
    "{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}\n",
    "{{'descr':{descr},'fortran_order':{order},'shape':{shape}}}",
    " {{ 'descr' : {descr} , 'fortran_order' : {order} , 'shape' : {shape} , }} \n",
    "{{'fortran_order': {order}, 'descr': {descr}, 'shape': {shape}, }}\n",
    '{{"descr": {descr}, "fortran_order": {order}, "shape": {shape}, }}\n',
    "{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, 'x': 1}}\n",
    "{{'descr': {descr}, 'fortran_order': 0, 'shape': {shape}, }}\n",
    "{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, ,}}\n",
    "dict(descr={descr}, fortran_order={order}, shape={shape})\n",
    "{{'descr': {descr}, 'fortran_order': {order}, 'shape':\n {shape}, }}\n",
    "{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}#\n",
    "{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, 'descr': '<f4'}}\n",
    "",
)


def strange_headers(array: AnyArray) -> list[bytes]:
    """The array's `.npy` as numpy would not write it: every form that is not like its usual one in one thing."""
    exact = ", ".join(map(str, array.shape))
    last = {"last": exact, "spaced": exact.replace(",", " ,"), "no_commas": exact.replace(",", "")}
    changes = [
        {"order": "True"},
        *({"descr": one} for one in DESCRS),
        *({"shape": one.format(**last)} for one in SHAPES),
        *({"form": one} for one in FORMS),
    ]
    files = [npy(array, text=described(array, **change)) for change in changes]
    files += [npy(array, version=2, text=described(array).rstrip() + tail) for tail in TAILS]
    files += [npy(array, version=version) for version in (0, 2, 3, 4, 93)]
    return [*files, npy(array, after=b"\0"), npy(array, after=bytes(9)), npy(array)[:-1]]


@st.composite
def npy_files(draw: st.DrawFn, array: AnyArray) -> bytes:
    """One of them."""
    return npy(array) if array.dtype.hasobject or array.dtype.names else draw(st.sampled_from(strange_headers(array)))


ENTRY_TWISTS: tuple[dict[str, Any], ...] = (
    {"method": 8}, {"method": 8}, {"method": 12}, {"method": 14}, {"method": 9}, {"flags": 1}, {"flags": 0x800},
    {"flags": 6}, {"flags": 0x20}, {"flags": 0x2000}, {"descriptor": True}, {"descriptor": True, "method": 8},
    {"zip64_local": True}, {"zip64_central": True}, {"extra": b"UT\5\0\3abcd"}, {"extra": b"\1\0\0\0"},
    {"extra": b"\1\0\x10\0" + bytes(16)}, {"extra": b"xyz"}, {"extra": b"up\x09\0\1abcdX.npy"[:13]},
    {"zip64_central": True, "extra": b"\1\0\x08\0" + bytes(8)}, {"central": {"crc": 7}}, {"local": {"crc": 7}},
    {"central": {"size": 3}}, {"local": {"size": 3}}, {"central": {"packed": 3}}, {"central": {"size": ZIP64}},
    {"central": {"offset": 1}}, {"central": {"offset": 1 << 31}}, {"central": {"disk": 1}},
    {"central": {"disk": 0xFFFF}}, {"central": {"comment": b"PK\1\2 note"}}, {"central": {"mark": b"PK\1\3"}},
    {"local": {"mark": b"PK\5\6"}}, {"local": {"name": b"other.npy"}}, {"local": {"extra": b"pad" * 9}},
    {"local": {"method": 8}}, {"local": {"flags": 1}}, {"central": {"flags": 1}}, {"method": 8, "packed": b""},
    {"method": 8, "packed": b"\3\0\0"}, {"method": 8, "packed": b"\xff\xff"},
    {"method": 8, "central": {"size": 1 << 20}}, {"method": 8, "central": {"size": 1 << 40}, "zip64_central": True},
    {"central": {"flags": 0x20}}, {"local": {"flags": 0x20}}, {"central": {"flags": 0x800}}, {"extra": b"\1\0\0\0" * 2},
    {"zip64_central": True, "extra": b"UT\4\0abcd"}, {"zip64_local": True, "zip64_central": True, "method": 8},
    {"packed": b"", "central": {"packed": 0, "size": 0, "crc": 0}}, {"central": {"size": 0, "packed": 0, "crc": 0}},
)  # fmt: skip


STRAYS = (
    b"folder/", b"README.txt", b"Z.npy", b"x.npy", b"X", b"W", b"W.npy", b"X.npy", b"/etc/passwd", b"../W.npy",
    b"\xff\xfe.npy", b"\x1b[1A.npy", b"", b".npy", b"W.npy\0.txt", b"W.NPY", b"labels.npy", b"class", b"name.npy",
    b"W.npy.npy",
)  # fmt: skip
FRAMES: tuple[dict[str, Any], ...] = (
    {"before": b"MZ" * 9}, {"before": b"#!", "shift": -2}, {"gap": b"gap"}, {"comment": b"hello"}, {"after": b"\0"},
    {"comment": b"PK\5\6" + bytes(18)}, {"zip64": True}, {"zip64": True, "shift": 1}, {"shift": 3},
    {"before": b"PK\3\4" + bytes(26)}, {"zip64": True, "before": b"PK\3\4 once"}, {"zip64": True, "comment": b"x"},
    {"after": b"PK\5\6" + bytes(18)}, {"claimed": 1}, {"claimed": 0xFFFF}, {"zip64": True, "gap": b"\0"},
    {"after": bytes(22)}, {"comment": bytes(64)},
)  # fmt: skip
ENDS = [
    {name: value}
    for name in ("disk", "first", "here", "count", "size", "start")
    for value in (0, 1, 2, 3, 0xFFFF, ZIP64, 65_536)
] + [{"count": value, "here": value} for value in (0, 1, 2, 3, 6, 65_535, 65_536)]


@st.composite
def archives(draw: st.DrawFn, arrays: dict[str, AnyArray], strange: frozenset[str]) -> bytes:
    """A zip archive of these arrays."""
    members = [(name, npy(array)) for name, array in arrays.items()]
    if "header" in strange:
        k = draw(st.integers(0, len(members) - 1))
        members[k] = members[k][0], draw(npy_files(arrays[members[k][0]]))
    entries = [Entry(name.encode("utf-8", "surrogateescape") + b".npy", content) for name, content in members]
    if draw(st.booleans()):
        entries = [replace(entry, method=8) for entry in entries]
    if "entries" in strange:
        k = draw(st.integers(0, len(entries) - 1))
        entries[k] = replace(entries[k], **draw(st.sampled_from(ENTRY_TWISTS)))
    if "zip" not in strange:
        return zipped(entries)
    twist = draw(st.sampled_from(("stray", "name", "order", "end", "frame")))
    k = draw(st.integers(0, len(entries) - 1))
    if twist == "stray":
        other = draw(st.sampled_from(STRAYS))
        content = draw(st.sampled_from((b"", b"hello", entries[k].content, npy(np.array([None], dtype=object)))))
        changes: dict[str, Any] = draw(st.sampled_from(({}, {}, *ENTRY_TWISTS)))
        entries.insert(draw(st.integers(0, len(entries))), replace(Entry(other, content), **changes))
    if twist == "name":
        stem = entries[k].name[:-4]
        names = (
            stem,
            stem + b".NPY",
            stem.swapcase() + b".npy",
            b"./" + stem + b".npy",
            stem + b".npy\0x",
            stem + b".npy ",
        )
        entries[k] = replace(entries[k], name=draw(st.sampled_from(names)))
    if twist == "order":
        entries = draw(st.permutations(entries))
    frame: dict[str, Any] = {}
    if twist == "end":
        frame = {"end": draw(st.sampled_from(ENDS)), "zip64": draw(st.booleans())}
    if twist == "frame":
        frame = draw(st.sampled_from(FRAMES))
    return zipped(entries, **frame)


@st.composite
def mutated(draw: st.DrawFn, content: bytes) -> bytes:
    """The bytes with up to three of them changed, dropped or doubled."""
    spoilt = bytearray(content)
    for _ in range(draw(st.sampled_from((1, 1, 2, 3)))):
        if not spoilt:
            break
        where = draw(
            st.one_of(st.integers(0, len(spoilt) - 1), st.integers(max(0, len(spoilt) - 400), len(spoilt) - 1))
        )
        what = draw(st.sampled_from(("set", "set", "bit", "drop", "double", "cut", "swap")))
        if what == "set":
            spoilt[where] = draw(st.sampled_from((0, 1, 8, 0x20, 0x30, 0x39, 0x7F, 0x80, 0xFF)))
        elif what == "bit":
            spoilt[where] ^= 1 << draw(st.integers(0, 7))
        elif what == "drop":
            del spoilt[where]
        elif what == "double":
            spoilt.insert(where, spoilt[where])
        elif what == "cut":
            del spoilt[where:]
        else:
            other = draw(st.integers(0, len(spoilt) - 1))
            spoilt[where], spoilt[other] = spoilt[other], spoilt[where]
    return bytes(spoilt)
