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

from numerics.arithmetic.rationals import parse
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.files import read_bounded
from numerics.paths.certificate import LARGEST

LONGEST = 1 << 26  # bytes of a certificate's JSON that are read here


@dataclass(frozen=True)
class Stated(Shown):
    """Digests (`network_digest`, `data_digest`) and the question as a certificate has them; `sha256` is the file's.

    `upper`: the level that it claims of the `loss` with this name; `ends`: upper ends of the losses that it states of
    start and end; `renamed`: whether units of the end were.
    """

    sha256: str
    question: str
    data: str
    start: str
    end: str
    loss: str
    upper: Fraction
    ends: tuple[Fraction, Fraction]
    renamed: bool


def stated(source: Path) -> Stated:
    """Raises InputError where the file is no certificate of any form."""
    content = read_bounded(source, "a certificate", limit=LARGEST)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entry = archive.getinfo("certificate.json")
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > LONGEST:
                raise ValueError("its certificate.json is not stored, or too long")
            document: dict[str, Any] = json.loads(archive.read(entry))
        reference = document["reference"]
        end = document["end"]["digest"] if reference is None else reference["digest"]
        losses = parse(document["start"]["loss"]["upper"]), parse(document["end"]["loss"]["upper"])
        return Stated(
            sha256=hashlib.sha256(content).hexdigest(),
            question=str(document["question"]),
            data=str(document["data"]["digest"]),
            start=str(document["start"]["digest"]),
            end=str(end),
            loss=str(document["loss"]),
            upper=parse(document["maximum"]["upper"]),
            ends=losses,
            renamed=document["renamed"] is not None,
        )
    except Exception as error:  # zipfile and json can raise almost anything
        words = " ".join(str(error).split())[:200]
        raise InputError(f"{source} says not what it is about ({words}): run skipscape check on it") from None
