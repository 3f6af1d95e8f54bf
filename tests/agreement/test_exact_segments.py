"""Exact segments at random: both checkers say the same, and what they accept leaves every output as it is."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.networks.rational import Corner
from numerics.paths.chain import Kind, exact_moves
from numerics.routes import exact_rank
from numerics.testing import parallels, references_for, residuals, streams, times, two_layers
from numerics.testing.networks import matrices
from support import oracles
from support.both_checkers import BothCheckers
from support.certificates import Forge

DRAWN = {"two-layer": two_layers, "parallel": parallels, "residual": residuals, "stream": streams}
OFF = (Fraction(1), Fraction(-1, 3), Fraction(1, 10**12), Fraction(-(10**12), 7))


@given(st.data())
@settings(max_examples=2 * settings.default.max_examples, deadline=None)
def test_one_weight_changed_on_an_exact_segment_is_judged_alike(data: st.DataObject) -> None:
    """There and back on a segment of route rank, one weight of its corner (or none) another: accepted by both or none.

    An accepted one has the outputs of its start at a random time; a weight that no data meets may well be accepted.
    """
    kind = data.draw(st.sampled_from(sorted(DRAWN)))
    network = data.draw(DRAWN[kind](width=st.integers(3, 5), inputs=2, outputs=1, dense=True))
    N, reference = data.draw(st.integers(1, 2)), data.draw(references_for(network))
    points = Data(data.draw(matrices(N, 2, dense=True)), data.draw(matrices(N, 1)))
    try:
        path, _ = exact_rank.to_reference(network, reference, Problem(points))
    except InputError:
        assume(False)
    exact = [k for k, segment in enumerate(path.segments) if segment.kind is Kind.EXACT]
    corner = path.corners[exact[0] + 1] if exact else Corner.of(network)
    weights = corner.fractions()
    name = data.draw(st.sampled_from(sorted(exact_moves(kind, weights))))
    off = data.draw(st.sampled_from((Fraction(0), *OFF)))
    weights[name][tuple(data.draw(st.integers(0, size - 1)) for size in weights[name].shape)] += off
    start = network.parameters()
    moves = {one: ("all", weights[one]) for one in exact_moves(kind, weights)}
    back = {one: ("all", start[one]) for one in exact_moves(kind, weights)}
    forge = Forge(kind, int(network.bias), start, points.X, points.Y, [("exact", moves), ("exact", back)])
    with tempfile.TemporaryDirectory() as folder:
        report, verdict = BothCheckers(Path(folder)).verdicts(forge)
    accepted = report.verdict == "PROVED"
    event(f"accepted {accepted}, changed {off != 0}")
    assert verdict.accepted is accepted, (verdict.reason, report.refused)
    if off == 0:
        assert accepted
    if accepted:
        mixed = oracles.interpolate(start, weights, data.draw(times()))
        expected = oracles.outputs(start, kind, int(network.bias), points.X)
        assert oracles.outputs(mixed, kind, int(network.bias), points.X) == expected
