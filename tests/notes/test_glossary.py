"""The words of printed answers: glossary and catalogue have them."""

import io
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import notes
from numerics.arithmetic.rationals import Enclosure
from numerics.common.speech import Speaker
from numerics.paths import Kind
from numerics.questions.result import Attained, Bound, Result, SegmentClaim
from numerics.questions.text import KINDS, WORDS, print_result
from numerics.routes.registry import ROUTES
from theory.catalogue import STATEMENTS

NOTATION = (notes.HERE / "notation.md").read_text(encoding="utf-8")
GLOSSARY = re.findall(r"^\| ([a-z -]+) \| [A-Z`]", NOTATION.split("## Glossary")[1].split("\n## ")[0], re.MULTILINE)
README = (Path(notes.HERE).parent / "README.md").read_text(encoding="utf-8")


def test_words_before_ids_belong_to_statements() -> None:
    """Each of a route or bound; and every route of the proof has one, but the three that are no statement's."""
    assert {*WORDS, *(route.statement for route in ROUTES.routes if route.statement)} <= set(STATEMENTS)
    assert {route.name for route in ROUTES.routes if not route.statement} == {
        "line",
        "curve",
        "polygon",
    }


def test_what_an_answer_says_is_explained() -> None:
    """The nouns of the rows of an answer that has everything."""
    known = Enclosure(Fraction(0), Fraction(1))
    segment = SegmentClaim("hidden", "breakpoints", "V, A", Fraction(1), exact=True, end=Fraction(0))
    result = replace(
        Result("connect", "PROVED", "loss <= 1 on the whole path", "exact"),
        depth=known,
        barrier=known,
        maximum=Attained(Fraction(0), Fraction(1), segment=0, t=Fraction(0)),
        bounds={name: Bound(Fraction(1), name == "R6", "level") for name in ("R0", "R6")},
        segments=(segment,),
        route="refit",
    )
    page = io.StringIO()
    print_result(Speaker(file=page, width=100), "", result)
    words = {"depth", "barrier", "zero path", "informative", "route", "refit", "piecewise-linear"}
    assert all(word in page.getvalue() for word in words), page.getvalue()
    assert words - {"piecewise-linear"} <= set(GLOSSARY)
    kinds = {KINDS.get(kind, kind) for kind in (Kind.READOUT.value, Kind.SILENT.value, Kind.HIDDEN.value)}
    assert {f"{kind} segment" for kind in kinds} <= set(GLOSSARY)


def test_the_first_page_uses_its_words() -> None:
    """What the README rests its claims on is in the glossary, and more than half of the glossary is needed there."""
    used = [word for word in GLOSSARY if word.removesuffix(" segment") in README]
    assert {"sub-level set", "barrier", "depth", "certificate", "checker", "zero path", "informative"} <= set(used)
    assert len(used) > len(GLOSSARY) / 2
