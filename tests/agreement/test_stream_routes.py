"""T2 and T3 by every route: paths of RESIDUAL and STREAM networks, certified, and judged by both checkers.

Losses at random times are the oracle's, in fractions. The bound of L3 is taken from the network whose blocks write to a
basis alone, as it stands in floats: its weights are exact, so the bound holds for it without any tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.maxima.pieces import PathMaximum, above
from numerics.moves.deviation import displacement
from numerics.moves.mass import masses, sigma_squared
from numerics.networks.base import Network
from numerics.networks.classes import network_of
from numerics.networks.forward import own_name
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind
from numerics.paths.exact import ExactPath, ExactSegment
from numerics.questions import search as questions
from numerics.questions.bounds import connect_bounds
from numerics.questions.found import Found
from numerics.routes import merging
from numerics.routes.line import LINE
from numerics.testing import data_for, partners, references_for, residuals, streams, times
from support import oracles
from support.answers_checked import require_both_accept
from theory import exact
from theory.statements import connectivity

PER_ROW = settings.default.max_examples // 3
DRAWN: dict[str, Callable[..., Any]] = {"residual": residuals, "stream": streams}
WIDTHS = st.integers(3, 6)
FREEING = tuple(route.name for route in merging.ROUTES)
ROUTES = ("zero", "refit", *FREEING)
KNOWN = {Kind.SILENT, Kind.READOUT, Kind.HIDDEN, Kind.EXACT}


@pytest.mark.parametrize("kind", DRAWN)
@settings(max_examples=PER_ROW)
@given(st.sampled_from(ROUTES), st.data())
def test_a_path_to_the_reference_is_exact_and_accepted(kind: str, route: str, data: st.DataObject) -> None:
    """The end is g* on its slots with every U = 0; no loss on the way exceeds the exact maximum; two checkers agree."""
    start = data.draw(DRAWN[kind](width=WIDTHS, outputs=data.draw(st.integers(1, 2))))
    points, reference = data.draw(data_for(start, points=st.integers(1, 4))), data.draw(references_for(start))
    answer = answered(lambda: questions.depth(start, reference, Problem(points), route=route), route)
    if answer is None:
        return
    path, found = answer.path, answer.corners
    assert path.start.identical(start)
    assert {segment.kind for segment in answer.certified.segments} <= KNOWN
    assert found.maximum == found.attained
    assert answer.reference is not None
    slots = list(answer.reference.slots)
    assert (path.end.W[slots] == reference.W).all()
    assert (path.end.V[:, slots] == reference.V).all()
    assert not np.delete(path.end.V, slots, axis=1).any()
    assert not any(array.any() for name, array in path.end.parameters().items() if own_name(name) == "U")
    stays_below(answer.certified, points, found.maximum, data)
    require_both_accept(answer, start, reference, points, depth=True)


@pytest.mark.parametrize("kind", DRAWN)
@settings(max_examples=PER_ROW)
@given(st.sampled_from(["auto", "zero", "bridge", "refit", "prune", "staged", "measured"]), st.data())
def test_two_networks_are_joined(kind: str, route: str, data: st.DataObject) -> None:
    """From one to the other, bit for bit, branches that are live at both ends included."""
    start = data.draw(DRAWN[kind](width=WIDTHS, outputs=data.draw(st.integers(1, 2))))
    end = data.draw(partners(start))
    points, reference = data.draw(data_for(start, points=st.integers(1, 3))), data.draw(references_for(start))
    answer = answered(lambda: questions.connect(start, end, Problem(points), route=route, reference=reference), route)
    if answer is None:
        return
    path = answer.path
    assert path.start.identical(start)
    assert path.end.identical(end)
    line = {Kind.GENERAL} if answer.candidate.route == LINE else set()
    assert {segment.kind for segment in answer.certified.segments} <= KNOWN | line
    stays_below(answer.certified, points, answer.corners.maximum, data)
    if route == "bridge":  # T6: corner losses, and what rounding adds on the hidden segments before and after
        assert connect_bounds(answer)["T6"].value == answer.corners.maximum
    require_both_accept(answer, start, end, points, depth=False)


@pytest.mark.parametrize("kind", DRAWN)
@settings(max_examples=PER_ROW)
@given(st.sampled_from(["pigeonhole", "packing", "mass", "prune"]), st.data())
def test_perturbing_outside_the_basis_keeps_to_the_level_of_its_merging(
    kind: str, route: str, data: st.DataObject
) -> None:
    """L3 on the segment on which W moves: `sqrt L <= sqrt L(before) + D(J)`, the masses those before it."""
    start = data.draw(DRAWN[kind](width=WIDTHS, outputs=1))
    points, reference = data.draw(data_for(start, points=st.integers(1, 4))), data.draw(references_for(start))
    answer = answered(lambda: questions.depth(start, reference, Problem(points), route=route), route)
    if answer is None:
        return
    moved = [k for k, segment in enumerate(answer.path.segments) if segment.moves() == ("W",)]
    own, found = answer.candidate.merging, answer.corners
    assert own is not None
    for k in (k for k in moved if answer.path.segments[k].kind is Kind.HIDDEN):
        assert isinstance(found, PathMaximum)
        before = answer.path.segments[k].start
        sigma = root_up(sigma_squared(points, bias=before.bias).upper)
        D = sigma * displacement(before.W, own, masses(before))
        rounded = before.replace({"W": np.array(answer.path.segments[k].end.W)})  # scale times row, rounded
        size = sum(
            (Fraction(one) for one in rounding(rounded, own, masses(before)).tolist()), Fraction(0)
        )  # how far rounding took the rows beyond the products
        bound = connectivity.level(above(found.losses[k].top), Fraction(0), above(D + sigma * size))
        highest = next(one.loss for number, one in found.hidden if number == k)
        assert highest <= exact.upper(bound)


def answered(ask: Callable[[], Found], route: str) -> Found | None:
    """The answer; None where the route says that there are too few neurons for it, or one without mass."""
    try:
        return ask()
    except InputError as error:
        reason = str(error)
    assert route in FREEING, reason
    assert any(words in reason for words in ("needs l < m - r", "needs m >= 2 l", "cannot carry")), reason
    return None


def rounding(network: Network, own: Any, mass: Any) -> np.ndarray:
    """`||w_j - c_j w_i|| (||V_j|| + ...)` of rows that are the rounded products."""
    from numerics.moves.deviation import displacements

    return displacements(network.W, own, mass)


def full_length(kind: str, width: int) -> Network:
    """Floats of full length, branches of two units with biases; two blocks in a stream."""
    rng = np.random.default_rng(7)
    named = {"W": rng.normal(size=(width, 2)), "V": rng.normal(size=(1, width)), "c": rng.normal(size=1)}
    for prefix in ("blocks.0.", "blocks.1.") if kind == "stream" else ("",):
        named |= {f"{prefix}A": rng.normal(size=(2, width)), f"{prefix}a": rng.normal(size=2) + 3.0}
        named |= {f"{prefix}U": rng.normal(size=(width, 2))}
    return network_of(kind, named, bias=True)


@pytest.mark.parametrize("route", ["packing", "pairing", "refit"])
@pytest.mark.parametrize("kind", DRAWN)
def test_floats_of_full_length_are_accepted_by_both_checkers(kind: str, route: str) -> None:
    """Rounded coefficients everywhere: what they do to the loss is in the exact maximum."""
    start, rng = full_length(kind, 8), np.random.default_rng(8)
    points = Data(rng.normal(size=(4, 1)), rng.normal(size=(4, 1)))
    reference = TwoLayer(W=rng.normal(size=(2, 2)), V=np.zeros((1, 2)), c=points.Y.mean(axis=0), bias=True)
    answer = questions.depth(start, reference, Problem(points), route=route)
    assert answer.corners.end.below(answer.corners.start)
    assert answer.corners.start != answer.corners.losses[1]  # the first segment is not exact
    require_both_accept(answer, start, reference, points, depth=True)


def stays_below(path: ExactPath, points: Data, bound: Fraction, data: st.DataObject) -> None:
    """Exact losses at three random times."""
    for _ in range(3):
        time = data.draw(times()) * len(path.segments)
        k = min(int(time), len(path.segments) - 1)
        assert loss(path.segments[k], time - k, points) <= bound


def loss(segment: ExactSegment, t: Fraction, points: Data) -> Fraction:
    """The oracle's loss at a time of a segment."""
    like = segment.start.like
    mixed = oracles.interpolate(segment.start.weights, segment.end.weights, t)
    return oracles.exact_loss(mixed, like.kind, int(like.bias), points.X, points.Y)
