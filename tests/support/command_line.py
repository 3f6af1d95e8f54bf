"""The command line in this process, for tests."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NamedTuple
from unittest.mock import patch

from numerics import cli


class Ran(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def joined(self) -> str:
        """What it printed, with the lines joined again that were broken for their length."""
        return joined(self.out)

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def joined(printed: str) -> str:
    """A line that begins with a space continues the one before; a backslash at an end stands inside a word."""
    lines: list[str] = []
    for line in printed.splitlines():
        if lines and line.startswith(" "):
            words = line.lstrip(" ")
            lines[-1] = lines[-1][:-1] + words if lines[-1].endswith("\\") else f"{lines[-1]} {words}"
        else:
            lines.append(line)
    return "\n".join(lines)


def skipscape(*arguments: object) -> Ran:
    """The command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with patch.object(sys, "argv", ["skipscape", *map(str, arguments)]), redirect_stdout(out), redirect_stderr(err):
        status = cli.exit_status()
    return Ran(status, out.getvalue(), err.getvalue())
