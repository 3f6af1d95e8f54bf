"""connect --modulo-permutation: the end is the other network with its units renamed; both checkers apply the orders."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checker import renaming
from numerics.checker.check import check
from numerics.checker.spaces import parse_space
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.files import write_network
from numerics.networks.plain import Plain
from numerics.networks.units import hidden_layers, renamed
from numerics.questions.connect import connect
from numerics.questions.request import Request
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
