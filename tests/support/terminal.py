"""What reaches a terminal, for tests: a person's eyes in place of a terminal emulator."""

import os
import pty
import re
import select
import sys
import time
from collections.abc import Iterable
from os import PathLike

from hypothesis import strategies as st

from support.command_cases import SOURCES

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""Of rich's verdicts: they change nothing but how characters look."""

PROGRESS = re.compile(r"\x1b\[(?:\?25[hl]|2K|1A)|\r")
"""Of rich's progress bars: the cursor hidden and shown, a line erased, the cursor back up or at the left."""

SPOOF = "\x1b[1A\x1b[G\x1b[J\x1b[32mPROVED: loss <= 0"
"""Cursor up, column 1, erase below, green: what makes a refusal look like a proof."""

FILLERS = "\u034f\u115f\u3164\ufe0f\U000e0100"
"""Printable, by Python's word; nothing is seen of them."""

UNSEEN = FILLERS + "\x00\x07\x08\t\n\r\x0b\x0c\x1b\x1c\x7f\x85\x9b\xad\u061c\u200b\u200e\u2028\u2029\u202a\u202e\u2060"
UNSEEN += "\u2066\u2069\ufeff\ufff9\ufffe\U000e0001\U000e0041\ud800\udcff"

words = st.one_of(
    st.text(max_size=20),
    st.text(st.sampled_from(UNSEEN + "a[]/\\: \u05d0\u0301"), max_size=20),
    st.lists(
        st.sampled_from([SPOOF, "\x1b]0;title\x07", "\x9b2J", "\x1b[8m", "\r\n", "[bold]", ":skull:", "x" * 90])
    ).map("".join),
)
"""Arbitrary text, lone surrogates and what terminals obey included."""


def unseen(written: str, *, allowed: Iterable[re.Pattern[str]] = (COLOURS,)) -> list[str]:
    """The characters in what a program wrote that are no visible ones, apart from line ends and what is allowed."""
    for pattern in allowed:
        written = pattern.sub("", written)
    return sorted({c for c in written if c in FILLERS or not (c.isprintable() or c == "\n")})


def on_terminal(*command: str | PathLike[str], cwd: str | PathLike[str], columns: int = 80) -> tuple[str, int]:
    """Run a command on a pseudo-terminal, both streams: what it wrote there, and its exit status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.environ |= {"COLUMNS": str(columns), "TERM": "xterm", "PYTHONPATH": SOURCES}
        os.execv(sys.executable, [sys.executable, "-m", "numerics", *(os.fspath(one) for one in command)])
    written, end = b"", time.monotonic() + 60
    while time.monotonic() < end and select.select([terminal], [], [], 60)[0]:
        try:
            more = os.read(terminal, 1 << 16)
        except OSError:  # the other side is closed
            break
        if not more:
            break
        written += more
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return written.decode(errors="surrogateescape").replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)
