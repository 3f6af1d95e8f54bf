"""The Coq sources, the golden files and the README, as far as they can be checked without Coq."""

import re
from pathlib import Path

import pytest

from support.coq_sources import FOLDERS, FORMAL, find, goldens, head, script, sources, table, without_comments

GENERATED = "cases.v"
HOLES = re.compile(r"\b(Admitted|admit|Axiom|Axioms|Parameter|Parameters|Conjecture|Abort)\b")


def test_no_source_has_a_hole() -> None:
    assert len(sources()) >= 25
    for path in sources():
        assert not HOLES.search(without_comments(path)), path.name


def test_the_script_reads_the_sources_and_finds_no_hole() -> None:
    done = script(FORMAL, "--scan")
    assert done.returncode == 0, done.stderr
    assert f"{len(sources())} sources without holes" in done.stdout


def test_every_statement_of_the_readme_is_a_theorem_of_its_file() -> None:
    rows = list(table())
    assert len(rows) >= 60
    for file, name in rows:
        text = without_comments(find(file))
        assert re.search(rf"^(Theorem|Corollary|Example|Lemma) {re.escape(name)}\b", text, re.M), f"{name} in {file}"


def test_golden_files_mention_every_statement() -> None:
    golden = goldens()
    assert golden.keys() == {path.stem for path in sources()}
    for path in sources():
        statements, axioms = golden[path.stem]
        text = without_comments(path)
        for name in re.findall(r"^(?:Theorem|Corollary|Example) ([\w']+)", text, re.M):
            assert re.search(rf"^@?{re.escape(name)}$", statements, re.M), f"{name}: not printed in its golden file"
            assert name in axioms.split(), f"{name}: without axioms in its golden file"
    for file, name in table():
        assert name in golden[Path(file).stem][1].split(), f"{name}: in the README, but no Theorem"


def test_only_the_axioms_of_the_standard_reals_are_used() -> None:
    """But where a certificate is evaluated: Coq's machine integers, and what its library says of them."""
    evaluated = {path.stem for path in (FORMAL / "certificates").glob("*.v")}
    lines = [line for stem, (_, axioms) in goldens().items() if stem not in evaluated for line in axioms.splitlines()]
    used = {name for line in lines if not line.startswith("  ") for name in line.split(", ")}
    assert used - {"none"} <= {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "Classical_Prop.classic",
        "FunctionalExtensionality.functional_extensionality_dep",
    }
    lines = [line for stem in evaluated for line in goldens()[stem][1].splitlines()]
    besides = {name for line in lines if not line.startswith("  ") for name in line.split(", ")} - used
    assert {name.split(".")[0] for name in besides} <= {"PrimInt63", "Uint63", "Sint63"}


def test_only_the_standard_library_is_imported() -> None:
    for path in sources():
        text = without_comments(path)
        for library in re.findall(r"^From ([\w.]+) Require Import", text, re.M):
            assert library == "Coq" or library in {f"Skipscape.{folder}" for folder in FOLDERS}, path.name
        assert not re.search(r"^Require ", text, re.M), path.name


def test_imports_only_point_down() -> None:
    assert {path.parent.name for path in sources()} == set(FOLDERS)
    for path in sources():
        text = without_comments(path)
        for folder, stems in re.findall(r"^From Skipscape\.(\w+) Require Import ([^.]*)\.", text, re.M):
            assert FOLDERS.index(folder) <= FOLDERS.index(path.parent.name), f"{path.name} imports {stems}"
            assert all((FORMAL / folder / f"{stem}.v").exists() for stem in stems.split()), path.name


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_every_source_is_headed_by_its_definitions_in_words(path: Path) -> None:
    text = without_comments(path)
    defined = re.findall(r"^\s*(?:Definition|Fixpoint|Inductive|Record) ([\w']+)", text, re.M)
    assert 5 <= len(head(path).splitlines()) <= 15
    assert [name for name in defined if f"[{name}]" not in head(path) and path.name != GENERATED] == []


def test_the_heads_name_the_statements_that_the_readme_lists() -> None:
    """Ids of the ledger; the README's rows of hypotheses and of known answers have none."""
    an_id = re.compile(r"\b(?:[LTR]\d+|C\d)[a-zA-Z]?(?:\+|\b)")
    listed: dict[str, set[str]] = {path.name: set() for path in sources()}
    for ids, file in re.findall(r"^\| ([^|]+) \| `(\w+\.v)` \|", (FORMAL / "README.md").read_text(), re.M):
        listed[file] |= set(an_id.findall(ids))
    for path in sources():
        said = re.search(r"Statements: ([^.]*)", head(path))
        assert said, path.name
        ids = set(an_id.findall(re.sub(r"\b\w+_\w+\b", "", said[1])))
        assert ids == listed[path.name] or (said[1].startswith("none") and not listed[path.name]), path.name
