"""A tiny writer of certificates on the standard library, with three small drafts to forge from.

A *draft* is what a finder would know: the start, the moves, the data, the question. `honest` computes from it
every number and digest, so an edited draft is a forgery with all digests recomputed. Edits to the claim or to
the entries come after that; the digest in the archive's comment is always recomputed.
"""

import copy
import hashlib
import io
import json
import struct
import zipfile

from support.oracles import exact_loss
from support.second_checker import check

ALL = "all"


def pack_floats(array):
    flat = [value for row in array for value in (row if isinstance(row, list) else [row])]
    return struct.pack(f"<{len(flat)}d", *flat)


def shape_of(array):
    return [len(array), len(array[0])] if isinstance(array[0], list) else [len(array)]


def npy(array, shape=None, descr="<f8", order=False, version=b"\x01\x00"):
    shape = tuple(shape or shape_of(array))
    head = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY" + version + struct.pack("<H", 118) + head.encode() + pack_floats(array)


def dump(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def digest(head, *arrays):
    return hashlib.sha256(dump(head) + b"\n" + b"".join(map(pack_floats, arrays))).hexdigest()


def network_digest(network_class, bias, parameters):
    shapes = {name: shape_of(array) for name, array in parameters.items()}
    arrays = [parameters[name] for name in sorted(parameters)]
    return digest({"bias": bias, "class": network_class, "shapes": shapes}, *arrays)


def archive(entries, tweak=lambda info: None):
    """The sealed zip of `[(name, bytes), ...]` in the order given; `tweak` may spoil an entry's ZipInfo."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in entries:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_STORED, 3, 0o644 << 16
            tweak(info)
            file.writestr(info, data)
        file.comment = b"-" * 64
    return seal(buffer.getvalue())


def seal(certificate):
    """The same bytes with the right digest in the place of the last 64."""
    return certificate[:-64] + hashlib.sha256(certificate[:-64]).hexdigest().encode()


def corners(draft):
    """The networks at the corners of the path."""
    chain = [copy.deepcopy(draft["start"])]
    for _, moves in draft["segments"]:
        corner = copy.deepcopy(chain[-1])
        for name, (where, array) in moves.items():
            if where == ALL:
                corner[name] = array
            elif name == "W":
                for j, row in zip(where, array, strict=True):
                    corner["W"][j] = row
            else:
                for row, new in zip(corner[name], array, strict=True):
                    for j, value in zip(where, new, strict=True):
                        row[j] = value
        chain.append(corner)
    return chain


def ratio(value):
    return f"{value.numerator}/{value.denominator}"


def honest(draft):
    """The claim with every number and digest computed from the draft."""
    X, Y, network_class, bias = draft["X"], draft["Y"], draft["class"], draft["bias"]
    chain = corners(draft)
    losses = [exact_loss(corner, network_class, bias, X, Y) for corner in chain]
    k = losses.index(max(losses))
    data = {"N": len(X), "n": len(X[0]), "p": len(Y[0])}
    reference = draft["reference"]
    if reference:
        reference = {"digest": network_digest("two-layer", bias, reference[0]), "slots": reference[1]}
    return {
        "format": "skipscape certificate 2",
        "question": "depth" if reference else "connect",
        "loss": "squared",
        "route": "by hand 1",
        "network": {
            "class": network_class,
            "bias": bias,
            "shapes": {name: shape_of(array) for name, array in chain[0].items()},
        },
        "data": data | {"digest": digest(data, X, Y)},
        "start": {"digest": network_digest(network_class, bias, chain[0]), "loss": ratio(losses[0])},
        "end": {"digest": network_digest(network_class, bias, chain[-1]), "loss": ratio(losses[-1])},
        "maximum": {
            "loss": ratio(losses[k]),
            "segment": max(k - 1, 0),
            "t": "1/1" if k else "0/1",
            "upper": ratio(losses[k]),
        },
        "level": draft["level"],
        "reference": reference,
        "segments": [
            {
                "cuts": None,
                "kind": kind,
                "statement": {"readout": "L7", "silent": "L9"}[kind],
                "moves": {name: where for name, (where, _) in moves.items()},
            }
            for kind, moves in draft["segments"]
        ],
    }


def stored_arrays(draft):
    found = {f"start.{name}.npy": npy(array) for name, array in draft["start"].items()}
    for k, (_, moves) in enumerate(draft["segments"]):
        found |= {f"segment.{k:04d}.{name}.npy": npy(array) for name, (_, array) in moves.items()}
    return found


def certificate(draft, edit_claim=None, edit_entries=None, raw_claim=dump):
    """The bytes of a certificate; `edit_claim`, `edit_entries` change a dict in place."""
    claim = honest(draft)
    if edit_claim:
        edit_claim(claim)
    entries = stored_arrays(draft) | {"certificate.json": raw_claim(claim)}
    if edit_entries:
        edit_entries(entries)
    return archive(sorted(entries.items()))


def entries_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return [(name, file.read(name)) for name in file.namelist()]


def network(draft, corner):
    return {"class": draft["class"], "bias": draft["bias"], "parameters": corners(draft)[corner]}


def put(*path):
    """An edit: walk down all but the last two of `path` and assign the last."""
    *way, key, value = path

    def edit(target):
        for step in way:
            target = target[step]
        target[key] = value

    return edit


def drop(*path):
    *way, key = path

    def edit(target):
        for step in way:
            target = target[step]
        del target[key]

    return edit


def deep_draft():
    """A path of a branch of depth two, each kind of move once: silence the branch, rebuild it, wake it."""
    return {
        "class": "parallel",
        "bias": 1,
        "X": [[1.0], [-1.0], [0.5]],
        "Y": [[1.0], [0.25], [-2.0]],
        "level": None,
        "reference": None,
        "start": {
            "W": [[1.0, 0.5], [-1.0, 0.25], [0.5, -0.125]],
            "V": [[1.0, -0.5, 0.75]],
            "A": [[1.0, -1.0, 0.5], [0.25, 0.5, -0.5]],
            "a": [0.5, -0.25],
            "B1": [[1.0, 0.5], [-1.0, 2.0]],
            "b1": [0.125, 0.25],
            "U": [[1.0, -0.5]],
            "c": [0.25],
        },
        "segments": [
            ("readout", {"V": (ALL, [[0.5, 1.0, 0.0]]), "U": (ALL, [[0.0, 0.0]]), "c": (ALL, [0.5])}),
            (
                "silent",
                {
                    "W": ([2], [[-3.0, 1.0]]),
                    "A": ([0, 2], [[2.0, 1.0], [1.0, -1.0]]),
                    "a": (ALL, [0.0, 1.0]),
                    "B1": (ALL, [[0.5, 0.5], [1.0, -1.0]]),
                    "b1": (ALL, [1.0, 0.0]),
                },
            ),
            ("silent", {}),
            ("readout", {"V": ([2], [[0.125]]), "U": (ALL, [[0.5, 0.25]])}),
        ],
    }


def depth_draft():
    """From a bad start to a reference with f = [x]_+/2 - [-x]_+/2 + 1/2 on the slots (2, 0), loss 0."""
    reference = {"W": [[1.0, 0.0], [-1.0, 0.0]], "V": [[0.5, -0.5]], "c": [0.5]}
    return {
        "class": "parallel",
        "bias": 1,
        "X": [[1.0], [-1.0]],
        "Y": [[1.0], [0.0]],
        "level": None,
        "reference": (reference, [2, 0]),
        "start": {
            "W": [[2.0, 0.5], [1.0, 1.0], [0.0, 1.0]],
            "V": [[1.0, 1.0, 1.0]],
            "A": [[1.0, 1.0, 1.0]],
            "U": [[1.0]],
            "c": [0.0],
        },
        "segments": [
            ("readout", {"V": (ALL, [[0.0, 0.0, 0.0]]), "U": (ALL, [[0.0]])}),
            ("silent", {"W": ([0, 2], [[-1.0, 0.0], [1.0, 0.0]])}),
            ("readout", {"V": ([0, 2], [[-0.5, 0.5]]), "c": (ALL, [0.5])}),
        ],
    }


def two_layer_draft():
    """One neuron turned while its output weight is zero; no bias anywhere."""
    return {
        "class": "two-layer",
        "bias": 0,
        "X": [[1.0, 0.0], [0.0, 1.0]],
        "Y": [[4.0], [4.0]],
        "level": "16/1",
        "reference": None,
        "start": {"W": [[1.0, 0.0], [3.0, 4.0]], "V": [[1.0, 1.0]]},
        "segments": [
            ("readout", {"V": (ALL, [[4.0, 0.0]])}),
            ("silent", {"W": ([1], [[0.0, 1.0]])}),
            ("readout", {"V": ([1], [[4.0]])}),
        ],
    }


DRAFTS = {"deep": deep_draft, "depth": depth_draft, "two-layer": two_layer_draft}


def verdict_of(draft, data, ends=False):
    """The checker's verdict on `data`, on the draft's data set and, if asked for, its end networks."""
    if not ends:
        return check(data, draft["X"], draft["Y"])
    end = network(draft, -1)
    if draft["reference"]:
        end = {"class": "two-layer", "bias": draft["bias"], "parameters": draft["reference"][0]}
    return check(data, draft["X"], draft["Y"], network(draft, 0), end)


def refused(draft, data, because):
    """Assert that `data` is refused, for a reason that contains `because`."""
    verdict = verdict_of(draft, data)
    assert not verdict.accepted
    assert because in verdict.reason, verdict.reason
