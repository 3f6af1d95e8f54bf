"""Reading a whole file within a budget; every failure is one line for the user."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from .errors import Unusable

GIB = 1 << 30
DEFAULT_BUDGET = 4 * GIB
ZIP = b"PK\3\4"


@dataclass
class Allowance:
    """The bytes that reading `path` may take: whatever is about to be built is taken from it before."""

    path: str | os.PathLike[str]
    what: str
    budget: int
    taken: int = 0

    def take(self, size: int, verb: str = "takes") -> None:
        """Account for `size` bytes more. Raises Unusable if that is too much."""
        self.taken += size
        if self.taken > self.budget:
            raise Unusable(
                f"{self.path}: it {verb} about {self.taken} bytes, more than the {self.budget} allowed for "
                f"{self.what}: raise --memory"
            )

    def read(self) -> bytes:
        """The bytes of the file. Raises Unusable."""
        blob = read_bytes(self.path, self.budget, self.what)
        self.take(len(blob))
        return blob


def is_zip(path: str | os.PathLike[str], blob: bytes) -> bool:
    """Whether the file is an `.npz`: its first bytes decide. Raises ValueError if its name's ending contradicts."""
    name = os.fspath(path).lower()
    zipped = blob[: len(ZIP)] == ZIP
    if name.endswith(".safetensors" if zipped else ".npz"):
        content = "a zip archive, as .npz files are" if zipped else "no zip archive, as every .npz file is"
        raise ValueError(f"its name's ending contradicts its content, which is {content}: rename it or write it again")
    return zipped


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
