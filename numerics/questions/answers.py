"""Question in, answer out, as the JSON of `proofs_notes/usage.md`: search, certificate, independent check, bounds."""

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

from numerics.arithmetic.budget import GIB
from numerics.arithmetic.levels import Level, exceeds, level_words
from numerics.arithmetic.rationals import Enclosure, decimal, parse, read_decimal, rounded, text
from numerics.common import interrupts
from numerics.common.shown import Shown
from numerics.data import Data, read_data
from numerics.errors import InputError
from numerics.files import write_atomically
from numerics.maxima.pieces import Stop
from numerics.maxima.search import TOLERANCE
from numerics.networks.base import Network
from numerics.networks.files import read_network
from numerics.paths.certificate import Maximum
from numerics.questions import search as questions
from numerics.questions.bounds import connect_bounds, depth_bounds
from numerics.questions.certify import Certified, Sampled, certify, sampled
from numerics.questions.run_checker import checked
from numerics.questions.search import Answer, Report

Json = dict[str, Any]
HASTE = 5.0  # seconds that the checker has after an interrupt
LONGEST_QUOTE = 200  # characters of an exact loss in a sentence


@dataclass(frozen=True)
class Asked(Shown):
    """What was asked about: data by name or file, the two networks' files (for depth the second is the reference)."""

    data: str
    start: Path
    end: Path
    memory: float = 4.0  # GiB
    effort: float | None = None  # of the check, in billions of word operations; None: the checker's default

    @property
    def budget(self) -> int:
        return int(self.memory * GIB)

    def read(self) -> tuple[Data, Network, Network]:
        """The data and both networks, each read within the budget. Raises InputError."""
        return (
            read_data(self.data, self.budget),
            read_network(self.start, self.budget),
            read_network(self.end, self.budget),
        )


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
    data, start, end = asked.read()
    goal = None if reference is None else read_network(reference, asked.budget)
    with _about(asked, reference):
        answer = questions.connect(
            start, end, data, route=route, reference=goal, eta=power, budget=asked.budget, report=report
        )
    met = bound is None or answer.corners.maximum <= bound  # for an enclosed maximum its upper end
    with _draft() as draft:
        draft.write_bytes(answer.certificate(bound if met else None))
        result = _verdict(draft, asked, bound if met else None, answer.corners.attained, report)
        result = result or _not_checked("connect", answer.corners, answer.corners.claim(TOLERANCE))
        if bound is not None and not met and result["verdict"] == "PROVED":
            result |= _level_missed(answer, bound)
        with _beside(result, answer, report):
            interrupts.check()
            result["straight_line"] = _straight_line(answer, asked.budget)
            result["bounds"] = connect_bounds(answer)
            result["notes"] += questions.route_notes(answer)
            result["notes"] += _connect_notes(answer, asked, fitted=eta is not None)
        _keep(draft, certificate, result, missed=not met, force=force)
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
    data, start, reference = asked.read()
    with _about(asked):
        answer = questions.depth(start, reference, data, route=route, budget=asked.budget, report=report)
    with _draft() as draft:
        if answer.corners.end < answer.corners.start:
            draft.write_bytes(answer.certificate(None))
            result = _verdict(draft, asked, None, answer.corners.attained, report)
            result = result or _not_checked("depth", answer.corners, answer.corners.claim(TOLERANCE))
            result.setdefault("depth", Enclosure(Fraction(0), None).as_json())  # a refused one establishes nothing
        else:
            result = _claim_says_nothing(answer)
        with _beside(result, answer, report):
            interrupts.check()
            result["straight_line"] = _straight_line(answer, asked.budget)
            result["bounds"] = depth_bounds(answer)
            result["notes"] += questions.route_notes(answer)
            result["notes"] += questions.depth_notes(answer, budget=asked.budget)
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
    asked = Asked(data, corners[0], corners[-1], memory, effort)
    points, networks = read_data(data, asked.budget), [read_network(corner, asked.budget) for corner in corners]
    with _about(asked, *corners[1:-1]):
        found = certify(networks, points, tolerance=gap, level=bound, budget=asked.budget, report=report)
    seen = None
    try:
        seen = sampled(found.path, points) if samples and not interrupts.received() else None
    except KeyboardInterrupt:
        interrupts.first_only()
    with _draft() as draft:
        checked_now = _certified(found, draft, asked, bound, report, wanted=certificate is not None)
        result = {"stopped": str(found.maximum.stop), "tolerance": text(found.tolerance), **checked_now}
        result["pieces"] = len(found.maximum.pieces)
        result["breakpoints"] = sum(one.breakpoints for _, one in found.maximum.hidden)
        result["samples"] = None if seen is None else _sampled(seen, found)
        missed = bound is not None and (found.maximum.upper is None or found.maximum.upper > bound)
        _keep(draft, certificate, result, missed=missed, force=force)
    return result, found, seen


def _certified(
    found: Certified, draft: Path, asked: Asked, bound: Fraction | None, report: Report, *, wanted: bool
) -> Json:
    """The verdict on the claim asked for: the level's if there is one, else the certified upper end's.

    Where a time is above the level that is all that is to be said; only where a certificate is wanted the bound that
    there may be is checked too, and written.
    """
    maximum = found.maximum
    above = bound is not None and maximum.attained > bound
    if maximum.upper is None or (above and not wanted):
        return _unchecked(found, bound)
    kept = bound is not None and maximum.upper <= bound
    for claimed in found.claims[-1:] if interrupts.received() else found.claims:
        draft.write_bytes(found.certificate(bound if kept else None, claimed))
        said = _verdict(draft, asked, bound if kept else None, maximum.attained, report)
        if said is None:  # interrupted: the last is the one that the checker is most likely to follow
            claimed = found.claims[-1]
            draft.write_bytes(found.certificate(bound if kept else None, claimed))
        result = said or _not_checked("certify", maximum, claimed)
        if result["certificate_claim"] is not None:
            break
    if above:
        known = None if result["certificate_claim"] is None else claimed
        said = _unchecked(found, bound, known)
        return {**said, "certificate_claim": result["certificate_claim"]} | _seconds(result)
    result["stopped"] = str(found.stopped(claimed))
    if bound is not None and not kept and result["verdict"] == "PROVED":
        reached = f"[{decimal(maximum.attained, up=False)}, {decimal(claimed, up=True)}]"
        words = level_words(bound, up=True)
        claim = f"loss <= {words} on the whole path: its maximum lies in {reached} (that was proved)"
        result |= {"verdict": "UNDECIDED", "claim": claim}
    return result


def _seconds(result: Json) -> Json:
    return {"check_seconds": result["check_seconds"]} if "check_seconds" in result else {}


def _unchecked(found: Certified, bound: Fraction | None, upper: Fraction | None = None) -> Json:
    """The answer where there is nothing to check: a time above the level, or no upper bound at all.

    `upper`: what a certificate claims all the same.
    """
    maximum = found.maximum
    segment, t = maximum.at
    ends = max(maximum.start, maximum.end)
    if bound is not None and maximum.attained > bound:
        time_of = Fraction(segment + t) / len(found.path.segments)
        shown = _exactly(maximum.attained)
        place = f"at segment {segment}, t = {text(t)} (path time T = {text(time_of)})"
        where = f"{place} the loss is {shown}, {exceeds(maximum.attained, bound)}"
        verdict, claim = "REFUTED", f"loss <= {level_words(bound, up=False)} on the whole path: {where}"
    else:
        why = "it was interrupted before" if maximum.stop is Stop.INTERRUPTED else "overflow"
        lowest = decimal(maximum.attained, up=False)
        verdict, claim = "UNDECIDED", f"no upper bound was found ({why}); the loss reaches {lowest}"
    return {
        "claim": claim,
        "verdict": verdict,
        "arithmetic": "exact" if verdict == "REFUTED" else "ball",
        "question": "certify",
        "start": Enclosure.exact(maximum.start).as_json(),
        "end": Enclosure.exact(maximum.end).as_json(),
        "maximum": attained_at(Enclosure(maximum.attained, upper), maximum) | {"lower_exact": text(maximum.attained)},
        "barrier": Enclosure(maximum.attained - ends, None if upper is None else upper - ends).as_json(),
        "segments": [],
        "route": "polygon",
        "refused": None,
        "certificate_claim": None,
    }


def _not_checked(question: str, maximum: Maximum, claimed: Fraction) -> Json:
    """The answer where the check was interrupted: what the finder claims, and that nobody has checked it."""
    ends = max(maximum.start, maximum.end)
    claim = f"loss <= {decimal(claimed, up=True)} on the whole path"
    exact = claimed == maximum.attained
    return {
        "claim": f"{claim}: that is the finder's word alone, the check was interrupted",
        "verdict": "UNDECIDED",
        "arithmetic": "exact" if exact else "ball",
        "question": question,
        "start": Enclosure.exact(maximum.start).as_json(),
        "end": Enclosure.exact(maximum.end).as_json(),
        "maximum": attained_at(Enclosure(maximum.attained, claimed), maximum),
        "barrier": Enclosure(maximum.attained - ends, claimed - ends).as_json(),
        "segments": [],
        "route": None,
        "refused": None,
        "certificate_claim": claim,
    }


def attained_at(enclosure: Enclosure, maximum: Maximum) -> Json:
    """The enclosure's JSON with the place where its lower end is attained."""
    segment, t = maximum.at
    return {**enclosure.as_json(), "at": {"segment": segment, "t": text(t)}}


def _exactly(loss: Fraction) -> str:
    """The fraction, or where it is long the word that there is one."""
    exact = text(loss)
    return f"exactly {exact}" if len(exact) <= LONGEST_QUOTE else "a fraction given in --json"


def _sampled(seen: Sampled, found: Certified) -> Json:
    """What sampling saw, and by how much that is below an attained loss; float64, no claim."""
    attained, missed = found.maximum.attained, 0.0
    if attained > 0 and seen.largest < math.inf:  # in rationals: the loss may be beyond the range of floats
        missed = float(max(Fraction(0), 1 - Fraction(seen.largest) / attained))
    largest = seen.largest if math.isfinite(seen.largest) else None  # JSON has no infinity
    return {"times": seen.times, "largest": largest, "understated_by": missed}


def _level(given: str) -> Level:
    """The level, as it is handed on and printed. Raises InputError."""
    return Level.parse(given, "--level")


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


def _verdict(draft: Path, asked: Asked, level: Fraction | None, attained: Fraction, report: Report) -> Json | None:
    """The checker's answer on the draft; a disagreement with the finder on an exact loss is never PROVED.

    `certificate_claim`: what the draft claims, if that was proved. None after an interrupt, during the check or before,
    where the checker then has a few seconds.
    """
    report(f"independent check of a path whose loss reaches {decimal(attained, up=False, digits=6)}", 1.0)
    begun = time.perf_counter()
    bound = level.written if isinstance(level, Level) else None if level is None else text(level)
    extra = {"seconds": HASTE} if interrupts.received() else {}
    extra |= {} if asked.effort is None else {"effort": asked.effort}
    try:
        result = checked(draft, asked.data, asked.start, asked.end, level=bound, memory=asked.memory, **extra)
    except (KeyboardInterrupt, TimeoutError, InputError):  # Ctrl-C also ends the checker, which then has no answer
        if not interrupts.received():
            raise
        return None
    result["check_seconds"] = round(time.perf_counter() - begun, 2)
    stated = (result.get("maximum") or {}).get("lower")
    if result["verdict"] == "PROVED" and read_decimal(stated or "-1") != rounded(attained, up=False):
        result |= {"verdict": "UNDECIDED", "refused": "finder and checker disagree on an exact loss"}
    result["certificate_claim"] = result["claim"] if result["verdict"] == "PROVED" else None
    return result


def _level_missed(answer: Answer, bound: Fraction) -> Json:
    """The claim with `--level B` where this path exceeds B: refuted only if an end does, as no path avoids those."""
    corners = answer.corners
    asked = f"start and end are joined inside {{loss <= {level_words(bound, up=True)}}}"
    for moment, end, loss in ((0, "start", corners.start), (1, "end", corners.end)):
        if loss > bound:
            shown = _exactly(loss)
            where = f"at time {moment}, the {end}, the loss is {shown}, {exceeds(loss, bound)}"
            return {"verdict": "REFUTED", "claim": f"{asked}: {where}"}
    reached = decimal(corners.maximum, up=True)
    found = f"both ends lie inside, but the best path found reaches {reached} (that was proved)"
    return {"verdict": "UNDECIDED", "claim": f"{asked}: {found}"}


def _claim_says_nothing(answer: Answer) -> Json:
    """The answer for a network that is no worse than the reference."""
    start, end = answer.corners.start, answer.corners.end
    return {
        "claim": f"none: {_no_worse(start, end)}; the paper's claim is about parameters worse than a two-layer network,"
        " and says nothing here",
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
        "certificate_claim": None,
    }


def _no_worse(loss: Fraction, reference: Fraction) -> str:
    """That the reference's loss is not below the network's, in digits that show it."""
    lowest, most = decimal(reference, up=False), decimal(loss, up=True)
    if rounded(reference, up=False) >= rounded(loss, up=True):
        return f"the reference's loss {lowest} is not below the network's {most}"
    if reference == loss:
        return f"the reference's loss is not below the network's: it is the same, at least {lowest} and at most {most}"
    more = decimal(reference - loss, up=False)
    return f"the reference's loss, at least {lowest}, is not below the network's: it is more by at least {more}"


def _straight_line(answer: Answer, budget: int) -> Json:
    """The straight line's maximum, enclosed by the finder's balls for every `t`; no part of the checked claim."""
    line = questions.straight_line(answer.path.start, answer.path.end, answer.data, budget=budget)
    return attained_at(Enclosure(line.attained, line.upper), line) | {"lower_exact": text(line.attained)}


@contextmanager
def _beside(result: Json, answer: Answer, report: Report) -> Iterator[None]:
    """What is said beside the claim; after an interrupt nothing more is worked out."""
    result |= {"straight_line": None, "bounds": {}, "notes": [], "routes": answer.routes}
    try:
        report("straight line and bounds", 1.0)
        yield
    except KeyboardInterrupt:
        if not interrupts.received():
            raise


def _keep(draft: Path, certificate: Path | None, result: Json, *, missed: bool = False, force: bool) -> None:
    """Write the certificate of what was proved, be it less than what was asked; or of what nobody could check yet."""
    claim, result["certificate"] = result["certificate_claim"], None
    notes = result.setdefault("notes", [])
    if interrupts.received():
        notes.append("interrupted: this is what was established until then")
    if certificate is None or claim is None:
        return
    write_atomically(certificate, draft.read_bytes(), force=force)
    result["certificate"] = str(certificate)
    if missed:
        bare = claim.partition(" on the whole path")[0]
        notes.append(f"the level was missed: the certificate claims {bare} instead")
    if "check_seconds" not in result:
        notes.append(f"{certificate} was not checked: skipscape check does that")
