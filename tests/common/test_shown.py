"""Objects show themselves in few short lines, whatever they hold; no dataclass that holds much can escape."""

import dataclasses
import importlib
import inspect
import pkgutil
import typing
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq

import numerics
from numerics.checker.reader import Certificate
from numerics.checker.report import Report
from numerics.common.shown import LINE, brief
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.networks import TwoLayer
from numerics.questions import search as questions
from numerics.questions.enclose import certify

# What an annotation may say of a field that is always short; everything else may hold an array or a path.
SMALL = {"int", "float", "bool", "str", "Stop", "Kind", "Proof", "Verdict", "tuple[int, ...]"}
SMALL |= {f"{name} | None" for name in SMALL}
HUGE = (
    np.zeros((100, 100)),
    tuple(np.zeros(9) for _ in range(500)),
    [Fraction(10**6000, 3)] * 500,
    {f"name {k}" * 50: np.zeros(99) for k in range(500)},
    Fraction(10**6000, 7),
    fmpq(10**6000, 7),
    10**6000,
    "words " * 5000,
)


def finders():
    """Every dataclass of the finder that holds more than short values."""
    for module in pkgutil.walk_packages(numerics.__path__, "numerics."):
        if module.name.startswith("numerics.checker") or module.name.endswith("__main__"):
            continue
        for one in vars(importlib.import_module(module.name)).values():
            if not (isinstance(one, type) and dataclasses.is_dataclass(one) and one.__module__ == module.name):
                continue
            types = [field.type for field in dataclasses.fields(one)]
            words = {type_ if isinstance(type_, str) else type_.__name__ for type_ in types}
            if one.__module__.startswith("numerics.api."):  # they say themselves how they show: tests/api
                continue
            if not inspect.isabstract(one) and not (words <= SMALL and one.__dataclass_params__.eq):
                yield one


def checkers():
    """What hangs together with the checker's report, and with a certificate that it has read."""
    found, open_ = set(), [Report, Certificate]
    while open_:
        one = open_.pop()
        if dataclasses.is_dataclass(one) and one not in found:
            found.add(one)
            open_ += typing.get_type_hints(one).values()
        open_ += typing.get_args(one)
    return sorted(found, key=lambda one: one.__name__)


FINDERS, CHECKERS = list(finders()), checkers()


def test_the_scan_finds_what_it_is_about():
    """Networks, data, paths, answers; of the checker its report and what is in it."""
    names = {one.__name__ for one in FINDERS}
    assert names >= {"TwoLayer", "Stream", "Data", "Chain", "Straight", "Candidate", "Found", "PathMaximum"}
    assert names >= {"Certified", "Reference", "Corner", "Outcome", "Row", "Piece", "CornerMaximum", "Valley"}
    assert {one.__name__ for one in CHECKERS} >= {"Report", "Document", "Judgement", "Certificate", "Summit", "Valley"}


@pytest.mark.parametrize("one", [*FINDERS, *CHECKERS], ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_no_object_prints_what_it_holds(one):
    """Whatever its fields hold (set past its own validation): at most 15 lines, and none long."""
    for k in range(len(HUGE)):
        made = object.__new__(one)
        for j, field in enumerate(dataclasses.fields(one)):
            object.__setattr__(made, field.name, HUGE[(j + k) % len(HUGE)])
        words = repr(made)
        assert words.startswith(f"{one.__name__}(")
        assert words.count("\n") < 15
        assert len(words) <= 15 * (LINE + 20)


def test_a_plain_dataclass_would_be_caught():
    """The twin without the short form prints thousands of digits, or cannot be printed at all."""
    plain = dataclasses.make_dataclass("Plain", ["held"], frozen=True, eq=False)
    assert len(repr(plain([np.zeros(9)] * 500))) > 15 * (LINE + 20)
    with pytest.raises(ValueError, match="digits"):
        repr(plain(10**6000))


def test_what_a_user_prints_first():
    """A network, data, a path, an answer: sizes and key numbers, by hand; an answer once took 13,411 lines."""
    kinks = np.array([1230.0, 1232.0, 1234.0]) / 4096
    a, b = (TwoLayer(W=(20480.0 * (t - kinks))[:, None], V=np.array([[1.0, -2.0, 1.0]])) for t in (0.0, 1.0))
    one = Data(np.array([[1.0]]), np.array([[0.0]]), "one")
    assert repr(a) == "TwoLayer(W=float64 (3, 1), V=float64 (1, 3), c=None, bias=False)"
    assert repr(one) == "Data(X=float64 (1, 1), Y=float64 (1, 1), name='one')"
    found = certify([a, b], Problem(one))
    assert "attained_at=Enclosure(lower=100, upper=100)" in repr(found.maximum)
    assert "at=(0, 77/256)" in repr(found.maximum)
    assert repr(found.path).endswith("segments=1 x Straight)")
    answer = repr(questions.connect(a, b, Problem(one)))
    assert answer.startswith("Found(\n  candidate=Candidate(route='bridge'")
    assert answer.count("\n") <= 8


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Fraction(1, 3), "1/3"),
        (-5, "-5"),
        (Fraction(10**5000, 3), "~3.3333e+4999"),
        (Fraction(-1, 3 * 10**400), "~-3.3333e-401"),
        (10**30, "~1e+30"),
        ((1, Fraction(1, 2), "x"), "(1, 1/2, 'x')"),
        (range(9), "9 x int"),
        ([1, "x", 2, 3, 4], "5 items"),
        (np.zeros((2, 3), dtype=np.float32), "float32 (2, 3)"),
        (None, "None"),
    ],
)
def test_values_are_short(value, words):
    """Exact where that is short, else marked as rounded."""
    assert brief(value) == words
