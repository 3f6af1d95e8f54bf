"""An exported theorem read back: every literal and every letter of the statement is compared with the files."""

import re
from pathlib import Path

import pytest

from numerics.checker.errors import Refused
from numerics.checker.theorem import verify
from support.certificates import write_network
from support.theorems import FORGES, exported, parallel


def read_back(folder: Path, **ends: Path) -> int:
    return verify(folder / "Theorem.v", folder / "path.cert", str(folder / "data.npz"), **ends).entries


@pytest.mark.parametrize("name", FORGES)
def test_what_was_written_agrees(tmp_path: Path, name: str) -> None:
    """With the networks too, and all of X, Y and the start are among what was compared."""
    forge = FORGES[name]()
    exported(tmp_path, forge)
    corners = forge.corners()
    start, end = (write_network(tmp_path / f"{k}.npz", forge.kind, forge.bias, corners[k]) for k in (0, -1))
    entries = sum(array.size for array in forge.start.values())
    assert read_back(tmp_path, start=start, end=end) >= forge.x.size + forge.y.size + entries


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        # a target of the data; a weight of the start in its last place; a row that another neuron has
        (r"(Y_rows_0 : list row := \[\n\[\[)2", r"\g<1>3", "Y differs from the files in row 0, entry 0"),
        (r"(V_0_rows_0 : list row := \[\n\[\[)1", r"\g<1>2", "V_0, which corner 0 has, differs from the files"),
        (r"(corner_2 : corner := Corner )\[0;0;1;1\]", r"\g<1>[0;0;1;0]", "W_0, which corner 2 has, differs"),
        (r"(W_0 : array := Array \d+ )(\d+)", r"\g<1>9", "W_0, which corner 0 has, differs"),
        # the level, the statement, the loss, what is proved of what
        (r"(Definition c : R := )(\d)", r"\g<1>1\g<2>", "the text is not the one"),
        (r"forall t, 0 <= t <= 1 -> Loss \(g t\) <= c", "Loss (g 0) <= c", "the text is not the one"),
        (r"squared the_data \(parallel", "squared the_data (plain", "the text is not the one"),
        (r"data_of 3 3 1 X Y", "data_of 2 3 1 X Y", "the text is not the one"),
        # a corner or a segment less; a second definition; something before and behind
        (r"Definition corner_3 .*\n", "", "corner_4 stands where corner_3 has to"),
        (r"; \(Readout, corner_4\)", "", "the text is not the one"),
        (r"\nDefinition the_data", "\nDefinition X := Y.\nDefinition the_data", "the text is not the one"),
        (r"(Definition X : array.*\n)", r"\g<1>\g<1>", "the array X is out of turn"),
        (r"^From", "Axiom easy : False.\nFrom", "the text is not the one"),
        (r"\Z", "Print path.\n", "the text goes on after the theorem"),
        (r"\[\[2\]\]", "[[2] ]", "a row above is not as it would be written"),
    ],
)
def test_whatever_is_changed_is_found(tmp_path: Path, old: str, new: str, reason: str) -> None:
    """Beside its true twin above. The certificate is whole, and only the text is another."""
    place = exported(tmp_path, parallel())
    text = place.read_text(encoding="ascii")
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    place.write_text(changed, encoding="ascii")
    with pytest.raises(Refused, match=re.escape(reason)):
        read_back(tmp_path)


def test_other_networks_and_certificates_are_refused(tmp_path: Path) -> None:
    """A start that is not A, and a certificate of another path."""
    exported(tmp_path, parallel())
    start = write_network(tmp_path / "A.npz", "parallel", 1, parallel().corners()[1])
    with pytest.raises(Refused, match="start"):
        read_back(tmp_path, start=start)
    other = parallel()
    other.start["V"] = other.start["V"] + 1.0
    other.write(tmp_path / "path.cert")
    with pytest.raises(Refused, match="V_0, which corner 0 has, differs from the files in row 0, entry 0"):
        read_back(tmp_path)
