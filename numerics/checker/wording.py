"""Claims in plain English. Decimals are rounded so that the sentence stays true."""

from flint import fmpq

from . import rationals
from .claims import Document, SegmentClaim
from .levels import Level, above, at_most, short
from .verdict import Judgement

# Longer exact values are pointed to instead of being quoted.
_QUOTED = 2000
_SHOWN = 60


def proved(document: Document, judgement: Judgement, level: Level | None, given: tuple[bool, bool]) -> str:
    """The claim of a certificate that holds; `given`: which ends were compared with the user's networks."""
    upper = document.maximum.upper
    maximum = at_most(upper, level)
    inside = "" if level is None else f", inside the sub-level set {{loss <= {level.words(up=True)}}}"
    if document.is_about_depth:
        bound = short(upper - judgement.start, up=True)
        fall = short(judgement.start - judgement.end, up=False)
        goal = "the two-layer reference" if document.question == "depth" else f"a loss lower by at least {fall}"
        claim = f"depth <= {bound}: a path to {goal} on which the loss never exceeds {maximum}{inside}"
        if judgement.valley is not None:
            must = f"every path to a smaller loss meets {_exactly(upper)} or more, for {judgement.valley.argument}"
            claim = f"depth = {_exactly(upper - judgement.start)}: {must}; this one nowhere exceeds {maximum}{inside}"
            if upper > judgement.start:
                claim += "; so the start is a local minimum, and no global one"
        elif judgement.floor is not None:
            least = judgement.floor.level
            must = f"every path to a smaller loss meets {_exactly(least)} or more, for {judgement.floor.argument}"
            claim += f"; depth >= {_exactly(least - judgement.start)}: {must}"
    elif judgement.valley is not None:
        must = f"every path from start to end meets {_exactly(upper)} or more, for {judgement.valley.argument}"
        claim = f"barrier = {_exactly(upper - judgement.ends)}: {must}; this one nowhere exceeds {maximum}{inside}"
    else:
        barrier = short(upper - judgement.ends, up=True)
        claim = f"loss <= {maximum} on the whole path{inside} (barrier <= {barrier}), start and end joined"
    stored = zip(("start", "end"), given, strict=True)
    # An escape leads to some smaller loss: which network ends it is no part of the claim.
    needed = ("start",) if document.question == "escape" else ("start", "end")
    names = [name for name, was_given in stored if name in needed and not was_given]
    return claim + (f"; {' and '.join(names)} as stored, no network given" if names else "")


def _exactly(value: fmpq) -> str:
    """A fraction, or where that is long both decimals around it."""
    exact = rationals.text(value)
    return exact if len(exact) <= _SHOWN else f"a fraction in [{short(value, up=False)}, {short(value, up=True)}]"


def undecided(document: Document, judgement: Judgement, bound: Level) -> str:
    """What holds where the user's bound lies between the loss attained and the loss never exceeded."""
    return (
        f"whether loss <= {bound.words(up=False)} on the whole path is not known: the maximum is at least "
        f"{short(judgement.lower, up=False)} and at most {short(document.maximum.upper, up=True)}"
    )


def refuted(judgement: Judgement, bound: Level) -> str:
    """The claim that fails, and where; a bound that is rounded is rounded down, so that the loss exceeds it too."""
    time = (fmpq(judgement.segment) + judgement.t) / (len(judgement.losses) - 1)
    exact = rationals.text(judgement.lower)
    value = exact if len(exact) <= _QUOTED else f"a fraction of {len(exact)} characters"
    return (
        f"loss <= {bound.words(up=False)} on the whole path; at segment {judgement.segment}, "
        f"t = {rationals.text(judgement.t)} (path time T = {rationals.text(time)}) the loss is exactly {value}, "
        f"{above(judgement.lower, bound.value)}"
    )


def moves(segment: SegmentClaim) -> str:
    """What a segment moves, such as `W[32 slots], V`."""
    parts = []
    for name, slots in segment.moves.items():
        count = "" if slots is None else f"[{len(slots)} slot{'s' if len(slots) != 1 else ''}]"
        parts.append(name + count)
    return ", ".join(parts)
