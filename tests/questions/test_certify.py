"""`certify`: polygonal paths with all weights moving, from the command line to the checked certificate."""

import hashlib
import json
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from numerics.checker.report import refused_report
from numerics.data import Data
from numerics.losses import exact_loss_between
from numerics.losses.problem import Problem
from numerics.networks import TwoLayer
from numerics.networks.files import write_network
from numerics.networks.residual import Residual
from numerics.questions import checking
from numerics.questions.enclose import certify as certify_networks
from support.command_line import skipscape

pytestmark = pytest.mark.usefixtures("checker_nearby")

K = 20480.0
KINKS = np.array([1230.0, 1232.0, 1234.0]) / 4096
ONE = Data(np.array([[1.0]]), np.array([[0.0]]), "one")


def spike(t: float) -> TwoLayer:
    """A corner of the spike: along the segment the three kinks are passed one after the other, between grid points."""
    return TwoLayer(W=(K * (t - KINKS))[:, None], V=np.array([[1.0, -2.0, 1.0]]))


def residual(V: float, A: float) -> Residual:
    """Blueprint case 15: `z = U = 1`."""
    one = np.array([[1.0]])
    return Residual.of({"W": one, "V": V * one, "A": A * one, "U": one}, bias=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.savez(tmp_path / "one.npz", X=ONE.X, Y=ONE.Y)
    for name, network in (("a", spike(0.0)), ("b", spike(1.0)), ("r", residual(2.0, 0.0)), ("s", residual(0.0, 4.0))):
        write_network(tmp_path / f"{name}.npz", network)
    return tmp_path


def certify(folder: Path, *names: str, options: tuple[object, ...] = ()):
    """`skipscape certify` on networks of the folder, as JSON."""
    files = [folder / f"{name}.npz" for name in names]
    return skipscape("certify", *files, "--data", folder / "one.npz", "--json", *options)


@pytest.mark.parametrize("points", [25, 61, 401])
def test_no_grid_sees_the_spike(points: int) -> None:
    """At all of 25, 61 and 401 equally spaced times the exact loss is 0."""
    times = [Fraction(k, points - 1) for k in range(points)]
    assert all(exact_loss_between(spike(0.0), spike(1.0), t, Problem(ONE)) == 0 for t in times)


def test_the_spike_is_certified_exactly(folder: Path) -> None:
    """The maximum is proved to be exactly 100, at t = 77/256, and the certificate checks."""
    ran = certify(folder, "a", "b", options=("--out", folder / "spike.cert", "--plot", folder / "spike.png"))
    assert ran.status == 0, ran.err
    answer = ran.json
    assert answer["verdict"] == "PROVED"
    assert answer["maximum"]["exact"] == "100/1"
    assert answer["maximum"]["at"] == {"segment": 0, "t": "77/256"}
    assert answer["barrier"]["exact"] == "100/1"
    assert answer["samples"]["largest"] < 1e-20
    assert (folder / "spike.png").read_bytes().startswith(b"\x89PNG")
    checked = skipscape(
        "check", folder / "spike.cert", "--data", folder / "one.npz", "--start", folder / "a.npz",
        "--end", folder / "b.npz", "--level", "100", "--json",
    )  # fmt: skip
    assert checked.status == 0
    assert checked.json["verdict"] == "PROVED"


@pytest.mark.parametrize(("level", "verdict", "status"), [("100", "PROVED", 0), ("99.999", "REFUTED", 1)])
def test_levels_of_the_spike(folder: Path, level: str, verdict: str, status: int) -> None:
    """`--level` just at the maximum is proved, just below it refuted, with the time and the exact loss there."""
    ran = certify(folder, "a", "b", options=("--level", level))
    assert (ran.status, ran.json["verdict"]) == (status, verdict)
    if verdict == "REFUTED":
        t, loss = ran.json["maximum"]["at"]["t"], Fraction(ran.json["maximum"]["lower_exact"])
        assert loss > Fraction(level)
        assert exact_loss_between(spike(0.0), spike(1.0), Fraction(t), Problem(ONE)) == loss
        assert f"t = {t}" in ran.json["claim"]


@pytest.mark.parametrize(
    ("names", "level", "verdict"),
    [("ab", "99.999", "REFUTED"), ("rs", "9.765625", "UNDECIDED"), ("rs", "9", "REFUTED")],
)
def test_a_level_that_is_missed_leaves_the_weaker_certificate(
    folder: Path, names: str, level: str, verdict: str
) -> None:
    """Written with the bound that was proved, and no level; the verdict on the level asked for stays."""
    ran = certify(folder, *names, options=("--level", level, "--tolerance", "1e-6", "--out", folder / "less.cert"))
    assert (ran.status, ran.json["verdict"]) == (1, verdict)
    assert any("the level was missed: the certificate claims loss <= " in note for note in ran.json["notes"])
    assert ran.json["certificate"] == str(folder / "less.cert")
    again = skipscape("check", folder / "less.cert", "--data", folder / "one.npz", "--json").json
    assert again["verdict"] == "PROVED"
    assert again["claim"].startswith(ran.json["certificate_claim"].partition(", start")[0])
    assert Fraction(again["maximum"]["upper"]) > Fraction(level)


def test_case_15_is_enclosed(folder: Path) -> None:
    """Blueprint case 15: 625/64 at t = 3/8, where no breakpoint is."""
    ran = certify(folder, "r", "s")
    answer = ran.json
    assert answer["verdict"] == "PROVED"
    assert answer["maximum"]["at"]["t"] == "3/8"
    low, high = Fraction(answer["maximum"]["lower"]), Fraction(answer["maximum"]["upper"])
    assert low <= Fraction(625, 64) <= high <= Fraction(625, 64) * (1 + Fraction(2, 10**6))
    assert (answer["start"]["exact"], answer["end"]["exact"]) == ("4/1", "0/1")


@pytest.mark.parametrize("tolerance", ["1e-9", "1e-13", "1e-20"])
def test_a_tolerance_below_float64_is_kept_or_said_to_be_missed(folder: Path, tolerance: str) -> None:
    """What is claimed is within the tolerance exactly if the answer says so, and a finer one never claims more.

    Before, 1e-13 was said to be reached by a claim that left 1.5e-11.
    """
    gaps, rounding = [], Fraction(1, 1 << 52) + Fraction(1, 10**16)  # to a float, then to 17 digits
    for given in (tolerance, "1e-30"):
        answer = certify(folder, "r", "s", options=("--tolerance", given, "--out", folder / "c.cert", "--force")).json
        assert answer["verdict"] == "PROVED"
        gaps.append(Fraction(answer["maximum"]["upper"]) / Fraction(625, 64) - 1)
        if answer["stopped"] == "the tolerance is reached":
            assert gaps[-1] <= Fraction(given) + rounding
        else:
            assert gaps[-1] > Fraction(given)
    assert gaps[1] <= gaps[0]


def test_a_bound_that_the_checker_cannot_follow_is_raised(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine words alone do not reach 1e-13: the claim is then what they do reach, and that is said."""
    real = checking.checked

    def refusing(certificate: Path, *given: object, **options: object) -> dict[str, object]:
        upper = Fraction(json.loads(zipfile.ZipFile(certificate).read("certificate.json"))["maximum"]["upper"])
        if upper < Fraction(625, 64) * (1 + Fraction(1, 1 << 37)):
            return refused_report("not established", (True, True)).to_json()
        return real(certificate, *given, **options)

    monkeypatch.setattr(checking, "checked", refusing)
    answer = certify(folder, "r", "s", options=("--tolerance", "1e-13")).json
    assert answer["verdict"] == "PROVED"
    assert answer["stopped"] == "the floor of the checker's arithmetic is reached"
    assert Fraction(answer["maximum"]["upper"]) > Fraction(625, 64) * (1 + Fraction(1, 1 << 37))


def test_a_level_that_is_the_smooth_maximum_stays_undecided_or_is_proved(folder: Path) -> None:
    """At the level 625/64 itself nothing false is said: the maximum is never refuted, and lies in what is printed."""
    ran = certify(folder, "r", "s", options=("--level", "625/64"))
    assert ran.json["verdict"] in ("PROVED", "UNDECIDED")
    assert "REFUTED" not in ran.joined


def test_a_polygon_there_and_back(folder: Path) -> None:
    """Three corners: the spike is met twice, and the whole path is one claim."""
    answer = certify(folder, "a", "b", "a").json
    assert (answer["verdict"], answer["maximum"]["exact"]) == ("PROVED", "100/1")
    assert [segment["kind"] for segment in answer["segments"]] == ["hidden", "hidden"]
    assert (answer["breakpoints"], answer["pieces"], answer["arithmetic"]) == (6, 0, "exact")


def test_a_constant_path_and_a_readout_line_are_exact(folder: Path) -> None:
    """Identical corners, then corners that differ in the readout alone: no enclosure is needed."""
    write_network(folder / "v.npz", TwoLayer(W=spike(1.0).W, V=np.array([[1.0, -2.0, 1.5]])))
    answer = certify(folder, "b", "b", "v").json
    assert [segment["kind"] for segment in answer["segments"]] == ["readout", "readout"]
    assert answer["arithmetic"] == "exact"
    assert answer["maximum"]["exact"] is not None


def test_a_maximum_at_an_end_is_proved_to_be_the_end(folder: Path) -> None:
    """A generic segment that descends all the way: barrier exactly 0."""
    rng = np.random.default_rng(0)
    W, V = rng.standard_normal((4, 1)), np.abs(rng.standard_normal((1, 4)))
    for name, share in (("high", 1.0), ("low", 0.3)):
        write_network(folder / f"{name}.npz", TwoLayer(W=share * np.abs(W), V=share * V))
    for names in (("high", "low"), ("low", "high")):
        answer = certify(folder, *names).json
        assert answer["verdict"] == "PROVED"
        assert answer["barrier"]["exact"] == "0/1"


def test_losses_beyond_floats_are_never_proved_wrongly(folder: Path) -> None:
    """Where float64 overflows FLINT may finish a tiny network; the claim is then true, and nothing breaks."""
    huge = np.array([[1e200]])
    for name, factor in (("big", 1.0), ("bigger", 2.0)):
        write_network(folder / f"{name}.npz", TwoLayer(W=factor * huge, V=factor * huge))
    ran = certify(folder, "big", "bigger")
    assert ran.status in (0, 1), ran.err
    highest = (4 * Fraction(1e200) ** 2) ** 2
    assert Fraction(ran.json["maximum"]["lower"]) <= highest
    if ran.json["verdict"] == "PROVED":
        assert Fraction(ran.json["maximum"]["upper"]) >= highest
    else:
        assert ran.json["verdict"] == "UNDECIDED"


def test_wide_networks_that_overflow_are_undecided(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without FLINT there is no bound, and that is what is said."""
    monkeypatch.setattr("numerics.maxima.search.BEARABLE", 0)
    monkeypatch.setattr("numerics.maxima.search.FREE", 0)
    huge = np.array([[1e200]])
    for name, factor in (("big", 1.0), ("bigger", 2.0)):
        write_network(folder / f"{name}.npz", TwoLayer(W=factor * huge, V=-factor * huge))
    ran = certify(folder, "big", "bigger")
    assert (ran.status, ran.json["verdict"]) == (1, "UNDECIDED"), ran.err
    assert "overflow" in ran.json["claim"]


def test_what_is_refused(folder: Path) -> None:
    """One clear line, exit 2, nothing written, inputs as they were."""
    before = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    write_network(folder / "wide.npz", TwoLayer(W=np.ones((4, 1)), V=np.ones((1, 4))))
    arrays = {**spike(0.0).parameters(), "class": "two-layer", "bias": 0}
    np.savez(folder / "bn.npz", **arrays, running_mean=np.zeros(3))
    np.savez(folder / "nan.npz", **{**arrays, "W": np.full((3, 1), np.nan)})
    np.savez(folder / "gelu.npz", **{**arrays, "class": "gelu"})
    for names, options, words in (
        (("a",), (), "at least two networks"),
        (("a", "wide"), (), "not of one shape"),
        (("a", "r"), (), "not of one shape"),
        (("a", "bn"), (), "batch normalisation"),
        (("a", "nan"), (), "NaN"),
        (("a", "gelu"), (), "class"),
        (("a", "b"), ("--tolerance", "0"), "tolerance"),
        (("a", "b"), ("--tolerance", "2"), "tolerance"),
        (("a", "b"), ("--level", "-1"), "level"),
        (("a", "b"), ("--plot", folder / "picture.pdf"), ".png"),
        (("a", "b"), ("--out", folder / "a.npz"), "a.npz"),
    ):
        ran = certify(folder, *names, options=options)
        assert ran.status == 2, (names, options, ran)
        assert words in ran.err, (names, options, ran.err)
        assert ran.err.count("\n") == 1
    assert not (folder / "picture.pdf").exists()
    after = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert {name: after[name] for name in before} == before


def test_the_enclosure_is_reported_as_it_narrows() -> None:
    """Corners first, no bound of the whole path before every segment has one, then bounds that never widen."""
    stages: list[str] = []
    rng = np.random.default_rng(2)
    corners = [TwoLayer(W=rng.standard_normal((6, 2)), V=rng.standard_normal((1, 6))) for _ in range(3)]
    data = Data(rng.standard_normal((5, 2)), rng.standard_normal((5, 1)))
    found = certify_networks(corners, Problem(data, progress=lambda stage, share: stages.append(stage)))
    assert stages[0] == "exact losses of all corners"
    bounds = [stage for stage in stages if stage.startswith("enclosure")]
    assert "not bounded yet" in bounds[0]
    assert not any("not bounded yet" in stage for stage in bounds[1:])
    uppers = [float(stage.split(", ")[1].rstrip("]")) for stage in bounds[1:]]
    assert uppers == sorted(uppers, reverse=True)
    assert len(set(uppers)) > 5
    assert uppers[-1] >= float(found.maximum.attained) * (1 - 1e-5)


def test_text_for_people(folder: Path) -> None:
    """The text form says what was enclosed, what sampling would have seen, and the claim."""
    ran = skipscape("certify", folder / "a.npz", folder / "b.npz", "--data", folder / "one.npz", "--samples")
    assert ran.status == 0, ran.err
    for words in ("61 float64 samples", "3 breakpoints, 0 pieces", "PROVED: loss <= 100 on the whole path", "77/256"):
        assert words in " ".join(ran.out.split()), (words, ran.out)


def test_json_has_the_keys_of_the_contract(folder: Path) -> None:
    """The keys that other programs rely on."""
    answer = json.loads(certify(folder, "a", "b").out)
    keys = {"claim", "verdict", "arithmetic", "start", "end", "maximum", "barrier", "segments", "route"}
    assert keys <= set(answer)
    assert {"lower", "upper", "exact", "at"} <= set(answer["maximum"])
    assert all({"kind", "statement", "moves", "upper"} <= set(segment) for segment in answer["segments"])
