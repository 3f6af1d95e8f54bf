"""The bytes of one file, and how much memory reading it is predicted to take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from numpy.typing import NDArray

from numerics.arithmetic.budget import require
from numerics.common.shown import Shown

PER_NUMBER = 16  # bytes: a float64, the masks of comparisons, what widens a bfloat16


@dataclass(frozen=True, eq=False)
class Source(Shown):
    """A file's content and the memory counted so far, the content itself included."""

    content: bytes
    budget: int
    predicted: int

    def counting(self, more: int, what: str) -> Self:
        """The same with `more` bytes predicted. Raises InputError if that is over the budget."""
        require(self.predicted + more, self.budget, what)
        return replace(self, predicted=self.predicted + more)

    @property
    def is_zip(self) -> bool:
        """Whether the first bytes are those of a zip archive with an entry; no safetensors file begins like that."""
        return self.content.startswith(b"PK\x03\x04")


@dataclass(frozen=True, eq=False)
class Loaded(Shown):
    """Arrays by name as stored, the metadata of a `.safetensors`, and the source with them counted."""

    arrays: Mapping[str, NDArray[Any]]
    source: Source
    metadata: Mapping[str, str]
