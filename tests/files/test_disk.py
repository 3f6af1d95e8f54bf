"""Bytes on disk: writes that are whole or absent, reads of bounded size."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save as save_tensors

import numerics
from numerics.errors import InputError
from numerics.files import read_bounded, require_writable, write_atomically


def save(path, named, kind="parallel", bias="1"):
    if path.suffix == ".safetensors":
        path.write_bytes(save_tensors(dict(named), metadata={"class": kind, "bias": bias}))
    else:
        np.savez(path, **{"class": np.array(kind), "bias": np.array(int(bias))}, **named)
    return path


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("force", [False, True])
def test_a_write_is_the_whole_content_under_the_one_name(tmp_path, force):
    """With the rights that the umask leaves to any new file."""
    path = tmp_path / "out.bin"
    write_atomically(path, b"new", force=force)
    (tmp_path / "touched").touch()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "touched").stat().st_mode)
    assert leftovers(tmp_path) == ["out.bin", "touched"]


def test_an_existing_file_is_replaced_only_with_force(tmp_path):
    """Also an empty one, and one behind a link."""
    path, link = tmp_path / "out.bin", tmp_path / "link"
    path.touch()
    link.symlink_to(path)
    for place in (path, link):
        with pytest.raises(InputError, match="--force"):
            write_atomically(place, b"new", force=False)
        with pytest.raises(InputError, match="--force"):
            require_writable(place, force=False)
    assert path.read_bytes() == b""
    write_atomically(path, b"new", force=True)
    assert path.read_bytes() == b"new"
    assert leftovers(tmp_path) == ["link", "out.bin"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path, monkeypatch):
    """Somebody else's file, created after the first look and before the last step, stays."""
    path = tmp_path / "out.bin"
    monkeypatch.setattr(os, "fsync", lambda handle: path.write_bytes(b"theirs"))
    with pytest.raises(InputError, match="exists already"):
        write_atomically(path, b"new", force=False)
    assert path.read_bytes() == b"theirs"
    assert leftovers(tmp_path) == ["out.bin"]


@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize("step", ["fsync", "open", "replace", "fdopen"])
def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch, step, old):
    """A full disk at any step: the reason in one line, the old file or none, nothing temporary."""
    path = tmp_path / "out.bin"
    if old is not None:
        path.write_bytes(old)

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(InputError, match="No space left") as caught:
        write_atomically(path, b"new", force=True)
    monkeypatch.undo()
    assert str(path) in str(caught.value)
    assert leftovers(tmp_path) == ([] if old is None else ["out.bin"])
    assert old is None or path.read_bytes() == old


def test_a_file_system_without_hard_links_is_written_to(tmp_path, monkeypatch):
    """FAT, exFAT and some network shares answer EPERM to a hard link; a new file can be written there all the same."""

    def no_links(*arguments, **options):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    write_atomically(tmp_path / "out.bin", b"new", force=False)
    assert (tmp_path / "out.bin").read_bytes() == b"new"
    assert leftovers(tmp_path) == ["out.bin"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, MemoryError])
def test_a_write_that_is_interrupted_leaves_what_was_there(tmp_path, monkeypatch, interruption):
    """The exception goes on; the old file is whole and nothing temporary stays."""
    path = tmp_path / "out.bin"
    path.write_bytes(b"old")

    def interrupted(handle):
        raise interruption

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(interruption):
        write_atomically(path, b"new", force=True)
    assert path.read_bytes() == b"old"
    assert leftovers(tmp_path) == ["out.bin"]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_told_to_stop_while_writing_leaves_nothing(tmp_path, sent):
    """SIGINT and SIGTERM between the temporary file and its final name."""
    certificate = tmp_path / "in" / "path.cert"
    certificate.parent.mkdir()
    for name, shift in (("A", 0.0), ("B", 1.0)):
        W = np.arange(6.0).reshape(3, 2) - shift
        save(certificate.with_name(f"{name}.npz"), {"W": W, "V": np.ones((1, 3)) * shift}, "two-layer")
    np.savez(certificate.with_name("D.npz"), X=np.ones((2, 1)), Y=np.ones((2, 1)))
    out = tmp_path / "out"
    out.mkdir()
    program = "import os, sys\nfrom numerics import cli\nwords = sys.argv\n"
    program += "sys.argv = ['skipscape', 'connect', 'A.npz', 'B.npz', '--data', 'D.npz', '--out', 'path.cert']\n"
    program += "assert cli.exit_status() == 0\n"
    program += "os.fsync = lambda handle: os.kill(os.getpid(), int(words[1]))\n"
    program += "sys.argv = ['skipscape', 'path', 'path.cert', '--at', '1/2', '--out', words[2]]\n"
    program += "cli.main()\n"
    command = [sys.executable, "-c", program, str(int(sent)), str(out / "net.npz")]
    env = {**os.environ, "PYTHONPATH": str(Path(numerics.__file__).parents[1])}
    done = subprocess.run(command, cwd=certificate.parent, env=env, capture_output=True, timeout=60, check=False)
    assert certificate.exists(), done.stderr
    assert done.returncode != 0
    assert b"Traceback" not in done.stderr
    assert leftovers(out) == []


@pytest.mark.parametrize("place", ["folder", "nowhere/out.bin", "file/out.bin", "x" * 300])
def test_places_that_cannot_be_written_to_are_refused_early(tmp_path, place):
    """Before the work and by the write itself, as an InputError that names the place."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    shown = place.split("/")[0]
    for force in (False, True):
        with pytest.raises(InputError, match=shown):
            require_writable(tmp_path / place, force=force)
        with pytest.raises(InputError, match=shown):
            write_atomically(tmp_path / place, b"new", force=force)
    assert leftovers(tmp_path) == ["file", "folder"]


@pytest.mark.parametrize("length", [1, 200, 240, 255])
def test_every_name_that_the_file_system_takes_can_be_written(tmp_path, length):
    """The temporary name is not longer than the final one may be."""
    path = tmp_path / ("x" * length)
    write_atomically(path, b"new", force=False)
    assert leftovers(tmp_path) == [path.name]


def test_a_draft_that_cannot_be_written_is_one_line(tmp_path, monkeypatch):
    """A full folder for temporary files ends connect with an InputError, and no certificate is left."""
    from numerics.questions.connect import connect
    from numerics.questions.request import Request

    for name, shift in (("A", 0.0), ("B", 1.0)):
        W = np.arange(6.0).reshape(3, 2) - shift
        save(tmp_path / f"{name}.npz", {"W": W, "V": np.ones((1, 3)) * shift}, "two-layer")
    np.savez(tmp_path / "D.npz", X=np.ones((2, 1)), Y=np.ones((2, 1)))

    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    request = Request.read(str(tmp_path / "D.npz"), tmp_path / "A.npz", tmp_path / "B.npz")
    with pytest.raises(InputError, match="No space left"):
        connect(request)
    assert not (tmp_path / "path.cert").exists()


def test_only_ordinary_files_of_bounded_size_are_read(tmp_path, monkeypatch):
    """A folder, nothing, and a file above the limit are refused by name."""
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_bounded(path, "a test") == b"12345"
    for place in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InputError, match=place.name):
            read_bounded(place, "a test")
    monkeypatch.setattr("numerics.files.disk.LARGEST", 4)
    with pytest.raises(InputError, match="larger than"):
        read_bounded(path, "a test")
