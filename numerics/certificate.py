"""What is written down: the certificate of `proofs_notes/certificate.md`, the same bytes for the same path.

It is only written here. Reading one to believe it is the checker's business; `read_path` below reads one to use its
networks.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path as FilePath
from typing import Any, Protocol

import numpy as np

from numerics.archives import read_array, read_entries
from numerics.arithmetic.rationals import text
from numerics.data import Data
from numerics.errors import InputError
from numerics.files import read_bounded
from numerics.networks.arrays import Array, differing
from numerics.networks.base import Network
from numerics.networks.files import network_from
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind, Path, Segment

FORMAT = "skipscape certificate 2"
SLOT_AXIS = {"W": 0, "V": 1, "A": 1}  # parameters of which single slots may be stored


class Maximum(Protocol):
    """What a certificate says of the losses along its path; exact at both ends and at `at = (segment, t)`."""

    @property
    def start(self) -> Fraction: ...
    @property
    def end(self) -> Fraction: ...
    @property
    def attained(self) -> Fraction: ...
    @property
    def at(self) -> tuple[int, Fraction]: ...
    def cuts(self, segment: int, /) -> tuple[Fraction, ...]: ...


@dataclass(frozen=True, eq=False)
class Reference:
    """`g*` and the slots `J` on which the end of a `depth` path carries it."""

    network: TwoLayer
    slots: tuple[int, ...]


def certificate_bytes(
    path: Path,
    maximum: Maximum,
    upper: Fraction,
    data: Data,
    *,
    question: str,
    route: str,
    level: Fraction | None = None,
    reference: Reference | None = None,
) -> bytes:
    """The certificate of the path, which claims `loss <= upper`.

    `question`: connect, depth (with a reference), certify, escape, valley or pass (section 4 of the page).
    """
    arrays = {f"start.{name}.npy": array for name, array in path.start.parameters().items()}
    segments = []
    for k, segment in enumerate(path.segments):
        moves, stored = _moves(segment)
        arrays |= {f"segment.{k:04d}.{name}.npy": array for name, array in stored.items()}
        cuts = [text(cut) for cut in maximum.cuts(k)] if segment.kind is Kind.GENERAL else None
        segments.append({"cuts": cuts, "kind": str(segment.kind), "statement": segment.statement, "moves": moves})
    at_segment, at_t = maximum.at
    document = {
        "format": FORMAT,
        "question": question,
        "loss": "squared",
        "route": route,
        "network": _space(path.start),
        "data": {
            "N": data.size,
            "n": data.X.shape[1],
            "p": data.Y.shape[1],
            "digest": data_digest(data),
        },
        "start": {"digest": network_digest(path.start), "loss": text(maximum.start)},
        "end": {"digest": network_digest(path.end), "loss": text(maximum.end)},
        "maximum": {
            "loss": text(maximum.attained),
            "segment": at_segment,
            "t": text(at_t),
            "upper": text(upper),
        },
        "level": None if level is None else text(level),
        "reference": None
        if reference is None
        else {"digest": network_digest(reference.network), "slots": list(reference.slots)},
        "segments": segments,
    }
    contents = {name: _npy(array) for name, array in arrays.items()}
    contents["certificate.json"] = _json(document)
    return _archive(contents)


def network_digest(network: Network) -> str:
    """SHA-256 over class, bias, shapes and the float64 bytes of the parameters."""
    digest = hashlib.sha256(_json(_space(network)) + b"\n")
    for _, array in sorted(network.parameters().items()):
        digest.update(array.astype("<f8").tobytes())
    return digest.hexdigest()


def data_digest(data: Data) -> str:
    """SHA-256 over the sizes and the float64 bytes of `X` and `Y`."""
    sizes = {"N": data.size, "n": data.X.shape[1], "p": data.Y.shape[1]}
    digest = hashlib.sha256(_json(sizes) + b"\n")
    digest.update(data.X.astype("<f8").tobytes())
    digest.update(data.Y.astype("<f8").tobytes())
    return digest.hexdigest()


def read_path(source: FilePath) -> Path:
    """The path stored in a certificate, to take networks from it; its claims are not looked at. Raises InputError."""
    content = read_bounded(source, "a certificate")
    if len(content) < 64 or hashlib.sha256(content[:-64]).hexdigest().encode() != content[-64:]:
        raise InputError(f"{source} is no intact certificate: its digest does not match its content")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            stored = read_entries(archive, budget=len(content))  # stored entries are no longer than the file
        document = json.loads(stored.pop("certificate.json"))
        space = document["network"]
        arrays = {name: read_array(entry, name) for name, entry in stored.items()}
        start = {
            match[1]: array for name, array in arrays.items() if (match := re.fullmatch(r"start\.([\w.]+)\.npy", name))
        }
        here = network_from(start, space["class"], str(space["bias"]))
        path = Path(here)
        segments = []
        for k, segment in enumerate(document["segments"]):
            changes = {}
            for name, slots in segment["moves"].items():
                array = arrays[f"segment.{k:04d}.{name}.npy"]
                changes[name] = array if slots == "all" else _with_slots(here.parameters()[name], name, slots, array)
            there = here.replace(changes)
            segments.append(Segment(Kind(segment["kind"]), here, there))
            here = there
        return Path(path.start, tuple(segments))
    except Exception as error:  # a resealed certificate can make json, zipfile and numpy raise almost anything
        words = " ".join(str(error).split())[:200]
        raise InputError(
            f"{source} does not hold a path that can be read ({words}): run skipscape check on it"
        ) from None


def _moves(segment: Segment) -> tuple[dict[str, Any], dict[str, Array]]:
    """The document's `moves`, and the arrays to store: single slots where that is shorter."""
    before, after = segment.start.parameters(), segment.end.parameters()
    moves: dict[str, Any] = {}
    stored: dict[str, Array] = {}
    for name in segment.moves():
        axis = SLOT_AXIS.get(name)
        moves[name], stored[name] = "all", after[name]
        if axis is not None:
            slots = differing(before[name], after[name], axis)
            if len(slots) < after[name].shape[axis]:
                moves[name] = [int(slot) for slot in slots]
                stored[name] = np.take(after[name], slots, axis=axis)
    return moves, stored


def _with_slots(before: Array, name: str, slots: list[int], values: Array) -> Array:
    after = before.copy()
    if SLOT_AXIS[name] == 0:
        after[slots] = values
    else:
        after[:, slots] = values
    return after


def _space(network: Network) -> dict[str, Any]:
    shapes = {name: list(array.shape) for name, array in network.parameters().items()}
    return {"class": network.kind, "bias": int(network.bias), "shapes": shapes}


def _json(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _npy(array: Array) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(array, dtype="<f8"), version=(1, 0), allow_pickle=False)
    return stream.getvalue()


def _archive(contents: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, contents[name])
        archive.comment = b"0" * 64
    body = stream.getvalue()[:-64]
    return body + hashlib.sha256(body).hexdigest().encode("ascii")
