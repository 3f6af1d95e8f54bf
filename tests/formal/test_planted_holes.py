"""`make formal` before Coq: planted holes, files out of place and other numbers are refused, the true twin is not."""

import re
from pathlib import Path

import pytest

from support.coq_sources import scan, script


def test_the_numbers_of_the_examples_are_those_of_the_json(copy: Path) -> None:
    """cases.v says what known_answers.json says; another number is refused."""
    assert scan(copy).returncode == 0
    answers = copy / "examples" / "known_answers.json"
    answers.write_text(answers.read_text(encoding="utf-8").replace('"625/64"', '"626/64"'), encoding="utf-8")
    done = scan(copy)
    assert done.returncode == 1
    assert "cases.v differs" in done.stderr
    assert "+Definition case15_maximum : R := 313 / 32." in done.stderr


def test_the_proofs_need_nothing_outside_their_folder(copy: Path) -> None:
    """The copy has no tests beside it, and its scripts name none."""
    assert script(copy, "--scan").returncode == 0
    assert not [path.name for path in copy.glob("*.py") if re.search(r"tests/|['\"/]tests\b", path.read_text())]


def ending_in(copy: Path, planted: str) -> Path:
    """The copy, one of its sources with that at the end."""
    target = copy / "base" / "selection.v"
    target.write_text(target.read_text(encoding="utf-8") + planted, encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    ("planted", "complaint"),
    [
        ("Lemma false : 0 = 1.\nProof. Admitted.\n", "Admitted"),
        ("Lemma false : 0 = 1.\nProof. admit. Qed.\n", "admit"),
        ("Lemma false : 0 = 1.\nProof. split; give_up. Qed.\n", "give_up"),
        ("Lemma false : 0 = 1.\nAdmitted.\n", "Admitted"),
        ("Axiom false : 0 = 1.\n", "Axiom"),
        ("Local\n  Axiom false : 0 = 1.\n", "Local"),
        ("Lemma odd : True. Proof. Axiom false : 0 = 1. exact I. Qed.\n", "Axiom is not allowed in a proof"),
        ("Parameter number : R.\n", "Parameter"),
        ("Conjecture false : 0 = 1.\n", "Conjecture"),
        ("Lemma false : 0 = 1.\nAbort.\n", "Abort"),
        ("Variable number : R.\n", "outside a section"),
        ("Hypothesis false : 0 = 1.\n", "outside a section"),
        ("Context (number : R).\n", "outside a section"),
        ("Section S.\nEnd S. Variable number : R.\n", "outside a section"),
        ("Unset Guard Checking.\n", "Unset"),
        ("Unset\n  Guard\n  Checking.\n", "Unset"),
        ("#[bypass_check(guard)] Fixpoint f (n : nat) : False := f n.\n", "#[bypass_check"),
        ("Set Universe Polymorphism.\n", "Set"),
        ('Declare ML Module "zify_plugin".\n', "Declare"),
        ("Load stray.\n", "Load"),
        ("Module Type T. Parameter number : R. End T.\n", "Module"),
        ("Program Definition f : nat := _.\n", "Program"),
        ("Obligation Tactic := idtac.\n", "Obligation"),
        ("Instance false : 0 = 1.\n", "Instance"),
        ("Primitive int := #int63_type.\n", "Primitive"),
        ("Require Import ClassicalEpsilon.\n", "Require"),
        ("From Coq Require Import ClassicalEpsilon.\n", "may not be imported"),
        ("From Skipscape Require Import stray.\n", "may not be imported"),
        ("From Skipscape Require Import sums.\n", "may not be imported"),
        ("From Skipscape.base Require Import stray.\n", "may not be imported"),
        ("From Skipscape.base Require Import perturb.\n", "may not be imported"),
        ("From Skipscape.lemmas Require Import perturb.\n", "lemmas stands above base: imports only point down"),
        ("From Skipscape.base Require Import linear.\n", "in a circle"),
        ("Definition stray : nat := 0%nat.\n", "its head does not say what these are: [stray]"),
        ("Open Scope Z_scope.\n", "Open Scope Z_scope"),
        ('(* "(*" *) Axiom false : 0 = 1. (* "*)" *)\n', "Axiom"),
        ("Definition n := (*) 1.\n", "not allowed"),
        ("(* \u0410xiom *)\n", "not allowed"),
        ("Lemma open : True.\nProof. exact I.\n", "not closed"),
        ("(* never closed\n", "not closed"),
    ],
)
def test_a_planted_hole_is_refused(copy: Path, planted: str, complaint: str) -> None:
    done = scan(ending_in(copy, planted))
    assert done.returncode == 1
    assert complaint in done.stderr


def test_the_true_twin_of_every_planted_hole_is_not_refused(copy: Path) -> None:
    twin = "(* Admitted, Axiom, Parameter: words in a comment (* and in a nested one *) *)\n"
    assert scan(ending_in(copy, twin)).returncode == 0


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        (
            "stray.v",
            "stray.v lies in none of the folders base, networks, lemmas, routes, theorems, certificates, examples",
        ),
        ("theorems/deeper/stray.v", "lies in none of the folders"),
        ("theorems/perturb.v", "perturb.v lies in lemmas and in theorems"),
        ("theorems/stray.v", "the comment that heads it has 0 lines, not 5 to 15"),
        ("theorems/stray.golden", "no source has these golden files: theorems/stray.golden"),
    ],
)
def test_a_file_out_of_place_or_without_a_head_is_refused(copy: Path, name: str, complaint: str) -> None:
    path = copy / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("Lemma true : True.\nProof. exact I. Qed.\n", encoding="utf-8")
    done = scan(copy)
    assert done.returncode == 1
    assert complaint in done.stderr


def test_a_head_that_says_no_statements_is_refused(copy: Path) -> None:
    target = copy / "base" / "selection.v"
    target.write_text(target.read_text(encoding="utf-8").replace("Statements: L6.", "It proves L6."), encoding="utf-8")
    done = scan(copy)
    assert done.returncode == 1
    assert "does not say which statements" in done.stderr


def test_without_coq_one_line_and_exit_2(copy: Path, tmp_path: Path) -> None:
    done = script(copy, path=str(tmp_path))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "coqc is missing" in done.stderr
