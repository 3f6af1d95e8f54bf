"""The words in which a family says how its statements are established: pieces of evidence, and arguments of them.

Pieces that `theory` proves are named by their functions, pieces that run elsewhere by text: `check.<id>` (drawn
networks), `case.<number>` (the hand-checkable cases) and `exact.<name>` (constructions) in `numerics/checks`,
`formal.<file>.<theorem>` in Coq, `sharpness.<name>` among the catalogue's witnesses.
"""

import inspect
from collections.abc import Callable
from pathlib import Path

from theory.evidence import Argument, Evidence, Extent
from theory.proof import Method, ProofResult, Reach

Prover = Callable[[], ProofResult]

SCALARS = "scalars, all reals"
COUNTS = "all integers"
FORMULAS = "all values of the symbols"
INSTANCES_ONLY = "everything but these instances"

SETTING = (
    "P is a finite weighted set of points, as every data set is; a concrete two-layer network stands for e(l); no "
    "output bias unless the claim names one; where an angle is spoken of, rows and centres are not 0"
)
"""What every status means by its claim, as all Coq theorems do. Other laws, and an output bias elsewhere, rest on the
notes alone."""

FORMAL_PREFIX = "formal."


def prover_name(proof: Prover) -> str:
    """`file.function`: the name of a machine proof as a piece of evidence."""
    return f"{Path(inspect.getfile(proof)).stem}.{proof.__name__}"


def smt(*proofs: Prover, over: str = SCALARS) -> tuple[Evidence, ...]:
    """Pieces that z3 decides for all reals."""
    return tuple(Evidence(prover_name(proof), Method.SMT, over, Reach.SCALARS) for proof in proofs)


def identity(*proofs: Prover, over: str = FORMULAS) -> tuple[Evidence, ...]:
    """Pieces in which sympy reduces a difference to 0."""
    return tuple(Evidence(prover_name(proof), Method.IDENTITY, over, Reach.FORMULAS) for proof in proofs)


def enclosed(*proofs: Prover, over: str, reach: Reach) -> tuple[Evidence, ...]:
    """Pieces that a FLINT enclosure decides."""
    return tuple(Evidence(prover_name(proof), Method.BALL, over, reach) for proof in proofs)


def whole(statement: str, *pieces: Evidence) -> Argument:
    """The pieces cover all of the claim."""
    return Argument(statement, Extent.WHOLE, pieces)


def part(statement: str, *pieces: Evidence, remains: str) -> Argument:
    """All but the gluing, or but a named clause."""
    return Argument(statement, Extent.PART, pieces, remains=remains)


def step(statement: str, *pieces: Evidence, remains: str) -> Argument:
    """Single steps; an essential one is on paper."""
    return Argument(statement, Extent.STEP, pieces, remains=remains)


def instances(statement: str, *pieces: Evidence) -> Argument:
    """Constructed, given or drawn objects; they can refute and never prove more than themselves."""
    return Argument(statement, Extent.INSTANCES, pieces, remains=INSTANCES_ONLY)


def sampled(statement: str) -> Argument:
    """`check.<id>`: drawn networks and data."""
    return instances(statement, Evidence(f"check.{statement}", Method.SAMPLED, "drawn networks and data"))


def witnessed(statement: str, name: str) -> Argument:
    """`sharpness.<name>`: the sharpest instance known."""
    return instances(statement, Evidence(f"sharpness.{name}", Method.EXACT, "this witness"))


def constructed(statement: str, *names: str) -> tuple[Argument, ...]:
    """`case.<number>` and `exact.<name>`, one argument each."""
    return tuple(instances(statement, Evidence(name, Method.EXACT, "this instance")) for name in names)


def formal(statement: str, *theorems: str, remains: str = "") -> Argument:
    """The Coq theorems behind a statement, each `file.theorem`, or `file.theorem theorem ...`.

    `remains` says where their rendering is narrower than the claim; they cover a part then. Nothing is run here: a
    theorem counts only once Coq has compiled it, together with all it uses.
    """
    pieces = tuple(
        Evidence(f"{FORMAL_PREFIX}{file}.{theorem}", Method.FORMAL, "all dimensions, in the setting", Reach.ALL)
        for file, _, names in (one.partition(".") for one in theorems)
        for theorem in names.split()
    )
    return Argument(statement, Extent.PART if remains else Extent.WHOLE, pieces, remains=remains)
