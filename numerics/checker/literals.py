"""The text of an exported theorem read back: literals as integers, everything else letter by letter.

The reader knows one form and refuses all others, so that nothing can stand between the literals: no second definition
of a name, no notation, no comment.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from .errors import Refused
from .shown import shown

_ARRAY = re.compile(r"X|Y|(?:W|V|A|U|B[1-9]\d?)_(?:0|[1-9]\d*)")
_NUMBERS = re.compile(r"[\d;\[\]-]*", re.ASCII)
_ROW = re.compile(r"\[(?:\[-?\d+(?:;-?\d+)*\](?:;\[-?\d+(?:;-?\d+)*\])*)?\]", re.ASCII)

Planes = list[list[list[int]]]


@dataclass(frozen=True)
class Literal:
    """An array as it stands: `step` bits of a digit, `point` the exponent, the planes of every row."""

    step: int
    point: int
    rows: Planes

    __repr__ = shown

    def integer(self, row: int, place: int) -> int:
        """The integer at a place: digits from the lowest on; a plane that is too short has zeros there."""
        planes = self.rows[row]
        return sum(plane[place] << (self.step * k) for k, plane in enumerate(planes) if place < len(plane))


class Scanner:
    """A text that is read from its beginning; what does not match is refused with the line on which it stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def expect(self, words: str) -> None:
        """Exactly these letters. Raises Refused."""
        if not self.text.startswith(words, self.at):
            have = self.text[self.at : self.at + len(words)]
            wrong = next((k for k, pair in enumerate(zip(words, have, strict=False)) if pair[0] != pair[1]), len(have))
            self.refuse(
                f"the text is not the one of an exported theorem after {words[max(0, wrong - 30) : wrong]!r}", wrong
            )
        self.at += len(words)

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The pattern here, or None, with nothing read."""
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def take(self, pattern: re.Pattern[str], what: str) -> re.Match[str]:
        """The pattern here. Raises Refused."""
        found = self.match(pattern)
        if found is None:
            self.refuse(f"there is no {what} where one has to stand")
        assert found is not None
        return found

    def until(self, mark: str) -> str:
        """Everything before the next mark, which is read too. Raises Refused."""
        end = self.text.find(mark, self.at)
        if end < 0:
            self.refuse(f"{mark!r} is missing")
        found, self.at = self.text[self.at : end], end + len(mark)
        return found

    def refuse(self, reason: str, ahead: int = 0) -> None:
        """Raises Refused."""
        line = self.text.count("\n", 0, self.at + ahead) + 1
        raise Refused(f"line {line}: {reason}")


_ROWS = re.compile(r"Definition (\w+)_rows_(0|[1-9]\d*) : list row := \[\n", re.ASCII)
_FORM = re.compile(r"Definition (\w+) : array := Array (\d{1,2}) (\d{1,4}) \(", re.ASCII)


def arrays(scanner: Scanner) -> dict[str, Literal]:
    """All arrays, each once, its rows in definitions with numbers from 0 on. Raises Refused."""
    found: dict[str, Literal] = {}
    while True:
        blocks: list[str] = []
        rows: Planes = []
        name = None
        while head := scanner.match(_ROWS):
            if name not in (None, head[1]) or int(head[2]) != len(blocks):
                scanner.refuse(f"{head[1]}_rows_{head[2]} is out of turn")
            name = head[1]
            rows += _rows(scanner, scanner.until("]%sint63.\n"))
            blocks.append(f"{name}_rows_{len(blocks)}")
        form = scanner.match(_FORM)
        if form is None:
            if blocks:
                scanner.refuse(f"the array {name} is missing")
            return found
        if name not in (None, form[1]) or form[1] in found or not _ARRAY.fullmatch(form[1]):
            scanner.refuse(f"the array {form[1]} is out of turn")
        scanner.expect((" ++ ".join(blocks) or "nil") + ").\n")
        found[form[1]] = Literal(int(form[2]), int(form[3]), rows)


def _rows(scanner: Scanner, body: str) -> Planes:
    lines = body.split(";\n")
    if not all(map(_ROW.fullmatch, lines)):
        scanner.refuse("a row above is not as it would be written")
    parse: Callable[[str], list[list[int]]] = json.loads
    return [parse(line.replace(";", ",")) for line in lines]


def numbers(body: str) -> list[int]:
    """`[1;2;3]`. Raises Refused."""
    if not re.fullmatch(r"\[(?:\d+(?:;\d+)*)?\]", body, re.ASCII):
        raise Refused(f"{body[:40]!r} is no list of numbers")
    return [int(word) for word in body[1:-1].split(";") if word]
