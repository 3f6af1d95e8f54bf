"""Files of data: every number exactly, labels as one-hot targets."""

import numpy as np
import pytest

from numerics.data import read_data

FLOATS = [np.float16, np.float32, np.float64]


@pytest.mark.parametrize("dtype", [*FLOATS, np.int8, np.int64, np.uint16])
def test_data_of_every_type_are_read_exactly(tmp_path, dtype):
    """Small integers and floats of any width, as the float64 of the same value."""
    X, Y = np.arange(6).reshape(3, 2).astype(dtype), np.arange(3).reshape(3, 1).astype(dtype)
    np.savez(tmp_path / "data.npz", X=X, Y=Y)
    data = read_data(str(tmp_path / "data.npz"))
    assert data.X.tobytes() == X.astype(np.float64).tobytes()
    assert data.Y.tobytes() == Y.astype(np.float64).tobytes()


def test_labels_become_one_hot_targets(tmp_path):
    """Columns up to the largest label; a label that does not occur keeps its column of zeros."""
    np.savez(tmp_path / "data.npz", X=np.ones((3, 1)), labels=np.array([3, 0, 1]))
    assert read_data(str(tmp_path / "data.npz")).Y.tolist() == [[0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]]
