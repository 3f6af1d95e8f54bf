"""The README does not promise what is not there."""

import re
from pathlib import Path

from numerics.cli import app

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text()


def test_every_command_it_names_exists_and_every_command_is_named() -> None:
    """In the table and in the examples."""
    named = set(re.findall(r"skipscape (\w+)", TEXT))
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert known <= named
    assert {word for word in named if word not in ("turns",)} <= known


def test_every_file_it_links_to_exists() -> None:
    """Links that are no web addresses."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if not link.startswith("http")]
    assert links
    assert all((ROOT / link).exists() for link in links)


def test_nothing_is_attributed_to_the_paper_that_its_abstract_does_not_say() -> None:
    """No 'the paper proves'; the abstract's claim is called a claim."""
    texts = [TEXT, *(path.read_text() for folder in ("theory", "numerics") for path in (ROOT / folder).rglob("*.py"))]
    assert not any(re.search(r"the paper (proves|shows)", text, re.IGNORECASE) for text in texts)
