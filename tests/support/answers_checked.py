"""A path judged by both checkers, as a stranger would: from files."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np

from numerics.checker.check import check
from numerics.data import Data
from numerics.losses import fraction
from numerics.maxima.search import TOLERANCE
from numerics.networks.base import Network
from numerics.networks.files import write_network
from numerics.paths import Kind
from numerics.questions.found import Found
from support import second_checker


def require_both_accept(answer: Found, start: Network, goal: Network, points: Data, *, depth: bool) -> None:
    """PROVED by the checker, accepted by the second one, with the same three losses.

    Where anything moves (the straight line) the maximum is enclosed, and the second checker may not be able to tell.
    """
    certificate, found = answer.certificate(None), answer.corners
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        np.savez(place / "data.npz", X=points.X, Y=points.Y)
        write_network(place / "start.npz", start)
        write_network(place / "goal.safetensors", goal)
        (place / "path.cert").write_bytes(certificate)
        report = check(
            place / "path.cert", str(place / "data.npz"), start=place / "start.npz", end=place / "goal.safetensors"
        )
    ends = [
        {"class": network.kind, "bias": int(network.bias), "parameters": network.parameters()}
        for network in (start, goal)
    ]
    verdict = second_checker.check(certificate, points.X, points.Y, *ends)
    if depth and not found.end.below(found.start):
        assert (report.verdict, verdict.accepted) == ("UNDECIDED", False)
        assert "not below" in (report.refused or "")
        return
    general = any(segment.kind is Kind.GENERAL for segment in answer.path.segments)
    told = verdict.accepted or (general and verdict.reason.startswith(second_checker.CANNOT_TELL))
    assert (report.verdict, report.refused, told) == ("PROVED", None, True), verdict.reason
    assert report.judgement is not None
    if general:
        assert report.judgement.upper is not None
        upper = Fraction(int(report.judgement.upper.p), int(report.judgement.upper.q))
        assert found.maximum <= upper <= found.claim(TOLERANCE)
        return
    ours = (fraction(found.start), fraction(found.end), found.maximum)
    assert report.judgement.upper is not None
    assert report.judgement.start.is_exact
    assert report.judgement.end.is_exact
    assert ours == tuple(
        Fraction(int(one.p), int(one.q))
        for one in (report.judgement.start.low, report.judgement.end.low, report.judgement.upper)
    )
    assert ours == (verdict.start, verdict.end, verdict.maximum)
