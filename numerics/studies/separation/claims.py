"""Claims about depths and barriers, and the independent checker's word on each of them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from numerics.arithmetic.budget import GIB
from numerics.common import interrupts
from numerics.common.progress import Progress
from numerics.common.shown import Shown
from numerics.data import BUILT_IN, Data
from numerics.errors import InputError
from numerics.files import require_writable, write_atomically
from numerics.losses.problem import Problem
from numerics.maxima.corners import CornerMaximum, corner_maximum
from numerics.maxima.pieces import PathMaximum
from numerics.maxima.search import TOLERANCE, path_maximum
from numerics.networks.files import write_network
from numerics.paths import Path
from numerics.paths.certificate import certificate_bytes
from numerics.paths.question import Question
from numerics.questions.run_checker import checked

AT_ONCE = 2  # checkers: each has its own process

Json = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Claim(Shown):
    """A path, and what is asked of it.

    `question`: VALLEY (the depth of the start is exactly what the path climbs), ESCAPE (at most that) or PASS (no path
    between its ends climbs less).
    `stem`: of the files.
    """

    stem: str
    question: Question
    path: Path
    data: Data


@contextmanager
def folder_for(
    out: FilePath | None, claims: Sequence[Claim], *, force: bool, inputs: Sequence[str]
) -> Iterator[FilePath]:
    """`out`, made if need be, in which the claims' files may be written; or a folder for the time being.

    Raises InputError if one is there already (without `force`) or is one of the `inputs`.
    """
    if out is None:
        with TemporaryDirectory(prefix="skipscape-") as folder:
            yield FilePath(folder)
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{out} cannot be made a folder ({error.strerror}): choose another name for --out") from None
    names = {name for claim in claims for name in files_of(claim.stem)}
    names |= {copy_of(claim.data) for claim in claims if claim.data.name not in BUILT_IN}
    for name in sorted(names):
        require_writable(out / name, force=force, inputs=inputs)
    yield out


def files_of(stem: str) -> tuple[str, str, str]:
    """Names of a claim's files: both end networks and the certificate."""
    return f"{stem}-start.npz", f"{stem}-end.npz", f"{stem}.cert"


def copy_of(data: Data) -> str:
    """Name of the file with the data of a claim."""
    return f"data-{data.name.removesuffix('.npz')}.npz"


def established(claims: Sequence[Claim], folder: FilePath, *, memory: float, report: Progress) -> dict[str, Json]:
    """The checker's report on each claim, by its stem; its files are written to `folder`, over what is there.

    After a first interrupt: on those that were checked before.
    """
    sources = {id(data): _source(data, folder) for data in {id(claim.data): claim.data for claim in claims}.values()}
    found: dict[str, Json] = {}

    def check(claim: Claim) -> None:
        if interrupted():
            return
        try:
            found[claim.stem] = _checked(claim, folder, sources[id(claim.data)], memory)
        except (KeyboardInterrupt, InputError):  # Ctrl-C also ends the checker, which then has no answer
            if not interrupted():
                raise
        report(f"checked {claim.stem}", len(found) / len(claims))

    with interrupts.deferred() as interrupted, ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(check, claims):
            pass
    return {claim.stem: found[claim.stem] for claim in claims if claim.stem in found}


def _checked(claim: Claim, folder: FilePath, source: str, memory: float) -> Json:
    start, end, certificate = (folder / name for name in files_of(claim.stem))
    maximum = maximum_over(claim.path, claim.data, budget=int(memory * GIB))
    interrupts.check()  # the search may have ended early
    upper = maximum.claim(TOLERANCE)
    content = certificate_bytes(claim.path, maximum, upper, claim.data, question=claim.question, route="separate")
    write_network(start, claim.path.start, force=True)
    write_network(end, claim.path.end, force=True)
    write_atomically(certificate, content, force=True)
    return checked(certificate, source, start, end, memory=memory)


def maximum_over(path: Path, data: Data, *, budget: int) -> CornerMaximum | PathMaximum:
    """Exact on silent and readout segments by their corners, else by breakpoints and enclosures."""
    if not any(segment.kind.is_searched for segment in path.segments):
        return corner_maximum(path, Problem(data, budget=budget))
    return path_maximum(path, Problem(data, budget=budget))


def _source(data: Data, folder: FilePath) -> str:
    """What the checker is told: a built-in name, or a copy in `folder`."""
    if data.name in BUILT_IN:
        return data.name
    stream = io.BytesIO()
    np.savez(stream, X=data.X, Y=data.Y)
    place = folder / copy_of(data)
    write_atomically(place, stream.getvalue(), force=True)
    return str(place)
