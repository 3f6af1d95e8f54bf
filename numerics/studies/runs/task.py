"""One cell of a table: a function at the top of a module and what it is given, so that any process can do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_limits

from numerics.common.shown import Shown

Json = Any  # what `strict_json` writes


@dataclass(frozen=True)
class Task(Shown):
    """`work(*given)` is a JSON value that depends on nothing else; `key` names it in the journal, and for people."""

    key: str
    work: Callable[..., Json]
    given: tuple[Any, ...] = ()

    def done(self) -> Json:
        """The value. One thread of BLAS: a sum of floats must not depend on how many tasks share the cores."""
        with threadpool_limits(limits=1):
            return self.work(*self.given)
