"""From a path to named arrays: the content decides what the file is, its name's ending may not contradict."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from numerics.errors import InputError
from numerics.files import read_bounded
from numerics.files.archives.npy import array_in
from numerics.files.archives.source import PER_NUMBER, Loaded, Source
from numerics.files.archives.tensors import tensors_in
from numerics.files.archives.zips import members_of, shown


def source_of(path: Path, what: str, budget: int) -> Source:
    """The file's content. Raises InputError if it cannot be read, is over budget, or is not what its name says."""
    content = read_bounded(path, what, limit=budget)
    source = Source(content, budget, len(content))
    ending = path.name.lower()
    if source.is_zip and ending.endswith(".safetensors"):
        raise InputError(f"{path} is a zip archive, as .npz files are, not a .safetensors file: rename it")
    if not source.is_zip and ending.endswith(".npz"):
        raise InputError(f"{path} is not a readable .npz (it does not begin as one): write it with numpy.savez")
    return source


def read_npz(source: Source, only: Collection[str] | None = None) -> Loaded:
    """The arrays of an `.npz`, all or those named in `only`, as stored. Raises InputError (without the file's name)."""
    if not source.is_zip:
        raise InputError("it is no .npz file, which is a zip archive: write it with numpy.savez")
    names = None if only is None else {name.encode("ascii") for name in only}
    members, source = members_of(source, lambda stem: names is None or stem in names)
    arrays = {}
    for stem, content in members.items():
        if not stem.isascii():
            raise InputError(f"{shown(stem)} is the name of no array that is known: remove the entry")
        arrays[stem.decode("ascii")] = array_in(content, shown(stem))
    numbers = sum(array.size for array in arrays.values())
    return Loaded(arrays, source.counting(PER_NUMBER * numbers, "its arrays, as float64,"), {})


def read_safetensors(source: Source) -> Loaded:
    """The arrays of a `.safetensors`. Raises InputError (without the file's name)."""
    arrays, metadata, source = tensors_in(source)
    return Loaded(arrays, source, metadata)
