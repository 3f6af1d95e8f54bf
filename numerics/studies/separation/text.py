"""The table of `skipscape separate` for people: exact where a fraction is short, else rounded in the safe direction."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from rich.table import Table

from numerics.arithmetic.rationals import exponent_of, read_decimal
from numerics.common.speech import Speaker
from numerics.questions.text import shortened

QUOTED = 12  # characters of a fraction that is shown
TINY = Fraction(1, 10**6)  # losses below are shown as a power of ten that exceeds them
Json = dict[str, Any]


def print_table(console: Speaker, result: Json) -> None:
    """The six parts of the answer, the limits first."""
    console.say(LIMITS, indent=0)
    _print(
        console,
        "1. The same weights without and with the skip term V z",
        ["data", "N", "width", "branch", "valley", "depth without", "depth with", "then down to", "verdict"],
        [
            [
                row["data"],
                str(row["points"]),
                str(row["width"]),
                row["branch"],
                value(row["valley_loss"]),
                value(row["plain_depth"]),
                value(row["skip_depth"]),
                value(row["skip_reaches"]),
                row["verdict"],
            ]
            for row in result["rows"]
        ],
    )
    _print(
        console,
        "2. Controls: the same function, another network",
        ["data", "network", "width", "depth", "then down to", "verdict"],
        [
            [row["data"], row["network"], str(row["width"]), value(row["depth"]), value(row["reaches"]), row["verdict"]]
            for row in result["controls"]
        ],
    )
    _print(
        console,
        "3. Valleys that a skip term does not remove: PARALLEL, no biases",
        ["case", "width", "loss", "depth", "beyond", "R0 <=", "T1 (C1) <=", "verdict"],
        [
            [
                row["case"],
                str(row["width"]),
                value(row["start"]),
                value(row["depth"]),
                value(row["reaches"]),
                _bound(row["bounds"], "R0"),
                _bound(row["bounds"], "T1"),
                row["verdict"],
            ]
            for row in result["skip_valleys"]
        ],
    )
    _print(
        console,
        "4. Two neurons exchanged, loss 0 at both ends (two-layer, L9)",
        ["width", "barrier", "verdict"],
        [[str(row["width"]), value(row["barrier"]), row["verdict"]] for row in result["barriers"]],
    )
    _print(
        console,
        "5. Valleys of known depth at every width: no path climbs less (T8b two-layer; T10P any branch)",
        ["family", "class", "N", "width", "loss", "depth", "then down to", "C7 <=", "verdict"],
        [
            [
                row["family"],
                row["class"],
                str(row["points"]),
                str(row["width"]),
                value(row["loss"]),
                value(row["depth"]),
                value(row["reaches"]),
                _bound(row["bounds"], "C7") + ("" if row["above_threshold"] or not row["bounds"] else " *"),
                row["verdict"],
            ]
            for row in result["known_depths"]
        ],
    )
    console.say("* C7's threshold is not shown to hold here: what it would say")
    _print(
        console,
        "6. T8c, the law on the sphere (theory, by balls; a = 1, q = 1/2): exponent 2 is best possible",
        ["width", "D", "depth", "over (sigma S/m)^2"],
        [
            [str(row["width"]), str(row["dimension"]), value(row["depth"]), value(row["ratio"])]
            for row in result["exponent"]
        ],
    )


LIMITS = (
    "What this does not say: T5 shows that such valleys exist, not that training finds them. It separates a last "
    "hidden layer of width one, without output bias, from no such bottleneck: a plain network with two last units or "
    "an output bias has no such valley either (part 2), and V z + u h is itself a plain network with a wider last "
    "layer. The loss is that on the data."
)


def value(enclosure: Json | None) -> str:
    """A short fraction (whole numbers without a denominator), else `<=` five digits or a power of ten, rounded up."""
    if enclosure is None:
        return "-"
    exact, upper = enclosure["exact"], enclosure["upper"]
    if exact is not None and len(exact) <= QUOTED:
        return str(exact).removesuffix("/1")
    if upper is None:
        return "-"
    bound = read_decimal(upper)
    if 0 < bound < TINY:
        return f"< 1e{exponent_of(bound) + 1}"
    return f"<= {shortened(read_decimal(upper))}"


def _bound(bounds: Json, name: str) -> str:
    if name not in bounds:
        return "-"
    return value({"exact": bounds[name]["exact"], "upper": bounds[name]["value"]}).removeprefix("<= ")


def _print(console: Speaker, title: str, names: list[str], rows: list[list[str]]) -> None:
    console.print()
    console.print(title, highlight=False, style="bold")
    table = Table(box=None, pad_edge=False)
    for name in names:
        left = name in ("data", "branch", "network", "verdict", "case", "family", "class")
        table.add_column(name, justify="left" if left else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
