"""The tables as text, Markdown, CSV or JSON: levels rounded up, a star where a bound is informative."""

from __future__ import annotations

import csv
import io
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from numerics.arithmetic.levels import digits_within
from numerics.arithmetic.rationals import decimal, exponent_of, read_decimal, rounded
from numerics.common import strict_json
from numerics.common.shown import Shown
from numerics.common.wrapping import COLUMNS
from numerics.errors import InputError
from numerics.questions.result import Json
from numerics.studies.sweep import barriers, slopes

FORMATS = (".json", ".csv", ".md")
LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch")
DIGITS = 4  # significant, in tables for people
STAR = "*"

LEVELS = (
    "Levels: upper bounds of the loss on a whole path from the network to the reference, T1's (sqrt L + D)^2 by every"
    " bound of D, S the network's own. R0 is the zero path, which needs no theorem; a star marks what is below it"
    " (informative). RM: this network's own deviation for the best J found. certified: the maximum on the best path"
    " found, by the independent checker; '-' where nothing is claimed, as the reference is no better than the network,"
    " or nothing proved. Numbers are rounded up."
)
SLOPES = (
    "Slopes of log D against log m, for random PARALLEL networks with S = 1, equal masses, one sign. In each cell:"
    " C3's exponent for l = m^eta, under bounded S; the slope of the closed form over these widths; the slope of the"
    " deviation of the route's own choice, measured: an observation about these networks and no statement."
)


@dataclass(frozen=True)
class Sheet(Shown):
    """A table with its heading, and the sentences that say what it shows."""

    title: str
    words: str
    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    named: int  # how many of the first columns tell one line from the others

    def text(self) -> list[str]:
        """Lines for people: blocks of columns that are at most 100 wide, each after the columns that name the row."""
        rows = [self.heads, *self.lines]
        widths = [2 + max(len(row[k]) for row in rows) for k in range(len(self.heads))]
        names, blocks = range(self.named), [list(range(self.named))]
        for k in range(self.named, len(self.heads)):
            if len(blocks[-1]) > self.named and sum(widths[j] for j in (*blocks[-1], k)) - 2 > COLUMNS:
                blocks.append(list(names))
            blocks[-1].append(k)
        body = [["".join(row[k].rjust(widths[k]) for k in block)[2:] for row in rows] for block in blocks]
        return [self.title, *(line for block in body for line in (*block, ""))]

    def markdown(self) -> str:
        rows = [self.heads, tuple("---:" for _ in self.heads), *self.lines]
        body = "\n".join("| " + " | ".join(cell.replace(STAR, "\\*") for cell in row) + " |" for row in rows)
        return f"### {self.title}\n\n{body}\n\n{self.words}\n"


def barrier_sheet(rows: Sequence[Json], title: str) -> Sheet:
    """One line per problem, of `Row.to_json`; `title` names the data. All problems of a table have the same inputs."""
    sigma = decimal(max(read_decimal(row["sigma"]) for row in rows), up=True, digits=DIGITS)
    title = f"{title}, d = {rows[0]['dimension']}, sigma <= {sigma}"
    heads = ("kind", "m", "l", "S", "L", "L(g*)", "R0", *barriers.ROUTES, "certified", "route", "verdict")
    return Sheet(title, LEVELS, heads, tuple(_line(row) for row in rows), 3)


def slope_sheet(found: Sequence[Json], title: str) -> Sheet:
    """One line per d and eta, of `Slope.to_json`."""
    cells: dict[tuple[int, str], dict[str, str]] = {}
    for one in found:
        cells.setdefault((one["dimension"], one["eta"]), {})[one["route"]] = _slopes(one)
    lines = [
        (str(dimension), eta.removesuffix("/1"), *(by_route[route] for route in slopes.ROUTES))
        for (dimension, eta), by_route in cells.items()
    ]
    return Sheet(title, SLOPES, ("d", "eta", *slopes.ROUTES), tuple(lines), 2)


def document(rows: Sequence[Json], found: Sequence[Json], command: str, fixed: str) -> Json:
    """Everything, as JSON; `command` gives it again, on the same machine and versions."""
    return {
        "command": command,
        "fixed": fixed,
        "versions": versions(),
        "barriers": list(rows),
        "deviations": list(found),
    }


def versions() -> dict[str, str]:
    """Of Python, this package and the libraries that numbers may depend on."""
    found = {"python": platform.python_version()}
    for name in ("skipscape", *LIBRARIES):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def require_format(path: Path) -> None:
    """Raise InputError unless the name says how to write."""
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"{path}: the name of a table ends in one of {', '.join(FORMATS)}")


def written(path: Path, sheets: Sequence[Sheet], answer: Json) -> bytes:
    """The file's content, by its name's ending."""
    if path.suffix.lower() == ".json":
        return strict_json.dumps(answer).encode() + b"\n"
    if path.suffix.lower() == ".csv":
        return _csv(answer).encode()
    used = ", ".join(f"{name} {number}" for name, number in answer["versions"].items())
    head = f"`{answer['command']}`\n\n{answer['fixed']}. {used}.\n\n"
    return (head + "\n".join(sheet.markdown() for sheet in sheets)).encode()


def _line(row: Json) -> tuple[str, ...]:
    bounds = [_marked(row, row["bounds"].get(name)) for name in barriers.ROUTES]
    certified = row["maximum"]["upper"] if row["verdict"] == "PROVED" and row["maximum"] is not None else None
    found = _marked(row, None if certified is None else {"value": certified, "informative": row["informative"]})
    known = [shown(read_decimal(row[name])) for name in ("mass", "loss", "reference", "R0")]
    verdict = str(row["verdict"]) if row["claimed"] else "-"
    sizes = (str(row["width"]), str(row["neurons"]))
    return (row["kind"], *sizes, *known, *bounds, found, str(row["route"]), verdict)


def _marked(row: Json, bound: Json | None) -> str:
    """What is marked as below R0 is printed below R0, with as many digits as that takes."""
    if bound is None:
        return "-"
    level = read_decimal(bound["value"])
    if not bound["informative"]:
        return shown(level)
    digits = digits_within(level, read_decimal(row["R0"]), least=DIGITS)
    return shown(level, DIGITS if digits is None else digits) + STAR


def _slopes(one: Json) -> str:
    own = [one["closed_slope"], one["measured_slope"]]
    exponent = one["exponent"].removesuffix("/1")
    return " ".join([exponent, *("-" if slope is None else f"{slope:.2f}" for slope in own)])


def shown(value: Fraction, digits: int = DIGITS) -> str:
    """Rounded up; a power of ten where it is tiny or large."""
    if value == 0 or Fraction(1, 10**4) <= value < 10**5:
        return decimal(value, up=True, digits=digits)
    exponent = exponent_of(rounded(value, up=True, digits=digits))
    return f"{decimal(value / Fraction(10) ** exponent, up=True, digits=digits)}e{exponent}"


def _csv(answer: Json) -> str:
    """One line per bound of a problem, and one per width of a slope: long, and easily filtered."""
    stream = io.StringIO()
    heads = ("part", "kind", "data", "dimension", "eta", "width", "neurons", "mass", "loss", "reference", "R0")
    table = csv.DictWriter(stream, (*heads, "bound", "deviation", "level", "informative", "measured"), restval="")
    table.writeheader()
    for row in answer["barriers"]:
        known = {name: row[name] for name in heads if name in row}
        for name, bound in row["bounds"].items():
            own = {"deviation": bound["deviation"], "level": bound["value"], "informative": bound["informative"]}
            table.writerow({"part": "barrier", **known, "bound": name, **own})
        level = (row["maximum"] or {}).get("upper", "")
        own = {"level": level, "informative": row["informative"]}
        table.writerow({"part": "barrier", **known, "bound": "certified", **own})
    for one in answer["deviations"]:
        known = {"part": "deviation", "dimension": one["dimension"], "eta": one["eta"], "bound": one["route"]}
        for k, width in enumerate(one["widths"]):
            own = {"width": width, "neurons": one["neurons"][k], "deviation": one["closed"][k]}
            table.writerow({**known, **own, "measured": one["measured"][k]})
    return stream.getvalue()
