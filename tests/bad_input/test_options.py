"""Options: numbers that are none, names that nothing has, commands without their words."""

import pytest

from support.broken_inputs import NET, connect_arguments, depth_arguments, npz, require_refused
from support.command_line import skipscape

NUMBERS = ["nan", "inf", "-inf", "-1", "1e999999999", "1e-999999999", "1/0", "", " ", "abc", "1/2/3", "1e", "[red]"]
NUMBERS += ["0x10", "1\n2", "1e99999999999999999999", "9" * 30_000]


@pytest.mark.parametrize("given", NUMBERS, ids=lambda given: repr(given[:24]))
def test_levels_and_times_that_are_no_numbers(folder, given):
    """`--level` of connect and check, `--at` of path: the option is named, in one line of ordinary length."""
    certificate = folder / "A.npz"
    for command, option in (
        ([*connect_arguments(folder), f"--level={given}"], "--level"),
        (["check", certificate, "--data", folder / "D.npz", f"--level={given}"], "--level"),
        (["path", certificate, f"--at={given}", "--out", folder / "new.npz"], "--at"),
    ):
        assert len(require_refused(folder, command, option)) < 1000


@pytest.mark.parametrize(
    "given",
    ["5", "1e3", " 3 ", "+4", "1000000/3", "1_000", "1e9999", "0." + "7" * 700, "1e19999", "1" + "0" * 5000, "٣"],
)
def test_a_level_means_the_same_to_finder_and_checker(folder, given):
    """Read by both or refused at once by its option's name, never refused by the checker after the search."""
    status, _, err = skipscape(*connect_arguments(folder), f"--level={given}")
    assert status in (0, 1) or (status == 2 and err.startswith("skipscape: --level")), err


@pytest.mark.parametrize("at", ["-0.1", "1.1", "2/1", "-1/3"])
def test_times_outside_the_path(folder, at):
    """Path times run from 0 to 1."""
    assert skipscape(*connect_arguments(folder))[0] == 0
    command = ["path", folder / "new.cert", f"--at={at}", "--out", folder / "new.npz"]
    require_refused(folder, command, "--at", "[0, 1]")


OPTIONS = {
    "memory 0": (["--memory", "0"], "--memory"),
    "memory negative": (["--memory", "-1"], "--memory"),
    "memory nan": (["--memory", "nan"], "--memory"),
    "memory infinite": (["--memory", "inf"], "--memory"),
    "memory beyond everything": (["--memory", "1e300"], "--memory"),
    "memory a word": (["--memory", "much"], "--memory"),
    "route unknown": (["--route", "foo"], "foo"),
    "route of a reference": (["--route", "pigeonhole"], "give one with --reference"),
    "route empty": (["--route", ""], "route"),
    "loss unknown": (["--loss", "logistic"], "logistic"),
    "refit without reference": (["--route", "refit"], "--reference"),
    "option unknown": (["--bogus"], "--bogus"),
}


@pytest.mark.parametrize("which", OPTIONS)
def test_options_of_connect(folder, which):
    """The option or its value is named."""
    options, word = OPTIONS[which]
    require_refused(folder, [*connect_arguments(folder), *options], word)


@pytest.mark.parametrize("memory", ["nan", "inf", "1e300", "0", "-1", "much"])
def test_memory_of_check(folder, memory):
    """A budget that is no number of bytes is refused, never a traceback."""
    require_refused(folder, ["check", folder / "A.npz", "--data", folder / "D.npz", "--memory", memory], "--memory")


PLAIN = {name: array for name, array in NET.items() if name != "V"} | {"class": "plain"}


def test_networks_without_a_skip_connection_are_no_matter_of_depth(folder):
    """A usable network of the data's sizes: the class and what takes it are named; connect wants two of one class."""
    (folder / "other.npz").write_bytes(npz(PLAIN))
    words = "certify and connect take it, depth takes two-layer, parallel, residual, stream, post"
    sentence = f"class plain has no skip connection, which is what depth is about: {words}"
    require_refused(folder, depth_arguments(folder, network="other.npz"), folder / "other.npz", sentence)
    for ends in ({"start": "other.npz"}, {"end": "other.npz"}):
        require_refused(folder, connect_arguments(folder, **ends), folder / "other.npz", "kind is")
    require_refused(folder, depth_arguments(folder, reference="other.npz"), "the reference is of class plain")


TRAINING = {
    "width 0": (["--width", "0"], "--width"),
    "width a word": (["--width", "x"], "--width"),
    "width beyond memory": (["--width", str(10**17)], "--width"),
    "width beyond 64 bits": (["--width", "9" * 20], "--width"),
    "branch 0": (["--branch", "0"], "branch"),
    "branch negative": (["--branch", "2,-1"], "branch"),
    "branch empty": (["--branch", ""], "branch"),
    "branch a word": (["--branch", "a"], "--branch"),
    "branch beyond 64 bits": (["--branch", "9" * 20], "branch"),
    "class unknown": (["--class", "foo"], "foo"),
    "no blocks": (["--class", "stream", "--blocks", "0"], "--blocks"),
    "blocks of another class": (["--class", "residual", "--blocks", "2"], "class residual with 2 blocks"),
    "steps negative": (["--steps", "-1"], "--steps"),
    "seed beyond 64 bits": (["--seed", "9" * 24], "seed"),
}


@pytest.mark.parametrize("which", TRAINING)
def test_options_of_train(folder, which):
    """The option or its value is named; nothing is written."""
    pytest.importorskip("torch")
    options, word = TRAINING[which]
    command = ["train", folder / "D.npz", "--width", "2", "--steps", "1", "--out", folder / "new.npz"]
    require_refused(folder, [*command, *options], word)


@pytest.mark.parametrize("words", [[], ["connect"], ["connect", "A.npz"], ["nothing"], ["check"], ["path", "x.cert"]])
def test_incomplete_commands(folder, words):
    """One line that points to --help."""
    require_refused(folder, words, "--help")
