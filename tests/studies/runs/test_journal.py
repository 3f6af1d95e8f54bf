"""A journal: whole lines or none, of one run alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from numerics.errors import InputError
from numerics.studies.runs import Journal, Task, Workers, results

RUN = {"run": "test", "seed": 0}


def square(k: int) -> int:
    """A task's work."""
    return k * k


def refusing(k: int) -> int:
    """Nobody is to ask."""
    raise AssertionError(k)


TASKS = [Task(f"cell {k}", square, (k,)) for k in range(4)]


def filled(path: Path) -> bytes:
    """A journal of all tasks."""
    with Journal(path, RUN) as journal:
        assert dict(results(TASKS, journal=journal)) == {f"cell {k}": k * k for k in range(4)}
    return path.read_bytes()


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    """Of a whole journal nothing runs, and no byte is written."""
    before = filled(tmp_path / "j")
    with Journal(tmp_path / "j", RUN) as journal:
        assert journal.resumed
        again = [Task(task.key, refusing, task.given) for task in TASKS]
        assert dict(results(again, journal=journal)) == {f"cell {k}": k * k for k in range(4)}
    assert (tmp_path / "j").read_bytes() == before


def test_cut_anywhere_it_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    """At every third byte: what was whole is kept, what was torn is done again, and the file is the same in the end."""
    path = tmp_path / "j"
    whole = filled(path)
    for cut in range(0, len(whole) + 1, 3):
        path.write_bytes(whole[:cut])
        with Journal(path, RUN) as journal:
            assert journal.known == {f"cell {k}": k * k for k in range(whole[:cut].count(b"\n") - 1)}
            assert not journal.notes
            done = [key for key, _ in results(TASKS, journal=journal)]
        assert sorted(done) == [task.key for task in TASKS]
        assert path.read_bytes() == whole


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    """In a task's line that task is done again, and said; in the first line all is refused."""
    path = tmp_path / "j"
    whole = filled(path)
    first, second = whole.index(b"\n") + 1, whole.index(b"\n", whole.index(b"\n") + 1)
    for place in range(first, second):
        for bit in (1, 4):
            changed = bytearray(whole)
            changed[place] ^= bit
            if changed[place] == ord("\n"):
                continue
            path.write_bytes(changed)
            with Journal(path, RUN) as journal:
                assert "cell 0" not in journal.known
                assert len(journal.known) == 3
                assert "line 2" in journal.notes[0]
    path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    with pytest.raises(InputError, match="no journal of this run"), Journal(path, RUN):
        pass


def test_another_runs_lines_do_not_pass(tmp_path: Path) -> None:
    """Neither its file, nor a line of it in ours; a file of anybody's is left as it is."""
    path, other = tmp_path / "j", tmp_path / "other"
    whole = filled(path)
    with pytest.raises(InputError, match="no journal of this run"), Journal(path, {**RUN, "seed": 1}):
        pass
    assert path.read_bytes() == whole
    with Journal(other, {**RUN, "seed": 1}) as journal:
        list(results(TASKS[:1], journal=journal))
    with path.open("ab") as stream:
        stream.write(other.read_bytes().splitlines(keepends=True)[1])
    with Journal(path, RUN) as journal:
        assert len(journal.notes) == 1
    for foreign in (b"mine", b"mine\n", whole[:10] + b"!"):
        other.write_bytes(foreign)
        with pytest.raises(InputError, match="no journal"), Journal(other, RUN):
            pass
        assert other.read_bytes() == foreign


def test_two_runs_do_not_share_a_journal(tmp_path: Path) -> None:
    """While one is open."""
    pytest.importorskip("fcntl")
    with (
        Journal(tmp_path / "j", RUN),
        pytest.raises(InputError, match="in use by another run"),
        Journal(tmp_path / "j", RUN),
    ):
        pass


@pytest.mark.parametrize(
    ("given", "words"),
    [((0, "local"), "--jobs 0"), ((4000, "local"), "--jobs"), ((1, "slurm"), "local, dask, ray")],
)
def test_workers_that_cannot_be(given: tuple[int, str], words: str) -> None:
    """One sentence."""
    with pytest.raises(InputError, match=words):
        Workers(*given)


def test_two_tasks_of_one_key_are_refused() -> None:
    """One would stand for the other."""
    with pytest.raises(ValueError, match="one key"):
        list(results([TASKS[0], TASKS[0]]))


def test_progress_has_an_estimate_and_what_is_needless_is_left_out() -> None:
    """A task is asked for before it is given to anybody."""
    said: list[tuple[str, float | None]] = []
    done = dict(results(TASKS, progress=lambda *words: said.append(words), needless=lambda task: task.key == "cell 2"))
    assert done == {"cell 0": 0, "cell 1": 1, "cell 3": 9}
    assert "about 0 s left" in said[-1][0]
    assert said[-1][1] == 3 / 4


def test_a_task_runs_with_one_thread_of_blas() -> None:
    """So that a sum of floats does not depend on how many share the cores."""
    from threadpoolctl import threadpool_info

    assert Task("threads", threads).done() in ([], [1])
    assert os.cpu_count() == 1 or any(pool["num_threads"] > 1 for pool in threadpool_info()) or threads() == [1]


def threads() -> list[int]:
    """Threads of the libraries that are loaded."""
    from threadpoolctl import threadpool_info

    return sorted({pool["num_threads"] for pool in threadpool_info()})
