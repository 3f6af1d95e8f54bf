"""The checker that Coq's extraction makes of the verified one says of exported theorems what Coq says."""

import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import extracted as make_extracted
import numpy as np
import pytest

from support import extracted_agreement
from support.coq_sources import needs_coq
from support.theorems import FORGES, SPOILT, exported, parallel

pytestmark = needs_coq


@pytest.fixture(scope="module")
def program() -> Path:
    if lacking := make_extracted.missing():
        pytest.skip(f"optional: {lacking}")
    return make_extracted.build()


def test_what_coq_closes_is_true_and_what_is_spoilt_is_not(program: Path, tmp_path: Path) -> None:
    """The same theorems that tests/formal/test_theorems.py puts to Coq."""
    for name, forge in FORGES.items():
        (folder := tmp_path / name).mkdir()
        assert extracted_agreement.extracted(program, exported(folder, forge())), name
    theorem = exported(tmp_path, parallel())
    true = theorem.read_text(encoding="ascii")
    for spoil in SPOILT:
        theorem.write_text(spoil(true), encoding="ascii")
        assert not extracted_agreement.extracted(program, theorem), spoil.__name__


def test_a_network_with_a_skip_is_no_plain_one(program: Path, tmp_path: Path) -> None:
    """The same numbers, claimed of the class without a skip connection."""
    theorem = exported(tmp_path, parallel())
    theorem.write_text(theorem.read_text(encoding="ascii").replace("check_sound", "check_sound_plain"))
    assert not extracted_agreement.extracted(program, theorem)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("Lemma checked", "Lemma unchecked"), "there is no lemma"),
        (lambda text: text.replace("(Silent, corner_2)", "(Hidden, corner_2)"), "a kind of segment is missing"),
        (lambda text: text.replace("corner_1 : corner", "corner_0 : corner"), "corner_0 is defined twice"),
        (lambda text: text.replace("[[", "[[9223372036854775807;", 1), "a digit is too long"),
        (lambda text: text.replace("Sizes 3", "Sizes -3"), "a number is negative"),
        (lambda text: text[: text.index("[\n") + 6], "the text ends too early"),
    ],
)
def test_a_file_of_another_form_is_refused(
    program: Path, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    """One line, status 2."""
    theorem = exported(tmp_path, parallel())
    theorem.write_text(change(theorem.read_text(encoding="ascii")))
    done = subprocess.run([program, theorem], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"extracted: {said}\n")


def test_it_agrees_with_the_others(program: Path) -> None:
    """A few of the thousands that `extracted_agreement.py` draws."""
    counts: Counter[str] = Counter()
    for k in range(48):
        extracted_agreement.agreement(program, "connect", np.random.default_rng([22, k]), counts)
    assert counts["found true"] > 3
    assert counts["found false"] > 3


def test_the_script_wants_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and status 2."""
    for arguments in ([], [str(tmp_path / "none.v")]):
        assert make_extracted.main(arguments) == 2
        assert capsys.readouterr().err == "extracted: give the .v file that skipscape export has written\n"
