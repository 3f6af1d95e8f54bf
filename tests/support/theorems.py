"""Small honest paths of which there are theorems, theorems spoilt, and Coq run on a theorem."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np

from numerics.data import read_data
from numerics.export import theorem_of
from support.certificates import Forge, Moves
from support.coq_sources import FORMAL

X = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 2.0]])
Y = np.array([[1.0], [0.0], [-0.5]])
W = np.array([[1.0, 0.0, 0.5], [0.0, -1.0, 1.0], [2.0, 1.0, 0.0], [-1.0, 1.0, 0.0]])
SENDERS = 1  # the segment of the depth on which A moves


def parallel() -> Forge:
    """The branch silenced, two rows and the branch's entries loaded in silence, read out with a live branch."""
    start = {
        "W": W,
        "V": np.array([[1.0, -2.0, 0.0, 0.0]]),
        "A": np.array([[0.5, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, -1.0]]),
        "a": np.array([0.25, 0.0]),
        "B1": np.array([[1.0, -1.0]]),
        "b1": np.array([0.125]),
        "U": np.array([[1.0]]),
        "c": np.array([0.5]),
    }
    segments: list[tuple[str, Moves]] = [
        ("readout", {"U": ("all", [[0.0]]), "c": ("all", [0.0])}),
        (
            "silent",
            {"W": ([2, 3], [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), "a": ("all", [7.0, -1.0]), "A": ([3], [[2.0], [0.1]])},
        ),
        ("silent", {"B1": ("all", [[0.3, 0.7]])}),
        ("readout", {"V": ([0, 2, 3], [[0.5, 1.0, 0.25]]), "U": ("all", [[-0.5]])}),
    ]
    # The branch reads neuron 2 while U is zero, so row 2 may move: nothing that the branch does is heard.
    return Forge("parallel", 1, start, X, Y, segments)


def two_layer() -> Forge:
    """No branch and no bias: a neuron that nothing reads gets another row, then the readout moves."""
    start = {"W": W[:, :2], "V": np.array([[1.0, -2.0, 0.0, 1e-9]])}
    segments: list[tuple[str, Moves]] = [
        ("silent", {"W": ([2], [[0.1, 1.0]])}),
        ("readout", {"V": ("all", [[0.5, 0.0, 1.0, 0.25]])}),
    ]
    return Forge("two-layer", 0, start, X, Y, segments)


def plain() -> Forge:
    """A chain without a skip: a dead unit of each hidden layer is entered anew."""
    start = {
        "W": W,
        "A": np.array([[0.5, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, -1.0]]),
        "B1": np.array([[1.0, 0.0], [0.5, 0.0]]),
        "b1": np.array([0.5, -0.25]),
        "U": np.array([[1.0, 0.0]]),
        "c": np.array([-0.5]),
    }
    segments: list[tuple[str, Moves]] = [
        ("silent", {"A": ("all", [[0.5, 0.0, 1.0, 0.0], [3.0, 1.5, 0.0, -1.0]]), "W": ([3], [[5.0, 5.0, 5.0]])}),
        ("silent", {"B1": ("all", [[1.0, 0.0], [7.0, 8.0]]), "b1": ("all", [0.5, 9.0])}),
        ("readout", {"U": ("all", [[0.75, 0.0]]), "c": ("all", [0.0])}),
    ]
    return Forge("plain", 1, start, X, Y, segments)


def escape() -> Forge:
    """A depth by one slot: a readout line, a neuron's way into the branch to zero, its row anew, a readout line."""
    before = parallel().start
    A = np.array([[0.5, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, -1.0]])
    segments: list[tuple[str, Moves]] = [
        ("readout", {"V": ("all", [[0.5, -0.25, 0.0, 0.0]]), "U": ("all", [[0.0625]]), "c": ("all", [0.0])}),
        ("hidden", {"A": ("all", A)}),
        ("silent", {"W": ([2], [[1.0, -1.0, 0.0]])}),
        ("readout", {"V": ([2], [[0.25]])}),
    ]
    return Forge("parallel", 1, before, X, Y, segments, question="escape")


def floats() -> Forge:
    """Two layers of drawn floats, of all 53 bits and of different sizes: everything has many digits."""
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((4, 3)) * 10.0 ** rng.integers(-3, 3, (4, 3)), rng.standard_normal((4, 2))
    start = {"W": rng.standard_normal((3, 4)), "V": rng.standard_normal((2, 3)), "c": rng.standard_normal(2)}
    segments: list[tuple[str, Moves]] = [
        ("readout", {"V": ("all", rng.standard_normal((2, 3))), "c": ("all", rng.standard_normal(2))})
    ]
    return Forge("two-layer", 1, start, x, y, segments)


FORGES = {"parallel": parallel, "two-layer": two_layer, "plain": plain, "escape": escape, "floats": floats}


def exported(folder: Path, forge: Forge) -> Path:
    """Certificate, data and theorem of a forge in a folder: path.cert, data.npz, Theorem.v."""
    certificate, data = forge.write(folder / "path.cert"), forge.write_data(folder / "data.npz")
    place = folder / "Theorem.v"
    place.write_text(theorem_of(certificate, read_data(str(data))), encoding="ascii")
    return place


def closed(theorem: Path) -> tuple[bool, str]:
    """Whether Coq closes the theorem, and what it prints."""
    done = subprocess.run(
        ["coqc", "-q", "-Q", str(FORMAL), "Skipscape", theorem.name],
        cwd=theorem.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0, done.stdout + done.stderr


def lower(text: str) -> str:
    """The bound less by one in its last place, in the claim and in the check."""
    (top,) = re.findall(r"Definition c : R := (\d+) /", text)
    return text.replace(f" {top} ", f" {int(top) - 1} ")


def dropped(text: str) -> str:
    """The second corner left out: what moved in two steps moves in one, on no segment of a known kind."""
    return text.replace("(Readout, corner_1); ", "")


def heavier(text: str) -> str:
    """One weight of the start, in its last place."""
    return re.sub(r"(V_0_rows_0 : list row := \[\n\[\[)(\d+)", lambda found: f"{found[1]}{int(found[2]) + 1}", text)


def permuted(text: str) -> str:
    """The last two points have each other's targets."""
    return re.sub(r"(Y_rows_0 : list row := \[\n.*;\n)(.*);\n(.*)\]%", r"\g<1>\g<3>;\n\g<2>]%", text)


def too_wide(text: str) -> str:
    """Digits so large that a sum of products may leave a machine integer: the check does not take them."""
    return re.sub(r"(lengths : sizes := .*) \d+ \d+\.", r"\g<1> 60 2.", text)


SPOILT: tuple[Callable[[str], str], ...] = (lower, dropped, heavier, permuted, too_wide)
