"""T8c on finitely many points: what few neurons with V >= 0 must miss at the corners of a regular polygon (D = 2).

In T8c's proof the law enters by two numbers: the mean of a unit row's feature, c_0, and of two features' product, the
kernel. On a sample that has both up to eps' and eps, for all rows at once, the least loss of n neurons with V >= 0 is
that of T8c with c_0 and e_n changed by so much. At the N corners of a polygon the mean of a function g on the circle is
its integral up to Var(g') pi/(6 N^2) (Fourier coefficients at multiples of N); left to the note: that, and the two
variations. For D >= 3, where m > 3 needs to be, no such eps is known here.
"""

from fractions import Fraction

import sympy
from sympy import Expr, pi, sqrt

from theory.exact import Exact, lower, number, upper
from theory.statements.sharp_valleys import least_energy, mean_feature

DIMENSION = 2

FEATURE_VARIATION = 4 * sqrt(2)
"""Of the derivative of sqrt(2) [cos(phi - alpha)]_+: two jumps of sqrt(2), and 2 sqrt(2) between them."""

PRODUCT_VARIATION = sympy.Integer(8)
"""At least that of the derivative of 2 [cos(phi - alpha)]_+ [cos(phi - beta)]_+, whatever the rows."""


def feature_error(corners: int, moved: Exact = 0) -> Expr:
    """eps': how far the mean of a unit row's feature is from c_0, points being up to `moved` from the N corners."""
    return FEATURE_VARIATION * pi / (6 * _counted(corners) ** 2) + number(moved, "moved")


def product_error(corners: int, moved: Exact = 0) -> Expr:
    """eps: how far the mean of two features' product is from the kernel."""
    off = number(moved, "moved")
    return PRODUCT_VARIATION * pi / (6 * _counted(corners) ** 2) + 2 * sqrt(DIMENSION) * off + off**2


def least_loss(neurons: int, corners: int, moved: Exact = 0) -> Fraction:
    """A rational at most the mean square of `f - 1` at the points, f any n neurons with V >= 0; n <= 3.

    It is `1 - (c_0 + eps')^2/(e_n - eps)`. Raises ValueError where n is out of range or N is too small for it.
    """
    if not 0 <= neurons <= DIMENSION + 1:
        raise ValueError(f"T8c in R^{DIMENSION} is about 0 to {DIMENSION + 1} neurons, not {neurons}")
    if neurons == 0:
        return Fraction(1)
    energy = lower(least_energy(neurons) - product_error(corners, moved))
    if energy <= 0:
        raise ValueError(f"a polygon of {corners} corners says nothing of {neurons} neurons: take more")
    return 1 - upper(mean_feature(DIMENSION) + feature_error(corners, moved)) ** 2 / energy


def _counted(corners: int) -> int:
    if corners < 3:
        raise ValueError(f"a polygon has at least 3 corners, got {corners}")
    return corners
