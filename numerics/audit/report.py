"""The audit as tables for people: what is claimed, where it comes from, what is established now, and by what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from numerics.arithmetic.rationals import decimal, read_decimal
from numerics.common.speech import Speaker
from theory.proof import Method

COLOURS = {
    "proved": "green",
    "proved-by-parts": "cyan",
    "tested": "yellow",
    "open": "magenta",
    "refuted": "red",
    "implied by ours": "green",
    "refuted by a witness": "red",
}
SHORT = 5
DASH = "-: declared, not run"
LETTERS = {
    Method.FORMAL: "F",
    Method.IDENTITY: "I",
    Method.SMT: "Z",
    Method.BALL: "B",
    Method.EXACT: "E",
    Method.SAMPLED: "s",
}


def print_audit(console: Speaker, answer: Mapping[str, Any], *, details: bool) -> None:
    """Everything in the answer; `details` (statements asked for by id): claims and evidence in full."""
    console.say(f"Setting: {answer['setting']}.")
    if details:
        for statement in answer["statements"]:
            _details(console, statement)
    else:
        _overview(console, answer["statements"])
    for remark in answer["remarks"]:
        console.say(remark)
    _constants(console, answer["constants"])
    _one_slot_rates(console, answer["one_slot_rates"])
    _rates(console, answer["rates"])
    _orders(console, answer.get("orders", []), answer.get("crossovers", []))
    _sharpness(console, answer["sharpness"])
    _widths(console, answer.get("widths", []))
    _claims(console, answer.get("claims", []))


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def _head(console: Speaker, words: str) -> None:
    """A title beside its table, which rich would break to the table's width."""
    console.print()
    console.say(words, style="bold")


def _overview(console: Speaker, statements: Sequence[Mapping[str, Any]]) -> None:
    methods = [LETTERS[method] for method in Method]
    _head(console, "Statements")
    table = _table("id", "title", "source", "status now", *methods, right=methods)
    table.padding = (0, 1, 0, 0)
    for one in statements:
        status = Text(one["status"], style=COLOURS[one["status"]])
        table.add_row(one["id"], one["title"], " ".join(one["source"]), status, *_counts(one))
    console.print(table)
    counts = {status: sum(one["status"] == status for one in statements) for status in COLOURS}
    console.say(f"{len(statements)} statements: " + ", ".join(f"{n} {status}" for status, n in counts.items() if n))
    letters = ", ".join(f"{letter} {method.value}" for method, letter in LETTERS.items())
    console.say(f"Pieces of evidence by method: {letters} (sampled: drawn examples, which can only refute); {DASH}.")


def _counts(statement: Mapping[str, Any]) -> list[str]:
    """For every method how many pieces hold, `2 of 3` where not all of them do, `-` where none was run."""
    cells = []
    for method in Method:
        pieces = [one for one in statement["evidence"] if one["method"] == method.value]
        good = sum(one["holds"] for one in pieces)
        ran = any(one["verdict"] != "not run" for one in pieces)
        cells.append(
            "" if not pieces else "-" if not ran else str(good) if good == len(pieces) else f"{good} of {len(pieces)}"
        )
    return cells


def _details(console: Speaker, one: Mapping[str, Any]) -> None:
    console.print()
    console.say(f"{one['id']}  {one['title']}  ({one['kind']})", style="bold")
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("claim", one["claim"])
    for label, form in (("formula", one), *(("", more) for more in one["further_forms"])):
        given = ", ".join([*form["hypotheses"], *([form["given"]] if form["given"] else [])])
        table.add_row(label, form["formula"] + (f"  where {given}" if given else ""))
    for tag, covers in one["provenance"].items():
        table.add_row("source", f"{tag}: {covers}")
    table.add_row("not covered", one["not_covered"])
    if one["remark"]:
        table.add_row("remark", one["remark"])
    table.add_row("uses", ", ".join(one["depends_on"]) or "nothing")
    table.add_row("note", one["note"])
    for piece in one["evidence"]:
        words = f"{piece['verdict']}  {piece['method']}  {piece['name']}  ({piece['extent']}: {piece['over']})"
        table.add_row("evidence", words)
        if "claim" in piece:
            table.add_row("", f"{piece['claim']}  [{piece['detail']}]")
        if "witness" in piece:
            table.add_row("", "witness: " + ", ".join(f"{name} = {value}" for name, value in piece["witness"].items()))
    for words in dict.fromkeys(
        f"{piece['extent']}: {piece['on_paper']}" for piece in one["evidence"] if piece["extent"] in ("part", "step")
    ):
        table.add_row("on paper", words)
    table.add_row("scope", one["scope"])
    console.print(table)
    console.print("status now: ", end="", style="bold")
    console.print(one["status"], style=f"bold {COLOURS[one['status']]}")


def _constants(console: Speaker, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    _head(console, "Constants")
    table = _table("of", "name", "expression", "at least", "at most", right=("at least", "at most"))
    for one in rows:
        ends = [decimal(read_decimal(one[end]), up=end == "upper", digits=SHORT) for end in ("lower", "upper")]
        table.add_row(one["statement"], one["name"], one["expression"], *ends)
    console.print(table)


def _one_slot_rates(console: Speaker, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    _head(console, "Exponents of m by one slot: the depth, and the gap between L* and T7's threshold")
    table = _table("where", "by", "depth", "gap", "under")
    for one in rows:
        table.add_row(one["where"], ", ".join(one["by"]), one["depth"], one["threshold_gap"], one["under"])
    console.print(table)
    console.say("the abstract's, in our reading: depth (eta - 1)/n, eta < 1, above all of these for 0 < eta < 1")


def _rates(console: Speaker, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    sizes = [found["d"] for found in rows[0]["total_gap"]]
    heads = [f"d = {size}: l, gap" for size in sizes]
    _head(console, "Exponents of m, under bounded S, l = m^eta")
    table = _table("route", "D", *heads)
    for one in rows:
        gaps = [f"{found['neurons']}, {found['exponent']}" for found in one["total_gap"]]
        table.add_row(one["route"], one["deviation"], *gaps)
    console.print(table)


def _orders(console: Speaker, rows: Sequence[Mapping[str, Any]], crossings: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        _head(console, "Orders of the bounds")
        table = _table("order", "now", "for", "on paper")
        for one in rows:
            table.add_row(one["claim"], "proved-by-parts" if one["holds"] else "open", one["scope"], one["on_paper"])
        console.print(table)
    for one in crossings:
        console.say(
            f"exponents cross at eta = {one['eta']} (d >= {one['from_d']}): below it {one['below']} is better, above "
            f"it {one['above']}",
        )


def _sharpness(console: Speaker, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    _head(console, "Sharpness: the best ratio actual/bound known")
    table = _table("of", "constant", "ratio", "", "witness")
    for one in rows:
        ratio = one["ratio"]["exact"] if len(one["ratio"]["exact"]) < 10 else shortened(one["ratio"]["lower"])
        judged = "sharp" if one["attained"] else (one["approaches"] or "best known, not known sharp")
        table.add_row(one["statement"], one["constant"], ratio, judged, one["witness"])
    console.print(table)


def shortened(given: str) -> str:
    return ">= " + decimal(read_decimal(given), up=False, digits=SHORT)


def _widths(console: Speaker, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    title = "C4: least widths for depth <= 1/1000 at loss 1/100 (sigma = S = 1, l = 10, first-layer bias)"
    _head(console, title)
    console.say("C7 is by one slot, above its threshold, for every l; `C7 silent` where Lambda = 0")
    table = _table(*rows[0], right=tuple(rows[0]))
    for one in rows:
        table.add_row(*(_magnitude(int(value)) for value in one.values()))
    console.print(table)


def _magnitude(value: int) -> str:
    """A large width as its first digits, rounded up: a width too small would be no bound."""
    digits = str(value)
    if len(digits) <= 9:
        return digits
    head = -(-value // 10 ** (len(digits) - 3))
    return f"{head / 100:.2f}e{len(digits) - 1}" if head < 1000 else f"1.00e{len(digits)}"


def _claims(console: Speaker, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    _head(console, "Claims")
    for one in rows:
        by = "; by " + ", ".join(f"{id_} ({status})" for id_, status in one["by"].items()) if one["by"] else ""
        console.say(
            f"{one['name']}. {one['reason']}{by}",
            lead=f"{one['answer']}: ",
            lead_style=f"bold {COLOURS[one['answer']]}",
        )
