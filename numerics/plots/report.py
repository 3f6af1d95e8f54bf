"""A folder of certificates on one page, which needs no network and no script: what was asked, proved, and measured."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from numerics.arithmetic.rationals import Enclosure, brief
from numerics.plots.course import Course
from numerics.plots.files import CAPTION
from numerics.plots.folder import Entry
from numerics.plots.html import page, picture, table, text, verdict
from numerics.plots.path import Scene, path_svg
from numerics.plots.segments import segment_rows
from numerics.plots.tables import accuracies, tables
from numerics.questions.profile import least
from numerics.questions.text import KINDS, number

PASSES = 96  # float64 samples of a picture: a page holds many
QUESTIONS = {
    "connect": "Are the networks {start} and {end} connected, and how high must the loss get on the way?",
    "depth": "How deep can the valley be that {start} sits in, measured against the two-layer network {end}?",
    "escape": "How far must one climb from {start} to a lower loss?",
    "certify": "How high does the loss get on this path from {start} to {end}?",
    "valley": "How deep is the valley that {start} sits in: is there no lower way out?",
    "pass": "Is there a way from {start} over the highest point of this path and no lower one?",
}
NUMBERS = {
    "start": "loss at the start",
    "end": "loss at the end",
    "maximum": "maximum on the path",
    "barrier": "barrier above the higher end",
    "depth": "depth of the start",
    "climb": "climb above the start",
    "gain": "gain below the start",
}
MEANING = (
    "PROVED is the word of the independent checker, which was asked for this page, in a process of its own, about each"
    " certificate; it belongs to the sentence that stands beside it, and to the loss on the data that are named."
    " UNDECIDED says nothing about the claim, in either direction. What is called measured is float64 and proves"
    " nothing."
)


def report_page(folder: Path, found: Sequence[Entry], *, draw: Callable[[Entry], Scene] | None = None) -> str:
    """The page; `draw`: what there is to draw of an entry that was checked. A picture that fails is a sentence."""
    name = folder.resolve().name or str(folder)
    counts = Counter(one.verdict for one in found)
    summary = ", ".join(
        f"{counts[verdict]} {verdict}" for verdict in ("PROVED", "REFUTED", "UNDECIDED") if counts[verdict]
    )
    measured = accuracies(folder)
    body = [
        '<a class="skip" href="#main">to the certificates</a>\n',
        f"<header><h1>What is certified in {text(name)}</h1>\n<p>{len(found)} certificate{'s' * (len(found) != 1)}: "
        f"{summary}. {text(MEANING)}</p></header>\n",
        _overview(found),
        '<main id="main">\n',
        *(_section(k, one, folder, measured, draw or _scene) for k, one in enumerate(found)),
        "</main>\n",
        _tables(folder),
    ]
    return page(f"{name}: certificates", "".join(body))


def _scene(entry: Entry) -> Scene:
    """Raises ValueError, InputError where there is nothing to draw."""
    if entry.checked is None:
        raise ValueError("it was not checked")
    return entry.checked.scene(Path(entry.name).stem, passes=PASSES)


def _overview(found: Sequence[Entry]) -> str:
    """One line a certificate, with links."""
    rows = "".join(
        f'<tr><th scope="row"><a href="#c{k}">{text(one.name)}</a></th><td>{text(one.question or "-")}</td>'
        f'<td class="verdict {one.verdict}">{one.verdict}</td><td>{_short(one)}</td></tr>\n'
        for k, one in enumerate(found)
    )
    heads = "".join(f'<th scope="col">{one}</th>' for one in ("certificate", "question", "verdict", "what it says"))
    return (
        '<nav aria-label="certificates"><div class="box" tabindex="0" role="group" aria-label="overview, scrolls">'
        f"<table><thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></div></nav>\n"
    )


def _short(entry: Entry) -> str:
    """The number that the question is about."""
    if entry.checked is None:
        return "not checked"
    answer = entry.checked.answer
    names = ("climb", "gain") if entry.question == "escape" else ("depth",) if answer.depth else ("maximum", "barrier")
    known = [(name, getattr(answer, name)) for name in names]
    return text("; ".join(f"{name} {_amount(name, one)}" for name, one in known if one is not None) or "nothing")


def _amount(name: str, one: Enclosure) -> str:
    if name == "gain":
        return least(one)
    return "not bounded" if one.upper is None else number(one)


def _section(k: int, entry: Entry, folder: Path, measured: dict[str, str], draw: Callable[[Entry], Scene]) -> str:
    start, end = (one.name if one else f"its {what}" for one, what in ((entry.start, "start"), (entry.end, "end")))
    asked = QUESTIONS.get(entry.question, "What does this certificate establish?").format(
        start=text(start), end=text(end)
    )
    parts = [
        f'<section id="c{k}" aria-labelledby="h{k}">\n<h2 id="h{k}">{text(entry.name)}</h2>\n<p>{asked}</p>\n',
        verdict(entry.verdict, entry.claim),
        _numbers(entry),
    ]
    if entry.checked is not None:
        course: Course | None = None
        try:
            scene = draw(entry)
            course = scene.course
            parts.append(picture(path_svg(scene, prefix=f"c{k}-", alone=False), CAPTION))
        except Exception as error:  # fonts and images can fail in almost any way; a picture never costs the verdict
            words = " ".join(str(error).split())[:200]
            parts.append(f"<p>No picture: {text(f'{type(error).__name__}: {words}')}</p>\n")
        parts.append(_measured(entry, course, measured))
        if course is not None and course.corners:
            parts.append(
                f"<details><summary>the segments as a table</summary>{table(*segment_rows(course))}</details>\n"
            )
    parts.append(_how(entry, folder))
    return "".join([*parts, "</section>\n"])


def _numbers(entry: Entry) -> str:
    """What the checker established, as a table."""
    if entry.checked is None:
        return ""
    answer = entry.checked.answer
    rows = [
        [words, _amount(name, one)] for name, words in NUMBERS.items() if (one := getattr(answer, name)) is not None
    ]
    if answer.floor is not None:
        rows.append([f"depth, by {answer.floor.statement}", least(Enclosure.of(answer.floor.lower))])
    if answer.maximum is not None:
        rows.append(["where the maximum is attained", f"segment {answer.maximum.segment}"])
    if answer.segments:
        kinds = Counter(KINDS.get(one.kind, one.kind) for one in answer.segments)
        rows.append(["segments", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))])
    if answer.route is not None:
        rows.append(["route", str(answer.route)])
    if not rows:
        return ""
    points = entry.checked.problem
    rows.append(["loss", f"{points.loss.name}, mean over {points.size} samples of {Path(str(entry.data)).name}"])
    return table(["proved", "value"], rows)


def _measured(entry: Entry, course: Course | None, accuracy: dict[str, str]) -> str:
    """What samples saw, and what a demo measured on held-out data."""
    said = []
    if course is not None and course.samples:
        known = max(one.loss for one in course.samples)
        said.append(f"the largest of {len(course.samples)} float64 losses on the path is about {known:.6g}")
        errors = [one.errors for one in course.samples if one.errors is not None]
        if errors:
            shares = f"about {100 * errors[0]:.3g}% at the start, about {100 * errors[-1]:.3g}% at the end"
            most = brief(100 * Fraction(max(errors)), up=True, digits=3)
            said.append(f"the sampled error rate on these data is {shares}, nowhere sampled above {most}%")
    for stem, words in accuracy.items():
        if Path(entry.name).stem == f"connect-{stem}":
            said.append(f"accuracy on held-out data: {words}")
    if not said:
        return ""
    return f"<p><strong>Measured, not proved:</strong> {text('; '.join(said))}.</p>\n"


def _how(entry: Entry, folder: Path) -> str:
    """The command that checks it, and its digest."""
    words = [
        "skipscape",
        "check",
        _word(entry.name),
        "--data",
        _named(entry.data or "DATA.npz", folder),
    ]
    for option, one in (("--start", entry.start), ("--end", entry.end)):
        words += [] if one is None else [option, _named(one, folder)]
    missing = [what for what, one in (("start", entry.start), ("end", entry.end)) if one is None]
    note = f" No network of its {' and '.join(missing)} lies in the folder." if missing else ""
    if entry.question == "escape" and missing == ["end"]:
        note = ""
    return (
        f"<p>Check it yourself, in this folder:{note}</p>\n"
        f'<pre tabindex="0"><code>{text(shlex.join(words))}</code></pre>\n'
        f"<p>SHA-256 of the certificate: <code>{text(entry.sha256 or 'unreadable')}</code></p>\n"
    )


def _named(place: Path | str, folder: Path) -> str:
    """A file as it is called in the folder."""
    with suppress(ValueError):
        return _word(str(Path(place).relative_to(folder)))
    return _word(str(place))


def _word(name: str) -> str:
    """A file's name that no command takes for an option."""
    return f"./{name}" if name.startswith("-") else name


def _tables(folder: Path) -> str:
    """What else lies in the folder."""
    parts = [
        f"<h3>{text(name)}</h3>\n{table(heads, [(row + [''] * len(heads))[: len(heads)] for row in rows])}"
        for name, heads, rows in tables(folder)
        if heads
    ]
    if not parts:
        return ""
    return (
        '<aside aria-labelledby="tables"><h2 id="tables">Tables that lie in the folder</h2>\n'
        f"<p>As they were written; nothing in them was checked for this page.</p>\n{''.join(parts)}</aside>\n"
    )
