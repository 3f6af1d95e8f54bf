"""From a certificate file and its data to the files of a theorem."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from numerics.data import Data
from numerics.errors import InputError
from numerics.export.coq import SEGMENT, theorem_text
from numerics.export.corners import layout_of
from numerics.losses.registry import SQUARED
from numerics.paths.certificate import data_digest, read_exact_path
from numerics.paths.chain import Kind
from numerics.paths.stated import stated


@dataclass(frozen=True)
class Theorem:
    """The text for Coq, and what lies beside it for people."""

    coq: str
    readme: str


def theorem_of(certificate: Path, data: Data) -> Theorem:
    """The theorem that a certificate is. Raises InputError where there is none: another loss, class or kind of segment."""
    about = stated(certificate)
    if about.data != data_digest(data):
        raise InputError(f"{certificate} is about other data than {data.name}: give the data that it was made from")
    if about.loss != SQUARED.name:
        raise InputError(
            f"{certificate} is about the {about.loss} loss, and theorems are about the squared loss: for all others there"
            " is skipscape check"
        )
    if about.renamed:
        raise InputError(f"{certificate} joins its start to a renamed network: a theorem names both ends as they are")
    path = read_exact_path(certificate)
    for k, segment in enumerate(path.segments):
        if segment.kind not in SEGMENT or not segment.end.is_float:
            raise InputError(_no_theorem(certificate, k, segment.kind))
    layout = layout_of(path, data)
    plain = not path.start.like.has_skip
    return Theorem("".join(theorem_text(layout, about.upper, plain=plain)), "")


def _no_theorem(certificate: Path, number: int, kind: Kind) -> str:
    return (
        f"{certificate}: segment {number} is of kind {kind}, and a theorem is made of silent and readout segments"
        " between floats: choose another --route, bridge for one"
    )
