"""Every word that goes to a person, through one console: nothing that it quotes can steer a terminal or hide.

File names, arguments and whatever stands in a file are text of others. A string that is printed, put into a cell or
measured becomes rich text in `render_str`, and whatever is rendered leaves through `render`: there, and not where a
sentence is made, all that is no visible character is written as a backslash escape. A line end inside a string is one
too: who wants two lines prints twice.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import ProgressColumn, Task
from rich.segment import Segment
from rich.text import Text

from numerics.common.wrapping import COLUMNS, command, elided, wrapped

# Fillers, joiners and variation selectors: `str.isprintable` lets them pass, but nothing is seen of them.
UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def printable(words: str) -> str:
    """The words with a backslash escape for whatever is no visible character: controls, bidi marks, line ends."""
    if words.isprintable() and not UNSEEN.search(words):
        return words
    return "".join(map(_seen, words))


def complain(message: str) -> None:
    """One line on standard error."""
    print(f"skipscape: {printable(message)}", file=sys.stderr)


class Speaker(Console):
    """A console whose text is visible and nothing else; the colours and cursor moves are its own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "highlight": False, "markup": False, "emoji": False})

    @property
    def columns(self) -> int:
        """Of a line of text: those of the terminal, and no more than `COLUMNS`."""
        return min(self.width, COLUMNS)

    def say(
        self, words: str, *, lead: str = "", style: str | None = None, lead_style: str = "bold", indent: int = 4
    ) -> None:
        """A sentence on lines of at most `columns` columns; `lead` stands before it in a style of its own.

        Long runs of digits are elided in the sentence, never in the lead.
        """
        given = printable(lead)
        first, *more = wrapped(given + elided(printable(words)), self.columns, indent=indent)
        if lead and first.startswith(given):
            self.print(given, end="", style=lead_style, soft_wrap=True)
            first = first[len(given) :]
        for line in (first, *more):
            self.print(line, style=style, soft_wrap=True)

    def quote(self, parts: list[str]) -> None:
        """A command to paste into a shell."""
        for line in command([printable(part) for part in parts], self.columns):
            self.print(line, soft_wrap=True)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(printable(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """What others made into rich text, too; its line ends stay, for tables are made of them."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment("\n".join(map(printable, segment.text.split("\n"))), segment.style)


class Stage(ProgressColumn):
    """What a bar is about."""

    def render(self, task: Task) -> Text:
        return Text(printable(task.description))


def _seen(character: str) -> str:
    if character.isprintable() and not UNSEEN.match(character):
        return character
    return character.encode("unicode_escape").decode("ascii")
