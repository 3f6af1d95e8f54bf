"""`path` of a certificate with a right digest and a wrong content."""

import hashlib
import io
import json
import struct
import zipfile

import numpy as np
import pytest

from support.broken_inputs import ENCRYPTED, HEADER, connect_arguments, described, npy, require_refused
from support.command_line import skipscape


def sealed(body):
    return body + hashlib.sha256(body).hexdigest().encode()


def forged(content, edit):
    """The certificate with its document and entries edited, sealed again."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(entries["certificate.json"])
    document = edit(document, entries) or document
    entries["certificate.json"] = document if isinstance(document, bytes) else json.dumps(document).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, entry in entries.items():
            archive.writestr(name, entry)
        archive.comment = b"0" * 64
    return sealed(stream.getvalue()[:-64])


def entry(name, content):
    return lambda document, entries: entries.update({name: content})


def segment(**fields):
    return lambda document, entries: document["segments"][0].update(fields)


FORGERIES = {
    "no json": lambda document, entries: b"{",
    "json without end": lambda document, entries: b"[" * 100_000,
    "no segments": lambda document, entries: document.update(segments=[]),
    "segments as text": lambda document, entries: document.update(segments="abc"),
    "no network": lambda document, entries: document.update(network=None),
    "class later": lambda document, entries: document["network"].update({"class": "residual"}),
    "kind unknown": segment(kind="foo"),
    "kind wrong": segment(kind="silent"),
    "slots of U": segment(moves={"U": [0]}),
    "slot out of range": segment(moves={"V": [99]}),
    "array missing": segment(moves={"W": "all"}),
    "array empty": entry("start.W.npy", b""),
    "array garbage": entry("start.W.npy", b"xx"),
    "array header cut off": entry("start.W.npy", npy(HEADER)),
    "array beyond memory": entry("start.W.npy", npy(described("(1099511627776,)"))),
    "array beyond 64 bits": entry("start.W.npy", npy(described("(99999999999999999999999,)"))),
    "array of nan": entry("start.c.npy", npy(described("(2,)"), struct.pack("<2d", np.nan, 0.0))),
}


@pytest.mark.parametrize("which", FORGERIES)
def test_forged_certificates_give_no_network(folder, which):
    """`path` on a certificate with a right digest and a wrong content: one line that names it, no network."""
    assert skipscape(*connect_arguments(folder), "--route", "zero")[0] == 0
    bad = folder / "forged.cert"
    bad.write_bytes(forged((folder / "new.cert").read_bytes(), FORGERIES[which]))
    require_refused(folder, ["path", bad, "--at", "1/3", "--out", folder / "new.npz"], bad)


@pytest.mark.parametrize("content", [b"", b"x" * 64, sealed(b""), sealed(b"hello"), sealed(bytes(ENCRYPTED))])
def test_files_that_are_no_certificates_give_no_network(folder, content):
    """With or without a right digest at the end."""
    (folder / "bad.cert").write_bytes(content)
    command = ["path", folder / "bad.cert", "--at", "1/3", "--out", folder / "new.npz"]
    require_refused(folder, command, folder / "bad.cert")
