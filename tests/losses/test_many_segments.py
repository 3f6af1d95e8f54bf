"""The script that makes the table of random segments: it counts what it saw, and does not hide what is false."""

import pytest

from support import many_segments
from support.many_segments import PROGRAMS, Seen, piece_is_bounded, run, table


def test_a_row_says_what_was_seen() -> None:
    """Two halves of the same seeds are the whole; a segment that is false is counted, and its seed named."""
    answers = [run("finder's pieces", "hinge", cases) for cases in (range(3), range(3, 5))]
    assert [(one["segments"], one["times"], one["false"]) for one in answers] == [(3, 9, []), (2, 6, [])]
    (row,) = table(answers).splitlines()[2:]
    assert row.startswith("| finder's pieces | hinge | 5 | 15 | 0 | ")
    with pytest.raises(ValueError, match="twice"):
        table([*answers, run("finder's pieces", "hinge", range(1))])


def test_what_is_false_stands_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def false_on_one(name: str, k: int) -> Seen:
        assert k != 1, "a bound below the loss"
        return piece_is_bounded(name, k)

    monkeypatch.setitem(many_segments.PROGRAMS, "checker", false_on_one)
    answer = run("checker", "squared", range(3))
    assert (answer["false"], answer["times"]) == ([1], 6)
    assert table([answer]).splitlines()[2].startswith("| checker | squared | 3 | 6 | 1 | ")


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_runs(program: str) -> None:
    assert run(program, "cross-entropy", range(1))["false"] == []
