"""From exact losses to a verdict: every number that the certificate states is compared with its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flint import fmpq

from .claims import Document
from .errors import Refused
from .hidden import Summit
from .shown import shown
from .valley import Valley


@dataclass(frozen=True)
class Judgement:
    """What is established of a path.

    `losses`: corner 0, ..., K; `segment`, `t`: a place at which the loss is exactly `lower`; `upper`: no loss on
    the path exceeds it, None if that was not established. `refuted`: a bound that the loss exceeds at the place,
    or None; `forged`: whether that bound is the certificate's own; `open`: the user's bound if it lies between
    `lower` and `upper`, or None; `summits`: the exact maxima over hidden segments; `valley`: what no path to a smaller
    loss, or to the end, can avoid, where that was asked; `floor`: the same of a depth or escape, where an argument was
    found, at most `upper`.
    """

    losses: tuple[fmpq, ...]
    segment: int
    t: fmpq
    lower: fmpq
    upper: fmpq | None
    refuted: fmpq | None = None
    forged: bool = False
    open: fmpq | None = None
    summits: tuple[Summit, ...] = ()
    valley: Valley | None = None
    floor: Valley | None = None

    __repr__ = shown

    @property
    def start(self) -> fmpq:
        """The loss of corner 0."""
        return self.losses[0]

    @property
    def end(self) -> fmpq:
        """The loss of corner K."""
        return self.losses[-1]

    @property
    def ends(self) -> fmpq:
        """The higher loss of both."""
        return max(self.start, self.end)


def judge(
    document: Document,
    losses: Sequence[fmpq],
    summits: Sequence[Summit],
    stated_loss: fmpq,
    enclose: Callable[[], None],
    level: fmpq | None,
    sink: Callable[[], Valley] | None = None,
    floor: Callable[[], Valley | None] | None = None,
) -> Judgement:
    """Compare the claims with the `losses` of all corners, the hidden `summits` and the loss at the stated place.

    `enclose` establishes the claimed upper bound on the general segments, or raises Refused; `level`: the
    user's, beside the one stored; `sink`: for a valley or pass, its argument from below; `floor`: of a depth or
    escape, which may have none. Raises Refused if a statement is false in another way than by a loss above a bound.
    """
    _check_end_losses(document, losses)
    claimed = document.maximum
    peak = max(range(len(losses)), key=losses.__getitem__)
    highest = _at_corner(tuple(losses), peak)
    highest = replace(highest, summits=tuple(summits))
    for found in summits:
        if found.loss > highest.lower:
            highest = replace(highest, segment=found.segment, t=found.t, lower=found.loss)
    known = highest.lower
    if stated_loss > known:
        highest = replace(highest, segment=claimed.segment, t=claimed.t, lower=stated_loss)
    if highest.lower > claimed.upper:
        # Without a general segment the corners and summits are all there is.
        upper = None if document.has_general else highest.lower
        return replace(highest, upper=upper, refuted=claimed.upper, forged=True)
    _check_maximum(document, known, stated_loss)
    enclose()
    stated = replace(highest, segment=claimed.segment, t=claimed.t, lower=stated_loss, upper=claimed.upper)
    if sink is not None:
        stated = replace(stated, valley=_bottom(sink(), claimed.upper))
    if floor is not None:
        stated = replace(stated, floor=_beneath(floor(), claimed.upper))
    if document.level is not None and stated_loss > document.level:
        return replace(stated, refuted=document.level, forged=True)
    if document.level is not None and claimed.upper > document.level:
        raise Refused("the certificate claims a level that its own upper bound exceeds")
    if level is None or claimed.upper <= level:
        return stated
    if stated_loss > level:
        return replace(stated, refuted=level)
    return replace(stated, open=level)


def _bottom(found: Valley, upper: fmpq) -> Valley:
    """The valley, if the path climbs no higher than it must. Raises Refused."""
    if upper != found.level:
        raise Refused(
            "the certificate states a depth or barrier that is not proved: its path climbs to another loss than the "
            "one that no such path can avoid"
        )
    return found


def _beneath(found: Valley | None, upper: fmpq) -> Valley | None:
    """The floor, which no path that ends lower can stay below. Raises Refused."""
    if found is not None and found.level > upper:
        raise Refused(f"the path to a smaller loss stays below what {found.statement} says that none can avoid")
    return found


def _at_corner(losses: tuple[fmpq, ...], corner: int) -> Judgement:
    """The loss at a corner; one between two segments starts the later one."""
    last = len(losses) - 2
    segment, t = (corner, 0) if corner <= last else (last, 1)
    return Judgement(losses, segment, fmpq(t), losses[corner], None)


def _check_maximum(document: Document, peak: fmpq, stated_loss: fmpq) -> None:
    """The stated loss is attained at the stated place, and no corner and no summit lies above it. Raises Refused.

    `peak`: the highest of them.
    """
    claimed = document.maximum
    place = f"segment {claimed.segment}, t = {claimed.t.p.str()}/{claimed.t.q.str()}"
    if not document.has_general and claimed.loss > peak:
        raise Refused("the certificate states a maximum that its path does not attain: the loss stays below it")
    if not document.has_general and stated_loss != peak:
        raise Refused(f"the loss does not attain its maximum at {place}, as stated")
    if stated_loss != claimed.loss:
        raise Refused(f"the loss at {place} is not the one that the certificate states")
    if claimed.loss < peak:
        raise Refused(
            "the certificate states a loss as the highest known that lies below the loss of a corner or breakpoint"
        )


def _check_end_losses(document: Document, losses: Sequence[fmpq]) -> None:
    for name, claim, loss in (("start", document.start, losses[0]), ("end", document.end, losses[-1])):
        if claim.loss != loss:
            raise Refused(f"the certificate's loss of the {name} is not the loss of that network on the data")
    if document.is_about_depth and not losses[-1] < losses[0]:
        raise Refused("the certificate is about depth, but the loss of its end is not below the loss of its start")
