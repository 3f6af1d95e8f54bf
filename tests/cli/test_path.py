"""path: the networks of a certified path, bit for bit at its ends."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from support.command_cases import fraction, loss_of, parameters, stored
from support.command_line import skipscape


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_path_returns_the_ends_bit_for_bit(case, tmp_path, suffix):
    """At 0 and 1, in both formats; `exact` says so."""
    for at, end in (("0", "A.npz"), ("1", "B.npz")):
        out = tmp_path / f"end{at}{suffix}"
        ran = skipscape("path", case / "connect.cert", "--at", at, "--out", out, "--json")
        assert ran.status == 0
        assert ran.json["exact"] is True
        got = load_file(out) if suffix == ".safetensors" else parameters(out)
        expected = parameters(case / end)
        assert got.keys() == expected.keys()
        assert all(got[name].tobytes() == expected[name].tobytes() for name in expected)


def test_path_at_a_corner_between_segments_is_the_same_from_both_sides(case, tmp_path):
    """Segments share [0, 1] equally: at k/K the corner itself, whose loss is at most the maximum."""
    answer = stored(case, "connect.json")
    count = len(answer["segments"])
    assert count >= 2
    for k in range(count + 1):
        out = tmp_path / f"corner{k}.npz"
        ran = skipscape("path", case / "connect.cert", "--at", f"{k}/{count}", "--out", out, "--json")
        assert ran.json["exact"] is True
        assert ran.json["segment"] == min(k, count - 1)
        assert loss_of(out, case / "data.npz") <= fraction(answer["maximum"])


def test_path_between_corners_lies_on_the_line_and_below_the_maximum(case, tmp_path):
    """Halfway on the first segment: the mean of its corners, exactly, with a loss within the certified bound."""
    answer = stored(case, "connect.json")
    count = len(answer["segments"])
    files = [tmp_path / f"{k}.npz" for k in range(3)]
    for k, file in enumerate(files):
        ran = skipscape("path", case / "connect.cert", "--at", f"{k}/{2 * count}", "--out", file, "--json")
    assert ran.status == 0
    first, middle, last = map(parameters, files)
    for name in first:
        assert np.array_equal(middle[name] * 2, first[name] + last[name])
    assert any((middle[name] != first[name]).any() for name in first)
    assert loss_of(files[1], case / "data.npz") <= fraction(answer["maximum"])
