"""The array in the bytes of a `.npy`, versions 1.0 to 3.0: plain numbers and short texts, of the size its header says.

numpy's own reader evaluates the header, as numpy's versions see fit; here it is taken apart into words, of which only
those that describe a plain array are known.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.errors import InputError

LONGEST_HEADER = 10_000  # as numpy's
MOST_DIMENSIONS = 32
WORD = re.compile(r"'[^' ]*'|True|False|0|[1-9][0-9]{0,18}(?![0-9])|[{}():,]")
NUMBERS = {f"{order}{kind}{size}" for order in "<>" for kind in "iu" for size in "1248"}
NUMBERS |= {f"{order}f{size}" for order in "<>" for size in "248"} | {"|i1", "|u1"}
TRUTHS = {"<b1", ">b1", "|b1"}
TEXT = re.compile(r"[<>]U[1-9][0-9]{0,2}")


def array_in(content: memoryview, name: str, *, empty: bool = False) -> NDArray[Any]:
    """The array in these bytes, not copied; `empty`: it may have no entries.

    Raises InputError unless it is one of plain numbers or of texts.
    """
    version = bytes(content[6:8])
    if bytes(content[:6]) != b"\x93NUMPY" or version not in (b"\x01\0", b"\x02\0", b"\x03\0"):
        raise InputError(f"{name} is no .npy array: write it with numpy.savez")
    begin = 10 if version == b"\x01\0" else 12
    end = begin + int.from_bytes(content[8:begin], "little")
    if end > len(content) or end - begin > LONGEST_HEADER:
        raise InputError(f"{name} has a header that is cut off or too long: write it with numpy.savez")
    descr, columns_first, shape = _header(bytes(content[begin:end]).decode("latin-1"), name)
    if not (descr in NUMBERS or descr in TRUTHS or TEXT.fullmatch(descr)):
        raise InputError(
            f"{name} has type {_type(descr)}: plain numbers of at most 64 bits are needed; Python objects (pickled"
            " arrays) are never read"
        )
    dtype = np.dtype(descr)
    if len(shape) > MOST_DIMENSIONS or not (empty or all(shape)):
        raise InputError(f"{name} has shape {shape}: every dimension must be at least 1")
    if math.prod(shape) * dtype.itemsize != len(content) - end:
        raise InputError(f"{name} declares shape {shape} but holds another number of bytes: the file is damaged")
    return np.ndarray(shape, dtype, content, end, order="F" if columns_first else "C")


def _header(text: str, name: str) -> tuple[str, bool, tuple[int, ...]]:
    """Type, whether columns come first, shape. Spaces may stand between words, one line feed at the end."""
    words = _words(text.removesuffix("\n"))
    if words[:3] != ["{", "'descr'", ":"] or words[4:7] != [",", "'fortran_order'", ":"]:
        raise _malformed(name)
    if words[8:12] != [",", "'shape'", ":", "("]:
        raise _malformed(name)
    descr, order, rest = words[3], words[7], words[12:]
    if ")" not in rest or descr[0] != "'" or order not in ("True", "False"):
        raise _malformed(name)
    close = rest.index(")")
    lengths, commas = rest[:close:2], rest[1:close:2]
    enough = len(lengths) != 1 or bool(commas)  # (3) is a number, (3,) a shape
    if rest[close + 1 :] not in (["}"], [",", "}"]) or not enough or not all(one.isdigit() for one in lengths):
        raise _malformed(name)
    if set(commas) - {","}:
        raise _malformed(name)
    return descr[1:-1], order == "True", tuple(int(one) for one in lengths)


def _words(text: str) -> list[str]:
    """The words of the text; none if anything stands between them but spaces."""
    words, at = [], 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        word = WORD.match(text, at)
        if word is None:
            return []
        words.append(word[0])
        at = word.end()
    return words


def _malformed(name: str) -> InputError:
    return InputError(f"{name} has type and shape of no plain array in its header: write it with numpy.savez")


def _type(descr: str) -> str:
    """numpy's name of a type that is not read, for the message."""
    known = re.fullmatch(r"[<>|]?[?a-zA-Z][0-9]{0,3}", descr)
    with suppress(TypeError):
        return str(np.dtype(descr)) if known else ascii(descr[:20])
    return ascii(descr[:20])
