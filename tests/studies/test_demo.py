"""The main job, on networks so small that it takes a second."""

import io
import json
from pathlib import Path

import pytest

from numerics.common.speech import Speaker
from numerics.errors import InputError
from numerics.studies import demo

torch = pytest.importorskip("torch")


def test_the_main_job_prints_every_row_and_keeps_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row per width and level, none dropped; certificates, networks, data and pictures are there."""
    monkeypatch.setattr(demo, "QUICK", demo.Plan((8,), 3, 3))
    console = Speaker(width=200, record=True, file=io.StringIO())
    folder = tmp_path / "out"
    status = demo.run(folder, quick=True, as_json=False, force=False, out=console, err=console)
    document = json.loads((folder / "demo.json").read_text())
    text = console.export_text()
    assert [row["level"] for row in document["rows"]] == list(demo.LEVELS)
    proved = sum(row["connected"]["verdict"] == "PROVED" for row in document["rows"])
    assert proved == 3
    assert status == 0
    assert "3 of 3 connections proved" in text
    assert all(len(line) <= 100 for line in text.splitlines())
    for level in ("early", "middle", "well-trained"):
        assert (folder / f"connect-{level}-8.cert").exists()
        assert (folder / f"connect-{level}-8.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    with pytest.raises(InputError, match="not empty"):
        demo.run(folder, quick=True, as_json=False, force=False, out=console, err=console)
