"""R1, R2, R3, R4: the arithmetic that leads from L5's number of directions and L6's share to the closed forms.

N directions pairwise more than phi apart satisfy N kappa_d x^d < 1 with x = sin(phi/2) (L5); a row within phi of
its centre moves by at most sin phi <= 2 x. Left to the notes: the greedy choice of centres, and the choice of phi
with x^d as each bound has it (where x would exceed 1 the bound is above sigma S and nothing is to be shown).
"""

from collections.abc import Callable

import z3
from sympy import cos, sin

from theory.algebra import prove_equal
from theory.arguments import identity, part, smt
from theory.proof import ProofResult
from theory.smt import prove
from theory.symbols import rho


def twice_the_radius() -> ProofResult:
    """R1: sin phi = 2 sin(phi/2) cos(phi/2), phi = 2 rho."""
    return prove_equal(
        "R1", sin(2 * rho), 2 * sin(rho) * cos(rho), scope="all angles, by sympy's rewriting; also R2's and R3's"
    )


def moved_by_the_chord() -> ProofResult:
    """R1: so sin phi <= 2 x, and neurons of mass `light` within phi of their centres have D <= 2 sigma x light."""
    light, sine, half, cosine, sigma = z3.Reals("light sine x cos sigma")
    return prove(
        "R1",
        sigma * light * sine <= 2 * sigma * light * half,
        assuming=(sigma >= 0, light >= 0, half >= 0, cosine <= 1, sine == 2 * half * cosine),
        scope="all reals; also R2's and R3's",
    )


def crowded_cap() -> ProofResult:
    """R1: with kappa_d x^d = (l+1)/m the N centres cannot serve m directions with at most l + 1 each."""
    centres, measure, few, many = z3.Reals("N kappa_d*x^d l m")
    return prove(
        "R1",
        many > centres * (few + 1),
        assuming=(centres >= 0, measure > 0, few >= 1, many > few, centres * measure < 1, measure * many == few + 1),
        scope="all reals; so some centre has more than l + 1 directions, l of which merge into one of them",
    )


def average_cap() -> ProofResult:
    """R1, by averaging: with kappa_d x^d = l/m a cap of radius phi/2 holds more than l directions on average."""
    measure, lower, few, many = z3.Reals("mu kappa_d*x^d l m")
    return prove(
        "R1",
        many * measure > few,
        assuming=(few >= 1, many > few, lower * many == few, measure > lower),
        scope="all reals; m mu_d is the mean over the caps' centres, so some cap holds l + 1",
    )


def few_centres() -> ProofResult:
    """R2: with kappa_d x^d = 1/(m-l+1) there are fewer than m - l + 1 centres, so l neurons or more are none."""
    centres, measure, few, many = z3.Reals("N kappa_d*x^d l m")
    return prove(
        "R2",
        centres < many - few + 1,
        assuming=(
            centres >= 0,
            measure > 0,
            few >= 1,
            many > few,
            centres * measure < 1,
            measure * (many - few + 1) == 1,
        ),
        scope="all reals",
    )


def fewer_centres() -> ProofResult:
    """R3: with kappa_d x^d = 1/(k+1) there are fewer than k + 1 centres."""
    centres, measure, number = z3.Reals("N kappa_d*x^d k")
    return prove(
        "R3",
        centres < number + 1,
        assuming=(centres >= 0, measure > 0, number >= 0, centres * measure < 1, measure * (number + 1) == 1),
        scope="all reals",
    )


def lightest_of_the_others() -> ProofResult:
    """R3: the l lightest of the m - k others weigh at most l S/(m-k) (L6), so D (m-k) <= 2 x sigma l S."""
    light, half, sigma, total, few, others, moved = z3.Reals("light x sigma S l m-k D")
    return prove(
        "R3",
        moved * others <= 2 * half * sigma * few * total,
        assuming=(
            *(value >= 0 for value in (light, half, sigma, total, few)),
            others >= 1,
            light * others <= few * total,
            moved <= 2 * sigma * half * light,
        ),
        scope="all reals >= 0",
    )


def pruned_share() -> ProofResult:
    """R4: with all sines at most 1 and the l lightest (L6), D m <= sigma l S."""
    light, sigma, total, few, many, moved = z3.Reals("light sigma S l m D")
    return prove(
        "R4",
        moved * many <= sigma * few * total,
        assuming=(
            *(value >= 0 for value in (light, sigma, total, few)),
            many >= 1,
            light * many <= few * total,
            moved <= sigma * light,
        ),
        scope="all reals >= 0",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    twice_the_radius,
    moved_by_the_chord,
    crowded_cap,
    average_cap,
    few_centres,
    fewer_centres,
    lightest_of_the_others,
    pruned_share,
)

CHORD = (*identity(twice_the_radius), *smt(moved_by_the_chord))
"""A row within phi of its centre moves by at most 2 sin(phi/2): R1, R2 and R3 need it alike."""

ARGUMENTS = (
    part(
        "R1",
        *CHORD,
        *smt(crowded_cap, average_cap),
        remains="the greedy choice of centres; that the mean number of directions in a cap is m mu_d (or R4, in Coq)",
    ),
    part(
        "R1C",
        *CHORD,
        *smt(crowded_cap, average_cap),
        remains="the greedy choice of centres; that the mean number of directions in a cap is m mu_d",
    ),
    part("R2", *CHORD, *smt(few_centres), remains="the greedy choice of centres (L5)"),
    part("R4", *smt(pruned_share), remains="that c_j = 0 is admissible and costs at most sigma s_j (L3)"),
)
"""R3's is in `merging_order`, whose proofs it needs too."""
