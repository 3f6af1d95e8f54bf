"""What a question does to the process that asks it: nothing printed, nothing left, nothing changed, Ctrl-C obeyed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import flint
import pytest
from threadpoolctl import threadpool_info

import numerics
import skipscape as sk
from numerics.api import asking
from numerics.common import interrupts, pulse
from numerics.questions import checking, connect, finish, search
from numerics.routes.route import Route

SOURCES = str(Path(numerics.__file__).parents[1])


def test_nothing_is_printed_and_nothing_left(pair, drafts, capfd, tmp_path):
    """By any question, plot, save or check; temporary files are gone."""
    result = sk.connect(pair.a, pair.b, pair.data)
    result.save(tmp_path / "p.cert")
    result.plot()
    sk.check(tmp_path / "p.cert", pair.data, pair.a, pair.b)
    sk.certify(result.path, pair.data, samples=True).plot()
    better = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[0.75]]})
    sk.depth(pair.a, pair.data, better)
    assert capfd.readouterr() == ("", "")
    assert list(drafts.iterdir()) == []


def test_progress_goes_to_standard_error_when_it_is_asked_for(pair, capfd, monkeypatch):
    """And a function is told the stages, each with a share or None."""
    monkeypatch.setattr(pulse, "PERIOD", 0.001)
    sk.connect(pair.a, pair.b, pair.data, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "independent check of a path" in err
    told = []
    sk.connect(pair.a, pair.b, pair.data, progress=lambda stage, share: told.append((stage, share)))
    assert any("bridge" in stage for stage, _ in told)
    assert all(share is None or 0 <= share <= 1 for _, share in told)


STAGES = {
    "before the search": (connect.search, "connect"),
    "in the search": (Route, "joining"),
    "at the corners": (search, "lowest"),
    "in the check": (checking, "checked"),
    "at the straight line": (finish, "straight_line"),
    "at the bounds": (connect, "connect_bounds"),
}


@pytest.mark.usefixtures("checker_nearby")
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("stale", [0, 1])
def test_ctrl_c_is_raised_wherever_it_comes_and_leaves_nothing(pair, drafts, monkeypatch, stage, stale, capfd):
    """No answer, no file; the same question is answered afterwards. What a command noted before does not matter."""

    def interrupted(*given, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(interrupts._signals, "received", stale)
    with monkeypatch.context() as planted:
        planted.setattr(*STAGES[stage], interrupted)
        with pytest.raises(KeyboardInterrupt):
            sk.connect(pair.a, pair.b, pair.data)
    assert list(drafts.iterdir()) == []
    assert capfd.readouterr() == ("", "")
    again = sk.connect(pair.a, pair.b, pair.data)
    assert (again.verdict, again.notes) == ("PROVED", ())


def test_ctrl_c_in_certify_and_depth_is_raised_too(pair, drafts, monkeypatch):
    """Where the command line would print what it has."""

    def interrupted(*given, **options):
        raise KeyboardInterrupt

    better = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[0.75]]})
    monkeypatch.setattr(checking, "checked", interrupted)
    for ask in (lambda: sk.certify([pair.a, pair.b], pair.data), lambda: sk.depth(pair.a, pair.data, better)):
        with pytest.raises(KeyboardInterrupt):
            ask()
    assert list(drafts.iterdir()) == []


INTERRUPTED = """
import subprocess, sys
run = subprocess.run
def slow(command, **options):
    return run([sys.executable, "-c", "import time; time.sleep(60)", *command], **options)
import skipscape as sk
net = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]]})
data = sk.Data([[1.0]], [[2.0]])
subprocess.run = slow
try:
    sk.connect(net, net, data)
except KeyboardInterrupt:
    print("raised")
subprocess.run = run
print(sk.connect(net, net, data).verdict)
"""


def test_a_real_ctrl_c_ends_the_check_and_the_session_goes_on(tmp_path):
    """The signal comes while the checker runs: it is ended, the draft is gone, and the next question is answered."""
    environment = {**os.environ, "PYTHONPATH": SOURCES, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", INTERRUPTED]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True, start_new_session=True
    ) as running:
        try:
            deadline = time.monotonic() + 60
            while not list(tmp_path.glob("*/*.cert")) and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(0.3)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
        finally:
            running.kill()
    assert (out.split(), err, running.returncode) == (["raised", "PROVED"], "", 0)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):  # nobody of its session is left
        os.killpg(running.pid, 0)


def test_questions_of_several_threads_are_answered_one_after_another(pair, monkeypatch):
    """FLINT's precision and BLAS's threads belong to the process; each answer is right, both are as before."""
    precision, pools = flint.ctx.prec, threadpool_info()
    inside, most = [], []
    true = connect.search.connect

    def watched(*given, **options):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.02)
        answer = true(*given, **options)
        inside.pop()
        return answer

    monkeypatch.setattr(connect.search, "connect", watched)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(sk.connect(pair.a, pair.b, pair.data).document))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert len(answers) == 4
    assert len(set(answers)) == 1
    assert (flint.ctx.prec, threadpool_info()) == (precision, pools)


def test_a_question_may_be_asked_while_another_reports(pair):
    """A progress function that asks by itself does not wait for itself."""
    said = []
    sk.connect(pair.a, pair.b, pair.data, progress=lambda *_: said or said.append(sk.certify([pair.a] * 2, pair.data)))
    assert said[0].proved
    assert asking._alone.acquire(blocking=False)
    asking._alone.release()


def test_writing_asks_for_no_rights_of_the_whole_process(pair, tmp_path, monkeypatch):
    """The umask can only be read by changing it, and another thread may write just then."""
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("the umask was changed"))
    sk.connect(pair.a, pair.b, pair.data).save(tmp_path / "p.cert")
    assert [path.name for path in tmp_path.iterdir()] == ["p.cert"]


LAZY = """
import sys
import skipscape as sk
heavy = {"numpy", "scipy", "sympy", "matplotlib", "torch", "hypothesis", "z3", "numerics", "theory"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
sk.statements["T1"]
assert not {"matplotlib", "torch", "hypothesis"} & set(sys.modules)
net = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]]})
data = sk.Data([[1.0]], [[2.0]])
sk.connect(net, net, data).save("p.cert")
assert sk.check("p.cert", data, net, net).proved
here = {name for name in sys.modules if name.startswith("numerics.checker")}
assert not here, here  # it runs in a process of its own
assert not {"matplotlib", "torch", "hypothesis"} & set(sys.modules)
"""


def test_imports_are_lazy_and_the_checker_is_never_in_this_process(tmp_path):
    """`import skipscape` imports nothing; questions need no pictures, no torch and no Hypothesis."""
    environment = {**os.environ, "PYTHONPATH": SOURCES}
    done = subprocess.run(
        [sys.executable, "-c", LAZY], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
