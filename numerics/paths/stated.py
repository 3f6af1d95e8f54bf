"""What a certificate says of itself, to tell which files it belongs to; nothing of it is believed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from numerics.arithmetic.rationals import read_decimal
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.files import read_bounded
from numerics.paths.certificate import LARGEST

LONGEST = 1 << 26  # bytes of a certificate's JSON that are read here


@dataclass(frozen=True)
class Stated(Shown):
    """Digests (`network_digest`, `data_digest`) and the question as a certificate has them; `sha256` is the file's."""

    sha256: str
    question: str
    data: str
    start: str
    end: str


@dataclass(frozen=True)
class Claimed(Shown):
    """What is claimed: of the `loss` with this name nowhere more than `upper`.

    `ends`: upper ends of the losses that are stated of start and end; `renamed`: whether units of the end were.
    """

    loss: str
    upper: Fraction
    ends: tuple[Fraction, Fraction]
    renamed: bool


def stated(source: Path) -> Stated:
    """Raises InputError where the file is no certificate of any form."""
    content = read_bounded(source, "a certificate", limit=LARGEST)
    try:
        document = _document(content)
        reference = document["reference"]
        end = document["end"]["digest"] if reference is None else reference["digest"]
        digests = [document["data"]["digest"], document["start"]["digest"], end]
        return Stated(hashlib.sha256(content).hexdigest(), str(document["question"]), *map(str, digests))
    except Exception as error:  # zipfile and json can raise almost anything
        words = " ".join(str(error).split())[:200]
        raise InputError(f"{source} says not what it is about ({words}): run skipscape check on it") from None


def claimed(source: Path) -> Claimed:
    """Raises InputError where the file is no certificate of any form."""
    try:
        document = _document(read_bounded(source, "a certificate", limit=LARGEST))
        start, end = (read_decimal(document[which]["loss"]["upper"]) for which in ("start", "end"))
        upper = read_decimal(document["maximum"]["upper"])
        return Claimed(str(document["loss"]), upper, (start, end), document["renamed"] is not None)
    except InputError:
        raise
    except Exception as error:  # as above
        words = " ".join(str(error).split())[:200]
        raise InputError(f"{source} says not what it claims ({words}): run skipscape check on it") from None


def _document(content: bytes) -> dict[str, Any]:
    """The certificate's JSON. Raises almost anything."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry = archive.getinfo("certificate.json")
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > LONGEST:
            raise ValueError("its certificate.json is not stored, or too long")
        document: dict[str, Any] = json.loads(archive.read(entry))
    return document
