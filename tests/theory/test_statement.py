"""A statement that leaves out where it comes from or what it does not say cannot be built."""

from dataclasses import FrozenInstanceError, replace

import pytest

from theory.statement import Kind, Provenance, Source, Statement

OURS = Provenance(Source.OURS, "all of it")
SEED = Provenance(Source.SEED, "the rate O(m^{(eta-1)/n})")
GOOD = Statement(
    id="L7",
    title="A title",
    kind=Kind.IDENTITY,
    sources=(OURS,),
    claim="One equals one.",
    depends_on=("L1b", "T4+", "C2F", "RM"),
    not_covered="Two.",
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "Lemma 7"}, "id must look like"),
        ({"id": "L7 "}, "id must look like"),
        ({"id": 7}, "id must look like"),
        ({"title": " "}, "L7: title must be a non-empty text"),
        ({"title": "two\nlines"}, "title must be one line"),
        ({"claim": ""}, "claim must be a non-empty text"),
        ({"claim": "no full stop"}, "end with a full stop"),
        ({"not_covered": ""}, "not_covered must be a non-empty text"),
        ({"note": None}, "note must be a text"),
        ({"kind": "identity"}, "kind must be a Kind"),
        ({"subject": "scalars"}, "subject must be a Subject"),
        ({"sources": ()}, "sources must not be empty"),
        ({"sources": OURS}, "sources must be a tuple of Provenance"),
        ({"sources": (Source.OURS,)}, "sources must be a tuple of Provenance"),
        ({"sources": (OURS, OURS)}, "names a source twice: ours, ours"),
        ({"sources": (SEED,)}, r"\[seed\] alone"),
        ({"depends_on": "L1b"}, "depends_on must be a tuple"),
        ({"depends_on": ("relu",)}, "depends_on must look like"),
        ({"depends_on": ("L7",)}, "contains the statement itself"),
        ({"depends_on": ("L9", "L9")}, "names a statement twice"),
    ],
)
def test_an_unusable_field_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        replace(GOOD, **change)


@pytest.mark.parametrize(
    ("source", "covers", "message"),
    [
        ("ours", "all of it", "must be a Source"),
        (Source.OURS, "", "must say which part"),
        (Source.SEED, "the proof and the constants", "must name one of rate, threshold, object"),
        (Source.SEED, "what is separated and moderated", "must name one of rate, threshold, object"),
    ],
)
def test_provenance_says_what_it_covers_and_the_abstract_gives_three_things_only(source, covers, message):
    with pytest.raises(ValueError, match=message):
        Provenance(source, covers)


def test_a_seed_part_stands_beside_the_source_of_the_proof():
    assert replace(GOOD, sources=(SEED, OURS)).sources == (SEED, OURS)


def test_statements_do_not_change():
    with pytest.raises(FrozenInstanceError):
        GOOD.claim = "Another."
