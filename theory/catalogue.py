"""All statements by id, in blueprint order, and the machine proofs of their parts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType, ModuleType

from theory import (
    bridge,
    connectivity,
    crowding,
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
from theory.formulas import FORMULAS
from theory.proof import ProofResult
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


MODULES = (
    *(relu, moment, perturb, transfer, sphere, selection, readout, transferloss, slots, regulariser),
    *(connectivity, zero, merging, crowding, merging_order, rank, refit, pairing, measured),
    *(residual, stream, finite_sample, separation, bridge, rates, vacuity),
)
"""Where statements are encoded and their parts proved."""


def _stem(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


STATEMENTS = in_blueprint_order(
    replace(item, formulas=FORMULAS[item.id]) for module in MODULES for item in getattr(module, "STATEMENTS", ())
)
"""Each with its forms as relations; a statement without one could not be built."""

STEMS: Mapping[str, str] = MappingProxyType(
    {item.id: _stem(module) for module in MODULES for item in getattr(module, "STATEMENTS", ())}
)
"""The file of `theory` that encodes a statement; its check, tests, Coq source and note share the stem."""

PROOFS: tuple[Callable[[], ProofResult], ...] = tuple(
    proof for module in MODULES for proof in getattr(module, "PROOFS", ())
)
"""Functions without arguments that run a machine proof; each result names its statement and its scope."""

PROVERS: Mapping[str, Callable[[], ProofResult]] = MappingProxyType(
    {f"{proof.__module__.rpartition('.')[2]}.{proof.__name__}": proof for proof in PROOFS}
)
"""The same by `file.function`, the names under which `arguments` declares them."""


def statement(id_: str) -> Statement:
    """The statement with this id. Raises KeyError: the id is unknown or split."""
    if id_ in STATEMENTS:
        return STATEMENTS[id_]
    parts = [known for known in STATEMENTS if known[:-1] == id_ and known[-1].isalpha()]
    if parts:
        raise KeyError(f"{id_} is encoded in parts: {', '.join(parts)}")
    raise KeyError(f"{id_!r} is no id of the blueprint; encoded: {', '.join(STATEMENTS)}")
