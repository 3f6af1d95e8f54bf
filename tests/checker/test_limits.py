"""What is too large or not what it should be is refused at exactly the size and in exactly the words that are due."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from flint import fmpq

import numerics
from numerics.checker import archive, document, forward, general, hidden
from numerics.checker.arrays import Weights, little_endian, same_bits
from numerics.checker.budget import held, listed
from numerics.checker.canonical_json import dumps, loads
from numerics.checker.document import parse_document
from numerics.checker.effort import Budget
from numerics.checker.errors import Refused, Unusable
from numerics.checker.exact import float_extent
from numerics.checker.grid import LONG, MACHINE, Grid
from numerics.checker.inputs import Data
from numerics.checker.spaces import parse_space
from support.certificates import Forge, canonical, entries_of, pack


def test_an_archive_of_the_largest_size_is_read_and_one_byte_more_is_not(
    honest: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever that size is."""
    blob = pack(entries_of(honest.document(), honest.arrays()))
    monkeypatch.setattr(archive, "_MAX_SIZE", len(blob))
    assert archive.unpack(blob)
    monkeypatch.setattr(archive, "_MAX_SIZE", len(blob) - 1)
    with pytest.raises(Refused, match="too large for its canonical form"):
        archive.unpack(blob)


def test_an_entry_leaves_five_percent_of_the_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """From there on zipfile would write the zip64 form."""
    contents = bytes(2000)
    header = archive._Entry(b"start.W.npy", zlib.crc32(contents), len(contents), 0).local_header()
    body = memoryview(header + contents)
    monkeypatch.setattr(archive, "_MAX_SIZE", 2100)
    assert archive._read_entry(body, 0)[1] == len(body)
    monkeypatch.setattr(archive, "_MAX_SIZE", 2099)
    with pytest.raises(Refused, match="claims 2000 bytes: too many"):
        archive._read_entry(body, 0)


def test_what_is_not_ascii_is_read_where_it_is_escaped() -> None:
    """One encoding for each text."""
    written = rb'{"\u00e9":"\ud83d\ude00"}'
    assert dumps(loads(written)) == written
    with pytest.raises(Refused, match="malformed"):
        loads('{"é":1}'.encode())


def test_rationals_have_no_bits() -> None:
    """They are never rounded to some."""
    cells = np.array([[fmpq(1, 3), fmpq(1, 2)]], dtype=object)
    with pytest.raises(TypeError, match="rationals where floats are needed"):
        little_endian(cells)
    with pytest.raises(TypeError, match="rationals where floats are needed"):
        same_bits(np.array([[0.5, 0.5]]), cells)


def refusal(honest: Forge, *way: object) -> str:
    """What is said of the honest document with the last of `way` put where the others lead."""
    found = honest.document()
    *steps, key, value = way
    target = found
    for step in steps:
        target = target[step]
    target[key] = value
    with pytest.raises(Refused) as refused:
        parse_document(canonical(found))
    return str(refused.value)


def test_a_refusal_names_the_key_and_then_the_rule(honest: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word for word."""
    said = refusal(honest, "data", "N", 0)
    assert said.startswith("certificate.json: data.N: it must be an integer from 1 to ")
    assert refusal(honest, "level", "0.5").startswith("certificate.json: level: ")
    honest.segments = [("general", moves) for _, moves in honest.segments]
    monkeypatch.setattr(document, "MAX_CUTS", 1)
    found = honest.document()
    for segment in found["segments"][:2]:
        segment["cuts"] = ["1/2"]
    with pytest.raises(Refused) as refused:
        parse_document(canonical(found))
    assert str(refused.value) == "certificate.json: segments: they have more than 1 cuts in all"


BRANCH = {"W": (4, 2), "V": (1, 4), "A": (3, 4), "a": (3,), "B1": (2, 3), "b1": (2,), "U": (1, 2), "c": (1,)}


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("b1", (3,), "b1 has 3 entries but B1 has 2 rows: b1 must have as many entries as B1 has rows"),
        ("b1", (1,), "b1 has 1 entries but B1 has 2 rows: b1 must have as many entries as B1 has rows"),
        ("a", (4,), "a has 4 entries but A has 3 rows"),
        ("B1", (2, 2), "B1 has 2 columns but A has 3 rows: B1 must have as many columns as A has rows"),
        ("U", (1, 3), "U has 3 columns but B1 has 2 rows: U must have as many columns as B1 has rows"),
        ("V", (1, 0), "V has shape (1, 0): every dimension must be at least 1"),
        ("c", (0,), "c has shape (0,): every dimension must be at least 1"),
    ],
)
def test_the_shapes_of_a_space_fit_together(name: str, shape: tuple[int, ...], words: str) -> None:
    """Each relation by itself, also where the other side of a matrix would fit."""
    parse_space("parallel", 0, BRANCH)
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_space("parallel", 0, BRANCH | {name: shape})


def test_a_corner_too_large_for_the_memory_is_refused_before_it_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tables are counted first."""

    def too_late(*_: object) -> None:
        raise AssertionError("the tables were made")

    monkeypatch.setattr(forward, "head_of", too_late)
    weights = {"W": np.ones((2, 1)), "V": np.ones((3, 2))}
    with pytest.raises(Unusable, match="raise --memory"):
        forward.flat_values([weights], Data(np.ones((1, 1)), np.ones((1, 3))), 0, Budget(100))


def segment(samples: int, budget: int) -> general.General:
    """A general segment of one neuron."""
    weights = {"W": np.ones((1, 1)), "V": np.ones((1, 1))}
    data = Data(np.ones((samples, 1)), np.ones((samples, 1)))
    space = parse_space("two-layer", 0, {"W": (1, 1), "V": (1, 1)})
    return general.General(space, weights, weights, data, fmpq(1), Budget(budget))


def test_as_many_samples_at_once_as_there_are_and_as_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least of three numbers, and never less than one."""
    fixed, each = segment(100, 0)._memory(MACHINE)
    assert segment(100, 1 << 30)._rows(MACHINE) == 100
    assert segment(100, fixed + 7 * each)._rows(MACHINE) == 7
    assert segment(100, 0)._rows(MACHINE) == 1
    monkeypatch.setattr(general, "_ROWS", 9)
    monkeypatch.setattr(general, "_BLOCK", 8)
    assert segment(100, 1 << 30)._rows(MACHINE) == 9


@pytest.mark.parametrize("grid", [MACHINE, LONG], ids=["machine words", "longer"])
def test_each_sample_of_a_piece_costs_the_same_work(grid: Grid) -> None:
    """Beside what a piece costs whatever its size."""
    none, one, hundred = (segment(samples, 0)._work(grid) for samples in (0, 1, 100))
    assert hundred - none == 100 * (one - none) >= 100 * 60
    assert none >= 0


@pytest.mark.parametrize("in_vain", [False, True])
def test_the_longer_integers_are_asked_about_the_same_piece(monkeypatch: pytest.MonkeyPatch, in_vain: bool) -> None:
    """Where halving is in vain, and where it has been done as often as it may be."""
    asked = []

    def bound(stretch: object, piece: tuple[object, fmpq, fmpq], enough: fmpq) -> general.Bound:
        asked.append(piece)
        return general.Bound(fmpq(2 if piece[0] is MACHINE else 0), None)

    monkeypatch.setattr(general, "bound_on", bound)
    monkeypatch.setattr(general, "piece_of", lambda grid, first, last: (grid, first, last))
    monkeypatch.setattr(general.General, "_in_vain", lambda *_: in_vain)
    monkeypatch.setattr(general, "_LEVELS", 1 if in_vain else 0)
    first, last = fmpq(1, 4), fmpq(3, 4)
    assert segment(1, 1 << 30)._piece(first, last, [MACHINE, LONG])
    assert asked == [(MACHINE, first, last), (LONG, first, last)]


def room(start: Weights, end: Weights) -> int:
    """The least memory in which a hidden segment of two-layer networks on one sample may be walked along."""
    space = parse_space("two-layer", 0, {name: array.shape for name, array in start.items()})
    data = Data(np.ones((1, start["W"].shape[1])), np.ones((1, len(start["V"]))))
    low, high = 0, 1 << 30
    while high - low > 1:
        middle = (low + high) // 2
        try:
            hidden._require_room(space, start, end, data, middle)
            high = middle
        except Unusable:
            low = middle
    return high


def test_a_hidden_segment_has_room_for_its_weights_and_for_the_integers_of_its_lines() -> None:
    """Both ends as matrices and lists; and each line in units that a small number makes twice as small."""
    start = {"W": np.ones((50, 40)), "V": np.ones((30, 50))}
    ends = [float_extent(array) for array in start.values()]
    assert room(start, start) >= sum(3 * held(extent) + 2 * listed(extent) for extent in ends)
    one = {"W": np.ones((1, 1)), "V": np.ones((1, 1))}
    units, layers, bits = 2, 4, 1000
    small = {"W": np.full((1, 1), 2.0**-bits), "V": np.ones((1, 1))}
    assert room(small, small) - room(one, one) >= units * layers * (2 * bits // 7)


def test_a_time_that_is_too_long_to_be_quoted_is_rounded_downwards() -> None:
    """So that nobody takes the piece for a shorter one."""
    time = fmpq(2, 3) ** 60
    quoted = general._quoted(time)
    assert len(quoted) <= 40
    assert fmpq(*_ratio(quoted)) <= time < fmpq(*_ratio(quoted)) + fmpq(1, 10**20)
    assert general._quoted(fmpq(1, 3)) == "1/3"


def _ratio(written: str) -> tuple[int, int]:
    return Fraction(written).as_integer_ratio()


def test_an_answer_that_nobody_reads_is_no_failure(honest: Forge, tmp_path: Path) -> None:
    """The exit status is that of the answer, and nothing is said on standard error."""
    cert, data = honest.write(tmp_path / "path.cert"), honest.write_data(tmp_path / "data.npz")
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "PYTHONPATH": str(Path(numerics.__file__).parents[1])}
    command = [sys.executable, "-P", "-m", "numerics.checker", str(cert), "--data", str(data)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=environment, timeout=60, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
