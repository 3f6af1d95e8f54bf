"""Names that lead to no file, to no ordinary file, or to a place where nothing can be written."""

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

import numerics
from support.broken_inputs import connect_arguments, depth_arguments, require_refused
from support.command_line import skipscape

PLACES = ["missing.npz", "folder.npz", "folder.npz/missing.npz", "A.npz/inside.npz", "dangling.npz", "loop.npz"]
PLACES += ["x" * 300 + ".npz", "new\nline.npz", "[/red].npz"]


@pytest.mark.parametrize("place", PLACES)
def test_places_that_hold_no_file(folder, place):
    """Missing, a folder, behind a dead or circular link, a name too long, a name of two lines."""
    (folder / "folder.npz").mkdir()
    (folder / "dangling.npz").symlink_to("nowhere")
    (folder / "loop.npz").symlink_to("loop.npz")
    shown = str(folder / place).replace("\n", "\\n")
    for command in (
        connect_arguments(folder, start=place),
        connect_arguments(folder, data=place),
        depth_arguments(folder, reference=place),
        ["path", folder / place, "--at", "0", "--out", folder / "new.npz"],
        ["check", folder / place, "--data", folder / "D.npz"],
        ["check", folder / "A.npz", "--data", folder / place],
    ):
        require_refused(folder, command, shown)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("place", ["pipe.npz", "pipe.safetensors", "/dev/zero"])
def test_pipes_and_devices_are_not_read(folder, place):
    """A pipe that nobody writes to and a device without an end are refused at once."""
    if not place.startswith("/"):
        os.mkfifo(folder / place)
    program = "import sys\nfrom numerics import cli\nstart, end, data, place = sys.argv[1:]\nstatuses = []\n"
    program += "for command in (['connect', place, end, '--data', data], ['connect', start, end, '--data', place],\n"
    program += (
        "                ['path', place, '--at', '0', '--out', 'never.npz'], ['check', place, '--data', data]):\n"
    )
    program += "    sys.argv = ['skipscape', *command]\n    statuses.append(cli.exit_status())\nprint(statuses)\n"
    files = [str(folder / f"{name}.npz") for name in "ABD"]
    env = {**os.environ, "PYTHONPATH": str(Path(numerics.__file__).parents[1])}
    command = [sys.executable, "-c", program, *files, str(folder / place)]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "[2, 2, 2, 2]\n"
    assert len(done.stderr.splitlines()) == 4
    assert all(place in line for line in done.stderr.splitlines())


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="everything is readable for root")
def test_unreadable_files(folder):
    """A file without permission to read is named with the reason."""
    (folder / "A.npz").chmod(0)
    status, out, err = skipscape(*connect_arguments(folder))
    assert (status, out) == (2, "")
    assert "A.npz" in err


OUTPUTS = {
    "in no folder": ("nowhere/new.cert", "nowhere"),
    "a folder": ("folder", "folder"),
    "inside a file": ("A.npz/new.cert", "A.npz"),
    "a name too long": ("x" * 300, "x" * 300),
}


@pytest.mark.parametrize("which", OUTPUTS)
def test_outputs_that_cannot_be_written(folder, which):
    """Refused before the work, in the output's name, with and without --force."""
    (folder / "folder").mkdir()
    name, shown = OUTPUTS[which]
    ends = [folder / "A.npz", folder / "B.npz", "--data", folder / "D.npz"]
    for force in ([], ["--force"]):
        require_refused(folder, ["connect", *ends, "--out", folder / name, *force], shown)


def test_a_name_that_is_no_networks_is_refused_before_the_work(folder):
    """The ending decides the format; train refuses another one before it trains."""
    pytest.importorskip("torch")
    command = ["train", folder / "D.npz", "--width", 2, "--steps", 10**9, "--out", folder / "net.txt"]
    with patch("numerics.torch_bridge.train", side_effect=AssertionError("trained")):
        require_refused(folder, command, "net.txt", ".safetensors")
