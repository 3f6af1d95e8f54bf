"""A small honest path that every test may alter, and a way to check it."""

import numpy as np
import pytest

from numerics.checker import Report, check
from support.certificates import Forge


@pytest.fixture
def honest():
    """Three segments between two parallel networks: silence the branch, load two dead neurons, read them out."""
    return three_segments()


def three_segments() -> Forge:
    """Small integers and halves throughout, so every loss is a short dyadic number."""
    start = {
        "W": np.array([[1.0, 0.0, 0.5], [0.0, -1.0, 1.0], [2.0, 1.0, 0.0], [-1.0, 1.0, 0.0]]),
        "V": np.array([[1.0, -2.0, 0.0, 0.0]]),
        "A": np.array([[0.5, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, -1.0]]),
        "a": np.array([0.25, 0.0]),
        "B1": np.array([[1.0, -1.0]]),
        "U": np.array([[1.0]]),
        "c": np.array([0.5]),
    }
    segments = [
        ("readout", {"U": ("all", [[0.0]]), "c": ("all", [0.0])}),
        ("silent", {"W": ([2, 3], [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), "a": ("all", [7.0, -1.0])}),
        ("readout", {"V": ([0, 2, 3], [[0.5, 1.0, 0.25]])}),
    ]
    x = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 2.0]])
    y = np.array([[1.0], [0.0], [-0.5]])
    return Forge("parallel", 1, start, x, y, segments)


@pytest.fixture
def verify(tmp_path):
    """Write a forge (its document altered by `change`) and its data, and check them."""

    def run(forge: Forge, change=None, **options) -> Report:
        forge.write(tmp_path / "path.cert", change)
        forge.write_data(tmp_path / "data.npz")
        return check(tmp_path / "path.cert", str(tmp_path / "data.npz"), **options)

    return run


@pytest.fixture
def refused(verify):
    """Assert that a certificate is refused, for a reason containing `reason`."""

    def run(reason: str, forge: Forge, change=None, **options) -> None:
        report = verify(forge, change, **options)
        assert (report.verdict, report.exit_status) == ("UNDECIDED", 1)
        assert report.refused is not None
        assert reason in report.refused
        assert report.to_json()["maximum"] is None

    return run
