"""`skipscape export`: a theorem written and read back, the page beside it, and one line where there is none."""

from pathlib import Path

import pytest

from numerics.export import README
from support.certificates import write_network
from support.command_line import Ran, skipscape
from support.theorems import parallel


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate, its data, its start; the folder is the working one."""
    forge = parallel()
    forge.write(tmp_path / "path.cert")
    forge.write_data(tmp_path / "data.npz")
    for name, corner in (("A", 0), ("B", -1)):
        write_network(tmp_path / f"{name}.npz", forge.kind, forge.bias, forge.corners()[corner])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def export(*options: object) -> Ran:
    return skipscape("export", "path.cert", "--data", "data.npz", *options)


def test_written_and_read_back(folder: Path) -> None:
    """The page beside it is written once; nothing else is, and nothing is overwritten."""
    ran = export("--coq", "Path.v")
    assert ran.status == 0
    assert "nothing is proved until Coq has compiled it" in ran.joined
    assert (folder / "README.txt").read_text(encoding="ascii") == README
    assert export("--coq", "Other.v", "--json").json["about"] == "README.txt"
    assert (folder / "Other.v").read_bytes() == (folder / "Path.v").read_bytes()
    assert export("--coq", "Path.v").status == 2
    ran = export("--verify", "Path.v", "--start", "A.npz", "--end", "B.npz")
    assert ran.status == 0
    assert ran.out.startswith("Theorem path : exists g, ")
    assert "AGREES: " in ran.joined
    assert "note" not in ran.joined
    assert "note: no network was given" in export("--verify", "Path.v").joined


def test_another_page_of_that_name_stays(folder: Path) -> None:
    """And the theorem is not written either."""
    (folder / "README.txt").write_text("mine")
    ran = export("--coq", "Path.v")
    assert (ran.status, (folder / "README.txt").read_text()) == (2, "mine")
    assert "README.txt exists already" in ran.err
    assert not (folder / "Path.v").exists()


def test_a_difference_is_status_1(folder: Path) -> None:
    """One sentence says where, and what it is."""
    export("--coq", "Path.v")
    text = (folder / "Path.v").read_text(encoding="ascii")
    (folder / "Path.v").write_text(text.replace("[[2]]", "[[3]]", 1), encoding="ascii")
    ran = export("--verify", "Path.v")
    assert (ran.status, ran.joined.startswith("DIFFERS: Path.v: Y differs from the files in row 0")) == (1, True)
    answer = export("--verify", "Path.v", "--json").json
    assert (answer["agrees"], answer["refused"]) == (False, "Y differs from the files in row 0, entry 0")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "export takes one of --coq, which writes a theorem, and --verify"),
        (("--coq", "a.v", "--verify", "a.v"), "export takes one of --coq"),
        (("--coq", "1-a.v"), "Coq's files have names of letters"),
        (("--coq", "path.txt"), "Coq's files have names of letters"),
        (("--coq", "a.v", "--start", "A.npz"), "--start and --end go with --verify"),
        (("--verify", "none.v"), "none.v: no such file"),
    ],
)
def test_unusable_options_are_one_line(folder: Path, options: tuple[str, ...], words: str) -> None:
    ran = export(*options)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert words in ran.err
    assert not list(folder.glob("*.v"))
