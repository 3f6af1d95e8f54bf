"""Printed answers read again as claims: every number that a person sees, held against the exact ones."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import fmpz

from support.command_line import joined

Answer = Mapping[str, Any]
"""The JSON of a command."""
NUMBER = r"[0-9]+/[0-9]+|[0-9]+(?:\.[0-9]*)?(?:e[+-][0-9]+)?"
TOP = rf"{NUMBER}|the level"
ROW = re.compile(
    r"\b(start|end|maximum|barrier|depth) "
    rf"(?:(<= )?({TOP})(?=[,;]|$)|in \[({NUMBER}), ({TOP})\]|at least ({NUMBER})|not bounded)"
)
LINE = re.compile(rf"straight line +maximum (?:in \[({NUMBER}), ({NUMBER})\]|at least ({NUMBER}))")
BOUND = re.compile(
    rf"([a-z ]+?) \(([^\s,)]+)(?:, the yardstick)?\): (?:level|depth) <= ({NUMBER})(?= \(|$|;)(?: \((.*?)\))?"
)


def number(written: str) -> Fraction:
    """`p/q`, or a decimal; of any length, which Python alone would not read."""
    if "/" not in written:
        return Fraction(written)
    p, q = written.split("/")
    return Fraction(int(fmpz(p)), int(fmpz(q)))


class Exact:
    """An enclosure of the JSON, as numbers: exact ones where there are such."""

    def __init__(self, enclosure: Mapping[str, str | None]) -> None:
        exact, lower, upper = (enclosure[name] for name in ("exact", "lower", "upper"))
        self.exact = None if exact is None else number(exact)
        self._ends = [
            self.exact if exact is not None else None if end is None else Fraction(end) for end in (lower, upper)
        ]

    @property
    def lower(self) -> Fraction:
        """The lower end, which every enclosure has."""
        assert self._ends[0] is not None
        return self._ends[0]

    @property
    def bounded(self) -> bool:
        """Whether it has an upper end."""
        return self._ends[1] is not None

    @property
    def upper(self) -> Fraction:
        """The upper end, which must be there."""
        assert self._ends[1] is not None
        return self._ends[1]


def require_true_as_printed(out: str, answer: Answer, level: str | None = None) -> int:
    """Every line is true by its own digits; `level`: as it was typed. Returns how many numbers were read.

    A line that was broken is read whole; each is short enough for a person's screen.
    """
    assert all(len(line) <= 100 for line in out.splitlines()), out
    limit = Fraction(level) if level is not None and answer["verdict"] == "PROVED" else None
    seen, known = 0, [name for name in ("start", "end", "maximum", "barrier", "depth") if answer.get(name)]
    for line in joined(out).splitlines():
        if line.startswith(("result ", "ends ")):
            for row in ROW.finditer(line.split("; ")[0]):
                known.remove(row[1])  # each once, and below: each that there is
                seen += _row(Exact(answer[row[1]]), row, limit if row[1] in ("start", "end", "maximum") else None)
        elif chord := LINE.match(line):
            seen += 1
            straight = Exact(answer["straight_line"])
            assert number(chord[1] or chord[3]) <= straight.lower, line
            assert chord[2] is None or number(chord[2]) >= straight.upper, line
        for bound in BOUND.finditer(line) if line.startswith(("result ", "best bound ", "bound ")) else ():
            seen += _bound(bound, answer["bounds"])
    assert not known, f"not printed: {known}"
    (claim,) = (line for line in joined(out).splitlines() if line.startswith(f"{answer['verdict']}: "))
    assert claim == f"{answer['verdict']}: {quoted(answer['claim'])}"
    return seen + require_true_claim(answer, level)


def quoted(claim: str) -> str:
    """A claim as text has it: of more than 40 digits in a row the first ten and how many there are."""
    parts = re.split("([0-9]{41,})", claim)
    return "".join(f"{part[:10]}...({len(part)} digits)" if k % 2 else part for k, part in enumerate(parts))


def _bound(printed: re.Match[str], bounds: Mapping[str, Any]) -> int:
    """A bound's word and id, its number, and whether it says more than the zero path."""
    bound = bounds[printed[2]]
    assert number(printed[3]) >= Fraction(bound["value"]), printed[0]
    assert printed[2] != "R0" or "the yardstick" in printed[0]
    assert printed[2] == "R0" or (printed[4] == "informative") == bound["informative"], printed[0]
    if printed[4] == "informative":
        assert number(printed[3]) < Fraction(bounds["R0"]["value"]) * (1 + Fraction(1, 10**4)), printed[0]
    return 1


def _row(known: Exact, row: re.Match[str], limit: Fraction | None) -> int:
    high: Fraction | None
    if row[4]:
        high = limit if row[5] == "the level" else number(row[5])
        assert number(row[4]) <= known.lower, row[0]
        assert high is not None, f"no level was given: {row[0]}"
        assert high == limit or known.upper <= high, row[0]  # the level itself is the claim's
    elif row[2]:
        high = limit if row[3] == "the level" else number(row[3])
        assert high is not None, f"no level was given: {row[0]}"
        assert high == limit or known.upper <= high, row[0]
    elif row[6]:
        assert number(row[6]) <= known.lower, row[0]
        assert not known.bounded, row[0]
        return 1
    elif row[3]:
        high = number(row[3])
        assert known.exact == high, f"a bare number is exact: {row[0]}"
    else:
        assert not known.bounded, row[0]
        return 0
    assert limit is None or high <= limit, f"{row[0]} above the level {limit}"
    return 1


def require_true_claim(answer: Answer, level: str | None = None) -> int:
    """The sentence of the verdict; a level stands in it as it was typed. Returns how many numbers were read."""
    claim, numbers = answer["claim"], 0
    bound = None if level is None else Fraction(level)

    def maximum() -> Exact:
        return Exact(answer["maximum"])

    def every(pattern: str) -> list[Fraction]:
        nonlocal numbers
        found = [number(one) for one in re.findall(pattern.replace("#", f"({NUMBER})"), claim)]
        numbers += len(found)
        return found

    if level is not None:
        assert re.search(rf"loss <= {re.escape(level.strip())}(?![0-9.e/])", claim), claim
        numbers += 1
    if answer["verdict"] == "PROVED":
        for high in (
            every(r"^[a-z0-9:/-]+ loss <= #(?= on| and)") + every("never exceeds #") + every("nowhere exceeds #")
        ):
            assert high == bound or maximum().upper <= high, claim
            assert bound is None or high <= bound, claim
        assert all(Exact(answer["barrier"]).upper <= high for high in every("barrier <= #")), claim
        assert all(Exact(answer["depth"]).upper <= high for high in every("^depth <= #")), claim
        assert bound is None or maximum().lower <= bound
    elif answer["verdict"] == "REFUTED":
        assert bound is not None
        (lowest,) = every("(?<!bound by )at least #(?:$|, above)")
        above = every("above that bound by at least #")
        loss = max(Exact(answer[name]).lower for name in ("start", "end", "maximum") if answer.get(name))
        exact = re.search(r"exactly ([0-9]+)/([0-9]+)", claim)
        loss = loss if exact is None else number(f"{exact[1]}/{exact[2]}")
        assert bound < loss, claim
        assert lowest <= loss, claim
        assert above or lowest > bound, "what is printed must show it: " + claim
        assert all(0 < more <= loss - bound for more in above), claim
    else:
        for low, high in re.findall(f"in \\[({NUMBER}), ({NUMBER})\\]", claim):
            numbers += 2
            assert Fraction(low) <= maximum().lower, claim
            assert bound is not None
            assert Fraction(low) <= bound < Fraction(high), claim
        for least in every("the maximum is at least #"):
            assert least <= maximum().lower, claim
        if "the reference's loss" in claim:
            return numbers + _no_worse(claim, answer)
        for high in every("and at most #$") + every(r"reaches # \("):
            assert bound is not None
            assert maximum().upper <= high > bound, claim
    return numbers


def _no_worse(claim: str, answer: Answer) -> int:
    """The answer of depth where the reference is no better, `end` being its loss: what is printed must show it."""
    loss, reference = Exact(answer["start"]).exact, Exact(answer["end"]).exact
    assert loss is not None
    assert reference is not None
    assert reference >= loss
    numbers = [number(one) for one in re.findall(f"(?<![0-9A-Za-z./])(?:{NUMBER})(?![0-9])", claim)]
    if "it is the same" in claim:
        low, high = numbers
        assert low <= loss == reference <= high, claim
    elif "more by at least" in claim:
        low, more = numbers
        assert low <= reference, claim
        assert 0 < more <= reference - loss, claim
    else:
        low, high = numbers
        assert loss <= high <= low <= reference, claim
    return len(numbers)
