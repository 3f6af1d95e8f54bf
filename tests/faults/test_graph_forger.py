"""Checkers that read graphs or arcs wrong, put to the forger of graphs: each accepts what is false, the true one not.

Every fault is one reading: where a window begins, which shape an array has, what an arc is. The forger does not know
it; among what he tries are the numbers of wrong readers, bounds just below what is attained, and other geometries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.checker import facts, general, reader, stretch
from numerics.checker.graph import windows
from numerics.checker.npy import canonical_header
from support import forgeries

SEEN, ARC = windows.seen, stretch.arc_of


def seen_with(**fields: Any) -> Callable[..., Any]:
    """What places see of a window some of whose fields are others; how many places there are is counted right."""

    def variant(node: Any, image: Any, axis: int, numbers: Any) -> Any:
        return SEEN(replace(node, **fields), image, axis, numbers)

    return variant


def believed(entry: memoryview, shape: tuple[int, ...], name: str) -> np.ndarray:
    """An array of the shape that the document states, whatever the array's own header says."""
    return np.frombuffer(entry, dtype="<f8", offset=len(canonical_header(shape))).reshape(shape)


def cut_off(grid: Any, before: Any, control: Any, after: Any) -> Any:
    """An arc that ends at its control."""
    return ARC(grid, before, control, control)


def no_control(*_: Any) -> None:
    """Of no arc."""


FAULTS: dict[str, list[tuple[Any, str, Any]]] = {
    "every stride is 1": [(windows, "seen", seen_with(stride=(1, 1)))],
    "padding is forgotten": [(windows, "seen", seen_with(padding=(0, 0, 0, 0)))],
    "dilation is forgotten": [(windows, "seen", seen_with(dilation=(1, 1)))],
    "a stated shape is believed": [(reader, "read_array", believed)],
    "an arc is taken for its chord": [(facts, "control_of", no_control), (general, "control_of", no_control)],
    "the control is taken for the end": [(stretch, "arc_of", cut_off)],
}
EARLY = {
    "every stride is 1": (1, 21),
    "padding is forgotten": (1, 21),
    "dilation is forgotten": (1, 21),
    "a stated shape is believed": (3, 10),
    "an arc is taken for its chord": (19, 10),
    "the control is taken for the end": (3, 10),
}
"""A seed of `certify graphs`, and how many forgeries of it are enough."""


def accepted(what: str | None, monkeypatch: pytest.MonkeyPatch, seed: int, many: int, folder: Path) -> dict[str, int]:
    """How many false statements either checker accepts; the first with a fault while it looks at forgeries."""

    def faulty(*asked: Any, **more: Any) -> Any:
        with monkeypatch.context() as planted:
            for place, name, variant in FAULTS[what] if what else []:
                planted.setattr(place, name, variant)
            return forgeries.PROVES(*asked, **more)

    monkeypatch.setattr(forgeries, "check", faulty)
    return dict(forgeries.chunk("certify graphs", seed, many, folder).accepted)


@pytest.mark.parametrize("what", FAULTS)
def test_a_wrong_reading_is_found_out(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a few forgeries of a seed at which that is early; nothing else accepts them."""
    seed, many = EARLY[what]
    found = accepted(what, monkeypatch, seed, many, tmp_path)
    assert found.keys() == {"checker"}
    assert len(list(tmp_path.glob("*.cert"))) == found["checker"]


@pytest.mark.parametrize("seed", sorted({seed for seed, _ in EARLY.values()}))
def test_the_true_checker_accepts_none_of_them(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same forgeries, the same wrapping, no fault."""
    many = max(many for other, many in EARLY.values() if other == seed)
    assert accepted(None, monkeypatch, seed, many, tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("what", FAULTS)
def test_a_wrong_reading_is_found_out_within_some_hundreds(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the seed."""
    for first in (1, 4):
        found = [accepted(what, monkeypatch, seed, 200, tmp_path) for seed in range(first, first + 3)]
        assert any(one.get("checker") for one in found)
        assert not any(one.get("second") for one in found)
