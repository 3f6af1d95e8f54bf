"""Planted errors in what one slot rests on, each beside its true twin: the check (or the prover) that passes the twin
refutes the error, with a counterexample that is put into the statement again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import z3
from hypothesis import settings
from sympy import Rational

from numerics.checks import CHECKS, draws, engine
from numerics.checks.engine import run
from numerics.checks.statements import clusters as cluster_checks
from numerics.checks.statements import one_slot as slot_checks
from numerics.checks.statements import one_slot_regularised as penalty_checks
from numerics.checks.states import State, mean_square
from theory.proof import ProofResult, Verdict
from theory.smt import prove, relu
from theory.statements import clusters, leave_one_out, one_slot, one_slot_losses, sharp_valleys

F = Fraction
USUAL = min(150, 2 * settings.default.max_examples)
EXAMPLES = {"T7": 150}
"""How many problems a check is given, its faults and its true twin alike, where the usual number finds not all."""


@pytest.fixture(autouse=True)
def no_shrinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first counterexample will do."""
    monkeypatch.setattr(engine, "SHRINKS", 0)


true_step, true_price = one_slot.step_level, leave_one_out.leave_out_price


def without_the_variance(share: Fraction, **values: Fraction) -> Fraction:
    return true_step(share, **{**values, "variance": F(0)})


def half_the_reference_mass(draw: draws.Draw) -> Fraction:
    return max((draw.spread / 2) ** 2 - mean_square(draw.skip), F(0))


def half_the_new_mass(draw: draws.Draw) -> Fraction:
    return true_mass(draw) / 2


true_mass = penalty_checks.reference_mass


def still_read_by_the_readout(start: State, slots: Sequence[int]) -> State:
    """Half of what V reads of them is left."""
    V = start.weights["V"].copy()
    V[:, slots] = V[:, slots] * F(1, 2)
    return draws_emptied(start, slots).then({"V": V})


def still_read_by_the_branch(start: State, slots: Sequence[int]) -> State:
    """V is taken away, A is not."""
    V = start.weights["V"].copy()
    V[:, slots] = V[:, slots] * 0
    return start.then({"V": V})


draws_emptied = draws.emptied


def without_a_refit(readout: Any, gram: Any, leaving: Any) -> Fraction:
    """Gram_JJ for the inverse of [Gram^{-1}]_JJ."""
    pairs = [(i, j) for i in leaving for j in leaving]
    return sum((F(row[i]) * gram[i][j] * row[j] for row in readout for i, j in pairs), F(0))


def no_price_for_other_points(*given: Any, **more: Any) -> clusters.Cluster:
    """Twice the price."""
    found = true_valley(*given, **more)
    return replace(found, price=2 * found.price)


true_valley = clusters.valley_depth
true_energy = sharp_valleys.least_energy


def too_much_energy(neurons: int) -> Any:
    return true_energy(neurons) * F(6, 5)


FAULTS: tuple[tuple[str, Any, str, Any], ...] = (
    ("T7", one_slot, "step_level", without_the_variance),
    ("T7B", one_slot, "step_level", without_the_variance),
    ("T7", draws.Draw, "variance", property(half_the_reference_mass)),
    ("T7F", penalty_checks, "reference_mass", half_the_new_mass),
    ("T7", slot_checks, "emptied", still_read_by_the_readout),
    ("T7", slot_checks, "emptied", still_read_by_the_branch),
    ("T7L", one_slot_losses, "SMOOTHNESS", {**one_slot_losses.SMOOTHNESS, "cross-entropy": Rational(1, 4)}),
    ("R9", leave_one_out, "leave_out_price", without_a_refit),
    ("T10", cluster_checks.clusters, "valley_depth", no_price_for_other_points),
    ("T8c", sharp_valleys, "least_energy", too_much_energy),
)


def named(fault: tuple[str, Any, str, Any]) -> str:
    check, _, name, wrong = fault
    return f"{check}: {getattr(getattr(wrong, 'fget', wrong), '__name__', name)}"


@pytest.mark.parametrize("fault", FAULTS, ids=named)
def test_the_check_refutes_the_fault(fault: tuple[str, Any, str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    check, module, name, wrong = fault
    monkeypatch.setattr(module, name, wrong)
    found = run(CHECKS[check], examples=EXAMPLES.get(check, USUAL), number=1)
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert not found.counterexample.holds


@pytest.mark.parametrize("name", sorted({check for check, *_ in FAULTS}))
def test_the_true_twin_passes(name: str) -> None:
    """The same problems: as many, from the same seed."""
    assert run(CHECKS[name], examples=EXAMPLES.get(name, USUAL), number=1).verdict is Verdict.UNDECIDED


def refuted(result: ProofResult) -> dict[str, Fraction]:
    assert result.verdict is Verdict.REFUTED
    return dict(result.witness)


def first_threshold(factor: int, *looking: z3.BoolRef) -> ProofResult:
    """C7 (i) with `factor` K delta: T7's value at e = delta/(delta + K), f' and g* on one side of y."""
    loss, goal, spread, rise, share = z3.Reals("L L* K delta e")
    return prove(
        "C7",
        (1 - share) * (loss + rise * rise) + share * goal + share * share * spread * spread < loss,
        assuming=(
            *(value >= 0 for value in (loss, goal, spread)),
            rise > 0,
            loss - goal > factor * spread * rise,
            share * (rise + spread) == rise,
            *looking,
        ),
        scope="reals",
    )


def test_the_first_threshold_with_K_delta_for_2_K_delta() -> None:
    """Twice is proved; once is refuted. That no other e would do either: known answer 27."""
    assert first_threshold(2).verdict is Verdict.PROVED
    w = refuted(first_threshold(1))
    e, K, d = w["e"], w["K"], w["delta"]
    assert w["L"] - w["L*"] > K * d
    assert e * (d + K) == d
    assert (1 - e) * (w["L"] + d * d) + e * w["L*"] + e * e * K * K >= w["L"]


def mean_of_draws(variance: int) -> ProofResult:
    """T7's average over two neurons with effects 1 and -1 (H* = 2, g* = 0), with so many times v* in the bound."""
    f, share = z3.Reals("f e")
    drawn = [((1 - share) * f + share * sign * 2) * ((1 - share) * f + share * sign * 2) for sign in (1, -1)]
    return prove(
        "T7",
        z3.Or(*[one <= (1 - share) * (1 - share) * f * f + variance * share * share * 4 for one in drawn]),
        assuming=(share >= 0, share <= 1),
        scope="two neurons, y = 0",
    )


def test_the_step_without_its_variance() -> None:
    assert mean_of_draws(1).verdict is Verdict.PROVED
    w = refuted(mean_of_draws(0))
    e, f = w["e"], w["f"]
    assert min(((1 - e) * f + 2 * e) ** 2, ((1 - e) * f - 2 * e) ** 2) > ((1 - e) * f) ** 2


def softmax(constant: Fraction) -> ProofResult:
    """u^T (diag(pi) - pi pi^T) u <= constant ||u||^2 for two classes."""
    share, u, v = z3.Reals("pi u v")
    mean = share * u + (1 - share) * v
    variance = share * (u - mean) * (u - mean) + (1 - share) * (v - mean) * (v - mean)
    return prove(
        "T7L",
        variance <= z3.Q(constant.numerator, constant.denominator) * (u * u + v * v),
        assuming=(share >= 0, share <= 1),
        scope="two classes",
    )


def test_cross_entropy_with_the_logistic_constant() -> None:
    """1/2 is proved, 1/4 refuted; the witness's variance is pi (1 - pi) (u - v)^2."""
    assert softmax(F(1, 2)).verdict is Verdict.PROVED
    w = refuted(softmax(F(1, 4)))
    pi, u, v = w["pi"], w["u"], w["v"]
    assert 0 <= pi <= 1
    assert pi * (1 - pi) * (u - v) ** 2 > F(1, 4) * (u * u + v * v)


def pair_of_neurons(constant: Fraction) -> ProofResult:
    """T8b's [s + t]_+ >= constant sqrt([s]_+ [t]_+)."""
    s, t, a, b = z3.Reals("s t a b")
    return prove(
        "T8b",
        relu(s + t) >= z3.Q(constant.numerator, constant.denominator) * a * b,
        assuming=(a >= 0, b >= 0, a * a == relu(s), b * b == relu(t)),
        scope="reals",
    )


def test_T8b_with_a_pair_one_percent_dearer() -> None:
    assert pair_of_neurons(F(2)).verdict is Verdict.PROVED
    w = refuted(pair_of_neurons(F(202, 100)))
    assert max(w["s"] + w["t"], F(0)) < F(202, 100) * w["a"] * w["b"]


def kept(level: Callable[[Fraction], Fraction]) -> list[Fraction]:
    """A value at the times k/64 of T10P's path."""
    return [level(clusters.END * k / 64) for k in range(65)]


def test_the_parabolas_top_is_neither_higher_nor_lower() -> None:
    """3/(100m) at s = 1/50, and with the kink left out (e = 0) it would climb on."""
    width = 3
    assert max([*kept(lambda s: clusters.parabola_loss(width, s)), clusters.parabola_loss(width, clusters.TOP)]) == F(
        101, 100
    )
    assert max(kept(lambda s: 1 + 300 * s * s / (4 * width))) > F(101, 100)
