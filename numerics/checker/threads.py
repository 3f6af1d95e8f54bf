"""FLINT's threads."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from flint import ctx

_MAX_THREADS = 8


@contextmanager
def all_cores() -> Iterator[None]:
    """Let FLINT use the machine's cores for its products, and restore its setting."""
    before = ctx.threads
    ctx.threads = min(_MAX_THREADS, os.cpu_count() or 1)
    try:
        yield
    finally:
        ctx.threads = before
