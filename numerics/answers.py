"""Question in, answer out, as the JSON of `contract.md`: search, certificate, independent check, bounds beside them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from numerics import questions
from numerics.arithmetic.budget import GIB
from numerics.arithmetic.rationals import Enclosure, decimal, parse, text
from numerics.bounds import connect_bounds, depth_bounds
from numerics.data import read_data
from numerics.errors import InputError
from numerics.files import write_atomically
from numerics.independent import checked
from numerics.networks.files import read_network
from numerics.questions import Answer, Report

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What was asked about: data by name or file, the two networks' files (for depth the second is the reference)."""

    data: str
    start: Path
    end: Path
    memory: float = 4.0  # GiB

    @property
    def budget(self) -> int:
        return int(self.memory * GIB)


def answer_connect(
    asked: Asked,
    *,
    route: str = "auto",
    level: str | None = None,
    reference: Path | None = None,
    certificate: Path | None = None,
    force: bool = False,
    report: Report = questions.unheard,
) -> tuple[Json, Answer]:
    """Are two parameters connected inside a sub-level set? PROVED only after the checker's word. Raises InputError."""
    bound = None if level is None else parse(level, "--level")
    data, start, end = read_data(asked.data), read_network(asked.start), read_network(asked.end)
    goal = None if reference is None else read_network(reference)
    with _about(asked, reference):
        answer = questions.connect(start, end, data, route=route, reference=goal, budget=asked.budget, report=report)
    met = bound is None or answer.corners.maximum <= bound
    with _draft() as draft:
        draft.write_bytes(answer.certificate(bound if met else None))
        result = _checked(answer, draft, asked, level if met else None, report)
        if bound is not None and not met and result["verdict"] == "PROVED":
            result |= _level_missed(answer, bound)
        report("straight line", 1.0)
        result["straight_line"] = _straight_line(answer, asked.budget)
        result["bounds"] = connect_bounds(answer)
        _keep(draft, certificate, result, force=force)
    return result, answer


def answer_depth(
    asked: Asked,
    *,
    route: str = "auto",
    certificate: Path | None = None,
    force: bool = False,
    report: Report = questions.unheard,
) -> tuple[Json, Answer]:
    """How deep can the valley be, against a two-layer reference? PROVED only after the checker's word."""
    data, start, reference = read_data(asked.data), read_network(asked.start), read_network(asked.end)
    with _about(asked):
        answer = questions.depth(start, reference, data, route=route, budget=asked.budget, report=report)
    with _draft() as draft:
        if answer.corners.end < answer.corners.start:
            draft.write_bytes(answer.certificate(None))
            result = _checked(answer, draft, asked, None, report)
            result.setdefault("depth", Enclosure(Fraction(0), None).as_json())  # a refused one establishes nothing
        else:
            result = _claim_says_nothing(answer)
        result["bounds"] = depth_bounds(answer)
        result["notes"] = questions.depth_notes(answer, budget=asked.budget)
        _keep(draft, certificate, result, force=force)
    return result, answer


@contextmanager
def _about(asked: Asked, *others: Path | None) -> Iterator[None]:
    """Errors that concern several files together name them."""
    try:
        yield
    except InputError as error:
        names = [str(name) for name in (asked.start, asked.end, *others, asked.data) if name is not None]
        raise InputError(f"{', '.join(names)}: {error}") from None


@contextmanager
def _draft() -> Iterator[Path]:
    """Where the certificate lies until it has been checked."""
    try:
        with tempfile.TemporaryDirectory(prefix="skipscape-") as folder:
            yield Path(folder) / "path.cert"
    except OSError as error:
        raise InputError(
            f"{error.filename or 'the folder for temporary files'}: {error.strerror}: set TMPDIR to a folder with room"
        ) from None


def _checked(answer: Answer, draft: Path, asked: Asked, level: str | None, report: Report) -> Json:
    """The checker's answer on the draft; a disagreement with the finder is never PROVED."""
    report("independent check", 1.0)
    begun = time.perf_counter()
    result = checked(draft, asked.data, asked.start, asked.end, level=level, memory=asked.memory)
    result["check_seconds"] = round(time.perf_counter() - begun, 2)
    stated = (result.get("maximum") or {}).get("exact")
    if result["verdict"] == "PROVED" and stated != text(answer.corners.maximum):
        result |= {"verdict": "UNDECIDED", "refused": "finder and checker disagree on the exact maximum"}
    return result


def _level_missed(answer: Answer, bound: Fraction) -> Json:
    """The claim with `--level B` where this path exceeds B: refuted only if an end does, as no path avoids those."""
    corners = answer.corners
    asked = f"start and end are joined inside {{loss <= {decimal(bound, up=True)}}}"
    for moment, end, loss in ((0, "start", corners.start), (1, "end", corners.end)):
        if loss > bound:
            where = f"at time {moment}, the {end}, the loss is exactly {text(loss)} >= {decimal(loss, up=False)}"
            return {"verdict": "REFUTED", "claim": f"{asked}: {where}"}
    reached = decimal(corners.maximum, up=True)
    found = f"both ends lie inside, but the best path found reaches {reached} (that was proved)"
    return {"verdict": "UNDECIDED", "claim": f"{asked}: {found}"}


def _claim_says_nothing(answer: Answer) -> Json:
    """The answer for a network that is no worse than the reference."""
    start, end = answer.corners.start, answer.corners.end
    return {
        "claim": f"none: the reference's loss {decimal(end, up=False)} is not below the network's"
        f" {decimal(start, up=True)};"
        " the paper's claim is about parameters worse than a two-layer network, and says nothing here",
        "verdict": "UNDECIDED",
        "arithmetic": "exact",
        "question": "depth",
        "start": Enclosure.exact(start).as_json(),
        "end": Enclosure.exact(end).as_json(),
        "maximum": None,
        "barrier": None,
        "depth": Enclosure(Fraction(0), None).as_json(),
        "segments": [],
        "route": answer.candidate.route,
        "refused": None,
    }


def _straight_line(answer: Answer, budget: int) -> Json:
    """What one exact evaluation proves of the straight line's maximum: a lower bound."""
    t, loss = questions.straight_line(answer.path.start, answer.path.end, answer.data, budget=budget)
    return {**Enclosure(loss, None).as_json(), "at": {"segment": 0, "t": text(t)}, "lower_exact": text(loss)}


def _keep(draft: Path, certificate: Path | None, result: Json, *, force: bool) -> None:
    result["certificate"] = None
    if certificate is not None and result["verdict"] == "PROVED":
        write_atomically(certificate, draft.read_bytes(), force=force)
        result["certificate"] = str(certificate)
