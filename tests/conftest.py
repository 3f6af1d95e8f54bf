"""Hypothesis profiles: `ci` (the default) in minutes and always the same cases, `thorough` by hand, and
`mutants` for `make mutants`.
"""

import gc
import os
import sys

from hypothesis import HealthCheck, Phase, settings

from support.checker_nearby import checker_nearby as checker_nearby
from support.checker_nearby import checker_nearby_throughout as checker_nearby_throughout
from support.small_studies import narrow_valleys as narrow_valleys
from support.small_studies import tiny_demo as tiny_demo

# Two workers fill two cores. With threads of their own beside that, training eight neurons took ten times the processor
# time on a busy machine, nearly all of it in threads that wait for each other. Before numpy and torch are imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Hundreds of tests start Python anew: compiled once, whatever the caller's environment says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

settings.register_profile(
    "ci",
    max_examples=25,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", max_examples=10_000, deadline=None, print_blob=True)
# Few cases, and nothing about one that fails: that it fails is all that is asked.
settings.register_profile(
    "mutants",
    settings.get_profile("ci"),
    max_examples=15,
    database=None,
    print_blob=False,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_sessionstart() -> None:
    """Thousands of tests are objects that stay: looking through them again and again finds no garbage."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on there is garbage; what was collected is none."""
    gc.freeze()
    gc.enable()
