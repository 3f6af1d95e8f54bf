"""Question in, answer out, as the JSON of `contract.md`: search, certificate, independent check, bounds beside them."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from numerics import questions
from numerics.arithmetic.budget import GIB
from numerics.arithmetic.rationals import Enclosure, decimal, parse, text
from numerics.bounds import connect_bounds, depth_bounds
from numerics.certify import Certified, Sampled, certify, sampled
from numerics.data import read_data
from numerics.errors import InputError
from numerics.files import write_atomically
from numerics.independent import checked
from numerics.networks.files import read_network
from numerics.questions import Answer, Report
from numerics.supremum.pieces import PathMaximum
from numerics.supremum.search import TOLERANCE

Json = dict[str, Any]
LONGEST_LEVEL = 1000  # characters, which is what the checker reads


@dataclass(frozen=True)
class Asked:
    """What was asked about: data by name or file, the two networks' files (for depth the second is the reference)."""

    data: str
    start: Path
    end: Path
    memory: float = 4.0  # GiB
    effort: float | None = None  # of the check, in billions of word operations; None: the checker's default

    @property
    def budget(self) -> int:
        return int(self.memory * GIB)


def answer_connect(
    asked: Asked,
    *,
    route: str = "auto",
    level: str | None = None,
    reference: Path | None = None,
    eta: str | None = None,
    certificate: Path | None = None,
    force: bool = False,
    report: Report = questions.unheard,
) -> tuple[Json, Answer]:
    """Are two parameters connected inside a sub-level set? PROVED only after the checker's word. Raises InputError.

    `eta`: without a reference, one of `floor(m^eta)` neurons is made from the start.
    """
    bound = None if level is None else _level(level)
    power = None if eta is None else parse(eta, "--eta")
    data, start, end = read_data(asked.data), read_network(asked.start), read_network(asked.end)
    goal = None if reference is None else read_network(reference)
    with _about(asked, reference):
        answer = questions.connect(
            start, end, data, route=route, reference=goal, eta=power, budget=asked.budget, report=report
        )
    met = bound is None or answer.corners.maximum <= bound  # for an enclosed maximum its upper end
    with _draft() as draft:
        draft.write_bytes(answer.certificate(bound if met else None))
        result = _verdict(draft, asked, bound if met else None, answer.corners.attained, report)
        if bound is not None and not met and result["verdict"] == "PROVED":
            result |= _level_missed(answer, bound)
        report("straight line", 1.0)
        result["straight_line"] = _straight_line(answer, asked.budget)
        result["bounds"] = connect_bounds(answer)
        result["notes"] = _connect_notes(answer, asked, fitted=eta is not None)
        _keep(draft, certificate, result, force=force)
    return result, answer


def _connect_notes(answer: Answer, asked: Asked, *, fitted: bool) -> list[str]:
    if fitted:
        return questions.fitted_notes(answer, budget=asked.budget)
    return questions.bridge_notes(answer, asked.data)


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
            result = _verdict(draft, asked, None, answer.corners.attained, report)
            result.setdefault("depth", Enclosure(Fraction(0), None).as_json())  # a refused one establishes nothing
        else:
            result = _claim_says_nothing(answer)
        result["straight_line"] = _straight_line(answer, asked.budget)
        result["bounds"] = depth_bounds(answer)
        result["notes"] = questions.depth_notes(answer, budget=asked.budget)
        _keep(draft, certificate, result, force=force)
    return result, answer


def answer_certify(
    data: str,
    corners: Sequence[Path],
    *,
    level: str | None = None,
    tolerance: str | None = None,
    samples: bool = False,
    certificate: Path | None = None,
    memory: float = 4.0,
    effort: float | None = None,
    force: bool = False,
    report: Report = questions.unheard,
) -> tuple[Json, Certified, Sampled | None]:
    """The maximum over a polygonal path, all weights moving. PROVED only after the checker's word. Raises InputError.

    `samples`: also what 61 float64 losses on each segment would have seen.
    """
    bound = None if level is None else _level(level)
    gap = TOLERANCE if tolerance is None else parse(tolerance, "--tolerance")
    points, networks = read_data(data), [read_network(corner) for corner in corners]
    asked = Asked(data, corners[0], corners[-1], memory, effort)
    with _about(asked, *corners[1:-1]):
        found = certify(networks, points, tolerance=gap, level=bound, budget=asked.budget, report=report)
    seen = sampled(found.path, points) if samples else None
    with _draft() as draft:
        result = {"stopped": str(found.maximum.stop), **_certified(found, draft, asked, bound, report)}
        result["pieces"] = len(found.maximum.pieces)
        result["breakpoints"] = sum(one.breakpoints for _, one in found.maximum.hidden)
        result["samples"] = None if seen is None else _sampled(seen, found)
        _keep(draft, certificate, result, force=force)
    return result, found, seen


def _certified(found: Certified, draft: Path, asked: Asked, bound: Fraction | None, report: Report) -> Json:
    """The verdict on the claim asked for: the level's if there is one, else the certified upper end's."""
    maximum = found.maximum
    if maximum.upper is None or (bound is not None and maximum.attained > bound):
        return _unchecked(found, bound)
    kept = bound is not None and maximum.upper <= bound
    for claimed in found.claims:
        draft.write_bytes(found.certificate(bound if kept else None, claimed))
        result = _verdict(draft, asked, bound if kept else None, maximum.attained, report)
        if result["verdict"] == "PROVED":
            break
    result["stopped"] = str(found.stopped(claimed))
    if bound is not None and not kept and result["verdict"] == "PROVED":
        reached = f"[{decimal(maximum.attained, up=False)}, {decimal(claimed, up=True)}]"
        claim = f"loss <= {decimal(bound, up=True)} on the whole path: its maximum lies in {reached} (that was proved)"
        result |= {"verdict": "UNDECIDED", "claim": claim}
    return result


def _unchecked(found: Certified, bound: Fraction | None) -> Json:
    """The answer where there is nothing to check: a time above the level, or no upper bound at all."""
    maximum = found.maximum
    segment, t = maximum.at
    ends = max(maximum.start, maximum.end)
    lowest = decimal(maximum.attained, up=False)
    if bound is not None and maximum.attained > bound:
        time_of = Fraction(segment + t) / len(found.path.segments)
        exact = text(maximum.attained)
        shown = f"exactly {exact}" if len(exact) <= 200 else "a fraction given in --json"
        where = f"at segment {segment}, t = {text(t)} (path time T = {text(time_of)}) the loss is {shown}, >= {lowest}"
        verdict, claim = "REFUTED", f"loss <= {decimal(bound, up=True)} on the whole path: {where}"
    else:
        verdict, claim = "UNDECIDED", f"no upper bound was found (overflow); the loss reaches {lowest}"
    return {
        "claim": claim,
        "verdict": verdict,
        "arithmetic": "exact" if verdict == "REFUTED" else "ball",
        "question": "certify",
        "start": Enclosure.exact(maximum.start).as_json(),
        "end": Enclosure.exact(maximum.end).as_json(),
        "maximum": attained_at(Enclosure(maximum.attained, None), maximum) | {"lower_exact": text(maximum.attained)},
        "barrier": Enclosure(maximum.attained - ends, None).as_json(),
        "segments": [],
        "route": "polygon",
        "refused": None,
    }


def attained_at(enclosure: Enclosure, maximum: PathMaximum) -> Json:
    """The enclosure's JSON with the place where its lower end is attained."""
    segment, t = maximum.at
    return {**enclosure.as_json(), "at": {"segment": segment, "t": text(t)}}


def _sampled(seen: Sampled, found: Certified) -> Json:
    """What sampling saw, and by how much that is below an attained loss; float64, no claim."""
    attained, missed = found.maximum.attained, 0.0
    if attained > 0 and seen.largest < math.inf:  # in rationals: the loss may be beyond the range of floats
        missed = float(max(Fraction(0), 1 - Fraction(seen.largest) / attained))
    largest = seen.largest if math.isfinite(seen.largest) else None  # JSON has no infinity
    return {"times": seen.times, "largest": largest, "understated_by": missed}


def _level(given: str) -> Fraction:
    """The level, short enough to be handed on. Raises InputError."""
    level = parse(given, "--level")
    if len(text(level)) > LONGEST_LEVEL:
        raise InputError(f"--level {given[:40]} is a fraction of more than {LONGEST_LEVEL} digits: give a shorter one")
    return level


@contextmanager
def _about(asked: Asked, *others: Path | None) -> Iterator[None]:
    """Errors that concern several files together name them."""
    try:
        yield
    except InputError as error:
        names = [str(name) for name in (asked.start, *others, asked.end, asked.data) if name is not None]
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


def _verdict(draft: Path, asked: Asked, level: Fraction | None, attained: Fraction, report: Report) -> Json:
    """The checker's answer on the draft; a disagreement with the finder on an exact loss is never PROVED."""
    report("independent check", 1.0)
    begun = time.perf_counter()
    bound = None if level is None else text(level)
    result = checked(draft, asked.data, asked.start, asked.end, level=bound, memory=asked.memory, effort=asked.effort)
    result["check_seconds"] = round(time.perf_counter() - begun, 2)
    stated = (result.get("maximum") or {}).get("lower")
    if result["verdict"] == "PROVED" and Fraction(stated or -1) != Fraction(decimal(attained, up=False)):
        result |= {"verdict": "UNDECIDED", "refused": "finder and checker disagree on an exact loss"}
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
    """The straight line's maximum, enclosed by the finder's balls for every `t`; no part of the checked claim."""
    line = questions.straight_line(answer.path.start, answer.path.end, answer.data, budget=budget)
    return attained_at(Enclosure(line.attained, line.upper), line) | {"lower_exact": text(line.attained)}


def _keep(draft: Path, certificate: Path | None, result: Json, *, force: bool) -> None:
    result["certificate"] = None
    if certificate is not None and result["verdict"] == "PROVED":
        write_atomically(certificate, draft.read_bytes(), force=force)
        result["certificate"] = str(certificate)
