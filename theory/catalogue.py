"""All statements by id, in blueprint order, and the machine proofs of their parts."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

from theory import (
    bridge,
    connectivity,
    finite_sample,
    measured,
    merging,
    merging_order,
    moment,
    pairing,
    perturb,
    rank,
    rates,
    readout,
    refit,
    regulariser,
    relu,
    residual,
    selection,
    separation,
    slots,
    sphere,
    stream,
    transfer,
    transferloss,
    vacuity,
    zero,
)
from theory.statement import Statement

ORDER = (
    *("L1a", "L1b", "L1c", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "L10"),
    *("T1", "C1", "C1+", "C2", "C2F"),
    *("R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "RM"),
    *("T2", "T3", "T4", "T4b", "T4+", "T5", "T6", "C3", "C4"),
)
"""Every id of the blueprint; L1 is split because its parts are of different kinds."""


def in_blueprint_order(statements: Iterable[Statement]) -> Mapping[str, Statement]:
    """`statements` by id. Raises ValueError on a repeated or unknown id, or a circular dependency."""
    table: dict[str, Statement] = {}
    for item in statements:
        if item.id in table:
            raise ValueError(f"statement {item.id} is encoded twice")
        for known in (item.id, *item.depends_on):
            if known not in ORDER:
                raise ValueError(f"statement {item.id}: {known} is no id of the blueprint")
        table[item.id] = item
    try:
        TopologicalSorter({item.id: item.depends_on for item in table.values()}).prepare()
    except CycleError as error:
        raise ValueError(f"statements depend on each other in a circle: {' -> '.join(error.args[1])}") from error
    return MappingProxyType({id_: table[id_] for id_ in ORDER if id_ in table})


STATEMENTS = in_blueprint_order(
    (
        *relu.STATEMENTS,
        *moment.STATEMENTS,
        *perturb.STATEMENTS,
        *transfer.STATEMENTS,
        *sphere.STATEMENTS,
        *selection.STATEMENTS,
        *readout.STATEMENTS,
        *transferloss.STATEMENTS,
        *slots.STATEMENTS,
        *regulariser.STATEMENTS,
        *connectivity.STATEMENTS,
        *zero.STATEMENTS,
        *merging.STATEMENTS,
        *rank.STATEMENTS,
        *refit.STATEMENTS,
        *pairing.STATEMENTS,
        *measured.STATEMENTS,
        *residual.STATEMENTS,
        *stream.STATEMENTS,
        *finite_sample.STATEMENTS,
        *separation.STATEMENTS,
        *bridge.STATEMENTS,
        *rates.STATEMENTS,
        *vacuity.STATEMENTS,
    )
)

PROOFS = (
    *relu.PROOFS,
    *moment.PROOFS,
    *perturb.PROOFS,
    *transfer.PROOFS,
    *sphere.PROOFS,
    *selection.PROOFS,
    *readout.PROOFS,
    *transferloss.PROOFS,
    *slots.PROOFS,
    *regulariser.PROOFS,
    *connectivity.PROOFS,
    *zero.PROOFS,
    *merging_order.PROOFS,
    *rank.PROOFS,
    *refit.PROOFS,
    *pairing.PROOFS,
    *measured.PROOFS,
    *residual.PROOFS,
    *stream.PROOFS,
    *finite_sample.PROOFS,
    *separation.PROOFS,
    *rates.PROOFS,
    *vacuity.PROOFS,
)
"""Functions without arguments that run a machine proof; each result names its statement and its scope."""


def statement(id_: str) -> Statement:
    """The statement with this id. Raises KeyError: the id is unknown or split."""
    if id_ in STATEMENTS:
        return STATEMENTS[id_]
    parts = [known for known in STATEMENTS if known[:-1] == id_ and known[-1].isalpha()]
    if parts:
        raise KeyError(f"{id_} is encoded in parts: {', '.join(parts)}")
    raise KeyError(f"{id_!r} is no id of the blueprint; encoded: {', '.join(STATEMENTS)}")
