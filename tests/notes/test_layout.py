"""tests/README.md says where every test and every shared module is, and nothing lies outside."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PAGE = (TESTS / "README.md").read_text(encoding="utf-8")
TABLED = {name for row in re.findall(r"^\| (`.*?) \|", PAGE, re.M) for name in re.findall(r"`(\w+)/?`", row)}
ABSENT = {
    name for line in re.findall(r"^Rooms without a folder: .*", PAGE, re.M) for name in re.findall(r"`(\w+)`", line)
}


def folders(place: Path) -> set[str]:
    return {path.name for path in place.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}


def test_every_folder_and_shared_module_stands_in_the_page() -> None:
    """And what stands there exists."""
    tested = {name for name in folders(TESTS) if any((TESTS / name).rglob("*.py"))} - {"support"}
    shared = {path.stem for path in (TESTS / "support").glob("*.py")} - {"__init__"}
    assert tested | shared | {"second_checker"} == TABLED


def test_every_room_has_its_folder() -> None:
    """Or is said to have none."""
    room = TESTS.parent / "numerics"
    rooms = {name for name in folders(room) if (room / name / "__init__.py").exists()}  # not what a move left behind
    assert rooms - folders(TESTS) == ABSENT


def test_nothing_lies_loose() -> None:
    """Helpers are in support/, tests in a folder."""
    assert {path.name for path in TESTS.glob("*.py")} == {"conftest.py"}
