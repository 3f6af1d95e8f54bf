"""Every number that is printed is true by its own digits: the printed lines are read again as claims."""

import io
import subprocess
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pytest
from flint import fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from numerics.arithmetic.levels import Level, exceeds, level_words
from numerics.arithmetic.rationals import Enclosure, decimal, read_decimal, rounded, text
from numerics.checker import levels as checker_levels
from numerics.checker import wording
from numerics.checker.intervals import Interval
from numerics.cli import common, landscape, objects
from numerics.common.speech import Speaker
from numerics.common.wrapping import command, elided, wrapped
from numerics.questions.result import Attained, Bound, Result
from numerics.questions.sentences import no_worse
from numerics.questions.text import print_result
from support.command_cases import write
from support.command_line import joined, skipscape
from support.printed_answers import quoted, require_true_as_printed, require_true_claim

TINY = st.sampled_from(
    [Fraction(0), *(Fraction(sign, 10**k) for k in (3, 6, 17, 18, 19, 60, 400, 6000) for sign in (1, -1))]
)


@st.composite
def numbers(draw):
    """Near what is written with few digits, of any size, on either side of it or on it."""
    whole, places = (
        draw(st.integers(1, 10 ** draw(st.integers(1, 18)))),
        draw(st.sampled_from([-20, -13, -5, 0, 5, 17, 30, 5000])),
    )
    near = draw(st.sampled_from([Fraction(whole), Fraction(whole, 3), Fraction(10 ** len(str(whole)))]))
    return near * (1 + draw(TINY)) / Fraction(10) ** places


@st.composite
def levels_near(draw, value):
    """A level as one would type it, near a loss: rounded up or down, or a fraction."""
    digits, up = draw(st.integers(1, 20)), draw(st.booleans())
    written = [decimal(value, up=up, digits=digits), text(value), text(value * (1 + draw(TINY)))]
    return draw(st.sampled_from([one for one in written if len(one) <= 1000] or ["1/3"]))


def answered(start, end, lower, upper, *, depth=None):
    """The values of an answer's JSON."""
    ends = max(start, end)
    answer = {"start": Enclosure.of(start).to_json(), "end": Enclosure.of(end).to_json()}
    answer["maximum"] = {**Enclosure(lower, upper).to_json(), "at": {"segment": 0, "t": "1/3"}}
    answer["barrier"] = Enclosure(lower - ends, upper - ends).to_json()
    if depth is not None:
        answer["depth"] = Enclosure(Fraction(0), upper - start).to_json()
    return answer


def as_result(answer):
    """The result that this JSON is of."""
    parts = {"question": None, "arithmetic": "exact", "segments": [], "route": None, "refused": None}
    result = Result.read({**parts, "ends_given": {"start": True, "end": True}, **answer})
    bounds = {
        name: Bound(Fraction(one["value"]), one["informative"], one["kind"]) for name, one in answer["bounds"].items()
    }
    return replace(result, straight_line=Attained.read(answer["straight_line"]), bounds=bounds)


@given(st.data())
def test_answers_as_text(data):
    """Rows, a proved claim and its level, the straight line, bounds: whatever the numbers."""
    upper = data.draw(numbers())
    lower, start, end = (upper * (1 - abs(data.draw(TINY))) for _ in range(3))
    start, end = min(start, lower), min(end, lower)
    question = data.draw(st.sampled_from(["connect", "depth"]))
    start, end = (max(start, end), min(start, end) * Fraction(1, 2)) if question == "depth" else (start, end)
    answer = answered(start, end, lower, upper, depth=question == "depth" or None)
    answer["straight_line"] = {**Enclosure(lower, upper).to_json(), "at": {"segment": 0, "t": "1/3"}}
    R0 = data.draw(st.sampled_from([upper, upper * (1 + abs(data.draw(TINY)))]))
    answer["bounds"] = {
        "R0": {"value": decimal(R0, up=True), "informative": False, "kind": "level"},
        "R6": {"value": decimal(upper, up=True), "informative": upper < R0, "kind": "level"},
    }
    level = data.draw(levels_near(upper))
    kept = level if Fraction(level) >= upper else None
    known = None if kept is None else checker_levels.Level(quotient(Fraction(kept)), kept)
    document = SimpleNamespace(
        question=question,
        is_about_depth=question == "depth",
        maximum=SimpleNamespace(upper=quotient(upper)),
        loss=SimpleNamespace(name="squared"),
        renamed=None,
    )
    ends = {"start": Interval.of(quotient(start)), "end": Interval.of(quotient(end))}
    above = {"depth": (0, quotient(upper - start)), "barrier": (0, quotient(upper - max(start, end)))}
    judgement = SimpleNamespace(**ends, **above, valley=None, floor=None)
    answer |= {"verdict": "PROVED", "claim": wording.proved(document, judgement, known, None, (True, True))}
    stream = io.StringIO()
    given_level = None if kept is None else Level(Fraction(kept), kept)
    columns, every = data.draw(st.sampled_from([20, 60, 100, 400])), data.draw(st.booleans())
    console = Speaker(file=stream, width=columns)
    print_result(console, "title", as_result(answer), level=given_level, all_bounds=every)
    assert all(len(line) <= columns for line in stream.getvalue().splitlines())
    assert require_true_as_printed(stream.getvalue(), answer, kept) >= 8


@given(st.data())
def test_sentences_of_the_checker_about_a_level(data):
    """REFUTED and UNDECIDED, of a level that was typed; and of one that only a certificate states."""
    loss = data.draw(numbers())
    level = data.draw(levels_near(loss))
    upper = loss * (1 + abs(data.draw(TINY)))
    answer = answered(loss, loss, loss, upper)
    bound = checker_levels.Level(quotient(Fraction(level)), level)
    judgement = SimpleNamespace(segment=0, t=fmpq(0), losses=(quotient(loss),) * 2, lower=Interval.of(quotient(loss)))
    name = SimpleNamespace(name="squared")
    document = SimpleNamespace(maximum=SimpleNamespace(upper=quotient(upper)), loss=name)
    if Fraction(level) < loss:
        answer |= {"verdict": "REFUTED", "claim": wording.refuted(document, judgement, bound)}
        require_true_claim(answer, level)
        stated = checker_levels.Level(bound.value).words(up=False)
        assert Fraction(stated) <= Fraction(level) < loss
    elif Fraction(level) < upper:
        answer |= {"verdict": "UNDECIDED", "claim": wording.undecided(document, judgement, bound)}
        require_true_claim(answer, level)
    else:
        assert Fraction(checker_levels.Level(bound.value).words(up=True)) >= Fraction(level)


@given(numbers(), TINY)
@example(Fraction(1, 3), Fraction(0))
@example(Fraction(1, 3), Fraction(1, 10**18))
def test_a_reference_that_is_no_better(loss, more):
    """ "Not below" by the printed digits, or by a printed difference, or because both are the same."""
    reference = loss * (1 + abs(more))
    answer = {"verdict": "UNDECIDED", "claim": "none: " + no_worse(Enclosure.of(loss), Enclosure.of(reference))}
    answer |= {"start": Enclosure.of(loss).to_json(), "end": Enclosure.of(reference).to_json()}
    assert require_true_claim(answer) == 2


@given(numbers(), st.booleans(), st.integers(1, 20))
def test_decimals_are_read_as_they_were_written(value, up, digits):
    """And levels that nobody wrote are exact where that is short."""
    written = decimal(value, up=up, digits=digits)
    assert read_decimal(written) == rounded(value, up=up, digits=digits) == Fraction(written)
    assert read_decimal(text(value)) == value
    words = Fraction(level_words(value, up=up))
    assert words >= value if up else words <= value
    assert level_words(Fraction(1, 3), up=up) == "1/3"
    assert level_words(Level(Fraction(1, 3), "2/6"), up=up) == "2/6"


def test_the_reader_sees_the_sentences_that_were_printed_once():
    """Planted: each false by its digits alone, beside its true twin."""
    third = Fraction(1, 3) + Fraction(3, 10**18)
    answer = answered(third, third, third, third) | {"verdict": "REFUTED"}
    once = "loss <= {} on the whole path: at segment 0 the loss is exactly " + text(third)
    once += ", at least 0.33333333333333333"
    with pytest.raises(AssertionError):
        require_true_claim(answer | {"claim": once.format("0.33333333333333334")}, "1/3")
    with pytest.raises(AssertionError, match="must show it"):
        require_true_claim(answer | {"claim": once.format("1/3")}, "1/3")
    shown = once.replace("at least 0.33333333333333333", exceeds(third, Fraction(1, 3)))
    assert shown != once
    assert require_true_claim(answer | {"claim": shown.format("1/3")}, "1/3") == 3
    same = answered(*[Fraction(1, 3)] * 4) | {"verdict": "UNDECIDED"}
    words = "the reference's loss 0.33333333333333333 is not below the network's 0.33333333333333334"
    with pytest.raises(AssertionError):
        require_true_claim(same | {"claim": words})
    assert (
        require_true_claim(same | {"claim": no_worse(Enclosure.of(Fraction(1, 3)), Enclosure.of(Fraction(1, 3)))}) == 2
    )
    high = answered(*[Fraction("0.898000005")] * 4) | {"verdict": "PROVED"}
    claim = "squared loss <= 0.898000005 on the whole path, inside the sub-level set {loss <= 0.89800001}"
    high["claim"] = claim + " (barrier <= 0), start and end joined"
    rows = f"result  maximum @, barrier 0\nends  start 0.898000005, end 0.898000005\nPROVED: {high['claim']}"
    rows = rows.replace("on the whole", "on\n  the whole")  # as a narrow terminal has it
    with pytest.raises(AssertionError, match="above the level"):
        require_true_as_printed(rows.replace("@", "<= 0.89801"), high, "0.89800001")
    with pytest.raises(AssertionError, match="bare"):
        require_true_as_printed(rows.replace("@", "0.89801"), high, "0.89800001")
    assert require_true_as_printed(rows.replace("@", "<= 0.898000005"), high, "0.89800001") >= 4
    good = rows.replace("@", "<= 0.898000005")
    for bad, match in (
        (good.replace(", barrier 0", ""), "not printed"),
        (good.replace("  the whole", "  a part of the whole"), "a part"),
        (good + "\n" + "x" * 101, "x" * 101),
    ):
        with pytest.raises(AssertionError, match=match):
            require_true_as_printed(bad, high, "0.89800001")


@given(st.text(st.sampled_from("ab /\\重"), max_size=60), st.integers(9, 30), st.integers(1, 12))
def test_broken_lines_are_joined_again(words, columns, indent):
    """Every line fits, and none of the words is lost: a break is at a space, or marked."""
    words = "x" + words
    for narrow in (1, 3, 8):
        assert wrapped(" " * 20 + words, narrow)
        assert command([words, words], narrow)
    lines = wrapped(words, columns, indent=indent)
    assert all(cell_len(line) <= columns for line in lines)
    assert all(line.startswith(" ") for line in lines[1:])
    if "\\" not in words and "  " not in words:
        assert joined("\n".join(lines)).rstrip() == words.rstrip()


@given(st.text(st.sampled_from("0123456789./ a"), max_size=200))
def test_a_long_run_of_digits_says_how_long_it_is(words):
    """The first ten and the number; the twin for the tests counts by another pattern."""
    assert elided(words) == quoted(words)
    assert elided("1" * 41 + "/" + "2" * 40) == "1111111111...(41 digits)/" + "2" * 40


def test_a_command_is_one_for_a_shell():
    """Its lines joined by the shell are the command."""
    parts = [
        "skipscape check",
        *(f"--{'x' * k} {'y' * k}" for k in (3, 20, 20, 200)),
        "'in quotes it stays whole'",
        "z",
    ]
    lines = command(parts, 60)
    assert all(len(line) <= 60 for line in lines)
    joined_again = subprocess.run(["sh", "-c", "\n".join(["echo " + lines[0], *lines[1:]])], capture_output=True)
    assert joined_again.stdout.decode().strip() == " ".join(parts).replace("'", "")


def quotient(value):
    return fmpq(value.numerator, value.denominator)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("numbers")


def constant(folder, name, output, *, width=2):
    """A network whose output is one number at x = 1, by readout alone."""
    V = np.zeros((1, width))
    V[0, 0] = output
    W = np.ones((width, 1))
    W[-1] = 2.0 if name == "end" else 1.0
    return write(folder / f"{name}.npz", {"class": "two-layer", "bias": 0, "W": W, "V": V})


def asked(level, *arguments):
    """A command whose answer as text is held against the same answer as JSON."""
    answers = []

    def finish(result, as_json, title, **options):
        answers.append(result.to_json())
        common.finish(result, as_json, title, **options)

    with patch.object(landscape, "finish", finish), patch.object(objects, "finish", finish):
        ran = skipscape(*arguments, *([] if level is None else ["--level", level]))
    assert ran.status < 2, ran
    assert require_true_as_printed(ran.out, answers[0], level) > 2
    return ran


@settings(max_examples=settings.default.max_examples // 5)
@given(data=st.data(), output=st.floats(-8, 8, width=16), end=st.floats(-8, 8, width=16))
def test_commands_on_tiny_networks(folder, data, output, end):
    """certify, connect and check, with a level near the maximum; depth against a reference near the network."""
    points = write(folder / "data.npz", {"X": np.ones((1, 1)), "Y": np.full((1, 1), 0.3)})
    loss, other = ((Fraction(value) - Fraction(0.3)) ** 2 for value in (output, end))
    level = data.draw(levels_near(max(loss, other)))
    first, second = constant(folder, "start", output), constant(folder, "end", end)
    cert = folder / "x.cert"
    asked(level, "certify", first, second, "--data", points)
    asked(level, "connect", first, second, "--data", points)
    assert asked(None, "connect", first, second, "--data", points, "--out", cert, "--force").status == 0
    for asked_about in (None, level):
        asked(asked_about, "check", cert, "--data", points)
    reference = constant(folder, "reference", end, width=1)
    ran = asked(None, "depth", first, "--reference", reference, "--data", points)
    assert ran.status == (0 if other < loss else 1)


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (Enclosure.of(Fraction(0)), "0% of the labels are wrong at any time"),
        (Enclosure.of(Fraction(18, 500)), "<= 3.6% of the labels are wrong at any time"),
        (Enclosure.of(Fraction(1, 3)), "<= 33.334% of the labels are wrong at any time"),
        (
            Enclosure(Fraction(1, 3), Fraction(1, 2)),
            "<= 50% of the labels are wrong at any time, at least 33.333% at one",
        ),
        (Enclosure(Fraction(1, 3), None), "at least 33.333% of the labels are wrong at one time"),
    ],
)
def test_an_error_rate_is_a_bound_at_every_time_but_where_it_is_none(rate, words):
    """In percent, rounded outwards."""
    console = Speaker(file=io.StringIO(), width=200)
    print_result(console, "title", Result(None, "PROVED", "claim", "exact", error_rate=rate))
    assert f"error rate     {words}\n" in console.file.getvalue()
