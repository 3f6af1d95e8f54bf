"""What every question does at its end: bounds and notes beside the claim, and what is said about its certificate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from numerics.common import interrupts
from numerics.questions.found import Found
from numerics.questions.notes import route_notes
from numerics.questions.result import Attained, Bound, Result
from numerics.questions.straight import straight_line


def beside(
    result: Result,
    found: Found,
    bounds: Callable[[Found], Mapping[str, Bound]],
    notes: Callable[[Found], Sequence[str]],
    *,
    line: bool = True,
) -> Result:
    """The result with the straight line, bounds and notes; after an interrupt without what is not worked out yet.

    `line`: whether the straight line between the ends is of interest.
    """
    result = replace(result, routes=found.routes, found=found)
    try:
        found.problem.progress("straight line and bounds", 1.0)
        interrupts.check()
        if line:
            straight = straight_line(found.path.start, found.path.end, found.problem)
            result = replace(result, straight_line=Attained.found(straight, straight.upper, sharp=True))
        result = replace(result, bounds=bounds(found))
        result = replace(result, notes=(*route_notes(found), *notes(found)))
    except KeyboardInterrupt:
        if not interrupts.received():
            raise
    return result


def ended(result: Result) -> Result:
    """With the note that there was an interrupt, if there was one."""
    if not interrupts.received():
        return result
    return replace(result, notes=(*result.notes, "interrupted: this is what was established until then"))


def saved(result: Result, certificate: Path | None, *, force: bool = False) -> Result:
    """Write the certificate of what was proved, be it less than what was asked; or of what nobody could check yet.

    Raises InputError if the file exists (without `force`).
    """
    if certificate is None or result.claimed is None:
        return result
    result.save(certificate, force=force)
    notes = result.notes
    if result.missed:
        bare = result.claimed.partition(" on the whole path")[0]
        notes = (*notes, f"the level was missed: the certificate claims {bare} instead")
    if result.errors_missed:
        notes = (*notes, "the error rate was missed: the certificate claims nothing about it")
    if result.check_seconds is None:
        notes = (*notes, f"{certificate} was not checked: skipscape check does that")
    return replace(result, certificate=certificate, notes=notes)
