"""What is written down: the certificate of `proofs_notes/certificate.md`, the same bytes for the same path.

It is only written here. Reading one to believe it is the checker's business; `read_exact_path` below reads one to use
its networks.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path as FilePath
from typing import Any, Protocol

import numpy as np
from flint import fmpz

from numerics.arithmetic.rationals import Enclosure, text
from numerics.common.shown import Shown
from numerics.common.strict_json import canonical
from numerics.data import Data
from numerics.errors import InputError
from numerics.files import read_bounded
from numerics.files.archives import Source, array_in, members_of
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.files import network_from
from numerics.networks.graph import Graph
from numerics.networks.graph.text import as_json, nodes_of
from numerics.networks.rational import Corner, differing, floated, is_rational
from numerics.networks.readers import AnyArray, exact_array
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind, Path
from numerics.paths.chain import Arc, Chain, P
from numerics.paths.exact import ExactPath, ExactSegment, nearest, with_corners
from numerics.paths.question import Question

FORMAT = "skipscape certificate 4"
LARGEST = (1 << 31) - 1  # bytes of a file without the zip64 form
DIGEST = 64  # hexadecimal digits of a SHA-256
NAMED = re.compile(
    r"certificate\.json"
    r"|(?:start|(?:segment|control)\.\d{4})"
    r"\.(?:p\d{4}|[WVc]|(?:blocks\.(?:0|[1-9]\d?)\.)?(?:[AaU]|[Bb][1-9]\d?))",
    re.ASCII,
)
SLOT_AXIS = {"W": 0, "V": 1, "A": 1}  # parameters of which single slots may be stored, of networks that have slots
MOST = 10_000  # parameters of a graph, which are numbered


class Ends(Protocol):
    """A path's two ends, and the largest loss known to be attained on it."""

    @property
    def start(self) -> Enclosure: ...
    @property
    def end(self) -> Enclosure: ...
    @property
    def attained(self) -> Fraction: ...


class Maximum(Ends, Protocol):
    """What a certificate says of the losses along its path: at both ends and at `at = (segment, t)`."""

    @property
    def attained_at(self) -> Enclosure: ...
    @property
    def at(self) -> tuple[int, Fraction]: ...
    def barrier_below(self, claimed: Fraction | None, /) -> Enclosure: ...
    def cuts(self, segment: int, /) -> tuple[Fraction, ...]: ...


@dataclass(frozen=True, eq=False)
class Reference(Shown):
    """`g*` and the slots `J` on which the end of a `depth` path carries it."""

    network: TwoLayer
    slots: tuple[int, ...]


def certificate_bytes(
    path: Chain[P],
    maximum: Maximum,
    upper: Fraction,
    data: Data,
    *,
    question: Question,
    route: str,
    loss: str = "squared",
    level: Fraction | None = None,
    error_rate: Fraction | None = None,
    reference: Reference | None = None,
    renamed: Mapping[str, Sequence[int]] | None = None,
) -> bytes:
    """The certificate of the path, which claims `loss <= upper`, and of its errors `error rate <= error_rate`.

    `question`: a depth has a reference. `loss`: its name. `renamed`: the orders of hidden units by which the network
    that was asked about became the end.
    """
    whole = with_corners(path)
    start, end = whole.start.network(), whole.end.network()
    keys = _keys(start)
    arrays = {f"start.{keys[name]}.npy": array for name, array in start.parameters().items()}
    rationals: dict[str, list[str]] = {}
    segments = []
    for k, segment in enumerate(whole.segments):
        moves, stored = _moves(segment)
        for name, array in stored.items():
            if is_rational(array):
                rationals[f"segment.{k:04d}.{keys[name]}"] = [text(Fraction(value)) for value in array.ravel().tolist()]
            else:
                arrays[f"segment.{k:04d}.{keys[name]}.npy"] = array
        if isinstance(segment, Arc):
            control = segment.control.network().parameters()
            arrays |= {f"control.{k:04d}.{keys[name]}.npy": control[name] for name in moves}
        cuts = [text(cut) for cut in maximum.cuts(k)] if segment.kind.is_enclosed else None
        segments.append({"cuts": cuts, "kind": str(segment.kind), "statement": segment.statement, "moves": moves})
    at_segment, at_t = maximum.at
    document = {
        "format": FORMAT,
        "question": str(question),
        "loss": loss,
        "route": route,
        "network": _space(start),
        "data": {
            "N": data.size,
            "n": data.X.shape[1],
            "p": data.Y.shape[1],
            "digest": data_digest(data),
        },
        "start": {"digest": network_digest(start), "loss": _stated(maximum.start)},
        "end": {"digest": network_digest(end), "loss": _stated(maximum.end)},
        "maximum": {
            "loss": _stated(maximum.attained_at),
            "segment": at_segment,
            "t": text(at_t),
            "upper": text(upper),
        },
        "level": None if level is None else text(level),
        "error_rate": None if error_rate is None else text(error_rate),
        "reference": None
        if reference is None
        else {"digest": network_digest(reference.network), "slots": list(reference.slots)},
        "renamed": None
        if renamed is None
        else {name: [int(unit) for unit in order] for name, order in renamed.items()},
        "segments": segments,
        "rationals": rationals,
    }
    contents = {name: _npy(array) for name, array in arrays.items()}
    contents["certificate.json"] = canonical(document)
    return _archive(contents)


def _stated(loss: Enclosure) -> dict[str, str]:
    """A loss, known exactly or enclosed."""
    return {"lower": text(loss.lower), "upper": text(loss.top)}


def network_digest(network: Network) -> str:
    """SHA-256 over class, bias, shapes, a graph's nodes, and the float64 bytes of the parameters."""
    digest = hashlib.sha256(canonical(_space(network)) + b"\n")
    for _, array in sorted(network.parameters().items()):
        digest.update(array.astype("<f8").tobytes())
    return digest.hexdigest()


def data_digest(data: Data) -> str:
    """SHA-256 over the sizes and the float64 bytes of `X` and `Y`."""
    sizes = {"N": data.size, "n": data.X.shape[1], "p": data.Y.shape[1]}
    digest = hashlib.sha256(canonical(sizes) + b"\n")
    digest.update(data.X.astype("<f8").tobytes())
    digest.update(data.Y.astype("<f8").tobytes())
    return digest.hexdigest()


def read_path(source: FilePath) -> Path:
    """The path stored in a certificate, rounded to floats where its weights are none. Raises InputError."""
    return nearest(read_exact_path(source))


def read_exact_path(source: FilePath) -> ExactPath:
    """The path stored in a certificate, to take networks from it; its claims are not looked at. Raises InputError."""
    content = read_bounded(source, "a certificate", limit=LARGEST)
    body = memoryview(content)[:-DIGEST]
    if len(content) < DIGEST or hashlib.sha256(body).hexdigest().encode() != content[-DIGEST:]:
        raise InputError(f"{source} is no intact certificate: its digest does not match its content")
    try:
        stored = _entries(content)
        document = json.loads(bytes(stored.pop("certificate.json")))
        if document["format"] != FORMAT:
            raise InputError(f"its format is {document['format']!r}, and only {FORMAT!r} is read: make it anew")
        space = document["network"]
        arrays: dict[str, AnyArray] = {name: array_in(entry, name, empty=True) for name, entry in stored.items()}
        rationals = document["rationals"]
        start = {
            match[1]: array for name, array in arrays.items() if (match := re.fullmatch(r"start\.([\w.]+)\.npy", name))
        }
        network = _network(space, start)
        first, keys = Corner.of(network), _keys(network)
        here = first
        segments = list[ExactSegment]()
        for k, segment in enumerate(document["segments"]):
            weights = dict(here.weights)
            for name, slots in segment["moves"].items():
                key = f"segment.{k:04d}.{keys[name]}"
                shape = _stored_shape(weights[name].shape, name, slots)
                array = _fractions(rationals[key], shape) if key in rationals else arrays[f"{key}.npy"]
                weights[name] = array if slots == "all" else _with_slots(weights[name], name, slots, array)
            there = Corner(here.like, weights)
            there.nearest()  # shapes and finite values, as every network has them
            kind = Kind(segment["kind"])
            if kind is Kind.CURVE:
                bends = {name: arrays[f"control.{k:04d}.{keys[name]}.npy"] for name in segment["moves"]}
                control = Corner(here.like, {**here.weights, **bends})
                control.nearest()
                segments.append(Arc(kind, here, there, control))
            else:
                segments.append(ExactSegment(kind, here, there))
            here = there
        return ExactPath(first, tuple(segments))
    except Exception as error:  # a resealed certificate can make json, zipfile and numpy raise almost anything
        words = " ".join(str(error).split())[:200]
        raise InputError(
            f"{source} does not hold a path that can be read ({words}): run skipscape check on it"
        ) from None


def stated_loss(source: FilePath) -> str:
    """The name of the loss that the certificate is about; not checked, as its claims are not. Raises InputError."""
    try:
        document = json.loads(bytes(_entries(read_bounded(source, "a certificate", limit=LARGEST))["certificate.json"]))
        return str(document["loss"])
    except Exception as error:  # as above
        words = " ".join(str(error).split())[:200]
        raise InputError(f"{source} names no loss that can be read ({words}): run skipscape check on it") from None


def _entries(content: bytes) -> dict[str, memoryview]:
    """Name -> bytes of the entries of a certificate in its one form: what is not as it would be written is refused."""
    source = Source(content, budget=8 * len(content) + (1 << 20), predicted=len(content))
    members, _ = members_of(source, lambda stem: True, comment=DIGEST)
    contents = {}
    for stem, entry in members.items():
        name = stem.decode("ascii")
        if not NAMED.fullmatch(name) or len(entry) * 1.05 > LARGEST:
            raise InputError(f"{name[:60]} is no entry of a certificate, or longer than one")
        contents[name if name == "certificate.json" else f"{name}.npy"] = entry
    if _archive(contents) != content:
        raise InputError("its archive is not the one that is written for its entries")
    return contents


def _moves(segment: ExactSegment) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """The document's `moves`, and the arrays to store: single slots where that is shorter, of arcs whole ones alone.

    Floats that follow rationals are stored whole: what is stored in slots leaves the other entries as they were.
    """
    before, after = segment.start.weights, segment.end.weights
    moves: dict[str, Any] = {}
    stored: dict[str, AnyArray] = {}
    for name in segment.moves():
        has_slots = segment.start.like.has_first_layer and not isinstance(segment, Arc)
        axis = SLOT_AXIS.get(name) if has_slots else None
        moves[name], stored[name] = "all", after[name]
        if axis is not None and not (is_rational(before[name]) and not is_rational(after[name])):
            slots = differing(before[name], after[name], axis)
            if len(slots) < after[name].shape[axis]:
                moves[name] = [int(slot) for slot in slots]
                stored[name] = floated(np.take(after[name], slots, axis=axis))
    return moves, stored


def _stored_shape(shape: tuple[int, ...], name: str, slots: str | list[int]) -> tuple[int, ...]:
    if isinstance(slots, str):
        return shape
    return (len(slots), shape[1]) if SLOT_AXIS[name] == 0 else (shape[0], len(slots))


def _fractions(written: list[str], shape: tuple[int, ...]) -> AnyArray:
    """Rationals `p/q` as an array; through FLINT, since Python refuses to read more than 4,300 digits."""
    parts = [one.split("/") for one in written]
    values = [Fraction(int(fmpz(p)), int(fmpz(q))) for p, q in parts]
    return np.array([*values, None], dtype=object)[:-1].reshape(shape)


def _with_slots(before: AnyArray, name: str, slots: list[int], values: AnyArray) -> AnyArray:
    after = before.copy()
    if is_rational(before) or is_rational(values):
        after, values = exact_array(before), exact_array(values)
    if SLOT_AXIS[name] == 0:
        after[slots] = values
    else:
        after[:, slots] = values
    return after


def _space(network: Network) -> dict[str, Any]:
    shapes = {name: list(array.shape) for name, array in network.parameters().items()}
    nodes = {"nodes": as_json(network.nodes)} if isinstance(network, Graph) else {}
    return {"class": network.kind, "bias": int(network.bias), "shapes": shapes, **nodes}


def _network(space: dict[str, Any], arrays: Mapping[str, AnyArray]) -> Network:
    """The network of a space whose arrays are stored by these keys. Raises InputError, KeyError."""
    if space["class"] != Graph.kind:
        return network_from(arrays, space["class"], space["bias"])
    keys = _numbered(space["shapes"])
    return Graph(nodes_of(space["nodes"]), {name: arrays[keys[name]] for name in space["shapes"]})


def _keys(network: Network) -> dict[str, str]:
    """What stands for each parameter in names of entries: of a graph, whose names are foreign text, its number."""
    names = network.parameters()
    return _numbered(names) if isinstance(network, Graph) else {name: name for name in names}


def _numbered(names: Iterable[str]) -> dict[str, str]:
    """Raises InputError for more than there are numbers."""
    ordered = sorted(names)
    if len(ordered) > MOST:
        raise InputError(f"the graph has {len(ordered)} parameters: a certificate numbers up to {MOST}")
    return {name: f"p{k:04d}" for k, name in enumerate(ordered)}


def _npy(array: Array) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(array, dtype="<f8"), version=(1, 0), allow_pickle=False)
    return stream.getvalue()


def _archive(contents: Mapping[str, bytes | memoryview]) -> bytes:
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
