"""Coq closes the theorem of an honest certificate, and of a spoilt one it does not: its kernel says no.

Theorems are modules of one file here, since Coq takes a second to begin.
"""

import re
from pathlib import Path

import numpy as np
import pytest
import theorem as make_theorem

from numerics.checker.check import check
from numerics.data import Data, read_data, write_data
from numerics.export.coq import HEAD
from numerics.networks.classes import network_of
from numerics.networks.files import write_network
from support.command_line import skipscape
from support.coq_sources import FORMAL, needs_coq
from support.theorems import FORGES, SPOILT, closed, exported, parallel

pytestmark = [
    needs_coq,
    pytest.mark.skipif(
        not (FORMAL / "certificates" / "check.vo").exists(), reason="needs compiled proofs: make formal"
    ),
]

STANDARD = {
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
}


def module(name: str, text: str) -> str:
    """A theorem without its imports, as a module."""
    return f"Module {name}.\n{text.removeprefix(HEAD)}End {name}.\n"


def test_coq_closes_a_theorem_of_every_class_and_question(tmp_path: Path) -> None:
    """The checker in Python proves the same. Beside the axioms of the reals stand those of machine integers."""
    text = HEAD
    for name, forge in FORGES.items():
        folder = tmp_path / name
        folder.mkdir()
        text += module(name.replace("-", "_"), exported(folder, forge()).read_text(encoding="ascii"))
        assert check(folder / "path.cert", str(folder / "data.npz")).verdict == "PROVED"
    everything = tmp_path / "Every.v"
    everything.write_text(text, encoding="ascii")
    done, said = closed(everything)
    assert done, said
    axioms = set(re.findall(r"^([\w.']+)\s*(?::|$)", said, re.M)) - {"Axioms"}
    assert len(re.findall(r"^Axioms:", said, re.M)) == len(FORGES)
    assert axioms >= STANDARD - {"ClassicalDedekindReals.sig_not_dec"}
    assert {name for name in axioms if not re.match(r"(Uint63|Sint63|PrimInt63)\.", name)} - STANDARD <= PRIMITIVE


PRIMITIVE = {
    *("add", "sub", "mul", "eqb", "land", "lor", "lsl", "lsr", "int", "lesb", "ltsb", "asr", "opp", "addmuldiv"),
    *("eqb_correct", "eqb_refl", "lor_spec", "land_spec", "lsl_spec", "lsr_spec", "leb_spec", "ltb_spec", "asr_spec"),
}
"""Coq's machine integers and what it says of them; it prints the shortest name that is clear."""


def test_coq_closes_no_spoilt_theorem(tmp_path: Path) -> None:
    """Its true twin is closed above. The check is evaluated whole, and comes out as false."""
    true = exported(tmp_path, parallel()).read_text(encoding="ascii")
    text = HEAD
    for spoil in SPOILT:
        spoilt = spoil(true)
        assert spoilt != true, spoil.__name__
        until, _, _ = spoilt.partition("Proof.")
        text += module(spoil.__name__, until + "Proof. vm_cast_no_check (eq_refl true). Fail Qed. Abort.\n")
        text += module(f"{spoil.__name__}_is_false", until.replace("= true.", "= false.") + PROOF_OF_FALSE)
    place = tmp_path / "Spoilt.v"
    place.write_text(text, encoding="ascii")
    done, said = closed(place)
    assert done, said


PROOF_OF_FALSE = "Proof. vm_cast_no_check (eq_refl false). Qed.\n"


def test_the_script_of_make_theorem_wants_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and status 2."""
    for arguments in ([], [str(tmp_path / "none.v")]):
        assert make_theorem.main(arguments) == 2
        assert capsys.readouterr().err == "theorem: give the .v file that skipscape export has written\n"


def test_a_theorem_about_digits(tmp_path: Path, checker_nearby: None) -> None:
    """100 digits, width 32, a live branch at both ends: found, checked, exported, read back and closed."""
    digits = read_data("digits")
    data, certificate, theorem = tmp_path / "data.npz", tmp_path / "path.cert", tmp_path / "Digits.v"
    write_data(data, Data(digits.X[:100], digits.Y[:100]))
    rng = np.random.default_rng(5)
    shapes = {"W": (32, 65), "V": (10, 32), "A": (8, 32), "a": (8,), "U": (10, 8), "c": (10,)}
    ends = tmp_path / "A.npz", tmp_path / "B.npz"
    for place in ends:
        arrays = {key: rng.standard_normal(shape) / 8 for key, shape in shapes.items()}
        write_network(place, network_of("parallel", arrays, bias=True))
    assert skipscape("connect", *ends, "--data", data, "--route", "bridge", "--out", certificate).status == 0
    assert skipscape("export", certificate, "--data", data, "--coq", theorem).status == 0
    ran = skipscape("export", certificate, "--data", data, "--verify", theorem, "--start", ends[0], "--end", ends[1])
    assert ran.status == 0, ran.out
    done, said = closed(theorem)
    assert done, said
