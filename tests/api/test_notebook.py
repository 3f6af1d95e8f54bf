"""The notebook runs from top to bottom, as it stands: two torch modules, a checked certificate, a picture."""

from __future__ import annotations

import ast
import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "proofs_notes" / "torch.ipynb"


def run(source: str, names: dict[str, Any]) -> tuple[str, Any]:
    """What a cell prints, and the value of its last line, which a notebook shows."""
    body = ast.parse(source).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(ast.Module(body, []), str(NOTEBOOK), "exec"), names)
        value = None if last is None else eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names)
    return printed.getvalue(), value


def test_the_notebook_runs(checker_nearby: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PROVED by the checker, with barrier 0; the picture is a figure; what is stored holds no output of anybody's."""
    pytest.importorskip("torch")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    document = json.loads(NOTEBOOK.read_text())
    assert (document["nbformat"], document["nbformat_minor"]) == (4, 5)
    cells = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    names: dict[str, Any] = {}
    said, shown = [], None
    for cell in cells:
        printed, shown = run("".join(cell["source"]), names)
        said.append(printed)
    text = "".join(said)
    assert names["r"].verdict == "PROVED"
    assert names["r"].barrier.exact == 0
    assert names["answer"].verdict == "PROVED"
    assert "PROVED: cross-entropy loss <= " in text
    assert float(names["r"].straight_line.lower) > 1.2 * float(names["r"].maximum)
    assert shown.axes
    assert len(list(tmp_path.rglob("path.cert"))) == 1
