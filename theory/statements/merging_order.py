"""The order of R1 to R4 as bounds, and the best share of centres: machine proofs, glued as each scope says.

The bases of the powers 1/d are compared over all reals; `roots_keep_order` carries the comparison through the
root for every d by induction. With it: R2 <= R1 (`packing_base`), R3 with its best k <= R2
(`centres_at_most_packing`) and <= its form with nu (`rounding_up_the_share`), R4 <= R1 (`pruning_base`, kappa_d < 1).
"""

from collections.abc import Callable

import sympy
import z3
from sympy import log

from theory.algebra import prove_equal, prove_identity
from theory.arguments import identity, part, smt
from theory.proof import ProofResult
from theory.smt import prove
from theory.statements.crowding import CHORD, fewer_centres, lightest_of_the_others
from theory.statements.merging import R2, R3_CENTRES, R3_SHARE
from theory.symbols import d, k, l_, m, nu


def packing_base() -> ProofResult:
    """R2 <= R1: 1/(m-l+1) <= (l+1)/m, cleared of denominators."""
    few, many = z3.Reals("l m")
    return prove(
        "R2",
        many <= (few + 1) * (many - few + 1),
        assuming=(few >= 1, few <= many),
        scope="the bases of the two powers 1/d, all reals 1 <= l <= m; kappa_d cancels",
    )


def packing_base_averaged() -> ProofResult:
    """R2 <= R1 in its averaged form too: 1/(m-l+1) <= l/m."""
    few, many = z3.Reals("l m")
    return prove(
        "R2",
        many <= few * (many - few + 1),
        assuming=(few >= 1, few <= many),
        scope="the bases of the two powers 1/d, all reals 1 <= l <= m; kappa_d cancels",
    )


def roots_keep_order() -> ProofResult:
    """R2: if p < q then p^d < q^d for all d: hence a <= b gives a^{1/d} <= b^{1/d}, all a, b >= 0."""
    low, high, low_power, high_power = z3.Reals("p q p^d q^d")
    return prove(
        "R2",
        low_power * low < high_power * high,
        assuming=(low >= 0, low < high, low_power >= 0, low_power < high_power),
        scope="the step of the induction over d, all reals; d = 1 is its start",
    )


def centres_at_most_packing() -> ProofResult:
    """R3 <= R2: at k = m - l the form with k centres is R2's bound."""
    return prove_equal("R3", R3_CENTRES.subs(k, m - l_), R2, scope="all sizes with 1 <= l < m, d >= 1")


def rounding_up_the_share() -> ProofResult:
    """R3: k + 1 = ceil(nu m) centres do no worse than nu m in its place, in both factors."""
    centres_plus_one, share, many = z3.Reals("k+1 nu*m m")
    return prove(
        "R3",
        z3.And(many - (centres_plus_one - 1) >= many - share, centres_plus_one >= share),
        assuming=(share > 0, share < many, centres_plus_one >= share, centres_plus_one < share + 1),
        scope="the two denominators m - k >= (1-nu) m and k + 1 >= nu m, all reals",
    )


def best_share() -> ProofResult:
    """R3: log of its form with nu has slope ((d+1) nu - 1)/(d nu (1-nu)): falling before nu = 1/(d+1), rising after."""
    return prove_equal(
        "R3",
        sympy.diff(log(1 / (1 - nu)) + log(1 / nu) / d, nu),
        ((d + 1) * nu - 1) / (d * nu * (1 - nu)),
        scope="all d >= 1 and 0 < nu < 1, by sympy's rewriting; the logarithm of the bound but for a constant "
        "(`share_is_product`)",
    )


def optimal_share() -> sympy.Expr:
    """R3: the nu at which its form with nu is least, where l <= m d/(d+1): the one zero of that slope."""
    (share,) = sympy.solve(sympy.diff(log(1 / (1 - nu)) + log(1 / nu) / d, nu), nu)
    return sympy.factor(share)


def share_is_product() -> ProofResult:
    """R3: its form with nu depends on nu through 1/(1-nu) and nu^{-1/d} only."""
    return prove_equal(
        "R3",
        R3_SHARE * (1 - nu) * nu ** (1 / d),
        (R3_SHARE * (1 - nu) * nu ** (1 / d)).subs(nu, sympy.Rational(1, 2)),
        scope="all sizes with d >= 1 and 0 < nu < 1, by sympy's rewriting",
    )


def pruning_base() -> ProofResult:
    """R4 <= R1: a root of x/kappa with x = l/m <= 1 and kappa < 1 is at least x, as x^d <= x: one step in d."""
    share, power = z3.Reals("x x^d")
    return prove(
        "R4",
        power * share <= share,
        assuming=(share >= 0, share <= 1, power >= 0, power <= share),
        scope="the step of the induction over d for x^d <= x on [0, 1], all reals; d = 1 is its start",
    )


def pruning_chain() -> ProofResult:
    """R4 <= R1: x^d <= x <= (l+1)/(kappa_d m), so x <= the root of the latter (`roots_keep_order`), so x <= 2 root."""
    few, many, kappa_, power = z3.Reals("l m kappa_d x^d")
    return prove(
        "R4",
        power * (kappa_ * many) <= few + 1,
        assuming=(few >= 1, few < many, kappa_ > 0, kappa_ < 1, power * many <= few),
        scope="all reals; x = l/m, x^d <= x is `pruning_base`, kappa_d < 1 is L5's",
    )


def slope_of_centres() -> ProofResult:
    """R3: (m-k)^d (k+1) has logarithmic slope (m + 1 - (d+1)(k+1))/((m-k)(k+1)): one peak."""
    return prove_identity(
        "R3",
        sympy.diff(d * log(m - k) + log(k + 1), k),
        (m + 1 - (d + 1) * (k + 1)) / ((m - k) * (k + 1)),
        scope="all real k with 0 <= k < m, all d",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    packing_base,
    packing_base_averaged,
    roots_keep_order,
    centres_at_most_packing,
    rounding_up_the_share,
    best_share,
    share_is_product,
    pruning_base,
    pruning_chain,
    slope_of_centres,
)

ARGUMENTS = (
    part(
        "R3",
        *CHORD,
        *smt(fewer_centres, lightest_of_the_others, rounding_up_the_share),
        *identity(best_share, share_is_product, slope_of_centres),
        remains="the greedy choice of centres (L5)",
    ),
)
