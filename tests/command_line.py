"""The command line in this process, for tests."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple
from unittest.mock import patch

from numerics import cli


class Ran(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def skipscape(*arguments):
    """The command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with patch.object(sys, "argv", ["skipscape", *map(str, arguments)]), redirect_stdout(out), redirect_stderr(err):
        status = cli.exit_status()
    return Ran(status, out.getvalue(), err.getvalue())
