"""From exact losses to a verdict: every number that the certificate states is compared with its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from .document import Document
from .errors import Refused


@dataclass(frozen=True)
class Judgement:
    """What the exact losses of the corners establish.

    `losses`: corner 0, ..., K; `peak`: the number of a corner at which the loss is largest; `refuted`: the
    bound that the loss exceeds there, or None if everything claimed is proved; `forged`: whether that bound
    is the certificate's own.
    """

    losses: tuple[fmpq, ...]
    peak: int
    refuted: fmpq | None
    forged: bool

    @property
    def start(self) -> fmpq:
        """The loss of corner 0."""
        return self.losses[0]

    @property
    def end(self) -> fmpq:
        """The loss of corner K."""
        return self.losses[-1]

    @property
    def maximum(self) -> fmpq:
        """The maximum of the loss over the whole path."""
        return self.losses[self.peak]

    @property
    def place(self) -> tuple[int, int]:
        """Segment and local time (0 or 1) of the peak; a corner between two segments starts the later one."""
        segments = len(self.losses) - 1
        return (self.peak, 0) if self.peak < segments else (segments - 1, 1)


def judge(document: Document, losses: Sequence[fmpq], level: fmpq | None) -> Judgement:
    """Compare the claims with the `losses` of all corners; `level`: the user's, beside the one stored.

    Raises Refused if a statement is false in another way than by a loss above a bound.
    """
    _check_end_losses(document, losses)
    peak = max(range(len(losses)), key=losses.__getitem__)
    maximum, claimed = losses[peak], document.maximum
    if claimed.loss > maximum:
        raise Refused("the certificate states a maximum that its path does not attain: the loss stays below it")
    if claimed.loss < maximum:
        return Judgement(tuple(losses), peak, claimed.loss, forged=True)
    stated = claimed.segment + claimed.t
    if losses[stated] != maximum:
        raise Refused(
            f"the loss does not attain its maximum at segment {claimed.segment}, t = {claimed.t}/1, as stated"
        )
    if document.level is not None and maximum > document.level:
        return Judgement(tuple(losses), peak, document.level, forged=True)
    if level is not None and maximum > level:
        return Judgement(tuple(losses), peak, level, forged=False)
    return Judgement(tuple(losses), peak, None, forged=False)


def _check_end_losses(document: Document, losses: Sequence[fmpq]) -> None:
    for name, claim, loss in (("start", document.start, losses[0]), ("end", document.end, losses[-1])):
        if claim.loss != loss:
            raise Refused(f"the certificate's loss of the {name} is not the loss of that network on the data")
    if document.question == "depth" and not losses[-1] < losses[0]:
        raise Refused("the certificate is about depth, but the loss of its end is not below the loss of its start")
