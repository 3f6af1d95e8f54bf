"""The Coq proofs in proofs_notes/formal, as far as they can be checked without Coq, and `make formal` itself with it.

What needs Coq runs where the proofs have been compiled before (`make formal`, as CI does) and reuses what did not
change; the other tests read the sources, the golden files and the README.
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
FOLDERS = ("base", "networks", "lemmas", "routes", "theorems", "examples")
GENERATED = "cases.v"
HOLES = re.compile(r"\b(Admitted|admit|Axiom|Axioms|Parameter|Parameters|Conjecture|Abort)\b")
ROW = re.compile(r"^\| [^|]+ \| `([\w.]+\.v)` \| ((?:`[\w']+`(?:, )?)+) \|", re.M)

needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None or not (FORMAL / ".stamps.json").exists(),
    reason="needs coqc and compiled proofs: make formal",
)


def sources() -> list[Path]:
    return sorted(FORMAL.rglob("*.v"))


def find(name: str, where: Path = FORMAL) -> Path:
    """The one source of that name."""
    (path,) = where.rglob(name)
    return path


def goldens() -> dict[str, tuple[str, str]]:
    """By stem: what Coq printed, and the axioms."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in FORMAL.rglob("*.golden")}
    return {stem: text.partition("== axioms ==\n")[::2] for stem, text in texts.items()}


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
        [sys.executable, str(where / SCRIPT.name), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources, golden files and scripts, and what is compiled already."""
    folder = tmp_path / "formal"
    shutil.copytree(FORMAL, folder, ignore=shutil.ignore_patterns("*.vok", "*.vos", "*.glob", "*.aux", "__pycache__"))
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
        text = without_comments(find(file).read_text(encoding="utf-8"))
        assert re.search(rf"^(Theorem|Corollary|Example|Lemma) {re.escape(name)}\b", text, re.M), f"{name} in {file}"


def test_golden_files_mention_every_statement() -> None:
    golden = goldens()
    assert golden.keys() == {path.stem for path in sources()}
    for path in sources():
        statements, axioms = golden[path.stem]
        text = without_comments(path.read_text(encoding="utf-8"))
        for name in re.findall(r"^(?:Theorem|Corollary|Example) ([\w']+)", text, re.M):
            assert re.search(rf"^@?{re.escape(name)}$", statements, re.M), f"{name}: not printed in its golden file"
            assert name in axioms.split(), f"{name}: without axioms in its golden file"
    for file, name in table():
        assert name in golden[Path(file).stem][1].split(), f"{name}: in the README, but no Theorem"


def test_only_the_axioms_of_the_standard_reals_are_used() -> None:
    lines = [line for _, axioms in goldens().values() for line in axioms.splitlines()]
    used = {name for line in lines if not line.startswith("  ") for name in line.split(", ")}
    assert used - {"none"} <= {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "Classical_Prop.classic",
        "FunctionalExtensionality.functional_extensionality_dep",
    }


def test_only_the_standard_library_is_imported() -> None:
    for path in sources():
        text = without_comments(path.read_text(encoding="utf-8"))
        for library in re.findall(r"^From ([\w.]+) Require Import", text, re.M):
            assert library == "Coq" or library in {f"Skipscape.{folder}" for folder in FOLDERS}, path.name
        assert not re.search(r"^Require ", text, re.M), path.name


def test_imports_only_point_down() -> None:
    assert {path.parent.name for path in sources()} == set(FOLDERS)
    for path in sources():
        text = without_comments(path.read_text(encoding="utf-8"))
        for folder, stems in re.findall(r"^From Skipscape\.(\w+) Require Import ([^.]*)\.", text, re.M):
            assert FOLDERS.index(folder) <= FOLDERS.index(path.parent.name), f"{path.name} imports {stems}"
            assert all((FORMAL / folder / f"{stem}.v").exists() for stem in stems.split()), path.name


def head(path: Path) -> str:
    """The comment before the first command."""
    return path.read_text(encoding="utf-8").partition("*)")[0]


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_every_source_is_headed_by_its_definitions_in_words(path: Path) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
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


def test_the_numbers_of_the_examples_are_those_of_the_json(copy: Path) -> None:
    """cases.v says what known_answers.json says; another number is refused."""
    assert run("--scan", where=copy).returncode == 0
    answers = copy / "examples" / "known_answers.json"
    answers.write_text(answers.read_text(encoding="utf-8").replace('"625/64"', '"626/64"'), encoding="utf-8")
    done = run("--scan", where=copy)
    assert done.returncode == 1
    assert "cases.v differs" in done.stderr
    assert "+Definition case15_maximum : R := 313 / 32." in done.stderr


def test_the_proofs_need_nothing_outside_their_folder(copy: Path) -> None:
    """The copy has no tests beside it, and its scripts name none."""
    assert run("--scan", where=copy).returncode == 0
    assert not [path.name for path in copy.glob("*.py") if re.search(r"tests/|['\"/]tests\b", path.read_text())]


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
def test_a_planted_hole_is_refused_and_its_true_twin_is_not(copy: Path, planted: str, complaint: str) -> None:
    target = copy / "base" / "selection.v"
    honest = target.read_text(encoding="utf-8")
    target.write_text(honest + planted, encoding="utf-8")
    done = run("--scan", where=copy)
    assert done.returncode == 1
    assert complaint in done.stderr
    target.write_text(honest + "(* Admitted, Axiom, Parameter: words in a comment (* and in a nested one *) *)\n")
    assert run("--scan", where=copy).returncode == 0


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("stray.v", "stray.v lies in none of the folders base, networks, lemmas, routes, theorems, examples"),
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
    done = run("--scan", where=copy)
    assert done.returncode == 1
    assert complaint in done.stderr


def test_a_head_that_says_no_statements_is_refused(copy: Path) -> None:
    target = copy / "base" / "selection.v"
    target.write_text(target.read_text(encoding="utf-8").replace("Statements: L6.", "It proves L6."), encoding="utf-8")
    done = run("--scan", where=copy)
    assert done.returncode == 1
    assert "does not say which statements" in done.stderr


def test_without_coq_one_line_and_exit_2(copy: Path, tmp_path: Path) -> None:
    done = run(where=copy, path=str(tmp_path))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "coqc is missing" in done.stderr


def fault(folder: Path, file: str, old: str, new: str) -> subprocess.CompletedProcess[str]:
    """`make formal` on the copy with `new` for `old`."""
    target = find(file, folder)
    text = target.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    target.write_text(text.replace(old, new), encoding="utf-8")
    return run(where=folder)


@needs_coq
def test_make_formal_is_content_with_the_true_twin_and_does_not_compile_it_twice(copy: Path) -> None:
    assert run(where=copy).returncode == 0
    done = run(where=copy)
    assert done.returncode == 0, done.stderr
    assert "as in the golden files" in done.stdout
    assert f"compiled now: 0 of {len(sources())} sources" in done.stdout


@needs_coq
@pytest.mark.parametrize(
    ("file", "old", "new", "broken"),
    [
        # D without Lambda
        (
            "networks.v",
            "(V P j) + lam * enorm (branch_in B) (A P j))).",
            "(V P j) + 0 * lam * enorm (branch_in B) (A P j))).",
            {"perturb.v"},
        ),
        # D halved
        (
            "networks.v",
            "  sigma * \\sum_(j in J) (enorm (seen X)",
            "  sigma / 2 * \\sum_(j in J) (enorm (seen X)",
            {"perturb.v"},
        ),
        # a negative c_j
        ("networks.v", "(forall j, In j J -> 0 <= cf j).", "(forall j, In j J -> -1 <= cf j).", {"transfer.v"}),
        # a centre inside J
        ("networks.v", "(ctr j < m)%nat /\\ ~ In (ctr j) J)", "(ctr j < m)%nat)", {"transfer.v"}),
        # a load with V_j free
        (
            "slots.v",
            "  (forall c, V P j c = 0) /\\ (forall a, A P j a = 0).",
            "  (forall a, A P j a = 0).",
            {"slots.v"},
        ),
        # T7 without the variance of the draw
        (
            "draw.v",
            "Definition variance : R := effect_mass^2 - (fnorm X (two_layer X l w v))^2.",
            "Definition variance : R := 0 * effect_mass.",
            {"draw.v"},
        ),
        # S* halved
        (
            "draw.v",
            "moment X sigma -> effect_mass <= sigma * two_layer_mass X l w v.",
            "moment X sigma -> effect_mass <= sigma * two_layer_mass X l w v / 2.",
            {"draw.v"},
        ),
        # C7's emptied neuron is still read by the branch
        (
            "emptying.v",
            "(fun i c => if Nat.eqb j i then 0 else V P i c) (fun i a => if Nat.eqb j i then 0 else A P i a)",
            "(fun i c => if Nat.eqb j i then 0 else V P i c) (A P)",
            {"emptying.v"},
        ),
        # K delta for 2 K delta in threshold (i)
        (
            "one_slot.v",
            "Phi (two_layer X l w v) + beta * K * d < Phi (net P) ->",
            "Phi (two_layer X l w v) + beta / 2 * K * d < Phi (net P) ->",
            {"one_slot.v"},
        ),
        # logistic's beta for cross-entropy
        (
            "curvature.v",
            "smooth_output X (1 / 2) (cross_entropy X y).",
            "smooth_output X (1 / 4) (cross_entropy X y).",
            {"curvature.v"},
        ),
    ],
)
def test_a_planted_error_breaks_the_proof_of_its_lemma(
    copy: Path, file: str, old: str, new: str, broken: set[str]
) -> None:
    done = fault(copy, file, old, new)
    assert done.returncode == 1, done.stdout
    failed = re.search(r"coqc -q -Q . Skipscape \w+/(\w+\.v) failed", done.stderr)
    assert failed, done.stderr
    assert failed[1] in broken


@needs_coq
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        # a weakened statement whose proof still passes
        (
            "valley.v",
            "exists t, 0 <= t <= 1 /\\ 1 / 2 <= squared corners",
            "exists t, 0 <= t <= 1 /\\ 1 / 4 <= squared corners",
        ),
        # a notation that makes a statement read as before and say less
        ("known_answers.v", "Notation loss14 t := (squared", "Notation loss14 t := (0 * t + squared"),
    ],
)
def test_what_compiles_but_says_something_else_is_refused(copy: Path, file: str, old: str, new: str) -> None:
    done = fault(copy, file, old, new)
    assert done.returncode == 1, done.stdout
    assert "differs" in done.stderr


@needs_coq
def test_a_lemma_that_is_an_object_and_not_a_proof_is_refused(copy: Path) -> None:
    """Such a lemma could take the name of a function that the statements speak of, and is in no golden file."""
    with find("known_answers.v", copy).open("a", encoding="utf-8") as target:
        target.write("Lemma number : R.\nProof. exact 0. Qed.\n")
    done = run(where=copy)
    assert done.returncode == 1, done.stdout
    assert 'expected to have type "Prop"' in " ".join(done.stderr.split())


NEW = """\
(** A toy statement, as a contributor adds one: the ReLU of a sum of two ReLUs is that sum. It stands for a file of
    theorems/ that nobody knows of; nothing else in the folder may have to change for it.

    Definitions: [twice], a number added to itself.
    Statements: none; it is a toy. *)

From Coq Require Import Reals Lra.
From Skipscape.base Require Import relu.
Open Scope R_scope.

Definition twice (a : R) : R := a + a.

Theorem toy_twice a : 0 <= a -> relu (twice a) = twice (relu a).
Proof. intros Ha. unfold twice. rewrite !relu_pos; lra. Qed.
"""


@needs_coq
def test_a_new_statement_is_one_new_file_and_its_golden(copy: Path) -> None:
    assert run(where=copy).returncode == 0
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.suffix in {".v", ".golden"}}
    (copy / "theorems" / "toy.v").write_text(NEW, encoding="utf-8")
    done = run(where=copy)
    assert done.returncode == 1
    assert "toy.toy_twice" in done.stderr
    assert run("--update", where=copy).returncode == 0
    assert run(where=copy).returncode == 0
    after = {path: path.read_bytes() for path in copy.rglob("*") if path.suffix in {".v", ".golden"}}
    assert {path.name for path in after.keys() - before.keys()} == {"toy.v", "toy.golden"}
    assert {path: text for path, text in after.items() if path in before} == before
    assert "toy_twice\n" in (copy / "theorems" / "toy.golden").read_text(encoding="utf-8")
