"""Paths between graphs from end to end: certificates, questions, both programs, torch modules at both ends."""

import json
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import skipscape as sk
from numerics.data import Data
from numerics.networks.graph import Graph
from numerics.networks.graph.nodes import Add, Flatten, Input, Linear, ReLU, Reshape
from numerics.paths import Kind, kind_of, polygon
from numerics.paths.certificate import network_digest, read_exact_path
from numerics.questions import enclose
from numerics.testing import graphs
from support.loss_oracles import LOSSES
from support.moving_graphs import moving, suits

pytestmark = pytest.mark.usefixtures("checker_nearby_throughout")
STRANGE = ("W", "V", "c", "層.重み", "a b\n", "")


def renamed(graph: Graph, names: tuple[str, ...]) -> Graph:
    """Its first parameters by these names, which a certificate must carry as they are."""
    as_now = dict(zip(graph.arrays, names, strict=False))
    fields = [
        {
            one: as_now[getattr(node, one)]
            for one in ("weight", "bias")
            if getattr(node, one, None) in as_now and getattr(node, one) is not None
        }
        for node in graph.nodes
    ]
    nodes = tuple(type(node)(**{**vars(node), **more}) for node, more in zip(graph.nodes, fields, strict=True))
    return Graph(nodes, {as_now.get(name, name): array for name, array in graph.arrays.items()})


@settings(max_examples=8)
@given(graph=graphs(), seed=st.integers(0, 1000))
def test_a_certificate_holds_the_path_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, graph: Graph, seed: int
) -> None:
    """Under names of any text, and those of the classes' matrices, of which a graph has no slots."""
    segment = moving(renamed(graph, STRANGE), seed)
    found = enclose.certify((segment.start, segment.end, segment.start), segment.problem, tolerance=Fraction(1, 2))
    place = tmp_path_factory.mktemp("graph") / "path.cert"
    place.write_bytes(found.certificate(None))
    again = read_exact_path(place)
    for mine, theirs in zip(found.path.corners, again.corners, strict=True):
        assert theirs.network().identical(mine)
    with zipfile.ZipFile(place) as archive:
        document = json.loads(archive.read("certificate.json"))
        names = [name for name in archive.namelist() if name.startswith("start.")]
    ordered = sorted(segment.start.arrays)
    assert names == [f"start.p{k:04d}.npy" for k in range(len(ordered))]
    assert again.start.weights[ordered[0]].shape == segment.start.arrays[ordered[0]].shape
    assert all(move == "all" for one in document["segments"] for move in one["moves"].values())
    assert document["network"]["nodes"][0]["op"] == "input"
    assert document["start"]["digest"] == network_digest(segment.start)


@pytest.mark.parametrize("name", LOSSES)
def test_both_programs_agree(name: str) -> None:
    """PROVED by the checker, whose exact losses are the finder's; the claim is above the oracle's at 9 times."""
    checked = []

    @settings(max_examples=1)
    @given(graph=graphs(most=5), seed=st.integers(0, 1000))
    def agree(graph: Graph, seed: int) -> None:
        assume(suits(name, graph))
        segment = moving(graph, seed, name)
        result = sk.certify([segment.start, segment.end], segment.problem.data, loss=name, tolerance="1/50")
        checked.append(result.verdict)
        assert (result.verdict, result.refused) == ("PROVED", None)
        assert result.maximum is not None
        assert all(segment.loss(Fraction(k, 8))[0] <= result.maximum.upper for k in range(9))

    agree()
    assert checked


def residual(shift: float = 0.0) -> Graph:
    """Two inputs, a layer with a ReLU beside the identity, a readout: no class has biases there."""
    nodes = (
        Input("x", (), size=(2,)),
        Linear("first", ("x",), weight="first.weight", bias="first.bias"),
        ReLU("relu", ("first",)),
        Linear("second", ("relu",), weight="second.weight", bias="second.bias"),
        Add("sum", ("x", "second")),
        Linear("head", ("sum",), weight="head.weight", bias="head.bias"),
    )
    rng = np.random.default_rng(7)
    shapes = {"first": (3, 2), "second": (2, 3), "head": (2, 2)}
    arrays = {}
    for name, shape in shapes.items():
        arrays[f"{name}.weight"] = rng.normal(size=shape) + shift
        arrays[f"{name}.bias"] = rng.normal(size=shape[0]) - shift
    return Graph(nodes, arrays)


DATA = sk.Data([[1.0, 0.5], [-0.25, 2.0], [0.0, -1.0]], [0, 1, 1])


def test_kinds_are_asked_of_the_graph() -> None:
    """Its readout alone is a readout segment, nothing a silent one, what an output reads a general one."""
    graph = residual()
    head = graph.replace({"head.bias": np.zeros(2), "head.weight": np.ones((2, 2))})
    assert kind_of(graph, graph) is Kind.SILENT
    assert kind_of(graph, head) is Kind.READOUT
    assert kind_of(graph, graph.replace({"second.bias": np.zeros(2)})) is Kind.GENERAL
    twice = Graph(
        (
            Input("x", (), size=(2,)),
            Linear("a", ("x",), weight="W"),
            Linear("b", ("a",), weight="W"),
        ),
        {"W": np.eye(2)},
    )
    assert kind_of(twice, twice.replace({"W": 2 * np.eye(2)})) is Kind.GENERAL  # quadratic in its one parameter
    with pytest.raises(ValueError, match="a silent segment moves the readout"):
        polygon((graph, head)).segments[0].__class__(Kind.SILENT, graph, head)


def test_a_readout_segment_is_highest_at_an_end() -> None:
    """No pieces: the checker has corners alone to evaluate."""
    graph = residual()
    head = graph.replace({"head.bias": np.zeros(2), "head.weight": -graph.arrays["head.weight"]})
    result = sk.certify([graph, head], DATA, loss="cross-entropy")
    assert (result.verdict, [one.kind for one in result.segments]) == ("PROVED", ["readout"])


def test_connect_takes_the_lower_of_line_and_zero_path() -> None:
    """Both are tried; of the routes that need a first layer it is said why they do not apply."""
    start, end = residual(), residual().replace({"first.weight": -3 * residual().arrays["first.weight"]})
    result = sk.connect(start, end, DATA, loss="cross-entropy")
    assert result.verdict == "PROVED"
    assert result.routes["refit"] == result.routes["bridge"]
    assert result.routes["bridge"] == "needs the features of a first layer: this graph's readout reads node sum (add)"
    zero = sk.connect(start, end, DATA, loss="cross-entropy", route="zero")
    assert (zero.verdict, [one.kind for one in zero.segments]) == ("PROVED", ["readout", "silent", "readout"])
    assert zero.maximum.upper < 1.01 * max(zero.start.top, zero.end.top, Fraction(7, 10))  # ln 2 and less
    # The line, which is tried first, is enclosed, to the tolerance (and 17 digits of either number).
    assert result.maximum.lower <= zero.maximum.upper
    assert result.maximum.upper <= result.maximum.lower * (1 + Fraction(1, 10**6) + Fraction(1, 10**15))
    with pytest.raises(sk.InputError, match="route half-width needs the features of a first layer"):
        sk.connect(start, end, DATA, loss="cross-entropy", route="half-width")
    with pytest.raises(sk.InputError, match="units are renamed in networks of the classes"):
        sk.connect(start, end, DATA, loss="cross-entropy", modulo_permutation=True)


def test_graphs_of_two_kinds_are_not_joined() -> None:
    """The first node that differs is named."""
    given, _, *rest = residual().nodes
    reading = Linear("first", ("f",), weight="first.weight", bias="first.bias")
    around = (Reshape("r", ("x",), size=(2, 1)), Flatten("f", ("r",)))
    other = Graph((given, *around, reading, *rest), residual().arrays)
    words = r"not of one graph: node first \(linear\) in one is r \(reshape\) in the other"
    with pytest.raises(sk.InputError, match=words):
        sk.certify([residual(), other], DATA, loss="cross-entropy")
    with pytest.raises(sk.InputError, match="the network has 2 inputs but the data 3 columns"):
        sk.certify([residual(), residual(1.0)], Data(np.ones((1, 3)), np.ones((1, 2))))


def test_a_path_ends_in_the_modules_bit_for_bit() -> None:
    """An unmodified module in float32; its middle is the nearest float32."""
    torch = pytest.importorskip("torch")
    from support.trained_graphs import ResidualMLP

    modules = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        modules.append(ResidualMLP(width=6, hidden=4).eval())
    data = sk.Data(np.random.default_rng(0).normal(size=(4, 64)), [0, 3, 9, 1])
    a, b = (sk.from_torch(module, np.zeros((1, 64))) for module in modules)
    result = sk.certify([a, b], data, loss="cross-entropy", tolerance="1/10")
    assert result.proved
    for time, module in ((0, modules[0]), (1, modules[1])):
        fresh = result.path(time).to_torch(ResidualMLP(width=6, hidden=4))
        for name, tensor in module.state_dict().items():
            assert torch.equal(fresh.state_dict()[name], tensor)
    half = result.path("1/2")
    mean = (a.arrays["stem.weight"] + b.arrays["stem.weight"]) / 2
    assert np.array_equal(half.state_dict()["stem.weight"], mean)
    held_out = sk.Data(data.X[::-1] / 2, [1, 2, 3, 9])
    assert sk.certify(result.path, held_out, tolerance="1/10").proved


def test_the_path_is_drawn(tmp_path: Path) -> None:
    """As of any other network."""
    result = sk.certify([residual(), residual(0.5)], DATA, loss="cross-entropy", tolerance="1/10")
    figure = result.plot()
    figure.savefig(tmp_path / "path.png")
    assert (tmp_path / "path.png").stat().st_size > 1000
