"""Running a check: Hypothesis draws, climbs towards the bound and shrinks; a verdict for the printed claim."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings, target
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from numerics.checks.check import Check, Facts, Outcome
from numerics.common.shown import Shown
from theory.proof import ProofResult, Verdict

EDGES = (0.1, 0.25, 0.5, 0.75, 0.85, 0.95, 1.0)  # of the histogram; the last bin holds what attains or exceeds
SHRINKS = 400  # problems tried to shrink a counterexample: about five seconds
FACTS = tuple(one.name for one in fields(Facts))

Watch = Callable[[int], None]  # examples so far


@dataclass(frozen=True)
class Tally(Shown):
    """`ratios` of the plain sample, sorted, and how often a fact held there, as (true, asked); `best` ratio of all."""

    examples: int
    ratios: tuple[float, ...]
    best: float | None
    facts: dict[str, tuple[int, int]]

    @property
    def histogram(self) -> tuple[int, ...]:
        """Counts of ratios in [0, .1), [.1, .25), ..., [.95, 1), [1, oo)."""
        counts = [0] * (len(EDGES) + 1)
        for ratio in self.ratios:
            counts[bisect_right(EDGES, ratio)] += 1
        return tuple(counts)

    @property
    def median(self) -> float | None:
        return self.ratios[len(self.ratios) // 2] if self.ratios else None

    def share(self, fact: str) -> float | None:
        """How often it held, of the examples where it means something; None where it never does."""
        held, asked = self.facts[fact]
        return held / asked if asked else None


@dataclass(frozen=True, eq=False)
class Run(Shown):
    """What came of a check: the verdict is about `check.claim` alone."""

    check: Check[Any]
    verdict: Verdict
    tally: Tally
    seed: int
    counterexample: Outcome | None = None
    proofs: tuple[ProofResult, ...] = ()

    @property
    def words(self) -> str:
        """Why this verdict."""
        count = self.tally.examples
        if self.verdict is Verdict.REFUTED:
            found = self.counterexample
            beside = found is not None and found.measured <= found.bound
            where = "; the bound holds, what is said besides does not" if beside else ""
            return f"a counterexample after {count} examples, shrunk{where}"
        if self.verdict is Verdict.PROVED:
            return f"by {len(self.proofs)} machine proof(s) of this claim; {count} examples agree"
        return f"no counterexample in {count} examples; sampling can only refute"


class _Counterexample(Exception):
    """What a problem that refutes the claim raises, for Hypothesis to shrink."""


class _Enough(BaseException):
    """Shrinking has gone on for long enough; no Exception, which Hypothesis would take for another counterexample."""


@contextmanager
def without_traces() -> Iterator[None]:
    """Hypothesis's caches go to a folder that is removed, not to where the user is."""
    with TemporaryDirectory(prefix="skipscape-") as home:
        set_hypothesis_home_dir(home)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


@contextmanager
def _by_seed_alone() -> Iterator[None]:
    """Hypothesis also draws constants from the text of whatever modules are loaded, which a worker has not as the
    command line has: here it does not, so that a seed means the same examples in every process.
    """
    name = "_get_local_constants"
    before = getattr(providers, name)
    none = Constants()
    setattr(providers, name, lambda: none)
    try:
        yield
    finally:
        setattr(providers, name, before)


def no_progress(examples: int) -> None:
    """Progress to nobody."""


def run(
    check: Check[Any], *, examples: int = 100, number: int = 0, prove: bool = True, watch: Watch = no_progress
) -> Run:
    """Try `check` on up to `examples` problems drawn from seed `number`; what it raises besides is raised.

    The first half is a plain sample, which the shares and the histogram describe; the second climbs towards the bound.
    Fewer are tried where there are no more. `prove` runs the check's machine proofs too.
    """
    sample, climbed = _Tried(check, watch), _Tried(check, watch)
    found = sample.attempt(examples - examples // 2, number, Phase.generate)
    if found is None:
        climbed.before = sample.outcomes
        found = climbed.attempt(examples // 2, number + 1, Phase.generate, Phase.target)
    counts = tally(sample.outcomes, climbed.outcomes)
    if found is not None:
        return Run(check, Verdict.REFUTED, counts, number, found)
    proofs = tuple(proof() for proof in check.proofs) if prove else ()
    proved = bool(proofs) and all(result.verdict is Verdict.PROVED for result in proofs)
    return Run(check, Verdict.PROVED if proved else Verdict.UNDECIDED, counts, number, None, proofs)


class _Tried:
    """Outcomes in the order in which they were tried, up to the first counterexample."""

    def __init__(self, check: Check[Any], watch: Watch) -> None:
        self.check, self.watch = check, watch
        self.outcomes: list[Outcome] = []
        self.before: list[Outcome] = []
        self.smallest: Outcome | None = None
        self.shrinking = 0

    def attempt(self, examples: int, number: int, *phases: Phase) -> Outcome | None:
        """A shrunk counterexample, or None."""
        if not examples:
            return None
        climbing = Phase.target in phases

        @seed(number)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=(*phases, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
        )
        @given(self.check.problems)
        def attempted(problem: Any) -> None:
            outcome = self._tried(problem)
            if climbing and outcome.ratio is not None and math.isfinite(outcome.ratio):
                target(outcome.ratio)
            if not outcome.holds:
                self.smallest = outcome  # shrinking tries nothing but simpler problems
                raise _Counterexample

        with _by_seed_alone(), suppress(_Counterexample, _Enough):
            attempted()
        return self.smallest

    def _tried(self, problem: Any) -> Outcome:
        if self.smallest is not None:
            self.shrinking += 1
            if self.shrinking > SHRINKS:
                raise _Enough
        outcome = self.check.run(problem)
        if not isinstance(outcome, Outcome):
            raise TypeError(f"check {self.check.id}: run must return an Outcome, got {type(outcome).__name__}")
        if self.smallest is None:  # what shrinking tries is no sample
            self.outcomes.append(outcome)
            self.watch(len(self.before) + len(self.outcomes))
        return outcome


def tally(sample: list[Outcome], climbed: Sequence[Outcome] = ()) -> Tally:
    """Counts over a plain sample; the best ratio and the number of examples over both."""
    ratios = sorted(outcome.ratio for outcome in sample if outcome.ratio is not None)
    asked = {name: [getattr(outcome.facts, name) for outcome in sample] for name in FACTS}
    counts = {name: (values.count(True), len(values) - values.count(None)) for name, values in asked.items()}
    every = [outcome.ratio for outcome in (*sample, *climbed) if outcome.ratio is not None]
    return Tally(len(sample) + len(climbed), tuple(ratios), max(every, default=None), counts)
