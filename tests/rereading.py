"""Printed answers read again as claims: every number that a person sees, held against the exact ones."""

import re
from fractions import Fraction

from flint import fmpz

NUMBER = r"[0-9]+/[0-9]+|[0-9]+(?:\.[0-9]*)?(?:e[+-][0-9]+)?"
TOP = rf"{NUMBER}|the level"
ROW = re.compile(rf"(start|end|maximum|barrier|depth) +(?:(<= )?({TOP})|in \[({NUMBER}), ({TOP})\]|not bounded)")
LEAST = re.compile(rf"maximum +at least ({NUMBER})")
LINE = re.compile(rf"straight line +maximum (?:in \[({NUMBER}), ({NUMBER})\]|at least ({NUMBER}))")
BOUND = re.compile(rf"(\S+) +(?:level|depth) <= ({NUMBER})  \((.*)\)")


def number(written):
    """`p/q`, or a decimal; of any length, which Python alone would not read."""
    if "/" not in written:
        return Fraction(written)
    p, q = written.split("/")
    return Fraction(int(fmpz(p)), int(fmpz(q)))


class Exact:
    """An enclosure of the JSON, as numbers: exact ones where there are such."""

    def __init__(self, enclosure):
        self.exact = None if enclosure["exact"] is None else number(enclosure["exact"])
        self.lower = self.exact if self.exact is not None else Fraction(enclosure["lower"])
        upper = enclosure["upper"]
        self.upper = self.exact if self.exact is not None else None if upper is None else Fraction(upper)


def require_true_as_printed(out, answer, level=None):
    """Every line is true by its own digits; `level`: as it was typed. Returns how many numbers were read."""
    limit = Fraction(level) if level is not None and answer["verdict"] == "PROVED" else None
    seen = 0
    for line in out.splitlines():
        if row := ROW.match(line):
            seen += _row(Exact(answer[row[1]]), row, limit if row[1] in ("start", "end", "maximum") else None)
        elif least := LEAST.match(line):
            seen += 1
            assert number(least[1]) <= Exact(answer["maximum"]).lower, line
        elif chord := LINE.match(line):
            seen += 1
            known = Exact(answer["straight_line"])
            assert number(chord[1] or chord[3]) <= known.lower, line
            assert chord[2] is None or number(chord[2]) >= known.upper, line
        elif (bound := BOUND.match(line)) and bound[1] in (answer.get("bounds") or {}):
            seen += 1
            assert number(bound[2]) >= Fraction(answer["bounds"][bound[1]]["value"]), line
            if bound[3] == "informative":
                assert number(bound[2]) < Fraction(answer["bounds"]["R0"]["value"]) * (1 + Fraction(1, 10**4)), line
    assert f"{answer['verdict']}: {answer['claim']}" in out
    return seen + require_true_claim(answer, level)


def _row(known, row, limit):
    if row[4]:
        low, high = number(row[4]), limit if row[5] == "the level" else number(row[5])
        assert low <= known.lower, row[0]
        assert high == limit or known.upper <= high, row[0]  # the level itself is the claim's
    elif row[2]:
        high = limit if row[3] == "the level" else number(row[3])
        assert high == limit or known.upper <= high, row[0]
    elif row[3]:
        high = number(row[3])
        assert known.exact == high, f"a bare number is exact: {row[0]}"
    else:
        assert known.upper is None, row[0]
        return 0
    assert limit is None or high <= limit, f"{row[0]} above the level {limit}"
    return 1


def require_true_claim(answer, level=None):
    """The sentence of the verdict; a level stands in it as it was typed. Returns how many numbers were read."""
    claim, numbers = answer["claim"], 0
    maximum = Exact(answer["maximum"]) if answer.get("maximum") else None
    bound = None if level is None else Fraction(level)

    def every(pattern):
        nonlocal numbers
        found = [number(one) for one in re.findall(pattern.replace("#", f"({NUMBER})"), claim)]
        numbers += len(found)
        return found

    if level is not None:
        assert re.search(rf"loss <= {re.escape(level.strip())}(?![0-9.e/])", claim), claim
        numbers += 1
    if answer["verdict"] == "PROVED":
        for high in every(r"^loss <= #(?= on)") + every("never exceeds #") + every("nowhere exceeds #"):
            assert high == bound or maximum.upper <= high, claim
            assert bound is None or high <= bound, claim
        assert all(Exact(answer["barrier"]).upper <= high for high in every("barrier <= #")), claim
        assert all(Exact(answer["depth"]).upper <= high for high in every("^depth <= #")), claim
        assert bound is None or maximum.lower <= bound
    elif answer["verdict"] == "REFUTED":
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
            assert Fraction(low) <= maximum.lower, claim
            assert Fraction(low) <= bound < Fraction(high), claim
        for low in every("the maximum is at least #"):
            assert low <= maximum.lower, claim
        if "the reference's loss" in claim:
            return numbers + _no_worse(claim, answer)
        for high in every("and at most #$") + every(r"reaches # \("):
            assert maximum.upper <= high > bound, claim
    return numbers


def _no_worse(claim, answer):
    """The answer of depth where the reference is no better, `end` being its loss: what is printed must show it."""
    loss, reference = Exact(answer["start"]).exact, Exact(answer["end"]).exact
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
