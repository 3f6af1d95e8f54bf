"""A user's script under mypy --strict: the face's types are there, and what is wrong is said."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """from fractions import Fraction

import numpy as np

import skipscape as sk

net: sk.Network = sk.Network.from_arrays("two-layer", {"W": np.ones((1, 1), dtype=np.float32), "V": [[1.0]]})
data = sk.Data([[1.0]], [0])
result = sk.connect(net, "b.npz", data, level=Fraction(1, 20), progress=lambda stage, share: None)
if result.maximum is not None and result.maximum.exact is not None:
    exact: Fraction = result.maximum.exact
half: sk.Network = result.path(0.5)
again: sk.Result = sk.certify(result.path, data, tolerance=1e-3)
claim: str = sk.statements["T1"].claim
row: np.ndarray = net(np.zeros((2, 1)))
sk.nosuch
sk.connect(net, net, 3)
reveal_type(result.path(0.5))
"""


def test_the_face_is_typed_for_mypy(tmp_path: Path) -> None:
    """Two errors are planted, and found; the type of a network at a time is known; nothing else is said.

    With the project's own options, which are strict, so that what `make test` has looked at is not looked at again.
    """
    script = tmp_path / "script.py"
    # What mypy kept of the same text elsewhere would name the other place.
    script.write_text(f"{SCRIPT}# {script}\n")
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--disable-error-code=no-any-return", str(script)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    said = ran.stdout.splitlines()
    assert [line.partition(": ")[0] for line in said] == [f"{script}:{k}" for k in (16, 17, 18)], said
    assert 'has no attribute "nosuch"' in said[0]
    assert 'incompatible type "int"' in said[1]
    assert 'Revealed type is "numerics.networks.base.Network"' in said[2]
