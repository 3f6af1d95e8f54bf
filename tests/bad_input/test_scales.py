"""Finite numbers of any size are answered exactly, or refused by the memory budget."""

import json

import numpy as np
import pytest

from numerics.common import pulse
from numerics.errors import InputError
from numerics.plots import canvas
from support.broken_inputs import (
    NET,
    POINTS,
    U,
    V,
    W,
    changed,
    connect_arguments,
    depth_arguments,
    npz,
    require_refused,
    spoilt,
)
from support.command_line import joined, skipscape

SCALES = {
    "weights of all sizes": ("A", {"W": np.where(W > 0, 1e300, 5e-324)}),
    "weights of all sizes throughout": ("A", {"W": np.where(W > 0, 1e308, 5e-324), "V": V * 1e300, "U": U * 5e-324}),
    "weights too large for float64's squares": ("A", {"V": V * 1e200, "U": U * 1e200}),
    "subnormal weights": ("A", {"W": W * 5e-324}),
    "inputs of 1e300": ("D", {"X": POINTS["X"] * 1e300}),
    "subnormal inputs": ("D", {"X": POINTS["X"] * 1e-320}),
    "targets of 1e200": ("D", {"Y": POINTS["Y"] * 1e200}),
    "targets at the end of float64": ("D", {"Y": np.where(POINTS["Y"] > 0, 1.7e308, -1.7e308)}),
    "one large target": ("D", {"Y": spoilt(1e300, POINTS["Y"])}),
    "targets and inputs of 1e155": ("D", {"X": POINTS["X"] * 1e155, "Y": POINTS["Y"] * 1e155}),
}

LONGEST = ("weights of all sizes throughout", "connect")  # a third of all twenty; `depth` stays


@pytest.mark.parametrize(
    ("which", "question"),
    [
        pytest.param(which, question, marks=[pytest.mark.slow] * ((which, question) == LONGEST))
        for which in SCALES
        for question in ("connect", "depth")
    ],
)
def test_weights_and_data_of_any_exponent(folder, monkeypatch, which, question):
    """Finite numbers are answered exactly or refused by the memory budget; a search that overflows is no error."""
    monkeypatch.setattr(pulse, "PERIOD", 1e6)  # however slow the machine: nothing but errors on standard error
    place, changes = SCALES[which]
    (folder / f"{place}.npz").write_bytes(npz(changed({"A": NET, "D": POINTS}[place], changes)))
    status, out, err = skipscape(*(connect_arguments if question == "connect" else depth_arguments)(folder), "--json")
    if status == 2:
        assert "--memory" in err, err
    else:
        answer = json.loads(out)
        assert answer["refused"] is None
        assert answer["verdict"] in (["PROVED"] if question == "connect" else ["PROVED", "UNDECIDED"])
        assert err == ""


def test_a_budget_that_is_too_small_says_what_was_needed(folder):
    """One line with both sizes, different in print, and the option that raises the budget."""
    draw, m = np.random.default_rng(3), 3000
    sizes = 10.0 ** draw.integers(-300, 300, (m, 3))
    wide = {"class": "parallel", "bias": 1, "W": draw.standard_normal((m, 3)) * sizes, "V": np.ones((2, m))}
    wide |= {"A": np.ones((2, m)), "U": np.ones((2, 2))}
    (folder / "A.npz").write_bytes(npz(wide))
    (folder / "B.npz").write_bytes(npz(wide | {"V": -wide["V"]}))
    err = require_refused(folder, [*connect_arguments(folder), "--route", "zero", "--memory", "0.001"], "--memory")
    assert "0.0 GiB" not in err


def test_losses_beyond_float64_are_drawn_by_their_decades(folder):
    """The claim is proved and said; the samples, which overflow, are null in JSON; the picture is there."""
    (folder / "A.npz").write_bytes(npz(NET | {"W": W * 1e300}))
    command = ["certify", folder / "A.npz", folder / "B.npz", "--data", folder / "D.npz", "--samples"]
    status, out, err = skipscape(*command, "--plot", folder / "p.png", "--json")
    answer = json.loads(out, parse_constant=pytest.fail)
    assert (status, answer["verdict"], err) == (0, "PROVED", "")
    assert answer["samples"]["largest"] is None
    assert answer["notes"] == []
    assert (folder / "p.png").read_bytes().startswith(b"\x89PNG")
    assert "samples a segment overflow" in skipscape(*command)[1]


def test_a_picture_that_cannot_be_written_is_said(folder, monkeypatch):
    """A disk that is full at that moment costs neither verdict nor exit status; the note has the reason."""

    def full(path, content, *, force):
        raise InputError(f"{path} cannot be written (No space left on device): choose another place")

    monkeypatch.setattr(canvas, "write_atomically", full)
    command = ["certify", folder / "A.npz", folder / "B.npz", "--data", folder / "D.npz", "--plot", folder / "p.png"]
    status, out, err = skipscape(*command, "--out", folder / "c.cert")
    assert (status, err) == (0, "")
    assert "PROVED: loss <= " in out
    assert "note: no picture was written: " in joined(out)
    assert "No space left" in joined(out)
    assert (folder / "c.cert").exists()
    assert not (folder / "p.png").exists()
