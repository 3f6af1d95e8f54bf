"""A result as text of at most 15 lines and 100 columns."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from numerics.common.speech import Speaker
from numerics.questions.result import Result
from numerics.questions.text import print_result

COLUMNS, LINES = 100, 15


def page(result: Result, level: Fraction | None = None) -> str:
    """The text that the command prints, without its title; what does not fit stays in `.notes` and `.bounds`.

    `level`: what the claim is about, above which no number is printed.
    """
    for shorter in _shorter(result):
        lines = _lines(shorter, level)
        if len(lines) <= LINES:
            break
    return "\n".join(lines if len(lines) <= LINES else [*lines[: LINES - 1], "..."])


def _shorter(result: Result) -> Iterator[Result]:
    """The result itself, then with fewer and fewer notes, then with the zero path's and the lowest bound alone."""
    yield result
    for kept in range(len(result.notes) - 1, -1, -1):
        yield replace(result, notes=(*result.notes[:kept], f"{len(result.notes) - kept} more in .notes"))
    lowest = sorted(result.bounds, key=lambda name: (name != "R0", result.bounds[name].value))[:2]
    rest = ((len(result.bounds) - len(lowest), ".bounds"), (len(result.notes), ".notes"))
    more = ", ".join(f"{count} more in {where}" for count, where in rest if count > 0)
    yield replace(result, bounds={name: result.bounds[name] for name in lowest}, notes=(more,) if more else ())


def _lines(result: Result, level: Fraction | None) -> Sequence[str]:
    text = io.StringIO()
    print_result(Speaker(file=text, width=COLUMNS, no_color=True), "", result, level=level, others="in .bounds")
    return [part for line in text.getvalue().strip().splitlines() for part in textwrap.wrap(line, COLUMNS) or [""]]
