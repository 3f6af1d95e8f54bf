"""A true certificate of a route, changed so that it says something false, with a right checksum all the same."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.checker.check import check
from numerics.data import Data
from support import second_checker
from support.certificates import canonical, npy, pack


def forged(blob: bytes) -> Iterator[tuple[str, bytes]]:
    """By name: a maximum below the true one; in the readout of every corner on the way, one entry far too large."""
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(entries["certificate.json"])
    upper = Fraction(document["maximum"]["upper"]) / 2
    lower = {**document, "maximum": {**document["maximum"], "upper": f"{upper.numerator}/{upper.denominator}"}}
    yield "lower maximum", pack({**entries, "certificate.json": canonical(lower)})
    for name in entries:
        if name.endswith((".V.npy", ".U.npy")) and name.startswith("segment."):
            array = np.load(io.BytesIO(entries[name]))
            array.flat[0] += 2.0**20
            yield name, pack({**entries, name: npy(array)})
    for name, values in document["rationals"].items():
        more = {**document["rationals"], name: [_more(values[0]), *values[1:]]}
        yield name, pack({**entries, "certificate.json": canonical({**document, "rationals": more})})


def require_all_refused(blob: bytes, points: Data, folder: Any) -> int:
    """Neither checker says PROVED of any forgery; how many there were."""
    np.savez(folder / "data.npz", X=points.X, Y=points.Y)
    count = 0
    for name, forgery in forged(blob):
        (folder / "forged.cert").write_bytes(forgery)
        report = check(folder / "forged.cert", str(folder / "data.npz"))
        assert report.verdict != "PROVED", name
        assert not second_checker.check(forgery, points.X, points.Y).accepted, name
        count += 1
    return count


def _more(value: str) -> str:
    more = Fraction(value) + 2**20
    return f"{more.numerator}/{more.denominator}"
