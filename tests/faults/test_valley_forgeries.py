"""Forged valleys: both checkers refuse each and accept its true twin, which differs in the one thing named."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.checker.check import check
from numerics.checker.cones import MOST_SIGNS
from numerics.checker.report import Report
from support import second_checker
from support.certificates import Forge, text

X, Y = np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]])
PLAIN = {
    "W": np.array([[1.0], [-1.0]]),
    "A": np.array([[1.0, 0.0]]),
    "U": np.array([[1.0]]),
}
OVER = [
    ("readout", {"U": ("all", [[0.0]])}),
    ("silent", {"A": ("all", [[0.0, 1.0]])}),
    ("readout", {"U": ("all", [[-2.0]])}),
]
"""Case 13: f(1) = 1, f(-1) = 0, loss 2; over f = 0, loss 5/2; f(-1) = -2, loss 1/2."""

SKIP = {"W": np.array([[1.0]]), "V": np.array([[2.0]]), "A": np.array([[1.0]]), "U": np.array([[-1.0]])}
OUT = [
    ("readout", {"V": ("all", [[0.0]]), "U": ("all", [[0.0]])}),
    ("silent", {"W": ("all", [[-1.0]])}),
    ("readout", {"V": ("all", [[-2.0]])}),
]
"""Case 16."""

CROSS_X = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
CROSS_Y = np.array([[2.0], [2.0], [-1.0], [-4.0]])
CROSS = {
    "W": np.array([[1.0, 1.0], [-1.0, 1.0]]),
    "V": np.array([[-3.0, 2.0]]),
    "A": np.array([[1.0, -1.0]]),
    "U": np.array([[5.0]]),
}
ROUND = [
    ("readout", {"V": ("all", [[-2.0, 2.0]]), "U": ("all", [[4.0]])}),
    ("hidden", {"W": ("all", [[1.0, -1.0], [-1.0, -1.0]])}),
    ("readout", {"V": ("all", [[-6.0, 2.0]]), "U": ("all", [[8.0]])}),
]
"""Two neurons, depth 1/4 (`numerics.studies.separation.skip_valleys.cross`)."""


def plain(**changes: Any) -> Forge:
    return Forge("plain", 0, PLAIN | changes, X, Y, list(OVER), question="valley")


def skip(**changes: Any) -> Forge:
    return Forge("parallel", 0, SKIP | changes, X, Y, list(OUT), question="valley")


def cross(**changes: Any) -> Forge:
    return Forge("parallel", 0, CROSS | changes, CROSS_X, CROSS_Y, list(ROUND), question="valley")


class BothCheckers:
    """Both checkers on one path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def verdicts(self, forge: Forge, change: Any = None) -> tuple[Report, second_checker.Verdict]:
        cert, data = forge.write(self.folder / "path.cert", change), forge.write_data(self.folder / "data.npz")
        return check(cert, str(data)), second_checker.check(cert.read_bytes(), forge.x, forge.y)

    def accepts(self, forge: Forge) -> dict[str, Any]:
        report, verdict = self.verdicts(forge)
        assert (report.verdict, verdict.reason) == ("PROVED", "accepted"), report.refused
        return report.to_json()

    def refuses(self, forge: Forge, change: Any = None) -> str:
        report, verdict = self.verdicts(forge, change)
        assert report.verdict != "PROVED"
        assert not verdict.accepted
        return str(report.refused)


@pytest.fixture
def checkers(tmp_path: Path) -> BothCheckers:
    return BothCheckers(tmp_path)


@pytest.mark.parametrize(("forge", "depth"), [(plain(), "1/2"), (skip(), "1/2"), (cross(), "1/4")])
def test_the_true_twins_have_their_depth_exactly(checkers: BothCheckers, forge: Forge, depth: str) -> None:
    """T5, case 16, and a skip network of two neurons; the claim says so in words."""
    answer = checkers.accepts(forge)
    assert answer["depth"]["exact"] == depth
    assert answer["claim"].startswith(f"depth = {depth}: every path to a smaller loss meets")
    assert answer["claim"].endswith(
        "so the start is a local minimum, and no global one; start and end as stored, no network given"
    )


@pytest.mark.parametrize(
    ("forge", "depth", "least"), [(plain(), "1/2", "0"), (skip(), "1/2", "1/2"), (cross(), "1/4", "0")]
)
def test_an_escape_by_the_same_path_bounds_the_depth_from_above_only(
    checkers: BothCheckers, forge: Forge, depth: str, least: str
) -> None:
    answer = checkers.accepts(replace(forge, question="escape"))
    # T10 holds at case 16 and needs no valley's certificate; cones and the sign of u are a valley's alone.
    assert Fraction(answer["depth"]["lower"]) == Fraction(least)
    assert answer["depth"]["exact"] == (depth if least == depth else None)
    assert (answer["floor"] is not None) == (least == depth)
    assert Fraction(answer["depth"]["upper"]) == Fraction(depth)
    assert answer["claim"].startswith("depth <= ")


def test_a_valley_with_an_output_bias_is_refused(checkers: BothCheckers) -> None:
    """Even one that is 0 all along this path: on another path it moves."""
    assert "output bias" in checkers.refuses(plain(c=np.zeros(1)))
    assert "output bias" in checkers.refuses(skip(c=np.zeros(1)))
    checkers.accepts(replace(plain(c=np.zeros(1)), question="escape"))


def test_a_second_unit_in_the_last_layer_is_refused(checkers: BothCheckers) -> None:
    """T5's hypothesis, whatever the weights: here the unit is dead all along."""
    wider = plain(A=np.array([[1.0, 0.0], [0.0, 0.0]]), U=np.array([[1.0, 0.0]]))
    wider.segments = [
        ("readout", {"U": ("all", [[0.0, 0.0]])}),
        ("silent", {"A": ("all", [[0.0, 1.0], [0.0, 0.0]])}),
        ("readout", {"U": ("all", [[-2.0, 0.0]])}),
    ]
    assert "width one" in checkers.refuses(wider)
    checkers.accepts(replace(wider, question="escape"))


@pytest.mark.parametrize("height", [0.75, 1.0 + 2.0**-40])
def test_an_h_that_is_not_optimal_is_refused(checkers: BothCheckers, height: float) -> None:
    """Then the start lies on a slope, by however little."""
    assert "best h" in checkers.refuses(plain(A=np.array([[height, 0.0]])))


def test_the_other_side_has_its_own_valley(checkers: BothCheckers) -> None:
    """All signs turned: the same depth at u < 0. A start there that has the other side's loss is refused."""
    mirror = plain(U=np.array([[-1.0]]))
    mirror.y = -Y
    mirror.segments = [OVER[0], OVER[1], ("readout", {"U": ("all", [[2.0]])})]
    assert checkers.accepts(mirror)["depth"]["exact"] == "1/2"
    worse = plain(U=np.array([[-1.0]]), A=np.array([[1.0, 2.0]]))
    worse.y = np.array([[1.0], [-2.0]])  # f = (-1, -2): loss 2, the mean of y_-^2, which is not what u < 0 misses
    worse.segments = [OVER[0], OVER[1], ("readout", {"U": ("all", [[-2.0]])})]
    assert worse.maximum()["upper"] == plain().maximum()["upper"]
    assert "best h" in checkers.refuses(worse)
    checkers.accepts(replace(worse, question="escape"))


def test_points_at_zero_count_with_their_whole_target(checkers: BothCheckers) -> None:
    """x = 0 has output 0 whatever the weights are: case 16 with such a point, depth 1/3."""
    silent = skip()
    silent.x, silent.y = np.array([[1.0], [-1.0], [0.0]]), np.array([[1.0], [-2.0], [5.0]])
    silent.start = SKIP | {"V": np.array([[2.0]])}
    assert checkers.accepts(silent)["depth"]["exact"] == "1/3"


def test_points_that_two_neurons_see_may_have_any_targets(checkers: BothCheckers) -> None:
    """The cross, with output -1/2 for -1 at the point that both see: on a slope, by its readout."""
    slope = cross(V=np.array([[-2.5, 2.0]]), U=np.array([[4.5]]))
    slope.segments = [("readout", {"V": ("all", [[-3.0, 2.0]]), "U": ("all", [[5.0]])})]
    assert checkers.accepts(slope)["depth"]["exact"] == "0/1"
    slope.segments = list(ROUND)
    assert "not proved" in checkers.refuses(slope)
    checkers.accepts(replace(slope, question="escape"))


def test_an_end_as_low_as_the_start_is_refused(checkers: BothCheckers) -> None:
    """Over f = 0 and back: the way is closed, and nothing smaller was met."""
    back = plain()
    back.segments = [OVER[0], ("readout", {"U": ("all", [[1.0]])})]
    for question in ("valley", "escape"):
        assert "not below" in checkers.refuses(replace(back, question=question))


EXCHANGE = {"W": np.eye(2), "V": np.array([[1.0, -1.0]])}
EXCHANGED = [
    ("readout", {"V": ("all", [[1.0, 0.0]])}),
    ("silent", {"W": ([1], [[1.0, 0.0]])}),
    ("readout", {"V": ("all", [[0.0, 1.0]])}),
    ("silent", {"W": ([0], [[0.0, 1.0]])}),
    ("readout", {"V": ("all", [[-1.0, 1.0]])}),
]


def exchange(**changes: Any) -> Forge:
    """Two neurons change places at a cost of 1/2 (L9), and no path costs less."""
    return Forge("two-layer", 0, EXCHANGE | changes, np.eye(2), np.array([[1.0], [-1.0]]), EXCHANGED, question="pass")


def test_a_pass_is_as_high_as_its_lowest_path(checkers: BothCheckers) -> None:
    """Barrier exactly 1/2, in words too."""
    answer = checkers.accepts(exchange())
    assert answer["barrier"]["exact"] == "1/2"
    assert answer["claim"].startswith("barrier = 1/2: every path from start to end meets 1/2 or more")


def test_a_pass_to_a_higher_end_has_no_barrier(checkers: BothCheckers) -> None:
    """From loss 0 up to loss 1 by the readout."""
    up = exchange()
    up.segments = [("readout", {"V": ("all", [[0.0, 0.0]])})]
    assert checkers.accepts(up)["barrier"]["exact"] == "0/1"


def test_a_pass_that_is_not_the_lowest_is_refused(checkers: BothCheckers) -> None:
    """By a path that climbs a millionth too high, or by a false number; with a branch or a bias nothing is proved."""
    tall = exchange()
    tall.segments = [("readout", {"V": ("all", [[1.0, 2.0**-21]])}), *EXCHANGED]
    tall.segments[1] = ("readout", {"V": ("all", [[1.0 + 2.0**-21, 0.0]])})
    tall.segments.insert(2, EXCHANGED[0])
    assert tall.maximum()["upper"] != "1/2"
    assert "not proved" in checkers.refuses(tall)
    checkers.accepts(replace(tall, question="connect"))

    def change(document: dict[str, Any]) -> None:
        document["maximum"] |= {"loss": "500001/1000000", "upper": "500001/1000000"}

    assert checkers.refuses(exchange(), change)
    assert "output bias" in checkers.refuses(exchange(c=np.zeros(1)))
    branched = exchange(A=np.zeros((1, 2)), U=np.zeros((1, 1)))
    branched.kind = "parallel"
    assert "not proved" in checkers.refuses(branched)  # a branch could hold the other sign
    checkers.accepts(replace(branched, question="connect"))


@pytest.mark.parametrize("width", [12, 13, 40])
def test_cones_are_counted_before_they_are_listed(checkers: BothCheckers, width: int) -> None:
    """Where every input is 0 no line counts, but the signs of V do: once 2^40 cones were on their way."""
    start = {"W": np.zeros((width, 1)), "V": np.zeros((1, width))}
    still = Forge("two-layer", 0, start, np.zeros((1, 1)), np.ones((1, 1)), [("readout", {})], question="pass")
    cert, data = still.write(checkers.folder / "path.cert"), still.write_data(checkers.folder / "data.npz")
    report = check(cert, str(data))
    if width <= MOST_SIGNS:
        assert report.verdict == "PROVED"
    else:
        assert "more than 2^12 activation cones" in str(report.refused)


def test_a_pass_of_a_plain_network_is_not_proved(checkers: BothCheckers) -> None:
    """Its valleys are, by the sign of u."""
    assert "class plain" in checkers.refuses(replace(plain(), question="pass"))


def test_a_start_without_a_side_and_targets_without_one_are_refused(checkers: BothCheckers) -> None:
    """u = 0 is no valley; with no positive target f = 0 is as good as the start."""
    assert checkers.refuses(plain(U=np.array([[0.0]])))
    below = plain()
    below.y = np.array([[0.0], [-2.0]])
    below.start = PLAIN | {"A": np.array([[0.0, 0.0]])}
    assert "both sides" in checkers.refuses(below)


def test_a_depth_off_by_one_part_in_a_million_is_refused(checkers: BothCheckers) -> None:
    """By a path that climbs that much too high, and by a false number; up or down."""
    tall = cross()
    millionth = Fraction(1, 10**6)
    tall.segments = [("readout", {"V": ("all", [[-2.0 + 2.0**-21, 2.0]]), "U": ("all", [[4.0]])}), *ROUND[0:]]
    assert tall.maximum()["upper"] != cross().maximum()["upper"]
    assert "not proved" in checkers.refuses(tall)
    checkers.accepts(replace(tall, question="escape"))
    for factor in (1 + millionth, 1 - millionth):

        def change(document: dict[str, Any], factor: Fraction = factor) -> None:
            start = Fraction(document["start"]["loss"])
            depth = Fraction(document["maximum"]["upper"]) - start
            document["maximum"] |= dict.fromkeys(("loss", "upper"), text(start + factor * depth))

        for forge in (plain(), skip(), cross()):
            assert checkers.refuses(forge, change)


def test_what_is_no_local_minimum_has_no_valley(checkers: BothCheckers) -> None:
    """Case 16 with a second neuron, whose sign is free: the same path, the same losses, but not the only way."""
    free = skip(W=np.array([[1.0], [1.0]]), V=np.array([[2.0, 0.0]]), A=np.array([[1.0, 0.0]]))
    free.segments = [
        ("readout", {"V": ("all", [[0.0, 0.0]]), "U": ("all", [[0.0]])}),
        ("silent", {"W": ("all", [[-1.0], [1.0]])}),
        ("readout", {"V": ("all", [[-2.0, 0.0]])}),
    ]
    assert free.maximum() == skip().maximum()
    assert "not proved" in checkers.refuses(free)
    checkers.accepts(replace(free, question="escape"))


def test_a_valley_of_cones_with_a_bias_in_the_branch_is_refused(checkers: BothCheckers) -> None:
    """q(0) = 0 is what the argument rests on."""
    assert "bias a" in checkers.refuses(skip(a=np.zeros(1)))


def test_two_outputs_have_no_proved_valley(checkers: BothCheckers) -> None:
    """The sign arguments are about one."""
    both = skip(V=np.array([[2.0], [0.0]]), U=np.array([[-1.0], [0.0]]))
    both.y = np.hstack([Y, np.zeros((2, 1))])
    both.segments = [
        ("readout", {"V": ("all", [[0.0], [0.0]]), "U": ("all", [[0.0], [0.0]])}),
        ("silent", {"W": ("all", [[-1.0]])}),
        ("readout", {"V": ("all", [[-2.0], [0.0]])}),
    ]
    assert "one output" in checkers.refuses(both)


@pytest.mark.parametrize("question", ["escape", "valley"])
def test_an_end_that_is_not_lower_is_refused(checkers: BothCheckers, question: str) -> None:
    """The path must lead to a smaller loss, or it bounds no depth."""
    short = plain()
    short.segments = OVER[:1]
    assert "not below" in checkers.refuses(replace(short, question=question))


def test_a_silent_segment_of_a_plain_network_moves_dead_units_only(checkers: BothCheckers) -> None:
    """L9 without a skip: with u = 0 everything before it is dead, with u not 0 what leads to it is not."""
    early = plain()
    early.segments = [OVER[1], OVER[0], OVER[2]]
    assert "which is live" in checkers.refuses(replace(early, question="connect"))
    checkers.accepts(replace(plain(), question="connect"))
    half = plain(A=np.array([[1.0, 0.0], [0.0, 1.0]]), U=np.array([[1.0, 0.0]]))
    for row, verdict in (([[1.0, 0.0], [5.0, 3.0]], checkers.accepts), ([[5.0, 3.0], [0.0, 1.0]], checkers.refuses)):
        half.segments = [("silent", {"A": ("all", row)}), ("readout", {"U": ("all", [[1.0, 0.0]])})]
        verdict(replace(half, question="connect"))
