"""The demo's page, `index.html`: the two questions, their answers with pictures, and what stands behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from numerics.plots.both_sides import both_sides_svg
from numerics.plots.files import CAPTION
from numerics.plots.html import page, picture, table, text, verdict
from numerics.plots.path import path_svg
from numerics.plots.scenes import scene_of
from numerics.plots.staircase import staircase_svg
from numerics.questions.result import Result
from numerics.studies import demo_tables as tables
from numerics.studies.demo_parts import Part
from numerics.studies.demo_tables import Row

THEOREMS = ("T7", "C7", "T10P")
TITLE = "What the skip connection does to the landscape, on handwritten digits"
QUESTIONS = (
    "Two questions after the abstract of arXiv:2006.05939, about deep ReLU networks with a skip connection that were "
    "trained on handwritten digits. How deep can the valley be that a network sits in: how far must one climb to a "
    "lower loss? And is a sub-level set connected: is there a path between two networks on which the loss never "
    "exceeds the level?"
)
MEANING = (
    "PROVED is the word of the independent checker, which was asked for every certificate in a process of its own; it "
    "belongs to the sentence beside it, about the loss on the data that are named, at every time and not at sample "
    "points. Upper ends are rounded up, gains down. Dots and straight lines in pictures are float64 samples."
)
STAIRS = (
    "Above: the steepest climb of any step down to each level. Below: what each step gains, and what it climbs at "
    "most. Everything drawn is a certified bound."
)
BOTH = "Full marks are exact depths, proved by the checker; hollow ones are bounds from above. Both axes in powers."
THEOREM = (
    "The statements behind the first and the last table, as the ledger has them. Proofs and constants are ours; the "
    "abstract's bound has a reference, an exponent and the input dimension in it, and of its proof we hold nothing."
)


def demo_page(rows: Sequence[Row], parts: Sequence[Part], recipe: str, check: str) -> str:
    """The page; `recipe`: how the networks were trained, `check`: a command. A picture that fails is a sentence."""
    body = [
        f'<a class="skip" href="#main">to the answers</a>\n<header><h1>{text(TITLE)}</h1>\n<p>{text(QUESTIONS)}</p>\n',
        f"<p>{text(MEANING)}</p>\n<p>{text(recipe)}</p></header>\n",
        _contents(parts),
        '<main id="main">\n',
        _ways_down(rows),
        _connections(rows),
        _measured(rows),
        *(_part(k, part) for k, part in enumerate(parts)),
        _theorems(),
        f'<section id="check"><h2>Check it yourself</h2>\n<p>In the folder of this page; every certificate lies beside '
        f'it, and <code>skipscape report</code> puts all of them to the checker again.</p>\n<pre tabindex="0"><code>'
        f"{text(check)}</code></pre></section>\n</main>\n",
    ]
    return page(TITLE, "".join(body))


def _contents(parts: Sequence[Part]) -> str:
    links = [("depth", "1. How shallow is it?"), ("connected", "2. Are two seeds connected?")]
    links += [("measured", "3. Measured, not proved")]
    links += [(f"part{k}", part.title) for k, part in enumerate(parts)]
    links += [("theorem", "The theorem"), ("check", "Check it yourself")]
    items = "".join(f'<li><a href="#{name}">{text(words)}</a></li>' for name, words in links)
    return f'<nav aria-label="contents"><ul>{items}</ul></nav>\n'


def _ways_down(rows: Sequence[Row]) -> str:
    cells = [[_name(row), *tables.down_cells(row.way_down), row.way_down.verdict] for row in rows]
    lines = table(["network", *tables.DOWN, "verdict"], cells)
    pictures = "".join(
        _answer(row.way_down, _name(row), f"d{k}-", stairs=True, first=not k) for k, row in enumerate(rows)
    )
    words = (
        "A parameter is shallow where a short climb leads to a lower loss. After a refit of the readout, which costs "
        "nothing and is no news, one neuron after the other is emptied and a better one put into its slot: one slot is "
        "enough (T7, R9), without any reference network."
    )
    return (
        f'<section id="depth"><h2>1. How shallow is it where seed 0 sits?</h2>\n<p>{text(words)}</p>\n{lines}{pictures}'
        "</section>\n"
    )


def _connections(rows: Sequence[Row]) -> str:
    cells = [
        [_name(row), *tables.connection_cells(row.connected), str(row.connected.route), row.connected.verdict]
        for row in rows
    ]
    lines = table(["network", *tables.CONNECTION, "route", "verdict"], cells)
    pictures = "".join(_answer(row.connected, _name(row), f"p{k}-", first=not k) for k, row in enumerate(rows))
    words = (
        "A barrier of 0: no point of the path is worse than the worse end. Where it is positive a lower path may "
        "exist. R0 is the path through the zero output, a level that needs no theorem; the straight line's maximum is "
        "enclosed for every time."
    )
    return (
        '<section id="connected"><h2>2. Are the two seeds connected, and inside which sub-level set {loss &lt;= '
        f"maximum}}?</h2>\n<p>{text(words)}</p>\n{lines}{pictures}</section>\n"
    )


def _answer(answer: Result, title: str, prefix: str, *, stairs: bool = False, first: bool = False) -> str:
    """Verdict, claim and picture of one, folded unless it is the first."""
    try:
        drawn = (
            picture(staircase_svg(answer, words=title, prefix=prefix), STAIRS)
            if stairs
            else picture(path_svg(scene_of(answer, words=title), prefix=prefix, alone=False), CAPTION)
        )
    except Exception as error:  # fonts and images can fail in almost any way; a picture never costs the verdict
        drawn = f"<p>No picture: {text(f'{type(error).__name__}: {error}'[:200])}</p>\n"
    summary = f'{text(title)}: <span class="verdict {text(answer.verdict)}">{text(answer.verdict)}</span>'
    inside = f"<summary>{summary}</summary>\n{verdict(answer.verdict, answer.claim)}{drawn}"
    return f"<details{' open' * first}>{inside}</details>\n"


def _part(k: int, part: Part) -> str:
    pictures = [_answer(answer, title, f"a{k}{j}-", first=not j) for j, (title, answer) in enumerate(part.answers)]
    if part.series:
        pictures.insert(0, picture(both_sides_svg(part.series, prefix=f"s{k}-"), BOTH))
    rows = [list(row) for row in part.rows]
    return (
        f'<section id="part{k}"><h2>{text(part.title)}</h2>\n<p>{text(part.words)}</p>\n'
        f"{table(list(part.heads), rows)}{''.join(pictures)}</section>\n"
    )


def _theorems() -> str:
    from theory.catalogue import STATEMENTS

    said = "".join(
        f"<h3>{text(one.id)}: {text(one.title)}</h3>\n<p>{text(one.claim)}</p>\n<p><strong>Not covered:</strong> "
        f"{text(one.not_covered)}</p>\n"
        for one in (STATEMENTS[name] for name in THEOREMS)
    )
    return f'<section id="theorem"><h2>The theorem</h2>\n<p>{text(THEOREM)}</p>\n{said}</section>\n'


def _measured(rows: Iterable[Row]) -> str:
    cells = [[_name(row), *tables.accuracy_cells(row), f"{row.seconds:.0f}"] for row in rows]
    lines = table(["network", "A", "B", "worst point of the path", "seconds"], cells)
    words = "Accuracies on digits that no training saw, in float64, and seconds for both questions."
    return f'<section id="measured"><h2>3. Measured, not proved</h2>\n<p>{text(words)}</p>\n{lines}</section>\n'


def _name(row: Row) -> str:
    return f"width {row.width}, {row.level}"
