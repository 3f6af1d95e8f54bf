"""The text of a theorem: the literals, the corners, one check that Coq evaluates, and the sentence that it closes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from numerics.export.corners import Layout
from numerics.export.integers import Literal
from numerics.paths.chain import Kind

ROWS = 64  # of one definition; Coq reads long lists slowly
HEAD = """\
From Coq Require Import Reals ZArith List Sint63.
From Skipscape.base Require Import paths.
From Skipscape.networks Require Import networks.
From Skipscape.certificates Require Import numbers evaluate samples check.
Import ListNotations.
Open Scope R_scope.
"""
SEGMENT = {Kind.SILENT: "Silent", Kind.READOUT: "Readout"}


def theorem_text(layout: Layout, level: Fraction, *, plain: bool) -> Iterator[str]:
    """The lines of the file. `plain`: the class without a skip connection."""
    yield HEAD
    for name, literal in layout.arrays.items():
        yield from _array(name, literal)
    for k, place in enumerate(layout.places):
        inside = "; ".join(place.inside)
        yield f"Definition corner_{k} : corner := Corner {_numbers(place.chosen)}%nat {place.V} {place.A} [{inside}] {place.U}.\n"
    steps = "; ".join(f"({SEGMENT[kind]}, corner_{k + 1})" for k, kind in enumerate(layout.kinds))
    further = f"{_numbers(layout.further)}%nat"
    yield f"""\
Definition rest : list (kind * corner) := [{steps}].
Definition bank : list array := [{"; ".join(layout.bank)}].
Definition lengths : sizes := Sizes {layout.samples} {layout.seen} {layout.outputs} {layout.width} {layout.branch} {further} {layout.digit_bits} {layout.digit_count}.

Definition Data : data := data_of {layout.samples} {layout.seen} {layout.outputs} X Y.
Definition Loss (P : param) : R := squared Data ({"plain" if plain else "parallel"} Data {layout.width} (biased_branch {layout.branch} {further}) P).
Definition A : param := network bank {layout.width} corner_0.
Definition B : param := network bank {layout.width} corner_{len(layout.kinds)}.
Definition c : R := {level.numerator} / {level.denominator}.

Lemma checked : check lengths X Y bank corner_0 rest {level.numerator} {level.denominator} = true.
Proof. vm_cast_no_check (eq_refl true). Qed.

Theorem path : exists g, paths.path g /\\ g 0 = A /\\ g 1 = B /\\ forall t, 0 <= t <= 1 -> Loss (g t) <= c.
Proof. exact ({_proof(plain)}). Qed.

Print Assumptions path.
"""


def _proof(plain: bool) -> str:
    if plain:
        return "check_sound_plain lengths X Y bank corner_0 rest _ _ checked eq_refl"
    return "check_sound lengths X Y bank corner_0 rest _ _ checked"


def _array(name: str, literal: Literal) -> Iterator[str]:
    """One array, its rows in several definitions."""
    rows = literal.values.shape[0]
    blocks = range(0, rows, ROWS)
    for number, start in enumerate(blocks):
        written = ";\n".join(_row(literal.planes(k)) for k in range(start, min(rows, start + ROWS)))
        yield f"Definition {name}_rows_{number} : list row := [\n{written}]%sint63.\n"
    parts = " ++ ".join(f"{name}_rows_{number}" for number in range(len(blocks))) or "nil"
    yield f"Definition {name} : array := Array {literal.form.step} {literal.form.point} ({parts}).\n"


def _row(planes: Sequence[Sequence[int]]) -> str:
    return "[" + ";".join(_numbers(plane) for plane in planes) + "]"


def _numbers(values: Sequence[int]) -> str:
    return "[" + ";".join(map(str, values)) + "]"
