"""Pages that arrays have freed stay with this process, so that the next arrays need no new ones."""

from __future__ import annotations

import numpy as np

LARGEST = 31 << 20  # bytes; from 32 MiB on glibc learns nothing from a block


def keep_freed_pages() -> None:
    """Have glibc keep up to 62 MiB that are free instead of giving them back; elsewhere this does nothing.

    It maps blocks from a threshold on one by one, and keeps free at its end at most twice that; freeing a block that
    was mapped raises the threshold to its size. This one is never written to, so no page of it is ever made. Without it
    half of the time of first-order models of images is spent in new pages.
    """
    np.empty(LARGEST, dtype=np.int8)
