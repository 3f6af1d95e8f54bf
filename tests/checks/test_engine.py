"""The engine's verdicts, on claims about numbers that a person can judge."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import strategies as st

from numerics.checks import Check, Facts, Outcome, Witness, bounded, engine
from numerics.checks.engine import run, tally
from theory.proof import ProofResult, Verdict
from theory.statement import Kind

integers = st.integers(0, 1000)


def square(n: int) -> Outcome:
    return bounded(Fraction(n), Fraction(n * n), witness=Witness(numbers={"n": Fraction(n)}))


TRUE = Check("square", "n <= n^2 for all integers n >= 0.", Kind.UPPER_BOUND, integers, square)
FALSE = replace(TRUE, id="few", claim="n <= 700.", run=lambda n: bounded(Fraction(n), Fraction(700)))


def proof(verdict: Verdict) -> ProofResult:
    return ProofResult("L1a", "n <= n^2", "all integers", verdict)


def test_sampling_alone_never_proves() -> None:
    """UNDECIDED, however many examples agree."""
    found = run(TRUE, examples=200)
    assert found.verdict is Verdict.UNDECIDED
    assert found.counterexample is None
    assert "no counterexample in 200 examples" in found.words


def test_machine_proofs_prove_only_if_all_of_them_succeed() -> None:
    """One that is UNDECIDED or REFUTED leaves the claim undecided; a counterexample outweighs proofs."""
    good, bad = (lambda: proof(Verdict.PROVED)), (lambda: proof(Verdict.UNDECIDED))
    assert run(replace(TRUE, proofs=(good,)), examples=10).verdict is Verdict.PROVED
    assert run(replace(TRUE, proofs=(good, bad)), examples=10).verdict is Verdict.UNDECIDED
    assert run(replace(TRUE, proofs=(good,)), examples=10, prove=False).verdict is Verdict.UNDECIDED
    assert run(replace(FALSE, proofs=(good,)), examples=200).verdict is Verdict.REFUTED


def test_a_counterexample_is_shrunk() -> None:
    """To the least number above 700."""
    found = run(FALSE, examples=400)
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert (found.counterexample.measured, found.counterexample.bound) == (701, 700)
    assert found.tally.examples < 400


def test_shrinking_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no attempts left the first counterexample is given, and the next run is not disturbed."""
    monkeypatch.setattr(engine, "SHRINKS", 0)
    found = run(FALSE, examples=400)
    assert found.counterexample is not None
    assert found.counterexample.measured > 700
    assert run(TRUE, examples=10).verdict is Verdict.UNDECIDED


def test_the_same_seed_tries_the_same_problems() -> None:
    """And another one others."""

    def tried(seed: int) -> tuple[float, ...]:
        return run(TRUE, examples=60, number=seed).tally.ratios

    assert tried(1) == tried(1)
    assert tried(1) != tried(2)


def test_the_second_half_climbs_towards_the_bound() -> None:
    """A maximum that a plain sample of this size misses is found, and the histogram does not show it."""
    hill = replace(TRUE, run=lambda n: bounded(Fraction(1000 - abs(n - 613)), Fraction(1000)))
    found = run(hill, examples=300)
    assert found.tally.best == 1.0
    assert len(found.tally.ratios) == 150


def test_shares_are_of_the_examples_where_the_fact_means_something() -> None:
    """None where it never does; ratios over 0, which are none, are left out, ratios above 1 kept."""
    outcomes = [
        bounded(Fraction(1), Fraction(2), Facts(branch=True)),
        bounded(Fraction(0), Fraction(0), Facts(branch=False)),
        bounded(Fraction(3), Fraction(2)),
        bounded(Fraction(1), Fraction(0), Facts(branch=False)),
    ]
    found = tally(outcomes)
    assert found.share("branch") == 1 / 3
    assert found.share("outputs") is None
    assert found.ratios == (0.5, 1.5)
    assert found.histogram == (0, 0, 0, 1, 0, 0, 0, 1)
    assert [outcome.holds for outcome in outcomes] == [True, True, False, False]


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", "no name"), ("claim", " "), ("kind", "upper bound"), ("problems", [1, 2]), ("run", None)],
)
def test_a_check_with_an_unusable_field_is_refused_by_name(field: str, value: object) -> None:
    """As a user's file might have it."""
    with pytest.raises(ValueError, match=f"{field} must be"):
        replace(TRUE, **{field: value})
