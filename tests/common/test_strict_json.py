"""JSON is strict in both programs: written in one place of each, and what every command prints has only numbers."""

import ast
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import numerics
from numerics.checker import canonical_json
from numerics.checker.__main__ import main
from numerics.common import strict_json
from numerics.networks import TwoLayer
from numerics.networks.files import write_network
from support.command_line import skipscape

PLACES = {"common/strict_json.py", "checker/canonical_json.py"}
WRITERS = {"dump", "dumps", "JSONEncoder"}


def writers(source):
    """Names of json's own writers that a module uses, however it imports them."""
    tree = ast.parse(source)
    modules = {"json"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {one.asname or one.name for one in node.names if one.name == "json"}
        if isinstance(node, ast.ImportFrom) and node.module == "json":
            yield from (one.name for one in node.names if one.name in WRITERS)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in WRITERS and isinstance(node.value, ast.Name):
            yield from [node.attr] if node.value.id in modules else []


def test_json_is_written_in_one_place_of_each_program():
    """And there never with NaN."""
    root = Path(numerics.__file__).parent
    found = {str(path.relative_to(root)) for path in root.rglob("*.py") if list(writers(path.read_text("utf-8")))}
    assert found == PLACES
    for place in PLACES:
        for node in ast.walk(ast.parse((root / place).read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS:
                assert any(one.arg == "allow_nan" and one.value.value is False for one in node.keywords)


@pytest.mark.parametrize(
    "source",
    [
        "import json\njson.dumps(1)",
        "import json as j\nj.dump(1, f)",
        "from json import dumps",
        "from json import dump as d",
    ],
)
def test_another_place_would_be_found(source):
    """However it imports what writes; reading is no writing."""
    assert list(writers(source))
    assert not list(writers("import json\njson.loads('1')"))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "write", [strict_json.dumps, strict_json.canonical, canonical_json.dumps, canonical_json.shown]
)
def test_no_writer_lets_one_through(write, value):
    """Beside the finite twin."""
    assert json.loads(write({"a": [0.5, None]})) == {"a": [0.5, None]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write({"a": [value]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two small networks, a better reference, data; and weights whose float64 losses overflow."""
    place = tmp_path_factory.mktemp("strict")
    rng = np.random.default_rng(0)
    X = rng.standard_normal((5, 2))
    np.savez(place / "data.npz", X=X, Y=X[:, :1])
    for name, scale in (("a", 1.0), ("b", 1.0), ("huge", 1e200)):
        network = TwoLayer(W=rng.standard_normal((4, 3)), V=scale * rng.standard_normal((1, 4)), bias=True)
        write_network(place / f"{name}.npz", network)
    exact = TwoLayer(W=np.array([[1.0, 0, 0], [-1.0, 0, 0]]), V=np.array([[1.0, -1.0]]), bias=True)
    write_network(place / "reference.npz", exact)
    (place / "zero.py").write_text(
        "from fractions import Fraction\nfrom hypothesis import strategies as st\n"
        "from numerics.checks import Check, bounded\nfrom theory.statement import Kind\n"
        "CHECKS = (Check('zero', 'k <= 0.', Kind.UPPER_BOUND, st.integers(0, 9),"
        " lambda k: bounded(Fraction(k), Fraction(0))),)\n"
    )
    return place


COMMANDS = {
    "connect": ("connect", "a.npz", "b.npz", "--data", "data.npz", "--out", "path.cert"),
    "connect, huge": ("connect", "a.npz", "huge.npz", "--data", "data.npz"),
    "depth": ("depth", "a.npz", "--reference", "reference.npz", "--data", "data.npz"),
    "depth, huge": ("depth", "huge.npz", "--reference", "reference.npz", "--data", "data.npz"),
    "certify": ("certify", "a.npz", "b.npz", "--data", "data.npz", "--samples", "--plot", "p.png"),
    "certify, huge": ("certify", "a.npz", "huge.npz", "--data", "data.npz", "--samples", "--plot", "q.png"),
    "check": ("check", "path.cert", "--data", "data.npz"),
    "path": ("path", "path.cert", "--at", "1/3", "--out", "middle.npz"),
    "convert": ("convert", "chain.safetensors", "--mlp", "--out", "converted.safetensors"),
    "plot": ("plot", "path.cert", "--data", "data.npz", "--out", "path.svg"),
    "report": ("report", "reported", "--data", "data.npz", "--out", "page.html"),
    "bridge": ("connect", "a.npz", "b.npz", "--data", "data.npz", "--route", "bridge", "--out", "bridge.cert"),
    "export": ("export", "bridge.cert", "--data", "data.npz", "--coq", "Path.v"),
    "verify": ("verify", "L1a", "L6", "zero.py", "--examples", "10", "--out", "none"),
    "audit": ("audit", "L1a", "--widths"),
    "separate": ("separate", "--data", "small", "--widths", "4"),
    "sweep": ("sweep", "--kinds", "teacher", "--widths", "8", "--neurons", "2", "--slope-widths", "8,16",
              "--etas", "1/4", "--dimensions", "1", "--out", "table.json"),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_prints_strict_json(folder, name, checker_nearby, narrow_valleys, monkeypatch):
    """Whatever comes of it, no NaN and no Infinity; nor in what it writes."""
    monkeypatch.chdir(folder)
    if name in ("check", "path", "plot", "report") and not (folder / "path.cert").exists():
        assert skipscape(*COMMANDS["connect"], "--json").status == 0
    if name == "export" and not (folder / "bridge.cert").exists():
        assert skipscape(*COMMANDS["bridge"], "--json").status == 0
    if name == "report":
        (folder / "reported").mkdir(exist_ok=True)
        shutil.copy(folder / "path.cert", folder / "reported")
    if name == "convert":
        sizes = {"0.weight": (2, 1), "0.bias": (2,), "2.weight": (1, 2), "2.bias": (1,)}
        save_file({weight: np.ones(size) for weight, size in sizes.items()}, folder / "chain.safetensors")
    ran = skipscape(*COMMANDS[name], "--json", "--force") if name != "check" else skipscape(*COMMANDS[name], "--json")
    assert ran.status in (0, 1), ran.err
    json.loads(ran.out, parse_constant=pytest.fail)
    for path in folder.glob("*.json"):
        json.loads(path.read_text(), parse_constant=pytest.fail)


def test_training_prints_strict_json(folder, monkeypatch):
    """As the other commands, where torch is there."""
    pytest.importorskip("torch")
    monkeypatch.chdir(folder)
    ran = skipscape(
        "train", "data.npz", "--width", 2, "--branch", "2", "--steps", 2, "--out", "t.npz", "--json", "--force"
    )
    assert json.loads(ran.out, parse_constant=pytest.fail)["network"] == "t.npz"


def test_the_checker_prints_strict_json(folder, monkeypatch, capsys):
    """The other program, asked itself."""
    monkeypatch.chdir(folder)
    if not (folder / "path.cert").exists():
        assert skipscape(*COMMANDS["connect"], "--json").status == 0
    assert main(["path.cert", "--data", "data.npz"]) == 0
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["verdict"] == "PROVED"


def test_the_commands_are_all_there():
    """A new command with `--json` needs a line above; `demo` and `study` train for minutes, tests of their own."""
    from numerics.cli.common import app

    names = {one.name or one.callback.__name__ for one in app.registered_commands}
    assert names == {words[0] for words in COMMANDS.values()} | {"train", "demo", "study"}
