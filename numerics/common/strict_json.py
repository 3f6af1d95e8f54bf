"""JSON as its standard has it, the only place of the finder that writes any: no NaN, no Infinity."""

from __future__ import annotations

import json
from typing import Any


def dumps(document: Any, *, indent: int | None = 2) -> str:
    """ASCII. Raises ValueError for a number that is not finite: what has no value is null, by its source's decision."""
    return json.dumps(document, indent=indent, allow_nan=False)


def canonical(document: Any, *, sort_keys: bool = True) -> bytes:
    """The same without a space, keys sorted: one encoding per document, as certificates and headers need it."""
    return json.dumps(document, sort_keys=sort_keys, separators=(",", ":"), allow_nan=False).encode("ascii")
