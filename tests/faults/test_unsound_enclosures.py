"""Planted errors: each makes one small part of the enclosure unsound, and each is caught where the true code passes.

The same searches run on the true code and on the altered one. They compare with exact losses in `Fraction`s, on paths
drawn from fixed seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from numerics.checker import corner, lines, models
from numerics.checker import general as subdivision
from numerics.checker.check import check
from numerics.checker.enclosure import upper_bound
from numerics.checker.grid import MACHINE, down, up
from numerics.checker.inputs import Data
from numerics.checker.lines import piece_of
from numerics.checker.spaces import parse_space
from numerics.checker.stretch import Stretch, stretch_of
from support.certificates import Forge
from support.general_segments import CLASSES, general, hidden
from support.oracles import prefixes


def drawn(kind: str, seed: int) -> Forge:
    """A path between two small random networks with floats of full length."""
    rng = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {"W": (3, 2)} | ({} if kind == "plain" else {"V": (1, 3)})
    for prefix in prefixes(kind, 1):
        shapes |= {f"{prefix}A": (2, 3), f"{prefix}a": (2,)}
        shapes[f"{prefix}U"] = (3 if kind in ("residual", "stream", "post") else 1, 2)
    start = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    moves = {name: ("all", rng.normal(size=shape)) for name, shape in shapes.items()}
    return Forge(kind, 1, start, rng.normal(size=(3, 1)), rng.normal(size=(3, 1)), [("general", moves)])


def integers(seed: int) -> Forge:
    """Nothing of it needs rounding but its outputs, which have more bits than a model keeps."""
    rng = np.random.default_rng(seed)

    def odd(bits: int, *shape: int) -> np.ndarray:
        return 2.0 * rng.integers(1 << (bits - 2), 1 << (bits - 1), shape) + 1.0

    start = {"W": odd(13, 2, 1), "V": odd(25, 1, 2)}
    moves = {"V": ("all", odd(25, 1, 2))}
    return Forge("two-layer", 0, start, odd(13, 3, 1), odd(13, 3, 1), [("general", moves)])


def fixed_row() -> Forge:
    """A row of W that stays fixed beside one that grows: at both ends its outputs are rounded, and not alike.

    The loss is 1.0007 at the start, 1.1880 at 1/2 and 0.9690 at the end: no corner is its maximum.
    """
    start = {"W": np.array([[0, 2.0**28 - 1], [0, 2.0**30]]), "V": np.array([[2.0**14, 0.375]])}
    moves = {"W": ("all", np.array([[0, 2.0**28 - 1], [0, 2.0**40]])), "V": ("all", np.array([[2.0**14, -(2.0**-6)]]))}
    x, y = np.array([[1.0, 2.0**-40]]), np.array([[2.0**14 * ((2.0**28 - 1) * 2.0**-40 - 2.0**-14)]])
    return Forge("two-layer", 0, start, x, y, [("general", moves)])


class Oracle:
    """A path and its exact losses, each computed once for all tests."""

    def __init__(self, forge: Forge) -> None:
        self.forge = forge
        self.loss_at = cache(lambda t: forge.loss_at(0, t))


@cache
def paths() -> tuple[Oracle, ...]:
    """By hand, and drawn from fixed seeds."""
    by_chance = [drawn(kind, seed) for seed in range(6) for kind in CLASSES]
    return tuple(map(Oracle, (general(), hidden(), fixed_row(), *map(integers, range(3)), *by_chance)))


def prepared(forge: Forge) -> Stretch:
    before, after = forge.corners()
    space = parse_space(forge.kind, forge.bias, {name: np.shape(array) for name, array in before.items()})
    return stretch_of(MACHINE, space, before, after, Data(forge.x, forge.y).seen_by_first_layer(forge.bias), 2)


def flint(value: Fraction) -> fmpq:
    return fmpq(value.numerator) / fmpq(value.denominator)


def bounds_below_the_loss() -> Iterator[bool]:
    """On which pieces rule 1's bound lies below an exact loss on the piece: wide ones, and single times."""
    for path in paths():
        stretch = prepared(path.forge)
        for first, last in ((0, 16), (0, 4), (4, 8), (10, 16), (0, 0), (3, 3), (7, 7)):
            times = [Fraction(k, 16) for k in range(first, last + 1)]
            bound = upper_bound(stretch, piece_of(MACHINE, flint(times[0]), flint(times[-1])))
            yield any(flint(path.loss_at(t)) > bound for t in times)


def corners_below_the_loss() -> Iterator[bool]:
    """Whether rule 2 calls a corner the maximum of a piece on which some exact loss lies higher."""
    for path in paths():
        stretch = prepared(path.forge)
        for backwards in (False, True):
            at_corner = path.loss_at(Fraction(int(backwards)))
            for k in (1, 2, 4, 8, 16):
                if corner.corner_is_the_maximum(stretch.backwards() if backwards else stretch, fmpq(k, 16)):
                    times = [Fraction(j, 16) for j in range(k + 1)]
                    yield any(path.loss_at(1 - t if backwards else t) > at_corner for t in times)


def false_claims_accepted(folder: Path) -> Iterator[bool]:
    """Which certificates with a bound below a loss on the path are accepted."""
    eighths = [Fraction(k, 8) for k in range(1, 8)]
    # The ends' losses as bound; a bound that only the second eighth exceeds, or only the second half.
    first, last = hidden().corners()
    back = Forge("parallel", 0, last, hidden().x, hidden().y, [("general", {n: ("all", first[n]) for n in first})])
    claims = [replace(forge, cuts={0: cuts}) for forge in (general(), hidden()) for cuts in ([], eighths)]
    claims += [replace(hidden(), cuts={0: eighths}, peak=(0, Fraction(1, 8)), upper=Fraction(3, 5))]
    claims += [replace(back, upper=Fraction(3, 10)), fixed_row()]
    for claim in claims:
        claim = replace(claim, question="certify", upper=claim.upper or max(claim.losses()))
        cert, data = claim.write(folder / "path.cert"), claim.write_data(folder / "data.npz")
        yield check(cert, str(data)).verdict == "PROVED"


def test_the_true_code_is_never_caught(tmp_path: Path) -> None:
    """Rule 2 says yes often enough for its errors to show."""
    assert not any(bounds_below_the_loss())
    assert not any(corners_below_the_loss())
    assert not any(false_claims_accepted(tmp_path))
    yes = [corner.corner_is_the_maximum(prepared(path.forge), fmpq(1, 16)) for path in paths()]
    assert sum(yes) > 4


def unrounded(mid: Any, slope: Any, radius: Any, shift: int) -> Any:
    """`models.rounded`, but what is dropped is forgotten."""
    return down(mid, shift), down(slope, shift), up(radius, shift)


def exact_floats(original: Callable[..., Any]) -> Callable[..., Any]:
    """`lines._rounded_floats`, but every weight passes for exact."""

    def variant(*arguments: Any) -> Any:
        found = original(*arguments)
        return lines.Rounded(found.values, np.zeros_like(found.off))

    return variant


def steep(original: Callable[..., Any]) -> Callable[..., Any]:
    """`models._chord`, but steeper than 1: no chord of ReLU."""
    return lambda low, high: 2 * original(low, high) + (1 << models._CHORD)


def low_chord(original: Callable[..., Any]) -> Callable[..., Any]:
    """`models._above_chord`, but for a chord that ends at zero: nothing lies above it."""

    def variant(parts: Any, chord: Any, low: Any, high: Any) -> Any:
        return original(parts, chord, np.zeros_like(low), np.zeros_like(high))

    return variant


RULE_1: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "a rounding of activations dropped": (models, "rounded", lambda _: unrounded),
    "the roundings of products dropped": (models.Model, "_lost", lambda _: lambda *_: np.int64(0)),
    "the roundings of weights dropped": (lines, "_rounded_floats", exact_floats),
    "a chord that is too steep": (models, "_chord", steep),
    "nothing above the chord": (models, "_above_chord", low_chord),
    "radii not multiplied by the weights": (
        models,
        "radius_product",
        lambda _: (
            lambda radius, size, shift, seen: up(
                radius.max(axis=1)[:, None] + 0 * size.factor.entries.max(axis=1)[None], shift
            )
        ),
    ),
    "radii forgotten": (models, "radius_product", lambda original: lambda *of: 0 * original(*of)),
    "the sign of the second order": (
        models,
        "recentred",
        lambda original: lambda factor: (-original(factor)[0], original(factor)[1]),
    ),
    "the second order without a radius": (
        models,
        "recentred",
        lambda original: lambda factor: (original(factor)[0], 0 * factor),
    ),
}


@pytest.mark.parametrize("fault", RULE_1)
def test_an_error_in_the_models_is_caught(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Some bound falls below an exact loss."""
    place, name, alter = RULE_1[fault]
    monkeypatch.setattr(place, name, alter(getattr(place, name)))
    assert any(bounds_below_the_loss())


def without_squares(original: Callable[..., Any]) -> Callable[..., Any]:
    """`corner.descent`, but without the term of second order."""
    return lambda base, rate, longest: original(base, rate, fmpq(0))


RULE_2: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "a ReLU that never closes": (corner, "relu_rate", lambda _: lambda layer: layer.rate),
    "a ReLU that is always closed": (
        corner,
        "relu_rate",
        lambda _: (
            lambda layer: corner.fitted(
                layer.rate.grid, *(0 * part for part in (layer.rate.mid, layer.rate.slope, layer.rate.radius)), 0
            )
        ),
    ),
    "no term of second order": (corner, "descent", without_squares),
    "weights that pass for fixed": (
        lines.Line,
        "rate_slab",
        lambda original: lambda self: replace(original(self), mid=0 * self.change),
    ),
    "a rate of what stays fixed": (
        lines.Line,
        "change",
        lambda _: property(lambda self: self.end.values - self.start.values),
    ),
}


@pytest.mark.parametrize("fault", RULE_2)
def test_an_error_in_the_rates_is_caught(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Some corner passes for a maximum that it is not."""
    place, name, alter = RULE_2[fault]
    monkeypatch.setattr(place, name, alter(getattr(place, name)))
    assert any(corners_below_the_loss())


def first_half_only(self: Any, first: Any, last: Any, grids: Any, levels: int = 8) -> bool:
    """`General._piece`, but after halving only the first half is looked at."""
    stretch = self._stretch(grids[0], backwards=False)
    if upper_bound(stretch, piece_of(grids[0], first, last)) <= self.upper:
        return True
    return levels > 0 and first_half_only(self, first, (first + last) / 2, grids, levels - 1)


DRIVER: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "the second piece skipped": (
        subdivision,
        "pairwise",
        lambda _: lambda times: [piece for k, piece in enumerate(pairwise(times)) if k != 1],
    ),
    "the last piece skipped": (subdivision, "pairwise", lambda _: lambda times: list(pairwise(times))[:-1]),
    "only the first half": (subdivision.General, "_piece", lambda _: first_half_only),
    "a corner that is always the maximum": (subdivision, "corner_is_the_maximum", lambda _: lambda *_: True),
}


@pytest.mark.parametrize("fault", DRIVER)
def test_an_error_in_the_subdivision_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str) -> None:
    """Some false certificate passes."""
    place, name, alter = DRIVER[fault]
    altered = alter(getattr(place, name))
    if name == "pairwise":
        # Only the cuts are paired otherwise; corners are paired by the same function.
        true = pairwise

        def paired(times: Any) -> Any:
            return altered(times) if isinstance(times, tuple) else true(times)

        monkeypatch.setattr(place, name, paired)
    else:
        monkeypatch.setattr(place, name, altered)
    assert any(false_claims_accepted(tmp_path))
