"""The statements, their ledger, and property runs of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numerics.audit import answer as audits
from numerics.checks.chosen import chosen
from numerics.checks.engine import run, without_traces
from numerics.checks.writing import as_json
from numerics.common.progress import no_progress
from theory.catalogue import CATALOGUE
from theory.statement import Statement

statements: Mapping[str, Statement] = CATALOGUE.statements
"""Every statement by its id, in the blueprint's order: `statements["T1"].claim`, `.title`, `.not_covered`, ..."""


def audit(ids: Sequence[str] = ()) -> dict[str, Any]:
    """The ledger, computed now: the JSON of `skipscape audit`, of all statements or of some (and `.py` files).

    Raises InputError for an id that is none.

    >>> (one,) = audit(["L1b"])["statements"]
    >>> one["id"], one["status"]
    ('L1b', 'proved')
    """
    catalogue = audits.with_files(name for name in ids if name.endswith(".py"))
    asked = audits.chosen_ids(ids, catalogue)
    with without_traces():
        answer, _ = audits.run_audit(asked, report=no_progress, catalogue=catalogue)
    return answer


def verify(what: str = "", *, examples: int = 200, seed: int = 0) -> list[dict[str, Any]]:
    """Try to refute a statement (an id), all ("") or a user's own (`my_lemma.py`): the JSON of `skipscape verify`.

    Raises InputError; UNDECIDED means that no counterexample was found, as sampling can only refute.

    >>> (one,) = verify("L1b", examples=20)
    >>> one["id"], one["counterexample"]
    ('L1b', None)
    """
    with without_traces():
        return [as_json(run(check, examples=examples, number=seed)) for check, _ in chosen(what)]
