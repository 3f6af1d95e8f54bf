"""Exact segments from the finder: T4's path by route rank, T2's and T3's in streams: a barrier of 0, not of about 0."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.checker.check import check
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.losses.rational import rational_loss
from numerics.maxima.corners import exact_corner_maximum
from numerics.networks import Branch, Layer, Network, Parallel, Residual, TwoLayer
from numerics.networks.files import read_network, write_network
from numerics.networks.rational import Corner
from numerics.paths import Kind, Segment
from numerics.paths.certificate import certificate_bytes, read_exact_path, read_path
from numerics.paths.exact import ExactPath, ExactSegment, between, moved
from numerics.questions.found import Found
from numerics.questions.search import connect, depth
from numerics.routes import exact_rank
from numerics.testing import data_for, parallels, partners, references_for, residuals, streams, two_layers
from support import second_checker
from support.certificates import exact_loss
from support.command_line import skipscape

DRAWN = {"two-layer": two_layers, "parallel": parallels, "residual": residuals, "stream": streams}
CLASSES = sorted(DRAWN)


def small(kind: str, seed: int = 3, width: int = 6) -> tuple[Network, Network, TwoLayer, Data]:
    """Three points, weights that are sevenths rounded: coefficients are no floats; `l = 2`, and m >= N + l + p."""
    rng = np.random.default_rng(seed)

    def drawn(*shape: int) -> np.ndarray:
        return rng.integers(1, 40, size=shape) * rng.choice([-1, 1], size=shape) / 7.0

    def network() -> Network:
        W, V, A = drawn(width, 2), drawn(1, width), drawn(2, width)
        if kind == "two-layer":
            return TwoLayer(W=W, V=V)
        make, rows = (Parallel, 1) if kind == "parallel" else (Residual, width)
        return make(W=W, V=V, branch=Branch((Layer(A, drawn(2)),)), U=drawn(rows, 2))

    reference = TwoLayer(W=drawn(2, 2), V=drawn(1, 2))
    return network(), network(), reference, Data(drawn(3, 2), drawn(3, 1))


def verdicts(answer: Found, folder: Path) -> tuple[dict, second_checker.Verdict]:
    """Both checkers on the answer's certificate."""
    cert, data = folder / "path.cert", folder / "data.npz"
    cert.write_bytes(answer.certificate(None))
    np.savez(data, X=answer.data.X, Y=answer.data.Y)
    report = check(cert, str(data)).to_json()
    return report, second_checker.check(cert.read_bytes(), answer.data.X, answer.data.Y)


@pytest.mark.parametrize("kind", ["two-layer", "parallel", "residual"])
def test_the_zero_barrier_of_t4_and_t2_is_proved_as_zero(kind: str, tmp_path: Path) -> None:
    """Rational corners on the way (no coefficient is a float), and a barrier of exactly 0."""
    start, end, reference, data = small(kind)
    answer = connect(start, end, Problem(data), route="rank", reference=reference)
    assert answer.candidate.exact is not None
    assert not all(corner.is_float for corner in answer.candidate.exact.corners)
    report, verdict = verdicts(answer, tmp_path)
    assert (report["verdict"], report["barrier"]["exact"], report["arithmetic"]) == ("PROVED", "0/1", "exact")
    assert (verdict.accepted, verdict.reason) == (True, "accepted")
    assert {"exact", "silent", "readout"} == {segment["kind"] for segment in report["segments"]}


def test_one_neuron_less_than_the_rank_allows_falls_back_to_floats(tmp_path: Path) -> None:
    """m = N + l is enough, m = N + l - 1 is not: then a hidden segment says what rounding and least squares cost."""
    start, end, reference, data = small("parallel", width=5)
    answer = connect(start, end, Problem(data), route="rank", reference=reference)
    assert answer.candidate.exact is not None
    narrow, other, reference, data = small("parallel", width=4)
    with pytest.raises(InputError, match="1 neurons are free"):
        exact_rank.to_reference(narrow, reference, Problem(data))
    answer = connect(narrow, other, Problem(data), route="rank", reference=reference)
    assert answer.candidate.exact is None
    report, verdict = verdicts(answer, tmp_path)
    assert report["verdict"] == "PROVED"
    assert verdict.accepted
    assert "hidden" in {segment["kind"] for segment in report["segments"]}


def test_the_elimination_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    start, _, reference, data = small("parallel")
    monkeypatch.setattr(exact_rank, "WORK", 3 * 6 * 3 * 100)
    with pytest.raises(InputError, match="no exact elimination"):
        exact_rank.to_reference(start, reference, Problem(data))
    assert depth(start, reference, Problem(data), route="rank").candidate.exact is None
    monkeypatch.setattr(exact_rank, "WORK", 3 * 6 * 3 * 130)
    assert depth(start, reference, Problem(data), route="rank").candidate.exact is not None


@pytest.mark.parametrize("limit", ["MOST", "LONGEST", "ALL"])
def test_fractions_that_no_certificate_holds_are_not_made(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start, _, reference, data = small("parallel")
    assert depth(start, reference, Problem(data), route="rank").candidate.exact is not None
    monkeypatch.setattr(exact_rank, limit, 3)
    assert depth(start, reference, Problem(data), route="rank").candidate.exact is None


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_every_class_reaches_the_reference_at_no_cost(data: st.DataObject) -> None:
    """Whenever the exact ranks leave enough neurons: f is constant on the data until the line to g*, by the oracle."""
    kind = data.draw(st.sampled_from(CLASSES))
    network = data.draw(DRAWN[kind](width=st.integers(3, 6), inputs=2, outputs=1))
    points = data.draw(data_for(network, points=st.integers(1, 3)))
    reference = data.draw(references_for(network))
    try:
        path, slots = exact_rank.to_reference(network, reference, Problem(points))
    except InputError:
        assume(False)
    assume(path.segments)
    losses = [exact_loss(kind, int(network.bias), dict(corner.weights), points.X, points.Y) for corner in path.corners]
    assert losses == [rational_loss(corner, Problem(points)).exact for corner in path.corners]
    assert set(losses) <= {losses[0], losses[-1]}
    assert (path.end.weights["W"][list(slots)] == reference.W).all()
    for segment in path.segments:
        if segment.kind is Kind.EXACT:
            middle = {
                name: (array + segment.end.fractions()[name]) / 2 for name, array in segment.start.fractions().items()
            }
            assert exact_loss(kind, int(network.bias), middle, points.X, points.Y) == losses[0]


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_both_checkers_accept_what_route_rank_says(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(CLASSES))
    start = data.draw(DRAWN[kind](width=st.integers(3, 5), inputs=2, outputs=1))
    end = data.draw(partners(start))
    points = data.draw(data_for(start, points=st.integers(1, 2)))
    reference = data.draw(references_for(start))
    try:
        answer = connect(start, end, Problem(points), route="rank", reference=reference)
    except InputError:
        assume(False)
    assume(answer.candidate.exact is not None)
    with tempfile.TemporaryDirectory() as folder:
        report, verdict = verdicts(answer, Path(folder))
    assert report["verdict"] == "PROVED", report["refused"]
    assert (verdict.accepted, verdict.reason) == (True, "accepted")


def test_the_same_path_has_the_same_bytes_and_is_read_back() -> None:
    start, end, reference, data = small("parallel")
    answer = connect(start, end, Problem(data), route="rank", reference=reference)
    assert answer.certificate(None) == answer.certificate(None)


def test_a_network_at_a_rational_corner_is_rounded_and_said_to_be(tmp_path: Path) -> None:
    start, end, reference, data = small("parallel")
    answer = connect(start, end, Problem(data), route="rank", reference=reference)
    exact = answer.candidate.exact
    assert exact is not None
    cert = tmp_path / "path.cert"
    cert.write_bytes(answer.certificate(None))
    stored = read_exact_path(cert)
    assert all(not any(a.changed(b)) for a, b in zip(stored.corners, exact.corners, strict=True))
    assert read_path(cert).corners[1].identical(exact.corners[1].nearest())
    count = len(exact.segments)
    ran = skipscape("path", cert, "--at", f"1/{count}", "--out", tmp_path / "one.npz")
    assert (ran.status, "rounded to the nearest float64" in ran.joined) == (0, True)
    assert read_network(tmp_path / "one.npz").identical(exact.corners[1].nearest())
    ran = skipscape("path", cert, "--at", "0", "--out", tmp_path / "zero.npz")
    assert (ran.status, "exactly" in ran.joined) == (0, True)
    assert read_network(tmp_path / "zero.npz").identical(start)


def test_between_rounds_once() -> None:
    """Half of 1/3 and of 1, plus that: 2/3 to the nearest float, not a mean of rounded weights."""
    network = TwoLayer(W=np.ones((1, 1)), V=np.ones((1, 1)))
    corner = Corner.of(network).moved({"V": np.array([[Fraction(1, 3)]], dtype=object)})
    middle, exact = between(Corner.of(network), corner, Fraction(1, 2))
    assert (middle.V[0, 0], exact) == (2 / 3, False)
    middle, exact = between(Corner.of(network), Corner.of(network), Fraction(1, 2))
    assert exact


def test_the_command_line_proves_the_zero_barrier(tmp_path: Path) -> None:
    start, end, reference, data = small("parallel")
    for name, network in (("a", start), ("b", end), ("g", reference)):
        write_network(tmp_path / f"{name}.npz", network)
    np.savez(tmp_path / "data.npz", X=data.X, Y=data.Y)
    a, b, g, points, cert = (tmp_path / name for name in ("a.npz", "b.npz", "g.npz", "data.npz", "p.cert"))
    ran = skipscape(
        "connect", a, b, "--data", points, "--out", cert, "--route", "rank", "--reference", g, "--json"
    )  # fmt: skip
    assert (ran.status, ran.json["verdict"], ran.json["barrier"]["exact"]) == (0, "PROVED", "0/1")
    ran = skipscape("check", cert, "--data", points, "--start", a, "--end", b, "--json")
    assert (ran.status, ran.json["verdict"]) == (0, "PROVED")


def test_known_answer_5_is_an_exact_segment_between_floats(tmp_path: Path) -> None:
    """W, V, A and U move, f = 21 throughout; of a path without fractions the certificate holds none."""

    def network(w: float, V: float, A: float, U: float) -> Residual:
        branch = Branch((Layer(np.array([[A, 1.0]])),))
        return Residual(W=np.array([[1.0], [w]]), V=np.array([[V, 1.0]]), branch=branch, U=np.array([[1.0], [U]]))

    data = Data(np.ones((1, 1)), np.array([[20.0]]))
    start, end = network(2, 1, 1, 5), network(0, 3, 3, 3)
    path = moved(ExactPath(Corner.of(start)), Kind.EXACT, end.parameters())
    maximum = exact_corner_maximum(path, Problem(data))
    assert [loss.exact for loss in maximum.losses] == [1, 1]
    cert = certificate_bytes(path, maximum, maximum.maximum, data, question="connect", route="L4")
    (tmp_path / "path.cert").write_bytes(cert)
    np.savez(tmp_path / "data.npz", X=data.X, Y=data.Y)
    report = check(tmp_path / "path.cert", str(tmp_path / "data.npz")).to_json()
    assert (report["verdict"], report["barrier"]["exact"]) == ("PROVED", "0/1")
    assert b'"rationals":{}' in cert
    assert exact_losses([start, end], Problem(data)) == [1, 1]


def test_what_an_exact_segment_may_not_move_is_refused_when_it_is_made() -> None:
    network, other, _, _ = small("parallel")
    with pytest.raises(ValueError, match="only W, what reads it"):
        Segment(Kind.EXACT, network, network.replace({"U": other.parameters()["U"]}))
    corner = Corner.of(network).moved({"V": np.full((1, 6), Fraction(1, 3))})
    with pytest.raises(ValueError, match="no floats"):
        ExactSegment(Kind.HIDDEN, Corner.of(network), corner)
