"""The built-in data against scikit-learn's own loaders."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits

from numerics.checker import builtin
from numerics.checker.errors import Unusable
from numerics.checker.inputs import read_data

BUDGET = 1 << 26


def test_digits_are_scikit_learns():
    data, theirs = read_data("digits", BUDGET), load_digits()
    assert np.array_equal(data.x, theirs.data / 16.0)
    assert np.array_equal(data.y, np.eye(10)[theirs.target])


def test_diabetes_is_scikit_learns_standardised():
    data, theirs = read_data("diabetes", BUDGET), load_diabetes(scaled=False)
    assert (data.x.shape, data.y.shape) == ((442, 10), (442, 1))
    # Standardised twice by formulas that differ in rounding: 442 terms, each within a few units of the last place.
    tolerance = 442 * np.finfo(float).eps
    centred = theirs.data - theirs.data.mean(axis=0)
    np.testing.assert_allclose(data.x, centred / centred.std(axis=0), rtol=0, atol=10 * tolerance)
    target = theirs.target - theirs.target.mean()
    np.testing.assert_allclose(data.y[:, 0], target / target.std(), rtol=0, atol=10 * tolerance)


def test_without_scikit_learn_one_line_says_so(monkeypatch):
    monkeypatch.setattr(builtin.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Unusable, match="pip install scikit-learn"):
        read_data("digits", BUDGET)


def test_damaged_files_of_scikit_learn_are_reported(monkeypatch, tmp_path):
    monkeypatch.setattr(builtin, "_data_folder", lambda name: tmp_path)
    with pytest.raises(Unusable, match="reinstall"):
        read_data("diabetes", BUDGET)
    (tmp_path / "digits.csv.gz").write_bytes(b"not gzip")
    with pytest.raises(Unusable, match="reinstall"):
        read_data("digits", BUDGET)
