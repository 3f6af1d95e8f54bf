"""The statements' ledger, and property runs of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numerics.api import given
from numerics.api.asking import alone
from numerics.arithmetic.given import whole
from numerics.audit import answer as audits
from numerics.checks.chosen import chosen
from numerics.checks.engine import run, without_traces
from numerics.checks.writing import as_json
from numerics.common.progress import no_progress
from numerics.errors import InputError


def audit(ids: str | Iterable[str] = ()) -> dict[str, Any]:
    """The ledger, computed now: of all statements, of one, or of some (and of your own `.py` files).

    The answer is the JSON of `skipscape audit`: under `statements` each one's `status`, `evidence`, `scope`, `source`,
    beside it `constants`, `rates`, `sharpness`. Raises InputError for an id that is none.

    >>> (one,) = sk.audit("L1b")["statements"]
    >>> one["id"], one["status"]
    ('L1b', 'proved')
    """
    if not isinstance(ids, Iterable):
        raise InputError(f"ids is of type {type(ids).__name__}: an id or a list of ids is expected")
    names = [str(given.string(one, "id")) for one in ((ids,) if isinstance(ids, str) else ids)]
    with alone(), without_traces():
        catalogue = audits.with_files(name for name in names if name.endswith(".py"))
        answer, _ = audits.run_audit(audits.chosen_ids(names, catalogue), report=no_progress, catalogue=catalogue)
    return answer


def verify(what: str | Path = "", *, examples: int = 200, seed: int = 0) -> list[dict[str, Any]]:
    """Try to refute a statement (an id), all (""), or your own (`my_lemma.py`) on drawn networks and numbers.

    The answer is the JSON of `skipscape verify`, one entry for each check: `verdict` about its `claim`, `examples`
    tried, `counterexample` or None. UNDECIDED means that none was found, as sampling can only refute. A file is
    executed. Raises InputError.

    >>> (one,) = sk.verify("L1b", examples=20)
    >>> one["id"], one["counterexample"]
    ('L1b', None)
    """
    name = str(given.file_name(what, "the id of a statement, or the name of a .py file,")) if what != "" else ""
    tried, number = whole(examples, "examples", 1), whole(seed, "seed", 0)
    with alone(), without_traces():
        return [as_json(run(check, examples=tried, number=number)) for check, _ in chosen(name)]
