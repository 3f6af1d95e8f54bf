"""The tests' one writer of certificates, honest or forged, that shares nothing with the finder or the checker.

`Forge` describes a path; `document()` and `arrays()` say the truth about it (losses as `Fraction`s, so keep networks
small); `write_certificate` turns any document and any arrays into a well-formed file with a right checksum. A forgery
is an honest certificate with something changed on the way (`put`, `drop`): all digests are then recomputed, and only
the claim is false. Below that `pack` and `raw_npy` write what no certificate holds: any entries, any headers.
"""

import copy
import hashlib
import io
import json
import struct
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from support import loss_oracles, oracles

Document = dict[str, Any]
Change = Callable[[Any], object]
"""Changes a document, or a draft, in place."""
Weights = dict[str, np.ndarray]
Moves = Mapping[str, tuple[Any, Any]]
"""Parameter -> ("all" or list of slots, new values)."""
FORMAT = "skipscape certificate 4"
ENDS = ((0, "start"), (-1, "end"))
SLOT_AXIS = {"W": 0, "V": 1, "A": 1}
STATEMENTS = {
    "readout": "L7",
    "silent": "L9",
    "twins": "L4",
    "hidden": "breakpoints",
    "exact": "identities",
    "general": "enclosure",
    "curve": "enclosure",
}


# Bytes


def canonical(document: object) -> bytes:
    """Canonical json."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")


def npy(array: Any) -> bytes:
    """The bytes of a `.npy` file as numpy writes it."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def raw_npy(
    values: Any,
    shape: Sequence[int] | None = None,
    descr: str = "<f8",
    order: bool = False,
    version: bytes = b"\x01\x00",
) -> bytes:
    """Float64 values under any `.npy` header, written without numpy; the values' own if nothing else is said."""
    shape = tuple(np.shape(values) if shape is None else shape)
    head = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}".ljust(117) + "\n"
    flat = [float(value) for value in np.ravel(np.array(values, dtype=float))]
    return b"\x93NUMPY" + version + struct.pack("<H", 118) + head.encode() + struct.pack(f"<{len(flat)}d", *flat)


def pack(
    entries: Mapping[str, bytes] | Iterable[tuple[str, bytes]],
    *,
    names: Sequence[str] | None = None,
    tweak: Callable[[zipfile.ZipInfo], object] = lambda info: None,
) -> bytes:
    """The archive, sealed: of a mapping in sorted order or that of `names`, of pairs as they come, doubled ones too.

    `tweak` may spoil what an entry's header says.
    """
    if isinstance(entries, Mapping):
        entries = [(name, entries[name]) for name in (sorted(entries) if names is None else names)]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            tweak(info)
            archive.writestr(info, content)
        archive.comment = b"0" * 64
    return seal(stream.getvalue())


def seal(blob: bytes) -> bytes:
    """The same bytes, the last 64 replaced by the SHA-256 of those before them."""
    return blob[:-64] + hashlib.sha256(blob[:-64]).hexdigest().encode()


def entries_of(document: object, arrays: Mapping[str, Any]) -> dict[str, bytes]:
    """What a certificate's archive holds."""
    return {"certificate.json": canonical(document), **{name: npy(array) for name, array in arrays.items()}}


def write_certificate(path: Path, document: object, arrays: Mapping[str, Any]) -> Path:
    """Write the certificate with this document and these arrays (entry name -> array)."""
    path.write_bytes(pack(entries_of(document, arrays)))
    return path


# Facts


def text(value: Fraction | int) -> str:
    """The canonical text of a rational, of any length."""
    value = Fraction(value)
    # Lifted for these two conversions only: what is tested must cope with the limit by itself.
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return f"{value.numerator}/{value.denominator}"
    finally:
        sys.set_int_max_str_digits(limit)


def stated(loss: Fraction | int) -> dict[str, str]:
    """A loss as a certificate states it, where it is a rational number."""
    return dict.fromkeys(("lower", "upper"), text(loss))


def between_ends(ends: tuple[Fraction, Fraction]) -> dict[str, str]:
    """A loss as a certificate states it."""
    return {"lower": text(ends[0]), "upper": text(ends[1])}


def data_digest(x: np.ndarray, y: np.ndarray) -> str:
    """Section 1 of the specification."""
    header = canonical({"N": len(x), "n": x.shape[1], "p": y.shape[1]})
    return hashlib.sha256(header + b"\n" + _bytes(x) + _bytes(y)).hexdigest()


def network_digest(kind: str, bias: int, weights: Weights) -> str:
    """Section 1 of the specification."""
    header = canonical({"bias": bias, "class": kind, "shapes": {name: list(weights[name].shape) for name in weights}})
    return hashlib.sha256(header + b"\n" + b"".join(_bytes(weights[name]) for name in sorted(weights))).hexdigest()


def _bytes(array: np.ndarray) -> bytes:
    return np.asarray(array, dtype="<f8").tobytes(order="C")


def exact_loss(kind: str, bias: int, weights: Weights, x: np.ndarray, y: np.ndarray) -> Fraction:
    """(1/N) sum_k ||f(x_k) - y_k||^2 in rationals, by the oracles. Weights: floats or `Fraction`s."""
    return oracles.exact_loss(weights, kind, bias, x, y)


def _fraction(value: Any) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(float(value))


def between(before: Weights, after: Weights, t: Fraction, control: Weights | None = None) -> Weights:
    """The weights (1-t) before + t after as `Fraction`s; with a control those of the arc, by halving its two sides."""
    if control is not None:
        return between(between(before, control, t), between(control, after, t), t)
    mixed = {}
    for name in before:
        ends = zip(np.ravel(before[name]), np.ravel(after[name]), strict=True)
        values = [(1 - t) * _fraction(old) + t * _fraction(new) for old, new in ends]
        mixed[name] = np.array(values, dtype=object).reshape(np.shape(before[name]))
    return mixed


def numbers(values: Any, *others: Any) -> np.ndarray:
    """The values as a new float array, or as objects if one of them (or of the others) is no float."""
    every = [value for array in (values, *others) for value in np.ravel(np.array(array, dtype=object))]
    whole = all(Fraction(float(value)) == value for value in every)
    return np.array(values, dtype=float if whole else object)


# Changes


def put(*way: Any) -> Change:
    """A change that walks down all but the last two of `way` and assigns the last."""
    *steps, key, value = way

    def change(document: Any) -> None:
        _reached(document, steps)[key] = value

    return change


def drop(*way: Any) -> Change:
    """A change that walks down all but the last of `way` and deletes what has that key."""
    *steps, key = way

    def change(document: Any) -> None:
        del _reached(document, steps)[key]

    return change


def _reached(document: Any, steps: Sequence[Any]) -> Any:
    for step in steps:
        document = document[step]
    return document


# Paths


@dataclass
class Forge:
    """A path and the data it is about. `segments`: (kind, moves) with moves as in `Moves`.

    `cuts`: of general segments and curves, by number (none: one piece). `controls`: of curves, for every parameter that
    moves. `peak`: segment and time of the loss to be stated as the highest known, `upper`: the bound to be claimed;
    both are those of the highest corner if not given.
    """

    kind: str
    bias: int
    start: Weights
    x: np.ndarray
    y: np.ndarray
    segments: list[tuple[str, Moves]] = field(default_factory=list)
    question: str = "connect"
    level: Fraction | None = None
    slots: list[int] | None = None
    reference_has_c: bool = False
    cuts: dict[int, list[Fraction]] = field(default_factory=dict)
    peak: tuple[int, Fraction] | None = None
    upper: Fraction | None = None
    route: str = "forged"
    loss: str = "squared"
    error_rate: Fraction | None = None
    renamed: dict[str, list[int]] | None = None
    controls: dict[int, Weights] = field(default_factory=dict)

    def corners(self) -> list[Weights]:
        """The parameters of corner 0, ..., K."""
        corners = [dict(self.start)]
        for _, moves in self.segments:
            weights = dict(corners[-1])
            for name, (slots, values) in moves.items():
                weights[name] = numbers(weights[name], values)
                if slots == "all":
                    weights[name] = numbers(values)
                elif SLOT_AXIS[name] == 0:
                    weights[name][slots] = values
                else:
                    weights[name][:, slots] = values
            corners.append(weights)
        return corners

    def outputs(self, weights: Weights, x: Any = None) -> list[list[Fraction]]:
        """At all samples, or at other inputs."""
        return oracles.outputs(weights, self.kind, self.bias, self.x if x is None else x)

    def losses(self) -> list[Fraction]:
        """The loss at every corner, its lower end where it is irrational."""
        return [low for low, _ in map(self.ends_of, self.corners())]

    def loss_at(self, segment: int, t: Fraction) -> Fraction:
        """The loss at a time of a segment, its lower end where it is irrational."""
        return self.ends_of(self.weights_at(segment, t))[0]

    def weights_at(self, segment: int, t: Fraction) -> Weights:
        """The weights at a time of a segment."""
        corners = self.corners()
        return between(corners[segment], corners[segment + 1], Fraction(t), self.control(segment, corners[segment]))

    def control(self, segment: int, before: Weights) -> Weights | None:
        """All parameters of the control of an arc that begins at `before`; None on a straight segment."""
        return {**before, **self.controls[segment]} if segment in self.controls else None

    def ends_of(self, weights: Weights) -> tuple[Fraction, Fraction]:
        """Both ends of what is known of a network's loss."""
        return loss_oracles.enclosed(self.loss, self.outputs(weights), oracles.rationals(self.y))

    def wrong(self, weights: Weights) -> int:
        """How many samples the network has wrong."""
        return loss_oracles.wrong(self.outputs(weights), oracles.rationals(self.y))

    def maximum(self) -> dict[str, Any]:
        """The entry of the document."""
        if self.peak is None:
            known = [self.ends_of(weights) for weights in self.corners()]
            corner = known.index(max(known))
            segment = min(corner, len(self.segments) - 1)
            loss, t = known[corner], Fraction(corner - segment)
        else:
            segment, t = self.peak
            loss = self.ends_of(self.weights_at(segment, t))
        upper = loss[1] if self.upper is None else self.upper
        return {"loss": between_ends(loss), "segment": segment, "t": text(t), "upper": text(upper)}

    def reference(self) -> Weights:
        """The two-layer reference on `slots` of the end."""
        end = self.corners()[-1]
        reference = {"W": end["W"][self.slots], "V": end["V"][:, self.slots]}
        return reference | ({"c": end["c"]} if self.reference_has_c else {})

    def document(self, numbers: Document | None = None) -> dict[str, Any]:
        """The truth about the path; the losses and the maximum that another document states, if one is given."""
        corners = self.corners()
        losses = [numbers[end]["loss"] if numbers else between_ends(self.ends_of(corners[k])) for k, end in ENDS]
        return {
            "format": FORMAT,
            "question": self.question,
            "loss": self.loss,
            "route": self.route,
            "network": {
                "class": self.kind,
                "bias": self.bias,
                "shapes": {name: list(np.shape(array)) for name, array in self.start.items()},
            },
            "data": {
                "N": len(self.x),
                "n": self.x.shape[1],
                "p": self.y.shape[1],
                "digest": data_digest(self.x, self.y),
            },
            "start": {"digest": self.digest(corners[0]), "loss": losses[0]},
            "end": {"digest": self.digest(corners[-1]), "loss": losses[1]},
            "maximum": copy.deepcopy(numbers["maximum"]) if numbers else self.maximum(),
            "level": None if self.level is None else text(self.level),
            "error_rate": None if self.error_rate is None else text(self.error_rate),
            "reference": None
            if self.slots is None
            else {"digest": network_digest("two-layer", self.bias, self.reference()), "slots": list(self.slots)},
            "renamed": self.renamed,
            "segments": [
                {
                    "cuts": [text(cut) for cut in self.cuts.get(k, [])] if kind in ("general", "curve") else None,
                    "kind": kind,
                    "statement": STATEMENTS.get(kind, "L0"),
                    "moves": {name: slots for name, (slots, _) in moves.items()},
                }
                for k, (kind, moves) in enumerate(self.segments)
            ],
            "rationals": self.rationals(),
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays that are stored, by entry name."""
        arrays = {f"start.{name}.npy": np.array(array, dtype=float) for name, array in self.start.items()}
        for k, (_, moves) in enumerate(self.segments):
            for name, (_, values) in moves.items():
                if numbers(values).dtype == float:
                    arrays[f"segment.{k:04d}.{name}.npy"] = np.array(values, dtype=float)
        for k, control in self.controls.items():
            arrays |= {f"control.{k:04d}.{name}.npy": np.array(array, dtype=float) for name, array in control.items()}
        return arrays

    def rationals(self) -> dict[str, list[str]]:
        """The stored arrays with an entry that is no float."""
        found = {}
        for k, (_, moves) in enumerate(self.segments):
            for name, (_, values) in moves.items():
                if numbers(values).dtype != float:
                    found[f"segment.{k:04d}.{name}"] = [text(_fraction(value)) for value in np.ravel(numbers(values))]
        return found

    def digest(self, weights: Weights) -> str:
        """The digest of a network of this space."""
        return network_digest(self.kind, self.bias, weights)

    def network(self, weights: Weights) -> dict[str, Any]:
        """A network of this space as the second checker is given it."""
        return {"class": self.kind, "bias": self.bias, "parameters": weights}

    def write_network(self, path: Path, weights: Weights) -> Path:
        """Write a network of this space as a file of its own."""
        return write_network(path.with_suffix(".npz"), self.kind, self.bias, weights)

    def write(self, path: Path, change: Callable[[dict[str, Any]], object] | None = None) -> Path:
        """Write the certificate, its document changed in place by `change`."""
        document = copy.deepcopy(self.document())
        if change is not None:
            change(document)
        return write_certificate(path, document, self.arrays())

    def write_data(self, path: Path) -> Path:
        """Write the data as an `.npz`."""
        np.savez(path, X=self.x, Y=self.y)
        return path


def write_network(path: Path, kind: str, bias: int, weights: Weights) -> Path:
    """Write a network file."""
    named: dict[str, Any] = {"class": kind, "bias": bias, **weights}
    np.savez(path, **named)
    return path
