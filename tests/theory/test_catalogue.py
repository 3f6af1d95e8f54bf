"""The catalogue: order, dependencies, provenance, and every machine proof it lists."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import theory
from theory.catalogue import PROVERS, STATEMENTS, in_blueprint_order, statement
from theory.proof import Verdict
from theory.statement import ID_PATTERN, Kind, Provenance, Source, Statement


def make(id_, *depends_on):
    return Statement(id_, "Title", Kind.IDENTITY, (Provenance(Source.OURS, "all"),), "Claim.", depends_on, "Nothing.")


ORDER = (
    *("L1a", "L1b", "L1c", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "L10", "E1", "E2", "E3"),
    *("T1", "T7", "T7B", "T7F", "T7L", "C1", "C1+", "C2", "C2F", "C2T", "C2F+", "C7", "U1"),
    *("R0", "R1", "R1C", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "RM"),
    *("T1P", "T2", "T3", "T4", "T4F", "T4b", "T4+", "T5", "T6", "T7S", "T7V", "T8a", "T8b", "T8c", "T9"),
    *("T9C", "T9G", "T9S"),
    *("T10", "T10B", "T10K", "T10P", "T10U", "T11", "T12", "C3", "C4"),
)
"""The blueprint's; the catalogue has it from the statements themselves."""


def test_every_statement_of_the_blueprint_is_encoded_in_its_order():
    assert tuple(STATEMENTS) == ORDER
    assert all(statement(id_).id == id_ for id_ in ORDER)


def test_the_proof_of_a_statement_uses_encoded_statements_only():
    assert all(other in STATEMENTS for item in STATEMENTS.values() for other in item.depends_on)


def test_every_id_of_the_blueprint_is_a_usable_id_once():
    assert len(set(ORDER)) == len(ORDER)
    assert all(ID_PATTERN.fullmatch(id_) for id_ in ORDER)


def test_order_does_not_depend_on_the_order_of_entry():
    assert list(in_blueprint_order([make("R0", "L7"), make("T1"), make("L7")])) == ["L7", "T1", "R0"]


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        ([make("L7"), make("L7")], "L7 is encoded twice"),
        ([make("L7", "R9")], "statement L7: R9 is no id"),
        ([make("L7", "L9"), make("L9", "T1"), make("T1", "L7")], "in a circle"),
    ],
)
def test_an_inconsistent_catalogue_cannot_be_built(statements, message):
    with pytest.raises(ValueError, match=message):
        in_blueprint_order(statements)


@pytest.mark.parametrize(
    ("id_", "message"),
    [
        ("L1", "in parts: L1a, L1b, L1c"),
        ("L77", "no id"),
        ("C", "no id"),
        ("", "no id"),
    ],
)
def test_a_missing_statement_says_why(id_, message):
    with pytest.raises(KeyError, match=message):
        statement(id_)


@pytest.mark.parametrize("proof", PROVERS.values(), ids=lambda proof: f"{proof.__module__}.{proof.__name__}")
def test_every_listed_proof_proves_a_part_of_an_encoded_statement(proof):
    result = proof()
    assert result.verdict is Verdict.PROVED
    assert result.statement in STATEMENTS
    assert result.scope
    assert "..." not in result.claim  # z3 shortens long formulas when printing
    assert proof.__doc__.startswith(result.statement)


def test_only_these_take_anything_from_the_seed():
    seeded = [item.id for item in STATEMENTS.values() if any(s.source is Source.SEED for s in item.sources)]
    assert seeded == ["T1", "C1", "C2", "R1"]


def test_the_provenance_tags_of_the_blueprint():
    tags = {id_: [s.source.value for s in item.sources] for id_, item in STATEMENTS.items()}
    special = {
        **{id_: ["fb"] for id_ in ("L1a", "L1b", "L1c")},
        **{id_: ["fb", "ours"] for id_ in ("L3", "L7", "R6")},
        **{id_: ["known"] for id_ in ("L9", "R5", "T4b")},
        **{
            id_: ["known", "ours"]
            for id_ in ("E2", "T4", "T4F", "T4+", "T7", "T7B", "T7F", "T7L", "R9", "T9", "T9C", "T9G", "T9S", "T10")
        },
        **{id_: ["known", "ours"] for id_ in ("C2T", "C2F+", "T7S", "U1")},
        **{id_: ["seed", "ours"] for id_ in ("T1", "C1", "C2", "R1")},
    }
    assert tags == {id_: special.get(id_, ["ours"]) for id_ in ORDER}


def test_a_rate_is_named_together_with_bounded_S():
    for id_ in ("T1", "C1", "C2", "R1"):
        seed = statement(id_).sources[0].covers
        assert "O(m^{(eta-1)/n})" in seed
        assert "bounded S" in seed


RATED = [
    "C1",
    "C1+",
    "C2",
    "C2T",
    "R1",
    "R1C",
    "R2",
    "R3",
    "R4",
    "R7",
    "R8",
    "T2",
    "T3",
    "T7",
    "C7",
    "T11",
    "T12",
    "C3",
    "C4",
]


@pytest.mark.parametrize("id_", RATED)
def test_what_needs_bounded_S_says_so(id_):
    item = statement(id_)
    assert "bounded S" in item.claim + item.not_covered


def test_nothing_says_that_the_paper_proves_it():
    texts = [path.read_text() for path in Path(theory.__file__).parent.rglob("*.py")]
    texts += [str(getattr(item, field.name)) for item in STATEMENTS.values() for field in fields(item)]
    assert not any(re.search(r"paper('s)?\s+(prove|proof|show)", text, re.IGNORECASE) for text in texts)
