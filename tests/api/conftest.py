"""What the tests of the Python face ask with, and where temporary files go."""

from pathlib import Path

import pytest

from support.by_hand import Pair, pair_by_hand


@pytest.fixture
def pair() -> Pair:
    """Two networks whose neurons are swapped; their loss is 1/2, and so is a path's."""
    return pair_by_hand()


@pytest.fixture
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder
