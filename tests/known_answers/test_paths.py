"""Hand-checkable cases of the blueprint's section 5 on the project's own objects, finder and checker."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from numerics.checker.check import check
from numerics.data import Data
from numerics.losses import exact_loss_between, exact_losses
from numerics.losses.problem import Problem
from numerics.maxima.corners import corner_maximum
from numerics.maxima.hidden import exact_maximum, hidden_maximum
from numerics.moves.permute import permute
from numerics.moves.readout import readout_of
from numerics.networks import Branch, Layer, Network, Parallel, Residual, TwoLayer
from numerics.networks.files import write_network
from numerics.paths import Kind
from numerics.questions import connect as connecting
from numerics.questions import depth as descending
from numerics.questions.enclose import certify
from numerics.questions.request import Request
from numerics.questions.search import connect

SIGNS = Data(np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]]))


def asked(folder: Path, data: Data, start: Network, end: Network) -> Request:
    np.savez(folder / "data.npz", X=data.X, Y=data.Y)
    for name, network in (("start", start), ("end", end)):
        write_network(folder / f"{name}.npz", network, force=True)
    return Request.read(str(folder / "data.npz"), folder / "start.npz", folder / "end.npz")


def test_case_13_the_skip_term_leads_out_of_the_valley() -> None:
    """f(1) = 1 by the branch; V: (0, 0) -> (0, -2) lowers the loss as 2 (1 - t)^2, from 2 to 0."""
    start = Parallel(
        W=np.array([[1.0], [-1.0]]),
        V=np.zeros((1, 2)),
        branch=Branch((Layer(np.array([[1.0, 0.0]])),)),
        U=np.ones((1, 1)),
    )
    end = start.replace({"V": np.array([[0.0, -2.0]])})
    for t in (Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(1)):
        assert exact_loss_between(start, end, t, Problem(SIGNS)) == 2 * (1 - t) ** 2
    segment = readout_of(start, end)
    assert exact_losses([segment.start, segment.end], Problem(SIGNS)) == [2, 0]


def test_case_5_the_transfer_of_a_residual_network_leaves_its_output_alone() -> None:
    """L4: w = (1, 2), V = A = (1, 1), U = (1, 5): f = 21 at t = 0, 1/2, 1; the parallel move would give 12."""
    at = Data(np.ones((1, 1)), np.zeros((1, 1)))
    cases = (((1, 2), (1, 1), (1, 5), 21), ((1, 1), (2, 1), (1, 4), 21), ((1, 0), (3, 1), (1, 3), 21))
    for w, readers, U, f in (*cases, ((1, 2), (3, 0), (1, 5), 12)):
        network = Residual(
            W=np.array([w], dtype=float).T,
            V=np.array([readers], dtype=float),
            branch=Branch((Layer(np.array([readers], dtype=float)),)),
            U=np.array([U], dtype=float).T,
        )
        assert exact_losses([network], Problem(at)) == [f**2]


def test_case_14_a_hidden_line_peaks_at_its_breakpoint(tmp_path: Path) -> None:
    """z = 1, V: 0 -> 7, A: -1 -> 6, U = -7/6: 7t - (7/6) [7t - 1]_+, 1 at t = 1/7; 61 points see (119/120)^2.

    -7/6 is no float, which moves what the 61 points see by less than 1e-16, and the maximum not at all.
    """
    one = np.ones((1, 1))
    start = Parallel(W=one, V=0 * one, branch=Branch((Layer(-one),)), U=-7 / 6 * one)
    end = start.replace({"V": 7 * one, "A": 6 * one})
    data = Data(one, 0 * one)
    for find in (hidden_maximum, exact_maximum):
        found = find(start, end, Problem(data))
        assert (found.loss, found.t, found.breakpoints) == (1, Fraction(1, 7), 1)
    seen = max(exact_loss_between(start, end, Fraction(k, 60), Problem(data)) for k in range(61))
    assert abs(seen - Fraction(14161, 14400)) < Fraction(1, 10**16)
    found = certify([start, end], Problem(data))
    assert [segment.kind for segment in found.path.segments] == [Kind.HIDDEN]
    assert (found.maximum.attained, found.maximum.at, found.maximum.upper) == (1, (0, Fraction(1, 7)), 1)
    (tmp_path / "path.cert").write_bytes(found.certificate(Fraction(1)))
    np.savez(tmp_path / "data.npz", X=data.X, Y=data.Y)
    report = check(tmp_path / "path.cert", str(tmp_path / "data.npz"))
    assert (report.verdict, report.to_json()["maximum"]["exact"]) == ("PROVED", "1/1")


def test_case_15_a_residual_line_has_its_maximum_between_its_ends() -> None:
    """z = U = 1, V: 2 -> 0, A: 0 -> 4, y = 0: f = 2 (1 - t) (1 + 4 t), no breakpoint; 4, 625/64 at 3/8, 0."""
    start = Residual(
        W=np.ones((1, 1)),
        V=np.full((1, 1), 2.0),
        branch=Branch((Layer(np.zeros((1, 1))),)),
        U=np.ones((1, 1)),
    )
    end = start.replace({"V": np.zeros((1, 1)), "A": np.full((1, 1), 4.0)})
    data = Data(np.ones((1, 1)), np.zeros((1, 1)))
    assert exact_losses([start, end], Problem(data)) == [4, 0]
    assert exact_loss_between(start, end, Fraction(3, 8), Problem(data)) == Fraction(625, 64)
    for k in range(22):
        t = Fraction(k, 21)
        assert exact_loss_between(start, end, t, Problem(data)) == (2 * (1 - t) * (1 + 4 * t)) ** 2 <= Fraction(625, 64)


@pytest.mark.parametrize("route", ["zero", "bridge", "auto"])
def test_case_16_the_zero_path_between_the_two_signs_is_best_at_width_one(route: str, tmp_path: Path) -> None:
    """m = 1: from w > 0 (loss 2) to w < 0 (loss 1/2) every path meets 5/2; the certified one peaks there exactly."""
    start = TwoLayer(W=np.array([[1.0]]), V=np.array([[1.0]]))
    end = TwoLayer(W=np.array([[-1.0]]), V=np.array([[-2.0]]))
    result = connecting.connect(asked(tmp_path, SIGNS, start, end), route=route)
    assert result.start is not None
    assert result.start.exact == 2
    assert result.end is not None
    assert result.end.exact == Fraction(1, 2)
    assert result.proved
    assert result.to_json()["maximum"]["exact"] == "5/2"
    assert result.to_json()["barrier"]["exact"] == "1/2"
    assert result.to_json()["bounds"]["R0"]["exact"] == "5/2"


def test_case_16_with_two_neurons_the_valley_is_gone(tmp_path: Path) -> None:
    """m = 2: the second neuron is free, so the reference w < 0 is loaded without any climb: depth exactly 0."""
    start = Parallel(
        W=np.array([[1.0], [1.0]]),
        V=np.array([[1.0, 0.0]]),
        branch=Branch((Layer(np.zeros((1, 2))),)),
        U=np.zeros((1, 1)),
    )
    reference = TwoLayer(W=np.array([[-1.0]]), V=np.array([[-2.0]]))
    result = descending.depth(asked(tmp_path, SIGNS, start, reference), route="refit")
    assert result.start is not None
    assert result.start.exact == 2
    assert result.end is not None
    assert result.end.exact == Fraction(1, 2)
    assert result.proved
    assert result.to_json()["depth"] == {"lower": "0", "upper": "0", "exact": "0/1"}
    assert result.to_json()["bounds"]["R0"]["exact"] == "1/2"
    assert result.bounds["R6"].informative


def test_two_neurons_change_places_at_a_cost_of_one_half_and_three_at_none() -> None:
    """L9: X = I_2, y = (1, -1). Without a free slot the bridge pays exactly 1/2; with one, permuting costs nothing."""
    data = Data(np.eye(2), np.array([[1.0], [-1.0]]))
    tight = TwoLayer(W=np.eye(2), V=np.array([[1.0, -1.0]]))
    swapped = TwoLayer(W=np.eye(2)[::-1], V=np.array([[-1.0, 1.0]]))
    # The refit's ridge of 1e-10 and the grid of 2^-30 keep it from being 1/2 to the last bit.
    maximum = connect(tight, swapped, Problem(data), route="bridge").corners.maximum
    assert Fraction(1, 2) <= maximum <= Fraction(1, 2) + Fraction(1, 2**25)
    roomy = TwoLayer(W=np.vstack([np.eye(2), [[1.0, 1.0]]]), V=np.array([[1.0, -1.0, 0.0]]))
    path = permute(roomy, {0: 1, 1: 0})
    assert path.end.W[:2].tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert {loss.exact for loss in corner_maximum(path, Problem(data)).losses} == {0}
