"""A user's file is a module of its own: found by dataclasses, read afresh, its errors told with their line."""

from __future__ import annotations

import json
import math
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from numerics.checks import Outcome, bounded
from numerics.checks.lemmas import BESIDE, PREFIX, read_lemmas
from numerics.errors import InputError
from support.command_line import skipscape

HEAD = """from __future__ import annotations
from dataclasses import dataclass
from fractions import Fraction
from hypothesis import strategies as st
from numerics.checks import Check, Outcome, bounded
from theory.statement import Kind
"""
WITH_DATACLASS = f"""{HEAD}
@dataclass(frozen=True)
class Pair:
    left: int
    right: int

CHECKS = (
    Check(
        id="pair",
        claim="The sum is at least the left part.",
        kind=Kind.LOWER_BOUND if hasattr(Kind, "LOWER_BOUND") else Kind.UPPER_BOUND,
        problems=st.builds(Pair),
        run=lambda p: Outcome(Fraction(p.left), Fraction(p.left + p.right), True, 0.5),
    ),
)
"""


def lemma(path: Path, body: str, head: str = "") -> Path:
    """A file with one check, of the whole numbers up to 9, whose run is `body`."""
    check = 'Check("mine", "n <= 10.", Kind.UPPER_BOUND, st.integers(0, 9), run)'
    path.write_text(f"{HEAD}{head}\ndef run(n):\n    {body}\n\nCHECKS = ({check},)\n")
    return path


@pytest.fixture(autouse=True)
def _as_before():
    """No test leaves modules or places behind."""
    places, modules = list(sys.path), set(sys.modules)
    yield
    assert sys.path == places
    for name in set(sys.modules) - modules:
        if name.startswith(PREFIX) or BESIDE in vars(sys.modules[name]):
            del sys.modules[name]


def test_a_lemma_with_a_dataclass_runs(tmp_path: Path) -> None:
    """Its hints are strings, which dataclasses and Hypothesis look up in the module; it once failed to load."""
    path = tmp_path / "pairs.py"
    path.write_text(WITH_DATACLASS)
    ran = skipscape("verify", path, "--examples", 20, "--out", tmp_path / "none", "--json")
    assert (ran.status, ran.err) == (0, "")
    assert [(one["id"], one["verdict"], one["best_ratio"]) for one in ran.json] == [("pair", "UNDECIDED", 0.5)]
    assert [one.name for one in tmp_path.iterdir()] == ["pairs.py"]  # and no bytecode


@pytest.mark.parametrize("ratio", [math.inf, -math.inf])
def test_an_infinite_ratio_is_none(ratio: float) -> None:
    """Beside its finite twin."""
    assert Outcome(Fraction(1), Fraction(0), False, ratio).ratio is None
    assert Outcome(Fraction(1), Fraction(2), True, 0.5).ratio == 0.5
    assert bounded(Fraction(1), Fraction(0)).ratio is None
    assert bounded(Fraction(10**400), Fraction(1), squares=True).ratio is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ((Fraction(0), Fraction(7), True, math.nan), "ratio is nan with measured = 0, bound = 7"),
        ((math.nan, Fraction(7), True, None), "measured must be a Fraction, got nan"),
        ((Fraction(0), math.nan, True, 0.5), "bound must be a Fraction, got nan"),
        ((Fraction(0), math.inf, True, 0.5), "bound must be a Fraction, got inf"),
    ],
)
def test_an_outcome_refuses_what_is_no_number(fields: tuple[object, ...], words: str) -> None:
    """By name, with the values."""
    with pytest.raises(ValueError, match=words):
        Outcome(*fields)


def test_json_of_lemmas_is_strict(tmp_path: Path) -> None:
    """A bound of 0 that is exceeded: null, and not the word Infinity; NaN is refused with the line that gave it."""
    path = lemma(tmp_path / "zero.py", "return bounded(Fraction(n), Fraction(0))")
    ran = skipscape("verify", path, "--examples", 20, "--out", tmp_path / "none", "--json")
    (result,) = json.loads(ran.out, parse_constant=pytest.fail)
    assert (ran.status, result["verdict"], result["best_ratio"], result["median_ratio"]) == (1, "REFUTED", None, None)
    path = lemma(tmp_path / "nan.py", "return Outcome(Fraction(0), Fraction(n), True, float('nan'))")
    ran = skipscape("verify", path, "--examples", 20, "--out", tmp_path / "none", "--json")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"skipscape: {path}, line 9: check mine fails: ValueError: outcome: ratio is nan")


def test_a_file_is_read_again_as_it_is_now(tmp_path: Path) -> None:
    """Same second, same length: a cached bytecode would be the older text. The module is replaced, not added to."""
    path = lemma(tmp_path / "mine.py", "return bounded(Fraction(n), Fraction(10))")
    others = {name for name in sys.modules if name.startswith(PREFIX)}  # of other tests in this process
    (first,) = read_lemmas(path)
    path.write_text(path.read_text().replace("n <= 10.", "n <= 99."))
    (second,) = read_lemmas(path)
    assert (first.claim, second.claim) == ("n <= 10.", "n <= 99.")
    loaded = [name for name in sys.modules if name.startswith(PREFIX) and name not in others]
    assert len(loaded) == 1
    path.write_text("raise ValueError")
    with pytest.raises(InputError):
        read_lemmas(path)
    assert (second,) == sys.modules[loaded[0]].CHECKS  # a file that fails leaves what was there
    other = tmp_path / "other.py"
    other.write_text("raise ValueError")
    with pytest.raises(InputError):
        read_lemmas(other)
    assert {name for name in sys.modules if name.startswith(PREFIX)} == others | set(loaded)


def test_files_beside_it_can_be_imported(tmp_path: Path) -> None:
    """Each folder's own, as they are now; an installed module is not replaced by one."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "limits.py").write_text(f"WHERE = {name!r}\n")
        (tmp_path / name / "fractions.py").write_text("raise ValueError\n")
        lemma(tmp_path / name / "mine.py", "return WHERE", "from limits import WHERE\n")
    for name in ("here", "there", "here"):
        (check,) = read_lemmas(tmp_path / name / "mine.py")
        assert check.run(3) == name
    (tmp_path / "here" / "limits.py").write_text("WHERE = 'gone'\n")
    (check,) = read_lemmas(tmp_path / "here" / "mine.py")
    assert check.run(3) == "gone"
    assert not list(tmp_path.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("body", "head", "words"),
    [
        ("return n / 0", "", "mine.py, line 9: check mine fails: ZeroDivisionError: division by zero"),
        ("return Outcome(n, 'x', True)", "", "mine.py, line 9: check mine fails: ValueError: outcome: bound"),
        ("return n", "\n\nnone_such\n", "mine.py, line 9: cannot be run: NameError: name 'none_such'"),
        ("retrun n", "", "mine.py, line 9: cannot be run: SyntaxError: invalid syntax"),
        ("return n", "import beside\n", "beside.py, line 2: cannot be run: NameError: name 'nowhere'"),
        ("return n", "import broken\n", "broken.py, line 3: cannot be run: SyntaxError"),
        ("return n", "import json\njson.loads('')\n", "mine.py, line 8: cannot be run: JSONDecodeError: Expecting"),
        ("return n", "raise ValueError('first\\n  second')\n", "line 7: cannot be run: ValueError: first second"),
        ("return n", "raise SystemExit\n", "line 7: cannot be run: SystemExit"),
    ],
)
def test_errors_name_the_file_and_the_line(body: str, head: str, words: str, tmp_path: Path) -> None:
    """One line, exit status 2: the last place in the user's files that the error went through."""
    (tmp_path / "beside.py").write_text("\nnowhere\n")
    (tmp_path / "broken.py").write_text("\n\nif\n")
    ran = skipscape("verify", lemma(tmp_path / "mine.py", body, head), "--out", tmp_path / "none")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert words in ran.err
    assert str(tmp_path) in ran.err
