"""The text of a theorem: what it says by hand, the same bytes again, and of what there is none."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from numerics.data import Data, read_data
from numerics.errors import InputError
from numerics.export import theorem_of
from numerics.export.corners import layout_of
from numerics.paths.certificate import read_exact_path
from support.certificates import Forge
from support.theorems import FORGES, SENDERS, X, Y, escape, exported, parallel, two_layer


def refused(folder: Path, forge: Forge) -> str:
    with pytest.raises(InputError) as caught:
        exported(folder, forge)
    return str(caught.value)


@pytest.mark.parametrize("name", FORGES)
def test_the_text_is_the_same_again_and_one_line_long_enough(tmp_path: Path, name: str) -> None:
    """ASCII, one theorem, one check, nothing but definitions before it."""
    place = exported(tmp_path, FORGES[name]())
    text = place.read_text(encoding="ascii")
    assert theorem_of(tmp_path / "path.cert", read_data(str(tmp_path / "data.npz"))) == text
    assert [text.count(word) for word in ("Theorem ", "Lemma ", "vm_cast_no_check")] == [1, 1, 1]
    assert not any(word in text for word in ("Axiom", "Admitted", "Parameter", "\nNotation"))


def test_by_hand(tmp_path: Path) -> None:
    """Two layers: the row that moved is the second of its slot, floats are integers over powers of two."""
    text = exported(tmp_path, two_layer()).read_text(encoding="ascii")
    assert "Definition corner_0 : corner := Corner [0;0;0;0]%nat V_0 A_0 [] U_0.\n" in text
    assert "Definition corner_1 : corner := Corner [0;0;1;0]%nat V_0 A_0 [] U_0.\n" in text
    assert "Definition rest : list (kind * corner) := [(Silent, corner_1); (Readout, corner_2)].\n" in text
    assert "Definition Y_rows_0 : list row := [\n[[2]];\n[];\n[[-1]]]%sint63.\n" in text
    assert "Definition Y : array := Array 2 1 (Y_rows_0).\n" in text
    level = max(two_layer().losses())
    assert f"Definition c : R := {level.numerator} / {level.denominator}.\n" in text


def test_a_depth_says_climb_and_gain(tmp_path: Path) -> None:
    forge = escape()
    text = exported(tmp_path, forge).read_text(encoding="ascii")
    first, last = forge.losses()[0], forge.losses()[-1]
    (gain,) = (line for line in text.splitlines() if line.startswith("Definition gain"))
    top, bottom = gain.removeprefix("Definition gain : R := ").removesuffix(".").split(" / ")
    assert Fraction(int(top), int(bottom)) == first - last > 0
    assert "(Senders, corner_2)" in text


def test_data_of_another_width_make_no_theorem(tmp_path: Path) -> None:
    """The lists would be read as if zeros stood where there is nothing."""
    exported(tmp_path, two_layer())
    with pytest.raises(InputError, match="has 2 inputs and 1 outputs, the data 1 and 1 columns: they must be equal"):
        layout_of(read_exact_path(tmp_path / "path.cert"), Data(X[:, :1], Y))


def test_of_these_there_is_no_theorem(tmp_path: Path) -> None:
    """One line that names the file, what it is and what to do."""
    residual = {"W": np.eye(2), "V": np.ones((1, 2)), "A": np.ones((1, 2)), "U": np.ones((2, 1))}
    line = [("readout", {"V": ("all", [[2.0, 0.0]])})]
    assert "a residual network: theorems are about" in refused(tmp_path, Forge("residual", 0, residual, X, Y, line))
    assert "is about the absolute loss" in refused(tmp_path, replace(parallel(), loss="absolute"))
    assert "renamed network" in refused(tmp_path, replace(parallel(), renamed={"W": [1, 0, 2, 3]}))
    general = replace(parallel(), segments=[("general", {"W": ("all", 2 * parallel().start["W"])})])
    assert "segment 0 is of kind general and moves W" in refused(tmp_path, general)
    moved = escape()
    moved.segments[SENDERS] = ("hidden", {"W": ("all", 2 * moved.start["W"])})
    assert "segment 1 is of kind hidden and moves W" in refused(tmp_path, moved)
    exported(tmp_path, parallel())
    with pytest.raises(InputError, match="is about other data than digits"):
        theorem_of(tmp_path / "path.cert", read_data("digits"))
