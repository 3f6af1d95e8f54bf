"""A draft certificate put to the independent checker: only its word becomes PROVED."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from numerics.arithmetic.budget import GIB
from numerics.arithmetic.levels import Level
from numerics.arithmetic.rationals import decimal, rounded, text
from numerics.common import interrupts
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.paths.certificate import Maximum
from numerics.paths.question import Question
from numerics.questions import sentences
from numerics.questions.request import Request
from numerics.questions.result import Attained, Result
from numerics.questions.run_checker import checked

CLOSE = Fraction(1, 10**15)  # relative, of two enclosures of one irrational loss, printed with 17 digits
HASTE = 5.0  # seconds that the checker has after an interrupt


@dataclass(frozen=True)
class Draft(Shown):
    """A folder in which a certificate lies until it has been checked."""

    folder: Path

    def verdict(
        self, document: Callable[[Level | None], bytes], request: Request, level: Fraction | None, attained: Fraction
    ) -> Result | None:
        """The checker's answer on a certificate, which `document` makes with the error rate that is asked for.

        Where that one is not reached, the answer and the certificate are about the loss alone. None after an interrupt.
        """
        asked = request.error_rate
        result = self._verdict(document(asked), request, level, asked, attained)
        if asked is None or result is None or result.proved:
            return result
        alone = self._verdict(document(None), request, level, None, attained)
        if alone is None or not alone.proved or alone.error_rate is None:
            return alone
        verdict, claim = sentences.errors_missed(alone, asked)
        return replace(alone, verdict=verdict, claim=claim, errors_missed=True)

    def _verdict(
        self, document: bytes, request: Request, level: Fraction | None, errors: Level | None, attained: Fraction
    ) -> Result | None:
        """The same of a certificate; a disagreement with the finder on a loss is never PROVED.

        None after an interrupt, during the check or before, where the checker then has a few seconds.
        """
        certificate = self.folder / "path.cert"
        certificate.write_bytes(document)
        problem = request.problem
        shown = decimal(attained, up=False, digits=6)
        problem.progress(f"independent check of a path whose loss reaches {shown}", 1.0)
        begun = time.perf_counter()
        bound = level.written if isinstance(level, Level) else None if level is None else text(level)
        seconds = HASTE if interrupts.received() else None
        memory, effort, share = problem.budget / GIB, request.effort, None if errors is None else errors.written
        data, start, end = request.on_disk(self.folder)
        try:
            report = checked(
                certificate,
                data,
                start,
                end,
                level=bound,
                error_rate=share,
                memory=memory,
                effort=effort,
                seconds=seconds,
            )
        except (KeyboardInterrupt, TimeoutError, InputError):  # Ctrl-C also ends the checker, which then has no answer
            if not interrupts.received():
                raise
            return None
        result = replace(Result.read(report), document=document, check_seconds=round(time.perf_counter() - begun, 2))
        stated = None if result.maximum is None else result.maximum.lower
        if result.proved and (stated is None or not _agree(stated, attained, exactly=problem.loss.rational)):
            return replace(result, verdict="UNDECIDED", refused="finder and checker disagree on an exact loss")
        return replace(result, claimed=result.claim if result.proved else None)


def _agree(stated: Fraction, attained: Fraction, *, exactly: bool) -> bool:
    """Whether two lower bounds are of one loss: the same decimal, or of an irrational one the next to it."""
    if exactly:
        return rounded(stated, up=False) == rounded(attained, up=False)
    return abs(stated - attained) <= CLOSE * attained


@contextmanager
def drafting() -> Iterator[Draft]:
    """A draft's folder, which is gone afterwards. Raises InputError where nothing can be written."""
    try:
        with tempfile.TemporaryDirectory(prefix="skipscape-") as folder:
            yield Draft(Path(folder))
    except OSError as error:
        raise InputError(
            f"{error.filename or 'the folder for temporary files'}: {error.strerror}: set TMPDIR to a folder with room"
        ) from None


def not_checked(question: Question, loss: str, maximum: Maximum, claimed: Fraction, document: bytes) -> Result:
    """The answer where the check was interrupted: what the finder claims, and that nobody has checked it."""
    claim = f"{loss} loss <= {decimal(claimed, up=True)} on the whole path"
    return Result(
        question=question,
        loss=loss,
        verdict="UNDECIDED",
        claim=f"{claim}: that is the finder's word alone, the check was interrupted",
        arithmetic="exact" if claimed == maximum.attained else "ball",
        start=maximum.start,
        end=maximum.end,
        maximum=Attained.found(maximum, claimed),
        barrier=maximum.barrier_below(claimed),
        claimed=claim,
        document=document,
    )
