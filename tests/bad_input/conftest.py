"""The files that the tests spoil, and the checker in this process."""

import pytest

from support.broken_inputs import NET, OTHER, POINTS, REFERENCE, npz


@pytest.fixture
def folder(tmp_path):
    """Two networks, a reference, data and a certificate between the networks."""
    for name, arrays in {"A": NET, "B": OTHER, "R": REFERENCE, "D": POINTS}.items():
        (tmp_path / f"{name}.npz").write_bytes(npz(arrays))
    return tmp_path


@pytest.fixture(autouse=True)
def near(checker_nearby):
    """For speed."""
