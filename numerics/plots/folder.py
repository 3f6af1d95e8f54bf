"""A folder of certificates: which data and networks each belongs to, by their digests, and the checker's word on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from numerics.arithmetic.budget import GIB
from numerics.common.progress import Progress, no_progress
from numerics.common.shown import Shown
from numerics.data import BUILT_IN, read_data
from numerics.errors import InputError
from numerics.networks.files import read_network
from numerics.paths.certificate import data_digest, network_digest
from numerics.paths.stated import stated
from numerics.plots.scenes import Checked, put_to_checker

MOST = 1000  # files of a kind in a folder


@dataclass(frozen=True, eq=False)
class Entry(Shown):
    """A certificate of a folder, by its name there; `checked` is None, and `why` says it, where nobody could check it.

    `data`, `start`, `end`: the files that belong to it, by their digests; None where none was found.
    """

    certificate: Path
    name: str
    sha256: str
    question: str
    data: str | None = None
    start: Path | None = None
    end: Path | None = None
    checked: Checked | None = None
    why: str | None = None

    @property
    def verdict(self) -> str:
        """The checker's; UNDECIDED where it had none."""
        return "UNDECIDED" if self.checked is None else self.checked.answer.verdict

    @property
    def claim(self) -> str:
        """The sentence that the verdict belongs to."""
        return f"nothing was checked: {self.why}" if self.checked is None else self.checked.answer.claim


def entries(
    folder: Path,
    data: Sequence[str] = (),
    *,
    memory: float = 4.0,
    effort: float | None = None,
    progress: Progress = no_progress,
) -> list[Entry]:
    """Every certificate below the folder, in the order of their names, checked in processes of their own.

    `data`: data sets besides those that lie in the folder. Raises InputError where there is no certificate.
    """
    found = _files(folder, ".cert")
    if not found:
        raise InputError(f"{folder} holds no certificate: names of certificates end in .cert")
    budget = int(memory * GIB)
    progress("data and networks of the folder", 0.0)
    arrays = [*_files(folder, ".npz"), *_files(folder, ".safetensors")]
    points = dict(_data([*data, *map(str, arrays)], budget))
    networks = dict(_networks(arrays, budget))
    made = []
    for k, place in enumerate(found):
        progress(f"independent check of {place.name}, {k + 1} of {len(found)}", k / len(found))
        made.append(_entry(place, str(place.relative_to(folder)), points, networks, memory, effort))
    return made


def _entry(
    place: Path, name: str, points: dict[str, str], networks: dict[str, Path], memory: float, effort: float | None
) -> Entry:
    sha256 = ""
    try:
        about = stated(place)
        sha256 = about.sha256
        if about.data not in points:
            points.update(_data(BUILT_IN, int(memory * GIB)))
        data, start, end = points.get(about.data), networks.get(about.start), networks.get(about.end)
        entry = Entry(place, name, sha256, about.question, data, start, end)
        if data is None:
            return replace(entry, why="no data set of its digest lies in the folder; give it with --data")
        return replace(entry, checked=put_to_checker(place, data, start, end, memory=memory, effort=effort))
    except InputError as error:
        with suppress(OSError):
            sha256 = sha256 or hashlib.sha256(place.read_bytes()).hexdigest()
        return Entry(place, name, sha256, "", why=str(error).replace(str(place), name))


def _files(folder: Path, ending: str) -> list[Path]:
    """Ordinary files of that ending below the folder, in the order of their names. Raises InputError for too many."""
    try:
        found = sorted(one for one in folder.rglob("*") if one.suffix.lower() == ending and one.is_file())
    except OSError as error:
        raise InputError(f"{folder} cannot be read ({error.strerror})") from None
    if len(found) > MOST:
        raise InputError(f"{folder} holds {len(found)} files that end in {ending}: a page is made of at most {MOST}")
    return found


def _data(sources: Sequence[str], budget: int) -> Iterator[tuple[str, str]]:
    """Digest and name of whatever is a data set."""
    for one in reversed(sources):  # of several with one digest the first is named
        with suppress(InputError):
            yield data_digest(read_data(one, budget)), one


def _networks(files: Sequence[Path], budget: int) -> Iterator[tuple[str, Path]]:
    for one in reversed(files):
        with suppress(InputError):
            yield network_digest(read_network(one, budget)), one
