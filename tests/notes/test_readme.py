"""The README is short, promises nothing that is not there, and its commands and its Python run as they are printed."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from numerics.cli import app, common
from numerics.common.wrapping import COLUMNS
from support.command_line import skipscape
from support.example_files import write_examples

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text()
USAGE = (ROOT / "proofs_notes" / "usage.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}


def test_it_is_one_page() -> None:
    """At most 150 lines, none longer than 140 characters."""
    lines = TEXT.splitlines()
    assert len(lines) <= 150
    assert max(map(len, lines)) <= 140


@pytest.mark.parametrize("text", [TEXT, USAGE], ids=["README", "usage"])
def test_every_command_it_names_exists_and_every_command_is_named(text: str) -> None:
    """In tables, sentences and examples."""
    named = set(re.findall(r"(?:\$ |`)skipscape (\w+)", text))
    assert named == COMMANDS


def test_every_option_it_names_exists() -> None:
    """Those of the commands that it shows, and of usage's table."""
    for text in (TEXT, USAGE):
        for command, rest in re.findall(r"(?:\$ |`)skipscape (\w+)([^`\n]*)", text):
            known = skipscape(command, "--help").out
            assert all(re.search(rf"{option}\b", known) for option in re.findall(r"--[a-z-]+", rest)), (command, rest)


def test_every_file_it_links_to_exists() -> None:
    """Links that are no web addresses."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if not link.startswith("http")]
    assert links
    assert all((ROOT / link).exists() for link in links)


@pytest.mark.usefixtures("checker_nearby")
def test_its_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, in one folder, on tiny files under their names; what is printed has the lines that are shown.

    But for the demo, which `tests/studies/test_demo.py` runs as it stands here, and whose tables it compares.
    """
    torch = pytest.importorskip("torch")
    write_examples(tmp_path)
    for seed in (0, 1):
        torch.manual_seed(seed)
        linear = torch.nn.Linear
        chain = torch.nn.Sequential(linear(64, 4), torch.nn.ReLU(), linear(4, 4), torch.nn.ReLU(), linear(4, 10))
        torch.save(chain.state_dict(), tmp_path / f"mlp{seed}.pt")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(common.out, "width", COLUMNS)  # pytest-xdist tells its workers another one
    lines = [
        line for _, block in BLOCKS for line in re.findall(r"^\$ (skipscape (?!demo )[^#\n]*)", block, re.MULTILINE)
    ]
    assert len(lines) >= 4
    printed = []
    for line in lines:
        ran = skipscape(*shlex.split(line)[1:])
        assert ran.status == 0, (line, ran)
        printed.append(ran.out)
    shown = next(block for _, block in BLOCKS if block.startswith("A.safetensors -> B.safetensors"))
    here = printed[[line.split()[1] for line in lines].index("connect")]
    labels = [re.findall(r"^(?:PROVED:|[a-z]+ ?[a-z]*(?=  ))", text, re.MULTILINE) for text in (shown, here)]
    assert labels[0] == labels[1]


def test_its_python_prints_what_it_shows() -> None:
    """Character by character: everything in it is exact."""
    ((at, code),) = [(k, block) for k, (language, block) in enumerate(BLOCKS) if language == "python"]
    page = io.StringIO()
    with contextlib.redirect_stdout(page):
        exec(compile(code, "README.md", "exec"), {})
    assert page.getvalue() == BLOCKS[at + 1][1]


def test_nothing_is_attributed_to_the_paper_that_its_abstract_does_not_say() -> None:
    """No 'the paper proves'; the abstract's claim is called a claim."""
    texts = [TEXT, *(path.read_text() for folder in ("theory", "numerics") for path in (ROOT / folder).rglob("*.py"))]
    assert not any(re.search(r"the paper (proves|shows|asks)", text, re.IGNORECASE) for text in texts)
