"""Wrong statements beside their true twins, under the same prover: the twin is proved, the fault refuted by a witness
that is put into the statement again, exactly, by arithmetic written here.
"""

import math
import operator
from fractions import Fraction
from itertools import combinations

import sympy
import z3
from scipy.special import betainc
from sympy import Rational, pi, sqrt

from theory.catalogue import STATEMENTS
from theory.claims import Outcome, Packed, Scaled, answer
from theory.exact import strictly_below
from theory.ledger import Status
from theory.proof import Verdict
from theory.smt import assumptions, prove, relu, translate
from theory.statements import connectivity, merging, rates, regulariser, sphere
from theory.symbols import D, d, eta, r, r_ref

F = Fraction
ALL = dict.fromkeys(STATEMENTS, Status.PROVED)
ONE, LESS = F(1), F(99, 100)


def plus(value):
    return max(value, F(0))


def refuted(result):
    assert result.verdict is Verdict.REFUTED
    return result.witness


def lipschitz(constant):
    x, y = z3.Reals("a b")
    claim = z3.Abs(relu(x) - relu(y)) <= z3.Q(constant.numerator, constant.denominator) * z3.Abs(x - y)
    return prove("L1b", claim, scope="scalars")


def test_L1b_with_a_constant_one_percent_too_small():
    assert lipschitz(ONE).verdict is Verdict.PROVED
    w = refuted(lipschitz(LESS))
    assert abs(plus(w["a"]) - plus(w["b"])) > LESS * abs(w["a"] - w["b"])


def share(constant):
    """L6 with `constant` times its bound; see `selection.lightest`."""
    low, total, level, few, many = z3.Reals("low S level l M")
    return prove(
        "L6",
        many * low <= z3.Q(constant.numerator, constant.denominator) * few * total,
        assuming=(few >= 1, many >= few, level >= 0, low <= few * level, total >= low + (many - few) * level),
        scope="reals",
    )


def test_L6_with_a_constant_one_percent_too_small():
    assert share(ONE).verdict is Verdict.PROVED
    w = refuted(share(LESS))
    assert w["low"] <= w["l"] * w["level"]
    assert w["S"] >= w["low"] + (w["M"] - w["l"]) * w["level"]
    assert w["M"] * w["low"] > LESS * w["l"] * w["S"]


def root_bound(constant):
    """L8 for squared error with `constant` ||g||."""
    root, change, inner = z3.Reals("r g p")
    factor = z3.Q(constant.numerator, constant.denominator)
    return prove(
        "L8",
        root * root + 2 * inner + change * change <= (root + factor * change) * (root + factor * change),
        assuming=(root >= 0, change >= 0, inner * inner <= root * root * change * change),
        scope="reals",
    )


def test_L8_with_a_constant_one_percent_too_small():
    assert root_bound(ONE).verdict is Verdict.PROVED
    w = refuted(root_bound(LESS))
    assert w["p"] ** 2 <= w["r"] ** 2 * w["g"] ** 2
    assert w["r"] ** 2 + 2 * w["p"] + w["g"] ** 2 > (w["r"] + LESS * w["g"]) ** 2


def pruned(constant):
    """R4 with `constant` times its bound; see `crowding.pruned_share`."""
    light, spread, total, few, many, moved = z3.Reals("light sigma S l m D")
    return prove(
        "R4",
        moved * many <= z3.Q(constant.numerator, constant.denominator) * spread * few * total,
        assuming=(
            *(value >= 0 for value in (light, spread, total, few)),
            many >= 1,
            light * many <= few * total,
            moved <= spread * light,
        ),
        scope="reals",
    )


def test_R4_with_a_constant_one_percent_too_small():
    assert pruned(ONE).verdict is Verdict.PROVED
    w = refuted(pruned(LESS))
    assert w["light"] * w["m"] <= w["l"] * w["S"]
    assert w["D"] <= w["sigma"] * w["light"]
    assert w["D"] > LESS * w["sigma"] * w["S"] * w["l"] / w["m"]


def test_R4_with_a_constant_one_percent_too_small_on_the_cross_polytope():
    """Rows +-e_i, i = 0..100, of mass 1/202: no two have an inner product above 0, so every sine is 1, and D(J) is the
    mass of J for every J and all centres: 201/202 for l = 201. R4's bound is 201/202 too.
    """
    assert answer(Scaled("R4", "R4", sympy.Integer(1)), ALL).outcome is Outcome.IMPLIED
    wrong = answer(Scaled("R4", "R4", Rational(99, 100)), ALL)
    assert wrong.outcome is Outcome.REFUTED
    assert wrong.reason.startswith("cross-polytope, d = 100, m = 202, l = 201")
    rows = [tuple(sign * (i == j) for i in range(101)) for j in range(101) for sign in (1, -1)]
    inner = [sum(map(operator.mul, x, y)) for x, y in combinations(rows, 2)]
    assert (len(rows), max(inner)) == (202, 0)
    deviation = 201 * F(1, 202)
    assert deviation > LESS * F(201, 202)


def half_sphere_density(dimension, angle):
    """1/mu_d(angle/2) in float64, by scipy."""
    return 2 / betainc(dimension / 2, 0.5, math.sin(angle / 2) ** 2)


def test_N_1_of_two_fifths_pi_from_a_float_floor():
    """1/mu is exactly 5: five caps of pi/5 measure exactly 1. With the angle rounded up by one place the float floor
    says 4, also for angles just below 2 pi/5, where regular pentagons fit. At 2 pi/5 itself "at most 4" is true (closed
    caps cannot fill the circle), so no witness can exist there, and it is not implied either.
    """
    assert sphere.packing_number(1, 2 * pi / 5) == 5
    assert math.floor(half_sphere_density(1, math.nextafter(2 * math.pi / 5, math.inf))) == 4
    beside = 2 * pi / 5 - Rational(1, 10**40)
    assert float(beside) == 2 * math.pi / 5
    assert answer(Packed("ours", 1, beside, 5), ALL).outcome is Outcome.IMPLIED
    assert answer(Packed("float floor", 1, beside, 4), ALL).outcome is Outcome.REFUTED
    assert strictly_below(beside, 2 * pi / 5)  # the angle between neighbours of a regular pentagon
    assert answer(Packed("float floor", 1, 2 * pi / 5, 4), ALL).outcome is Outcome.OPEN


V_0, V_1, A_0, A_1, U_0, U_1, FACTOR, TIME = z3.Reals("V_i V_j A_i A_j U_i U_j c t")
MOVED = {
    "V": (V_0 + TIME * FACTOR * V_1, V_1),
    "A": (A_0 + TIME * FACTOR * A_1, A_1),
    "U": (U_0, U_1 - TIME * FACTOR * U_0),
}
"""L4's move in RESIDUAL, n = p = 1, one branch unit, w = (1, c) at t = 0."""


def mass(slope, *, moved):
    """S with `slope` for Lambda, at the start or at time t."""
    V, A = (MOVED["V"], MOVED["A"]) if moved else ((V_0, V_1), (A_0, A_1))
    rows = (1, (1 - TIME) * FACTOR if moved else FACTOR)
    return sum(row * (z3.Abs(v) + slope * z3.Abs(a)) for row, v, a in zip(rows, V, A, strict=True))


def mass_falls(*, product, looking=()):
    """L10 along L4: S(t) <= S(0), with Lambda = |V U| or with ||V|| ||U||; `looking` says where."""
    before, after = z3.Reals("before after")
    dot = V_0 * U_0 + V_1 * U_1
    if product:
        rules = [before == after, before == z3.Abs(dot)]  # V U stays: `transfer.stream_product`
    else:
        squares = [(V[0] ** 2 + V[1] ** 2) * (U[0] ** 2 + U[1] ** 2) for V, U in (((V_0, V_1), (U_0, U_1)), _ends())]
        rules = [slope * slope == square for slope, square in zip((before, after), squares, strict=True)]
    return prove(
        "L10",
        mass(after, moved=True) <= mass(before, moved=False),
        assuming=[before >= 0, after >= 0, FACTOR >= 0, TIME >= 0, TIME <= 1, *rules, *looking],
        scope="RESIDUAL, two neurons, all reals",
    )


def _ends():
    return MOVED["V"], MOVED["U"]


def test_L10_with_the_product_of_the_norms():
    """With |V U| the mass never rises; with ||V|| ||U|| it does where both norms grow: V = (5, 12) to (9, 12), U = (12,
    -5) to (12, -9), so that the product of the norms grows from 169 to 225.
    """
    assert mass_falls(product=True).verdict is Verdict.PROVED
    looking = (TIME == 1, z3.Q(1, 3) == FACTOR, V_0 == 5, V_1 == 12, U_0 == 12, U_1 == -5)
    assert mass_falls(product=True, looking=looking).verdict is Verdict.PROVED
    w = refuted(mass_falls(product=False, looking=looking))
    start = [1, F(1, 3)], [5, 12], [w["A_i"], w["A_j"]], [12, -5]
    end = [1, 0], [9, 12], [w["A_i"] + w["A_j"] / 3, w["A_j"]], [12, -9]
    before, after = (regulariser.residual_mass(*one, product=False) for one in (start, end))
    assert before == 5 + 169 * abs(w["A_i"]) + (12 + 169 * abs(w["A_j"])) / 3
    assert after == 9 + 225 * abs(w["A_i"] + w["A_j"] / 3)
    assert after > before
    true_before, true_after = (regulariser.residual_mass(*one, product=True) for one in (start, end))
    assert not strictly_below(true_before, true_after)


HALF_WAY = ([1, F(3, 2)], [4, 2], [F(-3, 2), 1], [3, F(-13, 2)])
"""w, V, A, U of known answer 7 at t = 1/2."""


def rises(*, product):
    start = regulariser.residual_mass([1, 3], [1, 2], [-3, 1], [3, -2], product=product)
    return strictly_below(start, regulariser.residual_mass(*HALF_WAY, product=product))


def test_L10_with_the_product_of_the_norms_on_known_answer_7():
    """With ||V U|| the mass falls from 13 to 10; with ||V|| ||U|| it rises past 7 + 6 sqrt 65."""
    assert not rises(product=True)
    assert rises(product=False)
    w, V, A, U = HALF_WAY
    squares = sum(v * v for v in V) * sum(F(u) ** 2 for u in U)
    slopes = sum(abs(x * y) for x, y in zip(w, A, strict=True))
    assert (sum(abs(x * y) for x, y in zip(w, V, strict=True)), slopes**2 * squares) == (7, 15**2 * 41)
    assert 15**2 * 41 > 6**2 * 65


def squared_gap(*, mirrored):
    u, v = z3.Reals("u v")
    here, there = relu(u) - relu(v), relu(-u) - relu(-v)
    total = here * here + (there * there if mirrored else here * here)
    return prove("L2", total / 2 <= (u - v) * (u - v) / 2, scope="one point, seen with or without its mirror image")


def test_the_symmetric_factor_with_a_bias():
    """A bias takes the mirror image away: (x, 1) and (-x, 1) see the same sign."""
    assert squared_gap(mirrored=True).verdict is Verdict.PROVED
    w = refuted(squared_gap(mirrored=False))
    assert (plus(w["u"]) - plus(w["v"])) ** 2 > (w["u"] - w["v"]) ** 2 / 2
    assert answer(Scaled("symmetric law", "L2-symmetric", sympy.Integer(1)), ALL).outcome is Outcome.IMPLIED
    wrong = answer(Scaled("with a bias", "L2", 1 / sqrt(2)), ALL)
    assert wrong.outcome is Outcome.REFUTED
    assert "(x, 1)" in wrong.reason
    assert F(1, 2) * (1 + 0) < 1  # squares: ||[X]_2 - 0||^2 = 1 against sigma^2 ||a - b||^2/2 = 1/2


def pruning_beats(least):
    gap = sympy.expand(d * (rates.deviation_exponent("R4") - rates.deviation_exponent("R1")))
    eta_, d_ = translate(eta), translate(d)
    return prove("C3", translate(gap) < 0, assuming=(eta_ > 0, eta_ < 1, d_ >= least), scope="exponents")


def test_R4_strictly_beats_R1_in_one_dimension():
    """From d = 2 on it does; at d = 1 the exponents are equal, as are the powers of l/m in the bounds."""
    assert pruning_beats(2).verdict is Verdict.PROVED
    w = refuted(pruning_beats(1))
    assert w["d"] >= 1
    assert w["d"] * (w["eta"] - 1) >= w["eta"] - 1
    assert w["d"] == 1


def level(factor):
    """T1's level with `factor` D; see `connectivity.level_of_the_path`."""
    merged, value, time = z3.Reals("r' L_t t")
    wrong = connectivity._T1_LEVEL_BY_ROOTS.subs(D, Rational(factor.numerator, factor.denominator) * D)
    assuming = [
        *assumptions(r, r_ref, D),
        merged >= 0,
        merged <= translate(r + D),
        time >= 0,
        time <= 1,
        value <= (1 - time) * merged * merged + time * translate(r_ref**2),
    ]
    return prove("T1", value <= translate(wrong), assuming=assuming, scope="roots of losses")


def test_T1_with_half_of_D():
    assert level(ONE).verdict is Verdict.PROVED
    w = refuted(level(F(1, 2)))
    assert 0 <= w["r'"] <= w["r"] + w["D"]
    assert 0 <= w["t"] <= 1
    assert w["L_t"] <= (1 - w["t"]) * w["r'"] ** 2 + w["t"] * w["r_ref"] ** 2
    assert w["L_t"] > max(w["r"] + w["D"] / 2, w["r_ref"]) ** 2


def test_T1_with_half_of_D_on_known_answer_3():
    """The path reaches 8, sqrt L(theta) = 0, D^2 = 8: with D/2 the level would be 2."""
    assert connectivity.level(0, 0, 2 * sqrt(2)) == 8
    assert connectivity.level(0, 0, sqrt(2)) == 2 < 8
    assert answer(Scaled("a quarter of the level", "T1", Rational(1, 4)), ALL).outcome is Outcome.REFUTED


def order(*, best):
    """R3 against R2 at d = 1, m = 2, l = 1: with its best k, or with its closed form in nu."""
    sizes = {"sigma": 1, "mass": 1, "width": 2, "neurons": 1, "dimension": 1}
    ours = merging.bound("R3", **sizes)
    if best:
        ours = merging.centres_bound(**sizes, centres=merging.best_centres(2, 1, 1))
    return ours, merging.bound("R2", **sizes)


def test_R3_with_a_real_share_is_at_most_R2():
    assert order(best=True) == (pi, pi)
    assert order(best=False) == (2 * pi, pi)


def test_kappa_one_percent_too_large_exceeds_a_cap():
    """mu_1(rho) = rho/pi and kappa_1 sin rho: at rho = 1/10 a constant of 1.01/pi is too large."""
    sine = sympy.sin(Rational(1, 10))
    assert strictly_below(sphere.kappa_d(1) * sine, Rational(1, 10) / pi)
    assert strictly_below(Rational(1, 10) / pi, Rational(101, 100) * sphere.kappa_d(1) * sine)
