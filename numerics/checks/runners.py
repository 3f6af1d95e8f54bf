"""The evidence that needs networks, by the names under which `theory`'s ledger declares it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from numerics.checks.cases import CASES
from numerics.checks.check import Check
from numerics.checks.engine import run
from numerics.checks.instances import INSTANCES
from numerics.checks.registry import CHECKS
from theory.proof import ProofResult, Verdict

EXAMPLES = 8  # a glance: `skipscape verify` is for looking


def sampled(check: Check[Any], examples: int = EXAMPLES) -> ProofResult:
    """A short property run with a fixed seed: REFUTED with its numbers, or UNDECIDED, never PROVED."""
    found = run(check, examples=examples, prove=False)
    witness = {} if found.counterexample is None else dict(found.counterexample.witness.numbers)
    verdict = Verdict.UNDECIDED if found.counterexample is None else Verdict.REFUTED
    return ProofResult(check.id, check.claim, f"seed {found.seed}: {found.words}", verdict, witness)


RUNNERS: Mapping[str, Callable[[], ProofResult]] = MappingProxyType(
    {**{f"check.{id_}": partial(sampled, check) for id_, check in CHECKS.items()}, **CASES, **INSTANCES}
)
"""`check.<ID>`: a property run of the statement; `case.<n>`, `exact.<name>`: instances, PROVED for these alone."""
