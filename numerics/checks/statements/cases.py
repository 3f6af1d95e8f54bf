"""Section 5 of the blueprint on the project's own networks and moves: each case exactly, for this instance alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np
import sympy

from numerics.checks.statements.relu import positive
from numerics.checks.states import State, mean_square
from numerics.data import Data
from numerics.losses import exact_loss_between, exact_losses
from numerics.losses.problem import Problem
from numerics.maxima.hidden import exact_maximum
from numerics.moves.deviation import displacement
from numerics.moves.load import load
from numerics.moves.mass import masses_of, sigma_squared
from numerics.moves.merge import merge
from numerics.moves.merging import projected
from numerics.moves.readout import readout_of, two_layer_readout
from numerics.moves.transfer import transferred
from numerics.networks import Branch, Layer, Parallel, Residual, TwoLayer
from numerics.networks.degrees import degree
from numerics.networks.readers import exact_array
from numerics.paths import Kind
from numerics.routes.refit import refit_to_reference
from numerics.routes.zero import zero
from theory.exact import strictly_below
from theory.proof import ProofResult, Verdict
from theory.statements import connectivity, merging, moment, pairing, regulariser, separation, sphere

SCOPE = "this instance, recomputed in exact arithmetic"
HALF = Fraction(1, 2)
TIMES = (Fraction(0), HALF, Fraction(1))
SIGNS = Data(np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]]))
ONE = Data(np.ones((1, 1)), np.zeros((1, 1)))


def instance(
    statement: str, claim: str, found: Mapping[str, tuple[object, object]], *, scope: str = SCOPE
) -> ProofResult:
    """PROVED if every number found is the expected one, REFUTED with those that are not."""
    wrong = {name: pair[0] for name, pair in found.items() if pair[0] != pair[1]}
    witness = {name: Fraction(value) for name, value in wrong.items() if isinstance(value, (bool, int, Fraction))}
    return ProofResult(statement, claim, scope, Verdict.REFUTED if wrong else Verdict.PROVED, witness)


def case_1() -> ProofResult:
    """L1c at two pairs."""

    def left(u: int, v: int) -> Fraction:
        here, there = positive(Fraction(u)) - positive(Fraction(v)), positive(Fraction(-u)) - positive(Fraction(-v))
        return here**2 + there**2

    claim = "L1c at (u, v) = (3, -2): 13 <= 25, and at (3, 1): 4 = 4."
    return instance("L1c", claim, {"left at (3, -2)": (left(3, -2), 13), "left at (3, 1)": (left(3, 1), 4)})


def case_2() -> ProofResult:
    """L2 with a bias, where the symmetric factor is refused."""
    data = Data(SIGNS.X, np.zeros((2, 1)))
    sigma = sigma_squared(data, bias=True)
    state = State.of(TwoLayer(W=np.array([[0.0, 1.0]]), V=np.ones((1, 1)), bias=True), data)
    points = exact_array(data.X).tolist()
    found = {
        "sigma^2": ((sigma.lower, sigma.upper), (1, 1)),
        "||[a.X]_+||^2": (mean_square(state.features), 1),
        "symmetric": (moment.is_symmetric(points, first_layer_bias=True), False),
    }
    claim = "X = +1, -1 seen as (x, 1), a = (0, 1), b = 0: sigma = 1 and the norm is 1; the law is not symmetric."
    return instance("L2", claim, found)


def merge_of_two() -> tuple[Parallel, Data]:
    """Case 3."""
    network = Parallel(
        W=np.array([[1.0, 0.0], [3.0, 4.0]]),
        V=np.ones((1, 2)),
        branch=Branch((Layer(np.zeros((1, 2))),)),
        U=np.zeros((1, 1)),
    )
    return network, Data(np.eye(2), np.array([[4.0], [4.0]]))


def case_3() -> ProofResult:
    """T1, where L3 and the level are attained; every segment is a readout line or silent, so the corners decide."""
    network, data = merge_of_two()
    start = State.of(network, data)
    exact = projected(start.weights["W"], {1: 0})
    D = displacement(start.weights["W"], exact, start.masses)
    path = merge(network, projected(network.W, {1: 0}))
    path = path.then(load(path.end, [1], np.ones((1, 2))))
    path = path.then(two_layer_readout(path.end, np.array([[0.0, 4.0]]), None))
    losses = exact_losses(path.corners, Problem(data))
    merged = State.of(path.corners[1], data)
    found = {
        "kinds": ([one.kind for one in path.segments], [Kind.READOUT, Kind.SILENT, Kind.READOUT]),
        "sigma^2": ((start.sigma.lower, start.sigma.upper), (HALF, HALF)),
        "c": (exact.scales.tolist(), [3]),
        "s_2": (start.masses.each[1], 5),
        "sine": (D / start.masses.each[1], Fraction(4, 5)),
        "D^2": (start.sigma.upper * D**2, 8),
        "f at t = 0, 1/2, 1": (
            [start.toward(merged, t).outputs.ravel().tolist() for t in TIMES],
            [[4, 4], [4, 2], [4, 0]],
        ),
        "maximum": (max(losses), 8),
        "T1's level": (connectivity.level(losses[0], losses[-1], sympy.sqrt(8)), sympy.Integer(8)),
    }
    claim = "Points (1,0), (0,1), w = (1,0), (3,4), V = (1,1), U = 0, Y = (4,4): D^2 = 8 and T1's path has maximum 8."
    return instance("T1", claim, found)


def scalar_residual(w: list[float], V: list[float], A: list[float], U: list[float]) -> Residual:
    """One input, one output, one unit in the block."""
    branch = Branch((Layer(np.array([A])),))
    return Residual(W=np.array([w]).T, V=np.array([V]), branch=branch, U=np.array([U]).T)


def case_5() -> ProofResult:
    """L4 in RESIDUAL, and the PARALLEL move beside it. All units stay alive: f has degree 4 at most, and five points
    determine it; so does the block's pre-activation, of degree 2.
    """
    start = State.of(scalar_residual([1.0, 2.0], [1.0, 1.0], [1.0, 1.0], [1.0, 5.0]), ONE)
    into = projected(start.weights["W"], {1: 0})
    end, wrong = (start.then(transferred(kind, start.weights, into)) for kind in ("residual", "parallel"))
    there = start.toward(end, HALF)
    names = ("W", "V", "A", "U")
    quarters = [Fraction(k, 4) for k in range(5)]
    before = [(mid.features @ mid.weights["A"].T)[0, 0] for mid in (start.toward(end, t) for t in quarters)]
    found = {
        "f": ([start.toward(end, t).outputs[0, 0] for t in quarters], [21] * 5),
        "degree": (degree("residual", start.weights, names) <= 4, True),
        "the block's unit": (before, [3] * 5),
        "half-way": ([there.weights[n].ravel().tolist() for n in names], [[1, 1], [2, 1], [2, 1], [1, 4]]),
        "end": ([end.weights[n].ravel().tolist() for n in names], [[1, 0], [3, 1], [3, 1], [1, 3]]),
        "the PARALLEL move": (wrong.outputs[0, 0], 12),
    }
    claim = "x = 1, w = (1,2), V = A = (1,1), U = (1,5): f = 21 throughout L4; the PARALLEL move gives 12."
    return instance("L4", claim, found)


def case_7() -> ProofResult:
    """L10, and the mass with the product of norms, which rises."""
    start = State.of(scalar_residual([1.0, 3.0], [1.0, 2.0], [-3.0, 1.0], [3.0, -2.0]), ONE)
    end = start.then(transferred("residual", start.weights, projected(start.weights["W"], {1: 0})))
    there = [start.toward(end, t) for t in TIMES]
    rows = [[one.weights[name].ravel().tolist() for name in ("W", "V", "A", "U")] for one in there]
    wrong = [regulariser.residual_mass(*row, product=False) for row in rows]
    root = sympy.sqrt
    found = {
        "S": ([masses_of("residual", one.weights).total for one in there], [13, 10, 7]),
        "with ||V|| ||U||": (wrong, [7 + 6 * root(65), 7 + 15 * root(41), sympy.Integer(7)]),
        "which rises": (strictly_below(wrong[0], wrong[1]), True),
    }
    claim = "w = (1,3), V = (1,2), A = (-3,1), U = (3,-2): S = 13, 10, 7 at t = 0, 1/2, 1; with ||V|| ||U|| it rises."
    return instance("L10", claim, found)


def case_8() -> ProofResult:
    """L5's numbers, by balls."""
    asked = {(2, (2, 3)): 4, (2, (1, 2)): 6, (2, (1, 3)): 14, (1, (2, 5)): 5, (3, (1, 3)): 34}
    found: dict[str, tuple[object, object]] = {
        f"N_{d}({p} pi/{q})": (sphere.packing_number(d, sympy.Rational(p, q) * sympy.pi), count)
        for (d, (p, q)), count in asked.items()
    }
    found["N_1(1)"] = (sphere.packing_number(1, sympy.Integer(1)), 6)
    claim = "N_2(2pi/3) = 4, N_2(pi/2) = 6, N_2(pi/3) = 14, N_1(1) = 6, N_1(2pi/5) = 5, N_3(pi/3) = 34."
    return instance("L5", claim, found)


def case_9() -> ProofResult:
    """The routes' closed forms at one size."""
    sizes = {"sigma": 1, "mass": 1, "width": 1000, "neurons": 10}
    bounds = {route: merging.bound(route, dimension=2, **sizes) for route in ("R1", "R2", "R3", "R4")}
    bounds["R7"] = pairing.bound(silent_branch=True, **sizes)
    squares = {
        "R1": 4 * Fraction(11, 250),
        "R2": 4 * Fraction(4, 991),
        "R3": Fraction(9, 10000) * Fraction(12, 1000),
        "R4": Fraction(1, 10000),
        "R7": Fraction(40, 981**2),
    }
    found = {
        route: (sympy.expand(bound**2), sympy.Rational(*squares[route].as_integer_ratio()))
        for route, bound in bounds.items()
    }
    claim = (
        "d = 2, m = 1000, l = 10, sigma = S = 1: R1 2 sqrt(11/250), R2 2 sqrt(4/991), R3 (3/100) sqrt(12/1000), "
        "R4 1/100, R7 2 sqrt(10)/981."
    )
    return instance("R1", claim, found)


def case_13() -> ProofResult:
    """T5's valley, and the way out of it with the skip term: three points determine the quadratic in t."""
    start = Parallel(
        W=np.array([[1.0], [-1.0]]),
        V=np.zeros((1, 2)),
        branch=Branch((Layer(np.array([[1.0, 0.0]])),)),
        U=np.ones((1, 1)),
    )
    line = readout_of(start, start.replace({"V": np.array([[0.0, -2.0]])}))
    valley = separation.plain_valley([1, -2])
    found = {
        "kind": (line.kind, Kind.READOUT),
        "L at t = 0, 1/2, 1": (
            [exact_loss_between(line.start, line.end, t, Problem(SIGNS)) for t in TIMES],
            [2, HALF, 0],
        ),
        "valley": ((valley.loss, valley.depth), (2, HALF)),
    }
    claim = "x = +1, -1, y = (1, -2): valley loss 2, depth 1/2; with V z, V: (0,0) -> (0,-2): L = 2 (1-t)^2."
    return instance("T5", claim, found)


def case_14() -> ProofResult:
    """A hidden line; the float nearest -7/6 does not move its maximum."""
    one = np.ones((1, 1))
    start = Parallel(W=one, V=0 * one, branch=Branch((Layer(-one),)), U=-7 / 6 * one)
    found_ = exact_maximum(start, start.replace({"V": 7 * one, "A": 6 * one}), Problem(Data(one, 0 * one)))
    grid = [Fraction(k, 60) for k in range(61)]
    seen = max((7 * t - Fraction(7, 6) * positive(7 * t - 1)) ** 2 for t in grid)
    found = {"maximum": (found_.loss, 1), "t": (found_.t, Fraction(1, 7)), "61 points": (seen, Fraction(14161, 14400))}
    claim = (
        "PARALLEL z = 1, V: 0 -> 7, A: -1 -> 6, U = -7/6 (rounded): maximum 1 at t = 1/7; 61 points see 14161/14400."
    )
    return instance(
        "L7", claim, found, scope=SCOPE + "; the hidden line that sampling misses, beside L7's readout lines"
    )


def case_15() -> ProofResult:
    """A general line. All units stay alive (A = 4 t), so f has degree 2 and three points determine it."""
    start = scalar_residual([1.0], [2.0], [0.0], [1.0])
    end = start.replace({"V": np.zeros((1, 1)), "A": np.full((1, 1), 4.0)})
    first, last = State.of(start, ONE), State.of(end, ONE)
    at = (*TIMES, Fraction(3, 8))
    found = {
        "degree": (degree("residual", first.weights, {"V", "A"}), 2),
        "f": (
            [first.toward(last, t).outputs[0, 0] for t in at],
            [Fraction(25, 8) - 8 * (t - Fraction(3, 8)) ** 2 for t in at],
        ),
        "ends": (exact_losses([start, end], Problem(ONE)), [4, 0]),
    }
    claim = "RESIDUAL z = U = 1, V: 2 -> 0, A: 0 -> 4, y = 0: f = 25/8 - 8 (t - 3/8)^2 >= 0: maximum 625/64 at t = 3/8."
    return instance("L7", claim, found, scope=SCOPE + "; a line on which V and A move, which L7 does not cover")


def case_16() -> ProofResult:
    """The valley of a skip network of width one, and none with two neurons."""
    start = TwoLayer(W=np.array([[1.0]]), V=np.array([[1.0]]))
    end = TwoLayer(W=np.array([[-1.0]]), V=np.array([[-2.0]]))
    narrow = exact_losses(zero(start, end, Problem(SIGNS)).path.corners, Problem(SIGNS))
    roomy = Parallel(
        W=np.ones((2, 1)), V=np.array([[1.0, 0.0]]), branch=Branch((Layer(np.zeros((1, 2))),)), U=np.zeros((1, 1))
    )
    wide = exact_losses(refit_to_reference(roomy, end, Problem(SIGNS)).path.corners, Problem(SIGNS))
    found = {
        "ends": ((narrow[0], narrow[-1]), (2, HALF)),
        "m = 1": (max(narrow), Fraction(5, 2)),
        "m = 2": (max(wide), 2),
    }
    claim = (
        "x = +1, -1, y = (1, -2): from w > 0 (loss 2) to w < 0 (loss 1/2) the zero path has maximum 5/2, so with m = 1 "
        "the depth is at most 1/2; with m = 2 a path has maximum 2: depth 0."
    )
    return instance(
        "R0", claim, found, scope=SCOPE + "; that every path with m = 1 meets 5/2 is the blueprint's argument"
    )


CONSTRUCTIONS: Mapping[str, Callable[[], ProofResult]] = {
    **{f"case.{case.__name__.rpartition('_')[2]}": case for case in (case_1, case_2, case_3, case_5, case_7, case_8)},
    **{f"case.{case.__name__.rpartition('_')[2]}": case for case in (case_9, case_13, case_14, case_15, case_16)},
}
