"""What is said of the paper: nothing that its abstract does not say, its own words unchanged, and whom to cite."""

import re

import names
import pytest

import notes

AUDIT = notes.HERE / "abstract.md"
FOLDERS = ("theory", "numerics", "tests", "proofs_notes")
AUTHORS = (
    "Wang Freeman Bruna Baturin Nguyen Venturi Bandeira Kuditipudi Shevchenko Mondelli Sotoudeh Thakur Pisier Barron"
)
QUOTING = {"tests/notes/test_notes.py", "tests/notes/test_abstract.py", "tests/notes/test_readme.py"}
"""Files that hold the forbidden words to forbid them."""
EVERY_TEXT = [
    path
    for pattern in ("*.md", "*.cff", *(f"{top}/**/*.{kind}" for top in FOLDERS for kind in ("py", "md", "v", "toml")))
    for path in sorted(names.ROOT.glob(pattern))
    if path.relative_to(names.ROOT).as_posix() not in QUOTING
]


def test_no_sentence_gives_the_paper_more_than_its_abstract() -> None:
    """The abstract has no proof, constant or assumption: none is called the paper's, in notes, code or README."""
    assert {path.name for path in EVERY_TEXT} >= {"README.md", "CITATION.cff", "relu.md", "relu.v", "relu.py"}
    found = {path: notes.PAPER_PROVES.search(path.read_text(encoding="utf-8")) for path in EVERY_TEXT}
    assert {path: match.group(0) for path, match in found.items() if match} == {}


def unspaced(text: str) -> str:
    """Letters and signs alone: no white space, no quotation marks."""
    return re.sub(r"[\s\"']", "", text)


def misquotations(page_: str) -> list[str]:
    """What stands in double quotes on the audit's page, and is not in the abstract that is quoted there as a whole."""
    abstract = unspaced("".join(re.findall(r"^> (.*)$", page_, re.M)))
    rest = re.sub(r"^> .*$", "", page_.partition("## References")[0], flags=re.M)
    return [quoted for quoted in re.findall(r'"([^"]+)"', rest) if unspaced(quoted) not in abstract]


def test_the_abstract_is_quoted_word_for_word() -> None:
    """Every phrase that the audit gives as the abstract's stands in it; a changed word is seen."""
    text = AUDIT.read_text(encoding="utf-8")
    assert text.count('"') > 20
    assert misquotations(text) == []
    changed = text.replace('"any local minima worse', '"all local minima worse')
    assert [quoted[:9] for quoted in misquotations(changed)] == ["all local"]


@pytest.mark.parametrize(
    "words",
    [
        "As the paper proves.",
        "The abstract assumes it.",
        "shown by the paper",
        "the paper's constant",
        "Its authors also\nprove it",
        "the abstract's assumptions",
    ],
)
def test_such_words_are_found_wherever_they_stand(words: str) -> None:
    """Across lines, in any case; what the abstract does have may be named."""
    assert notes.PAPER_PROVES.search(words)
    assert not notes.PAPER_PROVES.search("the paper's rate; the abstract has no proof; the abstract claims it")


def test_the_audit_and_the_citation_file_name_the_same_works() -> None:
    """Whom to cite, by arXiv numbers and by names; every entry has what the schema asks for."""
    cited = (names.ROOT / "CITATION.cff").read_text(encoding="utf-8")
    audit = AUDIT.read_text(encoding="utf-8")
    numbers = r"arXiv:(\d{4}\.\d{5})"
    assert set(re.findall(numbers, audit)) == set(re.findall(numbers, cited))
    assert all(name in audit and f"family-names: {name}" in cited for name in AUTHORS.split())
    assert "Simsek" in audit
    assert "Şimşek" in cited
    for entry in re.split(r"^  - type: ", cited, flags=re.M)[1:]:
        assert entry.startswith(("conference-paper", "article"))
        assert all(re.search(rf"^    {key}:", entry, re.M) for key in ("title", "authors", "year", "notes"))
