"""The checks on a few problems each, and what the ledger gets of them."""

from __future__ import annotations

import pytest

from numerics.checks import CHECKS, RUNNERS
from numerics.checks.engine import FACTS, run
from theory.catalogue import STATEMENTS
from theory.proof import Verdict

EXACT = [name for name in RUNNERS if not name.startswith("check.")]
ARITHMETIC = {"C3", "C4"}  # relations between bounds: there is no network to measure


def test_every_statement_has_a_check_but_those_that_are_arithmetic_of_bounds() -> None:
    """In blueprint order, each of the kind that `theory` gives the statement."""
    assert list(CHECKS) == [id_ for id_ in STATEMENTS if id_ not in ARITHMETIC]
    for id_, check in CHECKS.items():
        assert check.id == id_
        assert check.kind is STATEMENTS[id_].kind


@pytest.mark.parametrize("name", CHECKS)
def test_no_statement_is_refuted_and_only_proofs_of_the_whole_claim_prove(name: str) -> None:
    """A few problems; L1's parts are proved by z3 as printed, nothing else is said to be."""
    found = run(CHECKS[name], examples=8, number=5)
    proved = name in ("L1a", "L1b", "L1c")
    assert found.verdict is (Verdict.PROVED if proved else Verdict.UNDECIDED)
    assert found.tally.examples == 8
    assert bool(found.proofs) is proved
    assert all(proof.statement == name for proof in found.proofs)
    assert set(found.tally.facts) == set(FACTS)
    assert sum(found.tally.histogram) == len(found.tally.ratios) <= 4  # the plain half


def test_runners_are_named_after_checks_and_cases() -> None:
    """`check.<ID>` for every check, `case.<n>` and `exact.<name>` for the instances."""
    assert list(RUNNERS) == [*(f"check.{id_}" for id_ in CHECKS), *EXACT]
    answers = {f"case.{n}" for n in (1, 2, 3, 5, 7, 8, 9, 13, 14, 15, 16, 25, 26)}
    assert answers | {"exact.T2", "exact.T3", "exact.funnel", "exact.half_channels", "exact.half_groups"} == set(EXACT)


@pytest.mark.parametrize("name", EXACT)
def test_the_cases_are_proved_for_their_instance(name: str) -> None:
    """Section 5 of the blueprint, T2's and T3's path of one network each, a funnel's way."""
    found = RUNNERS[name]()
    assert found.verdict is Verdict.PROVED, dict(found.witness)
    assert found.scope.startswith("this instance")
    assert found.statement in STATEMENTS


def test_a_sampled_runner_never_proves() -> None:
    """Not even where the check has proofs: these are evidence of their own."""
    for name in ("check.L1a", "check.L6"):
        found = RUNNERS[name]()
        assert found.verdict is Verdict.UNDECIDED
        assert "sampling can only refute" in found.scope
        assert not found.witness
