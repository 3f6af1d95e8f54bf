"""The entry point: an exit status, and every error of the input as one line on standard error, never a traceback."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import Any

import typer

from numerics.cli.common import INTERRUPTED, app
from numerics.common import interrupts
from numerics.common.speech import complain
from numerics.errors import InputError

ClickException: Any = typer.BadParameter.__mro__[2]  # typer carries its own click; its base error has no public name


def main() -> None:
    """Entry point: errors of the input are one line on standard error, never a traceback."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as nohup wants it
            signal.signal(number, interrupts.handle)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller, who does not want to read: nothing to fail for
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # file names need not be printable
    sys.exit(exit_status())


def exit_status() -> int:
    """Run the command line and return its exit status; every error of the input becomes one line."""
    interrupts.forget()
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        return _complain(str(error))
    except typer.Exit as stop:
        return stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except ClickException as error:
        return _complain(f"{' '.join(error.format_message().split())} (see skipscape --help)")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: not an error to speak of
        return 1
    except MemoryError:
        return _complain("the machine has too little memory for this input: use narrower networks or fewer samples")
    except OSError as error:
        return _complain(f"{error.filename or 'output'}: {error.strerror or error}: choose another place or name")
    if status == INTERRUPTED:
        complain("interrupted: all that was established is above")
    return status if isinstance(status, int) else 0


def _complain(message: str) -> int:
    complain(message)
    return 2
