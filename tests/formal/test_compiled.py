"""`make formal` itself: planted errors break a proof or show in a golden file, a new statement is one new file.

Runs where the proofs have been compiled before (`make formal`, as CI does) and reuses what did not change.
"""

import re
from pathlib import Path

import coq
import pytest

from support.coq_sources import Run, find, needs_coq, script, sources

pytestmark = needs_coq


def only(folder: Path, *names: str) -> Path:
    """The folder with these sources alone, what they import, and the numbers of the examples: the rest is not asked."""
    due, kept = ["cases.v", *names], set()
    while due:
        name = due.pop()
        kept.add(Path(name).stem)
        due += [f"{stem}.v" for stem in imported(find(name, folder)) if stem not in kept]
    for path in [*folder.rglob("*.v"), *folder.rglob("*.golden")]:
        if path.stem not in kept:
            path.unlink()
    return folder


def imported(path: Path) -> list[str]:
    """The stems that a source imports."""
    lines = re.findall(r"^From Skipscape\.\w+ Require Import ([^.]*)\.", path.read_text(encoding="utf-8"), re.M)
    return " ".join(lines).split()


def fault(folder: Path, file: str, old: str, new: str) -> Run:
    """`make formal` on the copy with `new` for `old`."""
    target = find(file, folder)
    text = target.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    target.write_text(text.replace(old, new), encoding="utf-8")
    return script(folder)


@pytest.mark.slow  # CI has run `make formal` itself before
def test_make_formal_is_content_with_the_true_twin_and_does_not_compile_it_twice(compiled: Path) -> None:
    done = script(compiled)
    assert done.returncode == 0, done.stderr
    assert "as in the golden files" in done.stdout
    assert f" of {len(sources())} sources" in done.stdout
    assert coq.compile_all(compiled) == []


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
        # a gradient with Lipschitz constant beta for curvature beta/2
        (
            "lipschitz.v",
            "lipschitz_gradient beta e s -> smooth_output X beta e.",
            "lipschitz_gradient beta e s -> smooth_output X (beta / 2) e.",
            {"lipschitz.v"},
        ),
        # T9C's, and so T9's, next tail in the slots of the present one
        (
            "half_channels.v",
            "if Nat.even (h - k) then j else s h j.",
            "if Nat.even (h - k) then j else j.",
            {"half_channels.v"},
        ),
        # twins whose biases differ
        (
            "twins.v",
            "/\\ P (Shift h j) = P (Shift h j').",
            "/\\ P (Shift h j) = P (Shift h j).",
            {"twins.v"},
        ),
        # T9G's halves that take no turns
        (
            "half_groups.v",
            "if Bool.eqb (Nat.even d) (first c) then mem c I else mem c J.",
            "if Bool.eqb (Nat.even d) (first c) then mem c I else mem c I.",
            {"half_groups.v"},
        ),
        # T9S's coordinates that do not change over from cut to cut
        (
            "half_stream.v",
            "if Nat.even (K - k) then C else C'.",
            "if Nat.even (K - k) then C else C.",
            {"half_stream.v"},
        ),
        # C4's width for R2 one too small
        (
            "widths.v",
            "INR l - 1 + (2 * s / D) ^ d / cap_constant d <= INR m).",
            "INR l - 2 + (2 * s / D) ^ d / cap_constant d <= INR m).",
            {"widths.v"},
        ),
        # L10 with norms of V and U_k apart: Lambda_k then moves along L4
        (
            "stream_mass.v",
            "(ov k (times m (sV P) (sU P k))\n    + \\sum_(h in after k)",
            "(ov k (sU P k)\n    + \\sum_(h in after k)",
            {"stream_mass.v"},
        ),
        # RM with the trace halved
        (
            "measured.v",
            "\\sum_(c < n) \\sum_(i < m) \\sum_(j < m) (M i c * K i j * M j c).",
            "\\sum_(c < n) \\sum_(i < m) \\sum_(j < m) (M i c * K i j * M j c / 2).",
            {"measured.v"},
        ),
        # R0 in RESIDUAL and STREAM with an output bias that does not move
        (
            "zero_classes.v",
            "match x with inl i => Y i | inr a => c0 a end",
            "match x with inl i => Y i | inr a => T (inr a) end",
            {"zero_classes.v"},
        ),
    ],
)
def test_a_planted_error_breaks_the_proof_of_its_lemma(
    compiled: Path, file: str, old: str, new: str, broken: set[str]
) -> None:
    done = fault(only(compiled, file, *broken), file, old, new)
    assert done.returncode == 1, done.stdout
    failed = re.search(r"coqc -q -Q . Skipscape \w+/(\w+\.v) failed", done.stderr)
    assert failed, done.stderr
    assert failed[1] in broken


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
        pytest.param(
            "known_answers.v",
            "Notation loss14 t := (squared",
            "Notation loss14 t := (0 * t + squared",
            marks=pytest.mark.slow,  # nine seconds: it imports nearly everything
        ),
    ],
)
def test_what_compiles_but_says_something_else_is_refused(compiled: Path, file: str, old: str, new: str) -> None:
    done = fault(only(compiled, file), file, old, new)
    assert done.returncode == 1, done.stdout
    assert "differs" in done.stderr


@pytest.mark.slow
def test_a_lemma_that_is_an_object_and_not_a_proof_is_refused(compiled: Path) -> None:
    """Such a lemma could take the name of a function that the statements speak of, and is in no golden file."""
    only(compiled, "relu.v")
    with find("relu.v", compiled).open("a", encoding="utf-8") as target:
        target.write("Lemma number : R.\nProof. exact 0. Qed.\n")
    done = script(compiled)
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


@pytest.mark.slow
def test_a_new_statement_is_one_new_file_and_its_golden(compiled: Path) -> None:
    only(compiled, "relu.v")
    before = {path: path.read_bytes() for path in compiled.rglob("*") if path.suffix in {".v", ".golden"}}
    (compiled / "theorems" / "toy.v").write_text(NEW, encoding="utf-8")
    done = script(compiled)
    assert done.returncode == 1
    assert "toy.toy_twice" in done.stderr
    assert script(compiled, "--update").returncode == 0
    assert script(compiled).returncode == 0
    after = {path: path.read_bytes() for path in compiled.rglob("*") if path.suffix in {".v", ".golden"}}
    assert {path.name for path in after.keys() - before.keys()} == {"toy.v", "toy.golden"}
    assert {path: text for path, text in after.items() if path in before} == before
    assert "toy_twice\n" in (compiled / "theorems" / "toy.golden").read_text(encoding="utf-8")
