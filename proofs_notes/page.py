"""All notes as one HTML page that needs no network: formulas in MathML, the graph in SVG, pictures and links inside.

markdown-it-py reads the Markdown, latex2mathml turns LaTeX into MathML, which browsers show by themselves.
"""

import base64
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from html import escape
from pathlib import Path

import graph
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from theory.catalogue import STATEMENTS

HERE = Path(__file__).resolve().parent
FIRST = ("README.md", "notation.md")
LAST = ("formal/README.md",)
OWN_HTML = re.compile(r'\s*(<!-- [^<>]* -->|<a id="[\w+]+">|</a>|\s)*')
ANCHOR = re.compile(r'<a id="([\w+]+)"></a>')
PICTURE = re.compile(r"[\w-]+\.png")
LINK = re.compile(r"https://\S+|(?:([\w./]+\.md))?(?:#([\w+]+))?")

STYLE = """
:root { color-scheme: light dark; --ink: #1c1c1c; --paper: #fffefb; --soft: #f3f1ea; --line: #cfcabc; --link: #0b5394; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e3db; --paper: #191918; --soft: #242422; --line: #45433d; --link: #8ab8e6; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.02rem/1.55 Georgia, "Liberation Serif", serif; }
nav { position: fixed; inset: 0 auto 0 0; width: 15rem; overflow: auto; padding: 1rem; box-sizing: border-box;
  border-right: 1px solid var(--line); font: .85rem/1.5 system-ui, sans-serif; }
nav ul, .menu ul { list-style: none; padding: 0; margin: 0 0 .5rem; }
nav li li, .menu li li { display: inline-block; margin-right: .5rem; }
.menu { display: none; font: .95rem/1.8 system-ui, sans-serif; } .menu summary { cursor: pointer; padding: .5rem 0; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
main { margin-left: 15rem; padding: 1rem 2.5rem 6rem; max-width: 54rem; }
article { border-bottom: 1px solid var(--line); padding-bottom: 2rem; margin-bottom: 2rem; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
h1, h2, h3, h4 { line-height: 1.25; } h2 { margin-top: 2.5rem; } h3 { margin-bottom: .3rem; }
code, pre { font: .86em/1.45 ui-monospace, "Liberation Mono", monospace; background: var(--soft); }
code { padding: .05em .25em; border-radius: 3px; overflow-wrap: anywhere; }
pre { padding: .7rem .9rem; overflow-x: auto; max-width: 100%; box-sizing: border-box;
  border-left: 3px solid var(--line); } pre code { padding: 0; }
.table, figure { overflow-x: auto; max-width: 100%; } figure { margin: 1rem 0; }
table { border-collapse: collapse; font-size: .92em; }
td code { overflow-wrap: normal; font-size: .8em; }
td, th { border: 1px solid var(--line); padding: .2rem .5rem; vertical-align: top; text-align: left;
  overflow-wrap: normal; }
thead:not(:has(th:not(:empty))) { display: none; }
.display { overflow-x: auto; overflow-y: hidden; max-width: 100%; margin: .8rem 0; }
mtd[columnalign="left"] { text-align: left; } mtd[columnalign="right"] { text-align: right; }
mtable[columnspacing] > mtr > mtd { padding-left: 0; padding-right: 0; }
.whole { white-space: nowrap; }
math { font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math", math; }
img { max-width: 100%; height: auto; }
svg { font: 9.5px system-ui, sans-serif; } svg .id { font-size: 12px; font-weight: bold; }
svg rect { fill: var(--soft); stroke: var(--ink); } svg text { fill: var(--ink); }
svg .edge { fill: none; stroke: var(--ink); opacity: .45; } svg marker path { fill: var(--ink); }
@media (max-width: 60rem) {
  nav { display: none; } .menu { display: block; } main { margin: 0; padding: 1rem; overflow-wrap: anywhere; }
  .whole { white-space: normal; } main p, main ul, main ol { overflow-x: auto; overflow-y: hidden; }
  h1 { font-size: 1.5rem; } }
"""


NAMED = re.compile(r'<m[oi]>([A-Za-z]{2,})</m[oi]>(<mo stretchy="false">&#x00028;)?')
BAR = re.compile(r"<mo>(&#x02016;|&#x0007C;)</mo>")
OPERATOR = re.compile(r"<mi>(&#x0007E;|&#x000B1;|&#x027FA;)</mi>")
SIGN = re.compile(r"(<mo[^>]*>(?!&#x00029;|]|&#x0007D;|&#x0007C;|&#x02016;)[^<]+</mo>)<mo>(&#x02212;|&#x000B1;)</mo>")
TAG = re.compile(r"\\tag\{(\w+)\}")
PUNCTUATED = re.compile(r"(<math(?:(?!</?math).)*</math>[.,;:)]+)", re.S)
CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}


class Unreadable(ValueError):
    """A formula, a link or a piece of HTML that the page cannot show; the message is one line."""


@cache
def mathml(tex: str, display: bool = False) -> str:
    """The formula as MathML. Raises Unreadable: unknown command, unbalanced braces, or not well-formed."""
    bare = re.sub(r"\\[\\{}]", "", tex)
    if bare.count("{") != bare.count("}"):
        raise Unreadable(f"formula {tex!r}: braces are not balanced")
    try:
        spread = TAG.sub(r"\\qquad (\1)", re.sub(r"(begin|end)\{aligned\}", r"\1{align*}", tex))
        made = convert(spread, display="block" if display else "inline")
        root = ElementTree.fromstring(made)
    except Exception as error:  # the library raises many kinds, none of them documented
        raise Unreadable(f"formula {tex!r}: {error!r}") from None
    for node in root.iter():
        if len(node) != CHILDREN.get(name := node.tag.rpartition("}")[2], len(node)):
            raise Unreadable(f"formula {tex!r}: {name} of {len(node)} parts")
    if unknown := [node.text for node in root.iter() if "\\" in (node.text or "")]:
        raise Unreadable(f"formula {tex!r}: {unknown[0]} is not known")
    made = OPERATOR.sub(r"<mo>\1</mo>", NAMED.sub(_named, made))  # the library takes them for letters
    made = BAR.sub(r'<mo stretchy="false" lspace="0" rspace="0">\1</mo>', made)
    return SIGN.sub(r'\1<mo form="prefix">\2</mo>', made)


def _named(found: re.Match[str]) -> str:
    """A function's name, set close to its parenthesis."""
    name, parenthesis = found.groups(default="")
    return f'<mo lspace="0.167em" rspace="{"0" if parenthesis else "0.167em"}">{name}</mo>{parenthesis}'


def shown(token: Token) -> str:
    """A formula's MathML, or its LaTeX where that fails (and `problems` says so)."""
    try:
        return mathml(token.content, token.type == "display")
    except Unreadable:
        return f"<code>{escape(token.content)}</code>"


def code(text: str) -> str:
    """A code span that may be broken after a slash or a double colon."""
    broken = re.sub("(/|::)", r"\1<wbr>", escape(text))
    return f"<code>{broken}</code>"


def _inline_math(state: StateInline, silent: bool) -> bool:
    """`$tex$`: the first $ before no space, the last after none and before no digit; code spans never come here."""
    if state.src[state.pos] != "$":
        return False
    found = re.compile(r"\$(?![\s$])((?:\\.|[^$\\])+?)(?<!\s)\$(?!\d)", re.S).match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("math", "", 0).content = found.group(1)
    state.pos = found.end()
    return True


def _display_math(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines from one that begins with $$ to the next that ends with it."""
    lines = []
    for number in range(start, end):
        line = state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]
        if number == start and not line.startswith("$$"):
            return False
        lines.append(line)
        if len("".join(lines)) > 2 and line.rstrip().endswith("$$"):
            break
    else:
        return False
    if silent:
        return True
    token = state.push("display", "", 0)
    token.content = "\n".join(lines).strip()[2:-2].strip()
    token.block, token.map = True, [start, number + 1]
    state.line = number + 1
    return True


@cache
def reader() -> MarkdownIt:
    """Markdown with tables and formulas."""
    md = MarkdownIt("commonmark", {"html": True}).enable("table")
    md.inline.ruler.before("escape", "math", _inline_math)
    md.block.ruler.before("fence", "display", _display_math, {"alt": ["paragraph", "list", "blockquote"]})
    md.add_render_rule("math", lambda self, tokens, i, options, env: shown(tokens[i]))
    md.add_render_rule(
        "display", lambda self, tokens, i, options, env: f'<div class="display">{shown(tokens[i])}</div>\n'
    )
    md.add_render_rule("code_inline", lambda self, tokens, i, options, env: code(tokens[i].content))
    md.add_render_rule("table_open", lambda self, tokens, i, options, env: '<div class="table" tabindex="0"><table>\n')
    md.add_render_rule("table_close", lambda self, tokens, i, options, env: "</table></div>\n")
    return md


def sources(folder: Path = HERE) -> list[Path]:
    """Every Markdown file of the page: README, notation, the notes in blueprint order, the rest."""
    rank = {id_: number for number, id_ in enumerate(STATEMENTS)}

    def place(path: Path) -> tuple[int, str]:
        ids = ANCHOR.findall(path.read_text(encoding="utf-8"))
        return min((rank.get(id_, len(rank)) for id_ in ids), default=len(rank)), path.name

    middle = sorted((path for path in folder.glob("*.md") if path.name not in FIRST), key=place)
    ends = [[folder / name for name in names if (folder / name).exists()] for names in (FIRST, LAST)]
    return [*ends[0], *middle, *ends[1]]


def key(path: Path) -> str:
    """The anchor of a file: `perturb` for perturb.md, `notes` for README.md, `formal` for formal/README.md."""
    if path.parent.name == "formal":
        return "formal"
    return "notes" if path.stem == "README" else path.stem


def anchors(folder: Path = HERE) -> dict[Path, set[str]]:
    """The statements of each file, which links may name."""
    return {path: set(ANCHOR.findall(path.read_text(encoding="utf-8"))) for path in sources(folder)}


def resolved(href: str, source: Path, known: Mapping[Path, set[str]]) -> str:
    """The link as it is on the page. Raises Unreadable: no such note or statement, or neither a note nor https."""
    found = LINK.fullmatch(href)
    if not found or not href:
        raise Unreadable(f"link {href!r} is neither to a note nor to https")
    if href.startswith("https:"):
        return href
    name, anchor = found.groups()
    target = (source.parent / name).resolve() if name else source
    if target not in known:
        raise Unreadable(f"link {href!r}: there is no note {name}")
    if anchor and anchor not in known[target]:
        raise Unreadable(f"link {href!r}: {target.name} has no statement {anchor}")
    return f"#{anchor or key(target)}"


def embedded(source: str, beside: Path) -> str:
    """The picture as a data address, so that the page fetches nothing. Raises Unreadable: no PNG beside the note."""
    path = beside.parent / source
    if not PICTURE.fullmatch(source) or not path.exists():
        raise Unreadable(f"picture {source!r}: no such PNG beside the note")
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


@cache
def parsed(text: str) -> tuple[Token, ...]:
    """The tokens of one text, for looking at only: a text that is asked about again is not read again."""
    return tuple(flat(reader().parse(text)))


def wrong(token: Token, source: Path, known: Mapping[Path, set[str]]) -> Iterator[str]:
    """What the page cannot show of one token, one line each."""
    try:
        if token.type in ("math", "display"):
            mathml(token.content, token.type == "display")
        elif token.type == "link_open":
            resolved(str(token.attrs["href"]), source, known)
        elif token.type == "image":
            embedded(str(token.attrs["src"]), source)
    except Unreadable as error:
        yield str(error).replace("\n", " ")
    if token.type in ("html_inline", "html_block") and not OWN_HTML.fullmatch(token.content):
        yield f"HTML: {token.content.strip()!r}"
    if token.type == "text" and "$" in token.content:
        yield f"a lone $ in {token.content!r}"


def problems(folder: Path = HERE) -> list[str]:
    """Formulas that do not convert, links that lead nowhere, stray HTML and dollars, file by file."""
    known = anchors(folder)
    return [
        f"{path.relative_to(folder)}: {line}"
        for path in known
        for token in parsed(path.read_text(encoding="utf-8"))
        for line in wrong(token, path, known)
    ]


def article(path: Path, known: Mapping[Path, set[str]]) -> str:
    """One note as HTML; a link or a picture that leads nowhere stays as it is."""
    tokens = reader().parse(path.read_text(encoding="utf-8"))
    for token in flat(tokens):
        if token.type == "link_open":
            with suppress(Unreadable):
                token.attrs["href"] = resolved(str(token.attrs["href"]), path, known)
        if token.type == "image":
            with suppress(Unreadable):
                token.attrs["src"] = embedded(str(token.attrs["src"]), path)
        if token.type == "fence" and token.info == "mermaid":
            token.type, token.content = "html_block", f'<figure tabindex="0">{graph.svg(STATEMENTS)}</figure>\n'
    body = PUNCTUATED.sub(r'<span class="whole">\1</span>', reader().renderer.render(tokens, reader().options, {}))
    return f'<article id="{key(path)}">\n{body}</article>\n'


def title(path: Path) -> str:
    """The first heading of a file, or its name."""
    found = re.search(r"^# (.+)$", path.read_text(encoding="utf-8"), re.M)
    return found.group(1) if found else path.stem


def contents(folder: Path = HERE) -> str:
    """Every file by its first line, with its statements in the order of the file: the side bar, and the folded menu."""
    items = []
    for path in sources(folder):
        text = path.read_text(encoding="utf-8")
        inner = "".join(f'<li><a href="#{id_}">{id_}</a></li>' for id_ in ANCHOR.findall(text))
        inside = f"<ul>{inner}</ul>" if inner else ""
        items.append(f'<li><a href="#{key(path)}">{escape(title(path))}</a>{inside}</li>')
    return f"<ul>{''.join(items)}</ul>"


def with_menu(first: str, menu: str) -> str:
    """The landing page with the folded menu behind its first section: text comes first where the page is narrow."""
    parts = first.split("<h2", 2)
    return first + menu if len(parts) < 3 else f"{parts[0]}<h2{parts[1]}{menu}\n<h2{parts[2]}"


def render(folder: Path = HERE) -> str:
    """The whole page, such as it is: `problems` tells what is wrong with it."""
    known = anchors(folder)
    first, *others = (article(path, known) for path in known)
    listed = contents(folder)
    menu = f'<details class="menu"><summary>All pages and statements</summary>{listed}</details>'
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>skipscape: the proofs</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<nav aria-label="all pages">{listed}</nav>\n<main>\n{with_menu(first, menu)}{"".join(others)}</main>\n'
        "</body>\n</html>\n"
    )
