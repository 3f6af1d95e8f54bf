"""From a certificate file and its data to the text of a theorem."""

from __future__ import annotations

from pathlib import Path

from numerics.data import Data
from numerics.errors import InputError
from numerics.export.coq import SEGMENT, Climb, Level, theorem_text
from numerics.export.corners import layout_of
from numerics.losses.registry import SQUARED
from numerics.paths.certificate import data_digest, read_exact_path
from numerics.paths.chain import Kind
from numerics.paths.exact import ExactPath
from numerics.paths.stated import Claimed, claimed, stated

DEPTHS = ("depth", "escape")


def theorem_of(certificate: Path, data: Data) -> str:
    """The theorem that a certificate is. Raises InputError for another loss, class or kind of segment."""
    about = stated(certificate)
    if about.data != data_digest(data):
        raise InputError(f"{certificate} is about other data than {data.name}: give the data that it was made from")
    claim = claimed(certificate)
    if claim.loss != SQUARED.name:
        raise InputError(
            f"{certificate} is about the {claim.loss} loss, and theorems are about the squared loss: for all others"
            " there is skipscape check"
        )
    if claim.renamed:
        raise InputError(
            f"{certificate} joins its start to a renamed network, and a theorem names both ends as they are: connect"
            " without --modulo-permutation"
        )
    path = read_exact_path(certificate)
    _require_kinds(certificate, path)
    return "".join(theorem_text(layout_of(path, data), _claim(certificate, about.question, claim, path)))


def _claim(certificate: Path, question: str, claim: Claimed, path: ExactPath) -> Level | Climb:
    """What the certificate claims, as Coq will say it."""
    if question in DEPTHS:
        start, end = claim.ends
        return Climb(claim.upper - start, start - end)
    if question not in ("connect", "certify"):
        raise InputError(f"{certificate} answers the question {question}: theorems are about connect, certify, depth")
    return Level(claim.upper, not path.start.like.has_skip)


def _require_kinds(certificate: Path, path: ExactPath) -> None:
    """Only silent and readout segments between floats, and hidden ones on which V, A and a move."""
    for k, segment in enumerate(path.segments):
        senders = segment.kind is not Kind.HIDDEN or set(segment.moves()) <= {"V", "A", "a"}
        if segment.kind not in SEGMENT or not senders or not segment.end.is_float:
            raise InputError(
                f"{certificate}: segment {k} is of kind {segment.kind} and moves {', '.join(segment.moves())}, and a"
                " theorem is made of silent and readout segments between floats, and of hidden ones on which V, A and"
                " a move: choose another --route, bridge for one"
            )
