"""Every strange thing of `strange_archives` and `strange_files` once, by itself, in a file that is right otherwise.

The drawn files of `test_readers_agree.py` combine them; here none is missed by chance.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.both_readers import require_agreement_on_data, require_agreement_on_network
from support.strange_archives import ENDS, ENTRY_TWISTS, FRAMES, STRAYS, strange_headers
from support.strange_files import (
    BIASES,
    CLASSES,
    FLOATS,
    FOREIGN,
    INTEGERS,
    LAYOUTS,
    NAMES,
    NOTES,
    NUMBERS,
    PLACES,
    TENSOR_TYPES,
    TEXTS,
    WRONG_NUMBERS,
    WRONG_TYPES,
    File,
)
from support.written_files import AnyArray, Entry, npy, safetensors, zipped

NET: dict[str, AnyArray] = {
    "class": np.array("two-layer"),
    "bias": np.array(1),
    "W": np.arange(9.0).reshape(3, 3),
    "V": np.arange(6.0).reshape(2, 3),
    "c": np.arange(2.0),
}
POINTS: dict[str, AnyArray] = {"X": np.arange(6.0).reshape(3, 2), "Y": np.arange(3.0).reshape(3, 1)}
METADATA = {"class": "two-layer", "bias": "1"}
TENSORS = {name: ("F64", NET[name]) for name in ("W", "V", "c")}


def entries(arrays: dict[str, AnyArray]) -> list[Entry]:
    return [Entry(f"{name}.npy".encode(), npy(array)) for name, array in arrays.items()]


def outcomes(archives: list[bytes], *, data: bool) -> tuple[int, int]:
    """How many were read and refused, by both alike."""
    require = require_agreement_on_data if data else require_agreement_on_network
    read = sum(require(File(content, ".npz")) != "refused" for content in archives)
    return read, len(archives) - read


def require_both(found: tuple[int, int]) -> None:
    """The table has what is read and what is not: a file wrong in another way would make the test empty."""
    assert min(found) >= 1, found


@pytest.mark.parametrize("name", ["X", "Y"])
@pytest.mark.parametrize("method", [0, 8])
def test_every_strange_member(name: str, method: int) -> None:
    """Alone, and in a file whose other members are deflated."""
    archives = []
    for changes in ENTRY_TWISTS:
        members = [
            Entry(
                member.name,
                member.content,
                **({"method": method} | (changes if member.name[:1] == name.encode() else {})),
            )
            for member in entries(POINTS)
        ]
        archives.append(zipped(members))
    require_both(outcomes(archives, data=True))


@pytest.mark.parametrize("data", [True, False])
def test_every_stray_member(data: bool) -> None:
    """Before and after the others, with content that is no array, and with the headers of any strange member."""
    members = entries(POINTS if data else NET)
    archives = [zipped([Entry(name, content), *members]) for name in STRAYS for content in (b"", members[0].content)]
    archives += [zipped([*members, Entry(name, b"hello")]) for name in STRAYS]
    archives += [zipped([*members, Entry(b"Z.npy", b"hello", **changes)]) for changes in ENTRY_TWISTS]
    found = outcomes(archives, data=data)
    if data:
        require_both(found)
    else:
        assert found[0] == 0


@pytest.mark.parametrize("data", [True, False])
def test_every_strange_frame(data: bool) -> None:
    """What stands before, between and after, and every field of the end records."""
    members = entries(POINTS if data else NET)
    frames: list[dict[str, Any]] = [
        {},
        *FRAMES,
        *({"end": end, "zip64": wide} for end in ENDS for wide in (False, True)),
    ]
    require_both(outcomes([zipped(members, **frame) for frame in frames], data=data))


@pytest.mark.parametrize(
    ("name", "array"),
    [
        *((name, NET[name]) for name in ("W", "c", "bias", "class")),
        ("bias", np.array(True)),
        ("bias", np.ones(1, "i1")),
    ],
)
def test_every_strange_header(name: str, array: AnyArray) -> None:
    """A matrix, a vector, the scalars, and types of one byte."""
    archives = []
    for content in strange_headers(array):
        others = {other: array for other, array in NET.items() if other != name}
        archives.append(zipped([*entries(others), Entry(f"{name}.npy".encode(), content)]))
    require_both(outcomes(archives, data=False))


def test_every_type_and_number() -> None:
    """Each type as W, and each number that it holds."""
    archives = []
    for dtype in FLOATS + INTEGERS + FOREIGN:
        if np.dtype(dtype).kind in "fiu":
            for number in (*NUMBERS, *WRONG_NUMBERS) if np.dtype(dtype).kind == "f" else (0, 1, 100):
                with np.errstate(all="ignore"):
                    archives.append(zipped(entries(NET | {"W": np.full((3, 3), number).astype(dtype)})))
        else:
            archives.append(zipped(entries(NET | {"W": np.zeros((3, 3), dtype)})))
    for dtype, value in (("<i8", 2**53), ("<i8", -(2**53)), ("<i8", 2**53 + 1), ("<i8", -(2**63)), ("<u8", 2**64 - 1)):
        archives.append(zipped(entries(NET | {"W": np.full((3, 3), value, dtype)})))
    require_both(outcomes(archives, data=False))


def test_every_class_bias_and_name() -> None:
    """The scalars in every form, and parameters under every name."""
    archives = [zipped(entries(NET | {"bias": bias})) for bias in BIASES]
    archives += [zipped(entries(NET | {"class": kind})) for kind in CLASSES]
    archives += [zipped([*entries(NET), Entry(f"{name}.npy".encode(), npy(np.ones((3, 3))))]) for name in NAMES]
    archives += [
        zipped(entries(NET | {"bias": np.frombuffer(bytes([byte]), "?").reshape(())})) for byte in (0, 1, 2, 255)
    ]
    require_both(outcomes(archives, data=False))


def test_every_note_layout_and_place() -> None:
    """Of a `.safetensors`: metadata, what surrounds the header and the numbers, and what is said of a tensor."""
    files = [safetensors(TENSORS, METADATA | {key: value}) for key, value in NOTES]
    files += [safetensors(TENSORS, METADATA, **layout) for layout in LAYOUTS]
    files += [safetensors(TENSORS, METADATA, changes={name: place}) for name in TENSORS for place in PLACES]
    for old, new in TEXTS:
        for times in (1, -1):
            plain = safetensors(TENSORS, METADATA)
            length = int.from_bytes(plain[:8], "little")
            text = plain[8 : 8 + length].replace(old, new, times)
            files.append(struct.pack("<Q", len(text)) + text + plain[8 + length :])
    for kind, dtype in (TENSOR_TYPES | WRONG_TYPES).items():
        files.append(safetensors(TENSORS | {"W": (kind, np.ones((3, 3), dtype))}, METADATA))
    read = sum(require_agreement_on_network(File(content, ".safetensors")) != "refused" for content in files)
    require_both((read, len(files) - read))


@given(st.integers(0, 1 << 30), st.sampled_from(["npz", "data", "safetensors"]))
@settings(max_examples=2 * settings.default.max_examples)
def test_both_have_one_budget(budget: int, kind: str) -> None:
    """At every budget both read or both refuse; what is predicted suffices, one byte less does not."""
    arrays = POINTS if kind == "data" else NET
    content = safetensors(TENSORS, METADATA) if kind == "safetensors" else zipped(entries(arrays))
    require = require_agreement_on_data if kind == "data" else require_agreement_on_network
    numbers = sum(array.size for name, array in arrays.items() if kind != "safetensors" or name in TENSORS)
    if kind == "safetensors":
        needed = len(content) + 64 * int.from_bytes(content[:8], "little") + 16 * numbers
    else:
        needed = len(content) + 1024 * len(arrays) + sum(len(npy(array)) for array in arrays.values()) + 16 * numbers
    assert (require(File(content, "", budget)) != "refused") == (budget >= needed)
    assert require(File(content, "", needed)) != "refused"
    assert require(File(content, "", needed - 1)) == "refused"
