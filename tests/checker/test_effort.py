"""Work is counted before it is done: what a small certificate asks for is bounded, and verdicts do not depend on it."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.checker.check import check
from numerics.checker.effort import DEFAULT_EFFORT, UNIT, Budget, Effort, words
from numerics.checker.errors import Unusable
from numerics.checker.reader import parse_certificate
from numerics.checker.segments import require_room
from support.certificates import Forge
from support.honest_paths import QUESTIONS, honest

ORIGIN = np.ones((1, 1)), np.zeros((1, 1))


def tents(blocks: int) -> Forge:
    """W moves in a stream of tent maps, which bends 2^blocks times: the loss is 1 at t = 2^-blocks (hidden_hang)."""
    start = {"W": np.zeros((1, 1)), "V": np.ones((1, 1))}
    for k in range(blocks):
        start[f"blocks.{k}.A"] = np.ones((2, 1))
        start[f"blocks.{k}.a"] = np.array([0.0, -0.5])
        start[f"blocks.{k}.U"] = np.array([[1.0, -4.0]])
    return Forge("stream", 0, start, *ORIGIN, [("hidden", {"W": ("all", np.ones((1, 1)))})])


def restless(excess: Fraction) -> Forge:
    """f = 1 - t^4 + t^4, so that the loss is 1 all along, and a bound just above it (general_hang)."""
    zero, eye = np.zeros((2, 2)), np.eye(2)
    start = {"W": np.zeros((2, 1)), "A": zero, "B1": zero, "U": np.zeros((1, 2)), "c": np.ones(1)}
    end = {"W": np.ones((2, 1)), "A": eye, "B1": eye, "U": np.array([[-1.0, 1.0]])}
    moves = {name: ("all", array) for name, array in end.items()}
    return Forge("plain", 0, start, *ORIGIN, [("general", moves)], upper=1 + excess)


def spent(folder: Path, forge: Forge, effort: int = DEFAULT_EFFORT) -> tuple[dict, int]:
    """The report on a forge, and the least of powers of two of word operations that allows it."""
    cert, data = forge.write(folder / "path.cert"), str(forge.write_data(folder / "data.npz"))
    whole = check(cert, data, effort=effort).to_json()
    allowed = 1
    while True:
        try:
            found = check(cert, data, effort=allowed).to_json()
        except Unusable:
            allowed *= 2
            continue
        assert found == whole
        return whole, allowed


@pytest.mark.parametrize("effort", ["0.001", "0.05"])
@pytest.mark.parametrize("forge", [tents(30), restless(Fraction(1, 2**40))], ids=["hidden", "general"])
def test_what_would_take_years_ends_in_one_line(tmp_path: Path, forge: Forge, effort: str) -> None:
    """In a process of its own: exit status 2, nothing on standard output, no verdict."""
    if forge.kind == "stream":  # its summit is known, and 2^30 breakpoints are not to be listed for the forgery
        forge.peak, forge.upper = (0, Fraction(1, 2**30)), Fraction(1)
    cert, data = forge.write(tmp_path / "path.cert"), forge.write_data(tmp_path / "data.npz")
    command = [sys.executable, "-m", "numerics.checker", str(cert), "--data", str(data), "--effort", effort]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    assert "raise --effort" in ran.stderr


def test_small_ones_of_the_same_kind_are_proved(tmp_path: Path) -> None:
    """The true twins: few breakpoints, and a bound that is not too near."""
    forge = tents(4)
    forge.peak, forge.upper = (0, Fraction(1, 16)), Fraction(1)
    for one in (forge, restless(Fraction(1, 2**10))):
        cert, data = one.write(tmp_path / "path.cert"), one.write_data(tmp_path / "data.npz")
        assert check(cert, str(data), effort=UNIT).verdict == "PROVED"


@given(st.sampled_from(QUESTIONS), st.integers(0, 2**32))
def test_enough_is_enough(tmp_path_factory: pytest.TempPathFactory, question: str, seed: int) -> None:
    """With more effort than it takes the report is the same, with less there is none; the least is far from default."""
    forge = honest(question, np.random.default_rng(seed))
    _, least = spent(tmp_path_factory.mktemp("effort"), forge)
    assert 1 < least < DEFAULT_EFFORT // 100


@pytest.mark.parametrize(("weight", "bits"), [(-15e-324, 1074), (-1.5e300, 998)])
def test_rationals_are_predicted_before_they_are_built(tmp_path: Path, weight: float, bits: int) -> None:
    """One slot of a third makes fractions of all that share its parameter: 2,000 numbers of a thousand bits each."""
    start = {"W": np.full((2000, 1), weight), "V": np.zeros((1, 2000))}
    third = np.array([[Fraction(-1, 3)]], dtype=object)
    back = start["W"].copy()
    moves = [("exact", {"W": ([0], third)}), ("silent", {"W": ("all", back)})]
    forge = Forge("two-layer", 0, start, *ORIGIN, moves)
    cert, data = forge.write(tmp_path / "path.cert"), str(forge.write_data(tmp_path / "data.npz"))
    assert check(cert, data).verdict == "PROVED"
    with pytest.raises(Unusable, match="raise --memory"):
        check(cert, data, memory=3 << 20)
    read = parse_certificate(cert.read_bytes(), 1 << 30)
    require_room(read, Budget(5 * 4 * 2000 * 2 * bits // 8))
    with pytest.raises(Unusable, match="raise --memory"):
        require_room(read, Budget(4 * 2000 * 2 * bits // 8))


def test_work_is_counted_together_and_memory_by_parts() -> None:
    """A part of the memory shares the effort."""
    budget = Budget(1000, Effort(10))
    half = budget.part(2)
    assert half.memory == 500
    half.effort.charge(7)
    with pytest.raises(Unusable, match="raise --effort"):
        budget.effort.charge(4)
    assert [words(bits) for bits in (0, 1, 63, 64, 640)] == [1, 1, 1, 2, 11]


@pytest.mark.parametrize("kind", ["plain", "parallel", "residual"])
@pytest.mark.parametrize("name", ["readout", "hidden"])
def test_floats_that_become_integers_are_counted_at_every_corner(tmp_path: Path, kind: str, name: str) -> None:
    """Few samples, a large network, many corners that differ in `c` alone: conversions are all the work there is."""
    rng, m, count = np.random.default_rng(0), 30, 8
    start = {"W": rng.normal(size=(m, 1)), "A": rng.normal(size=(m, m)), "c": np.zeros(1)}
    start["U"] = rng.normal(size=(m if kind == "residual" else 1, m))
    start |= {} if kind == "plain" else {"V": rng.normal(size=(1, m))}
    moves = [(name, {"c": ("all", np.array([2.0**-k]))}) for k in range(1, count)]
    forge = Forge(kind, 0, start, *ORIGIN, moves)
    cert, data = forge.write(tmp_path / "path.cert"), str(forge.write_data(tmp_path / "data.npz"))
    assert check(cert, data).verdict == "PROVED"
    with pytest.raises(Unusable, match="raise --effort"):
        check(cert, data, effort=250 * count * m * m)
