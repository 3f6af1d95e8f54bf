"""Planted errors in the checker's graphs: each changes one small part, and each is caught where the true code passes.

Values are compared with plain loops in fractions, exact ones for equality and models for containment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

from numerics.checker import exact_pass, image_models, limbs
from numerics.checker.exact_pass import GraphPass, Over
from numerics.checker.graph import Windows, evaluate
from numerics.checker.grid import MACHINE
from numerics.checker.limbs import Limbs
from numerics.checker.models import Model
from support.graph_certificates import GraphForge, small_cnn, vocabulary
from support.graph_segments import contained, exact_outputs, found_outputs

Place = tuple[Any, str]
TIMES = [Fraction(1, 4), Fraction(3, 8), Fraction(1, 2)]
TRUE_LARGER, TRUE_MEAN, TRUE_GATHERED = image_models._larger, image_models.mean, image_models.gathered
TRUE_WINDOWS, TRUE_TABLE, TRUE_SETTLED = evaluate.windows, evaluate._table, limbs.settled


@cache
def forges() -> tuple[GraphForge, ...]:
    """Every node, in full-length floats and in short ones; the second one twice as far, so that maxima are open."""
    return vocabulary(0), vocabulary(1), small_cnn(), small_cnn(seed=4)


@cache
def exact(number: int, t: Fraction) -> list[list[Fraction]]:
    return exact_outputs(forges()[number], t)


def values_are_exact() -> bool:
    """Whether the exact outputs are, at a time that is no dyadic and at the ends."""
    return all(
        found_outputs(forge, t) == exact(k, t)
        for k, forge in enumerate(forges())
        for t in (Fraction(0), Fraction(1, 3))
    )


def models_contain() -> bool:
    """Whether the outputs lie within their models, on a wide piece and at single times."""
    return all(
        contained(forge, MACHINE, times[0], times[-1], times)
        for forge in forges()
        for times in (TIMES, TIMES[:1], TIMES[2:])
    )


def test_the_true_code_is_never_caught() -> None:
    """Neither search finds anything."""
    assert values_are_exact()
    assert models_contain()


def by_smaller_radius(one: Model, two: Model) -> Model:
    least = np.minimum(one.radius, two.radius)
    return TRUE_LARGER(replace(one, radius=least), replace(two, radius=least))


def by_middles(one: Model, two: Model) -> Model:
    """Whichever is larger in the middle of the piece."""
    first = one.mid >= two.mid
    parts = [np.where(first, getattr(one, name), getattr(two, name)) for name in ("mid", "slope", "radius")]
    return Model(one.grid, parts[0], parts[1], parts[2], one.exponent)


def without_gap(one: Model, two: Model) -> Model:
    found = TRUE_LARGER(one, two)
    most = np.maximum(one.radius, two.radius)
    return replace(found, radius=np.minimum(found.radius, most >> max(0, found.exponent - one.exponent)))


def mean_unrounded(model: Model, counts: Any) -> Model:
    found = TRUE_MEAN(replace(model, radius=np.zeros_like(model.radius)), counts)
    return replace(found, radius=np.zeros_like(found.radius))


def mean_of_the_first(model: Model, counts: Any) -> Model:
    """Every count that of the first place."""
    return TRUE_MEAN(model, np.full_like(counts, counts[0]))


def unaligned(models: Any, index: Any) -> Model:
    """Side by side as the integers are, whatever their units."""
    return TRUE_GATHERED([replace(model, exponent=models[0].exponent) for model in models], index)


def last_for_padding(array: Any, index: Any) -> Any:
    """No zero where a window sees the padding, but the value's last entry."""
    return np.take(array, index.ravel(), axis=-1)


def windows_of(**changes: Callable[[Any], Any]) -> Callable[..., Any]:
    """Windows of a node of which some fields are others."""

    def changed(node: Any, image: Any) -> Any:
        return TRUE_WINDOWS(
            replace(node, **{name: change(getattr(node, name)) for name, change in changes.items()}), image
        )

    return changed


def zero_may_be_largest(node: Any, given: Any) -> Any:
    if node.op != "max_pool2d" or node.kernel != (2, 3):
        return TRUE_TABLE(node, given)
    plane, (channels, *image) = TRUE_WINDOWS(node, given[0]), given[0]
    starts = np.arange(channels)[:, None, None] * int(np.prod(image))
    return np.where(plane < 0, plane, plane + starts).reshape(-1, 6)


class Turned(Windows):
    """The channels in the other order."""

    def planes(self, array: Any) -> Any:
        return super().planes(array)[:, :, ::-1]


class Repeated(Windows):
    """No zero where a window sees the padding, but the last entry."""

    def planes(self, array: Any) -> Any:
        found = super().planes(array)
        found[:, -1] = found[:, -2]
        return found


def axes_as_they_are(node: Any, given: Any) -> Any:
    return np.arange(np.prod(given[0])).reshape(1, -1) if node.op == "transpose" else TRUE_TABLE(node, given)


def joined_in_a_row(node: Any, given: Any) -> Any:
    whole = sum(int(np.prod(one)) for one in given)
    return np.arange(whole).reshape(1, -1) if node.op == "concatenate" else TRUE_TABLE(node, given)


def uncommon(layers: Any) -> Any:
    """Sums of quotients by adding the numerators."""
    return [layer.matrix for layer in layers], max(layer.over for layer in layers)


def mean_not_divided(self: Any, layer: Any, counts: Any) -> Any:
    return Over(layer.matrix.summed([1] * len(counts)), layer.over)


def relu_by_lowest(self: Limbs) -> Limbs:
    return Limbs(np.where(self.limbs[0] < 1 << 21, 0, self.limbs), self.low)


def carry_lost(words: Any, low: int) -> Limbs:
    """What is beyond the last limb is forgotten."""
    top = words.copy()
    top[-1] &= limbs._MASK
    return TRUE_SETTLED(top, low)


def the_first(self: Limbs) -> Limbs:
    return Limbs(self.limbs[:, :, :1], self.low)


EVERYWHERE: dict[str, tuple[Place, Any]] = {
    "padding on the other side": ((evaluate, "windows"), windows_of(padding=lambda p: (p[2], p[3], p[0], p[1]))),
    "dilation left out": ((evaluate, "windows"), windows_of(dilation=lambda _: (1, 1))),
    "zeros of the padding in a maximum": ((evaluate, "_table"), zero_may_be_largest),
    "channels in another order": ((evaluate, "Windows"), Turned),
    "the last entry for the padding of a window": ((evaluate, "Windows"), Repeated),
    "axes not moved": ((evaluate, "_table"), axes_as_they_are),
    "values joined one after the other": ((evaluate, "_table"), joined_in_a_row),
}
OF_MODELS: dict[str, tuple[Place, Any]] = {
    "the smaller radius of two": ((image_models, "_larger"), by_smaller_radius),
    "the larger middle of two": ((image_models, "_larger"), by_middles),
    "no gap above the chord of a difference": ((image_models, "_larger"), without_gap),
    "a mean without its rounding": ((image_models, "mean"), mean_unrounded),
    "a mean over the first count": ((image_models, "mean"), mean_of_the_first),
    "units left out where values are joined": ((image_models, "gathered"), unaligned),
    "the last entry for the padding": ((image_models, "take"), last_for_padding),
}
OF_VALUES: dict[str, tuple[Place, Any]] = {
    "the last entry for the padding": ((limbs, "take"), last_for_padding),
    "quotients added by their numerators": ((exact_pass, "common"), uncommon),
    "a mean that is a sum": ((GraphPass, "mean"), mean_not_divided),
    "the sign of the lowest limb": ((Limbs, "relu"), relu_by_lowest),
    "a carry beyond the last limb": ((limbs, "settled"), carry_lost),
    "the first for the largest": ((Limbs, "largest"), the_first),
}


@pytest.mark.parametrize("what", [*EVERYWHERE, *OF_VALUES])
def test_a_wrong_value_is_found(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some exact output is another one."""
    (owner, name), fault = (EVERYWHERE | OF_VALUES)[what]
    monkeypatch.setattr(owner, name, fault)
    assert not values_are_exact()


@pytest.mark.parametrize("what", [*EVERYWHERE, *OF_MODELS])
def test_an_unsound_model_is_found(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some output lies outside of its model."""
    (owner, name), fault = (EVERYWHERE | OF_MODELS)[what]
    monkeypatch.setattr(owner, name, fault)
    assert not models_contain()
