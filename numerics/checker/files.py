"""Reading a whole file within a budget; every failure is one line for the user."""

import os
import stat
from pathlib import Path

from .errors import Unusable

GIB = 1 << 30
DEFAULT_BUDGET = 4 * GIB


def read_bytes(path: str | os.PathLike[str], budget: int, what: str) -> bytes:
    """The bytes of the regular file `path`. Raises Unusable if it is none or exceeds `budget` bytes."""
    try:
        status = os.stat(path)
        # A device or a pipe has no size to check before reading.
        if not stat.S_ISREG(status.st_mode):
            raise Unusable(f"{path}: {what} must be a regular file: give the path of one")
        if status.st_size > budget:
            raise Unusable(f"{path}: its {status.st_size} bytes exceed the {budget} allowed for {what}: raise --memory")
        with Path(path).open("rb") as stream:
            content = stream.read(min(budget, status.st_size) + 1)
    except FileNotFoundError:
        raise Unusable(f"{path}: no such file: give the path of {what}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Unusable(f"{path}: cannot be read as {what} ({reason}): check the path and its permissions") from None
    if len(content) > status.st_size:
        raise Unusable(f"{path}: it grew while it was being read as {what}: try again")
    return content
