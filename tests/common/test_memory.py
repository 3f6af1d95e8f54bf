"""Pages that are kept: arrays that are made and freed again and again need no new ones."""

import subprocess
import sys

import pytest

ROUNDS = """
import resource
import numpy as np
from numerics.common.memory import keep_freed_pages
if {kept}:
    keep_freed_pages()
def work():
    arrays = [np.ones(1 << 17) for _ in range(20)]
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(*, kept: bool) -> int:
    """New pages of 20 rounds of 20 arrays of a mebibyte, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", ROUNDS.format(kept=kept)], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about glibc's allocator")
def test_freed_pages_are_kept() -> None:
    """Twenty times 20 MiB are some hundred thousand pages without it."""
    assert faults(kept=False) > 10_000
    assert faults(kept=True) < 1_000
