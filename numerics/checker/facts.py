"""What is computed of a path before anything is judged: losses of its corners and at its places, and who is wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise

from .chord import Chord
from .effort import Budget
from .errors import Refused
from .forward import corner_values
from .hidden import Summit, summit
from .identities import has_rationals, rational_value
from .inputs import Data
from .intervals import Interval
from .measure import Measure, Value
from .reader import Certificate
from .segments import control_of, corners
from .shown import shown
from .single import value_between

# Kinds of segments on which no output changes, whatever the input.
_STILL = ("silent", "twins")


@dataclass(frozen=True)
class Facts:
    """`values`: of corner 0, ..., K; `alike`: for each the first corner with the same outputs on the data, hence the
    same loss; `summits`: of the hidden segments; `stated`: at the place that the certificate states.
    """

    values: tuple[Value, ...]
    alike: tuple[int, ...]
    summits: tuple[Summit, ...]
    stated: Value

    __repr__ = shown

    @cached_property
    def losses(self) -> tuple[Interval, ...]:
        """At the corners; those that are alike share what is known of them."""
        known: dict[int, Interval] = {}
        for first, value in zip(self.alike, self.values, strict=True):
            known[first] = value.loss.met(known.get(first, value.loss))
        return tuple(known[first] for first in self.alike)

    @property
    def chord(self) -> Chord:
        """The straight line between the losses of both ends."""
        return Chord(self.losses[0], self.losses[-1], len(self.losses) - 1)


def facts_of(certificate: Certificate, data: Data, budget: Budget, measure: Measure) -> Facts:
    """All of them. Raises Refused, Unusable."""
    values = tuple(_values(certificate, data, budget, measure))
    alike = _alike(certificate, values)
    losses = [value.loss for value in values]
    chord = Chord(losses[0], losses[-1], len(losses) - 1)
    summits = tuple(_summits(certificate, chord, data, budget, measure))
    return Facts(values, alike, summits, _stated(certificate, values, summits, data, budget, measure))


def _values(certificate: Certificate, data: Data, budget: Budget, measure: Measure) -> list[Value]:
    """Of all corners; where no output changes for any input, that of the corner before. Raises Unusable."""
    space = certificate.document.space
    kept = {k for k, segment in enumerate(certificate.document.segments, 1) if segment.kind in _STILL}
    rational: dict[int, Value] = {}
    for k, weights in enumerate(corners(certificate) if certificate.document.rationals else ()):
        if k not in kept and has_rationals(weights):
            rational[k] = rational_value(space, weights, data, budget, measure)
    floats = (weights for k, weights in enumerate(corners(certificate)) if k not in kept and not has_rationals(weights))
    others = iter(corner_values(space, floats, data, budget, measure))
    found: list[Value] = []
    for k in range(len(certificate.document.segments) + 1):
        found.append(found[-1] if k in kept else rational[k] if k in rational else next(others))
    return found


def _alike(certificate: Certificate, values: Sequence[Value]) -> tuple[int, ...]:
    """The first corner with the same key, or joined to it by segments on which no output changes."""
    first: dict[bytes, int] = {}
    found: list[int] = []
    for k, value in enumerate(values):
        if k and certificate.document.segments[k - 1].kind in (*_STILL, "exact"):
            found.append(found[k - 1])
            if value.key in first and first[value.key] != found[k]:
                # Two names for one loss: the earlier holds.
                one, other = sorted((first[value.key], found[k]))
                found = [one if name == other else name for name in found]
                first = {key: one if name == other else name for key, name in first.items()}
        else:
            found.append(first.get(value.key, k) if value.key else k)
        if value.key:
            first.setdefault(value.key, found[k])
    return tuple(found)


def _summits(certificate: Certificate, chord: Chord, data: Data, budget: Budget, measure: Measure) -> Iterator[Summit]:
    """The exact maxima over the hidden segments. Raises Unusable."""
    document = certificate.document
    for k, (before, after) in enumerate(pairwise(corners(certificate))):
        if document.segments[k].kind == "hidden":
            at = document.maximum.t if document.maximum.segment == k else None
            local, loss = chord.local(k), measure.loss
            yield summit(document.space, before, after, data, budget, segment=k, at=at, chord=local, loss=loss)


def _stated(
    certificate: Certificate,
    values: Sequence[Value],
    summits: Sequence[Summit],
    data: Data,
    budget: Budget,
    measure: Measure,
) -> Value:
    """At the place that the certificate states. Raises Refused, Unusable."""
    place, space = certificate.document.maximum, certificate.document.space
    if place.t in (0, 1):
        return values[place.segment + int(place.t)]
    for found in summits:
        if found.segment == place.segment and found.asked is not None:
            return Value(Interval.of(found.asked), len(data.x))
    before, after = islice(corners(certificate), place.segment, place.segment + 2)
    if has_rationals(before) or has_rationals(after):
        raise Refused("maximum.t must be 0/1 or 1/1 on a segment with weights that are no floats")
    control = control_of(certificate, place.segment, before)
    return value_between(space, before, after, place.t, data, budget, measure, control)
