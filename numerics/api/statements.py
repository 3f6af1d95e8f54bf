"""Every statement by its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from numerics.errors import InputError
from theory.catalogue import CATALOGUE
from theory.statement import Statement


class UnknownStatement(InputError, KeyError):
    """An id that no statement has."""

    __str__ = ValueError.__str__  # a KeyError would put its sentence in quotes


class Statements(Mapping[str, Statement]):
    """Every statement by its id, in the blueprint's order: its `.title`, `.claim`, `.not_covered`, `.depends_on`, ...

    A claim is a sentence with its hypotheses; shapes and symbols are those of `notation.md`. An unknown id raises
    InputError, which is a KeyError too.

    >>> sk.statements["L1b"]
    Statement(L1b: ReLU is 1-Lipschitz)
    >>> print(sk.statements["L1b"].claim)
    |[a]_+ - [b]_+| <= |a - b| for all real a, b.
    >>> "T1" in sk.statements
    True
    """

    def __getitem__(self, id_: str) -> Statement:
        try:
            return CATALOGUE.statements[id_]
        except (KeyError, TypeError):
            known = ", ".join(CATALOGUE.statements)
            raise UnknownStatement(f"{str(id_)[:40]!r} is no statement: known are {known}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(CATALOGUE.statements)

    def __len__(self) -> int:
        return len(CATALOGUE.statements)

    def __repr__(self) -> str:
        first, *_, last = self
        return f"Statements({len(self)} from {first} to {last})"


statements = Statements()
