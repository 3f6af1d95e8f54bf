"""HTML pages that need no network and no script: the style that they share, and a picture in its box.

What is foreign (names of files, what a certificate says) is shown as text: unseen characters by their codes, then
escaped.
"""

from __future__ import annotations

from html import escape

from numerics.common.speech import printable

STYLE = """
:root { color-scheme: light dark; --ink: #1c1c1c; --paper: #ffffff; --soft: #f2f1ec; --line: #8a8678; --link: #0b5394;
  --good: #1b5e20; --bad: #a11212; --open: #7a4a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e0; --paper: #191918; --soft: #262624; --line: #7d7a70;
  --link: #8ab8e6; --good: #8fd694; --bad: #ff9b94; --open: #f0c274; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 2.5rem; } h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; }
a { color: var(--link); } :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.box { overflow-x: auto; max-width: 100%; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .92rem; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
td, th { overflow-wrap: normal; } tbody th { min-width: 8rem; overflow-wrap: anywhere; }
thead th, tbody th { background: var(--soft); }
pre { overflow-x: auto; max-width: 100%; background: var(--soft); padding: .6rem .8rem;
  border-left: 3px solid var(--line); font: .86rem/1.45 ui-monospace, "Liberation Mono", monospace; }
code { font: .9em ui-monospace, "Liberation Mono", monospace; overflow-wrap: anywhere; }
figure { margin: .8rem 0; } figcaption { font-size: .9rem; }
.picture { background: #ffffff; border: 1px solid var(--line); }
.picture svg { display: block; width: 100%; min-width: 32rem; height: auto; }
.picture svg g:hover > title + * , .picture svg use:hover { stroke: #1c1c1c; stroke-width: 3px; }
.verdict { font-weight: bold; } .PROVED { color: var(--good); } .REFUTED { color: var(--bad); }
.UNDECIDED { color: var(--open); }
fieldset { border: 1px solid var(--line); margin: .8rem 0 0; padding: .3rem .6rem; } label { margin-right: 1rem; }
summary { cursor: pointer; padding: .3rem 0; }
.skip { position: absolute; left: -100rem; } .skip:focus { position: static; }
"""

LAYERS = (
    ("samples", "samples"),
    ("errors", "error rate"),
    ("bound", "certified bounds"),
    ("curve", "the loss"),
    ("corners", "corners"),
    ("straight", "straight line"),
    ("level", "levels"),
)
ZOOMS = ((1, "whole"), (2, "2 times"), (4, "4 times"))
SWITCHES = "\n".join(
    f".interactive:has(.show-{name}:not(:checked)) .{name} {{ display: none; }}" for name, _ in LAYERS
) + "".join(f"\n.interactive:has(.zoom-{n}:checked) svg {{ width: {100 * n}%; }}" for n, _ in ZOOMS)


def text(words: object) -> str:
    """Anything as text of a page."""
    return escape(printable(str(words)))


def page(title: str, body: str) -> str:
    """A whole page."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{STYLE}{SWITCHES}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def picture(svg: str, caption: str) -> str:
    """A picture in a box in which it scrolls where the page is narrow, `svg` an element of its own."""
    return (
        f'<figure><div class="box picture" tabindex="0" role="group" aria-label="picture, scrolls">{svg}</div>'
        f"<figcaption>{text(caption)}</figcaption></figure>\n"
    )


def interactive(svg: str, caption: str) -> str:
    """The same with switches for what it shows, and a zoom; tips stand on its marks."""
    shown = [(name, words) for name, words in LAYERS if f'class="{name}"' in svg]
    boxes = "".join(
        f'<label><input type="checkbox" class="show-{name}" checked> {words}</label>' for name, words in shown
    )
    zooms = "".join(
        f'<label><input type="radio" name="zoom" class="zoom-{n}"{" checked" if n == 1 else ""}> {words}</label>'
        for n, words in ZOOMS
    )
    return (
        f'<div class="interactive"><fieldset><legend>show</legend>{boxes}</fieldset>'
        f"<fieldset><legend>zoom</legend>{zooms}</fieldset>\n{picture(svg, caption)}</div>\n"
    )


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A table in a box in which it scrolls; the first cell of a row is its head."""
    head = "".join(f'<th scope="col">{text(one)}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{text(row[0])}</th>{"".join(f"<td>{text(one)}</td>" for one in row[1:])}</tr>\n'
        for row in rows
    )
    return (
        f'<div class="box" tabindex="0" role="group" aria-label="table, scrolls"><table><thead><tr>{head}</tr></thead>'
        f"\n<tbody>{body}</tbody></table></div>\n"
    )


def verdict(word: str, claim: str) -> str:
    """A verdict and the sentence that it belongs to."""
    known = word if word in ("PROVED", "REFUTED", "UNDECIDED") else "UNDECIDED"
    return f'<p><span class="verdict {known}">{text(word)}</span>: {text(claim)}</p>\n'
