"""Every check and every construction, found by scanning `numerics/checks/statements`; nothing here names one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType, ModuleType
from typing import Any

from numerics.checks import statements
from numerics.checks.check import Check
from numerics.checks.engine import run
from theory.catalogue import CATALOGUE, Catalogue, modules_of
from theory.proof import ProofResult, Verdict

EXAMPLES = 8  # a glance: `skipscape verify` is for looking

Runner = Callable[[], ProofResult]


def collected(modules: Iterable[ModuleType], catalogue: Catalogue = CATALOGUE) -> Mapping[str, Check[Any]]:
    """The modules' checks by id, in the catalogue's order. Raises ValueError: two of one id, an id of no statement."""
    found: dict[str, Check[Any]] = {}
    for check in (check for module in modules for check in getattr(module, "CHECKS", ())):
        if check.id in found:
            raise ValueError(f"check {check.id} is written twice")
        found[check.id] = check
    if unknown := [id_ for id_ in found if id_ not in catalogue.statements]:
        raise ValueError(f"check {unknown[0]}: the catalogue has no statement of this id")
    return MappingProxyType({id_: found[id_] for id_ in catalogue.statements if id_ in found})


def sampled(check: Check[Any], examples: int = EXAMPLES) -> ProofResult:
    """A short property run with a fixed seed: REFUTED with its numbers, or UNDECIDED, never PROVED."""
    found = run(check, examples=examples, prove=False)
    witness = {} if found.counterexample is None else dict(found.counterexample.witness.numbers)
    verdict = Verdict.UNDECIDED if found.counterexample is None else Verdict.REFUTED
    return ProofResult(check.id, check.claim, f"seed {found.seed}: {found.words}", verdict, witness)


def runners(modules: Iterable[ModuleType], catalogue: Catalogue = CATALOGUE) -> Mapping[str, Runner]:
    """The evidence that needs networks, by the names under which `theory` declares it.

    `check.<ID>`: a property run of the statement; what is in the modules' `CONSTRUCTIONS` (`case.<n>`, `exact.<name>`)
    is PROVED for these instances alone. Raises ValueError where two have one name.
    """
    kept = tuple(modules)
    table: dict[str, Runner] = {}
    for id_, check in collected(kept, catalogue).items():
        table[f"check.{id_}"] = partial(sampled, check)
    for name, instance in (
        (name, one) for module in kept for name, one in getattr(module, "CONSTRUCTIONS", {}).items()
    ):
        if name in table:
            raise ValueError(f"construction {name} is written twice")
        table[name] = instance
    return MappingProxyType(table)


FAMILIES = modules_of(statements)
CHECKS: Mapping[str, Check[Any]] = collected(FAMILIES)
"""By id, in blueprint order."""
RUNNERS: Mapping[str, Runner] = runners(FAMILIES)
