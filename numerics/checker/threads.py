"""Threads: FLINT's, and those that blocks of samples are looked at in."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from flint import ctx

_MAX_THREADS = 8
CORES = min(_MAX_THREADS, os.cpu_count() or 1)

T = TypeVar("T")
R = TypeVar("R")


def in_threads(function: Callable[[T], R], items: Sequence[T], count: int) -> list[R]:
    """`function` of all items, in their order, so many at once. It must keep to numpy: FLINT's precision is global."""
    if min(count, len(items)) <= 1:
        return list(map(function, items))
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(function, items))


@contextmanager
def all_cores() -> Iterator[None]:
    """Let FLINT use the machine's cores for its products, and restore its setting."""
    before = ctx.threads
    ctx.threads = CORES
    try:
        yield
    finally:
        ctx.threads = before
