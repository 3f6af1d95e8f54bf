"""The text of a theorem: the literals, the corners, one check that Coq evaluates, and the sentence that it closes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from flint import fmpz

from numerics.common.shown import Shown
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
SEGMENT = {Kind.SILENT: "Silent", Kind.READOUT: "Readout", Kind.HIDDEN: "Senders"}


@dataclass(frozen=True)
class Level(Shown):
    """The claim of a path: nowhere on it is the loss above `upper`. `plain`: in the class without a skip connection."""

    upper: Fraction
    plain: bool

    def lines(self, check: str, last: int) -> str:
        """What comes after the definition of the loss; `check` is what the check is given, `last` the last corner."""
        top, bottom = (
            fmpz(self.upper.numerator),
            fmpz(self.upper.denominator),
        )  # Python writes no more than 4,300 digits
        sound = "check_sound_plain" if self.plain else "check_sound"
        besides = " eq_refl" if self.plain else ""
        return f"""\
Definition B : param := corner_weights corner_{last}.
Definition c : R := {top} / {bottom}.

Lemma checked : check {check} {top} {bottom} = true.
Proof. vm_cast_no_check (eq_refl true). Qed.

Theorem path : exists g, paths.path g /\\ g 0 = A /\\ g 1 = B /\\ forall t, 0 <= t <= 1 -> Loss (g t) <= c.
Proof. exact ({sound} {check} _ _ checked{besides}). Qed.

Print Assumptions path.
"""


@dataclass(frozen=True)
class Climb(Shown):
    """The claim of a depth: a path climbs at most so much above its start, and ends lower than that by the gain."""

    climb: Fraction
    gain: Fraction

    def lines(self, check: str, last: int) -> str:
        """As of a level; the last corner is no part of the sentence."""
        bottom = fmpz(lcm(self.climb.denominator, self.gain.denominator))
        climb, gain = (fmpz(one.numerator) * (bottom // one.denominator) for one in (self.climb, self.gain))
        return f"""\
Definition climb : R := {climb} / {bottom}.
Definition gain : R := {gain} / {bottom}.

Lemma checked : check_depth {check} {climb} {gain} {bottom} = true.
Proof. vm_cast_no_check (eq_refl true). Qed.

Theorem depth :
  (exists g, paths.path g /\\ g 0 = A /\\ Loss (g 1) + gain <= Loss A /\\
    forall t, 0 <= t <= 1 -> Loss (g t) <= Loss A + climb) /\\
  depth_at_most Loss A climb.
Proof. exact (depth_sound {check} _ _ _ checked). Qed.

Print Assumptions depth.
"""


def theorem_text(layout: Layout, claim: Level | Climb) -> Iterator[str]:
    """The lines of the file."""
    yield HEAD
    for name, literal in layout.arrays.items():
        yield from _array(name, literal)
    for k, place in enumerate(layout.places):
        named = f"{_numbers(place.chosen)}%nat {place.V} {place.A} [{'; '.join(place.inside)}] {place.U}"
        yield f"Definition corner_{k} : corner := Corner {named}.\n"
    steps = "; ".join(f"({SEGMENT[kind]}, corner_{k + 1})" for k, kind in enumerate(layout.kinds))
    points = f"{layout.samples} {layout.seen} {layout.outputs}"
    branch = f"{layout.branch} {_numbers(layout.further)}%nat"
    function = "plain" if isinstance(claim, Level) and claim.plain else "parallel"
    yield f"""\
Definition rest : list (kind * corner) := [{steps}].
Definition bank : list array := [{"; ".join(layout.bank)}].
Definition lengths : sizes := Sizes {points} {layout.width} {branch} {layout.digit_bits} {layout.digit_count}.

Definition the_data : data := data_of {points} X Y.
Definition corner_weights : corner -> param := network bank {layout.width}.
Definition Loss (P : param) : R := squared the_data ({function} the_data {layout.width} (biased_branch {branch}) P).
Definition A : param := corner_weights corner_0.
"""
    yield claim.lines("lengths X Y bank corner_0 rest", len(layout.kinds))


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
