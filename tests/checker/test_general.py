"""Certificates with general segments, checked whole: verdicts, levels, the subdivision, what is said of them."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq

from numerics.checker import general as subdivision
from numerics.checker.effort import Budget
from numerics.checker.errors import Refused, Unusable
from numerics.checker.grid import LONG, MACHINE, SHORT
from numerics.checker.inputs import Data
from numerics.checker.spaces import parse_space
from support.certificates import Forge, stated, text, write_network
from support.general_segments import CLASSES, general, hidden
from support.oracles import prefixes

EIGHTHS = [Fraction(k, 8) for k in range(1, 8)]
PEAK = Fraction(625, 64)


def certified(forge: Forge, t: Fraction, slack: Fraction, cuts: list[Fraction] | None = None) -> Forge:
    """The forge with the loss at `t` stated as the highest known, and a bound higher by `slack`."""
    return replace(
        forge,
        question="certify",
        peak=(0, t),
        upper=forge.loss_at(0, t) + slack,
        cuts={0: EIGHTHS if cuts is None else cuts},
    )


def sharp() -> Forge:
    """Case 15, whose maximum 625/64 is proved exactly."""
    return certified(general(), Fraction(3, 8), Fraction(0), [Fraction(1, 8), Fraction(5, 8)])


def random_path(kind: str, seed: int = 5) -> Forge:
    """A general segment between two random networks with biases, and a bound 2 percent above a sampled maximum."""
    rng = np.random.default_rng(seed)
    shapes = {"W": (4, 3), "c": (2,)} | ({} if kind == "plain" else {"V": (2, 4)})
    for prefix in prefixes(kind):
        shapes |= {f"{prefix}A": (3, 4), f"{prefix}a": (3,), f"{prefix}B1": (2, 3), f"{prefix}b1": (2,)}
        shapes[f"{prefix}U"] = (4 if kind in ("residual", "stream", "post") else 2, 2)
    start = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    moves = {name: ("all", start[name] + 0.3 * rng.normal(size=shape)) for name, shape in shapes.items()}
    forge = Forge(kind, 1, start, rng.normal(size=(5, 2)), rng.normal(size=(5, 2)), [("general", moves)])
    times = [Fraction(k, 64) for k in range(65)]
    best = max(times, key=lambda t: forge.loss_at(0, t))
    cuts = [Fraction(k, 32) for k in range(1, 32)]
    return certified(forge, best, forge.loss_at(0, best) / 50, cuts)


def test_an_exact_maximum_inside(verify):
    """Case 15: the bound is attained at 3/8, so the maximum is exact."""
    report = verify(sharp()).to_json()
    assert (report["verdict"], report["arithmetic"], report["question"]) == ("PROVED", "ball", "certify")
    assert report["maximum"] == {
        "lower": "9.7656250000000000",
        "upper": "9.7656250000000000",
        "exact": "625/64",
        "at": {"segment": 0, "t": "3/8"},
    }
    assert report["barrier"]["exact"] == "369/64"
    end = {"lower": "0", "upper": "0", "exact": "0/1"}
    segment = {"kind": "general", "statement": "enclosure", "moves": "A, U, V, W", "upper": "9.7656250000000000"}
    assert report["segments"] == [{**segment, "exact": None, "end": end}]
    assert report["claim"].startswith(
        "squared loss <= 9.765625 on the whole path (barrier <= 5.765625), start and end joined"
    )


def test_an_enclosed_maximum_inside(verify):
    """Case 14 with U = -1: between the loss at 1/8 and a bound above 36/49 nothing is exact."""
    forge = certified(hidden(), Fraction(1, 8), Fraction(1, 4), [Fraction(k, 64) for k in range(1, 64)])
    report = verify(forge).to_json()
    assert report["verdict"] == "PROVED"
    assert report["maximum"]["exact"] is None
    assert report["maximum"]["lower"] == "0.56250000000000000"
    assert report["maximum"]["upper"] == "0.81250000000000000"
    assert report["barrier"] == {"lower": "0.56250000000000000", "upper": "0.81250000000000000", "exact": None}


def test_the_blueprints_hidden_case(verify, refused):
    """Case 14 as it stands, V: 0 -> 7 and U the float next to -7/6: the maximum is exactly 1, at t = 1/7."""
    forge = hidden()
    forge.start["U"] = np.array([[-7 / 6]])
    moves = {"V": ("all", [[7.0]]), "A": ("all", [[6.0]])}
    forge = replace(forge, segments=[("general", moves)])
    assert max(forge.losses()) < Fraction(1, 10**30)
    claim = certified(forge, Fraction(1, 7), Fraction(1, 64))
    assert verify(claim).to_json()["maximum"]["lower"] == "1.0000000000000000"
    assert verify(replace(claim, upper=Fraction(1))).verdict == "UNDECIDED"  # true, and beyond any enclosure
    # What 61 samples see of it.
    sampled = max(forge.loss_at(0, Fraction(k, 60)) for k in range(61))
    assert sampled < 1
    refused("not established", replace(claim, peak=None, upper=sampled))


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_is_certified(verify, tmp_path, kind):
    """With the networks at both ends given, from both question's names."""
    forge = random_path(kind)
    first, last = forge.corners()
    ends = {"start": write_network(tmp_path / "a.npz", kind, 1, first)}
    ends |= {"end": write_network(tmp_path / "b.npz", kind, 1, last)}
    for question in ("certify", "connect"):
        report = verify(replace(forge, question=question), **ends)
        assert (report.verdict, report.refused) == ("PROVED", None)
        assert report.claim.endswith("start and end joined")


@pytest.mark.parametrize("kind", CLASSES)
def test_a_bound_below_the_truth_is_refused(refused, verify, kind):
    """Lowered below a loss on the path by a part in 10^9: refused, be the loss stated a corner's or its own."""
    forge = random_path(kind)
    highest = forge.upper * 50 / 51
    assert highest == forge.loss_at(*forge.peak)
    corner = replace(forge, peak=None, upper=highest * (1 - Fraction(1, 10**9)))
    if highest > max(forge.losses()):
        refused("segment 0 is not established between t =", corner)
    low = replace(forge, upper=highest * (1 - Fraction(1, 10**9)))
    report = verify(low)
    assert (report.verdict, report.exit_status) == ("REFUTED", 1)
    assert report.to_json()["maximum"]["upper"] is None
    assert f"the loss is exactly {text(highest)}" in report.claim


def test_the_subdivision_is_refined_where_it_is_too_coarse(verify, refused, monkeypatch):
    """Without cuts the same bound is found by bisection; where that is forbidden it is refused, not believed."""
    forge = replace(certified(hidden(), Fraction(1, 8), Fraction(1, 4)), cuts={})
    assert verify(forge).verdict == "PROVED"
    monkeypatch.setattr(subdivision, "_LEVELS", 0)
    refused("is not established between t = 0/1 and t = 1/1", forge)


def test_longer_integers_are_tried_where_machine_words_are_too_short(verify, refused, monkeypatch):
    """A bound 2^-60 above the loss of a path that stands still but for a unit that nothing reads."""
    one = np.array([[1.0], [0.1]])
    start = {"W": one, "V": np.array([[0.1, 0.1]]), "A": np.array([[0.3, 0.7]]), "U": np.array([[0.1]])}
    moves = {"V": ("all", [[0.1, 0.2]])}
    forge = Forge("parallel", 0, start, np.array([[0.1]]), np.array([[0.3]]), [("general", moves)])
    losses = forge.losses()
    assert losses[1] < losses[0]
    middle = certified(forge, Fraction(0), Fraction(1, 2**60))
    # The corner alone would be enough for rule 2: leave only rule 1.
    monkeypatch.setattr(subdivision, "corner_is_the_maximum", lambda *_: False)
    assert verify(middle).verdict == "PROVED"
    monkeypatch.setattr(subdivision, "_MOST_WORK", {LONG: 0})
    refused("not established", middle)


def test_machine_words_are_left_where_halving_is_in_vain(verify, monkeypatch):
    """A bound 10^-14 above the loss is below what machine words round by: few enclosures are made, not hundreds."""
    forge = random_path("residual", 11)
    still = {name: ("all", forge.start[name] * (1 + 2.0**-40)) for name in forge.start}
    flat = replace(forge, segments=[("general", still)])
    top = max(flat.losses()[k] for k in (0, 1))
    claim = certified(flat, Fraction(int(flat.losses()[1] == top)), top / 10**14, [Fraction(k, 4) for k in (1, 2, 3)])
    monkeypatch.setattr(subdivision, "corner_is_the_maximum", lambda *_: False)
    made: list[object] = []
    true = subdivision.bound_on

    def counted(stretch, piece, enough):
        made.append(stretch.grid)
        return true(stretch, piece, enough)

    monkeypatch.setattr(subdivision, "bound_on", counted)
    assert verify(claim).verdict == "PROVED"
    assert {MACHINE, LONG} <= set(made)
    assert len(made) <= 16


def test_short_integers_are_tried_first_and_longer_ones_where_they_do_not_reach(verify, monkeypatch):
    """A bound just above the loss near it; what short ones say is compared with the bound like all else."""
    forge = random_path("parallel", 7)
    still = {name: ("all", forge.start[name] * (1 + 2.0**-40)) for name in forge.start}
    flat = replace(forge, segments=[("general", still)])
    top = int(flat.losses()[1] > flat.losses()[0])
    claim = certified(flat, Fraction(top), flat.losses()[top] / 10**9, [Fraction(k, 16) for k in range(1, 16)])
    made: list[object] = []
    true = subdivision.bound_on

    def counted(stretch, piece, enough):
        made.append(stretch.grid)
        return true(stretch, piece, enough)

    monkeypatch.setattr(subdivision, "corner_is_the_maximum", lambda *_: False)
    monkeypatch.setattr(subdivision, "bound_on", counted)
    monkeypatch.setattr(subdivision, "_WORTH", 0)
    assert verify(claim).verdict == "PROVED"
    # In vain at the first and second, then after a pause of one, of three and of seven.
    assert (made[0], made.count(SHORT), made.count(MACHINE)) == (SHORT, 5, 16)
    made.clear()
    assert verify(certified(flat, Fraction(top), flat.losses()[top] / 100, EIGHTHS)).verdict == "PROVED"
    assert made == [SHORT] * 8


def test_too_many_samples_that_may_be_wrong_are_asked_about_again(monkeypatch):
    """A goal that short integers miss is no reason to halve: the longer ones are asked about the same piece first."""
    asked = []

    def bound(self, stretch, first, last):
        asked.append(stretch.grid)
        return subdivision.Bound(fmpq(0), 1 if stretch.grid is SHORT else 0)

    monkeypatch.setattr(subdivision, "_WORTH", 0)
    monkeypatch.setattr(subdivision.General, "_bound", bound)
    one = {"W": np.ones((1, 1)), "V": np.ones((1, 1))}
    space = parse_space("two-layer", 0, {"W": (1, 1), "V": (1, 1)})
    data = Data(np.ones((1, 1)), np.ones((1, 1)))
    segment = subdivision.General(space, one, one, data, fmpq(1), Budget(), goal=0)
    segment.establish([], "segment 0")
    assert asked == [SHORT, MACHINE]
    assert [unsure for *_, unsure in segment.covers] == [0]


def test_what_short_integers_say_is_believed_only_as_far_as_it_is_true(verify, refused, monkeypatch):
    """A peak of 625/64 is not below 4; were the short bound too low, it would be."""
    monkeypatch.setattr(subdivision, "_WORTH", 0)
    false = replace(general(), upper=Fraction(4))
    refused("not established", false)
    true = subdivision.bound_on

    def low(stretch, piece, enough):
        found = true(stretch, piece, enough)
        return replace(found, loss=found.loss / 4) if stretch.grid is SHORT else found

    monkeypatch.setattr(subdivision, "bound_on", low)
    assert verify(false).verdict == "PROVED"


def test_a_barrier_of_exactly_zero(verify, refused):
    """Downhill all the way: rule 2 proves that the start is the maximum, where no enclosure alone could."""
    forge = random_path("residual", 11)
    start = {name: np.array(array) for name, array in forge.start.items()}
    target = {name: np.array(values) for name, (_, values) in forge.segments[0][1].items()}
    down = replace(forge, peak=None, upper=None)
    if down.losses()[1] > down.losses()[0]:
        down.start, down.segments = target, [("general", {name: ("all", start[name]) for name in start})]
    losses = [down.loss_at(0, Fraction(k, 16)) for k in range(17)]
    assert max(losses) == losses[0] > losses[-1]
    down.question = "certify"
    report = verify(down)
    assert report.verdict == "PROVED"
    assert report.to_json()["barrier"]["exact"] == "0/1"
    # The same path uphill, and a start that is a maximum in name only.
    up = replace(down, start=down.corners()[1], segments=[("general", {n: ("all", down.start[n]) for n in start})])
    assert verify(up).to_json()["barrier"]["exact"] == "0/1"
    refused("not established", replace(general(), upper=Fraction(4)))


@pytest.mark.parametrize(
    ("level", "verdict", "said"),
    [
        ("10", "PROVED", "inside the sub-level set {loss <= 10}"),
        ("625/64", "PROVED", "sub-level set"),
        ("9.7", "REFUTED", "at segment 0, t = 3/8 (path time T = 3/8) the loss is exactly 625/64"),
    ],
)
def test_levels_of_the_user(verify, level, verdict, said):
    """The bound at most the level, or a loss above it."""
    report = verify(sharp(), level=level)
    assert (report.verdict, report.refused) == (verdict, None)
    assert said in report.claim


def test_a_level_within_the_enclosure_is_undecided(verify):
    """Between a loss that is attained and a bound that is not: nobody knows."""
    forge = certified(general(), Fraction(1, 4), Fraction(1))
    assert forge.upper > PEAK
    report = verify(forge, level="9.6")
    assert (report.verdict, report.refused, report.exit_status) == ("UNDECIDED", None, 1)
    answer = report.to_json()
    assert Fraction(answer["maximum"]["lower"]) < Fraction("9.6") < Fraction(answer["maximum"]["upper"])
    assert "is not known: the maximum is at least" in report.claim


def test_a_level_that_the_bound_exceeds_may_not_be_claimed(refused, verify):
    """The document's own level: refuted by a loss above it, refused if only the bound lies above it."""
    forge = certified(general(), Fraction(3, 8), Fraction(1))
    refused("level that its own upper bound exceeds", replace(forge, level=PEAK))
    assert verify(replace(forge, level=PEAK + 1)).verdict == "PROVED"
    report = verify(replace(forge, level=PEAK - 1))
    assert (report.verdict, report.refused is None) == ("REFUTED", False)


def test_places_that_are_not_dyadic(verify, refused):
    """1/7 is no float: the loss 36/49 there is exact all the same; another loss is refused."""
    forge = certified(hidden(), Fraction(1, 7), Fraction(1, 64))
    report = verify(forge)
    assert report.verdict == "PROVED"
    assert report.to_json()["maximum"]["at"] == {"segment": 0, "t": "1/7"}
    refused(
        "is not the one that the certificate states",
        forge,
        lambda d: d["maximum"].update(loss=stated(Fraction(36, 47))),
    )
    refused("is not the one that the certificate states", forge, lambda d: d["maximum"].update(t="1/8"))


def test_a_stated_loss_below_a_corner_is_refused(refused):
    """A loss that a corner exceeds is not the highest known."""
    forge = certified(general(), Fraction(15, 16), Fraction(10))
    assert forge.loss_at(0, Fraction(15, 16)) < 4 < forge.upper
    refused("lies below the loss of a corner", forge)


def test_general_segments_among_others(verify):
    """A silent and a readout segment around a general one: each is judged by its own rule."""
    start = {"W": np.array([[1.0], [0.0]]), "V": np.array([[2.0, 0.0]]), "A": np.array([[0.0, 0.0]])}
    start["U"] = np.array([[1.0]])
    segments = [
        ("silent", {"W": ([1], [[3.0]])}),
        ("general", {"V": ([0], [[0.0]]), "A": ([0], [[4.0]])}),
        ("readout", {"V": ([1], [[-0.5]])}),
    ]
    forge = Forge("parallel", 0, start, np.array([[1.0]]), np.array([[0.0]]), segments, cuts={1: EIGHTHS})
    report = verify(forge)
    assert report.verdict == "PROVED"
    assert [part["kind"] for part in report.to_json()["segments"]] == ["silent", "general", "readout"]


def test_too_little_memory_is_said_before_it_is_taken():
    """One line, as for exact losses."""
    rng = np.random.default_rng(0)
    before = {"W": rng.normal(size=(40, 3)), "V": rng.normal(size=(1, 40))}
    after = before | {"W": before["W"] * 2}
    space = parse_space("two-layer", 0, {name: array.shape for name, array in before.items()})
    data = Data(rng.normal(size=(30, 3)), rng.normal(size=(30, 1)))
    with pytest.raises(Unusable, match="raise --memory"):
        subdivision.General(space, before, after, data, fmpq(10**6), Budget(50_000)).establish([], "segment 0")
    subdivision.General(space, before, after, data, fmpq(10**6), Budget(1 << 20)).establish([], "segment 0")


def test_grids_that_do_not_fit_into_memory_are_left_out(monkeypatch):
    """Machine words need far less than long integers, which are then not tried; to fail without them is no refusal."""
    monkeypatch.setattr(subdivision, "corner_is_the_maximum", lambda *_: False)
    rng = np.random.default_rng(0)
    before = {"W": rng.normal(size=(40, 3)), "V": rng.normal(size=(1, 40))}
    space = parse_space("two-layer", 0, {name: array.shape for name, array in before.items()})
    data = Data(rng.normal(size=(300, 3)), rng.normal(size=(300, 1)))

    def segment(upper: int, budget: int) -> subdivision.General:
        return subdivision.General(space, before, before, data, fmpq(upper), Budget(budget))

    assert segment(1, 4 << 20)._grids() == [MACHINE, LONG]
    segment(10**6, 4 << 20).establish([], "segment 0")
    with pytest.raises(Unusable, match="raise --memory"):
        segment(1, 4 << 20).establish([], "segment 0")
    with pytest.raises(Refused, match="segment 0 is not established"):
        segment(1, 1 << 30).establish([], "segment 0")
