"""Paths of one general segment, for the checker's tests: by hand, and drawn by Hypothesis from all classes."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from support.certificates import Forge

CLASSES = ("two-layer", "parallel", "residual", "stream", "post", "plain")
SHORT = st.sampled_from([0.0, 0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 2.0, 0.25])
USUAL = SHORT | st.floats(-4, 4, allow_subnormal=False)
WILD = USUAL | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([5e-324, -1e300, 1e-310])
TIMES = st.fractions(0, 1, max_denominator=50) | st.integers(0, 64).map(lambda k: Fraction(k, 64))


def shapes_of(draw: st.DrawFn, kind: str, n: int, p: int, m: int) -> dict[str, tuple[int, ...]]:
    """The shapes of some space of this class, biases here and there."""
    shapes: dict[str, tuple[int, ...]] = {"W": (m, n)}
    if kind != "plain":
        shapes["V"] = (p, m)
    blocks = draw(st.integers(1, 2)) if kind in ("stream", "post") else int(kind != "two-layer")
    for block in range(blocks):
        prefix = f"blocks.{block}." if kind in ("stream", "post") else ""
        before = m
        for layer, width in enumerate(draw(st.lists(st.integers(1, 2), min_size=1, max_size=2))):
            shapes[prefix + (f"B{layer}" if layer else "A")] = (width, before)
            if draw(st.booleans()):
                shapes[prefix + (f"b{layer}" if layer else "a")] = (width,)
            before = width
        shapes[f"{prefix}U"] = (p if kind in ("parallel", "plain") else m, before)
    if draw(st.booleans()):
        shapes["c"] = (p,)
    return shapes


@st.composite
def segments(draw: st.DrawFn, elements: st.SearchStrategy[float] = USUAL, kinds: Sequence[str] = CLASSES) -> Forge:
    """One general segment between two networks of one class, some parameters staying."""
    kind = draw(st.sampled_from(kinds))
    n, p, m, samples = (draw(st.integers(1, 3)) for _ in range(4))
    bias = draw(st.integers(0, 1))
    shapes = shapes_of(draw, kind, n + bias, p, m)

    def array(shape: tuple[int, ...]) -> np.ndarray:
        return draw(hnp.arrays(np.float64, shape, elements=elements))

    moved = draw(st.sets(st.sampled_from(sorted(shapes)), min_size=1))
    start = {name: array(shape) for name, shape in shapes.items()}
    moves = {name: ("all", array(shapes[name])) for name in sorted(moved)}
    return Forge(kind, bias, start, array((samples, n)), array((samples, p)), [("general", moves)])


def turning(kind: str, **weights: tuple[Any, Any]) -> Forge:
    """A segment by hand on one sample: `name=(start, end)`."""
    start = {name: np.array(before, dtype=float) for name, (before, _) in weights.items()}
    moves = {name: ("all", np.array(after, dtype=float)) for name, (_, after) in weights.items()}
    return Forge(kind, 0, start, np.array([[1.0]]), np.array([[0.0]]), [("general", moves)])


def hidden() -> Forge:
    """Blueprint's case 14 with U = -1: V z + U [A z]_+ on z = 1 with V: 0 -> 6, A: -1 -> 6, so 6t - [7t - 1]_+.

    Both ends have loss 0; the maximum is (6/7)^2 = 36/49 at t = 1/7.
    """
    one = [[1.0]]
    return turning("parallel", W=(one, one), V=([[0.0]], [[6.0]]), A=([[-1.0]], [[6.0]]), U=([[-1.0]], [[-1.0]]))


def general() -> Forge:
    """Blueprint's case 15: V (z + U [A z]_+) with z = U = 1, V: 2 -> 0, A: 0 -> 4: 2(1-t)(1+4t), largest at 3/8."""
    one = [[1.0]]
    return turning("residual", W=(one, one), V=([[2.0]], [[0.0]]), A=([[0.0]], [[4.0]]), U=(one, one))
