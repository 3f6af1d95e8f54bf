"""Threads, as many as there are processors, each with one BLAS thread: for what numpy does with parts of the data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def threads() -> Iterator[ThreadPoolExecutor]:
    """As many threads as processors, each with one BLAS thread: blocks of samples are independent."""
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(workers()) as pool:
        yield pool


def workers() -> int:
    """How many threads there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
