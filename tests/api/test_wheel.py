"""What a user has after `pip install`: the face and the command, from an empty folder, without tests or pytest."""

import json
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


class Installed(NamedTuple):
    """A virtual environment with the wheel in it."""

    wheel: Path
    python: Path
    command: Path


def done(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A process with nothing of this one's environment that has to do with Python."""
    words = list(map(str, command))
    return subprocess.run(words, cwd=cwd, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel built by hatchling and installed without an index; its needs are those of this environment."""
    place = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    built = done(*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", place, ROOT, cwd=place)
    assert built.returncode == 0, built.stderr
    (wheel,) = place.glob("*.whl")
    venv.create(place / "env", with_pip=False, symlinks=True)
    python = place / "env" / "bin" / "python"
    put = done(*pip, "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=place)
    assert put.returncode == 0, put.stderr
    (packages,) = (place / "env").glob("lib/python*/site-packages")
    # Behind the wheel's own, and its .pth files are not read: an editable install of this checkout is not seen.
    (packages / "needs.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(wheel, python, python.with_name("skipscape"))


def test_the_wheel_holds_the_face_and_the_two_packages(installed: Installed) -> None:
    """All their files, and nothing else but metadata."""
    with zipfile.ZipFile(installed.wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        needs = re.findall(r"^Requires-Dist: ([\w-]+)(.*)$", archive.read(metadata).decode(), re.M)
    here = {"skipscape.py"}
    for room in ("theory", "numerics"):
        files = (path for path in (ROOT / room).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        here |= {path.relative_to(ROOT).as_posix() for path in files}
    assert names == here
    assert {"theory/py.typed", "numerics/py.typed", "theory/abstract.toml"} <= names
    plain = {name for name, condition in needs if "extra ==" not in condition}
    assert "numpy" in plain
    assert not plain & {"pytest", "torch", "hatchling", "ruff", "mypy"}


FACE = """
import sys
import numerics, theory
import skipscape as sk
assert all(sys.prefix in module.__file__ for module in (sk, numerics, theory)), "not the wheel's"

X, y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1]
W = [[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]
for name, V in (("A.safetensors", [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]), ("B.npz", [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])):
    sk.save(sk.Network.from_arrays("two-layer", {"W": W, "V": V}), name)
small = sk.Network.from_arrays("two-layer", {"W": [[1.0, 0.0]], "V": [[0.0], [1.0]]})

a, b = sk.load("A.safetensors"), sk.load("B.npz")
assert a(X).shape == (3, 2)
data = sk.Data(X, y)
assert len(sk.Data.load("digits").X) == 1797
r = sk.connect(a, b, data, loss="squared", level="1", reference=None, route="auto")
assert (r.verdict, r.claim.startswith("squared loss <= ")) == ("PROVED", True)
assert r.maximum.lower <= r.maximum.upper <= 1 and r.maximum.exact == r.maximum.upper and float(r.maximum) <= 1.0
assert r.barrier.exact == r.maximum.exact - max(r.start.exact, r.end.exact)
assert r.path(0.5).state_dict().keys() == {"W", "V"}
r.save("p.cert"); r.plot(); r.to_json()
assert len(str(r).splitlines()) <= 15
assert sk.check("p.cert", data, a, b).verdict == "PROVED"
m = r.path("1/3")
assert sk.certify([a, m, b], data, loss="squared", curve="polygon", tolerance=1e-3).verdict == "PROVED"
held_out = sk.Data([[2.0, 1.0]], [[0.0, 1.0]])
assert sk.certify(r.path, held_out).verdict == "PROVED"
assert sk.depth(a, data, reference=small).verdict in ("PROVED", "UNDECIDED")
assert sk.statements["T1"].claim
assert sk.audit(["L1b"])["statements"][0]["status"] == "proved"
open("my_lemma.py", "w").write(%r)
assert sk.verify("my_lemma.py", examples=20)[0]["verdict"] == "UNDECIDED"
try:
    sk.load("nope.npz")
except sk.InputError as error:
    assert isinstance(error, ValueError)
print("done")
"""
LEMMA = """from fractions import Fraction
from hypothesis import strategies as st
from numerics.checks import Check, bounded
from theory.statement import Kind

CHECKS = (Check("mine", "n <= 9.", Kind.UPPER_BOUND, st.integers(0, 9), lambda n: bounded(Fraction(n), Fraction(9))),)
"""


def test_the_python_face_works_from_an_empty_folder(installed: Installed, tmp_path: Path) -> None:
    """The block of names that users rely on, as far as it exists; nothing is printed but what the script prints."""
    ran = done(installed.python, "-c", FACE % LEMMA, cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "done\n", "")
    assert {path.name for path in tmp_path.iterdir()} == {"A.safetensors", "B.npz", "p.cert", "my_lemma.py"}


@pytest.mark.slow
def test_the_command_works_from_an_empty_folder(installed: Installed, tmp_path: Path) -> None:
    """`skipscape --help`, and a statement's status."""
    ran = done(installed.command, "--help", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {"connect", "depth", "certify", "check"} <= set(re.findall(r"[a-z]+", ran.stdout))
    ran = done(installed.command, "audit", "L1b", "--json", cwd=tmp_path)  # what takes 10 s says so on stderr
    assert (ran.returncode, json.loads(ran.stdout)["statements"][0]["status"]) == (0, "proved")


NO_PYTEST = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pytest", "_pytest", "hatchling", "ruff", "mypy", "importlinter", "xdist"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""
EVERY_MODULE = """
import importlib, pkgutil
import skipscape, numerics, theory
for name in skipscape.__all__:
    getattr(skipscape, name)
count = 0
for package in (numerics, theory):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
            count += 1
(one,) = skipscape.verify("L1b", examples=5)
assert one["counterexample"] is None
print(count)
"""


@pytest.mark.slow
def test_no_module_needs_a_tool_of_the_tests(installed: Installed, tmp_path: Path) -> None:
    """Every module is imported, and a check run, where importing pytest fails."""
    ran = done(installed.python, "-c", NO_PYTEST + EVERY_MODULE, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert int(ran.stdout) > 200
    planted = done(installed.python, "-c", NO_PYTEST + "import pytest", cwd=tmp_path)
    assert planted.returncode == 1
    assert "No module named 'pytest'" in planted.stderr
