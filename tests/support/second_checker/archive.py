"""The bytes of a certificate, read with the standard library alone: archive, arrays, json, digests.

Section 3 of `proofs_notes/certificate.md` and the digests of section 1, for `support.second_checker`. Matrices are
lists of rows of floats, vectors lists of floats, kernels nested deeper; the bits of every float, the sign of `-0.0`
too, are kept.
"""

import hashlib
import io
import json
import math
import re
import struct
import zipfile
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NoReturn

Array = list[Any]
"""A vector, a matrix as a list of rows, or nested deeper; of floats, or of Fractions."""
Corner = dict[str, Array]
"""The parameters of a network."""
Table = list[list[float]]

BLOCK = r"blocks\.(?:0|[1-9][0-9]?)\."
PARAMETER = re.compile(rf"W|V|c|(?:{BLOCK})?(?:A|a|B[1-9][0-9]?|b[1-9][0-9]?|U)")
NAME = rf"{PARAMETER.pattern}|p[1-9]?[0-9]{{4}}"
ENTRY = re.compile(rf"certificate\.json|(start|(?:segment|control)\.[0-9]{{4}})\.({NAME})\.npy")
RATIONAL = re.compile(r"(0|-?[1-9][0-9]*)/([1-9][0-9]*)")
MAX_BYTES, MAX_ENTRIES, MAX_DIGITS = 2**31 - 1, 65_535, 200_000


class Refused(Exception):
    """A rule of the page is broken; the message names it."""


def need(condition: object, rule: str) -> None:
    """Refuse unless the rule holds."""
    if not condition:
        raise Refused(rule)


def sha256(data: bytes) -> str:
    """Lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def write_archive(entries: Mapping[str, bytes]) -> bytes:
    """The canonical archive of `{name: bytes}`, comment and all."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_STORED, 3, 0o644 << 16
            archive.writestr(info, entries[name])
        archive.comment = b"0" * 64
    body = buffer.getvalue()[:-64]
    return body + sha256(body).encode()


def read_archive(certificate: bytes) -> dict[str, bytes]:
    """`{name: bytes}`; the comment first, then every byte."""
    digest = sha256(certificate[:-64]).encode()
    need(certificate[-64:] == digest, "comment: not the digest of the bytes before it")
    need(len(certificate) <= MAX_BYTES, "archive: would need zip64")
    with zipfile.ZipFile(io.BytesIO(certificate)) as archive:
        infos = archive.infolist()
        names = [info.filename for info in infos]
        need(len(names) < MAX_ENTRIES, "archive: would need zip64")
        need(all(ENTRY.fullmatch(name) for name in names), "archive: a name outside the pattern")
        need(names == sorted(set(names)), "archive: names are not sorted and distinct")
        stored = all(i.compress_type == zipfile.ZIP_STORED and i.file_size == i.compress_size for i in infos)
        need(stored, "archive: an entry is not stored")
        need(sum(i.file_size for i in infos) <= len(certificate), "archive: entries are longer than the file")
        entries = {info.filename: archive.read(info) for info in infos}
    need(write_archive(entries) == certificate, "archive: not the canonical bytes")
    return entries


def npy_header(shape: Sequence[int]) -> bytes:
    """What numpy writes before the float64 values of a C-order array, version 1.0."""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {tuple(shape)!r}, }}"
    text += " " * (21 - len(str(shape[0])))  # numpy's room for a growing first axis
    text += " " * (64 - (len(text) + 11) % 64) + "\n"  # 11: magic, length and the newline
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode("ascii")


def read_npy(name: str, raw: bytes, shape: Sequence[int]) -> Array:
    """Nested lists of floats of exactly this shape."""
    header, size = npy_header(shape), math.prod(shape)
    need(raw.startswith(header), f"npy: {name} has not the header of a float64 array of shape {shape}")
    need(len(raw) == len(header) + 8 * size, f"npy: {name} has another length than its shape {shape}")
    values = list(struct.unpack(f"<{size}d", raw[len(header) :]))
    need(all(map(math.isfinite, values)), f"npy: {name} is not finite")
    return nested(values, shape)


def nested(values: Array, shape: Sequence[int]) -> Array:
    """Entries in C order as lists of lists of this shape."""
    if len(shape) == 1:
        return values
    size = math.prod(shape[1:])
    return [nested(values[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]


def flat(array: Array) -> list[Any]:
    """The entries in C order."""
    return [value for row in array for value in (flat(row) if isinstance(row, list) else [row])]


def shape_of(array: Array) -> list[int]:
    """The lengths of a list of lists; none of them is 0."""
    return [len(array), *(shape_of(array[0]) if isinstance(array[0], list) else [])]


def canonical(value: object) -> bytes:
    """The one way of writing a value as json."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def read_json(raw: bytes) -> Any:
    """The value of canonical json without floating-point numbers."""

    def refuse(text: str) -> NoReturn:
        raise Refused(f"json: {text[:20]} is a floating-point number")

    value = json.loads(raw.decode("ascii"), parse_float=refuse, parse_constant=refuse)
    need(canonical(value) == raw, "json: not canonical")
    return value


def integer(digits: str) -> int:
    """`int`, in pieces: Python refuses long strings."""
    value = 0
    for i in range(0, len(digits), 4000):
        piece = digits[i : i + 4000]
        value = value * 10 ** len(piece) + int(piece)
    return value


def rational(text: Any) -> Fraction:
    """The value of `p/q` in lowest terms."""
    need(type(text) is str and len(text) <= MAX_DIGITS, "rational: not a string")
    match = RATIONAL.fullmatch(text)
    if match is None:
        raise Refused(f"rational: {text[:40]!r} is not p/q")
    p, q = integer(match[1].lstrip("-")), integer(match[2])
    need(math.gcd(p, q) == 1, f"rational: {text[:40]!r} is not in lowest terms")
    return Fraction(-p if text[0] == "-" else p, q)


def keys(value: Any, names: str, where: str) -> None:
    """An object with exactly these keys."""
    need(type(value) is dict and set(value) == set(names.split()), f"json: {where} has not the keys {names}")


def is_index(value: Any, bound: int) -> bool:
    """An integer (True is none) in `[0, bound)`."""
    return type(value) is int and 0 <= value < bound


def is_vector(name: str) -> bool:
    """Offsets are vectors, every other parameter is a matrix."""
    return last_part(name)[0] in "abc"


def last_part(name: str) -> str:
    """A parameter's name within its block."""
    return name.split(".")[-1]


def vector(values: Any) -> list[float]:
    """A caller's row as floats."""
    return [float(value) for value in values]


def numbers(array: Any) -> Array:
    """A caller's array of any number of axes as floats."""
    return [numbers(row) if hasattr(row, "__iter__") else float(row) for row in array]


def table(rows: Any) -> Table:
    """A caller's matrix as floats."""
    floats = [vector(row) for row in rows]
    need(floats and floats[0] and len(set(map(len, floats))) == 1, "input: not a full table of numbers")
    need(all(math.isfinite(value) for row in floats for value in row), "input: not finite")
    return floats


def exact(array: Array) -> Array:
    """Floats as the rationals that they are."""
    return [exact(row) if isinstance(row, list) else Fraction(row) for row in array]


def packed(array: Array) -> bytes:
    """The float64 little-endian bytes in C order."""
    values = flat(array)
    return struct.pack(f"<{len(values)}d", *values)


def data_digest(X: Table, Y: Table) -> str:
    """Section 1, data."""
    sizes = {"N": len(X), "n": len(X[0]), "p": len(Y[0])}
    return sha256(canonical(sizes) + b"\n" + packed(X) + packed(Y))


def network_digest(network_class: str, bias: int, arrays: Mapping[str, Array], nodes: Any = None) -> str:
    """Section 1, network; `nodes`: of a graph."""
    shapes = {name: shape_of(array) for name, array in arrays.items()}
    about = {"bias": bias, "class": network_class, "shapes": shapes}
    head = canonical(about if nodes is None else about | {"nodes": nodes})
    return sha256(head + b"\n" + b"".join(packed(arrays[name]) for name in sorted(arrays)))


def file_digest(network: Mapping[str, Any], shapes: Mapping[str, Sequence[int]]) -> str:
    """The digest of a caller's network, read in a space of these shapes: absent biases are `+0.0`, but of a graph."""
    arrays: Corner = {name: numbers(array) for name, array in network["parameters"].items()}
    nodes = network.get("nodes")
    zeros: Corner = {k: [0.0] * s[0] for k, s in shapes.items() if nodes is None and is_vector(k)}
    return network_digest(network["class"], int(network["bias"]), zeros | arrays, nodes)
