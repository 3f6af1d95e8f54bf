"""The finder, the checker and the second checker of `support.second_checker` say the same of the same certificate.

The three share no code but numpy's floats: limbs through BLAS, FLINT, Fractions. The second checker reads nothing but
bytes and floats. Equality is equality of rationals.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checker.check import check
from numerics.checker.report import Report
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.networks import Network, Parallel, TwoLayer
from numerics.networks.files import write_network
from numerics.networks.parallel import Branch, Layer
from numerics.questions import search as questions
from numerics.questions.found import Found
from numerics.testing import data_for, parallels, partners, references_for, two_layers
from support import second_checker

PER_ROW = settings.default.max_examples // 5  # of a profile's examples: there are many rows


# Routes of corners alone: on other segments fractions take long, and plain intervals often cannot tell.
EXACT = {"connect": ("bridge", "refit", "zero"), "depth": ("refit", "zero")}


@dataclass(frozen=True)
class Asked:
    """From `start` to `goal`, which for depth is the reference; `via` is the reference of route refit."""

    question: str
    route: str
    start: Network
    goal: Network
    data: Data
    via: TwoLayer | None = None

    def answer(self) -> Found:
        if self.question == "depth":
            return questions.depth(self.start, self.goal, Problem(self.data), route=self.route)
        via = self.via if self.route in ("refit", "auto") else None
        return questions.connect(self.start, self.goal, Problem(self.data), route=self.route, reference=via)


def verdicts(asked: Asked, certificate: bytes) -> tuple[Report, second_checker.Verdict]:
    """What both checkers say of the certificate for the data and the networks that were asked about."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        np.savez(place / "data.npz", X=asked.data.X, Y=asked.data.Y)
        write_network(place / "start.npz", asked.start)
        write_network(place / "goal.safetensors", asked.goal)
        (place / "path.cert").write_bytes(certificate)
        report = check(
            place / "path.cert", str(place / "data.npz"), start=place / "start.npz", end=place / "goal.safetensors"
        )
    given_ends = [
        {"class": network.kind, "bias": int(network.bias), "parameters": network.parameters()}
        for network in (asked.start, asked.goal)
    ]
    return report, second_checker.check(certificate, asked.data.X, asked.data.Y, *given_ends)


def rational(value: Any) -> Fraction:
    """FLINT's rational as Python's."""
    return Fraction(int(value.p), int(value.q))


@pytest.mark.parametrize("draw_network", [two_layers, parallels], ids=["two-layer", "parallel"])
@pytest.mark.parametrize(
    ("question", "route"),
    [(question, route) for question, routes in EXACT.items() for route in routes],
)
@settings(max_examples=PER_ROW)
@given(st.data())
def test_all_three_find_the_same_losses(
    question: str, route: str, draw_network: Callable[..., Any], data: st.DataObject
) -> None:
    """Start, end and maximum are the same rationals; a depth of no worse a network is refused by both checkers."""
    start = data.draw(draw_network(width=st.integers(2, 4), wide=data.draw(st.booleans())))
    points, reference = data.draw(data_for(start)), data.draw(references_for(start))
    goal = reference if question == "depth" else data.draw(partners(start))
    if question == "connect" and data.draw(st.booleans()):
        goal = replace(goal, c=None)  # then the path ends at +0.0, and the file of the goal has no c
    asked = Asked(question, route, start, goal, points, reference)
    answer = asked.answer()
    corners = answer.corners
    level = data.draw(st.sampled_from([None, corners.maximum, corners.maximum + 1]))
    certificate = answer.certificate(level)

    assert certificate == asked.answer().certificate(level)
    report, verdict = verdicts(asked, certificate)
    if question == "depth" and not corners.end.below(corners.start):
        assert (report.verdict, verdict.accepted) == ("UNDECIDED", False)
        return
    assert (report.verdict, report.refused, verdict.reason) == ("PROVED", None, "accepted")
    assert report.judgement is not None
    ours = (corners.start.exact, corners.end.exact, corners.maximum)
    judged = report.judgement
    assert all(loss.is_exact for loss in (judged.start, judged.end, *judged.losses))
    assert ours == (rational(judged.start.low), rational(judged.end.low), rational(judged.upper))
    assert ours == (verdict.start, verdict.end, verdict.maximum)
    assert [rational(loss.low) for loss in judged.losses] == [loss.exact for loss in corners.losses]
    segment, t = corners.at
    assert (segment, f"{t}/1") in verdict.attained


def zero_bias_reference(route: str) -> Asked:
    """A reference with c = 0 for networks that have no c."""
    start = TwoLayer(W=np.array([[1.0], [2.0]]), V=np.array([[3.0, 4.0]]))
    reference = TwoLayer(W=np.array([[1.0]]), V=np.array([[1.0]]), c=np.zeros(1))
    return Asked("depth", route, start, reference, Data(np.array([[1.0], [2.0]]), np.array([[1.0], [2.0]])))


@pytest.mark.parametrize("route", ["zero", "refit"])
def test_a_reference_whose_output_bias_is_zero_needs_none_in_the_space(route: str) -> None:
    """A zero c counts as absent: the certificate is accepted with the reference's file, and by itself."""
    asked = zero_bias_reference(route)
    certificate = asked.answer().certificate(None)
    assert verdicts(asked, certificate)[0].verdict == "PROVED"
    assert second_checker.check(certificate, asked.data.X, asked.data.Y).accepted


def test_the_second_checker_reads_a_zero_output_bias_as_none() -> None:
    """The same, given the reference with its zero c."""
    asked = zero_bias_reference("refit")
    assert verdicts(asked, asked.answer().certificate(None))[1].reason == "accepted"


AGAIN = """
import hashlib, sys
sys.path[:0] = sys.argv[1:]
from test_three_checkers import fixed_cases
for asked in fixed_cases():
    print(hashlib.sha256(asked.answer().certificate(None)).hexdigest())
"""


def fixed_cases() -> list[Asked]:
    """One case of every class, question and route, wide enough for features to be exchanged a few at a time."""
    cases = []
    for seed, branch in enumerate((None, (3, 2))):
        start, goal = (random_network(10 * seed + k, 40, branch) for k in range(2))
        reference = random_network(10 * seed + 2, 12, None)
        rng = np.random.default_rng(seed)
        data = Data(rng.normal(size=(60, 3)), rng.normal(size=(60, 2)))
        cases += [Asked("connect", route, start, goal, data, reference) for route in EXACT["connect"]]
        cases += [Asked("depth", route, start, reference, data) for route in EXACT["depth"]]
    return cases


def random_network(seed: int, width: int, branch: tuple[int, ...] | None) -> Any:
    rng = np.random.default_rng(seed)
    W, V, c = rng.normal(size=(width, 4)), rng.normal(size=(2, width)), rng.normal(size=2)
    if branch is None:
        return TwoLayer(W=W, V=V, c=c, bias=True)
    sizes = [width, *branch]
    layers = tuple(Layer(rng.normal(size=(r, before)), rng.normal(size=r)) for before, r in pairwise(sizes))
    return Parallel(W=W, V=V, branch=Branch(layers), U=rng.normal(size=(2, sizes[-1])), c=c, bias=True)


@pytest.mark.slow
def test_another_process_writes_the_same_bytes() -> None:
    """The bytes depend neither on the process nor on the order in which Python's sets and dictionaries hash."""
    command = [sys.executable, "-c", AGAIN, str(Path(__file__).parent), str(Path(__file__).parents[1])]
    outcomes = []
    for seed in ("1", "4242"):
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        assert done.returncode == 0, done.stderr
        outcomes.append(done.stdout.split())
    assert len(outcomes[0]) == len(fixed_cases())
    assert outcomes[0] == outcomes[1]


@pytest.mark.slow
def test_certificates_of_forty_neurons_are_accepted_by_both_checkers() -> None:
    """The fixed cases by bridge and by refit, checked whole: floats of full length, not small dyadic numbers."""
    chosen = [("connect", "bridge"), ("depth", "refit")]
    for asked in (asked for asked in fixed_cases() if (asked.question, asked.route) in chosen):
        answer = asked.answer()
        assert asked.question == "connect" or answer.corners.end.below(answer.corners.start)
        report, verdict = verdicts(asked, answer.certificate(answer.corners.maximum))
        assert (report.verdict, verdict.reason) == ("PROVED", "accepted")
        assert verdict.maximum == answer.corners.maximum
