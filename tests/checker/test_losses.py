"""The checker's losses against the oracles: exact, or enclosed and as narrow as they should be; bounds over pieces."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq, fmpz

from numerics.checker.effort import Budget, Effort
from numerics.checker.error_rate import _most_between, errors_of
from numerics.checker.errors import Unusable
from numerics.checker.facts import facts_of
from numerics.checker.general import Cover
from numerics.checker.grid import LONG, MACHINE
from numerics.checker.inputs import Data
from numerics.checker.intervals import Interval
from numerics.checker.losses import Columns, logarithms, loss_named
from numerics.checker.losses.logarithms import log_sums
from numerics.checker.reader import parse_certificate
from numerics.losses.registry import families
from numerics.losses.registry import loss_named as finders_loss
from support import loss_oracles
from support.certificates import Forge
from support.loss_oracles import IRRATIONAL, LABELS, LOSSES
from support.loss_segments import crossed, dip, segment_of
from support.many_segments import bounded, checker_agrees, flint, found_at, fraction, measure_for, space_of


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    "draws", [pytest.param(28, id="some"), pytest.param(10_000, id="many", marks=pytest.mark.slow)]
)
def test_losses_at_random_times_are_those_of_the_oracle(loss: str, draws: int) -> None:
    """mpmath at 60 digits for the irrational ones, Fractions for all others; no bound of a piece is below them."""
    for k in range(draws):
        checker_agrees(loss, k)


@pytest.mark.parametrize("loss", LOSSES)
def test_bounds_converge_to_the_loss(loss: str) -> None:
    """On pieces that halve the bound comes down to the loss, in machine words and in longer integers."""
    forge = next(one for one in drawn(loss) if one.loss_at(0, Fraction(1, 3)) > Fraction(1, 100))
    t = Fraction(1, 3)
    at = forge.ends_of(forge.weights_at(0, t))[1]
    for grid, least in ((MACHINE, 25), (LONG, 60)):
        bound = fraction(bounded(forge, grid, t, t + Fraction(1, 2**least)).loss)
        assert at * (1 - Fraction(1, 10**50)) <= bound <= at * (1 + Fraction(1, 2 ** (least - 8)))


def drawn(loss: str) -> Any:
    rng = np.random.default_rng(5)
    return (segment_of(loss, rng) for _ in count())


NETWORKS: dict[str, tuple[list[list[float]], str, Any]] = {
    # Outputs, loss, and the loss by hand.
    "tie of two": ([[1.0, 1.0]], "multi-hinge", Fraction(1)),
    "right by exactly one": ([[2.0, 1.0]], "multi-hinge", Fraction(0)),
    "wrong by one": ([[0.0, 1.0]], "multi-hinge", Fraction(2)),
    "at the corner of huber": ([[0.5, 0.0]], "huber:1/2", Fraction(1, 8)),
    "beyond it": ([[1.5, 0.0]], "huber:1/2", Fraction(5, 8)),
    "far beyond it": ([[1e300, 0.0]], "huber:1/2", Fraction(1e300) / 2 - Fraction(1, 8)),
    "a hinge just reached": ([[1.0, 1.0]], "hinge", Fraction(0)),
    "a hinge wrong on one side": ([[-1.0, 2.0]], "hinge", Fraction(2)),
    "huge and wrong": ([[-1e300, 1e300]], "hinge", 1 + Fraction(1e300)),
    "tiny": ([[1e-300, -(2.0**-1074)]], "absolute", Fraction(1e-300) + Fraction(2.0**-1074)),
}


@pytest.mark.parametrize("case", NETWORKS)
def test_losses_by_hand(case: str) -> None:
    outputs, name, wanted = NETWORKS[case]
    targets = {"multi-hinge": [[1.0, 0.0]], "hinge": [[1.0, 1.0]]}.get(name, [[0.0, 0.0]])
    forge = constant(name, np.array(outputs), np.array(targets))
    found = found_at(forge, Fraction(0)).loss
    assert (fraction(found.low), fraction(found.high)) == (wanted, wanted)


def constant(name: str, outputs: np.ndarray, targets: np.ndarray) -> Forge:
    """A network whose outputs at its points are these, whatever t is: point k is the k-th unit vector."""
    n = len(outputs)
    start = {"W": np.eye(n), "V": outputs.T.copy()}
    return Forge("two-layer", 0, start, np.eye(n), targets, [("general", {"V": ("all", outputs.T.copy())})], loss=name)


LOGITS: dict[str, list[list[float]]] = {
    "ties": [[0.0, 0.0], [3.0, 3.0]],
    "huge and right": [[1e300, -1e300]],
    "huge and wrong": [[-1e300, 1e300]],
    "huge and tied": [[1e300, 1e300]],
    "huge beside tiny": [[1e300, 1e-300], [1e-300, 1e300]],
    "tiny": [[1e-300, 0.0], [0.0, 1e-300]],
    "right by a hundred": [[100.0, 0.0]],
    "right by a thousand": [[1000.0, 0.0], [1000.0, 1.0]],
    "one sample outweighs": [[700.0, 0.0], [0.0, 1e5]],
}


@pytest.mark.parametrize("case", LOGITS)
@pytest.mark.parametrize("loss", IRRATIONAL)
def test_logits_of_every_size(loss: str, case: str) -> None:
    """From 1e-300 to 1e300: enclosed, to 190 bits of itself or as less than 2^-4096; and so on pieces."""
    outputs = np.array(LOGITS[case])
    targets = np.tile([1.0, 0.0] if loss in LABELS else [1.0, -1.0], (len(outputs), 1))
    forge = constant(loss, outputs, targets)
    found = found_at(forge, Fraction(1, 3)).loss
    assert 0 <= found.low < found.high
    assert found.high - found.low <= found.high / 2**190 or found.high <= fmpq(1, 2**4096)
    bound = bounded(forge, MACHINE, Fraction(0), Fraction(1))
    if case == "huge and right":
        assert found.high <= fmpq(1, 2**4096)
    else:
        low, high = forge.ends_of(forge.start)
        assert not found.apart(Interval(flint(low), flint(high)))
        assert fraction(bound.loss) >= low
    if loss in LABELS:
        wrong = found_at(forge, Fraction(1, 3)).errors
        assert wrong == forge.wrong(forge.start)
        assert wrong <= (bound.unsure or 0)


def test_the_logarithm_of_a_product_is_refined_until_it_is_narrow() -> None:
    """Rows of exp(-k) each: sums far below 2^-192 are found to 192 bits of themselves, or to be below 2^-4096."""
    for k in (1, 10, 100, 1000, 2000):
        found = log_sums([[fmpz(0), fmpz(-k)], [fmpz(-k), fmpz(0)]], fmpq(1), 192)
        assert found.high - found.low <= found.high / 2**192
    found = log_sums([[fmpz(0), fmpz(-(10**300))]], fmpq(1), 192)
    assert (found.low, found.high <= fmpq(1, 2**4096)) == (0, True)


@pytest.mark.parametrize(("gap", "unit"), [(1, 1), (1000, 1), (2700, 1), (10**300, 1), (3, fmpq(2) ** -500)])
def test_a_small_sum_is_narrow_at_once(gap: int, unit: fmpq, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many bits it takes is foreseen; a sum of at least 1 takes no more than were asked for."""
    passes, found = list[int](), logarithms._logarithms
    monkeypatch.setattr(logarithms, "_logarithms", lambda *given: (passes.append(given[2]), found(*given))[1])
    log_sums([[fmpz(0), fmpz(-gap)]] * 9, fmpq(unit), 192)
    assert len(passes) == 1
    log_sums([[fmpz(0), fmpz(-gap)], [fmpz(0), fmpz(10**400)]], fmpq(1), 192)
    assert passes[1:] == [224]


@pytest.mark.parametrize("memory", [1, 1000, 1 << 20])
def test_margins_along_a_segment_are_counted(memory: int) -> None:
    """Both samples are wrong at once from 2/5 to 3/5; without the memory or the effort that is not found out."""
    forge = crossed()
    before, after = ({name: np.asarray(array) for name, array in one.items()} for one in forge.corners())
    given = space_of(forge), before, after, Data(forge.x, forge.y)
    if memory < 1 << 20:
        with pytest.raises(Unusable, match="raise --memory"):
            _most_between(*given, Budget(memory))
    else:
        assert _most_between(*given, Budget(memory)) == (2, fmpq(2, 5))
        effort = Effort()
        _most_between(*given, Budget(memory, effort))
        with pytest.raises(Unusable, match="raise --effort"):
            _most_between(*given, Budget(memory, Effort(effort.spent - 1)))


def test_a_piece_without_a_count_bounds_no_errors(tmp_path: Path) -> None:
    """What is not known of a piece is not 0: then nothing is known of the path from above."""
    forge = dip()
    certificate, data = (
        parse_certificate(forge.write(tmp_path / "path.cert").read_bytes(), 1 << 30),
        Data(forge.x, forge.y),
    )
    facts = facts_of(certificate, data, Budget(), measure_for(forge))
    covers = [Cover(0, fmpq(0), fmpq(1), fmpq(9), unsure) for unsure in (0, None)]
    known, unknown = (errors_of(certificate, facts, some, data, Budget()) for some in (covers[:1], covers))
    assert known is not None
    assert unknown is not None
    assert (known.least, known.most, unknown.least, unknown.most) == (1, 1, 1, None)


def test_units_that_are_no_power_of_two() -> None:
    """Residuals over an odd number, as at t = 1/3: 1 is an integer of them."""
    y = np.array([[1.0, 0.0]])
    thirds = Columns.of([[fmpz(-3)], [fmpz(1)]], fmpq(1, 3), y)  # f = (0, 1/3)
    found = loss_named("cross-entropy").total(thirds, 192)
    low, high = loss_oracles.enclosed("cross-entropy", [[Fraction(0), Fraction(1, 3)]], [[Fraction(1), Fraction(0)]])
    assert not found.apart(Interval(flint(low), flint(high)))
    large = Columns.of([[fmpz(-1)], [fmpz(0)]], fmpq(4), np.array([[4.0, 0.0]]))
    assert (large.unit, [int(cell) for cell in large.cells[0]]) == (1, [-4])


def test_the_names_are_those_of_the_finder() -> None:
    """Every family of the finder has a loss of the same name here, and what is no canonical name is unknown."""
    named = {name for name in families() if name != "huber"} | {finders_loss("huber:1/2").name}
    assert {loss_named(name).name for name in named} == named
    for loss in map(finders_loss, named):
        mine = loss_named(loss.name)
        assert (mine.rational, mine.targets.name) == (loss.rational, loss.targets.name)
    for other in ("Squared", "huber", "huber:2/4", "huber:0/1", "huber:-1/2", "huber:1", "huber:1/2 ", "", None, 3, []):
        with pytest.raises(ValueError, match=r"must be|lowest terms|rational"):
            loss_named(other)


@pytest.mark.parametrize("loss", [name for name in LOSSES if name in (*LABELS, "hinge", "logistic")])
def test_targets_that_are_unfit_are_refused_in_words(loss: str, verify: Any) -> None:
    forge = next(drawn(loss))
    others = {"three": 3.0, "half": 0.5, "nothing": 0.0} if loss in LABELS else {"nothing": 0.0, "two": 2.0}
    for value in others.values():
        y = forge.y.copy()
        y[0] = value
        reason = verify(replace(forge, y=y, loss="squared"), lambda document: document.update(loss=loss)).refused
        assert reason is not None
        assert f"loss {loss} is about targets" in reason or "certificate.json" in reason


def test_the_draws_have_all_classes_and_both_ends() -> None:
    kinds = {one.kind for one in islice(drawn("cross-entropy"), 40)}
    assert len(kinds) == 6
