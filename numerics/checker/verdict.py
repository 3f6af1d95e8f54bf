"""From losses to a verdict: every number that the certificate states is compared with its own.

A loss may be known as an interval only. What is accepted holds wherever in its interval a loss lies, and so does what
is refuted; where that cannot be told, `Unsettled` asks for more precision.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flint import fmpq

from .claims import Document
from .error_rate import Errors
from .errors import Refused
from .facts import Facts
from .general import Cover
from .hidden import Summit
from .intervals import Interval, largest
from .shown import shown
from .valley import Valley

Bounds = tuple[fmpq, fmpq | None]
"""A number is at least the first and at most the second, which is None if nothing is known."""


class Unsettled(Refused):
    """Two numbers could not be told apart, or one not shown to be what is stated, at this precision."""


@dataclass(frozen=True)
class Asked:
    """The user's bounds of the loss and of the error rate, None where none was given."""

    level: fmpq | None = None
    error_rate: fmpq | None = None


@dataclass(frozen=True)
class Judgement:
    """What is established of a path.

    `segment`, `t`: a place at which the loss is `lower`; `upper`: no loss on the path exceeds it, None if that was not
    established. `refuted`: a bound that the loss exceeds at the place, or None; `forged`: whether that bound is the
    certificate's own; `open`: the user's bound if it lies between `lower` and `upper`, or None. `wrong_refuted`,
    `wrong_open`: the same of a bound of the error rate. `valley`: what no path to a smaller loss, or to the end, can
    avoid, where that was asked; `floor`: the same of a depth or escape, where an argument was found, at most `upper`.
    `barrier`, `depth`, `chord`: by how much the loss rises above the higher end, the
    start, and the straight line between the ends' losses.
    """

    facts: Facts
    segment: int
    t: fmpq
    lower: Interval
    upper: fmpq | None
    errors: Errors | None = None
    refuted: fmpq | None = None
    wrong_refuted: fmpq | None = None
    forged: bool = False
    open: fmpq | None = None
    wrong_open: fmpq | None = None
    valley: Valley | None = None
    floor: Valley | None = None
    covers: tuple[Cover, ...] = ()

    __repr__ = shown

    @property
    def losses(self) -> tuple[Interval, ...]:
        """At corner 0, ..., K."""
        return self.facts.losses

    @property
    def summits(self) -> tuple[Summit, ...]:
        """The exact maxima over hidden segments."""
        return self.facts.summits

    @property
    def start(self) -> Interval:
        """The loss of corner 0."""
        return self.losses[0]

    @property
    def end(self) -> Interval:
        """The loss of corner K."""
        return self.losses[-1]

    @property
    def barrier(self) -> Bounds:
        """Above the higher end."""
        return self._above((0, len(self.losses) - 1))

    @property
    def depth(self) -> Bounds:
        """Above the start, as far as this path climbs."""
        return self._above((0,))

    def _above(self, ends: Sequence[int]) -> Bounds:
        """By how much the path rises above the largest loss of these corners."""
        names = {self.facts.alike[k] for k in ends}
        base = largest([self.losses[k] for k in ends])
        lowest = max(fmpq(0), self.lower.low - base.high)
        if self.upper is None:
            return lowest, None
        if not base.is_exact:
            others = [loss.high for loss, name in zip(self.losses, self.facts.alike, strict=True) if name not in names]
            if all(other <= base.low for other in (*others, *(cover.loss for cover in self.covers))):
                return fmpq(0), fmpq(0)
        return lowest, self.upper - base.low

    @property
    def chord(self) -> Bounds:
        """Above the straight line between the losses of the ends, in path time."""
        chord = self.facts.chord
        known = chord.above(self.losses, self.facts.alike)
        place = self.lower.minus(chord.at(self.segment, self.t))
        summits = [found.excess for found in self.summits if found.excess is not None]
        lowest = max(fmpq(0), place.low, *(one.low for one in known), *summits)
        if self.upper is None:
            return lowest, None
        covers = [one.loss - chord.least(one.segment, one.first, one.last) for one in self.covers]
        return lowest, max(fmpq(0), *(one.high for one in known), *summits, *covers)


def judge(
    document: Document,
    facts: Facts,
    enclose: Callable[[], list[Cover]],
    errors: Callable[[list[Cover] | None], Errors | None],
    asked: Asked,
    sink: Callable[[], Valley] | None = None,
    floor: Callable[[], Valley | None] | None = None,
) -> Judgement:
    """Compare the claims with the facts.

    `enclose` establishes the claimed upper bound on the general segments, or raises Refused; `errors`: the error rate,
    given what it established; `sink`: for a valley or pass, its argument from below; `floor`: of a depth or escape,
    which may have none. Raises Refused if a statement is
    false in another way than by a loss or an error rate above a bound, Unsettled if that cannot be told.
    """
    _check_end_losses(document, facts)
    claimed, losses = document.maximum, facts.losses
    highest = _highest(document, facts)
    if highest.lower.low > claimed.upper:
        # Without a general segment the corners and summits are all there is.
        upper = None if document.has_general else max(highest.lower.high, largest(losses).high)
        return replace(highest, upper=upper, errors=errors(None), refuted=claimed.upper, forged=True)
    if largest(losses).high > claimed.upper:
        raise Unsettled("whether a corner's loss exceeds the certificate's bound is not settled at this precision")
    _check_maximum(document, facts)
    covers = enclose()
    place = {"segment": claimed.segment, "t": claimed.t, "lower": facts.stated.loss, "upper": claimed.upper}
    stated = replace(highest, **place, covers=tuple(covers), errors=errors(covers))
    if sink is not None:
        stated = replace(stated, valley=_bottom(sink(), claimed.upper))
    if floor is not None:
        stated = replace(stated, floor=_beneath(floor(), claimed.upper))
    if document.level is not None and facts.stated.loss.low > document.level:
        return replace(stated, refuted=document.level, forged=True)
    if document.level is not None and claimed.upper > document.level:
        raise Refused("the certificate claims a level that its own upper bound exceeds")
    if document.error_rate is not None:
        if stated.errors is None:
            raise Refused("the certificate claims an error rate, but the data have no labels: targets are not one-hot")
        if stated.errors.low > document.error_rate:
            return replace(stated, wrong_refuted=document.error_rate, forged=True)
        if stated.errors.high is None or stated.errors.high > document.error_rate:
            raise Refused("the certificate claims an error rate that is not established")
    return _answered(stated, claimed.upper, asked)


def _answered(stated: Judgement, upper: fmpq, asked: Asked) -> Judgement:
    """What the user's bounds come to."""
    level, rate, errors = asked.level, asked.error_rate, stated.errors
    if level is not None and stated.lower.low > level:
        return replace(stated, refuted=level)
    if rate is not None and errors is not None:
        if errors.low > rate:
            return replace(stated, wrong_refuted=rate)
        if errors.high is None or errors.high > rate:
            stated = replace(stated, wrong_open=rate)
    return replace(stated, open=level) if level is not None and upper > level else stated


def _highest(document: Document, facts: Facts) -> Judgement:
    """The highest loss that is known to be attained; one between two segments starts the later one."""
    losses, claimed = facts.losses, document.maximum
    peak = max(range(len(losses)), key=lambda corner: losses[corner].low)
    last = len(losses) - 2
    segment, t = (peak, 0) if peak <= last else (last, 1)
    highest = Judgement(facts, segment, fmpq(t), losses[peak], None)
    for found in facts.summits:
        if found.loss > highest.lower.low:
            highest = replace(highest, segment=found.segment, t=found.t, lower=Interval.of(found.loss))
    if facts.stated.loss.low > highest.lower.low:
        highest = replace(highest, segment=claimed.segment, t=claimed.t, lower=facts.stated.loss)
    return highest


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


def _check_maximum(document: Document, facts: Facts) -> None:
    """The stated loss is attained at the stated place, and no corner and no summit lies above it. Raises Refused."""
    claimed, known = document.maximum, facts.stated.loss
    peak = largest([*facts.losses, *(Interval.of(found.loss) for found in facts.summits)])
    place = f"segment {claimed.segment}, t = {claimed.t.p.str()}/{claimed.t.q.str()}"
    if not document.has_general and claimed.loss.low > peak.high:
        raise Refused("the certificate states a maximum that its path does not attain: the loss stays below it")
    if not document.has_general and known.high < peak.low:
        raise Refused(f"the loss does not attain its maximum at {place}, as stated")
    _require_stated(known, claimed.loss, f"the loss at {place} is not the one that the certificate states")
    if claimed.loss.high < peak.low:
        raise Refused(
            "the certificate states a loss as the highest known that lies below the loss of a corner or breakpoint"
        )


def _check_end_losses(document: Document, facts: Facts) -> None:
    start, end = facts.losses[0], facts.losses[-1]
    for name, claim, loss in (("start", document.start, start), ("end", document.end, end)):
        reason = f"the certificate's loss of the {name} is not the loss of that network on the data"
        _require_stated(loss, claim.loss, reason)
    if document.is_about_depth and not end.high < start.low:
        alike = facts.alike[0] == facts.alike[-1]
        kind = Refused if alike or end.is_exact or end.low >= start.high else Unsettled
        raise kind("the certificate is about depth, but the loss of its end is not below the loss of its start")


def _require_stated(known: Interval, stated: Interval, otherwise: str) -> None:
    """Raise Refused with that reason where the stated enclosure surely misses the loss, Unsettled if it may."""
    if known.apart(stated):
        raise Refused(otherwise)
    if not known.within(stated):
        raise Unsettled(f"{otherwise}, as far as the precision tells")
