"""Outputs: whole or absent, never an input, and printed as they are named."""

import os

import pytest

from numerics.cli import common
from support.command_cases import connect_arguments, depth_arguments, parameters, require_one_line
from support.command_line import skipscape


def writers(case, out):
    yield [*connect_arguments(case), "--out", out]
    yield [*depth_arguments(case), "--out", out]
    yield ["path", case / "connect.cert", "--at", "1/3", "--out", out]
    yield ["train", case / "data.npz", "--width", 2, "--branch", "2", "--steps", 0, "--out", out]


@pytest.mark.parametrize("which", range(4))
def test_an_existing_output_is_replaced_only_with_force(case, tmp_path, which):
    """Without --force one line and the old bytes; with it the new file; nothing else in the folder."""
    if which == 3:
        pytest.importorskip("torch")
    out = tmp_path / "out.npz"
    out.write_bytes(b"old")
    command = list(writers(case, out))[which]
    require_one_line(skipscape(*command), out, "--force")
    assert out.read_bytes() == b"old"
    assert skipscape(*command, "--force").status == 0
    assert out.read_bytes() != b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.npz"]


@pytest.mark.parametrize("which", range(4))
def test_force_never_makes_an_input_the_output(case, tmp_path, which):
    """No input is ever modified: an output that is an input, by any spelling, is refused even with --force."""
    if which == 3:
        pytest.importorskip("torch")
    data = tmp_path / "data.npz"
    data.write_bytes((case / "data.npz").read_bytes())
    cert = tmp_path / "cert.npz"
    cert.write_bytes((case / "connect.cert").read_bytes())
    target = cert if which == 2 else data
    before = target.read_bytes()
    out = tmp_path / "." / ".." / tmp_path.name / target.name
    command = list(writers(case, out))[which]
    swapped = {case / "data.npz": data, case / "connect.cert": cert}
    ran = skipscape(*[swapped.get(word, word) for word in command], "--force")
    assert target.read_bytes() == before
    require_one_line(ran, target.name)


def test_force_replaces_a_link_and_not_what_it_points_to(case, tmp_path):
    """The file behind a symbolic link stays as it was."""
    behind, link = tmp_path / "behind.npz", tmp_path / "link.npz"
    behind.write_bytes(b"behind")
    link.symlink_to(behind)
    command = ["path", case / "connect.cert", "--at", "0", "--out", link]
    require_one_line(skipscape(*command), "link.npz")
    assert skipscape(*command, "--force").status == 0
    assert behind.read_bytes() == b"behind"
    assert parameters(link)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_ordinary_file_is_never_replaced(case, tmp_path):
    """A pipe (a device, a folder) stays what it is, with --force too; and a file is no folder to write into."""
    os.mkfifo(tmp_path / "pipe.cert")
    for options in ([], ["--force"]):
        ran = skipscape(*connect_arguments(case), "--out", tmp_path / "pipe.cert", *options)
        require_one_line(ran, "pipe.cert", "no ordinary file")
    assert (tmp_path / "pipe.cert").is_fifo()
    ran = skipscape(*connect_arguments(case), "--out", case / "data.npz" / "new.cert")
    require_one_line(ran, "data.npz is a file")


@pytest.mark.parametrize("name", ["with space.npz", "[red].npz", "[bold]x[red].npz", "ü.npz", "[x/y].npz", "[/y].npz"])
def test_names_are_printed_as_they_are(case, tmp_path, name):
    """Square brackets are no markup: data, network and certificate under that name work, and the name is shown."""
    for source, stem in (("A.npz", "net-"), ("data.npz", "data-")):
        file = tmp_path / (stem + name)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes((case / source).read_bytes())
    network, data = tmp_path / f"net-{name}", tmp_path / f"data-{name}"
    out = (tmp_path / f"cert-{name}").with_suffix(".cert")
    out.parent.mkdir(exist_ok=True)
    ran = skipscape("connect", network, case / "B.npz", "--data", data, "--out", out)
    assert (ran.status, ran.err) == (0, "")
    assert out.exists()
    together = ran.joined.replace("\n", "").replace(" ", "")
    for path in (network, data, out):
        assert str(path).replace(" ", "") in together
    assert skipscape("check", out, "--data", data, "--start", network).status == 0


@pytest.mark.parametrize("columns", [10, 40])
def test_narrow_terminals_get_the_whole_claim(case, monkeypatch, columns):
    """The claim is whole, on lines that fit; the JSON does not depend on the terminal."""
    monkeypatch.setattr(common, "out", type(common.out)(highlight=False, width=columns))
    command = ["check", case / "connect.cert", "--data", case / "data.npz"]
    ran = skipscape(*command)
    answer = skipscape(*command, "--json").json
    assert ran.status == 0
    assert f"PROVED: {answer['claim']}" in ran.joined.splitlines()
    assert all(len(line) <= columns for line in ran.out.splitlines())
