"""The checker's objects show their fields in short words, each kind of value in its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from numerics.checker.shown import shown


@dataclass(frozen=True)
class Holder:
    """One field of any type."""

    held: Any

    __repr__ = shown


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        (True, "True"),
        (0.5, "0.5"),
        (7, "7"),
        (fmpq(-1, 3), "-1/3"),
        (fmpq(2**63, 3), f"{2**63}/3"),
        (2**64, "a fraction of 65 over 1 bits"),
        (fmpq(1, 2**64), "a fraction of 1 over 65 bits"),
        ("x" * 100, repr("x" * 100)),
        ("x" * 101, repr("x" * 97 + "...")),
        (np.zeros((2, 3), dtype=np.float32), "float32 (2, 3)"),
        ({"a": 1, "b": 2}, "2 entries"),
        ((True, fmpq(1, 2)), "(True, 1/2)"),
        ((3,), "(3)"),
        ((1, 2, 3), "3 items"),
        ((1, "x"), "2 items"),
        ([1, 2], "2 items"),
        (object(), "object"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_shown_in_few_words(value: object, words: str) -> None:
    """Numbers exactly up to 64 bits, text up to 100 characters, pairs of numbers whole."""
    assert repr(Holder(value)) == f"Holder(held={words})"
