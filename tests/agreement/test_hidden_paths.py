"""Finder, checker and the slow oracle on random hidden paths: one number, from three disjoint codes."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.checker.check import check
from numerics.checker.effort import Budget
from numerics.checker.hidden import summit
from numerics.checker.inputs import Data as Points
from numerics.checker.reach import two_on_one_route
from numerics.checker.spaces import parse_space
from numerics.losses.problem import Problem
from numerics.maxima.hidden import exact_maximum
from numerics.networks.base import Network
from numerics.networks.degrees import degree
from numerics.paths import Kind
from numerics.questions.enclose import certify
from support import breakpoints, second_checker
from support.hidden_problems import hidden_problem
from support.oracles import CLASSES

SEEDS = st.integers(0, 2**32 - 1)


def space_of(network: Network):
    shapes = {name: array.shape for name, array in network.parameters().items()}
    return parse_space(network.kind, int(network.bias), shapes)


@given(SEEDS, st.sampled_from(CLASSES), st.data())
def test_the_rule_is_the_same_in_three_codes(seed: int, kind: str, data: st.DataObject) -> None:
    """Reachability in the checker, degrees in the finder, routes written out in the oracle."""
    network, *_ = hidden_problem(np.random.default_rng(seed), kind=kind)
    names = sorted(network.parameters())
    moved = data.draw(st.sets(st.sampled_from(names)))
    hidden = breakpoints.is_hidden(kind, names, moved)
    assert (degree(kind, names, moved) <= 1) is hidden
    assert (two_on_one_route(space_of(network), moved) is None) is hidden


@given(SEEDS, st.sampled_from(CLASSES), st.fractions(0, 1, max_denominator=40))
def test_finder_and_checker_find_one_maximum(seed: int, kind: str, t: Fraction) -> None:
    """And the first time at which it is attained; the checker's loss at any time is the oracle's."""
    from flint import fmpq

    from support.oracles import exact_loss, interpolate

    start, end, data = hidden_problem(np.random.default_rng(seed), kind=kind)
    at = fmpq(t.numerator, t.denominator)
    found = summit(
        space_of(start), start.parameters(), end.parameters(), Points(data.X, data.Y), Budget(1 << 30), at=at
    )
    theirs = exact_maximum(start, end, Problem(data))
    assert Fraction(int(found.loss.p), int(found.loss.q)) == theirs.loss
    assert Fraction(int(found.t.p), int(found.t.q)) == theirs.t
    mixed = interpolate(start.parameters(), end.parameters(), t)
    loss = exact_loss(mixed, start.kind, start.bias, data.X, data.Y)
    assert found.asked is not None
    assert Fraction(int(found.asked.p), int(found.asked.q)) == loss


@pytest.mark.parametrize("kind", CLASSES)
def test_certificates_of_hidden_paths_check(kind: str, tmp_path: Path) -> None:
    """There and back, beside a general segment too: PROVED, exact where nothing is general, both checkers agreeing."""
    rng = np.random.default_rng(CLASSES.index(kind))
    exact = 0
    for k in range(6):
        start, end, data = hidden_problem(rng, kind=kind, magnitude=("narrow", "ordinary")[k % 2])
        corners = [start, end, start] if k % 3 else [start, end, end.replace({"W": end.W * 0.5, **last(end)})]
        np.savez(tmp_path / "data.npz", X=data.X, Y=data.Y)
        found = certify(corners, Problem(data))
        (tmp_path / "path.cert").write_bytes(found.certificate(None))
        report = check(tmp_path / "path.cert", str(tmp_path / "data.npz"))
        assert report.verdict == "PROVED", report.refused
        kinds = {segment.kind for segment in found.path.segments}
        exact += Kind.HIDDEN in kinds
        if Kind.GENERAL not in kinds:
            assert found.maximum.upper == found.maximum.attained
            verdict = second_checker.check((tmp_path / "path.cert").read_bytes(), data.X, data.Y)
            assert verdict.accepted, verdict
            assert verdict.maximum == found.maximum.attained
    assert exact >= 3


def last(network: Network) -> dict[str, np.ndarray]:
    """The readout matrix doubled."""
    name = "U" if network.kind == "plain" else "V"
    return {name: 2.0 * network.parameters()[name]}
