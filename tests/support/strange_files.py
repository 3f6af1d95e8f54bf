"""Files that are networks or data sets, or nearly so: what is strange about one is one thing, or two."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from support.oracles import prefixes
from support.strange_archives import archives, mutated
from support.written_files import AnyArray, safetensors

NUMBERS = (0.0, -0.0, 1.0, -1.5, 5e-324, 2.0**-149, 6e-8, 65504.0, 3e38, 1.7e308, 0.1)
WRONG_NUMBERS = (np.nan, np.inf, -np.inf)
FLOATS = ("<f2", "<f4", "<f8", ">f2", ">f4", ">f8")
INTEGERS = ("|i1", "|u1", "<i2", ">u2", "<i4", ">i4", "<i8", ">i8", "<u8")
FOREIGN = ("<f16", "<c16", "|b1", "|S3", "<U3", "<M8[s]", "|O", "|V2", "f8,f8")
ENDINGS = (".npz", ".safetensors", ".NPZ", ".SAFETENSORS", "", ".bin", ".safetensors.npz")
BUDGET = 1 << 30


@dataclass(frozen=True)
class File:
    """What a file holds, how its name ends, and under which budget it is read."""

    content: bytes
    ending: str
    budget: int = BUDGET


def values(dtype: str, shape: tuple[int, ...], wrong: bool) -> st.SearchStrategy[AnyArray]:
    """An array of the type, of numbers that are hard for it; `wrong`: NaN, infinities and large integers too."""
    kind = np.dtype(dtype).kind
    size = int(np.prod(shape, dtype=int))
    if kind == "f" or dtype in FOREIGN:
        some: tuple[Any, ...] = NUMBERS + (WRONG_NUMBERS if wrong and kind == "f" else ())
    else:
        some = (0, 1, 2, 100) + ((2**53, 2**53 + 1, 2**63 - 1, -(2**53) - 1, -1) if wrong else ())

    def made(chosen: list[Any]) -> AnyArray:
        if np.dtype(dtype).names or kind in "VM":
            return np.zeros(shape, dtype)
        if kind in "iu":
            bits = 8 * np.dtype(dtype).itemsize
            half = 1 << bits - 1 if kind == "i" else 0
            return np.array([(one + half) % (1 << bits) - half for one in chosen], dtype).reshape(shape)
        with np.errstate(all="ignore"):
            array = np.array(chosen).astype(dtype).reshape(shape)
        return array if wrong or kind != "f" else np.where(np.isfinite(array), array, 1).astype(dtype)

    return st.lists(st.sampled_from(some), min_size=size, max_size=size).map(made)


def shapes_of(kind: str, bias: int) -> dict[str, tuple[int, ...]]:
    """A small network's parameters: two inputs, three neurons, two outputs."""
    shapes: dict[str, tuple[int, ...]] = {"W": (3, 2 + bias), "V": (2, 3), "c": (2,)}
    if kind == "plain":
        del shapes["V"]
    for prefix in prefixes(kind):
        shapes |= {f"{prefix}A": (2, 3), f"{prefix}a": (2,), f"{prefix}B1": (1, 2), f"{prefix}b1": (1,)}
        shapes[f"{prefix}U"] = (2 if kind in ("parallel", "plain") else 3, 1)
    return shapes


NAMES = (
    "w",
    "X",
    "A",
    "B2",
    "b2",
    "B01",
    "B99",
    "B100",
    "b1",
    "blocks.0.A",
    "blocks.2.A",
    "blocks.00.A",
    "blocks.100.A",
    "V ",
    "c\0",
    "W/",
    "./W",
    "\u00e4",
    "U\u0301",
    "bn.weight",
    "fc.bias",
    "gamma",
    "",
    "C",
    "blocks.0.",
    "blocks.0.B2",
)


@st.composite
def shaken(draw: st.DrawFn, shapes: dict[str, tuple[int, ...]], strange: bool) -> dict[str, tuple[int, ...]]:
    """The shapes, without some biases; if strange, one does not fit, is missing, or has no place."""
    shapes = dict(shapes)
    for name in [name for name in shapes if name.rpartition(".")[2][0].islower()]:
        if draw(st.booleans()):
            del shapes[name]
    if not strange:
        return shapes
    twist = draw(st.sampled_from(("drop", "grow", "scalar", "flat", "empty", "deep", "add", "rename")))
    name = draw(st.sampled_from(sorted(shapes)))
    shape = shapes[name]
    if twist in ("drop", "rename"):
        del shapes[name]
    if twist in ("add", "rename"):
        shapes[draw(st.sampled_from(NAMES))] = shape
    if twist in ("grow", "scalar", "flat", "empty", "deep"):
        grown = (*shape[:-1], shape[-1] + 1)
        wrong = {"grow": grown, "scalar": (), "flat": (6,), "empty": (0, *shape[1:]), "deep": (*shape, 1)}
        shapes[name] = wrong[twist]
    return shapes


TWISTS = (
    "none", "header", "zip", "entries", "shapes", "types", "numbers", "class", "bias", "mutation", "ending", "budget",
    "notes", "text", "layout",
)  # fmt: skip


@st.composite
def twists(draw: st.DrawFn) -> frozenset[str]:
    """What is strange about a file. Most files are nearly right, so that both outcomes are common."""
    return frozenset(draw(st.lists(st.sampled_from(TWISTS), min_size=1, max_size=2)))


@st.composite
def filed(draw: st.DrawFn, content: bytes, ending: str, strange: frozenset[str]) -> File:
    """The content, its name and the budget, each as strange as it may be."""
    return File(
        draw(mutated(content)) if "mutation" in strange else content,
        draw(st.sampled_from(ENDINGS)) if "ending" in strange else ending,
        draw(st.integers(500, 80_000)) if "budget" in strange else BUDGET,
    )


KINDS = ("two-layer", "parallel", "residual", "stream", "post", "plain")
FLAGS = tuple(np.array(one, kind) for one in (0, 1) for kind in ("|b1", "|i1", "<i8", ">u4", "<f2", "<f8", ">f4"))
BIASES: tuple[AnyArray, ...] = (
    *FLAGS, np.ones(1), np.ones((1, 1), int), np.array(-0.0), np.ones(2), np.array(2), np.array(0.5), np.array(np.nan),
    np.array("1"), np.array(1j), np.zeros(0), np.array(-1), np.array(257, ">i2"), np.array(None),
)  # fmt: skip
CLASSES: tuple[AnyArray, ...] = (
    *(np.array(kind) for kind in (*KINDS, "two-layer\0", "Two-layer", "", "two-layer ", "PLAIN")), np.array(b"plain"),
    np.array("plain", "<U40"), np.array("stream", ">U6"), np.array(["plain"]), np.array(3), np.array("plain", object),
)  # fmt: skip


@st.composite
def npz_networks(draw: st.DrawFn) -> File:
    """An `.npz` that is a network or nearly one."""
    strange, kind = draw(twists()), draw(st.sampled_from(KINDS))
    bias = draw(st.sampled_from(BIASES if "bias" in strange else FLAGS))
    flag = int(bias.size == 1 and bias.dtype.kind in "biuf" and bool(bias.reshape(())[()] == 1))
    shapes = draw(shaken(shapes_of(kind, flag), "shapes" in strange))
    arrays: dict[str, AnyArray] = {"class": np.array(kind), "bias": bias}
    for name, shape in shapes.items():
        arrays[name] = draw(values(draw(st.sampled_from(FLOATS + INTEGERS)), shape, False))
    _twist_arrays(draw, arrays, strange)
    if "class" in strange:
        arrays["class"] = draw(st.sampled_from(CLASSES))
        arrays.pop(draw(st.sampled_from(("class", "bias", "none", "none"))), None)
    return draw(filed(draw(archives(arrays, strange)), ".npz", strange))


def _twist_arrays(draw: st.DrawFn, arrays: dict[str, AnyArray], strange: frozenset[str]) -> None:
    """One of the arrays of another type, or with other numbers."""
    name = draw(st.sampled_from(sorted(arrays)))
    if "types" in strange:
        arrays[name] = draw(values(draw(st.sampled_from(FOREIGN)), arrays[name].shape, False))
    elif "numbers" in strange and name != "class":
        arrays[name] = draw(values(draw(st.sampled_from(FLOATS + INTEGERS)), arrays[name].shape, True))


@st.composite
def npz_data(draw: st.DrawFn) -> File:
    """An `.npz` that is a data set or nearly one."""
    strange, count = draw(twists()), draw(st.integers(1, 4))
    shapes: dict[str, tuple[int, ...]] = {"X": (count, draw(st.integers(1, 3))), "Y": (count, draw(st.integers(1, 2)))}
    if "shapes" in strange:
        wrong = ((count,), (count + 1, 1), (0, 1), (count, 0), (count, 1, 1), ())
        shapes[draw(st.sampled_from("XY"))] = draw(st.sampled_from(wrong))
    arrays = {
        name: draw(values(draw(st.sampled_from(FLOATS + INTEGERS)), shape, False)) for name, shape in shapes.items()
    }
    if draw(st.booleans()):
        odd = bool(strange & {"bias", "text"})
        small = st.integers(-1, 200) if odd else st.integers(0, 5)
        chosen = draw(st.lists(small, min_size=count, max_size=count + (1 if odd else 0)))
        number = draw(st.sampled_from(INTEGERS + (("<f8", "|b1") if odd else ())))
        arrays["labels"] = np.array(chosen).astype(number)
        if "class" not in strange:
            del arrays["Y"]
    _twist_arrays(draw, arrays, strange)
    if "notes" in strange:
        arrays["names"] = np.array([{}], dtype=object)
    return draw(filed(draw(archives(arrays, strange)), ".npz", strange))


TENSOR_TYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "BF16": "<u2"}
WRONG_TYPES = {
    "I64": "<i8",
    "U8": "|u1",
    "BOOL": "|b1",
    "F8_E4M3": "|u1",
    "F8_E5M2": "|u1",
    "C64": "<c8",
    "f32": "<f4",
    "": "<f8",
}
NOTES: tuple[tuple[str, Any], ...] = (
    ("format", "pt"), ("activation", "relu"), ("activation", "gelu"), ("config", '{"layers": [{"act": "silu"}]}'),
    ("x", 1), ("x", None), ("config", '{"dropout": 0.0, "batch_norm": false}'),
    ("config", '{"dropout": 0, "n": ' + "9" * 5000 + "}"), ("", "gelu"), ("act", ""),
    ("config", "[" * 99 + '{"act": "gelu"}' + "]" * 99), ("config", "[" * 100 + '{"act": "gelu"}' + "]" * 100),
    ("norm", "rms"), ("x.norm", "1"), ("config", "[" * 900 + '{"act": "gelu"}' + "]" * 900),
    ("n", "[]]]]]" + "[" * 100), ("config", '["{\\"act\\": \\"gelu\\"}"]'), ("act\n", "gelu"),
    ("config", '{"act": {"a": 0}}'), ("config", '{"act": "gelu", "act": "relu"}'), ("\ud800", "x"), ("x", "\udfff"),
    ("config", '{"act": NaN}'), ("config", '{"a\\ud800ct": "\\ud800"}'), ("config", '{"dropout": 0e0}'),
    ("\u0130", "\u0130"), ("hidden_act", " ReLU\t"), ("bn", ["x"]),
)  # fmt: skip
TEXTS: tuple[tuple[bytes, bytes], ...] = (
    (b'"F', b'"\\u0046'), (b"{", b" {"), (b"{", b"\t\n{"), (b": ", b":"), (b'"W"', b'"\\u0057"'), (b'"W"', b'"V"'),
    (b'"class"', b'"bias"'), (b"[3, ", b"[3.0, "), (b"[3, ", b"[3e0, "), (b"[3, ", b"[-3, "), (b"[0, ", b"[-0, "),
    (b"[3, ", b"[03, "), (b"[3, ", b"[3,"), (b"}", b"}\0"), (b"[2]", b"[2,]"), (b'"W"', b'"W\xff"'),
    (b'"W"', b'"W\xed\xa0\x80"'), (b"[0, ", b"[NaN, "), (b"[0, ", b"[99999999999999999999, "),
    (b'"shape"', b'"shape": [1], "shape"'), (b'"dtype"', b'"note": 0, "dtype"'), (b"[3, ", b"[true, "),
    (b"{", b"\xef\xbb\xbf{"), (b"{", b"[{"), (b'"bias"', b'"a": "b", "bias"'), (b"[3, ", b"[1, 1, 1, 1, 1, 1, 1, 3, "),
    (b"[3, ", b"[9223372036854775808, "), (b"{", b'{"a": ' + b"[" * 2000), (b'"W"', b"'W'"), (b"[0, ", b"[0 , "),
    (b'"__metadata__"', b'"__metadata__": null, "__metadata__"'), (b"[0, ", b"[1e999, "),
)  # fmt: skip


LAYOUTS: tuple[dict[str, Any], ...] = (
    {"pad": b"   "}, {"pad": b"\0"}, {"pad": b"\n\t "}, {"after": b"\0"}, {"swap": True}, {"hole": 4}, {"gap": 8},
    {"pad": b"{}"}, {"pad": b" " * 3000},
)  # fmt: skip
PLACES: tuple[dict[str, Any], ...] = (
    {"data_offsets": [24, 72]}, {"data_offsets": [0, 72]}, {"data_offsets": [72, 144]}, {"data_offsets": [56, 72]},
    {"data_offsets": [0, 8]}, {"data_offsets": [8, 0]}, {"data_offsets": [0]}, {"data_offsets": [0, 1 << 62]},
    {"shape": []}, {"shape": [1 << 62, 4]}, {"shape": [3, 2]}, {"shape": "3"}, {"shape": [[3]]}, {"dtype": "F64"},
    {"dtype": None}, {"dtype": 3}, {"note": 1}, {"shape": [0]}, {"shape": {"0": 1}}, {"dtype": ["F64"]},
    {"data_offsets": None},
)  # fmt: skip


@st.composite
def safetensors_networks(draw: st.DrawFn) -> File:
    """A `.safetensors` that is a network or nearly one."""
    strange, kind, bias = draw(twists()), draw(st.sampled_from(KINDS)), draw(st.integers(0, 1))
    shapes = draw(shaken(shapes_of(kind, bias), "shapes" in strange))
    odd = draw(st.sampled_from(sorted(shapes)))
    arrays = {}
    for name, shape in shapes.items():
        types = WRONG_TYPES if "types" in strange and name == odd else TENSOR_TYPES
        said, wrong = draw(st.sampled_from(sorted(types))), "numbers" in strange and name == odd
        if said == "BF16":
            wide = draw(values("<f4", (*shape, 1), wrong)).reshape(shape)
            arrays[name] = said, (wide.view("<u4") >> 16).astype("<u2")
        else:
            arrays[name] = said, draw(values(types[said], shape, wrong))
    metadata: Any = {"class": kind, "bias": str(bias)}
    if "notes" in strange or draw(st.booleans()):
        key, value = draw(st.sampled_from(NOTES if "notes" in strange else NOTES[:2]))
        metadata[key] = value
    if strange & {"class", "bias"}:
        wrong_bias = [metadata | {"bias": said} for said in ("2", bias, "True", "01", "")]
        metadata = draw(st.sampled_from([None, {}, [], "x", metadata | {"class": "Plain"}, *wrong_bias]))
    layout = draw(st.sampled_from(LAYOUTS)) if "layout" in strange else {}
    if "header" in strange:
        layout = layout | {"changes": {odd: draw(st.sampled_from(PLACES))}}
    content = safetensors(arrays, metadata, **layout)
    if strange & {"text", "entries", "zip"}:
        length = int.from_bytes(content[:8], "little")
        old, new = draw(st.sampled_from(TEXTS))
        text = content[8 : 8 + length].replace(old, new, draw(st.sampled_from((1, -1))))
        content = struct.pack("<Q", len(text)) + text + content[8 + length :]
    return draw(filed(content, ".safetensors", strange))
