"""Tables that lie beside certificates, as a demo or a sweep writes them; nothing in them is checked again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from numerics.errors import InputError
from numerics.files import read_bounded

LARGEST = 1 << 22  # bytes of such a file
ROWS = 200  # that are shown
LISTS = ("rows", "barriers", "deviations")  # of a demo's and a sweep's JSON

Table = tuple[str, list[str], list[list[str]]]


def tables(folder: Path) -> Iterator[Table]:
    """Name, heads and rows of every `.csv` and `.json` in the folder that holds a table."""
    for place in sorted(folder.glob("*")):
        with suppress(InputError, ValueError, KeyError, RecursionError, csv.Error):
            match place.suffix.lower():
                case ".csv":
                    head, *rows = csv.reader(io.StringIO(_text(place)))
                    yield place.name, head, rows[:ROWS]
                case ".json":
                    document = json.loads(_text(place))
                    for name in LISTS:
                        given = document.get(name) if isinstance(document, dict) else None
                        if isinstance(given, list) and given and all(isinstance(one, dict) for one in given):
                            yield place.name, *_columns(given[:ROWS])


def accuracies(folder: Path) -> dict[str, str]:
    """What a demo measured on held-out data, by its rows' stems."""
    with suppress(InputError, ValueError, KeyError, TypeError, OverflowError, RecursionError, AttributeError):
        rows = json.loads(_text(folder / "demo.json"))["rows"]
        return {
            f"{str(row['level']).replace(' ', '-')}-{row['width']}": ", ".join(
                f"{name} {100 * float(value):.4g}%" for name, value in row["accuracies"].items()
            )
            for row in rows
        }
    return {}


def _text(place: Path) -> str:
    return read_bounded(place, "a table", limit=LARGEST).decode("utf-8", "replace")


def _columns(rows: list[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """One column for every number or word, of an enclosure its upper end."""
    flat = [dict(_flat(row)) for row in rows]
    heads = list(dict.fromkeys(name for row in flat for name in row))
    return heads, [[row.get(name, "") for name in heads] for row in flat]


def _flat(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if isinstance(value, dict) and "upper" in value:
            yield f"{name} <=", str(value["upper"])
        elif isinstance(value, dict) and {"verdict", "maximum"} <= value.keys():
            yield f"{name} verdict", str(value["verdict"])
            if isinstance(value["maximum"], dict):
                yield f"{name} maximum <=", str(value["maximum"].get("upper"))
        elif isinstance(value, dict) and all(isinstance(one, int | float | str) for one in value.values()):
            yield from ((f"{name}, {inner}", str(one)) for inner, one in value.items())
        elif isinstance(value, str | int | float):
            yield name, str(value)
