"""All statements by id, in blueprint order, with everything their files say of them: found by scanning a folder.

Nothing here names a statement or a file. `collect` reads the attributes of any modules, so that a toy or a user's own
statements can join those of the blueprint.
"""

import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from theory import sharpness, statements
from theory.arguments import Prover, prover_name, witnessed
from theory.evidence import Argument, Extent
from theory.exact import Rational
from theory.sharpness import Sharpness
from theory.statement import Statement

CornerLevel = Callable[[Sequence[Rational]], Fraction]
"""From the losses at a path's corners, its ends among them, what no loss on the path exceeds."""


def modules_of(package: ModuleType) -> tuple[ModuleType, ...]:
    """The modules in a package's folder, by name; packages below it are left alone."""
    found = sorted(one.name for one in pkgutil.iter_modules(package.__path__) if not one.ispkg)
    return tuple(import_module(f"{package.__name__}.{name}") for name in found)


def stem(module: ModuleType) -> str:
    """The file's name without its folder and ending."""
    return Path(module.__file__ or module.__name__).stem


def in_blueprint_order(found: Iterable[Statement]) -> Mapping[str, Statement]:
    """Statements by id, by their `place`. Raises ValueError on a repeated or unknown id, or a circular dependency."""
    table: dict[str, Statement] = {}
    for item in sorted(found, key=lambda one: one.place):
        if item.id in table:
            raise ValueError(f"statement {item.id} is encoded twice")
        table[item.id] = item
    for item in table.values():
        if unknown := [other for other in item.depends_on if other not in table]:
            raise ValueError(f"statement {item.id}: {unknown[0]} is no id of the blueprint")
    try:
        TopologicalSorter({item.id: item.depends_on for item in table.values()}).prepare()
    except CycleError as error:
        raise ValueError(f"statements depend on each other in a circle: {' -> '.join(error.args[1])}") from error
    return MappingProxyType(table)


@dataclass(frozen=True)
class Catalogue:
    """What a scan has found.

    `stems` has the file of every statement, whose check, tests and note share the name. `provers` are the machine
    proofs by `file.function`, `witnesses` the sharpest known by name. `levels`: what the losses at a path's corners say
    of the whole path, by statement. `steps`, `formal` and `instances` are the declared arguments: of theory's own
    proofs (each uses what its statement depends on), of Coq (which uses none: what is below a theorem has been compiled
    with it) and of given or drawn objects.
    """

    modules: tuple[ModuleType, ...]
    statements: Mapping[str, Statement]
    stems: Mapping[str, str]
    provers: Mapping[str, Prover]
    witnesses: Mapping[str, Callable[[], Sharpness]]
    levels: Mapping[str, CornerLevel]
    steps: tuple[Argument, ...]
    formal: tuple[Argument, ...]
    instances: tuple[Argument, ...]

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """All declared evidence, in arguments."""
        return (*self.steps, *self.formal, *self.instances)

    @property
    def runners(self) -> Mapping[str, Prover]:
        """All evidence that theory runs itself: machine proofs and sharpest witnesses, by name."""
        kept = {f"sharpness.{name}": partial(sharpness.kept, find) for name, find in self.witnesses.items()}
        return MappingProxyType({**self.provers, **kept})

    def parts(self, id_: str) -> tuple[str, ...]:
        """The id itself, or the parts that it is encoded in (L1: L1a, L1b, L1c); empty where it is unknown."""
        if id_ in self.statements:
            return (id_,)
        return tuple(known for known in self.statements if known[:-1] == id_ and known[-1].islower())

    def statement(self, id_: str) -> Statement:
        """The statement with this id. Raises KeyError: the id is unknown or split."""
        found = self.parts(id_)
        if found == (id_,):
            return self.statements[id_]
        if found:
            raise KeyError(f"{id_} is encoded in parts: {', '.join(found)}")
        raise KeyError(f"{id_!r} is no id of the blueprint; encoded: {', '.join(self.statements)}")

    def including(self, *modules: ModuleType) -> "Catalogue":
        """The same with the statements of more modules."""
        return collect((*self.modules, *modules)) if modules else self


def collect(modules: Iterable[ModuleType]) -> Catalogue:
    """Everything that the modules declare, in blueprint order.

    Raises ValueError for what `in_blueprint_order` refuses, a statement without a formula, a proof or witness whose
    name is taken, and an argument for a statement that nobody has encoded.
    """
    kept = tuple(modules)
    stated = _declared(kept, "STATEMENTS")
    stems = {item.id: stem(module) for module, item in stated}
    table = in_blueprint_order(item for _, item in stated)
    for item in table.values():
        if not item.formulas:
            raise ValueError(f"statement {item.id}: it needs at least one formula, its conclusion as a relation")

    def arguments(attribute: str) -> list[Argument]:
        found = [one for _, one in _declared(kept, attribute)]
        for one in found:
            if one.statement not in table:
                raise ValueError(f"an argument is for {one.statement}, which is no id of the blueprint")
        return sorted(found, key=lambda one: table[one.statement].place)

    witnesses = _named((name, find) for module in kept for name, find in getattr(module, "WITNESSES", {}).items())
    levels = _named((id_, level) for module in kept for id_, level in getattr(module, "LEVELS", {}).items())
    if unknown := [id_ for id_ in levels if id_ not in table]:
        raise ValueError(f"a level is for {unknown[0]}, which is no id of the blueprint")
    about = sorted(witnesses, key=lambda name: table[sharpness.statement_of(name)].place)
    return Catalogue(
        kept,
        table,
        MappingProxyType({id_: stems[id_] for id_ in table}),
        _named((prover_name(proof), proof) for _, proof in _declared(kept, "PROOFS")),
        MappingProxyType({name: witnesses[name] for name in about}),
        levels,
        tuple(_using(one, table[one.statement]) for one in arguments("ARGUMENTS")),
        tuple(arguments("FORMAL")),
        (*(witnessed(sharpness.statement_of(name), name) for name in about), *arguments("INSTANCES")),
    )


def _using(argument: Argument, item: Statement) -> Argument:
    """Instances show what they show; whatever establishes more takes for granted what the statement depends on."""
    return argument if argument.extent is Extent.INSTANCES else replace(argument, uses=item.depends_on)


def _declared(modules: Iterable[ModuleType], attribute: str) -> list[tuple[ModuleType, Any]]:
    return [(module, one) for module in modules for one in getattr(module, attribute, ())]


def _named(pairs: Iterable[tuple[str, Any]]) -> Mapping[str, Any]:
    table: dict[str, Any] = {}
    for name, value in pairs:
        if name in table:
            raise ValueError(f"{name} is declared twice: name one of them otherwise")
        table[name] = value
    return MappingProxyType(table)


CATALOGUE = collect((*modules_of(statements), sharpness))
"""The blueprint's own."""

STATEMENTS = CATALOGUE.statements
PROVERS = CATALOGUE.provers
statement = CATALOGUE.statement
