"""cases.v, written from known_answers.json: one real constant per number of the hand-checkable cases."""

import json
from fractions import Fraction
from pathlib import Path

HEAD = """\
(** Numbers of the known answers (blueprint, section 5). Written by cases.py from known_answers.json beside this
    file, which the Python tests read too: do not edit.

    Definitions: one real constant per number, [case3_loss_end] for the number loss_end of case3; the comment over
    each case says what the case is.
    Statements: none; known_answers.v states its examples with these constants. *)

From Coq Require Import Reals.
Open Scope R_scope.

Create HintDb cases.
"""


def constants(answers: Path) -> str:
    """The text of cases.v. Raises OSError, ValueError, KeyError."""
    lines = [HEAD]
    for case, entry in json.loads(answers.read_text(encoding="utf-8"))["cases"].items():
        lines.append(f"(** {case}: {entry['about']} *)")
        for name, value in entry["numbers"].items():
            number = Fraction(value)
            shown = str(abs(number.numerator)) + ("" if number.denominator == 1 else f" / {number.denominator}")
            lines.append(f"Definition {case}_{name} : R := {f'- ({shown})' if number < 0 else shown}.")
        names = " ".join(f"{case}_{name}" for name in entry["numbers"])
        lines += [f"Global Hint Unfold {names} : cases.", ""]
    return "\n".join(lines).rstrip("\n") + "\n"
