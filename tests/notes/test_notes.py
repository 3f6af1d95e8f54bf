"""The notes in proofs_notes: complete, as generated, and true of the code, the tests and the golden Coq statements."""

import re
import shutil
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import graph
import names
import page
import pytest
import sympy

import notes
from support.browser import CHROMIUM, looked_at
from theory import symbols
from theory.catalogue import STATEMENTS

FOLDER = notes.HERE
STEMS = list(dict.fromkeys(notes.STEMS.values()))
PAGES = {path.relative_to(FOLDER).as_posix(): path for path in page.sources()}
each_page = pytest.mark.parametrize("name", PAGES)


@pytest.mark.parametrize("stem", STEMS)
def test_every_note_has_its_statements_and_sections(stem: str) -> None:
    """One note per theory file; every id of the file is in it, with the sections that are due, rendered anew."""
    note = notes.read(stem)
    assert list(notes.misshapen(note)) == []
    assert list(note.sections) == [id_ for id_, home in notes.STEMS.items() if home == stem]


def test_the_table_and_the_graph_are_fresh() -> None:
    """README.md is what the statements and notes give now."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert notes.readme(text, notes.notes()) == text
    assert all(f"| {id_} | " in text for id_ in STATEMENTS)


@each_page
def test_what_a_note_names_exists(name: str) -> None:
    """Files, functions, tests, Coq theorems and quoted Coq statements."""
    assert list(names.missing(PAGES[name].read_text(encoding="utf-8"))) == []


def test_every_formula_converts_and_every_link_leads_somewhere() -> None:
    """Nothing that the page could not show."""
    assert page.problems() == []


class Reader(HTMLParser):
    """Ids, links, formulas and everything that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.formulas = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        table = {name: value or "" for name, value in attrs}
        self.ids += [table["id"]] if "id" in table else []
        self.links += [table["href"]] if tag == "a" and "href" in table else []
        self.fetched += [table[name] for name in ("src", "srcset", "data") if name in table]
        self.fetched += [tag] if tag in ("link", "script", "iframe", "object", "embed") else []
        self.formulas += tag == "math"


def test_the_page_stands_alone() -> None:
    """It fetches nothing, every inner link has its anchor, no anchor occurs twice, and all formulas are there."""
    read = Reader()
    text = page.render()
    read.feed(text)
    pictures = [address for address in read.fetched if address.startswith("data:image/png;base64,")]
    assert read.fetched == pictures
    assert len(pictures) == sum(path.read_text("utf-8").count("\n![") for path in PAGES.values()) > 0
    assert "@import" not in text
    assert "url(" not in text.replace("url(#tip)", "")
    assert len(read.ids) == len(set(read.ids))
    assert set(STATEMENTS) <= set(read.ids)
    assert {link for link in read.links if not link.startswith("https://")} <= {f"#{id_}" for id_ in read.ids}
    tokens = [token for path in PAGES.values() for token in page.flat(page.reader().parse(path.read_text("utf-8")))]
    assert read.formulas == sum(token.type in ("math", "display") for token in tokens) > 100


def test_the_page_begins_with_what_was_found_and_folds_its_menu() -> None:
    """Ten lines, then the menu, folded, then the rest; a side bar only where there is room for it."""
    text = page.render()
    found, menu, table = (
        text.index(words) for words in ("What was found", '<details class="menu">', "<th>in words</th>")
    )
    assert found < menu < table
    assert text[found:menu].count("<li>") == 10
    assert text.count("<details") == 1
    assert " open" not in text[menu : menu + 40]
    narrow = re.search(r"@media \(max-width: 60rem\) \{(.*?)\n\}", page.STYLE + "\n}", re.DOTALL)
    assert narrow
    assert "nav { display: none; } .menu { display: block; }" in narrow[1]
    assert ".menu { display: none;" in page.STYLE


def test_nothing_widens_the_page() -> None:
    """Tables, displayed formulas, code and the graph scroll inside a box that is no wider than the page."""
    text = page.render()
    assert re.search(r"\.table, figure \{ overflow-x: auto; max-width: 100%", page.STYLE)
    assert re.search(r"\.display \{ overflow-x: auto; overflow-y: hidden; max-width: 100%", page.STYLE)
    assert re.search(r"pre \{[^}]*overflow-x: auto; max-width: 100%", page.STYLE)
    assert text.count("<table>") == text.count('<div class="table" tabindex="0"><table>') > len(STEMS)
    assert text.count('display="block"') == text.count('<div class="display"><math') > 50
    assert not re.findall(r"<img(?![^>]*\salt=)", text)


def test_the_graph_has_ids_and_titles() -> None:
    """Each box is a link with the id and every word of the title in sight."""
    boxes = dict(re.findall(r'<a href="#([^"]+)"><rect [^>]*/>(.*?)</a>', page.render(), re.DOTALL))
    assert boxes.keys() == STATEMENTS.keys()
    for id_, statement in STATEMENTS.items():
        words = " ".join(re.findall(r">([^<>]+)<", boxes[id_]))
        assert words == f"{id_} {escape(statement.title)}"


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.parametrize("width", [390, 1440])
def test_a_browser_shows_the_page_without_scrolling_overlaps_or_pale_words(tmp_path: Path, width: int) -> None:
    """The page in headless Chromium, in a frame of that width: text, tables and the graph."""
    (tmp_path / "notes.html").write_text(page.render(), encoding="utf-8")
    seen = looked_at(tmp_path / "notes.html", width)
    assert seen.width <= width
    assert seen.overlaps == ()
    assert seen.faintest >= 4.5
    assert seen.texts > 10_000


def test_dollars_in_code_are_no_formulas() -> None:
    """Code spans and fenced blocks keep their dollars; prices stay prices, a bar in code is no table."""
    html = page.reader().render("`$a$`, \\$5, $a_1$ and $b_2$\n\n```\n$c$\n```\n\n$$\na < b\n$$\n")
    assert html.count("<math") == 3
    assert "<code>$a$</code>" in html
    assert "$c$" in html
    assert "$5" in html


def test_relations_signs_and_punctuation_are_spaced_as_such() -> None:
    """The library takes some operators for letters and sets tags close; a full stop stays on its formula's line."""
    assert "<mo>&#x027FA;</mo>" in page.mathml(r"a \iff b")
    assert '<mo form="prefix">&#x000B1;</mo>' in page.mathml(r"x = \pm 1")
    assert "<mo>&#x000B1;</mo>" in page.mathml(r"a \pm b")
    assert '<mspace width="2em" />' in page.mathml(r"a = b . \tag{1}", display=True)
    assert page.article(FOLDER / "relu.md", page.anchors()).count('<span class="whole"><math') > 10


@pytest.mark.parametrize("tex", [r"\nosuch{x}", "{a", "a}", r"\left( a", r"\frac{a}", "a & b"])
def test_a_formula_that_would_not_show_is_refused(tex: str) -> None:
    """Unknown commands, unbalanced braces, and what gives no well-formed MathML."""
    with pytest.raises(page.Unreadable, match="formula"):
        page.mathml(tex)


def test_the_graph_keeps_every_dependency() -> None:
    """Edges left out are implied: what is reached by edges is what is reached by depends_on."""
    above = {id_: {b for a, b in graph.edges(STATEMENTS) if a == id_} for id_ in STATEMENTS}

    def reached(id_: str) -> set[str]:
        return above[id_].union(*(reached(other) for other in above[id_]))

    for id_, item in STATEMENTS.items():
        assert all(id_ in reached(other) for other in item.depends_on)
    assert all(f'href="#{id_}"' in graph.svg(STATEMENTS) for id_ in STATEMENTS)


USED_ELSEWHERE = {
    "L3": {"L4"},  # what its hypotheses are for
    "L7": {"E2"},  # which losses are convex
    "R4": {"L5"},  # the order of the bounds
    "R5": {"T1"},  # where it takes the place of L3
    "R6": {"R0", "T6"},  # compared with
    "R7": {"L4", "T1"},  # where the slots that it frees are used
    "T9G": {"T9C"},  # whose halves it compares its own with
    "T9S": {"T9", "T9C"},
}
"""What a proof mentions by a link and does not use, beside statements that rest on it."""


def leading_to(id_: str) -> set[str]:
    """All that a statement rests on."""
    direct = STATEMENTS[id_].depends_on
    return set(direct).union(*(leading_to(other) for other in direct))


@pytest.mark.parametrize("stem", STEMS)
def test_a_proof_uses_what_its_statement_rests_on(stem: str) -> None:
    """Each statement linked in a proof is one that it rests on, or rests on it, or is named above."""
    for id_, sections in notes.read(stem).sections.items():
        linked = set(re.findall(r"\]\((?:\w+\.md)?#([\w+]+)\)", sections["Proof"])) - {id_}
        ahead = {other for other in linked if id_ in leading_to(other)}
        assert linked - ahead - leading_to(id_) - USED_ELSEWHERE.get(id_, set()) == set(), id_


EQUALITY = "\nEquality holds for all $a, b \\ge 0$, so no constant below $1$ will do.\n"
FAULTS = {
    "a changed claim": (
        "relu.md",
        "for all real $a$ and all $c \\ge 0$",
        "for all real $a$ and $c$",
        "not what theory says",
    ),
    "a missing section": ("relu.md", "### Sharpness", "### Remarks", "due in this order"),
    "an empty section": ("relu.md", EQUALITY, "\n", "is empty"),
    "an unknown test": ("relu.md", "::test_known_answer_1`", "::test_known_answer_0`", "does not exist"),
    "an unknown function": (
        "relu.md",
        "`theory.statements.relu.lipschitz`",
        "`theory.statements.relu.lipshitz`",
        "does not exist",
    ),
    "an unknown file": ("relu.md", "`theory/statements/relu.py`", "`theory/rely.py`", "does not exist"),
    "an unknown theorem": ("relu.md", "`L1b_lipschitz` |", "`L1b_contraction` |", "in no golden file of formal/"),
    "a quotation without its hypothesis": ("relu.md", "R, 0 <= c -> relu", "R, relu", "quotation"),
    "a bent quotation": ("relu.md", "<-> 0 <= u * v", "<-> 0 < u * v", "quotation"),
    "an unknown command": ("relu.md", "$c = 0$", "$c \\equals 0$", "formula"),
    "a lone dollar": ("relu.md", "$c = 0$", "c = 0$", "a lone $"),
    "a dead link": ("relu.md", "perturb.md#L3", "perturb.md#L33", "no statement L33"),
    "a link out": ("relu.md", "perturb.md#L3", "../theory/statements/perturb.py", "neither to a note"),
    "a missing picture": ("separation.md", "(separation.png)", "(separations.png)", "no such PNG"),
    "a picture from elsewhere": ("separation.md", "(separation.png)", "(https://x.org/a.png)", "no such PNG"),
    "a stale table": ("README.md", "| L1a |", "| L1A |", "stale"),
    "a stale graph": ("README.md", "L1b --> L2", "L1a --> L2", "stale"),
    "a stale page of the Python face": ("api.md", "sk.connect(", "sk.join(", "api.md: stale"),
    "words of the paper": ("relu.md", "An identity.", "As the paper proves.", "only the abstract"),
    "a missing rows table": ("relu.md", "| constructed | - |\n", "", "needs the rows"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the notes, to be spoilt and mended."""
    folder = tmp_path_factory.mktemp("copy") / "notes"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.v*", "*.glob", ".*", "__pycache__"))
    return folder


@pytest.fixture(scope="module")
def sound(copy: Path) -> set[str]:
    """What is said of the copy as it is: the same as of the notes."""
    said = set(notes.problems(copy))
    assert said == set(notes.problems())
    return said


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found(fault: str, copy: Path, sound: set[str]) -> None:
    """Each is found by the check that has nothing to say about the true note."""
    name, before, after, said = FAULTS[fault]
    text = (copy / name).read_text(encoding="utf-8")
    assert before in text
    (copy / name).write_text(text.replace(before, after, 1), encoding="utf-8")
    try:
        found = set(notes.problems(copy)) - sound
    finally:
        (copy / name).write_text(text, encoding="utf-8")
    assert any(said in line for line in found), found


def test_a_missing_note_is_found(copy: Path, sound: set[str]) -> None:
    """Every statement of the catalogue is due, whoever forgot it."""
    moved = (copy / "relu.md").rename(copy.parent / "relu.md")
    try:
        assert "relu.md is missing" in set(notes.problems(copy)) - sound
    finally:
        moved.rename(copy / "relu.md")


def test_the_command_refreshes_checks_and_renders(copy: Path, sound: set[str], tmp_path: Path) -> None:
    """`--check` changes nothing, `--write` mends what is generated, the page goes where it is told."""
    readme = copy / "README.md"
    true = readme.read_text(encoding="utf-8")
    readme.write_text(true.replace("| L1a |", "| L1A |"), encoding="utf-8")
    spoilt = readme.read_text(encoding="utf-8")
    assert spoilt != true
    assert notes.main(["--check", "--source", str(copy)]) == 1
    assert readme.read_text(encoding="utf-8") == spoilt
    assert notes.main(["--write", "--source", str(copy)]) == 0
    assert readme.read_text(encoding="utf-8") == true
    out = tmp_path / "a" / "notes.html"
    assert notes.main(["--source", str(copy), "--out", str(out)]) == bool(sound)
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_notation_has_every_symbol_once() -> None:
    """The second table of notation.md and theory/symbols.py name the same symbols, in the same order."""
    text = (FOLDER / "notation.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \$.*\$ \| `(\w+)` \|", text.partition("## Symbols")[2].partition("\n## ")[0], re.M)
    assert rows == [name for name, value in vars(symbols).items() if isinstance(value, sympy.Symbol)]


def test_the_glossary_has_twenty_eight_words_with_one_sentence_each() -> None:
    """Each once; a sentence ends once, at its end."""
    text = (FOLDER / "notation.md").read_text(encoding="utf-8").partition("\n## Glossary\n")[2].partition("\n## ")[0]
    entries = re.findall(r"^\| (.+?) \| (.+) \|$", text, re.M)[2:]
    assert len(entries) == len({word for word, _ in entries}) == 28
    assert [word for word, sentence in entries if not re.fullmatch(r"[A-Z`][^.]*\.", sentence)] == []


def test_the_notation_names_coq_definitions_that_exist() -> None:
    """The last table of notation.md."""
    coq = names.ticked((FOLDER / "notation.md").read_text(encoding="utf-8").partition("\n## Coq\n")[2])
    assert "depth_at_most" in coq
    assert {name for name in coq if "/" not in name} <= names.golden().keys()


def test_the_golden_entries_are_what_the_sources_declare() -> None:
    """So a quotation of whole entries leaves out no hypothesis."""
    declared = r"^\s*(?:Definition|Fixpoint|Inductive|Record|Theorem|Corollary|Example)\s+([\w']+)"
    sources = "".join(path.read_text(encoding="utf-8") for path in names.FORMAL.glob("*/*.v"))
    assert names.golden().keys() == set(re.findall(declared, sources, re.M))
