"""Lines of at most so many columns, broken at spaces; what is left out or broken inside a word is marked.

Whoever joins the lines again (each that begins with a space continues the one before, a backslash at an end stands
inside a word) has the sentence as it was.
"""

from __future__ import annotations

import re

from rich.cells import cell_len, chop_cells

COLUMNS = 100  # of text for people
NARROWEST = 8  # columns that a line keeps for its words; on fewer nothing is broken
LONGEST = 40  # digits in a row that a sentence quotes
KEPT = 10  # of a longer run
_BREAK = re.compile("(?<!<=) ")  # a bound stays with its number
_RUN = re.compile(rf"[0-9]{{{LONGEST + 1},}}")


def elided(words: str) -> str:
    """The same with of every long run of digits the first, and how many there are: `3476417299...(85 digits)`."""
    return _RUN.sub(lambda run: f"{run[0][:KEPT]}...({len(run[0])} digits)", words)


def wrapped(words: str, columns: int, *, indent: int = 4) -> list[str]:
    """Lines of at most `columns` columns, all but the first indented; where a longer word is broken stands a backslash.

    `words` are printable characters without line ends. A line may end at a space that does not follow `<=`.
    """
    if cell_len(words) <= columns or columns < NARROWEST:
        return [words]
    indent = min(indent, columns - NARROWEST)
    lines: list[str] = []
    line = " " * min(len(words) - len(words.lstrip(" ")), columns - NARROWEST)
    for word in _BREAK.split(words.lstrip(" ")):
        longer = f"{line} {word}" if line.strip() else line + word
        if cell_len(longer) <= columns:
            line = longer
            continue
        if line.strip():
            lines.append(line)
            line = " " * indent
        while cell_len(line + word) > columns:
            head = chop_cells(word, columns - cell_len(line) - 1)[0]
            lines.append(f"{line}{head}\\")
            line, word = " " * indent, word[len(head) :]
        line += word
    return [*lines, line]


def command(parts: list[str], columns: int, *, indent: int = 2) -> list[str]:
    """A shell command, its parts quoted, on lines that a shell joins again: each but the last ends in a backslash.

    A part that is longer than a line goes on at the left of the next one, where the shell reads on in the word; in
    quotes it would not, and such a part stays whole.
    """
    lines = [" " * indent]
    for part in parts:
        longer = f"{lines[-1]} {part}" if lines[-1].strip() else lines[-1] + part
        if cell_len(longer) + 2 > columns and lines[-1].strip():
            lines[-1] += " \\"
            lines.append(" " * (indent + 4) + part)
        else:
            lines[-1] = longer
        while NARROWEST <= columns < cell_len(lines[-1]) + 2 and not {"'", '"', "\\"} & set(part):
            head = chop_cells(lines[-1], columns - 1)[0]
            lines[-1:] = [f"{head}\\", lines[-1][len(head) :]]
    return lines
