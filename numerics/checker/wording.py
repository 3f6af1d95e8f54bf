"""Claims in plain English. Decimals are rounded so that the sentence stays true."""

from flint import fmpq

from . import rationals
from .claims import Document, SegmentClaim
from .error_rate import Errors
from .levels import Level, above, at_most, short
from .verdict import Bounds, Judgement

# Longer exact values are pointed to instead of being quoted.
_QUOTED = 2000
_SHOWN = 60


def proved(
    document: Document, judgement: Judgement, level: Level | None, rate: Level | None, given: tuple[bool, bool]
) -> str:
    """The claim of a certificate that holds; `rate`: a bound of the error rate that is part of it, `given`: which ends
    were compared with the user's networks.
    """
    upper, name = document.maximum.upper, document.loss.name
    maximum = at_most(upper, level)
    inside = "" if level is None else f", inside the sub-level set {{loss <= {level.words(up=True)}}}"
    errors = "" if rate is None else f" and error rate <= {rate.words(up=True)}"
    if document.is_about_depth:
        bound = _at_most(judgement.depth)
        fall = short(judgement.start.low - judgement.end.high, up=False)
        goal = "the two-layer reference" if document.question == "depth" else f"a loss lower by at least {fall}"
        never = f"the {name} loss never exceeds {maximum}{errors and errors.replace(' and ', ' and the ', 1)}"
        claim = f"depth <= {bound}: a path to {goal} on which {never}{inside}"
        if judgement.valley is not None:
            must = f"every path to a smaller loss meets {_exactly(upper)} or more, for {judgement.valley.argument}"
            exactly = _exactly(upper - judgement.start.low)
            claim = f"depth = {exactly}: {must}; this one nowhere exceeds {maximum}{inside}"
            if upper > judgement.start.low:
                claim += "; so the start is a local minimum, and no global one"
        elif judgement.floor is not None:
            least = judgement.floor.level
            must = f"every path to a smaller loss meets {_exactly(least)} or more, for {judgement.floor.argument}"
            claim += f"; depth >= {_exactly(least - judgement.start.low)}: {must}"
    elif judgement.valley is not None:
        must = f"every path from start to end meets {_exactly(upper)} or more, for {judgement.valley.argument}"
        base = max(judgement.start.low, judgement.end.low)
        claim = f"barrier = {_exactly(upper - base)}: {must}; this one nowhere exceeds {maximum}{inside}"
    else:
        barrier = _at_most(judgement.barrier)
        whole = f"{name} loss <= {maximum}{errors} on the whole path{inside}"
        claim = f"{whole} (barrier <= {barrier}), start and end joined"
        if document.renamed is not None:
            claim += ", the end with its hidden units renamed, which changes no output"
    stored = zip(("start", "end"), given, strict=True)
    # An escape leads to some smaller loss: which network ends it is no part of the claim.
    needed = ("start",) if document.question == "escape" else ("start", "end")
    names = [name for name, was_given in stored if name in needed and not was_given]
    return claim + (f"; {' and '.join(names)} as stored, no network given" if names else "")


def _at_most(bounds: Bounds) -> str:
    """The upper one, rounded up."""
    assert bounds[1] is not None
    return short(bounds[1], up=True)


def _exactly(value: fmpq) -> str:
    """A fraction, or where that is long both decimals around it."""
    exact = rationals.text(value)
    return exact if len(exact) <= _SHOWN else f"a fraction in [{short(value, up=False)}, {short(value, up=True)}]"


def undecided(document: Document, judgement: Judgement, bound: Level) -> str:
    """What holds where the user's bound lies between the loss attained and the loss never exceeded."""
    return (
        f"whether {document.loss.name} loss <= {bound.words(up=False)} on the whole path is not known: the maximum is "
        f"at least {short(judgement.lower.low, up=False)} and at most {short(document.maximum.upper, up=True)}"
    )


def wrong_undecided(judgement: Judgement, bound: Level) -> str:
    """What holds where the user's bound lies between an error rate attained and one never exceeded."""
    errors = _errors(judgement)
    most = "" if errors.most is None else f" and at most {errors.most}"
    return (
        f"whether error rate <= {bound.words(up=False)} on the whole path is not known: the samples that are wrong are "
        f"at least {errors.least}{most} of {errors.samples}"
    )


def refuted(document: Document, judgement: Judgement, bound: Level) -> str:
    """The claim that fails, and where; a bound that is rounded is rounded down, so that the loss exceeds it too."""
    value = ""
    if judgement.lower.is_exact:
        exact = rationals.text(judgement.lower.low)
        value = f"exactly {exact if len(exact) <= _QUOTED else f'a fraction of {len(exact)} characters'}, "
    place = _place(judgement, judgement.segment, judgement.t)
    return (
        f"{document.loss.name} loss <= {bound.words(up=False)} on the whole path; at {place} the loss is {value}"
        f"{above(judgement.lower.low, bound.value)}"
    )


def wrong_refuted(judgement: Judgement, bound: Level) -> str:
    """The claim about errors that fails, and where."""
    errors = _errors(judgement)
    place = _place(judgement, errors.segment, errors.t)
    return (
        f"error rate <= {bound.words(up=False)} on the whole path; at {place} {errors.least} of {errors.samples} "
        "samples are wrong"
    )


def _errors(judgement: Judgement) -> Errors:
    assert judgement.errors is not None
    return judgement.errors


def _place(judgement: Judgement, segment: int, t: fmpq) -> str:
    time = (fmpq(segment) + t) / (len(judgement.losses) - 1)
    return f"segment {segment}, t = {rationals.text(t)} (path time T = {rationals.text(time)})"


def moves(segment: SegmentClaim) -> str:
    """What a segment moves, such as `W[32 slots], V`."""
    parts = []
    for name, slots in segment.moves.items():
        count = "" if slots is None else f"[{len(slots)} slot{'s' if len(slots) != 1 else ''}]"
        parts.append(name + count)
    return ", ".join(parts)
