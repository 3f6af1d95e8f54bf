"""The Coq proofs in proofs_notes/formal, as far as they can be checked without Coq, and `make formal` itself with it.

`make formal` takes about a minute, so the compilation runs only where a Coq installation is asked for with
SKIPSCAPE_FORMAL=1; the other tests read the sources, the golden files and the README.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORMAL = ROOT / "proofs_notes" / "formal"
SCRIPT = FORMAL / "formal.py"
CASES = ROOT / "tests" / "known_answers" / "cases.json"
HOLES = re.compile(r"\b(Admitted|admit|Axiom|Axioms|Parameter|Parameters|Conjecture|Abort)\b")
ROW = re.compile(r"^\| [^|]+ \| `([\w.]+\.v)` \| ((?:`[\w']+`(?:, )?)+) \|", re.M)

needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None or os.environ.get("SKIPSCAPE_FORMAL") != "1",
    reason="compiles for about a minute: needs coqc and SKIPSCAPE_FORMAL=1",
)


def sources() -> list[Path]:
    return sorted(FORMAL.glob("*.v"))


def without_comments(text: str) -> str:
    """A slow and simple reader: drops nested comments character by character."""
    kept, depth, i = [], 0, 0
    while i < len(text):
        if text.startswith("(*", i):
            depth, i = depth + 1, i + 2
        elif text.startswith("*)", i) and depth:
            depth, i = depth - 1, i + 2
        else:
            kept.append("" if depth else text[i])
            i += 1
    assert depth == 0, "a comment is not closed"
    return "".join(kept)


def run(*arguments: str, where: Path = FORMAL, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """formal.py as `make formal` calls it, on the sources in `where`."""
    environment = dict(os.environ) if path is None else {**os.environ, "PATH": path}
    return subprocess.run(
        [sys.executable, str(where / SCRIPT.name), "--cases", str(CASES), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources, golden files and script, without compiled files."""
    folder = tmp_path / "formal"
    folder.mkdir()
    for path in FORMAL.iterdir():
        if path.suffix in {".v", ".golden", ".py"} or path.name == "_CoqProject":
            shutil.copy2(path, folder)
    return folder


def table() -> Iterator[tuple[str, str]]:
    """(file, theorem) of every row of the README's table of statements."""
    for file, names in ROW.findall((FORMAL / "README.md").read_text(encoding="utf-8")):
        for name in re.findall(r"`([\w']+)`", names):
            yield file, name


def test_no_source_has_a_hole() -> None:
    assert len(sources()) >= 25
    for path in sources():
        assert not HOLES.search(without_comments(path.read_text(encoding="utf-8"))), path.name


def test_the_script_reads_the_sources_and_finds_no_hole() -> None:
    done = run("--scan")
    assert done.returncode == 0, done.stderr
    assert f"{len(sources())} sources without holes" in done.stdout


def test_every_statement_of_the_readme_is_a_theorem_of_its_file() -> None:
    rows = list(table())
    assert len(rows) >= 60
    for file, name in rows:
        text = without_comments((FORMAL / file).read_text(encoding="utf-8"))
        assert re.search(rf"^(Theorem|Corollary|Example|Lemma) {re.escape(name)}\b", text, re.M), f"{name} in {file}"


def test_golden_files_mention_every_statement() -> None:
    statements = (FORMAL / "statements.golden").read_text(encoding="utf-8")
    axioms = (FORMAL / "axioms.golden").read_text(encoding="utf-8").split()
    for path in sources():
        text = without_comments(path.read_text(encoding="utf-8"))
        for name in re.findall(r"^(?:Theorem|Corollary|Example) ([\w']+)", text, re.M):
            assert re.search(rf"^@?{re.escape(name)}$", statements, re.M), f"{name}: not in statements.golden"
            assert f"{path.stem}.{name}" in axioms, f"{name}: not in axioms.golden"
    for file, name in table():
        assert f"{Path(file).stem}.{name}" in axioms, f"{name}: in the README, but no Theorem"


def test_only_the_axioms_of_the_standard_reals_are_used() -> None:
    lines = (FORMAL / "axioms.golden").read_text(encoding="utf-8").splitlines()
    used = {name for line in lines if not line.startswith("  ") for name in line.split(", ")}
    assert used <= {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "Classical_Prop.classic",
        "FunctionalExtensionality.functional_extensionality_dep",
    }


def test_only_the_standard_library_is_imported() -> None:
    names = {path.stem for path in sources()}
    for path in sources():
        text = without_comments(path.read_text(encoding="utf-8"))
        for library, modules in re.findall(r"^From (\w+) Require Import ([^.]*)\.", text, re.M):
            assert library in {"Coq", "Skipscape"}, path.name
            if library == "Skipscape":
                assert set(modules.split()) <= names, path.name
        assert not re.search(r"^Require ", text, re.M), path.name


def test_the_numbers_of_the_examples_are_those_of_the_json(copy: Path, tmp_path: Path) -> None:
    """cases.v says what cases.json says; another number is refused."""
    assert run("--scan", where=copy).returncode == 0
    other = tmp_path / "cases.json"
    other.write_text(CASES.read_text(encoding="utf-8").replace('"625/64"', '"626/64"'), encoding="utf-8")
    done = run("--scan", "--cases", str(other), where=copy)
    assert done.returncode == 1
    assert "cases.v differs" in done.stderr
    assert "+Definition case15_maximum : R := 313 / 32." in done.stderr


@pytest.mark.parametrize(
    ("planted", "complaint"),
    [
        ("Lemma false : 0 = 1.\nProof. Admitted.\n", "Admitted"),
        ("Lemma false : 0 = 1.\nProof. admit. Qed.\n", "admit"),
        ("Axiom false : 0 = 1.\n", "Axiom"),
        ("Parameter number : R.\n", "Parameter"),
        ("Conjecture false : 0 = 1.\n", "Conjecture"),
        ("Lemma false : 0 = 1.\nAbort.\n", "Abort"),
        ("Variable number : R.\n", "outside a section"),
        ("Hypothesis false : 0 = 1.\n", "outside a section"),
        ("Unset Guard Checking.\n", "Guard Checking"),
        ("(* never closed\n", "not closed"),
    ],
)
def test_a_planted_hole_is_refused_and_its_true_twin_is_not(copy: Path, planted: str, complaint: str) -> None:
    target = copy / "selection.v"
    honest = target.read_text(encoding="utf-8")
    target.write_text(honest + planted, encoding="utf-8")
    done = run("--scan", where=copy)
    assert done.returncode == 1
    assert complaint in done.stderr
    target.write_text(honest + "(* Admitted, Axiom, Parameter: words in a comment (* and in a nested one *) *)\n")
    assert run("--scan", where=copy).returncode == 0


def test_a_source_that_is_not_listed_is_refused(copy: Path) -> None:
    (copy / "stray.v").write_text("Lemma true : True.\nProof. exact I. Qed.\n", encoding="utf-8")
    done = run("--scan", where=copy)
    assert done.returncode == 1
    assert "stray.v" in done.stderr


def test_without_coq_one_line_and_exit_2(copy: Path, tmp_path: Path) -> None:
    done = run(where=copy, path=str(tmp_path))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "coqc is missing" in done.stderr


@needs_coq
def test_make_formal() -> None:
    done = subprocess.run(
        ["make", "formal", f"PYTHON={sys.executable}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "as in the golden files" in done.stdout


@needs_coq
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        # D without Lambda
        ("networks.v", "(V P j) + lam * enorm (branch_in B) (A P j))).", "(V P j)))."),
        # D halved
        ("networks.v", "  sigma * \\sum_(j in J) (enorm (seen X)", "  sigma / 2 * \\sum_(j in J) (enorm (seen X)"),
        # a negative c_j, and a centre inside J, allowed
        ("networks.v", "(forall j, In j J -> 0 <= cf j).", "(forall j, In j J -> -1 <= cf j)."),
        ("networks.v", "(ctr j < m)%nat /\\ ~ In (ctr j) J)", "(ctr j < m)%nat)"),
        # a load with V_j free
        ("slots.v", "  (forall c, V P j c = 0) /\\ (forall a, A P j a = 0).", "  (forall a, A P j a = 0)."),
    ],
)
def test_a_planted_error_breaks_the_build_or_the_golden_comparison(copy: Path, file: str, old: str, new: str) -> None:
    target = copy / file
    text = target.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    target.write_text(text.replace(old, new), encoding="utf-8")
    done = run(where=copy)
    assert done.returncode == 1, done.stdout
    assert "failed" in done.stderr or "differs" in done.stderr


@needs_coq
def test_a_weakened_statement_whose_proof_still_passes_differs_from_the_golden_file(copy: Path) -> None:
    target = copy / "valley.v"
    text = target.read_text(encoding="utf-8")
    strong = "exists t, 0 <= t <= 1 /\\ 1 / 2 <= squared corners"
    assert text.count(strong) == 1
    target.write_text(text.replace(strong, strong.replace("1 / 2", "1 / 4")), encoding="utf-8")
    done = run(where=copy)
    assert done.returncode == 1, done.stdout
    assert "statements.golden differs" in done.stderr
