"""Copies of the Coq sources, for tests that spoil them."""

import shutil
from pathlib import Path

import pytest

from support.coq_sources import FORMAL

LEFT_BEHIND = ("*.vok", "*.vos", "*.glob", "*.aux", "__pycache__")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources, golden files and scripts."""
    ignored = shutil.ignore_patterns(*LEFT_BEHIND, "*.vo", ".stamps.json")
    return Path(shutil.copytree(FORMAL, tmp_path / "formal", ignore=ignored))


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    """The same, and what is compiled already."""
    return Path(shutil.copytree(FORMAL, tmp_path / "formal", ignore=shutil.ignore_patterns(*LEFT_BEHIND)))
