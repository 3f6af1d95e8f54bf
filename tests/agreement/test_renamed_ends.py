"""--modulo-permutation of connect and certify: the end is the other network with its units renamed, which both checkers
do themselves.
"""

import io
import json
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checker import renaming
from numerics.checker.check import check
from numerics.checker.spaces import parse_space
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.files import write_network
from numerics.networks.plain import Plain
from numerics.networks.units import hidden_layers, renamed
from numerics.paths import polygon
from numerics.questions import certify as certifying
from numerics.questions.certify import certify
from numerics.questions.connect import connect
from numerics.questions.found import Found
from numerics.questions.request import Request
from numerics.routes import matching
from numerics.testing import networks
from support import second_checker
from support.certificates import canonical, pack
from support.second_checker.renaming import renamed as renamed_again

pytestmark = pytest.mark.usefixtures("checker_nearby")


def pair() -> tuple[Network, Network, Data]:
    """A chain, and nearly the same chain with its units in another order."""
    rng = np.random.default_rng(3)
    start = Plain(
        W=rng.standard_normal((6, 4)),
        branch=Branch((Layer(rng.standard_normal((5, 6)), np.full(5, 2.0)),)),
        U=rng.standard_normal((2, 5)),
        c=rng.standard_normal(2),
        bias=True,
    )
    moved = start.replace({name: array + 2.0**-10 for name, array in start.parameters().items()})
    end = renamed(moved, {layer.name: rng.permutation(layer.size) for layer in hidden_layers(moved)})
    X = rng.standard_normal((12, 3))
    return start, end, Data(X, start(X))


def as_given(network: Network) -> dict[str, object]:
    parameters = {name: array.tolist() for name, array in network.parameters().items()}
    return {"class": network.kind, "bias": int(network.bias), "parameters": parameters}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("renamed")
    start, end, data = pair()
    np.savez(place / "d.npz", X=data.X, Y=data.Y)
    write_network(place / "a.npz", start)
    write_network(place / "b.npz", end)
    return place


def certified() -> bytes:
    start, end, data = pair()
    result = connect(Request(Problem(data), start, end), route="zero", modulo_permutation=True)
    assert result.proved
    assert result.document is not None
    assert result.renamed is not None
    assert set(result.renamed) == {"W", "A"}
    assert "the end with its hidden units renamed, which changes no output" in result.claim
    return result.document


def test_a_renamed_end_is_joined_by_a_far_lower_line() -> None:
    """PROVED with the orders in the certificate; without them the straight line climbs a thousand times as high."""
    start, end, data = pair()
    lower = connect(Request(Problem(data), start, end), route="line", modulo_permutation=True)
    higher = connect(Request(Problem(data), start, end), route="line")
    assert lower.proved
    assert higher.proved
    assert higher.renamed is None
    assert lower.maximum is not None
    assert higher.maximum is not None
    assert 1000 * lower.maximum.top < higher.maximum.lower


def test_a_polygon_may_be_between_renamed_networks_too(folder: Path) -> None:
    """certify: each corner matched to the one before; the checker applies the last orders to the end as its file has
    it, and refuses a permutation of rows alone.
    """
    start, end, data = pair()
    middle = renamed(start, {"W": np.array([5, 4, 3, 2, 1, 0])})
    request = Request(Problem(data), start, end)
    nearer = certify(request, [middle], modulo_permutation=True, tolerance=Fraction(1, 2))
    assert nearer.proved
    assert nearer.renamed is not None
    assert set(nearer.renamed) == {"W", "A"}
    assert any("the units of W, A renamed" in note for note in nearer.notes)
    farther = certify(request, [middle], tolerance=Fraction(1, 2))
    assert nearer.maximum is not None
    assert farther.maximum is not None
    assert 1000 * nearer.maximum.top < farther.maximum.lower
    assert nearer.document is not None
    (folder / "polygon.cert").write_bytes(nearer.document)
    assert check(folder / "polygon.cert", str(folder / "d.npz"), folder / "a.npz", folder / "b.npz").verdict == "PROVED"
    order = json.loads(stored(nearer.document)["certificate.json"])["renamed"]["W"]
    rows_alone = end.replace({"W": end.W[order]})  # what reads the layer stays: another function
    write_network(folder / "rows.npz", rows_alone)
    report = check(folder / "polygon.cert", str(folder / "d.npz"), folder / "a.npz", folder / "rows.npz")
    assert "the given end is not the end of the path" in (report.refused or "")
    refuted = certify(request, [middle], modulo_permutation=True, level=nearer.maximum.lower / 2, wanted=False)
    assert refuted.verdict == "REFUTED"
    assert any("renamed" in note for note in refuted.notes)


def with_a_free_unit(network: Network) -> Network:
    """Nothing reads the last unit of either layer."""
    weights = {name: array.copy() for name, array in network.parameters().items()}
    for name in ("A", "U"):
        weights[name][:, -1] = 0.0
    return network.replace(weights)


@pytest.mark.parametrize("free_at", ["start", "end", "both"])
def test_where_units_are_free_the_path_ends_at_the_second_network_itself(free_at: str, tmp_path: Path) -> None:
    """Bit for bit, with no order in the certificate; as low as the line between matched units; by both checkers."""
    start, _, data = pair()
    start = start if free_at == "end" else with_a_free_unit(start)
    near = start.replace({name: array * (1 + 2.0**-10) for name, array in start.parameters().items()})
    near = near if free_at == "start" else with_a_free_unit(near)
    rng = np.random.default_rng(5)
    end = renamed(near, {layer.name: rng.permutation(layer.size) for layer in hidden_layers(near)})
    data, route = Data(data.X[:3], start(data.X[:3])), "line" if free_at == "both" else "zero"
    result = connect(Request(Problem(data), start, end), route=route, modulo_permutation=True)
    assert (result.verdict, result.renamed) == ("PROVED", None)
    assert result.claim.endswith("start and end joined")
    assert any("the path ends at the second network itself" in note for note in result.notes)
    assert isinstance(result.found, Found)
    assert result.found.path.end.identical(end)
    assert {one.kind for one in result.segments} == {"general" if route == "line" else "readout", "silent", "twins"}
    aligned = connect(Request(Problem(data), start, near), route=route)
    assert aligned.maximum is not None
    assert result.maximum is not None
    assert result.maximum.top <= aligned.maximum.top * (1 + Fraction(1, 10**5))
    assert result.document is not None
    (tmp_path / "p.cert").write_bytes(result.document)
    np.savez(tmp_path / "d.npz", X=data.X, Y=data.Y)
    write_network(tmp_path / "a.npz", start)
    write_network(tmp_path / "b.npz", end)
    assert (
        check(tmp_path / "p.cert", str(tmp_path / "d.npz"), tmp_path / "a.npz", tmp_path / "b.npz").verdict == "PROVED"
    )
    ends = as_given(start), as_given(end)
    again = second_checker.check(result.document, data.X, data.Y, *ends)
    assert again.accepted or again.reason.startswith("cannot tell")  # its intervals are plain


def test_without_a_free_unit_the_answer_says_so() -> None:
    """The end stays renamed, as before, and the note names the layers."""
    start, end, data = pair()
    result = connect(Request(Problem(data), start, end), route="zero", modulo_permutation=True)
    assert result.renamed is not None
    assert any(
        "not at the network itself: layer W, A has no free unit through which its units could" in note
        for note in result.notes
    )
    same = connect(Request(Problem(data), start, start), modulo_permutation=True)
    assert any("no renaming of units was found that brings the two nearer" in note for note in same.notes)


def test_a_stored_path_has_its_corners(folder: Path) -> None:
    start, end, data = pair()
    with pytest.raises(InputError, match="leave out --modulo-permutation"):
        certify(Request(Problem(data), start, end), path=polygon((start, end)), modulo_permutation=True)


def test_rows_renamed_without_their_readers_are_another_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: an order applied to rows but not to columns, in the finder. The end is no longer the given
    one, and the checker, which applies the orders itself, refuses the certificate.
    """
    start, end, data = pair()

    def rows_alone(network: Network, orders):
        parameters = network.parameters()
        return network.replace({name: parameters[name][order] for name, order in orders.items()})

    true = certify(Request(Problem(data), start, end), modulo_permutation=True)
    assert true.proved
    assert true.renamed is not None
    monkeypatch.setattr(matching, "renamed", rows_alone)
    match = matching.Matched(rows_alone(end, orders := matching.by_activations(start, end, Problem(data))), orders)
    assert float(np.abs(match.network(data.X) - end(data.X)).max()) > 0.1
    monkeypatch.setattr(certifying, "matched", lambda *_: match)
    wrong = certify(Request(Problem(data), start, end), modulo_permutation=True)
    assert not wrong.proved


def test_both_checkers_apply_the_orders_to_the_given_end(folder: Path) -> None:
    """With the end as its file has it; a changed order is refused although every digest is right."""
    start, end, data = pair()
    (folder / "p.cert").write_bytes(blob := certified())
    files = (str(folder / "d.npz"), folder / "a.npz", folder / "b.npz")
    assert check(folder / "p.cert", *files).verdict == "PROVED"
    ends = (as_given(start), as_given(end))
    assert second_checker.check(blob, data.X, data.Y, *ends).accepted
    entries = stored(blob)
    document = json.loads(entries["certificate.json"])
    for change in (
        {"W": document["renamed"]["W"]},
        {**document["renamed"], "W": document["renamed"]["W"][::-1]},
        None,
    ):
        forged = pack({**entries, "certificate.json": canonical({**document, "renamed": change})})
        (folder / "f.cert").write_bytes(forged)
        report = check(folder / "f.cert", *files)
        assert report.verdict != "PROVED"
        assert report.refused is not None
        assert "the given end is not the end of the path" in report.refused
        assert not second_checker.check(forged, data.X, data.Y, *ends).accepted


def stored(blob: bytes) -> dict[str, bytes]:
    """What the archive holds."""
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    "orders",
    [
        {},
        {"V": [0, 1]},
        {"W": [0, 0, 1, 2, 3, 4]},
        {"W": [0, 1]},
        {"W": [0, 1, 2, 3, 4, 6]},
        {"W": "x"},
        [],
        {"W": [True, 0, 2, 3, 4, 5]},
    ],
)
def test_what_is_no_renaming_is_refused(folder: Path, orders: object) -> None:
    """By both: no layer, another parameter, a unit twice, too few, out of range, no list."""
    *_, data = pair()
    entries = stored(certified())
    document = {**json.loads(entries["certificate.json"]), "renamed": orders}
    blob = pack({**entries, "certificate.json": canonical(document)})
    (folder / "g.cert").write_bytes(blob)
    report = check(folder / "g.cert", str(folder / "d.npz"))
    assert report.refused is not None
    assert "certificate.json: renamed" in report.refused
    assert not second_checker.check(blob, data.X, data.Y).accepted


@settings(max_examples=30)
@given(network=networks(), seed=st.integers(0, 999))
def test_three_programs_rename_alike(network: Network, seed: int) -> None:
    """Finder, checker and second checker, for every class: the same bits."""
    rng = np.random.default_rng(seed)
    orders = {layer.name: rng.permutation(layer.size) for layer in hidden_layers(network)}
    expected = renamed(network, orders).parameters()
    shapes = {name: array.shape for name, array in network.parameters().items()}
    space = parse_space(network.kind, int(network.bias), shapes)
    assert set(renaming.layers(space)) == set(orders)
    plain = {name: tuple(order.tolist()) for name, order in orders.items()}
    found = renaming.renamed(space, network.parameters(), plain)
    again = renamed_again(as_given(network), {name: list(order) for name, order in plain.items()})["parameters"]
    for name, array in expected.items():
        assert np.array_equal(found[name], array)
        assert np.array_equal(np.array(again[name]), array)
